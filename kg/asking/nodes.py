"""Nodes of a published dataset: their triples, the claims about them, the words behind those.

Nothing here trusts the dump: what is missing or of another shape than kgpress writes is left out.
Each look-up is by pattern, sorted, and ends at a limit, so that no node is slow to read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Any

import pyoxigraph as ox

from kg.asking.published import Published
from kg.asking.terms import Terms
from kg.asking.turtles import Turtles
from kg.exporters.context import DATATYPES
from kg.model import Term, Triple
from kg.vocab import DCTERMS, KG, OA, PROV, RDF, RDFS, SCHEMA, XSD

MANY = 1_000
"""How many nodes a look-up from the object returns at most."""

_CACHED = 1 << 14
_SHOWN = (ox.NamedNode, ox.Literal)
_DEFAULT: ox.DefaultGraph | ox.NamedNode = ox.DefaultGraph()


@dataclass(frozen=True)
class Passage:
    """A span: the words, the words around them, and where they stand."""

    span: ox.NamedNode
    file: ox.NamedNode | None
    article: ox.NamedNode | None
    start: int | None
    end: int | None
    exact: str
    prefix: str
    suffix: str

    @property
    def order(self) -> tuple[str, int, int, str]:
        """What passages are sorted by: article, then place."""
        article = self.article.value if self.article else ""
        return article, self.start or 0, self.end or 0, self.span.value


@dataclass(frozen=True)
class Said:
    """A claim as the dump tells it."""

    iri: ox.NamedNode
    subject: ox.NamedNode
    predicate: ox.NamedNode
    object: Term
    asserted: bool
    origin: ox.NamedNode | None
    rule: str
    inputs: tuple[str, ...]
    voice: ox.NamedNode | None
    modality: ox.NamedNode | None
    polarity: ox.NamedNode | None
    doubt: ox.Literal | None
    fact: ox.NamedNode | None
    corrected_by: tuple[ox.NamedNode, ...]
    replaced_by: tuple[ox.NamedNode, ...]
    conflicts: tuple[ox.NamedNode, ...]
    spans: tuple[ox.NamedNode, ...]

    @property
    def external(self) -> bool:
        """Whether it is outside knowledge, which no article supports."""
        return self.origin == KG.External


class Nodes:
    """Looks up the nodes of a dataset; what recurs (labels, passages) is kept for a while."""

    def __init__(self, published: Published) -> None:
        """Take the dataset."""
        self.published = published
        self.base = published.base
        self.dataset = ox.NamedNode(self.base)
        self.kept: dict[object, Any] = {}  # made of the whole for one page; others need it, too
        self.triples = lru_cache(_CACHED)(self._triples)
        self.objects = lru_cache(_CACHED)(self._objects)
        self.label = lru_cache(_CACHED)(self._label)
        self.said = lru_cache(_CACHED)(self._said)
        self.passage = lru_cache(_CACHED)(self._passage)
        self.known = lru_cache(_CACHED)(self._known)

    @cached_property
    def terms(self) -> Terms:
        """The terms that the ontology describes."""
        return Terms(self.published)

    @cached_property
    def shapes(self) -> Turtles:
        """The SHACL shapes that were published with the dataset."""
        return Turtles(self.published.out / "shapes")

    def _match(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[Triple]:
        # Reading a part of a quad makes a new object: what was asked for is known already.
        for quad in self._quads(subject, predicate, value):
            this = quad.subject if subject is None else subject
            property_ = quad.predicate if predicate is None else predicate
            term = value if isinstance(value, ox.NamedNode) else quad.object
            if isinstance(term, ox.Literal):
                datatype = DATATYPES.get(property_)
                if datatype and term.datatype == XSD.integer:
                    term = ox.Literal(term.value, datatype=datatype)  # Oxigraph keeps but this
            if isinstance(this, ox.NamedNode) and isinstance(term, _SHOWN):
                yield Triple(this, property_, term)

    def _quads(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None, value: Term | None
    ) -> Iterator[ox.Quad]:
        store, graphs = self.published.store, [_DEFAULT]
        if subject in self._beside or value in self._beside:
            graphs += self.published.beside
        return chain.from_iterable(
            store.quads_for_pattern(subject, predicate, value, graph) for graph in graphs
        )

    @cached_property
    def _beside(self) -> set[object]:
        """What is mentioned beside the dump: little, so that few look-ups need go there."""
        graphs, store = self.published.beside, self.published.store
        found = chain.from_iterable(store.quads_for_pattern(None, None, None, g) for g in graphs)
        return {term for quad in found for term in (quad.subject, quad.object)}

    def _triples(self, node: ox.NamedNode) -> tuple[Triple, ...]:
        """Return the triples of a node, each once."""
        found = dict.fromkeys(islice(self._match(node, None, None), MANY))
        # As their N-Triples are sorted, but that no text of a whole triple is made.
        return tuple(sorted(found, key=lambda t: (str(t.predicate), str(t.object))))

    def _objects(self, node: ox.NamedNode, predicate: ox.NamedNode) -> tuple[Term, ...]:
        """Return the values of a property."""
        found = [triple.object for triple in islice(self._match(node, predicate, None), MANY)]
        return tuple(_ordered(found))

    def iris(self, node: ox.NamedNode, predicate: ox.NamedNode) -> tuple[ox.NamedNode, ...]:
        """Return the values of a property that are IRIs."""
        found = self.objects(node, predicate)
        return tuple(value for value in found if isinstance(value, ox.NamedNode))

    def subjects(
        self, predicate: ox.NamedNode, value: Term, limit: int = MANY
    ) -> list[ox.NamedNode]:
        """Return what has a value of a property."""
        found = (triple.subject for triple in islice(self._match(None, predicate, value), limit))
        return sorted(dict.fromkeys(found), key=str)

    def with_property(self, predicate: ox.NamedNode, limit: int = MANY) -> list[Triple]:
        """Return the triples that have a property, in the order of the store."""
        return list(dict.fromkeys(islice(self._match(None, predicate, None), limit)))

    def mentions(self, node: ox.NamedNode, limit: int = MANY) -> list[Triple]:
        """Return the triples that have a node as object."""
        return sorted(dict.fromkeys(islice(self._match(None, None, node), limit)), key=str)

    def text(self, node: ox.NamedNode, *predicates: ox.NamedNode) -> ox.Literal | None:
        """Return the first text that a node has by any of some properties; English comes first."""
        for predicate in predicates:
            found = [v for v in self.objects(node, predicate) if isinstance(v, ox.Literal)]
            if found:
                return min(found, key=lambda v: (v.language not in (None, "en"), str(v)))
        return None

    def _known(self, node: ox.NamedNode) -> bool:
        held = (self._match(node, None, None), self._match(None, None, node))
        return any(next(triples, None) is not None for triples in held)

    def _label(self, node: ox.NamedNode) -> ox.Literal:
        """Return what a node is called: in the dump, in the ontology, or by its IRI."""
        label = self.text(node, RDFS.label) or self.terms.label(node)
        if label is None:  # a thing may have none but what is recorded without being asserted
            claims = map(self.said, self.subjects(RDF.subject, node, 100))
            found = (claim.object for claim in claims if claim and claim.predicate == RDFS.label)
            label = next((value for value in found if isinstance(value, ox.Literal)), None)
        return label or ox.Literal(node.value.removeprefix(self.base) or node.value)

    def _said(self, claim: ox.NamedNode) -> Said | None:
        """Return what a claim says, or None for what is no claim."""
        values: dict[str, list[Term]] = {}
        for quad in islice(self._quads(claim, None, None), MANY):
            if isinstance(term := quad.object, _SHOWN):
                values.setdefault(quad.predicate.value, []).append(term)

        def terms(predicate: ox.NamedNode) -> Sequence[Term]:
            found = values.get(predicate.value)
            return _ordered(found) if found else ()

        def nodes(predicate: ox.NamedNode) -> tuple[ox.NamedNode, ...]:
            return tuple([v for v in terms(predicate) if isinstance(v, ox.NamedNode)])

        def node(predicate: ox.NamedNode) -> ox.NamedNode | None:
            found = nodes(predicate)
            return found[0] if found else None

        def literal(predicate: ox.NamedNode) -> ox.Literal | None:
            found = [v for v in terms(predicate) if isinstance(v, ox.Literal)]
            return found[0] if found else None

        subject, property_, objects = node(RDF.subject), node(RDF.predicate), terms(RDF.object)
        if subject is None or property_ is None or not objects:
            return None
        asserted, rule, inputs = literal(KG.asserted), literal(KG.rule), literal(KG.ruleInputs)
        return Said(
            *(claim, subject, property_, objects[0]),
            asserted is not None and asserted.value == "true",
            node(KG.origin),
            rule.value if rule else "",
            _inputs(inputs.value) if inputs else (),
            *(node(KG.voice), node(KG.modality), node(KG.polarity)),
            *(literal(KG.doubt), node(KG.fact)),
            *(nodes(KG.correctedBy), nodes(DCTERMS.isReplacedBy), nodes(KG.inConflict)),
            nodes(PROV.wasDerivedFrom),
        )

    def claims(self, node: ox.NamedNode, by: ox.NamedNode = RDF.subject) -> list[Said]:
        """Return the claims that have a node as their subject, or by another property of theirs."""
        found = map(self.said, self.subjects(by, node))
        return [claim for claim in found if claim is not None]

    def behind(self, triple: Triple) -> list[Said]:
        """Return the claims that a triple is so, by its subject or object, whatever has fewer."""
        about = self._match(None, RDF.subject, triple.subject)
        naming = self._match(None, RDF.object, triple.object)
        claims = {claim.subject for claim in _fewer(about, naming)}
        found = map(self.said, sorted(claims, key=str))
        return [c for c in found if c and (c.subject, c.predicate, c.object) == triple]

    def _passage(self, span: ox.NamedNode) -> Passage | None:
        """Return what a span says and where, or None for what has no words."""
        values: dict[ox.NamedNode, str] = {}
        for selector in self.iris(span, OA.hasSelector):
            for triple in self.triples(selector):
                if isinstance(triple.object, ox.Literal):
                    values.setdefault(triple.predicate, triple.object.value)
        if OA.exact not in values:
            return None
        file = next(iter(self.iris(span, OA.hasSource)), None)
        article = next(iter(self.iris(file, PROV.specializationOf)), None) if file else None
        return Passage(
            *(span, file, article, _number(values.get(OA.start)), _number(values.get(OA.end))),
            *(values[OA.exact], values.get(OA.prefix, ""), values.get(OA.suffix, "")),
        )

    def passages(self, claims: Iterable[Said]) -> list[Passage]:
        """Return the passages behind claims, each once, in the order of the articles."""
        spans = dict.fromkeys(span for claim in claims for span in claim.spans)
        found = (self.passage(span) for span in spans)
        return sorted((p for p in found if p is not None), key=lambda passage: passage.order)

    def files(self, article: ox.NamedNode) -> list[ox.NamedNode]:
        """Return the files that were read of an article."""
        return self.subjects(PROV.specializationOf, article)

    def date(self, article: ox.NamedNode) -> ox.Literal | None:
        """Return when an article is dated."""
        return self.text(article, SCHEMA.datePublished, SCHEMA.dateModified)


def _ordered(terms: Sequence[Term]) -> Sequence[Term]:
    """Return terms sorted, each once: mostly there is but one."""
    return terms if len(terms) < 2 else sorted(dict.fromkeys(terms), key=str)


def _fewer(first: Iterator[Triple], second: Iterator[Triple]) -> list[Triple]:
    """Return what has fewer triples, found without counting both; of too many, some."""
    ends = (first, list[Triple]()), (second, list[Triple]())
    for _ in range(MANY):
        for end, found in ends:
            if (triple := next(end, None)) is None:
                return found
            found.append(triple)
    return [*ends[0][1], *ends[1][1]]


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else None


def _inputs(text: str) -> tuple[str, ...]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return tuple(map(str, found)) if isinstance(found, list) else ()
