"""The fields of one record, wherever they stand in it, and the problems found in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from json.encoder import encode_basestring as quoted

from kg.model import Article, Place, Problem, Span
from kg.records import Path, Raw, Record


@dataclass
class Body:
    """The fields of a record without its kind, and where they stand."""

    record: Record
    prefix: Path
    fields: dict[str, Raw]
    problems: list[Problem] = field(default_factory=list)
    check: str = "facts"

    def of(self, check: str) -> Body:
        """Return the same body, whose problems are noted as what another check found."""
        return Body(self.record, self.prefix, self.fields, self.problems, check)

    def place(self, path: Path = (), *, key: bool = False) -> Place:
        """Return the place of a field's value, or of its key."""
        return self.record.place((*self.prefix, *path), key=key)

    def add(
        self, path: Path, message: str, mend: str, *, key: bool = False, see: Span | None = None
    ) -> None:
        """Note a problem of the field at a path."""
        at = see.place if see else None
        place = self.place(path, key=key)
        self.problems.append(Problem(place, message, mend, check=self.check, see=at))

    def text(self, name: str) -> str:
        """Return the text of a field, bare or its ``value``; '' where there is none."""
        raw = self.fields.get(name)
        if isinstance(raw, dict):
            raw = raw.get("value", raw)
        if raw is None:
            return ""
        if isinstance(raw, str) and raw.strip():
            return raw
        self.add((name,), f"'{name}' is text", "write one value, or leave it out")
        return ""


def is_header(record: Record) -> bool:
    """Whether a record is the header of its article: a fact about the article itself."""
    return len(record.data) == 1 and isinstance(record.data.get("article"), dict)


def kind_and_slug(record: Record, article: Article) -> tuple[str, str]:
    """Return the kind and slug of a record: its first key and what stands there.

    The slug of a header is its article's name.
    """
    name, value = next(iter(record.data.items()), ("", ""))
    if is_header(record):
        return name, article.name
    return name, value if isinstance(value, str) else ""


def body_of(record: Record) -> Body:
    """Return the fields of a record without its kind."""
    name, value = next(iter(record.data.items()), ("", ""))
    if is_header(record) and isinstance(value, dict):
        return Body(record, (name,), value)
    fields = {**record.data}
    fields.pop(name, None)
    return Body(record, (), fields)


def fact_hash(record: Record) -> str:
    """Return the id of a fact that has no explicit one: a hash of what it says.

    It is taken over the JSON of its record, keys sorted, without spaces and ASCII escaping.
    """
    return hashlib.sha256(_json(record.data).encode()).hexdigest()[:12]


def _json(raw: Raw) -> str:
    # Texts, lists and mappings are all there is: an encoder takes twice as long to see that.
    if isinstance(raw, str):
        return quoted(raw)
    if isinstance(raw, list):
        return f"[{','.join(map(_json, raw))}]"
    fields = [
        f"{quoted(key)}:{quoted(value) if isinstance(value, str) else _json(value)}"
        for key, value in sorted(raw.items())
    ]
    return f"{{{','.join(fields)}}}"


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return a mend that guesses the name that was meant, and lists those that are allowed."""
    names = sorted(allowed)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    guess = f"did you mean '{close[0]}'? " if close else ""
    return f"{guess}allowed: {', '.join(names)}"
