"""The process that loads one build and forks its workers (``python -m kg.server.zygote``).

It is a process of its own because a fork copies all that is there: no client's connection, no
thread and no event loop may be. It says what happened, and does what it is told, in lines of JSON:

    to the web process    {"loaded": …}   {"refused": "why"}
                          {"worker": PID, "kind": …}, with its socket   {"unforked": KIND}
                          {"ended": PID, "signal": N}
    from it               {"fork": "query"}   {"kill": PID}

When the web process is no more, it ends its workers and itself; they end with it, too.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.server.loading import LoadError, load
from kg.server.worker import Kind, work


class Zygote:
    """Forks workers of some kinds for the process at the other end of a socket."""

    def __init__(self, web: socket.socket, kinds: Mapping[str, Kind]) -> None:
        """Take the socket, and the kinds of workers by name."""
        self.web = web
        self.kinds = kinds
        self.children: set[int] = set()
        self.lifeline = os.pipe()
        self.bell, ringer = socket.socketpair()
        for end in (self.bell, ringer):
            end.setblocking(False)
        self._ringer = ringer
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ringer.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Do what the web process says until it ends."""
        commands = self._commands()
        for command in commands:
            if "fork" in command:
                self._fork(command["fork"])
            elif command.get("kill") in self.children:  # its number is still its own
                os.kill(command["kill"], signal.SIGKILL)
        for pid in self.children:
            os.kill(pid, signal.SIGKILL)

    def say(self, what: Mapping[str, object], fds: tuple[int, ...] = ()) -> None:
        """Tell the web process, and hand it open files."""
        with suppress(ConnectionError):
            socket.send_fds(self.web, [json.dumps(what).encode() + b"\n"], fds)

    def _commands(self) -> Iterator[dict[str, Any]]:
        held = b""
        while True:
            ready, _, _ = select.select([self.web, self.bell], [], [])
            if self.bell in ready:
                self.bell.recv(4096)
                self._reap()
            if self.web in ready:
                try:
                    more = self.web.recv(65536)
                except ConnectionError:
                    return
                if not more:
                    return
                *lines, held = (held + more).split(b"\n")
                yield from map(json.loads, lines)

    def _reap(self) -> None:
        while self.children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self.children.discard(pid)
            self.say({"ended": pid, "signal": max(0, -os.waitstatus_to_exitcode(status))})

    def _fork(self, kind: object) -> None:
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, too little memory
            self.say({"unforked": kind, "why": str(error.strerror)})
            ours.close()
            theirs.close()
            return
        if pid == 0:
            signal.set_wakeup_fd(-1)
            os.close(self.lifeline[1])
            for end in (self.web, self.bell, self._ringer, ours):
                end.close()
            work(theirs, self.lifeline[0], self.kinds[str(kind)])
        self.children.add(pid)
        theirs.close()
        self.say({"worker": pid, "kind": kind}, (ours.fileno(),))
        ours.close()


def main(control: int, directory: int, memory: int, place: Path) -> None:
    """Load the build in an open directory, and fork workers as told over an open socket.

    `place` is where the build is published.
    """
    # Ctrl-C, and whoever stops a service, reaches every process: only the web process decides.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.fchdir(directory)
    web = socket.socket(fileno=control)
    _end_with(web)
    try:
        kinds, about = load(memory, place)
    except LoadError as error:
        Zygote(web, {}).say({"refused": str(error)})
        return
    fcntl.fcntl(web, fcntl.F_SETFL, fcntl.fcntl(web, fcntl.F_GETFL) & ~os.O_ASYNC)
    zygote = Zygote(web, kinds)
    gc.collect()
    gc.freeze()  # what the collector never looks at stays shared with the workers
    zygote.say({"loaded": about})
    zygote.run()


def _end_with(web: socket.socket) -> None:
    """Have the system end this process when the web process does, for to load may take long.

    While a build is loaded the web process says nothing: all that it can do is to close its end,
    of which SIGIO tells, whose default is to end the process.
    """
    fcntl.fcntl(web, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(web, fcntl.F_SETFL, fcntl.fcntl(web, fcntl.F_GETFL) | os.O_ASYNC)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
