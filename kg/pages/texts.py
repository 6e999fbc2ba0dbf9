"""The page of an article: its text with what facts rest on marked, and the facts beside it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes, Passage, Said
from kg.pages.links import anchor
from kg.pages.marking import Mark, Piece, Range, crossing, marks
from kg.pages.rows import Quote, Row, Rows, Shown
from kg.vocab import KG, OA, PROV, RDF, RDFS

LONGEST = 2_000_000
"""Articles with more bytes are shown by their quotes."""

CROSSING = 64
"""How many spans of a text may be split and still light up as one; style.css has that many."""


@dataclass(frozen=True)
class Told:
    """A fact of an article: what it is about, what it says, and the quotes that it rests on."""

    id: str
    fact: Shown
    thing: Shown
    kind: str
    rows: list[Row]
    recorded: list[Row]
    quotes: list[tuple[str, Quote]]
    """Each with the id by which the mark of its words leads here; only the first of a span has
    one."""


class Sentence(NamedTuple):
    """A sentence of a text: where it stands, its status, and why it is passed over if it is."""

    start: int
    end: int
    status: str
    reason: str


@dataclass(frozen=True)
class Marked:
    """A text with its marks, in pieces."""

    marks: list[Mark]
    split: dict[Range, int]
    """The numbers of spans that are split, by which all their parts light up together."""
    status: dict[int, Sentence]
    """The sentences of pieces that no span holds, by where the piece starts."""


class Text:
    """What is known of one file, and what facts say by it."""

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
    def text(self) -> str | None:
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

    @property
    def published(self) -> str:
        """The path of the published text below the base IRI."""
        return self.file.value.removeprefix(self._nodes.base) + ".txt"

    def marked(self) -> Marked:
        """Return the text with its marks."""
        text = self.text or ""
        spans = [(p.start, p.end) for p in self.passages if p.start is not None and p.end]
        edges = (edge for start, end, *_ in self.sentences for edge in (start, end))
        found = list(marks(text, spans, edges))
        split = {span: n for n, span in enumerate(crossing(found)) if n < CROSSING}
        status: dict[int, Sentence] = {}
        sentences = sorted(self.sentences, reverse=True)
        for mark in found:
            if isinstance(mark, Piece):
                while sentences and sentences[-1][1] <= mark.start:
                    sentences.pop()
                if sentences and sentences[-1][0] <= mark.start and mark.span is None:
                    status[mark.start] = sentences[-1]
        return Marked(found, split, status)

    def facts(self, rows: Rows) -> tuple[list[Told], int]:
        """Return the facts that rest on this text, in its order, and how many there are."""
        nodes = self._nodes
        claims: dict[ox.NamedNode, list[Said]] = {}
        for passage in self.passages:
            for claim in nodes.subjects(PROV.wasDerivedFrom, passage.span):
                if (said := nodes.said(claim)) and said.fact is not None:
                    claims.setdefault(said.fact, []).append(said)
        told: list[Told] = []
        seen: set[ox.NamedNode] = set()
        for fact, found in list(claims.items())[:MANY]:
            own = list(dict.fromkeys(found))
            quotes: list[tuple[str, Quote]] = []
            for passage in nodes.passages(own):
                if passage.file == self.file:
                    first = passage.span not in seen and passage.start is not None
                    seen.add(passage.span)
                    quotes.append((said_id(passage) if first else "", rows.quote(passage)))
            plain = [c for c in own if c.predicate not in (RDF.type, RDFS.label)] or own
            about = nodes.iris(fact, KG.factAbout)
            kind = nodes.text(fact, KG.kind)
            told.append(
                Told(
                    "fact=" + fact.value.rpartition("/")[2],
                    rows.link("fact", fact),
                    rows.term(about[0] if about else own[0].subject),
                    kind.value if kind else "",
                    rows.said([c for c in plain if c.asserted], subjects=True, quotes=False),
                    rows.said([c for c in plain if not c.asserted], subjects=True, quotes=False),
                    quotes,
                )
            )
        return told, len(claims)


def said_id(passage: Passage) -> str:
    """Return the id of the quote that the mark of a passage leads to."""
    return "said-" + anchor(passage.start or 0, passage.end or 0)


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
