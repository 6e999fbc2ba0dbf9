"""The page of a node: what is said of it, by which words, and what refers to it."""

from __future__ import annotations

from urllib.parse import quote

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes, Passage, Said
from kg.pages.links import ENDPOINT
from kg.pages.made import Made
from kg.pages.rows import Row, Rows
from kg.vocab import KG, PROV, RDF, SH

SHOWN = 100
"""How many incoming links a page shows."""

_QUERIES = (SH.select, SH.ask, SH.construct)

_SKIPPED = (RDF.subject, RDF.predicate, KG.fact, KG.inConflict, PROV.wasDerivedFrom)
"""How claims refer to what their page shows already."""


def page(rows: Rows, node: ox.NamedNode) -> Made:
    """Return the page of a node that is known."""
    nodes = rows.nodes
    claims = nodes.claims(node)
    triples = nodes.triples(node)
    told = {(claim.predicate, claim.object) for claim in claims if claim.asserted}
    plain = [t for t in triples if (t.predicate, t.object) not in told]
    incoming, count = referring(node, rows)
    conflicts = dict.fromkeys(nodes.subjects(KG.conflictAbout, node))
    conflicts |= dict.fromkeys(conflict for claim in claims for conflict in claim.conflicts)
    queries = [t.object.value for t in triples if t.predicate in _QUERIES]
    values = {
        "iri": node.value,
        "label": nodes.label(node),
        "types": [rows.term(value) for value in nodes.iris(node, RDF.type)],
        "rows": rows.said(claim for claim in claims if claim.asserted),
        "plain": rows.facts(plain),
        "recorded": rows.said(c for c in claims if not c.asserted and not c.external),
        "elsewhere": rows.said(c for c in claims if not c.asserted and c.external),
        "through": rows.said(_behind(nodes, node), subjects=True),
        "quotes": [rows.quote(passage) for passage in _quotes(nodes, node)],
        "incoming": incoming,
        "incoming_count": count,
        "shown": SHOWN,
        "many": MANY,
        "capped": len(claims) >= MANY or len(triples) >= MANY,
        "conflicts": [rows.term(conflict) for conflict in conflicts],
        "run": [f"{rows.links.to(ENDPOINT, '')}?query={quote(text, safe='')}" for text in queries],
    }
    return Made("node.html", values)


def referring(node: ox.NamedNode, rows: Rows) -> tuple[list[Row], int]:
    """Return what refers to a node: the first rows, and how many there are up to a limit."""
    nodes = rows.nodes
    claims = nodes.subjects(RDF.object, node)
    if claims:
        found = (nodes.said(claim) for claim in claims[:SHOWN])
        return rows.said((c for c in found if c is not None), subjects=True), len(claims)
    others = [t for t in nodes.mentions(node) if t.predicate not in _SKIPPED]
    shown = (Row(rows.term(t.subject), rows.term(t.predicate), []) for t in others[:SHOWN])
    return list(shown), len(others)


def _behind(nodes: Nodes, node: ox.NamedNode) -> list[Said]:
    """Return the claims that came through a fact, or take part in a conflict."""
    return nodes.claims(node, KG.fact) or nodes.claims(node, KG.inConflict)


def _quotes(nodes: Nodes, node: ox.NamedNode) -> list[Passage]:
    said = nodes.said(node)
    return nodes.passages([said])[:SHOWN] if said else []
