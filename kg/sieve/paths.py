"""Property paths (SHACL, section 2.3.1) as functions from a node to the nodes at their end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from kg.sieve.graph import NOTHING, Graph, Nodes
from kg.sieve.terms import RDF, SH

Path: TypeAlias = Callable[[str, Graph], Collection[str]]
"""The nodes at the end of a path, each once."""

DEPTH = 10
"""How deep pySHACL follows the parts of a path."""

NIL = f"<{RDF}nil>"


class NotCompiledError(Exception):
    """A shape that the sieve does not know how to compile."""


def members(node: str, shapes: Nodes) -> list[str]:
    """Return the members of a list in a shapes graph."""
    found, seen = list[str](), set[str]()
    while node != NIL:
        table = shapes.get(node, NOTHING)
        first, rest = table.get(f"<{RDF}first>", ()), table.get(f"<{RDF}rest>", ())
        if len(first) != 1 or len(rest) != 1 or node in seen:
            raise NotCompiledError("a list that is none")
        seen.add(node)
        found += first
        node = rest[0]
    return found


def path(node: str, shapes: Nodes, depth: int = 0) -> Path:
    """Compile a path; `NotCompiledError` for one that pySHACL takes otherwise than SHACL does."""
    if node[0] == "<":
        return _predicate(node)
    if depth >= DEPTH:
        raise NotCompiledError("a path of too many parts")
    table = shapes.get(node, NOTHING)
    if f"<{RDF}first>" in table:
        parts = members(node, shapes)
        if len(parts) < 2 or depth + len(parts) >= DEPTH:
            raise NotCompiledError("a sequence of one, or of many")
        return _sequence([path(part, shapes, depth + n + 1) for n, part in enumerate(parts)])
    if len(table) != 1 or len(values := next(iter(table.values()))) != 1:
        raise NotCompiledError("a path that says several things")
    match next(iter(table)).removeprefix(f"<{SH}"), values[0]:
        case "inversePath>", inner if inner[0] == "<":
            # Of an inverted sequence, pySHACL inverts the parts but not their order.
            return lambda node, graph: graph.subjects(inner, node)
        case "alternativePath>", inner:
            parts = members(inner, shapes)
            if len(parts) < 2:
                raise NotCompiledError("an alternative to nothing")
            return _alternatives([path(part, shapes, depth + 1) for part in parts])
        case "zeroOrOnePath>", inner:
            once = path(inner, shapes, depth + 1)
            return lambda node, graph: {node, *once(node, graph)}
        case "zeroOrMorePath>", inner:
            more = _repeated(path(inner, shapes, depth + 1))
            return lambda node, graph: {node, *more(node, graph)}
        case "oneOrMorePath>", inner:
            return _repeated(path(inner, shapes, depth + 1))
        case kind, _:
            raise NotCompiledError(f"a path of the kind {kind}")


def _predicate(predicate: str) -> Path:
    def follow(node: str, graph: Graph) -> Collection[str]:
        return graph.nodes.get(node, NOTHING).get(predicate, ())

    return follow


def _sequence(parts: list[Path]) -> Path:
    def follow(node: str, graph: Graph) -> Collection[str]:
        nodes: Collection[str] = (node,)
        for part in parts:
            nodes = dict.fromkeys(end for each in nodes for end in part(each, graph))
        return nodes

    return follow


def _alternatives(parts: list[Path]) -> Path:
    def follow(node: str, graph: Graph) -> Collection[str]:
        return dict.fromkeys(end for part in parts for end in part(node, graph))

    return follow


def _repeated(step: Path) -> Path:
    def follow(node: str, graph: Graph) -> Collection[str]:
        found, new = set[str](), [*step(node, graph)]
        while new:
            if (each := new.pop()) not in found:
                found.add(each)
                new += step(each, graph)
        return found

    return follow
