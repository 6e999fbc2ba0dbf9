"""Loads a build into the zygote, once it is whole: what its workers know, and what they do."""

from __future__ import annotations

from functools import partial
from heapq import nsmallest
from pathlib import Path

import pyoxigraph as ox

from kg.asking.making import prepare
from kg.asking.published import Published, QueryError
from kg.pages import Pages
from kg.reports.text import line
from kg.server.answering import answer_query
from kg.server.nodes import answer_node
from kg.server.worker import Kind
from kg.vocab import DCTERMS

GRAPHS = 100
"""Named graphs that the service description tells of."""


class LoadError(Exception):
    """A build cannot be served; the text says why, in one line."""


def load(memory: int, place: Path) -> tuple[dict[str, Kind], dict[str, object]]:
    """Return the kinds of workers for the build in the working directory, and what it is.

    `place` is where it is published: a large one has its store there, or gets it now. A query may
    take so many bytes of memory. Raises `LoadError` where a dump is missing or broken; that it is
    the one of its checksums was seen when the build was pinned.
    """
    prepare(Path(), place, tell=lambda _: None)  # the log has lines of another form
    published = Published(Path(), place)
    pages = Pages(published)
    try:
        nodes = pages.nodes
        store = published.store
        # Asked as the workers ask, which are forked with all that the first query of all costs.
        counted = published.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
        assert isinstance(counted, ox.QuerySolutions)
        license_ = next(iter(nodes.iris(nodes.dataset, DCTERMS.license)), None)
        about: dict[str, object] = {
            "base": published.base,
            "triples": int(next(counted)["n"].value),
            "graphs": nsmallest(GRAPHS, (graph.value for graph in store.named_graphs())),
            "license": license_.value if license_ else "",
        }
        _ = published.prefixes
        pages.prepare()
    except QueryError as error:
        raise LoadError(line(error.problem)) from error
    except OSError as error:
        raise LoadError(f"{error.filename}: {error.strerror}") from error
    kinds = {
        "query": Kind(partial(answer_query, published), memory),
        "page": Kind(partial(answer_node, pages), memory, opens=True),
    }
    return kinds, about
