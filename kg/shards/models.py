"""Models of nodes, from which templates are made: their values stand nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from pyoxigraph import NamedNode

from kg.evidence import CONTEXT
from kg.model import OWN, Article, Claim, Derivation, Fact, Origin, Place, Span, Triple
from kg.vocab import RDF


def a_claim() -> Claim:
    """Return a claim that rests on one span."""
    before, words, after = "p" * CONTEXT, "kgpress exact words", "s" * CONTEXT
    # So far into the file, and with so many letters of two bytes, that no two numbers are alike.
    text = "é" * 40_000 + "\n" * 4567 + f"{before}{words}{after}\n"
    article = Article("kgpress mark", "seeds/kgpress mark.txt", text.encode())
    start = text.index(words)
    spans = (Span(article, start, start + len(words)),)
    fact = Fact(f"{article.name}/kgpress-fact", "", "", article, Place(article.path), spans)
    triple = Triple(_mark(1), _mark(2), _mark(3))
    return Claim(triple, fact, spans, OWN, Derivation(Origin.VERBATIM))


def a_node(triples: Sequence[Triple]) -> list[Triple]:
    """Return triples of the same types and properties, with other values."""
    return [
        Triple(_mark(0), predicate, value if predicate == RDF.type else _mark(number))
        for number, (_, predicate, value) in enumerate(triples, 1)
    ]


def _mark(number: int) -> NamedNode:
    return NamedNode(f"urn:kgpress-mark:{number}:")
