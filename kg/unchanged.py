"""Whether anything has changed since a folder was published, from what the file system tells alone.

Beside the published folder, `.public.state` has a digest of what a build depends on: name, size,
times and inode of every file of the folder and of kgpress, the options, and the published dumps. It
is a cache and may be removed. A file that was changed just when it was read could be changed again
without a trace; then nothing is noted, as git does it (racy-git.txt of its documentation), and the
next build reads everything.

Nothing is imported here that takes long: to see that there is nothing to do should take no time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from kg import __version__

INPUTS = ("seeds", "ontology", "shapes", "queries")
"""The directories of a folder that are read; mappers.py lies beside them."""

LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "yaml", "zstandard")
GRAIN = 20_000_000
"""Nanoseconds within which times of files may not tell one change from another."""


class State:
    """What a build depends on, as it is now, beside what was noted of the last one."""

    def __init__(self, folder: Path, out: Path, options: dict[str, Any]) -> None:
        """Look at the files; ``options`` are all that the result depends on beside these."""
        self._begun, self._newest = time.time_ns(), 0
        self._out = Path(os.path.realpath(out))
        self._file = self._out.parent / f".{self._out.name}.state"
        epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
        digest = hashlib.sha256(f"{__version__} {sys.version} {epoch} {options}\n".encode())
        digest.update("".join(self._inputs(folder)).encode("utf-8", "surrogateescape"))
        self.digest = digest.hexdigest()

    def shown(self) -> dict[str, Any] | None:
        """Return what `note` was given, if nothing has changed since, neither here nor there."""
        with suppress(OSError, ValueError):
            noted = json.loads(self._file.read_text("utf-8"))
            if noted["digest"] == self.digest and noted["published"] == self._published():
                found: dict[str, Any] = noted["shown"]
                return found
        return None

    def note(self, shown: dict[str, Any]) -> None:
        """Note that what was looked at is published now, with what is to be shown of that."""
        if self._newest >= self._begun - GRAIN:
            return
        noted = {"digest": self.digest, "published": self._published(), "shown": shown}
        with suppress(OSError):  # it is only a cache
            self._file.write_text(json.dumps(noted), "utf-8")

    def _inputs(self, folder: Path) -> Iterator[str]:
        for name in INPUTS:
            yield from self._listed(folder / name)
        yield self._told(f"{folder}/mappers.py")
        for home, _, _ in os.walk(Path(__file__).parent):
            yield from self._listed(Path(home))
        for name in ("ontology", "shapes"):  # beside the package, where it is not installed
            yield from self._listed(Path(__file__).parents[1] / name)
        for library in LIBRARIES:
            spec = find_spec(library)
            if spec and spec.origin:  # not all are installed everywhere
                yield self._told(spec.origin)

    def _listed(self, home: Path) -> Iterator[str]:
        """Yield a line for each file in a directory, in the order of their names."""
        try:
            directory = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            yield f"{home} -\n"
            return
        try:  # relative to the directory, the system need not walk the path for each file
            names = sorted(os.listdir(directory))  # noqa: PTH208 - many files: no object for each
            yield f"{home} {len(names)}\n"
            for name in names:
                yield self._told(name, directory)
        finally:
            os.close(directory)

    def _told(self, path: str, directory: int | None = None) -> str:
        try:
            stat = os.stat(path, dir_fd=directory)
        except OSError:
            return f"{path} -\n"
        modified, changed = stat.st_mtime_ns, stat.st_ctime_ns
        if modified > self._newest or changed > self._newest:
            self._newest = max(modified, changed)
        return f"{path} {stat.st_size} {modified} {changed} {stat.st_ino} {stat.st_mode}\n"

    def _published(self) -> list[Any]:
        """Return what tells that the dumps are those that were noted."""
        data = self._out / "data"
        found: list[Any] = [self._out.stat().st_ino]
        for entry in sorted(data.iterdir()):
            stat = entry.stat()
            found.append([entry.name, stat.st_size, stat.st_mtime_ns, stat.st_ino])
        return found
