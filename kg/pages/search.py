"""The page of a search: a script finds what its address asks for; without one it has links."""

from __future__ import annotations

from kg.pages.made import Made
from kg.pages.rows import Rows

PATH = "search"
"""Where, below the base IRI, the page is."""


def page(rows: Rows) -> Made:
    """Return the page, which is the same for all queries."""
    return Made("search.html", {})
