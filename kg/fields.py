"""The types of fields: what a curator may write, the RDF term it becomes, how it stands in a quote.

A mapper's signature is written in these types. One class is one type; nothing else knows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.iris import iri_problem, is_slug
from kg.known import FieldError, Names, Reading
from kg.model import STRUCTURAL, Derivation, Origin, Span, Term, frozen
from kg.vocab import KG

JsonSchema: TypeAlias = dict[str, Any]


@frozen
class Value:
    """A field that was read: its term, and how and where it was got."""

    term: Term
    label: str
    """How it reads in the label of something else."""
    derivation: Derivation = STRUCTURAL
    spans: tuple[Span, ...] = ()
    doubt: str = ""

    json: ClassVar[JsonSchema] = {"type": "string", "minLength": 1}
    takes_language: ClassVar[bool] = False
    mend: ClassVar[str] = (
        "quote the words that say it, or write value:, rule: and text: to say how it was got"
    )
    """How to mend a value that does not stand in its quote."""

    @classmethod
    def default_language(cls, reading: Reading) -> str | None:
        """Return the language of a text that gives none of its own."""
        return reading.language if cls.takes_language else None

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        """Return the RDF term and the label of what was written. Raises `FieldError`."""
        raise TypeError(f"a {cls.__name__} is not read from text")

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        """Return the forms by which the value may stand in a quote; None: it need not."""
        return (text,)

    @classmethod
    def longer(cls, form: str, slug: str, reading: Reading) -> Sequence[str]:
        """Return forms of other things that hold a form: within them, it does not mean this."""
        return ()

    @classmethod
    def mentions(cls, text: str, reading: Reading) -> Sequence[str]:
        """Return forms that are not the value's own name but mean it in this article."""
        return ()


@frozen
class Node(Value):
    """The thing that the fact is about."""

    relabelled: bool = False
    """Whether the curator chose a label for it, so that its name in the articles is another."""


class Ref(Value):
    """Another thing, by its slug; it stands in a quote by any of its recorded names."""

    json: ClassVar[JsonSchema] = {"type": "string", "minLength": 1, "title": "slug of a thing"}
    mend: ClassVar[str] = (
        "quote a sentence that names it, add one as context:, or record the form that the article "
        "uses as mention:"
    )

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        node = reading.names.node(text)
        if node is None:
            raise unknown_slug(text, reading.names)
        label = reading.names.label(text)
        return node, text.replace("-", " ") if label is None else label

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        forms = reading.names.forms_of(text)
        if forms is None and not reading.names.mentions_of(text, reading.article):
            # A coined thing (a conferral, a statement) has no name by which a text could mean it.
            return None
        return forms or ()

    @classmethod
    def longer(cls, form: str, slug: str, reading: Reading) -> Sequence[str]:
        return reading.names.longer(form, slug, reading.article)

    @classmethod
    def mentions(cls, text: str, reading: Reading) -> Sequence[str]:
        return reading.names.mentions_of(text, reading.article)


def unknown_slug(slug: str, names: Names) -> FieldError:
    """Return the error of a slug that no fact is about, with the nearest that one is."""
    if not is_slug(slug):
        mend = "write the slug of a thing, such as 'xiaomi-group'"
    elif close := names.near(slug):
        mend = f"did you mean '{close}'?"
    else:
        mend = f"add a fact that gives '{slug}' a name, or mend the slug"
    return FieldError(f"no fact is about '{slug}'", mend)


class Text(Value):
    """Words of the article, in its language."""

    takes_language: ClassVar[bool] = True

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        return Literal(text, language=language) if language else Literal(text), text

    @classmethod
    def joined(cls, parts: Sequence[Text]) -> Text:
        """Return the parts of a split quotation as one text, in order.

        Where the article has something between two parts, " […] " stands for it. Raises
        `FieldError` for a part that is not the article's own words, or in another language.
        """
        if len(parts) == 1:
            return parts[0]
        languages = {part.term.language for part in parts if isinstance(part.term, Literal)}
        if len(languages) > 1 or any(p.derivation.origin is not Origin.VERBATIM for p in parts):
            message = "the parts of a split quotation are not all words of the article"
            raise FieldError(message, "write each as it stands there, all in one language")
        words = tuple(part.label for part in parts)
        spans = tuple(span for part in parts for span in part.spans)
        text, passages = words[0], [*_passages(spans)]
        for before, after in pairwise(words):
            adjacent = re.compile(re.escape(before) + r"(\s*)" + re.escape(after))
            found = next(filter(None, map(adjacent.search, passages)), None)
            text += (found[1] if found else " […] ") + after
        first = parts[0].term
        language = first.language if isinstance(first, Literal) else None
        term = Literal(text, language=language) if language else Literal(text)
        doubt = " ".join(part.doubt for part in parts if part.doubt)
        return cls(term, text, Derivation(Origin.NORMALISED, "joined", words), spans, doubt)


def _passages(spans: Sequence[Span]) -> Iterator[str]:
    """Yield what each article says from the first to the last of some spans, by its name."""
    articles: dict[str, list[Span]] = {}
    for span in sorted(spans, key=lambda span: span.key):
        articles.setdefault(span.article.name, []).append(span)
    for own in articles.values():
        yield own[0].article.text[own[0].start : max(span.end for span in own)]


class Language(Value):
    """A language tag (BCP 47)."""

    json: ClassVar[JsonSchema] = {
        "type": "string",
        "pattern": "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
    }

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        check_language(text)
        return Literal(text), text

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        return None


def check_language(text: str) -> None:
    """Raise `FieldError` unless a text is a well-formed language tag in lower case (BCP 47)."""
    if not is_language(text):
        raise FieldError(f"'{text}' is not a language tag", "write one such as en, zh-hans or it")


def is_language(text: str) -> bool:
    """Whether a text is a language tag that every RDF library takes."""
    if not re.fullmatch(r"[a-z]{2,8}(-[a-zA-Z0-9]{1,8})*", text, re.ASCII):
        return False
    try:
        Literal("", language=text)
    except ValueError:
        return False
    return True


class Link(Value):
    """An IRI outside the dataset."""

    json: ClassVar[JsonSchema] = {"type": "string", "format": "iri"}

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        problem = iri_problem(text)
        if problem:
            raise FieldError(f"'{text}' cannot be published as an IRI: {problem}", "mend the IRI")
        return NamedNode(text), text


class Concept(Value):
    """One of the concepts that the ontology lists for a class, by its ``skos:notation``."""

    scheme: ClassVar[NamedNode]

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        concepts = reading.vocabulary.concepts(cls.scheme)
        if text not in concepts:
            close = get_close_matches(text, concepts, n=1)
            guess = f"did you mean '{close[0]}'? " if close else ""
            raise FieldError(
                f"'{text}' is none of the values that this field takes",
                f"{guess}it takes {', '.join(concepts)}",
            )
        return concepts[text], reading.vocabulary.label(concepts[text]) or text

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        # A concept with recorded surface forms must stand in the quote by one of them ("nearly");
        # one without is the curator's classification, which no article words.
        words = reading.vocabulary.forms.get(term) if isinstance(term, NamedNode) else None
        return [word.value for word in words] if words else None


class Modality(Concept):
    """How sure the article is of what it says."""

    scheme = KG.Modality


class Polarity(Concept):
    """Whether the article affirms or denies it."""

    scheme = KG.Polarity


class Note(Value):
    """The curator's own words, in English unless ``lang`` says otherwise; no article says them."""

    takes_language: ClassVar[bool] = True

    @classmethod
    def default_language(cls, reading: Reading) -> str | None:
        return "en"

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        return Literal(text, language=language), text

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        return None
