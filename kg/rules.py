"""Named rules by which a value that is not in its quote was got from words that are.

A rule is a pure function from the words (``text:`` in a fact file) to the value as a fact file
writes it, so that anyone can apply it again. ``normalised`` rules only rewrite the words of one
passage; ``inferred`` rules need a second passage, which is then evidence too.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache

from kg.model import Origin

MONTHS = {name.casefold(): i for i, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.casefold(): i for i, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name.casefold(): i for i, name in enumerate(calendar.day_name)}
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: value for value, word in enumerate(_UNITS.split())}
SMALL |= {word: 10 * value for value, word in enumerate(_TENS.split(), start=2)}
SMALL |= {"a": 1, "an": 1, "first": 1, "second": 2, "third": 3}
MAGNITUDES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}


class RuleError(ValueError):
    """A rule does not apply to its words; the message says what it takes."""


@dataclass(frozen=True)
class Rule:
    """A named rule: what origin it gives, what it does, and the function that does it."""

    name: str
    origin: Origin
    apply: Callable[..., str | None]
    """Takes the words; gives the value, or None where the value is the curator's to give."""
    takes: int
    """How many passages of text it needs."""

    @property
    def help(self) -> str:
        """What the rule does, in one sentence."""
        return (self.apply.__doc__ or "").strip().partition("\n")[0]


RULES: dict[str, Rule] = {}


def _rule(origin: Origin, takes: int) -> Callable[[Callable[..., str | None]], Rule]:
    def register(function: Callable[..., str | None]) -> Rule:
        name = function.__name__.replace("_", "-")
        # Years and months come again and again.
        RULES[name] = Rule(name, origin, lru_cache(maxsize=4096)(function), takes)
        return RULES[name]

    return register


@_rule(Origin.NORMALISED, 1)
def iso_date(text: str) -> str:
    """A date as the article writes it, as an ISO 8601 date: "June 24, 1978" is 1978-06-24."""
    words = text.casefold()
    if m := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[ t](\d\d):(\d\d)", words):
        year, month, day, hour, minute = m.groups()
        return _valid(f"{year}-{month}-{day}T{hour}:{minute}:00")
    if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", words):
        return _valid(words)
    if m := re.fullmatch(r"([a-z]+)[. -]+(\d{1,2})(?:st|nd|rd|th)?[, -]+(\d{4})", words):
        return _ymd(m[3], m[1], m[2])
    if m := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]+)[., -]+(\d{4})", words):
        return _ymd(m[3], m[2], m[1])
    if (m := re.fullmatch(r"([a-z]+)[., ]+(?:of )?(\d{4})", words)) and m[1] in MONTHS:
        return f"{m[2]}-{MONTHS[m[1]]:02}"
    raise RuleError(f"{text!r} is not a date that iso-date knows, such as 'June 24, 1978'")


@_rule(Origin.NORMALISED, 1)
def partial_date(text: str) -> str:
    """A day or month without its year stays without it: "the 29 day" is ---29, "July" is --07."""
    noise = r"\b(on|in|at|the|of|day|end|beginning|this|every|year)\b|[',’s]+$"
    words = re.sub(noise, " ", text.casefold())
    words = " ".join(words.split())
    if m := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", words):
        return f"---{int(m[1]):02}"
    if words in MONTHS:
        return f"--{MONTHS[words]:02}"
    if (m := re.fullmatch(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)?", words)) and m[1] in MONTHS:
        return f"--{MONTHS[m[1]]:02}-{int(m[2]):02}"
    raise RuleError(f"{text!r} is not a day or month that partial-date knows")


@_rule(Origin.INFERRED, 2)
def date_in_year(text: str, year: str) -> str:
    """A day or month, and a year from another passage: "November 28" in 2018 is 2018-11-28."""
    partial, of = partial_date.apply(text), iso_date.apply(year)
    assert partial is not None and of is not None
    if partial.startswith("---"):
        raise RuleError(f"{text!r} names no month")
    return _valid(of[:4] + partial[1:])


@_rule(Origin.INFERRED, 2)
def relative_date(text: str, anchor: str) -> str:
    """A time told from the date of another passage: "last December" told in 2018 is 2017-12."""
    day = iso_date.apply(anchor)
    assert day is not None
    try:
        found = _shift(" ".join(re.sub(r"[,.’']", " ", text.casefold()).split()), day[:10])
    except (OverflowError, ValueError) as error:
        raise RuleError(f"{text!r} told at {anchor!r} is no date that exists") from error
    if found is None:
        raise RuleError(f"relative-date cannot tell {text!r} from {anchor!r}")
    return _valid(found)


_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3}){0,6}", re.ASCII)


@_rule(Origin.NORMALISED, 1)
def number(text: str) -> str:
    """A number in words or with separators, as digits: "1,366" is 1366, "16 thousand" is 16000."""
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")  # as most are written: nothing is left to count
    with localcontext(prec=400):  # as many digits as anyone writes
        return _number(text)


@_rule(Origin.NORMALISED, 1)
def translation(text: str) -> None:
    """The proper form of a name or word that the article mistranslates or misspells."""
    # The pair is the curator's reading, and recorded openly as such.


RULE_NAME = "name"
"""A thing stands in the quote by a form that is not its name, but means it there ("millet")."""

COREFERENCE = "coreference"
"""A thing is named by a passage given as context; the quote only points at it ("the award")."""


def _number(text: str) -> str:
    if re.match(r"\s*[-−–]", text):
        raise RuleError(f"{text!r} is below zero; write the value as the article does")
    plain = re.sub(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))", ",", text.casefold())
    words = [word for word in plain.replace("-", " ").split() if word != "and"]
    total, last = Decimal(0), Decimal(10**12)
    current: Decimal | None = None
    for word in words:
        digits, magnitude = _digits(word), MAGNITUDES.get(word.removesuffix("s"))
        if magnitude and magnitude < 1000 and (current is None or current < 100):
            current = (Decimal(1) if current is None else current) * magnitude
        elif magnitude and 1000 <= magnitude < last:
            total += (Decimal(1) if current is None else current) * magnitude
            current, last = None, Decimal(magnitude)
        elif digits is not None and current is None:
            current = digits
        elif word in SMALL and (current is None or _adds(current, SMALL[word])):
            current = (current or Decimal(0)) + SMALL[word]
        else:
            raise RuleError(f"{text!r} is not a number that the rule knows, such as '16 thousand'")
    if not words:
        raise RuleError("no number was given")
    if current is None:
        current = Decimal(0)
    return format((total + current).normalize(), "f")


def _adds(current: Decimal, small: int) -> bool:
    """Whether a small number word may follow: "two hundred" five, "twenty" one."""
    if current >= 100:
        return current % 100 == 0
    return current >= 20 and current % 10 == 0 and 0 < small < 10


def _digits(word: str) -> Decimal | None:
    """Return a number in digits; 1.200 may be either of two numbers, and is refused."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.(?!\d{3}$)\d+)?", word, re.ASCII):
        return Decimal(word.replace(",", ""))
    if re.fullmatch(r"\d+,\d{1,2}", word, re.ASCII):  # a decimal comma: no thousands look so
        return Decimal(word.replace(",", "."))
    return None


def _ymd(year: str, month: str, day: str) -> str:
    if month not in MONTHS:
        raise RuleError(f"{month!r} is not a month")
    return _valid(f"{year}-{MONTHS[month]:02}-{int(day):02}")


def _valid(day: str) -> str:
    """Return a date, month or year if it exists."""
    try:
        datetime.fromisoformat(day + "-01-01"[len(day) - 4 :] if len(day) < 10 else day)
    except ValueError as error:
        if "/" not in day:
            raise RuleError(f"{day} does not exist") from error
    return day


def _count(word: str) -> int:
    found = number.apply(word)
    assert found is not None
    return int(found)


def _shift(words: str, anchor: str) -> str | None:
    """Return the ISO date, month, year or interval that words mean, told at the anchor."""
    year = int(anchor[:4])
    words = re.sub(r"^(on|in|at|since|by|until|during|over) |^(the )?end of |^the ", "", words)
    words = re.sub(r"^(the end of|the beginning of|end of|beginning of|the) ", "", words)
    if words in ("this year", "beginning of this year"):
        return f"{year:04}"
    if words in ("last year", "a year ago"):
        return f"{year - 1:04}"
    if m := re.fullmatch(r"(?:past|last) (\S+) years?", words):
        return f"{year - _count(m[1]):04}/{year:04}"
    if m := re.fullmatch(r"(\S+) years ago", words):
        return f"{year - _count(m[1]):04}"
    if m := re.fullmatch(r"(\w+)(?: of)? (this|last) year|(this|last) (\w+)", words):
        month, which = (m[1], m[2]) if m[1] else (m[4], m[3])
        if month in MONTHS:
            # "Last March" told in May is this year's; told in February, or of a year of which no
            # more is known, it is that of the year before. "Of last year" leaves no doubt.
            told = int(anchor[5:7]) if len(anchor) >= 7 else 0
            recent = m[3] == "last" and MONTHS[month] < told
            return f"{year - (which == 'last' and not recent):04}-{MONTHS[month]:02}"
    if words in MONTHS:
        return f"{year:04}-{MONTHS[words]:02}"
    if len(anchor) < 10:
        return None
    day = date.fromisoformat(anchor)
    if m := re.fullmatch(r"(\S+) days? ago", words):
        return (day - timedelta(days=_count(m[1]))).isoformat()
    if words in ("today", "yesterday"):
        return (day - timedelta(days=words == "yesterday")).isoformat()
    if words in WEEKDAYS:
        # A weekday alone is the last one before the day of publication.
        back = (day.weekday() - WEEKDAYS[words] - 1) % 7 + 1
        return (day - timedelta(days=back)).isoformat()
    return None
