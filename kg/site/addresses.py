"""The addresses of a site: which pages there are, and in which files they lie.

Static hosts decode an address and look for a file of this name: so does this.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox

from kg.asking.nodes import Nodes
from kg.asking.ondisk import GRAPH
from kg.links import HOME, has_page

LONGEST = 255
"""Bytes of a file name, on most file systems."""

_SHOWN_WITH_FACT = "claim/"
"""A claim is shown on the page of its fact, where all links to it lead."""


def paths(nodes: Nodes) -> list[str]:
    """Return the paths of all nodes that have a page of their own, sorted.

    They are all IRIs below the base that the dump mentions, and what lies beside it. The files are
    read, which takes a third of the time that it takes to be given all by a store on disk.
    """
    published, base = nodes.published, nodes.base
    claims, cut = base + _SHOWN_WITH_FACT, len(base)
    quads = chain.from_iterable(map(published.read, (GRAPH, *published.beside.values())))
    terms = chain.from_iterable((quad.subject, quad.object) for quad in quads)
    found = {
        iri[cut:]
        for term in terms
        if isinstance(term, ox.NamedNode)
        and (iri := term.value).startswith(base)
        and not iri.startswith(claims)  # most are, and would be kept for nothing
    }
    return sorted(path for path in found if has_page(path) and path != HOME)


def file(out: Path, path: str, suffix: str) -> Path | None:
    """Return the file at an address in a published folder, None where none can have its name.

    Names are in UTF-8, whatever the locale.
    """
    steps = [unquote_to_bytes(step) for step in (path + suffix).split("/")]
    odd = any(b"/" in step or b"\0" in step or len(step) > LONGEST for step in steps)
    return None if odd else out.joinpath(*map(os.fsdecode, steps))


def portions(items: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield items in lists of a size."""
    listed = list(items)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
