"""A small picture of what a thing has to do with: above it what refers to it, below it what it
refers to; each line is a property, each end a link.

Drawn on a grid, so that it is the same wherever it is drawn. All it shows stands in rows, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.nodes import Said
from kg.pages.rows import Rows, Shown
from kg.vocab import RDF

MOST = 6
"""How many neighbours are drawn on either side."""

STEP = 40
"""Units from one neighbour to the next."""

_LETTERS = 44
"""Letters that a line has room for; wide ones count twice."""


@dataclass(frozen=True)
class Neighbour:
    """What is drawn at the end of a line."""

    term: Shown
    text: str
    """Its label, as long as there is room."""
    property: str
    y: int
    asserted: bool


@dataclass(frozen=True)
class Picture:
    """The neighbours above and below, and how far down the thing is."""

    neighbours: list[Neighbour]
    name: str
    y: int
    height: int
    more: int
    """How many neighbours are not drawn."""


def picture(
    rows: Rows, node: ox.NamedNode, claims: Iterable[Said], incoming: Iterable[Said]
) -> Picture | None:
    """Return the picture of a thing, None for one that has to do with none."""
    below = dict(_ends(node, ((c.object, c) for c in claims if c.predicate != RDF.type)))
    above = dict(_ends(node, ((c.subject, c) for c in incoming)))
    if not (above or below):
        return None
    drawn = [sorted(side.items(), key=lambda i: _order(*i))[:MOST] for side in (above, below)]
    middle = len(drawn[0])
    places = [*range(middle), *range(middle + 1, middle + 1 + len(drawn[1]))]
    neighbours = [
        Neighbour(
            rows.term(other),
            shortened(rows.term(other).text),
            shortened(rows.term(claim.predicate).text),
            place * STEP,
            claim.asserted,
        )
        for place, (other, claim) in zip(places, (*drawn[0], *drawn[1]), strict=True)
    ]
    more = len(above) + len(below) - len(neighbours)
    name = shortened(rows.nodes.label(node).value, 36)
    return Picture(neighbours, name, middle * STEP, (len(neighbours) + 1) * STEP, more)


def _ends(
    node: ox.NamedNode, found: Iterable[tuple[object, Said]]
) -> Iterator[tuple[ox.NamedNode, Said]]:
    """Yield the other ends of claims that are things, asserted claims last, for these count."""
    for other, claim in sorted(found, key=lambda pair: (pair[1].asserted, pair[1].iri.value)):
        if isinstance(other, ox.NamedNode) and other != node:
            yield other, claim


def _order(other: ox.NamedNode, claim: Said) -> tuple[bool, str, str]:
    return not claim.asserted, claim.predicate.value, other.value


def shortened(text: str, letters: int = _LETTERS) -> str:
    """Return as much of a text as there is room for."""
    room, shown = letters, ""
    for letter in " ".join(text.split()):
        room -= 2 if ord(letter) > 0x2E7F else 1
        if room < 0:
            return shown.rstrip() + "…"
        shown += letter
    return shown
