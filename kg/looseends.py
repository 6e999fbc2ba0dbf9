"""Loose ends: things that are spoken of without a name, terms that no ontology declares.

Each is told once, where it is met first. What is found article by article tells where that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pyoxigraph import NamedNode

from kg.body import nearest
from kg.iris import MINTED, Iris
from kg.known import Names
from kg.mapping import Kind
from kg.model import Claim, Fact, Place, Problem
from kg.order import order
from kg.vocab import RDF, RDFS, Vocabulary


class Met(NamedTuple):
    """A loose end where it was met: what it is told once for, and what decides which is first."""

    what: str
    order: tuple[Any, ...]
    problem: Problem


def told(met: Iterable[Met]) -> list[Problem]:
    """Return the problem of each loose end where it is met first."""
    first: dict[str, Met] = {}
    for each in met:
        if each.what not in first or each.order < first[each.what].order:
            first[each.what] = each
    return [each.problem for each in first.values()]


@dataclass
class Labelled:
    """The things that have a label, by what kind of claim gives it."""

    known: set[NamedNode] = field(default_factory=set)
    asserted: set[NamedNode] = field(default_factory=set)
    corrected: set[NamedNode] = field(default_factory=set)

    def add(self, claims: Iterable[Claim]) -> Labelled:
        """Take the labels that claims give."""
        for claim in claims:
            if claim.triple.predicate == RDFS.label:
                self.known.add(claim.triple.subject)
                if claim.asserted:
                    self.asserted.add(claim.triple.subject)
                if claim.corrected_by:
                    self.corrected.add(claim.triple.subject)
        return self

    def lacking(self, claims: Iterable[Claim], names: Names) -> Iterator[_Lack]:
        """Yield the claims that speak of a thing which no claim of equal standing names."""
        for claim in claims:
            for term in (claim.triple.subject, claim.triple.object):
                if (
                    isinstance(term, NamedNode)
                    and term not in (self.asserted if claim.asserted else self.known)
                    and names.is_thing(term)
                ):
                    yield _Lack(term, claim)


class _Lack(NamedTuple):
    term: NamedNode
    claim: Claim


def unnamed(names: Names, facts: Iterable[Fact], kinds: Mapping[str, Kind]) -> Iterator[Met]:
    """Yield every named thing to which no fact gives its name, at the first of these facts."""
    seen: set[str] = set()
    for fact in facts:
        if kinds[fact.kind].named and fact.slug not in seen and names.label(fact.slug) is None:
            seen.add(fact.slug)
            mend = "add name: to one of the facts about it"
            message = f"no fact gives '{fact.slug}' a name"
            problem = Problem(fact.place, message, mend, check="names")
            yield Met(f"name {fact.slug}", (fact.article.name, fact.place), problem)


def unlabelled(claims: Iterable[Claim], names: Names, labelled: Labelled) -> Iterator[Met]:
    """Yield every thing that is spoken of, but named by no fact of equal standing.

    Each at the first of the claims, which are given in their order.
    """
    seen: set[NamedNode] = set()
    for term, claim in labelled.lacking(claims, names):
        if term in seen:
            continue
        seen.add(term)
        name = term.value.rpartition("/")[2]
        message = f"'{name}' is spoken of, but no asserted fact gives it its name"
        mend = "name it in a fact of the article's own, certain and affirmed voice"
        if term in labelled.corrected:
            mend = "its name is corrected: take this fact back (retracts:), or name it anew"
        problem = Problem(claim.fact.place, message, mend, check="names")
        yield Met(f"label {term}", order(claim), problem)


def undeclared(claims: Iterable[Claim], vocabulary: Vocabulary) -> Iterator[Met]:
    """Yield every property or class that no ontology file declares.

    Each at the first of the claims, which are given in their order.
    """
    known = vocabulary.types
    type_, seen = RDF.type, {RDF.type}
    for claim in claims:
        _, predicate, value = claim.triple
        for term in (predicate, value) if predicate == type_ else (predicate,):
            if term not in known and term not in seen and isinstance(term, NamedNode):
                seen.add(term)
                mend = nearest(term.value, [t.value for t in known]).partition("allowed")[0]
                mend = mend or "declare it in ontology/, or mend the mapper"
                kind = claim.fact.kind
                message = f"the mapper of {kind} emits {term}, which no ontology declares"
                problem = Problem(claim.fact.place, message, mend, check="ontology")
                yield Met(f"term {term}", order(claim), problem)


def misplaced(vocabulary: Vocabulary, iris: Iris) -> Iterator[Problem]:
    """Yield a problem for every term that an ontology puts where the dataset has its own IRIs."""
    spaces = tuple(f"{iris.base}{part}/" for part in MINTED)
    for term in sorted({*vocabulary.types, *vocabulary.labels, *vocabulary.forms}, key=str):
        if term.value.startswith(spaces):
            message = f"the term {term} lies among the things of the dataset"
            mend = f"give it another namespace, such as {iris.base}ns#"
            yield Problem(Place("ontology"), message, mend, check="ontology")
