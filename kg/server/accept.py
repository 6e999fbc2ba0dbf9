"""What a client would rather have: content negotiation (RFC 9110 section 12).

What is not well-formed is passed over, element by element: clients send all sorts of things, and
mean well. Where the client has no preference, the order in which the server offers decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

LONGEST = 2048
"""How many characters of a header are read."""

# Possessive throughout: each character is looked at once, whatever comes.
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
_PART = re.compile(r'(?:[^";]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_QUALITY = re.compile(r"\d{0,3}(?:\.\d{0,9})?", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]++")


class _Element(NamedTuple):
    name: str
    parameters: Mapping[str, str]
    quality: float


def choose(header: str | None, offers: Sequence[str]) -> str | None:
    """Return which of the offered media types an Accept header prefers; None if it takes none.

    Of all ranges that a type is in, the most specific one says how welcome it is (section 12.5.1).
    A range with a parameter that an offer does not mention is met by it, but only just.
    """
    ranges = [element for element in _elements(header) if _is_range(element.name)]
    if not ranges:  # no header, or none that says anything: all is welcome
        return offers[0] if offers else None
    best, most = None, 0.0
    for offer in offers:
        name, parameters = _split(offer)
        matching = [
            (rank, wanted.quality)
            for wanted in ranges
            if (rank := _rank(wanted, name, parameters)) is not None
        ]
        quality = max(matching)[1] if matching else 0.0
        if quality > most:
            best, most = offer, quality
    return best


def codings(header: str | None, available: Sequence[str]) -> list[str]:
    """Return those content codings that an Accept-Encoding header takes, the most welcome first.

    "identity" is always available, and welcome last unless the header says otherwise; any other
    coding is taken only if the client names it, or takes any (section 12.5.3).
    """
    if header is None:
        return ["identity"]
    given: dict[str, float] = {}
    for element in _elements(header):
        name = {"x-gzip": "gzip"}.get(element.name, element.name)
        given[name] = max(element.quality, given.get(name, 0.0))
    default = {"identity": 1e-12}
    weights = {
        coding: given.get(coding, given.get("*", default.get(coding, 0.0)))
        for coding in (*available, "identity")
    }
    accepted = [coding for coding, weight in weights.items() if weight > 0]
    return sorted(accepted, key=lambda coding: -weights[coding])


def _elements(header: str | None) -> Iterator[_Element]:
    """Yield what a list says that is well-formed, in lower case save for values of parameters."""
    header = header or ""
    if len(header) > LONGEST:
        header = header[:LONGEST].rpartition(",")[0]  # what was cut may say the opposite
    for match in _ELEMENT.finditer(header):
        name, parameters = _split(match[0])
        quality = _quality(parameters.pop("q", "1"))
        if quality is not None and _TOKEN.fullmatch(name.replace("/", "", 1)):
            yield _Element(name, parameters, quality)


def _split(element: str) -> tuple[str, dict[str, str]]:
    """Return the name of an element or offer, and its parameters."""
    name, *rest = [part.strip(" \t") for part in _PART.findall(element)] or [""]
    parameters: dict[str, str] = {}
    for part in rest:
        key, _, value = part.partition("=")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = _ESCAPED.sub(r"\1", value[1:-1])
        parameters.setdefault(key.strip(" \t").lower(), value.strip(" \t"))
    return name.lower(), parameters


def _quality(text: str) -> float | None:
    """Return a weight; None if it is none."""
    if not text.strip(".") or not _QUALITY.fullmatch(text):
        return None
    return min(float(text), 1.0)


def _is_range(name: str) -> bool:
    """Tell whether a name is a media range; some clients say "*" for all."""
    kind, _, subtype = name.partition("/")
    return name == "*" or bool(kind and subtype and (kind != "*" or subtype == "*"))


def _rank(wanted: _Element, name: str, parameters: Mapping[str, str]) -> tuple[int, int] | None:
    """Return how specifically a range speaks of an offer; None if it does not."""
    if wanted.name in ("*", "*/*"):
        return (0, 0)
    if wanted.name == f"{name.partition('/')[0]}/*":
        return (1, 0)
    if wanted.name != name:
        return None
    met = 0
    for key, value in wanted.parameters.items():
        if key in parameters:
            if parameters[key].lower() != value.lower():
                return None
            met += 1
    return (3, met) if met == len(wanted.parameters) else (2, met)
