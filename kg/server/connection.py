"""A connection, as uvicorn has it, which lets the application get at its transport.

ASGI has no word for "abort", nor for "is the client still there?".
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

TRANSPORT = "kg.transport"
"""The extension in an ASGI scope that is the transport of its connection."""

UNSENT = 128 * 1024
"""How many bytes the system takes ahead of what it can send: a client that does not read fills no
megabytes of its memory, and one that reads slowly is seen to read."""


class Connection(HttpToolsProtocol):
    """What to give to uvicorn as `http`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport, and bound what the system buffers."""
        super().connection_made(transport)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            with suppress(OSError):  # a socket behind a proxy on the same machine may be no TCP
                ours = transport.get_extra_info("socket")
                ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]
