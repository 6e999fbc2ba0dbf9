"""Organisations, and the roles that people hold in them."""

from __future__ import annotations

from kg.fields import Concept, Node, Ref, Text
from kg.mappers.naming import Names
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date
from kg.vocab import KG, ORG, RDF, SCHEMA


class OrganisationType(Concept):
    """What an organisation is: company, government-body, party-body, association, team …"""

    scheme = SCHEMA.Organization


@maps
def organisation(
    *,
    organisation: Node,
    names: Names,
    type: tuple[OrganisationType, ...] = (),
    part_of: tuple[Ref, ...] = (),
    location: tuple[Ref, ...] = (),
    industry: tuple[Text, ...] = (),
    status: tuple[Text, ...] = (),
    founded: Date | None = None,
    founded_by: tuple[Ref, ...] = (),
    purpose: tuple[Text, ...] = (),
    brand: tuple[Ref, ...] = (),
) -> Triples:
    """A company, ministry, committee, association, team or other organisation."""
    yield from names.of(organisation)
    yield from properties(
        organisation,
        {
            RDF.type: (SCHEMA.Organization, *type),
            ORG.subOrganizationOf: part_of,
            SCHEMA.location: location,
            KG.industry: industry,
            KG.status: status,
            SCHEMA.foundingDate: founded,
            SCHEMA.founder: founded_by,
            KG.purpose: purpose,
            SCHEMA.brand: brand,
        },
    )


@maps
def role(
    *,
    role: Node,
    person: Ref,
    title: Text,
    organisation: Ref | None = None,
    scope: tuple[Text, ...] = (),
    start: Date | None = None,
    end: Date | None = None,
) -> Triples:
    """What a person is in an organisation, as the article words it (W3C ORG, Membership)."""
    parts = (person, title, organisation)
    yield label(role, ", ".join(part.label for part in parts if part is not None))
    yield from properties(
        role,
        {
            RDF.type: ORG.Membership,
            ORG.member: person,
            ORG.organization: organisation,
            SCHEMA.roleName: title,
            KG.scope: scope,
            SCHEMA.startDate: start,
            SCHEMA.endDate: end,
        },
    )
