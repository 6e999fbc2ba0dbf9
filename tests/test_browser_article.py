"""Articles in a real browser: two columns that light one another, and where links land."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browsing import PHONE, Browsing, axe, hosting, shot
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from sample import REPOSITORY, Folder
from test_pages_article import NESTED, marked_page, pages, texts_and_spans
from test_pages_hostile import cleaned

from kg.pages.furniture import furniture

pytestmark = pytest.mark.slow

__all__ = ["marked_page", "pages"]  # fixtures

NAME = "003_64af1458297d8b40"
ARTICLE = f"article/{NAME}.html"
SPAN = "char=2235,2309"
"""Within another span, and behind a fact of its own."""

LIT = """() => {
    const gold = getComputedStyle(document.documentElement).getPropertyValue('--target').trim();
    const probe = document.createElement('i');
    probe.style.color = gold;
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\\d+/g).join();
    const shown = color => color.startsWith('color(srgb')
        ? color.match(/[\\d.]+/g).map(n => Math.round(n * 255)).slice(0, 3).join() + (
            color.includes('/') ? '?' : '')
        : color.match(/[\\d.]+/g).join();
    const found = [...document.querySelectorAll('.text mark, .source')]
        .filter(e => shown(getComputedStyle(e).backgroundColor) === wanted)
        .map(e => e.className.replace(/source|lit/g, '').trim());
    probe.remove();
    return found;
}"""
"""The digits of what has the colour of what is pointed at."""

PLACE = """id => {
    const box = document.getElementById(id).getBoundingClientRect();
    return [box.top / innerHeight, box.bottom / innerHeight, document.activeElement.id];
}"""


def digits(page, id_: str) -> str:
    return page.evaluate("id => document.getElementById(id).className", id_).replace("source ", "")


@pytest.mark.parametrize("id_", [SPAN, "said-" + SPAN])
def test_without_a_script_what_a_link_leads_to_lights_both_columns(
    site: str, browsing: Browsing, id_: str
) -> None:
    with_script = browsing.page(f"{site}{ARTICLE}")
    light = digits(with_script, SPAN)
    same = with_script.locator("." + light.replace(" ", ".")).count()
    page = browsing.page(f"{site}{ARTICLE}#{id_}", scripts=False)
    assert page.evaluate(LIT) == [light] * same
    assert same > 1
    top, bottom, focused = page.evaluate(PLACE, id_)
    assert 0.02 < top < bottom < 0.98
    assert focused == id_


def test_without_a_script_a_phone_shows_what_words_lead_to_below_them(
    site: str, browsing: Browsing
) -> None:
    page = browsing.page(f"{site}{ARTICLE}", scripts=False, width=PHONE)
    words = page.locator(f"[id='{SPAN}'] a").first
    words.evaluate("e => scrollTo(0, scrollY + e.getBoundingClientRect().top - 150)")
    place = page.evaluate("scrollY")
    words.click()
    page.wait_for_url(f"**said-{SPAN}")
    assert abs(page.evaluate("scrollY") - place) < 120
    top, bottom, _ = page.evaluate(PLACE, "said-" + SPAN)
    assert 0.5 < top < bottom <= 1
    shot(page, "article-clicked-scriptless")


def test_what_is_pointed_at_lights_the_other_column(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}{ARTICLE}")
    words = page.locator(f"[id='{SPAN}'] a").first
    words.hover()
    inner, outer = digits(page, SPAN).replace(" lit", ""), digits(page, "char=2213,2310")
    assert set(page.evaluate(LIT)) == {inner, outer.replace(" lit", "")}
    assert page.locator(f".fact.lit:has([id='said-{SPAN}'])").count() == 1
    page.mouse.move(5, 5)
    assert page.evaluate(LIT) == []
    words.focus()
    assert inner in page.evaluate(LIT)
    page.locator(f".fact:has([id='said-{SPAN}']) h3 a").focus()
    assert page.evaluate(LIT)[0] == inner, "and the other way round"


@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_click_brings_facts_into_sight_and_leaves_the_text_in_place(
    site: str, browsing: Browsing, width: int
) -> None:
    page = browsing.page(f"{site}{ARTICLE}", still=True, width=width)
    words = page.locator(f"[id='{SPAN}'] a").first
    words.evaluate("e => scrollTo(0, scrollY + e.getBoundingClientRect().top - 150)")
    place = page.evaluate("scrollY")
    words.click()
    assert page.evaluate("scrollY") == place
    top, bottom, focused = page.evaluate(PLACE, "said-" + SPAN)
    assert 0 <= top < bottom <= 1
    assert focused == "said-" + SPAN
    current = "[...document.querySelectorAll('.beside [aria-current]')].map(e => e.id)"
    assert page.evaluate(current) == [SPAN, "said-" + SPAN]
    shot(page, f"article-clicked-{width}")
    axe(page)
    # The same words again: on to the facts of the words around them, and round.
    met = []
    while (where := page.evaluate("decodeURIComponent(location.hash)")) not in met:
        met.append(where)
        words.click()
        assert page.evaluate("scrollY") == place
    assert met == ["#said-" + SPAN, *(f"#said-char=2213,2310{n}" for n in ("", "-2", "-3"))]
    for where in (*met[::-1], ""):
        page.go_back()
        page.wait_for_function("w => decodeURIComponent(location.hash) === w", arg=where)
        assert page.evaluate("scrollY") == place
    assert page.evaluate("document.activeElement.textContent") == words.text_content()
    # And back to the text from beside it.
    page.go_forward()
    page.locator(f"[id='said-{SPAN}'] a").first.click()
    top, bottom, focused = page.evaluate(PLACE, SPAN)
    assert 0 <= top < bottom <= 1
    assert focused == SPAN


def test_the_keyboard_goes_from_words_to_facts_and_on(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}{ARTICLE}#char=413,474", still=True)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#said-char=413,474"
    page.keyboard.press("Enter")
    steps = []
    for _ in range(3):
        page.wait_for_function("document.activeElement.matches('.source')")
        steps.append(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "next"
        page.keyboard.press("Enter")
    assert steps == [f"said-char=413,474{n}" for n in ("", "-2", "-3")]


@pytest.mark.parametrize(
    ("fragment", "start", "end"),
    [("char=700,720", 700, 720), ("char=2000,2400", 2000, 2400), ("char=5,", 5, None)],
)
@pytest.mark.parametrize("width", [1280, PHONE])
def test_words_that_no_mark_has_are_found(
    site: str, browsing: Browsing, fragment: str, start: int, end: int | None, width: int
) -> None:
    page = browsing.page(f"{site}{ARTICLE}#{fragment}", width=width)
    text = (REPOSITORY / f"seeds/{NAME}.txt").read_bytes().decode()
    page.wait_for_function("getSelection().rangeCount > 0")
    assert page.evaluate("getSelection().getRangeAt(0).toString()") == text[start:end]
    top = page.evaluate("getSelection().getRangeAt(0).getBoundingClientRect().top / innerHeight")
    assert 0 < top < 0.7


def test_words_are_found_where_only_quotes_are_shown(folder: Folder, browsing: Browsing) -> None:
    path = "ontology/dataset.ttl"
    said = '<https://example.org/d/> <https://w3id.org/kgpress/ns#republish> "quotes" .'
    folder.write(path, f"{(folder.root / path).read_text('utf-8')}\n{said}\n")
    text = (folder.root / "seeds/a.txt").read_text("utf-8")
    start = text.index("Golden Cog for")
    with hosting(folder.publish(pages=True)) as here:
        page = browsing.page(f"{here}article/a.html#char={start},{start + 10}")
        page.wait_for_function("getSelection().rangeCount > 0")
        assert page.evaluate("getSelection().getRangeAt(0).toString()") == "Golden Cog"
        shot(page, "article-quotes")
        axe(page)


def test_an_article_is_printed_column_after_column(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}{ARTICLE}")
    page.emulate_media(media="print")
    said = (
        "e => { const s = getComputedStyle(e); return [s.textDecorationLine, s.backgroundColor] }"
    )
    assert page.locator(".text mark").first.evaluate(said) == ["underline", "rgba(0, 0, 0, 0)"]
    box, text = (page.locator(name).bounding_box() for name in (".says", ".text"))
    assert box["y"] >= text["y"] + text["height"]
    assert page.locator(".says").evaluate("e => e.scrollHeight === e.clientHeight")


def test_a_browser_holds_texts_as_they_are(marked_page, tmp_path: Path, browsing: Browsing) -> None:
    for name, furnishing in furniture().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(furnishing.data())
    (tmp_path / "article").mkdir()
    (tmp_path / "article/a.html").write_bytes(marked_page([NESTED]).encode())
    with hosting(tmp_path) as here:
        page = browsing.page(f"{here}article/a.html")

        visits: list[int] = []

        @seed(1)
        @settings(max_examples=8, database=None)
        @given(st.lists(texts_and_spans(), min_size=50, max_size=100))
        def held(cases) -> None:
            cases = [NESTED, *cases]
            (tmp_path / "article/a.html").write_bytes(marked_page(cases).encode())
            # Written twice in a second, a page of one address would be taken from the cache.
            page.goto(f"{here}article/a.html?{len(visits)}")
            visits.append(len(cases))
            found = page.evaluate(
                "JSON.stringify([...document.querySelectorAll('.text')].map(e => e.textContent))"
            )
            assert json.loads(found) == [cleaned(text) for text, _, _ in cases]

        held()
