"""Findings as one JSON object: for scripts. ``docs/ci.md`` says what its members mean."""

from __future__ import annotations

from typing import Any

from kg import __version__
from kg.model import Place, Problem
from kg.reports.findings import Findings
from kg.reports.text import json_text

VERSION = 1
"""Of the form of this report: it grows when a member is taken away or changes its meaning."""


def report(findings: Findings) -> str:
    """Return the findings as one JSON object."""
    data = {
        "version": VERSION,
        "kgpress": __version__,
        "facts": findings.facts,
        "claims": findings.claims,
        "files": findings.files,
        "counts": findings.counts,
        "problems": [_problem(problem, findings) for problem in findings.problems],
    }
    return json_text(data)


def _problem(problem: Problem, findings: Findings) -> dict[str, Any]:
    return {
        **_place(problem.place),
        "severity": problem.severity,
        "check": findings.check(problem).id,
        "message": problem.message,
        "mend": problem.mend,
        "see": _place(problem.see) if problem.see else None,
    }


def _place(place: Place) -> dict[str, Any]:
    return place._asdict()
