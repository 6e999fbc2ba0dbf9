"""Answers of one build that need not be made again, and tasks that are known to end badly."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import NamedTuple

from kg.server.messages import Response

LARGEST = 1 << 20
"""Bytes of an answer that is kept."""

FORGOTTEN = 300.0
"""Seconds after which a task that ended badly may be tried again."""

MANY = 10_000
"""Entries that are kept at most."""

BESIDE = 1000
"""Bytes that an entry takes besides what was asked and what was answered, or so."""


class _Kept(NamedTuple):
    response: Response
    until: float
    size: int


class Cache:
    """Responses by what was asked, the ones used least recently given up first."""

    def __init__(self, size: int) -> None:
        """Take how many bytes all that is kept may have together."""
        self._size = size
        self._held = 0
        self._kept: OrderedDict[object, _Kept] = OrderedDict()

    def get(self, key: object) -> Response | None:
        """Return what was kept under a key."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if time.monotonic() > kept.until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.response

    def __len__(self) -> int:
        return len(self._kept)

    def put(self, key: object, response: Response, asked: int) -> None:
        """Keep a response for as long as there is room, a failure for `FORGOTTEN` seconds.

        ``asked`` is how many characters the key has, or so.
        """
        if response.length > LARGEST:
            return
        self._drop(key)
        lasting = float("inf") if response.status < 400 else time.monotonic() + FORGOTTEN
        size = asked + response.length + BESIDE
        self._kept[key] = _Kept(response, lasting, size)
        self._held += size
        while self._held > self._size or len(self._kept) > MANY:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: object) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._held -= kept.size
