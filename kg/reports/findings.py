"""What a check found, as every report needs it: problems at files of the repository."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg.checklist import Check, checks_of
from kg.folder import SHIPPED
from kg.model import Place, Problem, Severity

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Findings:
    """The problems of a folder, and what was checked."""

    problems: tuple[Problem, ...]
    checks: Mapping[str, Check]
    """The checks by what problems call them: all there are, and the SHACL shapes that are met."""
    files: tuple[str, ...]
    """Every article and fact file that was read, and every file with a problem, sorted."""
    facts: int = 0
    claims: int = 0

    def check(self, problem: Problem) -> Check:
        """Return the check that found a problem."""
        return self.checks[problem.check]

    @property
    def counts(self) -> dict[Severity, int]:
        """How many problems of each severity there are."""
        counted = Counter(problem.severity for problem in self.problems)
        return {severity: counted[severity] for severity in Severity}


def find(
    folder: Path,
    read: Iterable[str],
    problems: Iterable[Problem],
    prefix: str = "",
    *,
    facts: int = 0,
    claims: int = 0,
) -> Findings:
    """Return the findings of a folder's problems, every path of the folder after a prefix.

    ``read`` are the paths of the articles and fact files that were read.
    """
    moved = tuple(_moved(problem, prefix) for problem in problems)
    return Findings(
        problems=moved,
        checks=checks_of((problem.check for problem in moved), folder),
        files=tuple(sorted({prefix + path for path in read} | {p.place.path for p in moved})),
        facts=facts,
        claims=claims,
    )


def prefix_of(folder: Path) -> str:
    """Return what to put before paths of a folder, so that they are those of the repository.

    They begin at the root of the git repository around the folder, or without one, at the current
    directory; for a folder that lies elsewhere, they begin with its path as it was given.
    """
    real = Path(os.path.realpath(folder))
    here = Path(os.path.realpath("."))
    root = next((home for home in (real, *real.parents) if (home / ".git").exists()), here)
    shown = real.relative_to(root) if real.is_relative_to(root) else folder
    return "" if shown == Path() else f"{shown.as_posix()}/".replace("//", "/")


def _moved(problem: Problem, prefix: str) -> Problem:
    see = problem.see and _put(problem.see, prefix)
    return replace(problem, place=_put(problem.place, prefix), see=see)


def _put(place: Place, prefix: str) -> Place:
    return place if place.path.startswith(SHIPPED) else place._replace(path=prefix + place.path)


def fingerprints(findings: Findings) -> list[str]:
    """Return for each problem what stays the same when lines are added above it.

    It is a hash of the check, the file and the message, whose numbers do not count (some are line
    numbers); problems that are alike in these are counted.
    """
    seen = Counter[str]()
    prints = []
    for problem in findings.problems:
        message = re.sub(r"\d+", "0", problem.message)
        parts = [findings.check(problem).id, problem.place.path, message]
        line = json.dumps(parts)
        seen[line] += 1
        prints.append(hashlib.sha256(f"{line}{seen[line]}".encode()).hexdigest()[:32])
    return prints
