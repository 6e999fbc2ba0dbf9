"""All that is known of one thing, each triple with the sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.published import Published, QueryError
from kg.model import Place, Problem
from kg.vocab import RDF, RDFS

CLAIMS = """
SELECT ?claim ?predicate ?value ?asserted ?origin ?rule ?voice ?modality ?polarity ?doubt
       ?correction ?conflict ?fact ?article ?path ?line ?start ?quote
WHERE {{
  ?claim rdf:{role} {node} ; rdf:predicate ?predicate ; rdf:{other} ?value ;
    kg:asserted ?asserted ; kg:origin ?origin ; kg:fact ?fact ; prov:wasDerivedFrom ?span .
  OPTIONAL {{ ?claim kg:rule ?rule }}
  OPTIONAL {{ ?claim kg:voice ?voice }}
  OPTIONAL {{ ?claim kg:modality ?modality }}
  OPTIONAL {{ ?claim kg:polarity ?polarity }}
  OPTIONAL {{ ?claim kg:doubt ?doubt }}
  OPTIONAL {{ ?claim kg:correctedBy ?correction }}
  OPTIONAL {{ ?claim kg:inConflict ?conflict }}
  ?span oa:hasSource ?file ; kg:line ?line ; oa:hasSelector ?exact, ?position .
  ?file prov:specializationOf ?article ; kg:path ?path .
  ?exact oa:exact ?quote .
  ?position oa:start ?start .
}}
"""

STANDING = ("voice", "modality", "polarity")


@dataclass(frozen=True)
class Passage:
    """One quote behind a claim, and where it stands."""

    path: str
    line: int
    start: int
    quote: str


@dataclass
class Explained:
    """One triple of a thing, how it was got and stands, and the passages that say it."""

    predicate: str
    value: str
    iri: str
    asserted: bool
    notes: set[str] = field(default_factory=set)
    passages: set[Passage] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    """The ids of the facts that it came through."""


def find(published: Published, name: str) -> ox.NamedNode | None:
    """Return what a name means: an IRI, a prefixed name or a slug; None if the dump lacks it."""
    candidates = [name]
    prefix, colon, local = name.partition(":")
    if colon and prefix in published.prefixes:
        candidates.append(published.prefixes[prefix] + local)
    candidates += [f"{published.base}id/{name}", f"{published.base}article/{name}"]
    for candidate in candidates:
        try:
            node = ox.NamedNode(candidate)
        except ValueError:
            continue
        store = published.store
        spoken = store.quads_for_pattern(None, RDF.subject, node, ox.DefaultGraph())
        if next(iter(store.quads_for_pattern(node, None, None)), None) or next(iter(spoken), None):
            return node
    return None


def about(published: Published, node: ox.NamedNode, *, incoming: bool = False) -> list[Explained]:
    """Return the triples that have a node as subject (or as object), each with its evidence."""
    role, other = ("object", "subject") if incoming else ("subject", "object")
    found: dict[tuple[str | bool, ...], Explained] = {}
    solutions = published.query(CLAIMS.format(role=role, other=other, node=node))
    assert isinstance(solutions, ox.QuerySolutions)
    for row in solutions:
        predicate, value = published.label(row["predicate"]), published.label(row["value"])
        asserted = row["asserted"].value == "true"
        iri = row["value"].value if isinstance(row["value"], ox.NamedNode) else ""
        # What one article gives and another denies or hedges are two entries, not one of both.
        standing = (row[axis].value if row[axis] else "" for axis in STANDING)
        key = predicate, value, iri, asserted, *standing
        explained = found.setdefault(key, Explained(predicate, value, iri, asserted))
        explained.notes.update(_notes(published, row))
        explained.facts.add(_fact_id(published, row["fact"]))
        explained.passages.add(
            Passage(
                row["path"].value,
                _number(row["line"]),
                _number(row["start"]),
                row["quote"].value,
            )
        )
    order = {"type": 0, "label": 1}
    return sorted(
        found.values(),
        key=lambda e: (
            *(order.get(e.predicate, 2), e.predicate, not e.asserted, e.value, e.iri),
            sorted(e.notes),
        ),
    )


def _notes(published: Published, row: ox.QuerySolution) -> Iterator[str]:
    origin = published.label(row["origin"])
    if origin not in ("verbatim", "structural"):
        yield f"{origin}: {row['rule'].value}" if row["rule"] else origin
    if row["voice"]:
        yield f"said by {published.label(row['voice'])}"
    for axis in ("modality", "polarity"):
        if row[axis]:
            yield published.label(row[axis])
    if row["doubt"]:
        yield f"doubtful: {row['doubt'].value}"
    if row["correction"]:
        yield f"corrected by {_fact_id(published, row['correction'])}"
    if row["conflict"]:
        yield "sources differ"


def _number(term: ox.Literal) -> int:
    if not re.fullmatch("[0-9]{1,18}", term.value):
        message = f"the dump has '{term.value[:60]}' where a passage stands, which is no number"
        raise QueryError(Problem(Place("kg.ttl"), message, "build the dataset again"))
    return int(term.value)


def _fact_id(published: Published, fact: ox.NamedNode) -> str:
    """Return ``ARTICLE/ID``, as `corrects:` takes it."""
    return unquote(fact.value.removeprefix(f"{published.base}fact/"))


def marked(quote: str, values: Iterable[str]) -> list[tuple[str, bool]]:
    """Split a quote at the places where values stand in it: (text, whether it is a value)."""
    forms = sorted({re.escape(value) for value in values if value}, key=len, reverse=True)
    if not forms:
        return [(quote, False)]
    pieces = re.split(f"({'|'.join(forms)})", quote, flags=re.IGNORECASE)
    return [(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]


def nearest_slug(published: Published, name: str) -> str | None:
    """Return the slug of a thing that is called by a name, or has one nearly like it."""
    start = f"{published.base}id/"
    things = {
        quad.subject.value.removeprefix(start): quad.object.value.casefold()
        for quad in published.store.quads_for_pattern(None, RDFS.label, None, ox.DefaultGraph())
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(start)
        and isinstance(quad.object, ox.Literal)
    }
    called = sorted(slug for slug, label in things.items() if name.casefold() in label)
    close = get_close_matches(name.casefold(), things, n=1)
    return next(iter((*close, *sorted(called, key=len))), None)
