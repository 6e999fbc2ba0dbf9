"""A small published folder for tests of what serves files."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Mapping
from pathlib import Path

from kg.server.messages import File, Request, Response

TTL = "".join(f"<https://example.org/{n}> a <https://example.org/T> .\n" for n in range(2000))


def publish(
    folder: Path, files: Mapping[str, bytes] | None = None, seed: int = 0
) -> dict[str, bytes]:
    """Write a folder that looks like a build, and return its files by name."""
    contents = {
        "data/kg.ttl": TTL.encode(),
        "data/kg.nq": random.Random(seed).randbytes(200_000),
        "data/empty.nt": b"",
        "data/context.jsonld": b"{}\n",
        "ontology/kg.ttl": b"# \xe2\x80\x9cterms\xe2\x80\x9d\n" * 1000,
        "queries/caf\u00e9 +%41.rq": b"ASK {}\n",
        **(files or {}),
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    sums(folder)
    contents["data/SHA256SUMS"] = (folder / "data/SHA256SUMS").read_bytes()
    return contents


def sums(folder: Path) -> None:
    """Write the SHA256SUMS of what lies in data/."""
    lines = []
    for path in sorted((folder / "data").iterdir()):
        if path.is_file() and path.name != "SHA256SUMS":
            with path.open("rb") as file:
                lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    (folder / "data/SHA256SUMS").write_text("".join(lines))


def request(method: str = "GET", **headers: str) -> Request:
    """Return a request whose headers are given as Python names."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, "/", "", given, "127.0.0.1")


def body(response: Response) -> bytes:
    """Return the body of a response, and close it."""
    if not isinstance(response.body, File):
        return response.body
    data = os.pread(response.body.fd, response.body.length, response.body.start)
    response.close()
    return data
