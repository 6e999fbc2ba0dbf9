"""A JSON Schema of fact files, made from the signatures of the mappers (JSON Schema 2020-12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.declarations import FIELDS, NOTHING_HERE
from kg.fields import Concept
from kg.mapping import Field, Kind
from kg.reading import RESERVED, STANDING
from kg.rules import RULES
from kg.vocab import Vocabulary

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
QUOTE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "quote": {**TEXT, "description": "the exact words of the article"},
        "occurrence": {"type": ["integer", "string"], "description": "which one, from 1"},
        "article": {**TEXT, "description": "the article it is from, when it is another"},
        "wide": {**TEXT, "description": "why the quote takes in more than one sentence"},
    },
    "required": ["quote"],
    "additionalProperties": False,
}
QUOTES: dict[str, Any] = {
    "oneOf": [TEXT, {"type": "array", "minItems": 1, "items": {"oneOf": [TEXT, QUOTE]}}]
}
DECLARATION: dict[str, Any] = {
    "type": "object",
    "title": NOTHING_HERE,
    "description": "Passages that say nothing a fact could hold.",
    "properties": {
        NOTHING_HERE: {**TEXT, "title": "why: advert, navigation, repetition …"},
        "quote": {"$ref": "#/$defs/quotes"},
        "occurrence": QUOTE["properties"]["occurrence"],
        "wide": QUOTE["properties"]["wide"],
        "note": {**TEXT, "description": "what else is to be said of it, in your words"},
    },
    "required": [NOTHING_HERE, "quote"],
    "additionalProperties": False,
}
assert set(DECLARATION["properties"]) == {NOTHING_HERE, *FIELDS}

FACTS: dict[str, Any] = {"oneOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}]}


def schema(kinds: Mapping[str, Kind], vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the schema of ``NAME.facts.yaml``.

    A line of JSON Lines is a ``$defs/fact`` or a ``$defs/nothing-here``.
    """
    names = sorted(kinds)
    record = {"oneOf": [{"$ref": "#/$defs/fact"}, {"$ref": f"#/$defs/{NOTHING_HERE}"}]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A fact file of kgpress",
        "type": "object",
        "properties": {
            "article": {"$ref": "#/$defs/article"},
            "facts": {"type": "array", "items": record},
        },
        "additionalProperties": False,
        "$defs": {
            "quotes": QUOTES,
            "quote": QUOTE,
            NOTHING_HERE: DECLARATION,
            **{name: _kind(kinds[name], vocabulary) for name in names},
            "fact": {"oneOf": [{"$ref": f"#/$defs/{n}"} for n in names if n != "article"]},
        },
    }


def _kind(kind: Kind, vocabulary: Vocabulary) -> dict[str, Any]:
    fields = {f.name: _field(f, vocabulary) for f in (*kind.fields.values(), *STANDING)}
    node = {} if kind.name == "article" else {kind.name: {**TEXT, "title": "slug of the thing"}}
    reserved = {
        "quote": {"$ref": "#/$defs/quotes"},
        "context": {
            "oneOf": [*QUOTES["oneOf"], {"$ref": "#/$defs/quote"}],
            "description": "sentences that name what the quote only points at",
        },
        "occurrence": QUOTE["properties"]["occurrence"],
        "wide": QUOTE["properties"]["wide"],
        "id": {**TEXT, "description": "the id of the fact; a hash of it where there is none"},
        "label": {**TEXT, "description": "the label of the thing, where the usual one is not good"},
        "doubt": {**TEXT, "description": "why the article leaves this doubtful"},
        "corrects": {**FACTS, "description": "facts of which this one gives values otherwise"},
        "retracts": {**FACTS, "description": "facts that this one takes back (ARTICLE/*: all)"},
    }
    assert {*reserved, *(f.name for f in STANDING)} == set(RESERVED)
    required = [f.name for f in kind.fields.values() if f.required]
    return {
        "type": "object",
        "title": kind.name,
        "description": kind.help,
        "properties": {**node, **reserved, **fields},
        "required": [*node, *required, *([] if kind.external else ["quote"])],
        "additionalProperties": False,
    }


def _field(field: Field, vocabulary: Vocabulary) -> dict[str, Any]:
    one = dict(field.type.json)
    if issubclass(field.type, Concept):
        one = {"enum": list(vocabulary.concepts(field.type.scheme))}
    full = {
        "type": "object",
        "properties": {
            "value": one,
            "lang": TEXT,
            "rule": {"enum": sorted(RULES)},
            "text": {"oneOf": [TEXT, {"type": "array", "items": TEXT}]},
            "doubt": {**TEXT, "description": "why the article leaves this value doubtful"},
            **{name: part for name, part in QUOTE["properties"].items() if name != "quote"},
            "quote": {"$ref": "#/$defs/quotes"},
        },
        "required": ["value"],
        "additionalProperties": False,
    }
    value = {"anyOf": [one, full]}
    described = {"description": (field.type.__doc__ or "").partition("\n")[0]}
    if field.many:
        return {"anyOf": [one, full, {"type": "array", "items": value}], **described}
    return {**value, **described}
