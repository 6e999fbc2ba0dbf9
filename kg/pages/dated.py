"""What happened when: the dates of a thing, and of what refers to it, in their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.nodes import Said
from kg.pages.rows import Row, Rows, Shown
from kg.vocab import XSD

FROM = 40
"""Of how many of the things that refer to it the dates are looked for."""

_DATES = (XSD.date, XSD.dateTime, XSD.gYearMonth, XSD.gYear)


@dataclass(frozen=True)
class Dated:
    """A date, and what is said to have been then."""

    date: Shown
    row: Row
    own: bool
    """Whether it is a date of the thing itself."""


def timeline(
    rows: Rows, node: ox.NamedNode, claims: Iterable[Said], incoming: Iterable[Said]
) -> list[Dated]:
    """Return the dates that are told of a thing and of what refers to it, the earliest first."""
    others = dict.fromkeys(claim.subject for claim in incoming)
    found = [c for c in claims if is_dated(c)]
    for other in list(others)[:FROM]:
        if other != node:
            found += [claim for claim in rows.nodes.claims(other) if is_dated(claim)]
    found.sort(key=lambda claim: (claim.object.value, claim.subject.value, claim.iri.value))
    return [
        Dated(row.values[0].term, row, claim.subject == node)
        for claim in dict.fromkeys(found)
        for row in rows.said([claim], subjects=True, quotes=False)
    ]


def is_dated(claim: Said) -> bool:
    """Whether a claim says when, in a calendar that is written as it is sorted."""
    return isinstance(claim.object, ox.Literal) and claim.object.datatype in _DATES
