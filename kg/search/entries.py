"""What there is to find in a published folder: read from its dumps in one pass, never as a whole.

Things, articles and what they say are in the graph; saved queries and the terms of the ontology
beside it. Nothing here trusts the dumps: what has no page is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.published import Published, QueryError
from kg.links import address, has_page
from kg.search.rows import LONGEST, Row, clean, named, told
from kg.search.terms import terms
from kg.vocab import DCTERMS, RDF, RDFS, SCHEMA, SH, SKOS, Vocabulary, turtle_problem

NAMES = {
    *(RDFS.label, SCHEMA.name, SCHEMA.alternateName, SCHEMA.headline, SCHEMA.alternativeHeadline),
    *(SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel, DCTERMS.title),
}
"""How things are called, each language by itself."""

TEXTS = (SCHEMA.text, SCHEMA.description)
"""What is said, in its own words; what has the first is called by a part of it."""

QUERY = "saved query"
"""What the ontology has no word for."""

MANY = 1_000
"""How many names and texts of one node are found."""


@dataclass
class Node:
    """What search knows of a node."""

    labels: list[ox.Literal] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    texts: dict[ox.NamedNode, list[str]] = field(default_factory=dict)
    types: list[ox.NamedNode] = field(default_factory=list)

    def note(self, predicate: ox.NamedNode, value: object) -> None:
        """Take what a triple of the node says."""
        if isinstance(value, ox.NamedNode):
            if predicate == RDF.type and len(self.types) < MANY:
                self.types.append(value)
        elif isinstance(value, ox.Literal) and (text := clean(value.value)):
            if predicate in NAMES and len(self.names) < MANY:
                self.names.append(text)
                if predicate == RDFS.label:
                    self.labels.append(value)
            elif predicate in TEXTS and len(some := self.texts.setdefault(predicate, [])) < MANY:
                some.append(text)


def rows(published: Published) -> Iterator[Row]:
    """Yield all rows of a published folder; raises `QueryError` where it cannot be read."""
    words = published.vocabulary
    data = published.out / "data"
    for node, found in nodes(data / "graph.ttl", published.base):
        yield from _rows(node, found, called(found.types, words))
    for node, found in nodes(data / "queries.ttl", published.base):
        if SH.SPARQLExecutable in found.types:
            yield from _rows(node, found, QUERY)
    yield from terms(published)


def _rows(path: str, node: Node, type_: str) -> Iterator[Row]:
    href = f"{address(path)}.html"
    if len(href) > LONGEST:
        return
    best = min(node.labels, key=_rank, default=None)
    name = clean(best.value) if best else min(node.names, default=unquote(path))
    statements = sorted(set(node.texts.get(SCHEMA.text, ())))
    if statements:
        others = [other for other in sorted(set(node.names)) if other != name]
        yield from (row for row in named(name, others, type_, href) if row.kind != "name")
        for text in statements:
            yield from told(name, text, type_, href)
    else:
        yield from named(name, sorted(set(node.names)), type_, href)
    for text in sorted(set(node.texts.get(SCHEMA.description, ()))):
        yield from told(name, text, type_, href)


def _rank(label: ox.Literal) -> tuple[bool, str]:
    """Return what decides which label is shown: pages have the same (`kg.asking.nodes`)."""
    return label.language not in (None, "en"), str(label)


def called(types: Collection[ox.NamedNode], words: Vocabulary) -> str:
    """Return what a node is: its narrowest class, as the ontology calls it."""
    above = {upper for type_ in types for upper in words.superclasses.get(type_, ())}
    labels = [words.label(type_) for type_ in types if type_ not in above]
    return min((clean(label)[:100] for label in labels if label), default="")


def nodes(path: Path, base: str) -> Iterator[tuple[str, Node]]:
    """Yield the nodes of a Turtle file that have a page, by their paths below the base.

    What is said of a node stands on end in what kgpress writes; else it is several nodes.
    """
    if not path.is_file():
        return
    for subject, triples in groupby(_triples(path), key=attrgetter("subject")):
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(base):
            below = subject.value.removeprefix(base)
            if has_page(below):
                yield below, _node(triples)


def _node(triples: Iterable[ox.Triple]) -> Node:
    found = Node()
    for triple in triples:
        found.note(triple.predicate, triple.object)
    return found


def _triples(path: Path) -> Iterator[ox.Triple]:
    try:
        yield from ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
    except (SyntaxError, OSError, MemoryError) as error:
        raise QueryError(turtle_problem(str(path), error)) from error
