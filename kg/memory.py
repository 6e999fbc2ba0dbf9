"""How much memory all processes of a command may take together, and what of it each has."""

from __future__ import annotations

import errno
import resource

from kg.confined import resident
from kg.publish import PublishError

LEAST = 200 << 20
"""Bytes with which one worker builds a folder of ten thousand facts in small articles."""

EACH = 112 << 20
"""Bytes for which there is one process: what such a folder has them take, and a bit."""

ROOM = 16 << 20
"""Bytes that a process needs to do anything at all."""

MENDS = "give more (--memory), use fewer workers (--workers), or divide the largest fact file"


class Memory:
    """What all processes may take together."""

    def __init__(self, size: int) -> None:
        """Take how many bytes that is."""
        self.size = size

    def room(self, wanted: int, beside: int = 0) -> int:
        """Return for how many processes of so many there is room now beside others; one at least.

        It is less when this process has grown by what has to be known of the whole.
        """
        return max(1, min(wanted, (self.size - resident()) // EACH - beside))

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

    Oxigraph panics where Python can make no object for it, for which PyO3 has no public name; where
    memory is not limited, a panic is something else.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if type(error).__name__ == "PanicException":
        return resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY
    return isinstance(error, MemoryError)
