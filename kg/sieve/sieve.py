"""The sieve: which of the shapes that a node is a target of it may break."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappush, heapreplace
from typing import TypeAlias
from zlib import crc32

from kg.sieve.exact import UndecidedError
from kg.sieve.graph import NOTHING, Graph, Nodes, Subclasses
from kg.sieve.paths import NotCompiledError
from kg.sieve.shapes import Compiler, Shape
from kg.sieve.targets import Targets
from kg.sieve.values import Watch

Pair: TypeAlias = tuple[str, str]
"""A shape, and a node that is a target of it."""


class Sieve:
    """The shapes of a graph that have targets, compiled as far as they can be."""

    def __init__(
        self,
        shapes: Nodes,
        subclasses: Subclasses,
        targets: Targets | None = None,
        watch: Watch = lambda shape: None,
    ) -> None:
        """Take the shapes graph, and the classes that ``sh:class`` and targets know.

        ``targets`` may know other classes. ``watch`` is told of the shape whose pattern is about to
        be tried, where that may take long.
        """
        self.targets = targets or Targets(shapes, subclasses)
        self.compiled: dict[str, Shape] = {}
        self.uncompiled: dict[str, str] = {}
        """Why what was not compiled was not."""
        compiler = Compiler(shapes, subclasses, watch)
        for shape in self.targets.shapes:
            try:
                self.compiled[shape] = compiler.shape(shape)
            except NotCompiledError as error:
                self.uncompiled[shape] = str(error)

    def pairs(self, own: Nodes, named: dict[str, list[str]]) -> Iterator[Pair]:
        """Yield each target of each shape among some nodes, and those that shapes name."""
        seen = {(shape, node) for shape, nodes in named.items() for node in nodes}
        yield from sorted(seen)
        behind: dict[Pair, None] = {}
        for node, table in own.items():
            aim = self.targets.aim(table)
            for shape in aim.shapes:
                if not seen or (shape, node) not in seen:
                    yield shape, node
            for predicate, shapes in aim.of_values:
                behind.update(((s, value), None) for s in shapes for value in table[predicate])
        for shape, node in behind:
            known = (shape, node) in seen or shape in self.targets.aim(
                own.get(node, NOTHING)
            ).shapes
            if not known:
                yield shape, node

    def may_break(self, shape: str, node: str, graph: Graph) -> bool:
        """Whether a node may break a compiled shape; False is certain."""
        try:
            return not self.compiled[shape].conforms(node, graph)
        except UndecidedError:
            return True


class Sample:
    """A few nodes for each shape, drawn by a checksum of the node: the same ones every time."""

    def __init__(self, size: int) -> None:
        """Take how many nodes each shape is to have."""
        self.size = size
        self._drawn: dict[str, list[tuple[int, str]]] = {}

    def offer(self, shape: str, node: str) -> None:
        """Draw a node, or not."""
        drawn = self._drawn.setdefault(shape, [])
        lot = crc32(node.encode()), node
        if len(drawn) < self.size:
            heappush(drawn, lot)
        elif lot > drawn[0]:
            heapreplace(drawn, lot)

    def pairs(self) -> list[Pair]:
        """Return what was drawn."""
        return sorted((shape, node) for shape, drawn in self._drawn.items() for _, node in drawn)
