"""Queries that end their process, take too long or too much: `kg query` outlives them all."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sample import Folder, kg

from kg.asking.published import Published, QueryError
from kg.asking.sparql import syntax_problem
from kg.confined import nothing_opened


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("safety")
    Folder(root / "folder").publish(root / "public")
    return root / "public"


ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
DEEP = "nests, or chains operators, too deeply; simplify it"


@pytest.mark.parametrize(
    "query",
    [
        "ASK " + "{" * 40_000 + "}" * 40_000,
        "ASK { FILTER(" + "(" * 64_000 + "1" + ")" * 64_000 + ") }",
        "ASK { FILTER(" + "1+" * 100_000 + "1) }",
        "ASK { {}" + " UNION {}" * 50_000 + " }",
        "SELECT * { " + "OPTIONAL { ?s ?p ?o " * 20_000 + "}" * 20_000 + " }",
    ],
    ids=["braces", "brackets", "sum", "unions", "optional"],
)
@pytest.mark.parametrize("options", [(), ("--evidence",)], ids=["plain", "evidence"])
def test_a_query_that_overflows_the_stack(
    built: Path, query: str, options: tuple[str, ...]
) -> None:
    ran = kg("query", "-", "--data", built, *options, input=query.encode())
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"query:1:1: error: the query {DEEP}\n"


@pytest.mark.parametrize(
    "query",
    [
        "ASK { FILTER(" + "!" * 6000 + "true) }",
        "SELECT * { FILTER(?a<?b" + "(" * 5000 + ") }",
        "ASK " + "{" * 200 + "}" * 200,
    ],
    ids=["negations", "open brackets", "some braces"],
)
def test_a_strange_query_is_answered_or_refused_in_one_line(built: Path, query: str) -> None:
    ran = kg("query", "-", "--data", built, input=query.encode())
    assert (ran.code, len(ran.err.splitlines())) in [(0, 0), (1, 1)]


def test_a_query_that_takes_too_long(built: Path) -> None:
    began = time.monotonic()
    ran = kg("query", ENDLESS, "--data", built, "--timeout", "1.5")
    assert time.monotonic() - began < 30
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "query:1:1: error: the query took more than 1.5 s; "
        "simplify it, or give it longer with --timeout\n"
    )


HUNGRY = """
import sys
from kg.confined import KilledError, close_the_door, confined

def work():
    import pyoxigraph as ox
    store = ox.Store()
    for number in range(300):
        store.add(ox.Quad(ox.NamedNode(f"x:{number}"), ox.NamedNode("x:p"), ox.Literal(number)))
    close_the_door(100_000_000)
    if sys.argv[1] == "python":
        print(len(bytearray(1 << 40)))
    for _ in store.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"):
        pass

try:
    confined(work)
except KilledError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not limit memory")
@pytest.mark.parametrize("what", ["python", "oxigraph"])
def test_a_query_that_takes_too_much_memory(what: str) -> None:
    done = subprocess.run([sys.executable, "-c", HUNGRY, what], capture_output=True, check=True)
    assert done.stdout == b"needs too much memory\n"
    assert done.stderr == b""


@pytest.fixture
def endless(built: Path, needs: Callable[[str], str]) -> Iterator[tuple[subprocess.Popen, int]]:
    """A query that is being asked, and the process of its child."""
    pgrep = needs("pgrep")
    asked = subprocess.Popen(
        [sys.executable, "-m", "kg", "query", ENDLESS, "--data", built, "--timeout", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    child = None
    for _ in range(300):
        found = subprocess.run([pgrep, "-P", str(asked.pid)], capture_output=True, check=False)
        if found.stdout.split():
            child = int(found.stdout.split()[0])
            time.sleep(1)  # until it computes
            break
        time.sleep(0.1)
    assert child is not None
    yield asked, child
    asked.kill()
    asked.communicate()


def ended(process: int) -> bool:
    """Whether a process is no more, or is soon."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        with suppress(OSError):  # there is no /proc, or it has just ended
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
            if state == "Z":  # dead; whoever adopted it need not have noticed
                return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_outlives_its_parent(
    endless: tuple[subprocess.Popen, int], end: signal.Signals
) -> None:
    asked, child = endless
    os.kill(asked.pid, end)
    assert ended(child)


def test_a_query_can_be_interrupted(endless: tuple[subprocess.Popen, int]) -> None:
    asked, child = endless
    os.killpg(asked.pid, signal.SIGINT)
    out, err = asked.communicate(timeout=30)
    assert asked.returncode == 1
    assert (out, err.strip()) == (b"", b"Aborted!")
    assert ended(child)


def test_a_child_that_is_killed_is_told(endless: tuple[subprocess.Popen, int]) -> None:
    asked, child = endless
    os.kill(child, signal.SIGKILL)
    out, err = asked.communicate(timeout=30)
    assert (asked.returncode, out) == (1, b"")
    assert err == b"query:1:1: error: the query was ended by SIGKILL; simplify it\n"


def test_who_has_seen_enough_is_told_nothing(built: Path) -> None:
    command = f"{sys.executable} -m kg query 'SELECT * {{ ?s ?p ?o }}' --data {built}"
    done = subprocess.run(f"{command} | true", shell=True, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize("content", [b'ASK { ?s ?p "\xff" }', b"\xff\xfeA\0S\0K\0"])
def test_a_query_that_is_not_utf_8(built: Path, tmp_path: Path, content: bytes) -> None:
    ran = kg("query", "-", "--data", built, input=content)
    assert ran.code == 1
    assert ran.err.startswith("-:1:1: error: cannot be read: it is not UTF-8; ")
    (tmp_path / "ask.rq").write_bytes(content)
    ran = kg("query", tmp_path / "ask.rq", "--data", built)
    assert ran.code == 1
    assert "ask.rq:1:1: error: cannot be read: it is not UTF-8; " in ran.err
    text = os.fsdecode(b"ASK { ?s ?p '\xff' }")
    ran = kg("query", text, "--data", built)
    assert ran.code == 1
    assert "query:1:1: error: the query is not UTF-8; " in ran.err


@pytest.mark.parametrize(
    ("query", "line"),
    [
        (
            "SELECT {",
            "query:1:9: error: the syntax is broken here, or just before; mend the query",
        ),
        (
            "SELECT ?x ?y\n{ ?x a ?z }\nGROUP BY ?x",
            "query:3:12: error: the SELECT contains a variable that is unbound; "
            "mend the query, here or before",
        ),
        (
            "SELECT ?x ?x {}",
            "query:1:16: error: Duplicated variable name in SELECT; mend the query, here or before",
        ),
    ],
)
def test_what_is_wrong_is_told_once(built: Path, query: str, line: str) -> None:
    assert kg("query", query, "--data", built).err == f"{line}\n"
    with pytest.raises(QueryError):
        Published(built).query(query)


def test_nothing_is_opened_while_other_threads_wait_for_what_is_open() -> None:
    first, second = socket.socketpair()
    done, failed = threading.Event(), list[OSError]()

    def wait() -> None:
        poller = select.poll()
        poller.register(first, select.POLLIN)
        while not done.is_set():
            try:
                poller.poll(0)
            except OSError as error:
                failed.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    with first, second:
        for _ in range(200):
            assert syntax_problem("ASK {}", {}) is None
            with nothing_opened(), pytest.raises(OSError, match="Too many open files"):
                os.open(os.devnull, os.O_RDONLY)
        done.set()
        thread.join()
    assert failed == []
