"""The checks of a loaded dataset: one module each, from a dataset to problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from kg import republishing
from kg.checks import conflicts, shapes
from kg.dataset import Dataset
from kg.model import Problem

CHECKS: Mapping[str, Callable[[Dataset], Iterable[Problem]]] = {
    "conflicts": conflicts.check,
    "folder": republishing.check,
    "shapes": shapes.check,
}
"""Every check by its name."""


def run_checks(dataset: Dataset, *, exact: bool = False) -> list[Problem]:
    """Return what all checks find, sorted; ``exact`` is for the shapes."""
    checks = dict(CHECKS)
    checks["shapes"] = partial(shapes.check, exact=exact)
    problems = [problem for check in checks.values() for problem in check(dataset)]
    return sorted(problems, key=lambda p: (p.place, p.severity, p.check, p.message))
