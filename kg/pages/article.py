"""The page of an article, or of one file that was read of it: its text, and what it says."""

from __future__ import annotations

import re

import pyoxigraph as ox

from kg.pages.links import anchor
from kg.pages.made import Made
from kg.pages.metadata import metadata
from kg.pages.node import incoming
from kg.pages.rows import Rows
from kg.pages.texts import Sentence, Text, said_id
from kg.vocab import KG, RDFS, SCHEMA

_HEAD = (
    *(SCHEMA.author, SCHEMA.publisher, SCHEMA.datePublished, SCHEMA.dateModified),
    *(SCHEMA.inLanguage, SCHEMA.url),
)
"""What the page of an article begins with."""

_TAG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
"""What may be a language tag (RFC 5646)."""


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
    facts, count = text.facts(rows)
    about = [t for t in nodes.triples(article) if t.predicate in _HEAD]
    technical = [t for t in nodes.triples(file) if t.predicate != RDFS.label]
    language = nodes.text(article, SCHEMA.inLanguage)
    described = nodes.text(article, SCHEMA.description)
    summary = described.value if described else (text.text or "")
    values = {
        "iri": nodes.base + path,
        "metadata": metadata(nodes, article, "article", summary),
        "article": rows.term(article),
        "label": nodes.label(article),
        "language": language.value if language and _TAG.fullmatch(language.value) else "",
        "about": rows.facts(about),
        "technical": rows.facts(technical),
        "text": text.text,
        "text_file": rows.links.to(text.published, ""),
        "marked": text.marked() if text.text is not None else None,
        "anchor": anchor,
        "quotes": [(p, rows.quote(p)) for p in text.passages],
        "said_id": said_id,
        "facts": facts,
        "fact_count": count,
        "others": [rows.term(f) for f in files if f != file],
        "sentences": text.sentences,
        **incoming(rows, article),
    }
    return Made("article.html", values)
