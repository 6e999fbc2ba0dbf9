"""What only all shards together can tell, made from their columns.

The result is a dataset like any other, of the claims about *joint* things: those of which several
shards tell, or that are accounts of one matter. What is asked of all claims elsewhere (conflicts,
how things are called, the terms that are used) is set from the columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import NamedNode

from kg.conflicts import Conflict, find_conflicts, keyed
from kg.corroboration import Sources
from kg.dataset import Dataset
from kg.garbage import collector_paused
from kg.labels import Rank, called, ranked
from kg.looseends import Labelled, told
from kg.model import Article, Claim, Problem
from kg.order import in_order
from kg.shards.files import taken_up
from kg.shards.mapping import Columns, Types, add_types, laid_aside
from kg.shards.survey import Survey
from kg.ties import Ties
from kg.vocab import KG


@dataclass
class Joined:
    """What the second pass over the shards has to know of all of them."""

    head: Dataset
    """Its claims are those about joint things."""
    problems: list[Problem]
    joint: set[str]
    """The IRIs of joint things."""
    facts: int
    claims: int
    labelled: Labelled
    """Which of the things that a shard speaks of have a label in another."""
    types: Types
    """The types of these things, of joint ones, and of what claims about joint ones speak of."""

    @cached_property
    def disputes(self) -> dict[str, list[Conflict]]:
        """The conflicts in which the claims of each article take part."""
        found: dict[str, list[Conflict]] = {}
        for conflict in self.head.conflicts:
            for name in {claim.fact.article.name for claim in conflict.claims}:
                found.setdefault(name, []).append(conflict)
        return found


@collector_paused()
def join(survey: Survey, places: Sequence[Path]) -> Joined:
    """Join the shards, all of which have been mapped."""
    matters, joint = _matters(survey, places)
    head, problems = survey.basis.empty(), list[Problem]()
    best, labelled, met = dict[NamedNode, Rank](), Labelled(), []
    digests, based, local = dict[str, str](), list[Claim](), list[Conflict]()
    wanted: set[NamedNode] = set()
    used, schemes = set[NamedNode](), set[str]()
    facts = claims = 0
    for place, columns in _all(places):
        facts, claims = facts + columns.facts, claims + columns.claims
        problems += columns.problems
        met += columns.met
        digests |= columns.digests
        based += columns.based
        wanted |= columns.wanted
        used |= columns.used
        schemes |= columns.schemes
        head.links += columns.links
        head.claims += _about(columns, joint, survey, place)
        local += (c for c in columns.conflicts if joint.isdisjoint(n.value for n in c.about))
    problems += told(met)
    head.claims = in_order(head.claims)
    head.links = in_order(head.links)
    conflicts = find_conflicts(head.claims, head.vocabulary, matters)
    for conflict in local:
        # Accounts that other shards tie may agree after all; nothing else can have changed.
        conflicts += find_conflicts(conflict.claims, head.vocabulary, matters)
    conflicts.sort(key=lambda conflict: conflict.key)
    sides = [claim for conflict in conflicts for claim in conflict.claims]
    shown = (term for claim in (*sides, *head.links) for term in claim.triple)
    wanted |= {term for term in shown if isinstance(term, NamedNode)}
    joint_terms = (term for claim in head.claims for term in claim.triple)
    shared = wanted | {term for term in joint_terms if isinstance(term, NamedNode)}
    shared |= {head.iris.article(article) for article in _articles(sides).values()}
    types: Types = {}
    for _, columns in _all(places):
        for node in shared & columns.types.keys():
            add_types(types, node, columns.types[node])
        for node in shared & columns.labels.keys():
            rank = columns.labels[node]
            best[node] = min(best.get(node, rank), rank)
        labelled.corrected |= wanted & columns.corrected
    best |= ranked(head.claims)
    labelled.known = set(best)
    labelled.asserted = {node for node, (unasserted, _, _) in best.items() if not unasserted}
    head.called = called(best, head.vocabulary)
    head.conflicts = conflicts
    head.used = used | ({KG.Conflict} if conflicts else set())
    head.schemes = schemes
    head.sources = Sources(digests, based, head.iris)
    return Joined(head, problems, joint, facts, claims, labelled, types)


def between(survey: Survey, joined: Joined) -> Dataset:
    """Return the claims that are sides of a conflict between shards, as a dataset."""
    found, shard = survey.basis.empty(), dict[str, int]()
    for number, names in enumerate(survey.shards):
        shard |= dict.fromkeys(names, number)
    found.conflicts = [
        conflict
        for conflict in joined.head.conflicts
        if len({shard[claim.fact.article.name] for claim in conflict.claims}) > 1
    ]
    claims = {claim.hash: claim for each in found.conflicts for claim in each.claims}
    found.claims = in_order(claims.values())
    found.articles = _articles(found.claims)
    found.called, found.used = joined.head.called, joined.head.used
    return found


def _articles(claims: Collection[Claim]) -> dict[str, Article]:
    """Return the articles of claims by name: those of their facts, and those of their spans."""
    found = {claim.fact.article.name: claim.fact.article for claim in claims}
    return found | {span.article.name: span.article for claim in claims for span in claim.spans}


def _all(places: Sequence[Path]) -> Iterator[tuple[Path, Columns]]:
    for place in places:
        yield place, taken_up(place / "columns")


def _matters(survey: Survey, places: Sequence[Path]) -> tuple[Ties, set[str]]:
    """Return the accounts of one matter tied together, and the IRIs of all joint things."""
    vocabulary, spread = survey.outline.vocabulary, survey.basis.spread
    first: dict[tuple[str, ...], str] = {}
    pairs, claims = set[tuple[str, str]](), list[Claim]()
    for _, columns in _all(places):
        pairs |= columns.tied
        pairs |= {(first.setdefault(key, thing), thing) for key, thing in columns.keys.items()}
        claims += (c for c in columns.joint if c.triple.subject.value in spread)
    pairs |= {(first.setdefault(key, thing), thing) for key, thing in keyed(claims, vocabulary)}
    matters, joint = Ties(), {*spread}
    for one, other in pairs:
        if one != other:
            matters.tie(one, other)
            joint |= {one, other}
    return matters, joint


def _about(columns: Columns, joint: set[str], survey: Survey, place: Path) -> list[Claim]:
    """Return the claims of a shard about joint things."""
    known = {claim.triple.subject for claim in columns.joint}
    if any(thing.value in joint for thing in columns.labels.keys() - known):
        # Another shard ties what this one took for its own.
        claims = laid_aside(survey.basis, place).claims
        return [claim for claim in claims if claim.triple.subject.value in joint]
    return columns.joint
