"""The web process's end of a worker: sends it a task, gathers the answer."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from typing import NamedTuple

from kg.server.frames import HEAD
from kg.server.messages import File

SPOOLED = 1 << 20
"""Bytes of a body that are kept in memory; a larger one goes to a file that has no name."""


class EndedError(Exception):
    """A worker was ended before it was done."""

    def __init__(self, signal: int, reason: str = "") -> None:
        """Say by which signal (0: not known), and why if the web process ended it."""
        super().__init__(reason or f"signal {signal}")
        self.signal = signal
        self.reason = reason


class Answer(NamedTuple):
    """What came of a task: an HTTP status, and a body."""

    status: int
    media_type: str
    body: bytes | File


class Link(asyncio.Protocol):
    """A worker, as the web process knows it."""

    def __init__(self, pid: int) -> None:
        """Take the number of its process."""
        self.pid = pid
        self.reason = ""
        """Why the web process has it ended: ``late``, ``evicted``, ``gone``; else nothing."""
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport
        self._answer: asyncio.Future[Answer] | None = None
        self._held = bytearray()
        self._spool: File | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the worker."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Gather an answer until it is whole."""
        self._held += data
        if len(self._held) < HEAD.size:
            return
        status, media, size = HEAD.unpack_from(self._held)
        begin = HEAD.size + media
        if size > SPOOLED and len(self._held) > begin:
            self._write(begin)
        body = self._spool or self._held
        done = body.length if isinstance(body, File) else len(body) - begin
        if done < size or self._answer is None or self._answer.done():
            return
        media_type = self._held[HEAD.size : begin].decode()
        whole = bytes(self._held[begin:]) if self._spool is None else self._spool
        self._held, self._spool = bytearray(), None
        self._answer.set_result(Answer(status, media_type, whole))

    def _write(self, begin: int) -> None:
        """Move what has come of a large body to its file."""
        try:
            if self._spool is None:
                with tempfile.TemporaryFile() as file:
                    self._spool = File(os.dup(file.fileno()), 0, 0)
            rest = bytes(self._held[begin:])
            while rest:
                written = os.write(self._spool.fd, rest)
                self._spool.length += written
                rest = rest[written:]
        except OSError:  # no room for it
            self._transport.abort()
        del self._held[begin:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits know that there will be no answer."""
        if self._spool is not None:
            self._spool.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    async def do(self, frame: bytes) -> Answer:
        """Return the answer to a task; raises `EndedError`. One task at a time."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            self._answer.set_exception(ConnectionResetError())
        else:
            self._transport.write(frame)
        try:
            return await self._answer
        except ConnectionResetError:
            signal = 0
            with suppress(TimeoutError):  # the zygote tells soon how it ended
                signal = await asyncio.wait_for(asyncio.shield(self.ended), 0.5)
            raise EndedError(signal, self.reason) from None

    def close(self) -> None:
        """Let the worker end."""
        self._transport.close()
