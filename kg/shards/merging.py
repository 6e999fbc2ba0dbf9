"""The dumps, merged from the pieces of all shards: the bytes that one in memory would give."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.exporters import coverage, jsonld, ledger, turtle
from kg.exporters.layout import Described, Layout
from kg.model import Triple
from kg.shards.graphs import one_text
from kg.shards.joining import Joined
from kg.shards.runs import merged

BLOCK = 1 << 16
"""Bytes that are written at once."""


@dataclass
class Spread:
    """A thing of which several shards tell, with the texts of its claims."""

    node: Described
    claims: list[str]


class Merging:
    """Merges the runs of shards."""

    def __init__(self, joined: Joined, places: Sequence[Path], work: Path) -> None:
        """Take what was joined, where the runs of each shard are, and where there may be more."""
        self.head, self.places, self.work = joined.head, places, work
        self.layout = Layout(joined.head)
        self._dumps: dict[str, Callable[[set[str]], Iterator[bytes]]] = {
            "kg.ttl": self._turtle,
            "graph.ttl": self._graph,
            "links.ttl": lambda used: turtle.links(self.head),
            "kg.jsonld": self._jsonld,
            "context.jsonld": lambda used: jsonld.context(self.head),
            "coverage.json": lambda used: coverage.joined(self._alone("coverage.json")),
            "kg.nq": self._nquads,
            "kg.trig": self._trig,
            "conflicts.json": lambda used: ledger.ledger(self.head),
        }

    def dump(self, name: str, used: set[str]) -> Iterator[bytes]:
        """Yield a dump in blocks, given the prefixes that its pieces use."""
        some, size = list[bytes](), 0
        for chunk in self._dumps[name](used):
            some.append(chunk)
            size += len(chunk)
            if size >= BLOCK:
                yield b"".join(some)
                some, size = [], 0
        yield b"".join(some)

    def _turtle(self, used: set[str]) -> Iterator[bytes]:
        """Yield kg.ttl."""
        writer = self._writer(used)
        rest = [block for node in self._rest() for block in writer.blocks(node)]
        yield writer.begin(turtle.header(self.head, *turtle.FULL), writer.used)
        for _, found in self._merged("kg.ttl"):
            if isinstance(found, tuple):
                yield from found
            else:
                blocks = "".join((*writer.blocks(found.node), *found.claims))
                yield blocks.encode()
        yield "".join(rest).encode()

    def _graph(self, used: set[str]) -> Iterator[bytes]:
        """Yield graph.ttl: of the pieces of kg.ttl only the triples of things."""
        writer = self._writer(used)
        yield writer.begin(turtle.header(self.head, *turtle.GRAPH), used)
        for _, found in self._merged("kg.ttl"):
            if isinstance(found, tuple):
                yield found[0]
            else:
                yield "".join(writer.blocks(found.node)).encode()

    def _jsonld(self, used: set[str]) -> Iterator[bytes]:
        """Yield kg.jsonld."""
        terms = jsonld.context_of(self.head)

        def nodes() -> Iterator[bytes]:
            for _, found in self._merged("kg.jsonld"):
                if isinstance(found, bytes):
                    yield found
                else:
                    yield jsonld.thing(terms, found.node, found.claims).encode()
            for node in self._rest():
                yield jsonld.thing(terms, node, ()).encode()

        return jsonld.joined(terms, nodes())

    def _trig(self, used: set[str]) -> Iterator[bytes]:
        """Yield kg.trig: each graph is in one shard."""
        yield self._writer(used).begin(turtle.header(self.head, *turtle.TRIG), used)
        yield from self._alone("kg.trig")

    def _nquads(self, used: set[str]) -> Iterator[bytes]:
        """Yield kg.nq: the lines of one subject in several shards are sorted once more."""
        for _, found in self._pieces("kg.nq"):
            yield one_text(found)

    def _writer(self, used: set[str]) -> turtle.Writer:
        writer = turtle.Writer(self.head.vocabulary.prefixes, self.head.iris.base)
        writer.used |= used
        return writer

    def _rest(self) -> Iterator[Described]:
        """Yield what comes after all things and facts: conflicts and the labels of terms."""
        evidence = self.layout.evidence
        yield from self.layout.conflicts(self.head.conflicts)
        yield from self.layout.described(evidence.terms(self.head.used))
        yield from self.layout.accounted()

    def _pieces(self, name: str) -> Iterator[tuple[str, list[Any]]]:
        return merged([place / name for place in self.places], self.work)

    def _alone(self, name: str) -> Iterator[bytes]:
        return (found[0] for _, found in self._pieces(name))

    def _merged(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield keys with the piece of the only shard that has one, or a thing told by several."""
        for key, found in self._pieces(name):
            yield key, self._spread(found) if isinstance(found[0], list) else found[0]

    def _spread(self, pieces: Iterable[list[bytes]]) -> Spread:
        """Return a thing as several shards tell it: its triples, and the claims in their order."""
        triples, claims = list[Triple](), list[tuple[Any, str]]()
        for (piece,) in pieces:
            subject, told, texts = pickle.loads(piece)
            triples += told
            claims += texts
        claims.sort(key=lambda claim: claim[0])
        return Spread(self.layout.node(subject, triples, []), [text for _, text in claims])
