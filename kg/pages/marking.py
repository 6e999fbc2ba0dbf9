"""Marks in a text: where spans lie, as elements that nest, so that no word is moved or lost.

Spans may nest and overlap. One that crosses the end of another is split there, for elements must
nest: ``[ab{cd]ef}`` becomes ``[ab{cd}]{ef}``. Joined, the pieces are the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Range = tuple[int, int]
"""Half-open offsets in code points."""

DEEPEST = 24
"""How deep marks nest: browsers give up at a few hundred elements, readers long before."""

LIT = 1 << 12
"""How many spans of a text light up together with what is said by them."""


@dataclass(frozen=True)
class Open:
    """A mark begins: the first part of its span, or a later one."""

    span: Range
    first: bool


@dataclass(frozen=True)
class Close:
    """The mark that was opened last ends."""


@dataclass(frozen=True)
class Piece:
    """Text between edges, with the innermost span that holds it, if any does."""

    text: str
    start: int
    span: Range | None


Mark = Open | Close | Piece


def marks(text: str, spans: Iterable[Range], edges: Iterable[int] = ()) -> Iterator[Mark]:
    """Yield a text with its spans marked; pieces are split at ``edges`` too.

    Spans that are empty or leave the text are passed over; of one that would nest too deep, only
    where it begins is marked.
    """
    size = len(text)
    todo = sorted({s for s in spans if 0 <= s[0] < s[1] <= size}, key=lambda s: (-s[0], s[1]))
    cuts = sorted({0, size, *(e for s in todo for e in s), *(e for e in edges if 0 < e < size)})
    opened: list[Range] = []
    for start, end in zip(cuts, [*cuts[1:], size], strict=True):
        again: list[Range] = []
        while any(span[1] <= start for span in opened):
            span = opened.pop()
            yield Close()
            if span[1] > start:
                again.append(span)
        for span in reversed(again):
            opened.append(span)
            yield Open(span, first=False)
        while todo and todo[-1][0] == start:
            span = todo.pop()
            yield Open(span, first=True)
            if len(opened) < DEEPEST:
                opened.append(span)
            else:
                yield Close()
        if end > start:
            yield Piece(text[start:end], start, min(opened, key=_length, default=None))


def lights(spans: Iterable[Range]) -> dict[Range, str]:
    """Return the classes of spans, three digits each, by which their elements light up together.

    ``style/article.css`` reads the digits one by one: it has 48 rules for all of `LIT` spans.
    """
    numbered = enumerate(sorted(set(spans))[:LIT])
    return {span: f"x{n >> 8:x} y{n >> 4 & 15:x} z{n & 15:x}" for n, span in numbered}


def _length(span: Range) -> int:
    return span[1] - span[0]
