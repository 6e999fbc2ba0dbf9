"""Runs the server until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
import uvloop

from kg.server.app import App
from kg.server.builds import Builds
from kg.server.guarded import Guarded
from kg.server.journal import Journal
from kg.server.linked import POLICY
from kg.server.nursery import Limits

ALWAYS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "Accept-Ranges, Content-Range, ETag, Link, Retry-After"),
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]
"""Headers of every response."""

KEEP_ALIVE = 15
"""Seconds that a connection may be idle between requests."""

BACKLOG = 2048
"""Connections that may wait to be accepted."""

GRACE = 3
"""Seconds that running requests have once the server is told to end."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; raises OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # asyncio sets TCP_NODELAY only where the protocol is told to be TCP.
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(address)
    listening.listen(BACKLOG)  # who comes while the build is loaded waits
    return listening


def serve(
    folder: Path,
    listening: socket.socket,
    limits: Limits,
    proxies: list[str],
    ready: Callable[[], None],
    *,
    queries: bool = False,
) -> None:
    """Serve a published folder until SIGTERM or SIGINT; raises `RefusedError` where none is sound.

    ``proxies`` are the addresses whose X-Forwarded headers are believed; ``queries`` is whether
    the log holds what clients ask.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    uvloop.run(_serve(folder, listening, limits, proxies, ready, queries))


async def _serve(
    folder: Path,
    listening: socket.socket,
    limits: Limits,
    proxies: list[str],
    ready: Callable[[], None],
    queries: bool,
) -> None:
    journal = Journal(queries=queries)
    logging.basicConfig(handlers=[journal], level=logging.WARNING)
    # It warns of each request that is none: whoever sends many would fill the log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    builds = Builds(folder, limits, journal.tell)
    loop = asyncio.get_running_loop()
    opening = loop.create_task(builds.open())
    config = uvicorn.Config(
        App(builds, journal),
        http=Guarded,
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        headers=ALWAYS,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=GRACE,
    )
    server = uvicorn.Server(config)

    def end(number: int, frame: FrameType | None) -> None:
        server.handle_exit(number, frame)
        loop.call_soon_threadsafe(opening.cancel)

    # Before uvicorn listens to them, and after, when it raises once more those that it heard.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    try:
        await opening
    except asyncio.CancelledError:
        return
    beside = [loop.create_task(builds.watch()), loop.create_task(_flush(journal))]
    try:
        listening.listen(config.backlog)  # who connects from now on waits, and is not refused
        ready()
        await server.serve([listening])
    finally:
        for task in beside:
            task.cancel()
        await builds.close()
        journal.flush()


async def _flush(journal: Journal) -> None:
    while True:
        await asyncio.sleep(1)
        journal.flush()
