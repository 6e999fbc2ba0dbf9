"""N-Triples and N-Quads: one canonical line per triple.

https://www.w3.org/TR/rdf12-n-triples/#canonical-ntriples
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import groupby, islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from kg.exporters.layout import Layout
from kg.model import Triple

if TYPE_CHECKING:
    from kg.dataset import Dataset

RUN = 200_000
"""How many lines are sorted in memory at a time: about 40 MB."""


def ntriples(triples: Iterable[Triple]) -> Iterator[bytes]:
    """Yield the line of every triple, in the order given."""
    for triple in triples:
        yield f"{triple}\n".encode()


def nquads(dataset: Dataset) -> Iterator[bytes]:
    """Yield the lines of the RDF dataset with one named graph per article, sorted, each once."""
    layout = Layout(dataset)
    return sorted_once(
        f"{subject} {predicate} {value} {graph} .\n".encode()
        for graph, nodes in layout.graphs()
        for node in nodes
        for subject, predicate, value in node.triples()
    )


def sorted_once(lines: Iterator[bytes], run: int = RUN) -> Iterator[bytes]:
    """Yield lines in the order of their bytes and without repeats, in the memory of one run.

    Sorted runs go to temporary files that are then merged.
    """
    with ExitStack() as stack:
        runs: list[Iterable[bytes]] = []
        while block := list(islice(lines, run)):
            block = sorted(set(block))
            file = stack.enter_context(TemporaryFile())
            file.writelines(block)
            file.seek(0)
            runs.append(file)
        for line, _ in groupby(heapq.merge(*runs)):
            yield line
