"""How the terms of the ontology are used in the data: how often, with what, and in which sentences.

All look-ups end at a limit: nothing here reads the uses of a property one by one to count them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.asking.nodes import MANY, Said
from kg.asking.terms import CLASSES, CONCEPTS
from kg.pages.rows import Quote, Rows, Shown
from kg.vocab import RDF, VOID

EXAMPLES = 3
"""How many examples a term has."""

_TRIED = 30
_LOOKED = 500


@dataclass(frozen=True)
class Example:
    """A use of a term, with the words that say it where an article does."""

    subject: Shown
    property: Shown | None = None
    term: Shown | None = None
    """Its value, where that is not what is exemplified."""
    quotes: list[Quote] = field(default_factory=list)


@dataclass(frozen=True)
class Use:
    """How a term is used."""

    count: str = ""
    """How many; empty for none."""
    what: str = "time"
    """What is counted, in the singular."""
    of: list[tuple[Shown, int]] | None = None
    """The classes of the things that have a property, and how many things of each."""
    looked: int = 0
    """At how many uses was looked to tell these, 0 for all."""
    examples: tuple[Example, ...] = ()


class Uses:
    """Looks up the uses of terms, shown on one page."""

    def __init__(self, rows: Rows) -> None:
        """Take how things are shown."""
        self._rows = rows
        self._nodes = rows.nodes

    def of(self, term: ox.NamedNode, sort: str) -> Use:
        """Return how a term is used."""
        if sort == CLASSES:
            count = self._counted(VOID["class"], VOID.entities, term)
            things = self._nodes.subjects(RDF.type, term)
            return Use(
                count or _told(len(things)), "thing", None, 0, self._examples(term, sort, things)
            )
        if sort == CONCEPTS:
            found = self._nodes.mentions(term)
            things = [triple.subject for triple in found]
            return Use(_told(len(found)), "time", None, 0, self._examples(term, sort, things))
        looked = self._nodes.with_property(term, MANY)
        count = self._counted(VOID.property, VOID.triples, term) or _told(len(looked))
        some = sorted(looked, key=str)[:_LOOKED]
        things = [triple.subject for triple in some]
        classes = Counter(
            class_ for thing in set(things) for class_ in self._nodes.iris(thing, RDF.type)
        )
        ordered = sorted(classes.items(), key=lambda item: (-item[1], item[0].value))
        of = [(self._rows.term(class_), number) for class_, number in ordered[:12]]
        seen = len(some) if len(some) < len(looked) or len(looked) >= MANY else 0
        return Use(count, "time", of, seen, self._examples(term, sort, things))

    def _counted(self, partition: ox.NamedNode, number: ox.NamedNode, term: ox.NamedNode) -> str:
        """Return the count of a term in the description of the dataset (VoID, section 4.4)."""
        for part in self._nodes.subjects(partition, term, 2):
            count = self._nodes.text(part, number)
            if count and count.value.isascii() and count.value.isdigit() and len(count.value) < 18:
                return f"{int(count.value):,}"
        return ""

    def _examples(
        self, term: ox.NamedNode, sort: str, things: list[ox.NamedNode]
    ) -> tuple[Example, ...]:
        """Return uses that an article says, of different things; else things that use the term."""
        by = RDF.object if sort in (CLASSES, CONCEPTS) else RDF.predicate
        claims = [self._nodes.said(iri) for iri in self._nodes.subjects(by, term, _TRIED)]
        found: dict[ox.NamedNode, Said] = {}
        for claim in claims:
            right = claim is not None and (sort != CLASSES or claim.predicate == RDF.type)
            if claim is not None and right and claim.spans and claim.subject not in found:
                found[claim.subject] = claim
        chosen = sorted(found.values(), key=lambda c: (not c.asserted, str(c.origin), c.iri.value))
        if chosen:
            return tuple(self._example(claim, sort) for claim in chosen[:EXAMPLES])
        named = sorted(dict.fromkeys(things), key=lambda thing: thing.value)[:EXAMPLES]
        return tuple(Example(self._rows.term(thing)) for thing in named)

    def _example(self, claim: Said, sort: str) -> Example:
        rows, other = self._rows, sort not in (CLASSES, CONCEPTS)
        value = rows.value(claim.object, [claim])
        return Example(
            rows.term(claim.subject),
            rows.term(claim.predicate) if sort == CONCEPTS else None,
            value.term if other else None,
            value.quotes[:1],
        )


def _told(count: int) -> str:
    if count >= MANY:
        return f"more than {MANY:,}"
    return str(count) if count else ""
