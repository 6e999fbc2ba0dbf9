"""The W3C's tests of the SPARQL 1.1 Protocol, service description and result formats.

Each is sent over HTTP to a real `kg serve`. The endpoint is read-only: what the W3C expects of
updates it does not do, and all of them are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from protocol import MF, Asked, Case, cases, entries, publish
from rdflib import RDF, VOID, Graph, Literal, Namespace, URIRef
from sample import SHARED
from serving import Reply, Server, serving

W3C = SHARED / "w3c/sparql11"
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
DATA = "http://kasei.us/2009/09/sparql/data/data"
RESULTS = ("csv-tsv-res", "json-res")

pytestmark = pytest.mark.skipif(
    not W3C.is_dir(), reason="the W3C's tests are not beside this repository"
)

CASES = list(cases(W3C / "protocol/manifest.ttl")) if W3C.is_dir() else []
QUERIES = [case for case in CASES if case.name.startswith("query_")]
BAD_QUERIES = [case for case in CASES if case.name.startswith("bad_") and "update" not in case.name]
UPDATES = [case for case in CASES if "update" in case.name]

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
ROWS = {
    JSON: ox.QueryResultsFormat.JSON,
    XML: ox.QueryResultsFormat.XML,
    "text/csv; charset=utf-8": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values; charset=utf-8": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle; charset=utf-8": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the graphs that the tests name, the data of result formats among them."""
    folder = tmp_path_factory.mktemp("protocol") / "public"
    graphs = {f"{DATA}{n}.rdf": (W3C / f"protocol/data{n}.nt").read_bytes() for n in (1, 2, 3)}
    for home in RESULTS:
        for file in sorted((W3C / home).glob("data*.ttl")):
            graphs[graph_of(file)] = file.read_bytes()
    publish(folder, graphs)
    with serving(folder) as running:
        yield running


def graph_of(file: Path) -> str:
    """Return the name under which the data of a test is served."""
    return f"https://example.org/{file.parent.name}/{file.name}"


def content(server: Server) -> bytes:
    """Return all that the server has."""
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } } ORDER BY ?g ?s ?p ?o"
    reply = ask(server, query, "text/csv")
    assert reply.status == 200
    return reply.body


def ask(server: Server, query: str, accept: str, graph: str = "") -> Reply:
    parameters = {"query": query} | ({"default-graph-uri": graph} if graph else {})
    return server.ask("GET", f"/sparql?{urlencode(parameters)}", headers={"Accept": accept})


def hold(asked: Asked, reply: Reply) -> None:
    """Hold a reply to what the manifest expects of it."""
    assert reply.status // 100 in asked.statuses, (reply.status, reply.body)
    kind = reply.headers["Content-Type"]
    if asked.format == "tabular":
        assert isinstance(ox.parse_query_results(reply.body, ROWS[kind]), ox.QuerySolutions)
    elif asked.format == "boolean":
        found = ox.parse_query_results(reply.body, ROWS[kind])
        assert isinstance(found, ox.QueryBoolean)
        assert asked.boolean in (None, bool(found))
    elif asked.format == "RDF":
        list(ox.parse(reply.body, GRAPHS[kind]))
    else:
        assert asked.format is None
        assert reply.status // 100 == 4, "all that is sent without a format to expect is bad"


def test_no_case_of_the_protocol_is_left_out() -> None:
    assert (len(QUERIES), len(BAD_QUERIES), len(UPDATES)) == (13, 7, 14)
    assert sum(len(case.requests) for case in CASES) == 34 + 5
    assert sorted(map(id, CASES)) == sorted(map(id, QUERIES + BAD_QUERIES + UPDATES))


@pytest.mark.parametrize("case", QUERIES + BAD_QUERIES, ids=lambda case: case.name)
def test_queries(server: Server, case: Case) -> None:
    (asked,) = case.requests
    expected = {4} if case.name.startswith("bad_") else {2, 3}
    assert asked.statuses == expected
    hold(asked, asked.send(server))


@pytest.mark.parametrize("case", UPDATES, ids=lambda case: case.name)
def test_updates_are_refused_and_change_nothing(server: Server, case: Case) -> None:
    before = content(server)
    update, *afterwards = case.requests
    reply = update.send(server)
    assert 400 <= reply.status < 500
    assert re.fullmatch(r"query: error: .*(read-only|Content-Type|charset).*\n", reply.text)
    for asked in afterwards:  # what the update would have made true
        answer = asked.send(server)
        hold(asked._replace(boolean=False), answer)
    assert content(server) == before


def test_a_client_that_sends_updates_is_told_that_there_are_none(server: Server) -> None:
    told = {
        case.name: case.requests[0].send(server).status
        for case in UPDATES
        if "wrong" not in case.name and "missing" not in case.name and "utf8" not in case.name
    }
    assert set(told.values()) == {403}, told


# --- result formats ----------------------------------------------------------------------------


def results() -> Iterator[tuple[str, str, Path, Path, Path]]:
    """Yield the tests of result formats: name, kind, query, data, and the expected answer."""
    for home in RESULTS if W3C.is_dir() else ():
        manifest = W3C / home / "manifest.ttl"
        graph = Graph().parse(manifest, format="turtle", publicID=manifest.as_uri())
        for entry in entries(graph):
            (action,) = graph.objects(entry, MF.action)
            files = (graph.value(action, QT.query), graph.value(action, QT.data))
            found = [
                Path(str(f).removeprefix("file://"))
                for f in (*files, graph.value(entry, MF.result))
            ]
            (kind,) = graph.objects(entry, RDF.type)
            yield str(entry).rpartition("#")[2], str(kind).rpartition("#")[2], *found


CASES_OF_RESULTS = list(results())


def test_no_case_of_the_result_formats_is_left_out() -> None:
    kinds = Counter((kind, expected.suffix) for _, kind, _, _, expected in CASES_OF_RESULTS)
    assert kinds == {
        ("CSVResultFormatTest", ".csv"): 3,
        ("QueryEvaluationTest", ".tsv"): 3,
        ("QueryEvaluationTest", ".srj"): 4,
    }


@pytest.mark.parametrize(("name", "kind", "query", "data", "expected"), CASES_OF_RESULTS)
def test_result_formats(
    server: Server, name: str, kind: str, query: Path, data: Path, expected: Path
) -> None:
    media_type, format = FORMATS[expected.suffix]
    reply = ask(server, query.read_text("utf-8"), media_type, graph_of(data))
    assert (reply.status, reply.headers["Content-Type"].split(";")[0]) == (200, media_type)
    wanted = expected.read_bytes()
    if kind == "CSVResultFormatTest":
        for written, value in WRITTEN.get(name, {}).items():
            assert wanted.count(written) == 1
            wanted = wanted.replace(written, value)
        assert lines(reply.body)[0] == lines(wanted)[0]
        assert Counter(lines(reply.body)) == Counter(lines(wanted))
    else:
        assert parsed(reply.body, format) == parsed(wanted, format)


FORMATS = {
    ".csv": ("text/csv", ox.QueryResultsFormat.CSV),
    ".tsv": ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
    ".srj": (JSON, ox.QueryResultsFormat.JSON),
}

WRITTEN = {"csv03": {b",1.0E6": b",1000000"}}
"""What is written otherwise than in the data: Oxigraph keeps numbers, not how they are written."""


def lines(table: bytes) -> list[bytes]:
    """Return the lines of CSV, in which blank nodes have no names of their own."""
    return re.sub(rb"_:\w+", b"_:b", table).splitlines()


def parsed(answer: bytes, format: ox.QueryResultsFormat) -> object:
    """Return a truth value, or columns and rows; numbers by their value, blank nodes alike."""
    found = ox.parse_query_results(answer, format)
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return names, Counter(tuple(meant(row[name]) for name in names) for row in found)


def meant(term: object) -> object:
    """Return what a term means, as far as Oxigraph keeps it (the expected TSV has 1.0e6, too)."""
    if isinstance(term, ox.BlankNode):
        return "blank"  # each table has but one
    if isinstance(term, ox.Literal):
        datatype = term.datatype.value.rpartition("#")[2]
        if datatype in ("integer", "negativeInteger"):
            return int(term.value)
        if datatype in ("decimal", "double"):
            return datatype, float(term.value)
    return term


# --- service description -----------------------------------------------------------------------


SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
FORMAT = Namespace("http://www.w3.org/ns/formats/")

SCHEMA = {
    SD.endpoint: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, None),
    SD.resultFormat: (SD.Service, None),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
}
"""The properties that we use, with their domains and the ranges that are classes of SD."""


def describe(server: Server, path: str = "/sparql") -> tuple[Graph, URIRef]:
    """Return the service description, and the address that was asked for it."""
    reply = server.ask("GET", path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/turtle; charset=utf-8")
    url = f"http://127.0.0.1:{server.port}{path}"
    return Graph().parse(data=reply.body, format="turtle", publicID=url), URIRef(url)


def returns_rdf(server: Server) -> None:
    for media_type, format in GRAPHS.items():
        accept = media_type.partition(";")[0]
        reply = server.ask("GET", "/sparql", headers={"Accept": accept})
        assert (reply.status, reply.headers["Content-Type"]) == (200, media_type)
        found = {quad.triple for quad in ox.parse(reply.body, format)}
        turtle = server.ask("GET", "/sparql").body
        assert found == {quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)}
        assert found


def has_endpoint_triple(server: Server) -> None:
    for path in ("/sparql", "/sparql/"):
        graph, url = describe(server, path)
        assert list(graph.objects(None, SD.endpoint)) == [url]


def conforms_to_schema(server: Server) -> None:
    graph, _ = describe(server)
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    formats = {*("SPARQL_Results_JSON", "SPARQL_Results_XML"), *("Turtle", "N-Triples", "JSON-LD")}
    formats |= {"SPARQL_Results_CSV", "SPARQL_Results_TSV", "RDF_XML"}
    assert set(graph.objects(service, SD.resultFormat)) == {FORMAT[name] for name in formats}
    for subject, predicate, value in graph:
        assert isinstance(subject, URIRef)
        assert isinstance(value, URIRef | Literal), "no blank nodes"
        if predicate in SCHEMA:
            domain, range_ = SCHEMA[predicate]
            assert isinstance(value, URIRef)
            assert (subject, RDF.type, domain) in graph
            assert range_ is None or (value, RDF.type, range_) in graph
        else:
            assert predicate in (RDF.type, VOID.triples)
        assert predicate != RDF.type or value in (SD.Service, SD.Dataset, SD.Graph, SD.NamedGraph)
    (dataset,) = graph.objects(service, SD.defaultDataset)
    (default,) = graph.objects(dataset, SD.defaultGraph)
    counted = ask(server, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")
    assert counted.text.split() == ["n", str(graph.value(default, VOID.triples))]
    named = graph.objects(dataset, SD.namedGraph)
    names = [name for each in named for name in graph.objects(each, SD.name)]
    asked = ask(server, "SELECT ?g { GRAPH ?g {} }", "text/csv")
    assert sorted(names) == sorted(map(URIRef, asked.text.split()[1:]))


DESCRIPTIONS = {
    "returns-rdf": returns_rdf,
    "has-endpoint-triple": has_endpoint_triple,
    "conforms-to-schema": conforms_to_schema,
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_service_description(server: Server, name: str) -> None:
    graph = Graph().parse(W3C / "service-description/manifest.ttl", format="turtle")
    assert {str(entry).rpartition("#")[2] for entry in entries(graph)} == set(DESCRIPTIONS)
    DESCRIPTIONS[name](server)
