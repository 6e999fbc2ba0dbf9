"""Problems as lines: ``path:line:column: severity: what is wrong; how to mend it``."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from kg.model import Problem, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def line(problem: Problem) -> str:
    """Return one line, without its end, for a problem."""
    mend = f"; {problem.mend}" if problem.mend else ""
    see = f" (see {problem.see})" if problem.see else ""
    return printable(f"{problem.place}: {problem.severity}: {problem.message}{mend}{see}")


def printable(text: str) -> str:
    """Return a text that can harm no terminal: control and invisible characters as escapes."""
    return "".join(
        f"\\u{{{ord(c):X}}}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in text
    )


def counted(problems: Iterable[Problem]) -> str:
    """Return how many problems of each severity there are, in words."""
    severities = [problem.severity for problem in problems]
    parts = [
        f"{n:,} {severity}{'s' * (n != 1)}"
        for severity in Severity
        if (n := severities.count(severity))
    ]
    return ", ".join(parts) or "no problems"
