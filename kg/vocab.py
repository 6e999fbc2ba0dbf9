"""Namespaces, and the terms that ontology files declare.

A namespace makes any IRI (``KG.Award``); whether a term exists is asked of the `Vocabulary`, which
is read from ``ontology/*.ttl`` when it is first needed. Every term that reaches a dump is declared
there, those of other vocabularies too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.model import Place, Problem


class Namespace:
    """A namespace whose attributes are IRIs: ``RDF.type``, or ``SCHEMA["name"]``."""

    def __init__(self, prefix: str, iri: str) -> None:
        """Name the namespace ``iri`` by ``prefix``."""
        self.PREFIX, self.IRI = prefix, iri  # upper case: no term of a vocabulary is

    def __getitem__(self, name: str) -> NamedNode:
        return NamedNode(self.IRI + name)

    def __getattr__(self, name: str) -> NamedNode:
        if name.startswith("__"):
            raise AttributeError(name)
        # An IRI is parsed when it is made: keep the object, so that mappers pay for it once.
        node = NamedNode(self.IRI + name)
        self.__dict__[name] = node
        return node


KG = Namespace("kg", "https://w3id.org/kgpress/ns#")
RDF = Namespace("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("rdfs", "http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("owl", "http://www.w3.org/2002/07/owl#")
XSD = Namespace("xsd", "http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("skos", "http://www.w3.org/2004/02/skos/core#")
SCHEMA = Namespace("schema", "https://schema.org/")
ORG = Namespace("org", "http://www.w3.org/ns/org#")
PROV = Namespace("prov", "http://www.w3.org/ns/prov#")
OA = Namespace("oa", "http://www.w3.org/ns/oa#")
DCTERMS = Namespace("dcterms", "http://purl.org/dc/terms/")
DCAT = Namespace("dcat", "http://www.w3.org/ns/dcat#")
VOID = Namespace("void", "http://rdfs.org/ns/void#")
SPDX = Namespace("spdx", "http://spdx.org/rdf/terms#")
FOAF = Namespace("foaf", "http://xmlns.com/foaf/0.1/")
EDTF = Namespace("edtf", "http://id.loc.gov/datatypes/edtf/")
SH = Namespace("sh", "http://www.w3.org/ns/shacl#")

NAMESPACES = (
    *(KG, RDF, RDFS, OWL, XSD, SKOS, SCHEMA, ORG, PROV),
    *(OA, DCTERMS, DCAT, VOID, SPDX, FOAF, EDTF, SH),
)
PREFIXES: Mapping[str, str] = {namespace.PREFIX: namespace.IRI for namespace in NAMESPACES}


@dataclass
class Vocabulary:
    """What a set of ontology files says of terms: labels, surface forms, kinds of concepts."""

    labels: dict[NamedNode, Literal] = field(default_factory=dict)
    """The English (or only) ``rdfs:label`` of every declared term."""
    definitions: dict[NamedNode, str] = field(default_factory=dict)
    """What terms mean, in English (``skos:definition``)."""
    forms: dict[NamedNode, tuple[Literal, ...]] = field(default_factory=dict)
    """The words by which a text may mean a concept (``skos:altLabel``)."""
    types: dict[NamedNode, set[NamedNode]] = field(default_factory=dict)
    notations: dict[NamedNode, str] = field(default_factory=dict)
    """What fact files write for a concept (``skos:notation``)."""
    superclasses: dict[NamedNode, set[NamedNode]] = field(default_factory=dict)
    superproperties: dict[NamedNode, set[NamedNode]] = field(default_factory=dict)
    single_valued: set[NamedNode] = field(default_factory=set)
    """Properties of which at most one value is right (``kg:singleValued``)."""
    keys: dict[NamedNode, tuple[NamedNode, ...]] = field(default_factory=dict)
    """The properties that together tell things of a class apart (``owl:hasKey``)."""
    prefixes: dict[str, str] = field(default_factory=lambda: dict(PREFIXES))
    """The namespaces of kgpress and the prefixes that the files declare."""

    def label(self, term: NamedNode) -> str | None:
        """Return what a term is called, or None for one that has no label."""
        literal = self.labels.get(term)
        return literal.value if literal is not None else None

    def below(self, property_: NamedNode) -> set[NamedNode]:
        """Return a property and all that ``rdfs:subPropertyOf`` puts below it."""
        found, new = set[NamedNode](), {property_}
        while new:
            found |= new
            new = {term for term, above in self.superproperties.items() if above & new} - found
        return found

    def concepts(self, scheme: NamedNode) -> Mapping[str, NamedNode]:
        """Return the concepts that are instances or subclasses of a class, by their notation.

        Asked once all files are read.
        """
        return self._concepts.get(scheme, {})

    @cached_property
    def _concepts(self) -> dict[NamedNode, dict[str, NamedNode]]:
        found: dict[NamedNode, dict[str, NamedNode]] = {}
        for term, notation in sorted(self.notations.items(), key=lambda item: item[1]):
            for scheme in self.types.get(term, set()) | self.superclasses.get(term, set()):
                found.setdefault(scheme, {})[notation] = term
        return found


def read_vocabulary(files: Iterable[tuple[str, Path]]) -> tuple[Vocabulary, list[Problem]]:
    """Read ontology files, given as (path to show, file), into one vocabulary.

    Broken Turtle and unreadable files come back as problems.
    """
    vocabulary, problems = Vocabulary(), []
    alternatives: dict[NamedNode, list[Literal]] = {}
    for shown, file in files:
        try:
            parser = parse(file.read_bytes(), RdfFormat.TURTLE)
            lists: dict[object, dict[NamedNode, object]] = {}
            for triple in parser:
                subject, value = triple.subject, triple.object
                if isinstance(subject, NamedNode):
                    _note(vocabulary, alternatives, subject, triple.predicate, value)
                if triple.predicate in (OWL.hasKey, RDF.first, RDF.rest):
                    lists.setdefault(subject, {})[triple.predicate] = value
            vocabulary.keys.update(_keys(lists))
            vocabulary.prefixes.update(parser.prefixes)
        except (SyntaxError, OSError, MemoryError) as error:
            problems.append(turtle_problem(shown, error))
    vocabulary.forms = {
        term: tuple(sorted(words, key=lambda word: word.value))
        for term, words in alternatives.items()
    }
    return vocabulary, problems


def _keys(
    lists: dict[object, dict[NamedNode, object]],
) -> Iterator[tuple[NamedNode, tuple[NamedNode, ...]]]:
    """Yield classes with the members of the list that is their ``owl:hasKey``."""
    for class_, found in lists.items():
        node, terms = found.get(OWL.hasKey), list[NamedNode]()
        for _ in lists:  # no list is longer than all of them; one that goes round comes to an end
            part = lists.get(node, {})
            if isinstance(first := part.get(RDF.first), NamedNode):
                terms.append(first)
            node = part.get(RDF.rest)
        if isinstance(class_, NamedNode) and terms:
            yield class_, tuple(terms)


def turtle_problem(shown: str, error: SyntaxError | OSError | MemoryError) -> Problem:
    """Return the problem of a Turtle file that cannot be read or parsed."""
    if isinstance(error, SyntaxError):
        place = Place(shown, error.lineno or 1, error.offset or 1)
        message = f"this is not Turtle: {error.msg}"
        return Problem(place, message, "mend the syntax here", check="rdf")
    # Oxigraph calls a term of more than 16 MiB a lack of memory.
    reason = getattr(error, "strerror", None) or str(error)
    return Problem(Place(shown), f"cannot be read: {reason}", "make it readable", check="rdf")


def _note(
    vocabulary: Vocabulary,
    alternatives: dict[NamedNode, list[Literal]],
    subject: NamedNode,
    predicate: NamedNode,
    value: object,
) -> None:
    if isinstance(value, Literal):
        if predicate == RDFS.label and (value.language in (None, "en")):
            vocabulary.labels[subject] = value
        elif predicate == SKOS.definition and (value.language in (None, "en")):
            vocabulary.definitions[subject] = value.value
        elif predicate == SKOS.altLabel:
            alternatives.setdefault(subject, []).append(value)
        elif predicate == SKOS.notation:
            vocabulary.notations[subject] = value.value
        elif predicate == KG.singleValued and value.value == "true":
            vocabulary.single_valued.add(subject)
    elif isinstance(value, NamedNode):
        if predicate == RDF.type:
            vocabulary.types.setdefault(subject, set()).add(value)
        elif predicate == RDFS.subClassOf:
            vocabulary.superclasses.setdefault(subject, set()).add(value)
        elif predicate == RDFS.subPropertyOf:
            vocabulary.superproperties.setdefault(subject, set()).add(value)
