"""Where the parts of shards lie: on this machine, and where those reach them who make them."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kg.publish import PublishError
from kg.remote import located

PAUSES = 20
"""How often it is waited, for a quarter of a second, until nobody writes where all is removed."""


class Places:
    """A directory for each shard."""

    def __init__(self, names: Sequence[str], near: Path, far: Path | None = None) -> None:
        """Take the names, a directory of this machine, and where they are made, if elsewhere.

        What is elsewhere and in the file system of this machine as well need not be brought here.
        """
        self.near = _made(names, far if isinstance(far, Path) else near)
        self.far = self.near if far is None or isinstance(far, Path) else _made(names, far)

    def __len__(self) -> int:
        return len(self.near)

    def bring(self, number: int) -> None:
        """Copy to this machine what has been made of a shard elsewhere."""
        far: Any = self.far[number]
        near = self.near[number]
        if far is near:
            return
        far.fs.invalidate_cache()  # or it may tell what was there before
        there = far.fs.find(far.path)
        here = [near / file[len(far.path) :].lstrip("/") for file in there]
        for source, target in zip(there, here, strict=True):
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                far.fs.get_file(source, str(target))


def _made(names: Sequence[str], root: Path) -> list[Path]:
    places = [root / name for name in names]
    for place in places:
        place.mkdir(exist_ok=True)
    return places


@contextmanager
def apart(url: str) -> Iterator[Path]:
    """Yield a new directory at a URL for the parts of one build, which goes when the block ends.

    Raises `kg.publish.PublishError` if it cannot be made.
    """
    home = located(url)
    root = home / f"kg-{secrets.token_hex(8)}"
    try:
        root.mkdir(parents=True)
    except Exception as error:  # whatever those raise who know such places
        wrong = f"cannot be written: {str(error) or type(error).__name__}"
        raise PublishError(
            url, wrong, "see whether it is there, and who may write to it"
        ) from error
    try:
        yield root
    finally:
        _remove(root)


def _remove(root: Any) -> None:
    """Remove a directory in which a worker that has not been told yet may be writing."""
    for _ in range(PAUSES):
        with suppress(OSError):
            if isinstance(root, Path):
                shutil.rmtree(root)
            else:
                root.fs.invalidate_cache()
                root.fs.rm(root.path, recursive=True)
        if not root.exists():
            return
        time.sleep(0.25)
