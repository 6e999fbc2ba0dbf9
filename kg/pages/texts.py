"""What is known of the text of an article: itself or its quotes, and its sentences."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes, Passage
from kg.vocab import OA

LONGEST = 2_000_000
"""Articles with more bytes are shown by their quotes."""


class Sentence(NamedTuple):
    """A sentence of a text: where it stands, its status, and why it is passed over if it is."""

    start: int
    end: int
    status: str
    reason: str

    @property
    def span(self) -> tuple[int, int]:
        """Its half-open offsets (code points)."""
        return self.start, self.end


class Fragment(NamedTuple):
    """A stretch of a text, and where it stands in it (code points)."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


class Text:
    """What is known of one file that was read."""

    def __init__(self, nodes: Nodes, file: ox.NamedNode, sentences: list[Sentence]) -> None:
        """Take what is known, the file that was read, and its sentences (docs/coverage.md)."""
        self._nodes = nodes
        self.file = file
        self.sentences = sentences

    @cached_property
    def passages(self) -> list[Passage]:
        """The passages of the file, in its order."""
        spans = self._nodes.subjects(OA.hasSource, self.file, 20 * MANY)
        found = (self._nodes.passage(span) for span in spans)
        return sorted((p for p in found if p is not None), key=lambda passage: passage.order)

    @cached_property
    def whole(self) -> str | None:
        """The whole text, if it was published and is what the IRI of the file says."""
        path = self.file.value.removeprefix(self._nodes.base)
        home = self._nodes.published.out / "file"
        parts = [unquote(part) for part in path.split("/")]
        odd = {"", ".", ".."} & set(parts) or any(c in part for part in parts for c in "/\0")
        if len(parts) != 3 or parts[0] != "file" or odd:
            return None
        data = _read(home / parts[1] / f"{parts[2]}.txt")
        if data is None or hashlib.sha256(data).hexdigest()[:12] != parts[2]:
            return None
        try:
            return data.decode()
        except UnicodeDecodeError:
            return None

    @cached_property
    def fragments(self) -> list[Fragment]:
        """What is shown of the text: all of it, or else the quotes with what stands around them."""
        return quoted(self.passages) if self.whole is None else [Fragment(0, self.whole)]

    @property
    def published(self) -> str:
        """The path of the published text below the base IRI."""
        return self.file.value.removeprefix(self._nodes.base) + ".txt"


def quoted(passages: list[Passage]) -> list[Fragment]:
    """Return what passages have of a text, in its order: each code point once, and no more.

    Those that touch or overlap become one fragment; what they say differently stands apart.
    """
    found: list[Fragment] = []
    known = (_fragment(passage) for passage in passages)
    for new in sorted(fragment for fragment in known if fragment is not None):
        last = found[-1] if found else Fragment(-1, "")
        shared = last.end - new.start
        if shared < 0 or not _agree(last.text[new.start - last.start :], new.text):
            found.append(new)
        elif new.end > last.end:
            found[-1] = Fragment(last.start, last.text + new.text[shared:])
    return found


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _fragment(passage: Passage) -> Fragment | None:
    start, end = passage.start, passage.end
    sound = start is not None and end is not None and end - start == len(passage.exact)
    if not sound or start is None or start < len(passage.prefix):
        return None
    words = passage.prefix + passage.exact + passage.suffix
    return Fragment(start - len(passage.prefix), words)


def coverage(data: Path) -> dict[str, list[Sentence]]:
    """Return the sentences of all articles by their path, as coverage.json has them."""
    try:
        found: Any = json.loads((data / "coverage.json").read_bytes())
        return {
            str(article["path"]): [
                Sentence(int(s["start"]), int(s["end"]), str(s["status"]), str(s.get("reason", "")))
                for s in article["sentences"]
            ]
            for article in found["articles"]
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}  # a page without it is a page


def _read(path: Path) -> bytes | None:
    try:
        if not path.is_file() or path.stat().st_size > LONGEST:
            return None
        return path.read_bytes()
    except (OSError, ValueError):
        return None
