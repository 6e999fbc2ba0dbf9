"""kg asked SPARQL queries from Python, in one process.

python asked.py PUBLIC REPEATS QUERY ...        prints seconds and answers as JSON
"""

from __future__ import annotations

import sys
from pathlib import Path

from theirs.asking import print_times

from kg.asking.published import Published


def opened(out: str) -> Published:
    """Open a published folder, with all that is opened late."""
    published = Published(Path(out))
    published.query("ASK { <x:none> <x:none> <x:none> }")
    return published


def main(out: str, repeats: str, *queries: str) -> None:
    """Open a published folder, ask each query several times."""
    print_times(
        lambda: opened(out),
        lambda published, query: ([t.value for t in row] for row in published.query(query)),
        int(repeats),
        *queries,
    )


main(*sys.argv[1:])
