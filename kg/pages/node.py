"""The page of a node: what is said of it, by which words, and what refers to it."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg.asking.nodes import MANY, Nodes, Passage, Said
from kg.links import ENDPOINT
from kg.model import Triple
from kg.pages import dated, neighbours
from kg.pages.answered import answer
from kg.pages.made import Made
from kg.pages.metadata import metadata
from kg.pages.rows import Row, Rows
from kg.vocab import DCTERMS, KG, PROV, RDF, RDFS, SCHEMA, SH, SKOS

SHOWN = 100
"""How many incoming links a page shows."""

NAMES = (RDFS.label, SCHEMA.name, SCHEMA.alternateName, SKOS.prefLabel, SKOS.altLabel)
"""What a thing is called by, which is told after what it is and does."""

_QUERIES = (SH.select, SH.ask, SH.construct)

_SKIPPED = (RDF.subject, RDF.predicate, KG.fact, KG.inConflict, PROV.wasDerivedFrom)
"""How claims refer to what their page shows already."""


def page(rows: Rows, node: ox.NamedNode) -> Made:
    """Return the page of a node that is known."""
    nodes = rows.nodes
    claims, triples = nodes.claims(node), nodes.triples(node)
    asserted = [claim for claim in claims if claim.asserted]
    told = {(claim.predicate, claim.object) for claim in asserted}
    named = [claim for claim in asserted if claim.predicate in (*NAMES, RDF.type)]
    rest = [claim for claim in asserted if claim.predicate not in (*NAMES, RDF.type)]
    referring, mentions, count = _referring(nodes, node)
    conflicts = dict.fromkeys(nodes.subjects(KG.conflictAbout, node))
    conflicts |= dict.fromkeys(conflict for claim in claims for conflict in claim.conflicts)
    behind = rows.said(_behind(nodes, node), subjects=True)
    summary = _summary(nodes, asserted, count) if claims else ""
    described = nodes.text(node, SCHEMA.description)
    values = {
        "iri": node.value,
        "metadata": metadata(nodes, node, "article", described.value if described else summary),
        "label": _heading(nodes, node),
        "types": [rows.term(value) for value in nodes.iris(node, RDF.type)],
        "summary": summary,
        "rows": rows.said(rest),
        "names": rows.said(named),
        "plain": rows.facts(t for t in triples if (t.predicate, t.object) not in told),
        "recorded": rows.said(c for c in claims if not c.asserted and not c.external),
        "elsewhere": rows.said(c for c in claims if not c.asserted and c.external),
        "through": [(s, list(found)) for s, found in groupby(behind, key=lambda row: row.subject)],
        "quotes": [rows.quote(passage) for passage in _quotes(nodes, node)],
        "dates": dated.timeline(rows, node, claims, referring),
        "picture": neighbours.picture(rows, node, claims, referring),
        **_incoming(rows, referring, mentions, count),
        "capped": len(claims) >= MANY or len(triples) >= MANY,
        "conflicts": [rows.term(conflict) for conflict in conflicts],
        "anchored": KG.Fact in nodes.iris(node, RDF.type),
        **_query(rows, node, triples),
    }
    return Made("node.html", values)


def incoming(rows: Rows, node: ox.NamedNode) -> dict[str, Any]:
    """Return what refers to a node as pages show it: the first rows, and how many there are."""
    return _incoming(rows, *_referring(rows.nodes, node))


def _referring(nodes: Nodes, node: ox.NamedNode) -> tuple[list[Said], list[Triple], int]:
    """Return the first claims about a node, or else the triples, and how many up to a limit."""
    claims = nodes.subjects(RDF.object, node)
    if claims:
        found = (nodes.said(claim) for claim in claims[:SHOWN])
        return [claim for claim in found if claim is not None], [], len(claims)
    others = [t for t in nodes.mentions(node) if t.predicate not in _SKIPPED]
    return [], others[:SHOWN], len(others)


def _incoming(rows: Rows, claims: list[Said], mentions: list[Triple], count: int) -> dict[str, Any]:
    found = rows.said(claims, subjects=True)
    found += [Row(rows.term(t.subject), rows.term(t.predicate), []) for t in mentions]
    return {"incoming": found, "incoming_count": count, "shown": SHOWN, "many": MANY}


def _summary(nodes: Nodes, asserted: list[Said], incoming: int) -> str:
    """Return in a line how much is known of a thing, and from how many articles."""
    articles = {p.article for p in nodes.passages(asserted)} - {None}
    triples = len({(claim.predicate, claim.object) for claim in asserted})
    said = f"{_many(triples, 'triple')} from {_many(len(articles), 'article')}"
    return f"{said}, referred to {_many(incoming, 'time')}" if incoming else said


def _many(count: int, what: str) -> str:
    more = "more than " if count >= MANY else ""
    return f"{more}{count:,} {what}" + ("" if count == 1 else "s")


def _heading(nodes: Nodes, node: ox.NamedNode) -> ox.Literal:
    """Return what a page is called: that of a fact by what it is about, not by its number."""
    about, kind = nodes.iris(node, KG.factAbout), nodes.text(node, KG.kind)
    if not (about and kind):
        return nodes.label(node)
    label = nodes.label(about[0])
    return ox.Literal(f"{label.value}: {kind.value}", language=label.language)


def _query(rows: Rows, node: ox.NamedNode, triples: tuple[Triple, ...]) -> dict[str, Any]:
    """Return the texts of a saved query, where they can be run, and the answer that was kept."""
    texts = [t.object.value for t in triples if t.predicate in _QUERIES]
    name = rows.nodes.text(node, DCTERMS.identifier) if texts else None
    page = rows.links.to(ENDPOINT)
    return {
        "queries": [(text, f"{page}#query={quote(text, safe='')}") for text in texts],
        "answered": answer(rows, name.value) if name else None,
    }


def _behind(nodes: Nodes, node: ox.NamedNode) -> list[Said]:
    """Return the claims that came through a fact, or take part in a conflict."""
    return nodes.claims(node, KG.fact) or nodes.claims(node, KG.inConflict)


def _quotes(nodes: Nodes, node: ox.NamedNode) -> list[Passage]:
    said = nodes.said(node)
    return nodes.passages([said])[:SHOWN] if said else []
