"""From verbatim quotes to spans, and whether a value stands in its quote.

Offsets are code points of the strictly decoded bytes (`kg.model.Article.text`). Finding is exact;
only the question whether a value stands in a quote folds case, compatibility forms and quotation
marks, because machine-made texts write ``Quality‘s`` for ``Quality's``.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import lru_cache

from kg.model import Article, Span

_MARKS = str.maketrans(dict.fromkeys("'‘’‚‛`´′ʼ\"“”„‟″«»‹›「」『』", "'"))
# No run of stops or spaces is tried but from its first character, nor given back: a text of a
# million dots takes no longer than another.
_SENTENCE_END = re.compile(
    r"""
    (?=[.!?…。！？।؟ \t\r\n])(?:             # so that nothing else is tried at other characters
    (?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bSt)(?<!\bNo)(?<!\bvs)(?<!\bCo)(?<!\bMrs)(?<!\bInc)(?<!\bLtd)
    (?:(?<![.!?…])[.!?…]++["'”’»)\]]*+(?=\s+["'“‘«(\[”„‚‹¡¿—–-]*[^\W_])  # and a word follows
      |[。！？।؟]++[”’」』）]*+)             # stops of scripts that put no space after them
    |(?<![ \t])[ \t]*+(?:\r\n?|\n)\s*+)  # a line end always ends a sentence
    """,
    re.VERBOSE,
)
_STOP = re.compile(r"[.!?…。！？।؟\r\n]")  # without one of these, no sentence ends
_UNSPACED = "\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
"""Thai and Lao; kana and Han; Hangul, where particles and units follow a word without a space."""
_WITHOUT_SPACES = re.compile(f"[{_UNSPACED}]")
WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_NUMBER_BEFORE = re.compile(r"\d[.,]$|(?<!\d)\d{1,3}[ ']$|(?<![\w])-$")
_RAISED = re.compile("([²³¹¼-¾⁰-⁹₀-₉⅐-⅟↉①-⒛⓪-⓿❶-➓]+)")
"""Raised and lowered digits, fractions, numbers in circles: numbers that are no digits."""


class QuoteError(ValueError):
    """A quote cannot be found, or not told apart; the message says what is wrong."""

    def __init__(self, message: str, mend: str, span: Span | None = None) -> None:
        """Say what is wrong and how to mend it; ``span`` is the nearest passage, if any."""
        super().__init__(message)
        self.mend = mend
        self.span = span


def find(article: Article, quote: str, occurrence: int | None = None) -> Span:
    """Return where a quote stands in an article.

    A quote that stands there more than once needs its ``occurrence``, counted from 1.
    Raises `QuoteError` when it is not there, or there more often than said.
    """
    text = article.text
    start = text.find(quote) if quote else -1
    once = start >= 0 and text.find(quote, start + 1) < 0  # as most quotes do
    found = (start,) if once else _found(text, quote)
    if not found:
        raise _missing(article, quote)
    if occurrence is None:
        if len(found) > 1:
            lines = ", ".join(str(article.place(start).line) for start in found[:5])
            raise QuoteError(
                f"the quote stands {len(found)} times in the article (lines {lines})",
                f"add occurrence: 1 … {len(found)}, or quote more of the sentence",
                Span(article, found[0], found[0] + len(quote)),
            )
        occurrence = 1
    elif occurrence > len(found):
        raise QuoteError(
            f"occurrence {occurrence} of a quote that stands {len(found)} times in the article",
            f"write an occurrence from 1 to {len(found)}",
            Span(article, found[-1], found[-1] + len(quote)),
        )
    start = found[occurrence - 1]
    span = Span(article, start, start + len(quote))
    if not _whole(text, span.start, span.end):
        raise QuoteError(
            "the quote begins or ends within a word or number",
            "quote whole words: a value must not look whole because the rest was cut off",
            span,
        )
    return span


@lru_cache(maxsize=64)
def _found(text: str, quote: str) -> tuple[int, ...]:
    return tuple(starts(text, quote))


def starts(text: str, quote: str) -> Iterator[int]:
    """Yield where a quote stands in a text, as `occurrence` counts: overlapping ones too."""
    start = text.find(quote) if quote else -1
    while start >= 0:
        yield start
        start = text.find(quote, start + 1)


def _missing(article: Article, quote: str) -> QuoteError:
    nearest = nearest_passage(article, quote)
    if nearest is None:
        return QuoteError(
            "the quote is not in the article",
            "copy the words from the article exactly as they stand",
        )
    return QuoteError(
        f"the quote is not in the article; the nearest passage differs so: "
        f"{difference(quote, nearest.quote)}",
        "copy the words from the article exactly ({+article has+}, [-only the quote has-])",
        nearest,
    )


def nearest_passage(article: Article, quote: str) -> Span | None:
    """Return the passage most like a quote that is not there, or None when none is like it.

    The longest run of words that both share anchors it, so the work is linear in the article.
    """
    wanted = re.findall(r"\w+", quote[:2000].casefold())
    if not wanted:
        return None
    words, folded, positions = _words(article.text)
    votes: dict[int, int] = {}
    for offset, word in enumerate(wanted):
        for index in positions.get(word, ())[:1000]:
            # Words vote for where the quote would begin; a few missing words shift it a little.
            votes[index - offset] = votes.get(index - offset, 0) + 1
    if not votes:
        return None

    def support(first: int) -> int:
        return sum(votes.get(first + shift, 0) for shift in range(-2, 3))

    first, _ = max(votes.items(), key=lambda vote: (support(vote[0]), vote[1], -vote[0]))
    if support(first) * 3 < len(wanted):
        return None
    begin = _near(folded, wanted[0], max(first, 0))
    end = max(_near(folded, wanted[-1], first + len(wanted) - 1), begin)
    start, stop = words[begin][0], words[end][1]
    if start and article.text[start - 1] == quote[0]:  # a mark, for a word begins here
        start -= 1
    if quote[-1:] and stop < len(article.text) and article.text[stop] == quote[-1]:
        stop += 1
    return Span(article, start, stop)


@lru_cache(maxsize=4)
def _words(text: str) -> tuple[list[tuple[int, int]], list[str], dict[str, list[int]]]:
    """Return where the words of a text stand, the words folded, and the numbers of each."""
    spans = [word.span() for word in re.finditer(r"\w+", text)]
    folded = [sys.intern(text[start:end].casefold()) for start, end in spans]
    positions: dict[str, list[int]] = {}
    for index, form in enumerate(folded):
        positions.setdefault(form, []).append(index)
    return spans, folded, positions


def _near(words: list[str], word: str, index: int) -> int:
    """Return the index nearest to another at which a word stands, or that one itself."""
    index = min(index, len(words) - 1)
    around = sorted(
        range(max(index - 6, 0), min(index + 7, len(words))), key=lambda i: abs(i - index)
    )
    return next((i for i in around if words[i] == word), index)


def difference(quote: str, passage: str) -> str:
    """Return a passage with its differences from a quote: ``[-only quote-]{+only article+}``."""
    ours, theirs = re.findall(r"\w+|\s+|.", quote[:600]), re.findall(r"\w+|\s+|.", passage[:600])
    out: list[str] = []
    for tag, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag == "equal":
            same = "".join(ours[a:b])
            out.append(same if len(same) <= 40 else f"{same[:18]} … {same[-18:]}")
            continue
        if a < b:
            out.append("[-" + "".join(ours[a:b]) + "-]")
        if c < d:
            out.append("{+" + "".join(theirs[c:d]) + "+}")
    return " ".join("".join(out).split())


@lru_cache(maxsize=16)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return the sentences of a text as half-open ranges without surrounding white space.

    A sentence ends at a line end, at ``. ! ? …`` (with closing marks) before white space and a
    word, and at ``。！？``; not after Mr, Dr, Co, Ltd and the like.
    """
    sentences: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        _add_sentence(text, start, match.end(), sentences)
        start = match.end()
    _add_sentence(text, start, len(text), sentences)
    return tuple(sentences)


def _add_sentence(text: str, start: int, end: int, sentences: list[tuple[int, int]]) -> None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        sentences.append((start, end))


def sentences_of(span: Span) -> list[tuple[int, int]]:
    """Return the sentences of the article of which a span takes in a letter or digit."""
    text = span.article.text
    sentences = sentence_spans(text)
    found = []
    for index in range(bisect_right(sentences, span.start, key=lambda s: s[1]), len(sentences)):
        start, end = sentences[index]
        if start >= span.end:
            break
        if WORD.search(text, max(start, span.start), min(end, span.end)):
            found.append((start, end))
    return found


def sentence_count(span: Span) -> int:
    """Return of how many sentences of the article a span takes in a letter or digit."""
    text = span.article.text
    stop = _STOP.search(text, span.start, span.end)
    if not (stop and WORD.search(text, stop.end(), span.end)):
        # As most: no word comes after a stop, so that the article need not be cut into sentences.
        return 1 if WORD.search(text, span.start, span.end) else 0
    return len(sentences_of(span))


def word_count(text: str) -> int:
    """Return how many words a text has; in scripts without spaces, each letter counts as one."""
    return sum(1 for _ in WORD.finditer(text))


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Fold what may differ between a value and its quote: NFKC, case, quotation marks, space."""
    if text.isascii():
        return " ".join(text.translate(_MARKS).lower().split())
    runs = _RAISED.split(text)  # 10² is not 102, nor 1½ the same as 11/2
    runs[::2] = (unicodedata.normalize("NFKC", run) for run in runs[::2])
    folded = "".join(runs).translate(_MARKS).casefold()
    return " ".join(folded.translate(_MARKS).split())


def stands_in(form: str, quote: str, longer: Iterable[str] = ()) -> bool:
    """Whether a form of a value stands in a quote as whole tokens ("Xi" is not in "Xiaomi").

    What stands there only within one of the ``longer`` forms, which mean something else, does not.
    """
    found = places(form, fold(quote))
    return bool(found) and is_free(found, longer, fold(quote))


def places(form: str, hay: str) -> list[tuple[int, int]]:
    """Return where a form stands in a folded text as whole tokens."""
    needle = fold(form)
    found = []
    start = hay.find(needle) if needle else -1
    while start >= 0:
        if _whole(hay, start, start + len(needle)):
            found.append((start, start + len(needle)))
        start = hay.find(needle, start + 1)
    return found


def is_free(found: list[tuple[int, int]], longer: Iterable[str], hay: str) -> bool:
    """Whether one of the places of a form does not lie within one of the longer forms."""
    if not longer:
        return True
    others = [place for form in longer for place in places(form, hay)]
    return not all(any(o[0] <= p[0] and p[1] <= o[1] for o in others) for p in found)


def _whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and _joined(before, text[start]):
        return False
    if after and _joined(text[end - 1], after):
        return False
    # 366 is not in 1,366 nor in 1 366, 1 not in 1.10, 5 not in -5: a number is whole.
    if text[start].isdigit() and _NUMBER_BEFORE.search(text[max(start - 8, 0) : start]):
        three = re.match(r"\d{3}(?!\d)", text[start:])
        if three or text[start - 1] not in " '":
            return False
    return not (text[end - 1].isdigit() and re.match(r"[.,]\d|[ ']\d{3}(?!\d)", text[end:]))


@lru_cache(maxsize=65536)
def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one token (scripts without spaces: never)."""
    if unicodedata.category(right)[0] == "M":
        return True  # a sign that belongs to the letter before it
    return left.isalnum() and right.isalnum() and not _WITHOUT_SPACES.search(left + right)
