"""What is told of one node as data: its triples, and the evidence behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg.asking.nodes import Nodes
from kg.exporters import jsonld, turtle
from kg.exporters.context import Context
from kg.exporters.layout import Arrangement, Described
from kg.exporters.ntriples import ntriples
from kg.iris import schemes_of
from kg.model import Triple
from kg.vocab import KG, OA, PROV, RDF, RDFS, SPDX

FORMATS = {
    "turtle": "text/turtle",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
}
"""The formats of a description, with their media types."""

_CLAIMS = (RDF.subject, KG.fact, KG.inConflict)
"""By what a claim leads to the thing, the fact or the conflict that it is told with."""

_DEEPEST = 3
"""Claim, span, file, checksum: how far evidence leads on."""

_PARTS = (PROV.wasDerivedFrom, OA.hasSelector, OA.hasSource, SPDX.checksum)
"""By what the evidence of a claim leads on."""


def describe(nodes: Nodes, node: ox.NamedNode) -> list[Triple]:
    """Return the description of a node, empty if nothing is known of it.

    That is its own triples; of a thing, a fact or a conflict also its claims; of every claim the
    spans, their selectors, and the files with their checksums; and the labels of all that is
    mentioned. At most 1,000 (`MANY`) of its triples and of its claims are told: the dumps have all.
    """
    found = [triple for part in _tree(nodes, node) for triple in part.triples()]
    return list(dict.fromkeys(found))


def document(nodes: Nodes, node: ox.NamedNode, format: str) -> bytes | None:
    """Return the description in one of `FORMATS`, or None if nothing is known of the node."""
    return documents(nodes, node, [format]).get(format)


def documents(nodes: Nodes, node: ox.NamedNode, formats: Iterable[str]) -> dict[str, bytes]:
    """Return the description in some of `FORMATS`, or nothing if nothing is known of the node.

    All formats hold the same triples. JSON-LD embeds its context, and nests as ``kg.jsonld`` does.
    """
    tree = list(_tree(nodes, node))
    if not tree:
        return {}
    vocabulary, base = nodes.published.vocabulary, nodes.base
    triples = dict.fromkeys(triple for part in tree for triple in part.triples())

    def written(format: str) -> Iterable[bytes]:
        if format == "nt":
            return ntriples(sorted(triples, key=str))
        if format == "jsonld":
            return jsonld.graph(_context(nodes, schemes_of(triples)), tree)
        assert format == "turtle", f"no format {format}"
        writer = turtle.Writer(vocabulary.prefixes, base)
        header = f"# {node}, as the dataset {nodes.dataset} tells it.\n"
        return writer.document(header, (b for part in tree for b in writer.blocks(part)))

    return {format: b"".join(written(format)) for format in formats}


def _context(nodes: Nodes, schemes: set[str]) -> Context:
    """Return a context for IRIs of these schemes: the last one, for most nodes have the same."""
    last, context = nodes.kept.get(Context, (None, None))
    if last != schemes:
        context = Context(nodes.published.vocabulary, nodes.base, schemes)
        nodes.kept[Context] = schemes, context
    assert isinstance(context, Context)
    return context


def _tree(nodes: Nodes, node: ox.NamedNode) -> Iterator[Described]:
    """Yield the node with its claims nested, then those of a fact or conflict, then labels."""
    arrangement = Arrangement(nodes.published.vocabulary.prefixes)
    told: set[ox.NamedNode] = {node}

    def part(this: ox.NamedNode, depth: int = 0) -> Described:
        own, parts = nodes.triples(this), list[Described]()
        for _, predicate, value in own:
            if predicate not in _PARTS or not isinstance(value, ox.NamedNode):
                continue
            if value not in told and depth < _DEEPEST:
                told.add(value)
                parts.append(part(value, depth + 1))
        return arrangement.node(this, own, parts)

    root = part(node)
    claims = dict.fromkeys(c for by in _CLAIMS for c in nodes.subjects(by, node))
    about, others = list[Described](), list[Described]()
    for claim in sorted((c for c in claims if c not in told), key=str):
        told.add(claim)
        one = part(claim)
        # JSON-LD nests a claim under the one subject that it has.
        (about if one.table.get(RDF.subject) == [node] else others).append(one)
    root.parts += about
    if not (root.table or root.parts or others):
        return
    tree = [root, *others]
    yield from tree
    mentioned = {
        value
        for one in tree
        for triple in one.triples()
        for value in triple
        if isinstance(value, ox.NamedNode) and value not in told
    }
    yield from arrangement.described(_labels(nodes, mentioned))


def _labels(nodes: Nodes, mentioned: Iterable[ox.NamedNode]) -> Iterator[Triple]:
    for node in mentioned:
        for label in nodes.objects(node, RDFS.label):
            yield Triple(node, RDFS.label, label)
