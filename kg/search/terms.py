"""The terms of the ontology, as search finds them: by what they are called and what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox

from kg.asking.published import Published
from kg.asking.terms import SORTS, Terms
from kg.links import address
from kg.search.rows import LONGEST, Row, clean, passages, shortened
from kg.vocab import RDF, RDFS, SKOS

ONES = {"Classes": "class", "Properties": "property", "Annotation properties": "property"}
"""What one of a sort of terms is called."""

CONCEPT = "concept"


def terms(published: Published) -> Iterator[Row]:
    """Yield the rows of terms: they are texts, so that they come after all that has their name."""
    known = Terms(published)
    for term, (path, fragment) in known.places.items():
        href = f"{address(path)}.html#{quote(fragment, safe='=,')}"
        if len(href) <= LONGEST:
            label = known.label(term)
            name = shortened(clean(label.value if label else fragment))
            for passage in passages(_meaning(known, term)) or [""]:
                yield Row("text", name, _sort(known, term), href, passage)


def _meaning(known: Terms, term: ox.NamedNode) -> str:
    """Return what the ontology says that a term means, in English if it does."""
    for predicate in (SKOS.definition, RDFS.comment):
        found = [v for v in known.turtles.values(term, predicate) if isinstance(v, ox.Literal)]
        if found:
            return clean(min(found, key=lambda v: (v.language not in (None, "en"), str(v))).value)
    return ""


def _sort(known: Terms, term: ox.NamedNode) -> str:
    types = known.turtles.values(term, RDF.type)
    return next((ONES[sort] for type_, sort in SORTS.items() if type_ in types), CONCEPT)
