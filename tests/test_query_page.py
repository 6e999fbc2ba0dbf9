"""The query page as it is written: the same everywhere, and all that its script needs is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import html5lib
import pyoxigraph as ox
import pytest
from sample import Folder
from serving import Server, serving
from test_pages_hostile import World

from kg.asking.published import Published
from kg.pages import DOCUMENTS, Pages, form, terms
from kg.pages.furniture import furniture
from kg.pages.terms import TERMS

XHTML = "{http://www.w3.org/1999/xhtml}"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(scope="module")
def pages(public: Path) -> Pages:
    return Pages(Published(public))


@pytest.fixture(scope="module")
def server(public: Path) -> Iterator[Server]:
    with serving(public) as running:
        yield running


def parsed(text: str):
    parser = html5lib.HTMLParser()
    document = parser.parse(text)
    assert parser.errors == []
    return document


def by_class(document, name: str) -> list:
    return [e for e in document.iter() if name in e.get("class", "").split()]


def read(data: bytes) -> list[list[str]]:
    found = json.loads(data)
    assert data.count(b"\n") == len(found) + 2, "a term has a line of its own"
    return found


# --- what the editor completes -----------------------------------------------------------------


def test_every_term_can_be_written_in_a_query_and_is_known(pages: Pages) -> None:
    published = pages.published
    found = read(terms.terms(pages.nodes))
    assert all(len(term) == 4 and all(isinstance(part, str) for part in term) for term in found)
    names = [name for name, *_ in found]
    assert len(names) == len(set(names))
    answer = published.query(f"SELECT ?x {{ VALUES ?x {{ {' '.join(names)} }} }}")
    assert isinstance(answer, ox.QuerySolutions)
    iris = [row["x"] for row in answer]
    assert len(iris) == len(names)
    for (name, kind, label, note), iri in zip(found, iris, strict=True):
        assert isinstance(iri, ox.NamedNode)
        if kind == "thing":
            assert name.startswith(":")
            assert pages.nodes.known(iri)
            assert label == pages.nodes.label(iri).value[: terms.LONGEST]
            assert note, f"{name} has no class"
        else:
            assert label == published.vocabulary.label(iri)
            assert note[:200] == published.vocabulary.definitions.get(iri, "")[:200]
    told = {name: (kind, label) for name, kind, label, _ in found}
    assert told[":xiaomi"] == ("thing", "Xiaomi")
    assert told["kg:recipient"][0] == "property"
    assert told["kg:AwardConferral"][0] == "class"
    assert told["kg:Verbatim"][0] == "concept"


def test_every_term_of_the_ontology_that_has_a_short_name_is_there(pages: Pages) -> None:
    names = {name for name, *_ in read(terms.terms(pages.nodes))}
    own = f"{pages.published.prefixes['kg']}"
    ours = {t.value.removeprefix(own) for t in pages.published.vocabulary.labels if own in t.value}
    assert ours
    assert {f"kg:{name}" for name in ours} <= names


def test_of_many_things_the_most_used_are_told(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [term for term in read(terms.terms(pages.nodes)) if term[1] == "thing"]
    few = terms._MOST_USED.replace(f"LIMIT {terms.THINGS}", "LIMIT 5")
    assert few != terms._MOST_USED
    monkeypatch.setattr(terms, "_MOST_USED", few)
    assert [t for t in read(terms.terms(pages.nodes)) if t[1] == "thing"] == whole[:5]
    count = "SELECT (COUNT(*) AS ?n) { ?claim rdf:subject|rdf:object %s }"
    used = [
        int(next(iter(pages.published.query(count % name)))["n"].value) for name, *_ in whole[:40]
    ]
    assert used == sorted(used, reverse=True)
    assert used[0] > used[-1]


def test_long_definitions_are_cut(folder: Folder) -> None:
    folder.write(
        "ontology/own.ttl",
        "@prefix own: <https://example.org/own#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        'own:cogs a owl:DatatypeProperty ; rdfs:label "cogs"@en ;\n'
        f'    skos:definition "{"word " * 500}"@en .\n',
    )
    found = read(terms.terms(Pages(Published(folder.publish())).nodes))
    assert [":acme", "thing", "Acme Works", "organisation"] in found
    (cogs,) = [term for term in found if term[0] == "own:cogs"]
    assert cogs == ["own:cogs", "property", "cogs", f"{('word ' * 500)[: terms.LONGEST]}…"]


# --- the page -----------------------------------------------------------------------------------


def test_the_page_names_what_its_script_needs(pages: Pages, public: Path) -> None:
    document = parsed(pages.page("sparql") or "")
    (asking,) = by_class(document, "query")
    here = public / "sparql.html"
    engine = (here.parent / asking.get("data-engine")).resolve()
    assert engine.read_bytes() == furniture()["assets/engine.wasm.gz"].data()
    assert int(asking.get("data-bytes")) == engine.stat().st_size
    (files,) = by_class(document, "files")
    links = list(files.iter(f"{XHTML}a"))
    assert [link.text for link in links] == ["kg.trig", "dcat.ttl", "queries.ttl", "links.ttl"]
    for link in links:
        assert int(link.get("data-bytes")) == (public / link.get("href")).stat().st_size
    (known,) = by_class(document, "prefixes")
    found = zip(known.iter(f"{XHTML}dt"), known.iter(f"{XHTML}dd"), strict=True)
    told = {"".join(a.itertext()).removesuffix(":"): "".join(b.itertext()) for a, b in found}
    assert told == pages.published.prefixes
    assert asking.get("data-base") == pages.nodes.base
    assert (public / asking.get("data-terms")).read_bytes() == terms.terms(pages.nodes)
    scripts = [e.get("src") for e in document.iter(f"{XHTML}script")]
    assert "./assets/query.js" in scripts


def test_the_graphs_of_the_files_are_those_of_kg_query(pages: Pages) -> None:
    data = pages.published.out / "data"
    merged = {(q.subject, q.predicate, q.object) for q in ox.parse(path=str(data / "kg.ttl"))}
    quads = list(ox.parse(path=str(data / "kg.trig")))
    assert {(q.subject, q.predicate, q.object) for q in quads} == merged
    assert all(isinstance(q.graph_name, ox.NamedNode) for q in quads)
    assert set(map(str, quads)) == set(map(str, ox.parse(path=str(data / "kg.nq"))))


def test_every_saved_query_has_one_link_and_its_file(pages: Pages, public: Path) -> None:
    document = parsed(pages.page("sparql") or "")
    links = [e for e in document.iter(f"{XHTML}a") if e.get("data-saved") is not None]
    queries = {query.name: query for query in pages.published.queries}
    assert sorted(link.get("data-saved") for link in links) == sorted(queries)
    for link in links:
        query = queries[link.get("data-saved")]
        assert "".join(link.itertext()) == query.title
        target = urlsplit(link.get("href"))
        assert (target.path, parse_qs(target.query)) == ("./sparql.html", {"saved": [query.name]})
        assert (public / f"queries/{query.name}.rq").read_text("utf-8") == query.text
    groups = list(document.iter(f"{XHTML}summary"))
    assert "award 18" in ["".join(group.itertext()) for group in groups]


def test_few_saved_queries_are_one_list() -> None:
    few = {f"{word}-a": form.Saved(word, "") for word in "bac"}
    assert form._groups(few) == {"": few}
    many = {f"x-{number}": form.Saved(str(number), "") for number in range(form.FEW)}
    assert form._groups({**few, **many}) == {"x": many, "": few}
    assert form._groups(many) == {"x": many}
    assert form._groups({}) == {}


def test_compressed_dumps_are_taken_where_there_are_any(folder: Folder) -> None:
    out = folder.publish()
    page = Pages(Published(out)).page("sparql") or ""
    assert 'href="./data/kg.trig"' in page
    packed = out / "data/kg.trig.zst"
    packed.write_bytes(b"x" * 1234)
    page = Pages(Published(out)).page("sparql") or ""
    assert '<a href="./data/kg.trig.zst" data-bytes="1234">kg.trig.zst</a>' in page
    assert 'href="./data/kg.trig"' not in page


def test_without_what_comes_from_npm_the_page_is_a_plain_form(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {path: each for path, each in furniture().items() if "engine" not in path}
    monkeypatch.setattr(form, "furniture", lambda: bare)
    page = pages.page("sparql") or ""
    assert "query.js" not in page
    assert "data-engine" not in page
    assert "<textarea" in page


def test_it_says_what_to_do_where_nobody_answers(pages: Pages) -> None:
    document = parsed(pages.page("sparql") or "")
    plain = [" ".join("".join(e.itertext()).split()) for e in by_class(document, "plain")]
    (words,) = [words for words in plain if words.startswith("This goes to the endpoint")]
    assert "kg serve" in words
    assert "download the dumps" in words


def test_a_hostile_dump_says_nothing_of_its_own(tmp_path: Path) -> None:
    pages = World(tmp_path, 7, 60).pages()
    html5lib.HTMLParser(strict=True).parse(pages.page("sparql") or "")
    for _, kind, label, note in read(terms.terms(pages.nodes)):
        assert kind in ("class", "property", "concept", "thing")
        assert max(len(label), len(note)) <= terms.LONGEST + 1


# --- as kg serve has it ---------------------------------------------------------------------------


def service(server: Server, target: str, method: str = "HEAD") -> str | None:
    reply = server.ask(method, target, headers=BROWSER)
    assert reply.status == 200
    for link in (reply.headers["Link"] or "").split(", "):
        found = re.fullmatch(r'<([^>]*)>; rel="([^"]*)"', link)
        if found and found[2] == form.SERVICE:
            return found[1]
    return None


def test_a_header_tells_of_the_endpoint_on_this_page_alone(server: Server) -> None:
    for target in ("/sparql", "/sparql.html", "/sparql?saved=awards", "/sparql.html?saved=awards"):
        assert service(server, target) == "./sparql"
        assert service(server, target, "GET") == "./sparql"
        assert service(server, target) == "./sparql", "not once more each time"
    for target in ("/", "/id/xiaomi.html"):
        assert service(server, target) is None


def test_the_page_is_the_same_at_all_its_addresses(server: Server, pages: Pages) -> None:
    plain = (pages.page("sparql") or "").encode()
    assert (pages.published.out / "sparql.html").read_bytes() == plain
    for target in ("/sparql", "/sparql.html", "/sparql.html?query=ASK%20%7B%7D"):
        reply = server.ask("GET", target, headers=BROWSER)
        assert (reply.status, reply.body) == (200, plain)
    assert server.ask("GET", "/sparql.html").body == plain
    filled = server.ask("GET", "/sparql.html?saved=award-grades")
    assert filled.body == server.ask("GET", "/sparql?saved=award-grades", headers=BROWSER).body
    assert b"AwardConferral" in filled.body
    assert server.ask("GET", "/sparql.html?saved=nothing").status == 404
    assert server.ask("GET", "/sparql.html?saved=%zz").status == 400


def test_what_pages_load_of_the_dataset_is_served(server: Server, pages: Pages) -> None:
    for path, document in DOCUMENTS.items():
        reply = server.ask("GET", f"/{path}")
        assert reply.status == 200
        assert reply.headers["Content-Type"].partition(";")[0] == document.media_type
        assert reply.body == document.make(pages.nodes)
        assert reply.body == (pages.published.out / path).read_bytes()
    assert TERMS in DOCUMENTS
    engine = server.ask("GET", "/assets/engine.wasm.gz")
    assert engine.headers["Content-Type"] == "application/gzip"
    assert engine.headers["Content-Encoding"] is None
    assert engine.body == furniture()["assets/engine.wasm.gz"].data()
