"""Property paths, followed: which triples lead from one node to another.

A path's IRIs are kept as the query writes them; the graph in which it is followed knows their
meaning. Of repeated hops (``+``, ``*``) the shortest ways count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyoxigraph as ox

from kg.model import Term, Triple

Node = Term
Name = ox.NamedNode | ox.DefaultGraph


@dataclass(frozen=True)
class Graph:
    """The triples of some graphs of a store, and what the terms of a query mean there."""

    store: ox.Store
    names: tuple[Name, ...]
    terms: Mapping[str, Node]

    def match(
        self, subject: Node | None, predicate: Node | None, object: Node | None
    ) -> Iterator[Triple]:
        """Yield the triples that have these terms; None is any."""
        if isinstance(subject, ox.NamedNode | None) and isinstance(predicate, ox.NamedNode | None):
            for name in self.names:
                for found in self.store.quads_for_pattern(subject, predicate, object, name):
                    yield _triple(found)


def _triple(quad: ox.Quad) -> Triple:
    assert isinstance(quad.subject, ox.NamedNode), "the dumps have no blank nodes"
    assert isinstance(quad.object, ox.NamedNode | ox.Literal)
    return Triple(quad.subject, quad.predicate, quad.object)


class Path(Protocol):
    """A way from node to node."""

    @property
    def iris(self) -> tuple[str, ...]:
        """The IRIs in it."""

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return where the path leads from a node, or whence it leads to it."""

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples by which it leads from start to end; none where it does not."""


@dataclass(frozen=True)
class Link:
    """One predicate."""

    iri: str

    @property
    def iris(self) -> tuple[str, ...]:
        """The predicate."""
        return (self.iri,)

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return the objects, or subjects, of the predicate."""
        predicate = graph.terms[self.iri]
        if back:
            return {triple.subject for triple in graph.match(None, predicate, node)}
        return {triple.object for triple in graph.match(node, predicate, None)}

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triple itself."""
        return set(graph.match(start, graph.terms[self.iri], end))


@dataclass(frozen=True)
class Other:
    """Any predicate but some (``!(a|b)``)."""

    iris: tuple[str, ...]

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return the other ends of the triples with another predicate."""
        if back:
            return {t.subject for t in graph.match(None, None, node) if self._suits(graph, t)}
        return {t.object for t in graph.match(node, None, None) if self._suits(graph, t)}

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples between the nodes with another predicate."""
        return {t for t in graph.match(start, None, end) if self._suits(graph, t)}

    def _suits(self, graph: Graph, triple: Triple) -> bool:
        return triple.predicate not in {graph.terms[iri] for iri in self.iris}


@dataclass(frozen=True)
class Inverse:
    """A path walked backwards (``^``)."""

    path: Path

    @property
    def iris(self) -> tuple[str, ...]:
        """Those of the path."""
        return self.path.iris

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return where the path comes from."""
        return self.path.ends(graph, node, not back)

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples of the path from end to start."""
        return self.path.between(graph, end, start)


@dataclass(frozen=True)
class Either:
    """One of several paths (``|``)."""

    paths: tuple[Path, ...]

    @property
    def iris(self) -> tuple[str, ...]:
        """Those of all the paths."""
        return tuple(iri for path in self.paths for iri in path.iris)

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return where any of the paths leads."""
        return {end for path in self.paths for end in path.ends(graph, node, back)}

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples of all the paths that lead there."""
        return {triple for path in self.paths for triple in path.between(graph, start, end)}


@dataclass(frozen=True)
class Then:
    """Two paths, one after the other (``/``)."""

    first: Path
    second: Path

    @property
    def iris(self) -> tuple[str, ...]:
        """Those of both."""
        return self.first.iris + self.second.iris

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return where the second leads from where the first leads."""
        near, far = (self.second, self.first) if back else (self.first, self.second)
        middles = near.ends(graph, node, back)
        return {end for middle in middles for end in far.ends(graph, middle, back)}

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples by way of every node in the middle."""
        found: set[Triple] = set()
        for middle in self.first.ends(graph, start, False) & self.second.ends(graph, end, True):
            found |= self.first.between(graph, start, middle)
            found |= self.second.between(graph, middle, end)
        return found


@dataclass(frozen=True)
class Repeated:
    """A path walked no more than once (``?``), or as often as it takes (``+``, ``*``)."""

    path: Path
    sign: str

    @property
    def iris(self) -> tuple[str, ...]:
        """Those of the path."""
        return self.path.iris

    def ends(self, graph: Graph, node: Node, back: bool) -> set[Node]:
        """Return all that is reached."""
        reached = set(self._steps(graph, node, back, None))
        return reached if self.sign == "+" else reached | {node}

    def between(self, graph: Graph, start: Node, end: Node) -> set[Triple]:
        """Return the triples of all the shortest ways; staying where one is takes none."""
        if start == end and self.sign != "+":
            return set()
        steps = self._steps(graph, start, False, end)
        found: set[Triple] = set()
        todo, done = [end] if end in steps else [], set()
        while todo:
            node = todo.pop()
            done.add(node)
            for before in steps[node]:
                found |= self.path.between(graph, before, node)
                if before != start and before not in done:
                    todo.append(before)
        return found

    def _steps(
        self, graph: Graph, start: Node, back: bool, goal: Node | None
    ) -> dict[Node, set[Node]]:
        """Return what is reached until the goal is, each with the nodes one step before it."""
        steps: dict[Node, set[Node]] = {}
        layer = {start}
        while layer and goal not in steps:
            found: dict[Node, set[Node]] = {}
            for node in layer:
                for end in self.path.ends(graph, node, back):
                    if end not in steps:
                        found.setdefault(end, set()).add(node)
            steps |= found
            layer = set() if self.sign == "?" else set(found)
        return steps
