"""The servers that are compared, as processes: started, loaded, measured, ended."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from common import processes
from common.environments import rivals_python

MEMORY = 6 << 30
"""Bytes of address space that a rival may take: the machine should outlive the attacks on it."""


class ServerError(Exception):
    """A server does not start, or does not answer."""


@dataclass
class Server:
    """One server: how it is started, how it is asked."""

    name: str
    command: list[str]
    """With ``{port}`` where the port stands."""
    path: str
    log: Path
    loads: dict[str, Path] = field(default_factory=dict)
    """What is sent to it once it runs: a path with its query, and the file."""
    memory: int = 0
    """Bytes of address space that it may take, 0 for what it likes."""
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 120) -> None:
        """Start it, and return when it has answered a query."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._confine if self.memory else None,
            )
        until = time.monotonic() + patience
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                last = self.log.read_text("utf-8", "replace").strip().split("\n")[-1]
                raise ServerError(f"{self.name} does not start: {last}")
            time.sleep(0.1)
        for path, file in self.loads.items():
            kind = {".nq": "application/n-quads", ".ttl": "text/turtle"}[file.suffix]
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.port}{path}", file.read_bytes(), {"Content-Type": kind}
            )
            urllib.request.urlopen(request, timeout=120).close()

    def _confine(self) -> None:
        resource.setrlimit(resource.RLIMIT_AS, (self.memory, self.memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def _answers(self) -> bool:
        ask = f"http://127.0.0.1:{self.port}{self.path}?query=ASK%7B%7D"
        request = urllib.request.Request(ask, headers={"Accept": "application/sparql-results+json"})
        with suppress(OSError), urllib.request.urlopen(request, timeout=5) as answer:
            return b"true" in answer.read()
        return False

    @property
    def runs(self) -> bool:
        """Whether its first process still runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def sound(self) -> bool:
        """Whether it still runs, and answers."""
        return self.runs and self._answers()

    def stop(self) -> list[int]:
        """End it; return the processes of it that had to be killed after five seconds."""
        if self.process is None:
            return []
        tree = self.tree()
        with suppress(ProcessLookupError):
            self.process.terminate()
        until = time.monotonic() + 5
        while time.monotonic() < until and any(map(_runs, tree)):
            self.process.poll()
            time.sleep(0.05)
        left = [pid for pid in tree if _runs(pid)]
        processes.kill(left)
        self.process.wait()
        self.process = None
        return left

    def tree(self) -> list[int]:
        """Return its processes, the first one and all below it."""
        assert self.process is not None
        return processes.tree(self.process.pid)

    def cpu(self) -> float:
        """Return the CPU seconds of all its processes, and of those that have ended."""
        return processes.cpu(self.tree())

    def memory_held(self) -> tuple[float, float]:
        """Return its memory in MB: shared pages counted once, and counted in every process."""
        held = processes.memory(self.tree())
        return held.once, held.every

    def settle(self, patience: float = 60) -> None:
        """Wait until it is idle: what others began is finished or given up."""
        until, last = time.monotonic() + patience, self.cpu()
        while time.monotonic() < until:
            time.sleep(0.5)
            now = self.cpu()
            if now - last < 0.03:
                return
            last = now


def _runs(pid: int) -> bool:
    return bool(processes.stat(pid))


def servers(published: Path, logs: Path, timeout: float) -> dict[str, Server]:
    """Return the servers by name, ours first; all have the same triples."""
    rivals = rivals_python().parent
    data = published / "data"
    limit = f"{timeout:g}"
    ours = [sys.executable, "-m", "kg", "serve", "--data", str(published), "--host", "127.0.0.1"]
    oxigraph = [str(rivals / "oxigraph"), "serve", "--bind", "127.0.0.1:{port}"]
    endpoint = [str(rivals / "rdflib-endpoint"), "serve", str(data / "kg.nq")]
    found = [
        Server("kg serve", [*ours, "--port", "{port}", "--timeout", limit], "/sparql", logs / "kg"),
        Server(
            "Oxigraph",
            oxigraph,  # its --timeout-s starts a thread a query, and it dies of so many
            "/query",
            logs / "oxigraph",
            {"/store?default": data / "kg.ttl", "/store": data / "kg.nq"},
            MEMORY,
        ),
        Server(
            "rdflib-endpoint",
            [*endpoint, "--host", "127.0.0.1", "--port", "{port}"],
            "/",
            logs / "rdflib-endpoint",
            memory=MEMORY,
        ),
    ]
    return {server.name: server for server in found}
