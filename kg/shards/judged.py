"""What is validated of a shard, in the files that `kg.checks.job.Parts` names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from kg.checks.sourced import FILES, lines, within
from kg.dataset import Dataset
from kg.shards.joining import Joined
from kg.shards.telling import Telling
from kg.shards.texts import BREAK, GRAPH
from kg.vocab import KG, RDF


def write_judged(stem: Path, dataset: Dataset, telling: Telling, joined: Joined) -> None:
    """Write the files of a shard; nothing in its evidence refers to that of another shard."""
    files = {
        "asserted": lines(dataset, "asserted"),
        "recorded": lines(dataset, "recorded"),
        "types": _types(dataset, joined),
        "evidence": _evidence(dataset, telling),
    }
    _write(stem, files)


def write_between(stem: Path, sides: Dataset, joined: Joined) -> None:
    """Write the files of conflicts whose sides are in several shards: they and all their sides.

    Facts are only referred to, for most have more claims than these.
    """
    facts = f"<{sides.iris.base}fact/"
    files: dict[str, Iterable[str]] = dict.fromkeys(FILES, ())
    files["evidence"] = (e for e in lines(sides, "evidence") if not e.startswith(facts))
    files["types"] = (
        *_types(sides, joined),
        *(f"{sides.iris.fact(claim.fact)} {RDF.type} {KG.Fact} .\n" for claim in sides.claims),
    )
    _write(stem, files)


def _write(stem: Path, files: Mapping[str, Iterable[str]]) -> None:
    for end, found in files.items():
        with Path(f"{stem}.{end}").open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(found)


def _types(dataset: Dataset, joined: Joined) -> Iterator[str]:
    """Yield the types of what is told here, and of what is told elsewhere that this speaks of."""
    yield from lines(dataset, "types")
    spoken_of = {term for claim in dataset.claims for term in claim.triple}
    spoken_of |= set(dataset.works.values())
    for node in sorted(joined.types.keys() & spoken_of, key=str):
        for type_ in sorted(joined.types[node], key=str):
            yield f"{node} {RDF.type} {type_} .\n"
    for conflict in dataset.conflicts:
        yield f"{dataset.iris.conflict(conflict.hash)} {RDF.type} {KG.Conflict} .\n"


def _evidence(dataset: Dataset, telling: Telling) -> Iterator[str]:
    """Yield what was told of evidence, which is all there is once any dump was told."""
    for text in telling.evidence.values():
        yield _triples(text.quads)
    for conflict in telling.layout.conflicts(c for c in dataset.conflicts if within(c, dataset)):
        yield _triples(telling.node(conflict.subject, conflict).quads)


def _triples(quads: str) -> str:
    return quads.replace(f" {GRAPH} .\n", " .\n").replace(BREAK, "")
