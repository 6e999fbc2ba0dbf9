"""Findings as JUnit XML: a case for each file, which fails if the file has errors.

Warnings and the like are output of their case, which passes. There are no times, and no host: the
same findings give the same bytes.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kg.model import Problem, Severity
from kg.reports.findings import Findings
from kg.reports.text import line, printable

SUITE = "kg check"
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def report(findings: Findings) -> str:
    """Return the findings as a document with one test suite."""
    of_file: dict[str, list[Problem]] = {path: [] for path in findings.files}
    for problem in findings.problems:
        of_file[problem.place.path].append(problem)
    cases = [_case(path, problems, findings) for path, problems in of_file.items()]
    failures = sum(case.find("failure") is not None for case in cases)
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0"}
    root = Element("testsuites", {"name": SUITE, **counts})
    SubElement(root, "testsuite", {"name": SUITE, **counts, "skipped": "0"}).extend(cases)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(path: str, problems: list[Problem], findings: Findings) -> Element:
    case = Element("testcase", {"classname": SUITE, "name": _text(path)})
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    others = [problem for problem in problems if problem.severity is not Severity.ERROR]
    if errors:
        first = errors[0]
        more = f" (and {len(errors) - 1:,} more)" if errors[1:] else ""
        message, check = _text(first.message) + more, findings.check(first).id
        failure = SubElement(case, "failure", {"message": message, "type": _text(check)})
        failure.text = _lines(errors)
    if others:
        SubElement(case, "system-out").text = _lines(others)
    return case


def _lines(problems: list[Problem]) -> str:
    return "".join(f"{_legal(line(problem))}\n" for problem in problems)


def _text(text: str) -> str:
    return _legal(printable(text))


def _legal(text: str) -> str:
    """Return a text with escapes for the characters that XML cannot hold."""
    return _NO_XML.sub(lambda match: f"\\u{{{ord(match[0]):X}}}", text)
