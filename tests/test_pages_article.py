"""Pages of articles: the text as it is, beside it what rests on it, and no more than may be had."""

from __future__ import annotations

import random
import re
from pathlib import Path

import html5lib
import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample import REPOSITORY, Folder, kg, tree
from test_pages import XHTML, by_class, crawl, hrefs, parsed, published, words
from test_pages_hostile import cleaned

from kg.asking.nodes import Passage
from kg.asking.published import Published
from kg.pages import Pages
from kg.pages.furniture import STYLE, furniture
from kg.pages.marking import DEEPEST, LIT, Close, Open, Piece, lights, marks
from kg.pages.parted import Kind, Parts
from kg.pages.texts import Fragment, Sentence, quoted
from kg.pages.told import said_id

ARTICLE = "article/001_cdd093466ecbe478"


@pytest.fixture(scope="session")
def pages(public: Path) -> Pages:
    return Pages(Published(public))


def identified(document) -> dict[str, object]:
    return {e.get("id"): e for e in document.iter() if e.get("id")}


# --- marks -------------------------------------------------------------------------------------

TEXTS = st.text(
    st.sampled_from("ab <&\"'\n\r\t\ufeff\u202e\u2066\u2069\u0301\u200d😀𝒳é\u2028\u0085\0\x1b]>"),
    max_size=40,
) | st.lists(st.sampled_from(["\r\n", "\r", "\n", "a", "e\u0301", "<b>", "&amp;", "]]>"])).map(
    "".join
)
"""Texts as articles may be, and as they may not: CR LF, astral and combining characters, controls,
what HTML reads as markup."""


@st.composite
def texts_and_spans(draw):
    text = draw(TEXTS)
    edge = st.integers(-1, len(text) + 1)
    return text, draw(st.lists(st.tuples(edge, edge), max_size=12)), draw(st.lists(edge))


@pytest.mark.slow
@settings(max_examples=3000)
@given(texts_and_spans())
@example(("abcdef", [(0, 4), (2, 6)], []))
@example(("abcdef", [(0, 6), (0, 3), (3, 6), (2, 4)], [1]))
@example(("\r\n\r\n", [(0, 1), (1, 3)], []))
def test_marks_neither_move_nor_lose_a_character(case) -> None:
    text, spans, edges = case
    found = list(marks(text, spans, edges))
    sound = {(a, b) for a, b in spans if 0 <= a < b <= len(text)}
    assert "".join(m.text for m in found if isinstance(m, Piece)) == text
    opened: list[tuple[int, int]] = []
    held: dict[tuple[int, int], str] = dict.fromkeys(sound, "")
    first: list[tuple[int, int]] = []
    for mark in found:
        if isinstance(mark, Open):
            opened.append(mark.span)
            first += [mark.span] if mark.first else []
        elif isinstance(mark, Close):
            opened.pop()
        else:
            assert mark.text
            end = mark.start + len(mark.text)
            assert not any(mark.start < edge < end for edge in edges)
            assert (mark.span is None) == (not opened)
            for span in opened:
                held[span] += mark.text
    assert opened == []
    assert sorted(first) == sorted(sound), "each span has one element that it is found by"
    assert held == {(a, b): text[a:b] for a, b in sound}


def test_marks_do_not_nest_without_end() -> None:
    text = "x" * 500
    found = list(marks(text, [(i, 500 - i) for i in range(200)]))
    depth = deepest = 0
    for mark in found:
        depth += isinstance(mark, Open) - isinstance(mark, Close)
        deepest = max(deepest, depth)
    assert deepest == DEEPEST + 1
    assert sum(isinstance(mark, Open) for mark in found) == 200


def test_spans_have_digits_of_their_own_and_the_style_sheet_reads_each() -> None:
    found = lights((n, n + 1) for n in range(2 * LIT))
    assert len(set(found.values())) == len(found) == LIT
    digits = {digit for light in found.values() for digit in light.split()}
    css = furniture()[STYLE].data().decode()
    rules = re.findall(r"^\.beside:has\(\.(\w+):target\) \.(\w+) \{ --(\w): 1; \}", css, re.M)
    assert sorted(rules) == sorted((digit, digit, digit[0]) for digit in digits)


# --- texts -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def marked_page(pages: Pages):
    """Return what renders texts with their spans and sentences by the template of articles."""
    from kg.links import Links
    from kg.pages import article
    from kg.pages.rows import Rows

    def render(cases) -> str:
        links = Links(pages.nodes, ARTICLE)
        node = ox.NamedNode(pages.nodes.base + ARTICLE)
        made = article.page(
            Rows(pages.nodes, links), node, pages.nodes.files(node)[0], [], sentences={}
        )
        parts = {}
        for number, (text, spans, edges) in enumerate(cases):
            cuts = sorted({e for e in edges if 0 <= e <= len(text)})
            sentences = [
                Sentence(a, b, status, "why")
                for a, b, status in zip(cuts, cuts[1:], [*Kind] * 20, strict=False)
            ]
            sound = [span for span in spans if span[0] < span[1]]
            beside = {said_id(span) for span in sound[::2]}
            parts[number] = Parts(sound, sentences, lights(sound), beside).of(Fragment(0, text))
        fragments = [Fragment(number, "") for number in parts]
        shown = {"whole": True, "fragments": fragments, "parts_of": lambda f: parts[f.start]}
        shown |= {"facts": [], "incoming": []}
        page = pages._render(made._replace(values=made.values | shown), links)
        assert page is not None
        return page

    return render


NESTED = ("ab\r\ncd" * 20, [(i, 120 - i) for i in range(60)], [3, 50, 117])


@pytest.mark.slow
@settings(max_examples=100)
@given(st.lists(texts_and_spans(), min_size=20, max_size=40))
@example([NESTED])
def test_a_browser_reads_texts_as_they_are(marked_page, cases) -> None:
    document = html5lib.parse(marked_page(cases))
    assert [words(e) for e in by_class(document, "text")] == [cleaned(text) for text, _, _ in cases]


def test_an_article_is_shown_word_for_word(pages: Pages) -> None:
    for seed in sorted((REPOSITORY / "seeds").glob("*.txt")):
        document = parsed(pages.page(f"article/{seed.stem}"))
        (text,) = by_class(document, "text")
        assert words(text) == seed.read_bytes().decode()
        marked = {m.get("id") for m in text.iter(f"{XHTML}mark")} - {None}
        assert len(marked) > 20
        ids = [e.get("id") for e in document.iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        assert {h.removeprefix("#") for h in hrefs(document) if h.startswith("#")} <= {*ids}


def test_the_mark_of_a_span_holds_its_words_and_shares_its_light(pages: Pages) -> None:
    document = parsed(pages.page(ARTICLE))
    text = (REPOSITORY / "seeds/001_cdd093466ecbe478.txt").read_bytes().decode()
    (shown,) = by_class(document, "text")
    parts: dict[str, list] = {}
    for mark in shown.iter(f"{XHTML}mark"):
        parts.setdefault(mark.get("class"), []).append(mark)
    assert sum(len(found) > 1 for found in parts.values()) == 1, "one span crosses another"
    for light, found in parts.items():
        assert [m.get("id") is not None for m in found] == [True] + [False] * (len(found) - 1)
        start, end = map(int, found[0].get("id").removeprefix("char=").split(","))
        assert "".join(map(words, found)) == text[start:end]
        quotes = [e for e in by_class(document, "source") if e.get("class").endswith(light)]
        assert quotes
        assert {words(quote.find(f".//{XHTML}q")) for quote in quotes} == {text[start:end]}


def test_only_the_first_words_of_a_span_stop_the_keyboard(pages: Pages) -> None:
    document = parsed(pages.page("article/003_64af1458297d8b40"))
    (text,) = by_class(document, "text")
    links = [(a.get("href"), a.get("tabindex")) for a in text.iter(f"{XHTML}a")]
    met = set()
    for href, stop in links:
        assert stop == ("-1" if href in met else None)
        met.add(href)
    assert len(links) > len(met)


# --- what is said ------------------------------------------------------------------------------


def test_facts_stand_in_the_order_of_the_words_that_are_theirs(folder: Folder) -> None:
    title = "Acme wins the Golden Cog"
    folder.facts(
        f"organisation: acme\nalias: Acme\nquote: [{title}, 'Acme has 1,200 workers.']",
        f"person: jo\nname: Jo Bell\nquote: [{title}, 'Jo Bell, head of Acme Works']",
    )
    document = parsed(published(folder).page("article/a"))
    quotes = [[words(q) for q in fact.iter(f"{XHTML}q")] for fact in by_class(document, "fact")]
    # The headline gives several their context: they are read further down.
    assert quotes[-3:-1] == [
        [title, "Acme has 1,200 workers."],
        [title, "Jo Bell, head of Acme Works"],
    ]


def test_one_can_step_through_all_facts_on_the_same_words(pages: Pages) -> None:
    document = parsed(pages.page("article/003_64af1458297d8b40"))
    ids = identified(document)
    numbered = [e for e in by_class(document, "source") if by_class(e, "next")]
    assert len(numbered) > 50
    for quote in numbered:
        light, round_ = quote.get("class"), [quote]
        while True:
            (link,) = by_class(round_[-1], "next")
            following = ids[link.get("href").removeprefix("#")]
            if following is quote:
                break
            round_.append(following)
        assert [*round_] == [*dict.fromkeys(round_)]
        same = [e for e in by_class(document, "source") if e.get("class") == light]
        assert len(round_) == len(same)
        assert re.fullmatch(rf"\d+ of {len(same)} on these words", words(link))


def test_how_a_fact_stands_is_said_once(folder: Folder) -> None:
    folder.facts(
        "organisation: acme\ndescription: head\nsaid_by: jo\nquote: Jo Bell, head of Acme",
        "person: jo\nname: Jo Bell\nquote: Jo Bell",
    )
    document = parsed(published(folder).page("article/a"))
    kinds = [" ".join(words(k).split()) for k in by_class(document, "kind")]
    assert "person · in its own words · fact" in kinds
    (reported,) = (k for k in kinds if "said by" in k)
    assert reported == "organisation · fact said by Jo Bell not asserted"


# --- sentences that are behind no fact ---------------------------------------------------------


def test_what_is_behind_no_fact_can_be_seen_and_reached(folder: Folder) -> None:
    folder.facts("nothing-here: boast\nquote: Acme has 1,200 workers.")
    document = parsed(published(folder).page("article/a"))
    text, ids = by_class(document, "text")[0], identified(document)
    for status, sentence, said in (
        ("uncovered", 'Jo Bell, head of Acme Works, said: "We listen."', ""),
        ("declared", "Acme has 1,200 workers.", "boast"),
    ):
        (shown,) = by_class(text, status)
        assert (shown.tag, words(shown).strip()) == (f"{XHTML}a", sentence)
        entry = ids[shown.get("href").removeprefix("#")]
        assert ids[entry.find(f"{XHTML}a").get("href").removeprefix("#")] is shown
        assert [words(e) for e in by_class(entry, "reason")] == ([said] if said else [])
    (tally,) = by_class(document, "tally")
    assert [" ".join(words(li).split()) for li in tally] == [
        *("3 behind facts", "1 passed over", "1 behind no fact", "of 5 sentences"),
    ]


def test_sentences_in_no_order_and_twice_are_each_shown_once(pages: Pages) -> None:
    twice = [Sentence(6, 9, "uncovered", ""), Sentence(0, 4, "nothing-here", "x")] * 2
    found = Parts([(1, 3)], twice, {}, {"why-char=0,4"}).of(Fragment(0, "abcdefghij"))
    assert "".join(part.text for part in found) == "abcdefghij"
    assert [p.id for p in found if p.id] == ["char=0,4", "char=1,3", "char=6,9"]
    assert [(p.text, p.again) for p in found if p.leads == "why-char=0,4"] == [
        *(("a", False), ("d", True)),
    ]


# --- what may be republished -------------------------------------------------------------------


def test_the_texts_are_published_byte_for_byte(public: Path) -> None:
    texts = {p.parent.name: p.read_bytes() for p in public.glob("file/*/*.txt")}
    assert texts == {p.stem: p.read_bytes() for p in (REPOSITORY / "seeds").glob("*.txt")}


@pytest.mark.parametrize("whose", ["https://example.org/d/", "https://example.org/d/article/a"])
def test_of_what_may_not_be_republished_only_quotes_are_shown(folder: Folder, whose: str) -> None:
    path = "ontology/dataset.ttl"
    folder.write(
        path,
        (folder.root / path).read_text("utf-8")
        + f'\n<{whose}> <https://w3id.org/kgpress/ns#republish> "quotes" .\n',
    )
    folder.write("seeds/b.txt", "Acme wins the Golden Cog\n")
    folder.write("seeds/b.facts.yaml", "article: {title: Acme wins, quote: Acme wins}\n")
    pages = published(folder)
    texts = {p.parent.name for p in (folder.root / "public").glob("file/*/*.txt")}
    assert texts == ({"b"} if whose.endswith("a") else set())
    page = pages.page("article/a")
    document = parsed(page)
    assert "The whole text is not published here" in words(document)
    assert "head of Acme Works" not in words(document), "but for what stands around quotes"
    start = (folder.root / "seeds/a.txt").read_text("utf-8").index("Acme Works won")
    (mark,) = (
        m for m in document.iter(f"{XHTML}mark") if m.get("id", "").startswith(f"char={start},")
    )
    assert words(mark) == "Acme Works won the Golden Cog"
    for path, (_, led) in crawl(pages).items():
        assert not any(t.endswith(".txt") for t, _ in led if "/a/" in t), path
    ran = kg("verify", "public/data/kg.nq", "seeds", cwd=folder.root)
    assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ('<https://example.org/d/article/b> kg:republish "quotes"', "no article of this folder"),
        ('<https://example.org/d/> kg:republish "none"', 'say "whole" or "quotes"'),
        ('<https://example.org/d/> kg:republish "whole", "quotes"', 'say "whole" or "quotes"'),
    ],
)
def test_what_is_said_of_republishing_must_be_clear(
    folder: Folder, statement: str, told: str
) -> None:
    path = "ontology/dataset.ttl"
    prefix = "@prefix kg: <https://w3id.org/kgpress/ns#> .\n"
    folder.write(path, f"{prefix}{(folder.root / path).read_text('utf-8')}\n{statement} .\n")
    ran = kg("build", folder.root)
    assert ran.code == 1
    assert told in ran.err
    assert "ontology/dataset.ttl:1:1: error: kg:republish" in ran.err
    assert not (folder.root / "public").exists()


def test_a_text_that_is_not_what_its_name_says_is_not_shown(folder: Folder) -> None:
    pages = published(folder)
    (text,) = (folder.root / "public").glob("file/*/*.txt")
    text.write_bytes(b"Something else\n")
    document = parsed(pages.page("article/a"))
    assert "Something else" not in words(document)
    assert "The whole text is not published here" in words(document)


AROUND = 32
"""How many characters before and after a quote the dumps have (docs/evidence.md)."""


@st.composite
def texts_and_passages(draw):
    text = draw(st.text(st.sampled_from("ab\n é😀"), min_size=1, max_size=60))
    edge = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edge, edge).map(sorted), max_size=5))
    around = draw(st.integers(0, 8))
    file = ox.NamedNode("https://example.org/d/file/a/b")
    return text, [
        Passage(
            file, file, None, a, b, text[a:b], text[max(a - around, 0) : a], text[b : b + around]
        )
        for a, b in spans
    ]


@pytest.mark.slow
@settings(max_examples=2000)
@given(texts_and_passages())
def test_quotes_never_add_up_to_more_than_each_has(case) -> None:
    text, passages = case
    allowed: set[int] = set()
    for p in passages:
        allowed |= {*range(p.start - len(p.prefix), p.end + len(p.suffix))}
    found = quoted(passages)
    shown = [n for fragment in found for n in range(fragment.start, fragment.end)]
    assert len(shown) == len(set(shown)), "no character twice"
    assert set(shown) == allowed
    assert all(text[f.start : f.end] == f.text for f in found)
    assert all(any(f.start <= p.start and p.end <= f.end for f in found) for p in passages)


def test_quotes_that_differ_where_they_overlap_stand_apart() -> None:
    file = ox.NamedNode("https://example.org/d/file/a/b")
    passages = [
        Passage(file, file, None, 0, 4, "abcd", "", "ef"),
        Passage(file, file, None, 3, 6, "dxf", "", ""),
        Passage(file, file, None, 2, 9, "of another length", "", ""),
        Passage(file, file, None, 1, 2, "b", "more than there is room for", ""),
        Passage(file, file, None, None, None, "nowhere", "", ""),
    ]
    assert quoted(passages) == [Fragment(0, "abcdef"), Fragment(3, "dxf")]


def nonsense(count: int, seed: int) -> str:
    letters = random.Random(seed)
    words = ("".join(letters.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(count))
    return " ".join(words).capitalize() + "."


@pytest.mark.parametrize(
    "whose", ["https://example.org/d/", "https://example.org/d/article/secret"]
)
def test_nothing_published_holds_more_of_an_article_than_its_quotes(
    folder: Folder, whose: str
) -> None:
    path = "ontology/dataset.ttl"
    said = f'\n<{whose}> <https://w3id.org/kgpress/ns#republish> "quotes" .\n'
    folder.write(path, (folder.root / path).read_text("utf-8") + said)
    quotes = ["Acme Works made the Silver Gear", "The Silver Gear was made in 2001.", "Silver Gear"]
    text = "\n\n".join(
        [
            nonsense(40, 1),
            f"{quotes[0]}. {nonsense(9, 2)}",
            nonsense(40, 3),
            quotes[1],
            nonsense(40, 4),
        ]
    )
    folder.write("seeds/secret.txt", text)
    folder.write(
        "seeds/secret.facts.yaml",
        "article: {title: Silver Gear, language: en, quote: Silver Gear, occurrence: 1}\nfacts:\n"
        f"  - {{organisation: acme, alias: Acme Works, quote: {quotes[0]}}}\n"
        f"  - {{award: silver-gear, name: Silver Gear, established: 2001, quote: {quotes[1]}}}\n"
        f"  - {{nothing-here: gibberish, quote: {nonsense(40, 3)}}}\n",
    )
    ran = kg("build", cwd=folder.root)
    assert ran.code == 0, ran.err
    allowed: set[int] = set()
    for quote in quotes:
        for match in re.finditer(re.escape(quote), text):
            allowed |= {*range(match.start() - AROUND, match.end() + AROUND)}
    hidden = {m.group() for m in re.finditer(r"\w+", text) if not allowed >= {*range(*m.span())}}
    assert len(hidden) > 110
    found = tree(folder.root / "public")
    assert "article/secret.html" in found
    for name, content in found.items():
        held = {*re.findall(r"\w+", content.decode("utf-8", "replace"))} & hidden
        assert not held, (name, held)
    # That this would see it: an article that is published whole is in two of the files.
    shown = [name for name, content in found.items() if b"quiet gears. Acme has 1,200" in content]
    assert bool(shown) == (not whose.endswith("/d/"))
