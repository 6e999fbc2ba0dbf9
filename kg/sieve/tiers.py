"""The two ways to validate a graph: pySHACL on everything, or on what a sieve holds back.

Both give the same results. The quick way also has pySHACL judge a sample of what the sieve let
through; a result there is marked ``missed``, for it means that the sieve has a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from kg.sieve.graph import Graph, Nodes, Subclasses, joined
from kg.sieve.oracle import Oracle, Pair, Result, Triple, triples
from kg.sieve.reach import Reach
from kg.sieve.sieve import Sieve, Sifting
from kg.sieve.targets import Targets
from kg.sieve.terms import SUBCLASS
from kg.sieve.values import Watch

BATCH = 512
"""How many nodes are sifted together: few enough to stay in the caches of a processor."""

SAMPLE = 4
"""How many nodes that the sieve let through pySHACL judges all the same, for each shape."""

Named: TypeAlias = dict[str, list[str]]
"""Shapes, and the nodes that they name as their targets, as far as these belong to a pass."""


class Part(NamedTuple):
    """Nodes of which shapes judge each by what is here."""

    name: str
    own: Nodes
    """The nodes that are judged."""
    reference: Nodes
    """What they may refer to: it is not judged. The ontology comes first."""

    @property
    def nodes(self) -> Nodes:
        """All there is."""
        found = dict(self.reference)
        for node, table in self.own.items():
            found[node] = joined(found[node], table) if node in found else table
        return found


class Shapes(NamedTuple):
    """What validates."""

    nodes: Nodes
    ontology: Nodes
    """What tells the targets of shapes by class."""


class Exact:
    """Everything is validated by pySHACL, which finds the targets on its own, too."""

    def __init__(self, shapes: Shapes, watch: Watch) -> None:
        """Load the shapes, for as many passes as there are."""
        self.oracle = Oracle(shapes.nodes)

    def validate(self, parts: Iterable[Part], named: Named) -> Iterator[Result]:
        """Yield the results of a pass, part by part."""
        for part, here in _with_named(parts, named):
            pairs = ((shape, node) for shape, nodes in here.items() for node in nodes)
            for result in self.oracle.run(part.own, part.reference, pairs):
                yield {"part": part.name, **result}


class Quick:
    """A sieve validates, and pySHACL what that held back, a sample, and what it cannot.

    A shape that is not compiled is judged within each part; the sample is drawn from all parts.
    """

    def __init__(self, shapes: Shapes, watch: Watch) -> None:
        """Load and compile the shapes, for as many passes as there are."""
        self.shapes, self.watch = shapes.nodes, watch
        self.oracle = Oracle(shapes.nodes)
        self.targets = Targets(shapes.nodes, Subclasses(shapes.ontology))
        self.sieve = Sieve(shapes.nodes, Subclasses(shapes.ontology), self.targets, watch)
        self.classes = dict.fromkeys(_classes(shapes.ontology))
        self._tried: set[tuple[Pair, frozenset[Triple]]] = set()

    def validate(self, parts: Iterable[Part], named: Named) -> Iterator[Result]:
        """Yield the results of a pass, part by part, then those of the sample."""
        drawn: dict[Pair, tuple[str, list[Triple]]] = {}
        sifting = Sifting(self.sieve, Graph({}), SAMPLE)
        for part, here in _with_named(parts, named):
            nodes = part.nodes
            sifting.graph, sifting.sieve = Graph(nodes), self.sieve
            if more := [triple for triple in _classes(nodes) if triple not in self.classes]:
                sifting.sieve = Sieve(self.shapes, Subclasses(nodes), self.targets, self.watch)
            batches = iter(part.own.items())
            while batch := [*islice(batches, BATCH)]:
                sifting.take(batch)
            sifting.finish(here, part.own)
            yield from self._judged(part.name, sifting.unsifted, triples(nodes))
            around = (triple for pair in sifting.suspects for triple in _around(pair, sifting))
            yield from self._judged(part.name, sifting.suspects, chain(more, around))
            drawn = {
                pair: drawn.get(pair) or (part.name, [*more, *_around(pair, sifting)])
                for pair in sifting.sample
            }
            sifting.unsifted.clear()
            sifting.suspects.clear()
        for result in self._tested(drawn):
            yield {**result, "missed": True}

    def _tested(self, drawn: dict[Pair, tuple[str, list[Triple]]]) -> Iterator[Result]:
        """Yield what pySHACL says of a sample, but for nodes that an earlier pass showed to it."""
        new: dict[str, dict[Pair, list[Triple]]] = {}
        for pair, (part, around) in drawn.items():
            key = pair, frozenset(around)
            if key not in self._tried:
                self._tried.add(key)
                new.setdefault(part, {})[pair] = around
        for part, found in new.items():
            yield from self._judged(part, found, chain(*found.values()))

    def _judged(self, part: str, pairs: Iterable[Pair], data: Iterable[Triple]) -> Iterator[Result]:
        for result in self.oracle.judge(chain(self.classes, data), pairs):
            yield {"part": part, **result}


def _with_named(parts: Iterable[Part], named: Named) -> Iterator[tuple[Part, Named]]:
    """Yield parts, each asked for once, with the targets by name that are in them.

    All that are left come with the last: of these nothing is said, and that may break a shape.
    """
    left, rest = named, iter(parts)
    part = next(rest, Part("", {}, {}))
    while following := next(rest, None):
        yield part, {s: [n for n in nodes if n in part.own] for s, nodes in left.items()}
        left = {s: [n for n in nodes if n not in part.own] for s, nodes in left.items()}
        part = following
    yield part, left


def _classes(nodes: Nodes) -> Iterator[Triple]:
    """Yield what is said of subclasses."""
    for node, table in nodes.items():
        for above in table.get(SUBCLASS, ()):
            yield node, SUBCLASS, above


def _around(pair: Pair, sifting: Sifting) -> list[Triple]:
    """Return what pySHACL has to know to judge whether a node conforms to a shape."""
    shape, node = pair
    reach = Reach(sifting.graph)
    reach.follow(sifting.sieve.compiled[shape], node)
    return [*reach.triples()]
