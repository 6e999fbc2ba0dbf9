"""What comes in and what goes out: requests and responses, as all of the server passes them on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROOT_VARIES = "Host, X-Forwarded-Prefix"
"""The header fields by which the root of the server has another URL."""

_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True, slots=True)
class Request:
    """A request without its body."""

    method: str
    path: str
    """As it was sent: still percent-encoded, without the query."""
    query: str
    """As it was sent, without the question mark."""
    headers: Mapping[str, str]
    """By lower-case name; one that was repeated is joined by ", " (RFC 9110 section 5.3)."""
    client: str
    """The address it came from."""
    scheme: str = "http"

    @property
    def root(self) -> str:
        """The URL of the root of the server, as the client has it: maybe below a proxy's path."""
        prefix = self.headers.get("x-forwarded-prefix", "").rstrip("/")
        path = prefix if _PREFIX.fullmatch(prefix) else ""
        return f"{self.scheme}://{self.headers.get('host', '')}{path}/"

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> Request:
        """Return the request that an ASGI scope describes."""
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return cls(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("latin-1"),
            headers,
            (scope.get("client") or ("",))[0],
            scope["scheme"],
        )


@dataclass(slots=True)
class File:
    """Some of the bytes of an open file, which whoever holds this has to close."""

    fd: int
    start: int
    length: int

    def close(self) -> None:
        """Close the file, if that was not done before."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)


@dataclass(slots=True)
class Response:
    """A response; its Content-Length is told by its body, and is not among its headers."""

    status: int
    body: bytes | File = b""
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def length(self) -> int:
        """How many bytes its body has."""
        return self.body.length if isinstance(self.body, File) else len(self.body)

    def close(self) -> None:
        """Close the file that is its body, if it is one."""
        if isinstance(self.body, File):
            self.body.close()


def plain(status: int, text: str) -> Response:
    """Return a response of one line of text."""
    return Response(
        status,
        f"{text}\n".encode(),
        [("Content-Type", "text/plain; charset=utf-8")],
    )


def problem(status: int, title: str, detail: str, **extra: object) -> Response:
    """Return a response that says what is wrong (RFC 9457)."""
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail, **extra}
    return Response(
        status,
        json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n",
        [("Content-Type", "application/problem+json")],
    )


def redirect(status: int, location: str) -> Response:
    """Return a response that leads elsewhere: 303 for "see", 308 for "it is there for good"."""
    response = plain(status, f"See {location}")
    response.headers.append(("Location", location))
    return response
