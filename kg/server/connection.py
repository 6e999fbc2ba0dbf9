"""A connection, as uvicorn has it, which lets the application get at its transport.

ASGI has no word for "abort", nor for "is the client still there?".
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "kg.transport"
"""The extension in an ASGI scope that is the transport of its connection."""

UNSENT = 128 * 1024
"""How many bytes the system takes ahead of what it can send: a client that does not read fills no
megabytes of its memory, and one that reads slowly is seen to read."""

STALLED = 60.0
"""Seconds that a client may take for what the system buffers for it."""


class Corked:
    """A transport that can hold back what is written, so that it leaves in one piece.

    To send costs more than to make a small response, of which uvicorn writes head and body apart.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        """Take the transport, which does all else."""
        self._transport = transport
        self._held: list[bytes] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def cork(self) -> None:
        """Hold back what is written from now on."""
        self._held = []

    def uncork(self) -> None:
        """Send what was held back."""
        held, self._held = self._held, None
        if held:
            self._transport.write(b"".join(held))

    def write(self, data: bytes) -> None:
        """Send, or hold back."""
        if self._held is None:
            self._transport.write(data)
        else:
            self._held.append(data)

    def close(self) -> None:
        """Send what was held back, and close, whether or not the client takes all of it."""
        self.uncork()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(STALLED, self._transport.abort)


class Connection(HttpToolsProtocol):
    """What to give to uvicorn as `http`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport, and bound what the system buffers."""
        super().connection_made(cast(asyncio.Transport, Corked(transport)))
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            with suppress(OSError):  # a socket behind a proxy on the same machine may be no TCP
                ours = transport.get_extra_info("socket")
                ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]
