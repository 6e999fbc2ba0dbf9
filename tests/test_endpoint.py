"""The SPARQL endpoint of a real `kg serve` on this repository's dataset, beyond the W3C's tests."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import html5lib
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from sample import REPOSITORY, kg
from serving import Reply, Server, serving

from kg.asking import sparql
from kg.asking.answers import write_answer
from kg.asking.published import Published
from kg.asking.sparql import Form
from kg.pages.form import FORMATS as FORM_FORMATS
from kg.server import answering, app, nursery, pool, protocol
from kg.server.protocol import FORMATS

XHTML = "{http://www.w3.org/1999/xhtml}"
BASE = "https://w3id.org/kgpress/quality-awards/"
JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv; charset=utf-8", "text/tab-separated-values; charset=utf-8"
TURTLE, NTRIPLES = "text/turtle; charset=utf-8", "application/n-triples"
JSONLD, RDFXML = "application/ld+json", "application/rdf+xml"
FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)

SELECT = "SELECT ?s ?name { ?s a kg:AwardConferral ; rdfs:label ?name } ORDER BY ?name"
ASK = "ASK { :xiaomi ?p ?o }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a kg:AwardConferral ; ?p ?o }"
DESCRIBE = "DESCRIBE :xiaomi"

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture(scope="module")
def published(public: Path) -> Published:
    return Published(public)


@pytest.fixture(scope="module")
def server(public: Path) -> Iterator[Server]:
    with serving(public, "--timeout", "60") as running:  # to count a million rows takes some time
        yield running


def get(server: Server, query: str, accept: str = "", **more: str) -> Reply:
    headers = {"Accept": accept} if accept else {}
    return server.ask("GET", f"/sparql?{urlencode({'query': query, **more})}", headers=headers)


def post(server: Server, body: str | bytes, kind: str = QUERY, target: str = "/sparql") -> Reply:
    body = body.encode() if isinstance(body, str) else body
    return server.ask("POST", target, body, {"Content-Type": kind} if kind else {})


def count(server: Server) -> bytes:
    query = "SELECT ?g (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } "
    reply = get(server, f"{query} GROUP BY ?g ORDER BY ?g", "text/csv")
    assert reply.status == 200
    assert len(reply.text.splitlines()) > 5
    return reply.body


# --- formats -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "accept", "kind"),
    [
        *((query, "", JSON) for query in (SELECT, ASK)),
        *((query, "*/*", JSON) for query in (SELECT, ASK)),
        *((query, kind, kind) for query in (SELECT, ASK) for kind in (JSON, XML)),
        (SELECT, "text/csv", CSV),
        (ASK, "text/csv", CSV),
        (SELECT, "text/tab-separated-values", TSV),
        (ASK, "text/tab-separated-values", TSV),
        (SELECT, "application/json", "application/json"),
        (SELECT, "application/xml", "application/xml"),
        (SELECT, "text/*", CSV),
        (SELECT, "application/*;q=0.5, text/csv;q=0.4", JSON),
        (SELECT, f"{JSON};q=0.4, text/csv;q=0.5", CSV),
        (SELECT, f"{JSON};q=0, */*", XML),
        (SELECT, f"image/png, {XML};q=0.001", XML),
        (SELECT, "Text/CSV; charset=UTF-8", CSV),
        (SELECT, BROWSER, "application/xml"),
        *((query, "", TURTLE) for query in (CONSTRUCT, DESCRIBE)),
        *((query, BROWSER, TURTLE) for query in (CONSTRUCT, DESCRIBE)),
        (CONSTRUCT, "text/turtle", TURTLE),
        (DESCRIBE, "application/n-triples", NTRIPLES),
        (CONSTRUCT, "application/ld+json", JSONLD),
        (CONSTRUCT, "application/rdf+xml", RDFXML),
        (CONSTRUCT, "text/turtle;q=0.2, application/rdf+xml;q=0.3", RDFXML),
        (CONSTRUCT, f"{JSON}, application/n-triples;q=0.1", NTRIPLES),
    ],
)
def test_the_accept_header_chooses_the_format(
    server: Server, query: str, accept: str, kind: str
) -> None:
    reply = get(server, query, accept)
    assert (reply.status, reply.headers["Content-Type"]) == (200, kind)
    assert "Accept" in reply.headers["Vary"].split(", ")
    assert reply.body == get(server, query, kind.partition(";")[0]).body


@pytest.mark.parametrize(
    ("query", "accept", "offers"),
    [
        (SELECT, "image/png", [JSON, XML, "text/csv", "text/tab-separated-values"]),
        (SELECT, "text/html", [JSON, XML]),
        (ASK, "text/turtle", [JSON, XML]),
        (CONSTRUCT, "text/csv", ["text/turtle", NTRIPLES, JSONLD, RDFXML]),
        (DESCRIBE, f"{JSON}, {XML}", ["text/turtle", NTRIPLES, JSONLD, RDFXML]),
        (SELECT, "*/*;q=0", [JSON]),
        ("", "text/csv", ["text/turtle", "text/html"]),
    ],
)
def test_a_format_that_there_is_none_of_is_answered_by_the_list(
    server: Server, query: str, accept: str, offers: list[str]
) -> None:
    reply = (
        get(server, query, accept)
        if query
        else server.ask("GET", "/sparql", None, {"Accept": accept})
    )
    assert reply.status == 406
    assert all(offer in reply.text for offer in offers)
    assert accept not in reply.text


def test_format_overrides_the_accept_header(server: Server) -> None:
    kinds = {
        SELECT: {"json": JSON, "xml": XML, "csv": CSV, "tsv": TSV},
        ASK: {"json": JSON, "xml": XML, "csv": CSV, "tsv": TSV},
        CONSTRUCT: {
            **{"turtle": TURTLE, "ntriples": NTRIPLES, "jsonld": JSONLD},
            **{"json": JSONLD, "xml": RDFXML},
        },
    }
    for query, expected in kinds.items():
        for format in FORMATS:
            reply = get(server, query, "image/png", format=format)
            kind = expected.get(format)
            assert reply.status == (200 if kind else 406), (query, format)
            assert kind in (None, reply.headers["Content-Type"])
    for wrong in ("html", "", "JSON", "text/csv"):
        reply = get(server, SELECT, format=wrong)
        assert reply.status == 400
        assert all(name in reply.text for name in FORMATS)
    body = urlencode({"query": SELECT, "format": "csv"})
    assert post(server, body, FORM).headers["Content-Type"] == CSV
    assert post(server, SELECT, target="/sparql?format=tsv").headers["Content-Type"] == TSV


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib's own, in reading JSON-LD
def test_all_forms_of_a_graph_are_the_same_graph(server: Server) -> None:
    for query in (
        CONSTRUCT,
        DESCRIBE,
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s a oa:TextQuoteSelector ; ?p ?o }",
    ):
        graphs = {
            name: rdflib.Graph().parse(data=get(server, query, accept).body, format=name)
            for name, accept in {
                "turtle": "text/turtle",
                "nt": "application/n-triples",
                "json-ld": "application/ld+json",
                "xml": "application/rdf+xml",
            }.items()
        }
        assert len(graphs["nt"]) > 10
        assert all(isomorphic(graph, graphs["nt"]) for graph in graphs.values())


texts = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["\r", "a\r\nb", "\n\n", '"', "<&>]]>", " x ", "\x85\u2028", "\ufffe", "\x01", "=1+1", ","]
)


@settings(
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts)
def test_every_format_gives_every_text_as_it_is_or_says_that_it_cannot(
    server: Server, text: str
) -> None:
    literal = "".join(f"\\U{ord(c):08X}" if c not in '"\\\r\n' else {
        '"': '\\"', "\\": "\\\\", "\r": "\\r", "\n": "\\n"
    }[c] for c in text)  # fmt: skip
    formats = {
        JSON: ox.QueryResultsFormat.JSON,
        XML: ox.QueryResultsFormat.XML,
        "text/tab-separated-values": ox.QueryResultsFormat.TSV,
    }
    for accept, format in formats.items():
        reply = get(server, f'SELECT ?x {{ BIND ("{literal}" AS ?x) }}', accept)
        if reply.status == 406 and accept == XML:
            assert "what XML cannot hold" in reply.text
            assert any(c < " " or c in "\ufffe\uffff" for c in text)
            continue
        (row,) = ox.parse_query_results(reply.body, format)
        assert row["x"] == ox.Literal(text)
    for accept, name in (("text/turtle", "turtle"), (RDFXML, "xml")):
        query = f'CONSTRUCT {{ <a:b> <c:d> "{literal}" }} {{}}'
        reply = get(server, query, accept)
        if reply.status == 406 and accept == RDFXML:
            continue
        (value,) = rdflib.Graph().parse(data=reply.body, format=name).objects()
        assert str(value) == text


def test_what_xml_has_no_name_for_is_not_written_in_xml(server: Server) -> None:
    query = "CONSTRUCT { <a:b> <https://example.org/123> 1 } {}"
    reply = get(server, query, RDFXML)
    assert (reply.status, "text/turtle" in reply.text) == (406, True)
    assert RDFXML not in reply.text
    assert get(server, query, "text/turtle").status == 200


def alike(one: bytes, other: bytes) -> bool:
    """Tell whether two texts in Turtle are of the same graph, whatever blank nodes are called."""
    return isomorphic(*(rdflib.Graph().parse(data=text, format="turtle") for text in (one, other)))


# --- the same as `kg query` --------------------------------------------------------------------


def test_saved_queries_are_answered_byte_for_byte_as_kg_query_does(
    server: Server, published: Published
) -> None:
    formats = {
        Form.SELECT: ("csv", "json", "tsv", "xml"),
        Form.ASK: ("csv", "json", "xml"),
        Form.CONSTRUCT: ("turtle", "ntriples"),
    }
    asked = 0
    for saved in published.queries:
        for format in formats[saved.form]:
            reply = post(server, saved.text, target=f"/sparql?format={format}")
            assert reply.status == 200, (saved.name, reply.text)
            written = "".join(write_answer(published, published.query(saved.text), format))
            if "_:" in written:  # other blank nodes each time
                assert alike(reply.body, written.encode()), (saved.name, format)
            else:
                assert reply.body == written.encode(), (saved.name, format)
                asked += 1
    assert asked > 300


@pytest.mark.parametrize("format", ["csv", "json", "tsv", "xml"])
def test_the_command_prints_what_the_endpoint_answers(
    server: Server, public: Path, format: str
) -> None:
    ran = kg("query", "--data", public, "--format", format, "awards")
    text = (REPOSITORY / "queries/awards.rq").read_text("utf-8")
    answered = get(server, text, format=format).text.replace("\r\n", "\n")
    assert (ran.code, ran.out.replace("\r\n", "\n")) == (0, answered)


def test_iris_without_a_scheme_and_columns_are_the_same_in_the_command(
    server: Server, public: Path
) -> None:
    query = "SELECT * { <id/xiaomi> rdfs:label ?name ; a ?class }"
    reply = get(server, query, "text/csv")
    assert reply.text.splitlines()[0] == "name,class"
    assert "\nXiaomi,http" in reply.text
    ran = kg("query", "--data", public, "--format", "csv", query)
    assert ran.out.split() == reply.text.split()


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?s ?p ?o }", "s,p,o"),
        ("PREFIX select: <a:b> select distinct*{ ?z ?a ?m }", "z,a,m"),
        (
            "BASE <a:SELECT> # SELECT *\nSELECT REDUCED * { ?s <b> ?a OPTIONAL { ?a ?p ?b } }",
            "s,a,p,b",
        ),
        ("SELECT * { { SELECT ?b (COUNT(?x) AS ?a) { ?x a ?b } GROUP BY ?b } }", "b,a"),
        ("SELECT * { ?s ?p '?no' FILTER NOT EXISTS { ?inner ?p ?s } } ORDER BY ?p", "s,p"),
        ("SELECT * { ?b ?p ?c FILTER (?b<?c && ?a>1) BIND (1 AS ?a) }", "b,p,c,a"),
        ("SELECT * { VALUES (?z ?y) { (1 2) } }", "z,y"),
        ("SELECT ?o ?s { ?s ?p ?o }", "o,s"),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "n"),
        ("SELECT * {}", ""),
    ],
)
def test_columns_stand_in_the_order_of_the_query(server: Server, query: str, columns: str) -> None:
    reply = get(server, query + " LIMIT 1", "text/csv")
    assert (reply.status, reply.text.splitlines()[0]) == (200, columns)


# --- the dataset -------------------------------------------------------------------------------


def test_description_queries_and_links_are_graphs(server: Server, public: Path) -> None:
    for name in ("dcat.ttl", "queries.ttl", "links.ttl"):
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{BASE}data/{name}> {{ ?s ?p ?o }} }}"
        found = rdflib.Graph().parse(data=get(server, query).body, format="turtle")
        published = rdflib.Graph().parse(public / "data" / name)
        assert set(found.subjects()) == set(published.subjects())
        assert len(found) == len(published)
    query = f"ASK {{ <{BASE}> a dcat:Dataset, void:Dataset }}"
    described = get(server, query, "text/csv", **{"default-graph-uri": f"{BASE}data/dcat.ttl"})
    assert described.text == "true\n"


def test_the_default_graph_is_the_merged_graph(server: Server, public: Path) -> None:
    merged = rdflib.Graph().parse(public / "data/kg.ttl")
    (_, number) = get(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv").text.split()
    assert int(number) == len(merged)
    articles = "SELECT ?g { GRAPH ?g {} }"
    names = set(get(server, articles, "text/csv").text.split()[1:])
    quads = ox.parse((public / "data/kg.nq").read_bytes(), ox.RdfFormat.N_QUADS)
    beside = {f"{BASE}data/{name}" for name in ("dcat.ttl", "queries.ttl", "links.ttl")}
    assert names - beside == {getattr(quad.graph_name, "value", "") for quad in quads}


def test_from_is_never_fetched_and_the_protocol_goes_before_it(server: Server) -> None:
    graph = f"{BASE}data/dcat.ttl"
    nowhere = f"http://127.0.0.1:{server.port}/data/dcat.ttl"
    counted = "SELECT (COUNT(*) AS ?n) FROM <%s> { ?s ?p ?o }"
    assert int(get(server, counted % graph, "text/csv").text.split()[1]) > 100
    assert get(server, counted % nowhere, "text/csv").text.split()[1] == "0"
    over = get(server, counted % graph, "text/csv", **{"default-graph-uri": nowhere})
    assert over.text.split()[1] == "0"
    log = server.log.read_text("utf-8")
    assert '"/data/dcat.ttl"' not in log, "the server has asked itself"


# --- requests ----------------------------------------------------------------------------------


TABLE = "/sparql?format=csv"
TRUE = b'{"head":{},"boolean":true}\n'


def test_all_ways_to_ask_are_answered_alike(server: Server) -> None:
    asked = "ASK { :xiaomi rdfs:label ?é FILTER (STRLEN(?é) + 0 > 1) }"
    replies = [
        get(server, asked),
        server.ask("GET", f"/sparql/?query={quote(asked, safe='')}"),
        server.ask("GET", f"/sparql?query={quote(asked, safe='').replace('%20', '+')}"),
        server.ask("GET", f"/sparql?x=1&&query={quote(asked, safe='/?:{}')}&y"),
        post(server, asked),
        post(server, "\ufeff" + asked),
        get(server, "\ufeff" + asked),
        post(server, asked, f'{QUERY.upper()}; Charset="UTF-8"'),
        post(server, urlencode({"query": asked}), FORM),
        post(server, urlencode({"query": asked}), f"{FORM};charset=utf-8"),
        post(server, "", FORM, f"/sparql?{urlencode({'query': asked})}"),
    ]
    assert {(reply.status, reply.body) for reply in replies} == {(200, TRUE)}
    chunked = [
        *("-s", "-H", "Transfer-Encoding: chunked", "-H", f"Content-Type: {QUERY}"),
        *("--data-binary", asked, f"http://127.0.0.1:{server.port}/sparql"),
    ]
    if shutil.which("curl"):
        assert subprocess.run(["curl", *chunked], capture_output=True, check=True).stdout == TRUE


@pytest.mark.parametrize(
    ("status", "says", "send"),
    [
        (400, "the syntax is broken", lambda s: get(s, "")),
        (400, "the syntax is broken", lambda s: get(s, " # nothing")),
        (400, "query:2:", lambda s: get(s, "ASK {\n ?s ?p }")),
        (400, "prefix", lambda s: get(s, "ASK { unknown:x ?p ?o }")),
        (400, "calls SERVICE", lambda s: get(s, "ASK { SERVICE <http://127.0.0.1:1/> {} }")),
        (400, "nests too deeply", lambda s: post(s, "ASK " + "{" * 300 + "}" * 300)),
        (400, "several queries", lambda s: s.ask("GET", "/sparql?query=ASK{}&query=ASK{}")),
        (400, "several queries", lambda s: post(s, "ASK {}", target="/sparql?query=ASK{}")),
        (400, "several queries", lambda s: post(s, "query=ASK{}", FORM, "/sparql?query=ASK{}")),
        (400, "several queries", lambda s: post(s, "", target="/sparql?query=ASK{}")),
        (400, "there is no query", lambda s: post(s, "", FORM)),
        (400, "there is no query", lambda s: post(s, "quer=ASK{}", FORM)),
        (400, "write %25", lambda s: s.ask("GET", "/sparql?query=ASK%20{}%2")),
        (400, "write %25", lambda s: post(s, "query=ASK{}%zz", FORM)),
        (400, "not UTF-8", lambda s: s.ask("GET", "/sparql?query=ASK{}%FF")),
        (400, "not UTF-8", lambda s: s.ask("GET", "/sparql?query=ASK{}%ED%A0%80")),
        (400, "not UTF-8", lambda s: post(s, "query=ASK {?s ?p 'é'}", FORM)),
        (400, "not UTF-8", lambda s: post(s, b"ASK {?s ?p '\xe9'}")),
        (400, "too many parameters", lambda s: post(s, "a&" * 2000 + "query=ASK{}", FORM)),
        (400, "IRI", lambda s: get(s, "ASK {}", **{"default-graph-uri": "a b"})),
        (400, "IRI", lambda s: get(s, "ASK {}", **{"named-graph-uri": ""})),
        (413, "100,000 bytes", lambda s: post(s, "ASK {}" + " " * 99_995)),
        (413, "100,000 bytes", lambda s: post(s, "query=ASK{}" + "+" * 100_000, FORM)),
        (413, "262,144 bytes", lambda s: post(s, "ASK {}" + " " * 262_144)),
        (413, "graphs", lambda s: post(s, "ASK {}", QUERY, "/sparql?" + "&named-graph-uri=" * 201)),
        (415, "charset", lambda s: post(s, "ASK {}", f"{QUERY}; charset=iso-8859-1")),
        (415, "charset", lambda s: post(s, "query=ASK{}", f"{FORM}; charset=utf-16")),
        (415, "Content-Type", lambda s: post(s, "ASK {}", "text/plain")),
        (415, "Content-Type", lambda s: post(s, "ASK {}", "multipart/form-data; boundary=x")),
        (415, "Content-Type", lambda s: post(s, "ASK {}", "")),
        (415, "Content-Type", lambda s: post(s, "{}", "application/json")),
        (507, "1,000,000 rows", lambda s: post(s, product("SELECT *", 1001), QUERY, TABLE)),
        (507, "1,000,000 triples", lambda s: post(s, product("CONSTRUCT { [] <a:p> ?a }", 1001))),
        (507, "64 MiB", lambda s: post(s, f"SELECT (?a + ?b AS ?c) ('{'x' * 90}' AS ?d) "
         + product("", 999))),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(
    server: Server, status: int, says: str, send: Callable[[Server], Reply]
) -> None:
    reply = send(server)
    assert reply.status == status, reply.text
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert says in reply.text
    assert reply.text.count("\n") == 1
    assert reply.text.endswith("\n")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def product(head: str, size: int) -> str:
    """Return a query with 1,000 times so many solutions."""
    values = [" ".join(map(str, range(count))) for count in (1000, size)]
    return f"{head} {{ VALUES ?a {{ {values[0]} }} VALUES ?b {{ {values[1]} }} }}"


def test_the_longest_query_is_answered(server: Server) -> None:
    assert post(server, "ASK {}" + " " * 99_994).body == TRUE
    assert post(server, "query=ASK{}" + "%20" * 80_000, FORM).body == TRUE
    graphs = "&default-graph-uri=a:b" * 200
    assert post(server, "ASK {}", target=f"/sparql?{graphs}").body == TRUE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
def test_compressed_bodies_are_refused(server: Server, coding: str) -> None:
    headers = {"Content-Type": QUERY, "Content-Encoding": coding}
    reply = server.ask("POST", "/sparql", gzip.compress(b"ASK {}"), headers)
    assert (reply.status, "without a Content-Encoding" in reply.text) == (415, True)
    headers["Content-Encoding"] = "identity"
    assert server.ask("POST", "/sparql", b"ASK {}", headers).body == TRUE


UPDATES = [
    "INSERT DATA { <a:a> <a:b> <a:c> }",
    "PREFIX : <a:> # SELECT\ninsert { :a :b :c } WHERE {}",
    "BASE <a:b> DELETE WHERE { ?s ?p ?o }",
    "DELETE DATA { <a:a> <a:b> <a:c> }",
    "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    *("CLEAR ALL", "DROP ALL", "DROP SILENT GRAPH <a:g>", "CREATE GRAPH <a:g>"),
    *("COPY DEFAULT TO <a:g>", "MOVE DEFAULT TO <a:g>", "ADD DEFAULT TO <a:g>"),
    "LOAD <file:///etc/passwd>",
    "LOAD <http://127.0.0.1:1/> INTO GRAPH <a:g>",
]


def test_no_update_is_done_whatever_way_it_is_sent(server: Server) -> None:
    before = count(server)
    for update in UPDATES:
        form = urlencode({"update": update})
        for reply in (
            post(server, update, UPDATE),
            post(server, update, f"{UPDATE}; charset=utf-8"),
            post(server, form, FORM),
            post(server, "", FORM, f"/sparql?{form}"),
            server.ask("GET", f"/sparql?{form}"),
            post(server, f"{form}&query=ASK{{}}", FORM),
            post(server, "ASK {}", QUERY, f"/sparql?{form}"),
            post(server, "ASK {}", QUERY, "/sparql?using-graph-uri=a:b"),
        ):
            assert reply.status == 403, update
            assert reply.text == "query: error: updates are refused; this endpoint is read-only\n"
        for reply in (get(server, update), post(server, update)):
            assert reply.status == 400
            assert "is an update, and nothing is updated here" in reply.text
        for method in ("PUT", "DELETE", "PATCH", "MKCOL", "TRACE"):
            for target in ("/sparql", "/sparql?graph=a:b", "/sparql?default", f"/sparql?{form}"):
                reply = server.ask(method, target, update.encode(), {"Content-Type": UPDATE})
                assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert count(server) == before


def test_head_is_get_without_a_body(server: Server) -> None:
    for target, accept in (
        (f"/sparql?{urlencode({'query': SELECT})}", "text/csv"),
        ("/sparql", "text/turtle"),
        ("/sparql", "text/html"),
        ("/sparql?query=ASK", "*/*"),
    ):
        got = server.ask("GET", target, headers={"Accept": accept})
        head = server.ask("HEAD", target, headers={"Accept": accept})
        assert (head.status, head.body) == (got.status, b"")
        assert int(head.headers["Content-Length"]) == len(got.body)
        kept = [(n, v) for n, v in head.headers.items() if n != "date"]
        assert kept == [(n, v) for n, v in got.headers.items() if n != "date"]


def test_scripts_of_other_sites_may_ask(server: Server) -> None:
    preflight = server.ask(
        "OPTIONS",
        "/sparql",
        headers={
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = preflight.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"content-type", "accept"} <= set(allowed)
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    for reply in (get(server, ASK), get(server, "ASK"), server.ask("PUT", "/sparql")):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "ETag" in reply.headers["Access-Control-Expose-Headers"]


def test_an_answer_that_the_client_has_is_not_sent_again(server: Server) -> None:
    target = f"/sparql?{urlencode({'query': SELECT})}"
    tag = server.ask("GET", target).headers["ETag"]
    other = server.ask("GET", target, headers={"Accept": "text/csv"}).headers["ETag"]
    assert tag != other
    for known in (tag, f"W/{tag}", f'"x", {tag}', f"{tag},{other}", "*", " * "):
        for method in ("GET", "HEAD"):
            reply = server.ask(method, target, headers={"If-None-Match": known})
            assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", tag)
            assert "Accept" in reply.headers["Vary"]
    for unknown in (other, '"x"', tag.strip('"'), "", tag[:-2] + '"'):
        reply = server.ask("GET", target, headers={"If-None-Match": unknown})
        assert (reply.status, reply.headers["ETag"]) == (200, tag)
    headers = {"Content-Type": QUERY, "If-None-Match": tag}
    assert server.ask("POST", "/sparql", SELECT.encode(), headers).status == 200
    for changing in ("RAND()", "NOW()", "UUID()", "STRUUID()", "BNODE()"):
        assert "ETag" not in get(server, f"SELECT ({changing} AS ?x) {{}}").headers
    assert (
        get(server, "SELECT (RAND() AS ?x) {}").body != get(server, "SELECT (RAND() AS ?x) {}").body
    )
    assert "ETag" not in get(server, "ASK").headers


def test_answers_are_the_same_after_a_restart(server: Server, public: Path) -> None:
    queries = (
        CONSTRUCT,
        DESCRIBE,
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o",
    )
    with serving(public, log=public.parent / "other.log") as again:
        for query in queries:
            assert get(server, query).body == get(again, query).body
            target = f"/sparql?{urlencode({'query': query})}"
            assert (
                server.ask("HEAD", target).headers["ETag"]
                == again.ask("HEAD", target).headers["ETag"]
            )


# --- clients -----------------------------------------------------------------------------------


def test_rdflib_asks_it_as_a_store(server: Server) -> None:
    for method in ("GET", "POST", "POST_FORM"):
        for format in ("json", "xml"):
            store = SPARQLStore(
                f"http://127.0.0.1:{server.port}/sparql", method=method, returnFormat=format
            )
            graph = rdflib.Graph(store)
            label = rdflib.RDFS.label
            xiaomi = rdflib.URIRef(f"{BASE}id/xiaomi")
            assert rdflib.Literal("Xiaomi", "en") in set(graph.objects(xiaomi, label))
            assert len(graph) > 10_000
            assert (xiaomi, label, None) in graph
            rows = graph.query("SELECT ?s WHERE { ?s a <https://schema.org/Product> }")
            assert len(rows) == 3
            if format == "xml":  # with "json" it asks for rows alone
                made = graph.query("CONSTRUCT { ?s a ?t } WHERE { ?s a ?t } LIMIT 3")
                assert len(list(made)) == 3


def test_rdflib_asks_it_by_service(server: Server) -> None:
    query = f"""SELECT ?name {{ SERVICE <http://127.0.0.1:{server.port}/sparql> {{
        <{BASE}id/xiaomi> <http://www.w3.org/2000/01/rdf-schema#label> ?name }} }}"""
    assert [str(row[0]) for row in rdflib.Graph().query(query)] == ["Xiaomi"]


def test_curl_asks_it(server: Server, needs: Callable[[str], str]) -> None:
    curl, url = needs("curl"), f"http://127.0.0.1:{server.port}/sparql"

    def run(*arguments: str) -> str:
        done = subprocess.run([curl, "-sS", *arguments], capture_output=True, check=True)
        return done.stdout.decode()

    file = REPOSITORY / "queries/awards.rq"
    expected = get(server, file.read_text("utf-8"), "text/csv").text
    accept = ("-H", "Accept: text/csv")
    assert run(url, *accept, "--data-urlencode", f"query@{file}") == expected
    assert run("-G", url, *accept, "--data-urlencode", f"query@{file}") == expected
    assert (
        run(url, *accept, "-H", f"Content-Type: {QUERY}", "--data-binary", f"@{file}") == expected
    )
    assert run("--compressed", "-G", url, *accept, "--data-urlencode", f"query@{file}") == expected


# --- for a browser -----------------------------------------------------------------------------


def page(server: Server, target: str = "/sparql"):
    """Return a page, parsed: it has no script or style of its own, and no handler."""
    reply = server.ask("GET", target, headers={"Accept": BROWSER})
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = reply.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "form-action 'self'", "base-uri 'none'"} <= set(policy)
    assert not any("'unsafe" in rule or "http" in rule for rule in policy)
    parser = html5lib.HTMLParser()
    document = parser.parse(reply.text)
    assert parser.errors == []
    for element in document.iter():
        assert element.tag not in {f"{XHTML}{name}" for name in ("style", "iframe")}
        if element.tag == f"{XHTML}script":
            assert (element.get("src") or "").startswith("./assets/") and not element.text
        assert not [name for name in element.keys() if name.startswith("on") or name == "style"]  # noqa: SIM118
    return document


def submitted(document, format: str) -> str:
    """Return the address that a browser goes to when the form is sent."""
    (form,) = (f for f in document.iter(f"{XHTML}form") if f.get("class") != "search")
    assert (form.get("action"), form.get("method")) == ("./sparql", "get")
    (area,) = form.iter(f"{XHTML}textarea")
    (select,) = form.iter(f"{XHTML}select")
    assert format in [option.get("value") for option in select.iter(f"{XHTML}option")]
    text = (area.text or "").replace("\n", "\r\n")
    return f"/sparql?{urlencode({area.get('name'): text, select.get('name'): format})}"


def test_a_browser_gets_a_form(server: Server) -> None:
    document = page(server)
    reply = server.ask("GET", submitted(document, "csv"), headers={"Accept": BROWSER})
    assert (reply.status, len(reply.text.splitlines())) == (200, 21)
    assert list(FORM_FORMATS) == list(FORMATS)
    assert server.ask("GET", "/assets/style.css").status == 200
    (style,) = (e for e in document.iter(f"{XHTML}link") if e.get("rel") == "stylesheet")
    assert style.get("href") == "./assets/style.css"


def test_every_saved_query_fills_in_the_form_and_runs(server: Server, published: Published) -> None:
    document = page(server)
    links = [e.get("href") or "" for e in document.iter(f"{XHTML}a")]
    saved = [link for link in links if "saved=" in link]
    assert [urlsplit(link).path for link in saved] == ["./sparql.html"] * len(published.queries)
    names = {parse_qs(urlsplit(link).query)["saved"][0] for link in saved}
    assert names == {query.name for query in published.queries}
    for query in published.queries:
        filled = page(server, f"/sparql?saved={query.name}")
        format = "ntriples" if query.form is Form.CONSTRUCT else "csv"
        ran = server.ask("GET", submitted(filled, format), headers={"Accept": BROWSER})
        assert ran.status == 200
        again = get(server, query.text, format=format).body
        assert ran.body == again or (b"_:" in again and alike(ran.body, again))


def test_the_form_is_for_browsers_alone(server: Server) -> None:
    for accept in ("", "*/*", "text/turtle, text/html;q=0.9", "application/ld+json", "text/*"):
        reply = server.ask("GET", "/sparql", headers={"Accept": accept} if accept else {})
        assert reply.status == 200
        assert "html" not in reply.headers["Content-Type"]
    for format in ("turtle", "json"):
        reply = server.ask("GET", f"/sparql?format={format}", headers={"Accept": BROWSER})
        assert reply.headers["Content-Type"] == {"turtle": TURTLE, "json": JSONLD}[format]
    assert json.loads(reply.body)
    moved = server.ask("GET", "/sparql/?saved=awards", headers={"Accept": BROWSER})
    assert (moved.status, moved.headers["Location"]) == (308, "../sparql?saved=awards")
    for name in ("nothing", "../awards", "<script>", "%00"):
        reply = server.ask("GET", f"/sparql?saved={quote(name)}", headers={"Accept": BROWSER})
        assert reply.status == 404
        assert "script" not in reply.text


# --- what is written about it ------------------------------------------------------------------


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """Yield the commands of a page, and what it shows that they print."""
    for block in re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.M | re.S):
        for example in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines, command = example.splitlines(keepends=True), ""
            while not command or not whole(command):
                command += lines.pop(0)
            yield command, "".join(lines)


def whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # a quotation goes on
        return False
    return not command.endswith("\\\n")


def test_the_page_shows_what_is_answered(server: Server, needs: Callable[[str], str]) -> None:
    needs("curl")
    shown = list(examples(REPOSITORY / "docs/endpoint.md"))
    assert len(shown) == 7
    for command, output in shown:
        here = command.replace("localhost:8000", f"127.0.0.1:{server.port}")
        done = subprocess.run(
            ["sh", "-c", here], cwd=REPOSITORY, capture_output=True, check=True, timeout=30
        )
        assert done.stdout.decode().replace("\r\n", "\n") == output, command


def test_the_page_names_every_limit_and_status() -> None:
    text = (REPOSITORY / "docs/endpoint.md").read_text("utf-8")
    for limit in (protocol.LONGEST, app.BODY, answering.MAX_ROWS, protocol.MOST_GRAPHS):
        assert f"{limit:,}" in text
    assert f"{answering.MAX_BYTES >> 20} MiB" in text
    assert f"| {sparql.MAX_DEPTH} |" in text
    assert f"{pool.WAITING_ALL:,}; {pool.WAITING}" in text
    limits = nursery.Limits()
    assert f"{limits.timeout:g} s (`--timeout`)" in text
    assert f"{limits.memory >> 20} MiB (`--memory`)" in text
    assert f"{limits.workers} (`--workers`)" in text
    for name in FORMATS:
        assert f"`{name}`" in text
    for name in (*answering.ROWS, *answering.GRAPHS):
        assert f"`{name}`" in text
