#!/usr/bin/env python3
"""Measures questions to a dataset: the store on disk, the store in memory, and rdflib.

    python benchmarks/queries.py FACTS             a folder of so many facts (benchmarks/bulk)
    python benchmarks/queries.py --data PUBLIC     a published folder; with --alone the disk alone

Each store answers in a process of its own, and is asked everything twice: the second time counts.
What others do on the machine counts in, so compare within one run. Checks are skipped.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import pyoxigraph as ox
from bulk.folders import Bulk

from kg.asking.making import prepare
from kg.asking.ondisk import find
from kg.asking.published import Published

ROOT = Path(__file__).parent.parent
LOOK_UPS = 50
PROVENANCE = """
SELECT ?path ?start ?quote {{
  ?claim rdf:subject {0} ; rdf:predicate {1} ; rdf:object {2} ; prov:wasDerivedFrom ?span .
  ?span oa:hasSource/kg:path ?path ; oa:hasSelector ?words, ?place .
  ?words oa:exact ?quote . ?place oa:start ?start .
}}"""
COUNT = "SELECT ?class (COUNT(?node) AS ?nodes) { ?node a ?class } GROUP BY ?class"
SAVED = ("award-grades", "award-without-winner", "awards", "counts", "people", "roles", "timeline")
"""Those of this repository's saved queries that find something in bulk."""


def publish(folder: Path, facts: int) -> Path:
    """Write a folder of facts and its dumps, without the checks."""
    from kg.dataset import load
    from kg.exporters import write_exports
    from kg.folder import turtle_files

    Bulk(facts).write(folder)
    out = folder / "public"
    (out / "ontology").mkdir(parents=True)
    write_exports(load(folder), out / "data")
    for _, file in turtle_files(folder, "ontology"):
        shutil.copyfile(file, out / "ontology" / file.name)
    return out


def asker(kind: str, data: Path) -> tuple[Callable[[], object], Callable[[str], object]]:
    """Return what opens a store, and what asks it a query."""
    published = Published(data)
    if kind == "rdflib":
        import rdflib

        graph = rdflib.Graph()
        names = dict(published.prefixes)
        return (
            lambda: graph.parse(data / "data" / "kg.ttl"),
            lambda text: list(graph.query(text, initNs=names)),
        )
    if kind == "memory":
        published.__dict__["on_disk"] = None

    def ask(text: str) -> object:
        answer = published.query(text)
        return bool(answer) if isinstance(answer, ox.QueryBoolean) else list(answer)

    return lambda: published.store, ask


def timed(work: Callable[[], object]) -> float:
    """Return how many milliseconds work takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def measure(kind: str, data: Path) -> dict[str, float]:
    """Return the milliseconds that a store takes, by what it is asked."""
    opens, ask = asker(kind, data)
    found = {"open": timed(opens)}
    triples = islice(ox.parse(path=str(data / "data" / "graph.ttl")), 0, None, 7)
    look_ups = [PROVENANCE.format(*list(triple)[:3]) for triple in islice(triples, LOOK_UPS)]
    for name, texts in {
        "provenance of a triple": look_ups,
        "count by class": [COUNT],
        **{name: [(ROOT / "queries" / f"{name}.rq").read_text("utf-8")] for name in SAVED},
    }.items():
        for text in texts:
            ask(text)
        found[name] = median(timed(lambda text=text: ask(text)) for text in texts)
    return found


def rows(found: dict[str, dict[str, float]]) -> Iterator[list[str]]:
    """Yield the lines of the table, with the ratio of each other store to the one on disk."""
    for name, least in found["disk"].items():
        others = (found[kind][name] for kind in found if kind != "disk")
        yield [name, f"{least:,.2f}", *(f"{ms:,.2f} ({ms / least:,.1f} ×)" for ms in others)]


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("facts", type=int, nargs="?", default=1000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--store", choices=["disk", "memory", "rdflib"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.store:
        print(json.dumps(measure(given.store, given.data)))
        return
    with tempfile.TemporaryDirectory() as folder:
        data = given.data or publish(Path(folder) / "bulk", given.facts)
        making = timed(
            lambda: prepare(data, tell=lambda line: print(line, file=sys.stderr), force=True)
        )
        assert find(data, data), "there is no store"
        kinds = ["disk"] if given.alone else ["disk", "memory", "rdflib"]
        found: dict[str, Any] = {}
        for kind in kinds:
            command = [sys.executable, __file__, "--data", str(data), "--store", kind]
            ran = subprocess.run(command, capture_output=True, check=True, text=True)
            found[kind] = json.loads(ran.stdout)
        print(f"Milliseconds; the store was made in {making / 1000:.1f} s.\n")
        print(f"| what | {' | '.join(kinds)} |\n|{'---|' * (len(kinds) + 1)}")
        for row in rows(found):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
