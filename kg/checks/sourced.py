"""What is validated: triples, each with the fact and the passage that it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg.conflicts import Conflict
from kg.dataset import Dataset
from kg.evidence import Evidence
from kg.model import Claim, Place, Span, Triple
from kg.vocab import RDF

FILES = ("asserted", "evidence", "recorded")
"""What is validated; there are ``types``, too, of things to which evidence refers."""


class Sourced(NamedTuple):
    """A triple that is validated, and the fact and the passage that it came from."""

    triple: Triple
    place: Place
    see: Place | None
    asserted: bool = True


class Group(NamedTuple):
    """Triples of one source, so that it is located only if somebody asks."""

    triples: Iterable[Triple]
    place: Place
    span: Span | None = None
    asserted: bool = True


def sourced(dataset: Dataset, name: str) -> Iterator[Sourced]:
    """Yield the triples of one file, the same ones whenever it is called."""
    for triples, place, span, asserted in groups(dataset, name):
        see = span.place if span else None
        for triple in triples:
            yield Sourced(triple, place, see, asserted)


def lines(dataset: Dataset, name: str) -> Iterator[str]:
    """Yield the triples of one file as N-Triples, those of a subject together."""
    names: dict[object, str] = {}  # of predicates: few, and each very often
    before, text = None, ""
    for group in groups(dataset, name):
        for subject, predicate, value in group.triples:
            if subject is not before:
                before, text = subject, str(subject)
            if (verb := names.get(predicate)) is None:
                verb = names[predicate] = str(predicate)
            yield f"{text} {verb} {value} .\n"


def groups(dataset: Dataset, name: str) -> Iterator[Group]:
    """Yield what `sourced` does, grouped by source."""
    if name == "evidence":
        yield from _evidence(dataset)
    for claim in dataset.claims:
        typed = claim.triple.predicate == RDF.type
        if claim.corrected_by and name != "types":
            continue  # beside what took its place, it would be one value too many
        if typed if name == "types" else name == ("asserted" if claim.asserted else "recorded"):
            yield _group(claim, (claim.triple,), claim.asserted)
    if name == "recorded":
        for claim in dataset.links:
            yield _group(claim, (claim.triple,), asserted=False)


def _evidence(dataset: Dataset) -> Iterator[Group]:
    """Yield the evidence of all claims; of what several facts share, at the first of them."""
    evidence = Evidence(dataset.iris, dataset.called, dataset.vocabulary, dataset.conflicts)
    claims = sorted(dataset.claims, key=lambda claim: claim.fact.place)
    facts: dict[str, list[Claim]] = {}
    spans: dict[tuple[str, int, int], tuple[Span, Place]] = {}
    for claim in claims:
        facts.setdefault(claim.fact.id, []).append(claim)
        yield _group(claim, evidence.claim(claim))
        for span in claim.spans:
            spans.setdefault(span.key, (span, claim.fact.place))
    for own in facts.values():
        fact = own[0].fact
        first = fact.spans[0] if fact.spans else None
        yield Group(evidence.fact(fact, dataset.about(fact), own), fact.place, first)
    for conflict in dataset.conflicts:
        if not within(conflict, dataset):
            continue
        yield _group(conflict.claims[0], evidence.conflict(conflict))
    if claims:
        yield Group(evidence.labelled(evidence.terms(dataset.used)), Place("ontology"))
    for span, place in spans.values():
        yield Group(evidence.span(span), place, span)
    for article in {span.article.name: span.article for span, _ in spans.values()}.values():
        yield Group(evidence.file(article), Place(article.path))


def within(conflict: Conflict, dataset: Dataset) -> bool:
    """Whether all sides of a conflict are in a dataset; a shard may have but some."""
    return all(claim.fact.article.name in dataset.articles for claim in conflict.claims)


def _group(claim: Claim, triples: Iterable[Triple], asserted: bool = True) -> Group:
    return Group(triples, claim.fact.place, claim.spans[0] if claim.spans else None, asserted)
