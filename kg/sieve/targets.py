"""Who is to be judged: the targets of shapes (SHACL, section 2.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.sieve.graph import Nodes, Subclasses, Table
from kg.sieve.terms import OWL, RDFS, SH, SUBCLASS, TYPE


class Aim(NamedTuple):
    """Which shapes a node is a target of, and of which its values are."""

    shapes: tuple[str, ...]
    of_values: tuple[tuple[str, tuple[str, ...]], ...]
    """Predicates, each with the shapes that its objects are targets of."""


class Targets:
    """Tells the targets of the shapes of a graph."""

    def __init__(self, shapes: Nodes, subclasses: Subclasses) -> None:
        """Take the shapes graph, and what is known of classes."""
        self._of_type: dict[str, set[str]] = {}
        self._with: dict[str, set[str]] = {}
        self._behind: dict[str, set[str]] = {}
        self.named: dict[str, list[str]] = {}
        """The nodes that shapes name, by shape."""
        self._aims: dict[tuple[tuple[str, ...], tuple[str, ...]], Aim] = {}
        of_classes = {f"<{RDFS}Class>", f"<{OWL}Class>"}
        of_classes |= {n for n, t in shapes.items() if f"<{RDFS}Class>" in t.get(SUBCLASS, ())}
        for shape, table in shapes.items():
            for class_ in _classes(shape, table, of_classes):
                for below in subclasses.of(class_):
                    self._of_type.setdefault(below, set()).add(shape)
            for found, name in (
                (self._with, "targetSubjectsOf"),
                (self._behind, "targetObjectsOf"),
            ):
                for predicate in table.get(f"<{SH}{name}>", ()):
                    found.setdefault(predicate, set()).add(shape)
            if nodes := table.get(f"<{SH}targetNode>"):
                self.named[shape] = nodes
        every = (*self._of_type.values(), *self._with.values(), *self._behind.values())
        self.shapes = sorted({*self.named}.union(*every))
        """The shapes that have targets."""

    def aim(self, table: Table) -> Aim:
        """Return whose targets a node is, and its values are."""
        key = tuple(table), tuple(table.get(TYPE, ()))
        found = self._aims.get(key)
        if found is None:  # few nodes are unlike all others
            predicates, types = key
            shapes = {shape for type_ in types for shape in self._of_type.get(type_, ())}
            shapes |= {shape for each in predicates for shape in self._with.get(each, ())}
            behind = [(p, tuple(sorted(self._behind[p]))) for p in predicates if p in self._behind]
            found = self._aims[key] = Aim(tuple(sorted(shapes)), tuple(behind))
        return found


def _classes(shape: str, table: Table, of_classes: set[str]) -> Iterator[str]:
    """Yield the target classes of a shape; a class that is a shape is one of its own."""
    yield from table.get(f"<{SH}targetClass>", ())
    if not of_classes.isdisjoint(table.get(TYPE, ())):
        terms = (*table, *(value for values in table.values() for value in values))
        if any(term.startswith(f"<{SH}") for term in terms):
            yield shape
