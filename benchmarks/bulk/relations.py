"""A dump as relational tables: what morph-kgc and its like are given to read.

    tables = read_tables(dump)      which tables there are
    write_tables(dump, tables, out)     as OUT/NAME.csv each

A mapping language cannot find quotes, count characters or take hashes. So the tables have all of
that worked out. There is one of the claims, spans, facts, files, articles, things … in the graph of
each article, and one for each property of these, with whole IRIs, so that nothing has to be put
together; what is the same in every row is a constant of the mapping. Tables are narrow because
morph-kgc reads the whole of one for each property that it makes: with a column for each property
in one table it takes a fifth more time.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

COLUMNS = ("about", "within", "value")
"""Of subject, graph and object, which morph-kgc takes as names of columns of its own."""
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
IRI = "iri"
ESCAPED = re.compile(r"\\(?:[tbnrf\"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


class Value(NamedTuple):
    """An object: its text, and `IRI` or what stands after the quotation marks (@en, ^^<…>)."""

    text: str
    kind: str


class Row(NamedTuple):
    """What one graph says of one subject."""

    subject: str
    graph: str
    values: dict[str, list[Value]]
    """The objects of each property."""

    @property
    def table(self) -> str:
        """The name of the table that it belongs to, made of its types."""
        types = sorted(local(value.text) for value in self.values.get(TYPE, ()))
        return "-".join(types).casefold() or "other"


@dataclass
class Table:
    """What is known of the rows of one table."""

    rows: int = 0
    having: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """How many rows have a property."""
    kinds: set[tuple[str, str]] = field(default_factory=set)
    """Properties, each with a kind that values of it have."""
    sets: dict[str, set[frozenset[Value]]] = field(default_factory=lambda: defaultdict(set))
    """The different sets of values of a property; two are enough to know that it varies."""

    def add(self, row: Row) -> None:
        """Take one row into account."""
        self.rows += 1
        for predicate, values in row.values.items():
            self.having[predicate] += 1
            self.kinds.update((predicate, value.kind) for value in values)
            if len(self.sets[predicate]) < 2:
                self.sets[predicate].add(frozenset(values))

    def constants(self) -> list[tuple[str, Value]]:
        """Return the properties and values that all rows have alike."""
        return [
            (predicate, value)
            for predicate, sets in self.sets.items()
            if self._constant(predicate)
            for value in sorted(next(iter(sets)))
        ]

    def varying(self) -> list[tuple[str, str]]:
        """Return the properties and kinds of value that have tables of their own."""
        return sorted(key for key in self.kinds if not self._constant(key[0]))

    def _constant(self, predicate: str) -> bool:
        values = next(iter(self.sets[predicate]))
        # morph-kgc escapes nothing in a constant, and takes braces for a template.
        plain = not any(re.search(r'["\\{}\r\n]', value.text) for value in values)
        return plain and len(self.sets[predicate]) == 1 and self.having[predicate] == self.rows


def read_tables(dump: Path) -> dict[str, Table]:
    """Return the tables that hold a dump, by name."""
    tables: dict[str, Table] = defaultdict(Table)
    for row in rows_of(dump):
        tables[row.table].add(row)
    return dict(tables)


def write_tables(dump: Path, tables: dict[str, Table], out: Path) -> None:
    """Write a dump as CSV files."""
    with ExitStack() as files:

        def opened(name: str, *columns: str) -> Any:
            file = files.enter_context((out / f"{name}.csv").open("w", newline="", encoding="utf8"))
            writer = csv.writer(file)
            writer.writerow(columns)
            return writer

        rows = {name: opened(name, *COLUMNS[:2]) for name, t in tables.items() if t.constants()}
        values = {
            (name, *key): opened(own_name(name, *key), *COLUMNS)
            for name, table in tables.items()
            for key in table.varying()
        }
        for row in rows_of(dump):
            name = row.table
            if name in rows:
                rows[name].writerow([row.subject, row.graph])
            for predicate, objects in row.values.items():
                for value in objects:
                    if writer := values.get((name, predicate, value.kind)):
                        writer.writerow([row.subject, row.graph, value.text])


def rows_of(dump: Path) -> Iterator[Row]:
    """Yield the rows of a sorted dump: what it says of one subject stands together."""
    with dump.open(encoding="utf-8", newline="\n") as lines:
        for subject, quads in groupby(map(parts, lines), key=lambda quad: quad[0]):
            graphs: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
            for _, predicate, value, graph in quads:
                graphs[graph][predicate].append(value)
            for graph, values in graphs.items():
                yield Row(subject[1:-1], graph[1:-1], values)


def parts(line: str) -> tuple[str, str, Value, str]:
    """Return subject, predicate, object and graph of a line of canonical N-Quads."""
    subject, predicate, rest = line.split(" ", 2)
    term, graph = rest.removesuffix(" .\n").rsplit(" ", 1)
    if not (subject.startswith("<") and graph.startswith("<") and graph.endswith(">")):
        raise ValueError(f"no quad of IRIs and a named graph: {line!r}")
    if term.startswith("<"):
        return subject, predicate, Value(term[1:-1], IRI), graph
    end = term.rindex('"')
    return subject, predicate, Value(ESCAPED.sub(_plain, term[1:end]), term[end + 1 :]), graph


def own_name(table: str, predicate: str, kind: str) -> str:
    """Return the name of the table of one property of another, with values of one kind."""
    # With the vocabulary's name: kg:value and schema:value of one subject are two tables.
    vocabulary, name = re.split(r"[#/]", predicate.strip("<>"))[-2:]
    return f"{table}-{vocabulary}-{name}-{local(kind).strip('@') or 'text'}"


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return re.split(r"[#/]", iri.strip("<>^"))[-1]


def _plain(match: re.Match[str]) -> str:
    escape = match[0][1:]
    return chr(int(escape[1:], 16)) if escape[0] in "uU" else PLAIN.get(escape, escape)
