"""Where what is made of shards lies, and stays from one build of a folder to the next.

That is in a directory of the user's own (`$XDG_CACHE_HOME/kgpress`, by default in `~/.cache`), for
what lies there is code to Python: a folder from elsewhere must not bring any. It is a cache and may
be removed at any time, but for that of a build that runs.

A shard has a directory there, by the digest of all that it is mapped from: its articles, the
ontology, mappers, and kgpress itself. What else it depends on (the names of things in other
articles, what others say of the same things) is noted in it, and looked at anew by each build.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kg.publish import sync_all
from kg.shards.files import ASIDE
from kg.shards.places import Places

KEPT = "kept"
"""The file that lists what is whole; while a build is at work, there is none."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""What is wrong when there is no room for what would be kept."""
OF = "of"
"""The file that tells of which folder it is."""


class Shelf:
    """Directories for shards, and one for what goes when the build ends."""

    def __init__(self, root: Path, work: Path) -> None:
        """Take where shards lie, and where the rest does."""
        self.root, self.work = root, work
        self.used: set[str] = set()

    @property
    def looks(self) -> Path | None:
        """The file of what the survey saw (`kg.shards.looks`), if it stays."""
        return None if self.root == self.work else self.root / "looks"

    def places(self, keys: Iterable[str], far: Path | None = None) -> Places:
        """Return the directory of each shard, made if need be; those elsewhere, if they are."""
        names = [*keys]
        self.used.update(names)
        return Places(names, self.root, far)


@contextmanager
def shelf(folder: Path | None = None) -> Iterator[Shelf]:
    """Yield the shelf of a folder, or one that goes when the block ends.

    It is one that goes, too, if there is no safe place to keep it, or another build is at it. When
    the disk is full, nothing is kept.
    """
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kg-")))
        home = _home(folder) if folder else None
        if home is None or not stack.enter_context(_lock(home)):
            yield Shelf(work, work)
            return
        found, begun = Shelf(home, work), time.time_ns()
        before = _begin(home)
        try:
            yield found
        except BaseException as error:
            full = isinstance(error, OSError) and error.errno in FULL
            _end(home, set() if full else before | found.used, begun)
            raise
        _end(home, found.used or before, begun)


def _home(folder: Path) -> Path | None:
    """Return the directory of a folder's shards, if it is one that nobody else can write to."""
    folder = folder.resolve()
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        base = cache / "kgpress" / "parts"
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        home = base / name
        home.mkdir(mode=0o700, exist_ok=True)
        for path in (base.parent, base, home):
            status = path.lstat()
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
        _tidy(base)
        (home / OF).write_bytes(os.fsencode(folder))
    except (OSError, RuntimeError):  # nothing can be written, or nobody knows whose home it is
        return None
    return home


def _tidy(base: Path) -> None:
    """Remove what was kept of folders that are no longer there."""
    for path in base.iterdir():
        with suppress(OSError):
            if not Path(os.fsdecode((path / OF).read_bytes())).is_dir():
                shutil.rmtree(path)


@contextmanager
def _lock(home: Path) -> Iterator[bool]:
    """Hold the lock of a directory; yield whether it could be had."""
    with (home / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _begin(home: Path) -> set[str]:
    """Remove what killed builds left; return the names of what is whole."""
    whole: set[str] = set()
    with suppress(OSError, ValueError, TypeError):
        whole = set(json.loads((home / KEPT).read_bytes()))
    (home / KEPT).unlink(missing_ok=True)
    found = {path.name for path in home.iterdir() if path.is_dir()}
    for name in found - whole:
        shutil.rmtree(home / name)
    return found & whole


def _end(home: Path, names: set[str], begun: int) -> None:
    """Keep some directories, once what was written to them is on the disk, and no others."""
    with suppress(OSError):  # then nothing is kept
        for path in home.iterdir():
            if path.is_dir() and path.name not in names:
                shutil.rmtree(path)
            elif path.is_dir() and path.stat().st_mtime_ns >= begun:
                for unfinished in path.rglob(f"{ASIDE}*"):  # of a worker that was killed
                    unfinished.unlink()
                sync_all((*path.rglob("*"), path))
        (home / KEPT).write_text(json.dumps(sorted(names)))
