"""Gathers rows by the words that find them, in no more memory than it is given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.shards.runs import merged, write_run

MEMORY = 48 << 20
"""Bytes of rows that are held before they are written to disk."""

OVERHEAD = 100
"""Bytes that a row takes beside its own."""


class Gathering:
    """Rows by words; of a word that finds very many, the best."""

    def __init__(self, work: Path, enough: int, memory: int = MEMORY) -> None:
        """Take a folder for what memory does not hold, and how many bytes of a word are enough."""
        self._work, self._enough, self._memory = work, enough, memory
        self._rows: dict[str, list[bytes]] = defaultdict(list)
        self._size = 0
        self._runs: list[Path] = []

    def add(self, word: str, row: bytes) -> None:
        """Take a row that a word finds."""
        self._rows[word].append(row)
        self._size += len(row) + OVERHEAD
        if self._size > self._memory:
            self._write()

    def words(self) -> Iterator[tuple[str, list[bytes], bool]]:
        """Yield the words in their order, with their rows, and whether there would be more."""
        self._write()
        for word, parts in merged(self._runs, self._work):
            yield word, *best({row for part in parts for row in part}, self._enough)

    def _write(self) -> None:
        run = self._work / f"{len(self._runs)}.run"
        pieces = ((word, self._few(rows)) for word, rows in sorted(self._rows.items()))
        write_run(run, pieces)
        self._runs.append(run)
        self._rows.clear()
        self._size = 0

    def _few(self, rows: list[bytes]) -> list[bytes]:
        kept, more = best(rows, self._enough)
        # One too many tells that there were more.
        return sorted(rows)[: len(kept) + more] if more else kept


def best(rows: Iterable[bytes], enough: int) -> tuple[list[bytes], bool]:
    """Return the first of some rows, of so many bytes together, and whether there are more.

    One is returned however long it is.
    """
    kept, size = list[bytes](), 0
    for row in sorted(rows):
        size += len(row)
        if kept and size > enough:
            return kept, True
        kept.append(row)
    return kept, False
