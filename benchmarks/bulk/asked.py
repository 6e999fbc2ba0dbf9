"""kg asked SPARQL queries from Python, in one process.

python asked.py PUBLIC REPEATS QUERY ...        prints seconds and answers as JSON
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from kg.asking.published import Published


def main(out: str, repeats: str, *queries: str) -> None:
    """Open a published folder, ask each query several times."""
    began = time.perf_counter()
    published = Published(Path(out))
    published.query("ASK { <x:none> <x:none> <x:none> }")  # what is opened late is opened now
    opened = time.perf_counter() - began
    seconds, answers = [], []
    for query in queries:
        times = []
        for _ in range(int(repeats)):
            began = time.perf_counter()
            rows = [[term.value for term in row] for row in published.query(query)]
            times.append(time.perf_counter() - began)
        seconds.append(sorted(times)[len(times) // 2])
        answers.append(sorted(rows))
    json.dump({"opened": opened, "seconds": seconds, "answers": answers}, sys.stdout)


main(*sys.argv[1:])
