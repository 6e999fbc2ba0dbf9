"""Content negotiation, held to RFC 9110 section 12 and to a slow, obvious oracle."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.server.accept import LONGEST, choose, codings

DATA = ["text/html", "text/turtle", "application/ld+json", "application/n-triples"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "text/html"),
        ("", "text/html"),
        ("*/*", "text/html"),
        ("text/turtle", "text/turtle"),
        ("TEXT/Turtle", "text/turtle"),
        ("text/turtle;charset=utf-8", "text/turtle"),
        ("application/*", "application/ld+json"),
        ("text/*;q=0.3, application/ld+json;q=0.2", "text/html"),
        ("text/html;q=0.3, application/ld+json", "application/ld+json"),
        ("text/html;q=0, */*", "text/turtle"),
        ("text/*;q=0, */*;q=0.1", "application/ld+json"),
        ("*/*;q=0", None),
        ("image/png", None),
        ("text/turtle;q=0", None),
        # What browsers, rdflib and Jena send.
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/ld+json;q=1, text/turtle;q=0.9, */*;q=0.1", "application/ld+json"),
        ("text/turtle,application/n-triples;q=0.9,*/*;q=0.3", "text/turtle"),
        # What an old Java sends.
        ("text/plain, image/gif, *; q=.2, */*; q=.2", "text/html"),
        # Commas and semicolons within quotes part nothing.
        ('application/ld+json;profile="a,text/turtle;q=1,\\"b"', "application/ld+json"),
        ('x/y;a="unterminated, text/turtle', None),
        # What is not well-formed is passed over; if nothing is left, all is welcome.
        ("text/turtle;q=high, application/n-triples;q=0.1", "application/n-triples"),
        ("nonsense", "text/html"),
        (",;=,,\x00 \xff", "text/html"),
        ("*/turtle, application/ld+json", "application/ld+json"),
        ("text/html;q=0.5;q=1, text/turtle;q=0.7", "text/turtle"),
    ],
)
def test_the_preferred_type_is_chosen(header: str | None, expected: str | None) -> None:
    assert choose(header, DATA) == expected


def test_the_most_specific_range_counts() -> None:
    # The example of RFC 9110, section 12.5.1.
    header = (
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
        "text/plain;format=fixed;q=0.4, */*;q=0.5"
    )

    def quality(offer: str) -> list[str]:
        """Those of the weights that an offer has, as a rival of that weight would just win."""
        rivals = ["0.3", "0.4", "0.5", "0.7", "1"]
        return [
            q for q in rivals if choose(f"{header}, x/rival;q={q}", ["x/rival", offer]) == "x/rival"
        ]

    assert quality("text/plain;format=flowed") == ["1"]
    assert quality("text/plain") == ["0.7", "1"]
    assert quality("text/html") == ["0.3", "0.4", "0.5", "0.7", "1"]
    assert quality("image/jpeg") == ["0.5", "0.7", "1"]
    assert quality("text/plain;format=fixed") == ["0.4", "0.5", "0.7", "1"]


def test_another_charset_is_another_type() -> None:
    offers = ["text/turtle;charset=utf-8"]
    assert choose("text/turtle;charset=UTF-8", offers) == offers[0]
    assert choose('text/turtle;charset="utf-8"', offers) == offers[0]
    assert choose("text/turtle;charset=iso-8859-1", offers) is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip;q=1.0, zstd;q=0.5", "gzip"),
        ("zstd;q=0, gzip", "gzip"),
        ("br", "identity"),
        ("*", "zstd"),
        ("*;q=0", None),
        ("identity;q=0", None),
        ("*;q=0, identity;q=0.1", "identity"),
        ("*;q=0, gzip", "gzip"),
        ("identity;q=0, *", "zstd"),
        ("identity, gzip;q=0.5", "identity"),
        ("gzip;q=0.001", "gzip"),
        ("GZIP ; Q=1", "gzip"),
    ],
)
def test_the_preferred_coding_is_chosen(header: str | None, expected: str | None) -> None:
    assert next(iter(codings(header, ["zstd", "gzip"])), None) == expected


def test_what_is_not_ready_is_not_chosen() -> None:
    assert codings("gzip, zstd", []) == ["identity"]
    assert codings("gzip, zstd", ["gzip"]) == ["gzip", "identity"]


# The oracle: of every offer, look at every range, and sort.

TYPES = ["a/b", "a/c", "d/b", "d/e"]
ranges = st.tuples(
    st.sampled_from([*TYPES, "a/*", "d/*", "*/*", "x/y"]),
    st.sampled_from([None, "0", "0.1", "0.25", "0.5", "0.999", "1", "1.000"]),
)


def oracle(wanted: list[tuple[str, str | None]], offers: list[str]) -> str | None:
    scores = []
    for number, offer in enumerate(offers):
        kind = offer.split("/")[0]
        for candidate in (offer, f"{kind}/*", "*/*"):
            weights = [Fraction(q or "1") for name, q in wanted if name == candidate]
            if weights:
                scores.append((-max(weights), number))
                break
    scores = sorted(score for score in scores if score[0] < 0)
    return offers[scores[0][1]] if scores else None


@given(st.lists(ranges, min_size=1), st.lists(st.sampled_from(TYPES), unique=True), st.data())
def test_it_agrees_with_the_oracle(
    wanted: list[tuple[str, str | None]], offers: list[str], data: st.DataObject
) -> None:
    space = st.sampled_from(["", " ", "\t "])
    header = ",".join(
        data.draw(space)
        + name
        + (f"{data.draw(space)};{data.draw(space)}q={q}" if q else "")
        + data.draw(space)
        for name, q in wanted
    )
    assert choose(header, offers) == oracle(wanted, offers)


@given(
    st.dictionaries(
        st.sampled_from(["gzip", "zstd", "br", "identity", "*"]),
        st.sampled_from(["0", "0.5", "0.7", "1"]),
    ),
    st.lists(st.sampled_from(["gzip", "zstd"]), unique=True),
)
def test_codings_agree_with_the_oracle(given_: dict[str, str], available: list[str]) -> None:
    def weight(coding: str) -> float:
        if coding in given_:
            return float(given_[coding])
        if "*" in given_:
            return float(given_["*"])
        return 0.0001 if coding == "identity" else 0

    header = ", ".join(f"{name};q={q}" for name, q in given_.items())
    acceptable = [c for c in (*available, "identity") if weight(c) > 0]
    assert codings(header, available) == sorted(acceptable, key=weight, reverse=True)


@given(st.text(alphabet=st.sampled_from('ab/*;,q=01." \\\t\n\xff'), max_size=60))
def test_anything_is_survived(header: str) -> None:
    assert choose(header, DATA) in {*DATA, None}
    assert set(codings(header, ["gzip"])) <= {"gzip", "identity"}


@pytest.mark.parametrize("unit", ['"', "\\", '"\\', ",", ";", "a/b,", "a/b;q=1;", '";"', " ", "q="])
def test_enormous_headers_cost_little(unit: str) -> None:
    header = unit * (1_000_000 // len(unit))
    start = time.process_time()
    assert choose(header, DATA) in {*DATA, None}
    assert set(codings(header, ["gzip"])) <= {"gzip", "identity"}
    assert time.process_time() - start < 0.25


def test_what_is_cut_off_does_not_count() -> None:
    header = "a/b,".ljust(LONGEST - len("text/turtle")) + "text/turtle;q=0"
    assert header[:LONGEST].endswith("text/turtle"), "the cut would turn the refusal into a wish"
    assert choose(header, DATA) is None
    assert choose("text/turtle," + " " * LONGEST, DATA) == "text/turtle"
