"""What /proc says of other processes, which may end while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path


def command_lines(above: int | None = None) -> Iterator[str]:
    """Read the command lines of all processes, or of those below one; they may be any bytes."""
    everyone = (path.name for path in Path("/proc").glob("[0-9]*"))
    for number in everyone if above is None else below(above):
        with suppress(OSError):
            yield os.fsdecode(Path(f"/proc/{number}/cmdline").read_bytes())


def below(pid: int) -> Iterator[int]:
    """Read the numbers of all processes below one."""
    for children in still(f"/proc/{pid}/task", lambda task: (task / "children").read_text("ascii")):
        for child in children.split():
            yield int(child)
            yield from below(int(child))


def still(directory: str, read: Callable[[Path], str]) -> Iterator[str]:
    """Read the entries of a directory in /proc, but for those that vanish meanwhile."""
    with suppress(OSError):
        for entry in Path(directory).iterdir():
            with suppress(OSError):
                yield read(entry)
