"""What pages show of nodes: rows of a property and its values, each value with its sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import groupby
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.nodes import Nodes, Passage, Said
from kg.explain import marked
from kg.exporters.prefixes import Prefixes
from kg.links import Links, claim_anchor
from kg.model import Term, Triple
from kg.vocab import KG, XSD

_PLAIN = (
    *(XSD.date, XSD.gYear, XSD.gYearMonth, XSD.boolean),
    *(XSD.integer, XSD.nonNegativeInteger, XSD.decimal, XSD.anyURI),
)
"""Datatypes that people see by themselves."""

QUOTES = 20
"""How many quotes of one value are shown."""


@dataclass(frozen=True)
class Shown:
    """A term as it is shown: its text, its language or datatype, and where it leads."""

    text: str
    language: str = ""
    datatype: str = ""
    href: str | None = None
    outside: bool = False
    title: str = ""


@dataclass(frozen=True)
class Quote:
    """The words of a passage, in pieces (text, whether it is the value), and where they stand."""

    pieces: list[tuple[str, bool]]
    href: str | None
    article: Shown
    date: str
    passage: Passage


@dataclass(frozen=True)
class Value:
    """A value with the notes on how it stands and was got, and the quotes that say it."""

    term: Shown
    notes: list[Shown] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    more: int = 0
    """How many quotes are left out."""
    claims: list[Shown] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """By what its claims are found on the page of their fact."""

    @property
    def articles(self) -> int:
        """From how many articles the quotes are."""
        return len({quote.passage.article for quote in self.quotes})


@dataclass(frozen=True)
class Row:
    """A property and its values; with a subject where it is not that of the page."""

    subject: Shown | None
    property: Shown
    values: list[Value]


def moment(date: str) -> str:
    """Return a date as people read it, a time of the day to the minute."""
    return re.sub(r"T(\d\d:\d\d)(:00(\.0+)?)?(?=$|Z|[+-])", r", \1", date)


class Rows:
    """Makes the rows of one page."""

    def __init__(self, nodes: Nodes, links: Links) -> None:
        """Take what is known and the links of the page."""
        self.nodes = nodes
        self.links = links
        self.term = cache(self._term)  # what a page names, it names often
        self._prefixes = Prefixes(nodes.published.vocabulary.prefixes)

    def _term(self, term: Term) -> Shown:
        """Return how a term is shown."""
        if isinstance(term, ox.NamedNode):
            label, short = self.nodes.label(term), self.short(term)
            link = self.link(short if label.value == term.value else label.value, term)
            return replace(link, language=label.language or "", title=short)
        if term.datatype == XSD.dateTime:
            return Shown(moment(term.value), title=term.value)
        plain = term.language or term.datatype in (XSD.string, *_PLAIN)
        kind = "" if plain else self.short(term.datatype)
        title = self.short(term.datatype) if term.datatype in _PLAIN else ""
        return Shown(term.value, term.language or "", kind, title=title)

    def link(self, text: str, node: ox.NamedNode) -> Shown:
        """Return words of our own that lead to a node."""
        href = self.links.node(node)
        return Shown(text, href=href, outside=href is not None and self.links.outside(href))

    def short(self, node: ox.NamedNode) -> str:
        """Return the short name of an IRI, or the IRI."""
        return self._prefixes.shown(node.value)

    def facts(self, triples: Iterable[Triple]) -> list[Row]:
        """Return the rows of triples that no claim makes."""
        ordered = sorted(triples, key=lambda t: (self._prefixes.rank(t.predicate), str(t.object)))
        return [
            Row(None, self.term(predicate), [Value(self.term(t.object)) for t in found])
            for predicate, found in groupby(ordered, key=lambda t: t.predicate)
        ]

    def said(
        self, claims: Iterable[Said], *, subjects: bool = False, quotes: bool = True
    ) -> list[Row]:
        """Return the rows of claims; those of one triple and standing are one value."""
        groups: dict[tuple[ox.NamedNode, ox.NamedNode], dict[object, list[Said]]] = {}
        rank = self._prefixes.rank
        for claim in sorted(
            claims, key=lambda c: (c.subject.value, rank(c.predicate), str(c.object), c.iri.value)
        ):
            standing = claim.asserted, claim.voice, claim.modality, claim.polarity
            values = groups.setdefault((claim.subject, claim.predicate), {})
            values.setdefault((claim.object, standing), []).append(claim)
        return [
            Row(
                self.term(subject) if subjects else None,
                self.term(predicate),
                [self.value(found[0].object, found, quotes) for found in values.values()],
            )
            for (subject, predicate), values in groups.items()
        ]

    def value(self, term: Term, claims: list[Said], quotes: bool = True) -> Value:
        """Return a value with what is known of its claims; their words and pages if wanted."""
        notes = list(dict.fromkeys((*self.standing(claims), *self.got(claims))))
        if not quotes:
            return Value(self.term(term), notes)
        passages = self.nodes.passages(claims)
        told = self.quotes(passages[:QUOTES], [term], claims)
        behind = [self.link("claim", claim.iri) for claim in claims[:QUOTES]]
        ids = [claim_anchor(claim.iri) for claim in claims]
        return Value(self.term(term), notes, told, len(passages) - len(told), behind, ids)

    def quotes(
        self, passages: Iterable[Passage], terms: Iterable[Term], claims: Iterable[Said]
    ) -> list[Quote]:
        """Return the words of passages, marked where terms, or what claims got, stand in them."""
        words = [t.value if isinstance(t, ox.Literal) else self.nodes.label(t).value for t in terms]
        words += (text for claim in claims for text in claim.inputs)
        return [self.quote(passage, words) for passage in passages]

    def quote(self, passage: Passage, words: Iterable[str] = ()) -> Quote:
        """Return the words of a passage, those of a value marked in them."""
        article, date = Shown(""), None
        if passage.article is not None:
            article, date = self.term(passage.article), self.nodes.date(passage.article)
        pieces = marked(passage.exact, words)
        href = self.links.passage(passage)
        return Quote(pieces, href, article, moment(date.value) if date else "", passage)

    def standing(self, claims: Iterable[Said]) -> list[Shown]:
        """Return how claims stand: by whom, how surely, and against what they are said."""
        return list(dict.fromkeys(note for claim in claims for note in self._standing(claim)))

    def got(self, claims: Iterable[Said]) -> list[Shown]:
        """Return how the values of claims were got, where they do not stand in their quotes."""
        return list(dict.fromkeys(note for claim in claims for note in self._got(claim)))

    def _standing(self, claim: Said) -> Iterator[Shown]:
        if claim.voice is not None:
            yield self.link("said by " + self.term(claim.voice).text, claim.voice)
        for node in (claim.modality, claim.polarity):
            if node is not None:
                yield Shown(self.term(node).text)
        if claim.doubt is not None:
            yield Shown("doubtful: " + claim.doubt.value)
        for fact in claim.corrected_by:
            yield self.link("corrected by " + self._fact(fact), fact)
        for other in claim.replaced_by:
            said = self.nodes.said(other)
            text = self.term(said.object).text if said else "another claim"
            yield self.link("replaced by " + text, other)
        for conflict in claim.conflicts:
            yield self.link("sources differ", conflict)

    def _got(self, claim: Said) -> Iterator[Shown]:
        if claim.origin not in (None, KG.Verbatim, KG.Structural):
            assert claim.origin is not None
            rule = f" ({claim.rule})" if claim.rule else ""
            yield Shown(self.term(claim.origin).text + rule, title=" · ".join(claim.inputs))

    def _fact(self, fact: ox.NamedNode) -> str:
        return unquote(fact.value.removeprefix(f"{self.nodes.base}fact/"))
