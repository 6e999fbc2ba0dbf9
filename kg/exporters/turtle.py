"""Turtle and TriG for people: grouped by subject, with short names, streamed.

RDF 1.1 Turtle, https://www.w3.org/TR/turtle/, and TriG, https://www.w3.org/TR/trig/. Literals are
written with the escapes of N-Triples, which are Turtle's too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.exporters.layout import Described, Layout
from kg.exporters.prefixes import Prefixes
from kg.labels import labels
from kg.model import Term
from kg.vocab import RDF, XSD

if TYPE_CHECKING:
    from kg.dataset import Dataset

WIDTH = 100
BASE = "@base"
_MEMORY = 1 << 24
_BARE = {
    XSD.integer: re.compile("0|-?[1-9][0-9]*"),
    XSD.boolean: re.compile("true|false"),
}
"""Literals that may stand without quotes, for their canonical forms no reader changes."""

_BASE = re.compile(r"https?://[^/?#]+(?:/(?!\.{1,2}/)[^/?#]+)*/")
_RELATIVE = re.compile(r"[a-z]+(?:/(?!\.{1,2}(?:[/#]|$))[^/?#]+)+(?:#[^#]*)?")
"""Bases and references for which RFC 3986, section 5.2 is to write one behind the other."""

_ALONE = "Evidence: kg.ttl has the claims of every triple here, with the words that support it."
_EVIDENCE = (
    "Evidence: a claim names its triple by rdf:subject, rdf:predicate and rdf:object, and its "
    "spans by\n# prov:wasDerivedFrom; a span has the exact words (oa:exact) and the file that "
    "holds them (oa:hasSource)."
)
FULL = ("the asserted graph and its evidence", _EVIDENCE)
GRAPH = ("the asserted graph alone", _ALONE)
TRIG = ("the asserted graph and its evidence, by article", _EVIDENCE)
"""What the documents say that they are."""

_LINKS = "Evidence: none in the articles; these links are outside knowledge, each with its reason."


def full(dataset: Dataset) -> Iterator[bytes]:
    """Yield the asserted graph and its evidence."""
    return document(dataset, *FULL, Layout(dataset).full())


def graph(dataset: Dataset) -> Iterator[bytes]:
    """Yield the asserted graph alone."""
    return document(dataset, *GRAPH, Layout(dataset).graph())


def links(dataset: Dataset) -> Iterator[bytes]:
    """Yield the links to the same things elsewhere, with the claims that record them."""
    called = {**labels(dataset.links, dataset.vocabulary), **dataset.called}
    layout = Layout(dataset, called)
    nodes = chain(layout.claims(dataset.links), layout.terms(dataset.links))
    return document(dataset, "links to the same things elsewhere", _LINKS, nodes)


def trig(dataset: Dataset) -> Iterator[bytes]:
    """Yield what kg.ttl holds as one named graph per article."""
    writer = Writer(dataset.vocabulary.prefixes, dataset.iris.base)
    blocks = (b for graph in Layout(dataset).graphs() for b in writer.graph(*graph))
    return writer.document(header(dataset, *TRIG), blocks)


def document(dataset: Dataset, what: str, note: str, nodes: Iterable[Described]) -> Iterator[bytes]:
    """Yield a Turtle document: what it is, how to read it, the prefixes it uses, its nodes."""
    writer = Writer(dataset.vocabulary.prefixes, dataset.iris.base)
    blocks = (block for node in nodes for block in writer.blocks(node))
    return writer.document(header(dataset, what, note), blocks)


def header(dataset: Dataset, what: str, note: str) -> str:
    """Return the comment at the top: what the document is, its licence, how to read it."""
    assert dataset.description is not None
    title = _one_line(dataset.description.title)
    licence = _one_line(dataset.description.licence)
    return f"# {title}: {what}.\n# Licence: {licence}\n# {note}\n"


def _one_line(text: str) -> str:
    """Return a text that cannot end the comment it is written into."""
    return "".join(c if c.isprintable() else " " for c in " ".join(text.split()))


class Writer:
    """Writes nodes, and remembers which prefixes it used."""

    def __init__(self, prefixes: dict[str, str], base: str) -> None:
        """Take the prefixes of vocabularies and the base IRI of the dataset."""
        own = {"": f"{base}id/", "article": f"{base}article/", "claim": f"{base}claim/"}
        self.prefixes = Prefixes(prefixes, own)
        self.base = base
        self._relative = _BASE.fullmatch(base) is not None
        self.used: set[str] = set()
        """The prefixes used so far, and `BASE` if the base IRI is."""
        # Terms of vocabularies recur without end; the bound keeps memory flat.
        self._cached = lru_cache(maxsize=1 << 16)(self._iri)

    def document(self, header: str, blocks: Iterable[str]) -> Iterator[bytes]:
        """Yield the header, the prefixes that the blocks used, and the blocks."""
        with SpooledTemporaryFile(_MEMORY) as body:
            body.writelines(block.encode() for block in blocks)
            yield self.begin(header, self.used)
            body.seek(0)
            while chunk := body.read(1 << 16):
                yield chunk

    def begin(self, header: str, used: Iterable[str]) -> bytes:
        """Return the header and the prefixes that are used (`used`)."""
        names = sorted(used)
        lines = [f"@base <{self.base}> .\n"] if BASE in names else []
        lines += (
            f"@prefix {prefix}: <{self.prefixes.namespaces[prefix]}> .\n"
            for prefix in names
            if prefix != BASE
        )
        return (header + ("\n" if lines else "") + "".join(lines)).encode()

    def blocks(self, node: Described) -> Iterator[str]:
        """Yield the block of a node and those of its parts, each after an empty line."""
        if node.table:
            rows = [self.row(predicate, objects) for predicate, objects in node.table.items()]
            yield f"\n{self.iri(node.subject)} " + " ;\n    ".join(rows) + " .\n"
        for part in node.parts:
            yield from self.blocks(part)

    def graph(self, name: NamedNode, nodes: Iterable[Described]) -> Iterator[str]:
        """Yield a named graph of nodes (TriG, section 2.2)."""
        yield f"\n{self.iri(name)} {{"
        for node in nodes:
            for block in self.blocks(node):
                yield re.sub("(?m)^(?=.)", "    ", block)
        yield "}\n"

    def row(self, predicate: NamedNode, objects: list[Term]) -> str:
        """Return a property with its objects, which are in their order."""
        name = "a" if predicate == RDF.type else self.iri(predicate)
        shown = [self.term(value) for value in objects]
        if len(shown) > 1 and len(name) + sum(len(text) + 2 for text in shown) > WIDTH - 6:
            return f"{name}\n        " + ",\n        ".join(shown)
        return f"{name} {', '.join(shown)}"

    def term(self, term: Term) -> str:
        """Return a term in Turtle."""
        if isinstance(term, NamedNode):
            return self._cached(term)
        if term.language or term.datatype == XSD.string:
            return str(term)
        bare = _BARE.get(term.datatype)
        if bare and bare.fullmatch(term.value):
            return term.value
        return f"{Literal(term.value)}^^{self._cached(term.datatype)}"

    def iri(self, node: NamedNode) -> str:
        """Return an IRI by its short name, relative to the base, or in full."""
        return self._cached(node)

    def _iri(self, node: NamedNode) -> str:
        short = self.prefixes.split(node.value)
        if short:
            self.used.add(short[0])
            return ":".join(short)
        rest = node.value.removeprefix(self.base)
        if self._relative and rest != node.value and _RELATIVE.fullmatch(rest):
            self.used.add(BASE)
            return f"<{rest}>"
        return str(node)
