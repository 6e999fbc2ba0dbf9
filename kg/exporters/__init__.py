"""The dumps: one module per format, one function per file from a dataset to a stream of bytes.

To add a file, add a line to `EXPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kg.exporters import coverage, dcat, jsonld, ledger, ntriples, output, queries, turtle
from kg.exporters.dcat import File
from kg.exporters.layout import Arrangement
from kg.summary import Summary, summary

if TYPE_CHECKING:
    from kg.dataset import Dataset

__all__ = ["CHECKSUMS", "EXPORTERS", "Export", "write_exports"]

CHECKSUMS = "SHA256SUMS"

SMALLEST = 1024
"""Dumps of fewer bytes are not compressed: that would save nobody anything."""


class Export(NamedTuple):
    """What makes a file, and what the description of the dataset says of it."""

    write: Callable[[Dataset], Iterator[bytes]]
    media_type: str
    title: str
    format: str = ""
    """What W3C calls the format (http://www.w3.org/ns/formats/); empty for what is no dump."""


EXPORTERS: dict[str, Export] = {
    "kg.ttl": Export(turtle.full, "text/turtle", "Graph and evidence, Turtle", "Turtle"),
    "graph.ttl": Export(turtle.graph, "text/turtle", "Graph without evidence, Turtle", "Turtle"),
    "links.ttl": Export(turtle.links, "text/turtle", "Links to elsewhere, Turtle", "Turtle"),
    "kg.jsonld": Export(
        jsonld.full, "application/ld+json", "Graph and evidence, JSON-LD", "JSON-LD"
    ),
    "context.jsonld": Export(jsonld.context, "application/ld+json", "Context of the JSON-LD"),
    "coverage.json": Export(
        coverage.full, "application/json", "What of the articles is behind facts, JSON"
    ),
    "kg.nq": Export(
        ntriples.nquads, "application/n-quads", "Graph and evidence by article, N-Quads", "N-Quads"
    ),
    "kg.trig": Export(
        turtle.trig, "application/trig", "Graph and evidence by article, TriG", "TriG"
    ),
    "conflicts.json": Export(
        ledger.ledger, "application/json", "Conflicts, and what several sources agree on"
    ),
}


def write_exports(
    dataset: Dataset, directory: Path, found: Summary | None = None, *, compress: bool = False
) -> list[File]:
    """Write all files of a dataset into a directory, with its description and their checksums.

    Returns the files in the order of their names.
    """
    directory.mkdir(parents=True, exist_ok=True)
    files = [
        file
        for name, export in EXPORTERS.items()
        for file in write_file(directory, name, export.write(dataset), compress=compress)
    ]
    return describe(dataset, found or summary(dataset), directory, files)


def describe(dataset: Dataset, summary: Summary, directory: Path, files: list[File]) -> list[File]:
    """Write the description of a dataset whose dumps have been written, and all checksums.

    Returns all files in the order of their names.
    """
    if dataset.queries:
        nodes = list(Arrangement(dataset.vocabulary.prefixes).described(queries.triples(dataset)))
        header = ("the saved queries", "Their expected answers are beside them in queries/.")
        saved = turtle.document(dataset, *header, nodes)
        files.append(_write(directory, queries.FILE, saved, "text/turtle", "Saved queries"))
    triples = [*dcat.triples(dataset, summary, files), *queries.mention(dataset)]
    assert dataset.description is not None
    nodes = list(
        Arrangement(dataset.vocabulary.prefixes).described(triples, first=dataset.description.iri)
    )
    header = ("the description of the dataset", "Made by the build from ontology/dataset.ttl.")
    described = turtle.document(dataset, *header, nodes)
    files.append(_write(directory, "dcat.ttl", described, "text/turtle", "Description"))
    described = jsonld.document(dataset, nodes, triples)
    files.append(_write(directory, "dcat.jsonld", described, "application/ld+json", "Description"))
    files.sort(key=lambda file: file.name)
    sums = (f"{file.sha256}  {file.name}\n".encode() for file in files)
    return [_write(directory, CHECKSUMS, sums, "text/plain", "Checksums"), *files]


def write_file(
    directory: Path, name: str, chunks: Iterable[bytes], *, compress: bool = False
) -> list[File]:
    """Write one of `EXPORTERS`' files into a directory; a dump, if wanted, compressed as well."""
    _, media_type, title, format_ = EXPORTERS[name]
    if not (compress and format_):
        return [_write(directory, name, chunks, media_type, title, format_)]
    plain, packed = output.write_twice(directory / name, chunks)
    file = File(name, title, media_type, format_, plain.size, plain.sha256)
    if plain.size < SMALLEST:
        packed.path.unlink()
        return [file]
    compressed = replace(
        file,
        name=packed.path.name,
        title=f"{title}, compressed with Zstandard",
        size=packed.size,
        sha256=packed.sha256,
        compression=output.MEDIA_TYPE,
    )
    return [file, compressed]


def _write(
    directory: Path,
    name: str,
    chunks: Iterable[bytes],
    media_type: str,
    title: str,
    format: str = "",
) -> File:
    written = output.write(directory / name, chunks)
    return File(name, title, media_type, format, written.size, written.sha256)
