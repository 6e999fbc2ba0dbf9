"""What validators found, in one form: focus, path, component and value of each result."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, RdfFormat, parse

from bulk.folders import BASE

SH = "http://www.w3.org/ns/shacl#"
SHAPES = "https://w3id.org/kgpress/shapes#"


class Violation(NamedTuple):
    """One result of validation, of whatever severity."""

    focus: str
    path: str | None
    component: str
    value: str | None


def of_json(output: str) -> set[Violation]:
    """Read what the script for pySHACL prints."""
    return {Violation(*row) for row in json.loads(output)}


def of_child(output: str) -> set[Violation]:
    """Read the results of the child that validates for `kg check`, one a line."""
    rows = (json.loads(line) for line in output.splitlines())
    return {
        Violation(
            _form(row["focus"]) or "", _form(row["path"]), row["component"], _form(row["value"])
        )
        for row in rows
    }


def _form(term: list[str] | None) -> str | None:
    return term[0] if term else None


def of_turtle(output: str) -> set[Violation]:
    """Read a validation report in Turtle, as Jena prints it."""
    found: dict[str, dict[str, str]] = {}
    for quad in parse(output.encode(), RdfFormat.TURTLE):
        value = quad.object.value if hasattr(quad.object, "value") else ""
        found.setdefault(str(quad.subject), {})[quad.predicate.value] = value
    names = ("focusNode", "resultPath", "sourceConstraintComponent", "value")
    return {
        Violation(*(result.get(SH + name) for name in names))
        for result in found.values()
        if SH + "focusNode" in result
    }


def of_kg(output: str, shapes: Path) -> set[Violation]:
    """Read the report of `kg check --format json` on a folder of `bulk.folders`.

    It names the shape and tells people what is wrong; focus and path follow from the fact at the
    place that it gives, and from the shape.
    """
    paths = {
        quad.subject.value: quad.object.value
        for quad in parse(path=str(shapes), format=RdfFormat.N_TRIPLES)
        if quad.predicate.value == SH + "path" and isinstance(quad.object, NamedNode)
    }
    found = set()
    for problem in json.loads(output)["problems"]:
        if problem["check"] == "kg/conflicts":
            continue
        told = re.search(r"(?:'([^']*)'| has no value, which) breaks sh:(\w+)", problem["message"])
        if told is None:
            raise ValueError(problem["message"])
        component = f"{SH}{told[2][0].upper()}{told[2][1:]}ConstraintComponent"
        path = paths.get(SHAPES + problem["check"].removeprefix("shape/"))
        found.add(Violation(focus(problem), path, component, told[1]))
    return found


def focus(problem: dict[str, object]) -> str:
    """Return the IRI of what the fact is about that a problem points to."""
    file = Path(str(problem["path"]))
    fact = json.loads(file.read_text("utf-8").splitlines()[int(str(problem["line"])) - 1])
    kind, slug = next(iter(fact.items()))
    if kind == "article":
        return f"{BASE}article/{file.name.partition('.')[0]}"
    return f"{BASE}id/{slug}"
