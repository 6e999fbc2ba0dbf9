"""What a dataset holds, in numbers, and from what: of all of it, or added up from its shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.coverage import Coverage, Status, coverage, statuses
from kg.model import Article, Claim, Origin, Term, Triple
from kg.vocab import RDF, SCHEMA, XSD

if TYPE_CHECKING:
    from kg.dataset import Dataset

_DATED = (XSD.gYear, XSD.gYearMonth, XSD.date, XSD.dateTime)
"""Dates that have a year and sort as text."""


@dataclass
class Tally:
    """How many asserted triples there are, of which properties, of things of which classes."""

    triples: int = 0
    subjects: int = 0
    entities: int = 0
    """Subjects that have a type."""
    classes: Counter[Term] = field(default_factory=Counter)
    properties: Counter[NamedNode] = field(default_factory=Counter)

    def add(self, triples: Iterable[Triple]) -> Tally:
        """Take distinct triples: all of those that there are about their subjects."""
        subjects, entities = set[NamedNode](), set[NamedNode]()
        for subject, predicate, value in triples:
            self.triples += 1
            self.properties[predicate] += 1
            subjects.add(subject)
            if predicate == RDF.type:
                self.classes[value] += 1
                entities.add(subject)
        self.subjects += len(subjects)
        self.entities += len(entities)
        return self


@dataclass(frozen=True)
class Source:
    """An article that claims rest on: the work and the file that was read, and their labels."""

    work: NamedNode
    title: str
    file: NamedNode
    path: str


@dataclass
class Summary:
    """The numbers of a dataset, and the articles that it rests on."""

    articles: int = 0
    """Those in the folder."""
    facts: int = 0
    told_articles: int = 0
    """Those that have claims."""
    told_facts: int = 0
    claims: int = 0
    asserted: int = 0
    corrected: int = 0
    links: int = 0
    conflicts: int = 0
    origins: Counter[Origin] = field(default_factory=Counter)
    """How many claims of each origin there are, those of links not among them."""
    sentences: Counter[Status] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    sources: dict[str, Source] = field(default_factory=dict)
    """By the names of the articles."""
    date: Literal | None = None
    """When the newest article is dated."""

    def count(self, claims: Iterable[Claim]) -> None:
        """Count claims by standing and origin."""
        for claim in claims:
            self.claims += 1
            self.asserted += claim.asserted
            self.corrected += bool(claim.corrected_by)
            self.origins[claim.derivation.origin] += 1

    def add(self, other: Summary) -> None:
        """Add the numbers of another shard, whose articles are others."""
        for name in ("articles", "facts", "told_articles", "told_facts", "claims", "asserted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("corrected", "links", "conflicts"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.origins += other.origins
        self.sentences += other.sentences
        for name in ("triples", "subjects", "entities"):
            setattr(self.tally, name, getattr(self.tally, name) + getattr(other.tally, name))
        self.tally.classes += other.tally.classes
        self.tally.properties += other.tally.properties
        self.sources |= other.sources
        self.date = newest(self.date, other.date)


def summary(dataset: Dataset) -> Summary:
    """Return the summary of a whole dataset."""
    found = counted(dataset, coverage(dataset))
    found.tally.add(dataset.asserted)
    found.conflicts = len(dataset.conflicts)
    return found


def counted(dataset: Dataset, coverages: Iterable[Coverage]) -> Summary:
    """Return the summary of a shard, but for what only all shards together can tell.

    Those are its triples, which another may have too, and conflicts.
    """
    found = Summary(len(dataset.articles), len(dataset.facts), links=len(dataset.links))
    found.count(dataset.claims)
    found.told_articles = len({claim.fact.article.name for claim in dataset.claims})
    found.told_facts = len({claim.fact.id for claim in dataset.claims})
    found.sentences = statuses(coverages)
    works, used = set(dataset.works.values()), dict[str, Article]()
    for claim in dataset.claims:
        for each in (claim.fact.article, *(span.article for span in claim.spans)):
            used[each.name] = each
        if claim.asserted and claim.triple.subject in works:
            found.date = newest(found.date, _date(claim.triple))
    for name, each in used.items():
        work = dataset.iris.article(each)
        title = dataset.called.get(work, each.name)
        found.sources[name] = Source(work, title, dataset.iris.file(each), each.path)
    return found


def newest(one: Literal | None, other: Literal | None) -> Literal | None:
    """Return the later of two dates, of which there may be none."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda date: (date.value, str(date)))


def _date(triple: Triple) -> Literal | None:
    dated = triple.predicate in (SCHEMA.datePublished, SCHEMA.dateModified)
    value = triple.object
    return value if dated and isinstance(value, Literal) and value.datatype in _DATED else None
