"""A seeded dataset of 100,000 triples, as a published folder, and the answers that it gives.

The dumps are written directly: fact files of that size would take minutes to build, and a server
sees the dumps alone.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

BASE = "https://example.org/load/"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
XSD = "http://www.w3.org/2001/XMLSchema#"
SCHEMA = "https://schema.org/"
ARTICLES = 100
WORDS = [
    "award",
    "quality",
    "gear",
    "brass",
    "valve",
    "north",
    "river",
    "tower",
    "engine",
    "copper",
    "signal",
    "harbour",
]

DESCRIPTION = f"""\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .
<{BASE}> a dcat:Dataset ; rdfs:label "Load"@en ; dcterms:title "Load"@en ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    void:uriSpace "{BASE}" .
"""


class Term(NamedTuple):
    """A value as results in JSON have it, as far as it is to be compared."""

    type: str
    value: str
    language: str = ""
    datatype: str = ""

    def __str__(self) -> str:
        if self.type == "uri":
            return f"<{self.value}>"
        tail = f"@{self.language}" if self.language else ""
        return f'"{self.value}"{tail}' + (f"^^<{self.datatype}>" if self.datatype else "")


Rows = frozenset[tuple[str, Term]]
"""What is said of an entity: predicate and object."""


class Data:
    """So many entities with five triples each, which are the rows of a point query."""

    ROWS = 5
    START = f"{BASE}id/company-"
    """What the IRIs of all entities begin with; the number follows."""

    def __init__(self, entities: int = 20_000, seed: int = 4) -> None:
        self.size = entities
        self.seed = seed

    def iri(self, number: int) -> str:
        return f"{self.START}{number:05}"

    @cached_property
    def entities(self) -> list[Rows]:
        """The rows of each entity; ``schema:knows`` leads from each to the next, for paths."""
        draw = random.Random(self.seed)
        return [
            frozenset(
                [
                    (RDF_TYPE, Term("uri", f"{SCHEMA}Organization")),
                    (RDFS_LABEL, Term("literal", f"Company {number}", "en")),
                    (SCHEMA + "knows", Term("uri", self.iri((number + 1) % self.size))),
                    *draw.sample(list(self._others(number, draw)), 2),
                ]
            )
            for number in range(self.size)
        ]

    def _others(self, number: int, draw: random.Random) -> Iterator[tuple[str, Term]]:
        text = " ".join(draw.choices(WORDS, k=12))
        yield SCHEMA + "description", Term("literal", f"{text} of company {number}", "en")
        year = str(draw.randint(1850, 2020))
        yield SCHEMA + "foundingDate", Term("literal", year, "", XSD + "gYear")
        size = str(draw.randint(1, 90_000))
        yield SCHEMA + "numberOfEmployees", Term("literal", size, "", XSD + "integer")
        other = self.iri(draw.randrange(self.size))
        yield SCHEMA + "parentOrganization", Term("uri", other)

    @property
    def triples(self) -> int:
        return sum(map(len, self.entities))

    def publish(self, out: Path, ontology: Path) -> None:
        """Write the published folder: the default graph, the articles' graphs, the description."""
        shutil.rmtree(out, ignore_errors=True)
        for name in ("data", "queries", "shapes"):
            (out / name).mkdir(parents=True)
        shutil.copytree(ontology, out / "ontology", ignore=shutil.ignore_patterns("dataset.ttl"))
        turtle, quads = [], []
        for number, rows in enumerate(self.entities):
            graph = f"<{BASE}article/{number % ARTICLES:03}>"
            for predicate, value in sorted(rows):
                triple = f"<{self.iri(number)}> <{predicate}> {value}"
                turtle.append(f"{triple} .\n")
                quads.append(f"{triple} {graph} .\n")
        files = {"kg.ttl": "".join(turtle), "kg.nq": "".join(quads), "dcat.ttl": DESCRIPTION}
        sums = ""
        for name in sorted(files):
            content = files[name].encode()
            (out / "data" / name).write_bytes(content)
            sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        (out / "data" / "SHA256SUMS").write_text(sums, "utf-8")


def rows_of(body: bytes, predicate: str, value: str) -> Rows:
    """Return the rows of an answer in JSON, by the names of the two variables."""
    return frozenset(
        (row[predicate]["value"], _term(row[value]))
        for row in json.loads(body)["results"]["bindings"]
    )


def _term(found: dict[str, str]) -> Term:
    datatype = found.get("datatype", "")
    plain = datatype == XSD + "string" or "xml:lang" in found
    return Term(found["type"], found["value"], found.get("xml:lang", ""), "" if plain else datatype)
