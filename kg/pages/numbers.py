"""Numbers as people read them."""

from __future__ import annotations


def grouped(number: str) -> str:
    """Return a number with its digits in threes."""
    return f"{int(number):,}" if _is_short(number) else number


def size(octets: str) -> str:
    """Return a number of bytes as people read it; nothing for what is no such number."""
    if not _is_short(octets):
        return ""
    count = int(octets)
    return f"{count:,} B" if count < 10_000 else f"{round(count / 1000):,} kB"


def _is_short(number: str) -> bool:
    """Whether it has digits alone, and no more than anything that is counted."""
    return number.isascii() and number.isdigit() and len(number) < 18
