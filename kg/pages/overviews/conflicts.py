"""Where sources differ, with all sides; and what one article has corrected of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.asking.nodes import Nodes, Said
from kg.model import Triple
from kg.pages.overviews.overview import LIMIT, Overview, Solution, dumped, tie
from kg.pages.rows import Rows, Shown, Value
from kg.vocab import DCTERMS, KG, RDF


class Side(NamedTuple):
    """What some sources say, or deny."""

    value: Value
    denied: bool
    about: list[Shown]
    """The accounts that give it, where there are several."""
    asserted: bool


class Conflict(NamedTuple):
    """Sides that cannot all be right."""

    conflict: Shown
    about: list[Shown]
    property: Shown
    sides: list[Side]


class Correction(NamedTuple):
    """What is corrected, and what the correction gives instead, or says."""

    about: Shown
    property: Shown
    before: Value
    after: list[Value]
    fact: Shown
    """The fact that corrects it."""


def here(nodes: Nodes) -> bool:
    """Whether anything is in conflict, or was corrected."""
    return bool(nodes.subjects(RDF.type, KG.Conflict, 1)) or bool(
        nodes.with_property(KG.correctedBy, 1)
    )


def pattern(_: Nodes) -> str:
    """Return the query, without declarations and limit."""
    return f"""\
SELECT ?conflict ?correction ?about ?property ?value ?polarity ?voice ?asserted ?claim ?article
WHERE {{
  {{
    {{ SELECT ?conflict ?tie WHERE {{
      ?conflict a kg:Conflict .
      {tie("?conflict")}
    }} ORDER BY ?tie LIMIT {LIMIT} }}
    ?claim kg:inConflict ?conflict .
  }} UNION {{
    {{ SELECT ?claim ?correction WHERE {{
      ?claim kg:correctedBy ?correction ; kg:origin ?origin .
      FILTER (?origin != kg:Structural)
      {tie("?claim")}
    }} ORDER BY ?tie LIMIT {LIMIT} }}
  }}
  ?claim rdf:subject ?about ; rdf:predicate ?property ; rdf:object ?value ;
    kg:asserted ?asserted ; kg:fact ?fact .
  ?fact kg:inArticle ?article .
  OPTIONAL {{ ?claim kg:polarity ?polarity }}
  OPTIONAL {{ ?claim kg:voice ?voice }}
}}
ORDER BY (!BOUND(?conflict)) ?tie ?conflict ?correction STR(?value) ?polarity ?claim
"""


def shown(rows: Rows, solutions: list[Solution]) -> dict[str, Any]:
    """Return the conflicts with their sides, and the corrections."""
    conflicts: dict[ox.NamedNode, list[Said]] = {}
    corrections: list[Correction] = []
    for row in solutions:
        claim, node, fact = (row.get(name) for name in ("claim", "conflict", "correction"))
        said = rows.nodes.said(claim) if isinstance(claim, ox.NamedNode) else None
        if said is None:
            continue
        if isinstance(node, ox.NamedNode):
            conflicts.setdefault(node, []).append(said)
        elif isinstance(fact, ox.NamedNode):
            corrections.append(_correction(rows, said, fact))
    if len(solutions) >= LIMIT and len(conflicts) > 1 and not corrections:
        conflicts.popitem()  # the last may lack some of its sides
    found = [_conflict(rows, node, claims) for node, claims in conflicts.items()]
    found.sort(key=lambda conflict: conflict.about[0].text if conflict.about else "")
    return {"conflicts": found, "corrections": corrections}


def _conflict(rows: Rows, node: ox.NamedNode, claims: list[Said]) -> Conflict:
    about = dict.fromkeys(claim.subject for claim in claims)
    sides: dict[tuple[object, object], list[Said]] = {}
    for claim in claims:
        sides.setdefault((claim.object, claim.polarity), []).append(claim)
    itself = rows.link("", node).href
    return Conflict(
        rows.link("conflict", node),
        list(map(rows.term, about)),
        rows.term(claims[0].predicate),
        [_side(rows, found, itself, several=len(about) > 1) for found in sides.values()],
    )


def _side(rows: Rows, claims: list[Said], conflict: str | None, *, several: bool) -> Side:
    value = rows.value(claims[0].object, claims)
    notes = [note for note in value.notes if note.href is None or note.href != conflict]
    return Side(
        replace(value, notes=notes),
        claims[0].polarity == KG.Negated,
        [rows.term(thing) for thing in dict.fromkeys(c.subject for c in claims)] if several else [],
        any(claim.asserted for claim in claims),
    )


def _correction(rows: Rows, said: Said, fact: ox.NamedNode) -> Correction:
    nodes = rows.nodes
    instead = [c for c in map(nodes.said, said.replaced_by) if c and c.fact == fact]
    # What denies it has claims of the same property; what takes it back need not have any.
    instead = instead or [
        claim
        for claim in nodes.claims(fact, KG.fact)
        if (claim.subject, claim.predicate) == (said.subject, said.predicate)
    ]
    after = [rows.value(claim.object, [claim]) for claim in instead]
    if not after:
        passages = nodes.passages(nodes.claims(fact, KG.fact))
        after = [Value(Shown("taken back"), [], rows.quotes(passages[:1], [], []))]
    before = rows.value(said.object, [said])
    return Correction(
        rows.term(said.subject), rows.term(said.predicate), before, after, rows.link("fact", fact)
    )


def triples(nodes: Nodes, solutions: list[Solution]) -> Iterator[Triple]:
    """Yield the triples of conflicts, and of the claims that are their sides or corrections."""
    for row in solutions:
        told = [row.get(name) for name in ("conflict", "claim")]
        if isinstance(claim := told[-1], ox.NamedNode):
            told += nodes.iris(claim, DCTERMS.isReplacedBy)
        for node in told:
            if isinstance(node, ox.NamedNode):
                yield from dumped(nodes, node)


OVERVIEW = Overview(
    name="conflicts",
    title="Conflicts",
    about="What sources give differently though it should be one: every side is kept, and none is "
    "held to be the right one.",
    told="the conflicts, the claims that are their sides, and corrected claims",
    template="conflicts.html",
    here=here,
    pattern=pattern,
    shown=shown,
    triples=triples,
)
