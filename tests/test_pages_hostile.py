"""Whatever a dump holds, it is text on a page: no element, no attribute, no link of its own."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pyoxigraph as ox
import pytest

from kg.asking.described import FORMATS, document
from kg.asking.published import Published
from kg.pages import Pages
from kg.pages.furniture import STYLE, furniture
from kg.vocab import (
    DCAT,
    DCTERMS,
    KG,
    OA,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SPDX,
    VOID,
    XSD,
)

BASE = "https://example.org/d/"
XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"

ATOMS = (
    *("<script>alert(1)</script>", "</title><script>alert(1)</script>", "<img src=x onerror=a()>"),
    *("</div></main></body></html>", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "<svg/onload=a>"),
    *('"', "'", '" onmouseover="a()', "' onfocus='a()' autofocus='", "`", "&", "&lt;", "&#60;"),
    *("&quot;", "&#x3c;script&#x3e;", "&amp;lt;", "</textarea>", "</style>", "</script>"),
    *("javascript:alert(1)", "JaVaScRiPt:a()", "java\tscript:a()", "\x01javascript:a()", "data:,x"),
    *("{{7*7}}", "{% raw %}", "{{''.__class__}}", "{#", "${7*7}", "%s", "%(x)s", "\\u003cb\\u003e"),
    *("\x00", "\x08", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85", "\x9f", "\r", "\n", "\r\n", "\t"),
    *("\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\u200b", "\u0301", "\u0600", "\ue000"),
    *("😀", "𝒳", "\U0010fffd", "\ufffd", "é", "贝", "a", "b c", " ", "x" * 300, "<plaintext>"),
    *("%", "%zz", "%2", "%00", "%2e%2e", "../", "..\\", "//", "http://", "style=", "<form>", "</"),
    *("<", ">", "<a href=//evil.example>", "<style>*{}</style>", "<base href=//e>"),
    *("<meta http-equiv=refresh content=0>", "<iframe srcdoc=x>"),
)
"""What breaks out of somewhere; joined at random."""

SCHEMES = (
    *("javascript:alert(1)", "JAVASCRIPT:alert(1)", "javascript://x/%0Aalert(1)", "vbscript:x"),
    *("data:text/html,alert(1)", "file:///etc/passwd", "blob:x", "about:blank", "view-source:x"),
    *("ftp://x/y", "urn:x:y", "tel:1", "http:alert", "https:x", "http:///x", "HTTPS://X/y", "x:y"),
    *("http://x/'onclick='a()", "http://x/&quot;onclick=a", "mailto:a@b", "mailto:?x", "jar:x!/"),
    *("http://x/\u202egnp.exe", "http://user@evil.example/", "http://x/%7B%7B7*7", "filesystem:x"),
)
"""IRIs from outside."""

PATHS = (
    *("id/javascript:alert(1)", "javascript:alert(1)", "//evil.example/x", "id//x", "id/../x"),
    *("id/%2e%2e/%2e%2e/x", "id/.", "id/'onclick='a()", "id/&lt;b&gt;", "id/a%20b", "id/a%2Fb"),
    *("id/\u202eabc", "id/贝尔", "id/😀", "id/x?y=z", "id/x#y", "id/x&y;z", "data/../x"),
    *("file/../../etc/passwd", "file/%2e%2e/passwd", "file/..%2F..%2Fetc/passwd", "file/a/b"),
    *("article/(x)", "query/$x", "fact/a/b/c/d", "claim/;x", "conflict/,", "terms", "id/a%25zz"),
    *("data/x.ttl", "x:y", "id/@"),
)
"""IRIs of the dataset's own, by what follows the base."""

_TEXT = ("bdi", "h1", "blockquote", "p", "div", "dd", "cite", "section")
_BARE = (
    *("head", "title", "body", "header", "main", "footer", "code", "b", "dl", "dt", "ul", "li"),
    *("figure", "figcaption", "small", "q", "summary", "h2", "h3", "article", "mark", "aside"),
    *("nav", "search", "button", "table", "thead", "tbody", "tr", "ol", "time", "pre"),
)

_DRAWN = {"x", "y", "width", "height", "rx", "d", "text-anchor"}

ALLOWED = {
    **{tag: {"lang"} for tag in _TEXT},
    **{tag: set[str]() for tag in _BARE},
    **{f"{SVG}{tag}": _DRAWN for tag in ("g", "rect", "path", "text")},
    f"{SVG}svg": {"viewBox", "preserveAspectRatio", "aria-hidden"},
    f"{SVG}a": {"href", "rel"},
    **{tag: {"lang", "data-start"} for tag in ("div", "blockquote")},
    "html": {"lang"},
    "div": {"lang", "data-start"},
    "meta": {"charset", "name", "content", "http-equiv", "property"},
    "script": {"type", "src"},
    "link": {"rel", "href", "type", "title"},
    "a": {"href", "rel", "title", "type", "lang", "aria-current"},
    "span": {"title", "aria-hidden"},
    "details": {"open"},
    "form": {"action", "method", "data-search"},
    "label": {"for"},
    "input": {
        *("name", "type", "placeholder", "maxlength", "autocomplete", "spellcheck"),
        "aria-keyshortcuts",
    },
    "th": {"scope"},
    "td": {"colspan"},
}
"""The elements that pages have, with their attributes; `EVERYWHERE` may stand at any."""

EVERYWHERE = {"class", "id", "dir", "tabindex", "aria-labelledby", "aria-label", "role"}


STATUSES = 10 * ["uncovered", "nothing-here", "covered"]


def iri(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


class World:
    """A published folder that no build would make, of so many hostile texts."""

    def __init__(self, root: Path, seed: int, texts: int) -> None:
        self.random = random.Random(seed)
        self.root = root
        self.texts = [self._text() for _ in range(texts)]
        self.left = list(self.texts)
        self.triples: list[ox.Triple] = []
        self.labels: dict[str, str] = {}
        self.outside = [node for text in SCHEMES if (node := iri(text))]
        self.inside = [node for path in PATHS if (node := iri(BASE + path))]
        self.count = 0
        self._files()
        while self.left:
            self._thing()
        self._description()
        self._write()

    def _text(self) -> str:
        return "".join(self.random.choices(ATOMS, k=self.random.randint(1, 6)))

    def _literal(self) -> ox.Literal:
        text = self.left.pop() if self.left else self._text()
        odd = iri("http://x/" + re.sub(r"[^\w'&;:(){}.-]", "", text)[:50])
        kinds = [{}, {"language": "en"}, {"language": "ar-x-bidi"}, {"datatype": odd or XSD.date}]
        return ox.Literal(text, **self.random.choice(kinds))

    def _add(self, subject: ox.NamedNode, predicate: ox.NamedNode, value: object) -> None:
        self.triples.append(ox.Triple(subject, predicate, value))

    def _new(self, kind: str) -> ox.NamedNode:
        self.count += 1
        return ox.NamedNode(f"{BASE}{kind}/n{self.count}")

    def _any(self) -> ox.NamedNode:
        return self.random.choice([*self.outside, *self.inside])

    def _files(self) -> None:
        """Two articles, one with its text."""
        self.files = []
        (self.root / "data").mkdir(parents=True)
        sentences = []
        for name in ("whole", "quoted"):
            text = "".join(self._text() for _ in range(60))
            digest = hashlib.sha256(text.encode()).hexdigest()[:12]
            article, file = (
                ox.NamedNode(f"{BASE}article/{name}"),
                iri(f"{BASE}file/{name}/{digest}"),
            )
            assert file is not None
            if name == "whole":
                home = self.root / "file" / name
                home.mkdir(parents=True)
                (home / f"{digest}.txt").write_bytes(text.encode())
            self._add(file, KG.path, ox.Literal(f"seeds/{name}.txt"))
            self._add(file, PROV.specializationOf, article)
            for predicate in (RDFS.label, SCHEMA.inLanguage, SCHEMA.datePublished, SCHEMA.author):
                self._add(article, predicate, self._literal())
            for predicate in (SCHEMA.url, SCHEMA.publisher):
                self._add(article, predicate, self._any())
            self._add(file, SPDX.checksum, self._any())
            self.files.append((file, text))
            edges = sorted(self.random.sample(range(len(text)), 30))
            found = [
                {"start": start, "end": end, "status": status, "reason": self._text()}
                for start, end, status in zip(edges, edges[1:], STATUSES, strict=False)
            ]
            sentences.append({"path": f"seeds/{name}.txt", "sentences": found})
        coverage = json.dumps({"articles": sentences})
        (self.root / "data/coverage.json").write_text(coverage, "utf-8")

    def _span(self) -> ox.NamedNode:
        file, text = self.random.choice(self.files)
        start = self.random.randrange(len(text))
        end = min(len(text), start + self.random.randint(1, 60))
        offsets = self.random.choice([(start, end)] * 9 + [(end, start)])
        span = ox.NamedNode(f"{file.value}#char={offsets[0]},{offsets[1]}")
        selector = ox.NamedNode(f"{span.value}&selector=all")
        self._add(span, OA.hasSource, file)
        self._add(span, OA.hasSelector, selector)
        for predicate in (OA.exact, OA.prefix, OA.suffix):
            self._add(selector, predicate, self._literal())
        self._add(selector, OA.start, ox.Literal(str(offsets[0])))
        self._add(selector, OA.end, ox.Literal(self.random.choice([str(offsets[1]), "-1", "x"])))
        return span

    def _claim(self, thing: ox.NamedNode, fact: ox.NamedNode, conflict: ox.NamedNode) -> None:
        claim, flip = self._new("claim"), self.random.random
        value = self.random.choice([self._literal, self._any])()
        predicate = self._any() if flip() < 0.5 else SCHEMA.name
        asserted = flip() < 0.5
        self._add(claim, RDF.subject, thing)
        self._add(claim, RDF.predicate, predicate)
        self._add(claim, RDF.object, value)
        self._add(claim, KG.asserted, ox.Literal(asserted))
        self._add(claim, KG.fact, fact)
        self._add(claim, PROV.wasDerivedFrom, self._span())
        if asserted:
            self._add(thing, predicate, value)
        for odd, node in (
            (KG.origin, self.random.choice([KG.Verbatim, KG.Inferred, KG.External, self._any()])),
            (KG.inConflict, conflict),
            *((p, self._any()) for p in (KG.voice, KG.modality, KG.polarity, KG.correctedBy)),
            (DCTERMS.isReplacedBy, claim),
        ):
            if flip() < 0.4:
                self._add(claim, odd, node)
        for odd in (KG.rule, KG.doubt, KG.ruleInputs, RDFS.label):
            if flip() < 0.6:
                self._add(claim, odd, self._literal())
        self._add(claim, KG.ruleInputs, ox.Literal(json.dumps([self._text()])))

    def _thing(self) -> None:
        thing, fact, conflict = self._new("id"), self._new("fact"), self._new("conflict")
        query = self._new("query")
        for node, kind in ((thing, self._any()), (fact, KG.Fact), (conflict, KG.Conflict)):
            label = self._literal()
            self.labels[node.value.removeprefix(BASE)] = label.value
            self._add(node, RDF.type, kind)
            self._add(node, RDFS.label, label)
            self._add(node, self._any(), self._any())
        self._add(fact, KG.kind, self._literal())
        self._add(fact, KG.factAbout, thing)
        self._add(conflict, KG.conflictAbout, thing)
        self._add(query, RDF.type, SH.SPARQLExecutable)
        self._add(query, SH.select, self._literal())
        self._add(self._any(), self._any(), thing)
        self._add(self._any(), RDFS.label, self._literal())
        for _ in range(2):
            self._claim(thing, fact, conflict)

    def _description(self) -> None:
        dataset = ox.NamedNode(BASE)
        part, dump = self._new("part"), ox.NamedNode(f"{BASE}data/kg.ttl")
        for predicate, value in (
            *((p, self._literal()) for p in (DCTERMS.title, DCTERMS.description, DCTERMS.rights)),
            *((p, self._any()) for p in (DCTERMS.publisher, DCTERMS.license, DCAT.distribution)),
            *((p, self._literal()) for p in (DCAT.keyword, KG.articleCount, VOID.triples)),
            *((DCTERMS.source, node) for node in self.inside),
            *((DCAT.distribution, dump), (VOID.classPartition, part)),
        ):
            self._add(dataset, predicate, value)
        self._add(dump, DCAT.byteSize, self._literal())
        self._add(dump, DCTERMS.title, self._literal())
        self._add(part, VOID.entities, self._literal())
        for node in self.outside:
            self._add(part, VOID["class"], node)

    def _write(self) -> None:
        data = self.root / "data"
        head = f'<{BASE}> a <{DCAT.Dataset.value}> ; <{VOID.uriSpace.value}> "{BASE}" .\n'
        (data / "dcat.ttl").write_text(head, "utf-8")
        body = ox.serialize(self.triples, format=ox.RdfFormat.N_TRIPLES)
        assert body is not None
        (data / "kg.ttl").write_bytes(body)
        (data / "kg.nq").write_bytes(b"")

    def pages(self) -> Pages:
        return Pages(Published(self.root))

    def paths(self) -> Iterator[str]:
        yield ""
        subjects = {t.subject.value for t in self.triples} | {n.value for n in self.inside}
        for value in sorted(subjects):
            if value.startswith(BASE) and value != BASE:
                yield value.removeprefix(BASE)


SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
STRIPPED = re.compile(r"^[\0- ]+|[\t\r\n]")
"""What browsers take away before they look for a scheme."""


def harmless(document, where: str) -> None:
    """Check that a page has nothing but what the templates give it."""
    for element in document.iter():
        assert isinstance(element.tag, str), (where, "a comment")
        tag = element.tag.removeprefix(XHTML)  # those of SVG keep their namespace
        assert tag in ALLOWED, (where, tag)
        assert set(element.keys()) <= ALLOWED[tag] | EVERYWHERE, (where, tag, element.keys())
        href, id_ = element.get("href"), element.get("id")
        if tag == "link" and element.get("rel") == "icon":
            assert href is not None
            assert href.startswith("data:image/svg+xml,%3Csvg ")
        elif href is not None and SCHEME.match(STRIPPED.sub("", href)):
            assert re.match(r"https?://[^/]|mailto:[^/?#]", href, re.IGNORECASE), (where, href)
            assert element.get("rel") == "noopener external", (where, href)
        elif href is not None:
            assert re.fullmatch(r"((\.\./)+|\./|#)[!-~]*", href), (where, href)
            assert not re.search(r"[\\\"<>]|//", href), (where, href)
            steps = re.sub(r"^((\.\./)+|\./)|[?#].*", "", href).split("/")
            assert not {".", ".."} & set(map(unquote, steps)), (where, href)
            assert href.count("../") <= where.count("/"), (where, href)
        assert re.fullmatch("[A-Za-z0-9-]+", element.get("lang", "en")), where
        assert id_ is None or re.fullmatch(r"\S+", id_), (where, id_)
        if tag == "link":
            assert element.get("rel") in ("stylesheet", "canonical", "alternate", "icon")
        if tag == "meta":
            policy = element.get("http-equiv") == "Content-Security-Policy"
            told = {element.get("name"), element.get("property")} & {
                *("description", "og:title", "og:type", "og:url", "og:site_name"),
            }
            assert (
                told
                or policy
                or element.get("charset") == "utf-8"
                or element.get("name") == "viewport"
            )
        if tag == "script" and element.get("type") == "application/ld+json":
            assert not element.get("src")
            assert not re.search("[<>&]", element.text or "")
            assert json.loads(element.text or "")["@context"] == "https://schema.org/"
        elif tag == "script":
            assert element.get("type") == "module"
            assert re.fullmatch(r"((\.\./)+|\./)assets/\w+\.js", element.get("src", "")), where
            assert not element.text, where


def cleaned(text: str) -> str:
    return re.sub("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "\ufffd", text)


def through_every_page(world: World) -> int:
    pages, seen, count = world.pages(), set[str](), 0
    for path in world.paths():
        page = pages.page(path)
        if page is None:
            assert path in PATHS or path.startswith("data/") or "#" in path, path
            continue
        count += 1
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", page), path
        document = html5lib.parse(page)
        harmless(document, path)
        (title,) = document.iter(f"{XHTML}title")
        (heading,) = document.iter(f"{XHTML}h1")
        shown = "".join(heading.itertext())
        if path in world.labels and not path.startswith("fact/"):
            assert shown == cleaned(world.labels[path]), path
        assert "".join(title.itertext()).startswith(shown), path
        seen.add(path.partition("/")[0])
        assert sum(1 for _ in document.iter(f"{XHTML}main")) == 1
    assert seen >= {"", "id", "article", "file", "claim", "fact", "conflict", "query"}
    return count


def test_hostile_dumps_make_harmless_pages(tmp_path: Path) -> None:
    world = World(tmp_path, seed=1, texts=400)
    assert through_every_page(world) > 80
    (whole,) = (tmp_path / "file/whole").iterdir()
    page = world.pages().page("article/whole")
    (text,) = (e for e in html5lib.parse(page).iter() if e.get("class") == "text")
    assert "".join(text.itertext()) == cleaned(whole.read_bytes().decode())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
def test_five_thousand_hostile_texts_make_harmless_pages(tmp_path: Path, seed: int) -> None:
    assert through_every_page(World(tmp_path, seed, texts=1000)) > 200


def test_the_inspection_sees_what_it_is_to_see() -> None:
    for page in (
        "<a href='javascript:a()'>x</a>",
        "<a href=' javascript:a()'>x</a>",
        "<a href='//evil.example'>x</a>",
        "<a href='http://x/'>x</a>",
        "<a href='../x'>x</a>",
        "<a href='./%2E%2e/x'>x</a>",
        "<a href='../../../..//x'>x</a>",
        "<a href='./%2'onclick=a>x</a>",
        "<p style='x'>",
        "<p onclick='x'>",
        "<script></script>",
        "<style></style>",
        "<img>",
        "<svg onload=a()></svg>",
        "<svg><script>a()</script></svg>",
        "<svg><a href='javascript:a()'></a></svg>",
        "<svg><foreignObject></foreignObject></svg>",
        "<!-- x -->",
        "<meta http-equiv=refresh>",
        "<base href='./x'>",
    ):
        with pytest.raises(AssertionError):
            harmless(html5lib.parse(f"<!DOCTYPE html><body>{page}"), "")


def test_no_file_but_a_published_text_is_read(tmp_path: Path) -> None:
    """A file named by an IRI lies in file/, and holds what its name says."""
    secret = b"secret\n"
    digest = hashlib.sha256(secret).hexdigest()[:12]
    public = tmp_path / "public"
    world = World(public, seed=7, texts=10)
    (tmp_path / f"{digest}.txt").write_bytes(secret)
    (public / f"{digest}.txt").write_bytes(secret)
    (public / "file" / f"{digest}.txt").write_bytes(secret)
    paths = [
        f"file/{up}/{digest}"
        for up in ("%2e%2e", ".%2E", "%2e", "..%2F..", "x%00", "%2e%2e%2F%2e%2e")
    ]
    for path in paths:
        file = ox.NamedNode(BASE + path)
        world._add(file, KG.path, ox.Literal("x"))
        world._add(file, PROV.specializationOf, ox.NamedNode(f"{BASE}article/x{len(path)}"))
    world._write()
    pages = world.pages()
    for path in [*paths, *(f"article/x{len(path)}" for path in paths)]:
        assert "secret" not in (pages.page(path) or ""), path


def test_hostile_nodes_are_described_alike_in_all_formats(tmp_path: Path) -> None:
    world = World(tmp_path, seed=8, texts=200)
    nodes = world.pages().nodes
    formats = dict(
        zip(
            FORMATS,
            (ox.RdfFormat.TURTLE, ox.RdfFormat.JSON_LD, ox.RdfFormat.N_TRIPLES),
            strict=True,
        )
    )
    for path in world.paths():
        found = []
        for name, format in formats.items():
            data = document(nodes, ox.NamedNode(BASE + path), name)
            found.append(data and {str(q) for q in ox.parse(data, format)})
        assert found[0] == found[1] == found[2], path


def test_the_style_sheet_reaches_for_nothing() -> None:
    css = furniture()[STYLE].data().decode()
    assert not re.search(r"@import|url\(|image-set|src:", css)
