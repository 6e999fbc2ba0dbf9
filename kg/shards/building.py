"""A folder built in shards: survey, mapping, joining, writing, checks, merging, in this order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from kg import republishing
from kg.checks import conflicts
from kg.checks.job import Parts
from kg.checks.shapes import TIME_LIMIT, Validator
from kg.dataset import Dataset
from kg.exporters import describe, write_file
from kg.exporters.dcat import File
from kg.garbage import settled
from kg.looseends import Met, told
from kg.model import Problem, Severity
from kg.shards.crew import each
from kg.shards.joining import between, join
from kg.shards.judged import write_between
from kg.shards.mapping import map_shard
from kg.shards.merging import Merging
from kg.shards.survey import Survey
from kg.shards.telling import Made
from kg.shards.writing import informed, write_shard
from kg.summary import Summary

SECONDS = 0.001
"""How much longer than a few claims one more may take to validate, of time on the clock."""

Progress = Callable[[int, int], None]
"""Is told how many of how many shards are done."""


class Building:
    """The building of one folder, which has been surveyed; each step follows the one before."""

    def __init__(self, survey: Survey, directory: Path, workers: int, shapes: Validator) -> None:
        """Take the survey, a directory for what is laid aside, and how many processes to use.

        The shapes validate what is in this directory.
        """
        self.shapes = shapes
        self.survey, self.directory, self.workers = survey, directory, workers
        self.problems = [*survey.problems]
        """Those met so far, but for those of the outline."""
        self.summary = Summary()
        self.facts = self.claims = 0
        self._prefixes: dict[str, set[str]] = {}

    @property
    def read(self) -> list[str]:
        """The paths of the articles and fact files that were read."""
        return [p for seed in self.survey.seeds.values() for p in (seed.path, seed.facts_path)]

    def map(self, progress: Progress) -> None:
        """Map all shards, and join them; shapes are loaded meanwhile, unless something is wrong."""
        met = self.problems + self.survey.outline.problems
        if not any(problem.severity is Severity.ERROR for problem in met):
            self.shapes.start()
        count = len(self.survey.shards)
        task = partial(map_shard, self.survey, self.directory)
        with settled():
            for done, _ in enumerate(each(task, count, self.workers), 1):
                progress(done, count)
        self.joined = join(self.survey, self.directory)
        self.facts, self.claims = self.joined.facts, self.joined.claims
        self.problems += self.joined.problems

    def write(self, dumps: Collection[str], progress: Progress) -> None:
        """Write the pieces of dumps, and what is validated."""
        count = len(self.survey.shards)
        task = partial(write_shard, self.survey, self.joined, self.directory, dumps, Made())
        met: list[Met] = []
        with settled():
            for done, written in enumerate(each(task, count, self.workers), 1):
                progress(done, count)
                self.summary.add(written.summary)
                met += written.met
                for name, used in written.prefixes.items():
                    self._prefixes.setdefault(name, set()).update(used)
        head = self.joined.head
        self.summary.links = len(head.links)
        self.summary.conflicts = len(head.conflicts)
        self.summary.tally.add(head.asserted)
        self.problems += told(met)

    def check(self) -> list[Problem]:
        """Return what the checks find (`kg.checks`)."""
        outline, head = self.survey.outline, self.joined.head
        shards = [str(number) for number in range(len(self.survey.shards))]
        sides = between(self.survey, self.joined)
        write_between(self.directory / "between", sides, self.joined)

        def dataset(part: str, judged: str) -> Dataset:
            if part != "between":
                return informed(self.survey, self.joined, self.directory, int(part))
            # Of evidence, all but conflicts is told in shards, too.
            return replace(sides, claims=[]) if judged == "evidence" else head

        parts = Parts(self.directory, [*shards, "between"], dataset, head.called)
        limit = TIME_LIMIT + self.claims * SECONDS
        return [
            *conflicts.check(head),
            *republishing.check(outline),
            *self.shapes.validate(outline, parts, limit),
        ]

    def merge(self, out: Path, dumps: Sequence[str]) -> list[File]:
        """Write dumps into a directory, and what describes them; return all files."""
        merging = Merging(self.joined, self.directory, len(self.survey.shards))

        def dump(number: int) -> File:
            name = dumps[number]
            return write_file(out, name, merging.dumps[name](self._prefixes.get(name, set())))

        files = [*each(dump, len(dumps), self.workers)]
        return describe(self.survey.outline, self.summary, out, files)

    def republish(self, out: Path) -> None:
        """Move the articles that are republished whole to where they are published."""
        if (self.directory / "file").exists():
            shutil.move(self.directory / "file", out / "file")
