"""The web process's end of a worker: sends it a task, gathers the answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from kg.server.frames import HEAD, Answer


class EndedError(Exception):
    """A worker was ended before it was done."""

    def __init__(self, signal: int, reason: str = "") -> None:
        """Say by which signal (0: not known), and why if the web process ended it."""
        super().__init__(reason or f"signal {signal}")
        self.signal = signal
        self.reason = reason


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

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to the worker."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Gather an answer until it is whole."""
        held = self._held
        held += data
        if len(held) < HEAD.size:
            return
        status, media, body = HEAD.unpack_from(held)
        begin = HEAD.size + media
        if len(held) < begin + body or self._answer is None or self._answer.done():
            return
        self._answer.set_result(Answer(status, held[HEAD.size : begin].decode(), bytes(held[begin:])))
        self._held = bytearray()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let whoever waits know that there will be no answer."""
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
