"""The triples that the rows of a SELECT were matched from.

The query is asked once more, widened so that every solution tells all its bindings; solutions and
rows meet by the values of the row. A nested SELECT is followed in the same way, and so are groups:
by the values of what they are grouped by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kg.asking.groups import Select, scope
from kg.asking.paths import Graph, Name
from kg.asking.published import Published, QueryError
from kg.asking.selection import read_select
from kg.asking.tokens import UnfollowedError
from kg.asking.widening import Sought, Widened, widened
from kg.model import Place, Problem, Severity, Term, Triple

Key = tuple[Term | None, ...]
Match = tuple[int, Triple, tuple[Name, ...]]
"""A triple, with the place of its pattern in the query and the graphs in which it was matched."""

MOST = 1000
"""With LIMIT, up to so many rows are looked for alone; others among all that the query matches."""


class Support:
    """Finds the triples behind the rows of a query."""

    def __init__(self, published: Published, text: str) -> None:
        """Read the query; raises `QueryError` for one that cannot be followed."""
        self.published = published
        try:
            self.query = read_select(text)
        except UnfollowedError as error:
            message = f"--evidence does not follow {error} here"
            place = _place(text, error.offset)
            mend = "write it in another way, or ask without --evidence"
            raise QueryError(Problem(place, message, mend)) from error
        except RecursionError as error:
            message = "--evidence does not follow a query that nests so deeply"
            raise QueryError(Problem(Place("query"), message, "nest it less")) from error
        self.terms: dict[str, Term] = {}
        self.left_out: dict[Place, Problem] = {}
        self.default: tuple[Name, ...] = (ox.DefaultGraph(),)
        if (graphs := self.query.select.default) is not None:
            self._learn(graphs)
            self.default = tuple(self._name(graph) for graph in graphs)
        self._between: dict[tuple[object, ...], set[Triple]] = {}

    def matches(self, names: Sequence[str], rows: Sequence[Key]) -> list[set[Match]]:
        """Return for each row, given as the values of some variables, what it was matched from."""
        found = self._select(self.query.select, [f"?{name}" for name in names], rows)
        if lost := sum(row not in found for row in rows):
            message = (
                f"asked again, the query does not give {lost:,} of its rows: no evidence there"
            )
            place = Place("query")
            self.left_out[place] = Problem(place, message, severity=Severity.INFO)
        return [found.get(row, set()) for row in rows]

    def _select(
        self, select: Select, names: list[str], rows: Sequence[Key] | None
    ) -> dict[Key, set[Match]]:
        """Return what the rows of a SELECT, the given ones or all, were matched from."""
        wide = widened(self.query, select)
        for offset, what in wide.left_out:
            place = _place(self.query.text, offset)
            message = f"{what} is not among the evidence"
            self.left_out[place] = Problem(place, message, severity=Severity.INFO)
        self._learn([*wide.constants, *_links(wide)])
        if select.aggregated:
            return self._groups(select, wide, names, rows)
        items = _items(select.items, select.names, wide.variables)
        only = "" if "MINUS" in self.query.text.upper() else _only(select, names, rows)
        where = f"{select.dataset} WHERE {{ {wide.body} {only} }} {select.values}"
        return self._collect(wide, f"{items} {where}", names, None if rows is None else set(rows))

    def _groups(
        self, select: Select, wide: Widened, names: list[str], rows: Sequence[Key] | None
    ) -> dict[Key, set[Match]]:
        """Return what the rows of a SELECT that groups were matched from."""
        keys = [name or f"?{self.query.fresh}key{i}" for i, (_, name) in enumerate(select.keys)]
        # `?x` and `(… AS ?x)` stand as they are; what has no name gets one
        given = [
            text if name else f"({text} AS {key})"
            for (text, name), key in zip(select.keys, keys, strict=True)
        ]
        groups: dict[Key, set[Key]] = {}
        if rows is not None and set(keys) <= set(names):
            places = [names.index(key) for key in keys]
            groups = {row: {tuple(row[i] for i in places)} for row in rows}
        else:
            where = self.query.text[select.where.start : select.where.end]
            by = f"GROUP BY {' '.join(given)}" if given else ""
            items = _items(select.items, select.names, keys)
            rest = f"{by} {select.having} {select.values}"
            for row in self._ask(f"{items} {select.dataset} WHERE {where} {rest}"):
                groups.setdefault(_key(row, names), set()).add(_key(row, keys))
        items = " ".join((*given, *(name for name in wide.variables if name not in keys)))
        text = f"{items or '*'} {select.dataset} WHERE {{ {wide.body} }}"
        found = self._collect(wide, text, keys, set().union(*groups.values()))
        return {
            row: set().union(*(found.get(key, set()) for key in members))
            for row, members in groups.items()
        }

    def _collect(
        self, wide: Widened, text: str, names: list[str], wanted: set[Key] | None
    ) -> dict[Key, set[Match]]:
        nested = []
        for one in wide.nested:
            given = self._select(one.select, list(one.captures), None)
            nested.append((one.marker, list(one.captures.values()), given))
        found: dict[Key, set[Match]] = {}
        for row in self._ask(text):
            key = _key(row, names)
            if wanted is not None and key not in wanted:
                continue
            matches = found.setdefault(key, set())
            for sought in wide.sought:
                if _met(row, sought.marker):
                    matches.update(self._matched(sought, row))
            for marker, captures, given in nested:
                if _met(row, marker):
                    matches |= given.get(_key(row, captures), set())
        return found

    def _matched(self, sought: Sought, row: ox.QuerySolution) -> Iterator[Match]:
        pattern = sought.pattern
        subject, object_ = self._term(pattern.subject, row), self._term(pattern.object, row)
        named = self._term(sought.graph, row) if sought.graph else None
        graphs = (named,) if isinstance(named, ox.NamedNode) else self.default
        if subject is None or object_ is None:
            return
        if pattern.path is None:
            predicate = self._term(pattern.verb, row)
            assert isinstance(subject, ox.NamedNode)
            assert isinstance(predicate, ox.NamedNode)
            yield pattern.order, Triple(subject, predicate, object_), graphs
            return
        key = pattern.order, subject, object_, graphs
        if key not in self._between:
            graph = Graph(self.published.store, graphs, self.terms)
            self._between[key] = pattern.path.between(graph, subject, object_)
        for triple in self._between[key]:
            yield pattern.order, triple, graphs

    def _term(self, text: str, row: ox.QuerySolution) -> Term | None:
        return row[text[1:]] if text.startswith("?") else self.terms[text]

    def _learn(self, constants: list[str]) -> None:
        """Let Oxigraph say which terms the query's own writing means."""
        new = [text for text in dict.fromkeys(constants) if text not in self.terms]
        items = " ".join(f"({text} AS ?{self.query.fresh}{i})" for i, text in enumerate(new))
        for row in self._ask(f"{items} {{}}") if new else ():
            self.terms |= {text: row[i] for i, text in enumerate(new)}

    def _ask(self, text: str) -> Iterator[ox.QuerySolution]:
        try:
            answer = self.published.query(f"{self.query.prologue} SELECT {text}")
            assert isinstance(answer, ox.QuerySolutions)
            yield from answer
        except QueryError as error:
            message = f"the evidence cannot be sought: {error.problem.message}"
            mend = "ask without --evidence"
            raise QueryError(Problem(Place("query"), message, mend)) from error

    def _name(self, graph: str) -> Name:
        term = self.terms[graph]
        assert isinstance(term, ox.NamedNode)
        return term


def _items(text: str, names: list[str] | None, more: Sequence[str]) -> str:
    """Return what to select: the items of the query, and some variables if they are not there."""
    return "*" if names is None else " ".join((text, *(v for v in more if v not in names)))


def _only(select: Select, names: list[str], rows: Sequence[Key] | None) -> str:
    """Return VALUES that keep a query with LIMIT from telling of all that it would match.

    Not for one with MINUS: Oxigraph subtracts too much where it passes bound variables into it.
    """
    if not select.limited or rows is None or len(rows) > MOST:
        return ""
    certain = scope(select.where)[1]
    kept = [i for i, name in enumerate(names) if name in certain]
    lines = dict.fromkeys(" ".join(str(row[i]) for i in kept) for row in rows)
    listed = " ".join(f"({line})" for line in lines)
    return f"VALUES ({' '.join(names[i] for i in kept)}) {{ {listed} }}" if kept else ""


def _links(wide: Widened) -> Iterator[str]:
    for sought in wide.sought:
        if sought.pattern.path is not None:
            yield from sought.pattern.path.iris


def _met(row: ox.QuerySolution, marker: str) -> bool:
    return not marker or row[marker[1:]] is not None


def _key(row: ox.QuerySolution, names: Sequence[str]) -> Key:
    return tuple(row[name[1:]] for name in names)


def _place(text: str, offset: int) -> Place:
    before = text[:offset]
    return Place("query", before.count("\n") + 1, offset - before.rfind("\n"))
