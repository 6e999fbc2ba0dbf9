"""Constraints on all values of a node together (SHACL, sections 4.2, 4.4.5, 4.5, 4.7.3, 4.8.2)."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Collection, Sequence
from typing import TypeAlias

from kg.sieve.exact import distinct, precedes
from kg.sieve.graph import NOTHING, Graph
from kg.sieve.terms import language
from kg.sieve.values import Test, is_one_of

SetTest: TypeAlias = Callable[[str, Collection[str], Graph], bool]
"""Whether a node conforms that has some values at the end of a path."""


def counted(least: int, most: int | None) -> SetTest:
    """Compile ``sh:minCount`` and ``sh:maxCount``."""
    limit = sys.maxsize if most is None else most

    def test(node: str, values: Collection[str], graph: Graph) -> bool:
        if len(values) < 2:
            return least <= len(values) <= limit
        return (
            least <= len(distinct(values) if least > 1 or len(values) > limit else values) <= limit
        )

    return test


def one_of_a_language(node: str, values: Collection[str], graph: Graph) -> bool:
    """Test ``sh:uniqueLang``."""
    if len(values) < 2:
        return True
    tags = [tag for tag in map(language, values) if tag]
    return len(tags) == len(set(tags))


def has(wanted: str) -> SetTest:
    """Compile ``sh:hasValue``."""
    wanted_only = frozenset({wanted})
    return lambda node, values, graph: (
        wanted in values or any(is_one_of(value, wanted_only) for value in values)
    )


def equals(predicate: str) -> SetTest:
    """Compile ``sh:equals``."""
    return lambda node, values, graph: (
        distinct(values) == distinct(graph.nodes.get(node, NOTHING).get(predicate, ()))
    )


def disjoint(predicate: str) -> SetTest:
    """Compile ``sh:disjoint``."""
    return lambda node, values, graph: distinct(values).isdisjoint(
        distinct(graph.nodes.get(node, NOTHING).get(predicate, ()))
    )


def in_order(name: str, predicate: str) -> SetTest:
    """Compile ``sh:lessThan`` or ``sh:lessThanOrEquals``."""
    holds = operator.lt if name == "lessThan" else operator.le
    return lambda node, values, graph: all(
        precedes(value, other, holds)
        for value in values
        for other in graph.nodes.get(node, NOTHING).get(predicate, ())
    )


def qualified(wanted: Test, siblings: Sequence[Test], least: int, most: int | None) -> SetTest:
    """Compile ``sh:qualifiedValueShape``: how many values conform to it, and to no sibling."""

    def test(node: str, values: Collection[str], graph: Graph) -> bool:
        count = sum(
            wanted(value, graph) and not any(sibling(value, graph) for sibling in siblings)
            for value in values
        )
        return least <= count and (most is None or count <= most)

    return test
