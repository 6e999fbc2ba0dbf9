"""The graphs of a published dataset, each as sorted N-Triples in a file that is read as a stream.

`kg.nq` is sorted by subject, so that the lines of one graph are scattered over it; here they are
put together, in bounded memory. All is read before anything is sent: no store gets a broken dump.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from kg.asking.published import Published, QueryError
from kg.exporters.ntriples import sorted_once
from kg.model import Place, Problem
from kg.vocab import turtle_problem

BLOCK = 1 << 16
RUN = 50_000
"""Lines that are sorted in memory at a time; evidence has long ones."""


@dataclass(frozen=True)
class Graph:
    """One graph: the IRI it gets in the store, and where its lines stand in a file."""

    iri: str
    """Empty for the default graph."""
    file: Path
    start: int
    end: int
    count: int
    sha256: str
    """Of the sorted lines."""
    beside: bool = False
    """Whether it is no part of the dump: the description, the saved queries, links."""

    @property
    def name(self) -> str:
        """What the graph is called in messages."""
        return self.iri or "the default graph"

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, in the order of their bytes."""
        with self.file.open("rb") as stream:
            stream.seek(self.start)
            left = self.end - self.start
            while left > 0:
                line = stream.readline()
                left -= len(line)
                yield line

    def blocks(self) -> Iterator[bytes]:
        """Yield the same bytes in blocks."""
        with self.file.open("rb") as stream:
            stream.seek(self.start)
            left = self.end - self.start
            while left > 0:
                block = stream.read(min(left, BLOCK))
                left -= len(block)
                yield block


def read_graphs(published: Published, merged: str, spool: Path) -> list[Graph]:
    """Return the merged graph, those of the articles by their IRIs, and what lies beside them.

    The merged graph is to be called ``merged`` in the store; empty: it becomes the default graph.
    The lines are written into the folder ``spool``. Raises `QueryError` for a dump that cannot
    be read, or of which a store could not hold the same.
    """
    data = published.out / "data"
    named = sorted_once(
        (
            f"{_graph(quad, published.dump)} {_line(quad, published.dump)}".encode()
            for quad in _quads(published.dump, ox.RdfFormat.N_QUADS)
        ),
        RUN,
    )
    graphs = [_write(spool / "0", 0, merged, _turtle(data / "kg.ttl"))]
    place = 0
    for name, lines in groupby(named, lambda line: line.split(b" ", 1)[0]):
        iri = name[1:-1].decode()
        triples = (line.split(b" ", 1)[1] for line in lines)
        graphs.append(_write(spool / "1", place, iri, triples))
        place = graphs[-1].end
    for number, (node, file) in enumerate(published.beside.items(), 2):
        graph = _write(spool / str(number), 0, node.value, _turtle(data / file))
        graphs.append(replace(graph, beside=True))
    if merged in {graph.iri for graph in graphs[1:]}:
        message = f"{merged} is the name of another graph of the dataset"
        mend = "give the merged graph a name of its own with --graph"
        raise QueryError(Problem(Place(str(published.dump)), message, mend))
    return graphs


def _turtle(path: Path) -> Iterator[bytes]:
    lines = (_line(quad, path).encode() for quad in _quads(path, ox.RdfFormat.TURTLE))
    return sorted_once(lines, RUN)


def _write(file: Path, start: int, iri: str, lines: Iterator[bytes]) -> Graph:
    digest, count, end = hashlib.sha256(), 0, start
    with file.open("ab") as stream:
        for line in lines:
            stream.write(line)
            digest.update(line)
            count += 1
            end += len(line)
    return Graph(iri, file, start, end, count, digest.hexdigest())


def _quads(path: Path, format: ox.RdfFormat) -> Iterator[ox.Quad]:
    try:
        yield from ox.parse(path=str(path), format=format)
    except (SyntaxError, OSError, MemoryError) as error:
        raise QueryError(turtle_problem(str(path), error)) from error


def _line(quad: ox.Quad, path: Path) -> str:
    if isinstance(quad.subject, ox.NamedNode) and isinstance(
        quad.object, ox.NamedNode | ox.Literal
    ):
        return f"{quad.subject} {quad.predicate} {quad.object} .\n"
    message = f"a triple that is not of IRIs and literals alone: {quad.triple}"
    raise QueryError(Problem(Place(str(path)), message, "build the dataset again"))


def _graph(quad: ox.Quad, path: Path) -> ox.NamedNode:
    if isinstance(quad.graph_name, ox.NamedNode):
        return quad.graph_name
    message = f"a triple in the graph of no article: {quad.triple}"
    raise QueryError(Problem(Place(str(path)), message, "build the dataset again"))
