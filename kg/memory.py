"""How much memory all processes of a command may take together, and what of it each has."""

from __future__ import annotations

import errno

from kg.confined import resident
from kg.publish import PublishError

LEAST = 256 << 20
"""Bytes with which a folder of any size, whose articles are small, is built by one worker."""

OWN = 64 << 20
"""Bytes that are set apart for the process of the command when its workers are counted."""

EACH = 96 << 20
"""Bytes that are set apart then for each worker, and for the child that validates."""

ROOM = 16 << 20
"""Bytes that a process needs to do anything at all."""

MENDS = "give more (--memory), use fewer workers (--workers), or divide the largest fact file"


class Memory:
    """What all processes may take together."""

    def __init__(self, size: int) -> None:
        """Take how many bytes that is."""
        self.size = size

    def workers(self, wanted: int) -> int:
        """Return how many workers there is room for, of so many, beside a child that validates."""
        return max(1, min(wanted, (self.size - OWN) // EACH - 1))

    def share(self, processes: int) -> int:
        """Return how many bytes each of so many processes may take, beside what this one has.

        Raises `kg.publish.PublishError` when that is next to nothing.
        """
        held = resident()
        share = (self.size - held) // processes
        if share < ROOM:
            wrong = f"{held >> 20} MB of {self.size >> 20} are taken before the work is shared out"
            raise PublishError("memory", wrong, MENDS)
        return share


def lacking(error: BaseException) -> bool:
    """Whether an exception says that there was no memory.

    Oxigraph panics where Python can make no object for it; PyO3 has no public name for that.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or type(error).__name__ == "PanicException"
