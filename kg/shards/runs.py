"""Runs: files of sorted pieces, each with a key, that are merged into one sequence."""

from __future__ import annotations

import errno
import marshal
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, TypeAlias

from kg.packed import packing, unpacking
from kg.shards.files import whole

Piece: TypeAlias = tuple[str, Any]
"""A key, and bytes, or several in a list or tuple, which `marshal` keeps apart."""

_KEY = itemgetter(0)
OPEN = 200
"""How many runs are read at a time: a process may have 256 files open on some systems."""
LENGTH = 8
"""Bytes that tell how long a block is."""
BLOCK = 1 << 16
"""Bytes of pieces that are written and read at once: each piece by itself takes twice as long."""


def write_run(path: Path, pieces: Iterable[Piece]) -> None:
    """Write pieces, sorted by their keys, none of which comes twice."""
    with whole(path) as aside, packing(aside) as file:
        block, size = list[Piece](), 0
        for piece in pieces:
            block.append(piece)
            size += _size(piece[1])
            if size >= BLOCK:
                _write(block, file)
                block, size = [], 0
        if block:
            _write(block, file)


def _write(block: list[Piece], file: IO[bytes]) -> None:
    # marshal would read from the file object by object.
    data = marshal.dumps(block)
    file.write(len(data).to_bytes(LENGTH, "big"))
    file.write(data)


def _size(value: Any) -> int:
    return len(value) if isinstance(value, bytes) else sum(map(len, value))


def merged(paths: Sequence[Path], work: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield the keys of several runs in their order, each with what the runs have of it.

    Longer runs are made in a directory, if there are many.
    """
    for key, group in groupby(_together(paths, work), key=_KEY):
        yield key, [piece[1] for piece in group]


def _together(paths: Sequence[Path], work: Path) -> Iterator[Piece]:
    """Yield the pieces of runs in their order, of many runs by way of fewer and longer ones."""
    if len(paths) <= OPEN:
        yield from _in_order([_blocks(path) for path in paths])
        return
    with TemporaryDirectory(dir=work) as directory:
        groups = [paths[start : start + OPEN] for start in range(0, len(paths), OPEN)]
        longer = [Path(directory, str(number)) for number in range(len(groups))]
        for path, group in zip(longer, groups, strict=True):
            write_run(path, _together(group, work))
        yield from _together(longer, work)


def _in_order(runs: Iterable[Iterator[list[Piece]]]) -> Iterator[Piece]:
    """Yield the pieces of runs, each given in blocks, by their keys; of one key run after run.

    No piece to come has a key below the least of those at which the blocks at hand end: up to that
    all are at hand, and sorting some that are nearly sorted is quicker than to compare one by one.
    """
    heads = [(block, run) for run in runs if (block := next(run, None))]
    while heads:
        end = min(block[-1][0] for block, _ in heads)
        some, rest = list[Piece](), []
        for block, run in heads:
            if block[0][0] <= end:
                cut = bisect_right(block, end, key=_KEY)
                some += block[:cut]
                block = block[cut:] or next(run, None)
            if block:
                rest.append((block, run))
        heads = rest
        some.sort(key=_KEY)
        yield from some


def _blocks(path: Path) -> Iterator[list[Piece]]:
    with unpacking(path) as file:
        while length := file.read(LENGTH):
            data = file.read(size := int.from_bytes(length, "big"))
            if len(data) < size:
                raise OSError(errno.EIO, "it is cut off", str(path))
            block: list[Piece] = marshal.loads(data)
            yield block
