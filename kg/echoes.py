"""Echoes: what an article hedges in one place though it asserts it in another."""

from __future__ import annotations

from kg.model import OWN, Claim, Span, Standing

_HEDGED = Standing(modality="hedged")


def without_echoes(claims: list[Claim]) -> list[Claim]:
    """Return claims without those by which an article hedges what it asserts elsewhere.

    A hedged fact about a conferral does not hedge that it is one, nor who received it, if the same
    article says that certainly; its hedge is about what it adds. What someone else says, what is
    planned, and what anyone denies stays beside what is asserted.
    """
    hedged = [c for c in claims if c.standing is not OWN and c.standing == _HEDGED]
    if not hedged:
        return claims
    triples = {claim.triple for claim in hedged}
    own = {(c.triple, c.fact.article) for c in claims if c.triple in triples and c.asserted}
    echoes = {id(claim) for claim in hedged if (claim.triple, claim.fact.article) in own}
    # A fact keeps its claims if one of its quotes would be behind none of the others: that quote
    # may be the one that names its thing, and what nothing is left of is on record as hedged.
    quoted: dict[str, set[Span]] = {}
    for claim in claims:
        if id(claim) not in echoes:
            quoted.setdefault(claim.fact.id, set()).update(claim.spans)
    return [
        claim
        for claim in claims
        if id(claim) not in echoes
        or not quoted.get(claim.fact.id, set()).issuperset(claim.fact.spans)
    ]
