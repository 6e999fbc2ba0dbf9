"""How the tests of a shape make one: for a node shape, a property shape, a choice of shapes."""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain

from kg.sieve.graph import Graph
from kg.sieve.paths import Path
from kg.sieve.sets import SetConstraint
from kg.sieve.values import Constraint, Test, constraint


def on_itself(tests: list[Constraint], on_sets: list[SetConstraint]) -> Constraint:
    """Return the constraint of a node shape: its only value is the node."""
    ones = [test.one for test in tests]

    def one(node: str, graph: Graph) -> bool:
        return all(test(node, graph) for test in ones) and all(
            test.one(node, (node,), graph) for test in on_sets
        )

    def every(nodes: Collection[str], graph: Graph) -> bool:
        return all(test.every(nodes, graph) for test in tests) and all(
            test.every(nodes, [(node,) for node in nodes], graph) for test in on_sets
        )

    return Constraint(one, every)


def along(
    where: str, follow: Path, tests: list[Constraint], on_sets: list[SetConstraint]
) -> Constraint:
    """Return the constraint of a property shape."""
    ones = [test.one for test in tests]

    def one(node: str, graph: Graph) -> bool:
        found = follow(node, graph)
        return all(test.one(node, found, graph) for test in on_sets) and all(
            test(value, graph) for value in found for test in ones
        )

    def every(nodes: Collection[str], graph: Graph) -> bool:
        found = [table.get(where, ()) for table in graph.tables(nodes)]
        if not all(test.every(nodes, found, graph) for test in on_sets):
            return False
        together = list(chain.from_iterable(found))
        return all(test.every(together, graph) for test in tests)

    return Constraint(one, every) if where[0] == "<" else constraint(one)


def negated(test: Test) -> Constraint:
    """Compile ``sh:not``."""
    return constraint(lambda node, graph: not test(node, graph))


def all_of(tests: list[Test]) -> Constraint:
    """Compile ``sh:and``."""
    return constraint(lambda node, graph: all(test(node, graph) for test in tests))


def any_of(tests: list[Test]) -> Constraint:
    """Compile ``sh:or``."""
    return constraint(lambda node, graph: any(test(node, graph) for test in tests))


def one_of(tests: list[Test]) -> Constraint:
    """Compile ``sh:xone``."""
    return constraint(lambda node, graph: sum(test(node, graph) for test in tests) == 1)
