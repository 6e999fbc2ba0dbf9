"""Downloads from a real server, by clients that go on where they stopped, and by worse ones."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from sample import REPOSITORY
from served import TTL, publish, sums

from kg.publish import publication
from kg.server.sending import CHUNK

PATIENCE = 1.5

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")


class Server:
    """A server of a folder, in a process of its own."""

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self.errors = (folder.parent / "errors").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, REPOSITORY / "tests/downloads_app.py", folder, str(patience)],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.ask("/data/kg.ttl")  # so that all it always has is there to be counted

    def stop(self) -> str:
        """End it, and return what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
        self.errors.seek(0)
        with self.errors as errors:
            return errors.read()

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; header names are given as Python names."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers={"accept-encoding": "identity", **given})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return response.status, found, response.read()
        finally:
            connection.close()

    def connect(self, receive: int | None = None) -> socket.socket:
        """Return a connection, if wanted with a small buffer."""
        client = socket.socket()
        client.settimeout(20)
        if receive is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        client.connect(("127.0.0.1", self.port))
        return client

    def raw(self, data: bytes) -> bytes:
        """Send bytes, and return what comes until the server closes or falls silent."""
        with self.connect() as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            client.settimeout(5)
            received = b""
            try:
                while chunk := client.recv(1 << 16):
                    received += chunk
            except OSError:
                pass
            return received

    def curl(self, path: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = ["curl", "-sS", "--noproxy", "*", "--max-time", "20", *arguments]
        return subprocess.run(
            [*command, f"http://127.0.0.1:{self.port}{path}"], capture_output=True, check=False
        )

    def files(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def idle(self) -> int:
        """Return how many files it has open once it has closed what it was asked before."""
        first, second = -1, self.files()
        while first != second:
            time.sleep(0.2)
            first, second = second, self.files()
        return first

    def peak(self) -> int:
        """Return the most memory that it ever had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found
        return int(found[1]) // 1024


def until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)


BIG = random.Random(7).randbytes(24_000_000)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("downloads") / "public"
    publish(folder, {"data/big.nq": BIG, "data/old.ttl": b"old\n"})
    (folder.parent / "secret").write_text("the secret")
    (folder / "data/link.ttl").symlink_to(folder.parent / "secret")
    (folder / "up").symlink_to("..")
    os.mkfifo(folder / "data/pipe")
    return folder


@pytest.fixture(scope="module")
def server(published: Path) -> Iterator[Server]:
    server = Server(published)
    yield server
    lines = set(server.stop().splitlines())  # nobody is to be woken by what clients do
    assert lines <= {"WARNING:  Invalid HTTP request received."}


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server, and a folder that may be changed."""
    folder = tmp_path / "public"
    publish(folder, {"data/big.nq": BIG, "data/old.ttl": b"old\n"})
    server = Server(folder)
    yield server, folder
    assert "Traceback" not in server.stop()


def test_files_are_downloaded(server: Server, published: Path) -> None:
    for line in (published / "data/SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        if name == "link.ttl":
            continue
        status, headers, body = server.ask(f"/data/{name}")
        assert (status, hashlib.sha256(body).hexdigest()) == (200, digest)
        assert headers["etag"] == f'"{digest}"'
        assert int(headers["content-length"]) == len(body)
        assert "transfer-encoding" not in headers


def test_parts_make_the_whole(server: Server) -> None:
    chance = random.Random(3)
    cuts = sorted({0, len(BIG), *(chance.randrange(len(BIG)) for _ in range(30))})
    pieces = []
    for start, stop in pairwise(cuts):
        status, headers, body = server.ask("/data/big.nq", range=f"bytes={start}-{stop - 1}")
        assert (status, len(body)) == (206, stop - start)
        assert headers["content-range"] == f"bytes {start}-{stop - 1}/{len(BIG)}"
        pieces.append(body)
    assert b"".join(pieces) == BIG
    assert server.ask("/data/big.nq", range="bytes=-10")[2] == BIG[-10:]
    assert server.ask("/data/big.nq", range=f"bytes={len(BIG)}-")[0] == 416
    status, _, body = server.ask("/data/big.nq", range="bytes=0-0,5-6")
    assert (status, body) == (200, BIG)


@needs_curl
def test_curl_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG[:5_000_001])
    ran = server.curl("/data/big.nq", "-C", "-", "-o", str(tmp_path / "big"), "-w", "%{http_code}")
    assert (ran.returncode, ran.stdout) == (0, b"206")
    assert (tmp_path / "big").read_bytes() == BIG


def test_compressed_downloads_hold_the_same(server: Server) -> None:
    _, headers, body = server.ask("/data/kg.ttl", accept_encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == TTL.encode()
    _, headers, body = server.ask("/data/kg.ttl", accept_encoding="gzip, deflate, br, zstd")
    assert headers["content-encoding"] == "zstd"
    assert zstandard.ZstdDecompressor().decompress(body) == TTL.encode()
    assert headers["etag"] == f'"{hashlib.sha256(body).hexdigest()}"'
    # Parts of a compressed form fit together too.
    pieces = [
        server.ask("/data/kg.ttl", accept_encoding="zstd", range=part, if_range=headers["etag"])[2]
        for part in ("bytes=0-999", "bytes=1000-")
    ]
    assert b"".join(pieces) == body


@needs_curl
def test_curl_unpacks_what_it_asks_for(server: Server) -> None:
    ran = server.curl("/data/kg.ttl", "--compressed")
    assert (ran.returncode, ran.stdout) == (0, TTL.encode())


def test_what_is_not_modified_is_not_sent(server: Server) -> None:
    _, headers, _ = server.ask("/data/big.nq", "HEAD")
    for condition in (
        {"if_none_match": headers["etag"]},
        {"if_modified_since": headers["last-modified"]},
    ):
        status, found, body = server.ask("/data/big.nq", **condition)
        assert (status, body) == (304, b"")
        assert found["etag"] == headers["etag"]
    assert server.ask("/data/big.nq", if_match='"x"')[0] == 412


def test_head_has_the_headers_alone(server: Server) -> None:
    get = b"GET /data/old.ttl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    head = b"HEAD /data/big.nq HTTP/1.1\r\nHost: x\r\n\r\n"
    first, _, rest = server.raw(head + get).partition(b"\r\n\r\n")
    assert b"content-length: %d" % len(BIG) in first
    assert rest.startswith(b"HTTP/1.1 200 OK\r\n"), "the next response follows at once"
    assert rest.endswith(b"old\n")


def test_a_connection_serves_on_after_a_download(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(3):
        connection.request("GET", "/data/big.nq")
        response = connection.getresponse()
        assert response.read() == BIG
        assert not response.will_close
    connection.close()


UP = ["..", "%2e%2e", ".%2e", "%2E.", "%252e%252e", "..%00", "%c0%ae%c0%ae", "..;", "\\..", "..%5c"]
ATTEMPTS = [
    "/data/link.ttl",
    "/up/secret",
    "/up",
    "/data/pipe",
    "/data",
    "/data/",
    "/",
    "//",
    "//secret",
    "/etc/passwd",
    "//etc/passwd",
    "/data//kg.ttl",
    "/data/%00",
    "/data/kg.ttl%00",
    "/data/kg.ttl%00.txt",
    "/data/kg.ttl/",
    "/data/kg.ttl/.",
    "/data%2fkg.ttl",
    "/data%5ckg.ttl",
    "/data\\kg.ttl",
    "/./data/kg.ttl",
    "/data/../data/kg.ttl",
    "/data/kg.ttl%20",
    "/DATA/KG.TTL",
    "file:///etc/passwd",
    "data/kg.ttl",
    *[f"/{up}/secret" for up in UP],
    *[f"/data/{up}/{up}/secret" for up in UP],
    *[f"/data/{up}%2f{up}%2fsecret" for up in UP],
    *["/" + f"{up}/" * 12 + "etc/passwd" for up in UP],
]


@pytest.mark.parametrize("path", ATTEMPTS)
def test_no_path_leads_out_or_round_about(server: Server, path: str) -> None:
    start = time.monotonic()
    received = server.raw(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1")
    )
    assert re.match(rb"HTTP/1.1 40[04] ", received), received[:200]
    assert b"the secret" not in received
    assert b"root:" not in received
    assert TTL[:50].encode() not in received
    assert time.monotonic() - start < 2, "a pipe was opened"


def test_an_absolute_target_names_the_same(server: Server) -> None:
    received = server.raw(
        b"GET http://x/data/old.ttl HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert received.endswith(b"\r\n\r\nold\n")


def test_a_rebuild_does_not_touch_a_download(own: tuple[Server, Path]) -> None:
    server, folder = own
    (folder / ".kgpress").write_text("Published by kgpress.\n")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/data/big.nq")
    response = connection.getresponse()
    tag = response.getheader("ETag")
    assert tag
    body = response.read(100_000)
    for seed in (1, 2):  # the second removes the files that are being sent
        with publication(folder) as staging:
            big = random.Random(seed).randbytes(1_000_000)
            publish(staging, {"data/big.nq": big}, seed)
        assert server.ask("/data/old.ttl")[0] == 200, "the old build is served until told"
    assert server.ask("/", "POST")[0] == 200
    assert server.ask("/data/big.nq")[2] == big
    assert server.ask("/data/old.ttl")[0] == 404
    body += response.read()
    connection.close()
    assert body == BIG
    # Who wants to go on with the old file gets the new one, whole.
    status, _, whole = server.ask("/data/big.nq", range="bytes=5-", if_range=tag)
    assert (status, whole) == (200, big)
    status, _, part = server.ask("/data/kg.ttl", range="bytes=5-", if_range=f'"{_sha(TTL)}"')
    assert (status, part) == (206, TTL.encode()[5:]), "this file is as it was"


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_a_file_that_is_cut_off_is_never_a_whole_download(own: tuple[Server, Path]) -> None:
    server, folder = own
    with server.connect(receive=4096) as client:
        client.sendall(b"GET /data/big.nq HTTP/1.1\r\nHost: x\r\n\r\n")
        received = len(client.recv(4096))
        with (folder / "data/big.nq").open("r+b") as file:
            file.truncate(8_000_000)
        with pytest.raises((ConnectionError, EOFError)):  # reset, or closed amid the body
            while True:
                chunk = client.recv(1 << 20)
                received += len(chunk)
                if not chunk:
                    raise EOFError
    assert received < len(BIG)
    assert server.ask("/data/kg.ttl")[0] == 200
    assert "shorter than it was" in (folder.parent / "errors").read_text()


def test_who_does_not_read_is_dropped(own: tuple[Server, Path]) -> None:
    server, _ = own
    before = server.idle()
    clients = [server.connect(receive=4096) for _ in range(20)]
    for client in clients:
        client.sendall(b"GET /data/big.nq HTTP/1.1\r\nHost: x\r\n\r\n")
    until(lambda: server.files() >= before + 39, 5)  # a connection and a file each
    assert server.ask("/data/kg.ttl")[2] == TTL.encode(), "others are served meanwhile"
    until(lambda: server.files() <= before, PATIENCE + 5)
    for client in clients:
        received = 0
        try:
            while chunk := client.recv(1 << 16):
                received += len(chunk)
        except ConnectionError:
            pass
        assert received < len(BIG)
        client.close()


def test_who_reads_slowly_but_steadily_is_not_dropped(own: tuple[Server, Path]) -> None:
    server, _ = own
    with server.connect(receive=64 * 1024) as client:
        client.sendall(b"GET /data/big.nq HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = bytearray()
        end = time.monotonic() + PATIENCE * 3
        while time.monotonic() < end:  # some 600 kB a second
            received += client.recv(30_000)
            time.sleep(0.05)
        assert len(received) < len(BIG) / 2, "it was not slow"
        while chunk := client.recv(1 << 20):
            received += chunk
    assert bytes(received).partition(b"\r\n\r\n")[2] == BIG


def test_who_goes_away_leaves_nothing_behind(own: tuple[Server, Path]) -> None:
    server, _ = own
    before = server.idle()
    for _ in range(30):
        with server.connect() as client:
            client.sendall(b"GET /data/big.nq HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(100)
    until(lambda: server.files() <= before, 5)
    assert server.process.poll() is None


def test_what_is_compressed_leaves_nothing_behind_a_kill(tmp_path: Path) -> None:
    publish(tmp_path / "public", {"data/big.nt": TTL.encode() * 100})
    (tmp_path / "tmp").mkdir()
    before, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(tmp_path / "tmp")
    try:
        server = Server(tmp_path / "public")
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before
    assert server.ask("/data/big.nt", accept_encoding="zstd")[1]["content-encoding"] == "zstd"
    server.process.kill()
    server.stop()
    assert list((tmp_path / "tmp").iterdir()) == []


def download(server: Server, path: str, most: int | None, wrong: list[str], digest: str) -> None:
    """Download a file, or the beginning of it, and note what is wrong with it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        found, left = hashlib.sha256(), most if most is not None else 1 << 62
        while left > 0 and (chunk := response.read(min(1 << 18, left))):
            found.update(chunk)
            left -= len(chunk)
        if most is None and found.hexdigest() != digest:
            wrong.append("other bytes")
        if most is not None and left:
            wrong.append("it ended too soon")
    except OSError as error:
        wrong.append(repr(error))
    finally:
        connection.close()


def many(server: Server, path: str, most: list[int | None], digest: str) -> float:
    """Download at the same time, and return how long others had to wait for a small file."""
    wrong: list[str] = []
    threads = [
        threading.Thread(target=download, args=(server, path, some, wrong, digest)) for some in most
    ]
    for thread in threads:
        thread.start()
    longest = 0.0
    while any(thread.is_alive() for thread in threads):
        start = time.monotonic()
        assert server.ask("/data/kg.ttl")[0] == 200
        longest = max(longest, time.monotonic() - start)
        time.sleep(0.1)
    for thread in threads:
        thread.join()
    assert wrong == []
    return longest


def test_fifty_at_the_same_time(own: tuple[Server, Path]) -> None:
    server, _ = own
    before = server.peak()
    longest = many(server, "/data/big.nq", [None] * 50, hashlib.sha256(BIG).hexdigest())
    assert server.peak() - before < 60
    assert longest < 3


@pytest.mark.slow
@pytest.mark.parametrize("sparse", [True, False])
def test_a_file_of_a_gigabyte(tmp_path: Path, sparse: bool) -> None:
    folder = tmp_path / "public"
    publish(folder)
    idle = Server(folder)
    before = idle.peak()  # with all that needs no big file
    assert idle.stop() == ""
    size = 1_000_000_000
    with (folder / "data/big.nq").open("wb") as file:
        if sparse:
            file.truncate(size)
        else:
            for _ in range(0, size, len(BIG)):
                file.write(BIG)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    sums(folder)
    server = Server(folder, 60)
    digest = server.ask("/data/big.nq", "HEAD")[1]["etag"].strip('"')
    most = [None] * 3 + [20_000_000] * 47
    longest = many(server, "/data/big.nq", most, digest)
    during = server.peak()
    assert during - before < 60, "compressing it, and sending it to fifty"
    # Nobody reads all at once: hundreds more that have begun and wait.
    clients = [server.connect(receive=4096) for _ in range(300)]
    for client in clients:
        client.sendall(b"GET /data/big.nq HTTP/1.1\r\nHost: x\r\n\r\n")
    assert all(client.recv(12).startswith(b"HTTP/1.1 200") for client in clients)
    start = time.monotonic()
    assert server.ask("/data/kg.ttl")[0] == 200
    longest = max(longest, time.monotonic() - start)
    time.sleep(1)
    assert server.peak() - during < 300 * 2 * CHUNK // 1_000_000
    print(f"{before} MB idle, {during} with 50, {server.peak()} with 300; waited {longest:.2f} s")
    assert longest < 3
    for client in clients:
        client.close()
    until(lambda: server.files() < 60, 10)
    assert server.stop() == ""
    shutil.rmtree(folder)
