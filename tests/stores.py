"""Stores to push to: Oxigraph's own server, and one of ours that fails in the ways it is told."""

from __future__ import annotations

import json
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

Fault = Callable[["Handler"], None]


def free_port() -> int:
    """Return a port that nothing listens at, and that the system gives to no one unasked.

    One that it gave would be free to others again, who run beside this, before it is used.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def oxigraph(*options: str) -> Iterator[str]:
    """Run Oxigraph's server, and give its address."""
    port = free_port()
    program = Path(sys.executable).with_name("oxigraph")
    command = [program, "serve", "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            answers(f"{url}/query?query=ASK%7B%7D")
            yield url
        finally:
            server.kill()


def answers(url: str, seconds: float = 30) -> None:
    """Wait until something answers at an address."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            assert time.monotonic() < end, f"nothing answers at {url}"
            time.sleep(0.05)


class Handler(BaseHTTPRequestHandler):
    """Speaks as much of the Graph Store Protocol as a push needs."""

    protocol_version = "HTTP/1.1"
    server: FaultyStore

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""

    def handle_one_request(self) -> None:
        with suppress(ConnectionError):
            super().handle_one_request()

    def do_any(self) -> None:
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization")))
        if self.server.faults:
            self.server.faults.pop(0)(self)
        else:
            self.serve()

    do_GET = do_PUT = do_POST = do_DELETE = do_any  # noqa: N815

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def serve(self) -> None:
        asked, data, graphs = urlsplit(self.path), self.body(), self.server.graphs
        if asked.path == "/query":
            self.query(parse_qs(data.decode())["query"][0])
            return
        name = parse_qs(asked.query, keep_blank_values=True).get("graph", [""])[0]
        if self.command == "GET":
            self.answer(200, b"".join(sorted(graphs.get(name, ()))), "application/n-triples")
            return
        if self.command in ("PUT", "DELETE"):
            known = graphs.pop(name, None)
            if self.command == "DELETE":
                self.answer(204 if known else 404)
                return
        lines = self.server.taken(set(data.splitlines(keepends=True)))
        graphs[name] = graphs.get(name, set()) | lines
        self.answer(204)

    def query(self, text: str) -> None:
        named = re.search(r"GRAPH <(.*?)>", text)
        lines = self.server.graphs.get(named[1] if named else "", set())
        row = {"n": {"type": "literal", "value": str(len(lines))}}
        rows = [row]
        if "DISTINCT ?g" in text:
            beginning = re.search(r'\), "(.*?)"', text)
            assert beginning
            names = [name for name in self.server.graphs if name.startswith(beginning[1])]
            rows = [{"g": {"type": "uri", "value": name}} for name in names]
        data = json.dumps({"results": {"bindings": rows}}).encode()
        self.answer(200, data, "application/sparql-results+json")

    def answer(
        self, status: int, data: bytes = b"", kind: str = "text/plain", **headers: str
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind}.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class FaultyStore(ThreadingHTTPServer):
    """Holds graphs as sets of lines; its next requests meet the faults it was given, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.graphs: dict[str, set[bytes]] = {}
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, str, str | None]] = []
        self.taken: Callable[[set[bytes]], set[bytes]] = lambda lines: lines
        self.url = f"http://127.0.0.1:{self.server_address[1]}/store"

    def __enter__(self) -> FaultyStore:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *arguments: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *arguments: object) -> None:
        """Say nothing of clients that went away."""


def refuses(status: int, text: str = "", kind: str = "text/plain", **headers: str) -> Fault:
    """Return a fault: this answer."""

    def fault(handler: Handler) -> None:
        handler.body()
        handler.answer(status, text.encode(), kind, **headers)

    return fault


def resets(handler: Handler) -> None:
    """Take some bytes, then break the connection."""
    handler.rfile.read(min(10, int(handler.headers.get("Content-Length") or 0)))
    linger = b"\1\0\0\0\0\0\0\0"
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    handler.connection.close()


def cuts(handler: Handler, how: tuple[str, str] = ("Content-Length", "1000")) -> None:
    """Promise more than is given."""
    handler.body()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/n-triples")
    handler.send_header(*how)
    handler.end_headers()
    handler.wfile.write(b"<http://a/b> " if how[0] == "Content-Length" else b"40\r\n<http://a/b> ")
    handler.close_connection = True


def cuts_chunks(handler: Handler) -> None:
    """Break off within an answer in chunks."""
    cuts(handler, ("Transfer-Encoding", "chunked"))


def hangs(handler: Handler) -> None:
    """Never answer."""
    handler.body()
    time.sleep(5)
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """Answer a byte at a time, without end."""
    handler.body()
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\nX-A: ")
        for _ in range(200):
            handler.wfile.write(b"a")
            time.sleep(0.05)
    handler.close_connection = True


def gushes(handler: Handler) -> None:
    """Answer without end, as fast as can be."""
    handler.body()
    handler.send_response(200)
    handler.send_header("Content-Type", "application/n-triples")
    handler.end_headers()
    with suppress(OSError):
        while True:
            handler.wfile.write(b"<http://a/b> <http://a/b> <http://a/b> .\n" * 10_000)


VIRTUOSO = """\
[Database]
DatabaseFile = {home}/v.db
ErrorLogFile = {home}/v.log
LockFile = {home}/v.lck
TransactionFile = {home}/v.trx
xa_persistent_file = {home}/v.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = {home}/temporary.db
TransactionFile = {home}/temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
ServerThreads = 10
CheckpointInterval = 0
NumberOfBuffers = 10000
MaxDirtyBuffers = 6000
DirsAllowed = {home}
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {home}
ServerThreads = 5
[SPARQL]
ResultSetMaxRows = 1000000
"""


@contextmanager
def virtuoso(program: str, home: Path) -> Iterator[str]:
    """Run Virtuoso in a folder, with the user dba, whose password is dba; give its address."""
    http = free_port()
    (home / "v.ini").write_text(VIRTUOSO.format(home=home, http=http, sql=free_port()))
    command = [program, "-f", "-c", str(home / "v.ini")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{http}"
            answers(f"{url}/sparql?query=ASK%7B%7D", 90)
            yield url
        finally:
            server.kill()
