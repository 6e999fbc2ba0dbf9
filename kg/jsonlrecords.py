"""One line of JSON Lines: its fields as strings, lists and mappings, and where they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import islice
from sys import intern
from typing import Any, TypeAlias

Report: TypeAlias = Callable[[tuple[int, int], str, str], None]
"""Called with a line and column, what is wrong, and how to mend it."""

MAX_DEPTH = 32

# A string that is never closed runs to the end: to try again at each quotation mark inside it
# would take time that grows with the square of its length.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
_TOKEN = re.compile(rf'{_STRING}|[\[\]{{}}]|[^\s\[\]{{}},:"]+', re.DOTALL)
_KEY = re.compile(rb'(\s*\{)\s*("[ !#-\[\]-~]*")\s*:\s*')
_COLON = re.compile(r"\s*:")
_CONSTANTS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")
_MENDS = {
    "Expecting value": "write every value in double quotes, and no comma after the last",
    "Expecting property name": "write every key in double quotes, and no comma after the last",
    "Expecting ',' delimiter": 'put a comma between fields, and \\" for a quotation mark in a text',
    "Extra data": "write one object on each line, and nothing after it",
    "Invalid control character": "write \\t for a tab in a text",
    "Invalid \\": "write \\\\ for a backslash in a text",
    "Unterminated string": "close the quotation mark on the same line",
    "": "check the quotation marks, commas and braces of the line",
}


class _RepeatedKeyError(Exception):
    """Raised when an object is closed that has a key twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # A million facts share a few keys; each is kept once.
    fields = {intern(key): value for key, value in pairs}
    if len(fields) < len(pairs):
        raise _RepeatedKeyError
    return fields


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str
)


def json_fields(text: str, line: int, report: Report) -> dict[str, Any] | None:
    """Return the object that a line holds, numbers as they are written; None if it was reported."""
    # Depth is looked at before anything that calls itself reads the line.
    deep = text.count("[") + text.count("{") > MAX_DEPTH
    if deep and (column := _too_deep(text)):
        report((line, column), f"nested deeper than {MAX_DEPTH} levels", "write it flatter")
        return None
    try:
        fields = _DECODER.decode(text)
        doubtful = any(map(text.__contains__, _CONSTANTS))
    except json.JSONDecodeError as error:
        what = error.msg[0].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting")
        mend = next(mend for start, mend in _MENDS.items() if error.msg.startswith(start))
        report((line, error.pos + 1), f"not JSON: {what}", mend)
        return None
    except _RepeatedKeyError:
        fields, doubtful = {}, True
    if not isinstance(fields, dict):
        report(_first(text, line), "a line that is not an object", "write its fields in braces")
    elif doubtful and (wrong := _wrong_token(text, line)):
        report(*wrong)
    elif fields.keys() == {"article"} and not isinstance(fields["article"], dict):
        report(_first(text, line), "'article' is not an object", "write its fields in braces")
    else:
        return fields
    return None


def json_marks(data: bytes, line: int) -> Iterator[tuple[int, int]]:
    """Yield line and column of every key and value of a sound line, in written order."""
    for token in _TOKEN.finditer(data.decode()):
        if token[0] not in "]}":
            yield line, token.start() + 1


def json_first(data: bytes, line: int) -> Iterator[tuple[int, int]]:
    """Yield the first three of `json_marks`: an object, its first key, and what stands there."""
    found = _KEY.match(data)
    if found is None:
        return islice(json_marks(data, line), 3)
    return iter(((line, found.end(1)), (line, found.start(2) + 1), (line, found.end() + 1)))


def _first(text: str, line: int) -> tuple[int, int]:
    return line, len(text) - len(text.lstrip()) + 1


def _too_deep(text: str) -> int:
    """Return the column of the bracket that goes too deep; 0 if none does."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > MAX_DEPTH:
            return token.start() + 1
    return 0


def _wrong_token(text: str, line: int) -> tuple[tuple[int, int], str, str] | None:
    """Find the first constant or repeated key in what is JSON at least as far as that."""
    columns: list[dict[str, int]] = []
    for token in _TOKEN.finditer(text):
        column, word = token.start() + 1, token[0]
        if word in "[{":
            columns.append({})
        elif word in "]}":
            columns.pop()
        elif word in _CONSTANTS:
            mend = "write it as a string, or leave the field out"
            return (line, column), f"{word} is not a string", mend
        elif _COLON.match(text, token.end()):
            key = json.loads(word)
            if (first := columns[-1].setdefault(key, column)) < column:
                message = f"duplicate key {key[:60]!r} (first at column {first})"
                return (line, column), message, "remove one of the two"
    return None
