"""What search finds: folders of names and texts, and the index read as the script reads it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.links import address
from kg.search.folding import fold, is_unspaced, words
from kg.search.rows import KEY, Row
from kg.search.volumes import name as file_name
from kg.vocab import DCAT, KG, ORG, RDF, RDFS, SCHEMA, VOID

BASE = "https://example.org/d/"


class Thing(NamedTuple):
    """What is published of a thing."""

    path: str
    labels: list[ox.Literal]
    others: Sequence[str] = ()
    texts: Sequence[str] = ()
    type: ox.NamedNode = ORG.Organization


def publish(root: Path, things: Iterable[Thing]) -> Path:
    """Write the files of a published folder that search reads."""
    data = root / "data"
    data.mkdir(parents=True)
    (root / "ontology").mkdir()
    ontology = "".join(
        f"<{type_.value}> <{RDFS.label.value}> {label} .\n"
        for type_, label in ((ORG.Organization, '"organisation"'), (KG.Statement, '"statement"'))
    )
    (root / "ontology/terms.ttl").write_text(ontology, "utf-8")
    head = f'<{BASE}> a <{DCAT.Dataset.value}> ; <{VOID.uriSpace.value}> "{BASE}" .\n'
    (data / "dcat.ttl").write_text(head, "utf-8")
    for name in ("kg.ttl", "kg.nq"):
        (data / name).write_text("", "utf-8")
    with (data / "graph.ttl").open("w", encoding="utf-8", newline="\n") as graph:
        for thing in things:
            said = [(RDF.type, thing.type), *((RDFS.label, label) for label in thing.labels)]
            said += [(SCHEMA.alternateName, ox.Literal(other)) for other in thing.others]
            said += [(SCHEMA.text, ox.Literal(text)) for text in thing.texts]
            for predicate, value in said:
                graph.write(f"{ox.NamedNode(BASE + thing.path)} {predicate} {value} .\n")
    return root


SYLLABLES = [a + b for a in ("sh", "tr", *"bdfgklmnprstvz") for b in "aeiou"]
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 1_500)]


def many(count: int, seed: int = 0, said: float = 0.3) -> Iterable[Thing]:
    """Yield so many things: organisations with names in two scripts, and what they said.

    Words are as frequent as in real texts: the n-th word as 1/n (Zipf).
    """
    draw = random.Random(seed)
    lexicon = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(20_000)]
    likely = list(accumulate(1 / number for number in range(1, len(lexicon) + 1)))
    often = list(accumulate(1 / number for number in range(1, len(HAN) + 1)))

    def some(least: int, most: int) -> str:
        return " ".join(draw.choices(lexicon, cum_weights=likely, k=draw.randint(least, most)))

    for number in range(count):
        title = some(1, 4).title()
        if draw.random() < said:
            text = some(8, 40)
            label = ox.Literal(f"{title}: {text[:60]} …")
            yield Thing(f"id/n{number:06}", [label], texts=[text], type=KG.Statement)
        else:
            chinese = "".join(draw.choices(HAN, cum_weights=often, k=draw.randint(2, 8)))
            others = [chinese, *([some(1, 2)] if draw.random() < 0.2 else [])]
            yield Thing(f"id/n{number:06}", [ox.Literal(title, language="en")], others)


@lru_cache(1 << 16)
def _words(text: str) -> list[str]:
    return words(fold(text))


class Hit(NamedTuple):
    """A hit: the order of these is that of hits."""

    rank: int
    length: int
    called: str
    href: str
    more: str
    name: str
    type: str


def sought(rows: Iterable[Row], query: str) -> list[Hit]:
    """Return what a look through all rows finds: one hit of an address."""
    typed = _words(query)
    found = ((row, fit(row.kind, row.name, row.text, typed)) for row in rows if typed)
    hits: dict[str, Hit] = {}
    for hit in sorted(_hit(row, rank) for row, rank in found if rank is not None):
        hits.setdefault(hit.href, hit)
    return list(hits.values())


def _hit(row: Row, rank: int) -> Hit:
    called = " ".join(_words(row.text if row.kind == "alias" else row.name))
    return Hit(rank, len(called), called, row.href, row.text, row.name, row.type)


class Found(NamedTuple):
    """What is found."""

    hits: list[Hit]
    more: bool


class Index:
    """Reads an index, file by file, and remembers which."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.read: dict[str, int] = {}

    def file(self, name: str):
        data = (self.home / name).read_bytes()
        self.read[name] = len(data)
        return json.loads(data)

    def name(self, word: str) -> str:
        volumes, key = self.file("volumes.json"), word[:KEY]
        if any(len(begin) > len(key) and begin.startswith(key) for begin in volumes):
            return file_name("best", key) + ".json"
        return file_name("from", max(begin for begin in volumes if begin <= key)) + ".json"

    def find(self, query: str) -> Found:
        typed = list(dict.fromkeys(_words(query[:200])))[:8]
        if not typed:
            return Found([], False)
        files = {word: self.file(self.name(word)) for word in typed}
        hits: dict[str, Hit] = {}
        for hit in sorted(hit for file in files.values() for hit in _hits(file, typed)):
            hits.setdefault(hit.href, hit)
        whole = any(
            not any(cut.startswith(word[:KEY]) for cut in file["cut"])
            for word, file in files.items()
        )
        return Found(list(hits.values()), not whole)


def _hits(file, typed: list[str]) -> Iterable[Hit]:
    for kind in ("name", "alias", "text"):
        for called, type_, href, *more in file[kind]:
            row = Row(kind, called, file["types"][type_], href, "".join(more))
            rank = fit(kind, called, row.text, typed)
            if rank is not None:
                yield _hit(row, rank)


def fit(kind: str, name: str, more: str, typed: list[str]) -> int | None:
    """Return how well a row fits words, 0 being best; None where it does not."""
    own = _words(more if kind == "alias" else name)
    everything = [*_words(name), *_words(more)]
    if not all(begins(everything, word) for word in typed):
        return None
    if kind == "text":
        return 4
    phrase, called = " ".join(typed), " ".join(own)
    if called.startswith(phrase):
        return 0 if called == phrase else 1
    return 2 if all(begins(own, word) for word in typed) else 3


def begins(some: list[str], typed: str) -> bool:
    """Whether one of some words begins so; of scripts without spaces: has it."""
    return any(typed in word if is_unspaced(word) else word.startswith(typed) for word in some)


def href(path: str) -> str:
    """Return the address of the page of a path."""
    return f"{address(path)}.html"
