"""Templates: a node written once in all syntaxes, with slots in the places of its values.

A node is written in the plain way with marks for values, and where the marks are found other values
will stand. Nothing here knows how evidence is told, nor what Turtle or JSON-LD looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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


def _slotted(text: str, marks: list[str]) -> tuple[list[str], Pick]:
    """Return a text in pieces, every other one a slot, and what puts values in their order."""
    number = {mark: index for index, mark in enumerate(marks)}
    pattern = "|".join(re.escape(mark) for mark in sorted(number, key=len, reverse=True))
    pieces = re.split(f"({pattern})", text)
    order = [number[mark] for mark in pieces[1::2]]
    # Of one index itemgetter makes no tuple.
    return pieces, itemgetter(*order) if len(order) > 1 else lambda values: [values[order[0]]]


def _filled(pieces: list[str], pick: Pick, values: tuple[str, ...]) -> str:
    # To join is three times as fast as to format.
    filled = pieces[:]
    filled[1::2] = pick(values)
    return "".join(filled)
