"""Rules are pure functions from an article's words to the value that a fact file writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import REPOSITORY

from kg.model import Origin
from kg.rules import RULES, RuleError

CASES = [
    ("iso-date", ["June 24, 1978"], "1978-06-24"),
    ("iso-date", ["24 June 1978"], "1978-06-24"),
    ("iso-date", ["Sep-23-2021"], "2021-09-23"),
    ("iso-date", ["2017-09-16 05:48"], "2017-09-16T05:48:00"),
    ("iso-date", ["November 2018"], "2018-11"),
    ("iso-date", ["1999"], "1999"),
    ("partial-date", ["the 29 day"], "---29"),
    ("partial-date", ["February of this year"], "--02"),
    ("partial-date", ["November 28"], "--11-28"),
    ("date-in-year", ["November 28", "2018"], "2018-11-28"),
    ("date-in-year", ["November", "September 16, 2018"], "2018-11"),
    ("relative-date", ["In December last year", "2018"], "2017-12"),
    ("relative-date", ["Last December", "2018"], "2017-12"),
    ("relative-date", ["last March", "May 14, 2021"], "2021-03"),
    ("relative-date", ["last March", "February 14, 2021"], "2020-03"),
    ("relative-date", ["March of last year", "May 14, 2021"], "2020-03"),
    ("relative-date", ["In July of this year", "2018"], "2018-07"),
    ("relative-date", ["at the end of October", "2018"], "2018-10"),
    ("relative-date", ["this year", "Sep-23-2021"], "2021"),
    ("relative-date", ["Last year", "2017-09-16 05:48"], "2016"),
    ("relative-date", ["on Friday", "2017-09-16 05:48"], "2017-09-15"),
    ("relative-date", ["Saturday", "2017-09-16"], "2017-09-09"),
    ("relative-date", ["three years ago", "2017-09-16 05:48"], "2014"),
    ("relative-date", ["In the past five years", "2017-09-16"], "2012/2017"),
    ("relative-date", ["Two days ago", "2018-11-30"], "2018-11-28"),
    ("relative-date", ["yesterday", "2020-03-01"], "2020-02-29"),
    ("number", ["1,366"], "1366"),
    ("number", ["16 thousand"], "16000"),
    ("number", ["a dozen"], "12"),
    ("number", ["hundred"], "100"),
    ("number", ["one thousand"], "1000"),
    ("number", ["11 million"], "11000000"),
    ("number", ["1.5 million"], "1500000"),
    ("number", ["51,5"], "51.5"),
    ("number", ["1 200"], "1200"),
    ("number", ["twenty-one"], "21"),
    ("number", ["two hundred and five"], "205"),
    ("number", ["two hundred five thousand"], "205000"),
    ("number", ["3 million 200 thousand"], "3200000"),
    ("number", ["two dozen"], "24"),
    ("number", ["0.5 million"], "500000"),
    ("number", ["zero"], "0"),
    ("number", ["0 million"], "0"),
    ("number", ["1" * 40], "1" * 40),
    ("translation", ["millet"], None),
]


@pytest.mark.parametrize(("rule", "words", "value"), CASES)
def test_a_rule_gives_the_value(rule: str, words: list[str], value: str | None) -> None:
    assert RULES[rule].apply(*words) == value


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("iso-date", ["Febuary 3, 2001"]),
        ("iso-date", ["February 30, 2001"]),
        ("iso-date", ["soon"]),
        ("partial-date", ["some day"]),
        ("date-in-year", ["the 29 day", "2018"]),
        ("date-in-year", ["February 30", "2018"]),
        ("relative-date", ["on Friday", "2017"]),
        ("relative-date", ["once upon a time", "2017-09-16"]),
        ("number", ["many"]),
        ("number", [""]),
        ("number", ["1.200"]),
        ("number", ["-5"]),
        ("number", ["five six"]),
        ("number", ["ten five"]),
        ("number", ["two thousand million"]),
        ("relative-date", ["9999999 days ago", "May 4, 2020"]),
        ("relative-date", ["5000 years ago", "May 4, 2020"]),
        ("iso-date", ["2017-09-16 99:99"]),
        ("iso-date", ["2050-13"]),
    ],
)
def test_a_rule_refuses_what_it_does_not_know(rule: str, words: list[str]) -> None:
    with pytest.raises(RuleError):
        RULES[rule].apply(*words)


@given(st.sampled_from(sorted(RULES)), st.text(max_size=30), st.text(max_size=30))
def test_a_rule_never_fails_otherwise(rule: str, first: str, second: str) -> None:
    words = (first, second)[: RULES[rule].takes]
    try:
        value = RULES[rule].apply(*words)
    except RuleError:
        return
    assert value is None or value


@given(st.dates().filter(lambda day: day.year >= 1000))
def test_written_dates_come_back(day: object) -> None:
    assert RULES["iso-date"].apply(f"{day:%B} {day:%d}, {day:%Y}") == f"{day:%Y-%m-%d}"


def test_every_rule_says_what_it_does_and_is_documented() -> None:
    text = (REPOSITORY / "docs/facts.md").read_text("utf-8")
    for name, rule in RULES.items():
        assert rule.help.endswith(".") or '"' in rule.help
        assert f"| `{name}` |" in text
        assert f"| {rule.origin} |" in text
        assert rule.origin in (Origin.NORMALISED, Origin.INFERRED)
