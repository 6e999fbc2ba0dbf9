"""One YAML file: its facts as strings, lists and mappings, and where they are written.

It is read event by event and never composed or constructed: tags make no objects, aliases are not
followed, words and numbers get no type, and depth is counted before anything can overflow.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeAlias

import yaml

Node: TypeAlias = "str | list[Node] | dict[str, Node]"
Report: TypeAlias = Callable[[tuple[int, int], str, str], None]
"""Called with a line and column, what is wrong, and how to mend it."""

MAX_DEPTH = 32

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ALLOWED = ("article", "facts")
_QUOTE = "put the whole value in quotes"
_TAB = ("a tab used to indent", "indent with spaces")
_OPEN = ("a quotation mark that is never closed", "close it")
_BACKSLASH = ("a backslash that YAML cannot read", "write it twice, or use single quotes")
_ASTRAY = ("a line or word that belongs to nothing", f"indent it like its neighbours, or {_QUOTE}")
# Words of the parsers (the C one and the Python one differ) -> what is wrong and how to mend it.
_AT_ONCE = {
    "mapping values": ("a colon where no key can be", f"check the indentation, or {_QUOTE}"),
    "sequence entries": ("a list item where none can be", f"begin a new line, or {_QUOTE}"),
    "tab character": _TAB,
    "escape": _BACKSLASH,
    "hexdecimal": _BACKSLASH,
    "node content": ("a value that is missing, or begins with a special sign", _QUOTE),
    "expected key": _ASTRAY,
    "<block end>": _ASTRAY,
    "-' indicator": _ASTRAY,
    "document start": _ASTRAY,
}
# The same, where the beginning of what the parser could not end is the better place to point at.
_FROM_START = {
    "unexpected end of stream": _OPEN,
    "unexpected document": _OPEN,
    "or ']'": ("a '[' that is not closed", "close it with ']', or " + _QUOTE),
    "or '}'": ("a '{' that is not closed", "close it with '}', or " + _QUOTE),
    "expected ':'": ("a line without 'key: value'", "add the key, or indent the line"),
    "an alias": ("a value that begins with '*'", _QUOTE),
    "an anchor": ("a value that begins with '&'", _QUOTE),
    "a block scalar": ("text right after '|' or '>'", f"begin it on the next line, or {_QUOTE}"),
    "a tag": ("a value that begins with '!'", _QUOTE),
    "tag handle": ("a value that begins with '!'", _QUOTE),
}


class _TooDeepError(Exception):
    """Raised where a value goes too deep: nothing after it is read."""


def yaml_records(text: str, report: Report) -> Iterator[tuple[dict[str, Any], array[int]]]:
    """Yield the article header and every fact that is sound, each with the numbers of its marks."""
    reader = _Reader(report)
    try:
        yield from reader.records(text)
    except yaml.MarkedYAMLError as error:
        report(*_explained(error, text))
    except _TooDeepError:
        report(reader.last, f"nested deeper than {MAX_DEPTH} levels", "write it flatter")
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # The Python parser passes on errors of Python itself, as for an escape beyond Unicode.
        report(reader.last, f"not YAML after this: {error}", "check the value that follows")


def yaml_marks(numbers: array[int]) -> Iterator[tuple[int, int]]:
    """Yield line and column of every key and value of a record, in written order."""
    return zip(numbers[::2], numbers[1::2], strict=True)


class Scalar(NamedTuple):
    """Where a text is written in a file: offsets into the file's text, and in what style."""

    start: int
    end: int
    flow: bool
    """Whether it stands within brackets or braces."""
    block: bool
    """Whether it begins with ``|`` or ``>``."""


def yaml_scalars(text: str) -> dict[tuple[int, int], Scalar]:
    """Return all texts of a sound file, keys too, by the line and column where they begin."""
    found: dict[tuple[int, int], Scalar] = {}
    flow: list[bool] = []
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            flow.append(bool(event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            flow.pop()
        elif isinstance(event, yaml.ScalarEvent):
            scalar: Any = event
            start, end = scalar.start_mark.index, scalar.end_mark.index
            found[_mark(event)] = Scalar(start, end, flow[-1], event.style in ("|", ">"))
    return found


class _Reader:
    """Turns the events of one file into records, reporting what is wrong on the way."""

    def __init__(self, report: Report) -> None:
        self.events: Iterator[Any] = iter(())
        self.report_to = report
        self.reported = 0
        self.last = (1, 1)
        self.depth = 0
        self.numbers = array("I")
        """Line, column, line, column … of the keys and values of the record that is being read."""

    def report(self, mark: tuple[int, int], message: str, mend: str) -> None:
        self.reported += 1
        self.report_to(mark, message, mend)

    def records(self, text: str) -> Iterator[tuple[dict[str, Any], array[int]]]:
        # What `yaml.parse` does, without asking before each event whether there is one.
        self.events = iter(_LOADER(text).get_event, None)
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return
        top = next(self.events)
        if isinstance(top, yaml.MappingStartEvent):
            self.begin(top)
            yield from self.parts()
        elif not _is_empty(top):
            mend = "write 'facts:' and beneath it a list of facts"
            self.report(_mark(top), "the file is not a mapping", mend)
            return
        next(self.events)
        if not isinstance(more := next(self.events), yaml.StreamEndEvent):
            self.report(_mark(more), "a second document", "write one document in a file")

    def parts(self) -> Iterator[tuple[dict[str, Any], array[int]]]:
        """Read what stands at the top of the file."""
        for key, mark, event in self.entries():
            if key == "facts" and isinstance(event, yaml.SequenceStartEvent):
                self.begin(event)
                yield from self.facts()
                continue
            if key not in _ALLOWED:
                near = get_close_matches(key[:60], _ALLOWED, 1)
                mend = f"write {near[0]!r}" if near else "remove it, or move it into a fact"
                self.report(mark, f"unknown key {key[:60]!r}: allowed are 'article', 'facts'", mend)
            before = self.reported
            self.numbers = array("I", mark * 2)
            value = self.node(event, mark)
            if key not in _ALLOWED or self.reported > before:
                continue
            if key == "facts":
                self.report(mark, "'facts' is not a list", "begin each fact with '- '")
            elif not isinstance(value, dict):
                self.report(mark, "'article' is not a mapping", "write its fields as 'key: value'")
            else:
                yield {key: value}, self.taken()

    def facts(self) -> Iterator[tuple[dict[str, Any], array[int]]]:
        for item in self.items():
            before = self.reported
            self.numbers = array("I")
            fact = self.node(item)
            if self.reported > before:
                continue
            if isinstance(fact, dict):
                yield fact, self.taken()
            else:
                self.report(_mark(item), "a fact that is not a mapping", "write 'key: value' lines")

    def taken(self) -> array[int]:
        numbers, self.numbers = self.numbers, array("I")
        return numbers

    def node(self, event: Any, key: tuple[int, int] | None = None) -> Node:
        """Read the value that begins with an event, and that may have a key."""
        if _is_text(event):
            return self.text(event)
        self.begin(event)
        if isinstance(event, yaml.MappingStartEvent):
            return {name: self.node(value, mark) for name, mark, value in self.entries()}
        if isinstance(event, yaml.SequenceStartEvent):
            return [self.node(item) for item in self.items()]
        if isinstance(event, yaml.AliasEvent):
            return ""
        if _is_empty(event):
            what = "key" if key else "item"
            self.report(key or self.last, "empty value", f"write a value or remove the {what}")
        return str(event.value)

    def text(self, event: Any) -> str:
        """Note where a text begins, before which there is nothing to refuse."""
        self.last = _mark(event)
        self.numbers.extend(self.last)
        text: str = event.value
        return text

    def begin(self, event: Any) -> None:
        """Note where a value begins, and refuse what YAML can put before it."""
        self.last = _mark(event)
        self.numbers.extend(self.last)
        name = event.anchor
        if isinstance(event, yaml.AliasEvent):
            self.report(self.last, f"alias '*{name[:60]}'", f"write it out, or {_QUOTE}")
            return
        if name is not None:
            self.report(self.last, f"anchor '&{name[:60]}'", f"remove it, or {_QUOTE}")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")[:60]
            self.report(self.last, f"tag '{tag}'", f"remove it, or {_QUOTE}")

    def entries(self) -> Iterator[tuple[str, tuple[int, int], Any]]:
        """Yield key, its mark and the first event of its value; the rest is left to the caller."""
        lines: dict[str, int] = {}
        for event in self.items(yaml.MappingEndEvent):
            if _is_text(event):
                key: Node = self.text(event)
                mark = self.last
            else:
                mark = _mark(event)
                key = "" if _is_empty(event) else self.node(event)
            value = next(self.events)
            if not isinstance(key, str):
                self.report(mark, "a key that is a list or mapping", "write a word as the key")
            elif not key and _is_empty(event):
                self.report(mark, "empty key", "write a key before the colon")
            elif key == "<<" and event.implicit[0]:
                self.report(mark, "merge key '<<'", "write the fields themselves")
            elif key in lines:
                first = f"first at line {lines[key]}"
                self.report(mark, f"duplicate key {key[:60]!r} ({first})", "remove one of the two")
            else:
                lines[key] = mark[0]
                yield key, mark, value
                continue
            self.node(value, mark)

    def items(self, end: type = yaml.SequenceEndEvent) -> Iterator[Any]:
        """Yield the first event of each item; the rest of the item is left to the caller."""
        if self.depth == MAX_DEPTH:
            raise _TooDeepError
        self.depth += 1
        while not isinstance(event := next(self.events), end):
            yield event
        self.depth -= 1


def _mark(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _is_text(event: Any) -> bool:
    """Whether this is what most events are: a text, without anchor and tag."""
    is_scalar = isinstance(event, yaml.ScalarEvent)
    return is_scalar and event.value != "" and event.anchor is None and event.tag is None


def _is_empty(event: Any) -> bool:
    if not isinstance(event, yaml.ScalarEvent) or event.value or event.tag or event.anchor:
        return False
    return event.style not in ("'", '"')


def _explained(error: Any, text: str) -> tuple[tuple[int, int], str, str]:
    """Put the first error of the parser in our words."""
    said = f"{error.context} {error.problem}"
    start, here = error.context_mark, error.problem_mark
    if "cannot start any token" in said:
        sign = text[here.index : here.index + 1]
        found = _TAB if sign == "\t" else (f"a value that begins with {sign!r}", _QUOTE)
    elif words := next((words for words in _FROM_START if words in said), None):
        found, here = _FROM_START[words], start or here
    elif words := next((words for words in _AT_ONCE if words in said), None):
        found = _AT_ONCE[words]
    else:
        found = f"not YAML: {error.problem}", "check quotes and indentation here and just before"
    return (here.line + 1, here.column + 1), *found
