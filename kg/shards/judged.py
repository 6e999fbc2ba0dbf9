"""What is validated of a shard, in the files that `kg.checks.job.Parts` names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.checks.sourced import lines
from kg.dataset import Dataset
from kg.shards.joining import Joined
from kg.shards.telling import Telling
from kg.shards.texts import BREAK, GRAPH
from kg.vocab import RDF


def write_judged(stem: Path, dataset: Dataset, telling: Telling, joined: Joined) -> None:
    """Write the files of a shard; nothing in its evidence refers to that of another shard."""
    files = {
        "asserted": lines(dataset, "asserted"),
        "recorded": lines(dataset, "recorded"),
        "types": _types(dataset, joined),
        "evidence": _evidence(dataset, telling),
    }
    for end, found in files.items():
        with Path(f"{stem}.{end}").open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(found)


def _types(dataset: Dataset, joined: Joined) -> Iterator[str]:
    """Yield the types of what is told here, and of things told elsewhere that this speaks of."""
    yield from lines(dataset, "types")
    spoken_of = {term for claim in dataset.claims for term in claim.triple}
    for node in sorted(joined.types.keys() & spoken_of, key=str):
        for type_ in sorted(joined.types[node], key=str):
            yield f"{node} {RDF.type} {type_} .\n"


def _evidence(dataset: Dataset, telling: Telling) -> Iterator[str]:
    layout = telling.layout
    for thing in telling.things(dataset.claims):
        for told, text in thing.claims:
            yield _triples(text.quads)
            yield from (_triples(span.quads) for span in telling.spans(told))
    yield from (_triples(text.quads) for _, text in telling.facts(dataset.claims))
    for conflict in layout.conflicts(dataset.conflicts):
        yield _triples(telling.node(conflict.subject, conflict).quads)


def _triples(quads: str) -> str:
    return quads.replace(f" {GRAPH} .\n", " .\n").replace(BREAK, "")
