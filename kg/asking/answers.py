"""Answers to SPARQL queries as text: a table for people, the W3C formats for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import TypeAlias

import pyoxigraph as ox

from kg.asking.published import Published, QueryError
from kg.asking.sentences import Sentence, as_json
from kg.asking.sparql import answer_problem
from kg.asking.support import Key
from kg.model import Place, Problem
from kg.reports.text import printable, table
from kg.vocab import RDF

SOLUTIONS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPHS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES}
_BEYOND_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<oxprefix: ")
COLUMN = "evidence"
"""The column of sentences, where they are asked for."""
SHOWN = 10
"""How many sentences a table shows under a row; the other formats have them all."""

Seek: TypeAlias = Callable[[Sequence[str], Sequence[Key]], list[list[Sentence]]]
"""Finds the sentences behind rows, given as the values of some variables."""


def write_answer(
    published: Published,
    answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    format_: str,
    seek: Seek | None = None,
) -> Iterator[str]:
    """Yield the text of an answer; with ``seek``, each row has its sentences too.

    ``table`` suits every kind of answer; csv, tsv, json and xml are for SELECT and ASK, turtle
    and ntriples for CONSTRUCT and DESCRIBE. Raises `QueryError` for a format that does not suit.
    """
    if isinstance(answer, ox.QueryTriples):
        if seek is not None:
            raise _without_rows("a graph")
        if format_ not in (*GRAPHS, "table"):
            raise _unsuited(format_, "a graph", ("turtle", "ntriples"))
        with _evaluating():
            triples = in_order(answer)
        prefixes = dict(sorted(published.prefixes.items()))
        graph_format = GRAPHS.get(format_, ox.RdfFormat.TURTLE)
        if graph_format is ox.RdfFormat.N_TRIPLES:
            yield (ox.serialize(triples, format=graph_format) or b"").decode()
        else:
            text = (ox.serialize(triples, format=graph_format, prefixes=prefixes) or b"").decode()
            if format_ == "table":  # for people: in literals and IRIs may be what drives a terminal
                lines = text.split("\n")
                text = "\n".join(printable(line.expandtabs(4)) for line in lines)
            yield text
    elif format_ in GRAPHS:
        raise _unsuited(format_, "a table", ("table", *SOLUTIONS))
    elif seek is not None and isinstance(answer, ox.QueryBoolean):
        raise _without_rows("true or false")
    elif format_ in SOLUTIONS:
        yield _serialized(answer, format_, seek)
    elif isinstance(answer, ox.QueryBoolean):
        yield "true\n" if answer else "false\n"
    else:
        yield from _table(published, answer, seek)


def in_order(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Return the triples of a graph, which have no order, always in the same one."""
    return sorted(triples, key=lambda t: (str(t.subject), str(t.predicate), str(t.object)))


def as_xml(text: bytes) -> bytes | None:
    """Return XML as Oxigraph writes it so that it is read as meant; None if XML cannot say it.

    Which is some control characters, and properties whose IRIs end in no name.
    """
    return None if _BEYOND_XML.search(text) else text.replace(b"\r", b"&#13;")


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


def _without_rows(what: str) -> QueryError:
    message = f"the answer is {what}, which has no rows to give the evidence of"
    return QueryError(Problem(Place("query"), message, "ask by SELECT, or without --evidence"))


def _serialized(
    answer: ox.QuerySolutions | ox.QueryBoolean, format_: str, seek: Seek | None
) -> str:
    """Return rows, or a truth value, in a format of the W3C."""
    with _evaluating():
        if seek is not None and isinstance(answer, ox.QuerySolutions):
            answer = _with_column(answer, seek, as_json if format_ in ("json", "xml") else _listed)
        written = answer.serialize(format=SOLUTIONS[format_]) or b""
        found = as_xml(written) if format_ == "xml" else written
    if found is None:
        message, mend = "the answer has characters that XML cannot hold", "use --format json"
        raise QueryError(Problem(Place("query"), message, mend))
    text = found.decode()
    return text if text.endswith("\n") else text + "\n"


def _with_column(
    answer: ox.QuerySolutions, seek: Seek, written: Callable[[Sequence[Sentence]], str]
) -> ox.QuerySolutions:
    """Return the same rows with one column more, by way of SPARQL's JSON."""
    json_ = ox.QueryResultsFormat.JSON
    plain = answer.serialize(format=json_) or b""
    rows = ox.parse_query_results(plain, json_)
    assert isinstance(rows, ox.QuerySolutions)
    names = _names(rows)
    if COLUMN in names:
        message = f"the query has a column '{COLUMN}' of its own"
        raise QueryError(Problem(Place("query"), message, "give it another name"))
    found = seek(names, [tuple(row[name] for name in names) for row in rows])
    document = json.loads(plain)
    document["head"]["vars"].append(COLUMN)
    datatype = {"datatype": RDF.JSON.value} if written is as_json else {}
    for binding, sentences in zip(document["results"]["bindings"], found, strict=True):
        binding[COLUMN] = {"type": "literal", "value": written(sentences), **datatype}
    wider = ox.parse_query_results(json.dumps(document), json_)
    assert isinstance(wider, ox.QuerySolutions)
    return wider


def _names(answer: ox.QuerySolutions) -> list[str]:
    return [variable.value for variable in answer.variables]


def _listed(sentences: Sequence[Sentence]) -> str:
    return " | ".join(map(str, sentences))


def _table(published: Published, answer: ox.QuerySolutions, seek: Seek | None) -> Iterator[str]:
    names = _names(answer)
    with _evaluating():
        rows = [tuple(row[name] for name in names) for row in answer]
    known = sorted(published.prefixes.items(), key=lambda item: -len(item[1]))
    cells = [[_cell(known, term) for term in row] for row in rows]
    found = seek(names, rows) if seek else repeat([])
    lines = table(names, cells)
    yield f"{next(lines)}\n{next(lines)}\n"
    for line, sentences in zip(lines, found, strict=False):
        yield line + "\n"
        for sentence in sentences[:SHOWN]:
            yield f"    {printable(str(sentence))}\n"
        if more := len(sentences[SHOWN:]):
            yield f"    … and {more:,} more (--format json has them)\n"
    yield f"({len(rows):,} row{'s' * (len(rows) != 1)})\n"


def _cell(known: Sequence[tuple[str, str]], term: object) -> str:
    """Return a term as people read it; ``known`` are the prefixes, the longest IRIs first."""
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        for prefix, iri in known:
            local = term.value.removeprefix(iri)
            if local != term.value and local and "/" not in local and "#" not in local:
                return printable(f"{prefix}:{local}")
        return printable(f"<{term.value}>")
    return printable(str(getattr(term, "value", term)))
