"""What is at the address of a node, made in a worker: its page, or its description as data."""

from __future__ import annotations

import pyoxigraph as ox

from kg.asking.described import FORMATS, document
from kg.pages import Pages
from kg.server.frames import Answer, Task

_TYPES = {media_type: format for format, media_type in FORMATS.items()}

UNKNOWN = Answer(404, "text/plain; charset=utf-8", b"nothing here has this address\n")


def answer_node(pages: Pages, task: Task) -> Answer:
    """Return what is wanted of a node (``page``, ``data``, ``known``), or a ``form`` to ask."""
    if task.kind in ("page", "form"):
        page = pages.page(task.text) if task.kind == "page" else pages.form(task.text)
        return UNKNOWN if page is None else Answer(200, "text/html; charset=utf-8", page.encode())
    try:
        node = ox.NamedNode(pages.nodes.base + task.text)
    except ValueError:
        return UNKNOWN
    if task.kind == "known":
        return Answer(200, "", b"") if pages.nodes.known(node) else UNKNOWN
    media_type = task.accept or ""
    described = document(pages.nodes, node, _TYPES[media_type])
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return UNKNOWN if described is None else Answer(200, media_type + charset, described)
