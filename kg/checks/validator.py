"""The child that validates: pySHACL, where it can be killed and can reach nothing.

    python -P validator.py DIRECTORY

``job.json`` in the directory says what to do. Results go to standard output, one JSON object a
line; ``progress`` tells the pass and the shape at hand to whoever has to kill this process. It
imports nothing of kg: the child pays for nothing but validation.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pyshacl.shape
import rdflib
from pyshacl import Shape, ShapesGraph, validate
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.errors import ValidationFailure
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

MEMBERS = 6
"""How many members of a list in a shape a result shows."""


class Progress:
    """Where validation is; kept in a file, for nothing can ask a process stuck in a pattern."""

    def __init__(self, file: Path) -> None:
        """Begin before the first pass."""
        self.file = os.open(file, os.O_WRONLY | os.O_CREAT)
        self.name, self.shape = "", ""

    def at(self, shape: str) -> None:
        """Note the shape at hand."""
        self.shape = shape
        os.pwrite(self.file, f"{self.name} {shape}\n".encode(), 0)

    def watch(self) -> None:
        """Note every named shape that pySHACL enters and leaves."""
        original = Shape.validate

        def validate(shape: Shape, *args: Any, **kwargs: Any) -> Any:
            outer = self.shape
            if isinstance(shape.node, URIRef):
                self.at(shape.node)
            result = original(shape, *args, **kwargs)
            self.at(outer)  # not after an exception: the innermost shape is the one to blame
            return result

        Shape.validate = validate  # type: ignore[method-assign,assignment]


def main(directory: Path) -> None:
    """Do the job in a directory: load the shapes, then validate pass by pass."""
    job = json.loads((directory / "job.json").read_text())
    confine(job["memory"], job["seconds"])
    sys.stdout = sys.stderr  # results go out alone, whatever a library prints
    progress = Progress(directory / "progress")
    progress.watch()
    # pySHACL looks every triple of a shape up in a list, for every node: a set saves a fifth.
    pyshacl.shape.CONSTRAINT_PARAMS = (  # type: ignore[attr-defined]
        frozenset(ALL_CONSTRAINT_PARAMETERS),
        CONSTRAINT_PARAMETERS_MAP,
    )
    shapes = Graph(bind_namespaces="none")
    for name, file in job["shapes"].items():
        try:
            # Each by itself first: pySHACL does not say which shape is malformed.
            _ = ShapesGraph(loaded := read(directory, [name])).shapes
            shapes += loaded
        except Exception as error:
            fail(error, file=file)
    try:
        for step in job["passes"]:
            progress.name = step["name"]
            progress.at("")
            data, reference = read(directory, step["own"]), read(directory, step["reference"])
            aimed = aim(shapes, data, reference, tuple(job["evidence"]), step["name"] == "evidence")
            data += reference
            for result in run(data, aimed, job["prefixes"]):
                say({"pass": step["name"], **result})
    except Exception as error:
        fail(error, shape=progress.shape)


def fail(error: Exception, *, file: str = "", shape: str = "") -> None:
    """End by saying what is wrong with a shape: the data is known to be well-formed."""
    if isinstance(error, MemoryError):
        raise error
    reason = str(error).strip().partition("\n")[0]
    say({"failure": f"{type(error).__name__}: {reason}", "file": file, "shape": shape})
    sys.exit()


def say(message: dict[str, Any]) -> None:
    """Tell the parent."""
    print(json.dumps(message), file=sys.__stdout__, flush=True)


def confine(memory: int, seconds: int) -> None:
    """Bound memory and processor time, and cut the process off from the network."""
    for what, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):  # a system that does not keep such a limit
            resource.setrlimit(what, (limit, limit))
    logging.disable()  # rdflib logs every ill-typed literal; the shapes that care report it

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        # SPARQL in a shape may say SERVICE, which pySHACL looks for by a regular expression only.
        if event.startswith("socket.") or event == "urllib.Request":
            raise PermissionError("shapes may not reach the network")

    sys.addaudithook(refuse)


def read(directory: Path, names: Iterable[str]) -> Graph:
    """Read N-Triples files into one graph, every literal as it is written."""
    rdflib.NORMALIZE_LITERALS = False  # pySHACL turns it on again whenever it has loaded shapes
    graph = Graph(bind_namespaces="none")
    for name in names:
        graph.parse(directory / name, format="nt")
    return graph


def aim(
    shapes: Graph, own: Graph, reference: Graph, prefixes: tuple[str, ...], evidence: bool
) -> Graph:
    """Return the shapes, their targets resolved to nodes that the pass is about.

    What is there for reference (the ontology, types) may be a value, but is not to be judged. A
    node that is named as a target is judged in the pass that it belongs to.
    """
    aimed = Graph(bind_namespaces="none")
    for shape, predicate, value in shapes:
        found: Iterable[Node]
        if predicate == SH.targetNode:
            found = [value] if str(value).startswith(prefixes) == evidence else []
        elif predicate == SH.targetClass:
            found = instances(value, own, reference)
        elif predicate == RDF.type and value in (RDFS.Class, OWL.Class) and is_shape(shape, shapes):
            found = instances(shape, own, reference)
        elif predicate == SH.targetSubjectsOf:
            found = own.subjects(value)
        elif predicate == SH.targetObjectsOf:
            found = own.objects(None, value)
        else:
            found = []
            aimed.add((shape, predicate, value))
        for node in found:
            aimed.add((shape, SH.targetNode, node))
    return aimed


def instances(wanted: Node, own: Graph, reference: Graph) -> Iterator[Node]:
    """Yield the nodes that have a class or one of its subclasses as type (SHACL, section 1.1)."""
    for subclass in reference.transitive_subjects(RDFS.subClassOf, wanted):
        yield from own.subjects(RDF.type, subclass)


def is_shape(node: Node, shapes: Graph) -> bool:
    """Whether a class is a shape too, and so its own target (SHACL, section 2.1.3.3)."""
    return any(
        str(term).startswith(str(SH)) for pair in shapes.predicate_objects(node) for term in pair
    )


def run(data: Graph, shapes: Graph, prefixes: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Validate, and yield the results (SHACL, section 3.6)."""
    _, report, _ = validate(data, shacl_graph=shapes, inplace=True, inference="none")
    if isinstance(report, ValidationFailure):
        raise report
    for result in report.objects(None, SH.result):
        shape = report.value(result, SH.sourceShape)
        component = str(report.value(result, SH.sourceConstraintComponent))
        path = report.value(result, SH.resultPath)
        yield {
            "focus": encoded(report.value(result, SH.focusNode)),
            "path": encoded(path),
            "shown_path": path and shacl_path_to_sparql_path(ShapesGraph(shapes), path, prefixes),
            "value": encoded(report.value(result, SH.value)),
            "shape": str(shape) if isinstance(shape, URIRef) else "",
            "component": component,
            "constraint": constraint(shape, component, shapes, prefixes),
            "message": message(report, result, shapes, shape),
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


if __name__ == "__main__":
    main(Path(sys.argv[1]))
