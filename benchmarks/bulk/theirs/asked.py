"""rdflib asked SPARQL queries. Run by the Python of the rivals.

python asked.py DUMP.nq REPEATS QUERY ...       prints seconds and answers as JSON
"""

from __future__ import annotations

import sys

from asking import print_times
from reading import read_quads


def main(dump: str, repeats: str, *queries: str) -> None:
    """Read a dump, ask each query several times."""
    print_times(
        lambda: read_quads(dump),
        lambda graph, query: ([str(term) for term in row] for row in graph.query(query)),
        int(repeats),
        *queries,
    )


main(*sys.argv[1:])
