"""What a request makes its answer depend on: preconditions and ranges (RFC 9110, 13 and 14)."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_RANGE = re.compile(r"bytes=[ \t,]*([0-9]{0,99})-([0-9]{0,99})[ \t,]*", re.IGNORECASE)


def date(seconds: int) -> str:
    """Return a time as HTTP writes it (section 5.6.7)."""
    return email.utils.formatdate(seconds, usegmt=True)


def named(headers: Mapping[str, str]) -> set[str]:
    """Return the strong entity tags that a request knows already (section 8.8.3)."""
    return {
        tag
        for name in ("if-match", "if-none-match", "if-range")
        for weak, tag in _TAG.findall(headers.get(name, ""))
        if not weak
    }


def known(headers: Mapping[str, str], tag: str) -> bool:
    """Whether a client has what has this tag (section 13.1.2: the comparison is weak)."""
    match = headers.get("if-none-match", "")
    return match.strip() == "*" or tag in {opaque for _, opaque in _TAG.findall(match)}


def precondition(headers: Mapping[str, str], tag: str, modified: int) -> int | None:
    """Return the status that a GET or HEAD of what has this tag ends with; None if it goes on.

    In the order of section 13.2.2: a tag, if there is one, makes a date not count.
    """
    match, since = headers.get("if-match"), _seconds(headers.get("if-unmodified-since"))
    if match is not None:
        if match.strip() != "*" and ("", tag) not in _TAG.findall(match):  # strong comparison
            return 412
    elif since is not None and modified > since:
        return 412
    match, since = headers.get("if-none-match"), _seconds(headers.get("if-modified-since"))
    if match is not None:
        if known(headers, tag):
            return 304
    elif since is not None and modified <= since:
        return 304
    return None


def part(headers: Mapping[str, str], tag: str, length: int) -> range | None:
    """Return which bytes a GET asks for: None for all, an empty range if there are none such.

    Several ranges, other units and what is not well-formed are answered with all (section 14.2).
    If-Range counts with a strong tag only: a date cannot tell two builds of one second apart, so
    it is no strong validator (sections 8.8.2.2 and 13.1.5).
    """
    if headers.get("if-range", tag).strip() != tag:
        return None
    found = _RANGE.fullmatch(headers.get("range", "").strip(" \t"))
    if found is None or found[1] == found[2] == "":
        return None
    if not found[1]:
        suffix = min(int(found[2]), length)
        return None if length == 0 < int(found[2]) else range(length - suffix, length)
    first, last = int(found[1]), int(found[2] or length)
    if found[2] and last < first:
        return None
    return range(first, min(last + 1, length))


def _seconds(text: str | None) -> float | None:
    """Return a date as seconds since 1970; None if it is none, for then it does not count."""
    try:
        parsed = email.utils.parsedate_tz((text or "")[:64])
        return None if parsed is None else email.utils.mktime_tz(parsed)
    except (ValueError, OverflowError):
        return None
