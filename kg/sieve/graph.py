"""Nodes as tables of what is said of them, read from lines of N-Triples."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from kg.sieve.terms import SUBCLASS, TYPE

Table: TypeAlias = dict[str, list[str]]
"""What is said of one node: the objects of each predicate, each object once."""

Nodes: TypeAlias = Mapping[str, Table]

NOTHING: Table = {}
END = " .\n"
"""How each line ends."""

FEW = 16
"""Up to how many values of one predicate are told apart one by one."""


def grouped(lines: Iterable[str]) -> Iterator[tuple[str, Table]]:
    """Yield nodes from canonical N-Triples in which all lines of a subject stand together."""
    node, table, line = "", Table(), END
    long: set[str] = set()
    names: dict[str, str] = {}  # one string for each predicate, however often it comes
    for line in lines:
        subject, predicate, value = line[:-3].split(" ", 2)  # without its end
        if subject != node:
            if table:
                yield node, _without_repeats(table, long)
            node, table = subject, {}
        values = table.get(predicate)
        if values is None:
            table[names.setdefault(predicate, predicate)] = [value]
        elif len(values) >= FEW:
            long.add(predicate)
            values.append(value)
        elif value not in values:
            values.append(value)
    if not line.endswith(END):
        raise ValueError(f"no line of canonical N-Triples: {line[:80]!r}")
    if table:
        yield node, _without_repeats(table, long)


def _without_repeats(table: Table, long: set[str]) -> Table:
    while long:
        predicate = long.pop()
        table[predicate] = list(dict.fromkeys(table[predicate]))
    return table


def tables(*sources: Iterable[str], known: Nodes = MappingProxyType({})) -> dict[str, Table]:
    """Read sources of N-Triples into one table a node, in whatever order their lines are.

    What is known of nodes is added to what the sources say of them.
    """
    nodes = dict(known)
    for source in sources:
        for node, table in grouped(source):
            before = nodes.setdefault(node, table)
            if before is not table:
                nodes[node] = joined(before, table)
    return nodes


def joined(one: Table, other: Table) -> Table:
    """Return what two tables say of one node."""
    both = {predicate: list(values) for predicate, values in one.items()}
    for predicate, values in other.items():
        both[predicate] = list(dict.fromkeys((*both.get(predicate, ()), *values)))
    return both


class Graph:
    """What shapes look up: nodes by name, and by what they point at.

    To validate nodes as they come, put each batch in ``nodes`` for as long as it is at hand, and
    answer `is_a` from elsewhere: from an index of types, or with True and a note of what to make
    sure of when all types are known. Only the shapes of `kg.sieve.sieve.Sieve.far` want more.
    """

    def __init__(self, nodes: Nodes) -> None:
        """Take the nodes that there are."""
        self.nodes = nodes
        self._inverse: dict[str, dict[str, list[str]]] = {}
        self._batch: Collection[str] = ()
        self._tables: list[Table] = []

    def tables(self, nodes: Collection[str]) -> list[Table]:
        """Return what is said of some nodes; one property after another is asked of the same."""
        if nodes is not self._batch:
            self._batch, self._tables = nodes, [self.nodes.get(node, NOTHING) for node in nodes]
        return self._tables

    def is_a(self, node: str, classes: frozenset[str]) -> bool:
        """Whether a node has one of some classes as its type."""
        return not classes.isdisjoint(self.nodes.get(node, NOTHING).get(TYPE, ()))

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """Return the nodes that have a value."""
        if predicate not in self._inverse:
            index: dict[str, list[str]] = {}
            for node, table in self.nodes.items():
                for each in table.get(predicate, ()):
                    index.setdefault(each, []).append(node)
            self._inverse[predicate] = index
        return self._inverse[predicate].get(value, ())


class Subclasses:
    """Which classes count as which, by what nodes say of ``rdfs:subClassOf``."""

    def __init__(self, nodes: Nodes) -> None:
        """Note who is below whom."""
        self._below: dict[str, list[str]] = {}
        for node, table in nodes.items():
            for above in table.get(SUBCLASS, ()):
                self._below.setdefault(above, []).append(node)

    def of(self, class_: str) -> frozenset[str]:
        """Return a class and all classes below it."""
        found, new = set[str](), [class_]
        while new:
            found.add(each := new.pop())
            new += [below for below in self._below.get(each, ()) if below not in found]
        return frozenset(found)
