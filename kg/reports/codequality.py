"""Findings as GitLab shows the quality of code: in a merge request, beside its lines."""

from __future__ import annotations

from kg.model import Severity
from kg.reports.findings import Findings, fingerprints
from kg.reports.text import json_text, printable, told

SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def report(findings: Findings) -> str:
    """Return the findings as a JSON array of issues."""
    issues = [
        {
            "description": printable(told(problem)),
            "check_name": findings.check(problem).id,
            "fingerprint": fingerprint,
            "severity": SEVERITIES[problem.severity],
            "location": {"path": problem.place.path, "lines": {"begin": problem.place.line}},
        }
        for problem, fingerprint in zip(findings.problems, fingerprints(findings), strict=True)
    ]
    return json_text(issues)
