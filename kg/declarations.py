"""Declarations: records by which a curator says that passages hold nothing for a fact, and why.

They are no facts: nothing of them enters the graph. What is declared to say nothing can be no
evidence, and is declared once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from kg.body import body_of, kind_and_slug, nearest
from kg.model import Claim, Declaration, Problem, Span
from kg.quoting import Quoting
from kg.records import Record

NOTHING_HERE = "nothing-here"
"""The first key of such a record; its value is the reason."""

FIELDS = ("quote", "occurrence", "wide", "note")
"""What it may have beside."""


def is_declaration(record: Record) -> bool:
    """Whether a record is a declaration, and no fact."""
    return next(iter(record.data), "") == NOTHING_HERE


def read_declaration(record: Record, quoting: Quoting) -> tuple[Declaration | None, list[Problem]]:
    """Return the declaration of a record, or None, and the problems found in it."""
    body = body_of(record)
    _, reason = kind_and_slug(record, quoting.article)
    if not reason.strip():
        mend = "say why the passage says nothing: advert, navigation, repetition …"
        place = record.place((NOTHING_HERE,))
        body.problems.append(Problem(place, f"'{NOTHING_HERE}' is a reason", mend))
    for name in body.fields:
        if name not in FIELDS:
            mend = nearest(name, FIELDS)
            body.add((name,), f"unknown field '{name}' of {NOTHING_HERE}", mend, key=True)
    note = body.text("note")
    spans = quoting.find(body, body.fields, ())
    if not spans and not body.problems:
        body.add((), "the declaration has no quote", "add quote: with the words", key=True)
    if body.problems:
        return None, body.problems
    place = record.place((NOTHING_HERE,), key=True)
    return Declaration(reason, quoting.article, place, spans, note), []


def overlaps(declarations: Iterable[Declaration], claims: Iterable[Claim]) -> Iterator[Problem]:
    """Yield a problem for what is declared twice, and for facts that rest on what is declared."""
    declared = [(span, declaration) for declaration in declarations for span in declaration.spans]
    declared.sort(key=lambda pair: (pair[0].key, pair[1].place))
    by_article: dict[str, list[tuple[Span, Declaration]]] = {}
    for span, declaration in declared:
        before = by_article.setdefault(span.article.name, [])
        if before and before[-1][0].end > span.start:
            first = before[-1][1].place
            message = f"this passage is declared to say nothing already at {first}"
            mend = "quote each passage in one declaration"
            if first == declaration.place:
                message = "two quotes of this declaration take in the same passage"
                mend = "remove one, or write the occurrence: that it means"
            yield Problem(declaration.place, message, mend, check="coverage", see=span.place)
        else:
            before.append((span, declaration))
    told = set()
    for claim in claims if declared else ():
        for span in claim.spans:
            for declaration in _over(span, by_article.get(span.article.name, [])):
                key = (claim.fact.id, declaration.place)
                if key not in told:
                    told.add(key)
                    message = (
                        f"the fact rests on words that are declared to say nothing "
                        f"({declaration.reason}) at {declaration.place}"
                    )
                    mend = "remove one of the two, or quote other words"
                    yield Problem(claim.fact.place, message, mend, check="coverage", see=span.place)


def _over(span: Span, declared: list[tuple[Span, Declaration]]) -> Iterator[Declaration]:
    """Yield the declarations, in order and disjoint, that overlap a span."""
    index = bisect_left(declared, span.end, key=lambda pair: pair[0].start)
    while index and declared[index - 1][0].end > span.start:
        index -= 1
        yield declared[index][1]
