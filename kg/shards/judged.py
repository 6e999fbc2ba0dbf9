"""What is validated of a shard, in the files that `kg.checks.job.Parts` names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode

from kg.checks.sourced import lines, within
from kg.dataset import Dataset
from kg.packed import write_lines
from kg.shards.files import whole
from kg.shards.joining import Joined
from kg.shards.mapping import ASSERTED, CORRECTED, RECORDED, Types
from kg.shards.telling import Telling
from kg.shards.texts import BREAK, GRAPH
from kg.shards.views import View
from kg.vocab import KG, RDF


def write_judged(stem: Path, dataset: Dataset, telling: Telling, seen: View) -> None:
    """Write the files of a shard; nothing in its evidence refers to that of another shard."""
    alone = dataset
    if seen.joint:
        own = [c for c in dataset.claims if c.triple.subject.value not in seen.joint]
        alone = replace(dataset, claims=own)
    conflicts = (dataset.iris.conflict(conflict.hash) for conflict in dataset.conflicts)
    files = {
        "asserted": lines(alone, "asserted"),
        "recorded": lines(alone, "recorded"),
        "evidence": _evidence(dataset, telling),
        **_types(dataset, seen.types),
    }
    files["evidence-types"] = chain(
        lines(dataset, "types"), files["evidence-types"], _typed(conflicts, KG.Conflict)
    )
    _write(stem, files)


def write_between(stem: Path, sides: Dataset, joined: Joined) -> None:
    """Write the files of what is between shards.

    These are joint things, links, and conflicts whose sides are in several shards, with all of
    these. Facts are only referred to, for most have more claims than these.
    """
    head, facts = joined.head, f"<{sides.iris.base}fact/"
    spoken_of = replace(sides, claims=[*sides.claims, *head.claims, *head.links])
    files = {
        "asserted": lines(head, "asserted"),
        "recorded": lines(head, "recorded"),
        "evidence": (each for each in lines(sides, "evidence") if not each.startswith(facts)),
        **_types(spoken_of, joined.types),
    }
    of_facts = (sides.iris.fact(claim.fact) for claim in sides.claims)
    files["evidence-types"] = chain(files["evidence-types"], _typed(of_facts, KG.Fact))
    _write(stem, files)


def _write(stem: Path, files: Mapping[str, Iterable[str]]) -> None:
    for end, found in files.items():
        with whole(stem.with_name(f"{stem.name}.{end}")) as aside:
            write_lines(aside, found)


def _types(dataset: Dataset, types: Types) -> dict[str, Iterable[str]]:
    """Return the types of what is told elsewhere and spoken of here, by the pass in which."""
    spoken_of = {term for claim in dataset.claims for term in claim.triple}
    spoken_of |= set(dataset.works.values())
    nodes = sorted(types.keys() & spoken_of, key=str)
    most = {"asserted": ASSERTED, "recorded": RECORDED, "evidence": CORRECTED}
    return {
        f"{name}-types": [
            f"{node} {RDF.type} {type_} .\n"
            for node in nodes
            for type_, standing in sorted(types[node].items(), key=str)
            if standing <= limit
        ]
        for name, limit in most.items()
    }


def _typed(nodes: Iterable[NamedNode], class_: NamedNode) -> Iterator[str]:
    return (f"{node} {RDF.type} {class_} .\n" for node in nodes)


def _evidence(dataset: Dataset, telling: Telling) -> Iterator[str]:
    """Yield what was told of evidence, which is all there is once any dump was told."""
    for text in telling.evidence.values():
        yield _triples(text.quads)
    for conflict in telling.layout.conflicts(c for c in dataset.conflicts if within(c, dataset)):
        yield _triples(telling.node(conflict.subject, conflict).quads)


def _triples(quads: str) -> str:
    return quads.replace(f" {GRAPH} .\n", " .\n").replace(BREAK, "")
