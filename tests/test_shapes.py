"""The shapes: named, with messages for curators, good and bad examples, and fit for the mappers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import cache

import pytest
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode
from pyshacl import validate
from rdflib import OWL, RDF, RDFS, SH, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node as Term
from sample import REPOSITORY

from kg import fields, vocab
from kg.mappers import KINDS
from kg.mapping import Field, Kind

KG = Namespace("https://w3id.org/kgpress/ns#")
KSH = Namespace("https://w3id.org/kgpress/shapes#")
SHAPES = sorted((REPOSITORY / "shapes").glob("*.ttl"))
EXAMPLES = REPOSITORY / "tests" / "shapes"
TARGETS = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf)
NOT_CONSTRAINTS = {RDF.type, SH.path, SH.severity, SH.message, *TARGETS}

EXEMPT = {
    *(KG.Modality, KG.Polarity, KG.StatementForm, KG.Bound, KG.Origin),  # their members are listed
    *(URIRef(vocab.SCHEMA[n].value) for n in ("Action", "Enumeration", "QuantitativeValue")),
    *(URIRef(vocab.SCHEMA["Quotation"].value), URIRef(vocab.ORG["OrganizationalUnit"].value)),
    URIRef(vocab.PROV["Entity"].value),  # of files: shapes/file.ttl finds them by their spans
}
"""Classes that nothing is of without being of a more special one, and enumerations."""

file = pytest.mark.parametrize("file", [path.stem for path in SHAPES])


@cache
def shapes(*names: str) -> Graph:
    graph = Graph()
    for path in SHAPES:
        if not names or path.stem in names:
            graph.parse(path)
    return graph


@cache
def ontology() -> Graph:
    graph = Graph()
    for name in ("kg", "evidence"):
        graph.parse(REPOSITORY / "ontology" / f"{name}.ttl")
    return graph


def named(graph: Graph, *kinds: URIRef) -> set[Term]:
    return {shape for kind in kinds for shape in graph.subjects(RDF.type, kind)}


def results(example: str, name: str, caplog: pytest.LogCaptureFixture) -> Graph:
    """The report on an example by all shapes."""
    caplog.set_level(logging.CRITICAL)  # rdflib logs ill-typed literals, which are bad on purpose
    data = Graph().parse(EXAMPLES / name / f"{example}.ttl")
    _, report, _ = validate(data, shacl_graph=shapes(), ont_graph=ontology(), inference="none")
    assert isinstance(report, Graph)
    return report


# Examples


def test_every_file_has_a_good_and_a_bad_example() -> None:
    wanted = {f"{path.stem}/{example}.ttl" for path in SHAPES for example in ("good", "bad")}
    assert {p.relative_to(EXAMPLES).as_posix() for p in EXAMPLES.rglob("*.ttl")} == wanted


@file
def test_the_good_example_conforms(file: str, caplog: pytest.LogCaptureFixture) -> None:
    report = results("good", file, caplog)
    assert sorted(report.objects(None, SH.resultMessage)) == []


@file
def test_the_bad_example_breaks_every_shape(file: str, caplog: pytest.LogCaptureFixture) -> None:
    graph, report = shapes(file), results("bad", file, caplog)
    broken = set(report.objects(None, SH.sourceShape))
    wanted = named(graph, SH.PropertyShape)
    # A node shape that only gathers property shapes, or that others refer to, reports nothing.
    wanted |= {
        shape
        for shape in named(graph, SH.NodeShape)
        if set(graph.predicates(shape)) - NOT_CONSTRAINTS - {SH.property}
        and any((shape, target, None) in graph for target in TARGETS)
    }
    assert sorted(wanted - broken) == []
    assert broken


@file
def test_the_good_example_has_what_the_shapes_speak_of(file: str) -> None:
    data = Graph().parse(EXAMPLES / file / "good.ttl")
    paths = {path for path in shapes(file).objects(None, SH.path) if isinstance(path, URIRef)}
    assert sorted(paths - set(data.predicates())) == []


# Form


@file
def test_every_shape_has_an_iri_a_message_and_a_severity(file: str) -> None:
    graph = shapes(file)
    gathering = {s for s in graph.subjects(SH.property) if (s, SH.message, None) not in graph}
    for shape in named(graph, SH.NodeShape, SH.PropertyShape):
        assert isinstance(shape, URIRef)
        assert shape.startswith(str(KSH))
        if shape in gathering:
            allowed = {RDF.type, SH.property, *TARGETS}
            assert set(graph.predicates(shape)) <= allowed
            continue
        (message,) = graph.objects(shape, SH.message)
        assert isinstance(message, Literal)
        assert message.language == "en"
        assert message[0].isupper()
        (severity,) = graph.objects(shape, SH.severity)
        assert severity in (SH.Violation, SH.Warning)


def test_every_shape_stands_in_one_file() -> None:
    homes = [named(shapes(path.stem), SH.NodeShape, SH.PropertyShape) for path in SHAPES]
    assert sum(map(len, homes)) == len(set().union(*homes))


@file
def test_every_property_shape_is_used_once(file: str) -> None:
    graph = shapes(file)
    for shape in named(graph, SH.PropertyShape):
        users = list(graph.subjects(SH.property, shape))
        targets = [t for target in TARGETS for t in graph.objects(shape, target)]
        assert len(users) + bool(targets) == 1, shape
    assert set(graph.objects(None, SH.property)) == named(graph, SH.PropertyShape) - {
        shape for target in TARGETS for shape in graph.subjects(target)
    }


@file
def test_nameless_shapes_stand_only_inside_named_ones(file: str) -> None:
    graph = shapes(file)
    inside = {SH.qualifiedValueShape, SH["not"], SH.path, RDF.first}
    for node in {node for node in graph.subjects() if isinstance(node, BNode)}:
        (predicate,) = {p for _, p in graph.subject_predicates(node)}
        is_list = (node, RDF.first, None) in graph
        assert predicate in ({SH["in"], SH["or"], SH["and"], RDF.rest} if is_list else inside)


def test_shapes_hold_nothing_that_can_run_long() -> None:
    graph = shapes()
    assert set(graph.objects(None, SH.pattern)) == {Literal(r"\S")}
    for predicate in (SH.closed, SH.sparql, SH.select, SH.target, SH.rule):
        assert not list(graph.subjects(predicate))


def test_what_should_be_one_is_a_conflict_not_a_violation() -> None:
    graph = shapes()
    single = set(ontology().subjects(KG.singleValued))
    bounded = {
        (shape, path)
        for shape in graph.subjects(SH.maxCount)
        for path in graph.objects(shape, SH.path)
        if path in single
    }
    assert bounded == set()


# Shapes, ontology and mappers fit together


def test_shapes_speak_only_of_what_the_ontology_declares() -> None:
    graph, known = shapes(), set(ontology().subjects(RDFS.isDefinedBy))
    used = {
        term
        for predicate in (*TARGETS, SH.path, SH["class"], SH.hasValue, SH.lessThan)
        for term in graph.objects(None, predicate)
        if isinstance(term, URIRef)
    }
    used |= {v for values in graph.objects(None, SH["in"]) for v in graph.items(values)}
    used |= set(graph.objects(None, SH.lessThanOrEquals))
    assert sorted(used - known) == []


def test_every_class_has_a_shape() -> None:
    shaped = set(shapes().objects(None, SH.targetClass))
    special = {
        term
        for term in ontology().subjects(SKOS.notation)
        if shaped & set(ontology().objects(term, RDFS.subClassOf))
    }
    classes = {c for c in ontology().subjects(RDF.type, OWL.Class) if isinstance(c, URIRef)}
    assert sorted(classes - shaped - special) == sorted(EXEMPT)


def test_whatever_facts_are_about_has_a_name() -> None:
    named_classes = set(shapes("named").objects(KSH.Named, SH.targetClass))
    for kind in KINDS.values():
        assert set(types(kind)) <= named_classes, kind.name


def value(field: Field) -> fields.Value:
    """A value of a field by which the field is known."""
    name = f"https://example.org/{field.name}"
    node = issubclass(field.type, fields.Ref | fields.Link | fields.Concept)
    return field.type(NamedNode(name) if node else OxLiteral(name), name)


def emitted(kind: Kind) -> Iterator[tuple[str, URIRef, str]]:
    """Yield field, property and value of what a mapper says of its node."""
    node = fields.Node(NamedNode("https://example.org/node"), "node")
    given = {f.name: (value(f),) if f.many else value(f) for f in kind.fields.values()}
    arguments: dict[str, object] = {kind.name: node}
    arguments |= {name: given[name] for name, f in kind.fields.items() if f.group is None}
    for name, group in kind.groups.items():
        members = [f.name for f in kind.fields.values() if f.group == name]
        arguments[name] = group(**{member: given[member] for member in members})
    for subject, predicate, found in kind.mapper(**arguments):
        term = found.term if isinstance(found, fields.Value) else found
        if subject is node:
            yield term.value.rpartition("/")[2], URIRef(predicate.value), term.value


def types(kind: Kind) -> list[URIRef]:
    """The classes that every thing of a kind is of."""
    return [URIRef(v) for f, p, v in emitted(kind) if p == RDF.type and f not in kind.fields]


def paths(kind: Kind, graph: Graph) -> dict[URIRef, set[Term]]:
    """The property shapes for things of a kind, by the property that they are about."""
    found: dict[URIRef, set[Term]] = {}
    for node in (n for t in types(kind) for n in graph.subjects(SH.targetClass, t)):
        for shape in graph.objects(node, SH.property):
            path = graph.value(shape, SH.path)
            if isinstance(path, URIRef):
                found.setdefault(path, set()).add(shape)
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_property_of_a_kind_is_checked(kind: Kind) -> None:
    properties = {predicate for _, predicate, _ in emitted(kind)}
    assert sorted(properties - paths(kind, shapes()).keys() - {RDF.type}) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_required_fields_have_a_least_count_and_others_none(kind: Kind) -> None:
    graph = shapes()
    required = {p for f, p, _ in emitted(kind) if f in kind.fields and kind.fields[f].required}
    counted = {
        path
        for path, found in paths(kind, graph).items()
        for shape in found
        if (shape, SH.minCount, Literal(1)) in graph and (shape, SH.severity, SH.Violation) in graph
    }
    assert counted - {RDFS.label} == required - {RDFS.label}
