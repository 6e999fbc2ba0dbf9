"""A SELECT query, read into its groups and triple patterns: what its rows are matched from.

Oxigraph has accepted the query before it is read here; expressions stay text. What is not followed
raises `UnfollowedError`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kg.asking.groups import Element, Filter, Group, Part, Select, Selection, Test, Union, Verbatim
from kg.asking.patterns import PatternReader
from kg.asking.tokens import Token, UnfollowedError, variable

AGGREGATES = {"COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"}
RANDOM = {"RAND", "UUID", "STRUUID", "BNODE"}
_OPERANDS = {"variable", "string", "number", "iri", "name", "language"}
_VALUES = {"TRUE", "FALSE", "(", "EXISTS"}
_OPEN, _CLOSED = {"(", "&&", "||"}, {")", "&&", "||"}


def read_select(text: str) -> Selection:
    """Read a SELECT query."""
    reader = _Reader(text)
    while reader.sees("BASE", "PREFIX"):
        if reader.next().text == "PREFIX":
            reader.next()
        reader.next()
    prologue = text[: reader.peek().start]
    select = reader.select()
    variables = [found for _, found in sorted(reader.variables.items())]
    return Selection(text, prologue, select, reader.fresh, variables, reader.tests)


class _Reader(PatternReader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.whole: Select | None = None
        self.aggregated = False
        self.tests: list[Group] = []

    # SELECT

    def select(self) -> Select:
        outer, self.aggregated = self.aggregated, False
        select = Select(self.take("SELECT").start)
        self.whole = self.whole or select
        self.taken("DISTINCT", "REDUCED")
        start = self.peek().start
        if not self.taken("*"):
            select.names = []
            while (found := self.peek()).kind == "variable" or found.text == "(":
                select.names.append(self._item()[1])
        select.items = self.text[start : self.offset]
        start = self.peek().start
        while self.taken("FROM"):
            named = self.taken("NAMED")
            select.default = select.default or []
            graph = self.text[slice(*self.next()[2:])]
            select.default += [] if named else [graph]
        select.dataset = self.text[start : self.offset]
        self.taken("WHERE")
        select.where = self.group()
        self._modifiers(select)
        select.aggregated = self.aggregated or bool(select.keys or select.having)
        self.aggregated = outer
        select.end = self.offset
        return select

    def _modifiers(self, select: Select) -> None:
        if self.taken("GROUP"):
            self.take("BY")
            while not self._ended():
                select.keys.append(self._item())
        if self.sees("HAVING"):
            select.having = self._conditions(self.next().start)
        if ordered := self.taken("ORDER"):
            self._conditions(self.take("BY").start)
        while self.sees("LIMIT", "OFFSET"):
            if select is not self.whole and not ordered:
                what = "a nested SELECT with LIMIT and no ORDER BY"
                raise UnfollowedError(what, self.peek().start)
            self.next(), self.next()
            select.limited = True
        if self.sees("VALUES"):
            values = self._values()
            select.values = self.text[values.start : values.end]

    def _ended(self) -> bool:
        return self.peek().kind == "end" or self.sees(
            "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}"
        )

    def _conditions(self, start: int) -> str:
        while not self._ended():
            self._item()
        return self.text[start : self.offset]

    def _item(self) -> tuple[str, str]:
        """Read a variable, a bracketed expression or a call; return it and the name it gets."""
        first, alias = self.peek(), ""
        if first.kind == "variable":
            self.next()
            return first.text, variable(first.text)
        if first.text != "(":
            self._called(self.next())
            self.taken("EXISTS")
        if self.sees("{"):
            self._tested()
        else:
            alias = self._brackets()[1]
        return self.text[first.start : self.offset], alias if first.text == "(" else ""

    # Groups

    def group(self) -> Group:
        start = self.take("{").start
        elements: list[Element] = []
        if self.sees("SELECT"):
            elements.append(self.select())
        while not self.sees("}"):
            elements += self._element()
        return Group(elements, start, self.take("}").end)

    def _element(self) -> Iterator[Element]:
        first = self.peek()
        if self.taken("."):
            return
        if self.sees("{"):
            groups = [self.group()]
            while self.taken("UNION"):
                groups.append(self.group())
            yield Part("", groups[0]) if len(groups) == 1 else Union(groups)
        elif self.taken("OPTIONAL"):
            yield Part("OPTIONAL", self.group())
        elif self.taken("GRAPH"):
            name = self.term()
            yield Part("GRAPH", self.group(), name)
        elif self.taken("MINUS"):
            self.group()
            yield Verbatim(first.start, self.offset, "MINUS", [])
        elif self.taken("FILTER"):
            tests = self._constraint()
            yield Filter(first.start, self.offset, tests)
        elif self.taken("BIND"):
            tests, name = self._brackets()
            tests = [Test(test.group, False) for test in tests]
            yield Verbatim(first.start, self.offset, "BIND", [name], tests)
        elif self.sees("VALUES"):
            yield self._values()
        elif first.kind == "word":
            raise UnfollowedError(f"'{first.text}'", first.start)
        else:
            yield from self.same_subject()

    def _values(self) -> Verbatim:
        start = self.take("VALUES").start
        names, certain = [], True
        while not self.sees("{"):
            found = self.next()
            names += [variable(found.text)] if found.kind == "variable" else []
        while not self.taken("}"):
            certain = certain and not self.sees("UNDEF")
            self.next()
        return Verbatim(start, self.offset, "VALUES" if certain else "UNDEF", names)

    # Expressions

    def _constraint(self) -> list[Test]:
        negated = self.taken("NOT")
        if self.taken("EXISTS"):
            group = self._tested()
            return [] if negated else [Test(group, True)]
        if self.sees("("):
            return self._brackets()[0]
        self._called(self.next())
        return [Test(test.group, False) for test in self._brackets()[0]]

    def _brackets(self) -> tuple[list[Test], str]:
        """Read a bracketed expression; return its tests, and the variable that gets its value."""
        self.take("(")
        tests: list[Test] = []
        before, alias, operand = "(", "", False
        while (found := self.next(iris=not operand)).text != ")":
            inner: list[Test] = []
            if found.text == "(":
                self.offset = found.start
                inner = self._brackets()[0]
            elif found.text == "EXISTS":
                group = self._tested()
                inner = [] if before in ("NOT", "!") else [Test(group, True)]
            elif found.kind == "variable" and before == "AS":
                alias = variable(found.text)
            self._called(found)
            demanded = before in _OPEN and self.peek(iris=False).text in _CLOSED
            tests += [Test(test.group, test.demanded and demanded) for test in inner]
            operand = found.kind in _OPERANDS or found.text in _VALUES
            before = found.text
        return tests, alias

    def _tested(self) -> Group:
        group = self.group()
        self.tests.append(group)
        return group

    def _called(self, found: Token) -> None:
        if found.kind == "word" and found.text in AGGREGATES:
            self.aggregated = True
        if found.kind == "word" and found.text in RANDOM:
            raise UnfollowedError(
                f"{found.text}, which gives something else each time,", found.start
            )
