"""What SHACL shapes demand, in English clauses (https://www.w3.org/TR/shacl/, section 4).

A clause is said of a node: ``is`` an award, ``has`` exactly one “recipient”. Every triple that a
clause tells is noted, so that whoever tells a shape knows what is still untold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import pyoxigraph as ox

from kg.asking.turtles import Value
from kg.pages.clause import (
    BOUNDS,
    BY_IRI,
    DATATYPES,
    KINDS,
    STARS,
    Clause,
    either,
    how_many,
    said,
)
from kg.pages.rows import Shown
from kg.pages.words import Words, a, joined, quoted, series
from kg.vocab import RDF, SH

DEEPEST = 8
"""How deep shapes may lie in one another to be told; what lies deeper is shown as Turtle."""

_SORTS = {SH["class"], SH.datatype, SH["in"], SH.hasValue}
_DEMANDS = (
    *_SORTS,
    *(SH[name] for name in ("or", "and", "not", "xone", "node", "property", "closed", "sparql")),
    *(SH[name] for name in ("nodeKind", "pattern", "minLength", "maxLength", "languageIn")),
    *(SH[name] for name in ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")),
    *(SH[name] for name in ("path", "equals", "disjoint", "js", "deactivated")),
)


Telling: TypeAlias = Callable[[Value], Shown]


class Clauses:
    """Tells the shapes of one graph."""

    def __init__(
        self,
        values: Callable[[Value, ox.NamedNode], list[Value]],
        term: Telling,
        shape: Callable[[ox.NamedNode], Shown],
    ) -> None:
        """Take the graph, how terms are shown, and how shapes that have a name are."""
        self._values = values
        self._term = term
        self._shape = shape
        self.told = set[tuple[Value, ox.NamedNode]]()
        """The subjects and properties whose values have been told."""

    def take(self, node: Value, predicate: ox.NamedNode) -> list[Value]:
        """Return the values of a property, which are told herewith."""
        found = self._values(node, predicate)
        if found:
            self.told.add((node, predicate))
        return found

    def of(self, shape: Value, deep: int = 0) -> list[Clause]:
        """Return what a shape says of a node."""
        if deep > DEEPEST:
            return []
        self.take(shape, RDF.type)
        if path := self.take(shape, SH.path):
            return self.property(shape, path[0], deep)
        return self.values(shape, deep)

    def values(self, shape: Value, deep: int, apart: tuple[ox.NamedNode, ...] = ()) -> list[Clause]:
        """Return what a shape says of each value, or of each node itself; some of it apart."""
        found = [*self._sorts(shape), *self._logic(shape, deep), *self._literals(shape)]
        if SH["IRI"] in self.take(shape, SH.nodeKind):
            found.append(Clause("is", [BY_IRI]))
        if SH.property not in apart:
            for other in self.take(shape, SH.property):
                found += self.of(other, deep + 1)
        return found

    def _sorts(self, shape: Value) -> Iterator[Clause]:
        for kind in self.take(shape, SH.nodeKind):
            if kind != SH["IRI"]:
                told = KINDS.get(kind) if isinstance(kind, ox.NamedNode) else None
                yield Clause("is", [told] if told else ["of the kind ", self._term(kind)])
        for class_ in self.take(shape, SH["class"]):
            yield Clause("is", a(self._term(class_)))
        for datatype in self.take(shape, SH.datatype):
            yield Clause("is", self.datatype(datatype))
        for head in self.take(shape, SH["in"]):
            members: list[Words] = [[self._term(member)] for member in self.members(head)]
            one_of: Words = ["one of "] if len(members) > 1 else []
            yield Clause("is", [*one_of, *series(members, "or")])
        for head in self.take(shape, SH.languageIn):
            tags: list[Words] = [[tag.value] for tag in self.members(head)]
            yield Clause("is", ["in the language ", *series(tags, "or")])

    def datatype(self, datatype: Value) -> Words:
        """Return what values of a datatype are."""
        told = DATATYPES.get(datatype) if isinstance(datatype, ox.NamedNode) else None
        return [told] if told else ["a value of the datatype ", self._term(datatype)]

    def _literals(self, shape: Value) -> Iterator[Clause]:
        for bound, phrase in BOUNDS.items():
            for value in self.take(shape, bound):
                yield Clause("is", [phrase, value.value])
        least, most = (
            next((v.value for v in self.take(shape, p)), None) for p in (SH.minLength, SH.maxLength)
        )
        if length := how_many(least, most):
            noun = " character" if (most or least) == "1" else " characters"
            yield Clause("has", [length, noun])
        flags = "".join(flag.value for flag in self.take(shape, SH.flags))
        for pattern in self.take(shape, SH.pattern):
            how = f" (flags {flags})" if flags else ""
            yield Clause("matches", ["the pattern ", *quoted(pattern.value), how])

    def _logic(self, shape: Value, deep: int) -> Iterator[Clause]:
        for head in self.take(shape, SH["and"]):
            for member in self.members(head):
                yield from self.of(member, deep + 1)
        for head in self.take(shape, SH["or"]):
            yield either([self.of(member, deep + 1) for member in self.members(head)], "or")
        for head in self.take(shape, SH.xone):
            found = either([self.of(member, deep + 1) for member in self.members(head)], "or")
            yield found._replace(rest=[*found.rest, ", and only one of these"])
        for other in self.take(shape, SH["not"]):
            clauses = self.of(other, deep + 1)
            if [clause.verb for clause in clauses] == ["is"]:
                yield Clause("is not", clauses[0].rest)
            else:
                yield Clause("is", ["nothing that ", *said(clauses)])
        for other in self.take(shape, SH.node):
            yield from self._node(other, deep + 1)
        if not self._values(shape, SH.path):
            for value in self.take(shape, SH.hasValue):
                yield Clause("is", [self._term(value)])
            for path, phrase in ((SH.equals, "the same as its "), (SH.disjoint, "none of its ")):
                for other in self.take(shape, path):
                    yield Clause("is", [phrase, *quoted(self._term(other))])
        if any(value.value == "true" for value in self.take(shape, SH.closed)):
            yield Clause("has", self._closed(shape))
        for constraint in self.take(shape, SH.sparql):
            self.take(constraint, RDF.type)
            messages = [m.value for m in self.take(constraint, SH.message)]
            told: Words = joined(([*quoted(message)] for message in messages), ", ")
            yield Clause("meets", ["what a SPARQL query asks", *([": "] if told else []), *told])

    def _closed(self, shape: Value) -> Words:
        """Return which properties a closed shape allows."""
        allowed = [
            value for head in self.take(shape, SH.ignoredProperties) for value in self.members(head)
        ]
        for other in self._values(shape, SH.property):
            allowed += self._values(other, SH.path)[:1]
        names = [quoted(self._term(value)) for value in dict.fromkeys(allowed)]
        return ["no property but ", *series(names, "and")] if names else ["no property"]

    def _node(self, other: Value, deep: int) -> list[Clause]:
        """Return another shape's demand where it is a simple one, else its name."""
        if not isinstance(other, ox.NamedNode):
            return self.of(other, deep)
        if self._simple(other):  # its triples are told where it is told itself
            return Clauses(self._values, self._term, self._shape).values(other, deep)
        return [Clause("fits", quoted(self._shape(other)))]

    def _simple(self, shape: Value) -> bool:
        """Whether a shape is of nothing but classes, datatypes or a list of values."""
        here = [(p, self._values(shape, p)) for p in _DEMANDS if self._values(shape, p)]
        if len(here) != 1 or len(here[0][1]) != 1:
            return False
        ((predicate, (value,)),) = here
        if predicate != SH["or"]:
            return predicate in _SORTS
        members = Clauses(self._values, self._term, self._shape).members(value)
        inner = [[p for p in _DEMANDS if self._values(member, p)] for member in members]
        return all(len(found) == 1 and found[0] in _SORTS for found in inner)

    def property(self, shape: Value, path: Value, deep: int) -> list[Clause]:
        """Return what a property shape says of the node that has the property."""
        name = self.path(path)
        count = self.count(shape, name)
        values = self.values(shape, deep)
        found = []
        if count is not None:
            which = [", which " if count.single else ", each of which ", *said(values)]
            found.append(Clause("has", [*count.words, *(which if values else [])]))
        elif values:
            found.append(Clause("has", ["only ", *name, ", each of which ", *said(values)]))
        found += self.others(shape, name, deep)
        return found or [Clause("may have", name)]

    def count(self, shape: Value, name: Words) -> Count | None:
        """Return how many values there must be, or None where any number may."""
        least, most = (
            next((v.value for v in self.take(shape, p)), None) for p in (SH.minCount, SH.maxCount)
        )
        if least == "0" and most is not None:
            least = None
        how = how_many(least, most)
        return None if how is None else Count([how, " ", *name], most == "1")

    def others(self, shape: Value, name: Words, deep: int) -> Iterator[Clause]:
        """Yield what a property shape says of all the values together."""
        for value in self.take(shape, SH.hasValue):
            yield Clause("has", [self._term(value), " as a value of ", *name])
        for predicate, before, after in (
            (SH.equals, "the same values of ", " as of "),
            (SH.disjoint, "no value of ", " that is also one of "),
            (SH.lessThan, "only values of ", " that are less than those of "),
            (SH.lessThanOrEquals, "only values of ", " that are not greater than those of "),
        ):
            for other in self.take(shape, predicate):
                yield Clause("has", [before, *name, after, *quoted(self._term(other))])
        if any(value.value == "true" for value in self.take(shape, SH.uniqueLang)):
            yield Clause("has", ["no two values of ", *name, " in the same language"])
        for other in self.take(shape, SH.qualifiedValueShape):
            least, most = (
                next((v.value for v in self.take(shape, p)), None)
                for p in (SH.qualifiedMinCount, SH.qualifiedMaxCount)
            )
            that = said(self._node(other, deep + 1))
            apart = any(
                v.value == "true" for v in self.take(shape, SH.qualifiedValueShapesDisjoint)
            )
            end = ", counting none that fits one of the other shapes beside it" if apart else ""
            how = how_many(least, most) or "any number of"
            yield Clause("has", [how, " ", *name, " that ", *that, end])

    def path(self, path: Value, deep: int = 0) -> Words:
        """Return what a property path is called (SHACL, section 2.3.1)."""
        if isinstance(path, ox.NamedNode):
            return quoted(self._term(path))
        if deep > DEEPEST:
            return ["…"]
        for inner in self.take(path, SH.inversePath):
            return [*self.path(inner, deep + 1), " (backwards)"]
        for head in self.take(path, SH.alternativePath):
            return series([self.path(part, deep + 1) for part in self.members(head)], "or")
        for predicate, times in STARS.items():
            for inner in self.take(path, predicate):
                return [*self.path(inner, deep + 1), times]
        steps = [self.path(part, deep + 1) for part in self.members(path)]
        return joined(steps, ", then ") or ["…"]

    def members(self, head: Value) -> list[Value]:
        """Return the members of a list; one that goes round comes to an end."""
        found, seen = list[Value](), set[Value]()
        while head not in seen and (first := self.take(head, RDF.first)):
            seen.add(head)
            found.append(first[0])
            head = next(iter(self.take(head, RDF.rest)), RDF.nil)
        return found


class Count(NamedTuple):
    """How many values of a property there must be."""

    words: Words
    single: bool
