"""What is asked of a store: by the SPARQL 1.1 Graph Store HTTP Protocol, or by SPARQL 1.1 Update.

https://www.w3.org/TR/sparql11-http-rdf-update/, https://www.w3.org/TR/sparql11-update/. A graph is
replaced as a whole: by the first request, which the others then add to.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import BinaryIO, ClassVar
from urllib.parse import quote, urlencode

from pyoxigraph import Literal

from kg.pushing.client import Client, PushError, shown
from kg.pushing.graphs import Graph
from kg.pushing.wire import Body, Request

MOST = 8 << 20
"""Bytes of triples that go into one request, however few they are."""
TRIPLES = {"Accept": "application/n-triples, text/turtle;q=0.5"}


class Store(ABC):
    """A store, as far as a push needs it."""

    usual_batch: ClassVar[int]
    """How many triples a request has unless something else is said."""

    def __init__(self, client: Client, url: str, query: str | None, batch: int) -> None:
        """Take where to push, where to ask, and how many triples a request has (0: all)."""
        self.client, self.url, self.query, self.batch = client, url, query, batch

    def replace(self, graph: Graph, done: Callable[[int], None]) -> None:
        """Make a graph of the store the same as ours; ``done`` is told of how many triples."""
        if graph.iri and not graph.count:  # some stores have no empty graphs, others do
            self.remove(graph.iri)
            return
        if self.batch == 0:
            self._load(graph.iri, Body(graph.end - graph.start, graph.blocks), first=True)
            done(graph.count)
            return
        first = True
        for lines in self._batches(graph):
            self._load_lines(graph.iri, lines, first)
            first = False
            done(len(lines))

    def _batches(self, graph: Graph) -> Iterator[list[bytes]]:
        batch: list[bytes] = []
        size = 0
        for line in graph.lines():
            if batch and (len(batch) >= self.batch or size + len(line) > MOST):
                yield batch
                batch, size = [], 0
            batch.append(line)
            size += len(line)
        yield batch

    def _load_lines(self, iri: str, lines: list[bytes], first: bool) -> None:
        data = b"".join(lines)
        try:
            self._load(iri, Body(len(data), lambda: (data,)), first=first)
        except PushError as error:
            if error.status != 413 or len(lines) < 2:
                raise
            half = self.batch = len(lines) // 2  # and no larger ones from now on
            self._load_lines(iri, lines[:half], first)
            self._load_lines(iri, lines[half:], False)

    @abstractmethod
    def _load(self, iri: str, triples: Body, *, first: bool) -> None:
        """Put triples into a graph: in place of all that it holds, or beside it."""

    @abstractmethod
    def remove(self, iri: str) -> None:
        """Remove a named graph, if it is there."""

    @abstractmethod
    def fetch(self, iri: str, file: BinaryIO, most: int) -> str:
        """Write what a graph holds into a file; return the media type."""

    def count(self, iri: str) -> int:
        """Return how many triples the store counts in a graph."""
        rows = self._select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {_pattern(iri)} }}")
        try:
            return int(rows[0]["n"]["value"])
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise self._no_results() from error

    def graphs(self, beginning: str) -> list[str]:
        """Return the named graphs that the store holds and whose IRIs begin so, sorted."""
        test = f"STRSTARTS(STR(?g), {Literal(beginning)})"
        rows = self._select(
            f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ ?s ?p ?o }} FILTER ({test}) }}"
        )
        try:
            return sorted(row["g"]["value"] for row in rows)
        except (KeyError, TypeError) as error:
            raise self._no_results() from error

    def _select(self, query: str) -> list[dict[str, dict[str, str]]]:
        answer = self.client.send(self._question(query, "application/sparql-results+json"))
        try:
            rows = json.loads(answer)["results"]["bindings"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise self._no_results() from error
        if not isinstance(rows, list):
            raise self._no_results()
        return rows

    def _no_results(self) -> PushError:
        return PushError(
            f"{shown(self.query or '')}: it answers a query with something else than"
            " SPARQL results in JSON; give the address of its SPARQL endpoint with --query"
        )

    def _question(self, query: str, accept: str) -> Request:
        assert self.query is not None
        data = urlencode({"query": query}).encode()
        headers = {"Accept": accept, "Content-Type": "application/x-www-form-urlencoded"}
        return Request("POST", self.query, headers, Body(len(data), lambda: (data,)))


class GraphStore(Store):
    """A store spoken to by the Graph Store HTTP Protocol."""

    usual_batch = 10_000

    def _load(self, iri: str, triples: Body, *, first: bool) -> None:
        headers = {"Content-Type": "application/n-triples"}
        self.client.send(Request("PUT" if first else "POST", self._graph(iri), headers, triples))

    def remove(self, iri: str) -> None:
        """Remove a named graph, if it is there."""
        try:
            self.client.send(Request("DELETE", self._graph(iri)))
        except PushError as error:
            if error.status != 404:
                raise

    def fetch(self, iri: str, file: BinaryIO, most: int) -> str:
        """Write what a graph holds into a file; return the media type."""
        return self.client.fetch(Request("GET", self._graph(iri), TRIPLES), file, most)

    def _graph(self, iri: str) -> str:
        named = f"graph={quote(iri, safe='')}" if iri else "default"
        return f"{self.url}{'&' if '?' in self.url else '?'}{named}"


class UpdateStore(Store):
    """A store spoken to by SPARQL Update, and asked for graphs by SPARQL queries."""

    usual_batch = 1_000  # Virtuoso's compiler has no room for 5,000 triples

    def _load(self, iri: str, triples: Body, *, first: bool) -> None:
        drop = f"{_drop(iri)} ;\n" if first else ""
        head = f"{drop}INSERT DATA {{ {f'GRAPH <{iri}> {{' if iri else ''}\n".encode()
        tail = b"} }" if iri else b"}"

        def blocks() -> Iterator[bytes]:
            yield head
            yield from triples.blocks()
            yield tail

        self._update(Body(len(head) + triples.size + len(tail), blocks))

    def remove(self, iri: str) -> None:
        """Remove a named graph, if it is there."""
        data = _drop(iri).encode()
        self._update(Body(len(data), lambda: (data,)))

    def _update(self, body: Body) -> None:
        headers = {"Content-Type": "application/sparql-update"}
        self.client.send(Request("POST", self.url, headers, body))

    def fetch(self, iri: str, file: BinaryIO, most: int) -> str:
        """Write what a graph holds into a file; return the media type."""
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {_pattern(iri)} }}"
        return self.client.fetch(self._question(query, TRIPLES["Accept"]), file, most)


def _drop(iri: str) -> str:
    return f"DROP SILENT {f'GRAPH <{iri}>' if iri else 'DEFAULT'}"


def _pattern(iri: str) -> str:
    return f"GRAPH <{iri}> {{ ?s ?p ?o }}" if iri else "?s ?p ?o"
