"""The second pass over a shard: its claims become pieces of dumps, sorted, laid aside as runs."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.coverage import Coverage, coverage
from kg.dataset import Dataset
from kg.exporters import coverage as coverages
from kg.exporters import jsonld
from kg.garbage import collector_paused
from kg.labels import labels
from kg.looseends import Labelled, Met, unlabelled
from kg.republishing import republished
from kg.shards.basis import Basis
from kg.shards.files import lay_aside, taken_up, whole
from kg.shards.graphs import Graphs, graphs, one_text, quads, trig
from kg.shards.judged import write_judged
from kg.shards.mapping import laid_aside
from kg.shards.results import RESULTS
from kg.shards.runs import Piece, write_run
from kg.shards.telling import Made, Telling
from kg.shards.views import View
from kg.summary import Summary, Tally, counted

THING, FACT = "0", "1"
"""What the keys of pieces of kg.ttl and kg.jsonld begin with: facts come after all things."""


@dataclass
class Writing:
    """What is the same for all shards that are written."""

    basis: Basis
    dumps: Collection[str]
    made: Made = field(default_factory=Made)


@dataclass
class Written:
    """What is told of a shard whose pieces are written."""

    summary: Summary
    met: list[Met]
    prefixes: dict[str, set[str]]
    """The prefixes that are used, by the dump."""


@collector_paused()
def write_shard(writing: Writing, given: tuple[Path, View]) -> Written:
    """Write the pieces of a shard for some dumps, and what is validated; all have been joined.

    Where they lie already, nothing is written: all that they are made of is what was mapped, and
    what is in view of it.
    """
    place, seen = given
    if (found := _written(place, seen, writing.dumps)) is not None:
        return found
    (place / RESULTS).unlink(missing_ok=True)
    written = _write(informed(writing.basis, seen, place), seen, place, writing)
    lay_aside(place / "written", (seen.digest, {*writing.dumps}, written))
    return written


def _written(place: Path, seen: View, dumps: Collection[str]) -> Written | None:
    """Return what was told of a shard whose pieces are written; None if some are not, as now."""
    if (place / "written").exists():
        digest, done, written = taken_up(place / "written")
        if digest == seen.digest and done.issuperset(dumps):
            assert isinstance(written, Written)
            return written
        (place / "written").unlink()
    return None


def _write(dataset: Dataset, seen: View, place: Path, writing: Writing) -> Written:
    dumps, telling = writing.dumps, Telling(dataset, writing.made)
    pieces = [*full_pieces(telling, dataset, seen.joint)]
    by_article = {"kg.trig", "kg.nq"}.intersection(dumps)
    found = [*graphs(dataset, telling)] if by_article else []
    covered = coverage(dataset)
    makers: dict[str, Callable[[], Iterable[Piece]]] = {
        "kg.ttl": lambda: ((key, ttl) for key, ttl, _ in pieces),
        "kg.jsonld": lambda: ((key, json) for key, _, json in pieces),
        "kg.trig": lambda: _trig(telling, found),
        "kg.nq": lambda: _quads(found),
        "coverage.json": lambda: _entries(covered),
    }
    for name, make in makers.items():
        if name in dumps or (name == "kg.ttl" and "graph.ttl" in dumps):
            write_run(place / name, make())
    write_judged(place / "judged", dataset, telling, seen)
    for path, article in republished(dataset) if dumps else ():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        with whole(place / path) as aside:
            aside.write_bytes(article.data)
    summary = counted(dataset, covered)
    own = dict.fromkeys(claim.triple for claim in dataset.claims if claim.asserted)
    summary.tally = Tally().add(t for t in own if t.subject.value not in seen.joint)
    return Written(summary, _unlabelled(dataset, seen), telling.prefixes)


def informed(basis: Basis, seen: View, place: Path) -> Dataset:
    """Return the dataset of a shard, told what only all shards can tell."""
    dataset = laid_aside(basis, place)
    dataset.called = {**labels(dataset.claims, dataset.vocabulary), **seen.called}
    dataset.conflicts = seen.conflicts
    dataset.used, dataset.schemes = seen.used, seen.schemes
    return dataset


def _unlabelled(dataset: Dataset, seen: View) -> list[Met]:
    labelled, elsewhere = Labelled().add(dataset.claims), seen.labelled
    labelled.known |= elsewhere.known
    labelled.asserted |= elsewhere.asserted
    labelled.corrected |= elsewhere.corrected
    return [*unlabelled(dataset.claims, dataset.names, labelled)]


def full_pieces(
    telling: Telling, dataset: Dataset, joint: set[str]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the pieces of things and facts in Turtle and JSON-LD.

    Of a joint thing they are a list, pickled: it, its triples, and its claims with what they are
    sorted by.
    """
    for subject, node, triples, claims in telling.things(dataset.claims):
        blocks = [
            "".join((text.turtle, *(span.turtle for span in telling.spans(told))))
            for told, text in claims
        ]
        nested = [text.json for _, text in claims]
        key = THING + subject.value
        if subject.value in joint:
            places = [telling.layout.place(told.claim) for told, _ in claims]
            ttl, json = (
                [pickle.dumps((subject, triples, [*zip(places, texts, strict=True)]))]
                for texts in (blocks, nested)
            )
            yield key, ttl, json
        else:
            both = node.turtle.encode(), "".join(blocks).encode()
            yield key, both, jsonld.with_claims(node.json, nested).encode()
    for id_, text in telling.facts(dataset.claims):
        yield FACT + id_, (b"", text.turtle.encode()), text.json.encode()


def _trig(telling: Telling, found: Graphs) -> list[Piece]:
    texts = ((graph.value, trig(telling.name(graph), nodes)) for graph, nodes in found)
    return sorted((key, text.encode()) for key, text in texts)


def _quads(found: Graphs) -> Iterator[Piece]:
    lines: dict[str, list[bytes]] = {}
    for graph, nodes in found:
        for key, text in quads(graph, nodes):
            lines.setdefault(key, []).append(text)
    for key in sorted(lines):
        yield key, one_text(lines[key])


def _entries(covered: Iterable[Coverage]) -> Iterator[Piece]:
    return ((each.article.name, coverages.entry(each).encode()) for each in covered)
