"""What /proc says of other processes, which may end while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path


def command_lines(of: Iterable[int] | None = None) -> Iterator[str]:
    """Read the command lines of some processes, or of all; they may be any bytes."""
    everyone = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    for pid in everyone if of is None else of:
        with suppress(OSError):
            yield os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())


def still(directory: str, read: Callable[[Path], str]) -> Iterator[str]:
    """Read the entries of a directory in /proc, but for those that vanish meanwhile."""
    with suppress(OSError):
        for entry in Path(directory).iterdir():
            with suppress(OSError):
                yield read(entry)
