"""Topics: ideas that articles name and speak of."""

from __future__ import annotations

from kg.fields import Node, Ref
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.vocab import RDF, SKOS


@maps
def topic(*, topic: Node, names: Names, broader: tuple[Ref, ...] = ()) -> Triples:
    """An idea that articles name: a slogan, a strategy, a field, a quality (SKOS, section 3)."""
    yield from names.of(topic)
    yield from properties(topic, {RDF.type: SKOS.Concept, SKOS.broader: broader})
