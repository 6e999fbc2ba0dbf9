"""A Dask scheduler and workers in processes of their own, as on other machines."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


class Processes:
    """A scheduler and workers, until the block ends."""

    def __init__(self, home: Path) -> None:
        self.file = home / "scheduler.json"
        self.running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Processes:
        at = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", self.file)
        self.scheduler = self._start("scheduler", *at)
        wait_for(lambda: self.file.exists() and self.file.read_text().endswith("}"))
        self.address: str = json.loads(self.file.read_text())["address"]
        return self

    def __exit__(self, *args: object) -> None:
        for process in reversed(self.running):
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(30)

    def workers(self, count: int, preload: str = "") -> None:
        """Start so many workers, each of which imports a module of the tests first."""
        ways = ("--nthreads", "1", "--nworkers", str(count), "--death-timeout", "30")
        first = ("--preload", HERE / preload) if preload else ()
        self._start("worker", self.address, *ways, *first)

    def _start(self, name: str, *options: str | Path) -> subprocess.Popen[bytes]:
        module = f"distributed.cli.dask_{name}"
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--no-dashboard", *map(str, options)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.file.parent,
            env={**os.environ, "TMPDIR": str(self.file.parent)},
        )
        self.running.append(process)
        return process


def wait_for(condition: Callable[[], Any]) -> Any:
    for _ in range(600):
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come about")
