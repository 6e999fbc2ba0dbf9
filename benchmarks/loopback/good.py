"""The good client: wrk, which asks the point query over keep-alive connections, from 127.0.0.1.

It takes a third of the processor time that a client in Python takes, so that it is the servers that
are measured; `point.lua` checks every answer.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from itertools import count
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

CONNECTIONS = 8
HOT = 100
"""How many queries the hot set has."""
PATIENCE = 5
"""Seconds after which an answer is late, which is a failure."""
_RUNS = count(1)


class Measured(NamedTuple):
    """What one run of the client got."""

    rate: float
    """Right answers in a second."""
    p50: float
    p99: float
    """Latencies in milliseconds, as wrk gives them: corrected for what it could not ask."""
    answered: int
    failures: dict[str, int]
    """Requests without a right answer, by reason: none is left out."""

    @property
    def failed(self) -> int:
        return sum(self.failures.values())


def version() -> str:
    """Return the version of wrk; raises `OSError` where there is none."""
    if shutil.which("wrk") is None:
        raise OSError("wrk is not installed; on Debian or Ubuntu: apt install wrk")
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


def ask(
    port: int,
    path: str,
    seconds: float,
    *,
    start: str,
    entities: int,
    values: int,
    hot: bool = False,
) -> Measured:
    """Ask point queries for so long; ``start`` is what the IRIs of all entities begin with."""
    arguments = [
        path,
        quote(start, safe=""),
        str(HOT if hot else entities),
        str(next(_RUNS)),
        "hot" if hot else "cold",
        str(values),
    ]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
    command += ["--timeout", f"{PATIENCE}s", "-s", str(Path(__file__).with_name("point.lua"))]
    command += [f"http://127.0.0.1:{port}", "--", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line[7:] for line in done.stdout.split("\n") if line.startswith("RESULT ")]
    if not found:
        # wrk gives up where its first connection is refused.
        return Measured(0.0, 0.0, 0.0, 0, {"unable to connect": 1})
    got = json.loads(found[0])
    reasons = ("wrong", "status", "connect", "closed", "late")
    failures = {reason: got[reason] for reason in reasons if got[reason]}
    right = got["answered"] - got["wrong"] - got["status"]
    return Measured(right / got["seconds"], got["p50"], got["p99"], right, failures)
