"""What OWL says of classes by expressions, in words: ``award or award conferral``."""

from __future__ import annotations

import pyoxigraph as ox

from kg.asking.turtles import Value
from kg.pages.rows import Rows
from kg.pages.words import Words, joined, quoted, series
from kg.vocab import OWL, RDF

DEEPEST = 6
"""How deep expressions may lie in one another to be told."""

_FACETS = {
    OWL.allValuesFrom: " is always ",
    OWL.someValuesFrom: " is at least once ",
    OWL.hasValue: " is ",
    OWL.cardinality: " is given exactly this often: ",
    OWL.minCardinality: " is given at least this often: ",
    OWL.maxCardinality: " is given at most this often: ",
    OWL.qualifiedCardinality: " is given exactly this often: ",
    OWL.minQualifiedCardinality: " is given at least this often: ",
    OWL.maxQualifiedCardinality: " is given at most this often: ",
}


class Expressions:
    """Tells values of the ontology: terms, texts, lists and classes without a name."""

    def __init__(self, rows: Rows) -> None:
        """Take how terms are shown."""
        self._rows = rows
        self._turtles = rows.nodes.terms.turtles

    def of(self, value: Value, deep: int = 0) -> Words:
        """Return a value in words; what there are none for, as properties and values."""
        if not isinstance(value, ox.BlankNode):
            return [self._rows.term(value)]
        if deep > DEEPEST:
            return ["…"]
        for predicate, word in (
            (OWL.unionOf, "or"),
            (OWL.intersectionOf, "and"),
            (OWL.oneOf, "or"),
        ):
            for head in self._turtles.values(value, predicate):
                return series([self.of(m, deep + 1) for m in self._turtles.members(head)], word)
        for other in self._turtles.values(value, OWL.complementOf):
            return ["anything but ", *self.of(other, deep + 1)]
        for property_ in self._turtles.values(value, OWL.onProperty):
            return self._restriction(value, property_, deep)
        if members := self._turtles.members(value):
            return series([self.of(member, deep + 1) for member in members], "and")
        said = [pair for pair in self._turtles.said(value) if pair[0] != RDF.type]
        parts = [[self._rows.term(p), " ", *self.of(v, deep + 1)] for p, v in said]
        return ["[", *joined(parts, "; "), "]"]

    def _restriction(self, value: Value, property_: Value, deep: int) -> Words:
        parts: list[Words] = []
        for predicate, phrase in _FACETS.items():
            parts += (
                [phrase, *self.of(v, deep + 1)] for v in self._turtles.values(value, predicate)
            )
        for predicate in (OWL.onClass, OWL.onDataRange):
            parts += (
                [", counting ", *self.of(v, deep + 1)]
                for v in self._turtles.values(value, predicate)
            )
        name = (
            quoted(self._rows.term(property_))
            if not isinstance(property_, ox.BlankNode)
            else self.of(property_, deep + 1)
        )
        return ["whatever has ", *name, ", which", *joined(parts, " and")] if parts else name
