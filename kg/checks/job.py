"""What is to be validated, in files of a directory: shapes, parts of the data, and the passes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from filecmp import cmp
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from kg.dataset import Dataset
from kg.folder import SHIPPED, turtle_files
from kg.model import Problem, Term
from kg.packed import packing, read_lines
from kg.sieve.graph import Subclasses, Table, tables
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

TOGETHER = ""
"""What all parts together are called, where they are judged as one."""

Homes: TypeAlias = dict[str, str]
"""Where shapes come from: the path to show of the file that holds each."""

Result: TypeAlias = dict[str, Any]
"""A line of the child's, as `kg.sieve.oracle` makes it, with the pass and the part."""


@dataclass(frozen=True)
class Parts:
    """What is validated: files of a directory, written part by part."""

    directory: Path
    names: Sequence[str]
    """What the files of each part are called; their ends are `kg.checks.sourced.FILES`."""
    dataset: Callable[[str, str], Dataset]
    """What makes once more what a part was made of, for a pass: to tell where a problem is."""
    called: Mapping[Term, str]
    """How things and terms are called."""

    def new(self, name: str, judged: str) -> bool:
        """Whether a pass has something to judge in a part that no earlier one has."""
        *earlier, last = (self.directory / f"{name}.{end}" for end in JUDGED[judged])
        types = [Path(f"{path}-types") for path in (*earlier, last)]
        # What nobody asserts here may be the type of a value all the same.
        return last.stat().st_size > 0 or not cmp(types[0], types[-1], shallow=False)


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
        with packing(directory / f"shapes{number}") as out:
            serialize(triples, out, RdfFormat.N_TRIPLES)
    return files, homes, problems


def write_ontology(directory: Path, folder: Path) -> None:
    """Write the ontology as N-Triples."""
    with packing(directory / "ontology") as out:
        for _, file in turtle_files(folder, "ontology"):
            with suppress(SyntaxError, OSError, MemoryError):  # told when the dataset was loaded
                quads = [*parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
                serialize((quad.triple for quad in quads), out, RdfFormat.N_TRIPLES)


def passes(
    parts: Parts, scope: Scope, only: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the passes that have to be made, with what is judged and referred to in each.

    ``only`` some parts are judged, where shapes say of each what they would without the others.
    """
    for name, ends in JUDGED.items():
        wanted = only if only is not None and scope is Scope.PART else parts.names
        new = [part for part in wanted if parts.new(part, name)]
        groups: dict[str, Sequence[str]] = {}
        if scope is Scope.PART:
            groups = {part: [part] for part in new}
        elif new:
            alone: dict[str, Sequence[str]] = {part: [part] for part in parts.names}
            groups = alone if scope is Scope.NAMES else {TOGETHER: parts.names}
        found = [
            {
                "name": group,
                "own": [f"{part}.{end}" for end in ends for part in members],
                "types": [f"{part}.{name}-types" for part in members],
            }
            for group, members in groups.items()
        ]
        if found:
            yield {"name": name, "parts": found}


class Scope(Enum):
    """How far the shapes of a folder see, of which those of kgpress see no farther than a part."""

    PART = auto()
    """What is told together: a node, the types of its values, the sides of a conflict."""
    NAMES = auto()
    """Nodes that they name, besides: whether anything is told of these, and where."""
    FAR = auto()
    """Any node, from any other."""


def scope(directory: Path, files: Homes) -> Scope:
    """Return how far shapes see that were written."""
    own, ours = list[str](), list[str]()
    for name, shown in files.items():
        with read_lines(directory / name) as lines:
            (ours if shown.startswith(SHIPPED) else own).append("".join(lines))
    if not own:
        return Scope.PART
    theirs = _tables(own)
    sieve = Sieve(_tables([*own, *ours]), Subclasses({}))
    known = Sieve(_tables(ours), Subclasses({})).far - theirs.keys()
    predicates = set().union(*theirs.values())
    if sieve.far - known or sieve.uncompiled or str(SH.targetObjectsOf) in predicates:
        return Scope.FAR
    return Scope.NAMES if str(SH.targetNode) in predicates else Scope.PART


def _tables(texts: list[str]) -> dict[str, Table]:
    return tables(line for text in texts for line in StringIO(text, newline="\n"))
