"""The fact kinds that come with kgpress: one small module per family, one function per kind."""

from kg.mappers import (
    articles,
    awards,
    events,
    figures,
    identities,
    links,
    organisations,
    people,
    places,
    statements,
    topics,
    works,
)
from kg.mapping import kinds_in

KINDS = kinds_in(
    *(articles, organisations, people, places, awards, events, works, topics),
    *(statements, figures, identities, links),
)
"""Every kind that fact files may use without a mapper module of their own."""
