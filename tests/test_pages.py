"""Pages: each value beside the sentence that says it, each link to something that is there."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pyoxigraph as ox
import pytest
from sample import Folder, tree

from kg.asking.published import Published
from kg.iris import segment
from kg.links import Links
from kg.pages import DOCUMENTS, Pages
from kg.pages.furniture import furniture

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="session")
def pages(public: Path) -> Pages:
    return Pages(Published(public))


def published(folder: Folder) -> Pages:
    """Build a folder in its `public`, and return its pages."""
    return Pages(Published(folder.publish()))


def parsed(page: str | None):
    assert page is not None
    parser = html5lib.HTMLParser()
    document = parser.parse(page)
    # CR can only be written as a reference; HTML calls that an error, and reads it as it is meant.
    errors = {code for _, code, _ in parser.errors}
    assert errors <= {"illegal-codepoint-for-numeric-entity"}
    return document


def words(element) -> str:
    return "".join(element.itertext())


def by_class(document, name: str) -> list:
    return [e for e in document.iter() if name in e.get("class", "").split()]


def hrefs(document) -> list[str]:
    return [e.get("href") for e in document.iter() if e.get("href") is not None]


# --- what pages show ---------------------------------------------------------------------------


def test_the_page_of_a_thing_shows_every_value_with_its_sentence(pages: Pages) -> None:
    document = parsed(pages.page("id/xiaomi-china-quality-technology-award-2018"))
    (title,) = document.iter(f"{XHTML}h1")
    assert words(title) == "China Quality Technology Award 2018 to Xiaomi"
    assert "https://w3id.org/kgpress/quality-awards/id/xiaomi-china" in words(document)
    (row,) = (
        r for r in by_class(document, "row") if words(r.find(f"{XHTML}dt")).strip() == "grade"
    )
    (value,) = by_class(row, "value")
    quotes = list(value.iter(f"{XHTML}blockquote"))
    assert len(quotes) == 2
    assert "won the first prize" in words(quotes[1])
    assert [words(b) for b in quotes[1].iter(f"{XHTML}b")] == ["first prize"]
    assert "../article/001_cdd093466ecbe478.html#char=68,182" in hrefs(value)
    (lang,) = {e.get("lang") for e in value.iter(f"{XHTML}bdi") if words(e) == "first prize"}
    assert lang == "en"


def test_what_is_not_asserted_stands_apart(pages: Pages) -> None:
    document = parsed(pages.page("id/xiaomi"))
    (recorded,) = by_class(document, "recorded")
    assert "said by Lei Jun" in words(recorded)
    assert "high-tech company" in words(recorded)
    said = document.find(f".//{XHTML}h2[@id='said']/..")
    assert "high-tech company" not in words(said)


def test_all_quotes_are_there_and_several_sources_are_counted(pages: Pages) -> None:
    store = pages.published.store
    node = ox.NamedNode(pages.published.base + "id/xiaomi")
    query = """
        SELECT DISTINCT ?exact ?node WHERE { ?claim rdf:subject ?node ;
          prov:wasDerivedFrom/oa:hasSelector/oa:exact ?exact }
    """
    found = store.query(
        query,
        prefixes=dict(pages.published.prefixes),
        substitutions={ox.Variable("node"): node},
    )
    quotes = {row["exact"].value for row in found}
    assert len(quotes) >= 10
    document = parsed(pages.page("id/xiaomi"))
    assert quotes <= {words(q) for q in document.iter(f"{XHTML}blockquote")}
    assert "3 quotes in 3 articles" in [words(s) for s in document.iter(f"{XHTML}summary")]


def test_the_page_of_a_conflict_has_both_sides(pages: Pages) -> None:
    store = pages.published.store
    kind = ox.NamedNode("https://w3id.org/kgpress/ns#Conflict")
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    conflicts = {q.subject.value for q in store.quads_for_pattern(None, rdf_type, kind, None)}
    assert len(conflicts) == 8
    for iri in conflicts:
        path = iri.removeprefix(pages.published.base)
        document = parsed(pages.page(path))
        section = document.find(f".//{XHTML}h2[@id='claims']/..")
        assert len(by_class(section, "value")) > 1
        about = [h for h in hrefs(section) if h.startswith("../id/")]
        other = parsed(pages.page(unquote(about[0]).removeprefix("../").removesuffix(".html")))
        assert f"../{path}.html" in hrefs(other)


def test_the_first_page_says_what_there_is_and_how_to_get_it(pages: Pages) -> None:
    document = parsed(pages.page(""))
    text = " ".join(words(document).split())
    assert "5 articles" in text
    assert "398 facts" in text
    assert "1,981 claims" in text
    found = set(hrefs(document))
    assert {"./data/kg.ttl", "./data/kg.nq", "./data/dcat.ttl", "./sparql.html"} <= found
    assert "./query/award-grades.html" in hrefs(document)
    assert "CC0 1.0 Universal" in text


def test_the_first_page_says_how_far_the_data_can_be_trusted(pages: Pages, public: Path) -> None:
    text = " ".join(words(parsed(pages.page(""))).split())
    described = (public / "data/dcat.ttl").read_text("utf-8")
    found = dict(re.findall(r"kg:(\w+)ClaimCount (\d+) ;", described))
    kinds = ("verbatim", "normalised", "inferred", "structural")
    whole = sum(int(found[kind]) for kind in kinds)
    for kind in kinds:
        assert f"{100 * int(found[kind]) / whole:.1f} % {kind} ({int(found[kind]):,};" in text
    told = json.loads((public / "data/coverage.json").read_bytes())["articles"]
    statuses = [sentence["status"] for article in told for sentence in article["sentences"]]
    assert f"behind facts ({statuses.count('covered')};" in text
    assert f"declared ({statuses.count('nothing-here')};" in text
    assert "Where sources differ" in text
    assert "all shapes hold" in text


def test_a_saved_query_can_be_read_and_run(pages: Pages) -> None:
    document = parsed(pages.page("query/award-grades"))
    (run,) = (h for h in hrefs(document) if h.startswith("../sparql.html#query="))
    assert unquote(run.removeprefix("../sparql.html#query=")) in words(document)


def test_there_is_no_page_of_what_nobody_mentions(pages: Pages) -> None:
    for path in (
        *("id/nobody", "id/", "id", "article/../id/xiaomi", "id/xiaomi#x", "id/xiaomi?x", "/"),
        *("id/xiaomi\n", "id/\ud800", "data/kg.ttl", "id//xiaomi", "\\", "id/ xiaomi", "%"),
    ):
        assert pages.page(path) is None, path


def test_pages_are_the_same_whenever_they_are_made(pages: Pages, public: Path) -> None:
    again = Pages(Published(public))
    for path in ("", "id/xiaomi", "article/001_cdd093466ecbe478", "query/awards", "terms"):
        assert pages.page(path) == again.page(path)


# --- links -------------------------------------------------------------------------------------


def crawl(pages: Pages) -> dict[str, tuple[set[str], set[tuple[str, str]]]]:
    """Follow all links from the first page: by path, the ids of a page and where it links to."""
    found: dict[str, tuple[set[str], set[tuple[str, str]]]] = {}
    todo = ["index"]
    seen = {*todo}
    while todo:
        path = todo.pop()
        page = pages.page("" if path == "index" else path)
        assert page is not None, path
        ids = re.findall(r'\bid="([^"]*)"', page)
        assert len(ids) == len(set(ids)), path
        led = set()
        for href in re.findall(r'\bhref="([^"]*)"', page):
            if re.match("https?://|mailto:|data:image/svg", href):
                continue
            target, _, fragment = href.partition("#")
            target = target.partition("?")[0]
            target = posixpath.join(posixpath.dirname(path), target or posixpath.basename(path))
            target = "/".join(
                segment(unquote(part)) for part in posixpath.normpath(target).split("/")
            )
            led.add((target, unquote(fragment)))
            name = target.removesuffix(".html")
            if target.endswith(".html") and name not in seen:
                seen.add(name)
                todo.append(name)
        found[path] = set(ids), led
    return found


def missing(pages: Pages, public: Path, least: int) -> list[tuple[str, str, str]]:
    """Return the links that lead nowhere, of at least so many pages of all sorts."""
    found = crawl(pages)
    files = tree(public)
    assert len(found) > least
    assert {path.partition("/")[0] for path in found} >= {
        *("index", "id", "article", "fact", "file", "conflict", "query"),
    }
    missing = []
    for path, (ids, led) in found.items():
        for target, fragment in led:
            name, dot, suffix = target.rpartition(".")
            if dot and suffix == "html":
                there = not fragment or fragment in (found[name][0] if name != path else ids)
                there |= name == "sparql" and fragment.startswith("query=")
            elif suffix in ("ttl", "jsonld", "nt") and target not in (*files, *DOCUMENTS):
                there = name == path  # the data of the page itself
            else:
                made = target == path or target in ("sparql", *DOCUMENTS, *furniture())
                there = (made or target in files) and (
                    not fragment or target.startswith("data/") or fragment in ids
                )
            missing += [] if there else [(path, target, fragment)]
    return missing


@pytest.mark.slow
def test_every_link_leads_somewhere(pages: Pages, public: Path) -> None:
    assert missing(pages, public, 700) == []


def test_every_link_of_a_small_dataset_leads_somewhere(folder: Folder) -> None:
    later = "Acme wins again\n\nThe Golden Cog was established in 1998.\n"
    folder.write("seeds/b.txt", later)
    header = "article: {title: Acme wins again, language: en, quote: Acme wins again}\n"
    fact = "award: golden-cog, established: 1998, quote: The Golden Cog was established in 1998."
    folder.write("seeds/b.facts.yaml", f"{header}facts:\n  - {{{fact}}}\n")
    folder.write(
        "queries/who.rq", "# Who won?\nSELECT ?who { ?what kg:recipient ?who } ORDER BY ?who\n"
    )
    assert missing(published(folder), folder.root / "public", 35) == []


def test_names_of_any_script_and_encoded_ones_lead_to_their_pages(folder: Folder) -> None:
    folder.write("seeds/a b%é.txt", (folder.root / "seeds/a.txt").read_bytes())
    folder.write("seeds/a b%é.facts.yaml", (folder.root / "seeds/a.facts.yaml").read_bytes())
    folder.facts("person: 贝尔\nname: Jo Bell\nquote: Jo Bell, head of Acme Works")
    pages = published(folder)
    found = crawl(pages)
    assert "article/a%20b%25é" in found
    assert "id/贝尔" in found
    assert Links(pages.nodes, "id/acme").to("article/a%20b%25é") == (
        "../article/a%20b%25%C3%A9.html"
    )
    assert list((folder.root / "public/file/a b%é").glob("*.txt"))
    text = by_class(parsed(pages.page("article/a%20b%25é")), "text")[0]
    assert words(text) == (folder.root / "seeds/a.txt").read_text("utf-8")


def test_many_incoming_links_are_counted_and_capped(folder: Folder) -> None:
    folder.facts(
        *(
            f"observation: o{n}\nabout: acme\ntext: Acme has 1,200 workers\n"
            f"quote: Acme has 1,200 workers."
            for n in range(130)
        )
    )
    document = parsed(published(folder).page("id/acme"))
    section = document.find(f".//{XHTML}h2[@id='incoming']/..")
    assert "131" in words(section.find(f"{XHTML}h2"))
    assert len(by_class(section, "row")) <= 100
    assert "The first 100 are shown" in words(section)


def test_pages_do_without_coverage_and_queries(folder: Folder) -> None:
    pages = published(folder)
    (folder.root / "public/data/links.ttl").unlink()
    (folder.root / "public/data/coverage.json").write_text(json.dumps({"articles": [7]}))
    assert "Acme Works" in (pages.page("article/a") or "")
    assert pages.page("") is not None
