"""Work that may end its process, done in a child: it can be killed, and it reaches nothing.

Oxigraph's parser recurses as deep as a query nests or chains, and overflows the stack; its queries
cannot be cancelled, nor bounded in memory, nor kept from the network. A child of our own can.
"""

from __future__ import annotations

import fcntl
import math
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

MEMORY = 4 << 30
"""How many bytes work may take beyond what its process holds when `close_the_door` is called."""

MAPPED, RESIDENT, DATA = 0, 1, 5
"""What Linux tells of pages: mapped, read or not; in memory; writable, and nobody else's."""

DEATHS = {
    signal.SIGSEGV: "nests, or chains operators, too deeply",
    signal.SIGBUS: "nests, or chains operators, too deeply",
    signal.SIGABRT: "needs too much memory",
}


class KilledError(Exception):
    """The child did not end by itself; the text says what was wrong with its work, as a verb."""

    def __init__(self, reason: str, *, late: bool = False) -> None:
        """Say why, and whether it was too slow."""
        super().__init__(reason)
        self.late = late


def confined(work: Callable[[], None], seconds: float = 0) -> int:
    """Do work in a forked child and return its exit code; `KilledError` if something killed it.

    The child prints for itself. It is killed after so many seconds (0: never), when this process
    is interrupted, and when this process ends.
    """
    ours, theirs = socket.socketpair()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    child = os.fork()
    if child == 0:
        ours.close()
        _be_the_child(work, theirs)
    theirs.close()
    late = False
    try:
        # The other end closes when the child ends.
        late = not select.select([ours], [], [], seconds or None)[0]
    finally:
        if late or sys.exc_info()[0]:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ours.close()
    if late:
        raise KilledError(f"took more than {seconds:g} s", late=True)
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGINT:
        raise KeyboardInterrupt  # both were interrupted, and the child noticed first
    if code < 0:
        death = signal.Signals(-code)
        raise KilledError(DEATHS.get(death, f"was ended by {death.name}"))
    return code


def close_the_door(memory: int = MEMORY, *, opens: bool = False) -> None:
    """Let this process take no more than some memory, and open nothing more, sockets least of all.

    One that ``opens`` may go on opening files.
    """
    held = _pages(MAPPED)
    if not opens:
        limit(resource.RLIMIT_NOFILE, 0)
    with suppress(ValueError, OSError):  # macOS has no such limit
        limit(resource.RLIMIT_AS, held + memory)


@contextmanager
def nothing_opened() -> Iterator[None]:
    """Let this process open nothing for a while, sockets least of all.

    That is a limit below the least number that is free. With none at all, what waits for files that
    are open, in whatever thread, would fail: of a server, or of a notebook (poll(2), EINVAL).
    """
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        free = os.open(os.devnull, os.O_RDONLY)
        os.close(free)
    except OSError:
        free = 0  # nothing can be opened as it is
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


def resident() -> int:
    """Return how many bytes of memory this process holds, with what it shares with others."""
    return _pages(RESIDENT)


def limit_memory(more: int) -> None:
    """Let this process take so many bytes beyond what it holds, or has from its parent.

    What is mapped and never written to does not count, such as the code of libraries.
    """
    with suppress(ValueError, OSError):  # macOS has no such limit
        limit(resource.RLIMIT_DATA, _pages(DATA) + max(0, more))


def _pages(field: int) -> int:
    """Return the bytes of pages of one kind, or the most there ever were, where none are told."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()[field]
    except OSError:
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return held if sys.platform == "darwin" else held * 1024
    return int(pages) * resource.getpagesize()


def limit(what: int, wanted: int) -> None:
    """Set a limit of this process as far as the system lets it; some keep not all of them."""
    _, most = resource.getrlimit(what)
    resource.setrlimit(what, (wanted if most < 0 else min(wanted, most), most))


def limit_time(seconds: int) -> None:
    """Let this process take so many seconds of processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit(resource.RLIMIT_CPU, math.ceil(used.ru_utime + used.ru_stime) + seconds)


def end_with(input_: int) -> None:
    """Have the system end this process when an input of it ends, even amid a pattern.

    Nothing more is said there: all that the other end can do is to close, if only because who has
    it was killed. Of that SIGIO tells, whose default is to end the process.
    """
    with suppress(OSError):  # a system that does not tell: limits of time end it
        fcntl.fcntl(input_, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(input_, fcntl.F_SETFL, fcntl.fcntl(input_, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([input_], [], [], 0)[0]:  # it had ended already
        os._exit(1)


def _be_the_child(work: Callable[[], None], parent: socket.socket) -> NoReturn:
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        limit(resource.RLIMIT_CORE, 0)
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        hush()
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except MemoryError:
        os.abort()
    finally:
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(code)


def _end_with(parent: socket.socket) -> None:
    """Wait until the parent is no more, and end too: a long query leaves no orphan."""
    parent.recv(1)
    os._exit(1)


def hush() -> None:
    """Keep what native code prints as it dies off the terminal; Python's own words go on."""
    words = os.fdopen(os.dup(2), "w", 1, errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = words
