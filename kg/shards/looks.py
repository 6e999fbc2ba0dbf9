"""What a survey sees in each article: kept, so that only what has changed is read once more."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

from kg.body import body_of
from kg.mapping import Kind
from kg.model import Problem
from kg.names import Note, noted
from kg.publish import sync
from kg.records import Raw, Record
from kg.seeds import Seed
from kg.unchanged import GRAIN

Signature: TypeAlias = tuple[int, ...]
"""Sizes, times, inodes and modes of an article and its fact file."""


class Look(NamedTuple):
    """What is seen in an article and its fact file."""

    problems: list[Problem]
    digest: str = ""
    """That of both files; empty if they cannot be read."""
    size: int = 0
    """How many records there are."""
    notes: Sequence[Note] = ()
    named: Sequence[str] = ()
    """How the names of articles begin that it corrects or quotes."""


def looks(
    seeds: Iterable[Seed],
    kinds: Mapping[str, Kind],
    kept: Path | None = None,
    fingerprint: str = "",
) -> Iterator[tuple[Seed, Look]]:
    """Yield seeds, which are sorted by name, each with what is seen in it.

    ``kept`` is the file of what was seen before, under the same fingerprint or all is looked at
    anew. It is replaced in the end; neither what was seen nor what is is held in memory.
    """
    if kept is None:
        for seed in seeds:
            yield seed, _look(seed, kinds)
        return
    new = kept.with_name(f"{kept.name}.new")
    before = _before(kept, fingerprint)
    known = next(before, None)
    with new.open("wb") as out:
        pickle.dump(fingerprint, out)
        for seed in seeds:
            while known is not None and known[0] < seed.name:
                known = next(before, None)
            signature = _signature(seed)
            if known is not None and known[:2] == (seed.name, signature):
                look = known[2]
            else:
                look = _look(seed, kinds)
            pickle.dump((seed.name, signature, look), out)
            yield seed, look
    sync(new)
    new.replace(kept)


def _before(kept: Path, fingerprint: str) -> Iterator[tuple[str, Signature | None, Look]]:
    with suppress(OSError, EOFError), kept.open("rb") as file:
        if pickle.load(file) == fingerprint:
            while True:
                name, signature, look = pickle.load(file)
                if signature is not None:
                    yield name, signature, look


def _signature(seed: Seed) -> Signature | None:
    """Return what tells whether the files of a seed are as they were; None if that cannot be told.

    It cannot of a file that was changed just now (`kg.unchanged`).
    """
    found: list[int] = []
    now = time.time_ns()
    for path in (seed.text, seed.facts):
        try:
            stat = path.stat()
        except OSError:
            return None
        if max(stat.st_mtime_ns, stat.st_ctime_ns) >= now - GRAIN:
            return None
        found += (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_mode)
    return tuple(found)


def _look(seed: Seed, kinds: Mapping[str, Kind]) -> Look:
    read = seed.read()
    if read.article is None:
        return Look(read.problems)
    notes = [*noted(read.article, read.records, kinds)]
    named = sorted({name for record in read.records for name in _named_by(record) if name})
    return Look(read.problems, read.digest, len(read.records), notes, named)


def _named_by(record: Record) -> Iterator[str]:
    """Yield how articles are named whose facts a record corrects or whose words it quotes."""
    fields = body_of(record).fields
    for field in ("corrects", "retracts"):
        raw = fields.get(field)
        for item in raw if isinstance(raw, list) else [raw]:
            if isinstance(item, str):
                yield item.rpartition("/")[0]
    yield from _quoted(fields)


def _quoted(raw: Raw) -> Iterator[str]:
    """Yield what stands as ``article`` in the parts of a quote, wherever they are."""
    if isinstance(raw, dict):
        named = raw.get("article")
        if isinstance(named, str):
            yield named
        for value in raw.values():
            if not isinstance(value, str):
                yield from _quoted(value)
    elif isinstance(raw, list):
        for value in raw:
            if not isinstance(value, str):
                yield from _quoted(value)
