"""The description of a node: the same triples in every format, none that the dumps do not have."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from sample import Folder

from kg.asking.described import FORMATS, describe, document
from kg.asking.nodes import MANY, Nodes
from kg.asking.published import Published
from kg.iris import EVIDENCE
from kg.vocab import KG, OA, PROV, RDF, RDFS, SH

PARSED = {
    "turtle": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}


@pytest.fixture(scope="module")
def nodes(public: Path) -> Nodes:
    return Nodes(Published(public))


def lines(data: bytes, format: str) -> set[str]:
    return {f"{q.subject} {q.predicate} {q.object} ." for q in ox.parse(data, PARSED[format])}


def every_node(nodes: Nodes) -> list[ox.NamedNode]:
    """All subjects that have an address of their own."""
    graph = ox.DefaultGraph()
    found = {q.subject for q in nodes.published.store.quads_for_pattern(None, None, None, graph)}
    found |= set(nodes.subjects(RDF.type, SH.SPARQLExecutable))
    own = (node for node in found if node.value.startswith(nodes.base) and "#" not in node.value)
    return sorted(own, key=str)


def test_every_node_is_the_same_in_all_formats_and_nothing_is_made_up(nodes: Nodes) -> None:
    files = (nodes.published.out / "data" / name for name in ("kg.ttl", "dcat.ttl", "queries.ttl"))
    held = {line for file in files for line in lines(file.read_bytes(), "turtle")}
    found = every_node(nodes)
    kinds = {node.value.removeprefix(nodes.base).partition("/")[0] for node in found}
    assert kinds == {"id", "article", "query", "terms", *EVIDENCE}
    for node in found[::17] + [n for n in found if n.value.endswith(("/xiaomi", "/terms"))]:
        expected = {str(triple) for triple in describe(nodes, node)}
        assert expected <= held, node
        assert {str(t) for t in nodes.triples(node)} <= expected
        for format in FORMATS:
            data = document(nodes, node, format)
            assert data is not None
            assert lines(data, format) == expected, (node, format)
            assert data == document(nodes, node, format)


def test_a_thing_is_told_with_all_its_evidence(nodes: Nodes) -> None:
    node = ox.NamedNode(f"{nodes.base}id/surge-s1")
    told = describe(nodes, node)
    claims = {t.subject for t in told if t.predicate == RDF.subject}
    assert claims == set(nodes.subjects(RDF.subject, node))
    spans = {t.object for t in told if t.subject in claims and t.predicate == PROV.wasDerivedFrom}
    assert spans
    quoted = {t.subject for t in told if t.predicate == OA.exact}
    for span in spans:
        selectors = {t.object for t in told if (t.subject, t.predicate) == (span, OA.hasSelector)}
        assert len(selectors) == 2
        assert selectors & quoted
        assert any((t.subject, t.predicate) == (span, OA.hasSource) for t in told)
    labelled = {t.subject for t in told if t.predicate == RDFS.label}
    mentioned = {t.object for t in told if isinstance(t.object, ox.NamedNode)}
    assert {n for n in mentioned if nodes.objects(n, RDFS.label)} <= labelled


def test_json_ld_nests_claims_and_fetches_no_context(nodes: Nodes) -> None:
    data = document(nodes, ox.NamedNode(f"{nodes.base}id/surge-s1"), "jsonld")
    assert data is not None
    read = json.loads(data)
    assert isinstance(read["@context"], dict)
    thing = read["@graph"][0]
    assert thing["@id"] == "thing:surge-s1"
    assert len(thing["claims"]) > 3
    (first, *_) = (c for c in thing["claims"] if isinstance(c["prov:wasDerivedFrom"], dict))
    assert "oa:hasSelector" in first["prov:wasDerivedFrom"]


def test_facts_and_conflicts_are_told_with_their_claims(nodes: Nodes) -> None:
    for by in (KG.fact, KG.inConflict):
        graph = ox.DefaultGraph()
        quads = nodes.published.store.quads_for_pattern(None, by, None, graph)
        node = min((quad.object for quad in quads), key=str)
        told = describe(nodes, node)
        claims = {t.subject for t in told if t.predicate == by}
        assert claims == set(nodes.subjects(by, node))
        assert any(t.predicate == OA.exact for t in told)


def test_of_what_is_not_known_there_is_no_description(nodes: Nodes) -> None:
    nobody = ox.NamedNode(f"{nodes.base}id/nobody")
    assert describe(nodes, nobody) == []
    assert document(nodes, nobody, "turtle") is None


def test_a_description_ends(folder: Folder) -> None:
    """Whatever a dump holds: more claims than anyone reads, spans that lead to themselves."""
    dump = folder.publish() / "data/kg.ttl"
    thing = "<https://example.org/d/id/acme>"
    more = (
        f"<https://example.org/d/claim/{n}> <{RDF.subject.value}> {thing} ;"
        f" <{PROV.wasDerivedFrom.value}> <https://example.org/d/claim/{n}>,"
        f" <https://example.org/d/claim/{n + 1}> .\n"
        for n in range(5 * MANY)
    )
    dump.write_text(dump.read_text("utf-8") + "".join(more), "utf-8")
    nodes = Nodes(Published(folder.root / "public"))
    node = ox.NamedNode("https://example.org/d/id/acme")
    told = {str(triple) for triple in describe(nodes, node)}
    assert MANY < len(told) < 20 * MANY
    for format in FORMATS:
        data = document(nodes, node, format)
        assert data is not None
        assert lines(data, format) == told
