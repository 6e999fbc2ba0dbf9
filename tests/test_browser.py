"""Every type of page in a real browser: light, dark, on a phone, without scripts, by keyboard."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from browsing import PHONE, Browsing, axe, hosting, shot, sideways
from sample import REPOSITORY, Folder
from serving import untouched
from test_pages_hostile import World, cleaned

from kg.pages import SPECIAL
from kg.pages.furniture import furniture

pytestmark = pytest.mark.slow

TYPES = {
    **{path or "home": f"{path or 'index'}.html" for path in SPECIAL},
    "thing": "id/xiaomi.html",
    "conferral": "id/xiaomi-china-quality-technology-award-2018.html",
    "article": "article/001_cdd093466ecbe478.html",
    "file": "file/001_cdd093466ecbe478/*.html",
    "fact": "fact/001_cdd093466ecbe478/*.html",
    "conflict": "conflict/*.html",
    "saved-query": "query/award-grades.html",
    "terms": "ontology/schema.html",
}
"""Where the types of pages are; the first where there are several."""

SERVED = {**TYPES, "claim": "claim/", "form": "sparql"}
"""The same with what `kg serve` alone has."""

WAYS = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"width": PHONE},
    "phone-dark": {"width": PHONE, "dark": True},
    "scriptless": {"scripts": False},
}
"""How pages are looked at."""


def address(public: Path, name: str) -> str:
    """Return the address of a page of a type."""
    pattern = SERVED[name]
    if pattern == "claim/":
        (first, *_) = re.findall("^claim:(\\w+)", (public / "data/kg.ttl").read_text("utf-8"), re.M)
        return f"claim/{first}.html"
    if "*" in pattern:
        return min(path.relative_to(public).as_posix() for path in public.glob(pattern))
    return pattern


# --- pages as they are -----------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TYPES)
def test_a_page_is_sound(public, site, browsing: Browsing, name: str, way: str) -> None:
    page = browsing.page(site + address(public, name), **WAYS[way])
    page.wait_for_load_state("networkidle")
    shot(page, f"{name}-{way}")
    assert sideways(page) == []
    if way != "scriptless":  # axe-core is a script
        axe(page)


@pytest.mark.parametrize("name", SERVED)
def test_a_page_is_as_sound_where_it_is_served(
    public, served, browsing: Browsing, name: str
) -> None:
    page = browsing.page(served + address(public, name))
    page.wait_for_load_state("networkidle")
    shot(page, f"{name}-served")
    assert sideways(page) == []
    axe(page)


@pytest.mark.parametrize("name", TYPES)
def test_without_scripts_all_words_are_there(public, site, browsing: Browsing, name: str) -> None:
    where = site + address(public, name)
    with_, without = (browsing.page(where, scripts=on).locator("main") for on in (True, False))
    assert set(words(without.text_content())) <= set(words(with_.text_content()))
    assert len(words(without.inner_text())) > 10


def words(text: str | None) -> list[str]:
    return re.findall(r"\w+", text or "")


# --- what pages may load -----------------------------------------------------------------------

INLINE = """() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = 2">');
    const link = document.createElement('a');
    link.href = 'javascript:window.ran=3';
    document.body.append(link);
    link.click();
    return new Promise(done => setTimeout(() => done(window.ran ?? null), 300));
}"""

BEYOND = """host => {
    const image = new Image();
    image.src = host + '/image.png';
    const style = document.createElement('link');
    style.rel = 'stylesheet';
    style.href = host + '/style.css';
    const script = document.createElement('script');
    script.src = host + '/script.js';
    document.body.append(image, style, script);
    const asked = fetch(host + '/data.json').then(() => 'there', () => 'refused');
    return new Promise(done => setTimeout(() => done(asked), 300));
}"""

FRAME = """() => {
    const frame = document.createElement('iframe');
    frame.src = 'http://127.0.0.1:9/frame.html';
    document.body.append(frame);
    return new Promise(done => setTimeout(done, 300));
}"""


@pytest.mark.parametrize("host", ["site", "served"])
def test_the_policy_lets_nothing_foreign_in(request, browsing: Browsing, host: str) -> None:
    page = browsing.page(request.getfixturevalue(host) + TYPES["home"])
    assert browsing.complaints() == []
    assert page.evaluate(INLINE) is None
    inline = browsing.complaints()
    assert len(inline) in (3, 6), inline  # served, the header says it too
    assert all("violates the following Content Security Policy" in each for each in inline)
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        there = f"http://127.0.0.1:{foreign.getsockname()[1]}"
        assert page.evaluate(BEYOND, there) == "refused"
        assert untouched(foreign)
    beyond = browsing.complaints()
    for directive in ("img-src", "style-src", "script-src", "connect-src"):
        assert any(f'"{directive} ' in each for each in beyond), (directive, beyond)
    # The browser connects to where a frame leads before it looks at the policy, but asks nothing.
    page.evaluate(FRAME)
    assert any(
        each.startswith("error: Framing 'http://127.0.0.1") for each in browsing.complaints()
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a dump in which whatever can be hostile is."""
    root = tmp_path_factory.mktemp("hostile")
    world = World(root, seed=7, texts=400)
    pages = world.pages()
    for name, furnishing in furniture().items():
        written(root / name, furnishing.data())
    for path in world.paths():
        page = pages.page(path)
        if page is not None and not {"..", "."} & set(path.split("/")) and "//" not in path:
            written(root / f"{path or 'index'}.html", page.encode())
    return root


OURS = """[...document.scripts].every(s => s.type === 'application/ld+json' || s.src && !s.text)"""
"""Whether all scripts of a page are files beside it, but for data, which does not run."""


def written(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_whatever_a_dump_holds_nothing_of_it_runs(hostile: Path, browsing: Browsing) -> None:
    opened = 0
    with hosting(hostile, "/a/") as here:
        page = browsing.page(here)
        for kind in ("id", "article", "file/*", "claim", "fact", "conflict", "query", "."):
            for file in sorted(hostile.glob(f"{kind}/n*.html"))[:6] + sorted(
                hostile.glob(f"{kind}/[!n]*.html")
            ):
                page.goto(f"{here}{file.relative_to(hostile).as_posix()}".replace("%", "%25"))
                assert page.evaluate(OURS)
                opened += 1
    assert opened > 40


def test_what_a_hostile_folder_says_stays_words(folder: Folder, browsing: Browsing) -> None:
    name = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    for file in ("seeds/a.txt", "seeds/a.facts.yaml"):
        folder.replace(file, "Acme Works won the Golden Cog", f"{name} won the Golden Cog")
    folder.replace("seeds/a.facts.yaml", "name: Acme Works", f"name: {name!r}")
    folder.replace("seeds/a.facts.yaml", "    alias: Acme\n", "")
    public = folder.publish(pages=True)
    with hosting(public) as here:
        for path in ("index.html", "id/acme.html", "article/a.html"):
            page = browsing.page(here + path)
            page.wait_for_load_state("networkidle")
            assert name in page.locator("main").text_content()


# --- texts -------------------------------------------------------------------------------------


def test_a_browser_holds_each_article_as_it_is(public, site, browsing: Browsing) -> None:
    page = browsing.page(site)
    seeds = sorted((REPOSITORY / "seeds").glob("*.txt"))
    assert len(seeds) == 5
    for seed in seeds:
        page.goto(f"{site}article/{seed.stem}.html")
        page.wait_for_load_state("networkidle")
        text = page.locator(".text")
        assert text.evaluate("e => e.textContent") == seed.read_bytes().decode()
        # … and shows each line as a line.
        shown = text.evaluate("e => e.innerText").splitlines()
        assert shown == [line.rstrip() for line in seed.read_text("utf-8").splitlines()]


def test_overlapping_marks_change_no_word_in_a_browser(tmp_path: Path, browsing: Browsing) -> None:
    for seed in range(8):
        root = tmp_path / str(seed)
        world = World(root, seed=100 + seed, texts=4000)
        page = world.pages().page("article/whole")
        assert page is not None
        for name, furnishing in furniture().items():
            written(root / name, furnishing.data())
        written(root / "article/whole.html", page.encode())
        (file,) = (root / "file/whole").iterdir()
        with hosting(root) as here:
            opened = browsing.page(f"{here}article/whole.html")
            text = opened.locator(".text").evaluate("e => e.textContent")
            assert text == cleaned(file.read_bytes().decode())
            assert opened.locator(".text mark").count() > 50


# --- from triple to sentence -------------------------------------------------------------------

BOX = """e => {
    const boxes = [...e.getClientRects()];
    return {
        above: Math.min(...boxes.map(b => b.top)),
        below: innerHeight - Math.max(...boxes.map(b => b.bottom)),
    };
}"""


@pytest.mark.parametrize("way", ["light", "phone", "scriptless"])
def test_from_a_triple_to_its_sentence_and_back(site, browsing: Browsing, way: str) -> None:
    page = browsing.page(site + TYPES["conferral"], **WAYS[way])
    quote = page.locator("figure.quote:visible").filter(has_text="On November 28").first
    said = words(quote.locator("blockquote").text_content())
    quote.locator("cite a").click()
    page.wait_for_url(re.compile(r"/article/[^/]*\.html#char=\d+,\d+$"))

    lit = page.locator("mark:target")
    assert words(lit.text_content()) == said
    box = lit.evaluate(BOX)
    assert box["above"] >= 40, box
    assert box["below"] >= 40, box
    colour = "e => getComputedStyle(e).backgroundColor"
    assert lit.evaluate(colour) != page.locator("mark:not(:target)").last.evaluate(colour)

    # Whoever goes on by keyboard goes on from there.
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('mark:target').contains(document.activeElement)")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"#said-char=\d+,\d+$"))
    told = page.locator(":target")
    assert words(told.text_content())[: len(said)] == said
    assert told.evaluate(BOX)["above"] >= 0
    assert told.evaluate(BOX)["below"] >= 0

    fact = page.locator(".fact:has(:target)")
    fact.locator("a[href*='fact/']").first.click()
    page.wait_for_url(re.compile(r"/fact/.*\.html$"))
    assert set(said) <= set(words(page.locator("main").text_content()))
    page.go_back()
    page.locator(".fact:has(:target) a[href*='id/']").first.click()
    page.wait_for_url(re.compile(r"/id/.*\.html$"))


# --- by keyboard -------------------------------------------------------------------------------

FOCUSED = """() => {
    const e = document.activeElement;
    if (e === document.body) return null;
    const after = !window.last || !!(window.last.compareDocumentPosition(e) & 4);
    window.last = e;
    const style = getComputedStyle(e);
    const box = e.getClientRects()[0];
    return {
        what: e.outerHTML.slice(0, 100),
        after,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
        seen: !!box && box.bottom > 0 && box.top < innerHeight && box.right > 0,
        main: !!e.closest('main'),
    };
}"""


@pytest.mark.parametrize("name", TYPES)
def test_a_page_can_be_read_by_keyboard(public, site, browsing: Browsing, name: str) -> None:
    page = browsing.page(site + address(public, name), still=True)
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUSED)
    assert 'class="skip"' in first["what"], first
    assert first["seen"], "the skip link shows when it has the focus"
    assert first["ring"], first
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    found = page.evaluate(FOCUSED)
    assert found["main"], found
    for _ in range(80):
        assert found["after"], found
        assert found["ring"], found
        assert found["seen"], found
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            break


def test_the_tab_key_reaches_the_whole_page(public, site, browsing: Browsing) -> None:
    page = browsing.page(site + TYPES["saved-query"])
    reached = 0
    while True:
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) is None:
            break
        reached += 1
        assert reached < 500, "the focus is caught"
    links = page.locator("a[href]:visible, button:visible, summary:visible, input:visible")
    assert reached >= links.count()
