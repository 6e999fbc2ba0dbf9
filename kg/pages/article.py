"""The page of an article, or of one file that was read of it: its text, and what it says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.nodes import MANY
from kg.links import anchor
from kg.pages.furniture import HOME
from kg.pages.made import Made
from kg.pages.marking import lights
from kg.pages.metadata import metadata
from kg.pages.node import incoming
from kg.pages.parted import Kind, Parts, why_id
from kg.pages.rows import Rows
from kg.pages.texts import Sentence, Text
from kg.pages.told import Told, place, told
from kg.vocab import KG, RDFS, SCHEMA

SCRIPT = HOME + "article.js"
"""What brings into sight, in one column, what is pointed at in the other."""

_HEAD = (
    *(SCHEMA.author, SCHEMA.publisher, SCHEMA.datePublished, SCHEMA.dateModified),
    *(SCHEMA.inLanguage, SCHEMA.url),
)
"""What the page of an article begins with."""

_TAG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""What may be a language tag (RFC 5646)."""

_LONGEST = 240
"""How much of a sentence that is behind no fact is repeated beside the text."""


class Passed(NamedTuple):
    """A sentence that is behind no fact, as it is told beside the text."""

    id: str
    passage: str
    words: str
    reason: str


def page(
    rows: Rows,
    article: ox.NamedNode,
    file: ox.NamedNode,
    files: list[ox.NamedNode],
    sentences: dict[str, list[Sentence]],
) -> Made:
    """Return the page of an article by one of its files; sentences are told by their path."""
    nodes, path = rows.nodes, rows.links.path
    where = nodes.text(file, KG.path)
    text = Text(nodes, file, sentences.get(where.value, []) if where else [])
    facts, count = told(text, rows)
    spans = {span for p in text.passages if (span := place(p)) is not None}
    uncovered = list(_passed(text, Kind.UNCOVERED))
    declared = list(_passed(text, Kind.DECLARED))
    classes = lights(spans)
    # Of what is quoted no sentence is whole.
    parted = [] if text.whole is None else text.sentences
    language = nodes.text(article, SCHEMA.inLanguage)
    described = nodes.text(article, SCHEMA.description)
    summary = described.value if described else (text.whole or "")
    values = {
        "iri": nodes.base + path,
        "metadata": metadata(nodes, article, "article", summary),
        "article": rows.term(article),
        "label": nodes.label(article),
        "language": language.value if language and _TAG.fullmatch(language.value) else "",
        "about": rows.facts(t for t in nodes.triples(article) if t.predicate in _HEAD),
        "technical": rows.facts(t for t in nodes.triples(file) if t.predicate != RDFS.label),
        "whole": text.whole is not None,
        "text_file": rows.links.to(text.published, ""),
        "fragments": text.fragments,
        "parts_of": Parts(spans, parted, classes, _ids(facts, uncovered, declared)).of,
        "anchor": anchor,
        "lights": classes,
        "facts": facts,
        "fact_count": count,
        "uncovered": uncovered,
        "declared": declared,
        "statuses": Counter(sentence.status for sentence in text.sentences),
        "others": [rows.term(f) for f in files if f != file],
        "many": MANY,
        **incoming(rows, article),
        "article_script": rows.links.to(SCRIPT, ""),
    }
    return Made("article.html", values)


def _passed(text: Text, kind: Kind) -> Iterator[Passed]:
    """Yield the first sentences of a kind, if their words are shown."""
    if text.whole is None:
        return
    found = {s.span: s for s in text.sentences if s.status == kind}
    for span, sentence in list(found.items())[:MANY]:
        words = text.whole[slice(*span)]
        cut = words if len(words) <= _LONGEST else words[:_LONGEST] + "…"
        yield Passed(why_id(sentence), anchor(*span), cut, sentence.reason)


def _ids(facts: list[Told], *passed: list[Passed]) -> set[str]:
    quoted = {quote.id for fact in facts for quote in fact.quotes}
    return quoted | {each.id for found in passed for each in found}
