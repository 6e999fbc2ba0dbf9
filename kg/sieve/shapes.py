"""Shapes compiled into tests, from the shapes graph itself.

A shape is compiled whole or not at all: whatever is not surely understood, or what pySHACL takes
for malformed, is left to pySHACL (`NotCompiledError`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.sieve import judging, sets, values
from kg.sieve.graph import NOTHING, Nodes, Subclasses
from kg.sieve.parameters import Parameters
from kg.sieve.paths import NotCompiledError, Path, members, path
from kg.sieve.sets import SetConstraint
from kg.sieve.terms import SH
from kg.sieve.values import Constraint, Watch, constraint

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
    looks: bool = False
    """Whether it reads what is said of a node, besides its types."""
    far: bool = False
    """Whether it reads what is said of other nodes, besides their types."""
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
        looks = any(each.looks for each in inner) or given.flag("closed")
        far = any(each.far for each in inner)
        where = given.one("path")
        if where is None:
            alone = len(tests) == len(classes) == 1 and not on_sets
            only = classes[0] if alone else frozenset[str]()
            looks |= not given.isdisjoint(PAIRS)
            judge = judging.on_itself(tests, on_sets)
            return Shape(judge, None, inner, only, looks, far, raises)
        follow = path(where, self.shapes)
        judge = judging.along(where, follow, tests, on_sets)
        far |= looks or where[0] != "<"
        raises |= not given.isdisjoint(("lessThan", "lessThanOrEquals"))
        return Shape(judge, follow, inner, frozenset(), True, far, raises)

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
            tests.append(judging.negated(self._judged(node, inner).judge.one))
        for name, logic in LOGIC.items():
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


LOGIC = {"and": judging.all_of, "or": judging.any_of, "xone": judging.one_of}
PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
