"""Check a published dump against its articles, trusting nobody: docs/verify.md says what it proves.

    python3 verify.py kg.nq seeds/ [--manifest SHA256SUMS]

This file stands alone: it needs nothing but Python 3.11, so copy it, read it, run it. It shares no
code with what made the dump. From the claims of a dump and the bytes of the articles it works out
every triple that the dump must hold, compares the two, and looks for every value in the words that
are said to give it. What it does not know is a failure: a property, a rule, a datatype, a form of a
line. It reaches no network and writes nothing.

    reading     bytes -> triples, each with its line
    articles    bytes -> text, offsets, spans
    claims      triples -> claims and facts -> what is asserted -> the triples that there must be
    values      does a value stand in its words, and does a rule give it?
    verdict     all of it, in order; the command
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import stat
import sys
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext
from functools import cached_property
from graphlib import TopologicalSorter
from typing import NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote as percent_encoded
from urllib.parse import unquote

SHOWN = 50
"""How many failures are printed one by one."""

CONTEXT = 32
"""How many code points of prefix and suffix stand around a quote, where there are so many."""

KG = "https://w3id.org/kgpress/ns#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SCHEMA = "https://schema.org/"
PROV = "http://www.w3.org/ns/prov#"
OA = "http://www.w3.org/ns/oa#"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
SPDX = "http://spdx.org/rdf/terms#"
FOAF = "http://xmlns.com/foaf/0.1/"
EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"

TYPE = f"{RDF}type"
LABEL = f"{RDFS}label"
ALTERNATIVE = f"{SKOS}altLabel"
MENTION = f"{SKOS}hiddenLabel"
STRING = f"{XSD}string"
LANGUAGE_STRING = f"{RDF}langString"

NAMES = (
    *(LABEL, f"{SCHEMA}alternateName", f"{SCHEMA}name"),
    *(f"{SKOS}prefLabel", ALTERNATIVE, f"{FOAF}name"),
)
"""Properties whose values, where articles say them, are names of a thing."""


class DumpError(Exception):
    """Something cannot be what it should be; with the line of the dump that says it."""

    def __init__(self, message: str, line: int = 1) -> None:
        """Say what is wrong, and in which line."""
        super().__init__(message)
        self.line = line


class ToldError(DumpError):
    """Something cannot be used because of what was told when it was first met."""


class Literal(NamedTuple):
    """A literal of RDF; an IRI is a plain string."""

    value: str
    datatype: str = STRING
    language: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it is words: a plain or language-tagged string."""
        return self.datatype in (STRING, LANGUAGE_STRING)


Term: TypeAlias = str | Literal


class Quad(NamedTuple):
    """A triple and the graph that holds it, empty in a format without graphs."""

    subject: str
    predicate: str
    object: Term
    graph: str = ""


Triple: TypeAlias = tuple[str, str, Term]

Read = TypeVar("Read")


# ---------------------------------------------------------------------------------------------
# Reading: bytes -> triples, each with its line
#
# N-Triples and N-Quads are read in their canonical form alone, a triple a line, each once; the
# lines may come in any order. Of JSON-LD only what kgpress writes is read.

_IRI = r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]*'
_STRING = r'"[^"\\\n\r]*(?:\\.[^"\\\n\r]*)*"'
_LANGUAGE = r"[a-z]{1,8}(?:-[a-z0-9]{1,8})*"
_LINE = re.compile(
    rf"<({_IRI})> <({_IRI})> "
    rf"(?:<({_IRI})>|({_STRING})(?:@({_LANGUAGE})|\^\^<({_IRI})>)?)"
    rf"(?: <({_IRI})>)? \."
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-F]{4})|U([0-9A-F]{8})|([tbnrf\"\\]))")
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f\ufffe\uffff]')
_LETTERS = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "\\": "\\"}
_SIGNS = {character: f"\\{letter}" for letter, character in _LETTERS.items()}


def canonical(term: Term) -> str:
    """Return a term in canonical N-Triples syntax."""
    if isinstance(term, str):
        return f"<{term}>"
    text = _ESCAPED.sub(lambda m: _SIGNS.get(m[0]) or f"\\u{ord(m[0]):04X}", term.value)
    if term.language:
        return f'"{text}"@{term.language}'
    return f'"{text}"' if term.datatype == STRING else f'"{text}"^^<{term.datatype}>'


def triple_line(triple: Triple) -> str:
    """Return the canonical N-Triples line of a triple, without its line end."""
    return " ".join((*map(canonical, triple), "."))


def read_dump(data: bytes) -> dict[Quad, int]:
    """Return the triples of a dump, each with the line where it stands. Raises `DumpError`."""
    for magic, command in (b"\x28\xb5\x2f\xfd", "zstd -d"), (b"\x1f\x8b", "gunzip"):
        if data.startswith(magic):
            raise DumpError(f"it is compressed; unpack it first ({command})", 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DumpError(f"byte 0x{data[error.start]:02X} is not UTF-8", line) from None
    if text.lstrip(" \t\r\n").startswith("{"):
        return dict(_JsonLd(text).quads)
    return _read_lines(text)


def _read_lines(text: str) -> dict[Quad, int]:
    if not text.endswith("\n"):
        raise DumpError("the last line has no end", text.count("\n") + 1)
    found: dict[Quad, int] = {}
    for number, line in enumerate(text[:-1].split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if not match:
            told = f"this is no line of canonical N-Quads: {shown(line)}"
            if line.endswith("\r"):
                told = "the line ends in CR LF, where canonical N-Quads have LF alone"
            elif not found:  # it may be the wrong file
                told += " (what can be checked is kg.nq, kg.jsonld or N-Triples)"
            raise DumpError(told, number)
        subject, predicate, iri, string, language, datatype, graph = match.groups()
        value: Term = iri if iri is not None else _literal(string, language, datatype, number)
        quad = Quad(subject, predicate, value, graph or "")
        if quad in found:
            raise DumpError(f"this triple stands in line {found[quad]} already", number)
        if found and bool(quad.graph) != bool(next(iter(found)).graph):
            raise DumpError("some triples are in a graph and some in none", number)
        found[quad] = number
    return found


def _literal(string: str, language: str | None, datatype: str | None, line: int) -> Literal:
    value = string[1:-1]
    if "\\" in value:
        value = _ESCAPE.sub(_unescaped, value)
    if language:
        literal = Literal(value, LANGUAGE_STRING, language)
    else:
        literal = Literal(value, datatype or STRING)
    tail = f"@{language}" if language else f"^^<{datatype}>" if datatype else ""
    if canonical(literal) != string + tail:
        raise DumpError(f"the literal is not in canonical form: {shown(string + tail)}", line)
    return literal


def _unescaped(match: re.Match[str]) -> str:
    if match[3]:
        return _LETTERS[match[3]]
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else match[0]


class Json(NamedTuple):
    """A value of JSON and the line where it begins."""

    line: int
    value: str | list[Json] | dict[str, Json]


class _JsonLd:
    """Reads the JSON-LD that kgpress writes: text, lists and objects; prefixes and coercions."""

    DEPTH = 16
    """How deep objects and lists may nest; a dump needs about ten."""

    _TOKEN = re.compile(
        r'[ \t\r\n]*(?:([{}\[\]:,])|("[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")'
        r"|([^ \t\r\n]{1,40})|\Z)"
    )

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.ends = [match.start() for match in re.finditer("\n", text)]
        self.quads: dict[Quad, int] = {}
        self.prefixes: dict[str, str] = {}
        self.types: dict[str, str] = {}
        document = self._value(self._token(), 0)
        if self._token():
            raise DumpError("something follows the end of the document", self._line())
        found = self._object(document, "the document")
        if list(found) != ["@context", "@graph"]:
            raise DumpError("the document is not a @context and a @graph", document.line)
        self._context(found["@context"])
        for node in self._list(found["@graph"]):
            self._node(node)

    # JSON

    def _line(self) -> int:
        return bisect_right(self.ends, self.at - 1) + 1

    def _token(self) -> str:
        """Return the next token, or nothing at the end."""
        match = self._TOKEN.match(self.text, self.at)
        assert match is not None, "any text begins with a token, or ends"
        self.at = match.end()
        if match[3]:
            raise DumpError(f"kgpress writes no such JSON: {shown(match[3])}", self._line())
        return match[1] or match[2] or ""

    def _value(self, token: str, depth: int) -> Json:
        line = self._line()
        if token.startswith('"'):
            return Json(line, self._string(token))
        if depth >= self.DEPTH:
            raise DumpError("it nests too deeply", line)
        if token == "[":
            items = list[Json]()
            for following in self._items("]"):
                items.append(self._value(following, depth + 1))
            return Json(line, items)
        if token == "{":
            members: dict[str, Json] = {}
            for following in self._items("}"):
                key = self._string(following)
                if self._token() != ":":
                    raise DumpError("a key has no value", self._line())
                if key in members:
                    raise DumpError(
                        f"the key {shown(key)} stands twice in one object", self._line()
                    )
                members[key] = self._value(self._token(), depth + 1)
            return Json(line, members)
        raise DumpError("this is no JSON: a value is missing", line)

    def _items(self, end: str) -> Iterator[str]:
        """Yield the first token of each item, as long as commas part them."""
        token = self._token()
        if token == end:
            raise DumpError("kgpress writes no empty list or object", self._line())
        while True:
            yield token
            separator = self._token()
            if separator == end:
                return
            if separator != ",":
                raise DumpError("this is no JSON: a comma or an end is missing", self._line())
            token = self._token()

    def _string(self, token: str) -> str:
        if not token.startswith('"'):
            raise DumpError("this is no JSON: a key is missing", self._line())
        if "\\" not in token:
            return token[1:-1]
        try:
            text = json.loads(token)
        except ValueError:
            raise DumpError("a string has an unknown escape", self._line()) from None
        if not isinstance(text, str) or re.search("[\ud800-\udfff]", text):
            raise DumpError("a string holds half a surrogate pair", self._line())
        return text

    # What JSON may say

    def _object(self, found: Json, what: str) -> dict[str, Json]:
        if not isinstance(found.value, dict):
            raise DumpError(f"{what} is no JSON object", found.line)
        return found.value

    def _list(self, found: Json) -> list[Json]:
        return found.value if isinstance(found.value, list) else [found]

    def _text(self, found: Json) -> str:
        if not isinstance(found.value, str):
            raise DumpError("text is missing here", found.line)
        return found.value

    def _context(self, context: Json) -> None:
        """Take prefixes and coercions; in any order, so prefixes first."""
        coerced: dict[str, tuple[Json, str]] = {}
        for term, meaning in self._object(context, "the context").items():
            if term == "claims":
                found = self._object(meaning, "'claims'")
                if {key: value.value for key, value in found.items()} != {
                    "@reverse": f"{RDF}subject"
                }:
                    raise DumpError("'claims' is not rdf:subject read backwards", meaning.line)
            elif term == "label":
                if meaning.value != LABEL:
                    raise DumpError("'label' is not rdfs:label", meaning.line)
            elif isinstance(meaning.value, str):
                iri = meaning.value
                if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", term) or not _is_namespace(iri):
                    raise DumpError(f"this is no prefix: {shown(term)}: {shown(iri)}", meaning.line)
                self.prefixes[term] = iri
            else:
                found = self._object(meaning, f"the meaning of {shown(term)}")
                if list(found) != ["@type"]:
                    raise DumpError(f"kgpress gives no term such a meaning: {shown(term)}")
                coerced[term] = meaning, self._text(found["@type"])
        for term, (meaning, type_) in coerced.items():
            self._iri(term, meaning.line)
            self.types[term] = type_ if type_ == "@id" else self._iri(type_, meaning.line)

    def _iri(self, name: str, line: int) -> str:
        """Return the IRI of a short or a whole name."""
        prefix, colon, rest = name.partition(":")
        iri = name
        if colon and prefix in self.prefixes and not rest.startswith("//"):
            iri = self.prefixes[prefix] + rest
        if not re.fullmatch(_IRI, iri):
            raise DumpError(f"this is no IRI: {shown(name)}", line)
        return iri

    def _add(self, subject: str, predicate: str, value: Term, line: int) -> None:
        quad = Quad(subject, predicate, value)
        if quad in self.quads:
            raise DumpError(f"this triple stands in line {self.quads[quad]} already", line)
        self.quads[quad] = line

    def _node(self, node: Json) -> str:
        """Add the triples of a node, and of those nested in it; return its IRI."""
        members = self._object(node, "a node")
        if "@id" not in members:
            raise DumpError("a node has no @id", node.line)
        subject = self._iri(self._text(members["@id"]), members["@id"].line)
        for key, found in members.items():
            if key == "@id":
                continue
            for item in self._list(found):
                if key == "@type":
                    self._add(subject, TYPE, self._iri(self._text(item), item.line), item.line)
                elif key == "claims":
                    self._add(self._node(item), f"{RDF}subject", subject, item.line)
                else:
                    predicate = LABEL if key == "label" else self._iri(key, found.line)
                    self._add(subject, predicate, self._object_of(key, item), item.line)
        return subject

    def _object_of(self, key: str, item: Json) -> Term:
        """Return the value of a property, and add what is nested there."""
        coerced, value = self.types.get(key), item.value
        if isinstance(value, str):
            if coerced == "@id":
                return self._iri(value, item.line)
            return Literal(value, coerced or STRING)
        members = self._object(item, "a value")
        if "@value" not in members:
            return self._node(item)
        parts = {part: self._text(found) for part, found in members.items()}
        text = parts.pop("@value")
        if list(parts) == ["@language"] and re.fullmatch(_LANGUAGE, parts["@language"]):
            return Literal(text, LANGUAGE_STRING, parts["@language"])
        if list(parts) == ["@type"]:
            datatype = self._iri(parts["@type"], item.line)
            if datatype in (STRING, LANGUAGE_STRING):
                raise DumpError("a string has no @type", item.line)
            return Literal(text, datatype)
        if parts:
            raise DumpError("kgpress writes no such value", item.line)
        return Literal(text)


def _is_namespace(iri: str) -> bool:
    return iri.endswith(("/", "#")) and re.fullmatch(_IRI, iri) is not None


def shown(text: str, most: int = 90) -> str:
    """Return text for a message: short, and without what could harm a terminal."""
    cut = text if len(text) <= most else f"{text[:most]} …"
    return "".join(
        f"\\u{{{ord(c):X}}}" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
        for c in cut
    )


# ---------------------------------------------------------------------------------------------
# The articles: bytes -> text, offsets, spans


def segment(text: str) -> str:
    """Return text as a path segment of an IRI: letters and digits kept, the rest encoded."""
    return "".join(
        c if _is_kept(c) else percent_encoded(c, safe="")
        for c in unicodedata.normalize("NFC", text)
    )


def _is_kept(c: str) -> bool:
    if c.isascii():
        return c.isalnum() or c in "-._~"
    return "\xa0" <= c < "\U000e0000" and unicodedata.category(c)[0] in "LMN"


class Article:
    """The bytes of an article, and where in them is what."""

    STEP = 1024

    def __init__(self, name: str, data: bytes) -> None:
        """Take the name and the bytes. Raises `DumpError` for what is not UTF-8."""
        # File systems differ in how they compose letters; names of articles do not.
        self.name, self.data = unicodedata.normalize("NFC", name), data
        self.path = f"seeds/{name}.txt"
        self.sha256 = hashlib.sha256(data).hexdigest()
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            byte = data[error.start]
            raise DumpError(f"{shown(self.path)}: byte 0x{byte:02X} is not UTF-8") from None
        self._line_ends = [match.start() for match in re.finditer("\n", self.text)]
        self._bytes = [0]
        for at in range(0, len(self.text), self.STEP):
            self._bytes.append(self._bytes[-1] + len(self.text[at : at + self.STEP].encode()))

    def byte(self, offset: int) -> int:
        """Return the byte at which a code point begins."""
        step = offset // self.STEP
        return self._bytes[step] + len(self.text[step * self.STEP : offset].encode())

    def line(self, offset: int) -> int:
        """Return the line of a code point, from 1."""
        return bisect_right(self._line_ends, offset - 1) + 1


@dataclass(frozen=True)
class Span:
    """A passage of an article, as the IRI of a span names it."""

    iri: str
    file: str
    article: Article
    start: int
    end: int

    @cached_property
    def quote(self) -> str:
        """The words."""
        return self.article.text[self.start : self.end]

    @cached_property
    def folded(self) -> str:
        """The words as values are looked for in them."""
        return fold(self.quote)

    @property
    def key(self) -> tuple[str, int, int]:
        """What spans are sorted by."""
        return self.article.name, self.start, self.end

    def problem(self) -> str | None:
        """Return what is wrong with where the passage begins and ends."""
        if not is_whole(self.article.text, self.start, self.end):
            return "the quote begins or ends within a word or number"
        return None

    def triples(self) -> Iterator[Triple]:
        """Yield all that a dump says of the span and its selectors."""
        text, quote = self.article.text, f"{self.iri}&selector=quote"
        position = f"{self.iri}&selector=position"
        where = f"{self.article.name}, characters {self.start}–{self.end}"
        yield self.iri, TYPE, f"{OA}SpecificResource"
        yield self.iri, LABEL, Literal(where)
        yield self.iri, f"{OA}hasSource", self.file
        yield self.iri, f"{OA}hasSelector", quote
        yield self.iri, f"{OA}hasSelector", position
        yield self.iri, f"{KG}line", _number(self.article.line(self.start), "integer")
        yield self.iri, f"{KG}byteStart", _number(self.article.byte(self.start), "integer")
        yield self.iri, f"{KG}byteEnd", _number(self.article.byte(self.end), "integer")
        yield quote, TYPE, f"{OA}TextQuoteSelector"
        yield quote, LABEL, Literal(f"Quote of {where}")
        yield quote, f"{OA}prefix", Literal(text[max(self.start - CONTEXT, 0) : self.start])
        yield quote, f"{OA}exact", Literal(self.quote)
        yield quote, f"{OA}suffix", Literal(text[self.end : self.end + CONTEXT])
        yield position, TYPE, f"{OA}TextPositionSelector"
        yield position, LABEL, Literal(f"Position of {where}")
        yield position, f"{OA}start", _number(self.start, "nonNegativeInteger")
        yield position, f"{OA}end", _number(self.end, "nonNegativeInteger")


def file_triples(file: str, article: Article, work: str) -> Iterator[Triple]:
    """Yield all that a dump says of the file of an article."""
    checksum = f"{file}/checksum"
    yield file, TYPE, f"{PROV}Entity"
    yield file, LABEL, Literal(article.path)
    yield file, f"{KG}path", Literal(article.path)
    yield file, f"{DCAT}byteSize", _number(len(article.data), "nonNegativeInteger")
    yield file, f"{PROV}specializationOf", work
    yield file, f"{SPDX}checksum", checksum
    yield checksum, TYPE, f"{SPDX}Checksum"
    yield checksum, LABEL, Literal(f"SHA-256 of {article.path}")
    yield checksum, f"{SPDX}algorithm", f"{SPDX}checksumAlgorithm_sha256"
    yield checksum, f"{SPDX}checksumValue", Literal(article.sha256, f"{XSD}hexBinary")


def _number(number: int, datatype: str) -> Literal:
    return Literal(str(number), XSD + datatype)


# ---------------------------------------------------------------------------------------------
# The claims: triples -> claims and facts -> what is asserted -> the triples that there must be

ORIGINS = ("Verbatim", "Normalised", "Inferred", "Structural")
"""How a value may have been got; External values have no place in these dumps."""

MINTED = ("id", "article", "file", "fact", "claim", "conflict")
"""What the IRIs that a dataset mints go on with, after its base."""

MODALITIES = {f"{KG}Hedged": "hedged", f"{KG}Planned": "planned", f"{KG}Opinion": "opinion"}
POLARITIES = {f"{KG}Negated": "negated"}


@dataclass
class Claim:
    """One triple, how it was got, and in what sense the article gives it."""

    iri: str
    line: int
    triple: Triple
    fact: str
    spans: tuple[Span, ...]
    voice: str = ""
    modality: str = "certain"
    polarity: str = "affirmed"
    doubt: str = ""
    origin: str = "Verbatim"
    rule: str = ""
    inputs: tuple[str, ...] = ()
    corrected_by: set[str] = field(default_factory=set)
    replaced_by: set[str] = field(default_factory=set)
    conflicts: set[str] = field(default_factory=set)

    @property
    def is_own(self) -> bool:
        """Whether the article says it itself, certainly and affirmatively."""
        return (self.voice, self.modality, self.polarity) == ("", "certain", "affirmed")

    @property
    def asserted(self) -> bool:
        """Whether its triple is asserted: it is the article's own, and nothing corrects it."""
        return self.is_own and not self.corrected_by

    @cached_property
    def text(self) -> str:
        """The object's characters, whatever it is."""
        value = self.triple[2]
        return value if isinstance(value, str) else value.value


@dataclass
class Fact:
    """One entry of a fact file: what its claims have in common."""

    iri: str
    line: int
    id: str
    kind: str
    about: str
    article: str
    corrects: list[str]
    retracts: list[str]
    claims: list[Claim] = field(default_factory=list)


def digest(parts: object) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of JSON without spaces."""
    line = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode()).hexdigest()[:32]


class Node:
    """What a dump says of one subject."""

    def __init__(self, iri: str) -> None:
        """Name the subject."""
        self.iri, self.line = iri, 1
        self.values: dict[str, dict[Term, int]] = {}

    def optional(self, predicate: str) -> Term | None:
        """Return the one value of a property, or None. Raises `DumpError` for several."""
        found = self.values.get(predicate, {})
        if len(found) > 1:
            line = max(found.values())
            raise DumpError(f"{name_of(self.iri)} has {len(found)} {name_of(predicate)}", line)
        return next(iter(found), None)

    def iri_of(self, predicate: str) -> str:
        """Return the IRI that is the one value of a property. Raises `DumpError`."""
        found = self.optional(predicate)
        if not isinstance(found, str):
            raise DumpError(f"{name_of(self.iri)} has no {name_of(predicate)}", self.line)
        return found

    def text_of(self, predicate: str) -> str:
        """Return the plain text that is the one value of a property. Raises `DumpError`."""
        found = self.optional(predicate)
        if not isinstance(found, Literal) or found.datatype != STRING:
            raise DumpError(f"{name_of(self.iri)} has no {name_of(predicate)}", self.line)
        return found.value

    def iris_of(self, predicate: str) -> list[str]:
        """Return the IRIs that are the values of a property, sorted."""
        return sorted(value for value in self.values.get(predicate, ()) if isinstance(value, str))


_PREFIXES = {
    KG: "kg", RDF: "rdf", RDFS: "rdfs", XSD: "xsd", SKOS: "skos", SCHEMA: "schema", PROV: "prov",
    OA: "oa", DCAT: "dcat", DCTERMS: "dcterms", SPDX: "spdx", FOAF: "foaf",
}  # fmt: skip


def name_of(term: Term) -> str:
    """Return a term for a message."""
    if isinstance(term, Literal):
        return f"“{shown(term.value)}”"
    for namespace, prefix in _PREFIXES.items():
        if term.startswith(namespace):
            return f"{prefix}:{shown(term[len(namespace) :])}"
    own = re.search(r"(?:id|article|file|fact|claim|conflict)/[^/]+(?:/[^/]+)?\Z", term)
    return shown(own[0] if own else term)


class Claims:
    """All that a dump claims, read from its triples, and the triples that follow from it."""

    def __init__(self, dump: Mapping[Quad, int], seeds: Mapping[str, bytes]) -> None:
        """Take the triples and the files of seeds/. Raises `DumpError` where there is no base."""
        self.failures: list[tuple[int, str]] = []
        self.seeds = seeds
        self.nodes: dict[str, Node] = {}
        for (subject, predicate, value, _), line in dump.items():
            node = self.nodes.get(subject)
            if node is None:
                node = self.nodes[subject] = Node(subject)
                node.line = line
            node.values.setdefault(predicate, {}).setdefault(value, line)
        self.base = self._base()
        self.articles: dict[str, Article | None] = {}
        self.spans: dict[str, Span | None] = {}
        self.facts = {fact.iri: fact for fact in self._each("Fact", self._fact)}
        self.claims = {claim.iri: claim for claim in self._each("Claim", self._claim)}
        if self.failures:
            return
        for claim in self.claims.values():
            self.facts[claim.fact].claims.append(claim)
        for fact in self.facts.values():
            if not fact.claims:
                self.failures.append((fact.line, f"{name_of(fact.iri)} has no claim"))
        self.failures += corrections(self)
        self.failures += self._conflict_problems()

    def _base(self) -> str:
        """Return the base IRI of the dataset: what stands before claim/HASH."""
        found: dict[str, int] = {}
        for iri, node in self.nodes.items():
            if f"{KG}Claim" in node.values.get(TYPE, ()):
                match = re.fullmatch(r"(.+/)claim/[0-9a-f]{32}", iri)
                if not match:
                    raise DumpError(f"{name_of(iri)} is no IRI of a claim", node.line)
                found.setdefault(match[1], node.line)
        if not found:
            raise DumpError("the dump holds no claim")
        if len(found) > 1:
            raise DumpError(f"the claims have {len(found)} base IRIs", max(found.values()))
        return next(iter(found))

    def is_minted(self, iri: str) -> bool:
        """Whether the dataset minted an IRI; all others are terms of vocabularies, or elsewhere."""
        rest = iri.removeprefix(self.base)
        return rest != iri and (rest == "terms" or rest.partition("/")[0] in MINTED)

    def _each(self, kind: str, read: Callable[[Node], Read]) -> Iterator[Read]:
        for node in self.nodes.values():
            if KG + kind in node.values.get(TYPE, ()):
                try:
                    yield read(node)
                except DumpError as error:
                    # One article that is another would be told with each of its claims.
                    if not isinstance(error, ToldError) or not self.failures:
                        self.failures.append((error.line, str(error)))

    # What is read

    def _fact(self, node: Node) -> Fact:
        match = re.fullmatch(re.escape(self.base) + r"fact/([^/?#]+)/([^/?#]+)", node.iri)
        if not match:
            raise DumpError(f"{name_of(node.iri)} is no IRI of a fact", node.line)
        name, id_ = unquote(match[1]), unquote(match[2])
        if (segment(name), segment(id_)) != match.groups():
            raise DumpError(f"{name_of(node.iri)} is not encoded as IRIs are", node.line)
        article = node.iri_of(f"{KG}inArticle")
        if article != f"{self.base}article/{match[1]}":
            raise DumpError(f"{name_of(node.iri)} is not in {name_of(article)}", node.line)
        return Fact(
            node.iri,
            node.line,
            f"{name}/{id_}",
            node.text_of(f"{KG}kind"),
            node.iri_of(f"{KG}factAbout"),
            article,
            node.iris_of(f"{KG}corrects"),
            node.iris_of(f"{KG}retracts"),
        )

    def _claim(self, node: Node) -> Claim:
        origin = node.iri_of(f"{KG}origin").removeprefix(KG)
        if origin not in ORIGINS:
            raise DumpError(f"{name_of(node.iri)} is of origin {name_of(origin)}", node.line)
        value = node.optional(f"{RDF}object")
        if value is None:
            raise DumpError(f"{name_of(node.iri)} has no rdf:object", node.line)
        fact = node.iri_of(f"{KG}fact")
        if fact not in self.facts:
            raise DumpError(f"there is no sound {name_of(fact)}", node.line)
        spans = [self._span(iri, node.line) for iri in node.iris_of(f"{PROV}wasDerivedFrom")]
        if not spans:
            raise DumpError(f"{name_of(node.iri)} rests on no passage", node.line)
        doubt = node.optional(f"{KG}doubt")
        if doubt is not None and not (isinstance(doubt, Literal) and doubt.language == "en"):
            raise DumpError(f"the doubt of {name_of(node.iri)} is no English text", node.line)
        rule, inputs = self._rule(node)
        return Claim(
            node.iri,
            node.line,
            (node.iri_of(f"{RDF}subject"), node.iri_of(f"{RDF}predicate"), value),
            fact,
            tuple(sorted(spans, key=lambda span: span.key)),
            voice=self._voice(node),
            modality=self._standing(node, "modality", MODALITIES) or "certain",
            polarity=self._standing(node, "polarity", POLARITIES) or "affirmed",
            doubt=doubt.value if isinstance(doubt, Literal) else "",
            origin=origin,
            rule=rule,
            inputs=inputs,
            conflicts=set(node.iris_of(f"{KG}inConflict")),
        )

    def _voice(self, node: Node) -> str:
        voice = node.optional(f"{KG}voice")
        if voice is None:
            return ""
        slug = voice.removeprefix(f"{self.base}id/") if isinstance(voice, str) else ""
        if not slug or slug == voice or "/" in slug:
            raise DumpError(f"the voice of {name_of(node.iri)} is no thing", node.line)
        return slug

    def _standing(self, node: Node, word: str, known: Mapping[str, str]) -> str:
        value = node.optional(KG + word)
        if value is None:
            return ""
        if not isinstance(value, str) or value not in known:
            raise DumpError(f"{name_of(value)} is no {word} of a claim", node.line)
        return known[value]

    def _rule(self, node: Node) -> tuple[str, tuple[str, ...]]:
        if not {f"{KG}rule", f"{KG}ruleInputs"} & node.values.keys():
            return "", ()
        rule, text = node.text_of(f"{KG}rule"), node.text_of(f"{KG}ruleInputs")
        try:
            inputs = json.loads(text)
        except (ValueError, RecursionError):
            inputs = None
        if (
            not rule
            or not isinstance(inputs, list)
            or not inputs
            or not all(isinstance(word, str) for word in inputs)
            or json.dumps(inputs, ensure_ascii=False) != text
        ):
            raise DumpError(
                f"the rule inputs of {name_of(node.iri)} are no list of texts", node.line
            )
        return rule, tuple(inputs)

    def _span(self, iri: str, line: int) -> Span:
        if iri not in self.spans:
            self.spans[iri] = None
            self.spans[iri] = self._new_span(iri, line)
        span = self.spans[iri]
        if span is None:
            raise ToldError(f"it rests on a passage that is not there: {name_of(iri)}", line)
        return span

    def _new_span(self, iri: str, line: int) -> Span:
        offset = r"(0|[1-9][0-9]{0,14})"
        file = r"file/[^/?#]+/[0-9a-f]{12}"
        match = re.fullmatch(rf"({re.escape(self.base)}{file})#char={offset},{offset}", iri)
        if not match:
            raise DumpError(f"{name_of(iri)} is no IRI of a passage", line)
        article, start, end = self._file(match[1], line), int(match[2]), int(match[3])
        if not start < end <= len(article.text):
            raise DumpError(f"{shown(article.path)} has no characters {start}–{end}", line)
        return Span(iri, match[1], article, start, end)

    def _file(self, iri: str, line: int) -> Article:
        if iri not in self.articles:
            self.articles[iri] = None
            self.articles[iri] = self._new_file(iri, line)
        article = self.articles[iri]
        if article is None:
            raise ToldError(f"the file of this passage is not there: {name_of(iri)}", line)
        return article

    def _new_file(self, iri: str, line: int) -> Article:
        node = self.nodes.get(iri)
        if node is None:
            raise DumpError(f"nothing is said of {name_of(iri)}", line)
        path = node.text_of(f"{KG}path")
        match = re.fullmatch(r"seeds/([^/\0]+)\.txt", path)
        *_, name, digits = iri.split("/")
        if not match or segment(match[1]) != name:
            raise DumpError(f"{name_of(iri)} is not of the path {shown(path)}", node.line)
        if f"{match[1]}.txt" not in self.seeds:
            raise DumpError(f"there is no article {shown(match[1])}.txt", node.line)
        try:
            article = Article(match[1], self.seeds[f"{match[1]}.txt"])
        except DumpError as error:
            raise DumpError(str(error), node.line) from None
        if not article.sha256.startswith(digits):
            message = f"has the SHA-256 {article.sha256[:12]}…, where the dump has {digits}…"
            raise DumpError(f"{shown(article.path)} {message}", node.line)
        return article

    # What is worked out

    @cached_property
    def conflicts(self) -> dict[str, list[Claim]]:
        """The conflicts, each with the claims that are its sides."""
        found: dict[str, list[Claim]] = {}
        for claim in self.claims.values():
            for conflict in claim.conflicts:
                found.setdefault(conflict, []).append(claim)
        return found

    def _conflict_problems(self) -> Iterator[tuple[int, str]]:
        """Yield what is wrong with conflicts; that one affirms what another denies is one."""
        for conflict, claims in self.conflicts.items():
            line, name = claims[0].line, name_of(conflict)
            about = sorted({claim.triple[0] for claim in claims})
            predicates = sorted({claim.triple[1] for claim in claims})
            hashes = sorted(claim.iri[-32:] for claim in claims)
            if len(predicates) > 1 or TYPE in predicates:
                yield line, f"{name} is not on one property"
            elif len({(claim.triple[2], claim.polarity) for claim in claims}) < 2:
                yield line, f"{name} has one side only"
            elif any(c.modality != "certain" or c.corrected_by for c in claims):
                yield line, f"{name} has a side that is hedged, planned or corrected"
            elif conflict != f"{self.base}conflict/{digest([about, predicates[0], hashes])}":
                yield line, f"{name} has not the hash of what it is about and its claims"
        sides: dict[Triple, list[Claim]] = {}
        for claim in self.claims.values():
            certain = claim.modality == "certain" and not claim.corrected_by
            composed = claim.triple[1] == LABEL and claim.origin == "Structural"
            if certain and not composed and claim.triple[1] != TYPE:
                sides.setdefault(claim.triple, []).append(claim)
        for claims in sides.values():
            if len({claim.polarity for claim in claims}) > 1:
                for claim in claims:
                    if not claim.conflicts:
                        yield claim.line, f"{name_of(claim.iri)} is denied, but in no conflict"

    @cached_property
    def dates(self) -> dict[tuple[str, str], list[str]]:
        """What the articles' own facts say of dates, by thing and property."""
        found: dict[tuple[str, str], list[str]] = {}
        for claim in self.claims.values():
            if claim.is_own and claim.triple[1].startswith(f"{SCHEMA}date"):
                found.setdefault(claim.triple[:2], []).append(claim.text)
        return found


def corrections(claims: Claims) -> Iterator[tuple[int, str]]:
    """Set what each claim is corrected and replaced by; yield corrections that cannot be.

    A fact with kg:retracts takes back all claims of another fact. One with kg:corrects does so with
    those of which it gives another object, and those that it denies. It must be certain and the
    article's own (affirmed or not), of a later article than the other or of the same one.
    """
    valid: dict[str, Fact] = {}
    for fact in claims.facts.values():
        if fact.corrects or fact.retracts:
            wrong = _correction_problem(claims, fact)
            if wrong:
                yield fact.line, f"{name_of(fact.iri)} corrects what it cannot: {wrong}"
            else:
                valid[fact.iri] = fact
    retracted_by: dict[str, list[str]] = {iri: [] for iri in valid}
    for fact in valid.values():
        for other in fact.retracts:
            if other in valid:
                retracted_by[other].append(fact.iri)
    void: set[str] = set()
    # What is later corrects what is earlier, so that there is an order: the latest come first.
    for iri in TopologicalSorter(retracted_by).static_order():
        if any(by not in void for by in retracted_by[iri]):
            void.add(iri)
    for iri in valid.keys() - void:
        changed = [*_corrected(claims, valid[iri])]
        if not changed:
            yield valid[iri].line, f"{name_of(iri)} corrects nothing"
        for claim, replacements in changed:
            claim.corrected_by.add(iri)
            claim.replaced_by.update(replacements)


def _correction_problem(claims: Claims, fact: Fact) -> str | None:
    if any(claim.voice or claim.modality != "certain" for claim in fact.claims):
        return "it is only reported, hedged or planned itself"
    for iri in (*fact.corrects, *fact.retracts):
        other = claims.facts.get(iri)
        if other is None:
            return f"there is no {name_of(iri)}"
        if other.article == fact.article:
            if other is fact or other.corrects or other.retracts:
                return f"{name_of(iri)} of the same article corrects something too"
        elif not _is_later(_dates(claims, fact.article), _dates(claims, other.article)):
            return f"its article is not dated later than that of {name_of(iri)}"
    return None


def _dates(claims: Claims, article: str) -> list[str]:
    """Return when an article was published or, where it does not say so, last changed."""
    return claims.dates.get((article, f"{SCHEMA}datePublished")) or claims.dates.get(
        (article, f"{SCHEMA}dateModified"), []
    )


_DAY = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:T(\d\d:\d\d:\d\d)(.*))?", re.ASCII)


def _is_later(dates: Iterable[str], others: Iterable[str]) -> bool:
    """Whether dates are after others for certain: 2018-11 after 2018-10-31, but not after 2018."""
    pairs = [(_DAY.fullmatch(one), _DAY.fullmatch(two)) for one in dates for two in others]
    for one, two in pairs:
        if not one or not two:
            return False
        size = min(len(one[1]), len(two[1]))
        if one[1][:size] == two[1][:size]:
            # Within one day, times tell what is later if they are of the same zone.
            if not (one[2] and two[2]) or one[3] != two[3] or one[2] <= two[2]:
                return False
        elif one[1] < two[1]:
            return False
    return bool(pairs)


def _corrected(claims: Claims, fact: Fact) -> Iterator[tuple[Claim, set[str]]]:
    """Yield the claims that a fact corrects, each with the claims that replace it."""
    given: dict[tuple[str, str], dict[Term, str]] = {}
    denied: set[Triple] = set()
    for claim in fact.claims:
        subject, predicate, value = claim.triple
        if claim.is_own:
            given.setdefault((subject, predicate), {})[value] = claim.iri
        elif claim.polarity == "negated":
            denied.add(claim.triple)
    for iri in fact.retracts:
        for claim in claims.facts[iri].claims:
            yield claim, set()
    for iri in fact.corrects:
        for claim in claims.facts[iri].claims:
            subject, predicate, value = claim.triple
            values = given.get((subject, predicate), {})
            if claim.triple in denied:
                yield claim, set()
            elif values and value not in values:
                yield claim, set(values.values())


class Due:
    """The triples that a dump must hold, no more and no fewer: what follows from its claims."""

    def __init__(self, claims: Claims) -> None:
        """Take the claims."""
        self.claims, self.base = claims, claims.base

    def hash(self, claim: Claim) -> str:
        """Return the hash that a claim must have in its IRI."""
        spans = [[s.article.name, s.article.sha256, s.start, s.end] for s in claim.spans]
        parts = [
            *(triple_line(claim.triple), self.claims.facts[claim.fact].id),
            *(claim.voice, claim.modality, claim.polarity, claim.doubt),
            *(claim.origin.lower(), claim.rule, [*claim.inputs], spans),
        ]
        return digest(parts)

    def quads(self, graphs: bool) -> set[Quad]:
        """Return the triples, in the graph of each fact's article or all in one."""
        found: set[Quad] = set()
        terms = self.terms
        lines = sorted(triple_line(triple) for labels in terms.values() for triple in labels)
        accounted: tuple[Triple, ...] = (
            (f"{self.base}terms", TYPE, f"{KG}TermLabels"),
            (f"{self.base}terms", LABEL, Literal("Labels of the terms used")),
            (f"{self.base}terms", f"{KG}digest", Literal(digest(lines))),
        )
        held: dict[str, list[Fact]] = {}
        for fact in self.claims.facts.values():
            held.setdefault(fact.article if graphs else "", []).append(fact)
        for graph, facts in held.items():
            triples = {*accounted, *self._triples(facts)}
            used = {term for subject, _, value in triples for term in (subject, value)}
            for term in terms.keys() & used:
                triples.update(terms[term])
            found.update(Quad(*triple, graph) for triple in triples)
        return found

    def _triples(self, facts: Iterable[Fact]) -> Iterator[Triple]:
        """Yield what facts, their claims and these claims' evidence make necessary."""
        spans: dict[str, Span] = {}
        conflicts: set[str] = set()
        for fact in facts:
            yield from self._fact_triples(fact)
            for claim in fact.claims:
                yield from self._claim_triples(claim)
                if claim.asserted:
                    yield claim.triple
                spans.update((span.iri, span) for span in claim.spans)
                conflicts |= claim.conflicts
        for span in spans.values():
            yield from span.triples()
        for file, article in {span.file: span.article for span in spans.values()}.items():
            work = f"{self.base}article/{segment(article.name)}"
            yield from file_triples(file, article, work)
        for conflict in conflicts:
            yield from self._conflict_triples(conflict)

    def _claim_triples(self, claim: Claim) -> Iterator[Triple]:
        node = claim.iri
        subject, predicate, value = claim.triple
        yield node, TYPE, f"{KG}Claim"
        yield node, TYPE, f"{RDF}Statement"
        yield node, LABEL, Literal(" · ".join(self._called(term) for term in claim.triple))
        yield node, f"{RDF}subject", subject
        yield node, f"{RDF}predicate", predicate
        yield node, f"{RDF}object", value
        asserted = "true" if claim.asserted else "false"
        yield node, f"{KG}asserted", Literal(asserted, f"{XSD}boolean")
        if claim.voice:
            yield node, f"{KG}voice", f"{self.base}id/{claim.voice}"
        if claim.modality != "certain":
            yield node, f"{KG}modality", KG + claim.modality.capitalize()
        if claim.polarity != "affirmed":
            yield node, f"{KG}polarity", KG + claim.polarity.capitalize()
        if claim.doubt:
            yield node, f"{KG}doubt", Literal(claim.doubt, LANGUAGE_STRING, "en")
        yield node, f"{KG}origin", KG + claim.origin
        if claim.rule:
            inputs = json.dumps(claim.inputs, ensure_ascii=False)
            yield node, f"{KG}rule", Literal(claim.rule)
            yield node, f"{KG}ruleInputs", Literal(inputs)
        yield node, f"{KG}fact", claim.fact
        for corrector in claim.corrected_by:
            yield node, f"{KG}correctedBy", corrector
        for replacement in claim.replaced_by:
            yield node, f"{DCTERMS}isReplacedBy", replacement
        for conflict in claim.conflicts:
            yield node, f"{KG}inConflict", conflict
        for span in claim.spans:
            yield node, f"{PROV}wasDerivedFrom", span.iri

    def _fact_triples(self, fact: Fact) -> Iterator[Triple]:
        name, _, _ = fact.id.partition("/")
        slug = name if fact.about == fact.article else unquote(fact.about.rpartition("/")[2])
        ids = [
            [self.claims.facts[iri].id for iri in iris] for iris in (fact.corrects, fact.retracts)
        ]
        hashes = sorted(claim.iri[-32:] for claim in fact.claims)
        parts = [fact.id, fact.kind, fact.about, *map(sorted, ids), hashes]
        yield fact.iri, TYPE, f"{KG}Fact"
        yield fact.iri, LABEL, Literal(f"{fact.kind} {slug}, in {name}")
        yield fact.iri, f"{KG}kind", Literal(fact.kind)
        yield fact.iri, f"{KG}factAbout", fact.about
        yield fact.iri, f"{KG}inArticle", fact.article
        for other in fact.corrects:
            yield fact.iri, f"{KG}corrects", other
        for other in fact.retracts:
            yield fact.iri, f"{KG}retracts", other
        yield fact.iri, f"{KG}digest", Literal(digest(parts))

    def _conflict_triples(self, conflict: str) -> Iterator[Triple]:
        claims = self.claims.conflicts[conflict]
        about, predicate = sorted({c.triple[0] for c in claims}), claims[0].triple[1]
        things = " / ".join(self._called(thing) for thing in about)
        yield conflict, TYPE, f"{KG}Conflict"
        yield conflict, LABEL, Literal(f"{self._called(predicate)} of {things}")
        for thing in about:
            yield conflict, f"{KG}conflictAbout", thing
        yield conflict, f"{KG}conflictOn", predicate

    # How things and terms are called

    def _called(self, term: Term) -> str:
        if isinstance(term, Literal):
            return term.value
        return self._labels.get(term, term)

    @cached_property
    def _labels(self) -> dict[str, str]:
        """What each thing is called: its label, if it has several the English, asserted one."""
        best: dict[str, tuple[bool, bool, str]] = {}
        for claim in self.claims.claims.values():
            subject, predicate, value = claim.triple
            if predicate == LABEL and isinstance(value, Literal):
                rank = (not claim.asserted, value.language != "en", value.value)
                best[subject] = min(best.get(subject, rank), rank)
        found = {
            term: value.value
            for term, labels in self.terms.items()
            for _, predicate, value in labels
            if predicate == LABEL and isinstance(value, Literal)
        }
        return {**found, **{thing: text for thing, (_, _, text) in best.items()}}

    @cached_property
    def terms(self) -> dict[str, set[Triple]]:
        """The terms outside the dataset, with their labels and the words that texts use."""
        claimed = {claim.triple for claim in self.claims.claims.values() if claim.asserted}
        found: dict[str, set[Triple]] = {}
        for iri, node in self.claims.nodes.items():
            if self.claims.is_minted(iri):
                continue
            for predicate in (LABEL, ALTERNATIVE):
                for value in node.values.get(predicate, ()):
                    if (triple := (iri, predicate, value)) not in claimed:
                        found.setdefault(iri, set()).add(triple)
        return found

    def words_of(self, term: str) -> Iterator[str]:
        """Yield the words by which a text may mean a term outside the dataset."""
        for _, predicate, value in self.terms.get(term, ()):
            if predicate == ALTERNATIVE and isinstance(value, Literal):
                yield value.value


# ---------------------------------------------------------------------------------------------
# Values: does a value stand in its words, and does a rule give it?
#
# Words are compared folded: compatibility forms, case, quotation marks and white space aside. They
# stand as whole tokens: "Xi" is not in "Xiaomi", nor 366 in "1,366".

_QUOTATION_MARKS = re.compile(
    '[`"\u00ab\u00b4\u00bb\u02bc\u2018-\u201f\u2032\u2033\u2039\u203a\u300c-\u300f]'
)
_NUMBERS_WITHOUT_DIGITS = re.compile(
    "([\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u2079\u2080-\u2089\u2150-\u215f\u2189"
    "\u2460-\u249b\u24ea-\u24ff\u2776-\u2793]+)"
)
_SCRIPTS_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]"
)
_DIGITS_GO_ON = re.compile(r"[.,]\d|[ ']\d{3}(?!\d)")
_DIGITS_WENT_BEFORE = re.compile(r"\d[.,]\Z|(?<!\w)-\Z")
_GROUP_WENT_BEFORE = re.compile(r"(?<!\d)\d{1,3}[ ']\Z")
_GROUP = re.compile(r"\d{3}(?!\d)")


def fold(text: str) -> str:
    """Return text without what may differ between a value and its quote."""
    # Raised digits, fractions and numbers in circles stay: 10² is not 102.
    kept = _NUMBERS_WITHOUT_DIGITS.split(text)
    plain = "".join(
        part if i % 2 else unicodedata.normalize("NFKC", part) for i, part in enumerate(kept)
    )
    plain = _QUOTATION_MARKS.sub("'", plain).casefold()
    return " ".join(_QUOTATION_MARKS.sub("'", plain).split())


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether a passage begins and ends where a word or number does."""
    if start > 0 and _is_one_word(text[start - 1], text[start]):
        return False
    if end < len(text) and _is_one_word(text[end - 1], text[end]):
        return False
    if text[start].isdigit() and start > 0:
        before = text[max(start - 8, 0) : start]
        if _DIGITS_WENT_BEFORE.search(before):
            return False
        if _GROUP_WENT_BEFORE.search(before) and _GROUP.match(text, start):
            return False
    return not (text[end - 1].isdigit() and _DIGITS_GO_ON.match(text, end))


def _is_one_word(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong together."""
    if unicodedata.category(right).startswith("M"):
        return True
    unspaced = _SCRIPTS_WITHOUT_SPACES.match(left) or _SCRIPTS_WITHOUT_SPACES.match(right)
    return left.isalnum() and right.isalnum() and not unspaced


def stands_in(form: str, folded: str) -> bool:
    """Whether words stand in a folded text as whole tokens."""
    wanted = fold(form)
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        if is_whole(folded, at, at + len(wanted)):
            return True
        at = folded.find(wanted, at + 1)
    return False


def number_stands_in(number: str, folded: str) -> bool:
    """Whether a number stands in a folded text in digits, whichever zeros are written."""
    for match in re.finditer(r"[0-9]+(?:\.[0-9]+)?", folded):
        for start in (match.start(), match.start() - 1):
            signed = start < match.start()
            if signed and (start < 0 or folded[start] != "-"):
                continue
            found = number_literal(folded[start : match.end()])
            if found and found.value == number and is_whole(folded, start, match.end()):
                return True
    return False


# Numbers and dates, as RDF has them


def number_literal(text: str) -> Literal | None:
    """Return the canonical literal of a number in digits, or None."""
    match = re.fullmatch(r"(-?)(\d+)(?:\.(\d+))?", text, re.ASCII)
    if not match:
        return None
    sign, whole, fraction = match[1], match[2].lstrip("0") or "0", (match[3] or "").rstrip("0")
    digits = f"{whole}.{fraction}" if fraction else whole
    if digits != "0":
        digits = sign + digits
    return Literal(digits, f"{XSD}decimal" if fraction else f"{XSD}integer")


_DATES = {
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?": "dateTime",
    r"\d{4}-\d\d-\d\d": "date",
    r"\d{4}-\d\d": "gYearMonth",
    r"\d{4}": "gYear",
    r"--\d\d-\d\d": "gMonthDay",
    r"--\d\d": "gMonth",
    r"---\d\d": "gDay",
}


def date_literal(text: str) -> Literal | None:
    """Return the literal of a date as exact as it is written, or None for what is no date."""
    for pattern, name in _DATES.items():
        if re.fullmatch(pattern, text, re.ASCII):
            return Literal(text, XSD + name) if _exists(text) else None
    if re.fullmatch(r"\d{3}X", text, re.ASCII):
        return Literal(text, EDTF)
    first, _, last = text.partition("/")
    ends = [re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", end, re.ASCII) for end in (first, last)]
    if all(ends) and _exists(first) and _exists(last):
        size = min(len(first), len(last))
        return Literal(text, EDTF) if first[:size] <= last[:size] else None
    return None


def _exists(text: str) -> bool:
    """Whether a date, with what it leaves open filled in, is in the calendar."""
    whole = re.sub(r"\A---", "2000-01-", text)
    whole = re.sub(r"\A--", "2000-", whole)
    if "T" not in whole:
        whole += "-01-01"[: len("2000-01-01") - len(whole)] if len(whole) == 7 else ""
        whole += "-01-01" if len(whole) == 4 else ""
    try:
        datetime.fromisoformat(whole)
    except ValueError:
        return False
    return True


# The rules. Each takes words, and gives the value or None where it does not apply.

_MONTHS = "january february march april may june july august september october november december"
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
MONTHS = {w: i for i, name in enumerate(_MONTHS.split(), start=1) for w in (name, name[:3])}
WEEKDAYS = _DAYS.split()
NUMERALS = {word: i for i, word in enumerate(_UNITS.split())}
NUMERALS |= {word: 10 * i for i, word in enumerate(_TENS.split(), start=2)}
COUNTING = NUMERALS | {"a": 1, "an": 1, "first": 1, "second": 2, "third": 3}
SCORES = {"dozen": 12, "hundred": 100}
POWERS = {"thousand": 1000, "million": 10**6, "billion": 10**9}


def number(text: str) -> str | None:
    """Return a number in words, digits or both as digits: "16 thousand" is 16000."""
    if text.lstrip()[:1] in ("-", "−", "–") and text.strip():
        return None
    plain = re.sub(r"(?<=\d)[ '’\u00a0\u202f](?=\d{3}(?!\d))", ",", text.casefold())
    words = [word for word in plain.replace("-", " ").split() if word != "and"]
    if not words:
        return None
    with localcontext(prec=400):
        total, last, part = Decimal(0), 10**12, list[str]()
        for word in words:
            power = POWERS.get(word.removesuffix("s"))
            if power is None:
                part.append(word)
                continue
            before = _below_thousand(part) if part else Decimal(1)
            if before is None or power >= last:
                return None
            total, last, part = total + before * power, power, []
        rest = _below_thousand(part) if part else Decimal(0)
        return None if rest is None else format((total + rest).normalize(), "f")


def _below_thousand(words: list[str]) -> Decimal | None:
    """Return what words between two powers of a thousand come to: "two hundred five"."""
    so_far: Decimal | None = None
    for word in words:
        score, small = SCORES.get(word.removesuffix("s")), COUNTING.get(word)
        if score and (so_far is None or so_far < 100):
            so_far = (Decimal(1) if so_far is None else so_far) * score
        elif so_far is None:
            so_far = Decimal(small) if small is not None else _in_digits(word)
            if so_far is None:
                return None
        elif small is None or not _may_follow(so_far, small):
            return None
        else:
            so_far += small
    return so_far


def _may_follow(before: Decimal, small: int) -> bool:
    if before >= 100:
        return before % 100 == 0
    return before >= 20 and before % 10 == 0 and 1 <= small <= 9


def _in_digits(word: str) -> Decimal | None:
    """Return a number in digits; of 1.200 and the like nobody knows which of two it is."""
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", word, re.ASCII):
        return Decimal(word.replace(",", ""))
    if re.fullmatch(r"\d+,\d{1,2}", word, re.ASCII):
        return Decimal(word.replace(",", "."))
    if re.fullmatch(r"\d+(?:\.(?!\d{3}\Z)\d+)?", word, re.ASCII):
        return Decimal(word)
    return None


def iso_date(text: str) -> str | None:
    """Return a date as articles write it in ISO 8601: "June 24, 1978" is 1978-06-24."""
    words = text.casefold()
    if match := re.fullmatch(r"(\d{4}-\d\d-\d\d)[ t](\d\d:\d\d)", words):
        return _existing(f"{match[1]}T{match[2]}:00")
    if re.fullmatch(r"\d{4}(?:-\d\d){0,2}", words):
        return _existing(words)
    ordinal = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
    for pattern in (
        rf"(?P<month>[a-z]+)[. -]+{ordinal}[, -]+(?P<year>\d{{4}})",
        rf"{ordinal}[ -](?P<month>[a-z]+)[., -]+(?P<year>\d{{4}})",
    ):
        if match := re.fullmatch(pattern, words):
            if match["month"] not in MONTHS:
                return None
            return _existing(f"{match['year']}-{MONTHS[match['month']]:02}-{int(match['day']):02}")
    match = re.fullmatch(r"([a-z]+)[., ]+(?:of )?(\d{4})", words)
    return f"{match[2]}-{MONTHS[match[1]]:02}" if match and match[1] in MONTHS else None


def partial_date(text: str) -> str | None:
    """Return a day or month without its year: "the 29 day" is ---29, "July" is --07."""
    noise = r"\b(?:on|in|at|the|of|day|end|beginning|this|every|year)\b|[',’s]+(?=\n?\Z)"
    words = " ".join(re.sub(noise, " ", text.casefold()).split())
    match = re.fullmatch(r"(?:([a-z]+)(?: |\Z))?(?:(\d{1,2})(?:st|nd|rd|th)?)?", words)
    if not words or not match or (match[1] and match[1] not in MONTHS):
        return None
    day = f"-{int(match[2]):02}" if match[2] else ""
    return f"--{MONTHS[match[1]]:02}{day}" if match[1] else f"--{day}"


def date_in_year(text: str, year: str) -> str | None:
    """Return a day or month in a year that another passage gives."""
    partial, of = partial_date(text), iso_date(year)
    if partial is None or of is None or partial.startswith("---"):
        return None
    return _existing(of[:4] + partial[1:])


def relative_date(text: str, anchor: str) -> str | None:
    """Return a time that is told from a date: "last December" told in 2018 is 2017-12."""
    told = iso_date(anchor)
    words = " ".join(re.sub(r"[,.’']", " ", text.casefold()).split())
    words = re.sub(
        r"\A(?:(?:on|in|at|since|by|until|during|over|the end of|end of|the) )", "", words
    )
    words = re.sub(r"\A(?:(?:the end of|the beginning of|end of|beginning of|the) )", "", words)
    try:
        found = _told(words, told[:10]) if told else None
    except (ValueError, OverflowError):
        return None
    return found if found is None or "/" in found else _existing(found)


def _told(words: str, anchor: str) -> str | None:
    year = int(anchor[:4])
    if words in ("this year", "beginning of this year"):
        return f"{year:04}"
    if words in ("last year", "a year ago"):
        return f"{year - 1:04}"
    if match := re.fullmatch(r"(?:past|last) (\S+) years?", words):
        return f"{year - _count(match[1]):04}/{year:04}"
    if match := re.fullmatch(r"(\S+) years ago", words):
        return f"{year - _count(match[1]):04}"
    if words in MONTHS:
        return f"{year:04}-{MONTHS[words]:02}"
    if match := re.fullmatch(r"(\w+)(?: of)? (this|last) year", words):
        if match[1] in MONTHS:
            return f"{year - (match[2] == 'last'):04}-{MONTHS[match[1]]:02}"
    elif (match := re.fullmatch(r"(this|last) (\w+)", words)) and match[2] in MONTHS:
        month = MONTHS[match[2]]
        # The last March is this year's where it is told later in the year than March.
        is_past = len(anchor) >= 7 and month < int(anchor[5:7])
        return f"{year - (match[1] == 'last' and not is_past):04}-{month:02}"
    if len(anchor) < 10:
        return None
    day = date.fromisoformat(anchor)
    if match := re.fullmatch(r"(\S+) days? ago", words):
        return (day - timedelta(days=_count(match[1]))).isoformat()
    if words in ("today", "yesterday"):
        return (day - timedelta(days=words == "yesterday")).isoformat()
    if words in WEEKDAYS:
        # The last such day before the one on which it is told.
        back = (day.weekday() - WEEKDAYS.index(words)) % 7 or 7
        return (day - timedelta(days=back)).isoformat()
    return None


def _count(word: str) -> int:
    """Return a whole number in words or digits. Raises `ValueError`."""
    found = number(word)
    if found is None:
        raise ValueError(word)
    return int(found)


def _existing(text: str) -> str | None:
    return text if text.isascii() and _exists(text) else None


def joined(parts: Iterable[str], passages: Iterable[str]) -> str:
    """Return the parts of a split quotation as one text, […] where something stands between."""
    before, *others = parts
    text, passages = before, [*passages]
    for part in others:
        wanted = re.compile(rf"{re.escape(before)}(\s*){re.escape(part)}")
        found = next(filter(None, map(wanted.search, passages)), None)
        text += (found[1] if found else " […] ") + part
        before = part
    return text


RULES: dict[str, tuple[str, int, Callable[..., str | None]]] = {
    "iso-date": ("Normalised", 1, iso_date),
    "partial-date": ("Normalised", 1, partial_date),
    "number": ("Normalised", 1, number),
    "date-in-year": ("Inferred", 2, date_in_year),
    "relative-date": ("Inferred", 2, relative_date),
}
"""Rules that give a value: the origin they make, how many passages they take, what they do."""


class Values:
    """Looks for the values of claims in their words."""

    def __init__(self, claims: Claims, due: Due) -> None:
        """Take all claims, for they name the things that other claims speak of."""
        self.claims, self.words_of = claims, due.words_of
        self.names: dict[str, set[str]] = {}
        self.mentions: dict[tuple[str, str], set[str]] = {}
        self.coined: set[str] = set()
        hearsay: dict[str, set[str]] = {}
        called: set[str] = set()
        for claim in claims.claims.values():
            subject, predicate, value = claim.triple
            if claim.polarity == "negated" or not isinstance(value, Literal):
                continue  # what something is not called is no name of it
            if predicate == MENTION:
                article = claims.facts[claim.fact].article
                self.mentions.setdefault((subject, article), set()).add(value.value)
            elif predicate in NAMES and claim.origin != "Structural":
                names = self.names if claim.is_own else hearsay
                names.setdefault(subject, set()).add(value.value)
                if predicate == LABEL:
                    called.add(subject)
            elif predicate == LABEL and not value.language:
                self.coined.add(subject)
        # What is only said to be called so is a name for what has no other.
        self.names = {**hearsay, **self.names}
        # A composed label makes a thing a coined one, which no text need name; but what an article
        # itself labels is not coined, and an article is referred to by no name.
        self.coined -= called
        self.coined |= {fact.article for fact in claims.facts.values()}

    def is_named(self, iri: str) -> bool:
        """Whether a thing has names, so that it must stand where it is spoken of."""
        return iri in self.names and iri not in self.coined

    def problem(self, claim: Claim) -> str | None:
        """Return why the value of a claim does not follow from its words, or None."""
        if claim.origin in ("Verbatim", "Structural"):
            if claim.rule:
                return f"a value that is {claim.origin.lower()} has no rule"
            return self._structural(claim) if claim.origin == "Structural" else self._stands(claim)
        if not claim.rule:
            return f"a value that is {claim.origin.lower()} needs a rule"
        for words in claim.inputs:
            if not _in_spans(words, claim):
                return f"“{shown(words)}”, from which it was got, stands in none of its quotes"
        if claim.rule in RULES:
            return self._by_rule(claim)
        special = {
            "name": ("Normalised", self._by_name),
            "coreference": ("Inferred", self._by_name),
            "translation": ("Normalised", self._translated),
            "joined": ("Normalised", self._joined),
        }
        if claim.rule not in special:
            return f"the rule {shown(claim.rule)} is unknown"
        origin, check = special[claim.rule]
        return check(claim) if claim.origin == origin else f"{claim.rule} makes it {origin.lower()}"

    def _structural(self, claim: Claim) -> str | None:
        value = claim.triple[2]
        if isinstance(value, Literal):
            return None if value.is_text else "a number or date is never structural"
        if self.is_named(value):
            return f"{name_of(value)} has names, and should stand in the quote by one of them"
        return None

    def _stands(self, claim: Claim) -> str | None:
        """Return why the object itself does not stand in the quotes, or None."""
        value = claim.triple[2]
        if isinstance(value, str):
            forms = {value, *self.names.get(value, ()), *self.words_of(value)}
            if any(_in_spans(form, claim) for form in sorted(forms)):
                return None
            return f"{name_of(value)} stands in none of its quotes by any of its names"
        if value.datatype in (f"{XSD}integer", f"{XSD}decimal"):
            if number_literal(value.value) != value:
                return f"{shown(value.value)} is no canonical number"
            if any(number_stands_in(value.value, span.folded) for span in claim.spans):
                return None
        elif not value.is_text and date_literal(value.value) != value:
            return f"{shown(value.value)} is no value of {name_of(value.datatype)}"
        elif _in_spans(value.value, claim):
            return None
        return f"“{shown(value.value)}” stands in none of its quotes"

    def _by_rule(self, claim: Claim) -> str | None:
        origin, takes, apply = RULES[claim.rule]
        if claim.origin != origin:
            return f"{claim.rule} makes it {origin.lower()}"
        if len(claim.inputs) != takes:
            return f"{claim.rule} takes {takes} passages, not {len(claim.inputs)}"
        try:
            # Numbers and dates are short; on what is not, expressions with many ways take long.
            found = apply(*claim.inputs) if max(map(len, claim.inputs)) < 1000 else None
        except (ArithmeticError, ValueError):
            found = None
        if found is None:
            return f"{claim.rule} gives nothing of “{shown(' + '.join(claim.inputs))}”"
        value = claim.triple[2]
        literal = (number_literal if claim.rule == "number" else date_literal)(found)
        is_text = isinstance(value, Literal) and value.is_text and value.value == found
        if value == literal or is_text:
            return None
        return f"{claim.rule} gives {shown(found)}, not {name_of(value)}"

    def _by_name(self, claim: Claim) -> str | None:
        """Check what stands there by a form that means it here, or is named by a context."""
        if len(claim.inputs) != 1:
            return f"{claim.rule} takes 1 passage, not {len(claim.inputs)}"
        (form,), (subject, _, value) = claim.inputs, claim.triple
        if isinstance(value, str) and form in self._forms(value, claim):
            return None
        if form in self._forms(subject, claim):
            return self._stands(claim)
        return f"“{shown(form)}” is no form by which the article means {name_of(subject)}"

    def _forms(self, thing: str, claim: Claim) -> set[str]:
        """Return the forms by which a rule may mean a thing in the article of a claim."""
        mentions = self.mentions.get((thing, self.claims.facts[claim.fact].article), set())
        return mentions if claim.rule == "name" else mentions | self.names.get(thing, set())

    def _translated(self, claim: Claim) -> str | None:
        value = claim.triple[2]
        if not (isinstance(value, Literal) and value.is_text):
            return "only text is translated"
        return None if len(claim.inputs) == 1 else "translation takes 1 passage"

    def _joined(self, claim: Claim) -> str | None:
        value = claim.triple[2]
        if not (isinstance(value, Literal) and value.is_text) or len(claim.inputs) < 2:
            return "only several parts of a text are joined"
        text = joined(claim.inputs, _passages(claim))
        return None if text == value.value else f"joined gives “{shown(text)}”"

    def fact_problem(self, fact: Fact) -> str | None:
        """Return what is wrong with what the claims of a fact have in common, or None."""
        if any(claim.triple[0] != fact.about for claim in fact.claims):
            return f"not all its claims are about {name_of(fact.about)}"
        wanted = {fact.about} if self.is_named(fact.about) else set()
        for claim in fact.claims:
            voice = f"{self.claims.base}id/{claim.voice}"
            if claim.voice and self.is_named(voice):
                wanted.add(voice)
        for thing in wanted:
            forms = self.names[thing] | self.mentions.get((thing, fact.article), set())
            spans = {span.iri: span for claim in fact.claims for span in claim.spans}
            if not any(stands_in(form, s.folded) for form in forms for s in spans.values()):
                return f"{name_of(thing)} stands in none of its quotes by any of its names"
        return None


def _in_spans(form: str, claim: Claim) -> bool:
    return any(stands_in(form, span.folded) for span in claim.spans)


def _passages(claim: Claim) -> Iterator[str]:
    """Yield what each article says from the first to the last of a claim's quotes."""
    articles: dict[str, list[Span]] = {}
    for span in claim.spans:
        articles.setdefault(span.article.name, []).append(span)
    for spans in articles.values():
        yield spans[0].article.text[spans[0].start : max(span.end for span in spans)]


# ---------------------------------------------------------------------------------------------
# The verdict: all of it, in order; the command


@dataclass
class Verdict:
    """What was found: failures with their lines, and how much there was to check."""

    failures: list[tuple[int, str]] = field(default_factory=list)
    counts: dict[str, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether the dump is what the articles and its claims make it."""
        return not self.failures


def verify(
    dump: bytes, seeds: Mapping[str, bytes], manifest: bytes | None = None, name: str = "dump"
) -> Verdict:
    """Check a dump against the files of seeds/, by name, and a list of checksums if there is one.

    Never raises: what cannot be checked is a failure.
    """
    try:
        return _verified(dump, seeds, manifest, name)
    except DumpError as error:
        return Verdict([(error.line, str(error))])
    except Exception as error:  # whatever was not foreseen is no reason to pass
        what = f"{type(error).__name__}: {shown(str(error))}"
        return Verdict([(1, f"it cannot be checked ({what})")])


def _verified(
    dump: bytes, seeds: Mapping[str, bytes], manifest: bytes | None, name: str
) -> Verdict:
    verdict = Verdict()
    if manifest is not None:
        verdict.failures += _manifest_problems(dump, manifest, name)
    quads = read_dump(dump)
    claims = Claims(quads, seeds)
    verdict.failures += claims.failures
    if verdict.failures:
        return verdict  # what else would be told follows from this
    due = Due(claims)
    verdict.failures += _hash_problems(claims, due)
    verdict.failures += _differences(quads, claims, due)
    for span in claims.spans.values():
        if span and (wrong := span.problem()):
            line = claims.nodes[span.iri].line if span.iri in claims.nodes else 1
            verdict.failures.append((line, f"{name_of(span.iri)}: {wrong}"))
    values = Values(claims, due)
    for claim in claims.claims.values():
        if wrong := values.problem(claim):
            verdict.failures.append((claim.line, f"{name_of(claim.iri)}: {wrong}"))
    for fact in claims.facts.values():
        if wrong := values.fact_problem(fact):
            verdict.failures.append((fact.line, f"{name_of(fact.iri)}: {wrong}"))
    verdict.failures.sort()
    verdict.counts = _counts(claims)
    return verdict


def _manifest_problems(dump: bytes, manifest: bytes, name: str) -> Iterator[tuple[int, str]]:
    """Yield why a list of checksums does not vouch for a dump, under whatever name it lists it."""
    digests: set[str] = set()
    for line in manifest.decode("utf-8", "replace").removesuffix("\n").split("\n"):
        match = re.fullmatch(r"([0-9a-f]{64}) [ *][^\0]+", line)
        if not match:
            yield 1, f"the manifest has what is no line of a list of checksums: {shown(line)}"
            return
        digests.add(match[1])
    found = hashlib.sha256(dump).hexdigest()
    if found not in digests:
        yield 1, f"{shown(name)} is not what was published: no checksum in the list is {found}"


def _hash_problems(claims: Claims, due: Due) -> Iterator[tuple[int, str]]:
    for claim in claims.claims.values():
        found = due.hash(claim)
        if not claim.iri.endswith(f"/{found}"):
            yield claim.line, f"{name_of(claim.iri)} says what has the hash {found}"


def _differences(quads: Mapping[Quad, int], claims: Claims, due: Due) -> Iterator[tuple[int, str]]:
    """Yield how the dump differs from what follows from its claims."""
    graphs = bool(next(iter(quads)).graph)
    expected = due.quads(graphs)
    missing: dict[Quad, list[Term]] = {}
    for quad in expected - quads.keys():
        missing.setdefault(quad._replace(object=""), []).append(quad.object)
    for quad, line in quads.items():
        if quad in expected:
            continue
        told = f"{name_of(quad.subject)} · {name_of(quad.predicate)} · {name_of(quad.object)}"
        if instead := missing.get(quad._replace(object="")):
            yield line, f"{told}: it should be {name_of(instead.pop())}"
        else:
            yield line, f"{told}: nothing accounts for this triple"
    for quad, values in missing.items():
        line = claims.nodes[quad.subject].line if quad.subject in claims.nodes else 1
        where = f" in the graph of {name_of(quad.graph)}" if graphs else ""
        for value in values:
            told = f"{name_of(quad.subject)} lacks {name_of(quad.predicate)} {name_of(value)}"
            yield line, told + where


def _counts(claims: Claims) -> dict[str, str]:
    found = claims.claims.values()
    asserted = {claim.triple for claim in found if claim.asserted}
    recorded = sum(not claim.asserted for claim in found)
    origins, rules = Counter(c.origin.lower() for c in found), Counter(c.rule for c in found)
    own = Counter(
        name_of(claim.triple[1])
        for claim in found
        if claim.origin == "Structural" and isinstance(claim.triple[2], Literal)
    )
    own["kg:doubt"] += sum(bool(claim.doubt) for claim in found)
    listed = ", ".join(f"{n:,} {word}" for word, n in sorted(own.items()) if n)
    return {
        "articles": f"{len({s.article.name for c in found for s in c.spans}):,}",
        "facts": f"{len(claims.facts):,}",
        "claims": f"{len(found):,}, of them {recorded:,} recorded without being asserted",
        "triples": f"{len(asserted):,} asserted",
        "values": ", ".join(f"{origins[origin.lower()]:,} {origin.lower()}" for origin in ORIGINS),
        "rules": ", ".join(f"{n:,} {rule}" for rule, n in sorted(rules.items()) if rule) or "none",
        "conflicts": f"{len(claims.conflicts):,}",
        "curator": f"{sum(own.values()):,} in words of no article: {listed}",
    }


def read_file(path: str) -> bytes:
    """Return the bytes of a regular file. Raises `DumpError`."""
    try:
        # Opening a pipe would wait for ever, and a device may have no end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as stream:  # noqa: PTH123
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise DumpError("it is no regular file")
            return stream.read()
    except (OSError, ValueError) as error:
        raise DumpError(f"it cannot be read: {getattr(error, 'strerror', error)}") from None


def read_seeds(path: str) -> dict[str, bytes]:
    """Return the articles of a folder by file name. Raises `DumpError`."""
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith(".txt"))  # noqa: PTH208
    except (OSError, ValueError) as error:
        raise DumpError(f"it cannot be read: {getattr(error, 'strerror', error)}") from None
    if not names:
        raise DumpError("it holds no article, no file NAME.txt")
    found: dict[str, bytes] = {}
    for name in names:
        try:
            found[name] = read_file(os.path.join(path, name))  # noqa: PTH118
        except DumpError as error:
            raise DumpError(f"{shown(name)}: {error}") from None
    return found


def run(dump: str, seeds: str, manifest: str | None = None) -> int:
    """Check files, print failures and the verdict; return the exit code."""
    path = dump
    try:
        data = read_file(path)
        path = seeds
        articles = read_seeds(path)
        path = manifest or ""
        checksums = read_file(path) if manifest else None
    except DumpError as error:
        print(f"{shown(path, 500)}:1: {error}", file=sys.stderr)
        print(f"{shown(dump, 500)} was not checked", file=sys.stderr)
        return 1
    verdict = verify(data, articles, checksums, dump)
    failures = verdict.failures
    for line, message in failures[:SHOWN]:
        print(f"{shown(dump, 500)}:{line}: {message}", file=sys.stderr)
    if failures:
        more = f"; the first {SHOWN} are shown" if len(failures) > SHOWN else ""
        count = f"{len(failures):,} failure{'s' * (len(failures) > 1)}{more}"
        print(f"{shown(dump, 500)} does not hold: {count}", file=sys.stderr)
        return 1
    print(f"{shown(dump, 500)} holds: all of it follows from the articles and the claims")
    for word, count in verdict.counts.items():
        print(f"  {word:<10}{count}")
    return 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Check a published dump against its articles."
    )
    parser.add_argument("dump", help="kg.nq, kg.nt or kg.jsonld, under any name")
    parser.add_argument("seeds", help="the folder of the articles, NAME.txt")
    parser.add_argument("--manifest", help="SHA256SUMS as it was published, got from elsewhere")
    given = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return run(given.dump, given.seeds, given.manifest)


if __name__ == "__main__":
    sys.exit(main())
