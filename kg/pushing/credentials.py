"""Who we are, told to one origin alone: HTTP Basic, Digest (RFC 7616) or a bearer token."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Protocol
from urllib.request import parse_http_list, parse_keqv_list

_HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False),
    "SHA-256": hashlib.sha256,
}
_CHALLENGE = re.compile(r",\s*(?=(?:basic|digest|bearer|negotiate)\b)", re.IGNORECASE)


class Credentials(Protocol):
    """What goes into the header Authorization."""

    def header(self, method: str, target: str) -> str | None:
        """Return the header for a request, or None while it is not known what the store wants."""

    def challenged(self, headers: Iterable[str]) -> bool:
        """Take the headers WWW-Authenticate of a 401; return whether they can be answered."""


class Nobody:
    """No credentials."""

    def header(self, method: str, target: str) -> str | None:
        """Return None."""
        return None

    def challenged(self, headers: Iterable[str]) -> bool:
        """Return that nothing can be answered."""
        return False


class Bearer:
    """A token, sent with every request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def header(self, method: str, target: str) -> str | None:
        """Return the token."""
        return f"Bearer {self._token}"

    def challenged(self, headers: Iterable[str]) -> bool:
        """Return that the store has already been given all there is."""
        return False


class User:
    """A name and a password, sent only once the store has said how it wants them.

    Digest is taken before Basic: the password itself then never travels.
    """

    def __init__(self, name: str, password: str) -> None:
        self._name, self._password = name, password
        self._basic = False
        self._digest: dict[str, str] = {}
        self._count = 0

    def challenged(self, headers: Iterable[str]) -> bool:
        """Take the challenges; return whether one of them can be answered."""
        self._basic, self._digest = False, {}
        for challenge in (part for header in headers for part in _CHALLENGE.split(header)):
            scheme, _, rest = challenge.strip().partition(" ")
            if scheme.lower() == "basic":
                self._basic = True
            elif scheme.lower() == "digest" and not self._digest:
                given = parse_keqv_list([p for p in parse_http_list(rest) if "=" in p])
                parts = {key.lower(): value for key, value in given.items()}
                algorithm = parts.get("algorithm", "MD5").upper().removesuffix("-SESS")
                qops = [qop.strip() for qop in parts.get("qop", "auth").split(",")]
                if algorithm in _HASHES and "auth" in qops and {"realm", "nonce"} <= parts.keys():
                    self._digest, self._count = parts, 0
        return self._basic or bool(self._digest)

    def header(self, method: str, target: str) -> str | None:
        """Return the header, in the way that the store asked for."""
        if self._digest:
            return self._answer(method, target)
        if self._basic:
            return "Basic " + b64encode(f"{self._name}:{self._password}".encode()).decode()
        return None

    def _answer(self, method: str, target: str) -> str:
        given = self._digest
        algorithm = given.get("algorithm", "MD5")
        hashed = _HASHES[algorithm.upper().removesuffix("-SESS")]

        def digest(*parts: str) -> str:
            return hashed(":".join(parts).encode()).hexdigest()

        self._count += 1
        count, own = f"{self._count:08x}", secrets.token_hex(16)
        secret = digest(self._name, given["realm"], self._password)
        if algorithm.upper().endswith("-SESS"):
            secret = digest(secret, given["nonce"], own)
        asked = digest(method, target)
        fields = {
            "username": self._name,
            "realm": given["realm"],
            "nonce": given["nonce"],
            "uri": target,
        }
        more = f"algorithm={algorithm}"
        if "qop" in given:
            answer = digest(secret, given["nonce"], count, own, "auth", asked)
            fields["cnonce"] = own
            more += f", qop=auth, nc={count}"
        else:  # RFC 2069
            answer = digest(secret, given["nonce"], asked)
        fields["response"] = answer
        if "opaque" in given:
            fields["opaque"] = given["opaque"]
        told = ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())
        return f"Digest {told}, {more}"


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)
