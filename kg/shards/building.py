"""A folder built in shards: survey, mapping, joining, writing, checks, merging, in this order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kg import republishing
from kg.checks import conflicts, shapes
from kg.checks.job import Parts
from kg.dataset import Dataset
from kg.exporters import describe, write_file
from kg.exporters.dcat import File
from kg.garbage import settled
from kg.looseends import Met, told
from kg.model import Problem
from kg.shards.basis import Shard
from kg.shards.crew import Crew, Processes
from kg.shards.files import ASIDE, taken_up
from kg.shards.joining import between, join
from kg.shards.judged import write_between
from kg.shards.mapping import map_shard
from kg.shards.merging import Merging
from kg.shards.places import Places
from kg.shards.survey import Survey
from kg.shards.views import View, view
from kg.shards.writing import Writing, informed, write_shard
from kg.summary import Summary

SECONDS = 0.001
"""How much longer than a few claims one more may take to validate, of time on the clock."""

Progress = Callable[[int, int], None]
"""Is told how many of how many shards are done."""


class Building:
    """The building of one folder, which has been surveyed; each step follows the one before."""

    def __init__(
        self, survey: Survey, places: Places, work: Path, crew: Crew, mergers: Processes
    ) -> None:
        """Take the survey, where the parts of shards lie, and a directory for the rest.

        A crew maps and writes shards; what it has written is merged on this machine, by others.
        """
        self.survey, self.places, self.work = survey, places, work
        self.crew, self.mergers = crew, mergers
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
        """Map all shards, and join them."""
        count = len(self.places)

        def item(number: int) -> tuple[Path, Shard]:
            return self.places.far[number], self.survey.shard(number)

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

    def check(self, exact: bool) -> list[Problem]:
        """Return what the checks find (`kg.checks`)."""
        outline, head = self.survey.outline, self.joined.head
        names = [str(place / "judged") for place in self.places.near]
        sides = between(self.survey, self.joined)
        write_between(self.work / "between", sides, self.joined)

        def datasets() -> Iterator[Dataset]:
            for place in self.places.near:
                seen = view(self.joined, taken_up(place / "spoken"))
                yield informed(self.survey.basis, seen, place)
            # The claims of these were among those of the shards.
            yield replace(sides, claims=[], links=head.links)

        parts = Parts(self.work, [*names, "between"], datasets, head.called)
        limit = shapes.TIME_LIMIT + self.claims * SECONDS
        return [
            *conflicts.check(head),
            *republishing.check(outline),
            *shapes.validate(outline, parts, limit, exact=exact),
        ]

    def merge(self, out: Path, dumps: Sequence[str]) -> list[File]:
        """Write dumps into a directory, and what describes them; return all files."""
        merging = Merging(self.joined, self.places.near, self.work)

        def dump(merging: Merging, name: str) -> File:
            return write_file(out, name, merging.dumps[name](self._prefixes.get(name, set())))

        files = [*self.mergers.each(dump, merging, dumps.__getitem__, len(dumps))]
        return describe(self.survey.outline, self.summary, out, files)

    def republish(self, out: Path) -> None:
        """Copy the articles that are republished whole to where they are published."""
        for place in self.places.near:
            if (place / "file").exists():
                # Of workers that were killed there may be files of which the half is written.
                unfinished = shutil.ignore_patterns(f"{ASIDE}*")
                shutil.copytree(place / "file", out / "file", ignore=unfinished, dirs_exist_ok=True)
