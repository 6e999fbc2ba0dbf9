"""Places."""

from __future__ import annotations

from kg.fields import Node, Ref
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.vocab import RDF, SCHEMA


@maps
def place(*, place: Node, names: Names, part_of: tuple[Ref, ...] = ()) -> Triples:
    """A country, city or site."""
    yield from names.of(place)
    yield from properties(place, {RDF.type: SCHEMA.Place, SCHEMA.containedInPlace: part_of})
