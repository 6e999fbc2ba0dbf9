"""What the web process and a worker say to one another over a socket: one task, one answer.

A task is its length and JSON; an answer its head (status, two lengths), media type and body.
"""

from __future__ import annotations

import json
import struct
from typing import NamedTuple

HEAD = struct.Struct("!HHQ")
"""Status, length of the media type, length of the body."""

LENGTH = struct.Struct("!I")
"""Length of a task."""


class Task(NamedTuple):
    """What a worker is to do."""

    kind: str
    """``query``; what is wanted of a node: ``page``, ``data``, ``known``; a ``document`` beside the
    pages; ``service``, ``form``."""
    text: str
    """The query, the path after the base IRI, or the name of a saved query."""
    accept: str | None = None
    """The Accept header, or the one media type that is wanted; None where the request has none."""
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    """The RDF dataset of a query (SPARQL 1.1 Protocol, 2.1.4); None where none is named."""


class Answer(NamedTuple):
    """What came of it: an HTTP status, and a body."""

    status: int
    media_type: str
    body: bytes


def packed(task: Task) -> bytes:
    """Return the frame of a task."""
    body = json.dumps(task).encode()
    return LENGTH.pack(len(body)) + body


def unpacked(body: bytes) -> Task:
    """Return the task in the body of a frame."""
    kind, text, accept, *graphs = json.loads(body)
    default_graphs, named_graphs = (None if g is None else tuple(g) for g in graphs)
    return Task(kind, text, accept, default_graphs, named_graphs)


def head(answer: Answer) -> bytes:
    """Return what goes before the body in the frame of an answer."""
    media_type = answer.media_type.encode()
    return HEAD.pack(answer.status, len(media_type), len(answer.body)) + media_type
