"""Workers of one kind: each does one task at a time, for whoever has used least of late.

What keeps the rest of the world served while someone asks too much:

- A client holds at most all workers but one, and heavy clients (`Usage`) together do, too: one that
  uses little finds a worker.
- Should others hold all workers before they are known to be heavy, the heaviest must give one up
  once a light client has waited for `PATIENCE`.
- What runs longer than `BRIEF` goes on at low priority, in a process that ends with it.
- What takes longer than the time-out is ended, waiting included; half of it may go by in waiting.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from kg.server.fairness import LIGHT, Usage
from kg.server.links import Answer, Link

BRIEF = 0.25
PATIENCE = 0.5
TICK = 0.1
"""How often it is looked what has run, or waited, for too long; in seconds."""

WAITING = 64
"""Tasks of one client that may wait."""
WAITING_ALL = 2048
"""Tasks that may wait in all."""


class BusyError(Exception):
    """There was no worker to be had; ``mine`` where the client's own tasks were in the way."""

    def __init__(self, *, mine: bool) -> None:
        """Say whose tasks were in the way."""
        super().__init__("too many tasks at once")
        self.mine = mine


@dataclass(slots=True, eq=False)
class Run:
    """A task that holds a worker."""

    link: Link
    client: str
    since: float
    deadline: float
    lowered: bool = False


@dataclass(slots=True, eq=False)
class Wait:
    """A task that has no worker yet."""

    client: str
    since: float
    granted: asyncio.Future[Run]


@dataclass(eq=False)
class Pool:
    """The workers of one kind, and the tasks that they do or that wait for them."""

    size: int
    timeout: float
    """Seconds that a task may take."""
    fork: Callable[[], None]
    """Asks for one more worker, which `add` brings."""
    kill: Callable[[int], None]
    """Kills the process of this number; `lose` is told when it has ended."""
    usage: Usage = field(default_factory=lambda: Usage(time.monotonic))
    idle: deque[Link] = field(default_factory=deque)
    running: set[Run] = field(default_factory=set)
    waiting: dict[str, deque[Wait]] = field(default_factory=dict)
    """By client, the oldest first; clients have an entry only while they wait."""

    ended: Counter[str] = field(default_factory=Counter)
    """Workers that were ended, or ended by themselves, by reason."""

    @property
    def queued(self) -> int:
        """How many tasks wait."""
        return sum(map(len, self.waiting.values()))

    def add(self, link: Link) -> None:
        """Take a new worker, or one that has done its task."""
        self.idle.append(link)
        self._grant()

    def lose(self, link: Link, signal: int) -> None:
        """Note that a worker has ended, and ask for another."""
        if not link.ended.done():
            link.ended.set_result(signal)
        self.ended[link.reason or f"signal {signal}"] += 1
        if link in self.idle:  # it did nothing, so the next may end at once, too
            self.idle.remove(link)
            asyncio.get_running_loop().call_later(1, self.fork)
        else:
            self.fork()

    async def do(self, client: str, frame: bytes) -> Answer:
        """Have a task done; raises `BusyError` and `kg.server.links.EndedError`."""
        arrived = time.monotonic()
        run = None if self.waiting else self._take(client, arrived)
        if run is None:
            run = await self._turn(client, arrived)
        try:
            return await run.link.do(frame)
        except asyncio.CancelledError:
            self._end(run, "gone")
            raise
        finally:
            self._done(run)

    def tick(self) -> None:
        """End what takes too long; to be called every `TICK` seconds."""
        now = time.monotonic()
        for run in self.running:
            if now > run.deadline:
                self._end(run, "late")
            elif now - run.since > BRIEF and not run.lowered:
                run.lowered = True
                with suppress(ProcessLookupError):
                    os.setpriority(os.PRIO_PROCESS, run.link.pid, 15)
        patient = [wait for waits in self.waiting.values() for wait in waits]
        for wait in patient:
            if now - wait.since > self.timeout / 2 and not wait.granted.done():
                mine = any(run.client == wait.client for run in self.running)
                wait.granted.set_exception(BusyError(mine=mine))
        if any(now - w.since > PATIENCE and self._burden(w.client) <= LIGHT for w in patient):
            self._make_room(now)

    def _make_room(self, now: float) -> None:
        """End what the heaviest client runs, if it has run for a while."""
        heavy = [run for run in self.running if now - run.since > 2 * PATIENCE]
        if heavy and not any(run.link.reason for run in self.running):
            self._end(
                max(heavy, key=lambda run: (self._burden(run.client), run.deadline)), "evicted"
            )

    def _take(self, client: str, arrived: float) -> Run | None:
        """Return a worker that the client may have now."""
        if not self.idle:
            return None
        if self.size > 1:
            held = sum(run.client == client for run in self.running)
            last = len(self.idle) == 1 and len(self.running) >= self.size - 1
            if held >= self.size - 1 or (last and self._burden(client) > LIGHT):
                return None
        now = time.monotonic()
        run = Run(self.idle.popleft(), client, now, arrived + self.timeout)
        self.running.add(run)
        return run

    def _burden(self, client: str) -> float:
        """Return what a client has used of late, with what it is using."""
        now = time.monotonic()
        using = sum(now - run.since for run in self.running if run.client == client)
        return self.usage.of(client) + using

    async def _turn(self, client: str, arrived: float) -> Run:
        """Wait for a worker."""
        mine = self.waiting.get(client, deque())
        if len(mine) >= WAITING or self.queued >= WAITING_ALL:
            raise BusyError(mine=len(mine) >= WAITING)
        self.waiting[client] = mine
        wait = Wait(client, arrived, asyncio.get_running_loop().create_future())
        mine.append(wait)
        self._grant()
        try:
            return await wait.granted
        except asyncio.CancelledError:
            if wait.granted.done() and not wait.granted.cancelled():
                self._done(wait.granted.result())
            raise
        finally:
            mine.remove(wait)
            if not mine:
                del self.waiting[client]

    def _grant(self) -> None:
        """Give free workers to tasks that wait: to light clients first, then to the oldest."""
        while self.idle:
            asked = [
                next((wait for wait in waits if not wait.granted.done()), None)
                for waits in self.waiting.values()
            ]
            order = sorted(
                (wait for wait in asked if wait is not None),
                key=lambda wait: (self._burden(wait.client) > LIGHT, wait.since),
            )
            for wait in order:
                run = self._take(wait.client, wait.since)
                if run is not None:
                    wait.granted.set_result(run)
                    break
            else:
                return

    def _end(self, run: Run, reason: str) -> None:
        if not run.link.reason:
            run.link.reason = reason
            self.kill(run.link.pid)

    def _done(self, run: Run) -> None:
        self.running.discard(run)
        self.usage.add(run.client, time.monotonic() - run.since)
        if run.link.ended.done() or run.link.reason:
            return
        if run.lowered:
            self._end(run, "lowered")  # only root could give it its priority back
        else:
            self.add(run.link)
