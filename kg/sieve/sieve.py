"""The sieve: which of the shapes that a node is a target of it may break."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest
from typing import TypeAlias
from zlib import crc32

from kg.sieve.exact import UndecidedError
from kg.sieve.graph import NOTHING, Graph, Nodes, Subclasses, Table
from kg.sieve.paths import NotCompiledError
from kg.sieve.shapes import Compiler, Shape
from kg.sieve.targets import Aim, Targets
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

    @property
    def far(self) -> set[str]:
        """The compiled shapes that read other nodes than a target, besides the types of values."""
        return {shape for shape, compiled in self.compiled.items() if compiled.far}

    def held(self, shape: str, nodes: Sequence[str], graph: Graph) -> list[str]:
        """Return those of some nodes that may break a compiled shape; all others conform.

        They are tested together first: nearly always, nearly all of them conform.
        """
        judge = self.compiled[shape].judge
        try:
            if judge.every(nodes, graph):
                return []
            if len(nodes) == 1:
                return [] if judge.one(nodes[0], graph) else [*nodes]
        except UndecidedError:
            if len(nodes) == 1:
                return [*nodes]
        half = len(nodes) // 2
        return self.held(shape, nodes[:half], graph) + self.held(shape, nodes[half:], graph)


class Sifting:
    """Nodes on their way through a sieve; what became of them is collected here."""

    def __init__(self, sieve: Sieve, graph: Graph, sample: int) -> None:
        """Take a sieve, what nodes refer to, and how many of each shape to draw as a sample."""
        self.sieve, self.graph = sieve, graph
        self.suspects: list[Pair] = []
        """Who may break a shape."""
        self.unsifted: list[Pair] = []
        """The targets of shapes that are not compiled."""
        self._size = sample
        self._drawn: dict[str, list[tuple[int, str]]] = {}
        self._values: dict[Pair, None] = {}

    def take(self, nodes: Iterable[tuple[str, Table]]) -> None:
        """Sift a batch of nodes, which the graph has, too."""
        groups: dict[Aim, list[str]] = {}
        for node, table in nodes:
            aim = self.sieve.targets.aim(table)
            if aim.shapes:
                groups.setdefault(aim, []).append(node)
            for predicate, shapes in aim.of_values:
                self._values.update(((s, v), None) for s in shapes for v in table[predicate])
        for aim, found in groups.items():
            lots = {node: crc32(node.encode()) for node in found}
            for shape in aim.shapes:
                self._judge(shape, found, lots)

    def finish(self, named: Mapping[str, Sequence[str]], own: Nodes) -> None:
        """Sift who is a target by name, or as a value of others, and was not sifted as a node."""
        pairs = {(shape, node): None for shape, nodes in named.items() for node in nodes}
        left: dict[str, list[str]] = {}
        for shape, node in pairs | self._values:
            if shape not in self.sieve.targets.aim(own.get(node, NOTHING)).shapes:
                left.setdefault(shape, []).append(node)
        self._values.clear()
        for shape, nodes in left.items():
            self._judge(shape, nodes, {node: crc32(node.encode()) for node in nodes})

    @property
    def sample(self) -> list[Pair]:
        """A few nodes of each shape that went through, drawn by a checksum of the node."""
        return sorted((shape, node) for shape, drawn in self._drawn.items() for _, node in drawn)

    def _judge(self, shape: str, nodes: Sequence[str], lots: Mapping[str, int]) -> None:
        if shape not in self.sieve.compiled:
            self.unsifted += [(shape, node) for node in nodes]
            return
        held = self.sieve.held(shape, nodes, self.graph)
        self.suspects += [(shape, node) for node in held]
        through = lots.keys() - held if held else lots.keys()
        drawn = ((lots[node], node) for node in through)
        self._drawn[shape] = nlargest(self._size, (*self._drawn.get(shape, ()), *drawn))
