"""The terms that the published ontology describes, and which page each of them is on.

A namespace has a page: below the base IRI where a static host looks for it (``{base}ns#Founder`` is
on the page ``ns``), else ``ontology/PREFIX``. Terms of namespaces that no prefix names share one.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.published import Published
from kg.asking.turtles import Turtles
from kg.exporters.prefixes import Prefixes
from kg.iris import MINTED
from kg.vocab import KG, OWL, RDF, RDFS, Namespace

OVERVIEW = "ontology"
"""The path of the page that lists all terms."""

SHAPES = "shapes"
"""The path of the page of the shapes."""

RESERVED = {
    *(OVERVIEW, SHAPES, "index", "sparql", "terms", "search"),
    *("conflicts", "statements", "awards", "timeline", "figures"),
}
"""The paths of pages of no namespace, whatever a dataset calls its own."""

_FILES = {*MINTED, "assets", "data", "queries"}
_FREE = re.compile(r"([\w-][\w.-]*)(?:/[\w-][\w.-]*)*")
_OTHER = "other-terms"
_VANN = Namespace("vann", "http://purl.org/vocab/vann/")

CLASSES, PROPERTIES, NOTES, CONCEPTS, OTHERS = (
    *("Classes", "Properties", "Annotation properties", "Concepts", "Other terms"),
)
"""The sorts of terms, as pages list them."""

SORTS = {
    RDFS.Class: CLASSES,
    OWL.Class: CLASSES,
    RDFS.Datatype: CLASSES,
    RDF.Property: PROPERTIES,
    OWL.ObjectProperty: PROPERTIES,
    OWL.DatatypeProperty: PROPERTIES,
    OWL.AnnotationProperty: NOTES,
}
"""What declares a term to be of a sort; the first that holds counts."""

_ABOUT_CLASSES = (RDFS.subClassOf, OWL.equivalentClass, OWL.disjointWith)
_ABOUT_PROPERTIES = (RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.inverseOf)


class Place(NamedTuple):
    """Where a term is shown: the path of a page, and the element on it."""

    path: str
    fragment: str


class Terms:
    """The terms of one dataset. Raises `QueryError` where an ontology file is no Turtle."""

    def __init__(self, published: Published) -> None:
        """Take the dataset."""
        self._published = published
        self.turtles = Turtles(published.out / "ontology")

    @cached_property
    def vocabularies(self) -> list[ox.NamedNode]:
        """The ontologies that the files say they are, those of the most terms first."""
        found = self.turtles.having(RDF.type, OWL.Ontology)
        named = [node for node in found if isinstance(node, ox.NamedNode)]
        return sorted(named, key=lambda n: -len(self.turtles.having(RDFS.isDefinedBy, n)))

    @cached_property
    def iris(self) -> list[ox.NamedNode]:
        """All terms, in the order of their IRIs."""
        about = {node for node in self.turtles.subjects if isinstance(node, ox.NamedNode)}
        return sorted(about - set(self.vocabularies), key=lambda term: term.value)

    @cached_property
    def all(self) -> dict[ox.NamedNode, str]:
        """All terms, each with its sort: the dump is asked about one that has no type."""
        return {term: self._sort(term) for term in self.iris}

    def label(self, term: ox.NamedNode) -> ox.Literal | None:
        """Return what the ontology calls a term: in English if it does, else in any language."""
        found = [v for v in self.turtles.values(term, RDFS.label) if isinstance(v, ox.Literal)]
        return min(found, key=lambda v: (v.language not in (None, "en"), str(v)), default=None)

    def _sort(self, term: ox.NamedNode) -> str:
        types = self.turtles.values(term, RDF.type)
        for type_, sort in SORTS.items():
            if type_ in types:
                return sort
        if types:
            return CONCEPTS
        if self._holds(term, *_ABOUT_CLASSES) or self._used(RDF.type, term):
            return CLASSES
        if self._holds(term, *_ABOUT_PROPERTIES) or self._used(term, None):
            return PROPERTIES
        return OTHERS

    def _holds(self, term: ox.NamedNode, *predicates: ox.NamedNode) -> bool:
        return any(self.turtles.values(term, predicate) for predicate in predicates)

    def _used(self, predicate: ox.NamedNode, value: ox.NamedNode | None) -> bool:
        store, graph = self._published.store, ox.DefaultGraph()
        found = store.quads_for_pattern(None, predicate, value, graph)
        return next(found, None) is not None

    @cached_property
    def namespaces(self) -> dict[str, list[ox.NamedNode]]:
        """The terms of each page by its path: the dataset's own first, then ours, then others."""
        base, found = self._published.base, dict[str, list[ox.NamedNode]]()
        for term in self.iris:
            found.setdefault(self._path(namespace(term)), []).append(term)
        own = {self._path(space) for space in self._declared}

        def order(path: str) -> tuple[int, int, str]:
            below = any(namespace(term).startswith(base) for term in found[path])
            ours = path == self._path(KG.IRI)
            rank = 0 if below else 1 if path in own and not ours else 2 if ours else 3
            return rank, -len(found[path]), path

        return {path: found[path] for path in sorted(found, key=order)}

    @cached_property
    def _declared(self) -> set[str]:
        """The namespaces whose vocabularies the files are."""
        found = set()
        for vocabulary in self.vocabularies:
            said = self.turtles.values(vocabulary, _VANN.preferredNamespaceUri)
            found |= {value.value for value in said if isinstance(value, ox.Literal | ox.NamedNode)}
            found |= {vocabulary.value + "#", vocabulary.value + "/", vocabulary.value}
        return found

    def described_by(self, path: str) -> list[ox.NamedNode]:
        """Return the vocabularies that describe terms of a page as their own."""
        terms = self.namespaces[path]
        defined = {value for term in terms for value in self.turtles.values(term, RDFS.isDefinedBy)}
        spaces = {namespace(term) for term in terms}
        return [
            vocabulary
            for vocabulary in self.vocabularies
            if vocabulary in defined
            or {vocabulary.value, vocabulary.value + "#", vocabulary.value + "/"} & spaces
        ]

    def _path(self, space: str) -> str:
        return self._paths.get(space, f"{OVERVIEW}/{_OTHER}")

    @cached_property
    def _paths(self) -> dict[str, str]:
        base = self._published.base
        prefixes = Prefixes(self._published.vocabulary.prefixes).namespaces
        found = {iri: f"{OVERVIEW}/{prefix}" for prefix, iri in prefixes.items()}
        for space in set(map(namespace, self.iris)):
            path = space.removeprefix(base)
            if path != space and path.endswith("#") and _is_free(path[:-1]):
                found[space] = path[:-1]
        return found

    @cached_property
    def places(self) -> dict[ox.NamedNode, Place]:
        """The page of each term, and its element there: its local name, or else its IRI."""
        found = {}
        for path, terms in self.namespaces.items():
            for term, name in named(terms).items():
                found[term] = Place(path, name)
        return found

    def at(self, path: str) -> ox.NamedNode | None:
        """Return the term whose IRI is a path below the base IRI, such as ``ns/Founder``."""
        try:
            term = ox.NamedNode(self._published.base + path)
        except ValueError:
            return None
        return term if term in self.all else None

    @cached_property
    def paths(self) -> list[str]:
        """The paths of all pages of terms: of namespaces, and of terms at their own IRIs."""
        base = self._published.base
        below = (t.value.removeprefix(base) for t in self.iris if t.value.startswith(base))
        own = [path for path in below if "#" not in path and _is_free(path)]
        return [*self.namespaces, *sorted(set(own) - set(self.namespaces))]


def named(terms: list[ox.NamedNode]) -> dict[ox.NamedNode, str]:
    """Return a name for each of some terms: the local one where no other has it, else the IRI."""
    held = Counter(map(_local, terms))
    return {t: name if (name := _local(t)) and held[name] == 1 else t.value for t in terms}


def _is_free(path: str) -> bool:
    """Whether a path may be that of a page of terms."""
    found = _FREE.fullmatch(path)
    return found is not None and found[1] not in _FILES and path not in RESERVED


def _cut(term: ox.NamedNode) -> int:
    return max(term.value.rfind("/"), term.value.rfind("#")) + 1


def namespace(term: ox.NamedNode) -> str:
    """Return the IRI of a term but for its local name, what stands behind the last # or /."""
    return term.value[: _cut(term)]


def _local(term: ox.NamedNode) -> str:
    return term.value[_cut(term) :]
