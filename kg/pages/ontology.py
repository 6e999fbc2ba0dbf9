"""The pages of the ontology: all terms at a glance, and those of each namespace with examples."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.asking.terms import (
    CLASSES,
    CONCEPTS,
    NOTES,
    OTHERS,
    OVERVIEW,
    PROPERTIES,
    SHAPES,
    named,
    namespace,
)
from kg.pages.diagram import diagram
from kg.pages.made import Made
from kg.pages.rows import Rows, Shown
from kg.pages.telling import DEFINITIONS, Telling, is_iri, texts
from kg.vocab import DCTERMS, OWL, RDFS

SORTS = (CLASSES, PROPERTIES, CONCEPTS, NOTES, OTHERS)
"""In which order sorts of terms are listed."""

LARGE = 400
"""From how many terms on a page tells neither uses nor examples of them."""


@dataclass(frozen=True)
class Entry:
    """A term in the list of all."""

    fragment: str
    shown: Shown
    short: str
    definition: Shown | None


def overview(rows: Rows) -> Made | None:
    """Return the page of all terms, None where the ontology describes none."""
    terms = rows.nodes.terms
    if not terms.all:
        return None
    names = named(list(terms.all))
    groups = []
    for path, found in terms.namespaces.items():
        sorts = [
            (sort, _entries(rows, [t for t in found if terms.all[t] == sort], names))
            for sort in SORTS
        ]
        title = _title(rows, found)
        spaces = sorted(set(map(namespace, found)))
        listed = [(sort, entries) for sort, entries in sorts if entries]
        groups.append((title, spaces, rows.links.to(path), listed, len(found)))
    values = {
        "iri": rows.nodes.base + OVERVIEW,
        "vocabularies": [_vocabulary(rows, node) for node in terms.vocabularies],
        "groups": groups,
        "count": len(terms.all),
        "shapes": rows.links.to(SHAPES) if rows.nodes.shapes.subjects else None,
        "diagram": diagram(rows),
    }
    return Made("ontology.html", values, "The terms by which this dataset says what it says.")


def _entries(rows: Rows, terms: list[ox.NamedNode], names: dict[ox.NamedNode, str]) -> list[Entry]:
    found = []
    for term in terms:
        text = next(iter(texts(rows, term, DEFINITIONS)), None)
        found.append(Entry(names[term], rows.term(term), rows.short(term), text))
    return sorted(found, key=lambda entry: (entry.shown.text.casefold(), entry.short))


def page(rows: Rows, path: str) -> Made | None:
    """Return the page of a namespace, or of a term whose own IRI it is; None for any other path."""
    terms = rows.nodes.terms
    found = terms.namespaces.get(path)
    if found is not None:
        names = {term: terms.places[term].fragment for term in found}
        title, sources = _title(rows, found), terms.described_by(path)
    else:
        term = terms.at(path)
        if term is None or path not in terms.paths:
            return None
        found, names = [term], {term: "term"}
        title, sources = rows.term(term).text, []
    telling = Telling(rows, len(found) < LARGE)
    by_sort = {
        sort: [telling.told(term, names[term]) for term in found if terms.all[term] == sort]
        for sort in SORTS
    }
    sorts = [
        (sort, sorted(told, key=lambda t: (t.shown.text.casefold(), t.iri)))
        for sort, told in by_sort.items()
        if told
    ]
    values = {
        "iri": rows.nodes.base + path,
        "title": title,
        "single": found == [terms.at(path)],
        "spaces": sorted(set(map(namespace, found))),
        "sorts": sorts,
        "vocabularies": [_vocabulary(rows, node) for node in sources],
        "overview": rows.links.to(OVERVIEW),
        "whole": rows.links.node(found[0]) if found == [terms.at(path)] else None,
        "large": not telling.with_uses,
        "files": _files(rows, found),
    }
    return Made("terms.html", values)


def _title(rows: Rows, terms: list[ox.NamedNode]) -> str:
    """Return what a namespace is called: by its prefix, or by itself."""
    short = rows.short(terms[0])
    prefix, colon, _ = short.partition(":")
    if colon and not short.startswith(("http:", "https:", "urn:")):
        return prefix
    spaces = {namespace(term) for term in terms}
    return spaces.pop() if len(spaces) == 1 else "Terms without a prefix"


@dataclass(frozen=True)
class Vocabulary:
    """What a vocabulary says of itself."""

    name: Shown
    iri: str
    texts: list[Shown]
    version: str
    licences: list[Shown]
    files: list[tuple[str, str]]


def _vocabulary(rows: Rows, node: ox.NamedNode) -> Vocabulary:
    turtles = rows.nodes.terms.turtles
    names = texts(rows, node, (DCTERMS.title, RDFS.label))
    versions = turtles.values(node, OWL.versionInfo) or turtles.values(node, OWL.versionIRI)
    return Vocabulary(
        names[0] if names else Shown(rows.short(node)),
        node.value,
        texts(rows, node, (DCTERMS.description, RDFS.comment)),
        versions[0].value if versions else "",
        [rows.term(value) for value in turtles.values(node, DCTERMS.license) if is_iri(value)],
        _files(rows, [node]),
    )


def _files(rows: Rows, terms: list[ox.NamedNode]) -> list[tuple[str, str]]:
    names = sorted({name for term in terms for name in rows.nodes.terms.turtles.files(term)})
    return [(name, rows.links.to(f"{OVERVIEW}/{name}", "")) for name in names]
