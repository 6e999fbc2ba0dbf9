"""The second pass over a shard: its claims become pieces of dumps, sorted, laid aside as runs."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from kg.coverage import coverage
from kg.dataset import Dataset
from kg.exporters import coverage as coverages
from kg.exporters import jsonld, turtle
from kg.exporters.context import Context
from kg.exporters.layout import Layout, Told
from kg.labels import labels
from kg.looseends import Labelled, Met, unlabelled
from kg.model import Triple
from kg.shards.joining import Joined
from kg.shards.mapping import laid_aside
from kg.shards.runs import Piece, write_run
from kg.shards.survey import Survey
from kg.summary import Summary, Tally, counted

THING, FACT = "0", "1"
"""What the keys of pieces of kg.ttl and kg.jsonld begin with: facts come after all things."""


@dataclass
class Written:
    """What is told of a shard whose pieces are written."""

    summary: Summary
    met: list[Met]
    prefixes: dict[str, set[str]]
    """The prefixes that are used, by the dump."""


def write_shard(survey: Survey, joined: Joined, directory: Path, number: int) -> Written:
    """Write the pieces of a shard, all of which have been joined."""
    dataset = _informed(laid_aside(survey, number, directory), joined)
    layout = Layout(dataset)
    prefixes, base = dataset.vocabulary.prefixes, dataset.iris.base
    nodes, evidence, trig = (turtle.Writer(prefixes, base) for _ in range(3))
    terms = jsonld.context_of(dataset)
    pieces = [*_pieces(layout, joined.joint, nodes, evidence, terms)]
    write_run(directory / f"{number}.kg.ttl", ((key, ttl) for key, ttl, _ in pieces))
    write_run(directory / f"{number}.kg.jsonld", ((key, json) for key, _, json in pieces))
    write_run(directory / f"{number}.kg.trig", _graphs(layout, trig))
    write_run(directory / f"{number}.kg.nq", _lines(layout))
    covered = coverage(dataset)
    write_run(
        directory / f"{number}.coverage.json",
        ((each.article.name, coverages.entry(each)) for each in covered),
    )
    summary = counted(dataset, covered)
    own = (c.triple for c in dataset.claims if c.asserted)
    summary.tally = Tally().add(
        t for t in dict.fromkeys(own) if t.subject.value not in joined.joint
    )
    used = {"graph.ttl": nodes.used, "kg.ttl": nodes.used | evidence.used, "kg.trig": trig.used}
    return Written(summary, _unlabelled(dataset, joined), used)


def _informed(dataset: Dataset, joined: Joined) -> Dataset:
    """Return the dataset of a shard, told what only all shards can tell."""
    head = joined.head
    local = labels(dataset.claims, dataset.vocabulary)
    dataset.called = {**local, **head.called}
    dataset.conflicts = [
        conflict
        for conflict in head.conflicts
        if any(claim.fact.article.name in dataset.articles for claim in conflict.claims)
    ]
    dataset.used, dataset.schemes = head.used, head.schemes
    return dataset


def _unlabelled(dataset: Dataset, joined: Joined) -> list[Met]:
    labelled, elsewhere = Labelled().add(dataset.claims), joined.labelled
    labelled.known |= elsewhere.known
    labelled.asserted |= elsewhere.asserted
    labelled.corrected |= elsewhere.corrected
    return [*unlabelled(dataset.claims, dataset.names.things, labelled)]


def _pieces(
    layout: Layout,
    joint: set[str],
    nodes: turtle.Writer,
    evidence: turtle.Writer,
    terms: Context,
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the pieces of things and facts in Turtle and JSON-LD.

    Of a joint thing they are pickled: it, its triples, and its claims with what they are sorted by.
    """
    for subject, told in layout.things(layout.dataset.claims):
        triples = _triples(told)
        node = layout.node(subject, triples, [])
        described = [layout.claim(each) for each in told]
        block = "".join(nodes.blocks(node))
        blocks = ["".join(evidence.blocks(each)) for each in described]
        nested = [jsonld.claim(terms, each) for each in described]
        key = THING + subject.value
        if subject.value in joint:
            places = [layout.place(each.claim) for each in told]
            ttl, json = (
                pickle.dumps((subject, triples, [*zip(places, texts, strict=True)]))
                for texts in (blocks, nested)
            )
            yield key, ttl, json
        else:
            yield key, (block, "".join(blocks)), jsonld.thing(terms, node, nested)
    for id_, fact in layout.facts(layout.dataset.claims):
        yield FACT + id_, ("", "".join(evidence.blocks(fact))), jsonld.thing(terms, fact, ())


def _triples(told: Iterable[Told]) -> list[Triple]:
    return [each.claim.triple for each in told if each.claim.stands]


def _graphs(layout: Layout, writer: turtle.Writer) -> Iterator[Piece]:
    for name, nodes in layout.graphs():
        yield name.value, "".join(writer.graph(name, nodes))


def _lines(layout: Layout) -> Iterator[Piece]:
    """Yield the lines of N-Quads, those of one subject together."""
    lines = {
        (f"{subject} ", f"{subject} {predicate} {value} {graph} .\n")
        for graph, nodes in layout.graphs()
        for node in nodes
        for subject, predicate, value in node.triples()
    }
    for subject, group in groupby(sorted(lines), key=lambda line: line[0]):
        yield subject, "".join(line for _, line in group)
