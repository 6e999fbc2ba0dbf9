"""Quotes become spans, exactly; values stand in quotes as whole tokens."""

from __future__ import annotations

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kg import quotes
from kg.model import Article, Span

TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]),
        st.sampled_from(list("\n\r\t\ufeff\u202e‘’“”🗼é。小米")),
    ),
    min_size=1,
    max_size=200,
)


def article(text: str) -> Article:
    return Article("a", "seeds/a.txt", text.encode())


@given(TEXTS, TEXTS, TEXTS)
def test_a_quote_is_found_where_it_stands_in_the_article(
    before: str, quote: str, after: str
) -> None:
    assume(unicodedata.category(quote[0])[0] != "M")  # it would belong to the letter before it
    source = article(f"{before}|{quote}|{after}")
    start = len(before) + 1
    occurrence = sum(source.text.startswith(quote, at) for at in range(start + 1))
    span = quotes.find(source, quote, occurrence)
    assert (span.start, span.end, span.quote) == (start, start + len(quote), quote)
    first, last = span.byte_range
    assert source.data[first:last].decode() == quote


@given(TEXTS, st.data())
def test_the_place_of_a_span_is_where_an_editor_shows_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    place = Span(article(text), start, len(text)).place
    lines = text.split("\n")
    assert lines[place.line - 1][place.column - 1 :] + "\n" == (text[start:].split("\n")[0] + "\n")


def test_offsets_count_code_points_whatever_the_line_ends_and_the_bom() -> None:
    source = article("\ufeffA🗼\r\nB quote\r\n")
    span = quotes.find(source, "quote")
    assert (span.start, span.end) == (7, 12)
    assert span.byte_range == (3 + 1 + 4 + 2 + 2, 3 + 1 + 4 + 2 + 2 + 5)
    assert (span.place.line, span.place.column) == (2, 3)


def test_a_quote_that_stands_twice_needs_its_occurrence() -> None:
    source = article("one two one")
    with pytest.raises(quotes.QuoteError, match="stands 2 times"):
        quotes.find(source, "one")
    assert quotes.find(source, "one", 2).start == 8
    with pytest.raises(quotes.QuoteError, match="occurrence 3"):
        quotes.find(source, "one", 3)


def test_overlapping_occurrences_are_told_apart() -> None:
    assert quotes.find(article("-.-.-"), "-.-", 2).start == 2


@pytest.mark.parametrize("quote", ["cme works", "Acme work", "366 patents", "4,36", "noe"])
def test_a_quote_that_cuts_a_word_or_number_is_refused(quote: str) -> None:
    with pytest.raises(quotes.QuoteError, match="within a word or number"):
        quotes.find(article("Acme works on 4,366 patents of noe\u0308l"), quote)


def test_the_nearest_passage_is_shown_with_its_difference() -> None:
    source = article("Nothing here.\nOn May 4, Acme Works won the Golden Cog for gears.\n")
    with pytest.raises(quotes.QuoteError) as caught:
        quotes.find(source, "On May 4, Acme won the Golden Cog for quiet gears.")
    assert "{+ Works+}" in str(caught.value)
    assert "[-quiet -]" in str(caught.value)
    assert caught.value.span is not None
    assert caught.value.span.place.line == 2


def test_the_nearest_passage_has_the_mark_with_which_the_quote_begins() -> None:
    quote = "“We hear”, said Jo"
    nearest = quotes.nearest_passage(article("Jo Bell. “We listen”, said Jo Bell."), quote)
    assert nearest is not None
    assert nearest.quote == "“We listen”, said Jo"
    assert quotes.difference(quote, nearest.quote) == "“We [-hear-]{+listen+}”, said Jo"


def test_a_quote_like_nothing_in_the_article_has_no_nearest_passage() -> None:
    assert quotes.nearest_passage(article("entirely different words"), "zebra quagga okapi") is None


def test_looking_for_the_nearest_passage_in_a_large_article_is_not_quadratic() -> None:
    source = article("the cat sat on the mat. " * 40_000)
    assert quotes.nearest_passage(source, "the cat sat on a mat today " * 20) is not None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two.", 2),
        ("Engineering Co., Ltd. and more", 1),
        ("Mr. Smith came. He left.", 2),
        ("It fell to 1.5 points.", 1),
        ("line\nline", 2),
        ("灯台の話。高さは30。", 2),
        ('He said: "Go." Then he went.', 2),
        ("Japan… For years", 2),
        ("Fue ayer. ¿Cuándo?", 2),
        ("एक। दो", 2),
        ("", 0),
    ],
)
def test_sentences_are_counted_by_the_documented_rule(text: str, count: int) -> None:
    assert len(quotes.sentence_spans(text)) == count


@given(TEXTS)
def test_sentences_are_disjoint_in_order_and_lose_only_white_space(text: str) -> None:
    spans = quotes.sentence_spans(text)
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    kept = "".join(text[a:b] for a, b in spans)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("form", "quote", "stands"),
    [
        ("Xi", "Xiaomi won", False),
        ("Xi", "said Xi.", True),
        ("Xi", "Xi's letter", True),
        ("Quality's", "Quality‘s award", True),
        ("china daily", "China  Daily | Updated", True),
        ("366", "1,366 agreements", False),
        ("1", "1.5 points", False),
        ("5", "1.5", False),
        ("5", "of 5.", True),
        ("200", "1 200 workers", False),
        ("1", "1 200 workers", False),
        ("300", "1’300 workers", False),
        ("5", "at -5 degrees", False),
        ("16", "2017-09-16 05:48", True),
        ("2029", "2029년", True),
        ("नील", "नीला", False),
        ("30", "高さは30メートル", True),
        ("小米", "我爱小米集团", True),
        ("ﬁne", "a fine day", True),
        ("", "anything", False),
    ],
)
def test_a_value_stands_in_a_quote_as_whole_tokens(form: str, quote: str, stands: bool) -> None:
    assert quotes.stands_in(form, quote) is stands


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=12))
def test_words_stand_in_themselves_between_spaces(word: str) -> None:
    assert quotes.stands_in(word, f"before {word} after")


@pytest.mark.parametrize(
    ("form", "quote", "stands"),
    [
        ("102", "about 10² of them", False),
        ("10", "about 10² of them", False),
        ("10²", "about 10² of them", True),
        ("1", "1½ cups", False),
        ("11", "1½ cups", False),
        ("1", "① first", False),
    ],
)
def test_raised_digits_and_fractions_are_no_digits(form: str, quote: str, stands: bool) -> None:
    assert quotes.stands_in(form, quote) is stands


@pytest.mark.parametrize("piece", [".", " ", ". ", "!? ", "\t \n", "a.", "。"])
def test_sentences_take_time_in_proportion_to_the_text(piece: str) -> None:
    # Quadratic work on this would take minutes, and the test would be noticed.
    text = piece * 200_000
    spans = quotes.sentence_spans(text)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)


def test_many_quotes_of_one_article_that_are_not_there_are_told_soon() -> None:
    lines = [f"Firm F{number} is here and there.\n" for number in range(500)]
    long = article("".join(lines) + "So it goes, and goes on.\n" * 20_000)
    started = time.monotonic()
    for number in range(500):
        with pytest.raises(quotes.QuoteError, match="the nearest passage differs so") as raised:
            quotes.find(long, f"Firm F{number} is not here and there.")
        assert raised.value.span is not None
        assert raised.value.span.quote == f"Firm F{number} is here and there."
    assert time.monotonic() - started < 15


def test_many_occurrences_of_one_quote_are_found_soon() -> None:
    long = article("Buy now.\n" * 20_000)
    started = time.monotonic()
    for occurrence in range(1, 20_001):
        assert quotes.find(long, "Buy now.", occurrence).start == 9 * (occurrence - 1)
    assert time.monotonic() - started < 15
