"""The order of claims."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.model import Claim


def sorted_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Return claims in the order of triple, then hash: few are of the same triple as another."""
    by_subject: dict[NamedNode, dict[str, list[Claim]]] = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        by_line = by_subject.setdefault(subject, {})
        by_line.setdefault(f"{predicate!s} {value!s}", []).append(claim)
    found: list[Claim] = []
    for subject in sorted(by_subject, key=str):
        for _, same in sorted(by_subject[subject].items()):
            found += sorted(same, key=lambda claim: claim.hash) if len(same) > 1 else same
    return found
