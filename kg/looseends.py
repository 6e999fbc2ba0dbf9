"""Loose ends: things that are spoken of without a name, terms that no ontology declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pyoxigraph import NamedNode

from kg.body import nearest
from kg.iris import MINTED, Iris
from kg.model import Claim, Place, Problem
from kg.vocab import RDF, RDFS, Vocabulary


def unlabelled(claims: Sequence[Claim], things: set[NamedNode]) -> Iterator[Problem]:
    """Yield a problem for every thing that is spoken of, but named by no fact of equal standing."""
    labels = [claim for claim in claims if claim.triple.predicate == RDFS.label]
    known = {claim.triple.subject for claim in labels}
    asserted = {claim.triple.subject for claim in labels if claim.asserted}
    corrected = {claim.triple.subject for claim in labels if claim.corrected_by}
    told: set[NamedNode] = set()
    for claim in claims:
        for term in (claim.triple.subject, claim.triple.object):
            if term in asserted or not isinstance(term, NamedNode) or term in told:
                continue
            if term in things and (claim.asserted or term not in known):
                told.add(term)
                name = term.value.rpartition("/")[2]
                message = f"'{name}' is spoken of, but no asserted fact gives it its name"
                mend = "name it in a fact of the article's own, certain and affirmed voice"
                if term in corrected:
                    mend = "its name is corrected: take this fact back (retracts:), or name it anew"
                yield Problem(claim.fact.place, message, mend, check="names")


def undeclared(claims: Iterable[Claim], vocabulary: Vocabulary) -> Iterator[Problem]:
    """Yield a problem for every property or class that no ontology file declares."""
    known = vocabulary.types
    type_, seen = RDF.type, {RDF.type}
    for claim in claims:
        _, predicate, value = claim.triple
        for term in (predicate, value) if predicate == type_ else (predicate,):
            if term not in known and term not in seen and isinstance(term, NamedNode):
                seen.add(term)
                mend = nearest(term.value, [t.value for t in known]).partition("allowed")[0]
                yield Problem(
                    claim.fact.place,
                    f"the mapper of {claim.fact.kind} emits {term}, which no ontology declares",
                    mend or "declare it in ontology/, or mend the mapper",
                    check="ontology",
                )


def misplaced(vocabulary: Vocabulary, iris: Iris) -> Iterator[Problem]:
    """Yield a problem for every term that an ontology puts where the dataset has its own IRIs."""
    spaces = tuple(f"{iris.base}{part}/" for part in MINTED)
    for term in sorted({*vocabulary.types, *vocabulary.labels, *vocabulary.forms}, key=str):
        if term.value.startswith(spaces):
            message = f"the term {term} lies among the things of the dataset"
            mend = f"give it another namespace, such as {iris.base}ns#"
            yield Problem(Place("ontology"), message, mend, check="ontology")
