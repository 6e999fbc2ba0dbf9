"""Trees of processes: who is in them, what they have used, what memory they hold."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from glob import glob
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Memory:
    """Memory of a tree of processes in MB."""

    once: float = 0.0
    """Shared pages counted once (the proportional set size)."""
    every: float = 0.0
    """Shared pages counted in every process (the resident set size)."""


def stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on, none for what is no more."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        if fields[0] != "Z":
            return fields
    return []


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    found = [root] if stat(root) else []
    for pid in found:
        for thread in glob(f"/proc/{pid}/task/*/children"):  # noqa: PTH207 (a third of the time)
            with suppress(OSError):
                children = map(int, Path(thread).read_text().split())
                found += [child for child in children if stat(child)]
    return found


def cpu(pids: list[int]) -> float:
    """Return the CPU seconds of processes, and of those below them that have ended."""
    stats = [fields for pid in pids if (fields := stat(pid))]
    return sum(sum(map(int, fields[11:15])) for fields in stats) / TICK


def memory(pids: list[int]) -> Memory:
    """Return what memory processes hold together."""
    held = Memory()
    for pid in pids:
        with suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                held.once += int(rest.split()[0]) / 1024 if name == "Pss" else 0
                held.every += int(rest.split()[0]) / 1024 if name == "Rss" else 0
    return held


def kill(pids: list[int]) -> None:
    """Kill processes that may be gone already."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
