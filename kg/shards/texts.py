"""The nodes of a shard in all syntaxes at once, by templates where they serve.

A template serves all nodes with the same properties, once each, which differ in nothing but their
values. What is of a rarer shape (a claim that rests on two passages) is written in the plain way;
so is what a template, held against the plain way when it is made, does not write alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.evidence import CONTEXT, context
from kg.exporters import jsonld, turtle
from kg.exporters.context import Context, encode
from kg.exporters.layout import Described, Layout, Told
from kg.iris import segment
from kg.model import OWN, Article, Claim, Derivation, Fact, Origin, Place, Span, Term, Triple
from kg.shards.templates import Template, Text
from kg.vocab import KG, PROV, RDF

Nested: TypeAlias = Callable[[Context, Described], str]
"""What writes a node in JSON-LD where it stands: `jsonld.claim`, `jsonld.span` …"""
Made: TypeAlias = Callable[[], tuple[Text, list[Text]]]
"""What gives the text of a node, and the values in it."""

GRAPH, BREAK = "\x01", "\x02"
"""What stands in N-Quads for the graph, and between the lines of different subjects. They are in no
text of an article or fact, where control characters are refused."""

_ODD = frozenset("\x7f\ufffe\uffff")
"""Characters that N-Triples escapes and JSON does not; all others both write alike."""


class Texts:
    """Writes the nodes of one shard."""

    def __init__(self, layout: Layout, writer: turtle.Writer, terms: Context) -> None:
        """Take the layout of the shard, and what writes terms in Turtle and in JSON-LD."""
        self.layout, self.writer, self.terms = layout, writer, terms
        self._iris, self._evidence = layout.iris, layout.evidence
        self._templates: dict[tuple[object, ...], Template | None] = {}
        self._value = lru_cache(maxsize=1 << 14)(self._written)
        self._spans = lru_cache(maxsize=1 << 12)(self._span_value)
        self._facts = lru_cache(maxsize=1 << 8)(self._fact_value)
        self._model = _model()

    def plain(self, node: Described, nested: Nested) -> Text:
        """Return the text of a node and its parts, written in the plain way."""
        lines: dict[str, list[str]] = {}
        for subject, predicate, value in node.triples():
            name = str(subject)
            lines.setdefault(name, []).append(f"{name} {predicate} {value} {GRAPH} .\n")
        quads = BREAK.join("".join(sorted(found)) for found in lines.values())
        return Text("".join(self.writer.blocks(node)), nested(self.terms, node), quads)

    def claim(self, told: Told) -> Text:
        """Return the text of a claim; in JSON-LD, with what is told right after it."""
        claim = told.claim
        template = None
        usual = len(claim.spans) == 1 and not claim.corrected_by and not claim.doubt
        if usual and claim.hash not in self._evidence.conflicts:
            origin, rule = claim.derivation.origin, bool(claim.derivation.rule)
            shape = (Claim, origin, rule, claim.standing)
            template = self._template(
                shape,
                lambda: self._made_claim(_like(self._model, claim)),
                lambda: self._made_claim(claim),
            )
        if template is None:
            alone = self.layout.claim(Told(claim, []))
            text = self.plain(alone, jsonld.claim)
            return text._replace(json=jsonld.claim(self.terms, self.layout.claim(told)))
        values = self._claim_values(claim)
        if told.spans:
            values[-1] = values[-1]._replace(json=self.span(*told.spans[0]).json)
        return template.fill(values)

    def span(self, span: Span, with_file: bool = False) -> Text:
        """Return the text of a span; in JSON-LD, if wanted with its file."""
        template = self._template(
            (Span,), lambda: self._made_span(self._model.spans[0]), lambda: self._made_span(span)
        )
        text = template.fill(_span_values(span)) if template else self._made_span(span)[0]
        if with_file:
            described = self.layout.span(span, with_file)
            return text._replace(json=jsonld.span(self.terms, described))
        return text

    def node(self, triples: Sequence[Triple], nested: Nested) -> Text:
        """Return the text of a node of which these are all triples."""
        subject = triples[0].subject
        shape = tuple(
            (predicate, value if predicate == RDF.type else None) for _, predicate, value in triples
        )
        template = None
        if len({predicate for predicate, _ in shape}) == len(shape):
            marks = [
                Triple(_mark(0), predicate, value if predicate == RDF.type else _mark(number))
                for number, (_, predicate, value) in enumerate(triples, 1)
            ]
            template = self._template(
                (nested, *shape),
                lambda: self._made_node(marks, nested),
                lambda: self._made_node(triples, nested),
            )
        if template is None:
            return self.plain(self.layout.node(subject, triples, []), nested)
        return template.fill(self._node_values(triples))

    def _template(self, shape: tuple[object, ...], model: Made, actual: Made) -> Template | None:
        """Return the template of a shape; None if it does not write a node as it should be."""
        if shape not in self._templates:
            template = Template(*model())
            text, values = actual()
            self._templates[shape] = template if template.fill(values) == text else None
        return self._templates[shape]

    def _made_claim(self, claim: Claim) -> tuple[Text, list[Text]]:
        text = self.plain(self.layout.claim(Told(claim, [])), jsonld.claim)
        return text, self._claim_values(claim)

    def _made_span(self, span: Span) -> tuple[Text, list[Text]]:
        return self.plain(self.layout.span(span, False), jsonld.span), _span_values(span)

    def _made_node(self, triples: Sequence[Triple], nested: Nested) -> tuple[Text, list[Text]]:
        described = self.layout.node(triples[0].subject, triples, [])
        return self.plain(described, nested), self._node_values(triples)

    # The values of nodes, in the order in which templates know them

    def _claim_values(self, claim: Claim) -> list[Text]:
        subject, predicate, value = claim.triple
        shown = self._evidence.shown
        label = f"{shown(subject)} · {shown(predicate)} · {shown(value)}"
        hash_, around = claim.hash, self._around
        values = [
            Text(*(f"{before}{hash_}{after}" for before, after in around)),
            _literal(label),
            self._value(RDF.subject, subject),
            self._value(RDF.predicate, predicate),
            self._value(RDF.object, value),
            self._facts(claim.fact.id),
        ]
        rule, inputs = claim.derivation.rule, claim.derivation.inputs
        if rule:
            values += (_literal(rule), _literal(json.dumps(inputs, ensure_ascii=False)))
        values.append(self._spans(claim.spans[0]))
        return values

    @cached_property
    def _around(self) -> list[list[str]]:
        """What stands before and after the hash in the name of a claim."""
        name = self._name(self._iris.claim(self._model))
        return [text.split(self._model.hash) for text in name]

    def _node_values(self, triples: Sequence[Triple]) -> list[Text]:
        values = [self._name(triples[0].subject)]
        values += (self._value(p, value) for _, p, value in triples if p != RDF.type)
        return values

    def _name(self, node: NamedNode) -> Text:
        return Text(self.writer.iri(node), encode(self.terms.name(node)), str(node))

    def _written(self, predicate: NamedNode, value: Term) -> Text:
        return Text(self.writer.term(value), encode(self.terms.value(predicate, value)), str(value))

    def _fact_value(self, id_: str) -> Text:
        return self._written(KG.fact, self._iris.fact_of(id_))

    def _span_value(self, span: Span) -> Text:
        return self._written(PROV.wasDerivedFrom, self._iris.span(span))


def _literal(text: str) -> Text:
    json_ = encode(text)
    plain = json_ if _ODD.isdisjoint(text) else str(Literal(text))
    return Text(plain, json_, plain)


def _inner(text: str) -> Text:
    """Return a text as it stands within the quotation marks of a literal."""
    turtle_, json_, quads = _literal(text)
    return Text(turtle_[1:-1], json_[1:-1], quads[1:-1])


def _span_values(span: Span) -> list[Text]:
    """Return the values of a span, as they stand within its IRIs and literals."""
    article = span.article
    file = f"{segment(article.name)}/{article.sha256[:12]}"
    numbers = (span.start, span.end, span.place.line, *span.byte_range)
    alike = (file, *map(str, numbers))
    return [
        *(Text(each, each, each) for each in alike),
        *map(_inner, (article.name, *context(span), span.quote)),
    ]


def _mark(number: int) -> NamedNode:
    return NamedNode(f"urn:kgpress-mark:{number}:")


def _model() -> Claim:
    """Return a claim whose values are marks: texts and numbers that stand nowhere else."""
    before, words, after = "p" * CONTEXT, "kgpress exact words", "s" * CONTEXT
    # So far into the file, and with so many letters of two bytes, that no two numbers are alike.
    text = "é" * 40_000 + "\n" * 4567 + f"{before}{words}{after}\n"
    article = Article("kgpress mark", "seeds/kgpress mark.txt", text.encode())
    start = text.index(words)
    spans = (Span(article, start, start + len(words)),)
    fact = Fact(f"{article.name}/kgpress-fact", "", "", article, Place(article.path), spans)
    triple = Triple(_mark(1), _mark(2), _mark(3))
    return Claim(triple, fact, spans, OWN, Derivation(Origin.VERBATIM))


def _like(model: Claim, claim: Claim) -> Claim:
    """Return a model of the shape of a claim."""
    derivation = Derivation(claim.derivation.origin)
    if claim.derivation.rule:
        derivation = Derivation(claim.derivation.origin, "kgpress-rule", ("kgpress-input",))
    return replace(model, standing=claim.standing, derivation=derivation)
