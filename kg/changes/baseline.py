"""What was published before, as far as articles have changed since: their passages and facts.

It is read from the N-Quads dump, of which most is about other articles: bytes are looked for in
large blocks, and only lines that have them are looked at one by one. Whether anything has changed
is seen from the checksums alone, so that a check of unchanged articles costs one look through the
file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kg.changes.anchors import Anchor
from kg.iris import Iris, segment
from kg.model import Article
from kg.vocab import KG, OA, PROV, SPDX

MAX_LINE = 16 << 20
"""How long a line of the dump may be, in bytes; no quote comes near it."""
BLOCK = 4 << 20
"""How much of the dump is looked through at once, in bytes; less than a line may be long."""

_FEW = 16
"""Of how many files lines are found by name; more cost more than all lines about files do."""
_REACH = 8192
"""More than a line with a checksum holds."""
_SUM = f"/checksum> {SPDX.checksumValue} ".encode()
_SUM_LINE = re.compile(rb"<([^<>\s]+)\Z")
_HEX = re.compile(rb'"([0-9a-f]{64})"')
_QUOTE_SELECTOR = re.compile(r"(.+)#char=(\d{1,15}),\d+&selector=quote")


class BaselineError(Exception):
    """The published dump cannot be read; the message says why."""


@dataclass
class PublishedFact:
    """A fact as it was published: what it is about, and the passages that it rests on."""

    kind: str = ""
    about: str = ""
    anchors: set[tuple[str, Anchor]] = field(default_factory=set)
    """Of changed articles only, with the name of the article."""


@dataclass
class Baseline:
    """What was published of articles that have changed since."""

    anchors: dict[str, set[Anchor]] = field(default_factory=dict)
    """The passages of each changed article, by its name."""
    facts: dict[str, PublishedFact] = field(default_factory=dict)
    """All facts, by their IRI."""


def read_baseline(dump: Path, iris: Iris, articles: Mapping[str, Article]) -> Baseline:
    """Return what a dump says of the articles whose bytes it has otherwise; of no others.

    Where there is no dump, nothing was published. Raises `BaselineError` when it cannot be read.
    """
    try:
        if not dump.is_file():
            return Baseline()
        files = _changed(dump, iris, articles)
        return _read(dump, iris, files) if files else Baseline()
    except OSError as error:
        raise BaselineError(error.strerror or str(error)) from error
    except (SyntaxError, ValueError, MemoryError) as error:
        raise BaselineError(" ".join(str(error).split())) from error


def _changed(dump: Path, iris: Iris, articles: Mapping[str, Article]) -> dict[str, str]:
    """Return the IRIs of published files whose bytes are no more those of their article's name."""
    homes = {f"{iris.base}file/{segment(name)}": article for name, article in articles.items()}
    changed: dict[str, str] = {}
    for file, sha256 in _checksums(dump):
        article = homes.get(file.rpartition("/")[0])
        if article is not None and sha256 != article.sha256:
            changed[file] = article.name
    return changed


def _checksums(dump: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of a dump by their IRIs, with their SHA-256; one may come twice."""
    with dump.open("rb") as stream:
        kept = b""
        while block := stream.read(BLOCK):
            data = kept + block
            at = data.find(_SUM)
            while at >= 0:
                subject = _SUM_LINE.search(data[max(at - _REACH // 2, 0) : at])
                value = _HEX.match(data, at + len(_SUM))
                if subject and value:
                    yield subject[1].decode(), value[1].decode()
                at = data.find(_SUM, at + 1)
            kept = data[-_REACH:]


def _read(dump: Path, iris: Iris, files: Mapping[str, str]) -> Baseline:
    baseline = Baseline({name: set() for name in files.values()})
    home = f"<{iris.base}file/".encode()
    wanted = {f"<{file}".encode() for file in files}
    derived = f" {PROV.wasDerivedFrom} ".encode()

    def of_files(line: bytes) -> bool:
        at = 0 if line.startswith(home) else line.find(derived) + len(derived)
        if at and not (at >= len(derived) and line.startswith(home, at)):
            return False
        return line[at : line.find(b"#char=", at)] in wanted

    parts: dict[str, dict[NamedNode, str]] = {}
    claims: dict[str, set[str]] = {}
    for quad in _quads(dump, wanted if len(wanted) <= _FEW else {home}, of_files):
        subject, value = _iri(quad.subject), quad.object
        if quad.predicate == PROV.wasDerivedFrom:
            claims.setdefault(subject, set()).add(_iri(value))
        elif isinstance(value, Literal):
            parts.setdefault(subject, {})[quad.predicate] = value.value
    spans: dict[str, tuple[str, Anchor]] = {}
    for selector, texts in parts.items():
        match = _QUOTE_SELECTOR.fullmatch(selector)
        if match and match[1] in files and texts.keys() >= {OA.exact, OA.prefix, OA.suffix}:
            quote, context = texts[OA.exact], (texts[OA.prefix], texts[OA.suffix])
            if quote:
                found = files[match[1]], Anchor(int(match[2]), quote, *context)
                spans[selector.removesuffix("&selector=quote")] = found
                baseline.anchors[found[0]].add(found[1])
    _read_facts(dump, iris, baseline, claims, spans)
    return baseline


def _read_facts(
    dump: Path,
    iris: Iris,
    baseline: Baseline,
    claims: Mapping[str, set[str]],
    spans: Mapping[str, tuple[str, Anchor]],
) -> None:
    """Note the facts to which claims belong, and their passages."""
    fact, kind, about = (f" {of} ".encode() for of in (KG.fact, KG.kind, KG.factAbout))
    homes = tuple(f"<{iris.base}{name}/".encode() for name in ("claim", "fact"))
    known = {f"<{claim}>".encode() for claim in claims}

    def of_facts(line: bytes) -> bool:
        if not line.startswith(homes):
            return False
        claim = line[: line.find(b" ")]
        # Most lines tell the facts of other claims. What is cut off or has an escape is parsed.
        other = line.startswith(fact, len(claim)) and line.endswith(b"\n")
        return not other or claim in known or b"\\" in claim

    told: dict[str, PublishedFact] = {}
    for quad in _quads(dump, (fact, kind, about), of_facts):
        subject = _iri(quad.subject)
        if quad.predicate == KG.fact:
            found = {spans[span] for span in claims.get(subject, ()) if span in spans}
            if found:
                told.setdefault(_iri(quad.object), PublishedFact()).anchors |= found
        elif quad.predicate == KG.kind and isinstance(quad.object, Literal):
            told.setdefault(subject, PublishedFact()).kind = quad.object.value
        elif quad.predicate == KG.factAbout:
            told.setdefault(subject, PublishedFact()).about = _iri(quad.object)
    baseline.facts = told


def _quads(
    dump: Path, needles: Collection[bytes], wanted: Callable[[bytes], bool]
) -> Iterable[Quad]:
    """Return the quads of the lines that are wanted, each of which has one of the needles."""
    lines = list(filter(wanted, lines_with(dump, needles)))
    return parse(b"".join(lines), RdfFormat.N_QUADS)


def lines_with(dump: Path, needles: Collection[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file that have one of the needles in them, each once and in order.

    Raises `ValueError` when a line, with its end, is as long as `MAX_LINE`.
    """
    with dump.open("rb") as stream:
        while data := stream.read(BLOCK):
            data += stream.readline(MAX_LINE)
            # The last line alone may be longer than a block.
            if len(data) - (data.rfind(b"\n", 0, -1) + 1) >= MAX_LINE:
                raise ValueError(f"a line of more than {MAX_LINE >> 20} MiB")
            ends: dict[int, int] = {}
            for needle in needles:
                at = data.find(needle)
                while at >= 0:
                    end = data.find(b"\n", at) + 1 or len(data)
                    ends[data.rfind(b"\n", 0, at) + 1] = end
                    at = data.find(needle, end)
            for start in sorted(ends):
                yield data[start : ends[start]]


def _iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""
