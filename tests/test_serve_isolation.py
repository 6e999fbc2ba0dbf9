"""What `kg serve` does about queries that would take it down: it ends them, and goes on."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from sample import Folder
from serving import Reply, Server, serving

import kg as package
from kg.server.answering import ROWS

TIMEOUT = 2.0

REFUSED = {400, 413, 503, 507}

POINT = 'ASK { ?s rdfs:label "Acme Works"@en }'
"""A good query. A comment tells it from others, for answers are kept."""

FOUR = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
ALL = "CONCAT(STR(?a), STR(?d), STR(?g), STR(?j))"

KILLERS = {
    "braces": "ASK " + "{" * 3200 + "}" * 3200,
    "brackets": "ASK { FILTER(" + "(" * 6400 + "1" + ")" * 6400 + ") }",
    "open brackets": "ASK { FILTER(?a<?b" + "(" * 6400,
    "brackets behind an IRI that is none": "ASK { FILTER(?a<?b && " + "(" * 6400 + "1>2",
    "braces in what looks like a text": 'ASK { FILTER(1<2) #"\n' + "{" * 6400 + "}" * 6400 + " }",
    "sum": "ASK { FILTER(" + "1+" * 40_000 + "1) }",
    "spaced sum": "ASK { FILTER(" + "1 + " * 20_000 + "1) }",
    "disjunction": "ASK { FILTER(" + "?a||" * 20_000 + "?a) }",
    "negations": "ASK { FILTER(" + "!" * 90_000 + "true) }",
    "negations apart": "ASK { FILTER(" + "! " * 40_000 + "true) }",
    "minuses": "ASK { FILTER(" + "-" * 50_000 + "1) }",
    "sequence": "ASK { ?s " + "/".join(["rdfs:label"] * 8000) + " ?o }",
    "inverse": "ASK { ?s " + "^" * 50_000 + "rdfs:label ?o }",
    "stars": "ASK { ?s rdfs:label" + "*" * 5000 + " ?o }",
    "nested stars": "SELECT * { ?s " + "(" * 150 + "!rdf:nil" + ")*" * 150 + " ?o . " + FOUR + " }",
    "endless paths": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"?a{n} (!rdf:nil|^!rdf:nil)* ?b{n} ." for n in range(5))
    + " }",
    "optionals": "SELECT * { " + "OPTIONAL { ?s ?p ?o " * 3000 + "}" * 3000 + " }",
    "unions": "SELECT * { {?a ?b ?c}" + " UNION {?a ?b ?c}" * 5000 + " }",
    "empty unions": "ASK { {}" + " UNION {}" * 10_000 + " }",
    "minus": "SELECT * { ?a ?b ?c" + " MINUS {?a ?b ?c}" * 5000 + " }",
    "sub-selects": "SELECT * " + "{ SELECT * " * 3000 + "{}" + "}" * 3000,
    "collection": "ASK { ?s ?p " + "(" * 9000 + ")" * 9000 + " }",
    "anonymous": "ASK { ?s ?p " + "[ ?p " * 9000 + "1" + "]" * 9000 + " }",
    "existences": "ASK { " + "FILTER EXISTS { " * 3000 + "}" * 3000 + " }",
    "ifs": "SELECT (" + "IF(true," * 4000 + "1" + ",2)" * 4000 + " AS ?x) {}",
    "cartesian, ordered": f"SELECT * {{ {FOUR} }} ORDER BY ?a ?d ?g",
    "cartesian, distinct": f"SELECT DISTINCT * {{ {FOUR} }}",
    "cartesian, grouped": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {FOUR} }} GROUP BY ?a ?d ?g",
    "count": f"SELECT (COUNT(*) AS ?n) {{ {FOUR} }}",
    "late limit": f"SELECT * {{ {FOUR} }} OFFSET 100000000000 LIMIT 1",
    "construct": f"CONSTRUCT {{ ?a ?b ?l }} WHERE {{ {FOUR} }}",
    "describe": f"DESCRIBE * {{ {FOUR} }}",
    "never true": f"ASK {{ {FOUR} FILTER(STRLEN({ALL}) < 0) }}",
    "doubling": "SELECT (STRLEN(?x40) AS ?n) { BIND('x' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "replaced": "SELECT (STRLEN(?x12) AS ?n) { BIND('xxxxxxxxxx' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{n}, 'x', 'xxxxxxxxxx') AS ?x{n + 1})" for n in range(12))
    + " }",
    "typed": "SELECT (STRLEN(STR(?x40)) AS ?n) { BIND('x' AS ?x0) "
    + " ".join(
        f"BIND(STR(STRDT(CONCAT(STR(?x{n}), STR(?x{n})), xsd:string)) AS ?x{n + 1})"
        for n in range(40)
    )
    + " }",
    "one long text": f"SELECT (GROUP_CONCAT(STR(?a)) AS ?all) {{ {FOUR} }}",
    "many values": f"SELECT * {{ VALUES ?v {{ {'1 ' * 40_000}}} {FOUR} }} ORDER BY ?a",
    "crossed values": "SELECT * { "
    + " ".join(f"VALUES ?v{n} {{ {'1 2 ' * 1000}}}" for n in range(8))
    + " } ORDER BY ?v1",
    "regex": f"ASK {{ {FOUR} FILTER(REGEX({ALL}, '^(((a|:)+)+)+$')) }}",
    "hashes": f"SELECT (MAX(SHA512(CONCAT(?c, ?f))) AS ?n) {{ {FOUR} }}",
    "random": f"SELECT * {{ {FOUR} }} ORDER BY RAND()",
    "lateral": "SELECT * { " + FOUR + " LATERAL { SELECT * { ?x ?y ?z } ORDER BY ?z LIMIT 1 } }",
    "graphs": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"GRAPH ?g{n} {{ ?a{n} ?b{n} ?c{n} }}" for n in range(6))
    + " }",
}
"""What no server can answer, or none should."""

ODD = {
    "alternatives": "ASK { ?s " + "|".join(["rdfs:label"] * 8000) + " ?o }",
    "encoded": "SELECT (STRLEN(?x40) AS ?n) { BIND('%' AS ?x0) "
    + " ".join(f"BIND(ENCODE_FOR_URI(?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "huge regex": "ASK { FILTER(REGEX('a', '" + "(a{1000}){1000}" * 20 + "')) }",
    "a comment of 99 kB": "ASK {} #" + "x" * 99_000,
    "an IRI of 99 kB": "ASK { <x:" + "y" * 99_000 + "> ?p ?o }",
    "a name of 99 kB": "ASK { rdfs:" + "y" * 99_000 + " ?p ?o }",
    "a variable of 99 kB": "ASK { ?" + "y" * 99_000 + " ?p ?o }",
    "a text of 99 kB": "ASK { ?s ?p '" + "y" * 99_000 + "' }",
    "a text that does not end": "ASK { ?s ?p '" + "y" * 99_000,
    "quotes": "ASK { ?s ?p " + "'" * 99_000,
    "backslashes": "ASK { ?s ?p '" + "\\" * 99_000,
    "spaces": "ASK {" + " " * 99_000 + "}",
    "lines": "ASK {" + "\n" * 99_000 + "}",
    "colons": ":" * 99_000,
    "dots": "ASK { a:" + "." * 99_000 + "}",
    "less than": "ASK { FILTER(1" + "<" * 90_000 + "2) }",
    "prefixes": "\n".join(f"PREFIX p{n}: <x:{n}>" for n in range(4000)) + " ASK {}",
    "bases": "BASE <x:a/b/c/d>" * 5000 + " ASK {}",
    "graphs of the dataset": "".join(f"FROM NAMED <x:{n}>" for n in range(5000)).join(
        ("SELECT * ", " {}")
    ),
    "NUL": "ASK { ?s ?p '\0' }",
    "an escaped NUL": "ASK { ?s ?p '\\u0000' }",
    "lone surrogate": "ASK { ?s ?p '\\uD800' }",
    "pair of surrogates": "ASK { ?s ?p '\\uD83D\\uDE00' }",
    "beyond Unicode": "ASK { ?s ?p '\\UFFFFFFFF' }",
    "surrogate in an IRI": "ASK { ?s ?p <x:\\uDFFF> }",
    "marks of direction": "ASK { ?s ?p '\u202e\u2066' }",
    "a byte order mark": "\ufeffASK {}",
    "triple term": "SELECT * { ?s ?p <<( ?a ?b ?c )>> }",
    "deep triple terms": "SELECT * { ?s ?p " + "<<( ?a ?b " * 3000 + "?c" + " )>>" * 3000 + " }",
    "reified triple": "SELECT * { << ?s ?p ?o >> ?q ?r }",
    "annotation": "SELECT * { ?s ?p ?o {| ?q ?r |} }",
    "direction": "ASK { ?s ?p 'x'@ar--rtl }",
    "an update": "INSERT DATA { <x:a> <x:b> <x:c> }",
    "drop": "DROP ALL",
    "nothing": "",
    "only a comment": "# SELECT * {}",
    "big numbers": "SELECT (1e999999999 * 9999999999999999999999999999 AS ?x) {}",
    "big limit": "SELECT * {} LIMIT 99999999999999999999999",
    "dates": 'SELECT (xsd:dateTime("99999999999-01-01T00:00:00Z") AS ?x) {}',
    "durations": 'SELECT ("P99999999999Y"^^xsd:duration + xsd:date("2020-01-01") AS ?x) {}',
    "substring": "SELECT (SUBSTR('abc', -9223372036854775808, 9223372036854775807) AS ?x) {}",
    "division": "SELECT (-9223372036854775808 / -1 AS ?x) (1/0 AS ?y) {}",
    "bad regex": "ASK { FILTER(REGEX('a', '(', 'qqqq')) }",
}
"""What is strange, but does no harm: it may be answered."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("isolation")
    assert package.build(Folder(root / "folder").root, root / "public").published
    return root / "public"


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Server]:
    with serving(built, "--timeout", str(TIMEOUT)) as running:
        yield running


def ask(
    server: Server,
    query: str | bytes,
    accept: str = "*/*",
    source: str = "127.0.0.1",
    path: str = "/sparql",
) -> Reply:
    """Ask a query; the client checks that the body is as long as the head says."""
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    body = query.encode() if isinstance(query, str) else query
    return server.ask("POST", path, body, headers, source=source)


def good(server: Server, source: str = "127.0.0.1") -> float:
    """Ask a good query that was not asked before; return how long it took."""
    began = time.monotonic()
    reply = ask(server, f"{POINT} #{random.random()}", source=source)
    assert (reply.status, json.loads(reply.body)["boolean"]) == (200, True), reply
    return time.monotonic() - began


def memory(server: Server) -> int:
    """Return the kilobytes of the web process."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def many(server: Server, queries: dict[str, str], allowed: set[int], *options: str) -> None:
    """Ask queries one after another, none of which may do any harm."""
    wrong = []
    for number, (name, query) in enumerate(queries.items()):
        began = time.monotonic()
        # Each from another client: none is heavy from the beginning.
        reply = ask(server, query, *options, source=f"127.0.1.{number + 1}")
        took = time.monotonic() - began
        if reply.status not in allowed or took > TIMEOUT + 1:
            wrong.append((name, reply.status, round(took, 2), reply.body[:200]))
        if good(server) > 1:
            wrong.append((name, "a good query took long after it"))
    assert not wrong


def quick(names: set[str], queries: dict[str, str]) -> dict[str, str]:
    return {name: query for name, query in queries.items() if name in names}


def test_a_killer_of_each_kind(server: Server) -> None:
    before = memory(server)
    names = {"braces", "brackets", "sum", "negations", "unions", "optionals", "doubling", "count"}
    many(server, quick(names, KILLERS), REFUSED)
    assert server.process.poll() is None
    assert memory(server) - before < 50_000


@pytest.mark.slow
def test_all_killers(server: Server) -> None:
    before = memory(server)
    many(server, {name: f"{query} #" for name, query in KILLERS.items()}, REFUSED)
    assert server.process.poll() is None
    assert memory(server) - before < 50_000


def test_strange_queries_are_answered_or_refused(server: Server) -> None:
    before = memory(server)
    many(server, ODD, REFUSED | {200, 403})
    assert memory(server) - before < 50_000


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit memory")
def test_little_memory(built: Path) -> None:
    """Workers that may take 64 MiB are ended sooner; the others go on."""
    hungry = ("cartesian, ordered", "doubling", "replaced", "typed", "many values", "unions")
    with serving(built, "--timeout", str(TIMEOUT), "--memory", "64") as server:
        before = memory(server)
        many(server, {name: KILLERS[name] for name in hungry}, {400, 507})
        assert memory(server) - before < 50_000


@pytest.mark.parametrize("kind", list(ROWS))
def test_answers_that_grow_too_large_are_refused_in_every_format(server: Server, kind: str) -> None:
    """Nothing of such an answer is sent: what comes is whole, and says what was wrong."""
    query = f"SELECT * {{ {FOUR} }} #{kind}"
    reply = ask(server, query, kind, source="127.0.3.1")
    assert reply.status in (503, 507), (reply.status, reply.body[:100])
    assert "query" in reply.text
    assert good(server) < 1


def test_rows_are_counted(server: Server) -> None:
    """The cap of a million rows, met before that of bytes where rows are short."""
    query = "SELECT (1 AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    reply = ask(server, query, "text/csv", source="127.0.3.2")
    assert (reply.status, "more than 1,000,000 rows" in reply.text) == (507, True), reply.text


def test_what_ended_badly_is_remembered(server: Server) -> None:
    """Also in another format, and by another way of asking."""
    query = KILLERS["late limit"] + " # remembered"
    assert ask(server, query, "text/csv", source="127.0.3.3").status == 503
    began = time.monotonic()
    for accept in ("application/sparql-results+xml", "text/csv", "", "text/html"):
        assert ask(server, query, accept, source="127.0.3.4").status == 503
    assert server.ask("GET", f"/sparql?{urlencode({'query': query})}").status == 503
    assert time.monotonic() - began < 0.5


def test_an_empty_accept_header_spoils_no_other_answer(server: Server) -> None:
    query = f"{POINT} # accept"
    first = ask(server, query, "")
    assert first.headers["Content-Type"] == "application/sparql-results+json"
    second = ask(server, query, "application/sparql-results+xml")
    assert second.headers["Content-Type"] == "application/sparql-results+xml"


def test_long_queries_do_not_fill_the_memory(server: Server) -> None:
    """What is remembered of queries is bounded by their size, not only that of answers."""
    for number in range(10):
        assert ask(server, f"ASK {{}} #{number}{'x' * 99_000}").status == 200
    before = memory(server)
    for number in range(1500):
        assert ask(server, f"ASK {{}} #{number}{'y' * 99_000}").status == 200
    assert memory(server) - before < 100_000  # of 150,000


SPELLINGS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service <URL> { ?s ?p ?o } }",
    "SELECT * { SeRvIcE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE<URL>{ ?s ?p ?o } }",
    "SELECT * { SERVICE#\n<URL> { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { S\\U00000045RVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE \\u003CURL\\u003E { ?s ?p ?o } }",
    "PREFIX c: <URL> SELECT * { SERVICE c: { ?s ?p ?o } }",
    "BASE <URL> SELECT * { SERVICE <x> { ?s ?p ?o } }",
    "SELECT * { BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { VALUES ?u { <URL> } SERVICE SILENT ?u { ?s ?p ?o } }",
    "SELECT * { FILTER(1<2) SERVICE <URL> { ?s ?p ?o } FILTER(3>2) }",
    "SELECT * { ?s ?p '#' . SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p '''it's\\'''' . SERVICE <URL> { ?s ?p ?o } }",
    'SELECT * { ?s ?p "\\"" . SERVICE <URL> { ?s ?p ?o } #" }\n}',
    "SELECT * { ?s ?p ?o OPTIONAL { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { { SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } } } }",
    "ASK { FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o LATERAL { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o.SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p 1.SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o}SERVICE <URL> { ?s ?p ?o }",
    "SELECT * {\fSERVICE <URL> { ?s ?p ?o } }",
    "SELECT * {\u00a0SERVICE <URL> { ?s ?p ?o } }",
    "LOAD <URL>",
    "LOAD SILENT <URL> INTO GRAPH <x:g>",
    "INSERT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
]


@pytest.fixture
def canary() -> Iterator[tuple[socket.socket, str]]:
    """A socket that listens, and its URL: nobody may connect to it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}/"


def untouched(canary: socket.socket) -> bool:
    """Tell whether nobody connected to it."""
    try:
        canary.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def test_service_is_refused_in_every_spelling(
    server: Server, canary: tuple[socket.socket, str]
) -> None:
    listening, url = canary
    for query in SPELLINGS:
        query = query.replace("URL", url)
        assert ask(server, query).status == 400, query
        reply = server.ask("GET", f"/sparql?query={quote(query)}")
        assert reply.status == 400, query
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = server.ask("POST", "/sparql", urlencode({"query": query}).encode(), form)
        assert reply.status == 400, query
        for how in ("application/sparql-update", "text/plain"):
            reply = server.ask("POST", "/sparql", query.encode(), {"Content-Type": how})
            assert reply.status in (403, 415), query
        reply = server.ask("POST", "/sparql", urlencode({"update": query}).encode(), form)
        assert reply.status == 403, query
    assert untouched(listening)


def test_what_only_looks_like_service_is_answered(server: Server) -> None:
    for query in (
        "SELECT ?service { ?service ?p ?o } LIMIT 1",
        "ASK { ?s ?p 'SERVICE <http://127.0.0.1/> {}' }",
        "ASK { ?s ?p <http://127.0.0.1/SERVICE> } # SERVICE <x:y> {}",
    ):
        assert ask(server, query).status == 200, query


def test_a_graph_of_the_dataset_is_never_fetched(
    server: Server, canary: tuple[socket.socket, str]
) -> None:
    listening, url = canary
    for query in (
        f"SELECT * FROM <{url}g.ttl> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{url}g.ttl> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"SELECT * {{ GRAPH <{url}g.ttl> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ ?s <http://www.w3.org/2002/07/owl#imports> <{url}> }}",
    ):
        reply = ask(server, query)
        assert (reply.status, json.loads(reply.body)["results"]["bindings"]) == (200, []), query
    for which in ("default", "named"):
        graphs = urlencode({f"{which}-graph-uri": f"{url}g.ttl"})
        reply = ask(server, "SELECT * { ?s ?p ?o }", path=f"/sparql?{graphs}")
        assert (reply.status, json.loads(reply.body)["results"]["bindings"]) == (200, []), which
    many_graphs = urlencode([("named-graph-uri", f"{url}{n}") for n in range(201)])
    assert ask(server, "ASK {}", path=f"/sparql?{many_graphs}").status == 413
    assert untouched(listening)


def test_what_a_dump_names_is_never_fetched(
    built: Path, canary: tuple[socket.socket, str], tmp_path: Path
) -> None:
    """Imports, remote contexts: served as they are, and followed by nobody."""
    listening, url = canary
    shutil.copytree(built, tmp_path / "public")
    imports = f"\n<{url}a> <http://www.w3.org/2002/07/owl#imports> <{url}o.ttl> .\n"
    for name in ("kg.ttl", "kg.nq", "dcat.ttl"):
        with (tmp_path / "public/data" / name).open("a") as file:
            file.write(imports)
    context = json.dumps({"@context": f"{url}context.jsonld", "@id": f"{url}a"})
    for name in ("kg.jsonld", "dcat.jsonld"):
        (tmp_path / "public/data" / name).write_text(context)
    seal(tmp_path / "public")
    with serving(tmp_path / "public") as server:
        query = f"ASK {{ <{url}a> ?p <{url}o.ttl> }}"
        assert json.loads(ask(server, query).body)["boolean"] is True
        assert server.ask("GET", "/data/kg.jsonld").text == context
        for path in ("/", "/.well-known/void", "/id/acme", "/id/acme.html", "/id/acme.jsonld"):
            assert server.ask("GET", path).status in (200, 303), path
    assert untouched(listening)


def seal(public: Path) -> None:
    """Write the checksums of a build whose files were changed."""
    sums = public / "data/SHA256SUMS"
    names = [line.partition("  ")[2] for line in sums.read_text().splitlines()]
    digests = [hashlib.sha256((public / "data" / name).read_bytes()).hexdigest() for name in names]
    lines = (f"{digest}  {name}\n" for digest, name in zip(digests, names, strict=True))
    sums.write_text("".join(lines))
