"""From claims to the triples that carry their evidence (PROV-O, Web Annotation, SPDX).

claim  a kg:Claim, rdf:Statement; rdf:subject …; prov:wasDerivedFrom span; kg:fact fact
span   a oa:SpecificResource; oa:hasSource file; oa:hasSelector quote, position
file   a prov:Entity; spdx:checksum …; prov:specializationOf article
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping

from pyoxigraph import Literal, NamedNode

from kg.conflicts import Conflict
from kg.iris import Iris
from kg.model import OWN, Article, Claim, Fact, Span, Term, Triple, digest
from kg.vocab import DCAT, DCTERMS, KG, OA, PROV, RDF, RDFS, SKOS, SPDX, XSD, Vocabulary

CONTEXT = 32
"""How many code points of prefix and suffix a quote selector gives, where there are so many."""

_ALWAYS = (
    *(KG.Claim, RDF.Statement, KG.Fact, KG.TermLabels, PROV.Entity, OA.SpecificResource),
    *(OA.TextQuoteSelector, OA.TextPositionSelector),
    *(SPDX.Checksum, SPDX.checksumAlgorithm_sha256),
)
"""The terms that evidence mentions whatever the claim."""


class Evidence:
    """Makes the evidence triples of one dataset."""

    def __init__(
        self,
        iris: Iris,
        labels: Mapping[Term, str],
        vocabulary: Vocabulary,
        conflicts: Iterable[Conflict] = (),
    ) -> None:
        """Take what mints IRIs, how things are called, the ontology, and the conflicts."""
        self.iris = iris
        self.vocabulary = vocabulary
        self.conflicts: dict[str, list[Conflict]] = {}
        for conflict in conflicts:
            for claim in conflict.claims:
                self.conflicts.setdefault(claim.hash, []).append(conflict)
        self.labels = labels
        self.modalities = vocabulary.concepts(KG.Modality)
        self.polarities = vocabulary.concepts(KG.Polarity)

    def claim(self, claim: Claim) -> Iterator[Triple]:
        """Yield the triples of a claim (RDF 1.1 Semantics, appendix D.1, with PROV-O)."""
        node = self.iris.claim(claim)
        triple, standing, derivation = claim.triple, claim.standing, claim.derivation
        shown = " · ".join(self.shown(term) for term in triple)
        yield Triple(node, RDF.type, KG.Claim)
        yield Triple(node, RDF.type, RDF.Statement)
        yield Triple(node, RDFS.label, Literal(shown))
        yield Triple(node, RDF.subject, triple.subject)
        yield Triple(node, RDF.predicate, triple.predicate)
        yield Triple(node, RDF.object, triple.object)
        yield Triple(node, KG.asserted, _typed("true" if claim.asserted else "false", XSD.boolean))
        if standing.voice:
            yield Triple(node, KG.voice, self.iris.thing(standing.voice))
        if standing.modality != OWN.modality:
            yield Triple(node, KG.modality, self.modalities[standing.modality])
        if standing.polarity != OWN.polarity:
            yield Triple(node, KG.polarity, self.polarities[standing.polarity])
        if claim.doubt:
            yield Triple(node, KG.doubt, Literal(claim.doubt, language="en"))
        yield Triple(node, KG.origin, KG[derivation.origin.capitalize()])
        if derivation.rule:
            inputs = json.dumps(derivation.inputs, ensure_ascii=False)
            yield Triple(node, KG.rule, Literal(derivation.rule))
            yield Triple(node, KG.ruleInputs, Literal(inputs))
        yield Triple(node, KG.fact, self.iris.fact(claim.fact))
        for corrector in claim.corrected_by:
            yield Triple(node, KG.correctedBy, self.iris.fact(corrector))
        for replacement in claim.replaced_by:
            yield Triple(node, DCTERMS.isReplacedBy, self.iris.claim(replacement))
        for conflict in self.conflicts.get(claim.hash, ()):
            yield Triple(node, KG.inConflict, self.iris.conflict(conflict.hash))
        for span in claim.spans:
            yield Triple(node, PROV.wasDerivedFrom, self.iris.span(span))

    def fact(self, fact: Fact, about: NamedNode, claims: Iterable[Claim]) -> Iterator[Triple]:
        """Yield the triples of a fact, given all of its claims."""
        node = self.iris.fact(fact)
        yield Triple(node, RDF.type, KG.Fact)
        yield Triple(node, RDFS.label, Literal(f"{fact.kind} {fact.slug}, in {fact.article.name}"))
        yield Triple(node, KG.kind, Literal(fact.kind))
        yield Triple(node, KG.factAbout, about)
        yield Triple(node, KG.inArticle, self.iris.article(fact.article))
        for predicate, ids in ((KG.corrects, fact.corrects), (KG.retracts, fact.retracts)):
            for id_ in ids:
                yield Triple(node, predicate, self.iris.fact_of(id_))
        yield Triple(node, KG.digest, Literal(_digest(fact, about, claims)))

    def conflict(self, conflict: Conflict) -> Iterator[Triple]:
        """Yield the triples of a conflict, which is the same in all articles that take part."""
        node = self.iris.conflict(conflict.hash)
        about = " / ".join(self.shown(thing) for thing in conflict.about)
        yield Triple(node, RDF.type, KG.Conflict)
        yield Triple(node, RDFS.label, Literal(f"{self.shown(conflict.predicate)} of {about}"))
        for thing in conflict.about:
            yield Triple(node, KG.conflictAbout, thing)
        yield Triple(node, KG.conflictOn, conflict.predicate)

    def among(self, claims: Iterable[Claim]) -> list[Conflict]:
        """Return the conflicts in which claims take part, each once."""
        if not self.conflicts:
            return []
        found = (conflict for claim in claims for conflict in self.conflicts.get(claim.hash, ()))
        return [*{conflict.hash: conflict for conflict in found}.values()]

    def used(self, claims: Iterable[Claim]) -> set[NamedNode]:
        """Return the terms that claims and their evidence mention."""
        return used_terms(claims, self.vocabulary, self.conflicts)

    def terms(self, used: Iterable[NamedNode]) -> list[Triple]:
        """Return the labels of terms, sorted."""
        vocabulary = self.vocabulary
        labels = {
            Triple(term, predicate, literal)
            for term in used
            for predicate, literals in (
                (RDFS.label, [vocabulary.labels[term]] if term in vocabulary.labels else []),
                (SKOS.altLabel, vocabulary.forms.get(term, ())),
            )
            for literal in literals
        }
        return sorted(labels, key=str)

    def labelled(self, terms: Iterable[Triple]) -> Iterator[Triple]:
        """Yield what accounts for the labels of all terms: a node with their digest."""
        node = self.iris.terms
        yield Triple(node, RDF.type, KG.TermLabels)
        yield Triple(node, RDFS.label, Literal("Labels of the terms used"))
        yield Triple(node, KG.digest, Literal(digest([str(triple) for triple in terms])))

    def span(self, span: Span) -> Iterator[Triple]:
        """Yield the triples of a span and its selectors (Web Annotation, sections 4.2.4, 4.2.5)."""
        node = self.iris.span(span)
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
        prefix, suffix = context(span)
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

    def shown(self, term: Term) -> str:
        """Return how a term is called in the labels of claims."""
        shown = self.labels.get(term)
        return shown if shown is not None else term.value


def _digest(fact: Fact, about: NamedNode, claims: Iterable[Claim]) -> str:
    """Return the digest of all that a fact says, so that none of its claims can be left out."""
    hashes = sorted(claim.hash for claim in claims)
    return digest([fact.id, fact.kind, about.value, [*fact.corrects], [*fact.retracts], hashes])


def context(span: Span) -> tuple[str, str]:
    """Return what stands before and after a span, as far as a quote selector gives it."""
    text = span.article.text
    before = text[max(span.start - CONTEXT, 0) : span.start]
    return before, text[span.end : span.end + CONTEXT]


def used_terms(
    claims: Iterable[Claim], vocabulary: Vocabulary, conflicting: Collection[str]
) -> set[NamedNode]:
    """Return the terms that claims and their evidence mention; ``conflicting`` are claims' hashes.

    Those that no ontology says how they are called are left out.
    """
    used = set(_ALWAYS)
    modalities, polarities = vocabulary.concepts(KG.Modality), vocabulary.concepts(KG.Polarity)
    for claim in claims:
        used.update(term for term in claim.triple if isinstance(term, NamedNode))
        used.add(KG[claim.derivation.origin.capitalize()])
        if claim.standing.modality != OWN.modality:
            used.add(modalities[claim.standing.modality])
        if claim.standing.polarity != OWN.polarity:
            used.add(polarities[claim.standing.polarity])
        if conflicting and claim.hash in conflicting:
            used.add(KG.Conflict)
    return {term for term in used if term in vocabulary.labels or term in vocabulary.forms}


def _typed(text: str, datatype: NamedNode) -> Literal:
    return Literal(text, datatype=datatype)
