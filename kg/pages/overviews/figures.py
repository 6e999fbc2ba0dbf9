"""Figures: the amounts that articles give, by what they are of."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any, NamedTuple

from kg.model import Term
from kg.pages.overviews.dates import When, when
from kg.pages.overviews.overview import Overview, Solution
from kg.pages.overviews.things import Entry, Things
from kg.pages.rows import Rows, Value
from kg.vocab import KG, SCHEMA

FIGURES = Things(
    class_=KG.Figure,
    node="figure",
    fields={
        "of": KG.figureOf,
        "counted": KG.counted,
        "bound": KG.bound,
        "value": SCHEMA.value,
        "maximum": SCHEMA.maxValue,
        "unit": SCHEMA.unitText,
        "period": KG.period,
        "date": KG.date,
        "saidBy": KG.saidBy,
        "modality": KG.modality,
        "polarity": KG.polarity,
    },
    named=("of", "bound", "saidBy"),
    order=("of", "counted", "date", "value"),
    marked=("value", "counted"),
)

_NUMBER = re.compile(r"(-?)(\d{1,40})(\.\d{1,40})?", re.ASCII)


class Figure(NamedTuple):
    """A row of the table: an amount."""

    entry: Entry
    amount: str
    date: When | None


class Of(NamedTuple):
    """What amounts are of, with its rows."""

    of: Value | None
    figures: list[Figure]


def shown(rows: Rows, solutions: list[Solution]) -> dict[str, Any]:
    """Return what amounts are of, each with these."""
    entries = FIGURES.entries(rows, solutions)
    groups = groupby(entries, key=lambda entry: entry.row.get("of"))
    holders = [list(group) for _, group in groups]
    return {
        "holders": [Of(found[0].cells.get("of"), list(map(_figure, found))) for found in holders]
    }


def _figure(entry: Entry) -> Figure:
    amounts = (entry.row.get(name) for name in ("value", "maximum"))
    date = entry.row.get("date")
    return Figure(
        entry,
        "–".join(_digits(amount) for amount in amounts if amount is not None),
        when(date.value) if date is not None else None,
    )


def _digits(amount: Term) -> str:
    """Return a number with its digits in threes, anything else as it is."""
    number = _NUMBER.fullmatch(amount.value)
    if number is None:
        return amount.value
    sign, whole, fraction = number.groups("")
    return f"{'−' if sign else ''}{int(whole):,}{fraction}"


OVERVIEW = Overview(
    name="figures",
    title="Figures",
    about="The amounts that articles give: of what, what is counted, how exactly, and when.",
    told="the figures; of what is not asserted, the claims",
    template="figures.html",
    here=FIGURES.here,
    pattern=FIGURES.pattern,
    shown=shown,
    triples=FIGURES.triples,
)
