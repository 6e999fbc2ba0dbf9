"""The timeline: all that has a date, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.asking.nodes import Nodes, Said
from kg.exporters.prefixes import Prefixes
from kg.model import Triple
from kg.pages.overviews.dates import When, when
from kg.pages.overviews.overview import LIMIT, Overview, Solution, dumped, is_asserted, tie
from kg.pages.overviews.things import told
from kg.pages.rows import QUOTES, Rows, Shown, Value
from kg.vocab import KG, PREFIXES, RDF, SCHEMA

PROPERTIES = (
    *(KG.date, KG.year, KG.established, KG.retrieved, KG.targetDate),
    *(SCHEMA.dateModified, SCHEMA.datePublished, SCHEMA.endDate, SCHEMA.foundingDate),
    *(SCHEMA.releaseDate, SCHEMA.startDate),
)
"""Whose values are dates; with those that the ontology of a dataset puts below them."""


class Moment(NamedTuple):
    """Something that has a date."""

    types: list[Shown]
    property: Shown
    when: When
    asserted: bool
    got: list[Shown]
    """How the date was got, where it does not stand in the quotes."""
    said: Value


class Year(NamedTuple):
    """A year, or a decade, with what happened in it."""

    name: str
    anchor: str
    moments: list[Moment]


def here(nodes: Nodes) -> bool:
    """Whether anything has a date, or is recorded to have one."""
    return any(
        nodes.with_property(p, 1) or nodes.subjects(RDF.predicate, p, 1) for p in _properties(nodes)
    )


def _properties(nodes: Nodes) -> list[ox.NamedNode]:
    vocabulary = nodes.published.vocabulary
    found = {below for property_ in PROPERTIES for below in vocabulary.below(property_)}
    return sorted(found, key=lambda node: node.value)


def pattern(nodes: Nodes) -> str:
    """Return the query, without declarations and limit."""
    short = Prefixes(PREFIXES).split
    names = (
        ":".join(parts) if (parts := short(property_.value)) else str(property_)
        for property_ in _properties(nodes)
    )
    return f"""\
SELECT ?date ?thing (MIN(STR(?thing_)) AS ?thingLabel)
  ?property (MIN(STR(?property_)) AS ?propertyLabel)
  ?asserted WHERE {{
  {{ SELECT DISTINCT ?date ?thing ?property ?asserted WHERE {{
    VALUES ?property {{
      {" ".join(names)}
    }}
    {{
      ?thing ?property ?date .
      BIND (true AS ?asserted)
    }} UNION {{
      # What is recorded, and not asserted
      ?claim kg:asserted false ; rdf:predicate ?property ; rdf:subject ?thing ; rdf:object ?date .
      BIND (false AS ?asserted)
    }}
    {tie("?thing", "?property")}
  }} ORDER BY DESC(STR(?date)) ?tie LIMIT {LIMIT} }}
  OPTIONAL {{ ?thing rdfs:label ?thing_ }}
  OPTIONAL {{ ?property rdfs:label ?property_ }}
}}
GROUP BY ?date ?thing ?property ?asserted
ORDER BY STRSTARTS(STR(?date), "-") STR(?date) ?property ?thing ?asserted
"""


def shown(rows: Rows, solutions: list[Solution]) -> dict[str, Any]:
    """Return the years, each with what happened in it; what has no year comes last."""
    moments = sorted(_moments(rows, solutions), key=lambda one: one.when.order)
    years = [
        Year(name, f"year-{name}" if name else "no-year", list(group))
        for name, group in groupby(moments, key=lambda one: one.when.group)
    ]
    return {"years": years}


def _moments(rows: Rows, solutions: Iterable[Solution]) -> Iterator[Moment]:
    nodes = rows.nodes
    for row, triple in _rows(solutions):
        claims = _claims(nodes, row, triple)
        yield Moment(
            [rows.term(type_) for type_ in nodes.iris(triple.subject, RDF.type)],
            rows.term(triple.predicate),
            when(triple.object.value),
            is_asserted(row),
            rows.got(claims),
            told(
                rows,
                rows.term(triple.subject),
                [rows.link("claim", claim.iri) for claim in claims[:QUOTES]],
                claims,
                [triple.object],
            ),
        )


def _rows(solutions: Iterable[Solution]) -> Iterator[tuple[Solution, Triple]]:
    for row in solutions:
        thing, property_, date = (row.get(name) for name in ("thing", "property", "date"))
        if isinstance(thing, ox.NamedNode) and isinstance(property_, ox.NamedNode) and date:
            yield row, Triple(thing, property_, date)


def _claims(nodes: Nodes, row: Solution, triple: Triple) -> list[Said]:
    return [claim for claim in nodes.behind(triple) if claim.asserted == is_asserted(row)]


def triples(nodes: Nodes, solutions: list[Solution]) -> Iterator[Triple]:
    """Yield the triples that rows tell; of what is not asserted, the claims."""
    for row, triple in _rows(solutions):
        if is_asserted(row):
            yield triple
        else:
            for claim in _claims(nodes, row, triple):
                yield from dumped(nodes, claim.iri)


OVERVIEW = Overview(
    name="timeline",
    title="Timeline",
    about="All that has a date, as exactly as the articles give it.",
    told="the dates; of what is not asserted, the claims",
    template="timeline.html",
    here=here,
    pattern=pattern,
    shown=shown,
    triples=triples,
)
