"""How long validation takes, in microseconds of processor time per fact.

    python benchmarks/bulk/validation.py FOLDER [--exact]

FOLDER is one that benchmarks/bulk/folders.py made. Told apart are feeding (making the triples and
writing them for the child), the child (reading, sieving, pySHACL on what was held back), and of the
child's work the sieve alone, run once more in this process. ``--exact`` is pySHACL on everything.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from time import process_time

from kg.checks import shapes
from kg.checks.sourced import lines
from kg.dataset import Dataset, load
from kg.sieve.graph import Graph, Subclasses, tables
from kg.sieve.sieve import Sieve, Sifting
from kg.sieve.tiers import BATCH

PASSES = {"asserted": ("ontology",), "evidence": ("ontology", "types")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--exact", action="store_true")
    given = parser.parse_args()
    dataset = load(given.folder)
    assert not dataset.errors
    warm(dataset)
    for name, seconds in measured(dataset, exact=given.exact):
        print(f"{name:28}{seconds / len(dataset.facts) * 1e6:10.1f}")


def warm(dataset: Dataset) -> None:
    """Make what is made once for all: labels, conflicts, and the hashes of claims."""
    assert dataset.called is not None
    assert dataset.conflicts is not None
    for claim in dataset.claims:
        assert claim.hash


def measured(dataset: Dataset, *, exact: bool) -> Iterator[tuple[str, float]]:
    """Yield names of steps, and the seconds of processor time that each took."""
    start, before = process_time(), children()
    found = shapes.check(dataset, time_limit=3600, exact=exact)
    parent, child = process_time() - start, children() - before
    yield f"kg check, {len(found)} problems", parent + child
    yield "  parent", parent
    yield "  child", child
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        start = process_time()
        for file in ("asserted", "recorded", "types", "evidence"):
            with (directory / file).open("w", encoding="utf-8", newline="\n") as out:
                out.writelines(lines(dataset, file))
        yield "feeding", process_time() - start
        shapes._write_shapes(directory, dataset.folder)
        list(shapes._write_data(directory, dataset))
        gc.collect()
        gc.disable()
        yield from sifted(directory)


def sifted(directory: Path) -> Iterator[tuple[str, float]]:
    """Yield how long the sieve takes, reading and sifting apart."""

    def read(*names: str) -> dict[str, dict[str, list[str]]]:
        return tables(*((directory / n).open(encoding="utf-8", newline="\n") for n in names))

    compiled = read(*(file.name for file in directory.glob("shapes*")))
    for own, reference in PASSES.items():
        start = process_time()
        nodes = read(own)
        yield f"reading, {own}", process_time() - start
        graph = Graph(read(*reference) | nodes)
        sieve = Sieve(compiled, Subclasses(graph.nodes))
        start = process_time()
        sifting, left = Sifting(sieve, graph, 4), iter(nodes.items())
        while batch := [*islice(left, BATCH)]:
            sifting.take(batch)
        sifting.finish({}, nodes)
        yield f"sieve, {own}", process_time() - start


def children() -> float:
    """Return the processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
