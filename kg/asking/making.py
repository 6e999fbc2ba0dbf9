"""Makes the store of a large dataset on disk: in bulk, aside, in a process of its own.

One process makes stores of a folder at a time, and others wait for it. What is made is forced to
disk and takes its name by a rename: whatever ends the process, a name has a whole store or none.
Who makes a store removes those of other builds, unless somebody has them open.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.asking import ondisk
from kg.asking.published import Published, QueryError
from kg.publish import sync

Tell = Callable[[str], None]

LARGE = 32 << 20
"""Bytes of kg.nq from which on a store is made unasked: they take about a second to load."""

PORTION = 50_000
"""Quads that are loaded at a time: Oxigraph holds all of them. It takes as long as all at once."""

_TRIES = 30_000
"""Terms that are looked up at most to open all files of a store; it takes a minute or two."""

_APART = 100
"""How many quads apart those are whose terms are tried first: neighbours have much in common."""

_LOADED = "no store was made, so that all is loaded into memory"


class _UnmadeError(Exception):
    """A store cannot be made; the text says why."""


def prepare(out: Path, place: Path | None = None, *, tell: Tell, force: bool = False) -> str:
    """Make the store of a published folder if it is large and has none, or if asked to.

    `tell` hears that it is made, for it takes a while; and in one line why it cannot be: then the
    dataset will be loaded into memory. That line is returned, too; else "".
    """
    place = place or out
    try:
        large = (out / "data" / "kg.nq").stat().st_size >= LARGE
        if not (large or force) or ondisk.find(out, place):
            return ""
    except OSError:
        return ""  # who opens the dataset tells what is wrong with it
    reason = ""
    # Another program: RocksDB has threads, which no fork survives, and may be out of memory.
    command = (sys.executable, "-P", "-m", __name__, str(out), str(place.absolute()))
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in map(str.rstrip, process.stdout):
            tell(line)
            reason = line if line.startswith(_LOADED) else ""
    if process.returncode:
        reason = f"{_LOADED}: what was to make it ended with {process.returncode}"
        tell(reason)
    return reason


def tidy(place: Path) -> None:
    """Remove the stores of builds that are not published any more, unless they are in use."""
    for home in ondisk.homes(place):
        with suppress(OSError), (home / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear(home, ondisk.key(place))


def main(out: Path, place: Path) -> None:
    """Make the store of a published folder, and tell it on the standard output.

    It ends when the standard input does: when whoever wants the store is no more.
    """
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
    tell = partial(print, flush=True)
    reason = ""
    for home in ondisk.homes(place):
        try:
            with _lock(home):
                _make(out, place, home, tell)
                return
        except QueryError:
            return  # of the dumps: whoever loads them tells it
        except (OSError, RuntimeError) as error:
            reason = reason or f"{home}: {getattr(error, 'strerror', None) or error}"
        except _UnmadeError as error:
            reason = str(error)
            break
    tell(f"{_LOADED}: {reason}")


@contextmanager
def _lock(home: Path) -> Iterator[IO[bytes]]:
    home.mkdir(parents=home.parent.name == "kgpress", exist_ok=True)
    with (home / "lock").open("ab") as lock:  # never unlinked, or two could lock two files
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _make(out: Path, place: Path, home: Path, tell: Tell) -> None:
    if ondisk.find(out, place):
        return  # another process made it while this one waited
    name = ondisk.key(out)
    dumps = ondisk.state(out)
    if not ondisk.sound(out):
        raise _UnmadeError("the dumps are not those of SHA256SUMS")
    if (home / name).exists():
        tell(f"The store in {home / name} is damaged, and made anew.")
        _remove(home / name)
    _clear(home, name)
    published = Published(out, place)
    tell(f"Indexing {published.dump}, {dumps['kg.nq'][0] >> 20:,} MiB, once for this build …")
    aside = _aside(home)
    try:
        (aside / ondisk.STORE).mkdir(parents=True)
        store = ox.Store(str(aside / ondisk.STORE))
        quads = published.quads()
        while portion := list(islice(quads, PORTION)):
            store.bulk_extend(portion)
        store.flush()
        store.optimize()  # or each portion is looked into, for whatever is asked
        del store
        (aside / ondisk.USED).touch()
        stamp = {"dumps": dumps, "files": ondisk.sizes(aside / ondisk.STORE)}
        ondisk.write_stamp(aside, {**stamp, "terms": _opening(aside / ondisk.STORE, published)})
        for path in (*aside.rglob("*"), aside):
            sync(path)
        if ondisk.state(out) != dumps or ondisk.key(out) != name:
            raise _UnmadeError("another build was published meanwhile")
        aside.rename(home / name)
        sync(home)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _opening(store: Path, published: Published) -> list[str]:
    """Return terms whose look-up opens all files of a store.

    A file may have a thousandth of an index: terms are tried until one is met that is in it.
    """
    before = ondisk.open_files()
    opened = ox.Store.read_only(str(store))
    left, tried, terms = ondisk.missing(store, before), set[ox.NamedNode](), list[str]()
    quads = chain(islice(published.quads(), 0, None, _APART), published.quads())
    for term in (term for quad in quads for term in quad):
        if not left or len(tried) == _TRIES:
            break
        if term in tried or not isinstance(term, ox.NamedNode):
            continue
        tried.add(term)
        ondisk.look_up(opened, term)
        if (now := ondisk.missing(store, before)) < left:
            left = now
            terms.append(term.value)
    if left:
        raise _UnmadeError(f"{left} of its files cannot be opened beforehand")
    return terms


def _clear(home: Path, keep: str) -> None:
    """Remove what killed processes left, and the stores of other builds that nobody has open."""
    for path in home.iterdir():
        if path.name.endswith(".aside"):
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_dir() and path.name != keep:
            with suppress(BlockingIOError), (path / ondisk.USED).open("rb") as used:
                fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(path)


def _remove(path: Path) -> None:
    aside = _aside(path.parent)  # a name never has a part of a store
    path.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _aside(home: Path) -> Path:
    return home / f"{secrets.token_hex(8)}.aside"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
