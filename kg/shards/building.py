"""A folder built in shards: survey, mapping, joining, writing, checks, merging, in this order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
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
from kg.shards.basis import Shard
from kg.shards.crew import Crew, Processes
from kg.shards.files import ASIDE, taken_up
from kg.shards.joining import between, join
from kg.shards.judged import write_between
from kg.shards.mapping import map_shard
from kg.shards.merging import Merging
from kg.shards.places import Places
from kg.shards.results import Results
from kg.shards.survey import Survey
from kg.shards.views import View, view
from kg.shards.writing import Writing, informed, write_shard
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
        places: Places,
        work: Path,
        crew: Crew,
        mergers: Processes,
        shapes: Validator,
    ) -> None:
        """Take the survey, where the parts of shards lie, and a directory for the rest.

        A crew maps and writes shards; what it has written is merged on this machine, by others. The
        shapes validate what is in ``work``.
        """
        self.survey, self.places, self.work = survey, places, work
        self.crew, self.mergers, self.shapes = crew, mergers, shapes
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

        def item(number: int) -> tuple[Path, Shard]:
            return self.places.far[number], self.survey.shard(number, sent=not self.crew.at_hand)

        with settled():
            mapped = self.crew.each(map_shard, self.survey.basis, item, count)
            for number, _ in enumerate(mapped):
                self.places.bring(number)
                progress(number + 1, count)
        self.joined = join(self.survey, self.places.near)
        self.facts, self.claims = self.joined.facts, self.joined.claims
        self.problems += self.joined.problems

    def write(self, dumps: Collection[str], progress: Progress) -> None:
        """Write the pieces of dumps, and what is validated."""
        count, writing = len(self.places), Writing(self.survey.basis, dumps)
        met: list[Met] = []

        def item(number: int) -> tuple[Path, View]:
            spoken = taken_up(self.places.near[number] / "spoken")
            return self.places.far[number], view(self.joined, spoken)

        with settled():
            for number, written in enumerate(self.crew.each(write_shard, writing, item, count)):
                self.places.bring(number)
                progress(number + 1, count)
                self.summary.add(written.summary)
                met += written.met
                for name, used in written.prefixes.items():
                    self._prefixes.setdefault(name, set()).update(used)
        head = self.joined.head
        self.summary.links = len(head.links)
        self.summary.conflicts = len(head.conflicts)
        self.summary.tally.add(head.asserted)
        self.problems += told(met)
        self.crew.leave()

    def check(self) -> list[Problem]:
        """Return what the checks find (`kg.checks`)."""
        outline, head = self.survey.outline, self.joined.head
        sides = between(self.survey, self.joined)
        write_between(self.work / BETWEEN, sides, self.joined)
        places = {str(place / "judged"): place for place in self.places.near}

        def dataset(part: str, judged: str) -> Dataset:
            if part != BETWEEN:
                seen = view(self.joined, taken_up(places[part] / "spoken"))
                return informed(self.survey.basis, seen, places[part])
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
        merging = Merging(self.joined, self.places.near, self.work)

        def dump(merging: Merging, name: str) -> list[File]:
            chunks = merging.dump(name, self._prefixes.get(name, set()))
            return write_file(out, name, chunks, compress=compress)

        written = self.mergers.each(dump, merging, dumps.__getitem__, len(dumps))
        files = [file for found in written for file in found]
        return describe(self.survey.outline, self.summary, out, files)

    def republish(self, out: Path) -> None:
        """Copy the articles that are republished whole to where they are published."""
        for place in self.places.near:
            for file in (place / "file").glob("*/*"):
                # Of workers that were killed there may be files of which the half is written.
                if not file.name.startswith(ASIDE):
                    target = out / file.relative_to(place)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, target)
