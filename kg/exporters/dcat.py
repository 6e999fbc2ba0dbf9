"""The description of the dataset: what was written by hand, completed by what a build measures.

DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), VoID (https://www.w3.org/TR/void/) and schema.org.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.exporters import void
from kg.model import Term, Triple
from kg.summary import Summary
from kg.vocab import DCAT, DCTERMS, PROV, RDF, RDFS, SCHEMA, SPDX, VOID, XSD, Namespace

if TYPE_CHECKING:
    from kg.dataset import Dataset
    from kg.folder import Description

FORMATS = Namespace("formats", "http://www.w3.org/ns/formats/")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"

_SCHEMA_ORG = {
    DCTERMS.title: SCHEMA.name,
    DCTERMS.description: SCHEMA.description,
    DCTERMS.license: SCHEMA.license,
    DCTERMS.publisher: SCHEMA.publisher,
    DCTERMS.issued: SCHEMA.datePublished,
    DCTERMS.modified: SCHEMA.dateModified,
    DCTERMS.source: SCHEMA.isBasedOn,
    DCAT.keyword: SCHEMA.keywords,
    DCAT.version: SCHEMA.version,
    DCAT.distribution: SCHEMA.distribution,
}
"""What search engines read of a dataset under other names."""


@dataclass(frozen=True)
class File:
    """A file that was written."""

    name: str
    title: str
    media_type: str
    """That of what is inside, if it is compressed."""
    format: str
    """Its name among the formats of W3C (Turtle, JSON-LD …); empty for what is no dump."""
    size: int
    sha256: str
    compression: str = ""
    """The media type of what it is compressed by; empty for what is not."""


def triples(dataset: Dataset, summary: Summary, files: Iterable[File]) -> list[Triple]:
    """Return the description of a dataset whose files have been written."""
    description = dataset.description
    assert description is not None
    found = dict.fromkeys(description.triples)
    for triple in _described(dataset, description, summary, files):
        found.setdefault(triple)
    for subject, predicate, value in list(found):
        if subject == description.iri and predicate in _SCHEMA_ORG:
            found.setdefault(Triple(subject, _SCHEMA_ORG[predicate], value))
    return list(found)


def _described(
    dataset: Dataset, description: Description, summary: Summary, files: Iterable[File]
) -> Iterator[Triple]:
    node = description.iri
    for type_ in (DCAT.Dataset, VOID.Dataset, SCHEMA.Dataset):
        yield Triple(node, RDF.type, type_)
    given = {triple.predicate for triple in description.triples if triple.subject == node}
    date = _date(summary)
    for predicate in (DCTERMS.issued, DCTERMS.modified):
        if date is not None and predicate not in given:
            yield Triple(node, predicate, date)
    yield from _sources(summary, node)
    yield from void.counts(summary, node)
    yield from void.partitions(dataset, summary.tally, node)
    licences = [t.object for t in description.triples if t[:2] == (node, DCTERMS.license)]
    for file in files:
        if file.format:
            yield from _distribution(dataset, node, file, licences)


def _date(summary: Summary) -> Literal | None:
    """Return when the newest article is dated, or what SOURCE_DATE_EPOCH says.

    Never the time of the build, or no two builds would be alike. See
    https://reproducible-builds.org/specs/source-date-epoch/.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        moment = datetime.fromtimestamp(int(epoch), UTC)
        return Literal(f"{moment:%Y-%m-%dT%H:%M:%SZ}", datatype=XSD.dateTime)
    return summary.date


def _sources(summary: Summary, node: NamedNode) -> Iterator[Triple]:
    for source in summary.sources.values():
        yield Triple(node, DCTERMS.source, source.work)
        yield Triple(source.work, RDFS.label, Literal(source.title))
        yield Triple(node, PROV.wasDerivedFrom, source.file)
        yield Triple(source.file, RDFS.label, Literal(source.path))


def _distribution(
    dataset: Dataset, node: NamedNode, file: File, licences: Iterable[Term]
) -> Iterator[Triple]:
    dump = NamedNode(f"{dataset.iris.base}data/{file.name}")
    media_type = NamedNode(MEDIA_TYPES + file.media_type)
    checksum = NamedNode(f"{dump.value}#checksum")
    yield Triple(node, DCAT.distribution, dump)
    if file.compression:
        compression = NamedNode(MEDIA_TYPES + file.compression)
        yield Triple(dump, DCAT.compressFormat, compression)
        yield Triple(compression, RDF.type, DCTERMS.MediaType)
        yield Triple(compression, RDFS.label, Literal(file.compression))
    else:  # who fetches all dumps that VoID names should not fetch this twice
        yield Triple(node, VOID.dataDump, dump)
    for licence in licences:
        yield Triple(dump, DCTERMS.license, licence)
        yield Triple(dump, SCHEMA.license, licence)
    for subject, predicate, value in (
        (dump, RDF.type, DCAT.Distribution),
        (dump, RDF.type, SCHEMA.DataDownload),
        (dump, RDFS.label, Literal(file.name)),
        (dump, DCTERMS.title, _english(file.title)),
        (dump, SCHEMA.name, _english(file.title)),
        (dump, DCAT.downloadURL, dump),
        (dump, SCHEMA.contentUrl, dump),
        (dump, DCAT.mediaType, media_type),
        # schema.org knows of no inside: this is what comes from the address.
        (dump, SCHEMA.encodingFormat, Literal(file.compression or file.media_type)),
        (dump, DCTERMS.format, FORMATS[file.format]),
        (dump, DCAT.byteSize, Literal(str(file.size), datatype=XSD.nonNegativeInteger)),
        (dump, SCHEMA.contentSize, Literal(f"{file.size} B")),
        (dump, SPDX.checksum, checksum),
        (checksum, RDF.type, SPDX.Checksum),
        (checksum, RDFS.label, Literal(f"SHA-256 of {file.name}")),
        (checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256),
        (checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)),
        (media_type, RDF.type, DCTERMS.MediaType),
        (media_type, RDFS.label, Literal(file.media_type)),
        (FORMATS[file.format], RDF.type, DCTERMS.MediaTypeOrExtent),
        (FORMATS[file.format], RDFS.label, Literal(file.format)),
    ):
        yield Triple(subject, predicate, value)


def _english(text: str) -> Literal:
    return Literal(text, language="en")
