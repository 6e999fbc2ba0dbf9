"""A crew of Dask workers, on this machine or elsewhere.

A task is sent with its item. What is the same for all tasks lies in a file beside the parts, from
which each worker reads it once: what Dask scatters would be lost with the worker that holds it.
Tasks are done again when a worker is killed; they write their files anew.
"""

from __future__ import annotations

import logging
import pickle
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any

import dask
from dask.utils import parse_bytes
from distributed import Client, Future, KilledWorker, LocalCluster
from distributed.comm.addressing import get_address_host_port
from distributed.security import Security
from distributed.utils import silence_logging_cmgr
from distributed.versions import VersionMismatchWarning

from kg.packed import packing
from kg.publish import PublishError
from kg.shards.crew import Common, Item, Result, uninterrupted
from kg.shards.files import whole
from kg.shards.fingerprint import software
from kg.shards.sent import by_value, differs, do, forget

LOCAL = "local"
"""What stands for the address of a scheduler that is to be started on this machine."""
AHEAD = 4
"""How many tasks a thread of a worker is given before the first of them is done."""
RETRIES = 2
"""How often a task is done again that has failed, as it does where files cannot be reached."""
CONNECTING = 10.0
"""Seconds that are waited for the scheduler."""
PATIENCE = 60.0
"""Seconds that are waited for a worker when there is none."""

SAME = "install there what is here"


class Cluster:
    """Dask workers."""

    at_hand = False

    def __init__(self, client: Client, shown: str, work: Path, ends: ExitStack) -> None:
        """Take a client, what its scheduler is called, and a directory that all workers reach.

        What ends when the crew leaves is the client, and all that was started for it.
        """
        self.client, self.shown, self.work, self._ends = client, shown, work, ends
        self._commons = 0

    def each(
        self,
        task: Callable[[Common, Item], Result],
        common: Common,
        item: Callable[[int], Item],
        count: int,
    ) -> Iterator[Result]:
        """Yield what `kg.shards.crew.Crew` says."""
        self._commons += 1
        path = self.work / f"common{self._commons}"
        with whole(path) as aside, packing(aside) as file:
            file.write(by_value(common))
        waiting: deque[Future[Any]] = deque()
        with self._told():
            for number in range(count):
                if len(waiting) >= AHEAD * max(1, sum(self.client.nthreads().values())):
                    yield self._result(waiting.popleft())
                # The scheduler looks into what it passes on, but not into bytes.
                given = pickle.dumps((task, path, item(number)), pickle.HIGHEST_PROTOCOL)
                done = self.client.submit(do, software(), given, pure=False, retries=RETRIES)
                waiting.append(done)
            while waiting:
                yield self._result(waiting.popleft())

    def leave(self) -> None:
        """Let the workers forget what they were told; those that were started here end."""
        if self.client.status == "running":
            with suppress(Exception):  # they may go in this moment
                self.client.run(forget)
        self._ends.close()

    def welcome(self) -> None:
        """Wait for a worker, and see whether all have what this machine has."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise PublishError(self.shown, "it has no workers", "start some") from None
        try:
            found = self.client.run(software) | {
                "the scheduler": self.client.run_on_scheduler(software)
            }
        except Exception as error:
            wrong = f"it cannot run kgpress: {error or type(error).__name__}"
            raise PublishError(self.shown, wrong, SAME) from error
        for who, there in found.items():
            if wrong := differs(software(), there):
                raise PublishError(f"{self.shown}, {who}", wrong, SAME)

    def _result(self, future: Future[Any]) -> Any:
        while True:
            try:
                return future.result(PATIENCE)
            except TimeoutError:
                if future.done():
                    raise  # that was in the task
                if not self.client.nthreads():
                    mend = "start some, with more memory if that was wanting"
                    raise PublishError(self.shown, "no workers are left", mend) from None

    def _reachable(self) -> bool:
        """Whether the scheduler is there: the client learns late that it has gone."""
        if self.client.status != "running":
            return False
        try:
            self.client.nthreads()
        except Exception:
            return False
        return True

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell in one line what kept workers from their task."""
        try:
            yield
        except PublishError:
            raise
        except KilledWorker as error:
            wrong = f"{error.allowed_failures + 1} workers were killed at the same task, perhaps"
            mend = "use fewer of them, or give them more"
            raise PublishError(self.shown, f"{wrong} for want of memory", mend) from error
        except ImportError as error:
            raise PublishError(self.shown, f"a worker said: {error}", SAME) from error
        except Exception as error:
            if self._reachable():
                raise
            mend = "see why; what was published is as it was"
            raise PublishError(self.shown, "the scheduler has gone", mend) from error


@contextmanager
def cluster(address: str, workers: int, work: Path, scratch: Path) -> Iterator[Cluster]:
    """Yield the workers of a scheduler, or of one that is started on this machine for so many.

    What they all need to know is put into ``work``, which they reach; ``scratch`` is for files of
    Dask. Raises `kg.publish.PublishError` when there is no scheduler or no worker, or when workers
    have other versions.
    """
    at: str | LocalCluster = address
    shown = "Dask on this machine" if address == LOCAL else f"Dask at {address}"
    settings = {
        "temporary-directory": str(scratch),
        # Articles that belong together are sent together, however many they are.
        "distributed.admin.large-graph-warning-threshold": parse_bytes("1 TiB"),
        # Of what is started here there are no web pages, nor profiles, which slow it down.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        "distributed.worker.profile.enabled": False,
    }
    with ExitStack() as stack:
        stack.enter_context(silence_logging_cmgr(logging.CRITICAL + 1))
        stack.enter_context(dask.config.set(settings))
        # Of libraries that are not used, it tells as well: those that are, are compared here.
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", VersionMismatchWarning)
        try:
            if address == LOCAL:
                at = stack.enter_context(_local(workers))
            else:
                get_address_host_port(address, strict=True)  # a client would not get over it
            client = stack.enter_context(Client(at, timeout=CONNECTING, set_as_default=False))
        except (OSError, ValueError, TypeError) as error:
            mend = "start a scheduler (dask scheduler), or mend the address"
            raise PublishError(shown, f"it cannot be reached: {error}", mend) from error
        crew = Cluster(client, shown, work, stack)
        crew.welcome()
        try:
            yield crew
        finally:
            crew.leave()


@contextmanager
def _local(workers: int) -> Iterator[LocalCluster]:
    resource_tracker.ensure_running()  # to start it unblocks signals
    with uninterrupted():
        started = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            # Without certificates, whoever has an account on this machine could send code.
            security=Security.temporary(),
            scheduler_kwargs={"dashboard": False},
            dashboard_address="127.0.0.1:0",
            memory_limit=None,
            silence_logs=logging.CRITICAL + 1,
        )
    with started:
        yield started
