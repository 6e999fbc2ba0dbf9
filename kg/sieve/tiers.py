"""The two ways to validate a graph: pySHACL on everything, or on what a sieve holds back.

Both give the same results. The quick way also has pySHACL judge a sample of what the sieve let
through; a result there is marked ``missed``, for it means that the sieve has a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

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


Triple: TypeAlias = tuple[str, str, str]
Named: TypeAlias = dict[str, list[str]]
"""Shapes, and the nodes that they name as their targets."""


class Part(NamedTuple):
    """Nodes of which shapes judge each by what is here."""

    name: str
    own: Nodes
    """The nodes that are judged."""
    reference: Nodes
    """What they may refer to: it is not judged."""

    @property
    def nodes(self) -> Nodes:
        """All there is."""
        found = dict(self.reference)
        for node, table in self.own.items():
            found[node] = joined(found[node], table) if node in found else table
        return found


class Work(NamedTuple):
    """What is to be validated, and by what."""

    shapes: Nodes
    parts: Iterable[Part]
    """What is validated, one part after the other; each is asked for once."""
    named: Named
    """The nodes that shapes name as their targets, if they belong here."""
    prefixes: dict[str, str]
    """How to show the IRIs of shapes."""


def exactly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate everything by pySHACL, which finds the targets on its own, too."""
    shapes = oracle.graph(oracle.triples(work.shapes))
    for part, here in _parts(work):
        own, reference = (oracle.graph(oracle.triples(n)) for n in (part.own, part.reference))
        named = ((term(shape), term(n)) for shape, nodes in here.items() for n in nodes)
        pairs = [*named, *oracle.aim(shapes, own, reference)]
        own += reference
        for result in oracle.run(own, oracle.aimed(shapes, pairs), work.prefixes):
            yield {"part": part.name, **result}


def quickly(work: Work, watch: Watch) -> Iterator[Result]:
    """Validate by the sieve, and by pySHACL what that held back, a sample, and what it cannot.

    A shape that is not compiled is judged within each part; the sample is drawn from all parts.
    """
    judge = oracle.Oracle(oracle.graph(oracle.triples(work.shapes)), work.prefixes).judge

    def judged(part: str, pairs: Iterable[Pair], data: Iterable[Triple]) -> Iterator[Result]:
        if aimed := [(term(shape), term(node)) for shape, node in pairs]:
            for result in judge(aimed, oracle.graph(data)):
                yield {"part": part, **result}

    drawn: dict[Pair, tuple[str, list[Triple]]] = {}
    sifting: Sifting | None = None
    for part, here in _parts(work):
        nodes = part.nodes
        graph = Graph(nodes)
        if sifting is None:
            targets = Targets(work.shapes, Subclasses(part.reference))
            sieve = Sieve(work.shapes, Subclasses(nodes), targets, watch)
            sifting = Sifting(sieve, graph, SAMPLE)
        sifting.graph = graph
        batches = iter(part.own.items())
        while batch := [*islice(batches, BATCH)]:
            sifting.take(batch)
        sifting.finish(here, part.own)
        classes = [(n, SUBCLASS, above) for n, t in nodes.items() for above in t.get(SUBCLASS, ())]
        around = (triple for pair in sifting.suspects for triple in _around(pair, sieve, graph))
        yield from judged(part.name, sifting.unsifted, oracle.triples(nodes))
        yield from judged(part.name, sifting.suspects, chain(classes, around))
        drawn = {
            pair: drawn.get(pair) or (part.name, _around(pair, sieve, graph))
            for pair in sifting.sample
        }
        sifting.unsifted.clear()
        sifting.suspects.clear()
    for name in dict.fromkeys(name for name, _ in drawn.values()):
        own = {pair: around for pair, (of, around) in drawn.items() if of == name}
        for result in judged(name, own, chain(classes, *own.values())):
            yield {**result, "missed": True}


def _parts(work: Work) -> Iterator[tuple[Part, Named]]:
    """Yield the parts with the targets by name that are in them; all that are left with the last.

    Of such a target nothing may be said, and it may break a shape by that.
    """
    left, parts = work.named, iter(work.parts)
    part = next(parts, Part("", {}, {}))
    while following := next(parts, None):
        yield part, {s: [n for n in nodes if n in part.own] for s, nodes in left.items()}
        left = {s: [n for n in nodes if n not in part.own] for s, nodes in left.items()}
        part = following
    yield part, left


def _around(pair: Pair, sieve: Sieve, graph: Graph) -> list[Triple]:
    """Return what pySHACL has to know to judge whether a node conforms to a shape."""
    shape, node = pair
    reach = Reach(graph)
    reach.follow(sieve.compiled[shape], node)
    return [*reach.triples()]
