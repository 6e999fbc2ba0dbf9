"""What a dataset holds, in numbers: of the graph in VoID, of the claims behind it in terms of ours.

https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from kg.exporters.prefixes import Prefixes
from kg.model import Origin, Triple
from kg.vocab import KG, RDF, RDFS, VOID, XSD

if TYPE_CHECKING:
    from kg.dataset import Dataset


def counts(dataset: Dataset, node: NamedNode) -> Iterator[Triple]:
    """Yield how many triples, things, claims … there are."""
    graph, claims = dataset.asserted, dataset.claims
    origins = Counter(claim.derivation.origin for claim in claims)
    numbers = {
        VOID.triples: len(graph),
        VOID.entities: len({triple.subject for triple in graph if triple.predicate == RDF.type}),
        VOID.distinctSubjects: len({triple.subject for triple in graph}),
        VOID.properties: len({triple.predicate for triple in graph}),
        KG.articleCount: len({claim.fact.article.name for claim in claims}),
        KG.factCount: len({claim.fact.id for claim in claims}),
        KG.claimCount: len(claims),
        KG.assertedClaimCount: sum(claim.asserted for claim in claims),
        KG.verbatimClaimCount: origins[Origin.VERBATIM],
        KG.normalisedClaimCount: origins[Origin.NORMALISED],
        KG.inferredClaimCount: origins[Origin.INFERRED],
        KG.structuralClaimCount: origins[Origin.STRUCTURAL],
        KG.correctedClaimCount: sum(bool(claim.corrected_by) for claim in claims),
        KG.externalClaimCount: len(dataset.links),
        KG.conflictCount: len(dataset.conflicts),
    }
    for predicate, count in numbers.items():
        yield Triple(node, predicate, _integer(count))


def partitions(dataset: Dataset, node: NamedNode) -> Iterator[Triple]:
    """Yield how many things each class and how many triples each property has, and of whose."""
    prefixes = Prefixes(dataset.vocabulary.prefixes)
    used: set[str] = set()
    classes = Counter(t.object for t in dataset.asserted if t.predicate == RDF.type)
    properties = Counter(t.predicate for t in dataset.asserted)
    for kind, found, link, term_is, counted in (
        ("class", classes, VOID.classPartition, VOID["class"], VOID.entities),
        ("property", properties, VOID.propertyPartition, VOID.property, VOID.triples),
    ):
        for term, count in found.items():
            short = prefixes.split(term.value)
            used.update(short[:1] if short else ())
            name = ":".join(short) if short else quote(term.value, safe="")
            part = NamedNode(f"{dataset.iris.base}data/dcat.ttl#{kind}={name}")
            yield Triple(node, link, part)
            yield Triple(part, RDF.type, VOID.Dataset)
            yield Triple(part, RDFS.label, Literal(f"{kind} {prefixes.shown(term.value)}"))
            yield Triple(part, term_is, term)
            yield Triple(part, counted, _integer(count))
    for prefix in used:
        yield Triple(node, VOID.vocabulary, NamedNode(prefixes.namespaces[prefix]))


def _integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)
