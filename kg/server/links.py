"""The web process's end of a worker: sends it tasks, and gathers their answers in order."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from typing import NamedTuple, cast

from kg.server.frames import HEAD
from kg.server.messages import File

MOST_SPOOLED = 1 << 30
"""Bytes that all such files may have together: whoever reads slowly keeps them for long."""

SPOOLED = 1 << 20
"""Bytes of a body that are kept in memory; a larger one goes to a file that has no name."""


PLAIN = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What came of a task: an HTTP status, and a body."""

    status: int
    media_type: str
    body: bytes | File


class Spool(File):
    """The file of a large body; one that nothing is kept of, where there is no room for more."""

    held = 0
    """Bytes of all that are open."""

    def __init__(self, size: int) -> None:
        """Make room for so many bytes."""
        self.kept = 0
        if Spool.held + size <= MOST_SPOOLED:
            with tempfile.TemporaryFile() as file:
                super().__init__(os.dup(file.fileno()), 0, 0)
            self.kept = size
        else:
            super().__init__(os.open(os.devnull, os.O_WRONLY), 0, 0)
        Spool.held += self.kept

    def close(self) -> None:
        """Close the file, and give up its room."""
        super().close()
        Spool.held -= self.kept
        self.kept = 0


class Link(asyncio.Protocol):
    """A worker, as the web process knows it."""

    def __init__(self, pid: int, answered: Callable[[Link, Answer], None]) -> None:
        """Take the number of its process, and what is done with each answer."""
        self.pid = pid
        self._answered = answered
        self._transport: asyncio.Transport
        self._held = bytearray()
        self._spool: Spool | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the worker."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, frames: bytes) -> None:
        """Send tasks."""
        self._transport.write(frames)

    def data_received(self, data: bytes) -> None:
        """Gather answers, and pass on each that is whole."""
        self._held += data
        while (answer := self._whole()) is not None:
            self._answered(self, answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of what came of an answer; the zygote tells how the worker ended."""
        if self._spool is not None:
            self._spool.close()

    def _whole(self) -> Answer | None:
        """Take the next answer from what has come."""
        held = self._held
        if len(held) < HEAD.size:
            return None
        status, media, size = HEAD.unpack_from(held)
        begin = HEAD.size + media
        if size > SPOOLED and len(held) > begin:
            self._write(begin, size)
        body: bytes | File
        if self._spool is not None:
            if self._spool.length < size:
                return None
            body, end = self._spool, begin
            if not self._spool.kept:
                self._spool.close()
                status, body = 503, b"there are too many large answers; ask again in some minutes\n"
        elif len(held) >= begin + size:
            body, end = bytes(held[begin : begin + size]), begin + size
        else:
            return None
        media_type = held[HEAD.size : begin].decode() if status != 503 else PLAIN
        del held[:end]
        self._spool = None
        return Answer(status, media_type, body)

    def _write(self, begin: int, size: int) -> None:
        """Move what has come of a large body to its file."""
        try:
            if self._spool is None:
                self._spool = Spool(size)
            rest = bytes(self._held[begin : begin + size - self._spool.length])
            del self._held[begin : begin + len(rest)]
            while rest:
                written = os.write(self._spool.fd, rest)
                self._spool.length += written
                rest = rest[written:]
        except OSError:  # no room for it
            self._transport.abort()
