"""Files of ours among the parts of shards: each stands under its name once it is whole."""

from __future__ import annotations

import pickle
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ASIDE = "."
"""What the names of files begin with that are being written."""


@contextmanager
def whole(path: Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a file to be written, which replaces what has its name when the block ends.

    A worker that was thought to be dead may be at work on a shard beside the one that took it over,
    and what one of them has written is read. Elsewhere than in file systems, it is so anyway.
    """
    encoding, newline = (None, None) if "b" in mode else ("utf-8", "\n")
    if not isinstance(path, Path):
        with path.open(mode, encoding=encoding, newline=newline) as file:
            yield file
        return
    aside = path.with_name(f"{ASIDE}{path.name}.{secrets.token_hex(4)}")
    try:
        with aside.open(mode, encoding=encoding, newline=newline) as file:
            yield file
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def lay_aside(path: Path, value: object) -> None:
    """Write a value to a file of ours."""
    with whole(path) as file:
        pickle.dump(value, file, pickle.HIGHEST_PROTOCOL)


def taken_up(path: Path) -> Any:
    """Return a value from a file of ours."""
    with path.open("rb") as file:
        return pickle.load(file)
