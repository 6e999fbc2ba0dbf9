"""The SPARQL endpoint: a query goes to a worker, unless its answer is known."""

from __future__ import annotations

import hashlib
import signal
from contextlib import suppress

from kg.asking.sparql import is_lasting
from kg.confined import DEATHS
from kg.links import ENDPOINT
from kg.pages.form import SERVICE
from kg.server.accept import choose
from kg.server.answering import GRAPHS
from kg.server.builds import Build
from kg.server.cache import LARGEST
from kg.server.description import describe_service
from kg.server.fairness import who
from kg.server.frames import Task, packed
from kg.server.messages import Request, Response, plain, redirect
from kg.server.pool import BusyError, EndedError
from kg.server.protocol import RequestError, read_task

HTML = "text/html"

BESIDE = ("Link", f'<./{ENDPOINT}>; rel="{SERVICE}"')
"""The header by which the page to ask on tells its script that there is an endpoint."""

RETRY = ("Retry-After", "5")


async def ask(build: Build, request: Request, body: bytes) -> Response:
    """Return the answer to a request at the endpoint."""
    try:
        task = read_task(request, body)
    except RequestError as error:
        return plain(error.status, f"query: error: {error}")
    if task.kind == "query":
        return await answer(build, task, request.client)
    chosen = choose(task.accept, [*GRAPHS, HTML])
    if chosen != HTML:
        return describe_service(build, request, chosen)
    if request.path.endswith("/"):  # its links are relative
        return redirect(308, f"../sparql?{request.query}".removesuffix("?"))
    return await _form(build, request, task.text)


async def page(build: Build, request: Request) -> Response:
    """Return the page to ask on at its own address, ``sparql.html``."""
    try:
        task = read_task(request, b"")
    except RequestError as error:
        return plain(error.status, f"query: error: {error}")
    return await _form(build, request, task.text if task.kind == "service" else "")


async def _form(build: Build, request: Request, saved: str) -> Response:
    """Return the page to ask on, with a saved query if it is given by its name."""
    made = await answer(build, Task("form", saved), request.client)
    return Response(made.status, made.body, [*made.headers, BESIDE])


async def answer(build: Build, task: Task, client: str) -> Response:
    """Return what a worker answers to a task, or what is known of it already.

    A task that ended its worker, or overran its time, is not tried again for a while, whatever
    format it asks for.
    """
    known = build.cache.get(task)
    if known is None and build.feared:
        known = build.feared.get(task._replace(accept=None))
    if known is not None:
        return known
    pool = build.nursery.pools["query" if task.kind == "query" else "page"]
    try:
        status, media_type, body = await pool.do(who(client), packed(task))
    except BusyError as error:
        said = plain(429 if error.mine else 503, f"{error}; ask again in some seconds")
        said.headers.append(RETRY)
        return said
    except EndedError as error:
        said = _ended(error, pool.timeout)
        if error.reason == "late" or (error.signal and not error.reason):
            build.feared.put(task._replace(accept=None), said, _length(task))
        return said
    response = Response(status, body, [("Content-Type", media_type), ("Vary", "Accept")])
    lasting = task.kind != "query" or is_lasting(task.text)
    if status == 200 and lasting and isinstance(body, bytes) and len(body) <= LARGEST:
        response.headers.append(("ETag", f'"{hashlib.sha256(body).hexdigest()[:32]}"'))
        build.cache.put(task, response, _length(task))
    elif status == 507:
        build.feared.put(task._replace(accept=None), response, _length(task))
    return response


def _length(task: Task) -> int:
    graphs = (*(task.default_graphs or ()), *(task.named_graphs or ()))
    return len(task.text) + len(task.accept or "") + sum(map(len, graphs))


def _ended(error: EndedError, timeout: float) -> Response:
    """Return why a task was not done."""
    if error.reason == "late":
        said = plain(503, f"query: error: the query took more than {timeout:g} s; simplify it")
    elif error.reason == "gone":
        said = plain(503, "the workers have died, others come; ask again in some seconds")
        said.headers.append(RETRY)
    elif error.reason:
        said = plain(503, "query: error: the query made room for others; ask again in some seconds")
        said.headers.append(RETRY)
    elif error.signal in (signal.SIGSEGV, signal.SIGBUS):
        reason = DEATHS[signal.SIGSEGV]
        said = plain(400, f"query: error: the query {reason}; simplify it")
    elif not error.signal:
        said = plain(500, "query: error: its worker ended, we do not know why")
    else:
        reason = DEATHS[signal.SIGABRT]
        with suppress(KeyError, ValueError):
            reason = DEATHS[signal.Signals(error.signal)]
        said = plain(507, f"query: error: the query {reason}; simplify it")
    return said
