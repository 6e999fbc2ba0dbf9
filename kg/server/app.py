"""What is at which address, as an ASGI application.

/                          the dataset
/sparql                    the endpoint
/sparql.html               the page to ask it on
/data/… /ontology/… …      the files of the build
/id/… /claim/… …           what the dataset has IRIs for: 303 to a page or to data
/.well-known/void          where the dataset is described
/health /metrics           for those who run it
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from kg.server import endpoint, files, linked
from kg.server.builds import Build, Builds
from kg.server.conditions import known
from kg.server.connection import TRANSPORT
from kg.server.guarded import CONNECTION
from kg.server.journal import Journal
from kg.server.messages import File, Request, Response, plain
from kg.server.paths import decoded
from kg.server.protocol import RequestError
from kg.server.sending import CHUNK, send_response
from kg.server.signposts import header, of_file

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY = 256 << 10
"""Bytes that the body of a request may have."""

BODY_TIMEOUT = 10.0
"""Seconds in which it must have come."""

LONGEST = 4096
"""Characters that a path may have: to read a longer one would take us longer than them."""

HELD = 64 << 20
"""Bytes that all bodies that have not come whole may have together."""

_HOST = re.compile(r"[A-Za-z0-9._-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")


class App:
    """Serves the current build."""

    def __init__(self, builds: Builds, journal: Journal) -> None:
        """Take the builds, and what keeps account of requests."""
        self.builds = builds
        self.journal = journal
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter()
        request = Request.of(scope)
        connection = scope["extensions"][CONNECTION]
        connection.handler = asyncio.current_task()
        response: Response | None = None
        whole = False
        try:
            with self.builds.current as build:
                response = await self._respond(build, request, receive)
            whole = await _send(request, response, scope, send)
        except asyncio.CancelledError:
            if not connection.transport.is_closing():  # else the client has gone
                if response is not None:
                    raise
                response = _closing(plain(503, "the server ends; ask again in some seconds"))
                response.headers.append(endpoint.RETRY)
                whole = await _send(request, response, scope, send)
        finally:
            connection.handler = None
            self.journal.note(request, response, time.perf_counter() - began, whole=whole)

    async def _respond(self, build: Build, request: Request, receive: Receive) -> Response:
        """Return the response to a request."""
        path = request.path
        endpoint_ = path in ("/sparql", "/sparql/")
        refused = _refused(request, ["GET", "HEAD", *(["POST"] if endpoint_ else [])])
        if refused is not None:
            return refused
        if endpoint_:
            try:
                body = await self._body(request, receive)
            except RequestError as error:
                return _closing(plain(error.status, str(error)))
            return await endpoint.ask(build, request, body)
        if path == "/sparql.html":
            return await endpoint.page(build, request)
        if path == "/health":
            return plain(200, f"serving build {build.id}")
        if path == "/metrics":
            return self._metrics(build, request)
        if path == "/.well-known/void":
            return linked.described(request, "../")
        name = decoded(path)
        if name is not None and name in build.files.forms:
            response = files.respond(build.files, name, request)
            if response.status < 400:
                response.headers += header(of_file(name, build.about), quote(name))
            return response
        return await linked.respond(build, request)

    async def _body(self, request: Request, receive: Receive) -> bytes:
        """Return the body of a request; raises `RequestError`."""
        if request.method != "POST":
            return b""
        if int(request.headers.get("content-length", "0")) > BODY:
            raise RequestError(413, f"the body is too long; {BODY:,} bytes are allowed")
        body, more = b"", True
        try:
            async with asyncio.timeout(BODY_TIMEOUT):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise asyncio.CancelledError
                    self._held += len(message["body"])
                    body, more = body + message["body"], message["more_body"]
                    if len(body) > BODY:
                        raise RequestError(413, f"the body is too long; {BODY:,} bytes are allowed")
                    if more and self._held > HELD:
                        raise RequestError(503, "there are too many requests at once")
        except TimeoutError:
            raise RequestError(408, f"the body did not come within {BODY_TIMEOUT:g} s") from None
        finally:
            self._held -= len(body)
        return body

    def _metrics(self, build: Build, request: Request) -> Response:
        forwarded = {"forwarded", "via", "x-forwarded-for"} & request.headers.keys()
        if request.client not in ("127.0.0.1", "::1") or forwarded:
            return plain(403, "metrics are told to this machine alone")
        body = self.journal.metrics(build).encode()
        return Response(200, body, [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])


def _refused(request: Request, methods: list[str]) -> Response | None:
    """Return why a request is not even looked at, or None."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        return _closing(plain(400, "the Host header is missing, repeated, or no name of a host"))
    if len(request.path) > LONGEST:
        return _closing(plain(414, f"the path is too long; {LONGEST:,} characters are allowed"))
    if request.method == "OPTIONS":
        allowed = ", ".join([*methods, "OPTIONS"])
        headers = [
            ("Allow", allowed),
            ("Access-Control-Allow-Methods", allowed),
            ("Access-Control-Allow-Headers", "Accept, Content-Type, Range, If-None-Match"),
            ("Access-Control-Max-Age", "86400"),
        ]
        return Response(204, headers=headers)
    if request.method not in methods:
        refused = _closing(plain(405, f"{request.method} is not done here"))
        refused.headers.append(("Allow", ", ".join([*methods, "OPTIONS"])))
        return refused
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return _closing(plain(415, "send the body as it is, without a Content-Encoding"))
    return None


def _closing(response: Response) -> Response:
    """Return a response that ends its connection: what else comes on it is not read."""
    response.headers.append(("Connection", "close"))
    return response


async def _send(request: Request, response: Response, scope: Scope, send: Send) -> bool:
    """Send a response; tell whether all of it was sent."""
    head = request.method == "HEAD"
    tag = next((value for name, value in response.headers if name == "ETag"), None)
    reads = request.method != "POST"
    if tag and reads and response.status == 200 and known(request.headers, tag):
        response.close()
        response = Response(304, headers=[h for h in response.headers if h[0] != "Content-Type"])
    if isinstance(response.body, File) or len(response.body) > CHUNK:
        return await send_response(send, response, scope["extensions"][TRANSPORT], head=head)
    headers = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers
    ]
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))
    transport = scope["extensions"][TRANSPORT]
    transport.cork()
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else response.body})
    finally:
        transport.uncork()
    return True
