"""The answers to saved queries, as pages show them: asked once, when the site is built.

A saved query may be somebody else's, and can end the process that asks it, or take for ever: they
are asked in a child (`kg.confined`), one after the other; where that is killed, the one that it was
at stays without an answer, and another child asks the rest.
"""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import pyoxigraph as ox

from kg.asking.published import ANSWERS, Published, QueryError
from kg.asking.queries import Query
from kg.asking.sparql import is_lasting, is_ordered
from kg.confined import KilledError, close_the_door, confined

SHOWN = 20
"""How many rows of an answer are kept."""

MOST = 10_000
"""How many rows are read of an answer that has to be sorted, so that it is the same each time."""

SECONDS = 10.0
"""How long a child may take."""


def write_answers(published: Published) -> None:
    """Write what the saved queries are answered into the published folder."""
    found: dict[str, object] = {}
    todo = list(published.queries)
    _ = published.store, published.prefixes  # read before nothing can be opened any more
    while todo:
        with TemporaryFile("w+", encoding="utf-8") as told:
            done = _asked(published, todo, told)
        found |= {name: answer for name, answer in done.items() if answer}
        todo = todo[len(done) + 1 :]  # the child was killed at the next
    if found:
        text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        path = published.out / ANSWERS
        path.write_text(text.replace('},"', '},\n"') + "\n", "utf-8")


def _asked(published: Published, queries: list[Query], told: IO[str]) -> dict[str, object]:
    """Return the answers to queries, as far as a child came with them."""

    def work() -> None:
        close_the_door()
        for query in queries:
            try:
                answer = _answer(published, query.text)
            except QueryError:
                answer = None
            told.write(json.dumps([query.name, answer]) + "\n")
            told.flush()

    with suppress(KilledError):
        confined(work, SECONDS)
    told.seek(0)
    lines = told.read().split("\n")[:-1]
    return dict(json.loads(line) for line in lines)


def _answer(published: Published, text: str) -> object:
    """Return the first rows of an answer as SPARQL 1.1 Query Results JSON.

    Return None where there are too many to sort them, and where each time others are.
    """
    if not is_lasting(text):
        return None
    answer = published.query(text)
    if isinstance(answer, ox.QueryBoolean):
        return {"head": {}, "boolean": bool(answer)}
    if isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        found = [dict(zip(names, row, strict=True)) for row in islice(answer, MOST)]
    else:
        names = ["subject", "predicate", "object"]
        graph = ox.Dataset(ox.Quad(*triple) for triple in islice(answer, MOST))
        graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)  # its blank nodes, if it has any
        found = [dict(zip(names, quad.triple, strict=True)) for quad in graph]
    if isinstance(answer, ox.QueryTriples) or not is_ordered(text):
        if len(found) == MOST:
            return None
        found.sort(key=lambda row: [str(row[name]) for name in names])
    rows = [
        {name: _term(term) for name, term in row.items() if term is not None}
        for row in found[:SHOWN]
    ]
    more = {"more": len(found) - SHOWN} if SHOWN < len(found) < MOST else {}
    return {"head": {"vars": names}, "results": {"bindings": rows}, **more}


def _term(term: object) -> dict[str, str]:
    """Return a term as the format has it (section 3.2.2)."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if not isinstance(term, ox.Literal):
        return {"type": "bnode", "value": str(term)}
    more = {"xml:lang": term.language} if term.language else {"datatype": term.datatype.value}
    return {"type": "literal", "value": term.value, **more}
