"""Problems as lines: ``path:line:column: severity: what is wrong; how to mend it``, and tables."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from kg.model import Problem, Severity

if TYPE_CHECKING:
    from kg.reports.findings import Findings

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


def report(findings: Findings) -> str:
    """Return a line for each problem, and the summary."""
    return "".join(f"{each}\n" for each in (*map(line, findings.problems), summary(findings)))


def summary(findings: Findings) -> str:
    """Return in one line how much was checked and how many problems there are."""
    said = f"{many(findings.facts, 'fact')}, {many(findings.claims, 'claim')}"
    return f"{said}: {counted(findings.problems)}"


def line(problem: Problem) -> str:
    """Return one line, without its end, for a problem."""
    see = f" (see {problem.see})" if problem.see else ""
    return printable(f"{problem.place}: {problem.severity}: {told(problem)}{see}")


def told(problem: Problem) -> str:
    """Return what is wrong and how to mend it, without the place, as it is: not `printable`."""
    mend = f"; {problem.mend}" if problem.mend else ""
    return f"{problem.message}{mend}"


def printable(text: str) -> str:
    """Return a text that can harm no terminal: control and invisible characters as escapes."""
    return _escaped(text, lambda c: f"\\u{{{ord(c):X}}}")


def json_text(data: object) -> str:
    """Return data as JSON that can harm no terminal either: it has escapes of its own for that."""
    lines = json.dumps(data, ensure_ascii=False, indent=2).split("\n")
    return "".join(_escaped(line, _json_escape) + "\n" for line in lines)


def _json_escape(c: str) -> str:
    return re.sub("(.{4})", r"\\u\1", c.encode("utf-16-be", "surrogatepass").hex())


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():  # seen at once, and nearly always so
        return text
    unseen = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(escape(c) if unicodedata.category(c) in unseen else c for c in text)


def counted(problems: Iterable[Problem]) -> str:
    """Return how many problems of each severity there are, in words."""
    severities = [problem.severity for problem in problems]
    found = [(severities.count(severity), severity) for severity in Severity]
    return ", ".join(many(count, severity) for count, severity in found if count) or "no problems"


def many(count: int, what: str) -> str:
    """Return how many there are of something, in one or in several."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes (Unicode UAX #11)."""
    return sum(
        2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text
    )


def table(
    names: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: bool = False
) -> Iterator[str]:
    """Yield the lines of a table; ``numbers``: all columns but the first end at the right."""
    lines = [names, *rows]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    for number, line in enumerate(lines):
        spaces = (" " * (w - width(cell)) for cell, w in zip(line, widths, strict=True))
        padded = (
            space + cell if numbers and column else cell + space
            for column, (cell, space) in enumerate(zip(line, spaces, strict=True))
        )
        yield "  ".join(padded).rstrip()
        if number == 0:
            yield "  ".join("─" * w for w in widths)
