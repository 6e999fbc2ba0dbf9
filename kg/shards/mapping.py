"""The first pass over a shard: its facts become claims, which are laid aside.

``claims`` has all that the second pass needs, ``columns`` what is joined with other shards,
``spoken`` what the shard has to know of these, and ``asked`` by what names it was mapped.
"""

from __future__ import annotations

import copyreg
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import NamedNode

from kg.conflicts import Conflict, find_conflicts, keyed, tied
from kg.dataset import Dataset, map_records
from kg.garbage import collector_paused
from kg.labels import Rank, ranked
from kg.looseends import Labelled, Met
from kg.model import OWN, Article, Claim, Place, Problem, Standing
from kg.records import Record
from kg.shards.asked import Asked, still_so
from kg.shards.basis import Basis, Shard
from kg.shards.files import lay_aside, taken_up
from kg.vocab import RDF, SCHEMA

ASSERTED, RECORDED, CORRECTED = range(3)
Types: TypeAlias = dict[NamedNode, dict[NamedNode, int]]
"""The types of things, each with what is the most that there is of claims that give it."""


@dataclass
class Columns:
    """What a shard has that is joined with the other shards."""

    facts: int
    claims: int
    problems: list[Problem]
    met: list[Met]
    """The loose ends that were met."""
    digests: dict[str, str]
    """The SHA-256 of the articles, by their names."""
    links: list[Claim]
    labels: dict[NamedNode, Rank]
    """How the things told here are called."""
    wanted: set[NamedNode]
    """What is spoken of and has no label here, or none of equal standing."""
    corrected: set[NamedNode]
    """The things of which a label is corrected."""
    types: Types
    """The types of the things told here."""
    used: set[NamedNode]
    """The terms that are mentioned."""
    schemes: set[str]
    joint: list[Claim] = field(default_factory=list)
    """The claims about things of which other shards may tell, too, or of the same matter."""
    conflicts: list[Conflict] = field(default_factory=list)
    """Those between claims about other things, as far as this shard knows."""
    tied: set[tuple[str, str]] = field(default_factory=set)
    """The accounts that claims tie (`kg.conflicts.tied`)."""
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The keys of things that are not spread, with one of each (`kg.conflicts.keyed`)."""
    based: list[Claim] = field(default_factory=list)
    """What articles are said to be based on."""


@dataclass
class Spoken:
    """What a shard tells of."""

    articles: set[str]
    """The names of its articles."""
    nodes: set[NamedNode]
    """The things and terms in its claims, and its articles as works."""


@collector_paused()
def map_shard(basis: Basis, given: tuple[Path, Shard]) -> None:
    """Map the facts of a shard and lay aside what comes of it, unless it lies there already."""
    place, shard = given
    if _is_mapped(basis, place):
        return
    dataset, sound = basis.empty(), True
    dataset.names = asked = Asked(basis.names)
    articles: dict[str, Article] = {}
    records: dict[str, list[Record]] = {}
    for seed, files, digest in zip(shard.seeds, shard.files, shard.digests, strict=True):
        read = seed.read(files)
        if read.article is None or read.digest != digest:
            at = Place(seed.facts_path)
            message = "it, or its article, was changed while the folder was read"
            problem = Problem(at, message, "let it be for a moment, and try again")
            dataset.problems.append(problem)
            sound = False
            continue
        articles[seed.name], records[seed.name] = read.article, read.records
    dataset.articles = articles
    met = map_records(dataset, records, troubled=shard.troubled)
    spoken = Spoken(
        {*articles},
        {t for claim in dataset.claims for t in claim.triple if isinstance(t, NamedNode)}
        | {*dataset.works.values()},
    )
    spread = basis.spread_among(spoken.nodes)
    (place / "written").unlink(missing_ok=True)
    lay_aside(place / "columns", _columns(dataset, met, spread))
    kept = (dataset.articles, dataset.facts, dataset.claims, dataset.declarations)
    lay_aside(place / "claims", kept)
    lay_aside(place / "spoken", spoken)
    if sound:
        lay_aside(place / "asked", (asked.answers, spread))


def _is_mapped(basis: Basis, place: Path) -> bool:
    """Whether a shard was mapped before, by the same names."""
    if not (place / "asked").exists():
        return False
    answers, spread = taken_up(place / "asked")
    spoken: Spoken = taken_up(place / "spoken")
    if spread == basis.spread_among(spoken.nodes) and still_so(answers, basis.names):
        return True
    (place / "asked").unlink()
    return False


def laid_aside(basis: Basis, place: Path) -> Dataset:
    """Return the dataset of a shard as it was mapped."""
    dataset = basis.empty()
    kept = taken_up(place / "claims")
    dataset.articles, dataset.facts, dataset.claims, dataset.declarations = kept
    return dataset


def _columns(dataset: Dataset, met: list[Met], spread: set[str]) -> Columns:
    claims, vocabulary = dataset.claims, dataset.vocabulary
    labelled = Labelled().add(claims)
    columns = Columns(
        len(dataset.facts),
        len(claims),
        dataset.problems,
        met,
        {name: article.sha256 for name, article in dataset.articles.items()},
        dataset.links,
        ranked(claims),
        {lack.term for lack in labelled.lacking(claims, dataset.names)},
        labelled.corrected,
        _types(claims),
        dataset.used,
        dataset.schemes,
        based=[claim for claim in claims if claim.triple.predicate == SCHEMA.isBasedOn],
    )
    joint = {*spread}
    for key, subject in keyed(claims, vocabulary):
        if subject not in joint:  # another shard may have another part of a spread thing's key
            other = columns.keys.setdefault(key, subject)
            columns.tied |= {(other, subject)} if other != subject else set()
    columns.tied |= set(tied(claims, vocabulary))
    joint.update(each for pair in columns.tied for each in pair)
    columns.joint = [claim for claim in claims if claim.triple.subject.value in joint]
    own = [claim for claim in claims if claim.triple.subject.value not in joint]
    columns.conflicts = find_conflicts(own, vocabulary)
    return columns


def _types(claims: Iterable[Claim]) -> Types:
    found: Types = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate == RDF.type and isinstance(value, NamedNode):
            standing = ASSERTED if claim.asserted else RECORDED
            add_types(found, subject, {value: CORRECTED if claim.corrected_by else standing})
    return found


def add_types(types: Types, node: NamedNode, found: Mapping[NamedNode, int]) -> None:
    """Add types of a node to others."""
    known = types.setdefault(node, {})
    for type_, standing in found.items():
        known[type_] = min(known.get(type_, standing), standing)


def _standing(value: Standing) -> Any:
    # That of nearly all claims is one object, by which it is known at once.
    return "OWN" if value is OWN else (Standing, (value.voice, value.modality, value.polarity))


copyreg.pickle(Standing, _standing)
