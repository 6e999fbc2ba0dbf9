"""What tests of the sieve share: shapes and data in Turtle, judged in both ways."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import RdfFormat, parse

from kg.sieve.graph import Graph, Nodes, Subclasses, tables
from kg.sieve.oracle import Result
from kg.sieve.sieve import Sieve, Sifting
from kg.sieve.tiers import Exact, Named, Part, Quick, Shapes
from kg.sieve.values import Watch

EX = "https://example.org/"
HEAD = f"""\
@prefix : <{EX}> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


class Work(NamedTuple):
    """What is to be validated, and by what."""

    shapes: Shapes
    parts: list[Part]
    named: Named


def exactly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate by pySHACL alone."""
    yield from _validated(Exact(work.shapes, watch), work)


def quickly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate behind the sieve."""
    yield from _validated(Quick(work.shapes, watch), work)


def _validated(way: Exact | Quick, work: Work) -> Iterator[Result]:
    way.oracle.prefixes = {"": EX}
    yield from way.validate(work.parts, work.named)


def read(turtle: str) -> dict[str, dict[str, list[str]]]:
    """Read Turtle, without its prefixes, into nodes."""
    return tables(lines(turtle))


def lines(turtle: str) -> Iterator[str]:
    """Yield the canonical N-Triples of Turtle."""
    for quad in parse((HEAD + turtle).encode(), RdfFormat.TURTLE, rename_blank_nodes=True):
        yield f"{quad.triple} .\n"


def work(
    shapes: str, data: str, reference: str = "", named: dict[str, list[str]] | None = None
) -> Work:
    """Return what is to be done; all nodes that shapes name belong here."""
    nodes = read(shapes)
    target = "<http://www.w3.org/ns/shacl#targetNode>"
    found = {shape: table[target] for shape, table in nodes.items() if target in table}
    ontology = read(reference)
    parts = [Part("all", read(data), ontology)]
    return Work(Shapes(nodes, ontology), parts, found if named is None else named)


def sieve(shapes: str, data: str) -> tuple[Sieve, Nodes, set[tuple[str, str]]]:
    """Return the sieve, the nodes, and the pairs of shape and node that it holds back."""
    nodes = read(data)
    made = Sieve(read(shapes), Subclasses(nodes))
    sifting = Sifting(made, Graph(nodes), 4)
    sifting.take(nodes.items())
    sifting.finish(made.targets.named, nodes)
    return made, nodes, {*sifting.suspects}


def outcome(way: object, todo: Work) -> Counter[str] | str:
    """Return the different results of a way to validate, or how it fails."""
    assert way in (exactly, quickly)
    try:
        results = [*way(todo, lambda shape: None)]  # type: ignore[operator]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return Counter({json.dumps(result, sort_keys=True): 1 for result in results})


def same(todo: Work) -> Counter[str]:
    """Hold both ways to the same results; return them."""
    exact, quick = outcome(exactly, todo), outcome(quickly, todo)
    assert exact == quick
    return exact if isinstance(exact, Counter) else Counter()
