"""A folder, loaded: articles -> facts -> claims, with every problem met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg import names as naming
from kg.asking.queries import Query, queries_of
from kg.body import is_header
from kg.conflicts import Conflict, find_conflicts
from kg.corrections import correct, dates
from kg.declarations import is_declaration, overlaps, read_declaration
from kg.folder import Description, code_problem, own_kinds, read_description, read_ontology
from kg.garbage import collector_paused
from kg.iris import Iris
from kg.known import FieldError, Names, Reading
from kg.labels import labels
from kg.looseends import misplaced, undeclared, unlabelled
from kg.mappers import KINDS
from kg.mapping import Kind, run
from kg.model import (
    OWN,
    Article,
    Claim,
    Declaration,
    Fact,
    Place,
    Problem,
    Severity,
    Span,
    Standing,
    Term,
    Triple,
)
from kg.order import sorted_claims
from kg.quoting import Quoting
from kg.reading import Reader
from kg.records import Record
from kg.seeds import read_seeds
from kg.vocab import Vocabulary

if TYPE_CHECKING:
    from rdflib import Graph


@dataclass(repr=False)
class Dataset:
    """What a folder says: articles, facts and claims, and the problems found while reading."""

    folder: Path
    vocabulary: Vocabulary
    kinds: dict[str, Kind] = field(default_factory=dict)
    description: Description | None = None
    articles: dict[str, Article] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    """In the order of triple, then hash."""
    links: list[Claim] = field(default_factory=list)
    """Claims of outside knowledge, which no article supports."""
    declarations: list[Declaration] = field(default_factory=list)
    """What is declared to say nothing: no part of what is published, save as coverage."""
    names: Names = field(default_factory=Names)
    queries: list[Query] = field(default_factory=list)
    """The saved queries that are sound, by name."""
    problems: list[Problem] = field(default_factory=list)

    def __repr__(self) -> str:
        return (
            f"<Dataset of {str(self.folder)!r}: {len(self.articles)} articles, {len(self.facts)} "
            f"facts, {len(self.claims)} claims, {len(self.problems)} problems>"
        )

    @property
    def iris(self) -> Iris:
        """What mints the IRIs of this dataset."""
        assert self.description is not None, "a dataset without a description has no IRIs"
        return Iris(self.description.base)

    @property
    def errors(self) -> list[Problem]:
        """The problems that keep the dataset from being published."""
        return [p for p in self.problems if p.severity is Severity.ERROR]

    @property
    def works(self) -> dict[str, NamedNode]:
        """The IRI of each article as a work, by the article's name."""
        return {name: self.iris.article(article) for name, article in self.articles.items()}

    def about(self, fact: Fact) -> NamedNode:
        """Return the IRI of what a fact is about."""
        return self.names.nodes.get(fact.slug) or self.iris.thing(fact.slug)

    @cached_property
    def called(self) -> dict[Term, str]:
        """How things and terms are called; what only links name is not among them."""
        return labels(self.claims, self.vocabulary)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """What the sources give differently though it should be one, both sides kept."""
        return find_conflicts(self.claims, self.vocabulary)

    @cached_property
    def asserted(self) -> list[Triple]:
        """The triples with an asserting claim, sorted and each once."""
        return list(dict.fromkeys(claim.triple for claim in self.claims if claim.asserted))

    @cached_property
    def graph(self) -> Graph:
        """The asserted graph, as an rdflib graph."""
        from rdflib import Graph

        from kg.exporters.ntriples import ntriples

        graph = Graph()
        graph.parse(data=b"".join(ntriples(self.asserted)), format="nt")
        for prefix, iri in self.vocabulary.prefixes.items():
            graph.bind(prefix, iri)
        return graph

    def evidence(self, triple: Iterable[object]) -> list[Claim]:
        """Return the claims of a triple, given as rdflib or pyoxigraph terms or as strings.

        Each claim has the ``spans`` that support it, the ``fact`` it came through, its
        ``standing`` and ``derivation``; a triple that nobody states has none.
        """
        wanted = tuple(_n3(term) for term in triple)
        return list(self._by_triple.get(wanted, ()))

    @cached_property
    def _by_triple(self) -> dict[tuple[str, ...], list[Claim]]:
        index: dict[tuple[str, ...], list[Claim]] = {}
        for claim in (*self.claims, *self.links):
            index.setdefault(tuple(str(term) for term in claim.triple), []).append(claim)
        return index


def _n3(term: object) -> str:
    """Return a term in canonical N-Triples syntax, whichever library made it."""
    if not hasattr(term, "n3"):
        return str(term)
    if not hasattr(term, "datatype"):
        return str(NamedNode(str(term)))
    if term.datatype is None or getattr(term, "language", None):
        return str(Literal(str(term), language=getattr(term, "language", None)))
    return str(Literal(str(term), datatype=NamedNode(str(term.datatype))))


@collector_paused()
def load(
    folder: str | Path = ".",
    *,
    allow_code: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Dataset:
    """Load a folder.

    Problems never raise: they are in ``dataset.problems``, and what could be read is there. A
    folder's own ``mappers.py`` runs only with ``allow_code``. ``progress`` is told how many of how
    many articles were mapped.
    """
    folder = Path(folder)
    vocabulary, problems = read_ontology(folder)
    dataset = Dataset(folder, vocabulary, problems=problems)
    dataset.description, problems = read_description(folder)
    dataset.problems += problems
    own, problems = own_kinds(folder, allow_code)
    dataset.problems += problems
    dataset.kinds = {**KINDS, **own}
    seeds = read_seeds(folder)
    dataset.articles = seeds.articles
    dataset.problems += seeds.problems
    if dataset.description is not None:
        records = {name: seeds.records[name] for name in sorted(seeds.records)}
        dataset.names, problems = naming.gather(
            dataset.articles, records, dataset.kinds, dataset.iris
        )
        dataset.problems += problems
        claims = list(_claims(dataset, records, progress))
        paths = {problem.place.path for problem in dataset.errors}
        unsound = {name for name, found in records.items() if found and found[0].path in paths}
        corrected = correct(dataset.facts, claims, dates(dataset.works, claims), unsound)
        dataset.facts, claims = corrected.facts, _without_echoes(corrected.claims)
        dataset.problems += corrected.problems
        dataset.problems += misplaced(vocabulary, dataset.iris)
        claims = sorted_claims(claims)
        dataset.links = [c for c in claims if dataset.kinds[c.fact.kind].external]
        dataset.claims = [c for c in claims if not dataset.kinds[c.fact.kind].external]
        dataset.problems += naming.unnamed(dataset.names, dataset.facts, dataset.kinds)
        dataset.problems += undeclared((*dataset.claims, *dataset.links), vocabulary)
        dataset.problems += overlaps(dataset.declarations, claims)
        if not dataset.errors:
            dataset.problems += unlabelled(dataset.claims, set(dataset.names.nodes.values()))
        named = [
            *dataset.names.nodes.values(),
            *map(dataset.iris.article, dataset.articles.values()),
        ]
        dataset.queries, problems = queries_of(folder, dataset.iris.base, vocabulary, named)
        dataset.problems += problems
    dataset.problems.sort(key=lambda p: (p.place, p.message))
    return dataset


def _claims(
    dataset: Dataset, records: dict[str, list[Record]], progress: Callable[[int, int], None]
) -> Iterator[Claim]:
    """Yield the claims of every record, noting facts and problems on the way."""
    seen: dict[str, Fact] = {}
    for number, (name, found) in enumerate(records.items()):
        progress(number, len(records))
        if found and not any(is_header(record) for record in found):
            mend = "begin the file with article: and at least its title and a quote"
            place = Place(found[0].path)
            dataset.problems.append(Problem(place, "the article has no header", mend))
        language = naming.language(found)
        reading = Reading(language, name, dataset.iris, dataset.names, dataset.vocabulary)
        reader = Reader(dataset.articles[name], dataset.articles, reading, dataset.kinds)
        for record in found:
            if is_declaration(record):
                quoting = Quoting(reader.article, reader.articles)
                declaration, problems = read_declaration(record, quoting)
                dataset.declarations += [declaration] if declaration else []
                dataset.problems += problems
                continue
            read, problems = reader.read(record)
            dataset.problems += problems
            if read is None:
                continue
            fact = read.fact
            if fact.id in seen:
                message = f"this fact has the id of the one at {seen[fact.id].place}"
                mend = "remove one of the two, or give it an id of its own"
                dataset.problems.append(Problem(fact.place, message, mend))
                continue
            seen[fact.id] = fact
            try:
                claims = run(read.kind, fact, read.node, read.values, read.standing, read.doubt)
            except FieldError as error:
                dataset.problems.append(Problem(fact.place, str(error), error.mend, check="value"))
                continue
            except (Exception, SystemExit, GeneratorExit) as error:
                # A mapper may be the folder's own code: its bugs are told like any other problem.
                file = error.__traceback__ and read.kind.mapper.__code__.co_filename
                problem = code_problem(
                    error, f"the mapper of {fact.kind} failed", Path(file or "").name
                )
                dataset.problems.append(problem)
                continue
            if not claims:
                mend = "give it a field that says something"
                message = "the fact yields no triple"
                dataset.problems.append(Problem(fact.place, message, mend, check="mappers"))
            dataset.facts.append(fact)
            yield from claims


_HEDGED = Standing(modality="hedged")


def _without_echoes(claims: list[Claim]) -> list[Claim]:
    """Return claims without those by which an article hedges what it asserts elsewhere.

    A hedged fact about a conferral does not hedge that it is one, nor who received it, if the same
    article says that certainly; its hedge is about what it adds. What someone else says, what is
    planned, and what anyone denies stays beside what is asserted.
    """
    hedged = [c for c in claims if c.standing is not OWN and c.standing == _HEDGED]
    if not hedged:
        return claims
    triples = {claim.triple for claim in hedged}
    own = {(c.triple, c.fact.article) for c in claims if c.triple in triples and c.asserted}
    echoes = {id(claim) for claim in hedged if (claim.triple, claim.fact.article) in own}
    # A fact keeps its claims if one of its quotes would be behind none of the others: that quote
    # may be the one that names its thing, and what nothing is left of is on record as hedged.
    quoted: dict[str, set[Span]] = {}
    for claim in claims:
        if id(claim) not in echoes:
            quoted.setdefault(claim.fact.id, set()).update(claim.spans)
    return [
        claim
        for claim in claims
        if id(claim) not in echoes
        or not quoted.get(claim.fact.id, set()).issuperset(claim.fact.spans)
    ]
