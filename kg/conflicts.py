"""Conflicts: what sources give differently though it should be one. Every side is kept.

What should be one is said by the ontology alone: a property that is ``kg:singleValued``; accounts
of one matter, tied by ``kg:otherAccountOf`` or a property below it, or by the same values of an
``owl:hasKey``. That one source denies what another affirms is a conflict whatever the property.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import prod

from pyoxigraph import NamedNode

from kg.model import OWN, STRUCTURAL, Claim, Term, digest
from kg.quotes import fold
from kg.ties import Ties
from kg.vocab import KG, RDF, RDFS, XSD, Vocabulary

MANY = 64
"""With more values than this, all are taken to differ: comparing each with each takes long. What
has more keys is the same as nothing else."""

_DATE = re.compile(
    r"(?:(\d{4})|-)(?:-(\d\d)|-)?(?:-(\d\d))?(?:T(\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)?))?"
)
"""Year, month, day, time: any may be missing (``2018-11``, ``--11-28``, ``---29``)."""


@dataclass(frozen=True)
class Conflict:
    """Claims that cannot all be right."""

    about: tuple[NamedNode, ...]
    """The thing, or the accounts of one matter, that the claims are about; sorted."""
    predicate: NamedNode
    claims: tuple[Claim, ...]
    """All its sides, by object, then hash."""

    @cached_property
    def hash(self) -> str:
        """The digest of what it is about, its property, and the sorted hashes of its claims."""
        about = [node.value for node in self.about]
        return digest([about, self.predicate.value, sorted(claim.hash for claim in self.claims)])

    @property
    def key(self) -> tuple[list[str], str]:
        """What conflicts are sorted by."""
        return [node.value for node in self.about], self.predicate.value

    @property
    def sides(self) -> dict[tuple[Term, str], list[Claim]]:
        """The claims by what they say: an object, and whether it is affirmed or negated."""
        found: dict[tuple[Term, str], list[Claim]] = {}
        for claim in self.claims:
            side = claim.triple.object, claim.standing.polarity
            found.setdefault(side, []).append(claim)
        return found


def find_conflicts(
    claims: Sequence[Claim], vocabulary: Vocabulary, matters: Ties | None = None
) -> list[Conflict]:
    """Return the conflicts of claims, in the order of what they are about.

    Sides are what is asserted, what is reported of somebody as certain, and what is denied; what
    is hedged, planned or corrected contradicts nothing. ``matters`` are the accounts of one matter,
    tied together, where more claims tell of these than are given.
    """
    if matters is None:
        matters = Ties()
        for pair in accounts(claims, vocabulary):
            matters.tie(*pair)
    groups: dict[tuple[str, NamedNode], list[Claim]] = {}
    for claim in claims:
        subject, predicate, _ = claim.triple
        if _takes_a_side(claim):
            groups.setdefault((matters.group(subject.value), predicate), []).append(claim)
    found = []
    for (_, predicate), group in groups.items():
        opposed = _denied(group)
        if predicate in vocabulary.single_valued:
            affirmed = {c.triple.object for c in group if c.standing.polarity == OWN.polarity}
            opposed |= _incompatible(affirmed, matters)
        sides = [claim for claim in group if claim.triple.object in opposed]
        if sides:
            about = sorted({claim.triple.subject for claim in sides}, key=lambda node: node.value)
            sides.sort(key=lambda claim: (str(claim.triple.object), claim.hash))
            found.append(Conflict(tuple(about), predicate, tuple(sides)))
    return sorted(found, key=lambda conflict: conflict.key)


def _takes_a_side(claim: Claim) -> bool:
    # Types, and labels that are composed, come with the kind of the fact: nobody says them.
    composed = claim.triple.predicate == RDFS.label and claim.derivation == STRUCTURAL
    certain = claim.standing.modality == OWN.modality and not claim.corrected_by
    return certain and not composed and claim.triple.predicate != RDF.type


def accounts(claims: Sequence[Claim], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield the pairs of accounts of one matter, by their IRIs."""
    yield from tied(claims, vocabulary)
    first: dict[tuple[str, ...], str] = {}
    for key, subject in keyed(claims, vocabulary):
        yield first.setdefault(key, subject), subject


def tied(claims: Iterable[Claim], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield what claims tie: the IRIs of each two."""
    ties = vocabulary.below(KG.otherAccountOf)
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate in ties and isinstance(value, NamedNode) and claim.asserted:
            yield subject.value, value.value


def keyed(claims: Iterable[Claim], vocabulary: Vocabulary) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys of things, and the IRIs of these; all claims about them are given."""
    terms = {RDF.type, *(term for keys in vocabulary.keys.values() for term in keys)}
    values: dict[NamedNode, dict[NamedNode, set[str]]] = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate in terms and claim.asserted:
            values.setdefault(subject, {}).setdefault(predicate, set()).add(str(value))
    for class_, keys in sorted(vocabulary.keys.items(), key=lambda item: item[0].value):
        for subject, given in values.items():
            wanted = [sorted(given.get(term, ())) for term in keys]
            # What has more keys than can be gone through is no account of any one matter.
            if str(class_) in given.get(RDF.type, ()) and prod(map(len, wanted)) <= MANY:
                for key in product(*wanted):
                    yield (class_.value, *key), subject.value


def _denied(group: Iterable[Claim]) -> set[Term]:
    """Return the objects that one claim affirms and another denies."""
    polarities: dict[Term, set[str]] = {}
    for claim in group:
        polarities.setdefault(claim.triple.object, set()).add(claim.standing.polarity)
    return {value for value, found in polarities.items() if len(found) > 1}


def _incompatible(values: set[Term], matters: Ties) -> set[Term]:
    """Return the values that cannot be right together with some other of them."""
    if len(values) > MANY:
        return values
    return {
        value for pair in combinations(values, 2) if not _agree(*pair, matters) for value in pair
    }


def _agree(one: Term, other: Term, matters: Ties) -> bool:
    """Whether two values may both be right: accounts of one thing, a date and a closer one."""
    if isinstance(one, NamedNode) or isinstance(other, NamedNode):
        return matters.group(one.value) == matters.group(other.value)
    if one.language and other.language and one.language != other.language:
        return True  # the same words cannot be told from others across languages
    if fold(one.value) == fold(other.value) and one.datatype == other.datatype:
        return True
    dates = _DATE.fullmatch(one.value), _DATE.fullmatch(other.value)
    if XSD.string in (one.datatype, other.datatype) or not (dates[0] and dates[1]):
        return False
    parts = zip(dates[0].groups(), dates[1].groups(), strict=True)
    return all(first is None or second is None or first == second for first, second in parts)
