"""From a record of a fact file to a fact and the values of its fields, or to problems.

This is where evidence is found: every quote becomes a span, and every value must stand in its
quote or say by which rule it was got.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from kg.body import Body, body_of, fact_hash, is_header, kind_and_slug, nearest
from kg.declarations import NOTHING_HERE
from kg.fields import Modality, Node, Polarity, Ref, Value
from kg.iris import is_slug
from kg.known import Reading
from kg.mapping import Field, Kind, sorted_spans
from kg.model import OWN, Article, Fact, Problem, Span, Standing, frozen
from kg.quoting import Quoting
from kg.records import Record
from kg.values import Found, Values, by_name, coreference, listed, standing_in

STANDING = (
    Field("said_by", Ref, many=False, required=False),
    Field("modality", Modality, many=False, required=False),
    Field("polarity", Polarity, many=False, required=False),
)
"""The fields of every kind that say in what sense the article gives the fact."""

_STANDING = frozenset(field.name for field in STANDING)

RESERVED = (
    *("quote", "occurrence", "wide", "context", "id", "label", "doubt", "corrects", "retracts"),
    *(f.name for f in STANDING),
)
"""What every fact may have beside the fields of its kind."""


@frozen
class ReadFact:
    """A fact that was read: what its mapper needs."""

    kind: Kind
    fact: Fact
    node: Node
    values: Mapping[str, Any]
    standing: Mapping[str, Value]
    doubt: str
    """Why the article leaves the whole fact doubtful, in the curator's words."""


@dataclass(frozen=True)
class Reader:
    """Reads the records of one article's fact file."""

    article: Article
    articles: Mapping[str, Article]
    reading: Reading
    kinds: Mapping[str, Kind]

    def read(self, record: Record) -> tuple[ReadFact | None, list[Problem]]:
        """Return the fact of a record, or None, and the problems found in it."""
        name, slug = kind_and_slug(record, self.article)
        header = is_header(record)
        if name not in self.kinds or (name == "article" and not header):
            place = record.place((name,), key=True)
            mend = nearest(name, (*self.kinds, NOTHING_HERE))
            return None, [Problem(place, f"unknown fact kind '{name}'", mend)]
        kind, body = self.kinds[name], body_of(record)
        if not header and not is_slug(slug):
            mend = "name the thing by letters and digits joined by hyphens"
            place = record.place((name,))
            body.problems.append(Problem(place, f"'{slug}' is not a slug", mend))
        _check_fields(body, kind)
        body.text("label")
        own = self._quoting.find(body, body.fields, ())
        raw = body.fields.get("context")
        context = self._quoting.several(body, raw, ("context",)) if raw is not None else ()
        if not own and not body.problems and not kind.external:
            mend = "add quote: with the words that say it"
            body.of("quote").add((), "the fact has no quote", mend, key=True)
        if body.problems or self.reading.names.node(slug) is None:
            # A slug that is confused with another's has its problem already.
            return None, body.problems
        node, naming, unnamed = self._node(record, kind, slug, own, context)
        found = Found(own, context, naming, kind.external)
        told = body.of("value")
        standing = self._values_of(told, STANDING, found)
        fields = self._values_of(told, kind.fields.values(), found)
        fact, doubt = self._fact(record, body, kind, slug, found, standing), body.text("doubt")
        if not body.problems and unnamed:
            # Told only if nothing else is wrong: a misspelt name would be told twice.
            body.problems.append(unnamed)
        if body.problems:
            return None, body.problems
        return ReadFact(kind, fact, node, fields, standing, doubt), []

    @cached_property
    def _quoting(self) -> Quoting:
        return Quoting(self.article, self.articles)

    @cached_property
    def _values(self) -> Values:
        return Values(self.reading, self._quoting)

    def _values_of(self, body: Body, fields: Iterable[Field], found: Found) -> dict[str, Any]:
        """Return the values of those fields that have any, by name."""
        values: dict[str, Any] = {}
        for field in fields:
            if field.name in body.fields and (read := self._values.read(body, field, found)):
                values[field.name] = read if field.many else read[0]
        return values

    def _fact(
        self,
        record: Record,
        body: Body,
        kind: Kind,
        slug: str,
        found: Found,
        standing: Mapping[str, Value],
    ) -> Fact:
        teller = standing["said_by"].spans if "said_by" in standing else ()
        return Fact(
            id=f"{self.article.name}/{_id(body) or fact_hash(record)}",
            kind=kind.name,
            slug=slug,
            article=self.article,
            place=record.place((kind.name,), key=True),
            spans=sorted_spans((*found.own, *teller)),
            context=sorted_spans(found.context),
            standing=_standing(body),
            corrects=_references(body, "corrects", self._quoting),
            retracts=_references(body, "retracts", self._quoting),
        )

    def _node(
        self,
        record: Record,
        kind: Kind,
        slug: str,
        own: tuple[Span, ...],
        context: tuple[Span, ...],
    ) -> tuple[Node, tuple[Span, ...], Problem | None]:
        """Return the node of a fact, its quotes in which it stands by name, or what is wrong."""
        names = self.reading.names
        term, label = names.node(slug), names.label(slug)
        assert term is not None, "it was looked up before"
        relabelled = names.is_relabelled(slug)
        node = Node(term, slug if label is None else label, relabelled=relabelled)
        forms = Ref.forms(slug, node.term, self.reading) if kind.named else None
        if forms is None:
            return node, (), None
        longer = partial(Ref.longer, slug=slug, reading=self.reading)
        if held := standing_in(forms, own, longer):
            return node, held[1], None
        mentions = Ref.mentions(slug, self.reading)
        if held := standing_in(mentions, own, longer):
            # Only where this very form stands can a quote do without the others.
            alone = standing_in(held[:1], own, longer)
            assert alone is not None, "it was found there"
            return replace(node, derivation=by_name(held[0])), alone[1], None
        if held := standing_in((*forms, *mentions), context, longer):
            return replace(node, derivation=coreference(held[0]), spans=held[1]), (), None
        known = listed(forms, mentions)
        place = record.place((kind.name,))
        message = f"'{slug}' does not stand in the quote by any of its names ({known})"
        see = own[0].place if own else None
        return node, (), Problem(place, message, Ref.mend, check="names", see=see)


def _id(body: Body) -> str:
    """Return the explicit id of a fact, or ''."""
    id_ = body.text("id")
    if id_ and not is_slug(id_):
        body.add(("id",), f"'{id_}' is no id", "write letters and digits joined by hyphens")
    return id_


def _standing(body: Body) -> Standing:
    if _STANDING.isdisjoint(body.fields):
        return OWN
    return Standing(
        voice=body.text("said_by") or OWN.voice,
        modality=body.text("modality") or OWN.modality,
        polarity=body.text("polarity") or OWN.polarity,
    )


def _references(body: Body, name: str, quoting: Quoting) -> tuple[str, ...]:
    """Return the ids of the facts that a field names: ``ARTICLE/ID``, or ``ID`` in this article."""
    if name not in body.fields:
        return ()
    raw, found = body.fields[name], list[str]()
    for index, item in enumerate(raw if isinstance(raw, list) else [raw]):
        path = (name, index) if isinstance(raw, list) else (name,)
        article, slash, id_ = item.rpartition("/") if isinstance(item, str) else ("", "", "")
        if not id_:
            mend = "write ARTICLE/ID, or the id of a fact of this article"
            body.add(path, f"'{name}' names facts by their ids", mend)
            continue
        named = quoting.named(article) if slash else quoting.article
        if isinstance(named, str):
            body.add(path, named, "write as much of an article's name as tells it apart")
            continue
        found.append(f"{named.name}/{id_}")
    return tuple(sorted(set(found)))


def _check_fields(body: Body, kind: Kind) -> None:
    """Note fields that the kind does not have, and required ones that are missing."""
    for name in body.fields:
        if name not in kind.fields and name not in RESERVED:
            mend = nearest(name, {*kind.fields, *RESERVED})
            body.add((name,), f"unknown field '{name}' of {kind.name}", mend, key=True)
    if kind.external:
        for name in ("quote", "context", *(f.name for f in STANDING)):
            if name in body.fields:
                mend = "remove it: no article says this, so none says it so or otherwise"
                body.add((name,), f"{kind.name} has no '{name}'", mend, key=True)
    for name in kind.required:
        if name not in body.fields:
            body.add((), f"{kind.name} lacks the field '{name}'", f"add {name}:", key=True)
