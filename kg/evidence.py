"""From claims to the triples that carry their evidence (PROV-O, Web Annotation, SPDX).

claim  a kg:Claim, rdf:Statement; rdf:subject …; prov:wasDerivedFrom span; kg:fact fact
span   a oa:SpecificResource; oa:hasSource file; oa:hasSelector quote, position
file   a prov:Entity; spdx:checksum …; prov:specializationOf article
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from kg.iris import Iris
from kg.model import Article, Claim, Fact, Span, Term, Triple
from kg.vocab import DCAT, KG, OA, PROV, RDF, RDFS, SPDX, XSD, Vocabulary

CONTEXT = 32
"""How many code points of prefix and suffix a quote selector gives, where there are so many."""


class Evidence:
    """Makes the evidence triples of one dataset."""

    def __init__(self, iris: Iris, labels: dict[Term, str], vocabulary: Vocabulary) -> None:
        """Take what mints IRIs, how things are called in labels, and the concepts of standing."""
        self.iris = iris
        self.labels = labels
        self.modalities = vocabulary.concepts(KG.Modality)
        self.polarities = vocabulary.concepts(KG.Polarity)

    def claim(self, claim: Claim) -> Iterator[Triple]:
        """Yield the triples of a claim (RDF 1.1 Semantics, appendix D.1, with PROV-O)."""
        node = self.iris.claim(claim)
        triple, standing, derivation = claim.triple, claim.standing, claim.derivation
        shown = " · ".join(self._shown(term) for term in triple)
        yield Triple(node, RDF.type, KG.Claim)
        yield Triple(node, RDF.type, RDF.Statement)
        yield Triple(node, RDFS.label, Literal(shown))
        yield Triple(node, RDF.subject, triple.subject)
        yield Triple(node, RDF.predicate, triple.predicate)
        yield Triple(node, RDF.object, triple.object)
        yield Triple(node, KG.asserted, _typed("true" if claim.asserted else "false", XSD.boolean))
        if standing.voice:
            yield Triple(node, KG.voice, self.iris.thing(standing.voice))
        if standing.modality != "certain":
            yield Triple(node, KG.modality, self.modalities[standing.modality])
        if standing.polarity != "affirmed":
            yield Triple(node, KG.polarity, self.polarities[standing.polarity])
        if claim.doubt:
            yield Triple(node, KG.doubt, Literal(claim.doubt, language="en"))
        yield Triple(node, KG.origin, KG[derivation.origin.capitalize()])
        if derivation.rule:
            inputs = json.dumps(derivation.inputs, ensure_ascii=False)
            yield Triple(node, KG.rule, Literal(derivation.rule))
            yield Triple(node, KG.ruleInputs, Literal(inputs))
        yield Triple(node, KG.fact, self.iris.fact(claim.fact))
        for span in claim.spans:
            yield Triple(node, PROV.wasDerivedFrom, self.iris.span(span))

    def fact(self, fact: Fact, about: NamedNode) -> Iterator[Triple]:
        """Yield the triples of a fact."""
        node = self.iris.fact(fact)
        yield Triple(node, RDF.type, KG.Fact)
        yield Triple(node, RDFS.label, Literal(f"{fact.kind} {fact.slug}, in {fact.article.name}"))
        yield Triple(node, KG.kind, Literal(fact.kind))
        yield Triple(node, KG.factAbout, about)
        yield Triple(node, KG.inArticle, self.iris.article(fact.article))

    def span(self, span: Span) -> Iterator[Triple]:
        """Yield the triples of a span and its selectors (Web Annotation, sections 4.2.4, 4.2.5)."""
        node, text = self.iris.span(span), span.article.text
        quote, position = self.iris.span(span, "quote"), self.iris.span(span, "position")
        byte_start, byte_end = span.byte_range
        where = f"{span.article.name}, characters {span.start}–{span.end}"
        yield Triple(node, RDF.type, OA.SpecificResource)
        yield Triple(node, RDFS.label, Literal(where))
        yield Triple(node, OA.hasSource, self.iris.file(span.article))
        yield Triple(node, OA.hasSelector, quote)
        yield Triple(node, OA.hasSelector, position)
        yield Triple(node, KG.line, _typed(str(span.place.line), XSD.integer))
        yield Triple(node, KG.byteStart, _typed(str(byte_start), XSD.integer))
        yield Triple(node, KG.byteEnd, _typed(str(byte_end), XSD.integer))
        yield Triple(quote, RDF.type, OA.TextQuoteSelector)
        yield Triple(quote, RDFS.label, Literal(f"Quote of {where}"))
        prefix, suffix = (
            text[max(span.start - CONTEXT, 0) : span.start],
            text[span.end : span.end + CONTEXT],
        )
        yield Triple(quote, OA.prefix, Literal(prefix))
        yield Triple(quote, OA.exact, Literal(span.quote))
        yield Triple(quote, OA.suffix, Literal(suffix))
        yield Triple(position, RDF.type, OA.TextPositionSelector)
        yield Triple(position, RDFS.label, Literal(f"Position of {where}"))
        yield Triple(position, OA.start, _typed(str(span.start), XSD.nonNegativeInteger))
        yield Triple(position, OA.end, _typed(str(span.end), XSD.nonNegativeInteger))

    def file(self, article: Article) -> Iterator[Triple]:
        """Yield the triples of the very file that was read."""
        node = self.iris.file(article)
        checksum = NamedNode(f"{node.value}/checksum")
        size = _typed(str(len(article.data)), XSD.nonNegativeInteger)
        yield Triple(node, RDF.type, PROV.Entity)
        yield Triple(node, RDFS.label, Literal(article.path))
        yield Triple(node, KG.path, Literal(article.path))
        yield Triple(node, DCAT.byteSize, size)
        yield Triple(node, PROV.specializationOf, self.iris.article(article))
        yield Triple(node, SPDX.checksum, checksum)
        yield Triple(checksum, RDF.type, SPDX.Checksum)
        yield Triple(checksum, RDFS.label, Literal(f"SHA-256 of {article.path}"))
        yield Triple(checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256)
        yield Triple(checksum, SPDX.checksumValue, _typed(article.sha256, XSD.hexBinary))

    def _shown(self, term: Term) -> str:
        shown = self.labels.get(term)
        return shown if shown is not None else term.value


def _typed(text: str, datatype: NamedNode) -> Literal:
    return Literal(text, datatype=datatype)
