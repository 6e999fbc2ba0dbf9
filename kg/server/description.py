"""What the endpoint can do (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.server.answering import GRAPHS
from kg.server.builds import Build
from kg.server.messages import ROOT_VARIES, Request, Response, plain
from kg.vocab import RDF, VOID, XSD

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"

_FORMATS = [
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
]

_PREFIXES = {"sd": SD, "formats": FORMATS, "void": VOID.IRI, "xsd": XSD.IRI}


def describe_service(build: Build, request: Request, media_type: str | None) -> Response:
    """Return the service description in a format, or what it comes as if there is none."""
    if media_type is None:
        return plain(406, f"the endpoint is described as {', '.join(GRAPHS)}, text/html")
    endpoint = request.root + request.path.removeprefix("/")
    try:
        triples = list(_triples(build, endpoint))
    except ValueError:
        return plain(400, "the Host header is no name of a host")
    body = ox.serialize(triples, format=GRAPHS[media_type], prefixes=_PREFIXES)
    assert body is not None
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    varies = ("Vary", f"Accept, {ROOT_VARIES}")
    return Response(200, body, [("Content-Type", media_type + charset), varies])


def _triples(build: Build, endpoint: str) -> Iterator[ox.Triple]:
    def sd(name: str) -> ox.NamedNode:
        return ox.NamedNode(SD + name)

    service, dataset, default = (
        ox.NamedNode(f"{endpoint}#{part}") for part in ("service", "dataset", "default-graph")
    )
    yield ox.Triple(service, RDF.type, sd("Service"))
    yield ox.Triple(service, sd("endpoint"), ox.NamedNode(endpoint))
    yield ox.Triple(service, sd("supportedLanguage"), sd("SPARQL11Query"))
    for format in _FORMATS:
        yield ox.Triple(service, sd("resultFormat"), ox.NamedNode(FORMATS + format))
    yield ox.Triple(service, sd("defaultDataset"), dataset)
    yield ox.Triple(dataset, RDF.type, sd("Dataset"))
    yield ox.Triple(dataset, sd("defaultGraph"), default)
    yield ox.Triple(default, RDF.type, sd("Graph"))
    count = ox.Literal(str(build.about["triples"]), datatype=XSD.integer)
    yield ox.Triple(default, VOID.triples, count)
    for number, name in enumerate(build.about["graphs"], 1):
        graph = ox.NamedNode(f"{endpoint}#graph-{number}")
        yield ox.Triple(dataset, sd("namedGraph"), graph)
        yield ox.Triple(graph, RDF.type, sd("NamedGraph"))
        yield ox.Triple(graph, sd("name"), ox.NamedNode(name))
