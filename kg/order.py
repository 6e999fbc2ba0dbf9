"""The order of claims: by triple, then by hash."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import NamedNode

from kg.model import Claim


def in_order(claims: Iterable[Claim]) -> list[Claim]:
    """Return claims in their order: few are of the same triple as another."""
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


def order(claim: Claim) -> tuple[str, ...]:
    """Return what tells where a claim stands in the order."""
    return (*map(str, claim.triple), claim.hash)
