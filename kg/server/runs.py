"""What a pool of workers keeps account of: tasks, and what workers do."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from kg.server.links import Answer, Link


@dataclass(slots=True, eq=False)
class Task:
    """What is to be done, for whom, and since when."""

    client: str
    frame: bytes
    since: float
    answer: asyncio.Future[Answer]
    again: int = 0
    """How often it was begun anew, since somebody else ended its worker."""


@dataclass(slots=True, eq=False)
class Run:
    """A worker with the tasks that it was given, all of one client."""

    link: Link
    client: str
    since: float
    """When it began with the first of its tasks that is not answered."""
    tasks: deque[Task]
    lowered: bool = False
    reason: str = ""
    """Why it is being ended: ``late``, ``evicted``, ``gone``, ``lowered``; else nothing."""
