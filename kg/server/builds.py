"""The build that is served: pinned while it is, and given up when a newer one is sound.

`kg build` exchanges the whole folder in one step. A request keeps to the build that it began with,
whose directory is held open, so that it never sees two.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kg.exporters import CHECKSUMS
from kg.server.cache import Cache
from kg.server.nursery import Limits, Nursery, RefusedError

SUMS = f"data/{CHECKSUMS}"

OFTEN = 1.0
"""Seconds between looks at the folder."""


class Build:
    """One build: its open directory, its workers, the answers that were made from it."""

    def __init__(self, directory: int, limits: Limits) -> None:
        """Take the open directory, which is closed with the build."""
        self.directory = directory
        self.files: Pinned
        self.id = ""
        """What tells it from other builds: the beginning of the hash of its checksums."""
        self.about: dict[str, Any] = {}
        self.nursery = Nursery(directory, limits)
        self.cache = Cache(limits.cached)
        self._requests = 0
        self._unused = asyncio.Event()
        self._unused.set()

    async def open(self) -> None:
        """Load it; raises `RefusedError`."""
        try:
            sums = os.open(SUMS, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.directory)
            with os.fdopen(sums, "rb") as stream:
                self.id = hashlib.file_digest(stream, "sha256").hexdigest()[:16]
        except OSError as error:
            raise RefusedError(f"{SUMS}: {error.strerror}; build again") from error
        self.about = await self.nursery.open()

    @contextmanager
    def in_use(self) -> Iterator[Build]:
        """Keep the build open while a request needs it."""
        self._requests += 1
        self._unused.clear()
        try:
            yield self
        finally:
            self._requests -= 1
            if not self._requests:
                self._unused.set()

    async def retire(self) -> None:
        """Close the build once no request needs it."""
        await self._unused.wait()
        await self.close()

    async def close(self) -> None:
        """End its processes, and let its directory go."""
        await self.nursery.close()
        os.close(self.directory)


class Builds:
    """The build in a folder, always the newest that is sound."""

    def __init__(self, folder: Path, limits: Limits, tell: Callable[..., None]) -> None:
        """Take the published folder, and what is told of builds: an event, and what belongs to it."""
        self.folder = folder
        self.limits = limits
        self.current: Build
        self._tell = tell
        self._seen: object = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open the build that is there; raises `RefusedError`."""
        self._seen = self._signature()
        self.current = await self._load()

    async def watch(self) -> None:
        """Look for newer builds, forever; one that is not sound changes nothing."""
        while True:
            await asyncio.sleep(OFTEN)
            signature = self._signature()
            lost = self.current.nursery.lost.is_set()
            if signature is None or (signature == self._seen and not lost):
                continue
            self._seen = signature
            try:
                build = await self._load()
            except RefusedError as error:
                self._tell("build refused", reason=str(error))
                continue
            old, self.current = self.current, build
            task = asyncio.get_running_loop().create_task(old.retire())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """End all processes."""
        for task in self._retiring:
            task.cancel()
        await self.current.close()

    async def _load(self) -> Build:
        try:
            directory = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            mend = "build a dataset first (kg build), or name its folder with --data"
            raise RefusedError(f"{self.folder}: {error.strerror}; {mend}") from error
        build = Build(directory, self.limits)
        try:
            await build.open()
        except BaseException:
            await build.close()
            raise
        self._tell("build loaded", build=build.id, **build.about)
        return build

    def _signature(self) -> object:
        """Return what changes when a build is published; None while there is none."""
        try:
            sums = os.stat(self.folder / SUMS)
        except OSError:
            return None
        return sums.st_dev, sums.st_ino, sums.st_size, sums.st_mtime_ns
