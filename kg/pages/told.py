"""What an article says: its facts in the order of its text, each with the words it rests on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes, Passage, Said
from kg.links import anchor
from kg.pages.marking import Range
from kg.pages.rows import Row, Rows, Shown, Value
from kg.pages.texts import Text
from kg.vocab import KG, PROV, RDF, RDFS


class Cited(NamedTuple):
    """A quote beside a fact, and its place among those of the same words."""

    id: str
    span: Range | None
    words: str
    number: int
    of: int
    next: str
    """The id of the next quote of these words; after the last comes the first."""


@dataclass(frozen=True)
class Told:
    """A fact of an article: what it is about, what it says, and the quotes that it rests on."""

    id: str
    fact: Shown
    thing: Shown
    kind: str
    own: bool
    """Whether the article says all of it itself, as it is."""
    notes: list[Shown]
    """The notes that all its values have; they are not repeated there."""
    rows: list[Row]
    recorded: list[Row]
    quotes: list[Cited]


def said_id(span: Range, number: int = 1) -> str:
    """Return the id of a quote beside the text; its mark leads to the first of its words."""
    return f"said-{anchor(*span)}" + (f"-{number}" if number > 1 else "")


def told(text: Text, rows: Rows) -> tuple[list[Told], int]:
    """Return the facts that rest on a text, in its order, and how many there are.

    A fact stands where those of its words do that the fewest others rest on: what gives many facts
    their context, such as a headline, is not where they are read.
    """
    found = _claims(text, rows.nodes)
    passages = {
        fact: [p for p in rows.nodes.passages(said) if p.file == text.file]
        for fact, said in found.items()
    }
    shared = Counter(passage.span for each in passages.values() for passage in each)

    def order(fact: ox.NamedNode) -> tuple[tuple[str, int, int, str], str]:
        return min(passages[fact], key=lambda p: (shared[p.span], p.order)).order, fact.value

    shown = sorted(found, key=order)[:MANY]
    quotes = _cited([passages[fact] for fact in shown])
    facts = [_told(rows, fact, found[fact], q) for fact, q in zip(shown, quotes, strict=True)]
    return facts, len(found)


def _claims(text: Text, nodes: Nodes) -> dict[ox.NamedNode, list[Said]]:
    """Return the claims of facts by the words of a text."""
    claims: dict[ox.NamedNode, dict[ox.NamedNode, Said]] = {}
    for passage in text.passages:
        for claim in nodes.subjects(PROV.wasDerivedFrom, passage.span):
            if (said := nodes.said(claim)) and said.fact is not None:
                claims.setdefault(said.fact, {})[claim] = said
    return {fact: list(found.values()) for fact, found in claims.items()}


def _cited(passages: list[list[Passage]]) -> list[list[Cited]]:
    """Return the quotes of facts, those of the same words numbered."""
    count = Counter(place(passage) for found in passages for passage in found)
    met = Counter[Range | None]()

    def cited(passage: Passage) -> Cited:
        span = place(passage)
        if span is None:
            return Cited("", None, passage.exact, 1, 1, "")
        met[span] += 1
        number, of = met[span], count[span]
        following = said_id(span, number % of + 1)
        return Cited(said_id(span, number), span, passage.exact, number, of, following)

    return [[cited(passage) for passage in found] for found in passages]


def place(passage: Passage) -> Range | None:
    """Return where a passage stands, if it is known."""
    start, end = passage.start, passage.end
    return None if start is None or end is None else (start, end)


def _told(rows: Rows, fact: ox.NamedNode, claims: list[Said], quotes: list[Cited]) -> Told:
    plain = [c for c in claims if c.predicate not in (RDF.type, RDFS.label)] or claims
    about = rows.nodes.iris(fact, KG.factAbout)
    kind = rows.nodes.text(fact, KG.kind)
    asserted = rows.said([c for c in plain if c.asserted], subjects=True, quotes=False)
    recorded = rows.said([c for c in plain if not c.asserted], subjects=True, quotes=False)
    values = [value for row in (*asserted, *recorded) for value in row.values]
    common = [note for note in values[0].notes if all(note in v.notes for v in values)]
    return Told(
        "fact=" + fact.value.rpartition("/")[2],
        rows.link("fact", fact),
        rows.term(about[0] if about else claims[0].subject),
        kind.value if kind else "",
        all(c.asserted and not (c.voice or c.modality or c.polarity) for c in plain),
        common,
        _without(asserted, common),
        _without(recorded, common),
        quotes,
    )


def _without(rows: list[Row], notes: list[Shown]) -> list[Row]:
    if not notes:
        return rows
    return [replace(row, values=[_less(value, notes) for value in row.values]) for row in rows]


def _less(value: Value, notes: list[Shown]) -> Value:
    return replace(value, notes=[note for note in value.notes if note not in notes])
