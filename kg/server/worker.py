"""A worker: a forked process that does one task after another, and may be ended at any moment."""

from __future__ import annotations

import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator
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
        with suppress(ConnectionError):  # the web process needs no more
            for task in _tasks(web):
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


def _tasks(web: socket.socket) -> Iterator[Task]:
    """Yield the tasks that come over a socket until it closes; reads at once what came together."""
    held = bytearray()
    while data := web.recv(SHORT):
        held += data
        while len(held) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(held)[0]
            if len(held) < end:
                break
            frame = bytes(held[LENGTH.size : end])
            del held[:end]
            yield unpacked(frame)


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGKILL)
