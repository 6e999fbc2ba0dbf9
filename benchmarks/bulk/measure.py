"""Commands run and measured: what they take of processor, memory and time, or how they fail.

CPU seconds are user and system time of the process and of all below it that it waited for, as the
system accounts them (wait4). Memory is the highest sum over the tree of processes, pages that they
share counted once, looked at all along (often at first, twice a second at least); where a process
by itself held more at one time, by its own high-water mark, that counts.
"""

from __future__ import annotations

import os
import re
import select
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from common import processes
from common.printing import tell


@dataclass
class Run:
    """What one run of a command took."""

    cpu: float
    wall: float
    memory: float
    """Peak, in MB."""
    failure: str = ""
    """Why it is none to count, or nothing."""
    output: str = ""
    """What it printed."""


@dataclass
class Contender:
    """A command that is measured beside others."""

    name: str
    command: Sequence[str | Path]
    cwd: Path | None = None
    prepare: Callable[[], object] = lambda: None
    """Run before each round, and not measured."""
    sound: tuple[int, ...] = (0,)
    """Exit codes that mean that all went well."""
    check: Callable[[Run], str] = lambda run: ""
    """Says after each round what is wrong with what was made, or nothing."""


def run(
    command: Sequence[str | Path],
    limit: float,
    *,
    cwd: Path | None = None,
    sound: tuple[int, ...] = (0,),
) -> Run:
    """Run a command to its end or for so many seconds, and measure it."""
    with TemporaryFile() as out, TemporaryFile() as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            cwd=cwd,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        memory = 0.0
        try:
            for tree in _watched(process.pid, limit):
                memory = max(memory, processes.memory(tree).once, _highest(tree))
        finally:
            wall = time.monotonic() - began
            late = bool(processes.stat(process.pid))
            processes.kill(processes.tree(process.pid))
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        printed, said = (file.read().decode(errors="replace") for file in (out, errors))
    failure = ""
    if late:
        failure = f"cut off after {limit:g} s"
    elif code not in sound:
        lines = (said.strip() or printed.strip() or "it said nothing").splitlines()
        why = ([line for line in lines if "error:" in line.casefold()] or lines)[-1]
        failure = f"failed ({code}): {re.sub(r'[|`]', '', why)[:160]}"
    return Run(usage.ru_utime + usage.ru_stime, wall, memory, failure, printed)


def _watched(pid: int, limit: float) -> Iterator[list[int]]:
    """Yield the tree of a process from time to time until it ends, or the limit is reached."""
    began = time.monotonic()
    ended = os.pidfd_open(pid)
    try:
        pause = 0.002
        while not select.select([ended], [], [], pause)[0]:
            woke = time.monotonic()
            if woke - began > limit:
                return
            yield processes.tree(pid)
            # Of the time of one processor, to look takes a tenth at most.
            pause = min(max((woke - began) / 50, 10 * (time.monotonic() - woke)), 0.5)
            pause = min(pause, max(began + limit - time.monotonic(), 0.001))
    finally:
        os.close(ended)


def interleaved(contenders: Sequence[Contender], rounds: int, limit: float) -> dict[str, Run]:
    """Run contenders in turn, round by round; return the medians of each.

    One that fails is not run again, and what failed is what is returned of it.
    """
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders:
            done = runs[contender.name]
            if done and done[-1].failure:
                continue
            tell(f"Round {number + 1} of {rounds}: {contender.name}")
            contender.prepare()
            got = run(contender.command, limit, cwd=contender.cwd, sound=contender.sound)
            got.failure = got.failure or contender.check(got)
            done.append(got)
            if got.failure:
                tell(f"{contender.name}: {got.failure}")
    return {name: medians(done) for name, done in runs.items()}


def medians(runs: Sequence[Run]) -> Run:
    """Return the medians of runs, or the one that failed."""
    if runs[-1].failure:
        return runs[-1]
    cpu, wall, memory = (
        statistics.median(getattr(each, what) for each in runs)
        for what in ("cpu", "wall", "memory")
    )
    return Run(cpu, wall, memory, output=runs[-1].output)


def _highest(pids: list[int]) -> float:
    """Return the highest resident size that one of the processes had so far, in MB."""
    marks = [0.0]
    for pid in pids:
        with suppress(OSError):
            status = Path(f"/proc/{pid}/status").read_text("utf-8", "replace")
            if mark := re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE):
                marks.append(int(mark[1]) / 1024)
    return max(marks)
