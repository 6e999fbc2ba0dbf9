"""One request and its answer, over a connection that is kept for the next.

A time-out of a socket does not see a store that goes on a byte at a time; a `Deadline` does.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from types import TracebackType
from typing import Generic, TypeVar
from urllib.parse import urlsplit

SLOWEST = 1000
"""Bytes a second that are to be sent or received; a request that is slower is given up."""
WORDS = 1 << 16
"""Bytes that are read of a refusal."""

T = TypeVar("T")
Origin = tuple[str, str, int]


@dataclass(frozen=True)
class Body:
    """What is sent: its size, and how to get its bytes, as often as need be."""

    size: int
    blocks: Callable[[], Iterable[bytes]]


EMPTY = Body(0, lambda: ())


@dataclass(frozen=True)
class Request:
    """A request that may be made twice without harm."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = EMPTY


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What came back: the value that was read of it, or the words of a refusal."""

    status: int
    reason: str
    headers: Message
    value: T | None
    words: bytes


class Deadline:
    """Shuts a connection down once its time has passed, which may be extended until then."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection = connection
        self._end = time.monotonic() + seconds
        self._done = threading.Event()
        self.passed = False

    def extend(self, seconds: float) -> None:
        """Give it so much longer."""
        self._end += seconds

    def _watch(self) -> None:
        while not self._done.wait(max(0.0, self._end - time.monotonic())):
            if time.monotonic() >= self._end:
                self.passed = True
                with suppress(OSError):  # it is gone already
                    self._connection.shutdown(socket.SHUT_RDWR)
                return

    def __enter__(self) -> Deadline:
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()


Reader = Callable[[HTTPResponse, Deadline], T]


def origin(url: str) -> Origin:
    """Return scheme, host and port of a URL."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port


def target(url: str) -> str:
    """Return what is asked of the host: the path and the query of a URL."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class Wire:
    """The connection to one origin at a time."""

    def __init__(self, timeout: float) -> None:
        """Take how many seconds the other side may be silent."""
        self._timeout = timeout
        self._connection: HTTPConnection | None = None
        self._origin: Origin | None = None

    def exchange(
        self, request: Request, headers: Mapping[str, str | bytes], read: Reader[T]
    ) -> Answer[T]:
        """Make a request; ``read`` is given the answer if it is no refusal.

        Raises OSError and HTTPException when none comes, or not all of it.
        """
        kept = self._connection is not None and self._origin == origin(request.url)
        try:
            return self._exchange(request, headers, read)
        except ConnectionError:
            if not kept:
                raise
        # The other side may have closed it since; that is no fault yet.
        return self._exchange(request, headers, read)

    def _exchange(
        self, request: Request, headers: Mapping[str, str | bytes], read: Reader[T]
    ) -> Answer[T]:
        connection = self._connected(request.url)
        seconds = self._timeout + request.body.size / SLOWEST
        try:
            with Deadline(connection.sock, seconds) as deadline:
                try:
                    answer = _ask(connection, request, headers, deadline, read)
                except Exception as error:
                    if deadline.passed:
                        raise TimeoutError from error
                    raise
                if deadline.passed:  # what was cut off may look like an end
                    raise TimeoutError
        except BaseException:
            self.close()
            raise
        if answer.value is None:
            self.close()  # all of it may not have been read
        return answer

    def _connected(self, url: str) -> HTTPConnection:
        wanted = origin(url)
        if self._connection is not None and self._origin == wanted and self._connection.sock:
            return self._connection
        self.close()
        scheme, host, port = wanted
        self._connection = (
            HTTPSConnection(host, port, timeout=self._timeout, context=ssl.create_default_context())
            if scheme == "https"
            else HTTPConnection(host, port, timeout=self._timeout)
        )
        self._origin = wanted
        self._connection.connect()
        return self._connection

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _ask(
    connection: HTTPConnection,
    request: Request,
    headers: Mapping[str, str | bytes],
    deadline: Deadline,
    read: Reader[T],
) -> Answer[T]:
    length = {"Content-Length": str(request.body.size)} if request.method != "GET" else {}
    broken = None
    try:
        connection.request(
            request.method,
            target(request.url),
            request.body.blocks() if length else None,
            {**headers, **length},
        )
    except ConnectionError as error:
        broken = error  # a store that refuses the rest may still have said why
    try:
        response = connection.getresponse()
    except (OSError, ValueError) as error:
        raise broken or error from error
    value, words = None, b""
    if 200 <= response.status < 300:
        if broken:
            raise broken
        value = read(response, deadline)
        if response.length:
            raise ConnectionResetError("the answer was cut off")
        if not response.isclosed():
            raise ConnectionResetError("the answer was not read to its end")
    else:
        words = response.read(WORDS)
    return Answer(response.status, response.reason, response.headers, value, words)
