"""By what names things go in a folder: gathered from all fact files before any fact is mapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.body import body_of, is_header, kind_and_slug
from kg.fields import is_language
from kg.iris import Iris, collision_key, is_slug
from kg.known import Names
from kg.mapping import Kind
from kg.model import OWN, Article, Place, Problem
from kg.records import Raw, Record


class Gathering:
    """Gathers names, article by article."""

    def __init__(self, kinds: Mapping[str, Kind], iris: Iris) -> None:
        """Take the fact kinds, and what mints IRIs."""
        self.kinds, self.iris = kinds, iris
        self.problems: list[Problem] = []
        """Slugs that would be confused."""
        self._names, self._hearsay = Names(), Names()
        self.spread: set[str] = set()
        """Slugs of which the facts of several articles tell."""
        self._first: dict[str, tuple[str, str, Place]] = {}

    def add(self, article: Article, records: Iterable[Record]) -> None:
        """Take the names that the fact file of an article gives."""
        for record in records:
            kind, slug = kind_and_slug(record, article)
            if kind not in self.kinds or not slug:
                continue
            if is_header(record):
                problem = _confusion(self._first, record.place((kind,), key=True), kind, slug)
                self.problems += [problem] if problem else []
                self._names.nodes[slug] = self.iris.article(article)
                title = _texts(body_of(record).fields.get("title"))
                self._names.labels[slug] = next(iter(title), slug)
                continue
            if kind == "article" or not is_slug(slug):
                continue
            problem = _confusion(self._first, record.place((kind,)), kind, slug)
            if problem:
                self.problems.append(problem)
                continue
            if self._first[collision_key(slug)][2].path != record.path:
                self.spread.add(slug)
            self._note(article.name, self.kinds[kind], slug, body_of(record).fields)

    def _note(self, article: str, kind: Kind, slug: str, fields: Mapping[str, Raw]) -> None:
        names = self._names
        names.nodes[slug] = self.iris.thing(slug)
        for text in _texts(fields.get("label")):
            names.labels[slug] = text
            names.relabelled.setdefault(slug, set()).add(article)
        if kind.named:
            _note_names(names if _is_own(fields) else self._hearsay, fields, slug)
            _note_mentions(names, fields, slug, article)
            if any(_texts(fields.get("name"))) and not _is_denied(fields):
                names.named.setdefault(slug, set()).add(article)

    def names(self) -> Names:
        """Return the names of all things that facts are about; asked once, after the last."""
        names, hearsay = self._names, self._hearsay
        # What is only said to be called so is a name for what has no other: what is said of it,
        # too, is only said.
        for slug, forms in hearsay.forms.items():
            if names.forms.setdefault(slug, forms) is forms and slug in hearsay.labels:
                names.labels.setdefault(slug, hearsay.labels[slug])
        return names


def _confusion(
    first: dict[str, tuple[str, str, Place]], place: Place, kind: str, slug: str
) -> Problem | None:
    """Return the problem of a slug that is another's but for case, or that has another kind."""
    other, other_kind, at = first.setdefault(collision_key(slug), (slug, kind, place))
    if other != slug:
        message = f"the slug '{slug}' is '{other}' at {at} but for case or Unicode composition"
        mend = "write both alike, or name one of the two otherwise"
        return Problem(place, message, mend, check="names")
    if other_kind != kind:
        message = f"'{slug}' is of kind {kind} here and of kind {other_kind} at {at}"
        return Problem(place, message, "give one of the two another slug", check="names")
    return None


def _note_names(names: Names, fields: Mapping[str, Raw], slug: str) -> None:
    if _is_denied(fields):
        return  # what something is not called is no name of it
    for text in _texts(fields.get("name")):
        names.labels.setdefault(slug, text)
    for text in (*_texts(fields.get("name")), *_texts(fields.get("alias"))):
        if text not in names.forms.setdefault(slug, []):
            names.forms[slug].append(text)


def _note_mentions(names: Names, fields: Mapping[str, Raw], slug: str, article: str) -> None:
    for text in _texts(fields.get("mention") if not _is_denied(fields) else None):
        names.mentions.setdefault((slug, article), []).append(text)


def _is_denied(fields: Mapping[str, Raw]) -> bool:
    return any(text != OWN.polarity for text in _texts(fields.get("polarity")))


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
