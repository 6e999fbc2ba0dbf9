"""The nodes of a shard in all syntaxes at once, by templates where they serve.

A template serves all nodes with the same properties, which differ in nothing but their values. What
is of a rarer shape (a claim in a conflict) is written in the plain way; so is what a template, held
against the plain way when it is made, does not write alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from json.encoder import encode_basestring as quoted
from typing import TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.evidence import context
from kg.exporters import jsonld, turtle
from kg.exporters.context import Context, encode
from kg.exporters.layout import Described, Layout, Told
from kg.iris import segment
from kg.model import Claim, Derivation, Span, Term, Triple
from kg.shards.models import a_claim, a_node
from kg.shards.templates import Template, Templates, Text
from kg.vocab import KG, OA, PROV, RDF

Nested: TypeAlias = Callable[[Context, Described], str]
"""What writes a node in JSON-LD where it stands: `jsonld.claim`, `jsonld.span` …"""
Made: TypeAlias = Callable[[], tuple[Text, list[Text]]]
"""What gives the text of a node, and the values in it."""

GRAPH, BREAK = "\x01", "\x02"
"""What stands in N-Quads for the graph, and between the lines of different subjects: neither does
otherwise, for literals have it escaped and IRIs cannot."""

_ODD = frozenset({*map(chr, range(0x20)), *"\x7f\ufffe\uffff"} - {*"\b\t\n\f\r"})
"""Characters that N-Triples and JSON do not escape alike; all others they do."""


class Texts:
    """Writes the nodes of one shard."""

    def __init__(
        self, layout: Layout, writer: turtle.Writer, terms: Context, templates: Templates
    ) -> None:
        """Take the layout of the shard, and what writes terms in Turtle and in JSON-LD.

        ``templates`` are those made so far with other shards of the same dataset.
        """
        self.layout, self.writer, self.terms = layout, writer, terms
        self._iris, self._evidence = layout.iris, layout.evidence
        self._templates = templates
        self._value = lru_cache(maxsize=1 << 14)(self._written)
        self._spans = lru_cache(maxsize=1 << 12)(self._span_value)
        self._facts = lru_cache(maxsize=1 << 8)(self._fact_value)
        self._about = lru_cache(maxsize=1 << 8)(lambda node: self._called(RDF.subject, node))
        self._verbs = lru_cache(maxsize=1 << 10)(lambda node: self._called(RDF.predicate, node))

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
        if not claim.corrected_by and not claim.doubt and not self._disputed(claim):
            origin, rule = claim.derivation.origin, bool(claim.derivation.rule)
            template = self._template(
                (Claim, origin, rule, claim.standing),
                lambda: self._made_claim(_like(self._model, claim)),
                lambda: self._made_claim(claim),
            )
        if template is None:
            text = self.plain(self.layout.claim(Told(claim, [])), jsonld.claim)
            return text._replace(json=jsonld.claim(self.terms, self.layout.claim(told)))
        return template.fill(self._claim_values(claim, told.spans))

    def span(self, span: Span, with_file: bool = False) -> Text:
        """Return the text of a span; in JSON-LD, if wanted with its file."""
        template = self._template(
            (Span,), lambda: self._made_span(self._model.spans[0]), lambda: self._made_span(span)
        )
        values = self._span_values(span)
        if template is None:
            described = self.layout.span(span, with_file)
            return self._made_span(span)[0]._replace(json=jsonld.span(self.terms, described))
        if with_file:
            file = jsonld.file(self.terms, self.layout.file(span.article))
            values[0] = values[0]._replace(json=file)
        return template.fill(values)

    def node(self, triples: Sequence[Triple], nested: Nested) -> Text:
        """Return the text of a node of which these are all triples."""
        predicates = [p for _, p, _ in triples if p != RDF.type]
        template = None
        if len(set(predicates)) == len(predicates):
            types = [value for _, p, value in triples if p == RDF.type]
            template = self._template(
                (nested, *types, None, *predicates),  # what is a class may be a property, too
                lambda: self._made_node(a_node(triples), nested),
                lambda: self._made_node(triples, nested),
            )
        if template is None:
            return self.plain(self.layout.node(triples[0].subject, triples, []), nested)
        return template.fill(self._node_values(triples))

    def _template(self, shape: tuple[object, ...], model: Made, actual: Made) -> Template | None:
        """Return the template of a shape; None if it does not write a node as it should be."""

        def made() -> Template | None:
            template = Template(*model())
            text, values = actual()
            return template if template.fill(values) == text else None

        return self._templates.of(shape, made)

    def _made_claim(self, claim: Claim) -> tuple[Text, list[Text]]:
        text = self.plain(self.layout.claim(Told(claim, [])), jsonld.claim)
        return text, self._claim_values(claim, [])

    def _made_span(self, span: Span) -> tuple[Text, list[Text]]:
        return self.plain(self.layout.span(span, False), jsonld.span), self._span_values(span)

    def _made_node(self, triples: Sequence[Triple], nested: Nested) -> tuple[Text, list[Text]]:
        described = self.layout.node(triples[0].subject, triples, [])
        return self.plain(described, nested), self._node_values(triples)

    # The values of nodes, in the order in which templates know them

    def _claim_values(self, claim: Claim, told: list[tuple[Span, bool]]) -> list[Text]:
        subject, predicate, value = claim.triple
        about, thing = self._about(subject)
        verb, property_ = self._verbs(predicate)
        hash_ = claim.hash
        name = Text(*[f"{before}{hash_}{after}" for before, after in self._around])
        values = [
            name,
            literal(f"{about} · {verb} · {self._evidence.shown(value)}"),
            thing,
            property_,
            self._value(RDF.object, value),
            self._facts(claim.fact.id),
            self._derived(name.quads, claim, told),
        ]
        if claim.derivation.rule:
            inputs = json.dumps(claim.derivation.inputs, ensure_ascii=False)
            values += (literal(claim.derivation.rule), literal(inputs))
        return values

    def _derived(self, name: str, claim: Claim, told: list[tuple[Span, bool]]) -> Text:
        """Return the spans of a claim: in Turtle the whole row, in JSON-LD told ones nested."""
        spans, nested = claim.spans, {span.key: self.span(span, file).json for span, file in told}
        if len(spans) == 1:
            row, json_, quads = self._spans(spans[0])
            return Text(row, nested.get(spans[0].key, json_), quads)
        # Their order is that of their names, in which 10 comes before 9.
        named = sorted((self._iris.span(span).value, span) for span in spans)
        shown = [self._spans(span) for _, span in named]
        row = self.writer.row(PROV.wasDerivedFrom, [NamedNode(iri) for iri, _ in named])
        texts = [
            jsonld.deeper(nested[span.key]) if span.key in nested else text.json
            for text, (_, span) in zip(shown, named, strict=True)
        ]
        between = f" {GRAPH} .\n{name} {PROV.wasDerivedFrom} "
        quads = between.join(sorted(text.quads for text in shown))
        return Text(row, jsonld.values(texts, bool(nested)), quads)

    def _span_values(self, span: Span) -> list[Text]:
        """Return the values of a span: its file, then what stands within its IRIs and literals."""
        article = span.article
        file = f"{segment(article.name)}/{article.sha256[:12]}"
        numbers = (span.start, span.end, span.place.line, *span.byte_range)
        return [
            self._value(OA.hasSource, self._iris.file(article)),
            *[Text(each, each, each) for each in (file, *map(str, numbers))],
            *map(_inner, (article.name, *context(span), span.quote)),
        ]

    def _node_values(self, triples: Sequence[Triple]) -> list[Text]:
        values = [self._name(triples[0].subject)]
        values += [self._value(p, value) for _, p, value in triples if p != RDF.type]
        return values

    @cached_property
    def _model(self) -> Claim:
        return a_claim()

    @cached_property
    def _around(self) -> list[list[str]]:
        """What stands before and after the hash in the name of a claim."""
        name = self._name(self._iris.claim(self._model))
        return [text.split(self._model.hash) for text in name]

    def _disputed(self, claim: Claim) -> bool:
        conflicts = self._evidence.conflicts
        return bool(conflicts) and claim.hash in conflicts

    def _name(self, node: NamedNode) -> Text:
        return Text(self.writer.iri(node), encode(self.terms.name(node)), str(node))

    def _written(self, predicate: NamedNode, value: Term) -> Text:
        quads = str(value)
        return Text(self.writer.term(value), encode(self.terms.value(predicate, value)), quads)

    def _called(self, predicate: NamedNode, node: NamedNode) -> tuple[str, Text]:
        return self._evidence.shown(node), self._written(predicate, node)

    def _fact_value(self, id_: str) -> Text:
        return self._written(KG.fact, self._iris.fact_of(id_))

    def _span_value(self, span: Span) -> Text:
        node = self._iris.span(span)
        text = self._written(PROV.wasDerivedFrom, node)
        return text._replace(turtle=self.writer.row(PROV.wasDerivedFrom, [node]))


def literal(text: str) -> Text:
    """Return a text as a literal without a language."""
    json_ = quoted(text)
    if text.isprintable() or _ODD.isdisjoint(text):
        return Text(json_, json_, json_)
    plain = str(Literal(text))
    return Text(plain, json_, plain)


def _inner(text: str) -> Text:
    """Return a text as it stands within the quotation marks of a literal."""
    turtle_, json_, quads = literal(text)
    return Text(turtle_[1:-1], json_[1:-1], quads[1:-1])


def _like(model: Claim, claim: Claim) -> Claim:
    """Return a model of the shape of a claim."""
    derivation = Derivation(claim.derivation.origin)
    if claim.derivation.rule:
        derivation = Derivation(claim.derivation.origin, "kgpress-rule", ("kgpress-input",))
    return replace(model, standing=claim.standing, derivation=derivation)
