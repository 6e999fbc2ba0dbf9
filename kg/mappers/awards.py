"""Awards, their editions, who received what, and what sets something apart."""

from __future__ import annotations

from kg.fields import Node, Ref, Text
from kg.mappers.naming import Names
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date
from kg.vocab import KG, RDF, SCHEMA


@maps
def award(
    *,
    award: Node,
    names: Names,
    field: tuple[Text, ...] = (),
    location: tuple[Ref, ...] = (),
    conferred_by: tuple[Ref, ...] = (),
    organised_by: tuple[Ref, ...] = (),
    established: Date | None = None,
    established_by: tuple[Ref, ...] = (),
    establishment_approved_by: tuple[Ref, ...] = (),
    approved_by: tuple[Ref, ...] = (),
    frequency: tuple[Text, ...] = (),
    purpose: tuple[Text, ...] = (),
    regulation: tuple[Text, ...] = (),
    eligible: tuple[Text, ...] = (),
) -> Triples:
    """An award: who confers and approved it, since when, how often, what for, by what rules."""
    yield from names.of(award)
    yield from properties(
        award,
        {
            RDF.type: KG.Award,
            KG.field: field,
            SCHEMA.location: location,
            KG.conferredBy: conferred_by,
            KG.organisedBy: organised_by,
            KG.established: established,
            KG.establishedBy: established_by,
            KG.establishmentApprovedBy: establishment_approved_by,
            KG.approvedBy: approved_by,
            KG.frequency: frequency,
            KG.purpose: purpose,
            KG.regulation: regulation,
            KG.eligible: eligible,
        },
    )


@maps
def edition(
    *,
    edition: Node,
    award: Ref,
    year: Date,
    ceremony: tuple[Ref, ...] = (),
    alias: tuple[Text, ...] = (),
) -> Triples:
    """One edition of an award; how many took part and won are `figure` facts about it."""
    yield label(edition, f"{award.label} {year.label}")
    yield from properties(
        edition,
        {
            RDF.type: KG.AwardEdition,
            KG.editionOf: award,
            KG.year: year,
            KG.ceremony: ceremony,
            SCHEMA.alternateName: alias,
        },
    )


@maps
def conferral(
    *,
    conferral: Node,
    award: Ref,
    recipient: Ref,
    edition: Ref | None = None,
    grade: Text | None = None,
    date: Date | None = None,
    when: tuple[Text, ...] = (),
    project: Ref | None = None,
    reason: tuple[Text, ...] = (),
    conferred_by: tuple[Ref, ...] = (),
    location: tuple[Ref, ...] = (),
) -> Triples:
    """An award given to one recipient: of what grade, when, for what project and reason."""
    yield label(conferral, f"{award.label} to {recipient.label}")
    yield from properties(
        conferral,
        {
            RDF.type: KG.AwardConferral,
            KG.award: award,
            KG.recipient: recipient,
            KG.edition: edition,
            KG.grade: grade,
            KG.date: date,
            KG.when: when,
            KG.project: project,
            KG.reason: reason,
            KG.conferredBy: conferred_by,
            SCHEMA.location: location,
        },
    )


@maps
def distinction(
    *,
    distinction: Node,
    of: tuple[Ref, ...],
    text: Text,
    rank: tuple[Text, ...] = (),
    scope: tuple[Text, ...] = (),
    field: tuple[Text, ...] = (),
    concerning: tuple[Ref, ...] = (),
    date: Date | None = None,
    when: tuple[Text, ...] = (),
    other_account_of: tuple[Ref, ...] = (),
) -> Triples:
    """What sets something apart, the article says: the first, the only, the highest, in the top.

    Where two accounts give it differently (in the world, in China), each is a distinction, and one
    is the `other_account_of` the other.
    """
    holders = ", ".join(holder.label for holder in of)
    yield label(distinction, f"{holders}: {text.label}")
    yield from properties(
        distinction,
        {
            RDF.type: KG.Distinction,
            KG.distinctionOf: of,
            SCHEMA.text: text,
            KG.rank: rank,
            KG.scope: scope,
            KG.field: field,
            SCHEMA.about: concerning,
            KG.date: date,
            KG.when: when,
            KG.otherAccountOf: other_account_of,
        },
    )
