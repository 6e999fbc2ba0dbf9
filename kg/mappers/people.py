"""People."""

from __future__ import annotations

from kg.fields import Node, Ref
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.vocab import RDF, SCHEMA


@maps
def person(
    *,
    person: Node,
    names: Names,
    location: tuple[Ref, ...] = (),
) -> Triples:
    """A person; what they are in organisations is a `role`, what they say a `statement`."""
    yield from names.of(person)
    yield from properties(person, {RDF.type: SCHEMA.Person, SCHEMA.location: location})
