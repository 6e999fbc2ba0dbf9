"""The named graphs of the articles of a shard: its pieces of TriG and N-Quads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from pyoxigraph import NamedNode

from kg.dataset import Dataset
from kg.model import Claim
from kg.shards.runs import Piece
from kg.shards.telling import Telling
from kg.shards.templates import Text
from kg.shards.texts import BREAK, GRAPH

Graphs: TypeAlias = list[tuple[NamedNode, list[Text]]]
"""The graphs of articles, by the IRIs of these, with the nodes of each."""


def graphs(dataset: Dataset, telling: Telling) -> Iterator[tuple[NamedNode, list[Text]]]:
    """Yield the graph of each article: the claims of its facts, with all their evidence."""
    layout, articles = telling.layout, dict[NamedNode, list[Claim]]()
    for claim in dataset.claims:
        articles.setdefault(layout.iris.article(claim.fact.article), []).append(claim)
    accounted = [telling.node("accounted", node) for node in layout.accounted()]
    for graph, claims in articles.items():
        nodes: list[Text] = []
        for thing in telling.things(claims):
            nodes.append(thing.node)
            for told, text in thing.claims:
                nodes += (text, *telling.spans(told))
        nodes += (text for _, text in telling.facts(claims))
        for conflict in layout.conflicts(layout.evidence.among(claims)):
            nodes.append(telling.node(conflict.subject, conflict))
        for term in layout.terms(claims):
            nodes.append(telling.node(term.subject, term))
        yield graph, [*nodes, *accounted]


def trig(graph: str, nodes: list[Text]) -> str:
    """Return a graph in TriG (section 2.2), named by what stands for its IRI there."""
    # Every block begins with an empty line, which is not indented.
    blocks = (node.turtle.replace("\n", "\n    ").replace("\n    \n", "\n\n") for node in nodes)
    return f"\n{graph} {{" + "".join(block.removesuffix("    ") for block in blocks) + "}\n"


def quads(graph: NamedNode, nodes: list[Text]) -> Iterator[Piece]:
    """Yield the lines of a graph in N-Quads, those of one subject together."""
    name = str(graph)
    for node in nodes:
        for lines in node.quads.replace(GRAPH, name).split(BREAK):
            if lines:
                yield lines[: lines.index("> ") + 2], lines.encode()


def one_text(found: list[bytes]) -> bytes:
    """Return the lines of one subject in several graphs as one text, sorted."""
    if len(found) == 1:
        return found[0]
    return b"".join(sorted(line for text in found for line in text.splitlines(keepends=True)))
