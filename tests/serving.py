"""Starts `kg serve` for tests: a real process, real requests."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from processes import still


@dataclass
class Reply:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    said: str = ""
    """The line by which it told where it serves."""

    def ask(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        source: str = "127.0.0.1",
        timeout: float = 30,
    ) -> Reply:
        """Send one request, from any loopback address, and return the reply."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=timeout, source_address=(source, 0)
        )
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def children(self) -> list[int]:
        """Return the numbers of all processes below the server's."""
        return list(_below(self.process.pid))


def _below(pid: int) -> Iterator[int]:
    """Read the numbers of all processes below one, of those too that nobody has waited for yet."""
    for children in still(f"/proc/{pid}/task", lambda task: (task / "children").read_text("ascii")):
        for child in children.split():
            yield int(child)
            yield from _below(int(child))


@contextmanager
def serving(
    data: Path,
    *options: str,
    log: Path | None = None,
    files: int | None = None,
    python: str = sys.executable,
    **how: Any,
) -> Iterator[Server]:
    """Serve a published folder until the block ends; with so many open files at most.

    ``how`` is said to `subprocess.Popen`.
    """
    log = log or data.parent / f"{data.name}.log"
    command = [python, "-m", "kg", "serve", "--data", str(data), "--port", "0", *options]
    if files is not None:
        command = ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *command]
    how = {"env": {**os.environ, "PYTHONUNBUFFERED": "1"}} | how
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, **how)
    assert process.stderr is not None
    try:
        said, port = _told(process.stderr)
        yield Server(process, port, log, said)
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            process.stderr.close()


def _told(stream: IO[bytes]) -> tuple[str, int]:
    until = time.monotonic() + 60
    said = b""
    while time.monotonic() < until:
        line = stream.readline()
        said += line
        found = re.search(rb"Serving .* at http://.*:(\d+)/", line)
        if found:
            return line.decode(), int(found[1])
        if not line:
            break
    raise AssertionError(f"the server did not start: {said.decode()}")


def until(true: Callable[[], object], seconds: float) -> float:
    """Wait until something is true; return how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come about"
        time.sleep(0.02)
    return time.monotonic() - began


def untouched(canary: socket.socket) -> bool:
    """Whether nobody has connected to a listening socket since this was last asked."""
    canary.setblocking(False)
    try:
        canary.accept()[0].close()
    except BlockingIOError:
        return True
    return False
