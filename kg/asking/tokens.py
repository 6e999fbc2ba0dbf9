"""The tokens of SPARQL 1.1, one at a time.

A ``<`` begins an IRI or is the operator: which of the two, only who reads the query knows.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

_START = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
_START += "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME = f"{_START}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_PREFIX = rf"(?:[{_START}](?:[{_NAME}.-]*[{_NAME}-])?)?:"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_LOCAL = rf"(?:[{_NAME}:]|{_ESCAPED})(?:(?:[{_NAME}.:-]|{_ESCAPED})*(?:[{_NAME}:-]|{_ESCAPED}))?"

STRING = (
    r"""\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n\r])*"?|'(?:\\.|[^'\\\n\r])*'?"""  # never closed: to the line's end
)
COMMENT = r"\#[^\n\r]*"
IRI = r"""<(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"""

_TOKEN = rf"""
  (?P<iri>{IRI})
| (?P<string>{STRING})
| (?P<variable>[?$][{_START}_0-9][{_START}_0-9\u00b7\u0300-\u036f\u203f-\u2040]*)
| (?P<blank>_:[{_START}_0-9](?:[{_NAME}.-]*[{_NAME}-])?)
| (?P<name>{_PREFIX}(?:{_LOCAL})?)
| (?P<number>[+-]?(?:[0-9]+\.?[0-9]*[eE][+-]?[0-9]+|\.?[0-9]+[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+))
| (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
| (?P<word>[A-Za-z_][A-Za-z0-9_]*)
| (?P<sign>\^\^|&&|\|\||!=|<=|>=|<<|>>|\{{\||\|\}}|.)
"""
_SPACE = re.compile(rf"(?:\s|{COMMENT})*")
_WITHOUT_IRIS = _TOKEN.replace(f"(?P<iri>{IRI})\n|", "", 1)


@cache
def _pattern(tokens: str) -> re.Pattern[str]:
    """Compile what tokens look like, when one is looked for: few commands do, and it takes long."""
    return re.compile(tokens, re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """A token: its kind, its text (keywords and ``true`` in upper case), and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def token(text: str, offset: int, *, iris: bool = True) -> Token:
    """Return the token at, or after the white space and comments at, an offset of a query."""
    space = _SPACE.match(text, offset)
    start = space.end() if space else offset
    match = _pattern(_TOKEN if iris else _WITHOUT_IRIS).match(text, start)
    if match is None or match.lastgroup is None:
        return Token("end", "", start, start)
    word = match[0].upper() if match.lastgroup == "word" else match[0]
    return Token(match.lastgroup, word, start, match.end())


class UnfollowedError(Exception):
    """A query has something that is not read here: what, and where it stands."""

    def __init__(self, what: str, offset: int) -> None:
        """Say what it is, and at which character of the query."""
        super().__init__(what)
        self.offset = offset


class Tokens:
    """The tokens of a query, read one after the other."""

    def __init__(self, text: str) -> None:
        """Begin at the beginning."""
        self.text = text
        self.offset = 0
        self.variables: dict[int, Token] = {}
        """The variables that were read, by where they stand."""

    def peek(self, *, iris: bool = True) -> Token:
        """Return the next token, and stay before it."""
        return token(self.text, self.offset, iris=iris)

    def next(self, *, iris: bool = True) -> Token:
        """Return the next token."""
        found = self.peek(iris=iris)
        if found.kind == "end":
            raise UnfollowedError("its end", found.start)
        self.offset = found.end
        if found.kind == "variable":
            self.variables[found.start] = found
        return found

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of some keywords or signs."""
        found = self.peek()
        return found.text in texts and found.kind in ("word", "sign")

    def take(self, *texts: str) -> Token:
        """Return the next token, which must be one of these."""
        if not self.sees(*texts):
            raise UnfollowedError(f"'{self.peek().text}'", self.peek().start)
        return self.next()

    def taken(self, *texts: str) -> bool:
        """Whether the next token is one of these; if so it is read."""
        return self.sees(*texts) and bool(self.next())


def variable(text: str) -> str:
    """Return a variable with its question mark (``$x`` is ``?x``)."""
    return f"?{text[1:]}"


def fresh_name(text: str) -> str:
    """Return the beginning of names that no variable of a query has."""
    number = 0
    while f"kg{number}_" in text:
        number += 1
    return f"kg{number}_"
