"""Answers to SPARQL queries as the protocol gives them, made in a worker.

SPARQL 1.1 Protocol, section 2.1; a query is answered whole, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg.asking.answers import as_xml, in_order
from kg.asking.published import Published, QueryError
from kg.asking.sparql import MAX_DEPTH, answer_problem, nests_deeply
from kg.model import Place, Problem
from kg.reports.text import line
from kg.server.accept import choose
from kg.server.frames import Answer, Task

MAX_ROWS = 1_000_000
MAX_BYTES = 64 << 20
"""What an answer may have at most, a triple being a row; who wants more takes the dumps."""

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PLAIN = "text/plain; charset=utf-8"

ROWS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/xml": ox.QueryResultsFormat.XML,
}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}

_MARKS = {
    ox.QueryResultsFormat.JSON: re.compile(rb'\},\{(?=["}])'),
    ox.QueryResultsFormat.XML: re.compile(rb"</result>"),
    ox.QueryResultsFormat.CSV: re.compile(rb"\n"),
    ox.QueryResultsFormat.TSV: re.compile(rb"\n"),
}
"""What stands between rows; texts that hold such marks count as rows too."""


class TooMuchError(Exception):
    """An answer grew larger than answers may."""


class Body(BytesIO):
    """Takes what a serializer writes, up to the size that an answer may have."""

    def __init__(self, mark: re.Pattern[bytes] | None = None) -> None:
        """Take the mark that stands between rows, if there are any."""
        super().__init__()
        self._mark = mark
        self._rows = 0

    def write(self, chunk: ReadableBuffer) -> int:
        """Keep a chunk; raises `TooMuchError`."""
        data = bytes(chunk)
        if self.tell() + len(data) > MAX_BYTES:
            raise TooMuchError(f"the answer has more than {MAX_BYTES >> 20} MiB")
        if self._mark is not None:
            self._rows += len(self._mark.findall(data))
            if self._rows > MAX_ROWS:
                raise TooMuchError(f"the answer has more than {MAX_ROWS:,} rows")
        return super().write(data)


def answer_query(published: Published, task: Task) -> Answer:
    """Return the answer to a query, or why there is none: 400, 406, 507."""
    if len(task.text) > MAX_DEPTH and nests_deeply(task.text):
        return _refused(400, "the query nests too deeply", f"nest less than {MAX_DEPTH} deep")
    try:
        return _answered(published, task)
    except QueryError as error:
        return Answer(400, PLAIN, f"{line(error.problem)}\n".encode())
    except TooMuchError as error:
        return _refused(507, str(error), "use LIMIT and OFFSET, or take the dumps in /data/")
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        return Answer(400, PLAIN, f"{line(answer_problem(error))}\n".encode())


def _answered(published: Published, task: Task) -> Answer:
    found = published.query(task.text, task.default_graphs, task.named_graphs)
    offers = tuple(GRAPHS if isinstance(found, ox.QueryTriples) else ROWS)
    media_type = _chosen(task.accept, offers)
    if media_type is None:
        return _none_of(offers, "the answer comes in no format that was asked for")
    if isinstance(found, ox.QueryTriples):
        body = Body()
        prefixes = dict(sorted(published.prefixes.items()))
        ox.serialize(in_order(_few(found)), body, GRAPHS[media_type], prefixes=prefixes)
    else:
        body = Body(_MARKS[ROWS[media_type]])
        found.serialize(body, ROWS[media_type])
        if bytes(body.getbuffer()[-1:]) != b"\n":  # as `kg query` writes it
            body.write(b"\n")
    text = as_xml(body.getvalue()) if media_type.endswith("xml") else body.getvalue()
    if text is None:
        others = [name for name in offers if not name.endswith("xml")]
        return _none_of(others, "the answer has what XML cannot hold")
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    return Answer(200, media_type + charset, text)


def _few(triples: Iterable[ox.Triple]) -> Iterator[ox.Triple]:
    """Yield triples as long as they are not too many."""
    for number, triple in enumerate(triples):
        if number == MAX_ROWS:
            raise TooMuchError(f"the answer has more than {MAX_ROWS:,} triples")
        yield triple


_chosen = lru_cache(maxsize=256)(choose)


def _none_of(offers: Sequence[str], reason: str) -> Answer:
    return _refused(406, reason, f"ask for {', '.join(offers)}")


def _refused(status: int, message: str, mend: str) -> Answer:
    return Answer(status, PLAIN, f"{line(Problem(Place('query'), message, mend))}\n".encode())
