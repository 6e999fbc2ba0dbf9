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
from kg.checks.shapes import TIME_LIMIT, Validator, problems
from kg.dataset import Dataset
from kg.exporters import describe, write_file
from kg.exporters.dcat import File
from kg.garbage import settled
from kg.looseends import Met, told
from kg.model import Problem, Severity
from kg.shards.crew import each
from kg.shards.joining import between, join
from kg.shards.judged import write_between
from kg.shards.mapping import map_shard, taken_up
from kg.shards.merging import Merging
from kg.shards.results import Results
from kg.shards.survey import Survey
from kg.shards.telling import Made
from kg.shards.views import view
from kg.shards.writing import informed, write_shard
from kg.summary import Summary

BETWEEN = "between"
"""The part of what is validated that is told by several shards."""

SECONDS = 0.001
"""How much longer than a few claims one more may take to validate, of time on the clock."""

Progress = Callable[[int, int], None]
"""Is told how many of how many shards are done."""


class Building:
    """The building of one folder, which has been surveyed; each step follows the one before."""

    def __init__(
        self,
        survey: Survey,
        places: Sequence[Path],
        work: Path,
        workers: int,
        shapes: Validator,
    ) -> None:
        """Take the survey, a directory for each shard and one for the rest.

        ``workers`` is how many processes are at work. The shapes validate what is in ``work``.
        """
        self.survey, self.places, self.work, self.workers = survey, places, work, workers
        self.shapes = shapes
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
        count = len(self.places)
        task = partial(map_shard, self.survey, self.places)
        with settled():
            for done, _ in enumerate(each(task, count, self.workers), 1):
                progress(done, count)
        self.joined = join(self.survey, self.places)
        self.facts, self.claims = self.joined.facts, self.joined.claims
        self.problems += self.joined.problems

    def write(self, dumps: Collection[str], progress: Progress) -> None:
        """Write the pieces of dumps, and what is validated."""
        count = len(self.places)
        task = partial(write_shard, self.survey, self.joined, self.places, dumps, Made())
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
        sides = between(self.survey, self.joined)
        write_between(self.work / BETWEEN, sides, self.joined)
        places = {str(place / "judged"): place for place in self.places}

        def dataset(part: str, judged: str) -> Dataset:
            if part != BETWEEN:
                place = places[part]
                return informed(self.survey, view(self.joined, taken_up(place / "spoken")), place)
            # Of evidence, all but conflicts is told in shards, too.
            return replace(sides, claims=[]) if judged == "evidence" else head

        parts = Parts(self.work, [*places, BETWEEN], dataset, head.called)
        limit = TIME_LIMIT + self.claims * SECONDS
        kept = Results(places, outline.folder, exact=self.shapes.exact)
        judged = self.shapes.judge(outline, parts, limit, only={*parts.names} - {*kept})
        return [
            *conflicts.check(head),
            *republishing.check(outline),
            *problems(parts, kept.joined(judged)),
        ]

    def merge(self, out: Path, dumps: Sequence[str], compress: bool) -> list[File]:
        """Write dumps into a directory, and what describes them; return all files."""
        merging = Merging(self.joined, self.places, self.work)

        def dump(number: int) -> list[File]:
            name = dumps[number]
            chunks = merging.dump(name, self._prefixes.get(name, set()))
            return write_file(out, name, chunks, compress=compress)

        files = [file for found in each(dump, len(dumps), self.workers) for file in found]
        return describe(self.survey.outline, self.summary, out, files)

    def republish(self, out: Path) -> None:
        """Copy the articles that are republished whole to where they are published."""
        for place in self.places:
            if (place / "file").exists():
                shutil.copytree(place / "file", out / "file", dirs_exist_ok=True)
