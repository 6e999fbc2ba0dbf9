"""What is to be validated, in files of a directory: shapes, parts of the data, and the passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from kg.dataset import Dataset
from kg.folder import SHIPPED, turtle_files
from kg.model import Problem, Term
from kg.sieve.graph import Subclasses, tables
from kg.sieve.sieve import Sieve
from kg.vocab import SH, turtle_problem

PASSES = {
    "asserted": "the asserted graph",
    "evidence": "the evidence",
    "recorded": "what is recorded, as if it were so",
}
"""The passes, and how each is called."""

JUDGED = {
    "asserted": ("asserted",),
    "evidence": ("evidence",),
    "recorded": ("asserted", "recorded"),
}
"""The files (`kg.checks.sourced`) whose nodes each pass judges."""

Homes: TypeAlias = dict[str, str]
"""Where shapes come from: the path to show of the file that holds each."""


@dataclass(frozen=True)
class Parts:
    """What is validated: files of a directory, written part by part."""

    directory: Path
    names: Sequence[str]
    """What the files of each part are called; their ends are `kg.checks.sourced.FILES`."""
    datasets: Callable[[], Iterable[Dataset]]
    """What makes once more what the files were made of, to tell where a problem comes from."""
    called: Mapping[Term, str]
    """How things and terms are called."""

    def files(self, *ends: str) -> list[str]:
        """Return the files with some ends, of all parts."""
        return [f"{name}.{end}" for end in ends for name in self.names]


def write_shapes(directory: Path, folder: Path) -> tuple[Homes, Homes, list[Problem]]:
    """Write the shapes as N-Triples; return where the files and the shapes come from."""
    files, homes, problems = Homes(), Homes(), []
    for number, (shown, file) in enumerate(turtle_files(folder, "shapes")):
        try:
            quads = parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = [quad.triple for quad in quads]
        except (SyntaxError, OSError, MemoryError) as error:
            problems.append(turtle_problem(shown, error))
            continue
        for triple in triples:
            if isinstance(triple.subject, NamedNode):
                homes.setdefault(triple.subject.value, shown)
        files[f"shapes{number}"] = shown
        serialize(triples, directory / f"shapes{number}", RdfFormat.N_TRIPLES)
    return files, homes, problems


def write_ontology(directory: Path, dataset: Dataset) -> None:
    """Write the ontology as N-Triples."""
    with (directory / "ontology").open("wb") as out:
        for _, file in turtle_files(dataset.folder, "ontology"):
            with suppress(SyntaxError, OSError, MemoryError):  # told when the dataset was loaded
                quads = [*parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
                serialize((quad.triple for quad in quads), out, RdfFormat.N_TRIPLES)


def passes(parts: Parts, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the passes that have to be made, with what is judged and referred to in each."""
    apart = len(parts.names) == 1 or not far(folder)
    groups = [[name] for name in parts.names] if apart else [parts.names]
    for name, ends in JUDGED.items():
        if any((parts.directory / file).stat().st_size for file in parts.files(ends[-1])):
            found = [
                {
                    "own": [f"{part}.{end}" for end in ends for part in group],
                    "reference": ["ontology", *(f"{part}.{name}-types" for part in group)],
                }
                for group in groups
            ]
            yield {"name": name, "parts": found}


def far(folder: Path) -> bool:
    """Whether shapes may read more than is told together, as only those of the folder can.

    What ours read is told together: a node, the types of its values, the sides of a conflict.
    """
    own, ours = list[str](), list[str]()
    for shown, file in turtle_files(folder, "shapes"):
        quads = parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)
        (ours if shown.startswith(SHIPPED) else own).extend(f"{q.triple} .\n" for q in quads)
    if not own:
        return False
    nodes, theirs = tables([*own, *ours]), tables(own)
    sieve = Sieve(nodes, Subclasses({}))
    known = Sieve(tables(ours), Subclasses({})).far - theirs.keys()
    by_value = any(f"<{SH.targetObjectsOf.value}>" in table for table in theirs.values())
    return bool(sieve.far - known or sieve.uncompiled or by_value)
