"""The first page: what the dataset is, what is in it, and how to get and to cite it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes
from kg.links import ENDPOINT
from kg.pages.answered import GRAPH, Answer, answer
from kg.pages.made import Made
from kg.pages.metadata import metadata
from kg.pages.numbers import count, grouped, size
from kg.pages.rows import Rows, Shown, moment
from kg.pages.texts import coverage
from kg.vocab import DCAT, DCTERMS, KG, RDF, RDFS, SH, SPDX, VOID

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


NEWEST = 12
"""How many articles are listed before the others."""

EXAMPLES = 6
"""How many saved queries are shown with their answers."""

SHARES = {
    KG.verbatimClaimCount: ("verbatim", "as the article has it"),
    KG.normalisedClaimCount: ("normalised", "written anew by a rule: a date, a number"),
    KG.inferredClaimCount: ("inferred", "follows from the words"),
    KG.structuralClaimCount: ("structural", "kinds and ties that come with a fact"),
}
"""How values were got: what the description counts, in which words."""


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
    sha256: str


@dataclass(frozen=True)
class Share:
    """A part of a whole: what it is called, how much that is, in percent."""

    name: str
    meaning: str
    count: str
    percent: float


class Example(NamedTuple):
    """A saved query with its answer."""

    query: Shown
    answer: Answer


def page(rows: Rows) -> Made:
    """Return the first page."""
    nodes = rows.nodes
    found = articles(nodes, rows)
    description = nodes.text(nodes.dataset, DCTERMS.description)
    text = description.value if description else ""
    values = {
        "iri": nodes.base,
        "metadata": metadata(nodes, nodes.dataset, "website", text),
        "description": description,
        "about": about(nodes, rows),
        "counts": counts(nodes),
        "origins": origins(nodes),
        "sentences": sentences(nodes),
        "newest": found[:NEWEST],
        "older": found[NEWEST:],
        "classes": classes(nodes, rows),
        "downloads": downloads(nodes, rows),
        "description_file": rows.links.to("data/dcat.ttl", ""),
        "checksums": rows.links.to("data/SHA256SUMS", ""),
        "queries": [rows.term(query) for query in queries(nodes)],
        "examples": examples(rows),
        "conflicts": conflicts(nodes, rows),
        "all_conflicts": rows.links.to("conflicts"),
        "asking": rows.links.to(ENDPOINT),
        "endpoint": nodes.base + ENDPOINT,
    }
    return Made("home.html", values)


def counts(nodes: Nodes) -> list[tuple[str, str]]:
    """Return what there is how much of: words, number."""
    found = [(name, nodes.text(nodes.dataset, kind)) for kind, name in COUNTS.items()]
    return [(name, grouped(told.value)) for name, told in found if told and told.value != "0"]


def classes(nodes: Nodes, rows: Rows) -> list[Listed]:
    """Return the classes with the most things first, as the description counts them."""
    found = []
    for part in nodes.iris(nodes.dataset, VOID.classPartition):
        entities = nodes.text(part, VOID.entities)
        number = (count(entities.value) if entities else None) or 0
        for class_ in nodes.iris(part, VOID["class"]):
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
        (rows.term(article), moment(date.value) if (date := nodes.date(article)) else "")
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
            size(told.value if (told := nodes.text(dump, DCAT.byteSize)) else ""),
            _sha256(nodes, dump),
        )
        for dump in sorted(nodes.iris(nodes.dataset, DCAT.distribution), key=lambda d: d.value)
    ]


def queries(nodes: Nodes) -> list[ox.NamedNode]:
    """Return the saved queries, by their titles."""
    found = nodes.subjects(RDF.type, SH.SPARQLExecutable)
    return sorted(found, key=lambda query: (nodes.label(query).value, query.value))


def examples(rows: Rows) -> list[Example]:
    """Return saved queries with short answers, such that their names begin differently."""
    found: dict[str, Example] = {}
    for query in queries(rows.nodes):
        name = rows.nodes.text(query, DCTERMS.identifier)
        kept = name and answer(rows, name.value)
        if name is None or not kept or kept.more or kept.columns in ([""], GRAPH):
            continue
        cells = [cell for row in kept.rows for cell in row if cell]
        short = cells and len(kept.rows) <= 5 and all(len(cell.text) <= 80 for cell in cells)
        if short and len(kept.columns) <= 3:
            found.setdefault(name.value.partition("-")[0], Example(rows.term(query), kept))
    return list(found.values())[:EXAMPLES]


def origins(nodes: Nodes) -> list[Share]:
    """Return how values were got, as the description counts claims."""
    told = {kind: nodes.text(nodes.dataset, kind) for kind in SHARES}
    found = {kind: count(number.value) for kind, number in told.items() if number}
    return _shares([(*SHARES[kind], number) for kind, number in found.items() if number])


def sentences(nodes: Nodes) -> list[Share]:
    """Return how many sentences of the articles are behind facts, and how many are not."""
    told = Counter(
        s.status for found in coverage(nodes.published.out / "data").values() for s in found
    )
    named = {
        "covered": ("behind facts", "a fact quotes words of it"),
        "nothing-here": ("declared", "a curator said that there is nothing in it"),
        "uncovered": ("uncovered", "behind no fact"),
    }
    return _shares([(*words, told[status]) for status, words in named.items()])


def _shares(parts: list[tuple[str, str, int]]) -> list[Share]:
    whole = sum(number for _, _, number in parts)
    return [
        Share(name, meaning, f"{number:,}", round(100 * number / whole, 1))
        for name, meaning, number in parts
        if number
    ]


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


def _sha256(nodes: Nodes, dump: ox.NamedNode) -> str:
    for checksum in nodes.iris(dump, SPDX.checksum):
        value = nodes.text(checksum, SPDX.checksumValue)
        if value is not None:
            return value.value
    return ""
