"""pySHACL on one graph. Run by the Python of the rivals.

python shacl.py DATA.nt SHAPES.nt       prints its results as JSON
"""

from __future__ import annotations

import json
import sys

import rdflib
from pyshacl import validate
from rdflib import SH

WHAT = (SH.focusNode, SH.resultPath, SH.sourceConstraintComponent, SH.value)


def results(graph: rdflib.Graph, shapes: str) -> list[list[str | None]]:
    """Return focus, path, component and value of all results, sorted."""
    rdflib.NORMALIZE_LITERALS = False
    loaded = rdflib.Graph().parse(shapes, format="nt")
    _, report, _ = validate(graph, shacl_graph=loaded, inplace=True)
    found = [
        [None if (term := report.value(result, what)) is None else str(term) for what in WHAT]
        for result in report.objects(None, SH.result)
    ]
    return sorted(found, key=str)


if __name__ == "__main__":
    rdflib.NORMALIZE_LITERALS = False
    data = rdflib.Graph(bind_namespaces="none").parse(sys.argv[1], format="nt")
    json.dump(results(data, sys.argv[2]), sys.stdout)
