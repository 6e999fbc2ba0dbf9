"""The files of an index: rows in volumes, as the words of a dictionary are.

    volumes.json        the words at which volumes begin
    from-CODES.json     a volume: all rows with a word from there to where the next one begins
    best-CODES.json     the best rows for a beginning of words that is in several volumes

CODES are the code points in hexadecimal digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kg.search.gathering import best

VOLUME = 50_000
"""Bytes of rows in a file, if one word alone does not find more."""

WORD = 90_000
"""Bytes of the rows that one word finds, at most; of more, the best are there."""

KEPT = 200
"""How many rows are the best."""


@dataclass
class _Beginning:
    """A beginning of words that has been met, and may be met again."""

    text: str
    volume: int
    """The number of the volume in which it was met first."""
    rows: dict[bytes, bytes] = field(default_factory=dict)
    """The best rows, as they are sorted, by what is shown of them."""
    more: bool = False
    """Whether there are more."""

    def take(self, rows: Iterable[bytes], more: bool) -> None:
        """Keep the best of these, of which there may be more, and of those at hand."""
        self.more |= more
        for row in rows:
            shown = row[row.index(b"\0") :]
            self.rows[shown] = min(row, self.rows.get(shown, row))
        if len(self.rows) > KEPT:
            self.more = True
            kept = sorted(self.rows.items(), key=lambda item: item[1])
            self.rows = dict(kept[:KEPT])


class Volumes:
    """Writes volumes, given the words in their order."""

    def __init__(self, home: Path) -> None:
        """Take the folder."""
        self._home = home
        self._begins = [""]
        self._rows: dict[bytes, None] = {}
        self._size = 0
        self._cut: list[str] = []
        self._last = ""
        self._open: list[_Beginning] = []

    def add(self, word: str, rows: list[bytes], cut: bool) -> None:
        """Take the next word, its rows in their order, and whether there would be more of them."""
        common = _common(word, self._last)
        self._leave(common)
        new = {_shown(row): None for row in rows}
        added = sum(len(row) for row in new if row not in self._rows)
        if self._rows and self._size + added > VOLUME:
            self._end()
            self._begins.append(word[: common + 1])
            added = sum(map(len, new))
        self._rows |= new
        self._size += added
        self._cut += [word] * cut
        volume = len(self._begins) - 1
        self._open += [_Beginning(word[:end], volume) for end in range(common + 1, len(word) + 1)]
        self._open[-1].take(rows[:KEPT], cut or len(rows) > KEPT)
        self._last = word

    def close(self) -> None:
        """Write what remains."""
        self._leave(0)
        self._end()
        self._write("volumes", self._begins)

    def _leave(self, length: int) -> None:
        """Let go of the beginnings that are longer, and write those that are in several volumes."""
        while self._open and len(self._open[-1].text) > length:
            left = self._open.pop()
            if left.volume != len(self._begins) - 1:
                kept, more = best(left.rows.values(), VOLUME)
                cut = [left.text] * (more or left.more)
                self._write(name("best", left.text), _file(map(_shown, kept), cut))
            if self._open:
                above = self._open[-1]
                if above.rows:
                    above.take(left.rows.values(), left.more)
                else:
                    above.rows, above.more = left.rows, left.more

    def _end(self) -> None:
        rows = sorted(self._rows)
        self._write(name("from", self._begins[-1]), _file(rows, self._cut))
        self._rows, self._size, self._cut = {}, 0, []

    def _write(self, stem: str, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        (self._home / f"{stem}.json").write_text(f"{text}\n", "utf-8", newline="\n")


def name(kind: str, word: str) -> str:
    """Return what a file is called, in letters that all file systems have."""
    return kind + "".join(f"-{ord(c):x}" for c in word)


def _common(one: str, other: str) -> int:
    """Return how many characters two words have in common at their beginning."""
    pairs = zip(one, other, strict=False)
    length = min(len(one), len(other))
    return next((at for at, (a, b) in enumerate(pairs) if a != b), length)


def _shown(row: bytes) -> bytes:
    return row[row.index(b"\0") + 1 :]


def _file(rows: Iterable[bytes], cut: list[str]) -> dict[str, object]:
    """Return what a file holds: rows of each kind, and which words find more than it has."""
    types: dict[str, int] = {}
    found: dict[str, list[list[str | int]]] = {"name": [], "alias": [], "text": []}
    for row in rows:
        kind, called, type_, *rest = json.loads(row)
        found[kind].append([called, types.setdefault(type_, len(types)), *rest])
    return {"types": list(types), **found, "cut": cut}
