"""The files of one build, pinned: nothing that happens to `public/` changes them.

A build is read from the beginning to the end once, before anything of it is served, and held to
its SHA256SUMS. From then on its files are those of the folder that was opened then, wherever it is
moved, and only those that were found then: what a request names is looked up in a table, and never
leads through the file system. Symbolic links, hidden files, pipes and devices are not in it, nor
are pages and what lies beside them: these are made when they are asked for.

The dumps (what SHA256SUMS lists) stay open, for the next build but one removes the folder. Any
other file is opened when it is asked for, if it still is what was read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kg.model import Place, Problem
from kg.server.messages import File

SUMS = "data/SHA256SUMS"
FOLDERS = ("data", "file", "ontology", "queries", "search", "shapes")
"""The folders of a build that hold files which are no pages."""
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class CorruptError(Exception):
    """A build is not what its SHA256SUMS says, or cannot be read."""

    def __init__(self, path: str, wrong: str) -> None:
        """Carry the problem to show."""
        super().__init__(wrong)
        self.problem = Problem(Place(path), wrong, "build the dataset again")


@dataclass(frozen=True, slots=True)
class Form:
    """One form in which a file can be sent: as it is, or compressed."""

    coding: str
    """ "identity", "gzip" or "zstd" (RFC 9110 section 8.4.1)."""
    sha256: bytes
    """Of just these bytes: compressed elsewhere, they may be others."""
    length: int
    open: Callable[[], File]
    """Raises OSError, not least if the file is not any more what was read."""


class Pinned:
    """The folder of a build, as it was when it was pinned."""

    def __init__(self, folder: Path) -> None:
        """Read all of a folder, which takes about a second for each GB; raises `CorruptError`."""
        self.folder = folder
        self.forms: dict[str, dict[str, Form]] = {}
        """By name ("data/kg.ttl"), the forms that are ready, by coding."""
        self._dumps: dict[str, int] = {}
        try:
            self.root = os.open(folder, _FOLDER)
        except OSError as error:
            raise CorruptError(str(folder), error.strerror or "cannot be read") from error
        try:
            # A build that is put back is a change too, though its files are old: the folder's
            # own change is the exchange that put it where it is.
            self.modified = int(min(os.fstat(self.root).st_ctime, time.time()))
            """When this build took its place, in seconds since 1970."""
            sums = self._sums()
            for name in self._names():
                self._read(name, sums.pop(name, None))
            if sums:
                raise CorruptError(str(folder / min(sums)), f"is missing, but {SUMS} lists it")
        except OSError as error:
            self.close()
            path = folder / str(error.filename or "")
            raise CorruptError(str(path), error.strerror or "cannot be read") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let the build go. What is being sent of it is sent to the end all the same."""
        self.forms = {}
        for fd in (self.root, *self._dumps.values()):
            os.close(fd)
        self.root, self._dumps = -1, {}

    def _names(self) -> Iterator[str]:
        """Yield the names of all regular files that are not hidden, and no pages."""
        for root, folders, names, fd in os.fwalk(".", onerror=_fail, dir_fd=self.root):
            wanted = FOLDERS if root == "." else folders
            folders[:] = sorted(n for n in folders if n in wanted and not n.startswith("."))
            for name in sorted(names):
                path = os.path.normpath(f"{root}/{name}")
                mode = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
                if not name.startswith(".") and stat.S_ISREG(mode) and not _of_page(path):
                    yield path

    def _sums(self) -> dict[str, str]:
        """Return the hashes that the build gives itself, by name."""
        with os.fdopen(self._find(SUMS), encoding="utf-8", errors="replace") as lines:
            parted = (line.rstrip("\n").partition("  ") for line in lines)
            home = SUMS.removesuffix("SHA256SUMS")
            return {home + name: digest for digest, _, name in parted}

    def _read(self, name: str, expected: str | None) -> None:
        """Hash a file and list it; a dump stays open."""
        fd = self._find(name)
        try:
            status = os.fstat(fd)
            with os.fdopen(fd, "rb", buffering=0, closefd=False) as file:
                digest = hashlib.file_digest(file, "sha256")
            if expected is not None:
                if digest.hexdigest() != expected:
                    wrong = f"its SHA-256 is not the one in {SUMS}"
                    raise CorruptError(str(self.folder / name), wrong)
                self._dumps[name] = os.dup(fd)
        finally:
            os.close(fd)
        opened = partial(self._open, name, _state(status))
        self.forms[name] = {
            "identity": Form("identity", digest.digest(), status.st_size, opened),
        }

    def _open(self, name: str, state: tuple[int, ...]) -> File:
        """Open a file that was read before."""
        held = self._dumps.get(name)
        fd = self._find(name) if held is None else os.dup(held)
        status = os.fstat(fd)
        if _state(status) != state:
            os.close(fd)
            raise OSError(errno.ESTALE, "changed since it was read", name)
        return File(fd, 0, status.st_size)

    def _find(self, name: str) -> int:
        """Open a file, step by step, so that no step can be a symbolic link."""
        *steps, last = name.split("/")
        folder = os.dup(self.root)
        try:
            for step in steps:
                inner = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            return os.open(last, _FILE, dir_fd=folder)
        except OSError as error:
            error.filename = name
            raise
        finally:
            os.close(folder)


def _of_page(name: str) -> bool:
    """Whether a file is a page, or lies beside one."""
    beside = "/" not in name or (name.startswith("file/") and not name.endswith(".txt"))
    return beside or name.endswith(".html")


def _fail(error: OSError) -> None:
    raise error


def _state(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when a file changes, or another takes its name."""
    return (status.st_mode, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
