"""Search in a real browser: the script finds what the index has, and the box can be worked."""

from __future__ import annotations

import random
import shutil
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from browsing import PHONE, Browsing, axe, hosting, shot, sideways
from findable import Index, Thing, many, publish
from test_pages_hostile import ATOMS

from kg.pages.furniture import furniture
from kg.search.folding import fold, words
from kg.search.writing import write_search

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.slow

EMPTY = '<!DOCTYPE html><html lang="en"><title>x</title><link rel="icon" href="data:,">'

FOLDS = """async (texts) => {
    const {fold, words, marked} = await import("./assets/search-words.js");
    return texts.map(text => {
        const folded = fold(text), found = words(folded);
        return [folded, found, marked(text, found.slice(0, 2)).map(([part]) => part).join("")];
    });
}"""

FINDS = """async (queries) => {
    const {Index} = await import("./assets/search-index.js");
    const index = new Index(async name => (await fetch("./search/" + name)).json());
    const found = [];
    for (const query of queries) {
        const {hits, more} = await index.find(query);
        found.push([hits.map(hit => [
            hit.rank, hit.length, hit.called, hit.href, hit.more, hit.name, hit.type
        ]), more]);
    }
    return found;
}"""


@pytest.fixture(scope="module")
def engine(
    public: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, list[str]]]:
    """A host that has the scripts, an index of much that is odd, and all names in it.

    What is `public` is built before: a build lets its process open nothing for a while.
    """
    root = tmp_path_factory.mktemp("engine")
    draw = random.Random(5)
    odd = ("".join(draw.choices(ATOMS, k=draw.randint(1, 6))) for _ in range(300))
    strange = [
        Thing(f"id/o{n}", [ox.Literal(text)], [_strange(draw, 9)], [text] if n % 3 else [])
        for n, text in enumerate(odd)
    ]
    things = [*strange, *many(1_500)]
    write_search(publish(root, things))
    for path in ("search-words.js", "search-index.js"):
        target = root / "assets" / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(furniture()[f"assets/{path}"].data())
    (root / "index.html").write_text(EMPTY, "utf-8")
    with hosting(root, "/some/folder/") as address:
        yield address, root, [thing.labels[0].value for thing in things]


POOLS = (
    *(range(0x20, 0x250), range(0x300, 0x530), range(0x590, 0x700), range(0x900, 0xA00)),
    *(range(0xE00, 0xF00), range(0x1100, 0x1200), range(0x1E00, 0x2100), range(0x2190, 0x2300)),
    *(range(0x2E80, 0x3200), range(0x4E00, 0x4F00), range(0xAC00, 0xAD00), range(0xFB00, 0x10000)),
    *(range(0x1D400, 0x1D500), range(0x1F300, 0x1F700), range(0x20000, 0x20100)),
)


def _strange(draw: random.Random, length: int) -> str:
    pools = draw.choices(POOLS, k=2)
    return "".join(chr(draw.choice(draw.choice(pools))) for _ in range(draw.randint(1, length)))


def _assigned(text: str) -> bool:
    return all(unicodedata.category(c) not in ("Cn", "Cs") for c in text)


def test_every_character_is_folded_alike(engine, browsing: Browsing) -> None:
    page = browsing.page(engine[0])
    for start in range(0, 0x110000, 0x8000):
        texts = [f"a{c}" for c in map(chr, range(start, start + 0x8000)) if _assigned(c)]
        found = page.evaluate(FOLDS, texts)
        expected = [[fold(text), words(fold(text)), text] for text in texts]
        assert found == expected


def test_thousands_of_odd_texts_are_folded_alike(engine, browsing: Browsing) -> None:
    draw = random.Random(3)
    texts = [_strange(draw, 20) for _ in range(20_000)]
    texts += ["".join(draw.choices(ATOMS, k=4)) for _ in range(2_000)]
    texts = [text for text in texts if _assigned(text)]
    assert len(texts) > 10_000
    found = browsing.page(engine[0]).evaluate(FOLDS, texts)
    assert found == [[fold(text), words(fold(text)), text] for text in texts]


def test_the_script_finds_what_python_finds(engine, browsing: Browsing) -> None:
    address, root, names = engine
    draw = random.Random(4)
    index = Index(root / "search")
    queries = ["", " ", "!", "\ud83d", "a" * 300, "的", "𠮷"]
    for name in draw.sample(names, 300):
        some = words(fold(name))
        if some:
            word = draw.choice(some)
            queries.append(word[: draw.randint(1, len(word))])
            queries.append(" ".join(each[:2] for each in draw.sample(some, min(2, len(some)))))
            queries.append(name[:200])
    found = browsing.page(address).evaluate(FINDS, queries)
    assert sum(len(hits) for hits, _ in found) > 5_000
    for query, (hits, more) in zip(queries, found, strict=True):
        expected = index.find(query)
        assert hits == [list(hit) for hit in expected.hits], query
        assert more == expected.more, query


def _asked(page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/folder/")[2]))
    return asked


def test_nothing_is_asked_for_before_the_box_is_used(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}id/xiaomi.html")
    asked = _asked(page)
    page.wait_for_timeout(200)
    assert asked == []
    page.keyboard.press("/")
    page.wait_for_selector("#q[role=combobox]")
    assert all(url.startswith("assets/search") for url in asked), asked
    page.keyboard.type("x")
    page.wait_for_selector("[role=option]")
    index = [url for url in asked if url.startswith("search/")]
    assert len(index) == 2 and index[0] == "search/volumes.json"


@pytest.mark.parametrize("where", ["", "id/xiaomi.html", "search.html"])
def test_keys_alone_lead_to_a_page(site: str, browsing: Browsing, where: str) -> None:
    page = browsing.page(site + where)
    page.keyboard.press("/")
    page.wait_for_selector("#q[role=combobox]")
    box = page.locator("#q")
    page.keyboard.insert_text("lei ju")
    page.wait_for_selector("[role=option]")
    assert box.get_attribute("aria-expanded") == "true"
    assert page.locator(".search [role=status]").text_content().endswith(" hits")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == "hit-0"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = page.locator("[role=option]").last
    assert last.get_attribute("aria-selected") == "true"
    axe(page)
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert page.locator("[role=listbox]").is_hidden()
    page.keyboard.press("ArrowDown")
    assert page.locator("[aria-selected=true]").text_content().startswith("Lei Jun")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}id/lei-jun.html")
    assert page.locator("h1").text_content() == "Lei Jun"


def test_a_hit_can_be_clicked(site: str, browsing: Browsing) -> None:
    page = browsing.page(site)
    page.locator("#q").fill("constantly improving")
    page.wait_for_selector("[role=option]")
    option = page.locator("[role=option]").first
    assert option.locator(".words mark").all_text_contents() == ["constantly", "improving"]
    shot(page, "search-box")
    option.click()
    page.wait_for_url(f"{site}id/**")
    assert "improving the quality" in page.locator("main").text_content()


@pytest.mark.parametrize("host", ["site", "served"])
def test_all_hits_have_a_page_that_can_be_shared(
    host: str, browsing: Browsing, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue(host)
    page = browsing.page(address)
    page.locator("#q").fill("quality")
    page.wait_for_selector("[role=option]")
    page.locator("#q").press("Enter")
    page.wait_for_url(f"{address}search.html?q=quality")
    page.wait_for_selector(".found li")
    count = int(page.locator(".count").text_content().split()[0])
    assert page.locator(".found li").count() == count > 50
    assert page.locator("#q").input_value() == "quality"
    assert "quality" in page.title()
    axe(page)
    assert sideways(page) == []
    shot(page, f"search-{host}")
    page.locator(".found a").first.click()
    page.wait_for_selector("h1:has-text('quality')")


def test_nothing_found_is_told(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}search.html?q=qqqq")
    page.wait_for_selector("text=Nothing found")
    page.locator("#q").fill("zzzz")
    page.wait_for_selector(".status.seen:has-text('Nothing found')")
    assert page.locator(".found li").count() == 0
    axe(page)


def test_without_a_script_the_page_of_hits_explains_itself(site: str, browsing: Browsing) -> None:
    page = browsing.page(site, scripts=False)
    page.locator("#q").fill("xiaomi")
    page.locator(".search button").click()
    page.wait_for_url(f"{site}search.html?q=xiaomi")
    assert "does not run here" in page.locator("main").inner_text()
    assert page.locator("main a").count() >= 3
    page.locator("main a").first.click()
    page.wait_for_url(f"{site}index.html#things")


def test_names_in_any_script_are_typed(tmp_path: Path, site: str, public: Path, browsing) -> None:
    root = tmp_path / "any"
    things = [
        Thing("id/小米", [ox.Literal("小米科技", language="zh")], ["Xiaomi"]),
        Thing("id/javascript:alert(1)", [ox.Literal("<img src=x onerror=alert(1)> 科技")]),
        Thing(
            "id/שלום", [ox.Literal("שָׁלוֹם עֲלֵיכֶם", language="he")], texts=["\u202e<b>科技</b> " * 9]
        ),
    ]
    write_search(publish(root, things))
    shutil.copytree(public / "assets", root / "assets")
    (root / "id").mkdir()
    for name in ("index.html", "search.html"):
        shutil.copy(public / name, root / name)
    for thing in things:
        (root / f"{thing.path}.html").write_text(EMPTY, "utf-8")
    with hosting(root, "/d/") as address:
        page = browsing.page(address, width=PHONE)
        page.locator("#q").press_sequentially("科技")
        page.wait_for_selector("[role=option]")
        assert page.locator("[role=option]").count() == 3
        assert page.locator("[role=option] :is(img, b)").count() == 0
        assert page.locator("[role=option]").first.text_content().startswith("小米科技")
        assert sideways(page) == []
        axe(page)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}id/%E5%B0%8F%E7%B1%B3.html")
        for query, path in (("שלום", "שלום"), ("img onerr", "javascript%3Aalert%281%29")):
            page = browsing.page(f"{address}search.html?q={query}")
            page.locator(".found a").first.click()
            page.wait_for_url(lambda url, path=path: url.startswith(f"{address}id/"))


def test_an_index_that_is_gone_is_told(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}id/xiaomi.html")
    page.route("**/search/*.json", lambda route: route.fulfill(status=404))
    page.locator("#q").fill("x")
    page.wait_for_selector(".status.seen:has-text('cannot be loaded')")
    assert browsing.complaints()
    page.unroute("**/search/*.json")
    page.locator("#q").fill("xi")
    page.wait_for_selector("[role=option]")


def _fulfil(data: object, route: Route) -> None:
    route.fulfill(json=data)


def test_beginnings_that_are_too_short_are_told(site: str, browsing: Browsing) -> None:
    page = browsing.page(f"{site}id/xiaomi.html")
    files = {"volumes": ["", "ax", "bx"]}
    for letter in "ab":
        empty = {"types": [], "name": [], "alias": [], "text": [], "cut": [letter]}
        files[f"best-{ord(letter):x}"] = empty
    for name, data in files.items():
        page.route(f"**/search/{name}.json", partial(_fulfil, data))
    page.locator("#q").fill("a b")
    page.wait_for_selector(".status:has-text('type a letter more')")
    assert page.locator("[role=option]").count() == 0
