"""What pySHACL says: of everything, or of some nodes with what their shapes look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeAlias

from pyshacl import ShapesGraph, Validator, validate
from pyshacl.errors import ValidationFailure
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.pytypes import SHACLExecutor
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from kg.sieve.graph import Nodes
from kg.sieve.terms import term

MEMBERS = 6
"""How many members of a list in a shape a result shows."""

TARGETS = (SH.targetNode, SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf)

Triple: TypeAlias = tuple[str, str, str]
Pair: TypeAlias = tuple[str, str]
"""A shape, and a node that is a target of it."""

Result: TypeAlias = dict[str, Any]
"""A result of validation as JSON: focus, path, value, shape and what it says."""


SIMPLE = "SimpleMemory"
"""A store that knows nothing of contexts, and answers in half the time."""


class Triples(Graph):
    """A graph; pySHACL asks at each result whether it is empty, and that store would count."""

    def __bool__(self) -> bool:
        return True


def graph(triples: Iterable[Triple], store: str = SIMPLE) -> Graph:
    """Return triples of text as an rdflib graph, every literal as it is written."""
    made = Triples(store, bind_namespaces="none")
    for subject, predicate, value in triples:
        made.add((term(subject), term(predicate), term(value)))
    return made


def triples(nodes: Nodes) -> Iterator[Triple]:
    """Yield all that is said of nodes."""
    for node, table in nodes.items():
        for predicate, values in table.items():
            for value in values:
                yield node, predicate, value


class Oracle:
    """What pySHACL has to say by some shapes, which are loaded once."""

    def __init__(self, shapes: Nodes) -> None:
        """Load the shapes; pySHACL fails if it finds them malformed."""
        self.prefixes: dict[str, str] = {}
        """How to show the IRIs of shapes."""
        self.graph = graph(triples(shapes))
        self._implicit = {
            (shape, RDF.type, type_)
            for shape, type_ in self.graph.subject_objects(RDF.type)
            if is_class(type_, self.graph) and is_shape(shape, self.graph)
        }
        for shape, _, _ in self._implicit:
            self.graph.add((shape, SH.targetClass, shape))
        self._loaded = ShapesGraph(self.graph)
        self._shapes = {shape.node: shape for shape in self._loaded.shapes}

    def judge(self, data: Iterable[Triple], pairs: Iterable[Pair]) -> Iterator[Result]:
        """Yield the results of some nodes, given all that their shapes look at."""
        aims: dict[str, list[Node]] = {}
        for shape, node in pairs:
            aims.setdefault(shape, []).append(term(node))
        executor, seen = SHACLExecutor(), graph(data if aims else ())
        found = [
            result
            for shape, nodes in aims.items()
            for result in self._shapes[term(shape)].validate(executor, seen, focus=nodes)[1]
        ]
        if found:
            report, _ = Validator.create_validation_report(self._loaded, False, found)
            yield from results(report, self._loaded, self.prefixes)

    def run(self, own: Nodes, reference: Nodes, named: Iterable[Pair]) -> Iterator[Result]:
        """Yield the results of all nodes that are targets, some of them by name.

        What is there for reference (the ontology, types) may be a value, but is not to be judged.
        """
        judged, known = graph(triples(own), "default"), graph(triples(reference))
        aimed = graph(())
        for triple in self.graph:
            if triple[1] not in TARGETS and triple not in self._implicit:
                aimed.add(triple)
        for shape, node in aim(self.graph, judged, known):
            aimed.add((shape, SH.targetNode, node))
        for pair in named:
            aimed.add((term(pair[0]), SH.targetNode, term(pair[1])))
        judged += known
        _, report, _ = validate(judged, shacl_graph=aimed, inplace=True, inference="none")
        if isinstance(report, ValidationFailure):
            raise report
        yield from results(report, self._loaded, self.prefixes)


def aim(shapes: Graph, own: Graph, reference: Graph) -> Iterator[tuple[Node, Node]]:
    """Yield the shapes and their targets among the nodes to judge, save those that shapes name."""
    for shape, predicate, value in shapes:
        found: Iterable[Node]
        if predicate == SH.targetClass:
            found = instances(value, own, reference)
        elif predicate == SH.targetSubjectsOf:
            found = own.subjects(value)
        elif predicate == SH.targetObjectsOf:
            found = own.objects(None, value)
        else:
            continue
        for node in found:
            yield shape, node


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
