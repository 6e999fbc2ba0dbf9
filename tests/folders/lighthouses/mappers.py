"""The mappers of the lighthouses: a kind of this folder alone, with terms of its own."""

from kg.fields import Node, Ref
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.measures import Date, Number
from kg.vocab import RDF, SCHEMA, Namespace

LH = Namespace("lh", "https://example.org/lighthouses/ns#")


@maps
def lighthouse(
    *,
    lighthouse: Node,
    names: Names,
    height: Number | None = None,
    lit: Date | None = None,
    keeper: tuple[Ref, ...] = (),
) -> Triples:
    """A lighthouse: how high, lit since when, kept by whom."""
    yield from names.of(lighthouse)
    yield from properties(
        lighthouse,
        {
            RDF.type: (SCHEMA.Place, LH.Lighthouse),
            LH.heightInMetres: height,
            LH.litIn: lit,
            LH.keeper: keeper,
        },
    )
