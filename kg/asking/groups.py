"""What a SELECT query is made of: groups, with what stands in them, and triple patterns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.asking.patterns import Pattern
from kg.asking.tokens import Token, variable


@dataclass(frozen=True)
class Test:
    """A group that an EXISTS asks for."""

    group: Group
    demanded: bool
    """Whether the filter holds for the very reason that the group is met."""


@dataclass(frozen=True)
class Filter:
    """A FILTER: where it stands, and the groups whose existence it asks for."""

    start: int
    end: int
    tests: list[Test]


@dataclass(frozen=True)
class Verbatim:
    """A BIND, a VALUES or a MINUS: where it stands, and the variables that it gives values."""

    start: int
    end: int
    kind: str
    variables: list[str]
    tests: list[Test] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """A group within a group: OPTIONAL, GRAPH with its name, or neither."""

    kind: str
    group: Group
    name: str = ""


@dataclass(frozen=True)
class Union:
    """Groups of which any may be met."""

    groups: list[Group]


@dataclass(frozen=True)
class Group:
    """What stands between two braces, in order."""

    elements: list[Element]
    start: int
    end: int


@dataclass
class Select:
    """A SELECT: the whole query or one nested in it. Texts are slices of the query."""

    start: int
    items: str = ""
    names: list[str] | None = None
    """The variables that it gives, with their question marks; None for ``*``."""
    dataset: str = ""
    default: list[str] | None = None
    """What its FROM clauses name; None where it has no dataset clause at all."""
    where: Group = field(default_factory=lambda: Group([], 0, 0))
    keys: list[tuple[str, str]] = field(default_factory=list)
    """What it groups by: expression, and the variable that has its value (or nothing)."""
    having: str = ""
    values: str = ""
    aggregated: bool = False
    limited: bool = False
    end: int = 0


Element: TypeAlias = Pattern | Filter | Verbatim | Part | Union | Select


@dataclass(frozen=True)
class Selection:
    """A SELECT query: its text, the BASE and PREFIX lines before it, and what it asks for."""

    text: str
    prologue: str
    select: Select
    fresh: str
    """How no name in it begins."""
    variables: list[Token]
    """Every place where a variable stands."""
    tests: list[Group]
    """Every group that an EXISTS or NOT EXISTS asks for."""

    def variables_in(self, start: int, end: int) -> list[Token]:
        """Return the places between two offsets where a variable stands."""
        return [found for found in self.variables if start <= found.start < end]

    def slice(self, start: int, end: int, names: Mapping[str, str]) -> str:
        """Return a part of the text, with other names for some variables."""
        parts = []
        for found in self.variables_in(start, end):
            name = variable(found.text)
            parts += [self.text[start : found.start], names.get(name, name)]
            start = found.end
        return "".join((*parts, self.text[start:end]))


def scope(group: Group) -> tuple[set[str], set[str]]:
    """Return the variables that a group may give values, and those that it always does."""
    may: set[str] = set()
    always: set[str] = set()
    for element in group.elements:
        if isinstance(element, Pattern):
            terms = (element.subject, element.verb, element.object)
            given = {term for term in terms if term.startswith("?")}
            may, always = may | given, always | given
        elif isinstance(element, Verbatim):
            may |= set(element.variables)
            always |= set(element.variables) if element.kind == "VALUES" else set()
        elif isinstance(element, Select):
            inner, certain = scope(element.where)
            names = set(inner if element.names is None else element.names)
            may |= names
            always |= names & certain if not element.aggregated else set()
        elif isinstance(element, Union):
            scopes = [scope(one) for one in element.groups]
            may |= set().union(*(one for one, _ in scopes))
            always |= set.intersection(*(one for _, one in scopes))
        elif isinstance(element, Part):
            inner, certain = scope(element.group)
            may |= inner | {term for term in [element.name] if term.startswith("?")}
            if element.kind != "OPTIONAL":
                always |= certain | {term for term in [element.name] if term.startswith("?")}
    return may, always
