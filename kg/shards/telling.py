"""All nodes of a shard, each written once in all syntaxes for whatever dump asks for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import NamedNode

from kg.dataset import Dataset
from kg.exporters import jsonld, turtle
from kg.exporters.layout import Described, Layout, Told
from kg.model import Claim, Triple
from kg.shards.templates import Templates, Text
from kg.shards.texts import Texts


class Thing(NamedTuple):
    """A thing as a shard tells it."""

    subject: NamedNode
    node: Text
    """Its asserted triples."""
    triples: list[Triple]
    claims: list[tuple[Told, Text]]


@dataclass
class Made:
    """The templates made so far: each is used for all shards that a process writes."""

    things: Templates = field(default_factory=Templates)
    evidence: Templates = field(default_factory=Templates)


class Telling:
    """Tells the nodes of a shard."""

    def __init__(self, dataset: Dataset, made: Made) -> None:
        """Take the shard, and the templates made so far."""
        prefixes, base = dataset.vocabulary.prefixes, dataset.iris.base
        terms = jsonld.context_of(dataset)
        self.layout = Layout(dataset)
        # What graph.ttl uses of prefixes is less than what is used with the evidence.
        self._things = Texts(self.layout, turtle.Writer(prefixes, base), terms, made.things)
        self._texts = Texts(self.layout, turtle.Writer(prefixes, base), terms, made.evidence)
        self.evidence: dict[Hashable, Text] = {}
        """The claims, spans, files and facts that were told so far."""
        self._told: dict[Hashable, Text] = {}

    @property
    def prefixes(self) -> dict[str, set[str]]:
        """The prefixes that were used so far, by the dump."""
        nodes, rest = self._things.writer.used, self._texts.writer.used
        return {"graph.ttl": nodes, "kg.ttl": nodes | rest, "kg.trig": nodes | rest}

    def things(self, claims: Iterable[Claim]) -> Iterator[Thing]:
        """Yield the things that claims are about, sorted."""
        for subject, told in self.layout.things(claims):
            triples = [*dict.fromkeys(t.claim.triple for t in told if t.claim.stands)]
            key = (subject, *triples)
            node = self._told.get(key)
            if node is None:
                node = self._told[key] = self._thing(subject, triples)
            yield Thing(subject, node, triples, [(each, self._claim(each)) for each in told])

    def spans(self, told: Told) -> Iterator[Text]:
        """Yield the spans that are told right after a claim, and their files."""
        for span, with_file in told.spans:
            text = self.evidence.get(span.key)
            if text is None:
                text = self.evidence[span.key] = self._texts.span(span)
            yield text
            if with_file:
                if span.article.name not in self.evidence:
                    file = self.layout.file(span.article)
                    self.evidence[span.article.name] = self._texts.plain(file, jsonld.alone)
                yield self.evidence[span.article.name]

    def facts(self, claims: Iterable[Claim]) -> Iterator[tuple[str, Text]]:
        """Yield the facts behind claims by their ids, sorted; all claims of a fact are given."""
        for id_, own in self.layout.facts(claims):
            key = ("fact", id_)
            if key not in self.evidence:
                triples = self.layout.fact(own)
                self.evidence[key] = self._texts.node(triples, jsonld.alone)
            yield id_, self.evidence[key]

    def node(self, key: Hashable, node: Described) -> Text:
        """Return the text of any other node, by whatever tells it from others."""
        if key not in self._told:
            self._told[key] = self._texts.plain(node, jsonld.alone)
        return self._told[key]

    def name(self, node: NamedNode) -> str:
        """Return what stands for an IRI in Turtle."""
        return self._texts.writer.iri(node)

    def _thing(self, subject: NamedNode, triples: Sequence[Triple]) -> Text:
        if triples:
            return self._things.node(triples, jsonld.alone)
        return self._things.plain(self.layout.node(subject, (), []), jsonld.alone)

    def _claim(self, told: Told) -> Text:
        key = told.claim.hash
        text = self.evidence.get(key)
        if text is None:
            text = self.evidence[key] = self._texts.claim(told)
        return text
