"""Constraints on all values of a node together (SHACL, sections 4.2, 4.4.5, 4.5, 4.7.3, 4.8.2)."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, TypeAlias

from kg.sieve.exact import distinct, precedes
from kg.sieve.graph import NOTHING, Graph
from kg.sieve.terms import language
from kg.sieve.values import Test, is_one_of

SetTest: TypeAlias = Callable[[str, Collection[str], Graph], bool]
"""Whether a node conforms that has some values at the end of a path."""

SetTests: TypeAlias = Callable[[Collection[str], Sequence[Collection[str]], Graph], bool]
"""Whether all of many nodes conform, each with its values; a False may be wrong."""


class SetConstraint(NamedTuple):
    """A constraint on all values of a node: a test of one node, and a quick one of very many."""

    one: SetTest
    every: SetTests


def constraint(one: SetTest) -> SetConstraint:
    """Return a constraint that tests each node."""
    return SetConstraint(
        one,
        lambda nodes, found, graph: all(
            one(node, values, graph) for node, values in zip(nodes, found, strict=True)
        ),
    )


def counted(least: int, most: int | None) -> SetConstraint:
    """Compile ``sh:minCount`` and ``sh:maxCount``."""
    limit = sys.maxsize if most is None else most

    def test(node: str, values: Collection[str], graph: Graph) -> bool:
        count = len(values)
        if count > limit or least > 1:  # terms that differ for us may be one for rdflib
            count = len(distinct(values))
        return least <= count <= limit

    def every(nodes: Collection[str], found: Sequence[Collection[str]], graph: Graph) -> bool:
        counts = {len(values) for values in found}
        return not counts or (least < 2 and least <= min(counts) and max(counts) <= limit)

    return SetConstraint(test, every)


def one_of_a_language(node: str, values: Collection[str], graph: Graph) -> bool:
    """Test ``sh:uniqueLang``."""
    if len(values) < 2:
        return True
    tags = [tag for tag in map(language, values) if tag]
    return len(tags) == len(set(tags))


def has(wanted: str) -> SetConstraint:
    """Compile ``sh:hasValue``."""
    wanted_only = frozenset({wanted})
    return constraint(
        lambda node, values, graph: (
            wanted in values or any(is_one_of(value, wanted_only) for value in values)
        )
    )


def equals(predicate: str) -> SetConstraint:
    """Compile ``sh:equals``."""
    return constraint(
        lambda node, values, graph: (
            distinct(values) == distinct(graph.nodes.get(node, NOTHING).get(predicate, ()))
        )
    )


def disjoint(predicate: str) -> SetConstraint:
    """Compile ``sh:disjoint``."""
    return constraint(
        lambda node, values, graph: distinct(values).isdisjoint(
            distinct(graph.nodes.get(node, NOTHING).get(predicate, ()))
        )
    )


def in_order(name: str, predicate: str) -> SetConstraint:
    """Compile ``sh:lessThan`` or ``sh:lessThanOrEquals``."""
    holds = operator.lt if name == "lessThan" else operator.le
    return constraint(
        lambda node, values, graph: all(
            precedes(value, other, holds)
            for value in values
            for other in graph.nodes.get(node, NOTHING).get(predicate, ())
        )
    )


def qualified(
    wanted: Test, siblings: Sequence[Test], least: int, most: int | None
) -> SetConstraint:
    """Compile ``sh:qualifiedValueShape``: how many values conform to it, and to no sibling."""

    def test(node: str, values: Collection[str], graph: Graph) -> bool:
        count = sum(
            wanted(value, graph) and not any(sibling(value, graph) for sibling in siblings)
            for value in values
        )
        return least <= count and (most is None or count <= most)

    return constraint(test)
