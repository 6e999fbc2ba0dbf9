"""Overviews: on one page each, what a dataset has of one sort.

A new one is a module, and a place in `OVERVIEWS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from kg.asking.nodes import Nodes
from kg.links import ENDPOINT
from kg.pages.made import Document, Made, Maker
from kg.pages.overviews import awards, conflicts, figures, statements, timeline
from kg.pages.overviews.overview import LIMIT, Overview
from kg.pages.rows import Rows

OVERVIEWS: Mapping[str, Overview] = {
    module.OVERVIEW.name: module.OVERVIEW
    for module in (timeline, awards, statements, figures, conflicts)
}
"""All of them, in the order in which they are listed."""

FORMS: Mapping[str, tuple[str, str]] = {
    ".csv": ("text/csv", "CSV"),
    ".json": ("application/sparql-results+json", "JSON"),
    ".ttl": ("text/turtle", "Turtle"),
    ".rq": ("application/sparql-query", "the query"),
}
"""What lies beside the page of each, with its media type and its name."""


def present(nodes: Nodes) -> list[Overview]:
    """Return the overviews that a dataset has something for; costs a few look-ups."""
    return [overview for overview in OVERVIEWS.values() if overview.here(nodes)]


def page(rows: Rows, overview: Overview) -> Made | None:
    """Return the page of an overview, or None where there is nothing of it."""
    nodes, links = rows.nodes, rows.links
    solutions = overview.solutions(nodes) if overview.here(nodes) else []
    if not solutions:
        return None
    query = overview.query(nodes)
    values = {
        "overview": overview,
        "forms": [(links.to(overview.name, end), *form) for end, form in FORMS.items()],
        "query": query,
        "ask": f"{links.to(ENDPOINT)}#query={quote(query, safe='')}",
        "count": len(solutions),
        "cut": len(solutions) >= LIMIT,
        **overview.shown(rows, solutions),
    }
    return Made(overview.template, values, overview.about)


def _form(overview: Overview, suffix: str, nodes: Nodes) -> bytes | None:
    """Return one of the forms of an overview, or None where there is nothing of it."""
    if not overview.here(nodes):
        return None
    match suffix:
        case ".rq":
            return overview.query(nodes).encode()
        case ".ttl":
            return overview.turtle(nodes)
    return overview.answer(nodes, suffix.removeprefix("."))


PAGES: Mapping[str, Maker] = {
    name: partial(page, overview=overview) for name, overview in OVERVIEWS.items()
}
"""The pages of the overviews, by their paths."""

DOCUMENTS: Mapping[str, Document] = {
    name + suffix: Document(media_type, partial(_form, overview, suffix))
    for name, overview in OVERVIEWS.items()
    for suffix, (media_type, _) in FORMS.items()
}
"""Their forms, by their paths."""
