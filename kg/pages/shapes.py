"""The page of the shapes: what the data of the dataset must be, in sentences, one for each shape.

Nothing of a shape is left out: what no sentence tells is shown as Turtle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import pyoxigraph as ox

from kg.asking.terms import SHAPES, named
from kg.asking.turtles import Value
from kg.pages.clause import Clause, said
from kg.pages.clauses import Clauses
from kg.pages.made import Made
from kg.pages.rows import Rows, Shown
from kg.pages.words import Words, a, joined, plain, quoted, sentence, series
from kg.vocab import OWL, RDF, RDFS, SH

FEW = 3
"""Of how many classes a sentence names all."""

Node: TypeAlias = ox.NamedNode | ox.BlankNode
_NAMES = (SH.name, RDFS.label)
_TEXTS = (SH.message, SH.description, RDFS.comment)
_ASIDE = (SH.severity, SH.deactivated, SH.order, SH.group, RDF.type, *_NAMES, *_TEXTS)
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


@dataclass
class Demand:
    """What one shape demands."""

    shape: Value
    words: Words
    severity: str
    texts: list[Shown]
    """What the shape says of itself: its messages and descriptions."""
    turtle: str = ""
    """What of it no words tell."""
    fragment: str = ""

    @property
    def text(self) -> str:
        """The words without links."""
        return plain(self.words)


@dataclass(frozen=True)
class ShapeTold:
    """A shape that stands for itself, with those of the properties it has."""

    name: str
    fragment: str
    iri: str
    of: Words
    """What it is about, where its sentences do not say."""
    demands: list[Demand]
    off: bool = False


@dataclass(frozen=True)
class File:
    """A file of shapes."""

    name: str
    href: str
    shapes: list[ShapeTold]


class Shapes:
    """Tells the published shapes. Raises `QueryError` where a file of them is no Turtle."""

    def __init__(self, rows: Rows) -> None:
        """Take how terms are shown on the page."""
        self._rows = rows
        self._turtles = rows.nodes.shapes
        self.values = self._turtles.values

    @cached_property
    def _names(self) -> dict[ox.NamedNode, str]:
        """The element of each shape that has a name."""
        found = {node for node in self._turtles.subjects if isinstance(node, ox.NamedNode)}
        return named(sorted(found, key=lambda node: node.value))

    def shown(self, shape: ox.NamedNode) -> Shown:
        """Return the name of a shape, with a link to where it is told."""
        name = self._names.get(shape)
        if name is None:
            return self._rows.term(shape)
        return Shown(self._called(shape), href=self._rows.links.to(SHAPES, fragment=name))

    def _called(self, shape: Value) -> str:
        for predicate in _NAMES:
            for value in self.values(shape, predicate):
                return value.value
        return (
            self._names.get(shape, "a shape without a name")
            if isinstance(shape, ox.NamedNode)
            else ""
        )

    @cached_property
    def files(self) -> list[File]:
        """The files with their shapes, each where it is told first."""
        told, found = set[Value](), dict[str, list[ShapeTold]]()
        inner = set(self._referred(SH.property)) - set(self._roots())
        for shape, name in self._turtles.subjects.items():
            if self._stands(shape) and shape not in inner:
                found.setdefault(name, []).append(self._tell(shape, told))
        for shape, name in self._turtles.subjects.items():  # in a circle, or of nothing
            if self._stands(shape) and shape not in told:
                found.setdefault(name, []).append(self._tell(shape, told))
        href = self._rows.links.to
        return [File(name, href(f"{SHAPES}/{name}", ""), found[name]) for name in sorted(found)]

    def _referred(self, predicate: ox.NamedNode) -> Iterator[Value]:
        for shape in self._turtles.having(predicate):
            yield from self.values(shape, predicate)

    def _roots(self) -> Iterator[Value]:
        """Yield what is about something by itself."""
        for predicate in _TARGETS:
            yield from self._turtles.having(predicate)

    @cached_property
    def _within(self) -> set[Value]:
        """What has no name, and stands within something else."""
        every = self._turtles.subjects
        return {value for node in every for _, value in self._turtles.said(node)}

    def _stands(self, shape: Value) -> bool:
        return isinstance(shape, ox.NamedNode) or shape not in self._within

    def _tell(self, shape: Value, told: set[Value]) -> ShapeTold:
        told.update([shape, *self.values(shape, SH.property)])
        subject = self._subject(shape)
        off = any(value.value == "true" for value in self.values(shape, SH.deactivated))
        iri = shape.value if isinstance(shape, ox.NamedNode) else ""
        fragment = self._names.get(shape, "") if isinstance(shape, ox.NamedNode) else ""
        demands = self._demands(shape, subject)
        return ShapeTold(self._called(shape), fragment, iri, subject.whole, demands, off)

    def _demands(self, shape: Value, subject: Subject) -> list[Demand]:
        """Tell a shape, and each that it has for a property, of a subject."""
        if self.values(shape, SH.path):
            return [self._demand(shape, subject, ())]
        own = self._demand(shape, subject, (SH.property,))
        inner = self.values(shape, SH.property)
        found = [self._demand(property_, subject, ()) for property_ in inner]
        return [own, *found] if own.words or own.turtle or own.texts else found

    def of_class(self, class_: ox.NamedNode) -> list[Demand]:
        """Return what shapes demand of the things of a class."""
        shapes = self._turtles.having(SH.targetClass, class_)
        if class_ in self._names:
            shapes.append(class_)
        every: Words = ["every ", self._rows.term(class_)]
        subject = Subject([], every, a(self._rows.term(class_)))
        return [demand for shape in shapes for demand in self._demands(shape, subject)]

    def of_property(self, property_: ox.NamedNode) -> list[Demand]:
        """Return what shapes demand of the values of a property, each in its own words."""
        return self._by_path.get(property_, [])

    @cached_property
    def _by_path(self) -> dict[Value, list[Demand]]:
        found: dict[Value, list[Demand]] = {}
        for file in self.files:
            for shape in file.shapes:
                for demand in shape.demands:
                    for path in self.values(demand.shape, SH.path):
                        found.setdefault(path, []).append(demand)
        return found

    def _subject(self, shape: Value) -> Subject:
        term, whole = self._rows.term, list[Words]()
        classes = self.values(shape, SH.targetClass)
        if {RDFS.Class, OWL.Class} & set(self.values(shape, RDF.type)):
            classes = [*classes, shape]  # an implicit target (SHACL, section 2.1.3.3)
        if classes:
            whole.append(["every ", *series([[term(class_)] for class_ in classes], "and every")])
        whole += ([term(node)] for node in self.values(shape, SH.targetNode))
        having = self.values(shape, SH.targetSubjectsOf)
        if having:
            names = [quoted(term(node)) for node in having]
            whole.append(["everything that has ", *series(names, "or")])
        for node in self.values(shape, SH.targetObjectsOf):
            whole.append(["every value of ", *quoted(term(node))])
        if not whole:
            every: Words = ["whatever fits ", *quoted(self._called(shape))]
            return Subject([], every, ["what fits ", *quoted(self._called(shape))])
        words = joined(whole, ", and ")
        if len(classes) > FEW:
            return Subject(words, ["each of them"], ["each of them"])
        one = a(term(classes[0])) if len(classes) == 1 and len(whole) == 1 else words
        alone = having[0] if len(having) == 1 and len(whole) == 1 else None
        return Subject([], words, one, alone)

    def _demand(self, shape: Value, subject: Subject, apart: tuple[ox.NamedNode, ...]) -> Demand:
        """Tell one shape, but for what is told apart."""
        clauses = Clauses(self.values, self._rows.term, self.shown)
        skip = {(shape, predicate) for predicate in (*_ASIDE, *_TARGETS, *apart)}
        path = next(iter(self.values(shape, SH.path)), None)
        words = self._words(shape, path, subject, clauses, apart)
        severity = next((v.value for v in self.values(shape, SH.severity)), SH.Violation.value)
        texts = [self._rows.term(v) for p in _TEXTS for v in self.values(shape, p)]
        left = [
            ox.Triple(node, predicate, value)
            for node, predicate, value in self._below(shape)
            if (node, predicate) not in clauses.told | skip
        ]
        fragment = self._names.get(shape, "") if isinstance(shape, ox.NamedNode) else ""
        kind = severity.removeprefix(SH.IRI)
        return Demand(shape, words, kind, texts, self._turtle(left), fragment)

    def _words(
        self,
        shape: Value,
        path: Value | None,
        subject: Subject,
        clauses: Clauses,
        apart: tuple[ox.NamedNode, ...],
    ) -> Words:
        if path is None:
            found = clauses.values(shape, 0, apart)
            return sentence([*subject.every, " ", *said(found)]) if found else []
        clauses.take(shape, SH.path)
        name = clauses.path(path)
        count = clauses.count(shape, name)
        if count is not None:
            found = clauses.property(shape, path, 0)
            return joined((sentence([*subject.every, " ", *said([one])]) for one in found), " ")
        values, others = clauses.values(shape, 0), list(clauses.others(shape, name, 0))
        parts: list[Words] = []
        if values:
            of: Words = [] if subject.having == path else [" of ", *subject.one]
            parts.append(["every ", *name, *of, " ", *said(values)])
        if others:
            parts.append([*subject.every, " ", *said(others)])
        if not parts:
            parts.append([*subject.every, " ", *said([Clause("may have", name)])])
        return joined((sentence(part) for part in parts), " ")

    def _below(self, shape: Value) -> Iterator[tuple[Node, ox.NamedNode, Value]]:
        """Yield the triples of a shape, and of what in it has no name and is not told apart."""
        todo, seen = [shape], {shape}
        while todo:
            node = todo.pop()
            if isinstance(node, ox.Literal):
                continue
            for predicate, value in self._turtles.said(node):
                yield node, predicate, value
                apart = predicate == SH.property and node == shape
                if isinstance(value, ox.BlankNode) and value not in seen and not apart:
                    seen.add(value)
                    todo.append(value)

    def _turtle(self, triples: list[ox.Triple]) -> str:
        if not triples:
            return ""
        prefixes = dict(self._rows.nodes.published.vocabulary.prefixes)
        written = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
        lines = written.decode().split("\n")
        return "\n".join(line for line in lines if not line.startswith("@prefix")).strip()


@dataclass(frozen=True)
class Subject:
    """What a shape is about: apart, as the subject of a sentence, and after ``of``."""

    whole: Words
    every: Words
    one: Words
    having: Value | None = None
    """The property that makes it the subject, where it is the only reason."""


def page(rows: Rows) -> Made | None:
    """Return the page of the shapes, None where there are none."""
    files = Shapes(rows).files
    shapes = [shape for file in files for shape in file.shapes]
    used = {shape.fragment for shape in shapes}
    for demand in (demand for shape in shapes for demand in shape.demands):
        if demand.fragment in used:  # several shapes may have it, and an element one place
            demand.fragment = ""
        used.add(demand.fragment)
    count = sum(len(shape.demands) for shape in shapes)
    values = {"iri": rows.nodes.base + SHAPES, "files": files, "count": count}
    about = "What the data must hold to, in sentences."
    return Made("shapes.html", values, about) if files else None
