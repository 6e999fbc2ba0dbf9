"""The build that is served: pinned while it is, and given up when a newer one is sound.

`kg build` exchanges the whole folder in one step. A request keeps to the build that it began with,
whose directory is held open, so that it never sees two.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.reports.text import line
from kg.server.cache import Cache
from kg.server.compressed import Compressed
from kg.server.nursery import Limits, Nursery, RefusedError
from kg.server.pinned import SUMS, CorruptError, Pinned

OFTEN = 1.0
"""Seconds between looks at the folder."""


class Build:
    """One build: its files, pinned, its workers, the answers that were made from it."""

    def __init__(self, pinned: Pinned, limits: Limits) -> None:
        """Take the files, which are let go with the build."""
        self.files = pinned
        self.id = pinned.forms[SUMS]["identity"].sha256.hex()[:16]
        """What tells it from other builds: the beginning of the hash of its checksums."""
        self.about: dict[str, Any] = {}
        self.nursery = Nursery(pinned.root, pinned.folder, limits)
        self._limits = limits
        self.cache = Cache(limits.cached)
        self.feared = Cache(limits.cached // 8)
        """What is answered to tasks that are known to end badly, whatever format they ask for."""
        self._compressed: Compressed | None = None
        self._requests = 0
        self._unused: asyncio.Event | None = None

    async def open(self) -> None:
        """Load it; raises `RefusedError`."""
        self.about = await self.nursery.open()
        self._compressed = Compressed(self.files)

    async def revive(self) -> None:
        """Have it loaded by a new process, for the old one has died; raises as `open` does."""
        nursery = Nursery(self.files.root, self.files.folder, self._limits)
        try:
            await nursery.open()
        except BaseException:
            await nursery.close()
            raise
        old, self.nursery = self.nursery, nursery
        await old.close()

    def __enter__(self) -> Build:
        """Keep the build open while a request needs it."""
        self._requests += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._requests -= 1
        if self._requests == 0 and self._unused is not None:
            self._unused.set()

    async def retire(self) -> None:
        """Close the build once no request needs it."""
        self._unused = asyncio.Event()
        if self._requests:
            await self._unused.wait()
        await self.close()

    async def close(self) -> None:
        """End its processes, and let its directory go."""
        await self.nursery.close()
        if self._compressed is not None:
            await asyncio.to_thread(self._compressed.close)
        self.files.close()


class Builds:
    """The build in a folder, always the newest that is sound."""

    def __init__(self, folder: Path, limits: Limits, tell: Callable[..., None]) -> None:
        """Take the published folder, and who is told of builds: an event, and what is of it."""
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
            if self.current.nursery.lost.is_set():
                await self._revive()
            signature = self._signature()
            if signature == self._seen:
                continue
            self._seen = signature
            try:
                build = await self._load()
            except (RefusedError, OSError) as error:
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

    async def _revive(self) -> None:
        """Load the current build again, whatever is in the folder now."""
        self._tell("workers lost", build=self.current.id)
        with suppress(RefusedError, OSError):
            await self.current.revive()
            return
        self._seen = object()  # what was pinned cannot be read any more: take what is there

    async def _load(self) -> Build:
        try:
            pinned = await asyncio.to_thread(Pinned, self.folder)
        except CorruptError as error:
            raise RefusedError(line(error.problem)) from error
        build = Build(pinned, self.limits)
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
            sums = (self.folder / SUMS).stat()
        except OSError:
            return None
        return sums.st_dev, sums.st_ino, sums.st_size, sums.st_ctime_ns
