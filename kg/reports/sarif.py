"""Findings in the Static Analysis Results Interchange Format, SARIF 2.1.0.

GitHub's code scanning and many editors read it. Paths are relative to ``SRCROOT``, the root of the
repository; files that come with kgpress are relative to ``KGPRESS``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from kg import __version__
from kg.checklist import Check
from kg.folder import SHIPPED
from kg.model import Place, Problem, Severity
from kg.reports.findings import Findings, fingerprints
from kg.reports.text import json_text, printable, told

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
BASES = {
    "SRCROOT": "The root of the repository, or the directory in which kg was run.",
    "KGPRESS": "The directory that holds the ontology and the shapes of kgpress.",
}


def report(findings: Findings) -> str:
    """Return the findings as a SARIF log of one run."""
    rules = {name: number for number, name in enumerate(findings.checks)}
    seen = {problem.see.path for problem in findings.problems if problem.see}
    artifacts = {path: number for number, path in enumerate(sorted({*findings.files, *seen}))}
    results = [
        {
            "ruleId": findings.check(problem).id,
            "ruleIndex": rules[problem.check],
            "level": LEVELS[problem.severity],
            "message": _message(told(problem)),
            "locations": [_location(problem.place, artifacts)],
            **_related(problem, artifacts),
            "partialFingerprints": {"kgFinding/v1": fingerprint},
        }
        for problem, fingerprint in zip(findings.problems, fingerprints(findings), strict=True)
    ]
    run = {
        "tool": {"driver": _driver(findings)},
        "originalUriBaseIds": {base: {"description": _message(s)} for base, s in BASES.items()},
        "artifacts": [{"location": _file(path)} for path in artifacts],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(log)


def _driver(findings: Findings) -> dict[str, Any]:
    return {
        "name": "kgpress",
        "semanticVersion": __version__,
        "rules": [_rule(check) for check in findings.checks.values()],
    }


def _rule(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": _message(check.finds),
        "fullDescription": _message(f"{check.finds} {check.help}"),
        "help": _message(check.help),
    }


def _location(place: Place, artifacts: dict[str, int]) -> dict[str, Any]:
    file = {**_file(place.path), "index": artifacts[place.path]}
    region = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": {"artifactLocation": file, "region": region}}


def _related(problem: Problem, artifacts: dict[str, int]) -> dict[str, Any]:
    if problem.see is None:
        return {}
    passage = {"message": _message("The passage of the article.")}
    return {"relatedLocations": [{"id": 1, **_location(problem.see, artifacts), **passage}]}


def _file(path: str) -> dict[str, Any]:
    base = "KGPRESS" if path.startswith(SHIPPED) else "SRCROOT"
    relative = path.removeprefix(SHIPPED)
    return {"uri": quote(relative.encode("utf-8", "surrogateescape")), "uriBaseId": base}


def _message(text: str) -> dict[str, str]:
    """Return a message in which nothing is a placeholder (3.11.5) or a link (3.11.6)."""
    plain = printable(text).replace("](", "] (").replace("{", "{{").replace("}", "}}")
    return {"text": plain}
