"""Turtle files that were published beside the data, as one graph that keeps their order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.asking.published import QueryError
from kg.vocab import RDF, turtle_problem

Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal

_MANY = 10_000


class Turtles:
    """Reads the Turtle files of a folder; raises `QueryError` for one that is none.

    All values come in the order in which the files have them.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder, which is read when it is first needed."""
        self._folder = folder

    @cached_property
    def names(self) -> list[str]:
        """The names of the files."""
        return sorted(path.name for path in self._folder.glob("*.ttl") if path.is_file())

    @cached_property
    def _quads(self) -> list[ox.Quad]:
        return [quad for name in self.names for quad in _read(self._folder / name)]

    @cached_property
    def _store(self) -> ox.Store:
        store = ox.Store()
        store.extend(self._quads)
        return store

    @cached_property
    def _ranks(self) -> dict[object, int]:
        ranks: dict[object, int] = {}
        for quad in self._quads:
            ranks.setdefault(quad.object, len(ranks))
        return ranks

    @cached_property
    def subjects(self) -> dict[Value, str]:
        """What the files describe, each with the name of the file that does so first."""
        found: dict[Value, str] = {}
        for quad in self._quads:
            if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
                found.setdefault(quad.subject, _file(quad))
        return found

    def _match(
        self, node: Value | None, predicate: ox.NamedNode | None, value: Value | None
    ) -> Any:
        if isinstance(node, ox.Literal):
            return ()
        return islice(self._store.quads_for_pattern(node, predicate, value, None), _MANY)

    def values(self, node: Value, predicate: ox.NamedNode) -> list[Value]:
        """Return the values of a property, each once."""
        found = {quad.object for quad in self._match(node, predicate, None)}
        return sorted(found, key=lambda value: (self._ranks[value], str(value)))

    def having(self, predicate: ox.NamedNode, value: Value | None = None) -> list[Value]:
        """Return what has a value of a property, or any."""
        found = {quad.subject for quad in self._match(None, predicate, value)}
        return sorted(found, key=str)

    def said(self, node: Value) -> list[tuple[ox.NamedNode, Value]]:
        """Return the properties of a node with their values."""
        pairs = {(quad.predicate, quad.object) for quad in self._match(node, None, None)}
        return sorted(pairs, key=lambda pair: (str(pair[0]), self._ranks[pair[1]], str(pair[1])))

    def members(self, head: Value) -> list[Value]:
        """Return the members of a list; one that goes round comes to an end."""
        found, seen = list[Value](), set[Value]()
        while head not in seen and (first := self.values(head, RDF.first)):
            seen.add(head)
            found.append(first[0])
            head = next(iter(self.values(head, RDF.rest)), RDF.nil)
        return found

    def files(self, node: Value) -> list[str]:
        """Return the names of the files that describe a node."""
        return sorted({_file(quad) for quad in self._match(node, None, None)})


def _read(path: Path) -> Iterator[ox.Quad]:
    """Yield the triples of a file, in a graph of its name; blank nodes are numbered."""
    graph = ox.NamedNode(f"file:{path.name.encode().hex()}")
    blank = dict[object, ox.BlankNode]()

    def known(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return blank.setdefault(term, ox.BlankNode(f"b{graph.value[5:]}x{len(blank):06}"))
        return term

    try:
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            if not isinstance(quad.object, ox.Triple):  # RDF 1.1 has none
                yield ox.Quad(known(quad.subject), quad.predicate, known(quad.object), graph)
    except (SyntaxError, OSError, MemoryError) as error:
        raise QueryError(turtle_problem(str(path), error)) from error


def _file(quad: ox.Quad) -> str:
    assert isinstance(quad.graph_name, ox.NamedNode)
    return bytes.fromhex(quad.graph_name.value.removeprefix("file:")).decode()
