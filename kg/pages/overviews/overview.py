"""Overviews: all that a dataset has of one sort on one page, made from the answer to a query.

The query is written so that it is right in every dataset of the vocabulary, wherever it is asked:
it declares its prefixes, orders its rows, and ends after so many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import pyoxigraph as ox

from kg.asking.answers import write_answer
from kg.asking.nodes import MANY, Nodes
from kg.asking.sparql import with_prefixes
from kg.exporters import turtle
from kg.exporters.layout import Arrangement
from kg.model import Term, Triple
from kg.pages.rows import Rows
from kg.vocab import PREFIXES, RDF, RDFS

LIMIT = 500
"""How many rows the query of an overview gives: of what has a date, the newest."""

Solution: TypeAlias = Mapping[str, Term]
"""A row of an answer: the values of those variables that have one."""

_TRUE = ox.Literal(True)


@dataclass(frozen=True)
class Overview:
    """What there is one page of."""

    name: str
    """The path of its page."""
    title: str
    about: str
    """What the page shows, in a sentence."""
    told: str
    """What its Turtle holds, in a few words."""
    template: str
    here: Callable[[Nodes], bool]
    """Whether a dataset has any of it: a look-up or two."""
    pattern: Callable[[Nodes], str]
    """The query, without its declarations and its limit."""
    shown: Callable[[Rows, list[Solution]], dict[str, Any]]
    """What the template shows of the answer."""
    triples: Callable[[Nodes, list[Solution]], Iterable[Triple]]
    """The triples of the dump that the answer tells."""

    def query(self, nodes: Nodes) -> str:
        """Return the query."""
        body = with_prefixes(f"{self.pattern(nodes)}LIMIT {LIMIT}\n", PREFIXES)
        return f"# {self.title}\n{body}"

    def solutions(self, nodes: Nodes) -> list[Solution]:
        """Return the answer."""
        answer = nodes.published.query(self.query(nodes))
        assert isinstance(answer, ox.QuerySolutions)
        names = [variable.value for variable in answer.variables]
        return [
            {
                name: value
                for name in names
                if isinstance(value := row[name], ox.NamedNode | ox.Literal)
            }
            for row in answer
        ]

    def answer(self, nodes: Nodes, format_: str) -> bytes:
        """Return the answer in a format of the W3C, as `kg query` prints it."""
        published = nodes.published
        answer = published.query(self.query(nodes))
        return "".join(write_answer(published, answer, format_)).encode()

    def turtle(self, nodes: Nodes) -> bytes:
        """Return the triples that the answer tells, and how what they mention is called."""
        told = dict.fromkeys(self.triples(nodes, self.solutions(nodes)))
        mentioned = dict.fromkeys(
            node for triple in told for node in triple if isinstance(node, ox.NamedNode)
        )
        labels = (label for node in mentioned for label in dumped(nodes, node, RDFS.label))
        writer = turtle.Writer(nodes.published.vocabulary.prefixes, nodes.base)
        arranged = Arrangement(nodes.published.vocabulary.prefixes).described([*told, *labels])
        header = f"# {self.title}, as the dataset {nodes.dataset} tells them: {self.told}.\n"
        blocks = (block for node in arranged for block in writer.blocks(node))
        return b"".join(writer.document(header, blocks))


def tie(*variables: str) -> str:
    """Return what binds `?tie`, by which what is alike is sorted the same wherever it is asked.

    It is short, for stores compare short strings without looking them up.
    """
    key = ", ".join(f"STR({name})" for name in variables)
    return f"BIND (SUBSTR(MD5(CONCAT({key})), 1, 12) AS ?tie)"


def dumped(
    nodes: Nodes, node: ox.NamedNode, predicate: ox.NamedNode | None = None
) -> Iterator[Triple]:
    """Yield the triples that the dump has of a node, `MANY` at most; not what lies beside it."""
    quads = nodes.published.store.quads_for_pattern(node, predicate, None, ox.DefaultGraph())
    for quad in islice(quads, MANY):
        if isinstance(quad.object, ox.NamedNode | ox.Literal):
            yield Triple(node, quad.predicate, quad.object)


def is_told(nodes: Nodes, class_: ox.NamedNode) -> bool:
    """Whether anything is said to be of a class, or recorded to be."""
    return any(nodes.subjects(by, class_, 1) for by in (RDF.type, RDF.object))


def is_asserted(row: Solution) -> bool:
    """Whether what a row says is asserted."""
    return row.get("asserted") == _TRUE
