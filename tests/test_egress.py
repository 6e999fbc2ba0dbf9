"""Nothing leaves: whatever IRIs a dataset holds, pages and data are made without asking anyone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from sample import Folder
from served import sums
from serving import serving, untouched

BASE = "https://example.org/d/"
PROPERTIES = (
    *("http://www.w3.org/2002/07/owl#imports", "http://www.w3.org/2002/07/owl#sameAs"),
    *("https://schema.org/image", "https://schema.org/url", "https://schema.org/author"),
    *("http://purl.org/dc/terms/creator", "http://purl.org/dc/terms/license"),
    *("http://www.w3.org/2000/01/rdf-schema#seeAlso", "http://xmlns.com/foaf/0.1/img"),
    *("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "https://schema.org/contentUrl"),
    *("http://www.w3.org/ns/dcat#downloadURL", "http://rdfs.org/ns/void#dataDump"),
)
"""By which programs that read RDF may come to fetch what an IRI names."""


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A listening socket that nobody should speak to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


def test_no_page_and_no_data_is_made_by_asking_others(
    tmp_path: Path, canary: socket.socket
) -> None:
    public = Folder(tmp_path / "folder").publish(tmp_path / "public")
    there = f"http://127.0.0.1:{canary.getsockname()[1]}"
    about = [f"<{BASE}{path}>" for path in ("", "id/acme", "article/a")]
    lines = [f"{s} <{p}> <{there}/{n}>" for n, p in enumerate(PROPERTIES) for s in about]
    graph = f"<{BASE}article/a>"
    for name, where in (("kg.nq", f" {graph}"), ("kg.nq", ""), ("kg.ttl", ""), ("dcat.ttl", "")):
        with (public / "data" / name).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}{where} .\n" for line in lines)
    sums(public)
    nodes = {
        quad.subject.value.partition("#")[0]
        for quad in ox.parse(path=public / "data/kg.ttl")
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(BASE)
    }
    assert len(nodes) > 20
    with serving(public, "--timeout", "5") as server:
        forms = (".html", ".ttl", ".jsonld", ".nt", ".linkset.json")
        told = []
        for node in sorted(nodes):
            path = quote(node.removeprefix(BASE))
            for address in [f"/{path}{form}" for form in forms] if path else ["/index.html"]:
                told.append(there in server.ask("GET", address).text)
            server.ask("GET", f"/{path}", headers={"Accept": "text/turtle"})
        assert sum(told) > 8  # so there was something to ask for
        for query in (
            f"SELECT * {{ SERVICE <{there}/sparql> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE SILENT <{there}/sparql> {{ ?s ?p ?o }} }}",
            f"SELECT * FROM <{there}/a.ttl> FROM NAMED <{there}/b.ttl> {{ ?s ?p ?o }}",
            f"DESCRIBE <{there}/0> FROM <{there}/a.ttl>",
            f"LOAD <{there}/a.ttl>",
            "CONSTRUCT WHERE { ?s <http://www.w3.org/2002/07/owl#imports> ?o }",
        ):
            server.ask("GET", f"/sparql?query={quote(query)}")
            server.ask("GET", f"/sparql?query={quote(query)}&default-graph-uri={quote(there)}")
    assert untouched(canary)
    socket.create_connection(canary.getsockname()).close()
    assert not untouched(canary)  # it would have noticed
