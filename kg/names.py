"""By what names things go in a folder: gathered from all fact files before any fact is mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kg.body import body_of, is_header, kind_and_slug
from kg.fields import is_language
from kg.iris import Iris, collision_key, is_slug
from kg.known import ARTICLE, First, Names
from kg.mapping import Kind
from kg.model import OWN, Article, Place, Problem
from kg.records import Raw, Record


class Note(NamedTuple):
    """What one record tells of names."""

    kind: str
    slug: str
    place: Place
    header: bool
    """Whether it is that of its article; of such only the title counts."""
    labels: tuple[str, ...]
    names: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    """The names, and other forms beside them."""
    mentions: tuple[str, ...] = ()
    own: bool = True
    """Whether the fact is the article's own, certain and affirmed."""
    denied: bool = False


def noted(article: Article, records: Iterable[Record], kinds: Mapping[str, Kind]) -> Iterator[Note]:
    """Yield what the fact file of an article tells of names, which depends on nothing else."""
    for record in records:
        kind, slug = kind_and_slug(record, article)
        if kind not in kinds or not slug:
            continue
        if is_header(record):
            title = tuple(_texts(body_of(record).fields.get("title")))
            yield Note(kind, slug, record.place((kind,), key=True), True, title)
        elif kind != ARTICLE and is_slug(slug):
            fields = body_of(record).fields
            note = Note(kind, slug, record.place((kind,)), False, (*_texts(fields.get("label")),))
            if not kinds[kind].named:
                yield note
                continue
            names = tuple(_texts(fields.get("name")))
            yield note._replace(
                names=names,
                forms=(*names, *_texts(fields.get("alias"))),
                mentions=(*_texts(fields.get("mention")),),
                own=_is_own(fields),
                denied=any(text != OWN.polarity for text in _texts(fields.get("polarity"))),
            )


class Gathering:
    """Gathers names, article by article."""

    def __init__(self, iris: Iris) -> None:
        """Take what mints IRIs."""
        self.problems: list[Problem] = []
        """Slugs that would be confused."""
        self._names, self._hearsay = Names(iris), Names(iris)
        self.spread: set[str] = set()
        """Slugs of which the facts of several articles tell."""
        self._spelt: dict[str, str] = {}
        """Slugs that are not their own collision keys, by these."""

    def add(self, article: str, notes: Iterable[Note]) -> None:
        """Take what is noted of an article, given its name."""
        things = self._names.things
        for note in notes:
            if problem := self._confusion(note):
                self.problems.append(problem)
                if not note.header:
                    continue
            if note.header:
                things.setdefault(note.slug, First(note.kind, *note.place))
                self._names.labels[note.slug] = next(iter(note.labels), note.slug)
                continue
            if things[note.slug].path != note.place.path:
                self.spread.add(note.slug)
            self._take(article, note)

    def _confusion(self, note: Note) -> Problem | None:
        """Note a slug; return its problem if it is another's but for case, or of another kind."""
        slug, key, things = note.slug, collision_key(note.slug), self._names.things
        other = self._spelt.get(key) or (key if key in things else slug)
        if other != slug:
            at = things[other].place
            message = f"the slug '{slug}' is '{other}' at {at} but for case or Unicode composition"
            mend = "write both alike, or name one of the two otherwise"
            return Problem(note.place, message, mend, check="names")
        if key != slug:
            self._spelt[key] = slug
        first = things.setdefault(slug, First(note.kind, *note.place))
        if first.kind != note.kind:
            message = (
                f"'{slug}' is of kind {note.kind} here and of kind {first.kind} at {first.place}"
            )
            return Problem(note.place, message, "give one of the two another slug", check="names")
        return None

    def _take(self, article: str, note: Note) -> None:
        names, slug = self._names, note.slug
        for text in note.labels:
            names.labels[slug] = text
            names.relabelled.setdefault(slug, set()).add(article)
        if note.denied:
            return  # what something is not called is no name of it
        told = names if note.own else self._hearsay
        for text in note.names:
            told.labels.setdefault(slug, text)
            names.named.setdefault(slug, set()).add(article)
        for text in note.forms:
            if text not in told.forms.setdefault(slug, []):
                told.forms[slug].append(text)
        for text in note.mentions:
            names.mentions.setdefault((slug, article), []).append(text)

    def names(self) -> Names:
        """Return the names of all things that facts are about; asked once, after the last."""
        names, hearsay = self._names, self._hearsay
        # What is only said to be called so is a name for what has no other: what is said of it,
        # too, is only said.
        for slug, forms in hearsay.forms.items():
            if names.forms.setdefault(slug, forms) is forms and slug in hearsay.labels:
                names.labels.setdefault(slug, hearsay.labels[slug])
        return names


def _is_own(fields: Mapping[str, Raw]) -> bool:
    """Whether a fact is the article's own, certain and affirmed: by defaults, or said so."""
    usual = {"said_by": "", "modality": OWN.modality, "polarity": OWN.polarity}
    return all(text == usual[name] for name in usual for text in _texts(fields.get(name)))


def _texts(raw: Raw | None) -> Iterator[str]:
    """Yield the texts of a field, whether one or a list, bare or with a ``value``."""
    for item in raw if isinstance(raw, list) else [raw]:
        text = item.get("value") if isinstance(item, dict) else item
        if isinstance(text, str):
            yield text


def language(records: Iterable[Record]) -> str | None:
    """Return the language that the header of a fact file gives its article."""
    for record in records:
        if is_header(record):
            text = next(_texts(body_of(record).fields.get("language")), "")
            return text if is_language(text) else None  # a wrong one is told where it stands
    return None
