"""Tasks that are sent to workers elsewhere, and what these do with them."""

from __future__ import annotations

import pickle
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import cloudpickle

from kg.folder import OWN
from kg.shards.files import taken_up
from kg.shards.fingerprint import software


def by_value(common: object) -> bytes:
    """Return what is the same for all tasks, with the folder's own code, which workers lack."""
    own = sys.modules.get(OWN)
    if own:
        cloudpickle.register_pickle_by_value(own)
    try:
        return bytes(cloudpickle.dumps(common))
    finally:
        if own:
            cloudpickle.unregister_pickle_by_value(own)


def do(ours: dict[str, str], given: bytes) -> Any:
    """Do a task, in a worker, which may have come when the others had been looked at.

    Raises ImportError when it has other versions than those that the task was sent with.
    """
    if wrong := differs(ours, software()):
        raise ImportError(wrong)
    task, path, item = pickle.loads(given)
    return task(_common(path), item)


def differs(ours: dict[str, str], there: dict[str, str]) -> str:
    """Return which version is another there than it is here, or ''."""
    for name, version in ours.items():
        if there.get(name) != version:
            return f"there is {name} {there.get(name)}, and here {version}"
    return ""


def forget() -> None:
    """Let go of what is the same for all tasks of a build that has ended."""
    _common.cache_clear()


@lru_cache(maxsize=1)
def _common(path: Path) -> Any:
    return taken_up(path)
