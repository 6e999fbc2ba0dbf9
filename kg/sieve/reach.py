"""What pySHACL has to know to judge some nodes: they, and what their shapes look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kg.sieve.graph import NOTHING, Graph, Nodes, Table
from kg.sieve.shapes import Shape


class Reach(Graph):
    """A graph that notes which of its nodes are looked at."""

    def __init__(self, graph: Graph) -> None:
        """Look at nothing yet."""
        self.graph = graph
        self.found: dict[str, None] = {}
        self.nodes = _Noted(graph.nodes, self.found)
        self._seen: set[tuple[int, str]] = set()

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """Return the nodes that have a value, and note them."""
        found = self.graph.subjects(predicate, value)
        self.found.update(dict.fromkeys(found))
        return found

    def follow(self, shape: Shape, node: str) -> None:
        """Look at all that may decide whether a node conforms to a shape."""
        if (id(shape), node) in self._seen:
            return
        self._seen.add((id(shape), node))
        self.found[node] = None
        values = (node,) if shape.path is None else shape.path(node, self)
        self.found.update(dict.fromkeys(values))
        for inner in shape.inner:
            for value in values:
                self.follow(inner, value)

    def triples(self) -> Iterator[tuple[str, str, str]]:
        """Yield all that is said of the nodes that were looked at."""
        for node in self.found:
            for predicate, values in self.graph.nodes.get(node, NOTHING).items():
                for value in values:
                    yield node, predicate, value


class _Noted(Mapping[str, Table]):
    """Nodes, of which it is noted who is asked for."""

    def __init__(self, nodes: Nodes, found: dict[str, None]) -> None:
        self._nodes, self._found = nodes, found

    def __getitem__(self, node: str) -> Table:
        self._found[node] = None
        return self._nodes[node]

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)
