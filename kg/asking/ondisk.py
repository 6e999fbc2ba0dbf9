"""The store of a large dataset on disk: found for a published folder, and opened in milliseconds.

It lies beside the folder, in `.public.store/`, or below ~/.cache where nothing can be written
there. It is a cache, made by `kg.asking.making`, and may be removed at any time. A store is called
by the hash of the build's SHA256SUMS and of Oxigraph's version; who has it open holds a lock on it.

It is only used for the dumps that it was made of: where their sizes or times are others they are
hashed, so that a copied build keeps its store, and a dump that was changed by hand has none.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, TypeAlias

import pyoxigraph as ox

File: TypeAlias = tuple[int, int]
"""A file: its device and inode."""

GRAPH = "kg.ttl"
"""The dump that is one graph."""
DUMPS = (GRAPH, "kg.nq")
BESIDE = ("dcat.ttl", "queries.ttl", "links.ttl")
"""The files of data/ that are no part of the dump, and are graphs of their own."""

STORE = "store"
STAMP = "stamp.json"
"""What the store was made of, consists of and is opened by; written last."""
USED = "used"
"""What readers lock; it is never replaced."""


class OnDisk:
    """A store that is held open, by this process and those that it forks."""

    def __init__(self, path: Path, used: IO[bytes], terms: list[str]) -> None:
        """Open it, all its files at once; raises OSError or RuntimeError if it is damaged.

        RocksDB opens most files when it first needs them: later, nothing may be opened. Look-ups of
        some terms, found when the store was made, need all of them.
        """
        self.path = path
        # The lock is let go by the last process that has it.
        weakref.finalize(self, used.close)
        before = open_files()
        self.store = ox.Store.read_only(str(path / STORE))
        for term in terms:
            look_up(self.store, ox.NamedNode(term))
        if missing(path / STORE, before) > 0:
            raise OSError("not all files of the store could be opened")

    def forget(self) -> None:
        """Have it made anew by who comes next, for it turned out to be damaged."""
        with suppress(OSError):
            (self.path / STAMP).unlink()


def opened(out: Path, place: Path) -> OnDisk | None:
    """Open the store of a published folder, called `place`; None if there is no sound one."""
    for _ in range(2):  # it may be removed, or made anew, just now
        found = find(out, place)
        if found is None:
            return None
        path, stamp = found
        with suppress(OSError), ExitStack() as stack:
            used = stack.enter_context((path / USED).open("rb"))
            fcntl.flock(used, fcntl.LOCK_SH)
            if not os.path.samestat(os.fstat(used.fileno()), (path / USED).stat()):
                continue
            try:
                store = OnDisk(path, used, stamp["terms"])
            except (OSError, RuntimeError, ValueError, TypeError):
                (path / STAMP).unlink()
                return None
            stack.pop_all()
            return store
    return None


def find(out: Path, place: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return where the whole store of a published folder lies, with its stamp."""
    name = key(out)
    for home in homes(place):
        path = home / name
        try:
            stamp = json.loads((path / STAMP).read_bytes())
            if stamp["files"] != sizes(path / STORE):
                continue
            if stamp["dumps"] != (held := state(out)):
                if not sound(out):
                    return None
                with suppress(OSError):
                    write_stamp(path, {**stamp, "dumps": held})
        except (OSError, ValueError, TypeError, KeyError):
            continue
        return path, stamp
    return None


def homes(place: Path) -> Iterator[Path]:
    """Yield the folders in which stores of a published folder may lie, the best one first."""
    real = Path(os.path.realpath(place))
    yield real.parent / f".{real.name}.store"
    with suppress(RuntimeError):  # nobody knows whose home it would be
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        yield cache / "kgpress" / hashlib.sha256(os.fsencode(real)).hexdigest()[:16]


def key(out: Path) -> str:
    """Return what the store of a build is called."""
    with suppress(OSError):
        sums = (out / "data" / "SHA256SUMS").read_bytes()
        return hashlib.sha256(ox.__version__.encode() + b"\n" + sums).hexdigest()[:32]
    return "none"  # never made, for nothing says what the dumps are


def state(out: Path) -> dict[str, list[int]]:
    """Return sizes and times of what is loaded into a store."""
    found = {name: out / "data" / name for name in (*DUMPS, *BESIDE)}
    stats = {name: path.stat() for name, path in found.items() if path.is_file()}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()}


def sound(out: Path) -> bool:
    """Whether what is loaded into a store is what SHA256SUMS says."""
    text = (out / "data" / "SHA256SUMS").read_text("utf-8", "replace")
    sums = dict(line.split("  ", 1)[::-1] for line in text.splitlines() if "  " in line)
    for name in state(out):
        with (out / "data" / name).open("rb", buffering=0) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sums.get(name):
                return False
    return True


def sizes(store: Path) -> dict[str, int]:
    """Return the files of a store with their sizes."""
    return {file.name: file.stat().st_size for file in store.iterdir()}


def write_stamp(path: Path, stamp: dict[str, Any]) -> None:
    """Write the stamp of a store in one step."""
    aside = path / f"{STAMP}.{os.getpid()}"
    aside.write_text(json.dumps(stamp))
    aside.replace(path / STAMP)


def look_up(store: ox.Store, term: ox.NamedNode) -> list[ox.Quad]:
    """Look in all indexes of a store around a term, which may be a graph; return some quads."""
    default = ox.DefaultGraph()
    next(store.named_graphs(), None)
    patterns = [
        *(store.quads_for_pattern(term, None, None, graph) for graph in (None, default)),
        *(store.quads_for_pattern(None, None, term, graph) for graph in (None, default)),
        *(store.quads_for_pattern(None, None, None, graph) for graph in (term, default)),
    ]
    found = list(chain.from_iterable(islice(pattern, 3) for pattern in patterns))
    for subject, predicate, value, name in found:
        for graph in (None, name):
            next(store.quads_for_pattern(subject, None, None, graph), None)
            next(store.quads_for_pattern(None, predicate, value, graph), None)
            next(store.quads_for_pattern(None, None, value, graph), None)
    return found


def missing(store: Path, before: Counter[File]) -> int:
    """Return how many files of a store are not open, of those that were opened since `before`."""
    now = open_files()
    tables = (_file(path.stat()) for path in store.iterdir() if path.name.endswith(".sst"))
    return sum(now[file] <= before[file] for file in tables)


def open_files() -> Counter[File]:
    """Return how often this process has each file open: other threads open and close some, too."""
    found = Counter[File]()
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - numbers
        with suppress(OSError):  # that by which they are listed
            found[_file(os.fstat(int(name)))] += 1
    return found


def _file(stat: os.stat_result) -> File:
    return stat.st_dev, stat.st_ino
