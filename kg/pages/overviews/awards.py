"""Who received which award: the conferrals of a dataset, by award and edition."""

from __future__ import annotations

from itertools import groupby
from typing import Any, NamedTuple

from kg.pages.overviews.dates import When, when
from kg.pages.overviews.overview import Overview, Solution
from kg.pages.overviews.things import Entry, Things
from kg.pages.rows import Rows, Value
from kg.vocab import KG

CONFERRALS = Things(
    class_=KG.AwardConferral,
    node="conferral",
    fields={
        "award": KG.award,
        "edition": KG.edition,
        "recipient": KG.recipient,
        "grade": KG.grade,
        "date": KG.date,
    },
    named=("award", "edition", "recipient"),
    order=("award", "edition", "date", "grade", "recipient"),
    marked=("award", "recipient", "grade"),
)


class Given(NamedTuple):
    """A row of the table: somebody was given an award."""

    entry: Entry
    date: When | None


class Award(NamedTuple):
    """An award with its rows."""

    award: Value | None
    given: list[Given]


def shown(rows: Rows, solutions: list[Solution]) -> dict[str, Any]:
    """Return the awards, each with who received it."""
    entries = CONFERRALS.entries(rows, solutions)
    awards = [
        Award(
            found[0].cells.get("award"),
            [Given(e, when(e.row["date"].value) if "date" in e.row else None) for e in found],
        )
        for _, group in groupby(entries, key=lambda entry: entry.row.get("award"))
        if (found := list(group))
    ]
    return {"awards": awards}


OVERVIEW = Overview(
    name="awards",
    title="Awards",
    about="Who received which award, in which edition, of what grade, and when.",
    told="the conferrals; of what is not asserted, the claims",
    template="awards.html",
    here=CONFERRALS.here,
    pattern=CONFERRALS.pattern,
    shown=shown,
    triples=CONFERRALS.triples,
)
