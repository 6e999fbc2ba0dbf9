"""Templates: a node written once in all syntaxes, with slots in the places of its values.

A node is written in the plain way with marks for values, and where the marks are found other values
will stand. Nothing here knows how evidence is told, nor what Turtle or JSON-LD looks like.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple, TypeAlias

Pick: TypeAlias = Callable[[tuple[str, ...]], Sequence[str]]


class Text(NamedTuple):
    """A node or a value in three syntaxes."""

    turtle: str
    json: str
    quads: str


class Template:
    """A node with slots, each of which may stand in several places, or in none."""

    def __init__(self, text: Text, marks: Sequence[Text]) -> None:
        """Take a node, and what stands in it for each value.

        No mark may be part of another mark, nor of what is not a value.
        """
        self._turtle = _slotted(text.turtle, [mark.turtle for mark in marks])
        self._json = _slotted(text.json, [mark.json for mark in marks])
        self._quads = _slotted(text.quads, [mark.quads for mark in marks])

    def fill(self, values: Sequence[Text]) -> Text:
        """Return the node with these values."""
        turtle, json, quads = zip(*values, strict=True)
        return Text(
            _filled(*self._turtle, turtle), _filled(*self._json, json), _filled(*self._quads, quads)
        )


class Templates:
    """Templates by the shapes of nodes.

    The first node of a shape goes without: to make a template takes as long as to fill it dozens
    of times, and many shapes come once.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._made: dict[Hashable, Template | None] = {}
        self._met: set[Hashable] = set()

    def of(self, shape: Hashable, make: Callable[[], Template | None]) -> Template | None:
        """Return the template of a shape, made if need be; None if it has none, or not yet."""
        if shape in self._made:
            return self._made[shape]
        if shape not in self._met:
            self._met.add(shape)
            return None
        self._made[shape] = made = make()
        return made


def _slotted(text: str, marks: list[str]) -> tuple[list[str], Pick]:
    """Return a text in pieces, every other one a slot, and what puts values in their order."""
    number = {mark: index for index, mark in enumerate(marks)}
    found = sorted((at, -len(mark), mark) for mark in number for at in _places(text, mark))
    pieces, order, end = list[str](), list[int](), 0
    for at, _, mark in found:
        if at >= end:
            pieces += (text[end:at], "")
            order.append(number[mark])
            end = at + len(mark)
    pieces.append(text[end:])
    # Of one index itemgetter makes no tuple.
    return pieces, itemgetter(*order) if len(order) > 1 else lambda values: [values[order[0]]]


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + len(mark))


def _filled(pieces: list[str], pick: Pick, values: tuple[str, ...]) -> str:
    # To join is three times as fast as to format.
    filled = pieces[:]
    filled[1::2] = pick(values)
    return "".join(filled)
