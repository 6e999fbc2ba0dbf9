"""A term of the ontology as its page tells it: its meaning, its uses, what must hold of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from kg.asking.terms import CLASSES, NOTES, PROPERTIES
from kg.asking.turtles import Value
from kg.pages.expressions import Expressions
from kg.pages.rows import Rows, Shown
from kg.pages.shapes import Demand, Shapes
from kg.pages.uses import Use, Uses
from kg.pages.words import Words
from kg.vocab import DCTERMS, KG, OWL, RDF, RDFS, SKOS, Namespace

_SCHEMA = Namespace("schema", "https://schema.org/")
DEFINITIONS = (SKOS.definition, RDFS.comment, DCTERMS.description, _SCHEMA.description)

NAMES = {
    RDFS.subClassOf: "a kind of",
    RDFS.subPropertyOf: "a narrower property than",
    RDFS.domain: "used of",
    _SCHEMA.domainIncludes: "used of",
    RDFS.range: "its values are",
    _SCHEMA.rangeIncludes: "its values are",
    OWL.hasKey: "told apart by",
    OWL.equivalentClass: "the same class as",
    OWL.equivalentProperty: "the same property as",
    OWL.inverseOf: "the other way round",
    OWL.disjointWith: "nothing is also",
    OWL.versionInfo: "version",
    OWL.deprecated: "deprecated",
    SKOS.closeMatch: "nearly the same",
    SKOS.exactMatch: "the same elsewhere",
    SKOS.relatedMatch: "connected with",
    SKOS.notation: "written in fact files",
    SKOS.altLabel: "words that mean it",
    RDFS.seeAlso: "see also",
    RDFS.isDefinedBy: "defined by",
}
"""What the ontology says of terms, in words, in the order of pages; the rest by its label."""

KINDS: dict[Value, str] = {
    OWL.Class: "class",
    RDFS.Class: "class",
    RDFS.Datatype: "datatype",
    RDF.Property: "property",
    OWL.ObjectProperty: "property that leads to a thing",
    OWL.DatatypeProperty: "property that has a value",
    OWL.AnnotationProperty: "property of terms",
}
"""What sorts of terms are called."""

_APART = {RDF.type, RDFS.label, *DEFINITIONS, KG.singleValued, OWL.deprecated}


@dataclass(frozen=True)
class Told:
    """A term as its page tells it."""

    fragment: str
    iri: str
    href: str | None
    """Where its own vocabulary tells it, if that is elsewhere."""
    shown: Shown
    short: str
    labels: list[Shown]
    """Other labels, in other languages say."""
    definitions: list[Shown]
    kinds: list[Words]
    marks: list[str]
    """What is to be known first: deprecated, of one value."""
    rows: list[tuple[str, list[Words]]]
    use: Use
    demands: list[Demand] = field(default_factory=list)


class Telling:
    """Tells the terms of one page."""

    def __init__(self, rows: Rows, with_uses: bool) -> None:
        self._rows = rows
        self._terms = rows.nodes.terms
        self._turtles = self._terms.turtles
        self._uses = Uses(rows)
        # Each page needs some of what all shapes say; on pages that lie as deep it is the same.
        self._shapes: Shapes = rows.nodes.kept.setdefault(("shapes", rows.links.up), Shapes(rows))
        self._words = Expressions(rows)
        self.with_uses = with_uses

    def told(self, term: ox.NamedNode, fragment: str) -> Told:
        """Return a term with all that is known of it."""
        sort = self._terms.all[term]
        outside = not term.value.startswith(self._rows.nodes.base)
        href = term.value if outside and self._rows.links.outside(term.value) else None
        shown = self._rows.term(term)
        labels = [
            text for text in texts(self._rows, term, (RDFS.label,)) if text.text != shown.text
        ]
        demands = []
        if sort == CLASSES:
            demands = self._shapes.of_class(term)
        elif sort in (PROPERTIES, NOTES):
            demands = self._shapes.of_property(term)
        return Told(
            *(fragment, term.value, href, shown, self._rows.short(term), labels),
            texts(self._rows, term, DEFINITIONS),
            list(self._kinds(term)),
            list(self._marks(term)),
            list(self._statements(term)),
            self._uses.of(term, sort) if self.with_uses else Use(),
            demands,
        )

    def _kinds(self, term: ox.NamedNode) -> Iterator[Words]:
        for type_ in self._turtles.values(term, RDF.type):
            if type_ != OWL.NamedIndividual:
                yield [KINDS[type_]] if type_ in KINDS else self._words.of(type_)

    def _marks(self, term: ox.NamedNode) -> Iterator[str]:
        if _true(self._turtles.values(term, OWL.deprecated)):
            yield "deprecated: use it no more"
        if _true(self._turtles.values(term, KG.singleValued)):
            yield "at most one value is right; where sources give several, they are a conflict"
        if term == KG.otherAccountOf:
            yield "what it joins is compared: where the accounts differ, they are a conflict"

    def _statements(self, term: ox.NamedNode) -> Iterator[tuple[str, list[Words]]]:
        """Yield what else the ontology says of a term, and of others by the term."""
        order = {predicate: place for place, predicate in enumerate(NAMES)}
        said = [pair for pair in self._turtles.said(term) if pair[0] not in _APART]
        said.sort(key=lambda pair: (order.get(pair[0], len(order)), pair[0].value))
        for predicate, pairs in groupby(said, key=lambda pair: pair[0]):
            words = [self._words.of(value) for _, value in pairs]
            yield NAMES.get(predicate) or self._rows.term(predicate).text, words
        for predicate, name in (
            (RDFS.subClassOf, "kinds of it"),
            (RDFS.subPropertyOf, "narrower properties"),
            (RDF.type, "its members"),
            (RDFS.domain, "properties of it"),
            (RDFS.range, "properties that lead to it"),
        ):
            others = [n for n in self._turtles.having(predicate, term) if n in self._terms.all]
            if others:
                yield name, [[self._rows.term(other)] for other in others if is_iri(other)]


def texts(rows: Rows, term: Value, predicates: tuple[ox.NamedNode, ...]) -> list[Shown]:
    """Return texts of a term, English first, in all languages there are."""
    found = [
        value
        for predicate in predicates
        for value in rows.nodes.terms.turtles.values(term, predicate)
        if isinstance(value, ox.Literal)
    ]
    ordered = sorted(found, key=lambda v: (v.language not in ("en", None), v.language or ""))
    return [Shown(value.value, value.language or "") for value in dict.fromkeys(ordered)]


def _true(values: list[Value]) -> bool:
    return any(value.value in ("true", "1") for value in values)


def is_iri(value: Value) -> bool:
    """Whether a value is a term or thing that has a name."""
    return isinstance(value, ox.NamedNode)
