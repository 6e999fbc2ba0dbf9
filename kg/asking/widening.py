"""A query made to tell more: all that its patterns matched, beside what it asks for.

The group of a SELECT stays as it is, save that it also tells which OPTIONAL and UNION parts were
met, what a nested SELECT gave, and what an EXISTS found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kg.asking.groups import Filter, Group, Select, Selection, Test, Union, Verbatim, scope
from kg.asking.patterns import Pattern
from kg.asking.tokens import variable


@dataclass(frozen=True)
class Sought:
    """A pattern, and what tells of a solution whether and where it was matched."""

    pattern: Pattern
    marker: str
    """The variable that is bound if it was; empty for a pattern that every solution matches."""
    graph: str
    """The graph, as a variable or a term; empty for the default graph."""


@dataclass(frozen=True)
class Nested:
    """A nested SELECT, and the variables that have what it gave."""

    select: Select
    marker: str
    captures: dict[str, str]
    """By the variables that it gives, those that have their values."""


@dataclass
class Widened:
    """A group as text that tells more, and how to read the solutions."""

    query: Selection
    body: str = ""
    sought: list[Sought] = field(default_factory=list)
    nested: list[Nested] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    """What is not sought: where it stands, and what it is."""

    @property
    def variables(self) -> list[str]:
        """The variables that tell it, each once."""
        found: dict[str, None] = {}
        for one in self.sought:
            terms = (one.pattern.subject, one.pattern.verb, one.pattern.object)
            found |= dict.fromkeys((*terms, one.marker, one.graph))
        for select in self.nested:
            found |= dict.fromkeys((select.marker, *select.captures.values()))
        return [term for term in found if term.startswith("?")]

    @property
    def constants(self) -> list[str]:
        """The terms that are no variables."""
        found: dict[str, None] = {}
        for one in self.sought:
            found |= dict.fromkeys((one.pattern.subject, one.pattern.object, one.graph))
        return [term for term in found if term and not term.startswith("?")]


def widened(query: Selection, select: Select) -> Widened:
    """Widen the group of a SELECT."""
    result = Widened(query)
    result.body = _Writer(result).group(select.where, "", "")
    return result


class _Writer:
    """Writes the group; ``names``, where not None, are other names within an EXISTS."""

    def __init__(self, result: Widened) -> None:
        self.result = result
        self.query = result.query
        self.count = 0
        outside = Counter(variable(found.text) for found in self.query.variables)
        for test in self.query.tests:
            if not any(one.start < test.start < one.end for one in self.query.tests):
                inner = self.query.variables_in(test.start, test.end)
                outside.subtract(variable(found.text) for found in inner)
        self.outside = {name for name, count in outside.items() if count}

    def group(
        self, group: Group, marker: str, graph: str, names: Mapping[str, str] | None = None
    ) -> str:
        """Return the text between the braces."""
        parts: list[str] = []
        tests: list[Test] = []
        for element in group.elements:
            if isinstance(element, Pattern):
                own = _renamed(element, names or {})
                self.result.sought.append(Sought(own, marker, graph))
                parts.append(f"{own.subject} {own.verb} {own.object} .")
            elif isinstance(element, Filter | Verbatim):
                parts.append(self.query.slice(element.start, element.end, names or {}))
                tests += element.tests
            elif isinstance(element, Select):
                parts.append(self.nested(element, marker, graph))
            elif isinstance(element, Union):
                branches = (self.marked(one, graph, names) for one in element.groups)
                parts.append(" UNION ".join(branches))
            elif element.kind == "OPTIONAL":
                parts.append(f"OPTIONAL {self.marked(element.group, graph, names)}")
            elif element.kind == "GRAPH":
                name = (names or {}).get(element.name, element.name)
                inner = self.group(element.group, marker, name, names)
                parts.append(f"GRAPH {name} {{ {inner} }}")
            else:
                parts.append(f"{{ {self.group(element.group, marker, graph, names)} }}")
        _, certain = scope(group)
        for test in tests:
            if names is None and self.follows(test, certain):
                parts.append(f"OPTIONAL {self.tested(test, certain, graph)}")
            else:
                self.result.left_out.append((test.group.start, "what this EXISTS finds"))
        return "\n".join(parts)

    def marked(self, group: Group, graph: str, names: Mapping[str, str] | None) -> str:
        """Return a group that tells whether it is met."""
        marker = self.fresh()
        return f"{{ {self.group(group, marker, graph, names)} BIND (true AS {marker}) }}"

    def nested(self, select: Select, marker: str, graph: str) -> str:
        """Return a nested SELECT as it is, and what it gives under names of its own."""
        body = f"{{ {self.query.text[select.start : select.end]} }}"
        if graph:
            self.result.left_out.append((select.start, "what this SELECT within GRAPH finds"))
            return body
        names = sorted(scope(select.where)[0]) if select.names is None else select.names
        names = [name for name in names if not name.startswith(f"?{self.query.fresh}")]
        captures = {name: self.fresh() for name in names}
        self.result.nested.append(Nested(select, marker, captures))
        binds = " ".join(f"BIND ({name} AS {held})" for name, held in captures.items())
        return f"{{ {body} {binds} }}"

    def tested(self, test: Test, certain: set[str], graph: str) -> str:
        """Return the group of an EXISTS, its own variables under names of their own."""
        inner = self.query.variables_in(test.group.start, test.group.end)
        own = sorted({variable(found.text) for found in inner} - certain)
        return self.marked(test.group, graph, {name: self.fresh() for name in own})

    def follows(self, test: Test, certain: set[str]) -> bool:
        """Whether a group that is asked for finds the same when it is joined.

        Its variables are bound outside in any case, or nowhere but inside.
        """
        inner = self.query.variables_in(test.group.start, test.group.end)
        names = {variable(found.text) for found in inner}
        shared = names & certain
        return (
            test.demanded
            and names - certain <= names - self.outside
            and self.joins(test.group, names - shared, top=True)
        )

    def joins(self, group: Group, own: set[str], *, top: bool) -> bool:
        """Whether a group has no part in which a join and an EXISTS see different variables."""
        known = scope(group)[1] | own
        for element in group.elements:
            if isinstance(element, Verbatim | Select):
                return False
            if isinstance(element, Filter):
                inner = self.query.variables_in(element.start, element.end)
                if not top and not {variable(found.text) for found in inner} <= known:
                    return False
            elif not isinstance(element, Pattern):
                groups = element.groups if isinstance(element, Union) else [element.group]
                if not all(self.joins(one, own, top=False) for one in groups):
                    return False
        return True

    def fresh(self) -> str:
        """Return a variable that is nowhere else."""
        self.count += 1
        return f"?{self.query.fresh}{self.count}"


def _renamed(pattern: Pattern, names: Mapping[str, str]) -> Pattern:
    return replace(
        pattern,
        subject=names.get(pattern.subject, pattern.subject),
        verb=names.get(pattern.verb, pattern.verb),
        object=names.get(pattern.object, pattern.object),
    )
