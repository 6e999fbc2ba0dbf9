"""Writes the search index of a published folder."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from kg.asking.published import Published
from kg.search.entries import rows
from kg.search.gathering import Gathering
from kg.search.rows import keyed
from kg.search.volumes import WORD, Volumes

HOME = "search"
"""Where, in a published folder, the index lies."""


def write_search(out: Path) -> None:
    """Write the index of a published folder into it, as JSON files below ``search/``.

    It needs the dumps (``data/``) and the ontology that was published with them; pages need not
    be there. The graph is read once, in memory that does not grow with it. The same dumps give
    the same bytes. Raises `QueryError` where they cannot be read, and OSError where nothing can
    be written, or where an index is there already.
    """
    published = Published(out)
    home = out / HOME
    home.mkdir()
    with TemporaryDirectory(prefix=".search-", dir=out) as work:
        gathered = Gathering(Path(work), WORD)
        for row in rows(published):
            for key, data in keyed(row):
                gathered.add(key, data)
        volumes = Volumes(home)
        for word, found, cut in gathered.words():
            volumes.add(word, found, cut)
        volumes.close()
