"""Where passages that were published stand now that their article has changed.

Only what was published is asked: the words, their offset, and the context before and after them.
Nothing is guessed: a passage is found again where its words stand once, or where one of them alone
has the context that was published. Line ends and a byte order mark make no difference to a context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from kg.quotes import starts

ENOUGH = 16
"""How much of the context must be left on one side, where the other has changed."""


@dataclass(frozen=True, slots=True, order=True)
class Anchor:
    """A passage as it was published: code-point offset, words, and the context on both sides."""

    start: int
    exact: str
    prefix: str
    suffix: str


class State(StrEnum):
    """What became of a passage."""

    KEPT = "kept"
    MOVED = "moved"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a passage, and where it begins now; nowhere if it is lost."""

    state: State
    start: int | None = None


Contexts: TypeAlias = dict[tuple[str | None, str | None], list[int]]
"""Where words stand, by what is before and after them; by one of the two, the other being None."""


@dataclass
class Text:
    """The text of an article as it is now, asked for passages that were published."""

    text: str
    _starts: dict[str, list[int]] = field(default_factory=dict)
    _contexts: dict[tuple[str, int, int], Contexts] = field(default_factory=dict)

    def starts(self, words: str) -> list[int]:
        """Return where words stand, overlapping ones too, as `occurrence` counts them."""
        if words not in self._starts:
            self._starts[words] = list(starts(self.text, words))
        return self._starts[words]

    def place(self, anchor: Anchor, once: bool) -> Placed:
        """Return where a passage stands now; ``once``: its words stood nowhere else before.

        Words that stood there only once are the passage wherever they stand once now. Others need
        their context: one that is left may well be another than the one that was published.
        """
        found = self.starts(anchor.exact)
        before, after = _lines(anchor.prefix.removeprefix("\ufeff")), _lines(anchor.suffix)
        contexts = self._around(anchor.exact, len(before), len(after))
        alike = contexts.get((before, after), [])
        if not alike and (len(found) == 1 or anchor.start in found):
            # Half of the context has to do, and is enough where no other has as much.
            alike = found if once and len(found) == 1 else _one_sided(contexts, before, after)
            alike = [start for start in alike if len(found) == 1 or start == anchor.start]
        if anchor.start in alike:
            return Placed(State.KEPT, anchor.start)
        return Placed(State.MOVED, alike[0]) if len(alike) == 1 else Placed(State.LOST)

    def _around(self, words: str, before: int, after: int) -> Contexts:
        """Return where words stand, by their contexts of such lengths."""
        key = (words, before, after)
        if key not in self._contexts:
            table: Contexts = {}
            for start in self.starts(words):
                end = start + len(words)
                # A line end of two characters counts as one: twice as many hold enough. What is
                # short went to the beginning or end of the text, and agrees with nothing longer.
                prefix = _lines(self.text[max(start - 2 * before - 1, 0) : start])
                suffix = _lines(self.text[end : end + 2 * after + 1])
                if before >= ENOUGH:
                    prefix = prefix[-before:]
                elif start <= 2 * before + 1:
                    prefix = prefix.removeprefix("\ufeff")
                if after >= ENOUGH:
                    suffix = suffix[:after]
                for context in ((prefix, suffix), (prefix, None), (None, suffix)):
                    table.setdefault(context, []).append(start)
            self._contexts[key] = table
        return self._contexts[key]


def _one_sided(contexts: Contexts, before: str, after: str) -> list[int]:
    """Return the only place with one side of a context, if that is long enough; else none."""
    sides = ((before, None), (None, after))
    found = {
        start
        for side, text in zip(sides, (before, after), strict=True)
        if len(text) >= ENOUGH
        for start in contexts.get(side, [])[:2]
    }
    return list(found) if len(found) == 1 else []


def _lines(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)
