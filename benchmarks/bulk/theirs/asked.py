"""rdflib asked SPARQL queries. Run by the Python of the rivals.

python asked.py DUMP.nq REPEATS QUERY ...       prints seconds and answers as JSON
"""

from __future__ import annotations

import json
import sys
import time

from reading import read_quads


def main(dump: str, repeats: str, *queries: str) -> None:
    """Read a dump, ask each query several times."""
    began = time.perf_counter()
    graph = read_quads(dump)
    opened = time.perf_counter() - began
    seconds, answers = [], []
    for query in queries:
        times = []
        for _ in range(int(repeats)):
            began = time.perf_counter()
            rows = [[str(term) for term in row] for row in graph.query(query)]
            times.append(time.perf_counter() - began)
        seconds.append(sorted(times)[len(times) // 2])
        answers.append(sorted(rows))
    json.dump({"opened": opened, "seconds": seconds, "answers": answers}, sys.stdout)


main(*sys.argv[1:])
