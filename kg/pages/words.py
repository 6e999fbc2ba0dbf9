"""Phrases with links in them: lists of texts and of terms, and how English joins them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from kg.pages.rows import Shown

Words: TypeAlias = list[str | Shown]
"""A phrase: texts, and terms that lead somewhere."""

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
_VOWEL = re.compile(r"(?!uni|use|usu|eu|one\b|url|ur[iy])[aeiou]", re.IGNORECASE)


def plain(words: Words) -> str:
    """Return a phrase as text."""
    return "".join(part if isinstance(part, str) else part.text for part in words)


def a(shown: Shown) -> Words:
    """Return a noun with its article, as its first letter wants it."""
    if shown.language not in ("", "en"):
        return [shown]
    return ["an " if _VOWEL.match(shown.text) else "a ", shown]


def quoted(shown: Shown | str) -> Words:
    """Return a name in quotation marks: that of a property, say, which may be any sort of word."""
    return ["“", shown, "”"]


def number(count: str) -> str:
    """Return a small number as a word."""
    small = count.isascii() and count.isdigit() and len(count) == 1 and int(count) < len(_NUMBERS)
    return _NUMBERS[int(count)] if small else count


def series(phrases: Sequence[Words], last: str) -> Words:
    """Return phrases joined by commas, the last by a word: ``a, b or c``."""
    found: Words = []
    for place, phrase in enumerate(phrases):
        if place:
            found.append(f" {last} " if place == len(phrases) - 1 else ", ")
        found += phrase
    return found


def joined(phrases: Iterable[Words], between: str) -> Words:
    """Return phrases with a text between them."""
    found: Words = []
    for phrase in phrases:
        found += [between, *phrase] if found else phrase
    return found


def sentence(words: Words) -> Words:
    """Return a phrase as a sentence, texts that follow one another made one."""
    found: Words = []
    for part in [*words, "."]:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    if found and isinstance(found[0], str):
        found[0] = found[0][:1].upper() + found[0][1:]
    return found
