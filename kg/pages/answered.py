"""The answer to a saved query as a table of terms, from what was kept of it (`kg.site.answers`).

It is read from a file that may have been changed: what is no answer is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.model import Term
from kg.pages.rows import Rows, Shown

FEW = 20
"""How many columns are shown at most."""


GRAPH = ["subject", "predicate", "object"]
"""The columns of an answer that is a graph."""


@dataclass(frozen=True)
class Answer:
    """The first rows of an answer; one to ASK is a row of one column without a name."""

    columns: list[str]
    rows: list[list[Shown | None]]
    more: int
    """How many rows follow."""


def answer(rows: Rows, name: str) -> Answer | None:
    """Return the answer to a saved query by its name, None where none was kept."""
    kept: Any = rows.nodes.published.answers.get(name)
    try:
        if "boolean" in kept:
            return Answer([""], [[Shown("yes" if kept["boolean"] else "no")]], 0)
        columns = [str(column) for column in kept["head"]["vars"]][:FEW]
        found = [
            [rows.term(_term(row[column])) if column in row else None for column in columns]
            for row in kept["results"]["bindings"]
        ]
        return Answer(columns, found, int(kept.get("more", 0)))
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _term(told: dict[str, Any]) -> Term:
    if told["type"] == "uri":
        return ox.NamedNode(told["value"])
    datatype = ox.NamedNode(told["datatype"]) if "datatype" in told else None
    return ox.Literal(told["value"], language=told.get("xml:lang"), datatype=datatype)
