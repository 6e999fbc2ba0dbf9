"""Constraints on single values (SHACL, sections 4.1.2 to 4.4), as tests of a value's text."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection
from typing import NamedTuple, TypeAlias

from kg.sieve.exact import compares, distinct, has_datatype
from kg.sieve.graph import Graph, Nodes
from kg.sieve.paths import NotCompiledError, members
from kg.sieve.terms import RDF, RDFS, SH, XSD, is_string, language, number, string, term

Test: TypeAlias = Callable[[str, Graph], bool]
"""Whether a node conforms."""

Tests: TypeAlias = Callable[[Collection[str], Graph], bool]
"""Whether all of many nodes conform; a False may be wrong."""


class Constraint(NamedTuple):
    """A constraint on values: a test of one, and a quick one of very many at once."""

    one: Test
    every: Tests


def constraint(one: Test) -> Constraint:
    """Return a constraint that tests each different value."""
    return Constraint(one, lambda values, graph: all(one(value, graph) for value in set(values)))


Watch: TypeAlias = Callable[[str], None]
"""Is told which shape is at hand, before something that may take for ever."""

KINDS = {
    "IRI": "<",
    "BlankNode": "_",
    "Literal": '"',
    "BlankNodeOrIRI": "_<",
    "BlankNodeOrLiteral": '_"',
    "IRIOrLiteral": '<"',
}
PLAIN = {  # lexical forms that are surely well-formed, so that rdflib need not be asked
    "string": None,
    "boolean": re.compile(r'"(?:true|false)"'),
    "date": re.compile(r'"[12][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"'),
    "gYear": re.compile(r'"[12][0-9]{3}"'),
    "gYearMonth": re.compile(r'"[12][0-9]{3}-(?:0[1-9]|1[0-2])"'),
    "integer": re.compile(r'"-?[0-9]{1,18}"'),
    "nonNegativeInteger": re.compile(r'"[0-9]{1,18}"'),
    "decimal": re.compile(r'"-?[0-9]{1,18}(?:\.[0-9]{1,18})?"'),
    "hexBinary": re.compile(r'"(?:[0-9a-f]{2}){1,64}"'),
}


def kind(wanted: str) -> Constraint:
    """Compile ``sh:nodeKind``."""
    first = KINDS.get(wanted.removeprefix(f"<{SH}")[:-1])
    if first is None:
        raise NotCompiledError(f"the node kind {wanted}")
    firsts = frozenset(first)
    return Constraint(
        lambda value, graph: value[0] in firsts,
        lambda values, graph: firsts.issuperset([value[0] for value in values]),
    )


def datatype(wanted: str) -> Constraint:
    """Compile ``sh:datatype``."""
    if wanted[0] != "<":
        raise NotCompiledError("a datatype that is no IRI")
    if wanted == f"<{XSD}string>":
        quote = frozenset('"')
        return Constraint(
            lambda value, graph: value[-1] == '"',
            lambda values, graph: quote.issuperset([value[-1] for value in values]),
        )
    if wanted == f"<{RDF}langString>":
        return constraint(lambda value, graph: is_string(value) and value[-1] != '"')
    suffix, plain = f'"^^{wanted}', PLAIN.get(wanted.removeprefix(f"<{XSD}")[:-1])
    rest, special = len(suffix) - 1, wanted.startswith(f"<{RDFS}")

    def test(value: str, graph: Graph) -> bool:
        if not value.endswith(suffix):
            return special and has_datatype(value, wanted)
        return bool(plain and plain.fullmatch(value[:-rest])) or has_datatype(value, wanted)

    return constraint(test)


def bound(name: str, limit: str) -> Constraint:
    """Compile ``sh:minInclusive`` and the like."""
    if limit[0] != '"':
        raise NotCompiledError("a bound that is no literal")
    holds = BOUNDS[name]
    least = number(limit)

    def test(value: str, graph: Graph) -> bool:
        found = None if least is None else number(value)
        if found is not None and least is not None:
            return holds(found, least)
        return compares(value, limit, holds)

    return constraint(test)


BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "minExclusive": operator.gt,
    "minInclusive": operator.ge,
    "maxExclusive": operator.lt,
    "maxInclusive": operator.le,
}


def length(name: str, limit: int) -> Constraint:
    """Compile ``sh:minLength`` or ``sh:maxLength``."""
    if name == "maxLength":
        return constraint(lambda value, graph: value[0] != "_" and len(_string(value)) <= limit)
    if limit == 0:
        return constraint(lambda value, graph: True)  # blank nodes too

    def test(value: str, graph: Graph) -> bool:
        return value[0] != "_" and len(_string(value)) >= limit

    def every(values: Collection[str], graph: Graph) -> bool:
        unsure = [v for v in values if len(v) < limit + 2 or v[-1] != '"' or "\\" in v]
        return all(test(value, graph) for value in unsure)

    return Constraint(test, every)


def _string(value: str) -> str:
    return string(value) if value[0] == "<" or is_string(value) else str(term(value))


def pattern(wanted: str, flags: list[str], shape: str, watch: Watch) -> Constraint:
    """Compile ``sh:pattern``; who waits is told of one that may take long."""
    if wanted[-1] != '"' or len(flags) > 1 or any(flag[-1] != '"' for flag in flags):
        raise NotCompiledError("a pattern that is no plain string")
    letters = "".join(map(string, flags)).lower()
    options = re.IGNORECASE * ("i" in letters) | re.MULTILINE * ("m" in letters)
    try:
        search = re.compile(string(wanted), options).search
    except (re.error, OverflowError, RecursionError) as error:
        raise NotCompiledError(f"a pattern that is none: {error}") from error

    def test(value: str, graph: Graph) -> bool:
        return value[0] != "_" and search(_string(value)) is not None

    def watched(value: str, graph: Graph) -> bool:
        watch(shape)
        found = test(value, graph)
        watch("")
        return found

    return constraint(watched if set(wanted) & set("*+?{") else test)


def languages(wanted: str, shapes: Nodes) -> Constraint:
    """Compile ``sh:languageIn``; only the first subtag counts besides the whole tag."""
    tags = members(wanted, shapes)
    if not all(tag[-1] == '"' for tag in tags):
        raise NotCompiledError("a language that is no string")
    names = {string(tag).lower() for tag in tags}

    def test(value: str, graph: Graph) -> bool:
        tag = language(value)
        return bool(tag) and ("*" in names or tag in names or tag.partition("-")[0] in names)

    return constraint(test)


def among(wanted: str, shapes: Nodes) -> Constraint:
    """Compile ``sh:in``."""
    texts = frozenset(members(wanted, shapes))
    return constraint(lambda value, graph: is_one_of(value, texts))


def is_one_of(value: str, texts: frozenset[str]) -> bool:
    """Whether a value is one of some terms: by its text, or as rdflib has it."""
    if value in texts:
        return True
    return value[0] == '"' and value[-1] == ">" and term(value) in distinct(texts)


def class_(classes: frozenset[str]) -> Constraint:
    """Compile ``sh:class``, given the class and all below it."""
    return constraint(lambda value, graph: graph.is_a(value, classes))


def closed(allowed: frozenset[str]) -> Constraint:
    """Compile ``sh:closed``, given the properties that a node may have."""
    always = {f"<{RDFS}Resource>"}

    def test(value: str, graph: Graph) -> bool:
        table = graph.nodes.get(value, {})
        return all(
            predicate in allowed or (predicate == f"<{RDF}type>" and always.issuperset(values))
            for predicate, values in table.items()
        )

    return constraint(test)
