"""Write into a fact file which occurrence its quotes mean, and touch nothing else of it.

Comments, layout and line ends stay byte for byte: only ``occurrence`` is added, changed or removed.
The result is read again, and refused if it says anything else than it should.
"""

from __future__ import annotations

import copy
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from kg.records import Path, Raw, Record, read_records
from kg.yamlrecords import Scalar, yaml_scalars

Splice: TypeAlias = tuple[int, int, str]
"""What is put in place of a part of a text: start, end, new text."""

_BOM = b"\xef\xbb\xbf"
_BREAK = re.compile(r"\r\n|\r|\n")
_JSON = json.JSONDecoder()


class LayoutError(Exception):
    """The occurrences cannot be written without touching more of the file."""


def with_occurrences(
    path: str, data: bytes, wanted: Mapping[tuple[int, Path], int | None]
) -> bytes:
    """Return the bytes of a fact file with the occurrences that are wanted, by record and quote.

    A quote is known by where its words stand in the record; None: they need no occurrence.
    Raises `LayoutError` when that cannot be done by adding, changing or removing them alone.
    """
    records, problems = read_records(path, data)
    bom = _BOM if data.startswith(_BOM) else b""
    text = data.removeprefix(_BOM).decode()
    try:
        writer = (_Lines if path.endswith(".jsonl") else _Yaml)(text)
    except yaml.YAMLError as error:
        raise LayoutError from error
    splices: list[Splice] = []
    expected = [copy.deepcopy(record.data) for record in records]
    for (number, keys), occurrence in sorted(wanted.items()):
        quote = _Quote(records[number], keys)
        made = list(writer.removed(quote)) if occurrence is None else []
        # What cannot be taken out without a trace says that the words stand once.
        occurrence = None if made else occurrence or 1
        splices += made or writer.written(quote, occurrence or 1)
        _expect(expected[number], keys, occurrence)
    pieces: list[str] = []
    at = 0
    for start, end, new in sorted(splices):
        pieces += text[at:start], new
        at = end
    result = bom + "".join((*pieces, text[at:])).encode()
    again, more = read_records(path, result)
    kinds = [next(iter(record.data)) for record in records]
    if (
        [record.data for record in again] != expected
        or [next(iter(record.data)) for record in again] != kinds
        or len(more) != len(problems)
    ):
        raise LayoutError
    return result


@dataclass(frozen=True)
class _Quote:
    """A quote of a record, known by where its words stand."""

    record: Record
    keys: Path

    @property
    def bare(self) -> bool:
        """Whether it is one text, not yet a mapping that could hold an occurrence."""
        return self.keys[-1] != "quote"

    @property
    def given(self) -> Path | None:
        """Where its occurrence is written, if it is."""
        held: Any = self.record.data
        for key in self.keys[:-1]:
            held = held[key]
        return (*self.keys[:-1], "occurrence") if not self.bare and "occurrence" in held else None


def _expect(data: dict[str, Raw], keys: Path, occurrence: int | None) -> None:
    """Change a record as writing the occurrence should."""
    held: Any = data
    for key in keys[:-1]:
        held = held[key]
    if keys[-1] != "quote":
        held[keys[-1]] = held = {"quote": held[keys[-1]]}
    if occurrence is None:
        del held["occurrence"]
    else:
        held["occurrence"] = str(occurrence)


class _Writer(ABC):
    """Knows where texts are written in a file, and how a mapping gets one more key there."""

    quoted = "{}"
    """How a key is written within braces."""

    def __init__(self, text: str) -> None:
        self.text = text

    @abstractmethod
    def scalar(self, record: Record, keys: Path, *, key: bool = False) -> Scalar:
        """Return where a text, or the key of it, is written."""

    def written(self, quote: _Quote, occurrence: int) -> Iterator[Splice]:
        """Yield what to write where."""
        words = self.scalar(quote.record, quote.keys)
        if quote.given:
            old = self.scalar(quote.record, quote.given)
            yield old.start, old.end, str(occurrence)
        elif words.flow:
            if quote.bare:
                yield words.start, words.start, f"{{{self.quoted.format('quote')}: "
            added = f", {self.quoted.format('occurrence')}: {occurrence}"
            yield words.end, words.end, added + "}" * quote.bare
        else:
            yield from self.on_lines(quote, words, f"occurrence: {occurrence}")

    def on_lines(self, quote: _Quote, words: Scalar, added: str) -> Iterator[Splice]:
        """Yield what to write where a mapping has a line for each key."""
        raise LayoutError

    def removed(self, quote: _Quote) -> Iterator[Splice]:
        """Yield what takes an occurrence out; nothing where that would leave something behind."""
        if not quote.given:
            return
        start = self.scalar(quote.record, quote.given, key=True).start
        _, end, flow, _ = self.scalar(quote.record, quote.given)
        line_end = _BREAK.search(self.text, end)
        first = max(self.text.rfind("\n", 0, start), self.text.rfind("\r", 0, start)) + 1
        last = line_end.start() if line_end else len(self.text)
        before, after = self.text[first:start].rstrip(" "), self.text[end:last].lstrip(" ")
        if flow and before.endswith(","):
            yield first + len(before) - 1, end, ""
        elif flow and after.startswith(","):
            yield start, last - len(after[1:].lstrip(" ")), ""
        elif not (flow or before or after):
            yield first, line_end.end() if line_end else last, ""


class _Lines(_Writer):
    """JSON Lines: everything stands within braces."""

    quoted = '"{}"'

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def scalar(self, record: Record, keys: Path, *, key: bool = False) -> Scalar:
        place = record.place(keys, key=key)
        start = self.starts[place.line - 1] + place.column - 1
        _, end = _JSON.raw_decode(self.text, start)
        return Scalar(start, end, True, False)


class _Yaml(_Writer):
    """YAML: within braces, or with a line for each key."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.scalars = yaml_scalars(text)
        found = _BREAK.search(text)
        self.line_end = found[0] if found else "\n"

    def scalar(self, record: Record, keys: Path, *, key: bool = False) -> Scalar:
        place = record.place(keys, key=key)
        try:
            return self.scalars[place.line, place.column]
        except KeyError as error:
            raise LayoutError from error

    def on_lines(self, quote: _Quote, words: Scalar, added: str) -> Iterator[Splice]:
        own = quote.record.place(quote.keys, key=not quote.bare)
        start, opening, indent = words.start, "", own.column - 1
        line = self.text[start - indent : start]
        if quote.bare and line.strip(" -"):
            # It follows its key: the mapping begins on a line of its own.
            indent = quote.record.place(quote.keys, key=True).column + 1
            start = len(self.text[:start].rstrip(" "))
            opening = self.line_end + " " * indent
        gap = self.line_end + " " * indent
        if words.block:
            # The end of such a text may be a matter of blank lines: better before it.
            at = start if quote.bare else self.scalar(quote.record, quote.keys, key=True).start
            yield (
                at,
                words.start if quote.bare else at,
                opening + added + gap + ("quote: " if quote.bare else ""),
            )
        else:
            end = _BREAK.search(self.text, words.end)
            at = end.start() if end else len(self.text)
            yield at, at, gap + added
            if quote.bare:
                yield start, words.start, f"{opening}quote: "
        if quote.bare:
            yield from self.deeper(words, indent)

    def deeper(self, words: Scalar, indent: int) -> Iterator[Splice]:
        """Yield what moves the further lines of a text to the right, where they need it."""
        lines = list(re.finditer(r"(?<=[\r\n])( *)(?=[^\s])", self.text[words.start : words.end]))
        least = min((len(line[1]) for line in lines), default=indent + 1)
        for line in lines if least <= indent else ():
            at = words.start + line.start()
            yield at, at, " " * (indent + 2 - least)
