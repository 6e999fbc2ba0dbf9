"""Field types of numbers and dates: in digits, as exact as the article, canonical in RDF."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import ClassVar

from pyoxigraph import Literal

from kg.fields import JsonSchema, Value
from kg.known import FieldError, Reading
from kg.model import Term
from kg.vocab import EDTF, XSD

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


class Number(Value):
    """A number in digits: ``4806`` or ``1.5``."""

    json: ClassVar[JsonSchema] = {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"}

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        if not _NUMBER.fullmatch(text):
            raise FieldError(
                f"'{text}' is not a number in digits",
                "write digits, such as 4806 or 1.5, and how the article writes it as text: with "
                "rule: number",
            )
        # The canonical lexical form, which every store keeps (XSD 1.1 part 2, section 3.3.3).
        whole, _, fraction = text.removeprefix("-").partition(".")
        whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
        digits = f"{whole}.{fraction}" if fraction else whole
        if text.startswith("-") and digits != "0":
            digits = f"-{digits}"
        return Literal(digits, datatype=XSD.decimal if fraction else XSD.integer), text


class Date(Value):
    """A date as exact as the article gives it.

    ISO 8601 / XSD 1.1 dates, months and years, also without their year (``---29``, ``--02``), or
    an EDTF interval (``2012/2017``) or decade (``197X``).
    """

    json: ClassVar[JsonSchema] = {"type": "string", "title": "2018-11-28, 2018-11, 2018, ---29 …"}

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        return _date(text), text


_PATTERNS = tuple(
    (re.compile(pattern, re.ASCII), XSD[datatype])
    for pattern, datatype in (
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?", "dateTime"),
        (r"\d{4}-\d\d-\d\d", "date"),
        (r"\d{4}-\d\d", "gYearMonth"),
        (r"\d{4}", "gYear"),
        (r"--\d\d-\d\d", "gMonthDay"),
        (r"--\d\d", "gMonth"),
        (r"---\d\d", "gDay"),
    )
)


@lru_cache(maxsize=4096)
def _date(text: str) -> Literal:
    for pattern, datatype in _PATTERNS:
        if pattern.fullmatch(text):
            _check(text)
            return Literal(text, datatype=datatype)
    if re.fullmatch(r"\d{3}X", text, re.ASCII):
        return Literal(text, datatype=EDTF.EDTF)
    first, slash, last = text.partition("/")
    if slash and all(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", d, re.ASCII) for d in (first, last)):
        _check(first)
        _check(last)
        if first[: len(last)] > last[: len(first)]:
            raise FieldError(f"the interval '{text}' ends before it begins", "swap its ends")
        return Literal(text, datatype=EDTF.EDTF)
    raise FieldError(
        f"'{text}' is not a date",
        "write 2018-11-28, 2018-11, 2018, --11-28, --11, ---28, 2012/2017 or 197X",
    )


def _check(text: str) -> None:
    """Fill in what is missing with values that exist, and see whether the day does."""
    try:
        if "T" in text:
            datetime.fromisoformat(text)
        elif text.startswith("---"):
            date(2000, 1, int(text[3:]))
        elif text.startswith("--"):
            date.fromisoformat("2000" + text[1:] + ("" if len(text) > 4 else "-01"))
        else:
            date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError as error:
        message = f"the date '{text}' does not exist"
        raise FieldError(message, "write a day that the calendar has") from error
