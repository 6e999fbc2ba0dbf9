"""The page on which people ask: what it begins with, the saved queries, and what a browser needs.

It is the same wherever it lies. Without its script the form is answered by the endpoint beside it;
with it, by the endpoint if there is one (`SERVICE`), else in the browser, over the dumps.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.asking.nodes import Nodes
from kg.asking.ondisk import BESIDE
from kg.links import ENDPOINT
from kg.pages.furniture import HOME, furniture
from kg.pages.made import WITH_ENGINE, Made
from kg.pages.numbers import size
from kg.pages.rows import Rows
from kg.pages.terms import TERMS
from kg.vocab import DCTERMS, RDF, RDFS, SH

EXAMPLE = """SELECT ?thing ?label WHERE {
  ?thing rdfs:label ?label .
  FILTER (STRSTARTS(STR(?thing), STR(:)))
}
LIMIT 20
"""
"""The query that the page begins with."""

FORMATS = {
    "json": "JSON",
    "xml": "XML",
    "csv": "CSV (tables)",
    "tsv": "TSV (tables)",
    "turtle": "Turtle (graphs)",
    "ntriples": "N-Triples (graphs)",
    "jsonld": "JSON-LD (graphs)",
}
"""What an answer can be had as, as the endpoint calls it and as people do; the first suits all."""

SERVICE = "http://www.w3.org/ns/sparql-service-description#endpoint"
"""The relation of a link, in the header of the page, that tells its script of an endpoint."""

FEW = 3
"""Saved queries with names that begin alike are a group if there are so many."""

_ENGINE = HOME + "engine.wasm.gz"
_SCRIPT = HOME + "query.js"
_TEXT = (SH.select, SH.ask, SH.construct)


class Saved(NamedTuple):
    """A saved query."""

    title: str
    text: str


class Part(NamedTuple):
    """A file that is downloaded to ask in the browser."""

    name: str
    href: str
    bytes: int

    @property
    def size(self) -> str:
        """Its size as people read it."""
        return size(str(self.bytes))


def page(rows: Rows, saved: str = "") -> Made | None:
    """Return the page on which to write a query, or None if none is saved under this name."""
    nodes, links = rows.nodes, rows.links
    queries = saved_queries(nodes)
    if saved and saved not in queries:
        return None
    engine = furniture().get(_ENGINE)
    values = {
        "policy": WITH_ENGINE,
        "base": nodes.base,
        "endpoint": f"./{ENDPOINT}",
        "address": nodes.base + ENDPOINT,
        "page": links.to(ENDPOINT),
        "text": queries[saved].text if saved else EXAMPLE,
        "title": queries[saved].title if saved else "",
        "groups": _groups(queries),
        "formats_of_answers": FORMATS,
        "prefixes": sorted(nodes.published.prefixes.items()),
        "parts": list(_parts(rows)),
        "engine": engine and Part("", links.to(_ENGINE, ""), engine.size),
        "query_script": links.to(_SCRIPT, ""),
        "terms": links.to(TERMS, ""),
        "texts": links.to("queries/", ""),
    }
    return Made("form.html", values)


def _parts(rows: Rows) -> Iterator[Part]:
    """Yield the smallest files that have all that `kg query` knows.

    The default graph is the union of the graphs of ``kg.trig``, which ``kg.ttl`` need not repeat.
    """
    data = rows.nodes.published.out / "data"
    for name in ("kg.trig", *BESIDE):
        found = next((f for f in (f"{name}.zst", name) if (data / f).is_file()), None)
        if found is not None:
            yield Part(found, rows.links.to(f"data/{found}", ""), (data / found).stat().st_size)


def saved_queries(nodes: Nodes) -> dict[str, Saved]:
    """Return the saved queries by their names, sorted by their titles."""
    found = {}
    for node in nodes.subjects(RDF.type, SH.SPARQLExecutable):
        name, text = nodes.text(node, DCTERMS.identifier), nodes.text(node, *_TEXT)
        if name is not None and text is not None:
            title = nodes.text(node, DCTERMS.title, RDFS.label) or name
            found[name.value] = Saved(title.value, text.value)
    return dict(sorted(found.items(), key=lambda item: (item[1].title, item[0])))


def _groups(queries: dict[str, Saved]) -> dict[str, dict[str, Saved]]:
    """Return saved queries by what their names begin with; those of no group come under ``""``."""
    found: dict[str, dict[str, Saved]] = {}
    for name, query in queries.items():
        found.setdefault(name.partition("-")[0], {})[name] = query
    groups = {key: group for key, group in sorted(found.items()) if len(group) >= FEW}
    groups[""] = {
        name: query for name, query in queries.items() if name.partition("-")[0] not in groups
    }
    return {key: group for key, group in groups.items() if group}
