"""Corrections: what a later article takes back or gives otherwise is recorded, but stands no more.

Nothing here is a standing of the old claim: it is computed from the ``corrects:`` and ``retracts:``
of facts, in the order of their articles' dates. Whether a correction still counts, when its own
fact is taken back, is computed too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from graphlib import TopologicalSorter
from itertools import product

from pyoxigraph import NamedNode

from kg.model import OWN, Claim, Fact, Problem, Term
from kg.vocab import SCHEMA

_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?$")

ALL = "*"
"""In place of a fact's id: every fact of an article, save those about the article itself."""


@dataclass
class Corrected:
    """The facts and claims of a folder after corrections, and the problems of these."""

    facts: list[Fact]
    claims: list[Claim]
    problems: list[Problem] = field(default_factory=list)


def correct(
    facts: Sequence[Fact],
    claims: Sequence[Claim],
    dates: Mapping[str, Sequence[str]],
    unsound: Collection[str] = (),
) -> Corrected:
    """Return facts and claims with corrections applied, in the order given.

    ``dates`` are those of articles by name, in ISO 8601: a fact corrects what an article dated
    earlier says, or its own. One of an undated article, or of the same day, corrects nothing
    elsewhere: that is a problem, as is a correction that changes nothing. Of the articles named
    in ``unsound`` not everything could be read: what is missing from them is told elsewhere.
    """
    known = {fact.id: fact for fact in facts}
    problems: list[Problem] = []
    found = {f.id: _expanded(f, facts) for f in facts if f.corrects or f.retracts}
    if not found:
        return Corrected([*facts], [*claims])
    valid: dict[str, Fact] = {}
    for fact in found.values():
        if _waits(fact, known, dates, unsound):
            continue
        wrong = [*_wrong(fact, known, dates)]
        problems += wrong
        if not wrong:
            valid[fact.id] = fact
    void = _void(valid)
    own: dict[str, list[Claim]] = {}
    for claim in claims:
        own.setdefault(claim.fact.id, []).append(claim)
    by: dict[int, tuple[list[Fact], list[Claim]]] = {}
    for fact in sorted(valid.values(), key=lambda fact: fact.id):
        if fact.id in void:
            continue
        changed = [*_changes(fact, own)]
        if not changed:
            mend = "name a fact of which this one gives a value otherwise, or denies one"
            problems.append(Problem(fact.place, "this corrects nothing", mend, check="corrections"))
        for claim, replacements in changed:
            facts_of, claims_of = by.setdefault(id(claim), ([], []))
            facts_of.append(fact)
            claims_of += replacements
    renewed = [_renewed(claim, found, by.get(id(claim))) for claim in claims]
    return Corrected([found.get(fact.id, fact) for fact in facts], renewed, problems)


def dates(works: Mapping[str, NamedNode], claims: Iterable[Claim]) -> dict[str, list[str]]:
    """Return when each article was published, as its header says; else when it was updated.

    A date without its year, or an interval, is neither before nor after another.
    """
    told: dict[tuple[NamedNode, NamedNode], list[str]] = {}
    for claim in claims:
        subject, predicate, value = claim.triple
        if predicate in (SCHEMA.datePublished, SCHEMA.dateModified) and claim.asserted:
            told.setdefault((subject, predicate), []).append(value.value)
    found = {
        name: told.get((work, SCHEMA.datePublished)) or told.get((work, SCHEMA.dateModified), [])
        for name, work in works.items()
    }
    return {name: given for name, given in found.items() if all(map(_DATE.match, given))}


def _expanded(fact: Fact, facts: Sequence[Fact]) -> Fact:
    """Return a fact with ``ARTICLE/*`` written out."""
    if not any(id_.endswith(f"/{ALL}") for id_ in fact.retracts):
        return fact
    ids = set(fact.retracts)
    for id_ in fact.retracts:
        article, _, name = id_.rpartition("/")
        if name == ALL:
            ids.discard(id_)
            ids |= {
                other.id
                for other in facts
                if other.article.name == article
                and other.kind != "article"
                and other.spans  # a link to elsewhere is not what the article says
                and other != fact
            }
    return replace(fact, retracts=tuple(sorted(ids)))


def _waits(
    fact: Fact,
    known: Mapping[str, Fact],
    dates: Mapping[str, Sequence[str]],
    unsound: Collection[str],
) -> bool:
    """Whether a fact, or a date, that a correction needs may be among what could not be read."""
    for id_ in (*fact.corrects, *fact.retracts):
        article = id_.rpartition("/")[0]
        if id_ not in known and article in unsound:
            return True
        needed = {article, fact.article.name} if article != fact.article.name else set[str]()
        if any(name in unsound and not dates.get(name) for name in needed):
            return True
    return False


def _wrong(
    fact: Fact, known: Mapping[str, Fact], dates: Mapping[str, Sequence[str]]
) -> Iterator[Problem]:
    """Yield what keeps a fact from correcting what it names."""
    if replace(fact.standing, polarity=OWN.polarity) != OWN or not fact.spans:
        message = "what is only reported, hedged, planned or external corrects nothing"
        mend = "remove corrects: and retracts:, or mend the standing of this fact"
        yield Problem(fact.place, message, mend, check="corrections")
    for id_ in (*fact.corrects, *fact.retracts):
        other, (article, _, _) = known.get(id_), id_.rpartition("/")
        if other is None:
            ids = [name for name in known if name.startswith(f"{article}/")]
            close = get_close_matches(id_, ids, n=1)
            guess = f"did you mean '{close[0]}'?" if close else "give that fact an id:"
            yield Problem(fact.place, f"no fact has the id '{id_}'", guess, check="corrections")
        elif not other.spans:
            message = f"'{id_}' rests on no article, so that none can take it back"
            yield Problem(fact.place, message, "remove that fact")
        elif other.article == fact.article:
            if other.corrects or other.retracts or other.id == fact.id:
                message = f"'{id_}' corrects something itself, in the same article"
                mend = "say once what the article says in the end"
                yield Problem(fact.place, message, mend, check="corrections")
        elif not _later(dates.get(fact.article.name, ()), dates.get(article, ())):
            message = f"the article is not known to be later than '{article}', which it corrects"
            mend = "give both articles their dates (published:), as exact as they are known"
            yield Problem(fact.place, message, mend, check="corrections")


def _later(dates: Sequence[str], others: Sequence[str]) -> bool:
    """Whether dates are after others for certain: 2018-11 is after 2018-10-31, but not in 2018."""
    pairs = [*product(dates, others)]
    return bool(pairs) and all(_after(date, other) for date, other in pairs)


def _after(date: str, other: str) -> bool:
    size = min(len(date), len(other), len("2018-11-28"))
    if date[:size] != other[:size]:
        return date[:size] > other[:size]
    # Times of one day are told apart where both have one, in the same zone.
    (_, told, time), (_, others_told, others_time) = date.partition("T"), other.partition("T")
    same_zone = time[len("05:48:00") :] == others_time[len("05:48:00") :]
    return bool(told and others_told) and same_zone and time > others_time


def _void(valid: Mapping[str, Fact]) -> set[str]:
    """Return the facts whose corrections do not count, for they are taken back themselves."""
    retracted_by: dict[str, list[str]] = {id_: [] for id_ in valid}
    for fact in valid.values():
        for id_ in fact.retracts:
            if id_ in retracted_by:
                retracted_by[id_].append(fact.id)
    void: set[str] = set()
    # Later articles only ever correct earlier ones, so there is an order.
    for id_ in TopologicalSorter(retracted_by).static_order():
        if any(by not in void for by in retracted_by[id_]):
            void.add(id_)
    return void


def _changes(fact: Fact, own: Mapping[str, Sequence[Claim]]) -> Iterator[tuple[Claim, list[Claim]]]:
    """Yield the claims that a fact corrects, each with the claims that replace it."""
    given: dict[tuple[NamedNode, NamedNode], dict[Term, Claim]] = {}
    denied = set()
    for claim in own.get(fact.id, ()):
        if claim.standing.asserts:
            subject, predicate, value = claim.triple
            given.setdefault((subject, predicate), {})[value] = claim
        elif claim.standing.polarity == "negated":
            denied.add(claim.triple)
    for id_ in fact.retracts:
        yield from ((claim, []) for claim in own.get(id_, ()))
    for id_ in fact.corrects:
        for claim in own.get(id_, ()):
            values = given.get(claim.triple[:2], {})
            if claim.triple in denied:
                yield claim, []
            elif values and claim.triple.object not in values:
                yield claim, list(values.values())


def _renewed(
    claim: Claim, found: Mapping[str, Fact], by: tuple[list[Fact], list[Claim]] | None
) -> Claim:
    """Return a claim with what corrects it, and with its fact written out."""
    fact = found.get(claim.fact.id, claim.fact)
    if by is None:
        return claim if fact is claim.fact else replace(claim, fact=fact)
    facts, claims = by
    corrected_by = {corrector.id: corrector for corrector in facts}
    replaced_by = {new.hash: new for new in sorted(claims, key=lambda new: new.hash)}
    return replace(
        claim,
        fact=fact,
        corrected_by=tuple(corrected_by.values()),
        replaced_by=tuple(replaced_by.values()),
    )
