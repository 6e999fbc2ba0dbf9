"""A text as its page writes it: marks that lead to facts, sentences that are behind none."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from kg.links import anchor
from kg.pages.marking import Close, Open, Piece, Range, marks
from kg.pages.texts import Fragment, Sentence
from kg.pages.told import said_id


class Kind(StrEnum):
    """What a part of a text is."""

    OPEN = "open"
    """A mark begins."""
    CLOSE = "close"
    SAID = "said"
    """Words that lead to what they say."""
    DECLARED = "nothing-here"
    """Words of a sentence that is passed over; they lead to why."""
    UNCOVERED = "uncovered"
    """Words of a sentence that is behind no fact."""
    PLAIN = "plain"


class Part(NamedTuple):
    """A part of a text."""

    kind: Kind
    text: str = ""
    id: str = ""
    """The id of what begins here."""
    light: str = ""
    """The classes of a mark (`kg.pages.marking.lights`)."""
    leads: str = ""
    """The id of what the words lead to."""
    again: bool = False
    """Whether words before lead there already: the keyboard need not stop here again."""


class Parts:
    """Parts the fragments of one text."""

    def __init__(
        self,
        spans: Iterable[Range],
        sentences: Iterable[Sentence],
        lights: dict[Range, str],
        beside: Container[str],
    ) -> None:
        """Take what to mark, the classes of marks, and the ids of what stands beside the text."""
        self._marked = set(spans)
        self._spans = sorted(self._marked)
        self._sentences = sorted(sentences)
        self._lights = lights
        self._beside = beside

    def of(self, fragment: Fragment) -> list[Part]:
        """Return a fragment in parts; their texts, joined, are its text."""
        here, end = fragment.start, fragment.end
        first, last = (bisect_left(self._spans, (place,)) for place in (here, end))
        spans = [(a - here, b - here) for a, b in self._spans[first:last] if b <= end]
        edges = (edge - here for s in self._sentences for edge in s.span)
        return list(self._parts(here, marks(fragment.text, spans, edges)))

    def _parts(self, here: int, found: Iterable[Open | Close | Piece]) -> Iterator[Part]:
        waiting = list(reversed(self._sentences))
        met: set[str] = set()
        for mark in found:
            if isinstance(mark, Close):
                yield Part(Kind.CLOSE)
            elif isinstance(mark, Open):
                span = mark.span[0] + here, mark.span[1] + here
                id_ = anchor(*span) if mark.first else ""
                yield Part(Kind.OPEN, id=id_, light=self._lights.get(span, ""))
            elif mark.span is not None:
                leads = said_id((mark.span[0] + here, mark.span[1] + here))
                # Space alone is no link: nobody could hear or see where it leads.
                known = leads in self._beside and not mark.text.isspace()
                yield Part(
                    Kind.SAID if known else Kind.PLAIN, mark.text, "", "", leads, leads in met
                )
                if known:
                    met.add(leads)
            else:
                start = mark.start + here
                while waiting and waiting[-1].end <= start:
                    waiting.pop()
                yield self._passed(mark.text, start, waiting[-1:], met)

    def _passed(self, text: str, start: int, sentences: list[Sentence], met: set[str]) -> Part:
        for sentence in sentences:
            if sentence.start <= start and sentence.status in (Kind.DECLARED, Kind.UNCOVERED):
                span = sentence.span
                leads, again = why_id(sentence), why_id(sentence) in met
                met.add(leads)
                id_ = "" if again or span in self._marked else anchor(*span)
                kind = Kind(sentence.status)
                return Part(kind, text, id_, "", leads if leads in self._beside else "", again)
        return Part(Kind.PLAIN, text)


def why_id(sentence: Sentence) -> str:
    """Return the id of what is said, beside the text, of a sentence that is behind no fact."""
    return f"why-{anchor(*sentence.span)}"
