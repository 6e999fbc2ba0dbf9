"""Files of ours among the parts of shards: each stands under its name once it is whole."""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kg.packed import packing, unpacking

ASIDE = "."
"""What the names of files begin with that are being written."""


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a path to write to, which replaces what has the name when the block ends.

    A worker that was thought to be dead may be at work on a shard beside the one that took it over,
    and what one of them has written is read. Elsewhere than in file systems, it is so anyway.
    """
    if not isinstance(path, Path):
        yield path
        return
    aside = path.with_name(f"{ASIDE}{path.name}.{secrets.token_hex(4)}")
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def lay_aside(path: Path, value: object) -> None:
    """Write a value to a file of ours."""
    with whole(path) as aside, packing(aside) as file:
        pickle.dump(value, file, pickle.HIGHEST_PROTOCOL)


def taken_up(path: Path) -> Any:
    """Return a value from a file of ours."""
    with unpacking(path) as file:
        return pickle.load(file)
