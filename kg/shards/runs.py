"""Runs: files of sorted pieces, each with a key, that are merged into one sequence."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

Piece: TypeAlias = tuple[str, Any]
"""A key, and what `marshal` can write: text, bytes, numbers, tuples of such."""

_KEY = itemgetter(0)


def write_run(path: Path, pieces: Iterable[Piece]) -> None:
    """Write pieces, which are sorted by their keys, no two alike."""
    with path.open("wb") as file:
        for piece in pieces:
            marshal.dump(piece, file)


def merged(paths: Iterable[Path]) -> Iterator[tuple[str, list[Any]]]:
    """Yield the keys of several runs in their order, each with what the runs have of it."""
    pieces: Iterator[Piece] = merge(*map(_read, paths), key=_KEY)
    for key, group in groupby(pieces, key=_KEY):
        yield key, [piece[1] for piece in group]


def _read(path: Path) -> Iterator[Piece]:
    with path.open("rb") as file:
        while True:
            try:
                piece = marshal.load(file)
            except EOFError:
                return
            yield piece
