"""A published dataset, read back: what `kg query` and `kg explain` ask.

It is read from the dumps alone, so that they answer what anyone would get from them; those of a
large dataset from the store on disk that was made of them (`kg.asking.ondisk`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kg.asking.ondisk import BESIDE, DUMPS, OnDisk, opened
from kg.asking.queries import Query, namespaces, prefixes, read_queries, unknown_names
from kg.asking.sparql import answer_problem, refusal, with_columns
from kg.model import Place, Problem, Severity
from kg.vocab import DCAT, RDF, RDFS, VOID, Vocabulary, read_vocabulary, turtle_problem

ANSWERS = "answers.json"
"""Where, in a published folder, the first rows of the answers to its saved queries are kept."""

_LABELS = 1 << 14


class QueryError(Exception):
    """A query cannot be answered, or there is no sound published dataset to ask."""

    def __init__(self, problem: Problem) -> None:
        """Carry the problem to show."""
        super().__init__(problem.message)
        self.problem = problem


class Published:
    """The dumps in a published folder (``public/``)."""

    def __init__(self, out: Path, place: Path | None = None) -> None:
        """Take the folder, and where it is published if it was opened by another path.

        Raises `QueryError` when it holds no dump.
        """
        self.out = out
        self.place = place or out
        self.dump = out / "data" / "kg.nq"
        if not all((out / "data" / name).is_file() for name in DUMPS):
            mend = "build a dataset first (kg build), or name its folder with --data"
            raise QueryError(Problem(Place(str(self.dump)), "there is no dump", mend))
        self.label = lru_cache(_LABELS)(self._label)

    @cached_property
    def on_disk(self) -> OnDisk | None:
        """The store on disk, if there is one of these dumps."""
        return opened(self.out, self.place)

    @cached_property
    def store(self) -> ox.Store:
        """The merged graph as default graph, and the articles' graphs as named graphs.

        Oxigraph's own union of named graphs is no set: a triple of two articles would be met twice.
        What lies beside the dump has graphs of its own (`beside`).
        """
        if self.on_disk is not None:
            return self.on_disk.store
        store = ox.Store()
        self.load(store)
        return store

    def load(self, store: ox.Store) -> None:
        """Load the dumps, and what lies beside them, into an empty store."""
        graphs: dict[str, ox.NamedNode | None] = dict.fromkeys(DUMPS)
        graphs |= {name: graph for graph, name in self.beside.items()}
        for name, graph in graphs.items():
            path = str(self.out / "data" / name)
            try:
                store.bulk_load(path=path, to_graph=graph)
            except (SyntaxError, OSError, MemoryError) as error:
                raise QueryError(turtle_problem(path, error)) from error

    def quads(self) -> Iterator[ox.Quad]:
        """Yield what `load` loads, one after the other."""
        for name in DUMPS:
            yield from self.read(name)
        for graph, name in self.beside.items():
            for quad in self.read(name):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)

    def read(self, name: str) -> Iterator[ox.Quad]:
        """Yield what a file of ``data/`` holds."""
        path = str(self.out / "data" / name)
        try:
            yield from ox.parse(path=path)
        except (SyntaxError, OSError, MemoryError) as error:
            raise QueryError(turtle_problem(path, error)) from error

    def is_damaged(self, error: Exception) -> bool:
        """Whether an error is of a store on disk that is damaged, which is then given up."""
        told = f"{error} {error.__cause__}"
        if self.on_disk is None or not any(word in told for word in ("Corruption", "IO error")):
            return False
        self.on_disk.forget()
        return True

    @cached_property
    def beside(self) -> dict[ox.NamedNode, str]:
        """The named graphs of what is no part of the dump: description, saved queries, links.

        Each is called as its file, whose name it has here: ``{base}data/dcat.ttl``.
        """
        names = [name for name in BESIDE if (self.out / "data" / name).is_file()]
        return {ox.NamedNode(f"{self.base}data/{name}"): name for name in names}

    @cached_property
    def base(self) -> str:
        """The base IRI, as the dataset's description says."""
        path = self.out / "data" / "dcat.ttl"
        if path.exists() and not path.is_file():
            raise QueryError(Problem(Place(str(path)), "not a regular file", "build again"))
        spaces: dict[object, str] = {}
        datasets: set[object] = set()
        try:
            # Read only as far as need be: it has a line or two for each article.
            for triple in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
                subject, value = triple.subject, triple.object
                if (triple.predicate, value) == (RDF.type, DCAT.Dataset):
                    datasets.add(subject)
                elif triple.predicate == VOID.uriSpace and isinstance(value, ox.Literal):
                    spaces.setdefault(subject, value.value)
                if subject in datasets and subject in spaces:
                    return spaces[subject]
        except (SyntaxError, OSError, MemoryError) as error:
            raise QueryError(turtle_problem(str(path), error)) from error
        mend = "build the dataset again"
        raise QueryError(Problem(Place(str(path)), "it names no void:uriSpace", mend))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The ontology that was published with the dataset."""
        files = [f for f in sorted((self.out / "ontology").glob("*.ttl")) if f.is_file()]
        vocabulary, problems = read_vocabulary((str(file), file) for file in files)
        if problems:
            raise QueryError(problems[0])
        return vocabulary

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries need not declare; the empty one is that of things."""
        return prefixes(self.base, self.vocabulary)

    def query(
        self,
        text: str,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Answer a SPARQL 1.1 query. Raises `QueryError` for one that cannot be answered.

        Graphs, if any are given, are the query's RDF dataset rather than what its FROM says
        (SPARQL 1.1 Protocol, section 2.1.4); one that is not in the store is empty.

        An IRI without a scheme is meant below the base IRI: ``<id/xiaomi>``.

        A query can end the process: one that is not our own is asked within `kg.confined`.
        """
        problem = refusal(text)
        if problem is not None:
            raise QueryError(problem)
        try:
            answer = self._ask(text, default_graphs, named_graphs)
            if isinstance(answer, ox.QuerySolutions):
                named = with_columns(text, (variable.value for variable in answer.variables))
                return answer if named is None else self._ask(named, default_graphs, named_graphs)
            return answer
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise QueryError(answer_problem(error)) from error

    def _ask(
        self, text: str, default_graphs: Sequence[str] | None, named_graphs: Sequence[str] | None
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        if default_graphs is None and named_graphs is None:
            return self.store.query(text, base_iri=self.base, prefixes=self._named(text))
        return self.store.query(
            text,
            base_iri=self.base,
            prefixes=self._named(text),
            default_graph=[ox.NamedNode(iri) for iri in default_graphs or ()],
            named_graphs=[ox.NamedNode(iri) for iri in named_graphs or ()],
        )

    def _named(self, text: str) -> dict[str, str]:
        """Return the prefixes that a query may use: to declare one takes longer than to look."""
        if "\\" in text:  # an escape may stand for any letter of it
            return dict(self.prefixes)
        return {name: iri for name, iri in self.prefixes.items() if f"{name}:" in text}

    @cached_property
    def queries(self) -> list[Query]:
        """The saved queries that were published with the dataset, by name."""
        home = self.out / "queries"
        found, problems = read_queries(home, str(home), self.prefixes)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            raise QueryError(errors[0])
        return found

    @cached_property
    def answers(self) -> Mapping[str, Any]:
        """What saved queries were answered when the site was built, by name (`ANSWERS`)."""
        try:
            found = json.loads((self.out / ANSWERS).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}  # where data alone was built there are none
        return found if isinstance(found, dict) else {}

    def misnamed(self, text: str, path: str = "query") -> list[Problem]:
        """Return a warning for each name in a query that neither ontology nor dump has."""

        def knows(iri: str) -> bool:
            node = ox.NamedNode(iri)
            held = (
                self.store.quads_for_pattern(node, None, None, None),
                self.store.quads_for_pattern(None, None, node, None),
                self.store.quads_for_pattern(None, node, None, None),
            )
            return node in terms or any(next(quads, None) is not None for quads in held)

        terms = {*self.vocabulary.types, *self.vocabulary.labels}
        ours = namespaces(self.base, self.vocabulary)
        return list(unknown_names(text, self.prefixes, ours, knows, path))

    def _label(self, term: ox.NamedNode | ox.Literal | ox.BlankNode) -> str:
        """Return how a term is called: its text, its label in the dump or in the ontology."""
        if not isinstance(term, ox.NamedNode):
            return term.value
        found = self.store.quads_for_pattern(term, RDFS.label, None, ox.DefaultGraph())
        labels = [quad.object.value for quad in found if isinstance(quad.object, ox.Literal)]
        return min(labels, default="") or self.vocabulary.label(term) or term.value
