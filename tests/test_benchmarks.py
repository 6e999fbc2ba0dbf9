"""What benchmarks/serve.py measures with: the data are what they say, the clients count rightly."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, repeat
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import good
from loopback.attacks import DEATHS, attack
from loopback.dataset import Data, rows_of
from loopback.load import Answer, Client, crawl, read_answer
from pyoxigraph import QueryResultsFormat, QuerySolutions
from sample import REPOSITORY, tree

from kg.asking.published import Published
from kg.asking.sparql import syntax_problem

DATA = Data(100)
ONTOLOGY = REPOSITORY / "ontology"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    out = tmp_path_factory.mktemp("bench") / "public"
    DATA.publish(out, ONTOLOGY)
    return Published(out)


def point(published: Published, query: str) -> bytes:
    found = published.query(query)
    assert isinstance(found, QuerySolutions)
    body = found.serialize(format=QueryResultsFormat.JSON)
    assert body is not None
    return body


class Endpoint(ThreadingHTTPServer):
    """A small endpoint of the standard library, with answers made beforehand, and with faults."""

    daemon_threads = True

    def __init__(self, answers: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.clients: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_GET(self) -> None:
        self.server.clients[self.client_address[0]] += 1
        path = urlsplit(self.path)
        if path.path == "/busy":
            self.send_error(503)
            return
        query = " ".join(
            word.rstrip("0123456789") if word[0] == "?" else word
            for word in parse_qs(path.query)["query"][0].split()
        )
        body = self.server.answers[query]
        if path.path == "/wrong":
            body = body.replace(b'"type"', b'"kind"', 1)
        self.send_response(200)
        if path.path == "/chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (body[:100], body[100:], b""):
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = path.path == "/cut"
        self.wfile.write(body[:-10] if cut else body)
        self.close_connection |= cut

    def log_message(self, *_: object) -> None:
        pass


QUERIES = [f"SELECT ?p ?o {{ <{DATA.iri(number)}> ?p ?o }}" for number in range(DATA.size)]


@pytest.fixture
def endpoint(published: Published) -> Iterator[Endpoint]:
    with Endpoint({query: point(published, query) for query in QUERIES}) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def request(path: str, query: str) -> bytes:
    quoted = query.replace(" ", "+").replace("{", "%7B").replace("}", "%7D")
    return f"GET {path}?query={quoted} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_all_entities_have_five_rows_which_are_those_published(published: Published) -> None:
    assert DATA.triples == 5 * DATA.size
    for place in ("?s ?p ?o", "GRAPH ?g { ?s ?p ?o }"):
        where = f"{place} FILTER(CONTAINS(STR(?s), '/id/'))"
        count = point(published, f"SELECT (COUNT(?o) AS ?n) {{ {where} }}")
        assert f'"{DATA.triples}"'.encode() in count
    for query, rows in zip(QUERIES, DATA.entities, strict=True):
        assert rows_of(point(published, query), "p", "o") == rows
        assert len(rows) == DATA.ROWS


def test_the_data_are_the_same_each_time_and_other_for_another_seed(tmp_path: Path) -> None:
    for name, data in (("a", DATA), ("b", Data(100)), ("c", Data(100, seed=5))):
        data.publish(tmp_path / name, ONTOLOGY)
    a, b, c = (tree(tmp_path / name) for name in "abc")
    assert a == b
    assert {path for path in a if a[path] != c[path]} == {
        "data/kg.ttl",
        "data/kg.nq",
        "data/SHA256SUMS",
    }


@pytest.mark.parametrize("path", ["/length", "/chunked"])
def test_answers_are_read_whole(endpoint: Endpoint, path: str) -> None:
    asks = {request(path, query): query for query in QUERIES}
    got = Client(endpoint.server_port, ["127.0.0.1"] * 3, iter(asks), keep=True).run(10)
    assert got.answers == {"200": len(QUERIES)}
    assert {asks[ask]: body for ask, body in got.kept.items()} == endpoint.answers


@pytest.mark.parametrize(
    ("path", "answers"), [("/busy", {"503"}), ("/cut", {"closed"}), ("/length", {"200"})]
)
def test_what_comes_instead_of_an_answer_is_counted(
    endpoint: Endpoint, path: str, answers: set[str]
) -> None:
    asks = islice(repeat(request(path, QUERIES[0])), 5)
    got = Client(endpoint.server_port, ["127.0.0.2", "127.0.0.3"], asks).run(10)
    assert got.answers == dict.fromkeys(answers, 5)
    assert endpoint.clients.keys() == {"127.0.0.2", "127.0.0.3"}


def test_a_server_that_is_not_there_refuses() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        got = Client(free.getsockname()[1], ["127.0.0.1"], islice(repeat(b"x"), 3)).run(10)
    assert got.answers == {"refused": 3}


def test_an_attacker_pauses_between_requests(endpoint: Endpoint) -> None:
    asks = repeat(request("/length", QUERIES[0]))
    got = Client(endpoint.server_port, ["127.0.0.1"], asks, pause=0.1).run(0.55)
    assert 1 <= got.answers["200"] <= 6


@given(st.binary(max_size=40), st.integers(1, 15), st.booleans())
def test_an_answer_is_none_until_it_is_whole(body: bytes, size: int, chunked: bool) -> None:
    if chunked:
        parts = [body[i : i + size] for i in range(0, len(body), size)]
        framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
        data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed
    else:
        data = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    assert [read_answer(data[:end]) for end in range(len(data))] == [None] * len(data)
    assert read_answer(data) == Answer(200, body, closes=False)
    with pytest.raises(ValueError, match="more than"):
        read_answer(data + b"x")


def test_what_has_no_length_is_no_answer() -> None:
    with pytest.raises(ValueError, match="no length"):
        read_answer(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}")


def test_slow_connections_are_held_and_those_closed_are_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert crawl(port, ["127.0.0.2"] * 3, 1.5) == {"closed": 0, "held at the end": 3}
        for _ in range(3):
            server.accept()[0].close()

        def close_one() -> None:
            server.accept()[0].close()

        closing = threading.Thread(target=close_one)
        closing.start()
        assert crawl(port, ["127.0.0.2"], 1.5)["closed"] == 1
        closing.join()


@pytest.mark.parametrize("name", DEATHS)
def test_queries_of_death_are_sound_or_too_deep(name: str) -> None:
    found = syntax_problem(DEATHS[name], {})
    assert (found is not None) == name.startswith("deep")


def test_varied_texts_differ_and_the_others_do_not() -> None:
    kinds = len(DEATHS)
    varied = list(islice(attack("/sparql", varied=True), 3 * kinds))
    assert len(set(varied)) == 3 * kinds
    same = list(islice(attack("/sparql", varied=False), 3 * kinds))
    assert same[:kinds] * 3 == same
    assert len(set(same)) == kinds


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
@pytest.mark.parametrize(
    ("path", "hot", "failures"),
    [
        ("/length", False, set()),
        ("/chunked", True, set()),
        ("/wrong", False, {"wrong"}),
        ("/busy", False, {"status"}),
    ],
)
def test_the_good_client_counts_what_is_right_and_what_is_not(
    endpoint: Endpoint, path: str, hot: bool, failures: set[str]
) -> None:
    got = good.ask(
        endpoint.server_port,
        path,
        1,
        start=DATA.START,
        entities=DATA.size,
        values=2 * DATA.ROWS,
        hot=hot,
    )
    assert got.failures.keys() == failures
    assert (got.answered == 0) == bool(failures)
    assert got.failed + got.answered > 0


def test_wrk_that_cannot_connect_is_a_failure() -> None:
    if shutil.which("wrk") is None:
        pytest.skip("wrk is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        got = good.ask(port, "/", 1, start=DATA.START, entities=100, values=10)
    assert (got.rate, got.failures) == (0.0, {"unable to connect": 1})


def test_answers_that_differ_are_told_apart() -> None:
    one, other = (
        json.dumps(
            {"results": {"bindings": [{"p": {"value": "x"}, "o": {"type": "literal", **extra}}]}}
        ).encode()
        for extra in ({"value": "1"}, {"value": "1", "xml:lang": "en"})
    )
    assert rows_of(one, "p", "o") != rows_of(other, "p", "o")
