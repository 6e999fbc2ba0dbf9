"""Answers to SPARQL queries as text: a table for people, the W3C formats for machines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyoxigraph as ox

from kg.model import Place, Problem
from kg.published import Published, QueryError
from kg.reports.text import printable, table
from kg.sparql import answer_problem

SOLUTIONS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPHS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES}


def write_answer(
    published: Published,
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    format_: str,
) -> Iterator[str]:
    """Yield the text of an answer.

    ``table`` suits every kind of answer; csv, tsv, json and xml are for SELECT and ASK, turtle
    and ntriples for CONSTRUCT and DESCRIBE. Raises `QueryError` for a format that does not suit.
    """
    if isinstance(answer, ox.QueryTriples):
        if format_ not in (*GRAPHS, "table"):
            raise _unsuited(format_, "a graph", ("turtle", "ntriples"))
        with _evaluating():
            triples = list(answer)
        triples.sort(key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))
        prefixes = dict(sorted(published.prefixes.items()))
        graph_format = GRAPHS.get(format_, ox.RdfFormat.TURTLE)
        if graph_format is ox.RdfFormat.N_TRIPLES:
            yield (ox.serialize(triples, format=graph_format) or b"").decode()
        else:
            yield (ox.serialize(triples, format=graph_format, prefixes=prefixes) or b"").decode()
    elif format_ in GRAPHS:
        raise _unsuited(format_, "a table", ("table", *SOLUTIONS))
    elif format_ in SOLUTIONS:
        with _evaluating():
            text = (answer.serialize(format=SOLUTIONS[format_]) or b"").decode()
        yield text if text.endswith("\n") else text + "\n"
    elif isinstance(answer, ox.QueryBoolean):
        yield "true\n" if answer else "false\n"
    else:
        yield from _table(published, answer)


@contextmanager
def _evaluating() -> Iterator[None]:
    """Make a problem of what goes wrong while rows are computed, which is when they are asked."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise QueryError(answer_problem(error)) from error


def _unsuited(format_: str, what: str, suited: tuple[str, ...]) -> QueryError:
    mend = f"use --format {' or '.join(suited)}"
    return QueryError(Problem(Place("query"), f"the answer is {what}, not {format_}", mend))


def _table(published: Published, answer: ox.QuerySolutions) -> Iterator[str]:
    names = [variable.value for variable in answer.variables]
    with _evaluating():
        rows = [[_cell(published, row[name]) for name in names] for row in answer]
    for line in table(names, rows):
        yield line + "\n"
    yield f"({len(rows):,} row{'s' * (len(rows) != 1)})\n"


def _cell(published: Published, term: object) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        known = sorted(published.prefixes.items(), key=lambda item: -len(item[1]))
        for prefix, iri in known:
            local = term.value.removeprefix(iri)
            if local != term.value and local and "/" not in local and "#" not in local:
                return printable(f"{prefix}:{local}")
        return printable(f"<{term.value}>")
    return printable(str(getattr(term, "value", term)))
