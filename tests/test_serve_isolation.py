"""What `kg serve` does about queries that would take it down: it ends them, and goes on."""

from __future__ import annotations

import json
import random
import shutil
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

import pytest
from attacking import FOUR, KILLERS, ODD, POINT, REFUSED, TIMEOUT, ask, good, memory, metric, seal
from sample import Folder
from serving import Reply, Server, serving, untouched

from kg.asking.making import prepare
from kg.asking.ondisk import find
from kg.server.answering import ROWS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["memory", "disk"])
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("isolation")
    Folder(root / "folder").publish(root / "public")
    if request.param == "disk":
        prepare(root / "public", tell=lambda _: None, force=True)
        assert find(root / "public", root / "public")
    return root / "public"


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Server]:
    with serving(built, "--timeout", str(TIMEOUT)) as running:
        yield running


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
        many(server, {name: KILLERS[name] for name in hungry}, {503, 507})
        assert memory(server) - before < 50_000


@pytest.mark.parametrize("kind", list(ROWS))
def test_answers_that_grow_too_large_are_refused_in_every_format(server: Server, kind: str) -> None:
    """Nothing of such an answer is sent: what comes is whole, and says what was wrong."""
    query = f"SELECT * {{ {FOUR} }} #{kind}"
    reply = ask(server, query, kind, source="127.0.3.1")
    assert reply.status in (503, 507), (reply.status, reply.body[:100])
    assert "query" in reply.text
    assert good(server) < 1


def test_rows_are_counted(built: Path) -> None:
    """The cap of a million rows, met before that of bytes where rows are short."""
    query = "SELECT (1 AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with serving(built, "--timeout", "60") as patient:
        reply = ask(patient, query, "text/csv")
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
        yield listening, f"http://127.0.0.1:{listening.getsockname()[1]}/"


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


def killer(name: str) -> str:
    """Return a killer that was not asked before."""
    return f"{KILLERS[name]} #{random.random()}"


class Attack:
    """Clients that ask killers all the time, each from an address of its own."""

    def __init__(self, server: Server, sources: list[str], each: int = 4) -> None:
        """Take the addresses, and how many connections each has."""
        self.server = server
        self.statuses: Counter[int] = Counter()
        self.ended = threading.Event()
        names = ("count", "cartesian, ordered", "doubling", "endless paths", "construct", "regex")
        self.threads = [
            threading.Thread(target=self._ask, args=(source, names[number % len(names)]))
            for number, source in enumerate(sources * each)
        ]

    def _ask(self, source: str, name: str) -> None:
        while not self.ended.is_set():
            reply = ask(self.server, killer(name), source=source)
            self.statuses[reply.status] += 1
            if reply.status == 429:
                self.ended.wait(0.05)

    def __enter__(self) -> Attack:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


def goes_on(server: Server, seconds: float, source: str = "127.0.0.1") -> None:
    """Ask good queries for a while: none fails, and they are quick."""
    times = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        times.append(good(server, source))
        time.sleep(0.01)
    assert median(times) < 0.1, (median(times), max(times))
    assert max(times) < 3, (median(times), max(times))


@pytest.mark.parametrize(
    "bad, fine",
    [
        ("127.0.0.2", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.3"),
    ],
)
def test_one_attacker_leaves_the_others_their_answers(server: Server, bad: str, fine: str) -> None:
    with Attack(server, [bad], each=8) as attack:
        goes_on(server, 4, fine)
    assert attack.statuses.keys() <= {429, 503, 507}, attack.statuses


def test_eight_attackers_leave_the_others_their_answers(built: Path) -> None:
    with serving(built, "--timeout", str(TIMEOUT)) as server:
        assert good(server) < 3  # nothing ill is known of it
        with Attack(server, [f"127.0.2.{number}" for number in range(1, 9)]) as attack:
            goes_on(server, 20)
        assert attack.statuses.keys() <= {429, 503, 507}, attack.statuses
        assert memory(server) < 150_000


def test_a_client_holds_all_workers_but_one(server: Server) -> None:
    running = 'kg_tasks_running{kind="query"}'
    with Attack(server, ["127.0.4.1"], each=8):
        time.sleep(0.7)
        most = max(metric(server, running) for _ in range(20))
        assert 1 <= most <= 3


def test_who_asks_too_much_at_once_is_told_to_wait(server: Server) -> None:
    replies: list[Reply] = []

    def one() -> None:
        replies.append(ask(server, killer("count"), source="127.0.4.2"))

    threads = [threading.Thread(target=one) for _ in range(100)]
    for thread in threads:
        thread.start()
    assert good(server, "127.0.4.3") < 1
    for thread in threads:
        thread.join()
    refused = [reply for reply in replies if reply.status == 429]
    assert len(refused) > 80
    assert all(int(reply.headers["Retry-After"]) > 0 for reply in refused)
    assert {reply.status for reply in replies} <= {429, 503}


def test_a_client_that_goes_away_frees_its_worker(server: Server) -> None:
    running = 'kg_tasks_running{kind="query"}'
    for _ in range(100):
        if not metric(server, running):
            break
        time.sleep(0.05)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        query = killer("count").encode()
        head = "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        client.sendall(f"{head}Content-Length: {len(query)}\r\n\r\n".encode() + query)
        time.sleep(0.5)
        assert metric(server, running) == 1
    began = time.monotonic()
    while metric(server, running):
        time.sleep(0.02)
    assert time.monotonic() - began < 0.7
