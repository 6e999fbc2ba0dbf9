"""Names tied into groups: the same matter, the same source."""

from __future__ import annotations


class Ties:
    """Groups of names; the least of each group stands for it."""

    def __init__(self) -> None:
        """Begin with every name alone."""
        self._above: dict[str, str] = {}

    def tie(self, one: str, other: str) -> None:
        """Tie two names, and all that each is tied to."""
        least, greater = sorted((self.group(one), self.group(other)))
        self._above[greater] = least

    def group(self, name: str) -> str:
        """Return the name that stands for the group of a name, or that name itself."""
        least = name
        while (above := self._above.get(least, least)) != least:
            least = above
        while name != least:  # so that no long way is gone twice
            self._above[name], name = least, self._above[name]
        return least
