"""How many independent articles say the same: copies of one another count once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import NamedNode

from kg.iris import Iris
from kg.model import Claim, Origin, Triple
from kg.quotes import fold
from kg.ties import Ties
from kg.vocab import RDFS, SCHEMA, SKOS

LONG = 8
"""Words that two articles do not write alike by chance: a sentence of so many is a copy."""


class Sources:
    """Tells which articles are copies: of the same bytes, or said to be based on one another."""

    def __init__(self, digests: Mapping[str, str], claims: Iterable[Claim], iris: Iris) -> None:
        """Take the SHA-256 of articles by name, and the claims that say what they are based on."""
        self._copies = Ties()
        names: dict[str, str] = {}
        for name, sha256 in digests.items():
            names[iris.work(name).value] = name
            self._copies.tie(name, names.setdefault(sha256, name))
        for claim in claims:
            subject, predicate, value = claim.triple
            if predicate == SCHEMA.isBasedOn and claim.asserted and isinstance(value, NamedNode):
                known = [names[node.value] for node in (subject, value) if node.value in names]
                if len(known) == 2:
                    self._copies.tie(*known)

    def independent(self, claims: Sequence[Claim]) -> list[list[str]]:
        """Return the articles behind claims of one thing, those together that count once.

        Articles are one source too where they say it in the same sentence of `LONG` words.
        """
        ties, first = Ties(), dict[str, str]()
        names = sorted({claim.fact.article.name for claim in claims})
        for name in names:
            ties.tie(name, first.setdefault(self._copies.group(name), name))
        for claim in claims:
            for span in claim.spans:
                words = fold(span.quote)
                if len(words.split()) >= LONG:
                    name = claim.fact.article.name
                    ties.tie(name, first.setdefault(f"“{words}”", name))
        groups: dict[str, list[str]] = {}
        for name in names:
            groups.setdefault(ties.group(name), []).append(name)
        return list(groups.values())


def corroborated(claims: Iterable[Claim], sources: Sources) -> list[tuple[Triple, list[list[str]]]]:
    """Return the asserted triples that several independent articles say, in their order.

    Types and names, and what else no words give, are left out: they say nothing of the world.
    """
    said: dict[Triple, list[Claim]] = {}
    for claim in claims:
        if (
            claim.asserted
            and claim.derivation.origin is not Origin.STRUCTURAL
            and claim.triple.predicate not in (RDFS.label, SCHEMA.alternateName, SKOS.hiddenLabel)
        ):
            said.setdefault(claim.triple, []).append(claim)
    several = (
        (triple, sources.independent(found))
        for triple, found in said.items()
        if len({claim.fact.article.name for claim in found}) > 1
    )
    return [(triple, groups) for triple, groups in several if len(groups) > 1]
