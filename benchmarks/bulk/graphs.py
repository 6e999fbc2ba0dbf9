"""N-Triples for other validators: of what kg published, all in one graph."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import RdfFormat, parse


def merged(files: Iterable[Path], target: Path) -> Path:
    """Write Turtle files as one of N-Triples, the quickest to read, unless it is there."""
    if not target.exists():
        with target.open("wb") as out:
            for file in sorted(files):
                for quad in parse(path=str(file), format=RdfFormat.TURTLE, rename_blank_nodes=True):
                    out.write(f"{quad.triple} .\n".encode())
    return target


def shapes(public: Path, work: Path) -> Path:
    """Return the shapes that were published as N-Triples."""
    return merged((public / "shapes").glob("*.ttl"), work / "shapes.nt")


def ontology(public: Path, work: Path) -> Path:
    """Return the ontology that was published as N-Triples."""
    return merged((public / "ontology").glob("*.ttl"), work / "ontology.nt")


def everything(public: Path, work: Path) -> Path:
    """Return graph, evidence and ontology as N-Triples: what is validated as a whole."""
    files = [public / "data" / "kg.ttl", *(public / "ontology").glob("*.ttl")]
    return merged(files, work / "everything.nt")
