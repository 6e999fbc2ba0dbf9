"""Short ways to a result, each beside the plain way that says what the result is."""

from __future__ import annotations

import gc
import hashlib
import json
import random
import re
import unicodedata
from dataclasses import replace
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode

from kg import quotes
from kg.body import fact_hash
from kg.garbage import collector_paused
from kg.iris import SCHEMES, SLUG, Iris, collision_key, iri_problem, is_slug, segment
from kg.jsonlrecords import json_first, json_marks
from kg.known import Names
from kg.model import OWN, Article, Claim, Derivation, Fact, Origin, Place, Span, Standing, Triple
from kg.order import in_order
from kg.records import Record
from kg.rules import RULES, _number

ASCII = st.text(st.characters(max_codepoint=0x7F), max_size=12) | st.text("aB1-._~ ", max_size=8)
IRIS = st.text("https:/ab.-#?%é ", max_size=20).map("https://".__add__) | st.from_regex(
    r"https?://[a-z0-9.-]{1,8}/[A-Za-z0-9._~/#-]{0,8}", fullmatch=True
)


@given(ASCII)
def test_ascii_slugs_and_segments(text: str) -> None:
    kept = all(c.isalnum() or c in "-._" for c in text)
    assert is_slug(text) == (bool(SLUG.fullmatch(text)) and kept)
    assert segment(text) == "".join(
        c if c.isalnum() or c in "-._~" else quote(c, safe="") for c in text
    )
    folded = unicodedata.normalize("NFKC", text).casefold()
    assert collision_key(text) == unicodedata.normalize("NFC", folded)


@given(IRIS)
def test_nothing_is_wrong_with_what_are_usual_iris(text: str) -> None:
    if iri_problem(text) is None:
        assert text.partition(":")[0] in SCHEMES
        assert urlsplit(text).hostname
        assert NamedNode(text).value == text
        assert not any(c.isspace() or c in '<>"{}|\\^`' for c in text)
        assert not re.search(r"%(?![0-9A-Fa-f]{2})", text)


@given(ASCII)
def test_ascii_folds_as_other_text(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).replace('"', "'").replace("`", "'").casefold()
    assert quotes.fold(text) == " ".join(folded.split())


@given(st.text("ab1 .!。\n'’“\tM", max_size=40), st.data())
def test_sentences_are_counted_as_they_are_cut(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(Article("a", "a.txt", text.encode()), start, data.draw(st.integers(start, 50)))
    assert quotes.sentence_count(span) == len(quotes.sentences_of(span))


WORDS = st.sampled_from(["a", "b", "c", "a'", "-a", "小", "米", "b.", "1", "1,000", "é", "A"])
FORMS = st.lists(WORDS, min_size=1, max_size=4).map(" ".join) | st.lists(WORDS).map("".join)


@given(
    st.dictionaries(st.sampled_from("xyz"), st.lists(FORMS, max_size=3), max_size=3),
    st.lists(FORMS, max_size=3),
    FORMS,
)
def test_longer_names(forms: dict[str, list[str]], mentions: list[str], hay: str) -> None:
    around = {("m", "here"): mentions, ("n", "there"): mentions}
    names = Names(Iris("https://example.org/"), forms=forms, mentions=around)
    others = [(form, slug) for slug, found in forms.items() for form in found]
    others += [(form, "m") for form in mentions]
    for slug, found in forms.items():
        for form in found:
            longer = names.longer(form, slug, "here")
            folded = quotes.fold(form)
            assert all(folded in quotes.fold(other) != folded for other in longer)
            # The others that have its first word are all that could hold it; most of them do not.
            naive = [
                other
                for other, of in others
                if of != slug
                and quotes.fold(other) != folded
                and {*folded.split()[:1]} & {*quotes.fold(other).split()}
            ]
            assert set(longer) <= set(naive)
            assert quotes.stands_in(form, hay, longer) == quotes.stands_in(form, hay, naive)


RECORDS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.text(max_size=6),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    ),
    min_size=1,
    max_size=4,
)


@given(RECORDS, st.booleans(), st.sampled_from([(",", ":"), (" ,\t", " : ")]))
def test_the_first_marks_of_a_line(
    data: dict[str, object], ascii_only: bool, separators: tuple[str, str]
) -> None:
    line = f" {json.dumps(data, ensure_ascii=ascii_only, separators=separators)}"
    line = line.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    assert [*json_first(line.encode(), 7)] == [*json_marks(line.encode(), 7)][:3]


@given(RECORDS)
def test_a_fact_is_hashed_as_json(data: dict[str, object]) -> None:
    line = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    expected = hashlib.sha256(line.encode()).hexdigest()[:12]
    assert fact_hash(Record(data, "f.facts.jsonl")) == expected


ARTICLE = Article("á", "seeds/á.txt", b"some words")
SPANS = st.tuples(st.integers(0, 3), st.integers(4, 8)).map(lambda ends: Span(ARTICLE, *ends))
OBJECTS = (
    st.sampled_from("ab ").map(lambda end: NamedNode(f"https://a.b/{end.strip()}"))
    | st.text('a" \n', max_size=3).map(Literal)
    | st.sampled_from(["en", "en-gb"]).map(lambda tag: Literal("a", language=tag))
)
NODES = st.sampled_from(["https://a.b/", "https://a.b/a", "https://a.b/ab"]).map(NamedNode)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    spans = tuple(draw(st.lists(SPANS, max_size=2)))
    fact = Fact(draw(st.text(max_size=3)), "person", "x", ARTICLE, Place("f"), spans)
    text = st.text('\x00"\\é🗼\x7fa', max_size=4)
    standing = Standing(draw(text), draw(text), draw(text)) if draw(st.booleans()) else OWN
    derivation = Derivation(draw(st.sampled_from(Origin)), draw(text), (draw(text), draw(text)))
    triple = Triple(draw(NODES), draw(NODES), draw(OBJECTS))
    return Claim(triple, fact, spans, standing, derivation, draw(text))


@given(claims())
def test_a_claim_is_hashed_as_json(claim: Claim) -> None:
    standing, derivation = claim.standing, claim.derivation
    parts = [
        *(" ".join(map(str, claim.triple)) + " .", claim.fact.id),
        *(standing.voice, standing.modality, standing.polarity, claim.doubt),
        *(derivation.origin, derivation.rule, list(derivation.inputs)),
        [[s.article.name, s.article.sha256, s.start, s.end] for s in claim.spans],
    ]
    line = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    assert claim.hash == hashlib.sha256(line.encode()).hexdigest()[:32] == claim.hash
    assert replace(claim, doubt=claim.doubt + "x").hash != claim.hash


@given(st.lists(claims(), max_size=12))
def test_claims_are_in_the_order_of_triple_then_hash(found: list[Claim]) -> None:
    expected = sorted(found, key=lambda claim: (*map(str, claim.triple), claim.hash))
    random.Random(1).shuffle(found)
    assert [claim.hash for claim in in_order(found)] == [claim.hash for claim in expected]


@given(st.integers(0, 10**25))
def test_numbers_in_groups_are_what_words_would_be(number: int) -> None:
    assert RULES["number"].apply(f"{number:,}") == _number(f"{number:,}") == str(number)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(ValueError, match="x"), collector_paused():
            assert not gc.isenabled()
            raise ValueError("x")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()
