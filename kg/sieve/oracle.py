"""What pySHACL says: of everything, or of some nodes with what their shapes look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from pyshacl import ShapesGraph, Validator, validate
from pyshacl.errors import ValidationFailure
from pyshacl.graph_abstraction import DataGraph
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.pytypes import SHACLExecutor
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from kg.sieve.graph import Nodes
from kg.sieve.terms import term

MEMBERS = 6
"""How many members of a list in a shape a result shows."""

TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)

Pair: TypeAlias = tuple[Node, Node]
"""A shape, and a node that is a target of it."""

Result: TypeAlias = dict[str, Any]
"""A result of validation as JSON: focus, path, value, shape and what it says."""


def graph(triples: Iterable[tuple[str, str, str]]) -> Graph:
    """Return triples of text as an rdflib graph, every literal as it is written."""
    made = Graph(bind_namespaces="none")
    for subject, predicate, value in triples:
        made.add((term(subject), term(predicate), term(value)))
    return made


def triples(nodes: Nodes) -> Iterator[tuple[str, str, str]]:
    """Yield all that is said of nodes."""
    for node, table in nodes.items():
        for predicate, values in table.items():
            for value in values:
                yield node, predicate, value


def aim(shapes: Graph, own: Graph, reference: Graph) -> Iterator[Pair]:
    """Yield the shapes and their targets among the nodes to judge, save those that shapes name.

    What is there for reference (the ontology, types) may be a value, but is not to be judged.
    """
    for shape, predicate, value in shapes:
        found: Iterable[Node]
        if predicate == SH.targetClass:
            found = instances(value, own, reference)
        elif predicate == RDF.type and is_class(value, shapes) and is_shape(shape, shapes):
            found = instances(shape, own, reference)
        elif predicate == SH.targetSubjectsOf:
            found = own.subjects(value)
        elif predicate == SH.targetObjectsOf:
            found = own.objects(None, value)
        else:
            continue
        for node in found:
            yield shape, node


def aimed(shapes: Graph, pairs: Iterable[Pair]) -> Graph:
    """Return the shapes with these targets instead of their own."""
    made = Graph(bind_namespaces="none")
    for shape, predicate, value in shapes:
        implicit = predicate == RDF.type and is_class(value, shapes) and is_shape(shape, shapes)
        if predicate not in TARGETS and not implicit:
            made.add((shape, predicate, value))
    for shape, node in pairs:
        made.add((shape, SH.targetNode, node))
    return made


def instances(wanted: Node, own: Graph, reference: Graph) -> Iterator[Node]:
    """Yield the nodes that have a class or one of its subclasses as type (SHACL, section 1.1)."""
    for subclass in reference.transitive_subjects(RDFS.subClassOf, wanted):
        yield from own.subjects(RDF.type, subclass)


def is_class(type_: Node, shapes: Graph) -> bool:
    """Whether what has a type is a class (SHACL, section 2.1.3.3)."""
    return type_ in (RDFS.Class, OWL.Class) or (type_, RDFS.subClassOf, RDFS.Class) in shapes


def is_shape(node: Node, shapes: Graph) -> bool:
    """Whether a class is a shape too, and so its own target (SHACL, section 2.1.3.3)."""
    return any(
        str(term).startswith(str(SH)) for pair in shapes.predicate_objects(node) for term in pair
    )


def run(data: Graph, shapes: Graph, prefixes: dict[str, str]) -> Iterator[Result]:
    """Validate, and yield the results (SHACL, section 3.6)."""
    _, report, _ = validate(data, shacl_graph=shapes, inplace=True, inference="none")
    if isinstance(report, ValidationFailure):
        raise report
    yield from results(report, ShapesGraph(shapes), prefixes)


class Oracle:
    """What pySHACL says of nodes that are named, each for a shape: shapes are loaded once."""

    def __init__(self, shapes: Graph, prefixes: dict[str, str]) -> None:
        """Load the shapes; their targets are not asked."""
        for shape, type_ in [*shapes.subject_objects(RDF.type)]:
            if is_class(type_, shapes) and is_shape(shape, shapes):
                # Or pySHACL would not take it for a shape, for want of a target.
                shapes.add((shape, SH.targetClass, shape))
        self.prefixes = prefixes
        self._loaded = ShapesGraph(shapes)
        self._shapes = {shape.node: shape for shape in self._loaded.shapes}

    def judge(self, pairs: Iterable[Pair], data: Graph) -> Iterator[Result]:
        """Yield the results of some nodes, with all that their shapes look at in a graph."""
        aims: dict[Node, list[Node]] = {}
        for shape, node in pairs:
            aims.setdefault(shape, []).append(node)
        executor, seen = SHACLExecutor(), DataGraph.from_rdflib(data)
        found = [
            result
            for shape, nodes in aims.items()
            for result in self._shapes[shape].validate(executor, seen, focus=nodes)[1]
        ]
        if found:
            report, _ = Validator.create_validation_report(self._loaded, False, found)
            yield from results(report, self._loaded, self.prefixes)


def results(report: Graph, shapes: ShapesGraph, prefixes: dict[str, str]) -> Iterator[Result]:
    """Yield the results of a report."""
    graph = shapes.graph
    for result in report.objects(None, SH.result):
        shape = report.value(result, SH.sourceShape)
        component = str(report.value(result, SH.sourceConstraintComponent))
        path = report.value(result, SH.resultPath)
        yield {
            "focus": encoded(report.value(result, SH.focusNode)),
            "path": encoded(path),
            "shown_path": path and shacl_path_to_sparql_path(shapes, path, prefixes),
            "value": encoded(report.value(result, SH.value)),
            "shape": str(shape) if isinstance(shape, URIRef) else "",
            "component": component,
            "constraint": constraint(shape, component, graph, prefixes),
            "message": message(report, result, graph, shape),
            "severity": str(report.value(result, SH.resultSeverity)),
        }


def encoded(term: Node | None) -> list[str | None] | None:
    """Return a term as [IRI] or [form, datatype, language]; None for none or a blank node."""
    if isinstance(term, Literal):
        return [str(term), term.datatype and str(term.datatype), term.language]
    return [str(term)] if isinstance(term, URIRef) else None


def message(report: Graph, result: Node, shapes: Graph, shape: Node | None) -> str:
    """Return what the author of a shape has to say, in English if possible, or nothing."""
    component = str(report.value(result, SH.sourceConstraintComponent))
    core = component.startswith(str(SH)) and component != str(SH.SPARQLConstraintComponent)
    if core and (shape, SH.message, None) not in shapes:
        return ""  # pySHACL made one up
    messages = [m for m in report.objects(result, SH.resultMessage) if isinstance(m, Literal)]
    english = [m for m in messages if m.language in (None, "en")]
    return "; ".join(sorted(english or messages))


def constraint(shape: Node | None, component: str, shapes: Graph, prefixes: dict[str, str]) -> str:
    """Return a constraint as its shape has it: ``sh:datatype xsd:date``."""
    name = component.removeprefix(str(SH)).removesuffix("ConstraintComponent")
    if component == name or name == "SPARQL":
        return "sh:sparql" if name == "SPARQL" else shown(URIRef(component), prefixes)
    parameter = f"sh:{name[0].lower()}{name[1:]}"
    values = []
    for value in sorted(shapes.objects(shape, URIRef(parameter.replace("sh:", str(SH)))), key=str):
        members = list(islice(shapes.items(value), MEMBERS + 1))
        texts = [shown(m, prefixes) for m in members[:MEMBERS] or [value] if encoded(m)]
        texts += ["…"] * (len(members) > MEMBERS)
        values.append(f"({' '.join(texts)})" if members else " ".join(texts))
    return " ".join((parameter, *filter(None, values)))


def shown(term: Node, prefixes: dict[str, str]) -> str:
    """Return a term for people: an IRI by its prefix, a literal by its form."""
    for prefix, namespace in prefixes.items():
        if isinstance(term, URIRef) and term.startswith(namespace):
            return f"{prefix}:{term.removeprefix(namespace)}"
    return f"<{term}>" if isinstance(term, URIRef) else str(term)
