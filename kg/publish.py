"""Publish a built folder in one step: a reader finds the old build or the new one, never a mixture.

A build is written aside (`.public.XXXXXXXX.staging`), forced to disk, and exchanged with `public`
by one system call (Linux `renameat2`, macOS `renamex_np`): killed before, it changed nothing;
killed after, it is complete. The replaced build stays aside, whole for readers that have its folder
open, until the next build begins, which also removes what killed ones left. Where libc or the disk
cannot exchange, `public` is missing for a moment between two renames: a build killed just then
leaves the old one whole at `.public.kgpress-swap`, and the next puts it back before it begins.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from weakref import WeakSet

MARKER = ".kgpress"
_MARK = b"Published by kgpress.\nThe next build replaces the whole folder: add nothing to it.\n"
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_MENDS = dict.fromkeys([errno.ENOSPC, errno.EDQUOT], "free some space, then build again")
_MENDS |= dict.fromkeys([errno.EFBIG], "raise the limit on file sizes (ulimit -f)")
_MENDS |= dict.fromkeys([errno.EACCES, errno.EPERM, errno.EROFS], "allow it, or publish elsewhere")
_MENDS |= dict.fromkeys([errno.EBUSY, errno.EXDEV], "if mounted, publish to a folder inside it")
SYNCING = 16
"""How many files are forced to disk at a time."""

_locks: WeakSet[IO[bytes]] = WeakSet()  # not for forked workers: some outlive their killed build
os.register_at_fork(after_in_child=lambda: [lock.close() for lock in _locks])


class PublishError(Exception):
    """What kept a build from being published, in one line: path, what is wrong, how to mend it."""

    def __init__(self, path: str | Path, wrong: str, mend: str) -> None:
        line = f"{path}: {wrong}; {mend}"
        super().__init__("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line))


@contextmanager
def publication(out: Path) -> Iterator[Path]:
    """Yield an empty folder to build in, which replaces `out` when the block ends.

    If the block raises, the folder is removed and `out` stays as it was; OSErrors, the block's or
    ours, become PublishErrors (the only one after the swap: the disk did not confirm it). A symlink
    is followed; a folder with files that kgpress did not publish is refused.
    """
    out = Path(os.path.realpath(out))
    staging = _aside(out)
    try:
        _check(out)
        with _lock(out):
            _put_back(out)
            for path in out.parent.iterdir():  # of killed builds: a living one would have the lock
                if re.fullmatch(rf"\.{re.escape(out.name)}\.[0-9a-f]{{8}}\.staging", path.name):
                    shutil.rmtree(path, ignore_errors=True)
            staging.mkdir()  # not mkdtemp: the umask decides who may read
            try:
                yield staging
                (staging / MARKER).write_bytes(_MARK)
                sync_all((staging, *staging.rglob("*")))
                _check(out)  # again: someone may have put a folder there during the build
                _swap(staging, out)
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                raise
            sync(out.parent)
    except OSError as exc:
        # Of a copy, the second name is that of the file that was to be written.
        place = str(exc.filename2 or exc.filename or out).replace(str(staging), str(out))
        mend = _MENDS.get(exc.errno or 0, "mend this, then build again")
        raise PublishError(place, exc.strerror or str(exc) or type(exc).__name__, mend) from exc


def replace_file(path: Path, data: bytes) -> None:
    """Write a file in one step: whoever reads it finds what it was before, or all of this.

    Pipes and devices are written to. Raises `PublishError` when it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        real = Path(os.path.realpath(path))
        aside = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
        try:
            aside.write_bytes(data)  # not mkstemp: the umask decides who may read
            if real.exists():
                shutil.copymode(real, aside)
            aside.replace(real)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    except OSError as exc:
        wrong = exc.strerror or type(exc).__name__
        raise PublishError(path, wrong, "mend this, or write the file elsewhere") from exc


def _aside(out: Path) -> Path:
    return out.parent / f".{out.name}.{secrets.token_hex(4)}.staging"


def _check(out: Path) -> None:
    if not out.parent.is_dir():
        raise PublishError(out.parent, "there is no such folder", "make it, or publish elsewhere")
    if os.path.lexists(out) and not out.is_dir():
        raise PublishError(out, "is not a folder", "move it away, or publish elsewhere")
    if out.is_dir() and any(out.iterdir()):
        mark = out / MARKER  # its first line tells our folders from others
        if not mark.is_file() or not mark.read_bytes().startswith(_MARK.split(b"\n")[0]):
            wrong = f"not replaced, for it holds files but no {MARKER} of an earlier build"
            raise PublishError(out, wrong, "empty it, or publish elsewhere")


@contextmanager
def _lock(out: Path) -> Iterator[None]:
    # Never unlinked, or two builds could lock two files of one name; let go when its process ends.
    with (out.parent / f".{out.name}.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            mend = "wait for it to end, then build again"
            raise PublishError(out, "another build is publishing here", mend) from None
        _locks.add(lock)
        yield


def sync_all(paths: Iterable[Path]) -> None:
    """Force files and folders to disk, several at a time: a disk writes many as soon as one."""
    with ThreadPoolExecutor(SYNCING) as pool:
        for _ in pool.map(sync, paths):
            pass


def sync(path: Path) -> None:
    """Force a file or folder to disk; what is neither, and what no disk can sync, is left alone."""
    if path.is_file() or path.is_dir():
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as exc:
            if exc.errno not in _UNSUPPORTED:  # some network disks cannot sync a folder
                raise
        finally:
            os.close(descriptor)


def _swap(staging: Path, out: Path) -> None:
    try:
        (_exchange if out.exists() else Path.rename)(staging, out)
    except OSError as exc:
        if exc.errno not in _UNSUPPORTED:
            raise
        try:
            out.rename(out.parent / f".{out.name}.kgpress-swap")
            staging.rename(out)
        finally:
            _put_back(out)


def _put_back(out: Path) -> None:
    """End a swap by renames, wherever it stopped: the old build goes back, or aside."""
    swapped = out.parent / f".{out.name}.kgpress-swap"
    if swapped.is_dir():
        swapped.rename(_aside(out) if out.exists() else out)


def _exchange(staging: Path, out: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    a, b = os.fsencode(staging), os.fsencode(out)
    ctypes.set_errno(errno.ENOSYS)  # for a libc that has neither
    if hasattr(libc, "renameat2"):
        failed = libc.renameat2(-100, a, -100, b, 2)  # AT_FDCWD, RENAME_EXCHANGE
    else:
        failed = not hasattr(libc, "renamex_np") or libc.renamex_np(a, b, 2)  # RENAME_SWAP
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(out))
