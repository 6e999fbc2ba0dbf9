"""The garbage collector of Python, kept from looking in vain."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the search for objects that refer to one another in a circle.

    Facts and claims do not, and are kept: each search would go through all of them again, for a
    tenth of the time that it takes to make them.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextmanager
def settled() -> Iterator[None]:
    """Keep the collector from going through what there is already, again and again.

    It also keeps processes that are forked from copying it.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
