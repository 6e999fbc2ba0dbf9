"""Links to the same thing elsewhere: outside knowledge, recorded openly and kept apart."""

from __future__ import annotations

from kg.fields import Link, Node, Note, Ref, Text
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date
from kg.vocab import KG, RDF, RDFS, SCHEMA


@maps(external=True)
def link(
    *, link: Node, of: Ref, same_as: Link, title: Text, retrieved: Date, reason: Note
) -> Triples:
    """A thing of the dataset is the same as one elsewhere: who says so, since when, and why.

    No quote supports it, so it is no part of the graph but of ``links.ttl``.
    """
    yield label(link, f"{of.label} = {title.label}")
    yield from properties(
        link,
        {
            RDF.type: KG.Link,
            KG.linkOf: of,
            KG.target: same_as,
            KG.retrieved: retrieved,
            KG.reason: reason,
        },
    )
    yield from properties(Node(of.term, of.label), {SCHEMA.sameAs: same_as})
    yield from properties(Node(same_as.term, title.label), {RDFS.label: title})
