"""RDF terms as canonical N-Triples text: taken apart, and made rdflib's where only rdflib knows."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdflib.term import IdentifiedNode, Literal

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"

TYPE = f"<{RDF}type>"
SUBCLASS = f"<{RDFS}subClassOf>"

INTEGER = re.compile(
    rf'"(?:(-?[0-9]{{1,18}})"\^\^<{XSD}integer>|([0-9]{{1,18}})"\^\^<{XSD}nonNegativeInteger>)'
)
"""Whole numbers as everybody writes them, which need no library to be understood."""

_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z0-9-]+)|\^\^<(.*)>)?', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def number(text: str) -> int | None:
    """Return the value of a plain whole number; None for anything else, numbers among it."""
    found = INTEGER.fullmatch(text)
    return int(found[1] or found[2]) if found else None


def string(text: str) -> str:
    """Return what SPARQL's ``str`` does of an IRI, or of a literal that has no datatype."""
    inner = text[1:-1] if text[0] == "<" else text[1 : text.rindex('"')]
    return unescaped(inner) if "\\" in inner else inner


def is_string(text: str) -> bool:
    """Whether a term is a literal without a datatype: words, with a language or without."""
    return text[0] == '"' and text[-1] != ">"


def language(text: str) -> str:
    """Return the language tag of a term, or nothing."""
    return text[text.rindex('"') + 2 :] if is_string(text) else ""


def unescaped(text: str) -> str:
    """Return text without the escapes of N-Triples."""
    return _ESCAPE.sub(
        lambda found: (
            chr(int(found[1] or found[2], 16))
            if found[1] or found[2]
            else _ESCAPED.get(found[3], found[3])
        ),
        text,
    )


@lru_cache(1 << 16)
def term(text: str) -> IdentifiedNode | Literal:
    """Return a term as rdflib has it, a literal as it is written."""
    from rdflib import BNode, Literal, URIRef

    if text[0] == "<":
        return URIRef(unescaped(text[1:-1]))
    if text[0] == "_":
        return BNode(text[2:])
    found = _LITERAL.fullmatch(text)
    assert found, f"no N-Triples: {text}"
    datatype = found[3] and URIRef(unescaped(found[3]))
    return Literal(unescaped(found[1]), lang=found[2], datatype=datatype, normalize=False)
