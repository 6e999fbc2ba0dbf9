"""Saved queries as tests: is the answer that a dataset gives the one that is expected?

Rows are compared one by one where the query orders them (ORDER BY, outside all sub-queries), as a
multiset elsewhere; columns by their names; graphs as graphs.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import pyoxigraph as ox

from kg.asking.answers import write_answer
from kg.asking.published import Published, QueryError
from kg.asking.queries import Answer, Query
from kg.asking.sparql import Form, is_ordered, query_problem
from kg.model import Place, Problem


class Row(NamedTuple):
    """One row of an answer, or one triple of a graph, and the line at which it stands."""

    cells: tuple[str, ...]
    line: int


class Verdict(NamedTuple):
    """Whether a query was answered as expected, and how not."""

    query: Query
    problem: Problem | None = None
    missing: tuple[str, ...] = ()
    """What was expected and is not there."""
    surplus: tuple[str, ...] = ()
    """What is there and was not expected."""


def judge(published: Published, query: Query) -> Verdict:
    """Ask a query and compare the answer with the expected one, if there is one."""
    try:
        answer = published.query(query.text)
        expected = query.expected
        if query.form is Form.SELECT:
            text = "".join(write_answer(published, answer, "csv"))
            return _rows(query, expected, text)
        if query.form is Form.ASK:
            return _truth(query, expected, bool(answer))
        text = "".join(write_answer(published, answer, "ntriples"))
        return _graph(query, expected, text)
    except QueryError as error:
        place = replace_path(error.problem.place, query.path)
        return Verdict(query, replace(error.problem, place=place))


def replace_path(place: Place, path: str) -> Place:
    """Return a place in the text of a query as one in the file that holds it."""
    return place._replace(path=path) if place.path == "query" else place


def _truth(query: Query, expected: Answer | None, answer: bool) -> Verdict:
    if expected is None:
        return Verdict(query)
    wanted, given = expected.text.strip(), str(answer).lower()
    if wanted not in ("true", "false"):
        problem = query_problem(Place(expected.path), "this is neither true nor false", "write one")
        return Verdict(query, problem)
    if wanted == given:
        return Verdict(query)
    return _different(query, [Row((wanted,), 1)], [Row((given,), 1)])


def _rows(query: Query, expected: Answer | None, text: str) -> Verdict:
    if expected is None:
        return Verdict(query)
    columns, *given = _read(text)
    try:
        wanted = list(_read(expected.text))
    except csv.Error as error:
        problem = query_problem(Place(expected.path), f"this is not CSV: {error}", "mend it")
        return Verdict(query, problem)
    header = wanted[0].cells if wanted else ()
    if Counter(header) != Counter(columns.cells):
        message = f"the columns are {', '.join(columns.cells)}, not {', '.join(header)}"
        return Verdict(query, query_problem(Place(expected.path), message, _MEND))
    order = [header.index(name) for name in columns.cells]
    held = [
        Row(tuple(row.cells[i] for i in order), row.line) if len(row.cells) == len(order) else row
        for row in wanted[1:]
    ]
    if not is_ordered(query.text):
        held.sort()
        given.sort()
    return _different(query, held, given)


def _graph(query: Query, expected: Answer | None, text: str) -> Verdict:
    if expected is None:
        return Verdict(query)
    try:
        wanted = _triples(expected.text, ox.RdfFormat.TURTLE)
    except (SyntaxError, MemoryError) as error:  # the latter of a term of more than 16 MiB
        at = (error.lineno or 1, error.offset or 1) if isinstance(error, SyntaxError) else ()
        message = f"this is not Turtle: {getattr(error, 'msg', error)}"
        return Verdict(query, query_problem(Place(expected.path, *at), message, "mend it"))
    return _different(query, wanted, _triples(text, ox.RdfFormat.N_TRIPLES))


def _triples(text: str, format_: ox.RdfFormat) -> list[Row]:
    """Return the triples of a graph, its blank nodes named alike whoever named them."""
    graph = ox.Dataset(ox.Quad(*triple) for triple in ox.parse(text, format_))
    graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad.subject} {quad.predicate} {quad.object}" for quad in graph)
    return [Row((line,), 1) for line in lines]


def _read(text: str) -> Iterator[Row]:
    """Yield the rows of a CSV text; a row whose one cell is empty is an empty line."""
    csv.field_size_limit(1 << 30)
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    for cells in reader:
        yield Row(tuple(cells) or ("",), line)
        line = reader.line_num + 1


_MEND = "mend the query or the data; if the new answer is right, save it in queries/"


def _different(query: Query, wanted: list[Row], given: list[Row]) -> Verdict:
    """Return the verdict on rows that are to be alike, in the order in which they are given."""
    left, right = [row.cells for row in wanted], [row.cells for row in given]
    if left == right:
        return Verdict(query)
    assert query.expected is not None
    missing, surplus = _unmatched(wanted, given), _unmatched(given, wanted)
    if not (missing or surplus):  # the same rows in another order: where it is another
        missing, surplus = (
            [row for row, other in zip(rows, others, strict=True) if row.cells != other.cells]
            for rows, others in ((wanted, given), (given, wanted))
        )
    line = missing[0].line if missing else 1
    message = f"the answer differs: {len(missing)} missing, {len(surplus)} not expected"
    problem = query_problem(Place(query.expected.path, line), message, _MEND)
    return Verdict(query, problem, _shown(missing), _shown(surplus))


def _unmatched(rows: list[Row], others: list[Row]) -> list[Row]:
    """Return the rows that others lack, or have less often."""
    left, found = Counter(row.cells for row in others), []
    for row in rows:
        left[row.cells] -= 1
        if left[row.cells] < 0:
            found.append(row)
    return found


def _shown(rows: list[Row]) -> tuple[str, ...]:
    return tuple(" | ".join(row.cells) for row in rows)
