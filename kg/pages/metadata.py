"""What machines look for in a page: schema.org as JSON-LD, and Open Graph.

JSON-LD tells what the dataset says of the node in terms of schema.org, as search engines read it;
all that is known, with the sentences, is in the documents that the page names as its alternates.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pyoxigraph as ox
from markupsafe import Markup

from kg.asking.nodes import Nodes
from kg.model import Term
from kg.vocab import RDF, SCHEMA, XSD

CONTEXT = "https://schema.org/"

NESTED = 20
"""How many nodes are told within another, of one property."""

LONGEST = 300
"""Letters of a description."""

_NUMBERS = (XSD.integer, XSD.nonNegativeInteger, XSD.decimal)


_ESCAPED = {code: f"\\u{code:04x}" for code in (*map(ord, "<>&\u2028\u2029"), *range(127, 160))}


class Metadata(NamedTuple):
    """What the head of a page has."""

    kind: str
    """The type of the Open Graph protocol."""
    url: str
    description: str
    jsonld: Markup | None


def metadata(nodes: Nodes, node: ox.NamedNode, kind: str, description: str) -> Metadata:
    """Return what the head of the page of a node has."""
    told = _told(nodes, node, nested=True)
    jsonld = None
    if len(told) > 1:  # more than its IRI
        text = json.dumps({"@context": CONTEXT, **told}, ensure_ascii=False, sort_keys=True)
        # In a script element, nothing is a reference: only what could end it must not be there.
        jsonld = Markup(text.translate(_ESCAPED))
    short = " ".join(description.split())
    if len(short) > LONGEST:
        short = short[:LONGEST].rstrip() + "…"
    return Metadata(kind, node.value, short, jsonld)


def _told(nodes: Nodes, node: ox.NamedNode, *, nested: bool) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for _, predicate, value in nodes.triples(node):
        if predicate == RDF.type and isinstance(value, ox.NamedNode):
            found.setdefault("@type", []).append(_short(value))
        elif predicate.value.startswith(SCHEMA.IRI):
            values = found.setdefault(_short(predicate), [])
            if len(values) < NESTED:
                values += _value(nodes, value, nested)
    if "name" not in found and nodes.known(node):
        found["name"] = list(_value(nodes, nodes.label(node), nested))
    told = {key: values[0] if len(values) == 1 else values for key, values in found.items()}
    return {"@id": node.value, **told}


def _value(nodes: Nodes, value: Term, nested: bool) -> Iterator[Any]:
    if isinstance(value, ox.NamedNode):
        yield _told(nodes, value, nested=False) if nested else {"@id": value.value}
    elif value.language:
        yield {"@value": value.value, "@language": value.language}
    elif value.datatype in _NUMBERS and value.value.lstrip("-").isdecimal():
        yield int(value.value)
    else:
        yield value.value


def _short(node: ox.NamedNode) -> str:
    """Return a term of schema.org as its context has it, others as their IRI."""
    return node.value.removeprefix(SCHEMA.IRI)
