"""The first page: what the dataset is, what is in it, and how to get and to cite it."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes
from kg.pages.links import ENDPOINT
from kg.pages.made import Made
from kg.pages.rows import Rows, Shown
from kg.vocab import DCAT, DCTERMS, KG, RDF, RDFS, SH, VOID

LISTED = 50
"""How many things of a class are listed."""

COUNTS = {
    KG.articleCount: "articles",
    KG.factCount: "facts",
    VOID.entities: "things",
    VOID.triples: "triples",
    KG.claimCount: "claims",
    KG.conflictCount: "conflicts",
    KG.externalClaimCount: "links to elsewhere",
}
"""What is counted, and in which words."""

ABOUT = {
    DCTERMS.publisher: "publisher",
    DCTERMS.license: "licence",
    DCTERMS.rights: "rights",
    DCAT.version: "version",
    DCTERMS.issued: "issued",
    DCTERMS.modified: "modified",
    DCAT.keyword: "keywords",
}
"""What the description says of the dataset, and in which words."""


@dataclass(frozen=True)
class Listed:
    """A class with its things: the first of them, and how many there are."""

    name: Shown
    things: list[Shown]
    count: int


@dataclass(frozen=True)
class Download:
    """A file to download."""

    name: Shown
    title: str
    size: str


def page(rows: Rows) -> Made:
    """Return the first page."""
    nodes = rows.nodes
    values = {
        "iri": nodes.base,
        "description": nodes.text(nodes.dataset, DCTERMS.description),
        "about": about(nodes, rows),
        "counts": counts(nodes),
        "articles": articles(nodes, rows),
        "classes": classes(nodes, rows),
        "downloads": downloads(nodes, rows),
        "description_file": rows.links.to("data/dcat.ttl", ""),
        "checksums": rows.links.to("data/SHA256SUMS", ""),
        "queries": queries(nodes, rows),
        "conflicts": conflicts(nodes, rows),
        "endpoint": rows.links.to(ENDPOINT, ""),
        "listed": LISTED,
    }
    return Made("home.html", values)


def counts(nodes: Nodes) -> list[tuple[str, str]]:
    """Return what there is how much of: words, number."""
    found = [(name, nodes.text(nodes.dataset, kind)) for kind, name in COUNTS.items()]
    return [(name, grouped(count.value)) for name, count in found if count and count.value != "0"]


def classes(nodes: Nodes, rows: Rows) -> list[Listed]:
    """Return the classes with the most things first, as the description counts them."""
    found = []
    for part in nodes.iris(nodes.dataset, VOID.classPartition):
        count = nodes.text(part, VOID.entities)
        for class_ in nodes.iris(part, VOID["class"]):
            number = int(count.value) if count and count.value.isdecimal() else 0
            things = [
                rows.term(thing)
                for thing in nodes.subjects(RDF.type, class_, MANY)
                if thing.value.startswith(f"{nodes.base}id/")
            ]
            things.sort(key=lambda thing: (thing.text.casefold(), thing.href or ""))
            if things:
                found.append(Listed(rows.term(class_), things[:LISTED], max(number, len(things))))
    return sorted(found, key=lambda listed: (-listed.count, listed.name.text))


def articles(nodes: Nodes, rows: Rows) -> list[tuple[Shown, str]]:
    """Return the articles with their dates, the newest first."""
    found = [
        (rows.term(article), ((date := nodes.date(article)) and date.value) or "")
        for article in nodes.iris(nodes.dataset, DCTERMS.source)
    ]
    found.sort(key=lambda item: item[0].text)
    return sorted(found, key=lambda item: item[1], reverse=True)


def downloads(nodes: Nodes, rows: Rows) -> list[Download]:
    """Return the dumps that the description names, each before the same compressed."""
    return [
        Download(
            rows.term(dump),
            title.value if (title := nodes.text(dump, DCTERMS.title)) else "",
            size(octets.value if (octets := nodes.text(dump, DCAT.byteSize)) else ""),
        )
        for dump in sorted(nodes.iris(nodes.dataset, DCAT.distribution), key=lambda d: d.value)
    ]


def queries(nodes: Nodes, rows: Rows) -> list[Shown]:
    """Return the saved queries by their titles."""
    found = nodes.subjects(RDF.type, SH.SPARQLExecutable)
    return sorted((rows.term(query) for query in found), key=lambda shown: shown.text)


def conflicts(nodes: Nodes, rows: Rows) -> list[Shown]:
    """Return what the sources give differently."""
    return [rows.term(node) for node in nodes.subjects(RDF.type, KG.Conflict, LISTED)]


def about(nodes: Nodes, rows: Rows) -> dict[str, list[Shown]]:
    """Return what the description says of the dataset."""
    found = {
        name: [rows.term(value) for value in nodes.objects(nodes.dataset, predicate)[:20]]
        for predicate, name in ABOUT.items()
    }
    return {name: values for name, values in found.items() if values}


def title(nodes: Nodes) -> ox.Literal:
    """Return what the dataset is called."""
    return nodes.text(nodes.dataset, DCTERMS.title, RDFS.label) or ox.Literal(nodes.base)


def grouped(number: str) -> str:
    """Return a number with its digits in threes."""
    return f"{int(number):,}" if number.isascii() and number.isdigit() else number


def size(octets: str) -> str:
    """Return a number of bytes as people read it; nothing for what is no such number."""
    if not (octets.isascii() and octets.isdigit() and len(octets) < 18):
        return ""
    count = int(octets)
    return f"{count:,} B" if count < 10_000 else f"{round(count / 1000):,} kB"
