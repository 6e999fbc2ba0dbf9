"""Send a response to the end, or abort: a body that was cut never looks like a whole one.

Memory is that of one chunk for each connection. What the system has of a file in memory is read at
once, which takes microseconds; where the disk must be waited for, a thread waits.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from kg.server.messages import File, Response

CHUNK = 64 * 1024
"""How many bytes are read and sent at once: more is not faster, and hundreds may wait."""

PATIENCE = 60.0
"""How many seconds a client has to take a chunk: about 1 kB a second, or it is dropped."""

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_NOWAIT = getattr(os, "RWF_NOWAIT", None)  # Linux has it, and most of its file systems
_log = logging.getLogger(__name__)


async def send_response(
    send: Send,
    response: Response,
    transport: asyncio.WriteTransport,
    *,
    head: bool = False,
    patience: float = PATIENCE,
) -> bool:
    """Send a response through ASGI, close its file, and tell whether all of it was sent.

    For a HEAD, that is only what the headers say. Whatever goes wrong ends with an abort of the
    transport: if we raised, uvicorn would wait for the client to take what is in the buffer, maybe
    for ever.
    """
    # So that to send means to wait until all that was sent before has left the process.
    transport.set_write_buffer_limits(high=0)

    async def put(message: MutableMapping[str, Any]) -> None:
        async with asyncio.timeout(patience):
            await send(message)

    headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in response.headers]
    if response.status not in (204, 304):  # they have no body, and 304 need not say how long
        headers.append((b"content-length", b"%d" % response.length))
    try:
        await put(
            {"type": "http.response.start", "status": response.status, "headers": headers},
        )
        body = b"" if head else response.body
        if isinstance(body, File) or len(body) > CHUNK:
            async for chunk in _chunks(body):
                await put({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.sleep(0)  # a fast client does not keep the others waiting
                if transport.is_closing():
                    await abort(transport)
                    return False
            body = b""
        await put({"type": "http.response.body", "body": body, "more_body": False})
        return not transport.is_closing()
    except TimeoutError:
        await abort(transport)
        return False
    except (OSError, EOFError) as error:
        _log.error("a response was cut off: %s", error)
        await abort(transport)
        return False
    finally:
        response.close()


async def abort(transport: asyncio.WriteTransport) -> None:
    """End a connection so that the client cannot take what it got for a whole response."""
    transport.abort()
    await asyncio.sleep(0)  # uvicorn learns of it before we return, and has nothing to complain of


async def _chunks(body: bytes | File) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        for start in range(0, len(body), CHUNK):
            yield body[start : start + CHUNK]
        return
    position, end = body.start, body.start + body.length
    while position < end:
        chunk = await _read(body.fd, min(CHUNK, end - position), position)
        if not chunk:
            raise EOFError("the file is shorter than it was")
        position += len(chunk)
        yield chunk


async def _read(fd: int, length: int, position: int) -> bytes:
    """Read some bytes without keeping the event loop from its work."""
    if _NOWAIT is not None:
        buffer = bytearray(length)
        try:
            count = os.preadv(fd, [buffer], position, _NOWAIT)
            del buffer[count:]
            return bytes(buffer)
        except OSError:  # not in memory, or the file system cannot tell; errors come up again below
            pass
    return await asyncio.to_thread(os.pread, fd, length, position)
