"""What happened or recurs: events, campaigns, and the series they belong to."""

from __future__ import annotations

from kg.fields import Concept, Node, Ref, Text
from kg.mappers.naming import Names
from kg.mapping import Triples, maps, properties
from kg.measures import Date
from kg.vocab import KG, RDF, SCHEMA


class EventType(Concept):
    """What an event is: conference, ceremony, meeting, campaign, visit, interview, launch …"""

    scheme = SCHEMA.Event


@maps
def series(
    *,
    series: Node,
    names: Names,
    start: Date | None = None,
    established_by: tuple[Ref, ...] = (),
    frequency: tuple[Text, ...] = (),
    season: tuple[Text, ...] = (),
    location: tuple[Ref, ...] = (),
    purpose: tuple[Text, ...] = (),
    reason: tuple[Text, ...] = (),
    legal_basis: tuple[Ref, ...] = (),
) -> Triples:
    """Something held again and again: who began it, when, how often and what for."""
    yield from names.of(series)
    yield from properties(
        series,
        {
            RDF.type: SCHEMA.EventSeries,
            SCHEMA.startDate: start,
            KG.establishedBy: established_by,
            KG.frequency: frequency,
            KG.season: season,
            SCHEMA.location: location,
            KG.purpose: purpose,
            KG.reason: reason,
            KG.legalBasis: legal_basis,
        },
    )


@maps
def event(
    *,
    event: Node,
    names: Names,
    type: tuple[EventType, ...] = (),
    part_of: tuple[Ref, ...] = (),
    programme: tuple[Ref, ...] = (),
    start: Date | None = None,
    end: Date | None = None,
    when: tuple[Text, ...] = (),
    duration: Text | None = None,
    location: tuple[Ref, ...] = (),
    organiser: tuple[Ref, ...] = (),
    participant: tuple[Ref, ...] = (),
    unnamed_participant: tuple[Text, ...] = (),
    theme: tuple[Text, ...] = (),
    purpose: tuple[Text, ...] = (),
    about: tuple[Ref, ...] = (),
) -> Triples:
    """A conference, ceremony, campaign, launch, visit or other thing that took place."""
    yield from names.of(event)
    yield from properties(
        event,
        {
            RDF.type: (SCHEMA.Event, *type),
            SCHEMA.superEvent: part_of,
            KG.programme: programme,
            SCHEMA.startDate: start,
            SCHEMA.endDate: end,
            KG.when: when,
            KG.duration: duration,
            SCHEMA.location: location,
            SCHEMA.organizer: organiser,
            KG.participant: participant,
            KG.unnamedParticipant: unnamed_participant,
            KG.theme: theme,
            KG.purpose: purpose,
            SCHEMA.about: about,
        },
    )
