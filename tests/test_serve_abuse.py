"""What `kg serve` does about clients, processes and builds that behave badly."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from attacking import KILLERS, POINT, TIMEOUT, ask, good, memory, seal
from sample import Folder
from serving import Server, serving, until

import kg as package

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("abuse")
    Folder(root / "folder").publish(root / "public")
    # Zeros take no room, and any size in no time.
    with (root / "public/data/big.bin").open("wb") as file:
        file.truncate(100 << 20)
    return root / "public"


@pytest.fixture(scope="module")
def server(built: Path) -> Iterator[Server]:
    with serving(built, "--timeout", str(TIMEOUT)) as running:
        yield running


def connect(server: Server, source: str = "127.0.0.1") -> socket.socket:
    """Return an open connection."""
    return socket.create_connection(("127.0.0.1", server.port), 20, (source, 0))


def raw(server: Server, data: bytes, *, seconds: float = 5) -> bytes:
    """Send bytes and return all that comes, until the server closes or says no more."""
    with connect(server) as client:
        client.settimeout(seconds)
        with suppress(OSError):
            client.sendall(data)
        said = b""
        with suppress(TimeoutError, ConnectionError):
            while more := client.recv(65536):
                said += more
        return said


def statuses(said: bytes) -> list[int]:
    """Return the statuses of all responses in what was said."""
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


def alive(pid: int) -> bool:
    """Tell whether a process runs, and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


# Requests that are none, or are two.

CHUNKED = b"Transfer-Encoding: chunked\r\n"
CLOSED = b"Connection: close\r\n"

SMUGGLED = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
QUERY = b"Content-Type: application/sparql-query\r\n"

AMBIGUOUS = {
    "length and chunks": QUERY + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "chunks and length": QUERY
    + b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
    "two lengths": QUERY + b"Content-Length: 6\r\nContent-Length: 0\r\n\r\n",
    "a list of lengths": QUERY + b"Content-Length: 6, 0\r\n\r\n",
    "the same length twice": QUERY + b"Content-Length: 6\r\nContent-Length: 6\r\n\r\nASK {}",
    "a negative length": QUERY + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": QUERY + b"Content-Length: +6\r\n\r\nASK {}",
    "a hexadecimal length": QUERY + b"Content-Length: 0x6\r\n\r\nASK {}",
    "an octal length": QUERY + b"Content-Length: 6_0\r\n\r\nASK {}",
    "a huge length": QUERY + b"Content-Length: 99999999999999999999999\r\n\r\n",
    "no length": QUERY + b"Content-Length:\r\n\r\n",
    "space before the colon": QUERY + b"Content-Length : 6\r\n\r\nASK {}",
    "an unknown coding": QUERY + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked, but not last": QUERY + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": QUERY
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "folded": QUERY + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "tab": QUERY + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "vertical tab": QUERY + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "quoted": QUERY + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "NUL in a name": b"X\0: 1\r\n\r\n",
    "NUL in a value": b"X: \0\r\n\r\n",
    "CR in a value": b"X: a\rTransfer-Encoding: chunked\r\n\r\n",
    "a name of bytes": b"X\xff: 1\r\n\r\n",
    "no colon": b"XYZ\r\n\r\n",
    "no name": b": 1\r\n\r\n",
    "a chunk of negative size": QUERY + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n",
    "a chunk of huge size": QUERY
    + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "a chunk in 0x": QUERY + b"Transfer-Encoding: chunked\r\n\r\n0x6\r\nASK {}\r\n0\r\n\r\n",
    "a chunk without an end": QUERY + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}0\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_may_be_read_in_two_ways_is_refused_and_ends_the_connection(
    server: Server, name: str
) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\n"
    said = raw(server, head + AMBIGUOUS[name] + SMUGGLED)
    assert statuses(said) in ([400], [413]), said


@pytest.mark.parametrize(
    "data, allowed",
    {
        "bare line feeds": (b"GET /health HTTP/1.1\nHost: x\n\n", [[], [400], [200]]),
        "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), [[400]]),
        "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [[400]]),
        "HTTP/0.9": (b"GET /health\r\n\r\n", [[400]]),
        "HTTP/3.7": (b"GET /health HTTP/3.7\r\nHost: x\r\n\r\n", [[400]]),
        "no HTTP": (b"\0" * 1000, [[400]]),
        "a method that is none": (b"QQQ /health HTTP/1.1\r\nHost: x\r\n\r\n", [[400], [405]]),
        "TRACE": (b"TRACE /health HTTP/1.1\r\nHost: x\r\n\r\n", [[405]]),
        "CONNECT": (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", [[400], [405]]),
        "DELETE": (b"DELETE /id/acme HTTP/1.1\r\nHost: x\r\n\r\n", [[405]]),
        "PUT": (b"PUT /data/kg.nq HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", [[405]]),
        "no host": (b"GET /health HTTP/1.1\r\n\r\n", [[400]]),
        "an empty host": (b"GET /health HTTP/1.1\r\nHost:\r\n\r\n", [[400]]),
        "two hosts": (b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", [[400]]),
        "a host with a path": (b"GET /health HTTP/1.1\r\nHost: x/y\r\n\r\n", [[400]]),
        "a host with markup": (b"GET /sparql HTTP/1.1\r\nHost: <b>\r\n\r\n", [[400]]),
        "a host with an account": (b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", [[400]]),
        "a gzip body": (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 2\r\n\r\n\x1f\x8b",
            [[415]],
        ),
        "a long body": (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + SMUGGLED,
            [[413]],
        ),
        "a long body, expected": (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            b"Content-Length: 300000\r\n\r\n",
            [[413]],
        ),
        "a long body in chunks": (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"10000\r\n"
            + b"x" * 65536
            + b"\r\n"
            + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 5,
            [[413]],
        ),
        "a long request line": (
            b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            [[400], [414]],
        ),
        "a long field": (
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
            [[400], [431]],
        ),
        "a long name of a field": (
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"x" * 100_000 + b": 1\r\n\r\n",
            [[400], [431]],
        ),
        "many fields": (
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
            [[400], [431]],
        ),
        "many trailers": (
            b"POST /sparql HTTP/1.1\r\nHost: x\r\n" + QUERY + b"Transfer-Encoding: chunked\r\n\r\n"
            b"6\r\nASK {}\r\n0\r\n" + b"X: 1\r\n" * 1000 + b"\r\n",
            [[400], [431]],
        ),
    }.values(),
)
def test_what_is_no_request_is_refused_and_ends_the_connection(
    server: Server, data: bytes, allowed: list[list[int]]
) -> None:
    said = raw(server, data + b"", seconds=3)
    assert statuses(said) in allowed, said
    assert good(server) < 1


@pytest.mark.parametrize(
    "data",
    [
        b"GET http://evil.example/health HTTP/1.1\r\nHost: x\r\n" + CLOSED + b"\r\n",
        b"GET /health HTTP/1.0\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: [::1]:80\r\n" + CLOSED + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: upgrade, close\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n"
        b"Connection: Upgrade, HTTP2-Settings, close\r\n\r\n",
        b"\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n" + CLOSED + b"\r\n",
    ],
)
def test_what_is_unusual_but_sound_is_answered(server: Server, data: bytes) -> None:
    assert statuses(raw(server, data)) == [200]


def test_an_upgrade_that_is_not_done_hides_no_request(server: Server) -> None:
    """Its body is read as what it is, never as a request."""
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n" + QUERY
    said = raw(server, head + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED, seconds=2)
    assert statuses(said) == [400], said  # it is no query


def test_a_client_that_waits_for_100_gets_it(server: Server) -> None:
    with connect(server) as client:
        client.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6\r\n"
            + QUERY
            + b"\r\n"
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ASK {}")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_requests_that_come_together_are_answered_in_order(server: Server) -> None:
    one = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
    none = b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /health HTTP/1.1\r\nHost: x\r\n" + CLOSED + b"\r\n"
    assert statuses(raw(server, (one + none) * 200 + last)) == [200, 404] * 200 + [200]


SECRETS = ("root:", "kg: error", "import", "Traceback", "/tmp")


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/data/../../../../etc/passwd",
        "/data/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/data/..%2f..%2f..%2fetc/passwd",
        "/data/..%5c..%5cetc%5cpasswd",
        "/data/..\\..\\etc\\passwd",
        "/data/%252e%252e/%252e%252e/etc/passwd",
        "/data/.%00./kg.nq",
        "/data/kg.nq%00.html",
        "//etc/passwd",
        "/data//kg.nq",
        "/./data/kg.nq",
        "/data/kg.nq/",
        "/file:///etc/passwd",
        "/proc/self/environ",
        "/%c0%ae%c0%ae/etc/passwd",
        "/%uff0e%uff0e/etc/passwd",
        "/id/../../../etc/passwd.html",
        "/id/..%2f..%2fetc%2fpasswd.html",
        "/id/%2e%2e/%2e%2e/etc/passwd.ttl",
        "/articles/../../../etc/passwd.txt",
        "/id/%ed%a0%80.html",
        "/id/%",
        "/id/" + "a/" * 5000,
        "/id/" + "%2e" * 10_000,
        "/id/" + "%25" * 20_000,
    ],
)
def test_no_path_leads_out_of_the_build(server: Server, path: str) -> None:
    said = raw(server, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert statuses(said)[0] in ([414] if len(path) > 4096 else [400, 404]), said
    assert not any(secret.encode() in said for secret in SECRETS), said


def test_whose_address_counts_is_said_by_the_proxy_alone(server: Server, built: Path) -> None:
    spoofed = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert server.ask("GET", "/metrics", headers=spoofed, source="127.0.0.7").status == 403
    away = {"X-Forwarded-For": "192.0.2.1"}
    server.ask("GET", "/straight", headers=away)
    with serving(built, "--proxy", "127.0.0.7") as behind:
        behind.ask("GET", "/proxied", headers=away, source="127.0.0.7")
        behind.ask("GET", "/spoofed", headers=away, source="127.0.0.8")
        assert behind.ask("GET", "/metrics", headers=spoofed, source="127.0.0.8").status == 403
    assert named(behind, "/proxied") == "192.0.2.1"
    assert named(behind, "/spoofed") == "127.0.0.8"
    until(lambda: named(server, "/straight") == "127.0.0.1", 5)


def named(server: Server, path: str) -> str | None:
    """Return whose request for a path the log has; its last line may be half written."""
    lines = server.log.read_text("utf-8").split("\n")[:-1]
    found = (json.loads(line) for line in lines if f'"{path}"' in line)
    return next((line["client"] for line in found), None)


# Connections that take long.


def endless(
    server: Server, count: int, begin: bytes, go_on: Callable[[socket.socket], None]
) -> int:
    """Hold connections that send, or read, as slowly as can be; return how many are ended.

    Meanwhile good requests are answered.
    """
    with ExitStack() as stack:
        clients = [
            stack.enter_context(connect(server, f"127.0.5.{number % 250 + 1}"))
            for number in range(count)
        ]
        for client in clients:
            client.setblocking(False)
            client.sendall(begin)
        ended: set[socket.socket] = set()
        times = []
        for _ in range(14):
            for client in clients:
                try:
                    if client not in ended:
                        go_on(client)
                except BlockingIOError:
                    pass
                except OSError:
                    ended.add(client)
            times.append(good(server))
            assert server.ask("GET", "/health").status == 200
            time.sleep(1)
        assert max(times) < 3, times
        return len(ended)


@pytest.mark.slow
@pytest.mark.parametrize(
    "begin, more",
    [
        (b"GET /health HTTP/1.1\r\nHost: x\r\nX: ", b"x"),
        (b"GET /", b"x"),
        (b"", b""),
        (b"\r\n", b"\r\n"),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\n" + QUERY + b"Content-Length: 1000\r\n\r\n", b"x"),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\n" + QUERY + CHUNKED + b"\r\n1;", b"x"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n" + CHUNKED + b"\r\n", b"1\r\nx\r\n"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n", b"x"),
        (b"POST /id/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n", b"x"),
    ],
    ids=[
        "head",
        "request line",
        "nothing",
        "empty lines",
        "body",
        "chunk extension",
        "chunks nobody reads",
        "body nobody reads",
        "refused body",
    ],
)
def test_a_thousand_slow_senders_are_ended(server: Server, begin: bytes, more: bytes) -> None:
    before = memory(server)

    def go_on(client: socket.socket) -> None:
        with suppress(BlockingIOError):
            if not client.recv(10_000):
                raise ConnectionResetError
        if more:
            client.sendall(more)

    assert endless(server, 1000, begin, go_on) == 1000
    assert memory(server) - before < 50_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/data/big.bin", "/sparql?query=SELECT%20*%20%7B?a%20?b%20?c.?d%20?e%20?f%7DLIMIT%202500"],
    ids=["file", "answer"],
)
def test_a_thousand_slow_readers(server: Server, path: str) -> None:
    assert server.ask("GET", path).status == 200
    before = memory(server)
    begin = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    endless(server, 1000, begin, lambda client: client.recv(100) and None)
    assert memory(server) - before < 250_000  # of a GB, or more


@pytest.mark.slow
def test_who_reads_nothing_more_is_let_go(server: Server) -> None:
    """Also where what is left is little, so that nothing waits for the client to take it."""
    fds = Path(f"/proc/{server.process.pid}/fd")
    time.sleep(2)  # what other tests left
    before = len(list(fds.iterdir()))
    one = b"GET /data/kg.nq HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as stack:
        for number in range(1, 60):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.sendall(one * number)
        time.sleep(1)
        assert len(list(fds.iterdir())) > before + 20
        until(lambda: len(list(fds.iterdir())) <= before + 5, 150)


@pytest.mark.slow
def test_few_descriptors(built: Path) -> None:
    """Where the system allows little, new clients are refused; the server comes to no harm."""
    with serving(built, files=256) as server, ExitStack() as stack:
        clients = []
        for _ in range(600):
            client = stack.enter_context(socket.socket())
            client.settimeout(5)
            with suppress(OSError):
                client.connect(("127.0.0.1", server.port))
                client.sendall(b"GET /data/big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            clients.append(client)
        time.sleep(1.5)
        zygote = next(pid for pid in server.children() if has(pid, "kg.server.zygote"))
        for pid in below(zygote):
            os.kill(pid, signal.SIGKILL)
        time.sleep(1.5)
        for client in clients:
            client.close()
        until(lambda: answers(server), 5)
        for _ in range(20):
            assert good(server) < 3
            assert server.ask("GET", "/data/kg.nq").status == 200
        assert server.process.poll() is None


# Processes that end.


def has(pid: int, text: str) -> bool:
    """Tell whether the command line of a process has a text."""
    with suppress(OSError):
        return text.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def below(pid: int) -> list[int]:
    """Return the numbers of the children of a process."""
    with suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return []


def workers(server: Server) -> list[int]:
    """Return the numbers of the workers: the children of the zygote, which is one."""
    return [pid for zygote in below(server.process.pid) for pid in below(zygote)]


def answers(server: Server) -> bool:
    """Tell whether a good query is answered."""
    with suppress(OSError):
        return ask(server, f"ASK {{}} #{random.random()}").status == 200
    return False


def test_workers_that_are_killed_are_replaced(server: Server) -> None:
    number = 6
    until(lambda: len(workers(server)) == number, 20)
    killed = 0
    while killed < 100:
        for pid in workers(server):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        until(lambda: len(workers(server)) == number, 20)
    assert good(server) < 3
    assert server.ask("GET", "/id/acme.html").status == 200
    assert all(alive(pid) for pid in server.children())
    assert len(server.children()) == number + 1


def test_the_death_of_a_worker_ends_its_task_alone(server: Server) -> None:
    replies = []
    query = KILLERS["count"] + " # that dies"
    asked = threading.Thread(target=lambda: replies.append(ask(server, query, source="127.0.6.1")))
    asked.start()
    time.sleep(0.5)
    for pid in workers(server):
        os.kill(pid, signal.SIGKILL)
    asked.join()
    assert replies[0].status in (503, 507)
    assert good(server) < 3


def test_a_zygote_that_is_killed_is_replaced(built: Path) -> None:
    with serving(built, "--timeout", str(TIMEOUT)) as server:
        for _ in range(2):
            (zygote,) = below(server.process.pid)
            os.kill(zygote, signal.SIGKILL)
            assert server.ask("GET", "/health").status == 200
            reply = ask(server, f"{POINT} #{random.random()}")
            assert reply.status in (200, 503)
            if reply.status == 503:
                assert int(reply.headers["Retry-After"]) > 0
            until(lambda z=zygote: set(below(server.process.pid)) - {z}, 8)
            until(lambda: answers(server), 8)
            assert server.ask("GET", "/id/acme.html").status == 200
            until(lambda: len(workers(server)) == 6, 8)
            assert zygote not in below(server.process.pid)


def test_nothing_outlives_the_web_process(built: Path) -> None:
    with serving(built) as server:
        until(lambda: len(server.children()) == 7, 5)
        children = server.children()
        asked = threading.Thread(target=lambda: dies(server))
        asked.start()
        time.sleep(0.5)
        os.kill(server.process.pid, signal.SIGKILL)
        asked.join()
        until(lambda: not any(map(alive, children)), 3)
        assert server.process.wait(5) == -signal.SIGKILL


def dies(server: Server) -> None:
    with suppress(OSError):
        ask(server, KILLERS["count"] + f" #{random.random()}")


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_it_ends_when_it_is_told_to(built: Path, number: signal.Signals) -> None:
    """Whatever runs: queries, downloads that nobody reads, connections without a request."""
    with serving(built) as server, ExitStack() as stack:
        children = server.children()
        for _ in range(3):
            threading.Thread(target=lambda: dies(server), daemon=True).start()
        for begin in (b"GET /data/big.bin HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /", b"", SMUGGLED):
            for _ in range(20):
                stack.enter_context(connect(server)).sendall(begin)
        time.sleep(0.7)
        began = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 5
        until(lambda: not any(map(alive, children)), 1)


@pytest.mark.slow
def test_it_ends_while_it_loads(built: Path) -> None:
    command = [sys.executable, "-m", "kg", "serve", "--data", str(built), "--port", "0"]
    for wait in (0.0, 0.1, 0.3):
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        until(lambda process=process: below(process.pid), 20)
        time.sleep(wait)
        children = below(process.pid)
        process.terminate()
        _, said = process.communicate(timeout=5)
        assert (process.returncode, b"Traceback" in said) == (0, False), said
        until(lambda children=children: not any(map(alive, children)), 1)


def test_a_port_that_is_taken(server: Server, built: Path) -> None:
    command = [sys.executable, "-m", "kg", "serve", "--data", str(built)]
    command += ["--port", str(server.port)]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().strip() == (
        f"kg: error: 127.0.0.1:{server.port}: Address already in use; give another --host or --port"
    )


# Builds that take each other's place.

MARKS = (b"Acme Works", b"Acme Gears")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two builds, which tell different names of the same."""
    root = tmp_path_factory.mktemp("two")
    builds = []
    for mark in MARKS:
        name = mark.decode().rpartition(" ")[2]
        folder = Folder(root / f"folder-{name}")
        for path in ("seeds/a.txt", "seeds/a.facts.yaml"):
            folder.replace(path, "Acme Works", mark.decode())
        builds.append(folder.publish(root / f"public-{name}"))
    return builds


def flip(link: Path, build: Path) -> None:
    """Have a symbolic link lead to a build, in one step."""
    new = link.with_name("new")
    new.symlink_to(build)
    new.replace(link)


def logged(server: Server, event: str) -> list[str]:
    """Return the reasons of all events of a kind in the log."""
    lines = map(json.loads, server.log.read_text().splitlines())
    return [str(line.get("reason")) for line in lines if line.get("event") == event]


LABELS = "SELECT DISTINCT ?l ?m { ?s rdfs:label ?l . GRAPH ?g { ?s rdfs:label ?m } }"


@pytest.mark.slow
def test_no_response_is_of_two_builds(two: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "public"
    link.symlink_to(two[0])
    sums = [(build / "data/SHA256SUMS").read_bytes() for build in two]
    seen: list[tuple[str, bool, bool]] = []
    wrong: list[object] = []
    done = threading.Event()

    def look(server: Server, paths: list[str]) -> None:
        while not done.is_set():
            for path in paths:
                reply = server.ask("GET", path)
                first, second = (mark in reply.body for mark in MARKS)
                seen.append((path, first, second))
                if path == "/data/SHA256SUMS":
                    if reply.body not in sums:
                        wrong.append((path, reply))
                elif reply.status != 200 or first == second:
                    wrong.append((path, reply))
                time.sleep(0.005)

    with serving(link) as server:
        query = f"/sparql?query={quote(LABELS)}"
        paths = [query, "/id/acme.html", "/id/acme.ttl", "/data/kg.nq", "/data/SHA256SUMS"]
        threads = [
            threading.Thread(target=look, args=(server, paths[n:] + paths[:n])) for n in range(3)
        ]
        for thread in threads:
            thread.start()
        for number in range(1, 7):
            flip(link, two[number % 2])
            until(lambda n=number: len(logged(server, "build loaded")) > n, 20)
        done.set()
        for thread in threads:
            thread.join()
        assert not wrong, wrong[:3]
        for path in paths[:-1]:
            assert {seen_ for seen_ in seen if seen_[0] == path} == {
                (path, True, False),
                (path, False, True),
            }
        until(lambda: len(workers(server)) == 6, 5)  # those of builds that went are gone


def truncated(build: Path) -> None:
    dump = build / "data/kg.nq"
    os.truncate(dump, dump.stat().st_size // 2)


def altered(build: Path) -> None:
    sums = build / "data/SHA256SUMS"
    sums.write_text(sums.read_text().replace("a", "b"))


def broken(build: Path) -> None:
    with (build / "data/kg.ttl").open("a") as file:
        file.write("<x:a> <x:b> .")
    seal(build)


def undescribed(build: Path) -> None:
    sums = build / "data/SHA256SUMS"
    lines = sums.read_text().splitlines(keepends=True)
    sums.write_text("".join(line for line in lines if not line.endswith("  dcat.ttl\n")))
    (build / "data/dcat.ttl").unlink()


def emptied(build: Path) -> None:
    shutil.rmtree(build)
    build.mkdir()


def piped(build: Path) -> None:
    (build / "data/kg.nq").unlink()
    os.mkfifo(build / "data/kg.nq")


@pytest.mark.slow
def test_a_corrupt_build_is_refused(two: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "public"
    link.symlink_to(two[0])
    with serving(link, "--timeout", str(TIMEOUT)) as server:
        harms = [truncated, altered, broken, undescribed, emptied, piped, shutil.rmtree]
        for number, harm in enumerate(harms, 1):
            build = tmp_path / harm.__name__
            shutil.copytree(two[1], build)
            harm(build)
            flip(link, build)
            until(lambda n=number: len(logged(server, "build refused")) >= n, 20)
            assert MARKS[0] in server.ask("GET", "/id/acme.html").body, harm
            assert MARKS[0] in server.ask("GET", "/data/kg.nq").body, harm
            assert good(server) < 3
        # Even when all workers have to be made anew.
        (zygote,) = below(server.process.pid)
        os.kill(zygote, signal.SIGKILL)
        until(lambda: answers(server), 8)
        time.sleep(1.5)
        reasons = logged(server, "build refused")
        assert len(reasons) == len(harms), reasons
        assert all("\n" not in reason and "None" not in reason for reason in reasons)
        flip(link, two[1])
        until(lambda: MARKS[1] in server.ask("GET", "/id/acme.html").body, 10)


@pytest.mark.slow
def test_a_folder_that_is_built_again_while_it_is_served(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "folder")
    public = tmp_path / "public"
    assert package.build(folder.root, public, data_only=True).published
    with serving(public, "--timeout", str(TIMEOUT)) as server:
        first = server.ask("GET", "/health").text
        for path in ("seeds/a.txt", "seeds/a.facts.yaml"):
            folder.replace(path, "Acme Works", "Acme Gears")
        assert package.build(folder.root, public, data_only=True).published
        until(lambda: MARKS[1] in server.ask("GET", "/id/acme.html").body, 10)
        assert server.ask("GET", "/health").text != first
        assert not logged(server, "build refused")
