"""Worker processes that take one shard after the other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from kg.publish import PublishError

Result = TypeVar("Result")

_task: Callable[[int], Any]
"""What the processes do, which they have from their parent as it was when they were forked."""


def each(task: Callable[[int], Result], count: int, workers: int) -> Iterator[Result]:
    """Yield what a task makes of the numbers below a count, in their order.

    With one worker, nothing but this process is at work. Should this process be killed, the others
    end too; raises `kg.publish.PublishError` when one of them is killed.
    """
    if workers == 1 or count < 2:
        yield from map(task, range(count))
        return
    global _task
    _task = task
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(workers, count), context, _end_with, (os.getpid(),)) as pool:
        try:
            yield from pool.map(_do, range(count))
        except BrokenProcessPool as error:
            wrong = "one was killed, perhaps for want of memory"
            raise PublishError(
                "worker processes", wrong, "use fewer of them (--workers)"
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _do(number: int) -> Any:
    return _task(number)


def _end_with(parent: int) -> None:
    """Watch the parent: nobody would ever tell its children that it was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent sees to it
    threading.Thread(target=watch, daemon=True).start()
