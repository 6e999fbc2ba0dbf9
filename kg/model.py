"""Every noun of the pipeline: frozen values without I/O, in the order in which they arise.

    article -> span -> fact -> claim          (and, at any step, a problem)

The words are those of ``docs/words.md``; nothing here imports the rest of kg.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple, TypeAlias, TypeVar, dataclass_transform

from pyoxigraph import Literal, NamedNode

Term: TypeAlias = NamedNode | Literal
_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def frozen(cls: type[_T]) -> type[_T]:
    """Make a dataclass that only the type checker keeps frozen: it is made three times as fast."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


class Triple(NamedTuple):
    """One RDF triple, as text its canonical N-Triples line; subjects are never blank nodes."""

    subject: NamedNode
    predicate: NamedNode
    object: Term

    def __str__(self) -> str:
        return f"{self.subject!s} {self.predicate!s} {self.object!s} ."


class Place(NamedTuple):
    """Where something stands in a file: path relative to the folder, line and column from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Severity(StrEnum):
    """How bad a problem is; only an error keeps a build from being published."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about the input: where, what is wrong, and how to mend it."""

    place: Place
    message: str
    mend: str = ""
    severity: Severity = Severity.ERROR
    check: str = "facts"
    """What found it: the name of a check (`kg.checklist`), or for SHACL the IRI of the shape."""
    see: Place | None = None
    """The line and column of the article's passage that it is about, where there is one."""


@dataclass(frozen=True)
class Article:
    """One source text, never edited: its name, its path in the folder and its exact bytes."""

    name: str
    path: str
    data: bytes = field(repr=False)

    def __reduce__(self) -> tuple[type[Article], tuple[str, str, bytes]]:
        return Article, (self.name, self.path, self.data)  # what is computed is computed again

    def __hash__(self) -> int:
        return hash(self.name)  # spans are hashed by the million, and an article has many

    @cached_property
    def text(self) -> str:
        """The code points: strict UTF-8, no newline translation, a BOM kept as one code point."""
        return self.data.decode("utf-8")

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the bytes, in lower-case hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def _lines(self) -> tuple[list[int], list[int]]:
        """Where each line begins, in code points and in bytes: offsets are counted from there."""
        points, octets = [0], [0]
        for line in self.text.split("\n")[:-1]:
            points.append(points[-1] + len(line) + 1)
            octets.append(octets[-1] + len(line.encode()) + 1)
        return points, octets

    def place(self, offset: int) -> Place:
        """Return the line and column (in code points, from 1) of a code-point offset."""
        starts, _ = self._lines
        line = bisect_right(starts, offset)
        return Place(self.path, line, offset - starts[line - 1] + 1)

    def byte_offset(self, offset: int) -> int:
        """Return the offset in bytes of the file of a code-point offset."""
        starts, octets = self._lines
        line = bisect_right(starts, offset) - 1
        return octets[line] + len(self.text[starts[line] : offset].encode())


@frozen
class Span:
    """Where a quote stands: an article and half-open code-point offsets into its text."""

    article: Article
    start: int
    end: int
    _bytes: tuple[int, int] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def quote(self) -> str:
        """The exact words."""
        return self.article.text[self.start : self.end]

    @property
    def byte_range(self) -> tuple[int, int]:
        """The same range in bytes of the file."""
        if self._bytes is None:
            found = self.article.byte_offset(self.start), self.article.byte_offset(self.end)
            object.__setattr__(self, "_bytes", found)
            return found
        return self._bytes

    @property
    def place(self) -> Place:
        """The line and column at which the quote begins."""
        return self.article.place(self.start)

    @property
    def key(self) -> tuple[str, int, int]:
        """What spans are told apart and sorted by."""
        return self.article.name, self.start, self.end


@dataclass(frozen=True, slots=True)
class Standing:
    """In what sense an article gives a fact: voice, modality, polarity."""

    voice: str = ""
    """The slug of whoever is reported to say it; empty where the article says it itself."""
    modality: str = "certain"
    polarity: str = "affirmed"

    @property
    def asserts(self) -> bool:
        """Whether this is said as so by the article itself; nothing else enters the graph."""
        return self is OWN or self == OWN


OWN = Standing()


class Origin(StrEnum):
    """How a value was got from the words of the article."""

    VERBATIM = "verbatim"
    NORMALISED = "normalised"
    INFERRED = "inferred"
    EXTERNAL = "external"
    STRUCTURAL = "structural"


@dataclass(frozen=True, slots=True)
class Derivation:
    """The origin of a value, and for one not verbatim the rule and the words it was applied to."""

    origin: Origin
    rule: str = ""
    inputs: tuple[str, ...] = ()


STRUCTURAL = Derivation(Origin.STRUCTURAL)
VERBATIM = Derivation(Origin.VERBATIM)
EXTERNAL = Derivation(Origin.EXTERNAL)


@frozen
class Fact:
    """One record of a fact file, its quotes found: what the claims of a mapper are stamped with."""

    id: str
    """``ARTICLE/ID``, unique in the folder."""
    kind: str
    slug: str
    article: Article
    place: Place
    spans: tuple[Span, ...]
    standing: Standing = OWN
    corrects: tuple[str, ...] = ()
    """Ids of the facts some of whose values this one gives otherwise, or denies."""
    retracts: tuple[str, ...] = ()
    """Ids of the facts that this one takes back; ``ARTICLE/*`` for all of an article."""
    context: tuple[Span, ...] = ()
    """Where stands what the fact's own quotes only point at; no claim need rest on it."""


@dataclass(frozen=True)
class Declaration:
    """A record of a fact file that declares passages to say nothing; it is no fact."""

    reason: str
    """Why: advert, navigation, repetition …"""
    article: Article
    """The article in whose fact file it stands."""
    place: Place
    spans: tuple[Span, ...]
    note: str = ""


@frozen
class Claim:
    """One triple with its evidence and standing; asserted, or recorded without being asserted."""

    triple: Triple
    fact: Fact
    spans: tuple[Span, ...]
    """Sorted and without repeats; never empty, save for external links."""
    standing: Standing
    derivation: Derivation
    doubt: str = ""
    """Why the article leaves this doubtful, in the curator's words; empty where it does not."""
    corrected_by: tuple[Fact, ...] = ()
    """Facts that correct or retract it; computed (`kg.corrections`), and no part of its hash."""
    replaced_by: tuple[Claim, ...] = ()
    """The claims of those facts that have another object in its place."""
    _hash: str = field(default="", init=False, repr=False, compare=False)

    @property
    def stands(self) -> bool:
        """Whether its own source says it as so, and nothing later corrects or retracts it."""
        return self.standing.asserts and not self.corrected_by

    @property
    def asserted(self) -> bool:
        """Whether the triple is part of the asserted graph; outside knowledge never is."""
        return self.stands and self.derivation.origin is not Origin.EXTERNAL

    @property
    def hash(self) -> str:
        """SHA-256 over triple, fact, standing, derivation and spans, so that none changes alone.

        It is taken over the UTF-8 JSON array (no spaces, no ASCII escaping) of the canonical
        N-Triples line, the fact's id, voice, modality, polarity, doubt, origin, rule, the list of
        inputs, and the list of spans as ``[article, sha256, start, end]``; the first 32
        hexadecimal digits are used.
        """
        if not self._hash:
            object.__setattr__(self, "_hash", _hashed(self._json))
        return self._hash

    @property
    def _json(self) -> str:
        # Put together here in a third of the time that an encoder takes.
        standing, derivation = self.standing, self.derivation
        texts = (
            *(str(self.triple), self.fact.id),
            *(standing.voice, standing.modality, standing.polarity, self.doubt),
            *(derivation.origin, derivation.rule),
        )
        inputs = ",".join(map(quoted, derivation.inputs))
        spans = ",".join(
            f"[{quoted(s.article.name)},{quoted(s.article.sha256)},{s.start},{s.end}]"
            for s in self.spans
        )
        return f"[{','.join(map(quoted, texts))},[{inputs}],[{spans}]]"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def digest(parts: list[Any]) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of a JSON array.

    Without spaces, and with non-ASCII characters as they are.
    """
    return _hashed(_ENCODER.encode(parts))


def _hashed(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:32]
