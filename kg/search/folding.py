"""Texts as search compares them: without case, accents and what nobody sees; cut into words.

`kg/pages/scripts/search-words.js` does the same in browsers, with the same ranges of code points,
so that little depends on which version of Unicode either knows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

ACCENTS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
"""Marks that words are written with or without: of Latin, Greek, Cyrillic, Hebrew and Arabic.

Those of other scripts, such as the vowels of Devanagari or Thai, are letters to who reads them.
"""

UNSEEN = (
    "\u00ad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff"
)
"""What changes nothing of a word: soft hyphens, joiners, directions, variants, kashida."""

UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f"
    "\u1780-\u17d3\u17dc\u17dd\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c"
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua000-\ua48c\uf900-\ufaff\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
"""Letters of scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han, Yi."""

_DROPPED = re.compile(f"[{ACCENTS}{UNSEEN}]+")


def fold(text: str) -> str:
    """Return what all ways to write a text have in common.

    Compatibility decomposition (Unicode Standard Annex 15), no accents, no case: as upper and then
    lower case maps it, whatever the language (Unicode Standard, section 3.13); sigma is one letter.
    """
    bare = _DROPPED.sub("", unicodedata.normalize("NFKD", text))
    return bare.lower().upper().lower().replace("ς", "σ")


def words(text: str) -> list[str]:
    """Return the words of a folded text in their order.

    A word is as many letters, digits and marks as there are on end; of scripts without spaces, as
    many of their letters; or one symbol.
    """
    return _pattern().findall(text)


def is_unspaced(word: str) -> bool:
    """Whether a word may begin at any of its letters."""
    return _unspaced().match(word) is not None


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


@cache
def _pattern() -> re.Pattern[str]:
    letters, symbols = _class("L", "M", "N"), _class("Sc", "Sm", "So")
    return re.compile(f"[{UNSPACED}]+|(?:(?![{UNSPACED}])[{letters}])+|[{symbols}]")


def _class(*categories: str) -> str:
    """Return a class of characters, for a regular expression, of general categories.

    From plane 2 on all that words have is Han.
    """
    ranges: list[list[int]] = []
    for code in range(0x20000):
        if unicodedata.category(chr(code)).startswith(categories):
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)
