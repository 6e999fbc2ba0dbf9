"""A folder built in shards: survey, mapping, joining, writing, checks, merging, in this order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from kg.exporters import describe, write_file
from kg.exporters.dcat import File
from kg.looseends import Met, told
from kg.shards.crew import each
from kg.shards.joining import Joined, join
from kg.shards.mapping import map_shard
from kg.shards.merging import Merging
from kg.shards.survey import Survey
from kg.shards.writing import write_shard
from kg.summary import Summary

Progress = Callable[[int, int], None]
"""Is told how many of how many shards are done."""


class Building:
    """The building of one folder, which has been surveyed; each step follows the one before."""

    def __init__(self, survey: Survey, directory: Path, workers: int) -> None:
        """Take the survey, a directory for what is laid aside, and how many processes to use."""
        self.survey, self.directory, self.workers = survey, directory, workers
        self.problems = [*survey.problems]
        self.summary = Summary()
        self._prefixes: dict[str, set[str]] = {}

    def map(self, progress: Progress) -> Joined:
        """Map all shards, and join them."""
        task = partial(map_shard, self.survey, self.directory)
        for done, _ in enumerate(each(task, len(self.survey.shards), self.workers)):
            progress(done + 1, len(self.survey.shards))
        self.joined = join(self.survey, self.directory)
        self.problems += self.joined.problems
        return self.joined

    def write(self, progress: Progress) -> None:
        """Write the pieces of all shards."""
        task = partial(write_shard, self.survey, self.joined, self.directory)
        met: list[Met] = []
        for done, written in enumerate(each(task, len(self.survey.shards), self.workers)):
            progress(done + 1, len(self.survey.shards))
            self.summary.add(written.summary)
            met += written.met
            for name, used in written.prefixes.items():
                self._prefixes.setdefault(name, set()).update(used)
        self.problems += told(met)
        head = self.joined.head
        self.summary.conflicts = len(head.conflicts)
        self.summary.tally.add(head.asserted)

    @property
    def read(self) -> list[str]:
        """The paths of the articles and fact files that were read."""
        return [path for seed in self.survey.seeds.values() for path in (seed.path, seed.facts_path)]

    def merge(self, out: Path) -> list[File]:
        """Write the dumps into a directory, and what describes them; return all files."""
        merging = Merging(self.joined, self.directory, len(self.survey.shards))
        names = list(merging.dumps)

        def dump(number: int) -> File:
            name = names[number]
            used = self._prefixes.get(name, set())
            return write_file(out, name, merging.dumps[name](used))

        files = [*each(dump, len(names), self.workers)]
        return describe(self.survey.outline, self.summary, out, files)
