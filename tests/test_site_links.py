"""The site as files: every page is valid HTML, and every link in it leads to something there."""

from __future__ import annotations

import posixpath
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from sample import Folder

from kg.asking.published import Published

XHTML = "{http://www.w3.org/1999/xhtml}"

LEADS = {"a": "href", "area": "href", "form": "action", "iframe": "src", "use": "href"}
LOADS = {"link": "href", "script": "src", "img": "src", "source": "src", "object": "data"}

CR = "illegal-codepoint-for-numeric-entity"
"""A carriage return can only be written as a reference; HTML calls that an error, and reads it."""

ASKED = ("sparql.html", "query=")
"""The page whose fragments are queries, and how these begin."""

SERVED = {"sparql"}
"""What `kg serve` alone answers, of what pages without a script may lead to."""


@dataclass
class Leaf:
    """What was read of one page."""

    errors: set[str]
    twice: set[str]
    ids: set[str]
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


def leaf(file: Path) -> Leaf:
    """Read a page strictly."""
    parser = html5lib.HTMLParser(strict=False)
    document = parser.parse(file.read_bytes(), transport_encoding="utf-8")
    found = [e.get("id") for e in document.iter() if e.get("id") is not None]
    errors = {code for _, code, _ in parser.errors if code != CR}
    page = Leaf(errors, {i for i in found if found.count(i) > 1}, set(found))
    for element in document.iter():
        tag = str(element.tag).rpartition("}")[2]
        if tag in LEADS and element.get(LEADS[tag]) is not None:
            page.links.append(element.get(LEADS[tag]))
        if tag in LOADS and element.get(LOADS[tag]) is not None:
            page.loads.append(element.get(LOADS[tag]))
    return page


def leaves(public: Path) -> dict[str, Leaf]:
    """Read all pages of a site, by their paths."""
    files = sorted(public.rglob("*.html"))
    names = [file.relative_to(public).as_posix() for file in files]
    with ProcessPoolExecutor() as pool:
        return dict(zip(names, pool.map(leaf, files, chunksize=50), strict=True))


def wrong(public: Path) -> list[str]:
    """Return what is wrong with a site, a line each."""
    base = Published(public).base
    pages = leaves(public)
    files = {p.relative_to(public).as_posix() for p in public.rglob("*") if p.is_file()}
    told: list[str] = []
    for name, page in pages.items():
        told += [f"{name}: HTML: {error}" for error in sorted(page.errors)]
        told += [f"{name}: the id {id_!r} is there twice" for id_ in sorted(page.twice)]
        for href in dict.fromkeys(page.links + page.loads):
            problem = _problem(href, name, base, pages, files)
            told += [f"{name}: {href}: {problem}"] if problem else []
        told += [
            f"{name}: loads {href}" for href in page.loads if re.match("(?!data:)[a-z]+:|//", href)
        ]
    return told


def _problem(
    href: str, name: str, base: str, pages: dict[str, Leaf], files: set[str]
) -> str | None:
    if href.startswith(base):
        return "absolute"
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return None if parts.scheme in ("http", "https", "mailto", "data") else "of another scheme"
    if href.startswith("/"):
        return "from the root of the host"
    path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path) or "."))
    if not parts.path:
        path = name
    if path.startswith(".."):
        return "leaves the site"
    if path in SERVED:
        return None
    if path not in files:
        return "nothing is there"
    if not parts.fragment or not path.endswith(".html"):
        return None
    if path == ASKED[0] and parts.fragment.startswith(ASKED[1]):
        return None
    return None if unquote(parts.fragment) in pages[path].ids else "no such place on the page"


@pytest.mark.slow
def test_every_page_of_the_site_is_valid_and_no_link_is_dead(public: Path) -> None:
    assert len(list(public.rglob("*.html"))) > 800
    told = wrong(public)
    assert told == [], f"{len(told)} faults"


def test_every_page_of_a_small_site_is_valid_and_no_link_is_dead(folder: Folder) -> None:
    folder.write(
        "queries/who.rq", "# Who won?\nSELECT ?who { ?what kg:recipient ?who } ORDER BY ?who\n"
    )
    assert wrong(folder.publish(pages=True)) == []


FAULTS = {
    "<a href='./id/nobody.html'>x</a>": "./id/nobody.html: nothing is there",
    "<a href='./id/acme.html#nowhere'>x</a>": "./id/acme.html#nowhere: no such place",
    "<a href='#nowhere'>x</a>": " #nowhere: no such place",
    "<a href='/index.html'>x</a>": "from the root of the host",
    "<a href='../x.html'>x</a>": "leaves the site",
    "<a href='https://example.org/d/id/acme'>x</a>": "absolute",
    "<a href='javascript:x'>x</a>": "of another scheme",
    "<script src='https://example.com/x.js'></script>": "loads https://example.com/x.js",
    "<p id=main>x</p>": "the id 'main' is there twice",
    "</b>": "HTML: unexpected-end-tag",
    "<table><p>x</table>": "HTML: unexpected-start-tag-implies-table-voodoo",
}


def test_what_is_wrong_with_a_site_is_found(folder: Folder) -> None:
    public = folder.publish(pages=True)
    index = public / "index.html"
    faulty = index.read_text("utf-8").replace("</main>", "".join(FAULTS) + "</main>")
    index.write_text(faulty, "utf-8")
    told = wrong(public)
    assert len(told) == len(FAULTS)
    for fault in FAULTS.values():
        assert any(fault in each for each in told), (fault, told)
