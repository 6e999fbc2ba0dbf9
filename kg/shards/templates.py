"""Templates: a node written once in all syntaxes, with slots in the places of its values.

A node is written in the plain way with marks for values, and where the marks are found other values
will stand. Nothing here knows how evidence is told, nor what Turtle or JSON-LD looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple


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
            self._turtle[0] % self._turtle[1](turtle),
            self._json[0] % self._json[1](json),
            self._quads[0] % self._quads[1](quads),
        )


def _slotted(text: str, marks: list[str]) -> tuple[str, Callable[[tuple[str, ...]], Any]]:
    """Return a text with ``%s`` in the places of marks, and what puts values in their order."""
    number = {mark: index for index, mark in enumerate(marks)}
    order: list[int] = []

    def slot(match: re.Match[str]) -> str:
        order.append(number[match[0]])
        return "\0"

    pattern = "|".join(re.escape(mark) for mark in sorted(number, key=len, reverse=True))
    slotted = re.sub(pattern, slot, text).replace("%", "%%").replace("\0", "%s")
    # Of one index itemgetter makes no tuple, which serves as well.
    return slotted, itemgetter(*order)
