"""SHACL: what the shapes have to say of the facts, in three passes.

The asserted graph; its evidence; and what is recorded without being asserted, as if it were so.
Shapes run in a child (`kg.checks.validator`): a shape is a program, and a single ``sh:pattern`` can
take longer than anyone waits. There, a sieve (`kg.sieve`) finds who may break a shape, and pySHACL
judges them; docs/validation.md says how.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from kg.checks.child import run
from kg.checks.job import Homes, Parts, Result, Scope, passes, scope, write_ontology, write_shapes
from kg.checks.results import told
from kg.checks.sourced import FILES, lines
from kg.dataset import Dataset
from kg.iris import EVIDENCE
from kg.model import Problem
from kg.packed import write_lines

TIME_LIMIT = 120.0
"""Seconds that all passes together may take."""

MEMORY = 4 << 30
"""Bytes of address space that the child may take."""


@dataclass
class Judged:
    """What was found in the parts that were judged."""

    results: dict[str, list[Result]] = field(default_factory=dict)
    """As JSON, by the part (`kg.checks.job.TOGETHER`: of all of them); complete if nothing failed.

    Results of other parts may be added that were found when these were as they are now.
    """
    failures: list[Problem] = field(default_factory=list)
    """What kept it from its end."""
    homes: Homes = field(default_factory=Homes)


def check(
    dataset: Dataset, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate a dataset against the shapes of kgpress and of its folder.

    ``exact`` has pySHACL judge everything, not only what the sieve holds back.
    """
    if dataset.description is None:
        return []
    with tempfile.TemporaryDirectory(prefix="kg-shapes-") as name:
        for file in FILES:
            refers = lines(dataset, "types") if file == "evidence" else ()
            for end, found in ((file, lines(dataset, file)), (f"{file}-types", refers)):
                write_lines(Path(name, f"whole.{end}"), found)
        parts = Parts(Path(name), ["whole"], lambda *_: dataset, dataset.called)
        return validate(dataset, parts, time_limit, exact=exact)


def validate(
    dataset: Dataset, parts: Parts, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate what parts of a dataset hold, of which only the description is asked here."""
    return problems(parts, judge(dataset, parts, time_limit, exact=exact))


def judge(
    dataset: Dataset,
    parts: Parts,
    time_limit: float = TIME_LIMIT,
    *,
    exact: bool = False,
    only: Collection[str] | None = None,
) -> Judged:
    """Return the results of parts.

    ``only`` some are judged, where results of a part depend on nothing in the others. Where they
    may (`kg.checks.job.Scope`), all are, whatever was asked for.
    """
    directory = parts.directory
    files, homes, failures = write_shapes(directory, dataset.folder)
    if failures or not files:
        return Judged(failures=failures)
    write_ontology(directory, dataset)
    seen = scope(dataset.folder)
    names = parts.names if only is None or seen is not Scope.PART else only
    job = {
        "shapes": files,
        "passes": list(passes(parts, seen, names)),
        "evidence": [f"{dataset.iris.base}{part}/" for part in EVIDENCE],
        "prefixes": dataset.vocabulary.prefixes,
        "exact": exact,
        "memory": MEMORY,
        "seconds": math.ceil(time_limit) + 10,  # an end, should nobody be left to kill it
    }
    (directory / "job.json").write_text(json.dumps(job))
    found, failures = run(directory, time_limit, homes)
    judged = Judged({name: [] for name in names}, failures, homes)
    for result in found:
        judged.results.setdefault(result.pop("part"), []).append(result)
    return judged


def problems(parts: Parts, judged: Judged) -> list[Problem]:
    """Return the problems that results tell of, and what kept more from being found."""
    found = [*judged.failures, *told(parts, judged.results, judged.homes)]
    return sorted(set(found), key=lambda p: (p.place, p.check, p.message, p.mend, str(p.see)))
