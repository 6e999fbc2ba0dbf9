"""Runs: files of sorted pieces, each with a key, that are merged into one sequence."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from kg.packed import packing, unpacking
from kg.shards.files import whole

Piece: TypeAlias = tuple[str, Any]
"""A key, and what `marshal` can write: text, bytes, numbers, tuples of such."""

_KEY = itemgetter(0)
OPEN = 200
"""How many runs are read at a time: a process may have 256 files open on some systems."""
SOME = 64
"""How many pieces are written and read at once: each by itself takes twice as long."""


def write_run(path: Path, pieces: Iterable[Piece]) -> None:
    """Write pieces, which are sorted by their keys."""
    left = iter(pieces)
    with whole(path) as aside, packing(aside) as file:
        while some := [*islice(left, SOME)]:
            marshal.dump(some, file)


def merged(paths: Sequence[Path], work: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield the keys of several runs in their order, each with what the runs have of it.

    Longer runs are made in a directory, if there are many.
    """
    for key, group in groupby(_together(paths, work), key=_KEY):
        yield key, [piece[1] for piece in group]


def _together(paths: Sequence[Path], work: Path) -> Iterator[Piece]:
    """Yield the pieces of runs in their order, of many runs by way of fewer and longer ones."""
    if len(paths) <= OPEN:
        yield from merge(*map(_read, paths), key=_KEY)
        return
    with TemporaryDirectory(dir=work) as directory:
        groups = [paths[start : start + OPEN] for start in range(0, len(paths), OPEN)]
        longer = [Path(directory, str(number)) for number in range(len(groups))]
        for path, group in zip(longer, groups, strict=True):
            write_run(path, _together(group, work))
        yield from _together(longer, work)


def _read(path: Path) -> Iterator[Piece]:
    with unpacking(path) as file:
        while True:
            try:
                some: list[Piece] = marshal.load(file)
            except EOFError:
                return
            yield from some
