"""One look through all fact files: by what names things go, and which articles belong together."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zlib import crc32

from kg.dataset import Dataset, outline
from kg.garbage import collector_paused
from kg.mappers import KINDS
from kg.model import Article, Problem
from kg.names import Gathering
from kg.seeds import Seed, list_seeds
from kg.shards.basis import Basis, Shard
from kg.shards.fingerprint import fingerprint
from kg.shards.looks import looks
from kg.ties import Ties


class Articles(Mapping[str, Article]):
    """Articles that are read when they are asked for, and not kept."""

    def __init__(self, seeds: Mapping[str, Seed]) -> None:
        """Take the seeds, all of which can be read."""
        self._seeds = seeds

    def __getitem__(self, name: str) -> Article:
        article = self._seeds[name].article()[0]
        if article is None:  # since it was read first, somebody changed it
            raise KeyError(name)
        return article

    def __iter__(self) -> Iterator[str]:
        return iter(self._seeds)

    def __len__(self) -> int:
        return len(self._seeds)


@dataclass
class Survey:
    """What is known of a folder before any fact is mapped."""

    outline: Dataset
    """The dataset without claims; its names are those of all articles."""
    problems: list[Problem]
    """Those of articles and fact files; the outline has its own."""
    fingerprint: str = ""
    """The digest of what all facts are mapped by, if anything is kept; else ''."""
    seeds: dict[str, Seed] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    """Of what was read, by the name of the article: it will be read once more."""
    shards: list[list[str]] = field(default_factory=list)
    """The names of the articles that are mapped together, in order."""
    spread: set[str] = field(default_factory=set)
    """The slugs of which several articles have facts."""
    troubled: set[str] = field(default_factory=set)
    """The paths of fact files that have problems already."""

    def keys(self) -> Iterator[str]:
        """Yield the key of each shard: the digest of all that it is mapped from, but for names."""
        for names in self.shards:
            articles = [
                (name, self.digests[name], self.seeds[name].facts_path in self.troubled)
                for name in names
            ]
            told = json.dumps([self.fingerprint, articles])
            yield hashlib.sha256(told.encode()).hexdigest()[:32]

    @cached_property
    def basis(self) -> Basis:
        """What all shards are mapped by."""
        known = self.outline
        return Basis(
            known.folder,
            known.vocabulary,
            {name: kind for name, kind in known.kinds.items() if KINDS.get(name) is not kind},
            known.description,
            known.names,
            {known.iris.thing(slug).value for slug in self.spread},
        )

    def shard(self, number: int, *, sent: bool) -> Shard:
        """Return a shard; if it is to be sent, with what is in its files now."""
        seeds = [self.seeds[name] for name in self.shards[number]]
        return Shard(
            seeds,
            [seed.files() if sent else None for seed in seeds],
            [self.digests[seed.name] for seed in seeds],
            self.troubled.intersection(seed.facts_path for seed in seeds),
        )


@collector_paused()
def survey(folder: Path, *, allow_code: bool, size: int, kept: Path | None = None) -> Survey:
    """Look through a folder; a shard is to have about ``size`` facts.

    ``kept`` is the file of what was seen by the survey before (`kg.shards.looks`).
    """
    dataset = outline(folder, allow_code=allow_code)
    listed, problems = list_seeds(folder)
    found = Survey(dataset, problems)
    if dataset.description is None:
        return found
    gathering = Gathering(dataset.iris)
    names, ties, sizes = [seed.name for seed in listed], Ties(), dict[str, int]()
    if kept:  # by what another build would make
        found.fingerprint = fingerprint(folder, allow_code=allow_code)
    for seed, look in looks(listed, dataset.kinds, kept, found.fingerprint):
        found.problems += look.problems
        if not look.digest:
            continue
        gathering.add(seed.name, look.notes)
        found.seeds[seed.name] = seed
        found.digests[seed.name] = look.digest
        sizes[seed.name] = look.size
        for wanted in look.named:
            for other in _begin(names, wanted):
                ties.tie(seed.name, other)
    dataset.names = gathering.names()
    dataset.articles = Articles(found.seeds)
    found.problems += gathering.problems
    found.spread = gathering.spread
    found.troubled = {p.place.path for p in (*found.problems, *dataset.problems)}
    found.shards = _shards(sizes, ties, size)
    return found


def _shards(sizes: dict[str, int], ties: Ties, size: int) -> list[list[str]]:
    """Return articles together that are tied, in groups of about so many facts or more.

    In which group an article is depends on its name, and hardly on what others there are: most
    groups stay as they are when articles come and go.
    """
    tied: dict[str, list[str]] = {}
    for name in sorted(sizes):
        tied.setdefault(ties.group(name), []).append(name)
    count = 1 << max(0, sum(sizes.values()) // size).bit_length()
    shards: dict[int, list[str]] = {}
    for names in tied.values():
        shards.setdefault(crc32(names[0].encode()) % count, []).extend(names)
    return [sorted(names) for _, names in sorted(shards.items())]


def _begin(names: list[str], wanted: str) -> Iterator[str]:
    """Yield all names that begin so, of sorted ones: that there are several is told elsewhere."""
    index = bisect_left(names, wanted)
    while index < len(names) and names[index].startswith(wanted):
        yield names[index]
        index += 1
