"""Read one fact file, YAML or JSON Lines, into strings, lists and mappings that know their place.

Nothing is guessed: ``NO``, ``010`` and ``12:30`` stay the strings that were written. Whatever is
wrong becomes a problem, and a record in which something is wrong is not returned. Lines and
columns count from 1, columns in code points; a byte order mark that begins the file is not counted.

Here are bytes, characters and places; ``yamlrecords`` and ``jsonlrecords`` know the two syntaxes.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import field, replace
from itertools import islice
from typing import TypeAlias

from kg.jsonlrecords import json_fields, json_first, json_marks
from kg.model import Place, Problem, frozen
from kg.yamlrecords import yaml_marks, yaml_records

Raw: TypeAlias = "str | list[Raw] | dict[str, Raw]"
Path: TypeAlias = tuple[str | int, ...]
Mark: TypeAlias = tuple[int, int]
"""A line and a column."""

MAX_YAML_BYTES = 64 << 20
MAX_LINE_BYTES = 1 << 20
MAX_PROBLEMS = 100

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^ \t\r\n][^\n]*")
_FORBIDDEN = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_UNFIT = re.compile(f"[{_FORBIDDEN}]")
# YAML takes separators of lines and paragraphs for line breaks, and drops the spaces after them.
_UNFIT_YAML = re.compile(f"[{_FORBIDDEN}\u2028\u2029]")
# The escapes of both syntaxes that may stand for one of these; others are not looked at again.
_ESCAPE = re.compile(r"\\(?:[0abefvNxU]|u(?:00[01789]|[dD][89a-fA-F]|[fF]{3}))")
_CONTROLS = """
    NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM
    SUB ESC FS GS RS US . DEL PAD HOP BPH NBH IND NEL SSA ESA HTS HTJ VTS PLD PLU RI SS2 SS3 DCS
    PU1 PU2 STS CCH MW SPA EPA SOS SGC SCI CSI ST OSC PM APC
"""


@frozen
class Record:
    """One fact, or the header of an article, and where each of its keys and values is written."""

    data: dict[str, Raw]
    """Keys in file order; not to be changed, since places are found by counting through it."""
    path: str
    """The file, relative to the folder."""
    _source: array[int] | tuple[bytes, int] = field(default=(b"", 1), repr=False, compare=False)
    """What the marks are got from: numbers of a YAML file, or a line of JSON and its number."""

    def place(self, path: Path = (), *, key: bool = False) -> Place:
        """Return the place of the value at the path, or of its key; else of what should hold it."""
        if len(path) == 1 and path[0] == next(iter(self.data), None):
            # Asked of every fact: the record, its first key and what stands there come first.
            source = self._source
            marks = json_first(*source) if isinstance(source, tuple) else yaml_marks(source)
            if mark := next(islice(marks, 1 if key else 2, None), None):
                return Place(self.path, *mark)
        nearest = (1, 1)
        # What holds a value is written before it, so the last one that fits is the nearest.
        for here, is_key, _, mark in self._written():
            if here == path[: len(here)]:
                nearest = mark
                if is_key == key and len(here) == len(path):
                    break
        return Place(self.path, *nearest)

    def _written(self) -> Iterator[tuple[Path, bool, Raw, Mark]]:
        """Yield path, whether it is a key, content and mark of all that is written, in order."""
        source = self._source
        marks = json_marks(*source) if isinstance(source, tuple) else yaml_marks(source)
        for (path, is_key, content), mark in zip(_ordered(self.data), marks, strict=False):
            yield path, is_key, content, mark


def read_records(path: str, data: bytes) -> tuple[list[Record], list[Problem]]:
    """Return the sound records of a fact file (JSON Lines if so named, else YAML) and its problems.

    The header of the article is the record ``{"article": {...}}``; every fact is a record.
    """
    found = _Problems(path)
    read = _read_jsonl if path.endswith(".jsonl") else _read_yaml
    records = list(read(path, data.removeprefix(_BOM), found))
    if not records and not found.count:
        found.add((1, 1), "no facts", "write the facts of the article here, or remove the file")
    return records, found.shown()


class _Problems:
    """The first problems of a file, and how many there are in all."""

    def __init__(self, path: str) -> None:
        self.path, self.count, self.first = path, 0, list[Problem]()

    def add(self, mark: Mark, message: str, mend: str) -> None:
        self.count += 1
        if self.count <= MAX_PROBLEMS + 1:
            place = Place(self.path, *mark)
            self.first.append(Problem(place, message, mend, check="syntax"))

    def shown(self) -> list[Problem]:
        more = self.count - MAX_PROBLEMS
        if more <= 0:
            return self.first
        message = f"and {more} more, the first of them here"
        last = replace(self.first[-1], message=message, mend="mend those before it")
        return [*self.first[:-1], last]


def _read_yaml(path: str, data: bytes, found: _Problems) -> Iterator[Record]:
    if len(data) > MAX_YAML_BYTES:
        found.add((1, 1), "a YAML file of more than 64 MiB", "write it as .facts.jsonl")
        return
    text = _decoded(data, found, _UNFIT_YAML)
    escapes = bool(_ESCAPE.search(text))
    for fields, numbers in yaml_records(text, found.add):
        record = Record(fields, path, numbers)
        if not escapes or _is_fit(record, found):
            yield record


def _read_jsonl(path: str, data: bytes, found: _Problems) -> Iterator[Record]:
    number, seen = 1, 0
    for match in _LINE.finditer(data):
        number += data.count(b"\n", seen, match.start())
        seen = match.start()
        start = data.rfind(b"\n", 0, seen) + 1
        if match.end() - start > MAX_LINE_BYTES:
            found.add((number, 1), "a line of more than 1 MiB", "write one fact on each line")
            continue
        # The bytes are what the record keeps: in a string, one emoji makes four of each of them.
        line = data[start : match.end()]
        text = _decoded(line, found, _UNFIT, number)
        fields = json_fields(text, number, found.add) if text else None
        if fields is not None:
            record = Record(fields, path, (line, number))
            if not _ESCAPE.search(text) or _is_fit(record, found):
                yield record


def _ordered(raw: Raw, path: Path = ()) -> Iterator[tuple[Path, bool, Raw]]:
    yield path, False, raw
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield (*path, key), True, key
            yield from _ordered(value, (*path, key))
    elif isinstance(raw, list):
        for number, value in enumerate(raw):
            yield from _ordered(value, (*path, number))


def _is_fit(record: Record, found: _Problems) -> bool:
    """Look for what must not stand in a file as it is, and got in by an escape."""
    for _, _, content, mark in record._written():
        if isinstance(content, str) and (unfit := _UNFIT.search(content)):
            found.add(mark, *_unfit(unfit[0]))
            return False
    return True


def _decoded(data: bytes, found: _Problems, forbidden: re.Pattern[str], line: int = 0) -> str:
    """Return the text of a file, or of the line of that number; after a problem an empty one."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        mark, byte = _mark_after(data[: error.start].decode(), line), data[error.start]
        found.add(mark, f"byte 0x{byte:02X} is not UTF-8", "save the file as UTF-8")
        return ""
    # What can be printed is fit: that is seen in a tenth of the time.
    if not text.isprintable() and (unfit := forbidden.search(text)):
        found.add(_mark_after(text[: unfit.start()], line), *_unfit(unfit[0]))
        return ""
    return text


def _unfit(character: str) -> tuple[str, str]:
    code = ord(character)
    if code <= 0x9F:
        name = _CONTROLS.split()[code if code < 0x20 else code - 0x5E]
        return f"control character U+{code:04X} ({name})", "remove it"
    if code <= 0x2029:
        return f"U+{code:04X} breaks a line of YAML", f"write \\u{code:04X}, in double quotes"
    if code <= 0xDFFF:
        return f"U+{code:04X} is half of a surrogate pair", "write the character itself"
    return f"U+{code:04X} is not a character", "remove it"


def _mark_after(text: str, line: int) -> Mark:
    if line:
        return line, len(text) + 1
    breaks = text.count("\n") + text.count("\r") - text.count("\r\n")
    return breaks + 1, len(text) - max(text.rfind("\n"), text.rfind("\r"))
