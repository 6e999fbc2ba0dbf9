"""The site: the pages of a published folder as files, for any host that serves files.

They are those that `kg serve` makes when they are asked for, byte for byte (`kg.pages`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox

from kg.asking.described import documents
from kg.asking.making import prepare
from kg.asking.published import Published
from kg.links import HOME
from kg.pages import DOCUMENTS, Pages
from kg.pages.furniture import furniture
from kg.shards.crew import Processes
from kg.site.addresses import file, paths, portions
from kg.site.answers import write_answers
from kg.site.sitemap import write_sitemap

SUFFIXES = {".ttl": "turtle", ".jsonld": "jsonld", ".nt": "nt"}
"""What lies beside the page of a node, by suffix: its description in this format."""

PORTION = 32
"""How many pages a worker makes at a time."""


@dataclass(frozen=True)
class Written:
    """What was written of a site, or of a portion of its pages."""

    paths: list[str]
    size: int
    """Bytes of all files."""
    unwritten: list[str]
    """The paths of pages whose names no file can have."""
    loaded: str = ""
    """Why they were made from memory, though there is much to load; or ""."""


def write_site(
    out: Path, place: Path, crew: Processes, progress: Callable[[int, int], None]
) -> Written:
    """Write the pages of a built folder into it, with what they load and the data beside them.

    ``place`` is where the folder will lie: a large one has its store there, which is made now.
    Raises `kg.asking.published.QueryError` where there are no dumps, or broken ones.
    """
    loaded = prepare(out, place, tell=lambda _: None)
    published = Published(out, place)
    write_answers(published)
    pages = Pages(published)
    pages.prepare()
    for path, data in _beside(pages):
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    every = dict.fromkeys((*pages.special, *pages.nodes.terms.paths, *paths(pages.nodes)))
    todo = list(portions(every, PORTION))
    written = Written([], 0, [], loaded)
    for number, part in enumerate(crew.each(_write, pages, todo.__getitem__, len(todo))):
        progress(number + 1, len(todo))
        written.paths.extend(part.paths)
        written.unwritten.extend(part.unwritten)
        written = replace(written, size=written.size + part.size)
    write_sitemap(out, published.base, written.paths)
    return written


def _beside(pages: Pages) -> Iterator[tuple[str, bytes]]:
    """Yield the files that pages load or lead to, by their paths."""
    for path, furnishing in furniture().items():
        yield path, furnishing.data()
    for path in DOCUMENTS:
        if made := pages.document(path):
            yield path, made[1]


def _write(pages: Pages, portion: list[str]) -> Written:
    written: list[str] = []
    unwritten: list[str] = []
    size = 0
    for path in portion:
        page = pages.page(path)
        if page is None:
            continue
        forms = {".html": page.encode()}
        if path not in pages.special:
            node = ox.NamedNode(pages.nodes.base + path)
            told = documents(pages.nodes, node, SUFFIXES.values())
            forms |= {suffix: told[format] for suffix, format in SUFFIXES.items() if told}
        targets = [file(pages.published.out, path or HOME, suffix) for suffix in forms]
        (unwritten if None in targets else written).append(path)
        for target, data in zip(targets, forms.values(), strict=True):
            if target is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                size += len(data)
    return Written(written, size, unwritten)
