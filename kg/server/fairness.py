"""Who may have a worker: a client that takes little is served first, and none takes them all."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

HALF_LIFE = 20.0
"""Seconds after which half of what a client has used is forgotten."""

BRIEF = 0.2
"""Seconds: what takes no longer counts for nothing."""

LIGHT = 1.0
"""Worker-seconds that a client may have used, of late, to be light."""

REMEMBERED = 10_000
"""Clients of whom it is known what they used; who takes least is forgotten first."""


def who(address: str) -> str:
    """Return who is at an address: of IPv6, whoever has one has the 2^64 of its network."""
    if ":" not in address:
        return address
    try:
        network = ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False)
    except ValueError:
        return address
    mapped = ipaddress.IPv6Address(address.partition("%")[0]).ipv4_mapped
    return str(mapped or network)


def counted(seconds: float) -> float:
    """Return what counts of the time that a task takes."""
    return seconds if seconds > BRIEF else 0.0


class Usage:
    """What clients have used of late, in worker-seconds that fade."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take what tells the time, in seconds."""
        self._clock = clock
        self._used: dict[str, tuple[float, float]] = {}

    def of(self, client: str) -> float:
        """Return what a client has used."""
        used, when = self._used.get(client, (0.0, 0.0))
        return used and used * 0.5 ** ((self._clock() - when) / HALF_LIFE)

    def knows(self, client: str) -> bool:
        """Tell whether a client has used anything of late, be it ever so little."""
        return client in self._used

    def add(self, client: str, seconds: float) -> None:
        """Note that a client held a worker for so long."""
        self._used[client] = (self.of(client) + counted(seconds), self._clock())
        if len(self._used) > REMEMBERED:
            kept = sorted(self._used, key=self.of)[REMEMBERED // 2 :]
            self._used = {client: self._used[client] for client in kept}
