"""A published dataset, read back: what `kg query` and `kg explain` ask.

It is read from the dumps alone, so that they answer what anyone would get from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.model import Place, Problem
from kg.vocab import DCAT, RDF, RDFS, VOID, Vocabulary, read_vocabulary, turtle_problem


class QueryError(Exception):
    """A query cannot be answered, or there is no sound published dataset to ask."""

    def __init__(self, problem: Problem) -> None:
        """Carry the problem to show."""
        super().__init__(problem.message)
        self.problem = problem


class Published:
    """The dumps in a published folder (``public/``)."""

    def __init__(self, out: Path) -> None:
        """Take the folder; raises `QueryError` when it holds no dump."""
        self.out = out
        self.dump = out / "data" / "kg.nq"
        if not (self.dump.is_file() and (out / "data" / "kg.ttl").is_file()):
            mend = "build a dataset first (kg build), or name its folder with --data"
            raise QueryError(Problem(Place(str(self.dump)), "there is no dump", mend))

    @cached_property
    def store(self) -> ox.Store:
        """The merged graph as default graph, and the articles' graphs as named graphs.

        Oxigraph's own union of named graphs is no set: a triple of two articles would be met twice.
        """
        store = ox.Store()
        for path in (self.out / "data" / "kg.ttl", self.dump):
            try:
                store.bulk_load(path=str(path))
            except (SyntaxError, OSError) as error:
                raise QueryError(turtle_problem(str(path), error)) from error
        return store

    @cached_property
    def base(self) -> str:
        """The base IRI, as the dataset's description says."""
        path = self.out / "data" / "dcat.ttl"
        try:
            triples = list(ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE))
        except (SyntaxError, OSError) as error:
            raise QueryError(turtle_problem(str(path), error)) from error
        datasets = {
            t.subject for t in triples if (t.predicate, t.object) == (RDF.type, DCAT.Dataset)
        }
        spaces = [
            t.object.value
            for t in triples
            if t.predicate == VOID.uriSpace
            and t.subject in datasets
            and isinstance(t.object, ox.Literal)
        ]
        if not spaces:
            mend = "build the dataset again"
            raise QueryError(Problem(Place(str(path)), "it names no void:uriSpace", mend))
        return spaces[0]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The ontology that was published with the dataset."""
        files = sorted((self.out / "ontology").glob("*.ttl"))
        vocabulary, problems = read_vocabulary((str(file), file) for file in files)
        if problems:
            raise QueryError(problems[0])
        return vocabulary

    @property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries need not declare; the empty one is that of things."""
        spaces = {name: f"{self.base}{name}/" for name in ("article", "claim", "fact", "file")}
        return {**spaces, **self.vocabulary.prefixes, "": f"{self.base}id/"}

    def query(self, text: str) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        """Answer a SPARQL 1.1 query. Raises `QueryError` for one that cannot be answered."""
        if calls_service(text):
            mend = "ask the other endpoint yourself; nothing here reaches the network"
            raise QueryError(Problem(Place("query"), "the query calls SERVICE", mend))
        if nests_deeply(text):
            mend = f"nest less than {MAX_DEPTH} deep"
            raise QueryError(Problem(Place("query"), "the query nests too deeply", mend))
        try:
            return self.store.query(text, prefixes=dict(self.prefixes))
        except (SyntaxError, ValueError, OSError) as error:
            reason = " ".join(str(getattr(error, "msg", error)).split())
            at = re.search(r"error at (\d+):(\d+)", reason)
            place = Place("query", int(at[1]), int(at[2])) if at else Place("query")
            raise QueryError(Problem(place, reason, "mend the query")) from error

    def label(self, term: ox.NamedNode | ox.Literal | ox.BlankNode) -> str:
        """Return how a term is called: its text, its label in the dump or in the ontology."""
        if not isinstance(term, ox.NamedNode):
            return term.value
        return self._labels.get(term) or self.vocabulary.label(term) or term.value

    @cached_property
    def _labels(self) -> dict[ox.NamedNode, str]:
        labels: dict[ox.NamedNode, str] = {}
        for quad in self.store.quads_for_pattern(None, RDFS.label, None, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                held = labels.get(quad.subject)
                if held is None or quad.object.value < held:
                    labels[quad.subject] = quad.object.value
        return labels


MAX_DEPTH = 200
"""How deep brackets may nest, and how many signs may follow one another, in a query.

Oxigraph's parser recurses: some thousands of ``{`` or ``!`` overflow the stack and end the process.
"""

_STRING = (
    r"""\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"""
    r"""|"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*'"""
)
_COMMENT = r"\#[^\n\r]*"
_IRI = r"""<[^<>"{}|^`\\\s]*>"""
_WITH_IRIS = re.compile(f"{_COMMENT}|{_STRING}|{_IRI}", re.DOTALL)
_WITHOUT = re.compile(f"{_COMMENT}|{_STRING}", re.DOTALL)
_SERVICE = re.compile(r"(?<![?$:/#A-Z_a-z-])SERVICE(?![\w:-])", re.IGNORECASE)


def calls_service(text: str) -> bool:
    """Whether a query holds the keyword SERVICE (SPARQL 1.1, section 19.2 unescapes it first).

    ``<`` may begin an IRI or be the operator, which a look at the characters cannot tell: the query
    is read both ways, and either will do.
    """
    plain = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _unescaped, text)
    readings = (_WITH_IRIS.sub(" ", plain), _WITHOUT.sub(" ", plain))
    return any(_SERVICE.search(reading) for reading in readings)


def nests_deeply(text: str) -> bool:
    """Whether a query nests deeper, or has more signs in a row, than `MAX_DEPTH`."""
    bare, depth = "".join(_WITH_IRIS.sub(" ", text).split()), 0
    for c in bare:
        depth += (c in "{([") - (c in "})]")
        if depth > MAX_DEPTH:
            return True
    signs = rf"[!+*?^/-]{{{MAX_DEPTH}}}|(?:\bNOT\b){{{MAX_DEPTH}}}"
    return re.search(signs, bare, re.IGNORECASE) is not None


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else ""
