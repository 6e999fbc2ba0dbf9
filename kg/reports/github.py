"""Findings as workflow commands of GitHub Actions: each becomes an annotation at its line.

Of each severity GitHub shows the first ten of a step; the log has all.
"""

from __future__ import annotations

from kg.model import Problem, Severity
from kg.reports.findings import Findings
from kg.reports.text import printable, summary, told

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def report(findings: Findings) -> str:
    """Return a command for each problem, then a notice that counts them."""
    commands = [_command(problem, findings) for problem in findings.problems]
    commands.append(f"::notice title=kg check::{_data(summary(findings))}")
    return "".join(f"{command}\n" for command in commands)


def _command(problem: Problem, findings: Findings) -> str:
    place = problem.place
    properties = {
        "file": place.path,
        "line": str(place.line),
        "col": str(place.column),
        "title": findings.check(problem).id,
    }
    listed = ",".join(f"{name}={_property(text)}" for name, text in properties.items())
    see = f" (see {problem.see})" if problem.see else ""
    return f"::{COMMANDS[problem.severity]} {listed}::{_data(told(problem) + see)}"


def _data(text: str) -> str:
    return visible(text).translate(_DATA)


def _property(text: str) -> str:
    return visible(text).translate(_PROPERTY)


def visible(text: str) -> str:
    """Return a text that harms no terminal, with its line breaks, which the commands escape."""
    return "".join(c if c in "\r\n" else printable(c) for c in text)
