"""Workers that take one shard after the other: processes of this machine, as a rule."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol, TypeVar

from kg.confined import hush, limit, limit_memory
from kg.memory import MENDS, Memory, lacking
from kg.publish import PublishError

Common = TypeVar("Common")
Item = TypeVar("Item")
Result = TypeVar("Result")

_task: Callable[[int], Any]
"""What the processes do, which they have from their parent as it was when they were forked."""


class Crew(Protocol):
    """Who takes one shard after the other."""

    at_hand: bool
    """Whether they reach the files of the folder, so that these need not be sent."""

    def each(
        self,
        task: Callable[[Common, Item], Result],
        common: Common,
        item: Callable[[int], Item],
        count: int,
    ) -> Iterator[Result]:
        """Yield what a task makes of items, by their numbers below a count and in their order.

        ``common`` is the same for all of them. An item is made on this machine, for it may be read
        from files or from what was joined; nothing else need be known where the task is done.
        Raises `kg.publish.PublishError` when nobody is left to do it.
        """

    def leave(self) -> None:
        """Let all go, who are not needed any more."""


class Processes:
    """Processes of this machine.

    With one worker nothing but this process, unless memory is limited: this one cannot be, for the
    threads and processes that it starts have to have some.
    """

    at_hand = True

    def __init__(self, workers: int, memory: Memory | None = None, *, beside: int = 0) -> None:
        """Say how many there are to be at most, in what memory, and beside how many others."""
        self.workers, self.memory, self.beside = workers, memory, beside

    def each(
        self,
        task: Callable[[Common, Item], Result],
        common: Common,
        item: Callable[[int], Item],
        count: int,
    ) -> Iterator[Result]:
        """Yield what `Crew` says; should this process be killed, the others end too."""

        def do(number: int) -> Result:
            return task(common, item(number))

        if not count or (self.memory is None and (self.workers == 1 or count < 2)):
            yield from map(do, range(count))
            return
        global _task
        _task = do
        context = multiprocessing.get_context("fork")
        workers, share = min(self.workers, count), 0
        if self.memory:
            workers = self.memory.room(workers, self.beside)
            share = self.memory.share(workers + self.beside)
        with ProcessPoolExecutor(workers, context, _begin, (os.getpid(), share)) as pool:
            try:
                with uninterrupted():  # all are forked here
                    results = pool.map(_do, range(count))
                yield from results
            except (BrokenProcessPool, MemoryError) as error:
                _tell(error, share)
            finally:
                pool.shutdown(cancel_futures=True)

    def leave(self) -> None:
        """Do nothing: they leave when there is nothing left to do."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Start what has to leave the Ctrl-C that all processes of a terminal get to this one.

    Threads and processes inherit which signals are blocked, and so do those that they start later:
    there is no moment in which one of them could be interrupted.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _tell(error: Exception, share: int) -> NoReturn:
    """Say what became of a worker with such a share of memory, or none."""
    wrong = "one ran out of memory"
    if not isinstance(error, MemoryError):
        wrong = "one was killed, perhaps for want of memory"
    mend = "use fewer of them (--workers)"
    if share:
        wrong, mend = f"{wrong}; each had {share >> 20} MB of its own", MENDS
    raise PublishError("worker processes", wrong, mend) from error


def _do(number: int) -> Any:
    try:
        return _task(number)
    except BaseException as error:
        if not lacking(error):
            raise
    # By now all is let go that was at hand: to tell of it takes memory, too.
    raise MemoryError


def _begin(parent: int, share: int) -> None:
    """Be a worker, with such a share of memory if there is any."""
    _end_with(parent)
    if share:
        # Oxigraph aborts where it is refused memory, with words and a core that nobody looks for.
        limit(resource.RLIMIT_CORE, 0)
        hush()
        limit_memory(share)


def _end_with(parent: int) -> None:
    """Watch the parent: nobody would ever tell its children that it was killed."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
