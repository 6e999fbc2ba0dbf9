"""A worker: a forked process that does one task after another, and may be ended at any moment."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, NoReturn

from kg.confined import close_the_door
from kg.server.frames import LENGTH, Answer, Task, head, unpacked

SHORT = 1 << 16
"""Bytes of an answer that are sent at once with its head."""


class Kind(NamedTuple):
    """A kind of worker."""

    do: Callable[[Task], Answer]
    memory: int
    """Bytes that it may take beyond what it has from the zygote."""
    opens: bool = False
    """Whether it may open files; else nothing can be opened, neither files nor sockets."""


def work(web: socket.socket, lifeline: int, kind: Kind) -> NoReturn:
    """Do the tasks that come over a socket until it closes.

    It ends with the process that holds the other end of the lifeline, a pipe. Where memory is
    short, it ends by SIGABRT.
    """
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # native code that dies has words of its own
            os.dup2(nowhere, stream)
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
        close_the_door(kind.memory, opens=kind.opens)
        while (task := _next(web)) is not None:
            answer = kind.do(task)
            web.sendall(head(answer) + answer.body[:SHORT])
            if len(answer.body) > SHORT:
                web.sendall(memoryview(answer.body)[SHORT:])
            del answer
        code = 0
    except MemoryError:
        os.abort()
    finally:
        os._exit(code)


def _next(web: socket.socket) -> Task | None:
    length = _exactly(web, LENGTH.size)
    body = length and _exactly(web, LENGTH.unpack(length)[0])
    return unpacked(body) if body else None


def _exactly(web: socket.socket, size: int) -> bytes:
    """Return so many bytes, or none when the other end has closed."""
    data = b""
    with suppress(ConnectionError):
        data = web.recv(size)
        while data and len(data) < size:
            more = web.recv(size - len(data))
            data = data + more if more else b""
    return data


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGKILL)
