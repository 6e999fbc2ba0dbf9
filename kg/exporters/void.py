"""What a dataset holds, in numbers: of the graph in VoID, of the claims behind it in terms of ours.

https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from kg.exporters.prefixes import Prefixes
from kg.model import Origin, Triple
from kg.summary import Summary, Tally
from kg.vocab import KG, RDF, RDFS, VOID, XSD

if TYPE_CHECKING:
    from kg.dataset import Dataset


def counts(summary: Summary, node: NamedNode) -> Iterator[Triple]:
    """Yield how many triples, things, claims … there are."""
    tally, origins = summary.tally, summary.origins
    numbers = {
        VOID.triples: tally.triples,
        VOID.entities: tally.entities,
        VOID.distinctSubjects: tally.subjects,
        VOID.properties: len(tally.properties),
        KG.articleCount: summary.told_articles,
        KG.factCount: summary.told_facts,
        KG.claimCount: summary.claims,
        KG.assertedClaimCount: summary.asserted,
        KG.verbatimClaimCount: origins[Origin.VERBATIM],
        KG.normalisedClaimCount: origins[Origin.NORMALISED],
        KG.inferredClaimCount: origins[Origin.INFERRED],
        KG.structuralClaimCount: origins[Origin.STRUCTURAL],
        KG.correctedClaimCount: summary.corrected,
        KG.externalClaimCount: summary.links,
        KG.conflictCount: summary.conflicts,
    }
    for predicate, count in numbers.items():
        yield Triple(node, predicate, _integer(count))


def partitions(dataset: Dataset, tally: Tally, node: NamedNode) -> Iterator[Triple]:
    """Yield how many things each class and how many triples each property has, and of whose."""
    prefixes = Prefixes(dataset.vocabulary.prefixes)
    used: set[str] = set()
    for kind, found, link, term_is, counted in (
        ("class", tally.classes, VOID.classPartition, VOID["class"], VOID.entities),
        ("property", tally.properties, VOID.propertyPartition, VOID.property, VOID.triples),
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
