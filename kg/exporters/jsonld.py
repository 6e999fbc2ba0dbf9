"""JSON-LD 1.1 with a context of short names, claims nested under the things they are about.

https://www.w3.org/TR/json-ld11/. Every value keeps its lexical form: no JSON number or boolean
ever stands for a literal. The context is embedded, for a reader should fetch nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg.exporters.context import CLAIMS, Context, encode
from kg.exporters.layout import Described, Layout
from kg.iris import schemes_of
from kg.model import Term, Triple
from kg.vocab import RDF

if TYPE_CHECKING:
    from kg.dataset import Dataset


_MARGIN = "  "
"""Before every node of the graph."""


def full(dataset: Dataset) -> Iterator[bytes]:
    """Yield the asserted graph and its evidence."""
    return document(dataset, Layout(dataset).full())


def context(dataset: Dataset) -> Iterator[bytes]:
    """Yield the context alone, the same that the other files embed."""
    yield f'{{\n "@context": {context_of(dataset)}\n}}\n'.encode()


def document(
    dataset: Dataset, nodes: Iterable[Described], others: Iterable[Triple] = ()
) -> Iterator[bytes]:
    """Yield a document, node by node; ``others`` are triples in them that no claim makes."""
    return graph(context_of(dataset, others), nodes)


def graph(terms: Context, nodes: Iterable[Described]) -> Iterator[bytes]:
    """Yield a document of nodes, which embeds the context that they are written in."""
    return joined(terms, (_node(terms, node, _MARGIN).encode() for node in nodes))


def joined(terms: Context, nodes: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a document of nodes that are written already."""
    yield f'{{\n "@context": {terms},\n "@graph": ['.encode()
    between = f"\n{_MARGIN}".encode()
    for node in nodes:
        yield between
        yield node
        between = f",\n{_MARGIN}".encode()
    yield b"\n ]\n}\n"


def context_of(dataset: Dataset, others: Iterable[Triple] = ()) -> Context:
    """Return the context of a dataset; ``others`` are triples that no claim makes."""
    schemes = dataset.schemes | schemes_of(others)
    return Context(dataset.vocabulary, dataset.iris.base, schemes)


def thing(terms: Context, node: Described, claims: Iterable[str]) -> str:
    """Return a node of the graph, with the texts of its claims (`claim`) nested in it."""
    return with_claims(_node(terms, node, _MARGIN), claims)


def alone(terms: Context, node: Described) -> str:
    """Return a node of the graph with its parts."""
    return _node(terms, node, _MARGIN)


def with_claims(node: str, claims: Iterable[str], margin: str = _MARGIN) -> str:
    """Return a node that ends at a margin with the texts of its claims nested in it."""
    nested, end = [*claims], f"\n{margin}}}"
    if not nested:
        return node
    rows = node.removesuffix(end)
    return f'{rows},\n{margin} "{CLAIMS}": {_list(nested, f"{margin} ")}{end}'


def claim(terms: Context, node: Described) -> str:
    """Return a claim as it is nested in the thing that it is about."""
    return _node(terms, node, f"{_MARGIN}  ", RDF.subject)


def span(terms: Context, node: Described) -> str:
    """Return a span as it is nested in the first claim that rests on it, and on nothing else."""
    return _node(terms, node, f"{_MARGIN}   ")


def file(terms: Context, node: Described) -> str:
    """Return a file as it is nested in such a span."""
    return _node(terms, node, f"{_MARGIN}    ")


def deeper(nested: str) -> str:
    """Return a node as it is nested one space deeper: no text in it has a line end."""
    return nested.replace("\n", "\n ")


def _node(terms: Context, node: Described, margin: str, without: NamedNode | None = None) -> str:
    """Return a node as a JSON object that ends at a margin, its parts nested."""
    inner = f"{margin} "
    claims, parts = list[Described](), dict[NamedNode, Described]()
    for part in node.parts:
        if part.table.get(RDF.subject) == [node.subject]:
            claims.append(part)
        else:
            parts[part.subject] = part
    rows = [f'"@id": {encode(terms.name(node.subject))}']
    for predicate, objects in node.table.items():
        if predicate != without:
            rows.append(_row(terms, predicate, objects, parts, inner))
    text = "{" + ",".join(f"\n{inner}{row}" for row in rows) + f"\n{margin}}}"
    nested = (_node(terms, claim, f"{inner} ", RDF.subject) for claim in claims)
    return with_claims(text, nested, margin)


def _row(
    terms: Context,
    predicate: NamedNode,
    objects: list[Term],
    parts: dict[NamedNode, Described],
    margin: str,
) -> str:
    """Return a property with its values; a part is nested where it is first mentioned."""
    if predicate == RDF.type and all(isinstance(value, NamedNode) for value in objects):
        names = [terms.name(value) for value in objects if isinstance(value, NamedNode)]
        return f'"@type": {encode(names[0] if len(names) == 1 else names)}'
    shown, nested = list[str](), False
    for value in objects:
        part = parts.pop(value, None) if isinstance(value, NamedNode) else None
        if part:
            nested = True
            shown.append(_node(terms, part, margin if len(objects) == 1 else f"{margin} "))
        else:
            shown.append(encode(terms.value(predicate, value)))
    return f"{encode(terms.key(predicate))}: {values(shown, nested, margin)}"


def values(shown: list[str], nested: bool, margin: str = f"{_MARGIN}   ") -> str:
    """Return the values of a property, some of which may be nested nodes; by default of a claim."""
    if len(shown) == 1:
        return shown[0]
    return _list(shown, margin) if nested else "[" + ", ".join(shown) + "]"


def _list(shown: Iterable[str], margin: str) -> str:
    return "[" + ",".join(f"\n{margin} {text}" for text in shown) + f"\n{margin}]"
