"""A connection that nobody can hold for nothing: what does not come, or is not taken, ends it."""

from __future__ import annotations

import asyncio
import resource
from asyncio import TimerHandle
from functools import cache
from typing import ClassVar

from kg.server.connection import STALLED, Connection

CONNECTION = "kg.connection"
"""The extension in an ASGI scope that is its `Guarded`."""

HEAD_TIMEOUT = 10.0
"""Seconds until the head of a request must have come; the first one, or one that has begun."""

LONGEST = 64 << 10
"""Bytes that the request line and the header fields may have together."""

MOST_FIELDS = 100
MOST_CONNECTIONS = 20_000

RESERVED = 128
"""Open files that are left for builds and workers, where the system allows few in all."""


@cache
def most() -> int:
    """Return how many connections there may be; each may take an open file besides its own."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MOST_CONNECTIONS, max(8, (allowed - RESERVED) // 2))


class Guarded(Connection):
    """What uvicorn makes of each connection."""

    _of: ClassVar[dict[str, dict[Guarded, None]]] = {}
    """Connections by the address that they come from, the oldest first."""

    handler: asyncio.Task[None] | None = None
    """What answers the request; it is cancelled when the client goes away."""
    _head: TimerHandle | None = None
    _stall: TimerHandle | None = None
    _size = 0
    _complete = True
    """Whether the head of the request has come, or none has begun."""
    _whole = True
    """Whether all of the request has come, or none has begun."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._of.setdefault(self._from, {})[self] = None
        if len(self.connections) > most():  # who has most gives up the oldest
            theirs = max(self._of.values(), key=len)
            next(iter(theirs)).transport.abort()
        self._await_head()

    @property
    def _from(self) -> str:
        return self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all that is done for this client."""
        theirs = self._of.get(self._from, {})
        theirs.pop(self, None)
        if not theirs:
            self._of.pop(self._from, None)
        self._stop_waiting()
        if self._stall is not None:
            self._stall.cancel()
        super().connection_lost(exc)
        if self.handler is not None:
            self.handler.cancel()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"][CONNECTION] = self  # type: ignore[assignment]
        self._size, self._complete, self._whole = 0, False, False

    def data_received(self, data: bytes) -> None:
        """Read on; a head that has begun must end soon."""
        super().data_received(data)
        if not self._complete and self._head is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """Take a part of the request line."""
        self._weigh(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        self._weigh(len(name) + len(value))
        if len(self.headers) >= MOST_FIELDS:
            raise ValueError
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer a request."""
        self._complete = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that all of a request has come."""
        self._whole = True
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait a while for what nobody reads: the rest of the body."""
        super().on_response_complete()
        if not self._whole and self._head is None:
            self._await_head()

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        super().pause_writing()
        loop = asyncio.get_running_loop()
        self._stall = loop.call_later(STALLED, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _weigh(self, size: int) -> None:
        self._size += size
        if self._size > LONGEST:
            raise ValueError  # uvicorn answers 400, and closes

    def _await_head(self) -> None:
        loop = asyncio.get_running_loop()
        self._head = loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
