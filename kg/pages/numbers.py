"""Numbers as people read them."""

from __future__ import annotations


def grouped(number: str) -> str:
    """Return a number with its digits in threes."""
    return f"{int(number):,}" if number.isascii() and number.isdigit() else number


def size(octets: str) -> str:
    """Return a number of bytes as people read it; nothing for what is no such number."""
    if not (octets.isascii() and octets.isdigit() and len(octets) < 18):
        return ""
    count = int(octets)
    return f"{count:,} B" if count < 10_000 else f"{round(count / 1000):,} kB"
