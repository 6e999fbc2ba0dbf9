"""What a request asks of the SPARQL endpoint (SPARQL 1.1 Protocol, 2.1). It is read-only."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from kg.server.frames import Task
from kg.server.messages import Request

LONGEST = 100_000
"""Bytes that a query may have."""

MOST_GRAPHS = 200
"""Graphs that the RDF dataset of a request may name."""

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

FORMATS = {
    "json": "application/sparql-results+json, application/ld+json",
    "xml": "application/sparql-results+xml, application/rdf+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
}
"""What ``format=`` may say, for those who cannot send an Accept header, and what it stands for."""


class RequestError(Exception):
    """The request cannot be understood, or asks for what is not done here."""

    def __init__(self, status: int, reason: str) -> None:
        """Give the HTTP status, and what is wrong and how to mend it."""
        super().__init__(reason)
        self.status = status


_BROKEN = re.compile("%(?![0-9A-Fa-f]{2})")


def read_task(request: Request, body: bytes) -> Task:
    """Return the query that a request asks.

    Where a GET has none, it is ``service``: what describes the endpoint, maybe with the name of a
    saved query to begin with. Raises `RequestError`.
    """
    parameters = _pairs(request.query.encode("latin-1"))
    text = None
    if request.method == "POST":
        kind, _, rest = request.headers.get("content-type", "").partition(";")
        kind, charset = kind.strip().lower(), _charset(rest)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise RequestError(415, f"the charset is {charset}; send UTF-8")
        if kind == FORM:
            parameters += _pairs(body)
        elif kind == QUERY:
            text = _utf8(body)
        elif kind == UPDATE:
            raise RequestError(403, "updates are refused; this endpoint is read-only")
        else:
            raise RequestError(415, f"the Content-Type is not known; send {FORM} or {QUERY}")
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    if "update" in given or "using-graph-uri" in given or "using-named-graph-uri" in given:
        raise RequestError(403, "updates are refused; this endpoint is read-only")
    queries = given.get("query", []) + ([] if text is None else [text])
    if not queries and request.method == "POST":
        raise RequestError(400, "there is no query; give one as the parameter 'query'")
    if not queries:
        return Task("service", given.get("saved", [""])[0], _accept(request, given))
    if len(queries) > 1:
        raise RequestError(400, "there are several queries; send one at a time")
    if len(queries[0].encode()) > LONGEST:
        raise RequestError(413, f"the query is too long; {LONGEST:,} bytes are allowed")
    graphs = [tuple(given.get(f"{which}-graph-uri", ())) for which in ("default", "named")]
    if any(len(each) > MOST_GRAPHS for each in graphs):
        raise RequestError(413, f"there are too many graphs; {MOST_GRAPHS} are allowed")
    return Task(
        "query",
        queries[0].removeprefix("\ufeff"),
        _accept(request, given),
        *(graphs if any(graphs) else ()),
    )


def _accept(request: Request, given: dict[str, list[str]]) -> str | None:
    """Return what the answer is to be: `format=` says, or else the Accept header."""
    wanted = given.get("format")
    if wanted is None:
        return request.headers.get("accept")
    if wanted[0] not in FORMATS:
        raise RequestError(400, f"the format is not known; give one of {', '.join(FORMATS)}")
    return FORMATS[wanted[0]]


def _pairs(text: bytes) -> list[tuple[str, str]]:
    if b"%" in text and _BROKEN.search(text.decode("latin-1")):
        raise RequestError(400, "a % begins no percent-encoding; write %25 for the sign itself")
    try:
        return parse_qsl(
            text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000
        )
    except UnicodeError:
        raise RequestError(400, "the parameters are not UTF-8, percent-encoded") from None
    except ValueError:
        raise RequestError(400, "there are too many parameters") from None


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(400, "the query is not UTF-8; send it in UTF-8") from None


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""
