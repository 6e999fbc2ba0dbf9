"""A folder, loaded: articles -> facts -> claims, with every problem met on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg import names as naming
from kg.asking.queries import Query, queries_of
from kg.body import is_header
from kg.conflicts import Conflict, find_conflicts
from kg.corrections import correct, dates
from kg.corroboration import Sources
from kg.declarations import is_declaration, overlaps, read_declaration
from kg.echoes import without_echoes
from kg.evidence import used_terms
from kg.folder import Description, code_problem, own_kinds, read_description, read_ontology
from kg.garbage import collector_paused
from kg.iris import Iris, schemes_of
from kg.known import FieldError, Names, Reading
from kg.labels import labels
from kg.looseends import Labelled, Met, misplaced, told, undeclared, unlabelled, unnamed
from kg.mappers import KINDS
from kg.mapping import Kind, run
from kg.model import (
    Article,
    Claim,
    Declaration,
    Fact,
    Place,
    Problem,
    Severity,
    Term,
    Triple,
)
from kg.names import Gathering
from kg.order import in_order
from kg.quoting import Quoting
from kg.reading import Reader
from kg.records import Record
from kg.seeds import read_seeds
from kg.terms import canonical
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
    articles: Mapping[str, Article] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    """In the order of triple, then hash."""
    links: list[Claim] = field(default_factory=list)
    """Claims of outside knowledge, which no article supports."""
    declarations: list[Declaration] = field(default_factory=list)
    """What is declared to say nothing: no part of what is published, save as coverage."""
    names: Names = field(default_factory=lambda: Names(Iris("")))
    """Those that facts give; before any are gathered, none."""
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
        return {name: self.iris.work(name) for name in self.articles}

    def about(self, fact: Fact) -> NamedNode:
        """Return the IRI of what a fact is about."""
        return self.names.node(fact.slug) or self.iris.thing(fact.slug)

    @cached_property
    def called(self) -> Mapping[Term, str]:
        """How things and terms are called; what only links name is not among them."""
        return labels(self.claims, self.vocabulary)

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """What the sources give differently though it should be one, both sides kept."""
        return find_conflicts(self.claims, self.vocabulary)

    @cached_property
    def sources(self) -> Sources:
        """Which articles are copies of one another."""
        digests = {name: article.sha256 for name, article in self.articles.items()}
        return Sources(digests, self.claims, self.iris)

    @cached_property
    def used(self) -> set[NamedNode]:
        """The terms of the ontology that claims and their evidence mention; none without claims."""
        conflicting = {claim.hash for conflict in self.conflicts for claim in conflict.claims}
        return used_terms(self.claims, self.vocabulary, conflicting) if self.claims else set()

    @cached_property
    def schemes(self) -> set[str]:
        """The schemes of the IRIs in claims, those of datatypes too."""
        return schemes_of(claim.triple for claim in (*self.claims, *self.links))

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
        wanted = tuple(canonical(term) for term in triple)
        return list(self._by_triple.get(wanted, ()))

    @cached_property
    def _by_triple(self) -> dict[tuple[str, ...], list[Claim]]:
        index: dict[tuple[str, ...], list[Claim]] = {}
        for claim in (*self.claims, *self.links):
            index.setdefault(tuple(str(term) for term in claim.triple), []).append(claim)
        return index


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
    dataset = outline(Path(folder), allow_code=allow_code)
    seeds = read_seeds(dataset.folder)
    dataset.articles = seeds.articles
    dataset.problems += seeds.problems
    if dataset.description is not None:
        gathering = Gathering(dataset.iris)
        for name, records in seeds.records.items():
            gathering.add(name, naming.noted(seeds.articles[name], records, dataset.kinds))
        dataset.names = gathering.names()
        dataset.problems += gathering.problems
        dataset.problems += told(map_records(dataset, seeds.records, progress))
        if not dataset.errors:
            labelled = Labelled().add(dataset.claims)
            dataset.problems += told(unlabelled(dataset.claims, dataset.names, labelled))
        add_queries(dataset)
    dataset.problems.sort(key=lambda p: (p.place, p.message))
    return dataset


def outline(folder: Path, *, allow_code: bool) -> Dataset:
    """Return the dataset of a folder with what stands beside its articles, and none of these."""
    vocabulary, problems = read_ontology(folder)
    dataset = Dataset(folder, vocabulary, problems=problems)
    dataset.description, problems = read_description(folder)
    dataset.problems += problems
    own, problems = own_kinds(folder, allow_code)
    dataset.problems += problems
    dataset.kinds = {**KINDS, **own}
    if dataset.description is not None:
        dataset.problems += misplaced(vocabulary, dataset.iris)
    return dataset


def add_queries(dataset: Dataset) -> None:
    """Read the saved queries, which name terms of the ontology and things of the facts."""
    named = chain(dataset.names.nodes(), map(dataset.iris.work, dataset.articles))
    base, vocabulary = dataset.iris.base, dataset.vocabulary
    dataset.queries, problems = queries_of(dataset.folder, base, vocabulary, named)
    dataset.problems += problems


def map_records(
    dataset: Dataset,
    records: Mapping[str, list[Record]],
    progress: Callable[[int, int], None] = lambda done, total: None,
    troubled: Iterable[str] = (),
) -> list[Met]:
    """Map the records of articles, by name: add their facts, claims and problems to a dataset.

    What is corrected, or declared to say nothing, is looked for among these articles alone; the
    names of all articles have been gathered. ``troubled`` are the paths of fact files that have
    problems already. Returns the loose ends that were met.
    """
    claims = list(_claims(dataset, records, progress))
    paths = {*troubled, *(problem.place.path for problem in dataset.errors)}
    unsound = {name for name, found in records.items() if found and found[0].path in paths}
    corrected = correct(dataset.facts, claims, dates(dataset.works, claims), unsound)
    dataset.facts, claims = corrected.facts, without_echoes(corrected.claims)
    dataset.problems += corrected.problems
    claims = in_order(claims)
    dataset.links = [c for c in claims if dataset.kinds[c.fact.kind].external]
    dataset.claims = [c for c in claims if not dataset.kinds[c.fact.kind].external]
    dataset.problems += overlaps(dataset.declarations, claims)
    return [
        *unnamed(dataset.names, dataset.facts, dataset.kinds),
        *undeclared((*dataset.claims, *dataset.links), dataset.vocabulary),
    ]


def _claims(
    dataset: Dataset, records: Mapping[str, list[Record]], progress: Callable[[int, int], None]
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
