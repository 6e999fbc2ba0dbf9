"""The site: what `kg build` writes of pages, and that it is what `kg serve` shows."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote, unquote

import pyoxigraph as ox
import pytest
from sample import Folder
from sample import kg as run
from serving import serving

import kg
from kg.asking.published import ANSWERS, Published
from kg.pages import SPECIAL, Pages
from kg.pages.furniture import furniture
from kg.site import addresses, answers, sitemap

LOCATION = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


def built(folder: Folder, **options: object) -> Path:
    assert kg.build(folder.root, **options).published
    return folder.root / "public"


def pages_of(public: Path) -> dict[str, Path]:
    """Return the pages of a site by their paths below the base IRI."""
    found = {str(p.relative_to(public)).removesuffix(".html"): p for p in public.rglob("*.html")}
    return {"" if path == "index" else path: file for path, file in found.items()}


def everything(public: Path) -> dict[str, str]:
    return {
        str(path.relative_to(public)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in public.rglob("*")
        if path.is_file()
    }


def test_every_node_has_a_page_and_data_beside_it(folder: Folder) -> None:
    public = built(folder)
    nodes = Pages(Published(public)).nodes
    found = pages_of(public)
    expected = addresses.paths(nodes)
    assert {"id/acme", "id/golden-cog", "article/a", "terms"} <= set(expected)
    assert {"", "sparql"} <= set(found)
    assert set(found) - set(SPECIAL) >= {unquote(path) for path in expected}
    for path in expected:
        described = {str(t) for t in ox.parse(path=str(public / f"{unquote(path)}.nt"))}
        for suffix in (".ttl", ".jsonld"):
            data = {str(q.triple) for q in ox.parse(path=str(public / f"{unquote(path)}{suffix}"))}
            assert data == {t.removesuffix(" .") for t in described} or len(data) == len(described)
    for path, furnishing in furniture().items():
        assert (public / path).read_bytes() == furnishing.data()


def test_served_pages_are_the_same_bytes(folder: Folder) -> None:
    folder.write("queries/cogs.rq", "# Which awards are there?\nSELECT ?a { ?a a kg:Award }\n")
    public = built(folder)
    with serving(public, "--host", "127.0.0.1") as server:
        for path, file in pages_of(public).items():
            address = f"/{quote(path or 'index')}.html"
            assert server.ask("GET", address).body == file.read_bytes(), path
        for path in ("id/acme.ttl", "id/acme.nt", "fact/a/%s.jsonld"):
            if "%s" in path:
                path %= next((public / "fact/a").glob("*.nt")).stem
            assert server.ask("GET", f"/{path}").body == (public / path).read_bytes(), path
        for path in sorted(furniture()):
            assert server.ask("GET", f"/{path}").body == (public / path).read_bytes(), path


def test_the_same_bytes_whatever_workers_and_seed(folder: Folder, tmp_path: Path) -> None:
    folder.write("queries/names.rq", "# What is called what?\nSELECT * { ?s rdfs:label ?o }\n")
    made = "CONSTRUCT { [] rdfs:label ?o } WHERE { ?s rdfs:label ?o }\n"
    folder.write("queries/made.rq", f"# Who has no name?\n{made}")
    folder.write("queries/random.rq", "# Which number?\nSELECT (RAND() AS ?x) {}\n")
    found = []
    for number, workers in enumerate(("1", "2", "3")):
        out = tmp_path / f"public{number}"
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number),
            "LC_ALL": "C",
            "TZ": "Asia/Tokyo",
        }
        command = [sys.executable, "-m", "kg", "build", str(folder.root), "--out", str(out)]
        subprocess.run([*command, "--workers", workers], env=environment, check=True)
        found.append(everything(out))
    assert found[0] == found[1] == found[2]
    kept = json.loads((tmp_path / "public0" / ANSWERS).read_bytes())
    assert kept.keys() == {"made", "names"}


def test_data_alone_has_no_pages_and_is_served_with_them(folder: Folder) -> None:
    public = built(folder, data_only=True)
    assert pages_of(public) == {}
    assert not (public / "assets").exists()
    assert (public / "search").is_dir()
    with serving(public, "--host", "127.0.0.1") as server:
        assert "Golden Cog" in server.ask("GET", "/id/golden-cog.html").text
        assert server.ask("GET", "/").status == 200
        assert server.ask("GET", "/assets/style.css").status == 200


def test_one_dump_alone_has_no_site(folder: Folder) -> None:
    public = built(folder, only=["kg.nq"])
    assert {path.name for path in public.iterdir()} >= {"data", "ontology"}
    assert pages_of(public) == {}


def test_claims_are_shown_where_links_to_them_lead(folder: Folder) -> None:
    public = built(folder)
    assert not (public / "claim").exists()
    links = re.findall(r'href="([^"]*#claim=[0-9a-f]+)"', (public / "id/acme.html").read_text())
    assert links
    for link in links:
        path, _, fragment = link.partition("#")
        page = (public / "id" / path).resolve()
        assert f'id="{fragment}"' in page.read_text("utf-8")


def test_a_page_that_can_have_no_file_is_told_of(folder: Folder) -> None:
    name = "x" * 300
    folder.replace(
        "ontology/dataset.ttl", "https://example.org/d/me", f"https://example.org/d/{name}"
    )
    ran = run("build", folder.root)
    assert ran.code == 0
    assert "1 page could have no file, for want of a name" in ran.err
    assert (folder.root / "public/index.html").is_file()


def test_nothing_takes_the_place_of_the_first_page(folder: Folder) -> None:
    folder.replace(
        "ontology/dataset.ttl", "https://example.org/d/me", "https://example.org/d/index"
    )
    page = (built(folder) / "index.html").read_text("utf-8")
    assert "<title>Small</title>" in page


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("id/a%20b", "id/a b.html"),
        ("id/a%2Fb", None),
        ("id/%00", None),
        ("id/" + "小" * 84, None),
        ("id/小米", "id/小米.html"),
    ],
)
def test_files_are_called_as_static_hosts_look_for_them(path: str, file: str | None) -> None:
    found = addresses.file(Path("p"), path, ".html")
    assert found == (file and Path("p") / file)


# --- answers -----------------------------------------------------------------------------------


def test_answers_are_kept_and_shown(folder: Folder) -> None:
    folder.write(
        "queries/cogs.rq", "# Which awards are there?\nSELECT ?award { ?award a kg:Award }\n"
    )
    folder.write("queries/is.rq", "# Is there one?\nASK { ?a a kg:Award }\n")
    public = built(folder)
    kept = json.loads((public / ANSWERS).read_bytes())
    assert kept["is"] == {"head": {}, "boolean": True}
    assert [row["award"]["value"] for row in kept["cogs"]["results"]["bindings"]] == [
        "https://example.org/d/id/golden-cog"
    ]
    for page in ("index.html", "query/cogs.html"):
        text = (public / page).read_text("utf-8")
        assert re.search(r'<td dir="auto"><a href="[^"]*id/golden-cog.html"', text), page
    assert "<td" in (public / "query/is.html").read_text("utf-8")


def test_a_query_that_never_ends_has_no_answer(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SECONDS", 2.0)
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }\n"
    folder.write("queries/b-endless.rq", f"# How many?\n{endless}")
    folder.write("queries/c-fine.rq", "# Is there one?\nASK { ?a a kg:Award }\n")
    folder.write("queries/a-fine.rq", "# Is there one?\nASK { ?a a kg:Award }\n")
    public = built(folder, data_only=True)
    published = Published(public)
    answers.write_answers(published)
    assert set(json.loads((public / ANSWERS).read_bytes())) == {"a-fine", "c-fine"}


@pytest.mark.parametrize(
    "kept",
    [
        "[]",
        "{",
        '{"cogs": 1}',
        '{"cogs": {"head": {"vars": 3}}}',
        '{"cogs": {"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri"}}]}}}',
        '{"cogs": {"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "uri", '
        '"value": "no iri"}}]}}}',
        "[" * 100_000,
    ],
)
def test_answers_that_are_none_are_left_out(folder: Folder, kept: str) -> None:
    folder.write(
        "queries/cogs.rq", "# Which awards are there?\nSELECT ?award { ?award a kg:Award }\n"
    )
    public = built(folder, data_only=True)
    (public / ANSWERS).write_text(kept)
    page = Pages(Published(public)).page("query/cogs")
    assert page is not None
    assert "The answer" not in page


# --- what machines look for --------------------------------------------------------------------


def test_the_sitemap_names_all_pages(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    public = built(folder)
    base = "https://example.org/d/"
    named = [loc.text or "" for loc in ET.parse(public / "sitemap.xml").iter(LOCATION)]
    assert {unquote(iri.removeprefix(base)) for iri in named} == {
        str(path.relative_to(public)) for path in public.rglob("*.html")
    }
    assert f"Sitemap: {base}sitemap.xml" in (public / "robots.txt").read_text()
    monkeypatch.setattr(sitemap, "MOST", 5)
    sitemap.write_sitemap(public, base, sorted(pages_of(public)))
    parts = [loc.text or "" for loc in ET.parse(public / "sitemap.xml").iter(LOCATION)]
    assert len(parts) > 2
    again = [
        loc.text
        for part in parts
        for loc in ET.parse(public / part.removeprefix(base)).iter(LOCATION)
    ]
    assert sorted(again) == sorted(named)


def test_pages_hold_schema_org_as_json_ld(folder: Folder) -> None:
    folder.replace("seeds/a.facts.yaml", "name: Acme Works", 'name: "</script><b>Acme & Works"')
    folder.replace(
        "seeds/a.txt", "May 4, 2020, Acme Works", "May 4, 2020, </script><b>Acme & Works"
    )
    folder.replace(
        "seeds/a.facts.yaml", "quote: Acme Works won", 'quote: "</script><b>Acme & Works won'
    )
    folder.replace(
        "seeds/a.facts.yaml", "won the Golden Cog\n\n  - award", 'won the Golden Cog"\n\n  - award'
    )
    folder.replace(
        "seeds/a.facts.yaml",
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        "quote: On May 4, 2020, </script><b>Acme & Works won the Golden Cog for its quiet gears.",
    )
    public = built(folder)

    def told(path: str) -> dict[str, object]:
        (text,) = re.findall(
            r'<script type="application/ld\+json">(.*?)</script>',
            (public / path).read_text("utf-8"),
        )
        found: dict[str, object] = json.loads(text)
        assert found["@context"] == "https://schema.org/"
        return found

    home, thing = told("index.html"), told("id/acme.html")
    assert home["name"] == {"@value": "Small", "@language": "en"}
    assert {part["contentUrl"]["@id"] for part in home["distribution"]} >= {
        "https://example.org/d/data/kg.ttl"
    }
    assert thing["@id"] == "https://example.org/d/id/acme"
    assert thing["name"]["@value"] == "</script><b>Acme & Works"
