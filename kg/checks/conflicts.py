"""Conflicts that nobody has set side by side yet: both may be right readings, or one a slip."""

from __future__ import annotations

from collections.abc import Iterator

from kg.dataset import Dataset
from kg.model import Problem, Severity

LISTED = 4
"""How many sides a message lists."""


def check(dataset: Dataset) -> Iterator[Problem]:
    """Yield a note for every conflict within one thing, at the fact that gives the last side.

    Accounts that `other_account_of` ties were set side by side on purpose, and give none.
    """
    if not dataset.conflicts:
        return
    called = dataset.called
    for conflict in dataset.conflicts:
        if len(conflict.about) > 1:
            continue
        sides = []
        for (value, polarity), claims in conflict.sides.items():
            shown = called.get(value, value.value)
            denied = "not " if polarity == "negated" else ""
            sides.append(f"{denied}'{shown}' ({claims[0].fact.place})")
        last = max(conflict.claims, key=lambda claim: claim.fact.place)
        thing, on = conflict.about[0], conflict.predicate
        more = f" and {len(sides) - LISTED} more" if len(sides) > LISTED else ""
        yield Problem(
            last.fact.place,
            f"{called.get(thing, thing.value)}: sources differ on {called.get(on, on.value)}: "
            + ", ".join(sides[:LISTED])
            + more,
            "keep both where both were read rightly, or say which one corrects: the other",
            Severity.INFO,
            "conflicts",
            last.spans[0].place,
        )
