"""A published folder with the graphs that a test gives it, and what the W3C's manifests say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
from rdflib import RDF, Graph, Literal, Namespace
from rdflib.collection import Collection
from rdflib.term import Node
from served import sums
from serving import Reply, Server

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
HTS = Namespace("http://www.w3.org/2011/http-statusCodes#")
CNT = Namespace("http://www.w3.org/2011/content#")

BASE = "https://example.org/d/"

DESCRIPTION = f"""\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix void: <http://rdfs.org/ns/void#> .
<{BASE}> a dcat:Dataset ; dcterms:title "By hand"@en ; void:uriSpace "{BASE}" .
"""


def publish(folder: Path, graphs: Mapping[str, bytes]) -> None:
    """Write a published folder by hand, with some named graphs (in Turtle), and their merge."""
    for name in ("data", "ontology", "queries"):
        (folder / name).mkdir(parents=True)
    quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(name))
        for name, turtle in graphs.items()
        for quad in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=name)
    ]
    merged = dict.fromkeys(quad.triple for quad in quads)
    with (folder / "data/kg.nq").open("wb") as file:
        ox.serialize(quads, file, ox.RdfFormat.N_QUADS)
    with (folder / "data/kg.ttl").open("wb") as file:
        ox.serialize(merged, file, ox.RdfFormat.TURTLE)
    (folder / "data/dcat.ttl").write_text(DESCRIPTION, "utf-8")
    sums(folder)


class Asked(NamedTuple):
    """A request of a manifest, and what is to come of it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes | None
    statuses: set[int]
    """Hundreds: 2 for 2xx."""
    boolean: bool | None
    format: str | None

    def send(self, server: Server) -> Reply:
        """Send it."""
        return server.ask(self.method, self.target, self.body, self.headers)


class Case(NamedTuple):
    """A protocol test of the W3C."""

    name: str
    requests: list[Asked]


def cases(manifest: Path) -> Iterator[Case]:
    """Yield the protocol tests of a manifest."""
    graph = Graph().parse(manifest, format="turtle")
    for entry in entries(graph):
        (connection,) = graph.objects(entry, MF.action)
        host = str(graph.value(connection, HT.connectionAuthority))
        (listed,) = graph.objects(connection, HT.requests)
        found = [_asked(graph, request, host) for request in Collection(graph, listed)]
        yield Case(str(entry).rpartition("#")[2], found)


def entries(graph: Graph) -> list[Node]:
    """Return the tests that a manifest lists; none is without being listed."""
    (manifest,) = graph.subjects(RDF.type, MF.Manifest)
    (listed,) = graph.objects(manifest, MF.entries)
    found = list(Collection(graph, listed))
    assert set(graph.subjects(MF.name)) == set(found)
    assert len(set(found)) == len(found)
    return found


def _asked(graph: Graph, request: Node, host: str) -> Asked:
    """Return a request, of which the manifest may say nothing that is not understood here."""
    said = {predicate for predicate, _ in graph.predicate_objects(request)}
    assert said - {HT.body, HT.headers} == {
        *(RDF.type, HT.absolutePath, HT.httpVersion, HT.methodName, HT.resp)
    }
    assert graph.value(request, HT.httpVersion) == Literal("1.1")
    headers = {"host": host}
    if (listed := graph.value(request, HT.headers)) is not None:
        for header in Collection(graph, listed):
            name, value = (graph.value(header, HT[f"field{part}"]) for part in ("Name", "Value"))
            assert str(name) not in headers
            headers[str(name)] = str(value)
    body = None
    if (content := graph.value(request, HT.body)) is not None:
        encoding = str(graph.value(content, CNT.characterEncoding))
        body = str(graph.value(content, CNT.chars)).encode(encoding)
    (response,) = graph.objects(request, HT.resp)
    boolean, format = (graph.value(response, MF[f"expected{x}"]) for x in ("Boolean", "Format"))
    expected = graph.objects(response, MF.expectedStatus)
    statuses = {str(status).removeprefix(f"{HTS}StatusCode") for status in expected}
    assert statuses <= {"2xx", "3xx", "4xx"}, statuses
    assert statuses
    return Asked(
        str(graph.value(request, HT.methodName)),
        str(graph.value(request, HT.absolutePath)),
        headers,
        body,
        {int(status[0]) for status in statuses},
        None if boolean is None else bool(boolean.toPython()),  # type: ignore[attr-defined]
        None if format is None else str(format),
    )
