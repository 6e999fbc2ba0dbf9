"""The order in which dumps tell what they hold, made once for all formats that people read.

    thing, its triples          sorted by IRI
      claim                     of each of its triples, in their order
        span, its selectors     where a claim first needs it
          file, its checksum    where a span first needs it
    fact, conflict              after all things
    term                        last: the labels of the classes, properties and concepts used

JSON-LD nests as drawn here; Turtle writes the same sequence flat. A file that is read from top to
bottom thus has the words next to what they support.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from pyoxigraph import NamedNode

from kg.conflicts import Conflict
from kg.evidence import Evidence
from kg.exporters.prefixes import Prefixes
from kg.model import Article, Claim, Span, Term, Triple

if TYPE_CHECKING:
    from kg.dataset import Dataset


@dataclass(slots=True, eq=False)
class Described:
    """A node with its triples, and the nodes that are told right after it."""

    subject: NamedNode
    table: dict[NamedNode, list[Term]]
    """Properties in the order of `Prefixes.rank`, their objects sorted and each once."""
    parts: list[Described] = field(default_factory=list)

    def triples(self) -> Iterator[Triple]:
        """Yield all triples of the node and of its parts."""
        for predicate, objects in self.table.items():
            for value in objects:
                yield Triple(self.subject, predicate, value)
        for part in self.parts:
            yield from part.triples()


class Arrangement:
    """Arranges triples by subject, property and object, whatever they say."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        """Take the prefixes of vocabularies, by which properties are sorted."""
        self._prefixes = Prefixes(prefixes)
        self._rank = lru_cache(maxsize=4096)(self._prefixes.rank)

    def described(
        self, triples: Iterable[Triple], first: NamedNode | None = None
    ) -> Iterator[Described]:
        """Yield any triples by subject, sorted, save that one subject may come first."""
        subjects: dict[NamedNode, list[Triple]] = {}
        for triple in triples:
            subjects.setdefault(triple.subject, []).append(triple)
        for subject in sorted(subjects, key=lambda node: (node != first, node.value)):
            yield self.node(subject, subjects[subject], [])

    def node(
        self, subject: NamedNode, triples: Iterable[Triple], parts: list[Described]
    ) -> Described:
        """Return a subject with its triples, and what is told right after it."""
        found: dict[NamedNode, set[Term]] = {}
        for _, predicate, value in triples:
            found.setdefault(predicate, set()).add(value)
        table = {
            predicate: sorted(values, key=self._prefixes.order) if len(values) > 1 else [*values]
            for predicate, values in sorted(found.items(), key=lambda item: self._rank(item[0]))
        }
        return Described(subject, table, parts)


class Told(NamedTuple):
    """A claim, and the spans that are told right after it, where they are first needed.

    With each span, whether its file is told right after it.
    """

    claim: Claim
    spans: list[tuple[Span, bool]]


class Layout(Arrangement):
    """Lays out the claims of a dataset."""

    def __init__(self, dataset: Dataset, called: Mapping[Term, str] | None = None) -> None:
        """Take the dataset; ``called`` is how things are called if not by its own claims."""
        super().__init__(dataset.vocabulary.prefixes)
        self.dataset = dataset
        self.iris = dataset.iris
        self.evidence = Evidence(
            self.iris, called or dataset.called, dataset.vocabulary, dataset.conflicts
        )

    def graph(self) -> Iterator[Described]:
        """Yield the asserted graph, without evidence."""
        return self.described(self.dataset.asserted)

    def full(self) -> Iterator[Described]:
        """Yield all claims with all their evidence, in one graph."""
        claims = self.dataset.claims
        return chain(self.claims(claims), self.terms(claims), self.accounted())

    def graphs(self) -> Iterator[tuple[NamedNode, Iterator[Described]]]:
        """Yield the graph of each article: the claims of its facts, with all their evidence."""
        articles: dict[NamedNode, list[Claim]] = {}
        for claim in self.dataset.claims:
            articles.setdefault(self.iris.article(claim.fact.article), []).append(claim)
        for graph in sorted(articles, key=_iri):
            own = articles[graph]
            yield graph, chain(self.claims(own), self.terms(own), self.accounted())

    def claims(self, claims: Iterable[Claim]) -> Iterator[Described]:
        """Yield things with their claims, spans and files, then facts, then conflicts."""
        claims = list(claims)
        for subject, told in self.things(claims):
            parts = [self.claim(each) for each in told]
            yield self.node(subject, (t.claim.triple for t in told if t.claim.stands), parts)
        for _, own in self.facts(claims):
            yield self._nested(self.fact(own))
        yield from self.conflicts(self.evidence.among(claims))

    def things(self, claims: Iterable[Claim]) -> Iterator[tuple[NamedNode, list[Told]]]:
        """Yield things, sorted, with the claims about them in their order (`place`)."""
        things: dict[NamedNode, list[Claim]] = {}
        for claim in claims:
            things.setdefault(claim.triple.subject, []).append(claim)
        told: set[object] = set()
        for subject in sorted(things, key=_iri):
            about = sorted(things[subject], key=lambda claim: self._rank(claim.triple.predicate))
            yield subject, [Told(claim, list(_spans(claim, told))) for claim in about]

    def place(self, claim: Claim) -> tuple[Any, ...]:
        """Return what the claims about one thing are sorted by."""
        _, predicate, value = claim.triple
        return *self._rank(predicate), str(value), claim.hash

    def claim(self, told: Told) -> Described:
        """Return the node of a claim, what is told right after it as its parts."""
        node = self._nested(self.evidence.claim(told.claim))
        node.parts += (self.span(span, with_file) for span, with_file in told.spans)
        return node

    def span(self, span: Span, with_file: bool) -> Described:
        """Return the node of a span with its selectors, and if wanted with its file."""
        node = self._nested(self.evidence.span(span))
        if with_file:
            node.parts.append(self.file(span.article))
        return node

    def file(self, article: Article) -> Described:
        """Return the node of the file of an article, with its checksum."""
        return self._nested(self.evidence.file(article))

    def facts(self, claims: Iterable[Claim]) -> list[tuple[str, list[Claim]]]:
        """Return the ids of the facts behind claims, sorted, with the claims of each."""
        facts: dict[str, list[Claim]] = {}
        for claim in claims:
            facts.setdefault(claim.fact.id, []).append(claim)
        return sorted(facts.items())

    def fact(self, own: list[Claim]) -> list[Triple]:
        """Return the triples of a fact, given all of its claims."""
        fact = own[0].fact
        return [*self.evidence.fact(fact, self.dataset.about(fact), own)]

    def conflicts(self, conflicts: Iterable[Conflict]) -> Iterator[Described]:
        """Yield conflicts, sorted."""
        for conflict in sorted(conflicts, key=lambda conflict: conflict.key):
            yield self._nested(self.evidence.conflict(conflict))

    def terms(self, claims: Iterable[Claim]) -> Iterator[Described]:
        """Yield the labels of the terms that claims and their evidence mention."""
        claims = list(claims)
        return self.described(self.evidence.terms(self.evidence.used(claims)) if claims else ())

    def accounted(self) -> Iterator[Described]:
        """Yield what accounts for the labels of terms, in all articles the same."""
        if self.dataset.used:
            yield self._nested(self.evidence.labelled(self._terms))

    @cached_property
    def _terms(self) -> list[Triple]:
        return self.evidence.terms(self.dataset.used)

    def _nested(self, triples: Iterable[Triple]) -> Described:
        """Return the first subject with its triples, and the other subjects as its parts."""
        subjects: dict[NamedNode, list[Triple]] = {}
        for triple in triples:
            subjects.setdefault(triple.subject, []).append(triple)
        root, *parts = (self.node(subject, found, []) for subject, found in subjects.items())
        root.parts += parts
        return root


def _spans(claim: Claim, told: set[object]) -> Iterator[tuple[Span, bool]]:
    """Yield the spans of a claim that are not told yet, each with whether its file is not."""
    for span in claim.spans:
        if _first(span.key, told):
            yield span, _first(span.article.name, told)


def _first(key: object, told: set[object]) -> bool:
    if key in told:
        return False
    told.add(key)
    return True


def _iri(node: NamedNode) -> str:
    return node.value
