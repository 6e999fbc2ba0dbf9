"""Dates as articles give them: in their order, under their year, and in words.

They are those of XSD 1.1 and EDTF that `kg.measures.Date` writes; what else a dump has for a date
is shown as it is, and comes last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)

LATER = 10_000
"""Where what has no year comes: after all years of four digits."""

UNDATED = (LATER + 2, 0, 0, "")
"""What is sorted as having no date at all."""

_DATE = re.compile(
    r"(?P<year>\d{4}|-)(-(?P<month>0[1-9]|1[0-2])|-(?=-))?(-(?P<day>0[1-9]|[12]\d|3[01]))?"
    r"(T(?P<time>\d\d:\d\d)(?P<seconds>:\d\d)(?P<zone>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_DECADE = re.compile(r"(\d{3})X", re.ASCII)


@dataclass(frozen=True)
class When:
    """A date: what it is sorted by, under which year it comes, and how it reads."""

    order: tuple[int, int, int, str]
    group: str
    """The year or the decade; empty where there is none."""
    text: str
    short: str
    """What is left to say of it under its year."""
    machine: str
    """The date as HTML has it (HTML Standard, section 4.5.14), empty for what it has not."""


def when(text: str) -> When:
    """Return what is to be told of a date."""
    if decade := _DECADE.fullmatch(text):
        group = f"{decade[1]}0s"
        return When((int(decade[1]) * 10, -1, 0, text), group, f"the {group}", "", "")
    first, slash, last = text.partition("/")
    begins, ends = _DATE.fullmatch(first), _DATE.fullmatch(last) if slash else None
    if begins is None or (slash and ends is None):
        return When((LATER + 1, 0, 0, text), "", text, text, "")
    year, month, day = begins["year"], int(begins["month"] or 0), int(begins["day"] or 0)
    number = LATER if year == "-" else int(year)
    group = "" if year == "-" else year
    order = (number, month, day, text)
    if ends is not None:
        shown = f"{_words(begins, True)} – {_words(ends, True)}"
        return When(order, group, shown, shown, "")
    machine = first if group and (month or not day) else ""
    return When(order, group, _words(begins, True), _words(begins, not group), machine)


def _words(date: re.Match[str], whole: bool) -> str:
    """Return a date in words, with its year or without."""
    day = str(int(date["day"])) if date["day"] else ""
    month = MONTHS[int(date["month"]) - 1] if date["month"] else ""
    if day and not month:
        return f"day {day} of a month"
    year = date["year"] if whole and date["year"] != "-" else ""
    words = " ".join(part for part in (day, month, year) if part)
    clock = date["time"]
    return f"{words}, {clock}{_zone(date['zone'])}" if clock else words


def _zone(zone: str | None) -> str:
    return "" if zone is None else " UTC" if zone == "Z" else f" UTC{zone}"
