"""Coverage both ways: every triple has its words, and the words without a triple are known."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import click
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import DESCRIPTION, FACTS, REPOSITORY, TEXT, Folder, kg, tree

from kg import coverage as covering
from kg.coverage import Coverage, Status, article_coverage, coverage
from kg.dataset import Dataset, load
from kg.marked import marked_text, percent, share
from kg.model import Article, Problem
from kg.quotes import sentence_spans, word_count
from kg.reports.text import width

C, D, U = Status.COVERED, Status.DECLARED, Status.UNCOVERED
WORKERS = "Acme has 1,200 workers."
SAID = 'Jo Bell, head of Acme Works, said: "We listen."'


def covered(root: Path) -> list[Coverage]:
    dataset = load(root)
    assert dataset.problems == []
    return coverage(dataset)


def statuses(one: Coverage) -> dict[str, Status]:
    return {one.article.text[s.start : s.end]: s.status for s in one.sentences}


# --- what is covered ---------------------------------------------------------------------------


def test_a_sentence_is_behind_a_fact_declared_or_uncovered(folder: Folder) -> None:
    folder.facts(f"nothing-here: head count\nnote: Of no use.\nquote: {WORKERS}")
    (one,) = covered(folder.root)
    assert statuses(one) == {
        "Acme wins the Golden Cog": C,  # by the header
        "On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.": C,
        WORKERS: D,
        SAID: U,
        "The Golden Cog was established in 1999.": C,
    }
    assert [sentence.reasons for sentence in one.sentences if sentence.status is D] == [
        ("head count",)
    ]
    assert [one.article.text[s.start : s.end] for s in one.missing] == [SAID]
    assert (one.words[D], one.words[U], one.words.total()) == (5, 9, word_count(TEXT))
    assert (
        share(covering.statuses([one]))
        == "80 % of 5 sentences: 3 behind facts, 1 declared to say nothing, 1 uncovered"
    )


def test_a_declaration_is_no_fact_and_changes_no_dump(folder: Folder, tmp_path: Path) -> None:
    before = load(folder.root)
    assert kg("build", folder.root, "--data-only", "--out", tmp_path / "before").code == 0
    folder.facts(f"nothing-here: head count\nquote: {WORKERS}")
    after = load(folder.root)
    assert [fact.id for fact in after.facts] == [fact.id for fact in before.facts]
    assert [claim.hash for claim in after.claims] == [claim.hash for claim in before.claims]
    assert after.names == before.names
    assert kg("build", folder.root, "--data-only", "--out", tmp_path / "after").code == 0
    changed = dict(tree(tmp_path / "after").items() - tree(tmp_path / "before").items())
    assert changed.keys() == {"data/coverage.json", "data/SHA256SUMS"}


def test_part_of_a_sentence_declared_is_not_all_of_it(folder: Folder) -> None:
    folder.facts("nothing-here: boast\nquote: 1,200 workers")
    (one,) = covered(folder.root)
    assert statuses(one)[WORKERS] is U
    texts = {one.article.text[s.start : s.end]: s for s in one.segments}
    assert texts["1,200 workers"][2:] == (D, "boast")
    assert texts["Acme has "].status is U
    folder.facts("nothing-here: boast\nquote: 1,200 workers", "nothing-here: a\nquote: Acme has")
    (one,) = covered(folder.root)
    assert [s.reasons for s in one.sentences if s.status is D] == [("a", "boast")]


def test_values_and_context_count_where_they_are_evidence(folder: Folder) -> None:
    folder.write("seeds/a.txt", TEXT + "This prize is old. Nobody minds.\n")
    folder.facts(
        "award: golden-cog\ndescription:\n  value: old\n  quote: This prize is old.\n"
        "quote: The Golden Cog was established in 1999."
    )
    (one,) = covered(folder.root)
    assert statuses(one)["This prize is old."] is C
    assert statuses(one)["Nobody minds."] is U
    folder.facts(
        "award: golden-cog\ndescription: old\nquote: This prize is old.\ncontext: Nobody minds."
    )
    dataset = load(folder.root)
    assert [p.message[:44] for p in dataset.problems] == [
        "'golden-cog' does not stand in the quote by "
    ]
    folder.facts(
        f"award: golden-cog\ndescription: old\nquote: This prize is old.\ncontext: '{SAID} The'"
    )
    assert [p.message for p in load(folder.root).problems] == ["the quote takes in 2 sentences"]
    folder.replace("seeds/a.txt", "said:", "said of the Golden Cog:")
    folder.facts(
        "award: golden-cog\ndescription: old\nquote: This prize is old.\n"
        "context: said of the Golden Cog"
    )
    (one,) = covered(folder.root)
    assert statuses(one)[SAID.replace("said:", "said of the Golden Cog:")] is C


def test_a_quote_counts_for_the_article_it_lies_in(folder: Folder) -> None:
    folder.write("seeds/b.txt", "The Golden Cog is made of brass. It shines.\n")
    folder.write(
        "seeds/b.facts.yaml",
        "article:\n  title: {value: Acme, quote: {quote: Acme wins the Golden Cog, article: a}}\n"
        "  quote: It shines.\n"
        "facts:\n  - award: golden-cog\n    description: brass\n"
        "    quote: The Golden Cog is made of brass.\n",
    )
    folder.facts(
        "award: golden-cog\ndescription: {value: shines, quote: {quote: It shines., article: b}}\n"
        "quote: The Golden Cog was established in 1999."
    )
    a, b = covered(folder.root)
    assert (a.count(C), b.count(C)) == (3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffGold won. It rained.\r\n\r\nGold was late.\r\n• — •\r\n",
        "Gold\u2019s 灯台の話。高さは30。灯台は古い。Gold won.",
        "Gold 🏆🏆 won. 🎉 It rained.\r\nGold \u202eis\u202c old",
    ],
)
def test_any_legal_text(folder: Folder, text: str) -> None:
    folder.write("seeds/a.txt", text)
    quote = json.dumps(text[slice(*sentence_spans(text)[0])], ensure_ascii=False)
    folder.write(
        "seeds/a.facts.yaml",
        f"article:\n  title: {{value: Gold, quote: {quote}}}\n  quote: {quote}\n"
        f"facts:\n  - topic: gold\n    name: Gold\n    quote: {quote}\n",
    )
    (one,) = covered(folder.root)
    assert "".join(text[s.start : s.end] for s in one.segments) == text
    assert [s.status for s in one.sentences] == [C, *[U] * (len(one.sentences) - 1)]
    assert one.sentences[0][:2] == sentence_spans(text)[0]
    assert all(any(c.isalnum() for c in text[s.start : s.end]) for s in one.sentences)
    ran = kg("coverage", folder.root, "--article", "a")
    assert ran.code == 0
    assert "\u202e" not in ran.out
    assert ran.out.count("✗") == len(one.missing) + 1  # and in the legend


# --- a quote that spans sentences --------------------------------------------------------------


def test_only_a_wide_quote_takes_in_two_sentences(folder: Folder) -> None:
    two = f"{WORKERS}\n{SAID}"
    fact = "organisation: acme\ndescription: workers\nquote:\n  - quote: "
    folder.facts(fact + json.dumps(two))
    assert [p.message for p in load(folder.root).problems] == ["the quote takes in 2 sentences"]
    folder.facts(fact + json.dumps(two) + "\n    wide: The two belong together.")
    (one,) = covered(folder.root)
    assert not one.missing


def test_sentences_are_those_of_the_article_not_of_the_quote(folder: Folder) -> None:
    # Alone, "Mr. Bell" is one sentence; here what precedes makes its stop end one.
    folder.write("seeds/a.txt", TEXT + "中Mr. Bell 来。\n")
    folder.facts("organisation: acme\ndescription: Bell\nquote: Mr. Bell")
    messages = [p.message for p in load(folder.root).problems]
    assert "the quote takes in 2 sentences" in messages
    # The mark that opens the next sentence is none of its words.
    folder.write("seeds/a.txt", TEXT + 'Acme is big. "Very," he said.\n')
    folder.facts('organisation: acme\ndescription: big\nquote: Acme is big. "')
    (one,) = covered(folder.root)
    assert statuses(one)["Acme is big."] is C
    assert statuses(one)['"Very," he said.'] is U


@pytest.mark.parametrize("run", ["." * 99_999 + "x", " " * 99_999 + "x", ".)" * 50_000 + "x"])
def test_long_runs_of_one_character_take_no_time(run: str) -> None:
    # Not measured: were it to take the square of the length, this would not end.
    assert len(sentence_spans(f"One. Two{run}")) == 2


# --- declarations ------------------------------------------------------------------------------


def problem(folder: Folder) -> Problem:
    (found,) = load(folder.root).problems
    return found


def test_a_fact_must_not_rest_on_what_is_declared_to_say_nothing(folder: Folder) -> None:
    folder.facts("nothing-here: advert\nquote: for its quiet gears")
    line = FACTS.count("\n") + 2
    found = problem(folder)
    assert found.message == (
        "the fact rests on words that are declared to say nothing (advert) "
        f"at seeds/a.facts.yaml:{line}:5"
    )
    assert (
        str(found.place)
        == f"seeds/a.facts.yaml:{FACTS.split('- conferral')[0].count(chr(10)) + 1}:5"
    )
    assert (str(found.see), found.check) == ("seeds/a.txt:3:1", "coverage")
    ran = kg("check", folder.root)
    assert (ran.code, ran.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ("Acme has", "1,200 workers", False),
        ("Acme has 1,200", "1,200 workers", True),
        ("Acme has 1,200 workers", "1,200", True),
        ("Acme has", "Acme has", True),
        ("Acme has 1,200 workers", ".", False),
    ],
)
def test_what_is_declared_is_declared_once(
    folder: Folder, first: str, second: str, overlap: bool
) -> None:
    where = '{quote: ".", occurrence: 2}' if second == "." else f'"{second}"'
    folder.facts(f"nothing-here: a\nquote: {first}", f"nothing-here: b\nquote: [{where}]")
    messages = [p.message for p in load(folder.root).problems]
    line = FACTS.count("\n") + 2
    told = f"this passage is declared to say nothing already at seeds/a.facts.yaml:{line}:5"
    assert messages == [told] * overlap


def test_what_is_declared_may_touch_what_is_quoted(folder: Folder) -> None:
    folder.write("seeds/a.txt", TEXT + "Tiny ad: Acme is big!\n")
    folder.facts(
        "nothing-here: a\nquote: ['Tiny ad: ', '!']",
        "organisation: acme\ndescription: big\nquote: Acme is big",
    )
    (one,) = covered(folder.root)
    last = one.sentences[-1]
    assert [s.status for s in last.segments] == [D, C, D]
    assert last.status is C


def test_one_declaration_quotes_a_passage_once(folder: Folder) -> None:
    folder.facts(f"nothing-here: a\nquote: ['{WORKERS}', '{WORKERS}']")
    assert problem(folder).message == "two quotes of this declaration take in the same passage"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (f"nothing-here: ''\nquote: {WORKERS}", "'nothing-here' is a reason"),
        (f"nothing-here: [advert]\nquote: {WORKERS}", "'nothing-here' is a reason"),
        ("nothing-here: advert", "the declaration has no quote"),
        ("nothing-here: advert\nquote: []", "the declaration has no quote"),
        ("nothing-here: advert\nquote: ''", "a quote is one text"),
        (
            f"nothing-here: advert\nquote: {WORKERS}\nreason: x",
            "unknown field 'reason' of nothing-here",
        ),
        (
            f"nothing-here: advert\nquote: {WORKERS}\nsaid_by: acme",
            "unknown field 'said_by' of nothing-here",
        ),
        (f"nothing-here: advert\nquote: {WORKERS}\nnote: [a]", "'note' is text"),
        ("nothing-here: advert\nquote: Acme has 1,300 workers.", "the quote is not in the article"),
        ("nothing-here: advert\nquote: Golden Cog", "the quote stands 3 times in the article"),
        (
            f"nothing-here: advert\nquote: |-\n  {WORKERS}\n  {SAID}",
            "the quote takes in 2 sentences",
        ),
        (f"nothing-hear: advert\nquote: {WORKERS}", "unknown fact kind 'nothing-hear'"),
        (f"quote: {WORKERS}\nnothing-here: advert", "unknown fact kind 'quote'"),
    ],
)
def test_a_bad_declaration_is_one_problem(folder: Folder, record: str, message: str) -> None:
    folder.facts(record)
    found = problem(folder)
    assert found.message.startswith(message)
    assert found.mend
    assert found.place.line > FACTS.count("\n")
    if "hear:" in record:
        assert "did you mean 'nothing-here'?" in found.mend


def test_declarations_in_json_lines(folder: Folder) -> None:
    raw = yaml.load(FACTS, Loader=yaml.BaseLoader)
    records = [{"article": raw["article"]}, *raw["facts"]]
    records += [{"nothing-here": "boast", "quote": [WORKERS], "note": "Of no use."}]
    (folder.root / "seeds/a.facts.yaml").unlink()
    folder.write("seeds/a.facts.jsonl", "".join(json.dumps(r) + "\n" for r in records))
    (one,) = covered(folder.root)
    assert statuses(one)[WORKERS] is D
    (declaration,) = load(folder.root).declarations
    assert (declaration.reason, declaration.note) == ("boast", "Of no use.")
    assert str(declaration.place) == "seeds/a.facts.jsonl:5:2"


def test_a_declaration_may_be_wide_and_count_occurrences(folder: Folder) -> None:
    folder.write("seeds/a.txt", TEXT + "Share!\nShare! Tell all!\n")
    folder.facts(
        "nothing-here: share buttons\nquote: Share!\noccurrence: 1",
        'nothing-here: share buttons\nquote:\n  - quote: "Share! Tell all!"\n    wide: One button.',
    )
    (one,) = covered(folder.root)
    assert one.count(D) == 3


# --- anything ----------------------------------------------------------------------------------

TEXTS = st.lists(
    st.sampled_from([*"ab1 .!\n—_", "\r\n", "。", "灯", "\ufeff", "é", "🏆", "Mr. ", ". A"]),
    max_size=30,
).map("".join)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], list[tuple[int, int, str]]]:
    text = draw(TEXTS)
    offsets = st.integers(0, len(text))
    pairs = st.tuples(offsets, offsets).map(sorted).map(tuple).filter(lambda p: p[0] < p[1])
    quoted = draw(st.lists(pairs, max_size=4)) if text else []
    cuts = sorted(draw(st.sets(offsets, max_size=6)))
    declared = [(a, b, draw(st.sampled_from("†‡"))) for a, b in pairwise(cuts)]
    return text, quoted, [part for part in declared if draw(st.booleans())]


@settings(max_examples=400)
@given(marked_texts())
def test_segments_are_the_text_and_agree_with_every_character(
    case: tuple[str, list[tuple[int, int]], list[tuple[int, int, str]]],
) -> None:
    text, quoted, declared = case
    one = article_coverage(Article("a", "seeds/a.txt", text.encode()), quoted, declared)
    assert "".join(text[s.start : s.end] for s in one.segments) == text
    assert all(a.end == b.start for a, b in pairwise(one.segments))
    of = {i: segment for segment in one.segments for i in range(segment.start, segment.end)}
    quotes = {i for a, b in quoted for i in range(a, b)}
    nothing = {i: why for a, b, why in declared for i in range(a, b)}
    for i in range(len(text)):
        assert (of[i].status is C) == (i in quotes)
        assert (of[i].status is D) == (i in nothing and i not in quotes)
        assert of[i].reason == (nothing[i] if of[i].status is D else "")
    sentences = {(s.start, s.end): s for s in one.sentences}
    for start, end in sentence_spans(text):
        letters = {i for i in range(start, end) if text[i].isalnum()}
        assert ((start, end) in sentences) == bool(letters)
        if not letters:
            assert not any(of[i].status is U for i in range(start, end))
            continue
        sentence = sentences[start, end]
        expected = C if letters & quotes else D if letters <= nothing.keys() else U
        assert sentence.status is expected
        assert "".join(text[s.start : s.end] for s in sentence.segments) == text[start:end]
        assert bool(sentence.reasons) == (expected is D)
        assert (U in {s.status for s in sentence.segments}) == (expected is U)
    assert sum(one.count(status) for status in (C, D, U)) == len(one.sentences)


@settings(max_examples=200)
@given(marked_texts(), st.booleans(), st.none() | st.integers(10, 60))
def test_an_article_is_shown_whole_whatever_is_in_it(
    case: tuple[str, list[tuple[int, int]], list[tuple[int, int, str]]],
    colour: bool,
    columns: int | None,
) -> None:
    text, quoted, declared = case
    one = article_coverage(Article("a", "seeds/a.txt", text.encode()), quoted, declared)
    rows = [click.unstyle(row) for row in marked_text(one, colour=colour, columns=columns)]
    if columns:
        assert all(width(row) <= max(columns, 24) for row in rows)
    margin = len(str(text.count("\n") + 1))
    assert sum(row[margin + 1 : margin + 2] == "✗" for row in rows) == one.count(U)
    shown = "".join(row[margin + 3 :] for row in rows).replace("\\u{FEFF}", "")
    assert [c for c in shown if c.isalnum()] == [c for c in text if c.isalnum()]


WORDS = st.sampled_from(
    ["gulls", "brick", "lamp", "rises", "turns", "every", "night", "灯台", "über", "30", "Köln's"]
)
SENTENCES = st.lists(
    st.tuples(st.lists(WORDS, min_size=1, max_size=5), st.sampled_from(["fact", "declared", ""])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sentences=SENTENCES, end=st.sampled_from(["\n", "\r\n", " "]))
def test_every_triple_has_words_and_every_fact_triples(
    tmp_path: Path, sentences: list[tuple[list[str], str]], end: str
) -> None:
    lines = [f"Note{n} {' '.join(words)}." for n, (words, _) in enumerate(sentences)]
    (tmp_path / "seeds").mkdir(exist_ok=True)
    (tmp_path / "ontology").mkdir(exist_ok=True)
    (tmp_path / "ontology/dataset.ttl").write_text(DESCRIPTION, "utf-8")
    text = "Lamp news\n" + "".join(line + end for line in lines)
    (tmp_path / "seeds/a.txt").write_bytes(text.encode())
    records: list[dict[str, object]] = [{"article": {"title": "Lamp news", "quote": "Lamp news"}}]
    for number, (line, (_, status)) in enumerate(zip(lines, sentences, strict=True)):
        if status == "fact":
            name = f"Note{number}"
            records.append({"topic": f"n-{number}", "name": name, "quote": line})
        elif status:
            records.append({"nothing-here": "chance", "quote": line})
    written = "".join(json.dumps(record) + "\n" for record in records)
    (tmp_path / "seeds/a.facts.jsonl").write_text(written, "utf-8")
    dataset = load(tmp_path)
    assert dataset.problems == []
    both_ways(dataset)
    (one,) = coverage(dataset)
    expected = [{"fact": C, "declared": D, "": U}[status] for _, status in sentences]
    assert [sentence.status for sentence in one.sentences] == [C, *expected]


def both_ways(dataset: Dataset) -> None:
    """Every asserted triple has a claim with words, every fact a claim."""
    for triple in dataset.asserted:
        claims = [claim for claim in dataset.evidence(triple) if claim.asserted]
        assert claims, triple
        for claim in claims:
            assert claim.spans, triple
            for span in claim.spans:
                assert span.quote in span.article.text
                assert word_count(span.quote), triple
    assert {fact.id for fact in dataset.facts} == {
        claim.fact.id for claim in (*dataset.claims, *dataset.links)
    }


# --- the five articles -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def five() -> Dataset:
    dataset = load(REPOSITORY)
    assert dataset.problems == []
    return dataset


def test_both_ways_over_the_five_articles(five: Dataset) -> None:
    assert len(five.facts) > 300
    both_ways(five)


def test_every_sentence_of_the_five_articles_is_accounted_for(five: Dataset) -> None:
    found = coverage(five)
    assert len(found) == 5
    assert [one.missing for one in found] == [[]] * 5
    assert [
        percent(len(one.sentences) - len(one.missing), len(one.sentences)) for one in found
    ] == [100] * 5
    for one in found:
        # Not by a few words of each: nearly all that is not declared is quoted.
        assert one.words[Status.REST] <= 0.01 * one.words.total()


def test_no_declaration_of_the_five_articles_is_a_blanket(five: Dataset) -> None:
    assert five.declarations
    for declaration in five.declarations:
        assert 1 <= word_count(declaration.reason) <= 5, declaration.place
        for span in declaration.spans:
            assert len(sentence_spans(span.quote)) == 1, span.place
            assert word_count(span.quote) <= 22, span.place
    for one in coverage(five):
        assert one.words[D] <= 0.15 * one.words.total(), one.article.name


# --- what people see ---------------------------------------------------------------------------


def test_the_command_shows_shares_and_what_is_missing(folder: Folder) -> None:
    ran = kg("coverage", folder.root)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[2].split() == ["a", "5", "3", "0", "2", "60", "%", "65", "%"]
    assert lines[4:] == [
        f"seeds/a.txt:3:68: {WORKERS}",
        f"seeds/a.txt:4:1: {SAID}",
        "60 % of 5 sentences: 3 behind facts, 0 declared to say nothing, 2 uncovered",
    ]


def test_the_command_shows_an_article_with_all_that_is_marked(folder: Folder) -> None:
    folder.facts(f"nothing-here: head count\nquote: {WORKERS}")
    ran = kg("coverage", folder.root, "--article", "a")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert ran.out.splitlines() == [
        "seeds/a.txt",
        "1 ✓ Acme wins the Golden Cog",
        "",
        "3 ✓ On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        f"  · ‹head count: {WORKERS}›",
        f"4 ✗ ⟦{SAID}⟧",
        "  ✓ The Golden Cog was established in 1999.",
        "",
        "✓ behind a fact   · declared ‹why: to say nothing›   ✗ uncovered   ⟦in no quote⟧",
        "80 % of 5 sentences: 3 behind facts, 1 declared to say nothing, 1 uncovered",
    ]


def test_colour_stands_for_the_brackets(folder: Folder) -> None:
    (one,) = covered(folder.root)
    rows = list(marked_text(one, colour=True, columns=30))
    assert "\x1b[32mAcme wins the Golden Cog" in rows[0]
    assert any("\x1b[31m\x1b[1m✗" in row for row in rows)
    assert not any("⟦" in row for row in rows)
    assert max(width(click.unstyle(row)) for row in rows) <= 30


def test_what_no_quote_takes_in_of_a_covered_sentence_is_seen() -> None:
    text = "灯台 Gold, in fact,  won it \t(so they say)."
    quoted = [(text.index("Gold"), text.index(",")), (text.index("won"), text.index(" it"))]
    declared = [(text.index("(so"), len(text), "aside")]
    one = article_coverage(Article("a", "a.txt", text.encode()), quoted, declared)
    shown = "1 ✓ ⟦灯台⟧ Gold⟦, in fact,⟧  won ⟦it⟧  ‹aside: (so they say).›"
    assert list(marked_text(one, colour=False)) == [shown]
    assert list(marked_text(one, colour=True)) != [shown]


def test_lines_are_broken_between_words_and_wide_characters() -> None:
    text = "The lamp of the old tower turns every night. 灯台の話はとても長いので終わりがない"
    one = article_coverage(Article("a", "a.txt", text.encode()), [(0, 44)], [])
    assert list(marked_text(one, colour=False, columns=24)) == [
        "1 ✓ The lamp of the old",
        "    tower turns every",
        "    night.",
        "  ✗ ⟦灯台の話はとても長",
        "    いので終わりがない⟧",
    ]


def test_a_share_that_is_asked_for(folder: Folder) -> None:
    assert kg("coverage", folder.root, "--fail-under", "60").code == 0
    ran = kg("coverage", folder.root, "--fail-under", "60.1")
    assert ran.code == 1
    assert ran.err == (
        "seeds/a.txt:3:68: error: 2 of 5 sentences are uncovered, this one first; "
        "write facts that quote them, or declare them nothing-here\n"
    )
    assert kg("coverage", folder.root, "--fail-under", "101").code == 2
    # Of three articles that are nearly covered none hides behind the others.
    folder.write("seeds/b.txt", "Acme wins the Golden Cog\n")
    folder.write("seeds/b.facts.yaml", FACTS.split("facts:")[0])
    assert kg("coverage", folder.root, "--fail-under", "61").code == 1
    assert kg("coverage", folder.root, "--fail-under", "100", "--article", "b").code == 0


def test_nearly_all_is_not_all() -> None:
    assert [percent(999, 1000), percent(1000, 1000), percent(0, 0), percent(0, 7)] == [
        99,
        100,
        100,
        0,
    ]


def test_what_cannot_be_shown_is_told_in_one_line(folder: Folder) -> None:
    ran = kg("coverage", folder.root, "--article", "nowhere")
    assert (ran.code, ran.out) == (1, "")
    assert "no article has a name that begins with 'nowhere'; write as much" in ran.err
    folder.write("seeds/ab.txt", TEXT)
    folder.write("seeds/ab.facts.yaml", FACTS.split("facts:")[0])
    assert kg("coverage", folder.root, "--article", "a").out.startswith("seeds/a.txt\n")
    folder.replace("seeds/a.facts.yaml", "The Golden Cog was", "The Golden Cog is")
    ran = kg("coverage", folder.root)
    assert (ran.code, ran.out) == (1, "")
    assert "the quote is not in the article" in ran.err
    assert "Traceback" not in ran.err


def test_coverage_is_published(folder: Folder, tmp_path: Path) -> None:
    folder.facts(f"nothing-here: head count\nquote: {WORKERS}")
    ran = kg("build", folder.root, "--data-only", "--out", tmp_path / "out")
    assert ran.code == 0, ran.err
    assert "coverage  80 % of 5 sentences: 3 behind facts, 1 declared to say nothing" in ran.out
    published = (tmp_path / "out/data/coverage.json").read_text("utf-8")
    assert kg("coverage", folder.root, "--format", "json").out == published
    assert "  coverage.json\n" in (tmp_path / "out/data/SHA256SUMS").read_text("utf-8")
    (article,) = json.loads(published)["articles"]
    (one,) = covered(folder.root)
    assert (article["path"], article["sha256"]) == ("seeds/a.txt", one.article.sha256)
    assert article["counts"] == {
        "sentences": 5,
        "covered": 3,
        "nothing-here": 1,
        "uncovered": 1,
    }
    assert article["words"] == {
        "total": 40,
        "covered": 26,
        "nothing-here": 5,
        "uncovered": 9,
        "rest": 0,
    }
    assert [s["status"] for s in article["sentences"]] == [s.status for s in one.sentences]
    assert article["sentences"][2] == {
        "start": TEXT.index(WORKERS),
        "end": TEXT.index(WORKERS) + len(WORKERS),
        "status": "nothing-here",
        "reason": "head count",
    }
