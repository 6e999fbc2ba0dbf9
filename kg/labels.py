"""How things and terms are called in labels and messages."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Literal

from kg.model import Claim, Term
from kg.vocab import RDFS, Vocabulary


def labels(claims: Iterable[Claim], vocabulary: Vocabulary) -> dict[Term, str]:
    """Return what each thing and term is called: its label, if it has several the English one."""
    best: dict[Term, tuple[bool, bool, str]] = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate == RDFS.label and isinstance(value, Literal):
            rank = (not claim.asserted, value.language != "en", value.value)
            best[subject] = min(best.get(subject, rank), rank)
    found: dict[Term, str] = {term: word.value for term, word in vocabulary.labels.items()}
    found.update((term, text) for term, (_, _, text) in best.items())
    return found
