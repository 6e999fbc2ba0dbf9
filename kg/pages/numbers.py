"""Numbers as people read them."""

from __future__ import annotations

_DIGITS = 17
"""More than anything has that is counted."""


def count(number: str) -> int | None:
    """Return the number that digits are, None for what is no count of anything."""
    digits = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    return int(number) if digits else None


def grouped(number: str) -> str:
    """Return a number with its digits in threes."""
    found = count(number)
    return number if found is None else f"{found:,}"


def size(octets: str) -> str:
    """Return a number of bytes as people read it; nothing for what is no such number."""
    found = count(octets)
    if found is None:
        return ""
    return f"{found:,} B" if found < 10_000 else f"{round(found / 1000):,} kB"
