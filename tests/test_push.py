"""Pushing the dataset to real stores, to stores that fail, and comparing what they then hold."""

from __future__ import annotations

import os
import secrets
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request as Asked
from urllib.request import urlopen

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample import Ran, kg
from stores import (
    FaultyStore,
    Handler,
    cuts,
    cuts_chunks,
    drips,
    free_port,
    gushes,
    hangs,
    oxigraph,
    refuses,
    resets,
    virtuoso,
)

from kg.asking.published import Published
from kg.pushing.client import Client, PushError, Retries
from kg.pushing.credentials import Bearer, Nobody, User
from kg.pushing.endpoints import endpoint, flaw
from kg.pushing.graphs import Graph, read_graphs
from kg.pushing.stores import GraphStore, Store, UpdateStore
from kg.pushing.verification import Verdict, errors, verify, warnings

BASE = "https://example.org/d/"
DCAT = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix void: <http://rdfs.org/ns/void#> .
<https://example.org/d/> a dcat:Dataset ; void:uriSpace "https://example.org/d/" .
"""
NAMES = ["article/a", "article/b-ü", "data/dcat.ttl"]
XSD = "http://www.w3.org/2001/XMLSchema#"

HOSTILE = [
    ox.Literal('quotes " and \' and \\ and """ and $&+,/:;=?@'),
    ox.Literal("lines\nof\r\nall\rkinds\tand a tab"),
    ox.Literal("C:\\users\\u0041\\U0001F600 is no escape"),
    ox.Literal("é e\u0301 漢字 😀 \u202e \ufeff \u2028 \x85 \x7f \x07"),
    ox.Literal(""),
    ox.Literal("} ; DROP ALL ; INSERT DATA { <a:a> <a:b> <a:c>"),
    ox.Literal("Grüße", language="de-ch"),
    ox.Literal("2018-11-28", datatype=ox.NamedNode(f"{XSD}date")),
    ox.Literal("--02", datatype=ox.NamedNode(f"{XSD}gMonth")),
    ox.Literal("<b>&amp;</b>", datatype=ox.NamedNode("https://example.org/?a=1&b=%20#type")),
    ox.Literal("x" * 100_000),
    ox.NamedNode("https://example.org/ä/漢?q='(1)'&x=%3E#char=0,1"),
    ox.NamedNode("urn:a:b;c,d!e*$"),
]


@pytest.fixture(scope="module")
def oxi() -> Iterator[str]:
    with oxigraph() as url:
        yield url


@pytest.fixture
def faulty() -> Iterator[FaultyStore]:
    with FaultyStore() as store:
        yield store


def dumped(out: Path, **articles: list[ox.NamedNode | ox.Literal]) -> Path:
    """Write dumps in which each article has a triple for each value."""
    (out / "data").mkdir(parents=True, exist_ok=True)
    (out / "data" / "dcat.ttl").write_text(DCAT)
    quads = sorted(
        f"<{BASE}id/{i}> <{BASE}p'%22> {value} <{BASE}article/{name}> .\n"
        for name, values in articles.items()
        for i, value in enumerate(values)
    )
    (out / "data" / "kg.nq").write_bytes("".join(quads).encode())
    triples = sorted({f"{quad.rsplit(' ', 2)[0]} .\n" for quad in quads})
    (out / "data" / "kg.ttl").write_bytes("".join(triples).encode())
    return out


@pytest.fixture
def small(tmp_path: Path) -> Path:
    numbers = [ox.Literal(f"value {i}") for i in range(10)]
    return dumped(tmp_path / "small", a=numbers, **{"b ü".replace(" ", "-"): numbers[:5]})


def ask(url: str, query: str) -> list[str]:
    """Return the lines of an answer in CSV, without the header."""
    data = urlencode({"query": query}).encode()
    with urlopen(Asked(url, data, {"Accept": "text/csv"}), timeout=30) as answer:
        return sorted(answer.read().decode().split("\r\n")[1:-1])


def update(url: str, text: str) -> None:
    headers = {"Content-Type": "application/sparql-update"}
    with urlopen(Asked(f"{url}/update", text.encode(), headers), timeout=30):
        pass


def graphs_of(public: Path, spool: Path, merged: str = "") -> list[Graph]:
    spool.mkdir(exist_ok=True)
    for file in spool.iterdir():
        file.unlink()
    return read_graphs(Published(public), merged, spool)


def held(store: FaultyStore, public: Path, spool: Path) -> bool:
    """Whether a store holds the graphs of a dataset and no other."""
    ours = {graph.iri: set(graph.lines()) for graph in graphs_of(public, spool)}
    return store.graphs == ours


class Pauses(list[float]):
    """Retries that take no time, and what was waited."""

    def retries(self, most: int = 5) -> Retries:
        return Retries(most, pause=self.append, chance=lambda: 0.5)


# What is pushed


@pytest.mark.slow
@pytest.mark.parametrize("path", ["store", "update"])
def test_the_dataset_of_this_repository(oxi: str, public: Path, path: str) -> None:
    done = kg("push", f"{oxi}/{path}", "--data", public)
    assert done.code == 0, done.err
    assert "verified  9 graphs by count, and triple by triple\n" in done.out
    # Oxigraph stores numbers by their value; nothing else may differ.
    (line,) = done.err.splitlines()
    assert line.startswith("kg: warning: the store writes ")
    assert '"47"^^xsd:nonNegativeInteger as "47"^^xsd:integer' in line
    strict = kg("push", f"{oxi}/{path}", "--data", public, "--strict")
    assert (strict.code, strict.err) == (1, done.err.replace("warning", "error"))
    # It holds the graphs that `kg query` asks, each of as many triples.
    counts = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    ours = kg("query", counts, "--data", public, "--format", "csv").out.splitlines()
    assert ask(f"{oxi}/query", counts) == sorted(ours[1:])
    assert len(ours) > 7


@pytest.mark.parametrize("path", ["store", "update"])
@pytest.mark.parametrize("batch", ["0", "1", "10000"])
def test_hostile_values_arrive_as_they_are(oxi: str, tmp_path: Path, path: str, batch: str) -> None:
    public = dumped(
        tmp_path / "p", hostile=HOSTILE, **{"Übung-ß漢": HOSTILE[:3], "a'b(c)": HOSTILE}
    )
    done = kg("push", f"{oxi}/{path}", "--data", public, "--batch", batch, "--prune")
    assert (done.code, done.err) == (0, "")
    assert "verified  5 graphs by count and hash\n" in done.out
    values = ask(f"{oxi}/query", "SELECT (STRLEN(STR(?o)) AS ?n) { ?s ?p ?o }")
    assert values == sorted(str(len(value.value)) for value in HOSTILE)


@given(
    st.lists(
        st.builds(ox.Literal, st.text())
        | st.builds(
            lambda text, tag: ox.Literal(text, language=tag),
            st.text(),
            st.sampled_from(["en", "de-ch", "zh-hant-tw"]),
        )
        | st.builds(lambda text: ox.Literal(text, datatype=ox.NamedNode(f"{BASE}type")), st.text()),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([GraphStore, UpdateStore]),
    st.integers(0, 5),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_literal_arrives_as_it_is(
    oxi: str, tmp_path: Path, values: list[ox.Literal], kind: type[Store], batch: int
) -> None:
    public = dumped(tmp_path / "p", any=values)
    path = "store" if kind is GraphStore else "update"
    with closing(Client(oxi)) as client:
        store = kind(client, f"{oxi}/{path}", f"{oxi}/query", batch)
        for graph in graphs_of(public, tmp_path / "spool"):
            store.replace(graph, lambda count: None)
            verdict = verify(store, graph, tmp_path / "spool")
            assert verdict.same
            assert not verdict.rewritten.count


@pytest.mark.parametrize("path", ["store", "update"])
def test_other_graphs_are_left_alone_and_ours_replaced(
    oxi: str, small: Path, tmp_path: Path, path: str
) -> None:
    update(
        oxi,
        "CLEAR ALL; INSERT DATA { <a:old> <a:old> <a:old> GRAPH <a:other> { <a:a> <a:a> 1 } "
        f"GRAPH <{BASE}article/a> {{ <a:old> <a:old> <a:old> }} }}",
    )
    assert kg("push", f"{oxi}/{path}", "--data", small).code == 0
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert ask(f"{oxi}/query", graphs) == ["a:other", *(BASE + name for name in NAMES)]
    assert (
        ask(f"{oxi}/query", "SELECT * { { <a:old> ?p ?o } UNION { GRAPH ?g { <a:old> ?p ?o } } }")
        == []
    )

    # To a graph of its own, beside what the default graph holds.
    update(oxi, "CLEAR ALL; INSERT DATA { <a:kept> <a:kept> <a:kept> }")
    merged = f"{BASE}merged?a=b&c"
    done = kg("push", f"{oxi}/{path}", "--data", small, "--graph", merged)
    assert (done.code, done.err) == (0, "")
    assert f"10 triples, {merged}" in done.out
    assert ask(f"{oxi}/query", "SELECT ?s { ?s ?p ?o }") == ["a:kept"]
    count = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{merged}> {{ ?s ?p ?o }} }}"
    assert ask(f"{oxi}/query", count) == ["10"]


@pytest.mark.parametrize("path", ["store", "update"])
def test_graphs_of_articles_that_are_gone_are_told_and_can_be_removed(
    oxi: str, small: Path, tmp_path: Path, path: str
) -> None:
    update(oxi, "CLEAR ALL")
    assert kg("push", f"{oxi}/{path}", "--data", small).code == 0
    fewer = dumped(tmp_path / "fewer", a=[ox.Literal("1")])
    done = kg("push", f"{oxi}/{path}", "--data", fewer)
    assert done.code == 0
    assert done.err == (
        "kg: warning: the store still holds 1 graph that the dataset no longer has:"
        f" {BASE}article/b-ü; --prune removes them\n"
    )
    assert kg("push", f"{oxi}/{path}", "--data", fewer, "--strict").code == 1
    done = kg("push", f"{oxi}/{path}", "--data", fewer, "--prune", "--strict")
    assert (done.code, done.err) == (0, "")
    assert "  removed   1 stale graph\n" in done.out
    graphs = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    assert ask(f"{oxi}/query", graphs) == [f"{BASE}article/a", f"{BASE}data/dcat.ttl"]


def test_a_default_graph_that_shows_all_graphs(small: Path) -> None:
    with oxigraph("--union-default-graph") as url:
        done = kg("push", f"{url}/store", "--data", small)
        assert done.code == 1
        assert done.err == (
            "kg: error: the default graph: the store counts 27 triples, but gives back 10; if its"
            " default graph shows all others too, give --graph\n"
        )
        assert kg("push", f"{url}/store", "--data", small, "--graph", f"{BASE}all").code == 0


def test_a_dry_run_reaches_no_store(small: Path) -> None:
    done = kg("push", f"http://127.0.0.1:{free_port()}/store", "--data", small, "--dry-run")
    assert (done.code, done.err) == (0, "")
    lines = ["  the default graph  10 triples", f"  {BASE}article/a  10 triples"]
    lines += [f"  {BASE}article/b-ü  5 triples", f"  {BASE}data/dcat.ttl  2 triples"]
    assert done.out.splitlines()[1:] == lines


# Killed, interrupted, and pushed again


def count_in(url: str, graph: str) -> int:
    (row,) = ask(f"{url}/query", f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}")
    return int(row)


@pytest.mark.parametrize(
    ("path", "sent", "code"),
    [
        ("store", signal.SIGKILL, -9),
        pytest.param("update", signal.SIGINT, 1, marks=pytest.mark.slow),
        pytest.param("store", signal.SIGINT, 1, marks=pytest.mark.slow),
        pytest.param("update", signal.SIGKILL, -9, marks=pytest.mark.slow),
    ],
)
def test_ended_halfway_and_pushed_again(
    public: Path, path: str, sent: signal.Signals, code: int
) -> None:
    with oxigraph() as url:
        merged = f"{BASE}merged"
        arguments = ["push", f"{url}/{path}", "--data", str(public), "--graph", merged]
        command = [sys.executable, "-m", "kg", *arguments, "--batch", "1"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as push:
            while count_in(url, merged) < 50:
                assert push.poll() is None
            push.send_signal(sent)
            _, said = push.communicate(timeout=30)
        assert push.returncode == code
        if sent is signal.SIGINT:
            assert said.endswith(
                f"interrupted in {merged}; 0 of 9 graphs were pushed whole; push again\n"
            )
        assert 50 <= count_in(url, merged) < 31_000
        done = kg(*arguments)
        assert done.code == 0
        assert "verified  9 graphs" in done.out


# Stores that fail


def push_to(store: FaultyStore, public: Path, spool: Path, **options: object) -> list[str]:
    """Push in this process; return what was told of retries."""
    told: list[str] = []
    with closing(Client(store.url, told=told.append, **options)) as client:  # type: ignore[arg-type]
        for graph in graphs_of(public, spool):
            GraphStore(client, store.url, "", 4).replace(graph, lambda count: None)
    return told


def compared(store: FaultyStore, graph: Graph, spool: Path) -> Verdict:
    """Compare a graph in this process."""
    with closing(Client(store.url)) as client:
        query = store.url.replace("store", "query")
        return verify(GraphStore(client, store.url, query, 0), graph, spool)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_store_that_is_busy_is_tried_again(
    faulty: FaultyStore, small: Path, tmp_path: Path, status: int
) -> None:
    faulty.faults = [Handler.serve, *[refuses(status, "busy\x1b[31m")] * 3]
    pauses = Pauses()
    told = push_to(faulty, small, tmp_path / "spool", retries=pauses.retries())
    assert pauses == [0.5, 1, 2]
    assert told[0].startswith(f"{faulty.url}: {status} ")
    assert told[0].endswith("; again in 0.5 s")
    assert held(faulty, small, tmp_path / "spool")


def test_the_store_says_how_long_to_wait(faulty: FaultyStore, small: Path, tmp_path: Path) -> None:
    faulty.faults = [
        refuses(503, Retry_After="7"),
        refuses(429, Retry_After="99999999999"),
        refuses(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
        refuses(503, Retry_After="-3 or so"),
        refuses(503, Retry_After="Wed, 21 Oct 9999 07:28:00 GMT"),
    ]
    pauses = Pauses()
    push_to(faulty, small, tmp_path / "spool", retries=pauses.retries())
    assert pauses == [7, 120, 2, 4, 120]
    assert held(faulty, small, tmp_path / "spool")


def test_waits_are_jittered_and_bounded() -> None:
    assert {Retries(chance=lambda: 0.0).wait(3, 0), Retries(chance=lambda: 1.0).wait(3, 0)} == {
        2,
        6,
    }
    assert Retries().wait(10_000, 0) == 120


def test_broken_connections_are_tried_again(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    faulty.faults = [resets, Handler.serve, resets, cuts, cuts_chunks, resets]
    pauses = Pauses()
    told = push_to(faulty, small, tmp_path / "spool", retries=pauses.retries())
    assert held(faulty, small, tmp_path / "spool")
    assert len(told) == len(pauses) >= 3


def test_it_gives_up_in_the_end(faulty: FaultyStore, small: Path, tmp_path: Path) -> None:
    faulty.faults = [refuses(503)] * 3
    pauses = Pauses()
    with pytest.raises(PushError, match="503 Service Unavailable; given up after 3 tries"):
        push_to(faulty, small, tmp_path / "spool", retries=pauses.retries(2))
    assert pauses == [0.5, 1]
    done = kg("push", f"http://127.0.0.1:{free_port()}/store", "--data", small, "--retries", "1")
    assert done.code == 3
    again, end = done.err.splitlines()
    assert again.startswith("kg: warning: http://127.0.0.1:")
    assert "refused; again in" in again
    assert "refused; given up after 2 tries (in the default graph; 0 of 4 graphs" in end


@pytest.mark.parametrize("fault", [hangs, drips], ids=["silent", "dripping"])
def test_answers_that_never_come(
    faulty: FaultyStore, small: Path, tmp_path: Path, fault: Callable[[Handler], None]
) -> None:
    faulty.faults = [fault]
    started = time.monotonic()
    told = push_to(faulty, small, tmp_path / "spool", retries=Pauses().retries(), timeout=0.5)
    assert time.monotonic() - started < 4
    assert told == [f"{faulty.url}: it took too long; again in 0.5 s"]
    assert held(faulty, small, tmp_path / "spool")


def test_answers_that_never_end(faulty: FaultyStore, small: Path, tmp_path: Path) -> None:
    faulty.faults = [gushes]
    with pytest.raises(PushError, match="it answers more than 16,777,216 bytes"):
        push_to(faulty, small, tmp_path / "spool")
    graph, *_ = graphs_of(small, tmp_path / "spool")
    faulty.faults = [Handler.serve, gushes]
    with pytest.raises(PushError, match="it answers more than"):
        compared(faulty, graph, tmp_path / "spool")


@pytest.mark.parametrize(
    ("status", "text", "kind", "said"),
    [
        (400, "bad\nline \x1b[2J", "text/plain", "400 Bad Request: bad line \\u{1B}[2J"),
        (401, "", "text/plain", "401 Unauthorized; give --user, with the password in KG_PASSWORD"),
        (403, "<style>p{}</style><h1>No&nbsp;way</h1>", "text/html", "403 Forbidden: No way;"),
        (404, "x" * 70_000, "text/plain", f"404 Not Found: {'x' * 200}…; give the address"),
        (405, "", "text/plain", "405 Method Not Allowed; give another --protocol"),
        (500, "\xff", "text/plain", "500 Internal Server Error: ÿ (in the default"),
    ],
)
def test_refusals_are_final_and_one_line(
    faulty: FaultyStore, small: Path, status: int, text: str, kind: str, said: str
) -> None:
    faulty.faults = [refuses(status, text, kind)]
    done = kg("push", faulty.url, "--data", small)
    assert done.code == 3
    (line,) = done.err.splitlines()
    assert said in line
    assert len(faulty.seen) == 1


def test_requests_that_are_too_large_are_halved(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    faulty.faults = [refuses(413), refuses(413)]
    assert push_to(faulty, small, tmp_path / "spool") == []
    # Of the 10 triples of the first graph 4 and 2 are too many; 1, 1, 2 and then 1 at a time go.
    assert [method for method, *_ in faulty.seen[:12]] == ["PUT"] * 3 + ["POST"] * 8 + ["PUT"]
    assert held(faulty, small, tmp_path / "spool")
    faulty.faults = [refuses(413)] * 9
    with pytest.raises(PushError, match="413"):
        push_to(faulty, small, tmp_path / "spool")


# Redirects and credentials


def test_redirects_are_followed_at_home_alone(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    faulty.faults = [refuses(307, Location="/store?default")]
    told = push_to(faulty, small, tmp_path / "spool", credentials=Bearer("secret"))
    assert (told, held(faulty, small, tmp_path / "spool")) == ([], True)
    with FaultyStore() as elsewhere:
        for status, place in [(307, elsewhere.url), (308, "//localhost/"), (302, "/store?default")]:
            faulty.faults = [refuses(status, Location=place)]
            with pytest.raises(PushError, match="it redirects to http://"):
                push_to(faulty, small, tmp_path / "spool", credentials=Bearer("secret"))
        assert elsewhere.seen == []
    faulty.faults = [refuses(307, Location="/store?default")] * 20
    with pytest.raises(PushError, match="it redirects without end"):
        push_to(faulty, small, tmp_path / "spool")
    for place in ("", "http://[", "file:///etc/passwd", "/\x1b"):
        faulty.faults = [refuses(307, Location=place)] * 20
        with pytest.raises(PushError, match=r"redirects|control characters"):
            push_to(faulty, small, tmp_path / "spool")


def test_credentials_go_to_one_origin_alone(faulty: FaultyStore, small: Path) -> None:
    with FaultyStore() as other:
        query = other.url.replace("store", "query")
        environment = {"KG_TOKEN": "secret"}
        kg("push", faulty.url, "--query", query, "--data", small, env=environment)
        assert {known for *_, known in faulty.seen} == {"Bearer secret"}
        assert {known for *_, known in other.seen} == {None}
        assert other.seen


def test_a_user_is_named_when_the_store_asks(faulty: FaultyStore, small: Path) -> None:
    faulty.faults = [refuses(401, WWW_Authenticate='Basic realm="a, b"')]
    arguments = ["push", faulty.url, "--data", small, "--user", "jo"]
    done = kg(*arguments, env={"KG_PASSWORD": "pä:ss"})
    assert (done.code, done.err) == (0, "")
    first, *rest = faulty.seen
    assert first[2] is None
    assert {known for *_, known in rest} == {"Basic am86cMOkOnNz"}
    # What is wrong is asked once more, and then told.
    faulty.seen.clear()
    faulty.faults = [refuses(401, WWW_Authenticate='Basic realm="a"')] * 2
    done = kg(*arguments, env={"KG_PASSWORD": "wrong"})
    assert (done.code, len(faulty.seen)) == (3, 2)
    assert "wrong" not in done.err
    assert kg(*arguments, env={"KG_PASSWORD": ""}).code == 0
    (os.environ).pop("KG_PASSWORD", None)
    done = kg(*arguments)
    assert (done.code, done.err.splitlines()[-1]) == (
        2,
        "Error: --user needs the password, in the variable KG_PASSWORD",
    )


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_as_in_rfc_7616(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, response: str
) -> None:
    monkeypatch.setattr(
        secrets, "token_hex", lambda size: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    )
    user = User("Mufasa", "Circle of Life")
    assert user.header("GET", "/dir/index.html") is None
    assert user.challenged(
        [
            'Basic realm="x", Digest realm="http-auth@example.org", qop="auth, auth-int", '
            f'algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ]
    )
    header = user.header("GET", "/dir/index.html") or ""
    assert header.startswith('Digest username="Mufasa", realm="http-auth@example.org"')
    assert f'response="{response}"' in header
    assert "nc=00000001" in header
    assert "nc=00000002" in (user.header("GET", "/dir/index.html") or "")
    assert "Circle" not in header


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Negotiate",
        "Digest",
        'Digest realm="a"',
        "Digest qop=auth-int, nonce=a, realm=b",
        "Digest nonce=a, realm=b, algorithm=SHA-1",
    ],
)
def test_challenges_that_cannot_be_answered(header: str) -> None:
    assert not User("a", "b").challenged([header])
    assert not Nobody().challenged([header])
    assert not Bearer("a").challenged([header])


def test_a_password_that_anyone_could_read_is_warned_of(small: Path) -> None:
    done = kg(
        "push",
        "http://push.invalid/store",
        "--data",
        small,
        "--user",
        "jo",
        "--dry-run",
        env={"KG_PASSWORD": "p"},
    )
    assert "can be read on the way" in done.err
    done = kg(
        "push",
        "https://push.invalid/store",
        "--data",
        small,
        "--user",
        "jo",
        "--dry-run",
        env={"KG_PASSWORD": "p"},
    )
    assert done.err == ""


# Comparing


def verified(store: FaultyStore, public: Path) -> Ran:
    return kg("push", store.url, "--data", public)


def test_a_store_that_loses_a_triple(faulty: FaultyStore, small: Path) -> None:
    faulty.taken = lambda lines: {line for line in lines if b'"value 3"' not in line}
    done = verified(faulty, small)
    assert done.code == 1
    triple = f'<{BASE}id/3> <{BASE}p\'%22> "value 3" .'
    assert done.err.splitlines() == [
        f"kg: error: {name}: the store holds {n - 1} triples, of {n} pushed; 1 missing: {triple}"
        for name, n in (
            ("the default graph", 10),
            (f"{BASE}article/a", 10),
            (f"{BASE}article/b-ü", 5),
        )
    ]
    assert "Pushed to" in done.out
    assert "verified" not in done.out
    assert kg("push", faulty.url, "--data", small, "--no-verify").code == 0


def test_a_store_that_cuts_long_answers(faulty: FaultyStore, small: Path, tmp_path: Path) -> None:
    graph, *_ = graphs_of(small, tmp_path / "spool")
    faulty.graphs[""] = set(graph.lines())
    part = b"".join(list(graph.lines())[:4]).decode()
    faulty.faults = [Handler.serve, refuses(200, part, "application/n-triples")]
    verdict = compared(faulty, graph, tmp_path / "spool")
    assert list(errors([verdict])) == [
        "the default graph: the store counts 10 triples, but gives back only 4; raise its limit on"
        " answers (in Virtuoso: ResultSetMaxRows), or --no-verify"
    ]


def test_a_store_that_changes_a_value(faulty: FaultyStore, small: Path) -> None:
    faulty.taken = lambda lines: {line.replace(b"value 7", b"v\xc3\xa4lue 7") for line in lines}
    done = verified(faulty, small)
    assert done.code == 1
    assert "1 missing: " in done.err
    assert '"value 7" .; 1 not ours: ' in done.err
    assert '"välue 7" .\n' in done.err


def test_a_store_that_adds_much(faulty: FaultyStore, small: Path) -> None:
    more = {b"<a:a> <a:a> <a:%d> .\n" % i for i in range(100)}
    faulty.taken = lambda lines: lines | more
    done = verified(faulty, small)
    assert done.code == 1
    assert (
        "the store holds 110 triples, of 10 pushed; 100 not ours: <a:a> <a:a> <a:0> ., " in done.err
    )
    assert "<a:a> <a:a> <a:11> ., …\n" in done.err


def number(form: str, datatype: str = "integer") -> ox.Literal:
    return ox.Literal(form, datatype=ox.NamedNode(XSD + datatype))


def test_a_store_that_writes_values_otherwise(faulty: FaultyStore, tmp_path: Path) -> None:
    values = [number("01"), number("1.50", "decimal")]
    public = dumped(tmp_path / "p", a=values)
    faulty.taken = lambda lines: {
        line.replace(b'"01"', b'"1"').replace(b'"1.50"', b'"1.5"') for line in lines
    }
    done = verified(faulty, public)
    assert done.code == 0
    assert done.err == (
        "kg: warning: the store writes 4 literals of 2 graphs otherwise, but of the same value:"
        ' "01"^^xsd:integer as "1"^^xsd:integer, "1.50"^^xsd:decimal as "1.5"^^xsd:decimal\n'
    )
    assert "verified  3 graphs by count, and triple by triple\n" in done.out


def test_two_forms_of_a_value_that_became_one(faulty: FaultyStore, tmp_path: Path) -> None:
    public = dumped(tmp_path / "p", a=[number("01")], b=[number("1")])
    faulty.taken = lambda lines: {line.replace(b'"01"', b'"1"') for line in lines}
    done = verified(faulty, public)
    assert done.code == 0, done.err
    assert faulty.graphs[""] == faulty.graphs[f"{BASE}article/b"]
    assert "2 literals of 2 graphs otherwise" in done.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"1"^^', '"2"^^'),
        ('"a"@en', '"A"@en'),
        ('"a"@en', '"a"'),
        ('"b"', '"B"'),
        ("<a:c>", "<a:C>"),
    ],
)
def test_a_value_that_is_nearly_the_same_is_changed(
    faulty: FaultyStore, tmp_path: Path, old: str, new: str
) -> None:
    values = [number("1"), ox.Literal("a", language="en"), ox.Literal("b"), ox.NamedNode("a:c")]
    public = dumped(tmp_path / "p", a=values)
    faulty.taken = lambda lines: {line.replace(old.encode(), new.encode()) for line in lines}
    done = verified(faulty, public)
    assert done.code == 1
    assert "1 missing" in done.err
    assert "otherwise" not in done.err


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ([refuses(200, "<p>Hello", "text/html")], "something else than SPARQL results in JSON"),
        ([refuses(200, "[]")], "something else than SPARQL results in JSON"),
        ([refuses(200, '{"results": {"bindings": [{"n": 1}]}}')], "SPARQL results in JSON"),
        ([refuses(200, "[" * 100_000)], "something else than SPARQL results in JSON"),
        (
            [Handler.serve, refuses(200, "{}", "application/json")],
            "application/json, which was not asked for",
        ),
        ([Handler.serve, refuses(200, "<p>", "text/html")], "as text/html, which was not"),
        ([Handler.serve, refuses(200, "<a", "text/turtle")], "what the store gives back is broken"),
        ([refuses(404, "no")], "404 Not Found: no"),
    ],
)
def test_a_store_that_answers_nonsense(
    faulty: FaultyStore,
    small: Path,
    tmp_path: Path,
    faults: list[Callable[[Handler], None]],
    said: str,
) -> None:
    graph, *_ = graphs_of(small, tmp_path / "spool")
    faulty.faults = faults
    with pytest.raises(PushError) as raised:
        compared(faulty, graph, tmp_path / "spool")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_turtle_and_blank_nodes_are_read_back(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    graph, *_ = graphs_of(small, tmp_path / "spool")
    faulty.faults = [
        refuses(200, '{"results": {"bindings": [{"n": {"value": "1"}}]}}'),
        refuses(200, "@prefix a: <a:> . [] a a:b .", "text/turtle; charset=utf-8"),
    ]
    verdict = compared(faulty, graph, tmp_path / "spool")
    (line,) = errors([verdict])
    assert "10 missing" in line
    assert "1 not ours: _:" in line
    assert list(warnings([verdict], [])) == []


# The command line, and dumps that cannot be pushed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ftp://a/store"], "URL: it must begin with http:// or https://"),
        (["file:///etc/passwd"], "URL: it must begin with http:// or https://"),
        (["store"], "URL: it must begin with http:// or https://"),
        (["http:///store"], "URL: it names no host"),
        (["http://[/store"], "URL: this is no URL"),
        (["http://a:99999/store"], "URL: this is no URL"),
        (["http://jo:pw@a/store"], "URL: it must hold no credentials"),
        (["http://a/b c/store"], "URL: it must be a URL in ASCII"),
        (["http://a/store#x"], "URL: it must be a URL in ASCII"),
        (["http://a/thing"], "give --protocol gsp"),
        (["http://a/thing", "--protocol", "gsp"], "give --query, the URL where"),
        (["http://a/store", "--query", "gopher://a"], "--query: it must begin with"),
        (["http://a/store", "--graph", "no iri"], "--graph: this is no absolute IRI"),
        (["http://a/store", "--batch", "-1"], "'--batch'"),
        (["http://a/store", "--timeout", "0"], "'--timeout'"),
        (["http://a/store", "--retries", "-1"], "'--retries'"),
    ],
)
def test_a_wrong_command_line(small: Path, arguments: list[str], said: str) -> None:
    done = kg("push", *arguments, "--data", small)
    assert done.code == 2
    assert said in done.err.splitlines()[-1]
    assert "pw" not in done.err


def test_the_address_tells_protocol_and_queries() -> None:
    for url, protocol, query in [
        ("http://a:7878/store", "gsp", "http://a:7878/query"),
        ("http://a:7878/update", "update", "http://a:7878/query"),
        ("http://a:3030/ds/data", "gsp", "http://a:3030/ds/query"),
        ("http://a:3030/ds/update", "update", "http://a:3030/ds/query"),
        ("http://a/repositories/x/statements", "update", "http://a/repositories/x"),
        ("http://a/repositories/x/rdf-graphs/service", "gsp", "http://a/repositories/x"),
        ("http://a/sparql-graph-crud-auth", "gsp", "http://a/sparql"),
        ("http://a/sparql-auth", "update", "http://a/sparql-auth"),
        ("http://a/namespace/kb/sparql/", "update", "http://a/namespace/kb/sparql"),
    ]:
        found = endpoint(url, None, None)
        assert found == (url, protocol, query)
        assert endpoint(url, "gsp", "http://b/") == (url, "gsp", "http://b/")
    assert endpoint("http://a/", None, None) is None
    assert endpoint("http://a/", "update", None) == ("http://a/", "update", "http://a/")
    assert flaw("HTTPS://Example.ORG:8443/store?token=x") is None


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("kg.nq", "<a:a> <a:b> <a:c> <a:g> .\nnonsense\n", "kg.nq:2:1: error: "),
        ("kg.nq", "<a:a> <a:b> <a:c> .\n", "a triple in the graph of no article"),
        ("kg.nq", "<a:a> <a:b> _:c <a:g> .\n", "not of IRIs and literals alone"),
        ("kg.nq", "<a:a> <a:b> <a:c> _:g .\n", "a triple in the graph of no article"),
        ("kg.ttl", "[] a <a:b> .", "not of IRIs and literals alone"),
        ("kg.ttl", "<a:b", "kg.ttl:1:"),
        ("dcat.ttl", "<a:b", "dcat.ttl:1:"),
        ("queries.ttl", "<a:b", "queries.ttl:1:"),
    ],
)
def test_no_store_gets_a_broken_dump(
    faulty: FaultyStore, small: Path, name: str, content: str, said: str
) -> None:
    (small / "data" / name).write_text(content)
    done = kg("push", faulty.url, "--data", small)
    assert done.code == 1
    (line,) = done.err.splitlines()
    assert said in line
    assert faulty.seen == []


def test_no_dump_and_a_graph_of_an_article(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    done = kg("push", faulty.url, "--data", tmp_path / "none")
    assert (done.code, "there is no dump" in done.err) == (1, True)
    done = kg("push", faulty.url, "--data", small, "--graph", f"{BASE}article/a")
    assert (done.code, "is the name of another graph" in done.err) == (1, True)
    assert faulty.seen == []


def test_no_file_stays_behind(faulty: FaultyStore, small: Path, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    environment = {"TMPDIR": str(tmp_path / "tmp")}
    assert kg("push", faulty.url, "--data", small, env=environment).code == 0
    faulty.faults = [refuses(400)]
    assert kg("push", faulty.url, "--data", small, env=environment).code == 3
    assert list((tmp_path / "tmp").iterdir()) == []


def test_one_connection_serves_all_and_may_be_closed(
    faulty: FaultyStore, small: Path, tmp_path: Path
) -> None:
    def closes(handler: Handler) -> None:
        handler.serve()
        handler.close_connection = True  # without having said so

    faulty.faults = [Handler.serve, closes, closes, Handler.serve]
    assert push_to(faulty, small, tmp_path / "spool") == []
    assert held(faulty, small, tmp_path / "spool")


def test_https_is_checked(small: Path, tmp_path: Path, needs: Callable[[str], str]) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = f"{needs('openssl')} req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    command += f" -keyout {key} -out {certificate} -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    store = FaultyStore()
    store.socket = context.wrap_socket(store.socket, server_side=True)
    with store:
        url = store.url.replace("http:", "https:")
        done = kg("push", url, "--data", small)
        assert done.code == 3
        assert f"{url}: its certificate does not hold: self-signed certificate" in done.err
        assert store.seen == []
        done = kg("push", url, "--data", small, env={"SSL_CERT_FILE": str(certificate)})
        assert (done.code, done.err) == (0, "")
        assert held(store, small, tmp_path / "spool")


# Another store, and much to push


@pytest.mark.slow
@pytest.mark.parametrize("path", ["sparql-graph-crud-auth", "sparql-auth"])
def test_virtuoso(
    public: Path, small: Path, tmp_path: Path, needs: Callable[[str], str], path: str
) -> None:
    """Virtuoso wants Digest, and has no default graph."""
    long = HOSTILE[10]  # as the only line of a request, its Graph Store Protocol refuses that
    values = [value for value in HOSTILE if value is not long or path == "sparql-auth"]
    hostile = dumped(tmp_path / "hostile", hostile=values)
    (tmp_path / "virtuoso").mkdir()
    with virtuoso(needs("virtuoso-t"), tmp_path / "virtuoso") as url:
        arguments = ["push", f"{url}/{path}", "--user", "dba"]
        environment = {"KG_PASSWORD": "dba"}
        merged = ["--graph", f"{BASE}all"]
        for data, more in [(public, []), (small, []), (hostile, ["--prune"])]:
            done = kg(*arguments, *merged, "--data", data, *more, env=environment)
            assert done.code == 0, done.err
            assert "  verified  " in done.out
        done = kg(*arguments, "--data", small, env=environment)
        assert done.code == 3
        assert "push again, with --graph IRI if the store has no default graph" in done.err
        done = kg(*arguments, *merged, "--data", small, env={"KG_PASSWORD": "wrong"})
        assert (done.code, "401 Unauthorized" in done.err) == (3, True)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is measured by way of /proc")
@pytest.mark.parametrize(("path", "batch"), [("store", "0"), ("update", "1000")])
def test_much_is_pushed_in_little_memory(tmp_path: Path, path: str, batch: str) -> None:
    values = [ox.Literal(f"{i} " + "word " * 80) for i in range(250_000)]
    public = dumped(tmp_path / "p", a=values, b=values[:100_000])
    assert (public / "data" / "kg.nq").stat().st_size > 150_000_000
    measured = (  # ru_maxrss begins with that of the process which started this one
        "import atexit, sys; from kg.cli import main; atexit.register(lambda:"
        " print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr));"
        " main()"
    )
    with oxigraph("--location", str(tmp_path / "store")) as url:
        arguments = ["push", f"{url}/{path}", "--data", str(public), "--batch", batch]
        done = subprocess.run(
            [sys.executable, "-c", measured, *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    assert "verified  4 graphs by count and hash" in done.stdout
    assert int(done.stderr) < 250_000
