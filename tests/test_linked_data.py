"""Linked data over HTTP: every IRI leads to a page and to data, whose links all hold."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import html5lib
import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sample import DESCRIPTION, REPOSITORY, Folder
from serving import Reply, Server, serving

from kg.asking.published import Published
from kg.iris import MINTED, segment
from kg.links import address as encoded
from kg.pipeline import build
from kg.server.linked import meant
from kg.server.signposts import FEW, Node, header, linkset, of_node

BASE = "https://w3id.org/kgpress/quality-awards/"
LICENSE = "https://creativecommons.org/publicdomain/zero/1.0/"
FORMS = {
    ".html": "text/html",
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}
PARSED = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".nt": ox.RdfFormat.N_TRIPLES,
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
XHTML = "{http://www.w3.org/1999/xhtml}"


class Site(NamedTuple):
    """A served dataset, and the IRIs that it describes."""

    server: Server
    base: str
    iris: list[str]

    def get(self, address: str, accept: str | None = None, method: str = "GET") -> Reply:
        """Ask for an address on the server, a path or a URI."""
        parts = urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return self.server.ask(method, target, headers={"Accept": accept} if accept else {})

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/"

    def local(self, iri: str) -> str:
        """The address to which an IRI is mapped, as clients encode it."""
        assert iri.startswith(self.base)
        return self.root + quote(iri.removeprefix(self.base), safe="/%")

    def sample(self, many: int) -> list[str]:
        """IRIs of every kind."""
        kinds = defaultdict(list)
        for iri in self.iris:
            path = iri.removeprefix(self.base)
            kinds[path.partition("/")[0] if "/" in path else path].append(iri)
        return [iri for kind in kinds.values() for iri in kind[:: len(kind) // many + 1]]


def described(out: Path, base: str) -> list[str]:
    """Every IRI below the base that is a subject in what was published."""
    found = set()
    for file in (out / "data").glob("*.ttl"):
        for quad in ox.parse(file.read_bytes(), ox.RdfFormat.TURTLE):
            assert isinstance(quad.subject, ox.NamedNode)
            found.add(urldefrag(quad.subject.value)[0])
    own = (iri for iri in found if iri.startswith(base) and "/data/" not in iri)
    return sorted(own)


@pytest.fixture(scope="module")
def site(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with serving(public, log=tmp_path_factory.mktemp("linked") / "log") as server:
        yield Site(server, BASE, described(public, BASE))


STRANGE = """\
article:
  title: 小米
  language: en
  quote: 小米 makes 100% of the phones

facts:
"""
LICENSED = """\
@prefix kg: <https://w3id.org/kgpress/ns#> .
<https://example.org/d/article/with%20space> kg:republish "quotes" ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
<https://creativecommons.org/licenses/by/4.0/> rdfs:label "CC BY 4.0" .
"""
SLUGS = (
    "小米",
    "شركة",
    "café",
    "हिन्दी",
    "name.ttl",
    "name",
    "v1.html",
    "a.b-c_d",
    "index",
    "x.linkset.json",
)
NAMES = (
    "50% off",
    "100%41",
    "with space",
    "ملف",
    "a+b&c=d;e,f",
    "q?#[x]",
    "notes.html",
    "~@!$'()*",
)


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Names in other scripts, and such as look like addresses, or must be encoded."""
    folder = Folder(tmp_path_factory.mktemp("strange") / "folder")
    for number, name in enumerate(NAMES):
        folder.write(f"seeds/{name}.txt", f"小米 makes 100% of the phones, {number}.\n")
        facts = [
            f"  - organisation: {slug}\n    name: 小米\n    quote: 小米 makes 100% of the phones\n"
            for slug in (SLUGS if not number else SLUGS[:1])
        ]
        folder.write(f"seeds/{name}.facts.yaml", STRANGE + "\n".join(facts))
    folder.write("ontology/dataset.ttl", DESCRIPTION + LICENSED)
    report = build(folder.root, data_only=True)
    assert report.published, report.problems
    out = folder.root / "public"
    base = Published(out).base
    with serving(out, log=folder.root / "log") as server:
        yield Site(server, base, described(out, base))


# --- from IRIs to pages and data ------------------------------------------------------------------


def leads(site: Site, iri: str) -> None:
    """Hold an IRI to leading to each of its forms."""
    address = site.local(iri)
    last = address.rpartition("/")[2]
    for suffix, media_type in FORMS.items():
        reply = site.get(address, media_type)
        assert reply.status == 303, iri
        assert reply.headers["Location"] == last + suffix
        assert reply.headers["Vary"] == "Accept"
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert reply.text == f"See {last + suffix}\n"
        found = site.get(urljoin(address, reply.headers["Location"]), "image/png")
        assert found.status == 200, (iri, suffix)
        assert found.headers["Content-Type"].partition(";")[0] == media_type
        assert found.body
    assert site.get(address).headers["Location"] == f"{last}.html"
    assert site.get(address, BROWSER).headers["Location"] == f"{last}.html"
    preferred = site.get(address, "text/html;q=0.5, application/n-triples;q=0.6")
    assert preferred.headers["Location"] == f"{last}.nt"


def test_every_kind_of_iri_leads_to_a_page_and_to_data(site: Site) -> None:
    sample = site.sample(70)
    kinds = {iri.removeprefix(BASE).partition("/")[0] for iri in sample}
    assert kinds == {*MINTED, "terms", "publisher", ""}
    assert len(sample) > 250
    for iri in sample:
        if iri != BASE:
            leads(site, iri)


def test_names_of_any_script_and_such_as_look_like_addresses(strange: Site) -> None:
    ids = {unquote(iri.rpartition("/id/")[2]) for iri in strange.iris if "/id/" in iri}
    assert set(SLUGS) <= ids
    articles = {unquote(i.rpartition("/article/")[2]) for i in strange.iris if "/article/" in i}
    assert set(NAMES) <= articles
    for iri in strange.iris:
        # An IRI that is the address of another node's form is that form.
        if iri != strange.base and not iri.endswith("/id/name.ttl"):
            leads(strange, iri)


def test_the_form_of_a_node_goes_before_a_node_of_that_name(strange: Site) -> None:
    reply = strange.get("/id/name.ttl", "text/html")
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/turtle")
    subjects = {q.subject.value for q in ox.parse(reply.body, ox.RdfFormat.TURTLE)}
    assert strange.base + "id/name" in subjects
    page = strange.get("/id/name.ttl.html")
    assert page.status == 200
    assert f"<code>{strange.base}id/name.ttl</code>" in page.text
    assert strange.get("/id/v1.html", "text/turtle").headers["Location"] == "v1.html.ttl"


def same_graph(site: Site, iri: str) -> int:
    graphs = []
    for suffix, format in PARSED.items():
        reply = site.get(site.local(iri) + suffix)
        assert reply.status == 200, iri
        graphs.append({str(quad) for quad in ox.parse(reply.body, format)})
    assert graphs[0] == graphs[1] == graphs[2]
    node = ox.NamedNode(iri)
    quads = list(ox.parse(reply.body, ox.RdfFormat.N_TRIPLES))
    assert any(node in (quad.subject, quad.object) for quad in quads), iri
    return len(quads)


def test_what_is_told_of_a_node_is_the_same_graph_in_every_format(
    site: Site, strange: Site
) -> None:
    for iri in site.sample(10):
        if iri != BASE:
            assert same_graph(site, iri) > 1
    for iri in strange.iris:
        if iri != strange.base and not iri.endswith("/name"):
            assert same_graph(strange, iri) > 1


def test_addresses_may_be_encoded_more_than_they_must(site: Site, strange: Site) -> None:
    assert site.get("/%69d/xiaom%69").headers["Location"] == "xiaomi.html"
    assert strange.get("/id/" + quote("小米").lower()).status == 303
    assert strange.get("/id/" + quote("cafe\u0301")).status == 303  # composed on the way


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
@example(["50%25", "a/b", "%2e%2e", "~", "é", "e\u0301"])
def test_whatever_a_name_is_its_address_means_its_iri(names: list[str]) -> None:
    assume(not {".", ".."} & set(names))
    path = "/".join(map(segment, names))
    found = encoded(path)
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", found)
    assert meant(f"/{found}") == path
    assert meant("/" + re.sub("%..", lambda code: code[0].lower(), found)) == path


@pytest.mark.parametrize(
    "path",
    [
        *("/id/xiaomi/", "/id//xiaomi", "/id", "/id/", "/id/nobody", "/id/nobody.ttl"),
        *("/id/xiaomi.rdf", "/claim/0", "/nothing.linkset.json", "/id/%FF", "/id/xiaomi%00"),
        *(
            "/id/%3Cscript%3Ealert(1)%3C/script%3E",
            "/<img/src=x>",
            "/index",
            "/terms/",
            "/id%2Fxiaomi",
        ),
        *("/id/../id/xiaomi", "/id/%2e%2e/id/xiaomi", "/article", "/.well-known/", "/data/", "/%"),
        *("/data/kg.ttl.ttl", "/data/kg.ttl.html", "/data/kg.ttl.linkset.json"),
    ],
)
def test_what_is_not_there_is_told_in_one_plain_line(site: Site, path: str) -> None:
    for accept in (BROWSER, "text/turtle"):
        reply = site.get(path, accept)
        assert reply.status == 404
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert reply.text == "nothing here has this address\n"


def test_what_a_suffix_says_does_not_vary(site: Site) -> None:
    for suffix in FORMS:
        first, second = (site.get(f"/id/xiaomi{suffix}", accept) for accept in (BROWSER, "x/y"))
        assert first.status == 200
        assert first.body == second.body
        assert "Vary" not in first.headers
    assert "Vary" not in site.get("/index.html").headers


def test_what_nobody_can_have_is_refused_with_what_there_is(site: Site) -> None:
    for path in ("/id/xiaomi", "/terms", "/claim/9272b8df023c579bb37dcac2ddf2be5e"):
        for accept in ("image/png", "text/turtle;q=0", "*/*;q=0"):
            reply = site.get(path, accept)
            assert reply.status == 406
            assert reply.headers["Vary"] == "Accept"
            assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
            last = path.rpartition("/")[2]
            forms = [f"{last}{suffix}  {kind}" for suffix, kind in FORMS.items()]
            assert reply.text == "\n".join(["It comes as", *forms, ""])


# --- files, the dataset ---------------------------------------------------------------------------


def test_a_file_is_the_very_text(site: Site, strange: Site) -> None:
    files = [iri for iri in site.iris if re.fullmatch(f"{BASE}file/[^/]+/[^/]+", iri)]
    assert len(files) == 5
    for iri in files:
        name = iri.split("/")[-2]
        text = (REPOSITORY / "seeds" / f"{name}.txt").read_bytes()
        reply = site.get(site.local(iri), "text/plain")
        assert reply.status == 303
        found = site.get(urljoin(site.local(iri), reply.headers["Location"]))
        assert found.body == text
        assert found.headers["Content-Type"] == "text/plain; charset=utf-8"
    files = [i for i in strange.iris if re.fullmatch(f"{strange.base}file/[^/]+/[^/]+", i)]
    assert len(files) == len(NAMES) + 1
    for iri in files:
        address = strange.local(iri)
        found, led = strange.get(f"{address}.txt"), strange.get(address, "text/plain")
        if "/with%20space/" in iri:  # of this one only quotes are published
            assert (found.status, led.status) == (404, 406)
        else:
            assert found.status == 200
            assert led.headers["Location"] == address.rpartition("/")[2] + ".txt"
    assert site.get("/id/xiaomi", "text/plain").status == 406


def test_the_base_leads_to_what_describes_the_dataset(site: Site) -> None:
    for accept in (None, BROWSER, "*/*"):
        reply = site.get("/", accept)
        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.headers["Vary"] == "Accept"
    assert site.get("/index.html", "text/turtle").body == reply.body
    for address, up in (("/", ""), ("/.well-known/void", "../")):
        for name, kind in (("dcat.ttl", "text/turtle"), ("dcat.jsonld", "application/ld+json")):
            led = site.get(address, kind)
            assert led.status == 303
            assert led.headers["Location"] == f"{up}data/{name}"
            assert led.headers["Vary"] == "Accept"
            found = site.get(urljoin(site.root + address[1:], led.headers["Location"]))
            assert found.headers["Content-Type"].partition(";")[0] == kind
            format = PARSED[Path(name).suffix]
            told = {(q.subject, q.predicate.value) for q in ox.parse(found.body, format)}
            assert (ox.NamedNode(BASE), "http://rdfs.org/ns/void#triples") in told
        refused = site.get(address, "image/png")
        assert refused.status == 406
        assert "data/dcat.ttl  text/turtle\n" in refused.text
    assert site.get("/.well-known/void").headers["Location"] == "../data/dcat.ttl"
    described = by_rel(links(site.get("/", "text/turtle"), site.root), "describedby")
    forms = [("", "text/html"), ("data/dcat.ttl", "text/turtle")]
    forms.append(("data/dcat.jsonld", "application/ld+json"))
    assert [(d.href, d.type) for d in described] == [(site.root + n, kind) for n, kind in forms]


# --- signposts ------------------------------------------------------------------------------------

LINK = re.compile(r'<([^<>"\s]*)>((?:; [a-z]+="[^"]*")*)(?:, |$)')


class Link(NamedTuple):
    rel: str
    href: str
    type: str


def links(reply: Reply, address: str) -> list[Link]:
    """The links of a Link header, their targets absolute."""
    header = reply.headers["Link"]
    assert header.isascii()
    found = []
    position = 0
    while position < len(header):
        match = LINK.match(header, position)
        assert match, header[position:]
        given = dict(re.findall(r'([a-z]+)="([^"]*)"', match[2]))
        found.append(Link(given["rel"], urljoin(address, match[1]), given.get("type", "")))
        position = match.end()
    return found


def by_rel(found: list[Link], rel: str) -> list[Link]:
    return [link for link in found if link.rel == rel]


def signposted(site: Site, iri: str) -> list[Link]:
    """Hold the page of an IRI to the FAIR Signposting Profile; returns its links."""
    landing = site.root if iri == site.base else site.local(iri) + ".html"
    page = site.get(landing, BROWSER)
    found = links(page, landing)
    assert links(site.get(landing, BROWSER, "HEAD"), landing) == found
    (cite,) = by_rel(found, "cite-as")
    assert cite.href == quote(iri, safe=":/%")
    led = site.get(site.local(iri), BROWSER)  # where the persistent IRI leads to
    assert urljoin(site.local(iri), led.headers["Location"] or "") == landing
    types = [link.href for link in by_rel(found, "type")]
    assert types[-1] == "https://schema.org/AboutPage"
    assert len(types) <= 2
    data = by_rel(found, "describedby")
    assert len(data) >= 2
    assert by_rel(found, "alternate") == [link._replace(rel="alternate") for link in data]
    assert len(by_rel(found, "license")) <= 1
    (all_,) = by_rel(found, "linkset")
    assert all_.type == "application/linkset+json"
    answer = site.get(all_.href)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == all_.type
    contexts = {c.pop("anchor"): c for c in json.loads(answer.body)["linkset"]}
    sets = {
        anchor: [Link(rel, to["href"], to.get("type", "")) for rel in c for to in c[rel]]
        for anchor, c in contexts.items()
    }
    assert sorted(sets[landing]) == sorted(found)
    for anchor, told in sets.items():
        reply = site.get(anchor, BROWSER, "HEAD")
        assert reply.status in (200, 303), anchor
        there = links(reply, anchor)
        if not by_rel(told, "collection"):
            assert sorted(there) == sorted(told), anchor
    for link in data:
        reply = site.get(link.href, "image/png")
        assert reply.headers["Content-Type"].partition(";")[0] == link.type
        back = links(reply, link.href)
        assert by_rel(back, "describes") == [Link("describes", landing, "text/html")]
        assert by_rel(back, "linkset") == [all_]
        assert link.href in sets
    for link in by_rel(found, "item"):
        reply = site.get(link.href, method="HEAD")
        assert reply.headers["Content-Type"].partition(";")[0] == link.type
        assert len(by_rel(links(reply, link.href), "collection")) == 1
        assert Link("collection", landing, "text/html") in sets[link.href]
    return found


def test_pages_are_signposted_as_the_profile_says(site: Site, strange: Site) -> None:
    for iri in site.sample(4):
        assert by_rel(signposted(site, iri), "cite-as")
    for iri in strange.iris[::3]:
        if not iri.endswith(("/name.ttl", "/name")):
            assert by_rel(signposted(strange, iri), "cite-as")


def test_links_tell_what_the_graph_knows(site: Site) -> None:
    home = signposted(site, BASE)
    assert by_rel(home, "type")[0].href == "https://schema.org/Dataset"
    assert by_rel(home, "license")[0].href == LICENSE
    items = {link.href.removeprefix(site.root) for link in by_rel(home, "item")}
    assert {"data/kg.ttl", "data/kg.nq", "data/kg.jsonld", "data/kg.trig"} <= items
    company = signposted(site, BASE + "id/xiaomi")
    assert by_rel(company, "type")[0].href == "https://schema.org/Corporation"
    assert by_rel(company, "license")[0].href == LICENSE
    article = signposted(site, next(i for i in site.iris if "/article/000_" in i))
    assert [link.type for link in by_rel(article, "item")] == ["text/plain"]
    claim = signposted(site, next(i for i in site.iris if "/claim/" in i))
    assert by_rel(claim, "type")[0].href == "https://w3id.org/kgpress/ns#Claim"


def test_authors_are_linked_where_they_are_known(site: Site) -> None:
    authors = [
        [link.href for link in by_rel(signposted(site, iri), "author")]
        for iri in site.iris
        if "/article/" in iri
    ]
    assert [BASE + "id/wang-xiaodong"] in authors


def test_the_texts_of_others_are_not_under_the_licence_of_the_dataset(site: Site) -> None:
    for iri in site.iris:
        if iri.startswith((f"{BASE}article/", f"{BASE}file/")):
            assert not by_rel(signposted(site, iri), "license")
            data = site.local(iri) + ".ttl"
            assert by_rel(links(site.get(data), data), "license")[0].href == LICENSE


def test_an_article_may_have_a_licence_of_its_own(strange: Site) -> None:
    found = signposted(strange, f"{strange.base}article/with%20space")
    (license_,) = by_rel(found, "license")
    assert license_.href == "https://creativecommons.org/licenses/by/4.0/"
    assert by_rel(found, "item") == []  # only what is quoted of it is published


def test_behind_a_proxy_addresses_are_those_that_clients_know(folder: Folder) -> None:
    with serving(folder.publish(), "--proxy", "127.0.0.1") as server:
        headers = {"Host": "data.example", "X-Forwarded-Proto": "https"}
        reply = server.ask("GET", "/id/acme.linkset.json", headers=headers)
        anchors = [context["anchor"] for context in json.loads(reply.body)["linkset"]]
        assert anchors[0] == "https://data.example/id/acme.html"
        led = server.ask("GET", "/id/acme", headers=headers)
        assert led.headers["Location"] == "acme.html"


def test_below_a_path_of_a_proxy_addresses_have_it(site: Site) -> None:
    def told(prefix: str) -> tuple[str, str]:
        headers = {"Host": "data.example", "X-Forwarded-Prefix": prefix, "Accept": "text/turtle"}
        reply = site.server.ask("GET", "/id/xiaomi.linkset.json", headers=headers)
        assert reply.headers["Vary"] == "Host, X-Forwarded-Prefix"
        described = site.server.ask("GET", "/sparql", headers=headers)
        assert described.headers["Vary"] == "Accept, Host, X-Forwarded-Prefix"
        endpoint = re.search(r"sd:endpoint <(.*?)>", described.text)
        assert endpoint
        return json.loads(reply.body)["linkset"][0]["anchor"], endpoint[1]

    there = "http://data.example/some/kg/"
    for prefix in ("/some/kg", "/some/kg/"):
        assert told(prefix) == (f"{there}id/xiaomi.html", f"{there}sparql")
    here = "http://data.example/"
    for prefix in ("", "/", "kg", "//evil.example", "/a b", '/a"', "/\xe9", "/<b>", "https://x"):
        assert told(prefix) == (f"{here}id/xiaomi.html", f"{here}sparql"), prefix


def test_a_header_has_few_links_of_a_kind_and_the_link_set_all() -> None:
    node = Node([], [f"{BASE}id/author-{n}-王" for n in range(100)], [], ["file/a/1.txt"])
    found = of_node("article/a", node, {"base": BASE, "license": ""}, set())
    ((_, header_),) = header(found["article/a.html"], "article/a.html")
    assert header_.isascii()
    assert header_.count('rel="author"') == FEW
    assert f'<{BASE}id/author-0-%E7%8E%8B>; rel="author"' in header_
    assert 'rel="item"' not in header_  # it is not published
    assert 'rel="license"' not in header_
    (page, *_) = json.loads(linkset(found, "http://x/"))["linkset"]
    assert len(page["author"]) == 100


# --- what every response has ----------------------------------------------------------------------


def test_every_response_says_what_may_be_done_with_it(site: Site) -> None:
    paths = (
        "/",
        "/id/xiaomi",
        "/id/xiaomi.html",
        "/id/xiaomi.ttl",
        "/id/nobody",
        "/assets/style.css",
    )
    more = ("/.well-known/void", "/id/xiaomi.linkset.json", "/sparql", "/data/kg.ttl", "/health")
    for path in (*paths, *more):
        for method in ("GET", "HEAD", "OPTIONS", "DELETE"):
            reply = site.get(path, BROWSER, method)
            headers = reply.headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Access-Control-Allow-Origin"] == "*"
            policy = headers["Content-Security-Policy"].split("; ")
            assert {"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'"} <= set(policy)
            assert not [rule for rule in policy if re.search(r"'unsafe|http|\*", rule)]
            if reply.status >= 400:
                assert headers["Content-Type"] == "text/plain; charset=utf-8"
                assert "<" not in reply.text


def test_head_tells_what_get_does(site: Site) -> None:
    for path in (
        "/",
        "/id/xiaomi",
        "/id/xiaomi.html",
        "/id/xiaomi.nt",
        "/id/nobody",
        "/index.linkset.json",
    ):
        got, head = site.get(path), site.get(path, method="HEAD")
        assert head.status == got.status
        assert head.body == b""
        without = [(k, v) for k, v in got.headers.items() if k.lower() != "date"]
        assert [(k, v) for k, v in head.headers.items() if k.lower() != "date"] == without


def test_scripts_of_other_sites_may_ask(site: Site) -> None:
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "accept",
    }
    for path in ("/", "/id/xiaomi", "/id/xiaomi.ttl", "/data/kg.ttl", "/.well-known/void"):
        reply = site.server.ask("OPTIONS", path, headers=headers)
        assert reply.status == 204
        assert reply.body == b""
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in reply.headers["Access-Control-Allow-Methods"]
        assert "Accept" in reply.headers["Access-Control-Allow-Headers"]
        got = site.server.ask("GET", path, headers={"Origin": "https://elsewhere.example"})
        assert "Link" in got.headers["Access-Control-Expose-Headers"]


def test_pages_are_not_sent_again_to_who_has_them(site: Site) -> None:
    for path in ("/", "/id/xiaomi.html", "/id/xiaomi.ttl"):
        tag = site.get(path).headers["ETag"]
        again = site.server.ask("GET", path, headers={"If-None-Match": tag})
        assert again.status == 304
        assert again.body == b""
        assert again.headers["Link"] == site.get(path).headers["Link"]


# --- a crawl --------------------------------------------------------------------------------------


def crawl(site: Site) -> int:
    """Follow the links of pages from the first one, and hold each to leading somewhere."""
    queue, seen, ids = [site.root], {site.root}, dict[str, set[str]]()
    wanted = list[tuple[str, str, str]]()
    for address in queue:
        reply = site.get(address, BROWSER)
        for _ in range(2):
            if reply.status == 303:
                reply = site.get(urljoin(address, reply.headers["Location"]), BROWSER)
        assert reply.status == 200, address
        if not reply.headers["Content-Type"].startswith("text/html"):
            continue
        document = html5lib.parse(reply.body.decode())
        ids[address] = {e.get("id") for e in document.iter() if e.get("id")}
        for element in document.iter():
            for name in ("href", "src", "action"):
                if (value := element.get(name)) is None:
                    continue
                to, fragment = urldefrag(urljoin(address, value))
                if not to.startswith(site.root):
                    assert element.tag in (f"{XHTML}a", f"{XHTML}link")
                    continue
                if fragment and not fragment.startswith("query="):
                    wanted.append((address, to, unquote(fragment)))
                if to not in seen:
                    seen.add(to)
                    queue.append(to)
    missing = [w for w in wanted if w[1] in ids and w[2] not in ids[w[1]]]
    assert missing == []
    assert any(to in ids for _, to, _ in wanted)
    return len(ids)


def test_every_link_leads_somewhere_whatever_the_names_are(strange: Site) -> None:
    assert crawl(strange) > 80


@pytest.mark.slow
def test_every_link_of_every_page_leads_somewhere(site: Site) -> None:
    assert crawl(site) > 700


# --- the documentation ----------------------------------------------------------------------------


def test_the_examples_of_the_documentation_are_what_happens(
    site: Site, needs: Callable[[str], str]
) -> None:
    needs("curl")
    text = (REPOSITORY / "docs/linked-data.md").read_text()
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 4
    for block in blocks:
        for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            assert command.startswith("curl -s")
            here = command.replace("localhost:8000", f"127.0.0.1:{site.server.port}")
            ran = subprocess.run(["sh", "-c", here], capture_output=True, check=True, timeout=60)
            shown = ran.stdout.decode().replace("\r\n", "\n")
            assert shown.replace(f"127.0.0.1:{site.server.port}", "localhost:8000") == expected
