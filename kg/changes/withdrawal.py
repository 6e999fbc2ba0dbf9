"""What falls when an article is withdrawn: the triples that nothing else supports.

A claim falls with the article whose fact it came through, and with every article in which it has a
span: what was inferred from a passage does not outlive it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode

from kg.corrections import correct, dates
from kg.dataset import Dataset
from kg.model import OWN, Article, Claim, Fact, Origin, Span, Triple
from kg.quotes import stands_in
from kg.vocab import RDFS, SCHEMA


@dataclass(frozen=True)
class Breaking:
    """A fact of another article that could not be read any more, and why."""

    fact: Fact
    why: str


@dataclass
class Withdrawal:
    """What a dataset loses with one of its articles."""

    article: Article
    facts: int = 0
    """How many facts its fact file holds."""
    falling: list[Triple] = field(default_factory=list)
    """The asserted triples that rest on this article alone, in their order."""
    staying: int = 0
    """How many triples it says that others say too."""
    returning: list[Triple] = field(default_factory=list)
    """The triples that only this article corrected or took back, and that would stand again."""
    recorded: int = 0
    """How many of the claims that fall were recorded without being asserted."""
    gone: list[str] = field(default_factory=list)
    """The slugs about which no fact is left."""
    nameless: list[str] = field(default_factory=list)
    """The slugs of things that are still spoken of, but named by no fact that is left."""
    renamed: list[str] = field(default_factory=list)
    """The slugs of things that go by a name or label of this article, and would by another."""
    breaking: list[Breaking] = field(default_factory=list)
    """The facts of other articles that quote it, correct it, or need what only it describes."""


def withdrawal(dataset: Dataset, article: Article) -> Withdrawal:
    """Return what a dataset would lose with an article; nothing is read, loaded or moved."""
    lost = Withdrawal(article, sum(fact.article == article for fact in dataset.facts))
    claims = [*dataset.claims, *dataset.links]
    left = _left(dataset, article, claims)
    kept, before = ({c.triple for c in some if c.asserted} for some in (left, claims))
    said = {c.triple for c in dataset.claims if c.asserted and _falls(c, article)}
    lost.falling = [triple for triple in dataset.asserted if triple not in kept]
    lost.staying = len(said & kept)
    lost.returning = sorted(kept - before, key=str)
    lost.recorded = sum(not c.asserted and _falls(c, article) for c in dataset.claims)
    about = {fact.slug for fact in dataset.facts if fact.article != article}
    lost.gone = sorted(dataset.names.things.keys() - about)
    _names(dataset, lost, left, about)
    lost.breaking = list(_breaking(dataset, lost, claims, left))
    return lost


def _left(dataset: Dataset, article: Article, claims: list[Claim]) -> list[Claim]:
    """Return the claims that are left; what only this article corrects stands again."""
    left = [
        replace(claim, corrected_by=(), replaced_by=()) if claim.corrected_by else claim
        for claim in claims
        if not _falls(claim, article)
    ]
    facts = [fact for fact in dataset.facts if fact.article != article]
    return correct(facts, left, dates(dataset.works, left)).claims


def _falls(claim: Claim, article: Article) -> bool:
    return claim.fact.article == article or any(span.article == article for span in claim.spans)


def _names(dataset: Dataset, lost: Withdrawal, left: list[Claim], about: set[str]) -> None:
    """Note the things whose names are not given by any other article."""
    names, article = dataset.names, lost.article
    labels: dict[NamedNode, set[str]] = {}
    for claim in left:
        subject, predicate, value = claim.triple
        if predicate == RDFS.label and isinstance(value, Literal):
            # A label that is only recorded names what is only recorded.
            labels.setdefault(subject, set())
            if claim.asserted:
                labels[subject].add(value.value)
    unlabelled = {
        term
        for claim in left
        for term in (claim.triple.subject, claim.triple.object)
        if isinstance(term, NamedNode)
        and not (labels.get(term) if claim.asserted else term in labels)
    }
    for slug in sorted(about):
        node, label = names.node(slug), names.labels.get(slug)
        own, named = ({*table.get(slug, ())} for table in (names.relabelled, names.named))
        if own == {article.name}:
            # Facts that leave the label to this article say it anew, by a name or composed.
            nameless = named == {article.name} or (slug in names.forms and not named)
            (lost.nameless if nameless else lost.renamed).append(slug)
        elif (named == {article.name} and not own) or node in unlabelled:
            lost.nameless.append(slug)
        elif slug in names.forms and label not in ((labels.get(node) if node else ()) or (label,)):
            lost.renamed.append(slug)


def _breaking(
    dataset: Dataset, lost: Withdrawal, claims: list[Claim], left: list[Claim]
) -> Iterator[Breaking]:
    """Yield the facts of other articles that would break, each once, in the order of places."""
    names, article = dataset.names, lost.article
    gone = {node: slug for slug in lost.gone if (node := names.node(slug))}
    missing = set(lost.gone)
    slugs = {node: slug for slug in names.forms if (node := names.node(slug))}
    forms = _forms_left(dataset, left, slugs)
    told: dict[str, Breaking] = {}

    def tell(fact: Fact, why: str) -> None:
        told.setdefault(fact.id, Breaking(fact, why))

    def stands(slug: str, fact: Fact) -> bool:
        known = [*forms[slug], *names.mentions.get((slug, fact.article.name), ())]
        return any(stands_in(form, span.quote) for form in known for span in evidence[fact.id])

    evidence: dict[str, set[Span]] = {}
    for claim in claims:
        evidence.setdefault(claim.fact.id, set()).update(claim.spans)
    others = [fact for fact in dataset.facts if fact.article != article]
    for fact in others:
        spans = evidence.setdefault(fact.id, set())
        spans.update(fact.spans, fact.context)
        if any(span.article == article for span in spans):
            tell(fact, "it quotes the article")
        elif any(id_.startswith(f"{article.name}/") for id_ in (*fact.corrects, *fact.retracts)):
            tell(fact, "it corrects the article")
        elif fact.standing.voice in missing:
            tell(fact, f"no other article tells of '{fact.standing.voice}'")
        elif fact.slug in forms and dataset.kinds[fact.kind].named and not stands(fact.slug, fact):
            tell(fact, f"'{fact.slug}' stands there by a name that no other article gives")
    for claim in claims:
        fact, value = claim.fact, claim.triple.object
        if fact.article == article or not isinstance(value, NamedNode):
            continue
        slug = slugs.get(value, "")
        found = slug in forms and claim.derivation.origin is not Origin.STRUCTURAL
        if value in gone:
            tell(fact, f"no other article tells of '{gone[value]}'")
        elif found and not stands(slug, fact):
            tell(fact, f"'{slug}' stands there by a name that no other article gives")
    yield from sorted(told.values(), key=lambda breaking: breaking.fact.place)


def _forms_left(
    dataset: Dataset, left: list[Claim], slugs: dict[NamedNode, str]
) -> dict[str, list[str]]:
    """Return the names that are left of the things that lose some of them but not all."""
    own: dict[str, set[str]] = {}
    hearsay: dict[str, set[str]] = {}
    for claim in left:
        subject, predicate, value = claim.triple
        names_it = subject in slugs and predicate in (RDFS.label, SCHEMA.alternateName)
        if names_it and claim.standing.polarity == OWN.polarity and isinstance(value, Literal):
            table = own if claim.standing == OWN else hearsay
            table.setdefault(slugs[subject], set()).add(value.value)
    forms = dataset.names.forms
    return {
        slug: [form for form in forms[slug] if form in found]
        for slug, found in {**hearsay, **own}.items()
        if not found.issuperset(forms[slug])
    }
