"""What is found: rows of an index, each with the words by which it is, and how well.

    name    [name, class, address]           what something is called
    alias   [name, class, address, alias]    what else
    text    [name, class, address, text]     what it says

A row is all that is shown of a hit. Addresses are relative to the base IRI; those of pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Literal, NamedTuple

from kg.search.folding import fold, is_unspaced, words

KEY = 24
"""How many characters of a word rows are looked up by; what follows, the script compares."""

SHORT = 200
"""Characters of a name that are shown; one that is longer is found as a text."""

PASSAGE = 400
"""Bytes of a passage, at most. Texts are cut: words that are sought together stand in one."""

PASSAGES = 100
"""How many passages of a text are found."""

LONGEST = 2_000
"""Characters that an address may have."""

_CONTROLS = re.compile("[\\0-\\x1f\\x7f-\\x9f]")


class Row(NamedTuple):
    """A row."""

    kind: Literal["name", "alias", "text"]
    name: str
    type: str
    href: str
    text: str = ""


def keyed(row: Row) -> Iterator[tuple[str, bytes]]:
    """Yield the beginnings of words by which a row is found, each with the row as it is sorted.

    Of several, those come first that are called so, then those whose name has the word elsewhere,
    then aliases of what is called so, then texts; the shorter name is the better one.
    """
    name, other = words(fold(row.name)), words(fold(row.text))
    own = other if row.kind == "alias" else name
    found = dict.fromkeys(starts([*name, *other]), 3 if row.kind == "text" else 2)
    if row.kind != "text":
        found.update(dict.fromkeys(starts(own), 1))
        found.update(dict.fromkeys(islice(starts(own), 1), 0))
    called = " ".join(own)
    data = json.dumps(row if row.kind != "name" else row[:4], ensure_ascii=False)
    for key, tier in found.items():
        order = f"{tier}{len(called):05}{called}\n{row.href}\n{row.text}"
        yield key, f"{order}\0{data}".encode()


def starts(some: list[str]) -> Iterator[str]:
    """Yield what may be typed to find one of some words, as far as it is looked up by."""
    for word in some:
        for start in range(len(word)) if is_unspaced(word) else (0,):
            yield word[start : start + KEY]


def named(name: str, names: list[str], type_: str, href: str) -> Iterator[Row]:
    """Yield the rows of a thing that goes by some names, of which one is shown."""
    shown = shortened(name)
    for each in dict.fromkeys([name, *names]):
        if each == name:
            yield Row("name", shown, type_, href)
        else:
            yield Row("alias", shown, type_, href, shortened(each))
        if len(each) > SHORT:
            yield from told(name, each, type_, href)


def told(name: str, text: str, type_: str, href: str) -> Iterator[Row]:
    """Yield the rows of a text, by the name of what it belongs to."""
    for passage in passages(text):
        yield Row("text", shortened(name), type_, href, passage)


def clean(text: str) -> str:
    """Return a text in one line, without control characters, no longer than any is found."""
    return " ".join(_CONTROLS.sub(" ", text[: PASSAGE * PASSAGES]).split())


def shortened(name: str) -> str:
    """Return a name that is no longer than names are shown."""
    return name if len(name) <= SHORT else name[: SHORT - 1] + "…"


def passages(text: str) -> list[str]:
    """Return a text in passages, cut between words where there are spaces."""
    found = list[str]()
    rest = text[: PASSAGE * PASSAGES]
    while rest and len(found) < PASSAGES:
        some = rest.encode()[:PASSAGE].decode(errors="ignore")
        if some != rest and " " in some[PASSAGE // 8 :]:
            some = some[: some.rindex(" ")]
        found.append(some)
        rest = rest[len(some) :].lstrip()
    return found
