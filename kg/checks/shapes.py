"""SHACL: what the shapes have to say of the facts, in three passes.

The asserted graph; its evidence; and what is recorded without being asserted, as if it were so.
Shapes run in a child (`kg.checks.validator`): a shape is a program, and a single ``sh:pattern`` can
take longer than anyone waits. There, a sieve (`kg.sieve`) finds who may break a shape, and pySHACL
judges them; docs/validation.md says how.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from kg.checks.child import Child
from kg.checks.job import Homes, Parts, Result, Scope, passes, scope, write_ontology, write_shapes
from kg.checks.results import told
from kg.checks.sourced import FILES, lines
from kg.dataset import Dataset
from kg.iris import EVIDENCE
from kg.memory import Memory
from kg.model import Problem
from kg.packed import write_lines

TIME_LIMIT = 120.0
"""Seconds that all passes together may take."""

MEMORY = 4 << 30
"""Bytes of address space that a child may take."""

MANY = 4
"""Parts from which on one more child is worth its start."""


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


class Validator:
    """The shapes of a folder, and a child that may load them while what they judge is made.

    Several parts may be judged by several children.
    """

    def __init__(
        self,
        folder: Path,
        directory: Path,
        *,
        exact: bool = False,
        workers: int = 1,
        memory: Memory | None = None,
    ) -> None:
        """Take a directory for what children are given, and how many there may be.

        ``exact`` has pySHACL judge everything, not only what the sieve holds back. Of ``memory``
        the first child has a share beside the workers, and those that judge have what there is.
        """
        self.folder, self.directory, self.exact = folder, directory, exact
        self.files, self.homes, self.failures = Homes(), Homes(), list[Problem]()
        self.workers, self.memory, self.children = workers, memory, list[Child]()

    def start(self) -> None:
        """Have a child load the shapes, if none has been told yet and there are any."""
        if self.children:
            return
        self.files, self.homes, self.failures = write_shapes(self.directory, self.folder)
        write_ontology(self.directory, self.folder)
        if self.files and not self.failures:
            self._add(self._share(self._room(beside=1) + 1))

    def _room(self, *, beside: int = 0) -> int:
        return self.memory.room(self.workers, beside) if self.memory else self.workers

    def _share(self, processes: int) -> int:
        return self.memory.share(processes) if self.memory else 0

    def _add(self, share: int) -> None:
        limits = {"memory": MEMORY, "share": share, "seconds": math.ceil(TIME_LIMIT)}
        given = {"files": self.files, "exact": self.exact, **limits}
        self.children.append(Child(self.directory, f"child{len(self.children)}", given))

    def __enter__(self) -> Validator:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the children that are still there."""
        for child in self.children:
            child.stop()

    def validate(self, dataset: Dataset, parts: Parts, time_limit: float) -> list[Problem]:
        """Validate what parts of a dataset hold, of which only the description is asked here."""
        return problems(parts, self.judge(dataset, parts, time_limit))

    def judge(
        self,
        dataset: Dataset,
        parts: Parts,
        time_limit: float = TIME_LIMIT,
        *,
        only: Collection[str] | None = None,
    ) -> Judged:
        """Return the results of parts that are in the directory; a validator does so once.

        ``only`` some are judged, where results of a part depend on nothing in the others. Where
        they may (`kg.checks.job.Scope`), all are, whatever was asked for.
        """
        self.start()
        if not self.children:
            return Judged(failures=self.failures)
        seen, groups = scope(self.directory, self.files), [parts.names]
        if seen is Scope.PART:
            names = sorted(parts.names if only is None else only)
            count = max(1, min(self._room(), len(names) // MANY))
            groups = [names[number::count] for number in range(count)]
        share = self._share(len(groups))
        while len(self.children) < len(groups):
            self._add(share)

        def run(child: Child, names: Sequence[str]) -> tuple[list[Result], list[Problem]]:
            job = {
                "passes": list(passes(parts, seen, names)),
                "evidence": [f"{dataset.iris.base}{part}/" for part in EVIDENCE],
                "prefixes": dataset.vocabulary.prefixes,
                "share": share,
                "seconds": math.ceil(time_limit) + 10,  # an end, should nobody be left to kill it
            }
            return child.run(job, time_limit, self.homes)

        judged = Judged({name: [] for names in groups for name in names}, homes=self.homes)
        with ThreadPoolExecutor(len(groups)) as pool:
            try:
                for found, failures in pool.map(run, self.children, groups):
                    judged.failures += failures
                    for result in found:
                        judged.results.setdefault(result.pop("part"), []).append(result)
            except BaseException:
                for child in self.children:  # for which the threads wait
                    child.kill()
                raise
        return judged


def check(
    dataset: Dataset, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate a dataset against the shapes of kgpress and of its folder."""
    if dataset.description is None:
        return []
    with (
        tempfile.TemporaryDirectory(prefix="kg-shapes-") as name,
        Validator(dataset.folder, Path(name), exact=exact) as validator,
    ):
        for file in FILES:
            refers = lines(dataset, "types") if file == "evidence" else ()
            for end, found in ((file, lines(dataset, file)), (f"{file}-types", refers)):
                write_lines(Path(name, f"whole.{end}"), found)
        parts = Parts(Path(name), ["whole"], lambda *_: dataset, dataset.called)
        return validator.validate(dataset, parts, time_limit)


def problems(parts: Parts, judged: Judged) -> list[Problem]:
    """Return the problems that results tell of, and what kept more from being found."""
    found = [*judged.failures, *told(parts, judged.results, judged.homes)]
    return sorted(set(found), key=lambda p: (p.place, p.check, p.message, p.mend, str(p.see)))
