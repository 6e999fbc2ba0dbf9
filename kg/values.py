"""From what a fact file writes for a field to a value that knows how and where it was got."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from kg import quotes
from kg.body import Body, nearest
from kg.fields import Ref, Text, Value, check_language
from kg.known import FieldError, Reading
from kg.mapping import Field, sorted_spans
from kg.measures import Date, Number
from kg.model import STRUCTURAL, VERBATIM, Derivation, Origin, Span, Term, frozen
from kg.quoting import QUOTING, Quoting
from kg.records import Path, Raw
from kg.rules import COREFERENCE, RULE_NAME, RULES, RuleError

Longer: TypeAlias = Callable[[str], Iterable[str]]
"""Takes a form of a thing, and gives the forms of other things that hold it."""

PARTS = ("value", "lang", "rule", "text", "doubt", *QUOTING)
"""What a field may have that is more than a bare value."""

GIVES: Mapping[str, tuple[type[Value], ...]] = {"number": (Number, Text), "translation": (Text,)}
"""What a rule gives values of; all others give dates. Nothing else is got by a rule: a thing whose
slug is 2018 does not stand where that number does."""


@frozen
class Found:
    """The quotes in which the values of a fact may stand."""

    own: tuple[Span, ...]
    """The fact's own quotes."""
    context: tuple[Span, ...] = ()
    """Quotes that name what the fact's own only point at."""
    naming: tuple[Span, ...] = ()
    """Those of its own in which the thing the fact is about stands by name."""
    external: bool = False
    """Whether the fact comes from outside, and no quote is asked for."""

    def alone(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """Return the spans that need no other quote of the fact: they name what it is about."""
        return tuple(span for span in spans if span in self.naming) if self.naming else ()


@dataclass(frozen=True)
class Values:
    """Reads the values of one article's facts."""

    reading: Reading
    quoting: Quoting

    def read(self, body: Body, field: Field, found: Found) -> tuple[Value, ...]:
        """Return the values of a field that the body has; problems go to the body."""
        raw = body.fields[field.name]
        if not isinstance(raw, list):
            value = self._value(body, (field.name,), field.type, raw, found)
            return (value,) if value else ()
        if not field.many:
            body.add((field.name,), f"'{field.name}' takes one value", "remove the others")
            return ()
        paths: list[Path] = [(field.name, index) for index in range(len(raw))]
        values = (
            self._value(body, path, field.type, item, found)
            for path, item in zip(paths, raw, strict=True)
        )
        return tuple(value for value in values if value)

    def _value(
        self, body: Body, path: Path, type_: type[Value], raw: Raw, found: Found
    ) -> Value | None:
        if isinstance(raw, dict):
            return self._of_parts(body, path, type_, raw, found)
        language = type_.default_language(self.reading)
        parsed = self._parsed(body, path, type_, raw, language)
        if parsed is None or found.external:
            return type_(*parsed) if parsed else None
        got = self._in_quote(body, path, type_, (str(raw), parsed[0]), found.own, found)
        return type_(*parsed, got[0], sorted_spans(got[1])) if got else None

    def _parsed(
        self, body: Body, path: Path, type_: type[Value], raw: Raw | None, language: str | None
    ) -> tuple[Term, str] | None:
        """Return the term and the label of a bare value."""
        if not isinstance(raw, str):
            body.add(path, "a value is one text", "write value: and the value, or a list of values")
            return None
        try:
            return type_.parse(raw, language, self.reading)
        except FieldError as error:
            body.add(path, str(error), error.mend)
            return None

    def _of_parts(
        self, body: Body, path: Path, type_: type[Value], parts: dict[str, Raw], found: Found
    ) -> Value | None:
        """Return a value that says more of itself: its quote, its rule, its language, a doubt."""
        before = len(body.problems)
        for name in parts:
            if name not in PARTS:
                mend = nearest(name, PARTS)
                body.add((*path, name), f"unknown part '{name}' of a value", mend, key=True)
        text = parts.get("value")
        try:
            language = self._language(type_, parts) if isinstance(text, str) else None
        except FieldError as error:
            body.add(path, str(error), error.mend)
            return None
        parsed = self._parsed(body, path, type_, text, language)
        if parsed is None or not isinstance(text, str):
            return None
        elsewhere = self.quoting.find(body, parts, path)
        if len(body.problems) > before:
            return None
        if found.external:
            return type_(*parsed)
        doubt = parts.get("doubt", "")
        if not isinstance(doubt, str):
            body.add((*path, "doubt"), "'doubt' is text", "write one value, or leave it out")
            return None
        if "rule" in parts or "text" in parts:
            spans = (*elsewhere, *found.own, *found.context)
            got = self._by_rule(body, path, (type_, text), parts, spans)
            # What is inferred needs the fact's own words too; what is only rewritten does not.
            alone = elsewhere and got and got[0].origin is Origin.NORMALISED
            spans = (*elsewhere, *(() if alone else found.own), *(got[1] if got else ()))
        else:
            own = elsewhere or found.own
            got = self._in_quote(body, path, type_, (text, parsed[0]), own, found)
            spans = got[1] if got else ()
        return type_(*parsed, got[0], sorted_spans(spans), doubt) if got else None

    def _language(self, type_: type[Value], parts: Mapping[str, Raw]) -> str | None:
        if "lang" not in parts:
            return type_.default_language(self.reading)
        if not type_.takes_language:
            raise FieldError("only text has a language", "remove lang:")
        check_language(str(parts["lang"]))
        return str(parts["lang"])

    def _in_quote(
        self,
        body: Body,
        path: Path,
        type_: type[Value],
        value: tuple[str, Term],
        own: tuple[Span, ...],
        found: Found,
    ) -> tuple[Derivation, tuple[Span, ...]] | None:
        """Return how a value stands in its own quotes or those of the fact, and in which."""
        forms = type_.forms(*value, self.reading)
        if forms is None:
            return STRUCTURAL, own
        longer = partial(type_.longer, slug=value[0], reading=self.reading)
        if held := standing_in(forms, own, longer):
            return VERBATIM, found.alone(held[1]) or own
        mentions = type_.mentions(value[0], self.reading)
        if held := standing_in(mentions, own, longer):
            return by_name(held[0]), found.alone(held[1]) or own
        if issubclass(type_, Ref) and (
            held := standing_in((*forms, *mentions), found.context, longer)
        ):
            return coreference(held[0]), (*own, *held[1])
        known = listed(forms, mentions)
        shown = "" if known == f"'{value[0]}'" else f" by any of its forms ({known})"
        message = f"'{value[0]}' does not stand in the quote{shown}"
        body.add(path, message, type_.mend, see=own[0] if own else None)
        return None

    def _by_rule(
        self,
        body: Body,
        path: Path,
        value: tuple[type[Value], str],
        parts: Mapping[str, Raw],
        spans: tuple[Span, ...],
    ) -> tuple[Derivation, tuple[Span, ...]] | None:
        """Apply a rule again; return the derivation, and the spans that hold the rule's words."""
        body = body.of("rule")
        (type_, text), name = value, str(parts.get("rule", ""))
        if name not in RULES:
            body.add((*path, "rule"), f"unknown rule '{name}'", nearest(name, RULES))
            return None
        rule, raw = RULES[name], parts.get("text", [])
        if not issubclass(type_, GIVES.get(name, (Date, Text))):
            mend = "use a rule that gives what the field takes, or record the words as mention:"
            body.add((*path, "rule"), f"rule '{name}' gives no {type_.__name__}", mend)
            return None
        words = tuple(str(word) for word in (raw if isinstance(raw, list) else [raw]))
        if len(words) != rule.takes:
            mend = f"write text: with {rule.takes} passage{'s' * (rule.takes > 1)} of the quotes"
            body.add(path, f"rule '{name}' was given {len(words)} passages", mend)
            return None
        holding = []
        for word in words:
            held = standing_in((word,), spans)
            if not held:
                mend = "quote the passage that holds these words"
                body.add((*path, "text"), f"'{word}' does not stand in any quote", mend)
                return None
            holding.append(held[1][0])
        try:
            result = rule.apply(*words)
        except RuleError as error:
            body.add(path, str(error), "mend the text, or use another rule")
            return None
        if result is not None and result != text:
            mend = f"write {result}, or mend the text"
            body.add(path, f"rule '{name}' gives {result}, not {text}", mend)
            return None
        return Derivation(rule.origin, name, words), tuple(holding)


def standing_in(
    forms: Iterable[str], spans: tuple[Span, ...], longer: Longer = lambda form: ()
) -> tuple[str, tuple[Span, ...]] | None:
    """Return the first form that stands in any of the spans, and the spans that hold any form.

    What stands in one of them only within a ``longer`` form, the name of something else, counts if
    no other span has it free: "Ulm" in "Ulm Minster" says less of where something is.
    """
    free: list[tuple[str, Span]] = []
    held: list[tuple[str, Span]] = []
    folded = [(span, quotes.fold(span.quote)) for span in spans]
    for form in forms:
        for span, hay in folded:
            if places := quotes.places(form, hay):
                held.append((form, span))
                if quotes.is_free(places, longer(form), hay):
                    free.append((form, span))
    if not held:
        return None
    form = (free or held)[0][0]
    if len(spans) == 1:
        return form, spans
    holding = {span for _, span in free or held}
    return form, tuple(span for span in spans if span in holding)


def coreference(form: str) -> Derivation:
    """Return the derivation of what is named only by the context, there by this form."""
    return Derivation(Origin.INFERRED, COREFERENCE, (form,))


def listed(*forms: Iterable[str]) -> str:
    """Return the forms of a name, for a message."""
    return ", ".join(f"'{form}'" for group in forms for form in group) or "none is recorded"


def by_name(form: str) -> Derivation:
    """Return the derivation of what stands there by a form that only this article means it by."""
    return Derivation(Origin.NORMALISED, RULE_NAME, (form,))
