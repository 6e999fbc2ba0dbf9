"""What is made: products, projects, documents and columns."""

from __future__ import annotations

from kg.fields import Concept, Node, Ref, Text
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.measures import Date
from kg.vocab import FOAF, KG, RDF, SCHEMA


class DocumentType(Concept):
    """What a document is: letter, notice, report, outline, plan, article …"""

    scheme = SCHEMA.CreativeWork


@maps
def product(
    *,
    product: Node,
    names: Names,
    category: tuple[Text, ...] = (),
    manufacturer: tuple[Ref, ...] = (),
    released: Date | None = None,
    feature: tuple[Text, ...] = (),
) -> Triples:
    """Something made for use or sale: a chip, a phone, a service."""
    yield from names.of(product)
    yield from properties(
        product,
        {
            RDF.type: SCHEMA.Product,
            SCHEMA.category: category,
            SCHEMA.manufacturer: manufacturer,
            SCHEMA.releaseDate: released,
            KG.feature: feature,
        },
    )


@maps
def project(
    *,
    project: Node,
    names: Names,
    carried_out_by: tuple[Ref, ...] = (),
    basis: tuple[Text, ...] = (),
    purpose: tuple[Text, ...] = (),
) -> Triples:
    """An undertaking or technology that someone works on."""
    yield from names.of(project)
    yield from properties(
        project,
        {
            RDF.type: FOAF.Project,
            KG.carriedOutBy: carried_out_by,
            KG.basis: basis,
            KG.purpose: purpose,
        },
    )


@maps
def document(
    *,
    document: Node,
    names: Names,
    type: tuple[DocumentType, ...] = (),
    author: tuple[Ref, ...] = (),
    issued_by: tuple[Ref, ...] = (),
    date: Date | None = None,
    when: tuple[Text, ...] = (),
    addressee: tuple[Ref, ...] = (),
    unnamed_addressee: tuple[Text, ...] = (),
    part_of: tuple[Ref, ...] = (),
    page: Text | None = None,
    occasion: tuple[Ref, ...] = (),
    about: tuple[Ref, ...] = (),
    purpose: tuple[Text, ...] = (),
) -> Triples:
    """A letter, notice, report, plan, newspaper article or other document."""
    yield from names.of(document)
    yield from properties(
        document,
        {
            RDF.type: (SCHEMA.CreativeWork, *type),
            SCHEMA.author: author,
            SCHEMA.publisher: issued_by,
            SCHEMA.datePublished: date,
            KG.when: when,
            KG.addressee: addressee,
            KG.unnamedAddressee: unnamed_addressee,
            SCHEMA.isPartOf: part_of,
            SCHEMA.pagination: page,
            KG.occasion: occasion,
            SCHEMA.about: about,
            KG.purpose: purpose,
        },
    )


@maps
def column(
    *,
    column: Node,
    names: Names,
    medium: tuple[Text, ...] = (),
    launched_by: tuple[Ref, ...] = (),
    unnamed_launcher: tuple[Text, ...] = (),
    launched: Date | None = None,
    content: tuple[Text, ...] = (),
    purpose: tuple[Text, ...] = (),
) -> Triples:
    """A column or programme that appears again and again."""
    yield from names.of(column)
    yield from properties(
        column,
        {
            RDF.type: SCHEMA.CreativeWorkSeries,
            KG.medium: medium,
            KG.launchedBy: launched_by,
            KG.unnamedLauncher: unnamed_launcher,
            SCHEMA.startDate: launched,
            KG.content: content,
            KG.purpose: purpose,
        },
    )
