"""The query page in a browser: at kg serve, on a host of mere files, and without its script."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import zstandard
from browsing import PHONE, Browsing, axe, hosting, shot, sideways
from sample import REPOSITORY

from kg.asking.answers import write_answer
from kg.asking.published import Published
from kg.asking.sparql import Form, form, is_ordered
from kg.pages import Pages

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
CONSTRUCT = (
    "CONSTRUCT { ?c ?p ?o . ?o rdfs:label ?name }\n"
    "WHERE { ?c a kg:AwardConferral ; ?p ?o . OPTIONAL { ?o rdfs:label ?name } }"
)

# What would be saved is kept: of what is downloaded, browsers ask their makers whether it is safe.
KEPT = """() => {
    window.kept = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = blob => (window.kept.push(blob), make.call(URL, blob));
    HTMLAnchorElement.prototype.click = () => {};
}"""


@pytest.fixture(scope="module")
def published(public: Path) -> Published:
    return Published(public)


@pytest.fixture(params=["site", "served"])
def host(request: pytest.FixtureRequest) -> str:
    """The address of the dataset, once on a host of mere files, once at kg serve."""
    return request.getfixturevalue(request.param)


def asking(browsing: Browsing, host: str, query: str | None = None, **how: object) -> Page:
    """Open the page, with a query in its address, and wait until it is ready."""
    page = browsing.page(host + "sparql.html" + fragment(query), **how)
    page.wait_for_selector(".go:enabled")
    page.wait_for_selector(".cm-content")
    page.evaluate(KEPT)
    return page


def fragment(query: str | None) -> str:
    return "" if query is None else f"#query={quote(query, safe='')}"


def write(page: Page, query: str) -> None:
    """Put a query into the editor, as somebody does who pastes it."""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(query)


def run(page: Page) -> str:
    """Press the button, and return what is told when the query is done."""
    page.evaluate("document.querySelector('.status').textContent = ''")
    page.locator(".go").click()
    return told(page)


def told(page: Page) -> str:
    page.wait_for_selector(".cancel", state="hidden", timeout=60_000)
    status = page.locator(".status")
    until(page, lambda: status.inner_text() and not status.inner_text().endswith("…"))
    return status.inner_text()


def until(page: Page, reached: Callable[[], object]) -> None:
    """Wait until something is so; the page itself may run no text as a script, so we look."""
    for _ in range(600):
        if reached():
            return
        page.wait_for_timeout(50)
    raise AssertionError("nothing came of it in half a minute")


def saved_as(page: Page, name: str) -> str:
    """Save the answer in a format, and return what the file holds."""
    before = page.evaluate("window.kept.length")
    page.locator(".save button", has_text=re.compile(f"^{name}$")).click()
    until(page, lambda: page.evaluate("window.kept.length") > before)
    told(page)
    return page.evaluate("window.kept.at(-1).text()")


def expected(published: Published, query: str, format: str) -> str:
    """Return what `kg query --format` prints."""
    return "".join(write_answer(published, published.query(query), format))


def same(ours: str, theirs: str, *, ordered: bool) -> bool:
    if ordered:
        return ours == theirs
    (head, *rows), (other_head, *others) = ours.splitlines(), theirs.splitlines()
    return head == other_head and Counter(rows) == Counter(others)


def isomorphic(ours: str, theirs: str, kind: ox.RdfFormat) -> bool:
    datasets = []
    for text in (ours, theirs):
        dataset = ox.Dataset(ox.parse(text.encode(), format=kind))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
        datasets.append(dataset)
    return datasets[0] == datasets[1]


# --- answers -------------------------------------------------------------------------------------


SAVED = {path.stem: path.read_text("utf-8") for path in (REPOSITORY / "queries").glob("*.rq")}


def test_every_saved_query_gives_what_kg_query_gives(
    browsing: Browsing, site: str, published: Published
) -> None:
    page = asking(browsing, site)
    assert len(SAVED) > 80
    for name, text in sorted(SAVED.items()):
        page.locator(".find input").fill(name)
        page.locator(f'a[data-saved="{name}"]').click()
        page.wait_for_selector(f'a[aria-current][data-saved="{name}"]')
        said = run(page)
        if form(text) is Form.CONSTRUCT:
            theirs = expected(published, text, "ntriples")
            ours = saved_as(page, "N-Triples")
            assert isomorphic(ours, theirs, ox.RdfFormat.N_TRIPLES), name
            assert said.startswith(counted(len(theirs.splitlines()), "triple")), name
        elif form(text) is Form.ASK:
            assert saved_as(page, "CSV") == expected(published, text, "csv"), name
            word = {"true": "Yes", "false": "No"}[expected(published, text, "table").strip()]
            assert said.startswith(f"{word}, "), name
        else:
            theirs = expected(published, text, "csv")
            assert same(saved_as(page, "CSV"), theirs, ordered=is_ordered(text)), name
            rows = published.query(text)
            assert isinstance(rows, ox.QuerySolutions)
            assert said.startswith(counted(len(list(rows)), "row")), name


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}, "


QUERIES = {
    "columns of a star": "SELECT * { ?b rdfs:label ?a . ?b a kg:AwardConferral } ORDER BY ?a",
    "columns of a distinct star": "select distinct * { ?z a ?y } ORDER BY ?z ?y",
    "a star that is no star": 'SELECT ("*" AS ?x) (2 * 3 AS ?y) {}',
    "an IRI below the base": "SELECT ?p ?o { <id/xiaomi> ?p ?o } ORDER BY ?p ?o",
    "a prefix of its own": "PREFIX rdfs: <https://schema.org/>\n"
    "SELECT ?o { ?s rdfs:value ?o } ORDER BY ?o",
    "the graphs": "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g",
    "the default graph": "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?m) { ?s ?p ?o }",
    "one file beside": "SELECT (COUNT(*) AS ?n) FROM <data/queries.ttl> { ?s ?p ?o }",
    "nothing": "SELECT ?s ?t { ?s a :nothing ; rdfs:label ?t }",
    "words of all kinds": "SELECT * { VALUES (?a ?b ?c ?d) "
    '{ ("a,\\"b\\n😀" "贝尔"@zh 1.5 "x"^^:d) (UNDEF "<&>" true "2020"^^xsd:gYear) } }',
    "an escape": "SELECT ?o { <id/\\u0078iaomi> rdfs:label ?o }",
    "comments": "# ?z *\nSELECT # *\n * { ?y a kg:AwardConferral . ?y rdfs:label ?x } ORDER BY ?x",
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_any_query_gives_what_kg_query_gives(
    browsing: Browsing, host: str, published: Published, query: str
) -> None:
    page = asking(browsing, host, query)
    run(page)
    for name, format in {"CSV": "csv", "TSV": "tsv", "JSON": "json", "XML": "xml"}.items():
        ours, theirs = saved_as(page, name), expected(published, query, format)
        if format == "json":  # in the browser its keys have another order
            ours, theirs = json.loads(ours), json.loads(theirs)
        assert ours == theirs


@pytest.mark.parametrize("name", ["Turtle", "N-Triples", "JSON-LD"])
def test_a_graph_is_drawn_listed_and_saved(
    browsing: Browsing, host: str, published: Published, name: str
) -> None:
    page = asking(browsing, host, CONSTRUCT)
    theirs = expected(published, CONSTRUCT, "ntriples")
    count = len(theirs.splitlines())
    assert run(page).startswith(f"{count} triples, ")
    assert page.locator(".answer tbody tr").count() == count
    assert (
        page.locator(".drawing a", has_text="Xiaomi").first.get_attribute("href")
        == "./id/xiaomi.html"
    )
    kinds = {"Turtle": ox.RdfFormat.TURTLE, "JSON-LD": ox.RdfFormat.JSON_LD}
    kind = kinds.get(name, ox.RdfFormat.N_TRIPLES)
    ours = ox.serialize(
        ox.parse(saved_as(page, name).encode(), format=kind), format=ox.RdfFormat.N_TRIPLES
    )
    assert Counter((ours or b"").decode().splitlines()) == Counter(theirs.splitlines())


def test_a_description_is_a_graph(browsing: Browsing, host: str, published: Published) -> None:
    page = asking(browsing, host, "DESCRIBE :xiaomi")
    run(page)
    theirs = expected(published, "DESCRIBE :xiaomi", "ntriples")
    assert isomorphic(saved_as(page, "N-Triples"), theirs, ox.RdfFormat.N_TRIPLES)


@pytest.mark.parametrize(
    ("query", "word"), [("ASK { :xiaomi ?p ?o }", "Yes"), ("ASK { :nobody ?p ?o }", "No")]
)
def test_yes_or_no(browsing: Browsing, host: str, query: str, word: str) -> None:
    page = asking(browsing, host, query)
    assert run(page).startswith(f"{word}, ")
    assert page.locator(".verdict").inner_text() == word


def test_many_rows_are_shown_by_and_by(browsing: Browsing, host: str, published: Published) -> None:
    query = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 900"
    page = asking(browsing, host, query)
    assert run(page).startswith("900 rows, ")
    rows, more = page.locator(".answer tbody tr"), page.locator(".table + button")
    assert (rows.count(), more.inner_text()) == (200, "Show 200 more of 700")
    for _ in range(4):
        more.click()
    assert rows.count() == 900
    assert more.is_hidden()
    assert len(saved_as(page, "CSV").splitlines()) == len(
        expected(published, query, "csv").splitlines()
    )


def test_terms_are_shown_as_what_they_are(browsing: Browsing, host: str) -> None:
    query = """SELECT ?x { VALUES ?x {
        :xiaomi <https://example.org/a?b=c> "two\\nlines" "贝尔"@zh 5
        <javascript:alert(1)> <urn:x:y> <data/kg.ttl>
        <file/001_cdd093466ecbe478/65126b6b5e8d#char=68,182&selector=quote> <> UNDEF
    } }"""
    page = asking(browsing, host, query)
    assert run(page).startswith("11 rows, ")
    cells = page.locator(".answer td")
    page.wait_for_selector(".answer td small >> text=Xiaomi")
    found = [
        (
            cell.inner_text().strip(),
            cell.locator("a").get_attribute("href") if cell.locator("a").count() else None,
        )
        for cell in cells.all()
    ]
    assert found == [
        (":xiaomi\nXiaomi", "./id/xiaomi.html"),
        ("<https://example.org/a?b=c>", "https://example.org/a?b=c"),
        ("two\nlines", None),
        ("贝尔 zh", None),
        ("5 xsd:integer", None),
        ("<javascript:alert(1)>", None),
        ("<urn:x:y>", None),
        ("<data/kg.ttl>", "./data/kg.ttl"),
        (found[8][0], "./file/001_cdd093466ecbe478/65126b6b5e8d.html#char=68,182"),
        (found[9][0], "./index.html"),
        ("", None),
    ]
    page.locator(".answer td a").first.click()
    page.wait_for_url("**/id/xiaomi.html")


def test_claims_are_found_on_the_pages_of_their_facts(browsing: Browsing, host: str) -> None:
    query = (
        "CONSTRUCT { ?claim rdf:subject ?thing } WHERE { ?claim rdf:subject ?thing ; kg:fact ?fact "
        "FILTER (?thing = :xiaomi) } ORDER BY ?claim LIMIT 3"
    )
    page = asking(browsing, host, query)
    run(page)
    links = page.locator('.answer td a[href^="./fact/"], .answer svg a[href^="./fact/"]')
    until(page, lambda: links.count() == 6)
    links.nth(5).click()
    page.wait_for_selector(":target")
    assert "#claim=" in page.url


def test_a_link_of_an_answer_leads_to_words_in_their_text(browsing: Browsing, host: str) -> None:
    page = asking(browsing, host, "SELECT ?span { ?span a oa:SpecificResource } LIMIT 1")
    run(page)
    page.locator(".answer td a").click()
    page.wait_for_selector("mark:target")
    assert "#char=" in page.url
    assert page.locator("mark:target").first.inner_text().strip()


# --- what goes wrong -----------------------------------------------------------------------------

BROKEN = {
    "SELECT * {\n  ?s kg:recipient ,:xiaomi .\n}": r"Line 2, column \d+: the syntax is broken",
    "SELECT * { ?s rdfs:label ?o ": r"Line 1, column 29: the syntax is broken",
    "SELECT *\n{ :xiaomi what:ever ?o }": r"Line 2, column \d+: the prefix here is not known",
    "SELECT ?x { BIND(1 AS ?y) BIND(2 AS ?y) }": r"Line 1, column \d+: .*",
    "SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }": r".*SERVICE|.*service",
    "DROP ALL": r".*",
}


@pytest.mark.parametrize("query", BROKEN)
def test_what_is_wrong_is_told_at_its_place(browsing: Browsing, host: str, query: str) -> None:
    page = asking(browsing, host, query)
    said = run(page)
    assert re.match(BROKEN[query], said), said
    assert page.locator(".status.failed").is_visible()
    assert page.locator(".answer").is_hidden()
    if said.startswith("Line"):
        assert page.locator(".cm-lintRange-error").count() == 1
    write(page, "ASK {}")
    assert page.locator(".cm-lintRange-error").count() == 0
    assert run(page).startswith("Yes, ")
    assert page.locator(".status.failed").count() == 0
    # An endpoint says by its status that it refuses, which browsers call an error.
    complaints = browsing.complaints()
    assert all("400" in complaint for complaint in complaints), complaints


def test_places_are_the_same_on_both_hosts(browsing: Browsing, site: str, served: str) -> None:
    for query in BROKEN:
        if "SERVICE" not in query and "DROP" not in query:
            said = [run(asking(browsing, host, query)) for host in (site, served)]
            assert said[0] == said[1], query
    browsing.complaints()


def test_what_breaks_the_engine_can_be_asked_again(browsing: Browsing, site: str) -> None:
    page = asking(browsing, site, f"SELECT * {{ FILTER ({'(' * 100_000}1{')' * 100_000}) }}")
    assert "nests too deeply" in run(page)
    write(page, "ASK {}")
    assert run(page).startswith("Yes, ")


def test_compressed_dumps_are_unpacked(browsing: Browsing, public: Path, tmp_path: Path) -> None:
    out = tmp_path / "public"
    for folder in ("data", "assets", "queries", "ontology"):
        shutil.copytree(public / folder, out / folder)
    trig = (out / "data/kg.trig").read_bytes()
    half = len(trig) // 2
    packed = b"".join(zstandard.compress(part) for part in (trig[:half], trig[half:]))
    (out / "data/kg.trig.zst").write_bytes(packed)
    (out / "data/kg.trig").unlink()
    (out / "sparql.html").write_text(Pages(Published(out)).page("sparql") or "", "utf-8")
    query = QUERIES["the graphs"]
    with hosting(out) as host:
        page = asking(browsing, host, query)
        run(page)
        assert saved_as(page, "CSV") == expected(Published(public), query, "csv")


def test_a_file_that_is_gone_is_told(browsing: Browsing, site: str) -> None:
    page = asking(browsing, site, "ASK {}")
    page.route("**/kg.trig", lambda route: route.fulfill(status=404))
    assert "data/kg.trig cannot be had (404)" in run(page)
    page.unroute("**/kg.trig")
    assert run(page).startswith("Yes, ")
    complaints = browsing.complaints()
    assert any("404" in complaint for complaint in complaints)
    assert all("kg.trig" in complaint for complaint in complaints), complaints


# --- what is downloaded, and cancelled -----------------------------------------------------------


def heard(page: Page) -> list[str]:
    """Return the list to which the names of all files are added that are asked for from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url.rpartition("/")[2]))
    return found


def test_nothing_large_is_downloaded_before_it_is_wanted(
    browsing: Browsing, site: str, public: Path
) -> None:
    page = browsing.page(site + "index.html")
    page.wait_for_load_state("networkidle")
    asked = heard(page)
    page.goto(site + "sparql.html")
    page.wait_for_selector(".cost >> text=Downloads")
    assert not {name for name in asked if name.endswith((".trig", ".ttl", ".gz", ".nq", ".rq"))}
    files = (
        "assets/engine.wasm.gz",
        "data/kg.trig",
        "data/dcat.ttl",
        "data/queries.ttl",
        "data/links.ttl",
    )
    size = sum((public / file).stat().st_size for file in files)
    assert f"Downloads {size / 1e6:.1f} MB once" in page.locator(".cost").inner_text()
    asked.clear()
    run(page)
    assert Counter(asked) >= Counter(file.rpartition("/")[2] for file in files)
    assert page.locator(".cost").inner_text() == ""
    asked.clear()
    run(page)
    assert not asked, "what was downloaded once is kept"


def test_the_endpoint_is_asked_where_there_is_one(browsing: Browsing, served: str) -> None:
    page = asking(browsing, served, "ASK {}")
    asked = heard(page)
    assert "by the endpoint" in run(page)
    assert asked == ["sparql"]


def test_a_download_can_be_cancelled(browsing: Browsing, site: str) -> None:
    page = asking(browsing, site, "ASK {}")
    page.route("**/kg.trig", lambda route: None)
    page.locator(".go").click()
    page.wait_for_selector(".cost >> text=Downloading")
    assert page.locator("progress").is_visible()
    page.locator(".cancel").click()
    assert told(page) == "Cancelled."
    assert page.locator("progress").is_hidden()
    page.unroute("**/kg.trig")
    assert run(page).startswith("Yes, ")
    complaints = browsing.complaints()
    assert all("ERR_ABORTED" in complaint for complaint in complaints), complaints


def test_a_query_that_does_not_end_can_be_cancelled(browsing: Browsing, host: str) -> None:
    page = asking(browsing, host, "ASK {}")
    run(page)
    asked = heard(page)
    write(page, ENDLESS)
    page.locator(".go").click()
    page.wait_for_timeout(1000)
    assert page.locator(".status").inner_text() == "Answering …"
    page.locator(".cancel").focus()
    page.keyboard.press("Enter")
    assert told(page) == "Cancelled."
    assert page.evaluate("document.activeElement.className") == "go", "focus is not lost"
    write(page, "ASK {}")
    assert run(page).startswith("Yes, ")
    assert not {name for name in asked if name.endswith((".trig", ".gz"))}
    complaints = browsing.complaints()
    assert all("ERR_ABORTED" in complaint for complaint in complaints), complaints


def test_much_is_downloaded_only_when_it_is_confirmed(browsing: Browsing, site: str) -> None:
    page = browsing.page(site + "index.html")
    page.wait_for_load_state("networkidle")

    def large(route) -> None:
        response = route.fetch()
        route.fulfill(
            response=response,
            body=re.sub(r'data-bytes="\d{7,}"', 'data-bytes="987654321"', response.text()),
        )

    page.route("**/sparql.html", large)
    page.goto(site + "sparql.html#query=ASK%20%7B%7D")
    page.wait_for_selector(".cost >> text=Downloads")
    asked = heard(page)
    page.locator(".go").click()
    page.wait_for_timeout(300)
    assert not asked
    (complaint,) = browsing.complaints()
    assert re.match(r"a dialog: This downloads [\d,.]+ MB into your browser\. Go on\?", complaint)


# --- writing -------------------------------------------------------------------------------------


def offers(page: Page, name: str) -> bool:
    """Whether a name comes to be the first of those that are offered."""
    first = page.locator(".cm-tooltip-autocomplete li .cm-completionLabel").first
    until(page, lambda: first.is_visible() and first.inner_text() == name)
    page.wait_for_timeout(200)  # what comes up is not taken by a key that was meant otherwise
    return True


def test_names_of_the_dataset_are_completed(browsing: Browsing, host: str) -> None:
    page = asking(browsing, host, "")
    page.locator(".cm-content").focus()
    page.keyboard.type("selec")
    assert offers(page, "SELECT")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?who { ?conf kg:recip")
    assert offers(page, "kg:recipient")
    assert "gives" in page.locator(".cm-completionInfo").inner_text()
    page.keyboard.press("Enter")
    page.keyboard.type(" Xiaom")
    assert offers(page, ":xiaomi")
    assert "Xiaomi · " in page.locator(".cm-completionDetail").first.inner_text()
    page.keyboard.press("Enter")
    page.keyboard.type(" ?")
    assert offers(page, "?who")
    page.keyboard.press("Escape")
    page.keyboard.type("w . # xiao")
    page.wait_for_timeout(500)
    assert page.locator(".cm-tooltip-autocomplete").count() == 0, "not in a comment"
    text = page.locator(".cm-content").inner_text()
    assert text == "SELECT ?who { ?conf kg:recipient :xiaomi ?w . # xiao}"


def test_all_can_be_done_by_keyboard(browsing: Browsing, host: str) -> None:
    page = asking(browsing, host, "ASK {}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # skips to the content
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("""() => {
            const deep = e => e.shadowRoot?.activeElement ? deep(e.shadowRoot.activeElement) : e;
            const e = deep(document.activeElement);
            return e.className || e.type || e.tagName;
        }""")
        )
    assert "cm-content" in seen[0]
    assert seen[1] == "go"
    assert "search" in seen
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+Enter")
    assert told(page).startswith("Yes, ")


def test_focus_is_seen(browsing: Browsing, site: str) -> None:
    page = asking(browsing, site, "ASK {}")
    run(page)
    outline = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    for selector in (".go", ".find input", ".saved summary", ".saved a", ".save button"):
        element = page.locator(selector).first
        page.keyboard.press("Tab")
        element.focus()
        assert element.evaluate(outline) == "solid2px", selector
    page.locator(".cm-content").focus()
    assert page.locator(".editor").evaluate(outline) == "solid2px"


def test_a_saved_query_has_an_address(browsing: Browsing, host: str) -> None:
    page = asking(browsing, host)
    page.locator(".find input").fill("which grades")
    assert page.locator(".saved li:visible").count() == 1
    page.locator(".saved li:visible a").click()
    page.wait_for_url("**/sparql.html?saved=award-grades")
    page.reload()
    page.wait_for_selector(".cm-content >> text=AwardConferral")
    title = SAVED["award-grades"].partition("\n")[0].removeprefix("# ")
    assert page.locator("label[for=query]").inner_text() == title
    run(page)
    assert page.url.endswith("?saved=award-grades"), "it is still this query"
    write(page, "ASK {}")
    run(page)
    assert page.url.endswith("sparql.html#query=ASK%20%7B%7D")
    page.reload()
    page.wait_for_selector(".cm-content >> text=ASK {}")
    page.go_back()


def test_a_name_that_is_not_saved_is_told(browsing: Browsing, site: str) -> None:
    page = browsing.page(site + "sparql.html?saved=nothing")
    page.wait_for_selector(".status >> text=No query is saved under this name.")
    assert page.locator(".answer").is_hidden()


# --- how it looks --------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_it_is_sound_in_every_state(browsing: Browsing, site: str, width: int, dark: bool) -> None:
    way = f"{'phone' if width == PHONE else 'wide'}-{'dark' if dark else 'light'}"
    page = asking(browsing, site, CONSTRUCT, width=width, dark=dark, still=True)
    states: dict[str, Callable[[], object]] = {
        "begun": lambda: None,
        "graph": lambda: run(page),
        "table": lambda: (write(page, QUERIES["an IRI below the base"]), run(page)),
        "wrong": lambda: (write(page, next(iter(BROKEN))), run(page)),
    }
    for name, reach in states.items():
        reach()
        axe(page)
        assert sideways(page) == []
        shot(page, f"query-{name}-{way}")


def test_no_style_is_written_into_the_page(browsing: Browsing, site: str) -> None:
    page = asking(browsing, site, "SELECT * { ?s kg:rec }")
    run(page)
    policy = page.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content") or ""
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy
    assert "unsafe-inline" not in policy
    assert page.locator("style").count() == 0


# --- without a script ----------------------------------------------------------------------------


def test_without_a_script_the_endpoint_answers_the_form(browsing: Browsing, served: str) -> None:
    page = browsing.page(served + "sparql", scripts=False)
    assert page.locator("#query").is_visible()
    assert page.locator(".editor, .cancel, progress, .find").locator("visible=true").count() == 0
    axe_free = page.locator(".answer")
    assert axe_free.is_hidden()
    page.locator('a[data-saved="award-grades"]').evaluate(
        "e => e.closest('details').open = true"
    ) if False else None
    page.goto(served + "sparql.html?saved=award-grades")
    assert "AwardConferral" in page.locator("#query").input_value()
    page.locator("select").select_option("json")
    page.locator(".go").click()
    page.wait_for_load_state()
    assert "/sparql?query=" in page.url
    assert "first prize" in page.content()
    assert all("favicon" in complaint for complaint in browsing.complaints())  # it is no page


def test_without_a_script_mere_files_say_what_to_do(browsing: Browsing, site: str) -> None:
    page = browsing.page(site + "sparql.html", scripts=False)
    words = page.locator(".plain >> text=On a host of mere files nobody answers there")
    assert words.is_visible()
    words.locator("a").click()
    assert page.url.endswith("#files")
    assert page.locator(".files a").first.get_attribute("href") == "./data/kg.trig"
