"""The sentences behind triples: from a triple by its claims to spans, and the words there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.paths import Graph, Name
from kg.asking.published import Published
from kg.asking.support import Key, Match, Support
from kg.model import Problem, Term, Triple
from kg.vocab import KG, OA, PROV, RDF, RDFS

TRUE = ox.Literal(True)
DEFAULT = ox.DefaultGraph()


class Sentence(NamedTuple):
    """The words of a span, and where they stand."""

    path: str
    start: int
    end: int
    line: int
    quote: str
    span: str

    def __str__(self) -> str:
        return f"“{self.quote}” {self.path}:{self.line}"


class Sentences:
    """Looks up claims and spans in the dump, each once."""

    def __init__(self, published: Published) -> None:
        """Take the dataset to look in."""
        self.store = published.store
        self.claims = cache(self._claims)
        self.asserting = cache(self._asserting)
        self.spans = cache(self._spans)
        self.read = cache(self._read)
        self.told = cache(self._told)

    def behind(self, matches: Iterable[Match]) -> list[Sentence]:
        """Return the sentences behind triples, in the order of their patterns in the query.

        What gives types and labels counts only where there is nothing else. A triple of the
        evidence itself has no claim: it has the sentences of the claim, span or fact it is about.
        """
        ranks: dict[ox.NamedNode, tuple[bool, int]] = {}
        about: dict[ox.NamedNode, int] = {}

        def rank(span: ox.NamedNode, naming: bool, order: int) -> None:
            ranks[span] = min(ranks.get(span, (True, order)), (naming, order))

        for order, triple, graphs in matches:
            claims = self.claims(triple, graphs)
            for claim in claims:
                for span in self.spans(claim):
                    rank(span, triple.predicate in (RDF.type, RDFS.label), order)
            if not claims:
                for term in (triple.subject, triple.object):
                    if isinstance(term, ox.NamedNode):
                        about[term] = min(order, about.get(term, order))
        for node, order in self._narrow(about).items():
            rank(node, False, order)
        best = min((naming for naming, _ in ranks.values()), default=False)
        kept = [
            (order, self.read(span)) for span, (naming, order) in ranks.items() if naming == best
        ]
        return [sentence for _, sentence in sorted(kept)]

    def _narrow(self, about: dict[ox.NamedNode, int]) -> dict[ox.NamedNode, int]:
        """Return the spans that nodes of the evidence lead to: no wider than the row tells."""
        told = {node: self.told(node) for node in about}
        met = {node for node, (kind, _) in told.items() if kind}
        met |= {span for kind, spans in told.values() if kind == "span" for span in spans}
        found: dict[ox.NamedNode, int] = {}
        for node, (kind, parts) in told.items():
            spans = parts
            if kind == "fact":
                if met & parts:
                    continue  # a claim of it tells more exactly
                spans = frozenset(span for claim in parts for span in self.spans(claim))
            for span in (spans & met) or spans:
                found[span] = min(about[node], found.get(span, about[node]))
        return found

    def _told(self, node: ox.NamedNode) -> tuple[str, frozenset[ox.NamedNode]]:
        """Return which part of the evidence a node is: claim, span or fact, and what is in it."""
        if self._objects(node, KG.asserted):
            return "claim", self.spans(node)
        if self._objects(node, OA.hasSelector):
            return "span", frozenset({node})
        if spans := self._subjects(OA.hasSelector, node):
            return "span", spans
        claims = self._subjects(KG.fact, node)
        return ("fact", claims) if claims else ("", frozenset())

    def _claims(self, triple: Triple, graphs: tuple[Name, ...]) -> set[ox.NamedNode]:
        """Return the claims by which the triple is asserted in some graphs."""
        return {
            claim
            for graph in graphs
            for claim in self.asserting(triple.subject, graph).get(triple[1:], ())
        }

    def _asserting(
        self, subject: ox.NamedNode, graph: Name
    ) -> dict[tuple[Term, ...], set[ox.NamedNode]]:
        """Return the claims that assert something of a subject, by predicate and object."""
        found: dict[tuple[Term, ...], set[ox.NamedNode]] = {}
        for claim in self._subjects(RDF.subject, subject, graph):
            if self._objects(claim, KG.asserted) == [TRUE]:
                rest = *self._objects(claim, RDF.predicate), *self._objects(claim, RDF.object)
                found.setdefault(rest, set()).add(claim)
        return found

    def _spans(self, claim: ox.NamedNode) -> frozenset[ox.NamedNode]:
        spans = self._objects(claim, PROV.wasDerivedFrom)
        return frozenset(span for span in spans if isinstance(span, ox.NamedNode))

    def _read(self, span: ox.NamedNode) -> Sentence:
        """Return what a span says."""
        values: dict[ox.NamedNode, str] = {}
        parts = [span, *self._objects(span, OA.hasSource), *self._objects(span, OA.hasSelector)]
        for part in parts:
            for triple in self._graph().match(part, None, None):
                if isinstance(triple.object, ox.Literal):
                    values[triple.predicate] = triple.object.value
        return Sentence(
            values[KG.path],
            int(values[OA.start]),
            int(values[OA.end]),
            int(values[KG.line]),
            values[OA.exact],
            span.value,
        )

    def _objects(self, subject: Term, predicate: ox.NamedNode) -> list[Term]:
        return [triple.object for triple in self._graph().match(subject, predicate, None)]

    def _subjects(
        self, predicate: ox.NamedNode, object_: Term, graph: Name = DEFAULT
    ) -> frozenset[ox.NamedNode]:
        found = self._graph(graph).match(None, predicate, object_)
        return frozenset(triple.subject for triple in found)

    def _graph(self, name: Name = DEFAULT) -> Graph:
        return Graph(self.store, (name,), {})


def seeker(
    published: Published, text: str, tell: Callable[[Problem], None]
) -> Callable[[Sequence[str], Sequence[Key]], list[list[Sentence]]]:
    """Return what finds the sentences behind the rows of a query, and tells what it leaves out.

    It raises `QueryError` for a query that it cannot follow.
    """

    def seek(names: Sequence[str], rows: Sequence[Key]) -> list[list[Sentence]]:
        support, sentences = Support(published, text), Sentences(published)
        found = [sentences.behind(matches) for matches in support.matches(names, rows)]
        for place in sorted(support.left_out):
            tell(support.left_out[place])
        return found

    return seek


def as_json(sentences: Sequence[Sentence]) -> str:
    """Return sentences as the text of a JSON array, for machines."""
    return json.dumps([s._asdict() for s in sentences], ensure_ascii=False)
