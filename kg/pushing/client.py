"""Requests to a store: made again where that can help, given up where it cannot.

A connection that breaks, and an answer of 429, 502, 503 or 504, are tried again, ever later; any
other refusal is final. Redirects are followed within one origin only, and with the same method;
credentials go to the origin that they are meant for, and to no other.
"""

from __future__ import annotations

import errno
import html
import random
import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, InvalidURL
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit, urlunsplit

from kg import __version__
from kg.pushing.credentials import Credentials, Nobody
from kg.pushing.wire import SLOWEST, Answer, Deadline, Reader, Request, T, Wire, origin, target

SMALL = 16 << 20
"""Bytes of an answer that is read whole, such as a count, or the names of graphs."""
PATIENCE = 120.0
"""Seconds that are waited at most, whatever the store asks for."""
REDIRECTS = 5
AGAIN = {429, 502, 503, 504}
MENDS = {
    401: "give --user, with the password in KG_PASSWORD, or a token in KG_TOKEN",
    403: "whoever pushes there must be allowed to write",
    404: "give the address of the store's own endpoint (docs/push.md has those of many)",
    405: "give another --protocol, or the address that goes with it",
    413: "give a smaller --batch",
    415: "give another --protocol",
}


class PushError(Exception):
    """The store cannot be reached, refuses, or answers what it should not; one line."""

    def __init__(self, line: str, status: int = 0) -> None:
        """Say what, and which status the store gave, if it gave one."""
        super().__init__(line)
        self.status = status


class _PassingError(Exception):
    """What may be otherwise next time, and how long the store wants to be left alone."""

    def __init__(self, reason: str, wait: float = 0) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Retries:
    """How often to try again, and how long to wait: twice as long each time, and jittered."""

    most: int = 5
    first: float = 0.5
    pause: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def wait(self, tried: int, asked: float) -> float:
        """Return the seconds to wait after so many tries, when the store asked for some."""
        backed_off = self.first * 2.0 ** min(tried, 30) * (0.5 + self.chance())
        return min(max(backed_off, asked), PATIENCE)


class Client:
    """Makes requests to one store, one after the other."""

    def __init__(
        self,
        home: str,
        credentials: Credentials | None = None,
        *,
        timeout: float = 60,
        retries: Retries | None = None,
        told: Callable[[str], None] = lambda line: None,
    ) -> None:
        """Take the URL whose origin the credentials are for; ``told`` gets a line per retry."""
        self._home = origin(home)
        self._credentials = credentials or Nobody()
        self._retries = retries or Retries()
        self._told = told
        self._wire = Wire(timeout)
        self.requests = self.repeated = 0

    def close(self) -> None:
        """Close the connection, if there is one."""
        self._wire.close()

    def send(self, request: Request) -> bytes:
        """Make a request and return its short answer. Raises `PushError`."""

        def read(response: HTTPResponse, deadline: Deadline) -> bytes:
            text = response.read(SMALL)
            if not response.isclosed() and response.read(1):
                raise PushError(f"{shown(request.url)}: it answers more than {SMALL:,} bytes")
            return text

        return self._tried(request, read)

    def fetch(self, request: Request, file: BinaryIO, most: int) -> str:
        """Write a long answer, of so many bytes at most, to a file; return its media type."""

        def read(response: HTTPResponse, deadline: Deadline) -> str:
            file.seek(0)
            file.truncate()
            size = 0
            while block := response.read1(1 << 16):
                size += len(block)
                if size > most:
                    raise PushError(f"{shown(request.url)}: it answers more than {most:,} bytes")
                file.write(block)
                deadline.extend(len(block) / SLOWEST)
            response.read()  # nothing, but now it is known to be the end
            file.flush()
            return response.headers.get_content_type()

        return self._tried(request, read)

    def _tried(self, request: Request, read: Reader[T]) -> T:
        tried = 0
        while True:
            try:
                return self._followed(request, read)
            except _PassingError as error:
                reason, asked = f"{shown(request.url)}: {error}", error.wait
            if tried == self._retries.most:
                raise PushError(reason + (f"; given up after {tried + 1} tries" if tried else ""))
            wait = self._retries.wait(tried, asked)
            self._told(f"{reason}; again in {wait:.1f} s")
            self._retries.pause(wait)
            tried += 1
            self.repeated += 1

    def _followed(self, request: Request, read: Reader[T]) -> T:
        """Make a request, answer a challenge, follow redirects."""
        url, challenged = request.url, False
        for _ in range(REDIRECTS + 2):
            answer = self._answered(replace(request, url=url), read)
            if answer.value is not None:
                return answer.value
            if answer.status == 401 and not challenged and origin(url) == self._home:
                challenged = True
                if self._credentials.challenged(answer.headers.get_all("WWW-Authenticate") or []):
                    continue
            if 300 <= answer.status < 400:
                url = _redirected(request, url, answer)
                continue
            raise _refusal(url, answer)
        raise PushError(f"{shown(request.url)}: it redirects without end")

    def _answered(self, request: Request, read: Reader[T]) -> Answer[T]:
        headers: dict[str, str | bytes] = {
            "User-Agent": f"kgpress/{__version__}",
            **request.headers,
        }
        if origin(request.url) == self._home:
            known = self._credentials.header(request.method, target(request.url))
            if known:
                headers["Authorization"] = known.encode()
        self.requests += 1
        try:
            return self._wire.exchange(request, headers, read)
        except (OSError, HTTPException, UnicodeError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise  # of our own disk
            raise _failure(request.url, error) from error


def shown(url: str) -> str:
    """Return a URL without its query, which may hold a secret."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _failure(url: str, error: Exception) -> Exception:
    """Return what an exchange that came to nothing amounts to."""
    if isinstance(error, TimeoutError):
        return _PassingError("it took too long")
    if isinstance(error, ssl.SSLCertVerificationError):
        return PushError(f"{shown(url)}: its certificate does not hold: {error.verify_message}")
    unknown = isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN
    malformed = isinstance(error, InvalidURL | ValueError)  # UnicodeError is one
    reason = getattr(error, "strerror", None) or " ".join(str(error).split())
    reason = reason or type(error).__name__
    if unknown or malformed:
        return PushError(f"{shown(url)}: {reason}")
    return _PassingError(reason[0].lower() + reason[1:])


def _refusal(url: str, answer: Answer[T]) -> Exception:
    said = f"{answer.status} {answer.reason}".strip()
    text = answer.words.decode("utf-8", "replace")
    if "html" in answer.headers.get("Content-Type", ""):
        text = html.unescape(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", text, flags=re.S))
    words = " ".join(text.split())
    said += f": {words[:200]}{'…' if len(words) > 200 else ''}" if words else ""
    if answer.status in AGAIN:
        return _PassingError(said, _asked_wait(answer.headers))
    mend = MENDS.get(answer.status)
    return PushError(f"{shown(url)}: {said}" + (f"; {mend}" if mend else ""), answer.status)


def _asked_wait(headers: Message) -> float:
    """Return the seconds of Retry-After, which may also be a date."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0


def _redirected(request: Request, url: str, answer: Answer[T]) -> str:
    place = answer.headers.get("Location") or "nowhere"
    same = answer.status in (307, 308) or (request.method == "GET" and answer.status in (301, 302))
    with suppress(ValueError):  # it is no URL
        place = urljoin(url, place)
        if same and origin(place) == origin(url):
            return place
    raise PushError(
        f"{shown(url)}: it redirects to {place[:200]}; if that is the store, give its address"
    )
