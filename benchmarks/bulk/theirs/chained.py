"""The rest of the usual chain, after morph-kgc. Run by the Python of the rivals.

python chained.py DUMP.nq SHAPES.nt ONTOLOGY.nt OUT
"""

from __future__ import annotations

import json
import sys

from reading import read_quads
from shacl import results


def main(dump: str, shapes: str, ontology: str, out: str) -> None:
    """Read a dump, write Turtle and JSON-LD, validate."""
    graph = read_quads(dump)
    graph.serialize(f"{out}.ttl", format="turtle")
    graph.serialize(f"{out}.jsonld", format="json-ld")
    graph.parse(ontology, format="nt")
    json.dump(results(graph, shapes), sys.stdout)


main(*sys.argv[1:])
