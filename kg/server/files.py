"""The files of a build, as HTTP sends them (RFC 9110).

A strong entity tag is the SHA-256 of the very bytes that are sent: for a file as it is, the one in
SHA256SUMS. So two servers of one build agree, and a download that was begun before a rebuild is
taken up again after it just if the file is the same.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping

from kg.server.accept import codings
from kg.server.conditions import date, named, part, precondition
from kg.server.messages import Request, Response, problem
from kg.server.pinned import Form, Pinned

CODINGS = ("zstd", "gzip")
"""The codings that files may be sent in, the best first."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "gz": "application/gzip",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "nq": "application/n-quads",
    "nt": "application/n-triples",
    "rq": "application/sparql-query; charset=utf-8",
    "trig": "application/trig",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "ttl": "text/turtle; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "SHA256SUMS": "text/plain; charset=utf-8",
    "zst": "application/zstd",
}
"""Media types by suffix, or by the name of a file that has none."""

_log = logging.getLogger(__name__)


def media_type(name: str) -> str:
    """Return the media type of a file, by its name."""
    last = name.rpartition("/")[2]
    return TYPES.get(last.rpartition(".")[2], "application/octet-stream")


def respond(pinned: Pinned, name: str, request: Request) -> Response:
    """Answer a request for a file of a build, by its name ("data/kg.ttl")."""
    forms = pinned.forms.get(name)
    if forms is None:
        return problem(404, "Not Found", "There is no such file.")
    if request.method not in ("GET", "HEAD"):
        response = problem(405, "Method Not Allowed", "Files can be read only (GET, HEAD).")
        response.headers.append(("Allow", "GET, HEAD"))
        return response
    form = _chosen(forms, request.headers)
    if form is None:
        detail = f"The file can be had in the codings {', '.join(forms)}."
        return _with(problem(406, "Not Acceptable", detail), ("Vary", "Accept-Encoding"))
    tag = f'"{form.sha256.hex()}"'
    same = [
        ("ETag", tag),
        ("Last-Modified", date(pinned.modified)),
        ("Vary", "Accept-Encoding"),
        # Asked for each time, for a rebuild may come at any; nothing on the way may change bytes
        # that have a strong tag.
        ("Cache-Control", "no-cache, no-transform"),
    ]
    ended = precondition(request.headers, tag, pinned.modified)
    if ended == 304:
        return Response(304, headers=same)
    if ended is not None:
        detail = "The file is not, or not any more, the one that If-Match or a date asks for."
        return problem(ended, "Precondition Failed", detail)
    # Ranges are for GET alone (section 14.2).
    wanted = part(request.headers, tag, form.length) if request.method == "GET" else None
    if wanted is not None and not wanted:
        detail = f"The file has {form.length} bytes, and none there."
        unsatisfied = problem(416, "Range Not Satisfiable", detail)
        return _with(unsatisfied, ("Content-Range", f"bytes */{form.length}"))
    try:
        file = form.open()
    except OSError as error:
        _log.error("%s/%s cannot be sent: %s", pinned.folder, name, error.strerror)
        detail = "The file cannot be read just now."
        return _with(problem(503, "Service Unavailable", detail), ("Retry-After", "30"))
    headers = [
        ("Content-Type", media_type(name)),
        *same,
        ("Accept-Ranges", "bytes"),
        ("Repr-Digest", f"sha-256=:{base64.b64encode(form.sha256).decode()}:"),  # RFC 9530
    ]
    if form.coding != "identity":
        headers.append(("Content-Encoding", form.coding))
    if wanted is None:
        return Response(200, file, headers)
    file.start += wanted.start
    file.length = len(wanted)
    where = f"bytes {wanted.start}-{wanted.stop - 1}/{form.length}"
    return Response(206, file, [*headers, ("Content-Range", where)])


def _chosen(forms: Mapping[str, Form], headers: Mapping[str, str]) -> Form | None:
    """Return the form to send, of those that the client takes (section 12.5.3).

    Forms come to be while the server runs. Who has one already, and names its tag, keeps to it;
    otherwise a range is one of the file as it is, so that parts fetched apart fit together.
    """
    available = [coding for coding in CODINGS if coding in forms]
    accepted = codings(headers.get("accept-encoding"), available)
    known = named(headers)
    for coding in accepted:
        if f'"{forms[coding].sha256.hex()}"' in known:
            return forms[coding]
    if "range" in headers and "identity" in accepted:
        return forms["identity"]
    return forms[accepted[0]] if accepted else None


def _with(response: Response, header: tuple[str, str]) -> Response:
    response.headers.append(header)
    return response
