"""Saved queries: ``queries/NAME.rq``, each with the answer that is expected of it beside it.

The comment lines that a file begins with say what the query is: the first its title, those that
follow its description. The expected answer is what ``kg query`` prints: ``NAME.csv`` for SELECT
(SPARQL 1.1 Query Results CSV), ``NAME.txt`` for ASK, ``NAME.ttl`` for CONSTRUCT.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from kg.asking.sparql import Form, form, names, query_problem, syntax_problem
from kg.folder import odd_file
from kg.iris import EVIDENCE, is_slug
from kg.model import Place, Problem, Severity
from kg.vocab import KG, PREFIXES, Vocabulary

ANSWERS = {Form.SELECT: ".csv", Form.ASK: ".txt", Form.CONSTRUCT: ".ttl"}
"""How the file of the expected answer ends."""


@dataclass(frozen=True)
class Answer:
    """The answer that is expected of a query, and the file that holds it."""

    path: str
    text: str


@dataclass(frozen=True)
class Query:
    """A saved query that is sound: it has a title and a form, and it parses."""

    name: str
    path: str
    title: str
    description: str
    text: str
    """All that the file holds."""
    form: Form
    expected: Answer | None

    @property
    def body(self) -> str:
        """The query without the comment lines that say what it is."""
        return split(self.text)[1]


def split(text: str) -> tuple[list[str], str]:
    """Return the comment lines that a query begins with, without their signs, and the rest."""
    lines = text.splitlines(keepends=True)
    count = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return [line.lstrip("#").strip() for line in lines[:count]], "".join(lines[count:])


def prefixes(base: str, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the prefixes that queries need not declare; the empty one is that of things."""
    spaces = {name: f"{base}{name}/" for name in ("article", *EVIDENCE)}
    return {**spaces, **vocabulary.prefixes, "": f"{base}id/"}


def queries_of(
    folder: Path, base: str, vocabulary: Vocabulary, things: Iterable[NamedNode]
) -> tuple[list[Query], list[Problem]]:
    """Read the queries of a folder, which name terms of its ontology and things of its facts."""
    known, ours = prefixes(base, vocabulary), namespaces(base, vocabulary)
    queries, problems = read_queries(folder / "queries", "queries", known)
    if not queries:
        return queries, problems  # of many things, a set that nobody asks is large
    named = {node.value for node in (*things, *vocabulary.types, *vocabulary.labels)}
    for query in queries:
        problems += unknown_names(query.text, known, ours, named.__contains__, query.path)
    return queries, problems


def read_queries(
    home: Path, shown: str, known: Mapping[str, str]
) -> tuple[list[Query], list[Problem]]:
    """Read the queries in a directory, sorted by name, with all problems met.

    ``shown`` is what the directory is called in problems; ``known`` are the prefixes that need no
    declaration.
    """
    queries: list[Query] = []
    problems: list[Problem] = []
    for file in sorted(home.glob("*.rq")):
        query, found = read_query(file, f"{shown}/{file.name}", known, home)
        queries += [query] if query else []
        problems += found
    problems += _unasked(home, shown, queries)
    return queries, problems


def read_query(
    file: Path, path: str, known: Mapping[str, str], home: Path | None = None
) -> tuple[Query | None, list[Problem]]:
    """Read one query and its expected answer; with ``home``, no links that lead out of it."""
    text = _text(file, path, home)
    if isinstance(text, Problem):
        return None, [text]
    problems = list(_problems(file.stem, text, path, known))
    if problems:
        return None, problems
    form_ = form(text)
    assert form_ is not None, "what parses has a form"
    answer = file.with_suffix(ANSWERS[form_])
    expected, shown = None, f"{path[: -len(file.name)]}{answer.name}"
    if answer.exists() or answer.is_symlink():
        found = _text(answer, shown, home)
        if isinstance(found, Problem):
            return None, [found]
        expected = Answer(shown, found)
    else:
        mend = f"save the right answer as {answer.name}"
        message = "no answer is expected of this query"
        problems.append(query_problem(Place(path), message, mend, Severity.WARNING))
    title, *rest = split(text)[0]
    return Query(file.stem, path, title, " ".join(rest).strip(), text, form_, expected), problems


def unknown_names(
    query: str,
    known: Mapping[str, str],
    ours: Iterable[str],
    knows: Callable[[str], bool],
    path: str = "query",
) -> Iterator[Problem]:
    """Yield a warning for each name in our namespaces that nothing bears.

    A name that is misspelt is no error in SPARQL: it silently finds nothing.
    """
    spaces = tuple(ours)
    for name in names(query, known):
        if name.iri.startswith(spaces) and not knows(name.iri):
            before = query[: name.offset]
            line = before.count("\n") + 1
            column = name.offset - (before.rfind("\n") + 1) + 1
            place = Place(path, line, column)
            message = f"nothing is called {name.shown}, so it finds nothing"
            yield query_problem(place, message, "look at its spelling", Severity.WARNING)


def namespaces(base: str, vocabulary: Vocabulary) -> set[str]:
    """Return the namespaces of which the ontology, or the dataset, has every name."""
    foreign = set(PREFIXES.values()) - {KG.IRI}
    declared = {
        term.value[: max(term.value.rfind("/"), term.value.rfind("#")) + 1]
        for term in vocabulary.types
    }
    return (declared - foreign) | {f"{base}id/", f"{base}article/"}


def _problems(name: str, text: str, path: str, known: Mapping[str, str]) -> Iterator[Problem]:
    if not is_slug(name):
        mend = "name it by letters and digits joined by -"
        yield query_problem(Place(path), f"'{name}' cannot be a query's name", mend)
    header, _ = split(text)
    if not header or not header[0]:
        mend = "begin the file with a comment line that asks the question: # Who …?"
        yield query_problem(Place(path), "the query has no title", mend)
    problem = syntax_problem(text, known, path)
    if problem is not None:
        yield problem
    elif form(text) is Form.DESCRIBE:
        message = "each store answers DESCRIBE in its own way, so no answer can be expected"
        yield query_problem(Place(path), message, "say by CONSTRUCT what it is to return")


def _unasked(home: Path, shown: str, queries: list[Query]) -> Iterator[Problem]:
    """Yield a warning for each answer that no query has; a broken query may have any."""
    right = {query.name: ANSWERS[query.form] for query in queries}
    broken = {file.stem for file in home.glob("*.rq")} - right.keys()
    for file in sorted(home.glob("*")):
        if file.suffix not in ANSWERS.values() or file.stem in broken:
            continue
        mend = f"write {file.stem}.rq, or remove it"
        if file.stem in right:
            mend = f"the answer of {file.stem}.rq is in {file.stem}{right[file.stem]}"
        if right.get(file.stem) != file.suffix:
            place = Place(f"{shown}/{file.name}")
            yield query_problem(place, "no query has this answer", mend, Severity.WARNING)


def _text(file: Path, path: str, home: Path | None) -> str | Problem:
    """Return the text of a file, byte for byte, or why it cannot be read."""
    wrong = home and odd_file(home, file)
    if wrong:
        return query_problem(Place(path), wrong, "replace it with a file")
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        return query_problem(Place(path), f"cannot be read: {reason}", "make it readable")
