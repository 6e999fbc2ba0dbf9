"""What is validated: triples, each with the fact and the passage that it came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.dataset import Dataset
from kg.evidence import Evidence
from kg.model import Claim, Place, Span, Triple
from kg.vocab import RDF


class Sourced(NamedTuple):
    """A triple that is validated, and the fact and the passage that it came from."""

    triple: Triple
    place: Place
    see: Place | None
    asserted: bool = True


def sourced(dataset: Dataset, name: str) -> Iterator[Sourced]:
    """Yield the triples of one file, the same ones whenever it is called."""
    if name == "evidence":
        yield from _evidence(dataset)
    for claim in dataset.claims:
        typed = claim.triple.predicate == RDF.type
        if claim.corrected_by and name != "types":
            continue  # beside what took its place, it would be one value too many
        if typed if name == "types" else name == ("asserted" if claim.asserted else "recorded"):
            yield Sourced(claim.triple, *_site(claim), claim.asserted)
    if name == "recorded":
        for claim in dataset.links:
            yield Sourced(claim.triple, *_site(claim), asserted=False)


def _evidence(dataset: Dataset) -> Iterator[Sourced]:
    """Yield the evidence of all claims; of what several facts share, at the first of them."""
    evidence = Evidence(dataset.iris, dataset.called, dataset.vocabulary, dataset.conflicts)
    claims = sorted(dataset.claims, key=lambda claim: claim.fact.place)
    facts: dict[str, list[Claim]] = {}
    spans: dict[tuple[str, int, int], tuple[Span, Place]] = {}
    for claim in claims:
        facts.setdefault(claim.fact.id, []).append(claim)
        yield from (Sourced(t, *_site(claim)) for t in evidence.claim(claim))
        for span in claim.spans:
            spans.setdefault(span.key, (span, claim.fact.place))
    for own in facts.values():
        fact = own[0].fact
        for triple in evidence.fact(fact, dataset.about(fact), own):
            yield Sourced(triple, fact.place, fact.spans[0].place if fact.spans else None)
    for conflict in dataset.conflicts:
        site = _site(conflict.claims[0])
        yield from (Sourced(t, *site) for t in evidence.conflict(conflict))
    if claims:
        labelled = evidence.labelled(evidence.terms(dataset.used))
        yield from (Sourced(t, Place("ontology"), None) for t in labelled)
    for span, place in spans.values():
        yield from (Sourced(t, place, span.place) for t in evidence.span(span))
    for article in {span.article.name: span.article for span, _ in spans.values()}.values():
        yield from (Sourced(t, Place(article.path), None) for t in evidence.file(article))


def _site(claim: Claim) -> tuple[Place, Place | None]:
    return claim.fact.place, claim.spans[0].place if claim.spans else None
