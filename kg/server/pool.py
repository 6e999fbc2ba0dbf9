"""Workers of one kind: they do tasks one by one, for whoever has used least of late.

What keeps the rest of the world served while someone asks too much:

- Only what takes longer than `BRIEF` counts as use: a client that asks a lot of brief tasks stays
  light.
- A client holds at most all workers but one, and so do together all who are not known to ask for
  little: who is finds a worker, however many come at once.
- The heaviest must give a worker up once a light client has waited for a while.
- Every second time, a client of whom only brief tasks are known comes before all others.
- What runs longer than `BRIEF` goes on at low priority, in a process that ends with it.
- What takes longer than the time-out is ended, waiting included; half of it may go by in waiting.

To wake a process costs more than to answer a small query. So while tasks are small, a worker gets
several of one client at once; those behind one that turns out not to be small go to others.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from signal import SIGKILL

from kg.server.fairness import BRIEF, LIGHT, Usage, counted
from kg.server.links import Answer, Link
from kg.server.runs import Run, Task

PATIENCE = 0.02
ENOUGH = 0.1
"""How much of the time-out a light client waits before another, that has had enough, makes room."""
TICK = 0.1
"""How often it is looked what has run, or waited, for too long; in seconds."""

SMALL = 0.005
"""Seconds that tasks take on average where several are given to a worker at once."""

SEVERAL = 16

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


class EndedError(Exception):
    """A worker was ended before it was done."""

    def __init__(self, signal: int, reason: str = "") -> None:
        """Say by which signal, and why (``late``, ``evicted``) if the pool had it ended."""
        super().__init__(reason or f"signal {signal}")
        self.signal = signal
        self.reason = reason


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
    idle: list[Link] = field(default_factory=list)
    running: dict[Link, Run] = field(default_factory=dict)
    waiting: dict[str, deque[Task]] = field(default_factory=dict)
    """By client, the oldest first; clients have an entry only while they wait."""
    ended: Counter[str] = field(default_factory=Counter)
    """Workers that were ended, or ended by themselves, by reason."""
    gone: bool = False
    """Whether there are no workers any more, nor will be."""
    _mean: float = 0.0
    _called: bool = False
    _open: bool = False
    """Whether those have a turn of whom nothing is known; every second time they have."""

    @property
    def queued(self) -> int:
        """How many tasks wait."""
        return sum(map(len, self.waiting.values()))

    def add(self, link: Link) -> None:
        """Take a new worker."""
        self.idle.append(link)
        self._call()

    def lose(self, link: Link, signal: int) -> None:
        """Note that a worker has ended, fail its task, and ask for another worker."""
        run = self.running.pop(link, None)
        self.ended[run.reason if run and run.reason else f"signal {signal}"] += 1
        if run is not None and run.tasks:
            took = time.monotonic() - run.since
            self.usage.add(run.client, took)
            task = run.tasks[0]
            if signal == SIGKILL and not run.reason and took < BRIEF and task.again < self.size:
                task.again += 1  # not for what it did: somebody killed the worker, or all of them
            else:
                run.tasks.popleft()
                if not task.answer.done():
                    task.answer.set_exception(EndedError(signal, run.reason))
            self._put_back(run)
        if link in self.idle:  # it did nothing, so the next may end at once, too
            self.idle.remove(link)
            asyncio.get_running_loop().call_later(1, self.fork)
        else:
            self.fork()

    def lose_all(self) -> None:
        """Fail what is being done: all workers are no more, nor will there be others."""
        self.gone = True
        runs = (run.tasks for run in self.running.values())
        for task in chain(*runs, *self.waiting.values()):
            if not task.answer.done():
                task.answer.set_exception(EndedError(SIGKILL, "gone"))
        self.running.clear()
        self.idle.clear()
        self.waiting.clear()

    async def do(self, client: str, frame: bytes) -> Answer:
        """Have a task done; raises `BusyError` and `EndedError`."""
        if self.gone:
            raise EndedError(SIGKILL, "gone")
        mine = self.waiting.get(client)
        if mine is None:
            mine = self.waiting[client] = deque()
        if len(mine) >= WAITING or self.queued >= WAITING_ALL:
            raise BusyError(mine=len(mine) >= WAITING)
        loop = asyncio.get_running_loop()
        task = Task(client, frame, time.monotonic(), loop.create_future())
        mine.append(task)
        self._call()
        return await task.answer

    def answered(self, link: Link, answer: Answer) -> None:
        """Pass on the answer to the first task of a worker."""
        now, run = time.monotonic(), self.running.get(link)
        task = run.tasks.popleft() if run is not None and run.tasks else None
        if task is not None and not task.answer.done():
            task.answer.set_result(answer)
        elif not isinstance(answer.body, bytes):
            answer.body.close()
        if run is None or task is None:
            return  # the answer to a task that went to another worker
        took = now - run.since
        self._mean += (took - self._mean) / 8
        self.usage.add(run.client, took)
        run.since = now
        if run.lowered:
            self._end(run, "lowered")  # only root could give it its priority back
        elif not run.tasks and not run.reason:
            del self.running[link]
            self.idle.append(link)
            if self.waiting:
                self._call()

    def tick(self) -> None:
        """End what takes too long; to be called every `TICK` seconds."""
        now = time.monotonic()
        for run in self.running.values():
            if not run.tasks or run.reason:
                continue
            if now - run.tasks[0].since > self.timeout:
                self._end(run, "late")
            elif now - run.since > BRIEF and run.tasks[0].answer.done():
                self._end(run, "gone")
            elif now - run.since > BRIEF and not run.lowered:
                self._lower(run)
        tasks = [t for mine in self.waiting.values() for t in mine if not t.answer.done()]
        for task in tasks:
            if now - task.since > self.timeout / 2:
                mine = any(run.client == task.client for run in self.running.values())
                task.answer.set_exception(BusyError(mine=mine))
        if tasks:
            patient = PATIENCE * self.timeout
            self._make_room(now, {task.client for task in tasks if now - task.since > patient})
            self._call()

    def _lower(self, run: Run) -> None:
        """Let a task go on alone, at low priority."""
        run.lowered = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, run.link.pid, 15)
        first = run.tasks.popleft()
        self._put_back(run)
        run.tasks = deque([first])

    def _make_room(self, now: float, clients: set[str]) -> None:
        """End what the heaviest clients run, for lighter ones that wait.

        That is what has run for a while; and one that has not, where all workers have long tasks.
        """
        long = [run for run in self.running.values() if now - run.since > BRIEF or run.reason]
        long.sort(key=lambda run: -self._burden(run.client))
        old = sum(now - run.since > ENOUGH * self.timeout for run in long)
        light = sorted(map(self._burden, clients - {run.client for run in long}))
        most = self.size - (self.size > 2)
        for run, burden in zip(long[: max(old, len(long) >= most)], light, strict=False):
            if burden < min(self._burden(run.client), LIGHT):
                self._end(run, "evicted")

    def _end(self, run: Run, reason: str) -> None:
        if not run.reason:
            run.reason = reason
            self.kill(run.link.pid)

    def _put_back(self, run: Run) -> None:
        """Let the tasks of a worker wait again, before those that came later."""
        if run.tasks:
            self.waiting.setdefault(run.client, deque()).extendleft(reversed(run.tasks))
            self._call()

    def _call(self) -> None:
        """Give out tasks soon, so that those that come together are given out together."""
        if not self._called:
            self._called = True
            asyncio.get_running_loop().call_soon(self._give)

    def _give(self) -> None:
        """Give tasks to workers: those of light clients first, then the oldest."""
        self._called, self._open = False, not self._open
        for client in [client for client, mine in self.waiting.items() if not self._live(mine)]:
            del self.waiting[client]
        if len(self.waiting) > 1:
            order = sorted(self.waiting, key=self._rank)
        else:
            order = list(self.waiting)
        for client in order:
            while (mine := self.waiting.get(client)) and (run := self._worker(client)):
                several = SEVERAL - len(run.tasks) if self._mean < SMALL else 1
                given = [mine.popleft() for _ in range(min(several, len(mine)))]
                run.tasks.extend(given)
                run.link.send(b"".join([task.frame for task in given]))
                if not self._live(mine):
                    del self.waiting[client]

    @staticmethod
    def _live(tasks: deque[Task]) -> bool:
        """Drop the tasks that nobody waits for any more; return whether any is left."""
        while tasks and tasks[0].answer.done():
            tasks.popleft()
        return bool(tasks)

    def _worker(self, client: str) -> Run | None:
        """Return a worker that a client may have now, or one that it has for small tasks."""
        now = time.monotonic()
        held = [run for run in self.running.values() if run.client == client]
        if self._mean < SMALL:
            for run in held:
                free = len(run.tasks) < SEVERAL and not (run.lowered or run.reason)
                if free and now - run.since < SMALL:
                    return run
        if not self.idle or len(held) >= self.size - 1:
            return None
        # To keep half of two workers free for those who are known would be too much.
        known = self._blameless if self.size > 2 else self._light
        others = sum(not known(run.client) for run in self.running.values())
        if others >= self.size - 1 and not known(client):
            return None
        link = self.idle.pop()
        run = self.running[link] = Run(link, client, now, deque())
        return run

    def _rank(self, client: str) -> tuple[float, float]:
        """Return what puts the clients that wait in order."""
        burden, since = self._burden(client), self.waiting[client][0].since
        if burden > LIGHT:
            return burden, since
        first = self._blameless(client) or self._open
        return 0.0, since if first else since + self.timeout

    def _light(self, client: str) -> bool:
        return self._burden(client) <= LIGHT

    def _blameless(self, client: str) -> bool:
        """Whether a client is known, and only by brief tasks."""
        return self.usage.knows(client) and self._burden(client) < BRIEF

    def _burden(self, client: str) -> float:
        """Return what a client has used of late, with what it is using."""
        now = time.monotonic()
        runs = [run for run in self.running.values() if run.client == client and run.tasks]
        return self.usage.of(client) + sum(counted(now - run.since) for run in runs)
