"""Constraints on single values (SHACL, sections 4.1.2 to 4.4), as tests of a value's text."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TypeAlias

from kg.sieve.exact import compares, distinct, has_datatype
from kg.sieve.graph import Graph, Nodes
from kg.sieve.paths import NotCompiledError, members
from kg.sieve.terms import RDF, RDFS, SH, XSD, is_string, language, number, string, term

Test: TypeAlias = Callable[[str, Graph], bool]
"""Whether a node conforms."""

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


def kind(wanted: str) -> Test:
    """Compile ``sh:nodeKind``."""
    first = KINDS.get(wanted.removeprefix(f"<{SH}")[:-1])
    if first is None:
        raise NotCompiledError(f"the node kind {wanted}")
    return lambda value, graph: value[0] in first


def datatype(wanted: str) -> Test:
    """Compile ``sh:datatype``."""
    if wanted[0] != "<":
        raise NotCompiledError("a datatype that is no IRI")
    if wanted == f"<{XSD}string>":
        return lambda value, graph: value[-1] == '"'
    if wanted == f"<{RDF}langString>":
        return lambda value, graph: is_string(value) and value[-1] != '"'
    suffix, plain = f'"^^{wanted}', PLAIN.get(wanted.removeprefix(f"<{XSD}")[:-1])
    rest, special = len(suffix) - 1, wanted.startswith(f"<{RDFS}")

    def test(value: str, graph: Graph) -> bool:
        if not value.endswith(suffix):
            return special and has_datatype(value, wanted)
        return bool(plain and plain.fullmatch(value[:-rest])) or has_datatype(value, wanted)

    return test


def bound(name: str, limit: str) -> Test:
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

    return test


BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "minExclusive": operator.gt,
    "minInclusive": operator.ge,
    "maxExclusive": operator.lt,
    "maxInclusive": operator.le,
}


def length(name: str, limit: int) -> Test:
    """Compile ``sh:minLength`` or ``sh:maxLength``."""
    holds = operator.ge if name == "minLength" else operator.le
    if limit == 0 and name == "minLength":
        return lambda value, graph: True  # blank nodes too
    return lambda value, graph: value[0] != "_" and holds(len(_string(value)), limit)


def _string(value: str) -> str:
    return string(value) if value[0] == "<" or is_string(value) else str(term(value))


def pattern(wanted: str, flags: list[str], shape: str, watch: Watch) -> Test:
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

    return watched if set(wanted) & set("*+?{") else test


def languages(wanted: str, shapes: Nodes) -> Test:
    """Compile ``sh:languageIn``; only the first subtag counts besides the whole tag."""
    tags = members(wanted, shapes)
    if not all(tag[-1] == '"' for tag in tags):
        raise NotCompiledError("a language that is no string")
    names = {string(tag).lower() for tag in tags}

    def test(value: str, graph: Graph) -> bool:
        tag = language(value)
        return bool(tag) and ("*" in names or tag in names or tag.partition("-")[0] in names)

    return test


def among(wanted: str, shapes: Nodes) -> Test:
    """Compile ``sh:in``."""
    texts = frozenset(members(wanted, shapes))
    return lambda value, graph: is_one_of(value, texts)


def is_one_of(value: str, texts: frozenset[str]) -> bool:
    """Whether a value is one of some terms: by its text, or as rdflib has it."""
    if value in texts:
        return True
    return value[0] == '"' and value[-1] == ">" and term(value) in distinct(texts)


def class_(classes: frozenset[str]) -> Test:
    """Compile ``sh:class``, given the class and all below it."""
    return lambda value, graph: graph.is_a(value, classes)


def closed(allowed: frozenset[str]) -> Test:
    """Compile ``sh:closed``, given the properties that a node may have."""
    always = {f"<{RDFS}Resource>"}

    def test(value: str, graph: Graph) -> bool:
        table = graph.nodes.get(value, {})
        return all(
            predicate in allowed or (predicate == f"<{RDF}type>" and always.issuperset(values))
            for predicate, values in table.items()
        )

    return test
