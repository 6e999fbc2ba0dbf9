"""What was said: the statements of a dataset, by speaker and date."""

from __future__ import annotations

from typing import Any, NamedTuple

from kg.pages.overviews.dates import UNDATED, When, when
from kg.pages.overviews.overview import Overview, Solution
from kg.pages.overviews.things import Entry, Things
from kg.pages.rows import Rows, Shown
from kg.vocab import KG, PROV, SCHEMA

STATEMENTS = Things(
    class_=KG.Statement,
    node="statement",
    fields={
        "speaker": PROV.wasAttributedTo,
        "unnamed": KG.unnamedSpeaker,
        "document": KG.statedIn,
        "date": KG.date,
        "when": KG.when,
        "form": KG.form,
        "text": SCHEMA.text,
        "occasion": KG.occasion,
        "modality": KG.modality,
        "polarity": KG.polarity,
    },
    named=("speaker", "document", "form", "occasion"),
    order=("speaker", "document", "unnamed", "date", "text"),
)

_SPEAKERS = ("speaker", "document", "unnamed")
"""Who says it: a person or organisation; else a document; else somebody whom nobody names."""


class Statement(NamedTuple):
    """Words that were said."""

    entry: Entry
    date: When | None


class Speaker(NamedTuple):
    """Whoever said something, with what they said."""

    speaker: Shown
    anchor: str
    statements: list[Statement]


def shown(rows: Rows, solutions: list[Solution]) -> dict[str, Any]:
    """Return the speakers, each with their statements by date; what has none comes last."""
    groups: dict[tuple[int, Shown], list[Statement]] = {}
    for entry in STATEMENTS.entries(rows, solutions):
        kind = next((name for name in _SPEAKERS if name in entry.cells), None)
        rank = _SPEAKERS.index(kind) if kind else len(_SPEAKERS)
        who = entry.cells[kind].term if kind else Shown("Nobody is named")
        date = when(entry.row["date"].value) if "date" in entry.row else None
        groups.setdefault((rank, who), []).append(Statement(entry, date))
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], item[0][1].text.casefold()))
    speakers = []
    for number, ((_, who), found) in enumerate(ordered, 1):
        found.sort(key=lambda statement: statement.date.order if statement.date else UNDATED)
        speakers.append(Speaker(who, f"speaker-{number}", found))
    return {"speakers": speakers}


OVERVIEW = Overview(
    name="statements",
    title="Statements",
    about="What was said: by whom, when, and whether the words are given or retold.",
    told="the statements; of what is not asserted, the claims",
    template="statements.html",
    here=STATEMENTS.here,
    pattern=STATEMENTS.pattern,
    shown=shown,
    triples=STATEMENTS.triples,
)
