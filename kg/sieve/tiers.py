"""The two ways to validate a graph: pySHACL on everything, or on what a sieve holds back.

Both give the same results. The quick way also has pySHACL judge a sample of what the sieve let
through; a result there is marked ``missed``, for it means that the sieve has a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from kg.sieve import oracle
from kg.sieve.graph import Graph, Nodes, Subclasses, joined
from kg.sieve.oracle import Result
from kg.sieve.reach import Reach
from kg.sieve.sieve import Pair, Sieve, Sifting
from kg.sieve.targets import Targets
from kg.sieve.terms import SUBCLASS, term
from kg.sieve.values import Watch

BATCH = 512
"""How many nodes are sifted together: few enough to stay in the caches of a processor."""

SAMPLE = 4
"""How many nodes that the sieve let through pySHACL judges all the same, for each shape."""


class Work(NamedTuple):
    """What is to be validated, and by what."""

    shapes: Nodes
    own: Nodes
    """The nodes that are judged."""
    reference: Nodes
    """What they may refer to: it is not judged."""
    named: dict[str, list[str]]
    """The nodes that shapes name as their targets, if they belong here."""
    prefixes: dict[str, str]
    """How to show the IRIs of shapes."""

    @property
    def nodes(self) -> Nodes:
        """All there is."""
        found = dict(self.reference)
        for node, table in self.own.items():
            found[node] = joined(found[node], table) if node in found else table
        return found


def exactly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate everything by pySHACL, which finds the targets on its own, too."""
    shapes = oracle.graph(oracle.triples(work.shapes))
    own, reference = (oracle.graph(oracle.triples(x)) for x in (work.own, work.reference))
    named = ((term(shape), term(n)) for shape, nodes in work.named.items() for n in nodes)
    pairs = [*named, *oracle.aim(shapes, own, reference)]
    own += reference
    return oracle.run(own, oracle.aimed(shapes, pairs), work.prefixes)


def quickly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate by the sieve, and by pySHACL what that held back, a sample, and what it cannot."""
    nodes = work.nodes
    graph, subclasses = Graph(nodes), Subclasses(nodes)
    targets = Targets(work.shapes, Subclasses(work.reference))
    sieve = Sieve(work.shapes, subclasses, targets, watch)
    sifting = Sifting(sieve, graph, SAMPLE)
    nodes_left = iter(work.own.items())
    while batch := [*islice(nodes_left, BATCH)]:
        sifting.take(batch)
    sifting.finish(work.named, work.own)
    shapes = oracle.graph(oracle.triples(work.shapes))

    def judged(pairs: list[Pair], data: Iterable[tuple[str, str, str]]) -> Iterator[Result]:
        if pairs:
            aimed = oracle.aimed(shapes, ((term(shape), term(node)) for shape, node in pairs))
            yield from oracle.run(oracle.graph(data), aimed, work.prefixes)

    def around(pairs: list[Pair]) -> Iterator[tuple[str, str, str]]:
        reach = Reach(graph)
        for shape, node in pairs:
            reach.follow(sieve.compiled[shape], node)
        yield from reach.triples()
        yield from ((n, SUBCLASS, above) for n, t in nodes.items() for above in t.get(SUBCLASS, ()))

    yield from judged(sifting.unsifted, oracle.triples(nodes))
    yield from judged(sifting.suspects, around(sifting.suspects))
    for result in judged(sifting.sample, around(sifting.sample)):
        yield {**result, "missed": True}
