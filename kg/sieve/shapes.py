"""Shapes compiled into tests, from the shapes graph itself.

A shape is compiled whole or not at all: whatever is not surely understood, or what pySHACL takes
for malformed, is left to pySHACL (`NotCompiledError`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import chain

from kg.sieve import sets, values
from kg.sieve.graph import NOTHING, Graph, Nodes, Subclasses
from kg.sieve.parameters import Parameters
from kg.sieve.paths import NotCompiledError, Path, members, path
from kg.sieve.sets import SetConstraint
from kg.sieve.terms import SH
from kg.sieve.values import Constraint, Test, Watch, constraint

DEPTH = 12
"""How deep shapes may refer to one another; pySHACL gives up at 15."""


@dataclass(slots=True)
class Shape:
    """A compiled shape: whether nodes conform, and where its constraints look."""

    judge: Constraint
    path: Path | None = None
    inner: list[Shape] = field(default_factory=list)
    """The shapes that its values are judged by."""
    classes: frozenset[str] = frozenset()
    """The classes of which a node must have one, if that is all that the shape wants."""
    raises: bool = False
    """Whether pySHACL may fail on values that it cannot compare, and so must see them all."""


class Compiler:
    """Compiles the shapes of a graph, each once."""

    def __init__(self, shapes: Nodes, subclasses: Subclasses, watch: Watch) -> None:
        """Take the shapes graph, the classes, and who is told of patterns that may take long."""
        self.shapes, self.subclasses, self.watch = shapes, subclasses, watch
        self._known: dict[str, Shape] = {}
        self._open: list[str] = []
        # A parameter of a component of the graph's own makes a constraint of any property.
        self._custom = any(f"<{SH}parameter>" in table for table in shapes.values())

    def shape(self, node: str) -> Shape:
        """Compile a shape."""
        if node not in self._known:
            if self._custom or node in self._open or len(self._open) >= DEPTH:
                raise NotCompiledError("own components, recursion, or too deep")
            if not (table := self.shapes.get(node, NOTHING)):
                raise NotCompiledError("no shape")
            self._open.append(node)
            try:
                self._known[node] = self._compiled(Parameters(table))
            finally:
                self._open.pop()
        return self._known[node]

    def _compiled(self, given: Parameters) -> Shape:
        if given.flag("deactivated"):
            return Shape(constraint(lambda node, graph: True))
        inner: list[Shape] = []
        classes = [self.subclasses.of(class_) for class_ in given.all("class")]
        tests = self._on_values(given) + self._by_shapes(given, inner, classes)
        tests += map(values.class_, classes)
        on_sets = self._on_sets(given, inner)
        raises = any(each.raises for each in inner)
        where = given.one("path")
        if where is None:
            alone = len(tests) == len(classes) == 1 and not on_sets
            only = classes[0] if alone else frozenset[str]()
            return Shape(_on_itself(tests, on_sets), None, inner, only, raises)
        follow = path(where, self.shapes)
        judge = _along(where, follow, tests, on_sets)
        raises |= "lessThan" in given or "lessThanOrEquals" in given
        return Shape(judge, follow, inner, raises=raises)

    def _on_values(self, given: Parameters) -> list[Constraint]:
        """Compile what concerns each value alone."""
        tests: list[Constraint] = []
        if wanted := given.one("nodeKind"):
            tests.append(values.kind(wanted))
        if wanted := given.one("datatype"):
            tests.append(values.datatype(wanted))
        if wanted := given.one("in"):
            tests.append(values.among(wanted, self.shapes))
        if wanted := given.one("languageIn"):
            tests.append(values.languages(wanted, self.shapes))
        for name in ("minLength", "maxLength"):
            if (limit := given.count(name)) is not None:
                tests.append(values.length(name, limit))
        for name in values.BOUNDS:
            tests += [values.bound(name, limit) for limit in given.all(name)]
        named = next((node for node in reversed(self._open) if node[0] == "<"), "<>")[1:-1]
        flags = given.all("flags")
        tests += [values.pattern(p, flags, named, self.watch) for p in given.all("pattern")]
        if "ignoredProperties" in given and "closed" not in given:
            raise NotCompiledError("sh:ignoredProperties of what is not closed")
        if given.flag("closed"):
            ignored = [m for node in given.all("ignoredProperties") for m in self._members(node)]
            properties = [self.shapes.get(node, NOTHING) for node in given.all("property")]
            paths = [path for each in properties for path in each.get(f"<{SH}path>", ())]
            tests.append(values.closed(frozenset([*ignored, *paths])))
        return tests

    def _by_shapes(
        self, given: Parameters, inner: list[Shape], classes: list[frozenset[str]]
    ) -> list[Constraint]:
        """Compile what refers to other shapes; a choice of classes only adds to ``classes``."""
        tests: list[Constraint] = []
        for name in ("node", "property"):
            for node in given.all(name):
                shape = self.shape(node)
                if (f"<{SH}path>" in self.shapes[node]) != (name == "property"):
                    raise NotCompiledError(f"sh:{name} of the wrong sort of shape")
                if shape.classes:
                    classes.append(shape.classes)
                else:
                    inner.append(shape)
                    tests.append(shape.judge)
        for node in given.all("not"):
            tests.append(_not(self._judged(node, inner).judge.one))
        for name, logic in (("and", _and), ("or", _or), ("xone", _xone)):
            for list_ in given.all(name):
                parts = [self._judged(node, inner) for node in self._members(list_)]
                if name == "or" and all(part.classes for part in parts):
                    classes.append(frozenset().union(*(part.classes for part in parts)))
                else:
                    tests.append(logic([part.judge.one for part in parts]))
        return tests

    def _on_sets(self, given: Parameters, inner: list[Shape]) -> list[SetConstraint]:
        """Compile what concerns all values together."""
        least, most = given.count("minCount"), given.count("maxCount")
        tests = [sets.counted(least or 0, most)] if least or most is not None else []
        tests += [sets.constraint(sets.one_of_a_language)] if given.flag("uniqueLang") else []
        tests += map(sets.has, given.all("hasValue"))
        tests += map(sets.equals, given.all("equals"))
        tests += map(sets.disjoint, given.all("disjoint"))
        for name in ("lessThan", "lessThanOrEquals"):
            tests += [sets.in_order(name, predicate) for predicate in given.all(name)]
        for name in ("minCount", "maxCount", "uniqueLang", "lessThan", "lessThanOrEquals"):
            if name in given and "path" not in given:
                raise NotCompiledError(f"sh:{name} of a node shape")
        if any(each[0] != "<" for name in PAIRS for each in given.all(name)):
            raise NotCompiledError("a property that is no IRI")
        return tests + self._qualified(given, inner)

    def _qualified(self, given: Parameters, inner: list[Shape]) -> list[SetConstraint]:
        wanted = given.all("qualifiedValueShape")
        least, most = given.count("qualifiedMinCount"), given.count("qualifiedMaxCount")
        apart = given.flag("qualifiedValueShapesDisjoint")
        if not any(name.startswith("qualified") for name in given):
            return []
        if not wanted or (least is None and most is None) or "path" not in given:
            raise NotCompiledError("half a qualified value shape")
        siblings = self._siblings(self._open[-1]) if apart else set()
        return [
            sets.qualified(
                self._judged(node, inner).judge.one,
                [self._judged(other, inner).judge.one for other in sorted(siblings - {node})],
                least or 0,
                most,
            )
            for node in wanted
        ]

    def _siblings(self, shape: str) -> set[str]:
        """Return the qualified value shapes of all properties of the shapes that have this one."""
        property_, qualified = f"<{SH}property>", f"<{SH}qualifiedValueShape>"
        return {
            sibling
            for table in self.shapes.values()
            if shape in table.get(property_, ())
            for each in table[property_]
            for sibling in self.shapes.get(each, NOTHING).get(qualified, ())
        }

    def _judged(self, node: str, inner: list[Shape]) -> Shape:
        """Compile a shape whose verdict is only part of one: all of it must have one."""
        shape = self.shape(node)
        if shape.raises:
            raise NotCompiledError("an order within a choice")
        inner.append(shape)
        return shape

    def _members(self, list_: str) -> list[str]:
        if not (found := members(list_, self.shapes)):
            raise NotCompiledError("an empty list")
        return found


PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")


def _on_itself(tests: list[Constraint], on_sets: list[SetConstraint]) -> Constraint:
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


def _along(
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


def _not(test: Test) -> Constraint:
    return constraint(lambda node, graph: not test(node, graph))


def _and(tests: list[Test]) -> Constraint:
    return constraint(lambda node, graph: all(test(node, graph) for test in tests))


def _or(tests: list[Test]) -> Constraint:
    return constraint(lambda node, graph: any(test(node, graph) for test in tests))


def _xone(tests: list[Test]) -> Constraint:
    return constraint(lambda node, graph: sum(test(node, graph) for test in tests) == 1)
