"""Terms of RDF, whichever library made them."""

from __future__ import annotations

from pyoxigraph import Literal, NamedNode


def canonical(term: object) -> str:
    """Return a term in canonical N-Triples syntax, whichever library made it."""
    if not hasattr(term, "n3"):
        return str(term)
    if not hasattr(term, "datatype"):
        return str(NamedNode(str(term)))
    if term.datatype is None or getattr(term, "language", None):
        return str(Literal(str(term), language=getattr(term, "language", None)))
    return str(Literal(str(term), datatype=NamedNode(str(term.datatype))))
