"""The page on which people ask: what it begins with, and the saved queries."""

from __future__ import annotations

from typing import NamedTuple

from kg.asking.nodes import Nodes
from kg.pages.links import ENDPOINT
from kg.pages.made import Made
from kg.pages.rows import Rows
from kg.vocab import DCTERMS, RDF, RDFS, SH

EXAMPLE = "SELECT ?thing ?label WHERE {\n  ?thing rdfs:label ?label .\n}\nLIMIT 20\n"
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

_TEXT = (SH.select, SH.ask, SH.construct)


class Saved(NamedTuple):
    """A saved query."""

    title: str
    text: str


def page(rows: Rows, saved: str = "") -> Made | None:
    """Return the page on which to write a query, or None if none is saved under this name."""
    nodes = rows.nodes
    queries = saved_queries(nodes)
    if saved and saved not in queries:
        return None
    values = {
        "iri": nodes.base + ENDPOINT,
        "endpoint": f"./{ENDPOINT}",
        "text": queries[saved].text if saved else EXAMPLE,
        "title": queries[saved].title if saved else "",
        "queries": queries,
        "formats_of_answers": FORMATS,
        "prefixes": sorted(nodes.published.prefixes.items()),
    }
    return Made("form.html", values)


def saved_queries(nodes: Nodes) -> dict[str, Saved]:
    """Return the saved queries by their names, sorted by their titles."""
    found = {}
    for node in nodes.subjects(RDF.type, SH.SPARQLExecutable):
        name, text = nodes.text(node, DCTERMS.identifier), nodes.text(node, *_TEXT)
        if name is not None and text is not None:
            title = nodes.text(node, DCTERMS.title, RDFS.label) or name
            found[name.value] = Saved(title.value, text.value)
    return dict(sorted(found.items(), key=lambda item: (item[1].title, item[0])))
