"""Clients of our own, for what wrk cannot do: attackers from other addresses, answers kept whole.

One thread, epoll and raw sockets. Each answer is read whole (Content-Length or chunked). It costs
three times the processor time of wrk: what is to be measured exactly is asked with wrk (`good`).
"""

from __future__ import annotations

import select
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass
class Outcome:
    """What one run of a client got."""

    answers: Counter[str] = field(default_factory=Counter)
    """By status, or by what came instead of an answer."""
    kept: dict[bytes, bytes] = field(default_factory=dict)
    """The bodies of answers with status 200, by request, where they were to be kept."""
    longest: float = 0.0
    """The seconds that the slowest answer took."""


class Answer(NamedTuple):
    """An answer read whole."""

    status: int
    body: bytes
    closes: bool


def read_answer(data: bytes) -> Answer | None:
    """Return the answer that some bytes are, None while they are not all of one.

    An answer without a length is none: whether it is whole cannot be told. Raises `ValueError` for
    what is no answer.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    if not data.startswith(b"HTTP/1."):
        raise ValueError("no HTTP")
    head = data[: end + 2].lower()
    closes = b"\r\nconnection: close\r\n" in head
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 : head.index(b"\r\n", at + 17)])
        body = data[end + 4 :]
        if len(body) < length:
            return None
        if len(body) > length:
            raise ValueError("more than the length says")
    elif b"\r\ntransfer-encoding: chunked\r\n" in head:
        whole = _unchunked(data, end + 4)
        if whole is None:
            return None
        body = whole
    else:
        raise ValueError("no length")
    return Answer(int(data[9:12]), body, closes)


def _unchunked(data: bytes, at: int) -> bytes | None:
    parts = []
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(data[at:line].split(b";")[0], 16)
        at = line + 2 + size + 2
        if at > len(data):
            return None
        if data[at - 2 : at] != b"\r\n":
            raise ValueError("a chunk without an end")
        if size == 0:
            if at != len(data):
                raise ValueError("more than the chunks")
            return b"".join(parts)
        parts.append(data[line + 2 : at - 2])


class _Connection:
    """One connection, with the request that it waits on."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.socket: socket.socket | None = None
        self.data = b""
        self.request = b""
        self.unsent = b""
        self.began = 0.0
        self.due = 0.0
        """When it asks, if it waits on nothing; never once there are no more requests."""


class Client:
    """Asks one server, over a connection from each of the given source addresses."""

    def __init__(
        self,
        port: int,
        sources: Sequence[str],
        requests: Iterator[bytes],
        *,
        pause: float = 0.0,
        keep: bool = False,
    ) -> None:
        """Take what to ask, and how long each connection waits between answer and request.

        It ends before its time when there are no more requests.
        """
        self.port = port
        self.requests = requests
        self.pause = pause
        self.keep = keep
        self.outcome = Outcome()
        self._connections = [_Connection(source) for source in sources]
        self._epoll = select.epoll()
        self._open: dict[int, _Connection] = {}

    def run(self, seconds: float) -> Outcome:
        """Ask for so long; what is not answered then is left."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            now = time.perf_counter()
            for connection in self._connections:
                if not connection.request and now >= connection.due:
                    self._ask(connection, now)
            if all(connection.due == float("inf") for connection in self._connections):
                break  # there are no more requests
            for number, event in self._epoll.poll(0.01):
                if number in self._open:
                    self._ready(self._open[number], event)
        unanswered = sum(1 for connection in self._connections if connection.request)
        if unanswered:
            self.outcome.answers["none yet"] += unanswered
        for connection in self._connections:
            self._close(connection)
        self._epoll.close()
        return self.outcome

    def _ask(self, connection: _Connection, now: float) -> None:
        request = next(self.requests, b"")
        if not request:
            connection.due = float("inf")
            return
        connection.request = connection.unsent = request
        connection.began, connection.data = now, b""
        if connection.socket is None:
            connection.socket = opened = _opened(connection.source, self.port)
            self._open[opened.fileno()] = connection
            self._epoll.register(opened, select.EPOLLIN | select.EPOLLOUT)
        else:
            self._epoll.modify(connection.socket, select.EPOLLIN | select.EPOLLOUT)

    def _ready(self, connection: _Connection, event: int) -> None:
        assert connection.socket is not None
        try:
            if event & ~select.EPOLLOUT:
                self._receive(connection)
            elif connection.unsent:
                connection.unsent = connection.unsent[connection.socket.send(connection.unsent) :]
                if not connection.unsent:
                    self._epoll.modify(connection.socket, select.EPOLLIN)
        except BlockingIOError:
            pass
        except ConnectionRefusedError:
            self._end(connection, "refused")
        except ValueError as error:
            self._end(connection, str(error))
        except OSError:
            self._end(connection, "closed")

    def _receive(self, connection: _Connection) -> None:
        assert connection.socket is not None
        data = connection.socket.recv(1 << 18)
        if not connection.request:  # closed while nothing was asked
            self._close(connection)
            return
        if not data:
            raise ConnectionResetError
        connection.data += data
        answer = read_answer(connection.data)
        if answer is None:
            return
        if self.keep and answer.status == 200:
            self.outcome.kept[connection.request] = answer.body
        if answer.closes or connection.unsent:
            self._close(connection)
        self._end(connection, str(answer.status))

    def _end(self, connection: _Connection, how: str) -> None:
        now = time.perf_counter()
        self.outcome.answers[how] += 1
        self.outcome.longest = max(self.outcome.longest, now - connection.began)
        connection.request, connection.due = b"", now + self.pause
        if not how.isdigit():
            connection.due = now + max(self.pause, 0.05)
            self._close(connection)

    def _close(self, connection: _Connection) -> None:
        if connection.socket is not None:
            del self._open[connection.socket.fileno()]
            connection.socket.close()
            connection.socket = None


def crawl(port: int, sources: Sequence[str], seconds: float) -> Counter[str]:
    """Hold a connection from each source open by sending its headers a byte a second.

    Returns how often the server closed one; it is opened again.
    """
    end = time.perf_counter() + seconds
    counts = Counter({"closed": 0})
    held: dict[int, socket.socket] = {}
    begun: set[int] = set()
    while (now := time.perf_counter()) < end:
        for number, source in enumerate(sources):
            if number not in held:
                held[number] = _opened(source, port)
                begun.discard(number)
                continue
            try:
                held[number].send(b"x" if number in begun else b"GET / HTTP/1.1\r\nX-Slow: ")
                begun.add(number)
                if not held[number].recv(4096):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                counts["closed"] += 1
                held.pop(number).close()
        time.sleep(max(0.0, min(now + 1, end) - time.perf_counter()))
    counts["held at the end"] = len(begun & held.keys())
    for opened in held.values():
        opened.close()
    return counts


def _opened(source: str, port: int) -> socket.socket:
    """Return a socket that connects from a loopback address, without waiting for it."""
    opened = socket.socket()
    opened.setblocking(False)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    opened.bind((source, 0))
    opened.connect_ex(("127.0.0.1", port))
    return opened
