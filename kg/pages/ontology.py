"""The pages of the ontology: all terms at a glance, and those of each namespace with examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from kg.asking.terms import (
    CLASSES,
    CONCEPTS,
    NOTES,
    OTHERS,
    OVERVIEW,
    PROPERTIES,
    SHAPES,
    named,
    namespace,
)
from kg.asking.turtles import Value
from kg.pages.diagram import diagram
from kg.pages.expressions import Expressions
from kg.pages.made import Made
from kg.pages.rows import Rows, Shown
from kg.pages.shapes import Demand, Shapes
from kg.pages.uses import Use, Uses
from kg.pages.words import Words
from kg.vocab import DCTERMS, KG, OWL, RDF, RDFS, SKOS, Namespace

SORTS = (CLASSES, PROPERTIES, CONCEPTS, NOTES, OTHERS)
"""In which order sorts of terms are listed."""

LARGE = 400
"""From how many terms on a page tells neither uses nor examples of them."""

_SCHEMA = Namespace("schema", "https://schema.org/")
_DEFINITIONS = (SKOS.definition, RDFS.comment, DCTERMS.description, _SCHEMA.description)

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

_APART = {RDF.type, RDFS.label, *_DEFINITIONS, KG.singleValued, OWL.deprecated}


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


@dataclass(frozen=True)
class Entry:
    """A term in the list of all."""

    fragment: str
    shown: Shown
    short: str
    definition: Shown | None


def overview(rows: Rows) -> Made | None:
    """Return the page of all terms, None where the ontology describes none."""
    terms = rows.nodes.terms
    if not terms.all:
        return None
    names = named(list(terms.all))
    groups = []
    for path, found in terms.namespaces.items():
        sorts = [
            (sort, _entries(rows, [t for t in found if terms.all[t] == sort], names))
            for sort in SORTS
        ]
        title = _title(rows, found)
        groups.append((title, rows.links.to(path), [(s, e) for s, e in sorts if e], len(found)))
    values = {
        "iri": rows.nodes.base + OVERVIEW,
        "vocabularies": [_vocabulary(rows, node) for node in terms.vocabularies],
        "groups": groups,
        "count": len(terms.all),
        "shapes": rows.links.to(SHAPES) if Shapes(rows).files else None,
        "diagram": diagram(rows),
    }
    return Made("ontology.html", values)


def _entries(rows: Rows, terms: list[ox.NamedNode], names: dict[ox.NamedNode, str]) -> list[Entry]:
    found = []
    for term in terms:
        text = next(iter(_texts(rows, term, _DEFINITIONS)), None)
        found.append(Entry(names[term], label(rows, term), rows.short(term), text))
    return sorted(found, key=lambda entry: (entry.shown.text.casefold(), entry.short))


def page(rows: Rows, path: str) -> Made | None:
    """Return the page of a namespace, or of a term whose own IRI it is; None for any other path."""
    terms = rows.nodes.terms
    found = terms.namespaces.get(path)
    if found is not None:
        names = {term: terms.places[term].fragment for term in found}
        title, sources = _title(rows, found), terms.described_by(path)
    else:
        term = terms.at(path)
        if term is None or path not in terms.paths:
            return None
        found, names = [term], {term: "term"}
        title, sources = label(rows, term).text, []
    telling = _Telling(rows, len(found) < LARGE)
    by_sort = {
        sort: [telling.told(term, names[term]) for term in found if terms.all[term] == sort]
        for sort in SORTS
    }
    sorts = [
        (sort, sorted(told, key=lambda t: (t.shown.text.casefold(), t.iri)))
        for sort, told in by_sort.items()
        if told
    ]
    values = {
        "iri": rows.nodes.base + path,
        "title": title,
        "single": found == [terms.at(path)],
        "spaces": sorted(set(map(namespace, found))),
        "sorts": sorts,
        "vocabularies": [_vocabulary(rows, node) for node in sources],
        "overview": rows.links.to(OVERVIEW),
        "whole": rows.links.node(found[0]) if found == [terms.at(path)] else None,
        "large": not telling.with_uses,
        "files": _files(rows, found),
    }
    return Made("terms.html", values)


class _Telling:
    """Tells the terms of one page."""

    def __init__(self, rows: Rows, with_uses: bool) -> None:
        self._rows = rows
        self._terms = rows.nodes.terms
        self._turtles = self._terms.turtles
        self._uses = Uses(rows)
        self._shapes = Shapes(rows)
        self._words = Expressions(rows)
        self.with_uses = with_uses

    def told(self, term: ox.NamedNode, fragment: str) -> Told:
        """Return a term with all that is known of it."""
        sort = self._terms.all[term]
        outside = not term.value.startswith(self._rows.nodes.base)
        href = term.value if outside and self._rows.links.outside(term.value) else None
        shown = label(self._rows, term)
        labels = [
            text for text in _texts(self._rows, term, (RDFS.label,)) if text.text != shown.text
        ]
        demands = []
        if sort == CLASSES:
            demands = self._shapes.of_class(term)
        elif sort in (PROPERTIES, NOTES):
            demands = self._shapes.of_property(term)
        return Told(
            *(fragment, term.value, href, shown, self._rows.short(term), labels),
            _texts(self._rows, term, _DEFINITIONS),
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
                yield name, [[self._rows.term(other)] for other in others if _is_iri(other)]


def label(rows: Rows, term: ox.NamedNode) -> Shown:
    """Return how a term is called: in English if it is, else in any language, else by its IRI."""
    shown = rows.term(term)
    labels = _texts(rows, term, (RDFS.label,))
    if shown.text == shown.title and labels:
        return Shown(labels[0].text, labels[0].language, "", shown.href, False, shown.title)
    return shown


def _texts(rows: Rows, term: Value, predicates: tuple[ox.NamedNode, ...]) -> list[Shown]:
    """Return texts of a term, English first, in all languages there are."""
    found = [
        value
        for predicate in predicates
        for value in rows.nodes.terms.turtles.values(term, predicate)
        if isinstance(value, ox.Literal)
    ]
    ordered = sorted(found, key=lambda v: (v.language not in ("en", None), v.language or ""))
    return [Shown(value.value, value.language or "") for value in dict.fromkeys(ordered)]


def _title(rows: Rows, terms: list[ox.NamedNode]) -> str:
    """Return what a namespace is called: by its prefix, or by itself."""
    short = rows.short(terms[0])
    prefix, colon, _ = short.partition(":")
    if colon and not short.startswith(("http:", "https:", "urn:")):
        return prefix
    spaces = {namespace(term) for term in terms}
    return spaces.pop() if len(spaces) == 1 else "Terms without a prefix"


@dataclass(frozen=True)
class Vocabulary:
    """What a vocabulary says of itself."""

    name: Shown
    iri: str
    texts: list[Shown]
    version: str
    licences: list[Shown]
    files: list[tuple[str, str]]


def _vocabulary(rows: Rows, node: ox.NamedNode) -> Vocabulary:
    turtles = rows.nodes.terms.turtles
    names = _texts(rows, node, (DCTERMS.title, RDFS.label))
    versions = turtles.values(node, OWL.versionInfo) or turtles.values(node, OWL.versionIRI)
    return Vocabulary(
        names[0] if names else Shown(rows.short(node)),
        node.value,
        _texts(rows, node, (DCTERMS.description, RDFS.comment)),
        versions[0].value if versions else "",
        [rows.term(value) for value in turtles.values(node, DCTERMS.license) if _is_iri(value)],
        _files(rows, [node]),
    )


def _files(rows: Rows, terms: list[ox.NamedNode]) -> list[tuple[str, str]]:
    names = sorted({name for term in terms for name in rows.nodes.terms.turtles.files(term)})
    return [(name, rows.links.to(f"{OVERVIEW}/{name}", "")) for name in names]


def _true(values: list[Value]) -> bool:
    return any(value.value in ("true", "1") for value in values)


def _is_iri(value: Value) -> bool:
    return isinstance(value, ox.NamedNode)
