"""Whether a store holds the triples of a graph that was pushed, and if not, what differs.

The graph is fetched, written as N-Triples, sorted and hashed; and the store counts it. A store that
writes a value otherwise ("01" as "1") is told apart from one that loses or changes triples.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.exporters.ntriples import sorted_once
from kg.pushing.client import PushError
from kg.pushing.graphs import RUN, Graph
from kg.pushing.stores import Store
from kg.reports.text import many

XSD = "http://www.w3.org/2001/XMLSchema#"
FORMATS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,  # as it was called before 2014
    "text/turtle": ox.RdfFormat.TURTLE,
}
SHOWN = 3
"""How many triples of each sort are shown."""


@dataclass
class Sort:
    """Triples that differ in one way: how many, and the first few."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(text)


@dataclass
class Verdict:
    """How a graph in the store compares with ours."""

    graph: Graph
    counted: int
    """By the store's own SPARQL."""
    fetched: int = 0
    missing: Sort = field(default_factory=Sort)
    surplus: Sort = field(default_factory=Sort)
    rewritten: Sort = field(default_factory=Sort)
    """Literals of the same value, written otherwise."""

    @property
    def same(self) -> bool:
        """Whether nothing is missing, changed or added."""
        return not (self.missing.count or self.surplus.count) and self.counted == self.fetched


def verify(store: Store, graph: Graph, spool: Path) -> Verdict:
    """Compare a graph with what a store holds under its name. Raises `PushError`."""
    verdict = Verdict(graph, store.count(graph.iri))
    if not (graph.count or verdict.counted):
        return verdict  # a graph of nothing may be none, and cannot be fetched
    fetched = Graph(graph.iri, spool / "fetched", 0, 0, 0, "")
    digest, size = hashlib.sha256(), 0
    with (spool / "answer").open("w+b") as answer, fetched.file.open("wb") as stream:
        most = 4 * (graph.end - graph.start) + (64 << 20)
        media_type = store.fetch(graph.iri, answer, most)
        for line in sorted_once(_lines(graph.name, spool / "answer", media_type), RUN):
            stream.write(line)
            digest.update(line)
            verdict.fetched += 1
            size += len(line)
    if digest.hexdigest() != graph.sha256:
        theirs = Graph(graph.iri, fetched.file, 0, size, verdict.fetched, digest.hexdigest())
        for ours, its in _groups(graph.lines(), theirs.lines()):
            _compare(ours, its, verdict)
    return verdict


def stale(store: Store, base: str, graphs: Iterable[Graph]) -> list[str]:
    """Return the graphs in a store that are called as ours are, but are none of them any more."""
    held = {*store.graphs(f"{base}article/"), *store.graphs(f"{base}data/")}
    return sorted(held - {graph.iri for graph in graphs})


def _lines(name: str, file: Path, media_type: str) -> Iterator[bytes]:
    """Yield the N-Triples lines of a file in the format that the store chose."""
    format = FORMATS.get(media_type)
    if format is None:
        raise PushError(f"{name}: the store gives it back as {media_type}, which was not asked for")
    try:
        for quad in ox.parse(path=str(file), format=format):
            yield f"{quad.triple} .\n".encode()
    except SyntaxError as error:
        text = f"{name}: what the store gives back is broken, line {error.lineno}: {error.msg}"
        raise PushError(text) from error


def _groups(
    ours: Iterable[bytes], theirs: Iterable[bytes]
) -> Iterator[tuple[set[bytes], set[bytes]]]:
    """Yield what either side says of each pair of subject and predicate, where they differ."""
    marked = heapq.merge(((line, 0) for line in ours), ((line, 1) for line in theirs))
    for _, pairs in groupby(marked, lambda pair: pair[0].split(b" ", 2)[:2]):
        sides: tuple[set[bytes], set[bytes]] = (set(), set())
        for line, side in pairs:
            sides[side].add(line)
        if sides[0] != sides[1]:
            yield sides


def _compare(ours: set[bytes], theirs: set[bytes], verdict: Verdict) -> None:
    surplus = theirs - ours
    for line in sorted(ours - theirs):
        # Two forms of one value may have become one, which need not be in surplus.
        like = next((other for other in sorted(theirs) if _same_value(line, other)), None)
        if like is None:
            verdict.missing.add(_text(line))
        else:
            surplus.discard(like)
            verdict.rewritten.add(f"{_short(_object(line))} as {_short(_object(like))}")
    for line in sorted(surplus):
        verdict.surplus.add(_text(line))


def _text(line: bytes) -> str:
    return line.decode().rstrip("\n")


def _object(line: bytes) -> str:
    return _text(line).split(" ", 2)[2].removesuffix(" .")


def _short(literal: str) -> str:
    head, _, datatype = literal.rpartition(f"^^<{XSD}")
    return f"{head}^^xsd:{datatype.removesuffix('>')}" if head else literal


@cache
def _empty() -> ox.Store:
    return ox.Store()


def _same_value(line: bytes, other: bytes) -> bool:
    """Whether the objects of two triples are literals that mean the same."""
    one, two = _object(line), _object(other)
    if not (one.startswith('"') and two.startswith('"')):
        return False
    with suppress(SyntaxError, ValueError, OSError):
        return bool(_empty().query(f"ASK {{ FILTER ({one} = {two}) }}"))
    return False


def errors(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield in lines what a store holds otherwise than it should."""
    for verdict in verdicts:
        name, ours = verdict.graph.name, verdict.graph.count
        counted = f"{name}: the store counts {many(verdict.counted, 'triple')}, but gives back"
        if verdict.fetched < verdict.counted <= ours:  # what is missing there may be in the store
            mend = "raise its limit on answers (in Virtuoso: ResultSetMaxRows), or --no-verify"
            yield f"{counted} only {verdict.fetched:,}; {mend}"
            continue
        parts = [
            f"{sort.count:,} {what}: {_few(sort)}"
            for sort, what in ((verdict.missing, "missing"), (verdict.surplus, "not ours"))
            if sort.count
        ]
        if parts:
            held = f"the store holds {many(verdict.fetched, 'triple')}, of {ours:,} pushed"
            yield f"{name}: {held}; {'; '.join(parts)}"
        if verdict.counted != verdict.fetched:
            mend = "if its default graph shows all others too, give --graph"
            yield f"{counted} {verdict.fetched:,}; {mend}"


def warnings(verdicts: list[Verdict], left: list[str]) -> Iterator[str]:
    """Yield in lines how a store writes values otherwise, and which stale graphs are left."""
    rewritten = [verdict.rewritten for verdict in verdicts if verdict.rewritten.count]
    if rewritten:
        count = many(sum(sort.count for sort in rewritten), "literal")
        graphs = f" of {many(len(rewritten), 'graph')}" if len(rewritten) > 1 else ""
        yield (
            f"the store writes {count}{graphs} otherwise, but of the same value:"
            f" {_few(rewritten[0])}"
        )
    if left:
        names = ", ".join(left[:SHOWN]) + (", …" if len(left) > SHOWN else "")
        of = f"the store still holds {many(len(left), 'graph')} that the dataset no longer has"
        yield f"{of}: {names}; --prune removes them"


def _few(sort: Sort) -> str:
    shown = ", ".join(text[:300] + "…" * (len(text) > 300) for text in sort.first)
    return shown + (", …" if sort.count > len(sort.first) else "")
