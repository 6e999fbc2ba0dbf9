"""How things and terms are called in labels and messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.model import Claim, Term
from kg.vocab import RDFS, Vocabulary

Rank: TypeAlias = tuple[bool, bool, str]
"""What decides between labels of one thing, and the label: the least is the one to show."""


def labels(claims: Iterable[Claim], vocabulary: Vocabulary) -> dict[Term, str]:
    """Return what each thing and term is called: its label, if it has several the English one."""
    return called(ranked(claims), vocabulary)


def called(best: Mapping[NamedNode, Rank], vocabulary: Vocabulary) -> dict[Term, str]:
    """Return what each term is called, and each thing by the best of its labels."""
    found: dict[Term, str] = {term: word.value for term, word in vocabulary.labels.items()}
    found.update((term, text) for term, (_, _, text) in best.items())
    return found


def ranked(claims: Iterable[Claim]) -> dict[NamedNode, Rank]:
    """Return the best label of each thing: first those asserted, then those in English."""
    best: dict[NamedNode, Rank] = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate == RDFS.label and isinstance(value, Literal):
            rank = (not claim.asserted, value.language != "en", value.value)
            best[subject] = min(best.get(subject, rank), rank)
    return best
