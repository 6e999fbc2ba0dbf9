"""The web process's end of a zygote: starts it, and brings its workers to their pools."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from kg.server.links import Link
from kg.server.pool import TICK, Pool


class RefusedError(Exception):
    """A build cannot be served; the text says why, in one line."""


class Limits(NamedTuple):
    """What those who ask may use."""

    timeout: float = 10.0
    """Seconds that a query may take."""
    workers: int = 4
    """Queries that are answered at the same time."""
    memory: int = 512 << 20
    """Bytes that a query may take beyond the dataset."""
    cached: int = 64 << 20
    """Bytes of answers that are kept."""


PAGES = 2
"""Workers that make pages."""

PAGE_TIMEOUT = 10.0
"""Seconds that a page may take."""


class Nursery:
    """A zygote with its workers."""

    def __init__(self, directory: int, place: Path, limits: Limits) -> None:
        """Take the open directory of the build, and where it is published."""
        self.directory = directory
        self.place = place.absolute()
        self.limits = limits
        self.lost = asyncio.Event()
        """Set when the zygote is no more."""
        self.pools = {
            kind: Pool(size, timeout, partial(self._say, fork=kind), self._kill)
            for kind, size, timeout in (
                ("query", limits.workers, limits.timeout),
                ("page", PAGES, PAGE_TIMEOUT),
            )
        }
        self._links: dict[int, tuple[Pool, Link]] = {}
        self._control: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._heard = b""
        self._sockets: list[int] = []
        self._loaded: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> dict[str, Any]:
        """Load the build and have workers forked; returns what it is, or raises `RefusedError`."""
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)
        with theirs:
            fds = (theirs.fileno(), self.directory)
            given = map(str, (*fds, self.limits.memory, self.place))
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "kg.server.zygote", *given),
                pass_fds=fds,
                stdin=asyncio.subprocess.DEVNULL,
            )
        asyncio.get_running_loop().add_reader(self._control.fileno(), self._hear)
        about = await self._loaded
        for pool in self.pools.values():
            for _ in range(pool.size):
                pool.fork()
        self._begin(self._tick())
        return about

    async def close(self) -> None:
        """End the zygote, which ends its workers."""
        if self._control is not None and self._process is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
            await self._process.wait()

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tick(self) -> None:
        while self._control is not None:
            await asyncio.sleep(TICK)
            for pool in self.pools.values():
                pool.tick()

    def _say(self, **what: object) -> None:
        if self._control is not None:
            with suppress(OSError):
                self._control.send(json.dumps(what).encode() + b"\n")

    def _kill(self, pid: int) -> None:
        self._say(kill=pid)

    def _hear(self) -> None:
        assert self._control is not None
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 65536, 16)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        if not data:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self.lost.set()
            for pool in self.pools.values():
                pool.lose_all()
            if not self._loaded.done():
                self._loaded.set_exception(RefusedError("what loads the build has died"))
            return
        self._sockets += fds
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            self._note(json.loads(line))

    def _note(self, said: dict[str, Any]) -> None:
        if "loaded" in said:
            self._loaded.set_result(said["loaded"])
        elif "refused" in said:
            self._loaded.set_exception(RefusedError(said["refused"]))
        elif "worker" in said:
            pool = self.pools[said["kind"]]
            link = Link(said["worker"], pool.answered)
            self._links[link.pid] = pool, link
            if self._sockets:  # else we have no descriptor left for it; it ends without one
                self._begin(self._add(pool, link, socket.socket(fileno=self._sockets.pop(0))))
        elif "unforked" in said:
            asyncio.get_running_loop().call_later(1, self.pools[said["unforked"]].fork)
        elif said["ended"] in self._links:
            pool, link = self._links.pop(said["ended"])
            pool.lose(link, said["signal"])

    async def _add(self, pool: Pool, link: Link, sock: socket.socket) -> None:
        sock.setblocking(False)
        await asyncio.get_running_loop().create_unix_connection(lambda: link, sock=sock)
        if link.pid in self._links:
            pool.add(link)
