"""Queries asked of whatever answers them, and timed: the same way for us and for the rivals.

It is run by the Python of either, and imports neither.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

Opened = TypeVar("Opened")
Rows = Iterable[Iterable[str]]


def print_times(
    opening: Callable[[], Opened],
    asking: Callable[[Opened, str], Rows],
    repeats: int,
    *queries: str,
) -> None:
    """Open, ask each query several times; print the seconds (medians) and the answers as JSON."""
    began = time.perf_counter()
    at_hand = opening()
    opened = time.perf_counter() - began
    seconds, answers = [], []
    for query in queries:
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            rows = [list(row) for row in asking(at_hand, query)]
            times.append(time.perf_counter() - began)
        seconds.append(sorted(times)[len(times) // 2])
        answers.append(sorted(rows))
    json.dump({"opened": opened, "seconds": seconds, "answers": answers}, sys.stdout)
