"""The types of fields: what a curator may write, the RDF term it becomes, how it stands in a quote.

A mapper's signature is written in these types. One class is one type; nothing else knows it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from itertools import pairwise
from typing import Any, ClassVar, TypeAlias

from pyoxigraph import Literal, NamedNode

from kg.iris import Iris, collision_key, iri_problem, is_slug
from kg.model import STRUCTURAL, Derivation, Origin, Span, Term
from kg.vocab import EDTF, KG, XSD, Vocabulary

JsonSchema: TypeAlias = dict[str, Any]


class FieldError(ValueError):
    """A field is not what its type takes; the message says so, ``mend`` how to mend it."""

    def __init__(self, message: str, mend: str) -> None:
        """Say what is wrong and how to mend it."""
        super().__init__(message)
        self.mend = mend


@dataclass
class Names:
    """By what names things are known in a folder, gathered before any fact is mapped."""

    labels: dict[str, str] = field(default_factory=dict)
    """The preferred name of each slug."""
    forms: dict[str, list[str]] = field(default_factory=dict)
    """Names by which any article may mean the slug."""
    mentions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Forms that mean the slug only in one article, by (slug, article)."""
    nodes: dict[str, NamedNode] = field(default_factory=dict)
    """Every slug that some fact is about, with its IRI."""


@dataclass(frozen=True)
class Reading:
    """What a type needs to read a field: the article's language, and what the folder knows."""

    language: str | None
    article: str
    iris: Iris
    names: Names
    vocabulary: Vocabulary


@dataclass(frozen=True)
class Value:
    """A field that was read: its term, and how and where it was got."""

    term: Term
    label: str
    """How it reads in the label of something else."""
    derivation: Derivation = STRUCTURAL
    spans: tuple[Span, ...] = ()

    json: ClassVar[JsonSchema] = {"type": "string", "minLength": 1}
    takes_language: ClassVar[bool] = False

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        """Return the RDF term and the label of what was written. Raises `FieldError`."""
        raise NotImplementedError

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        """Return the forms by which the value may stand in a quote; None: it need not."""
        return (text,)

    @classmethod
    def mentions(cls, text: str, reading: Reading) -> Sequence[str]:
        """Return forms that are not the value's own name but mean it in this article."""
        return ()


class Node(Value):
    """The thing that the fact is about."""


class Ref(Value):
    """Another thing, by its slug; it stands in a quote by any of its recorded names."""

    json: ClassVar[JsonSchema] = {"type": "string", "minLength": 1, "title": "slug of a thing"}

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        if text not in reading.names.nodes:
            raise unknown_slug(text, reading.names)
        return reading.names.nodes[text], reading.names.labels.get(text, text)

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        forms = reading.names.forms.get(text)
        if forms is None and not reading.names.mentions.get((text, reading.article)):
            # A coined thing (a conferral, a statement) has no name by which a text could mean it.
            return None
        return forms or ()

    @classmethod
    def mentions(cls, text: str, reading: Reading) -> Sequence[str]:
        return reading.names.mentions.get((text, reading.article), ())


def unknown_slug(slug: str, names: Names) -> FieldError:
    """Return the error of a slug that no fact is about, with the nearest that one is."""
    close = get_close_matches(slug, names.nodes, n=1) or [
        known for known in names.nodes if collision_key(known) == collision_key(slug)
    ]
    if not is_slug(slug):
        mend = "write the slug of a thing, such as 'xiaomi-group'"
    elif close:
        mend = f"did you mean '{close[0]}'?"
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

        Where the article has something between two parts, " […] " stands for it.
        """
        if len(parts) == 1:
            return parts[0]
        words = tuple(part.label for part in parts)
        source = parts[0].spans[0].article.text if parts[0].spans else ""
        text = words[0]
        for before, after in pairwise(words):
            adjacent = re.search(re.escape(before) + r"\s+" + re.escape(after), source)
            text += (" " if adjacent else " […] ") + after
        first = parts[0].term
        language = first.language if isinstance(first, Literal) else None
        term = Literal(text, language=language) if language else Literal(text)
        spans = tuple(span for part in parts for span in part.spans)
        return cls(term, text, Derivation(Origin.NORMALISED, "joined", words), spans)


class Number(Value):
    """A number in digits: ``4806`` or ``1.5``."""

    json: ClassVar[JsonSchema] = {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"}

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        if not re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII):
            raise FieldError(
                f"'{text}' is not a number in digits",
                "write digits, such as 4806 or 1.5, and how the article writes it as text: with "
                "rule: number",
            )
        # The canonical lexical form, which every store keeps (XSD 1.1 part 2, section 3.3.3).
        whole, _, fraction = text.removeprefix("-").partition(".")
        whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
        digits = f"{whole}.{fraction}" if fraction else whole
        if text.startswith("-") and digits != "0":
            digits = f"-{digits}"
        return Literal(digits, datatype=XSD.decimal if fraction else XSD.integer), text


class Date(Value):
    """A date as exact as the article gives it.

    ISO 8601 / XSD 1.1 dates, months and years, also without their year (``---29``, ``--02``), or
    an EDTF interval (``2012/2017``) or decade (``197X``).
    """

    json: ClassVar[JsonSchema] = {"type": "string", "title": "2018-11-28, 2018-11, 2018, ---29 …"}

    _PATTERNS: ClassVar[Sequence[tuple[str, str]]] = (
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?", "dateTime"),
        (r"\d{4}-\d\d-\d\d", "date"),
        (r"\d{4}-\d\d", "gYearMonth"),
        (r"\d{4}", "gYear"),
        (r"--\d\d-\d\d", "gMonthDay"),
        (r"--\d\d", "gMonth"),
        (r"---\d\d", "gDay"),
    )

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        for pattern, datatype in cls._PATTERNS:
            if re.fullmatch(pattern, text, re.ASCII):
                cls._check(text)
                return Literal(text, datatype=XSD[datatype]), text
        if re.fullmatch(r"\d{3}X", text, re.ASCII):
            return Literal(text, datatype=EDTF.EDTF), text
        first, slash, last = text.partition("/")
        if slash and all(
            re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", d, re.ASCII) for d in (first, last)
        ):
            cls._check(first)
            cls._check(last)
            if first[: len(last)] > last[: len(first)]:
                raise FieldError(f"the interval '{text}' ends before it begins", "swap its ends")
            return Literal(text, datatype=EDTF.EDTF), text
        raise FieldError(
            f"'{text}' is not a date",
            "write 2018-11-28, 2018-11, 2018, --11-28, --11, ---28, 2012/2017 or 197X",
        )

    @staticmethod
    def _check(text: str) -> None:
        """Fill in what is missing with values that exist, and see whether the day does."""
        try:
            if "T" in text:
                datetime.fromisoformat(text)
            elif text.startswith("---"):
                date(2000, 1, int(text[3:]))
            elif text.startswith("--"):
                date.fromisoformat("2000" + text[1:] + ("" if len(text) > 4 else "-01"))
            else:
                date.fromisoformat(text + "-01-01"[len(text) - 4 :])
        except ValueError as error:
            raise FieldError(
                f"the date '{text}' does not exist", "write a day that the calendar has"
            ) from error


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
    """Raise `FieldError` unless a text is a well-formed language tag in lower case."""
    if not re.fullmatch(r"[a-z]{2,8}(-[a-zA-Z0-9]{1,8})*", text, re.ASCII):
        raise FieldError(f"'{text}' is not a language tag", "write one such as en, zh-hans or it")


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
        return concepts[text], reading.vocabulary.labels.get(concepts[text], text)

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        # A concept with recorded surface forms must stand in the quote by one of them ("nearly");
        # one without is the curator's classification, which no article words.
        return reading.vocabulary.forms.get(term) if isinstance(term, NamedNode) else None


class Modality(Concept):
    """How sure the article is of what it says."""

    scheme = KG.Modality


class Polarity(Concept):
    """Whether the article affirms or denies it."""

    scheme = KG.Polarity


class Note(Value):
    """The curator's own words, in English; no article says them."""

    @classmethod
    def parse(cls, text: str, language: str | None, reading: Reading) -> tuple[Term, str]:
        return Literal(text, language="en"), text

    @classmethod
    def forms(cls, text: str, term: Term, reading: Reading) -> Sequence[str] | None:
        return None
