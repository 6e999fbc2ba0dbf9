"""The quotes of facts and of single values: from what a fact file writes to spans."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kg import quotes
from kg.body import Body, nearest
from kg.model import Article, Span
from kg.records import Path, Raw

QUOTING = ("quote", "occurrence", "article", "wide")
"""Where a quote stands: its words, which occurrence, in which article, why it is so wide."""


@dataclass(frozen=True)
class Quoting:
    """Finds the quotes of one article's facts; a quote may name another article of the folder."""

    article: Article
    articles: Mapping[str, Article]

    def find(self, body: Body, parts: Mapping[str, Raw], path: Path) -> tuple[Span, ...]:
        """Return the spans of ``parts["quote"]``, one text or a list; problems go to the body."""
        body, raw = body.of("quote"), parts.get("quote")
        if not isinstance(raw, str):
            for name in QUOTING[1:]:
                if name in parts:
                    mend = "write it beside one quote, within the list where there are several"
                    body.add((*path, name), f"'{name}' belongs to one quote", mend, key=True)
        if isinstance(raw, list | dict):
            return self.several(body, raw, (*path, "quote"))
        if raw is None:
            return ()
        span = self._one(body, parts, (*path, "quote"))
        return (span,) if span else ()

    def several(self, body: Body, raw: Raw, path: Path) -> tuple[Span, ...]:
        """Return the spans of a text, of a mapping with ``quote``, or of a list of such."""
        body, items = body.of("quote"), raw if isinstance(raw, list) else [raw]
        spans = []
        for index, item in enumerate(items):
            parts = item if isinstance(item, dict) else {"quote": item}
            at = (*path, index) if isinstance(raw, list) else path
            for name in parts:
                if name not in QUOTING:
                    mend = nearest(name, QUOTING)
                    body.add((*at, name), f"unknown part '{name}' of a quote", mend, key=True)
            span = self._one(body, parts, (*at, "quote"))
            if span:
                spans.append(span)
        return tuple(spans)

    def _one(self, body: Body, parts: Mapping[str, Raw], path: Path) -> Span | None:
        text, occurrence = parts.get("quote"), parts.get("occurrence", "")
        if not isinstance(text, str) or not text.strip():
            body.add(path, "a quote is one text", "write the exact words of the article")
            return None
        if occurrence and not (isinstance(occurrence, str) and counts(occurrence)):
            body.add((*path[:-1], "occurrence"), "an occurrence is a number", "count from 1")
            return None
        article = self.article
        if "article" in parts:
            named = self.named(parts["article"])
            if isinstance(named, str):
                mend = "write as much of an article's name as tells it apart"
                body.add(path, named, mend)
                return None
            article = named
        try:
            span = quotes.find(article, text, int(str(occurrence)) if occurrence else None)
        except quotes.QuoteError as error:
            body.add(path, str(error), error.mend, see=error.span)
            return None
        wide = parts.get("wide", "none")
        if not isinstance(wide, str) or not wide.strip():
            body.add((*path[:-1], "wide"), "'wide' is a reason", "say why the quote is so wide")
            return None
        if "wide" not in parts and (sentences := quotes.sentence_count(span)) > 1:
            mend = "quote them one by one as a list, or add wide: with the reason"
            body.add(path, f"the quote takes in {sentences} sentences", mend, see=span)
            return None
        return span

    def named(self, wanted: Raw) -> Article | str:
        """Return the article of a name, or of the beginning of one; or why there is none."""
        found = beginning(str(wanted), self.articles)
        if len(found) == 1:
            return self.articles[found[0]]
        return not_one(str(wanted), len(found))


def beginning(wanted: str, names: Collection[str]) -> list[str]:
    """Return the article of that name, or else those whose names begin so."""
    return [wanted] if wanted in names else [n for n in names if n.startswith(wanted)]


def not_one(wanted: str, number: int) -> str:
    """Say that no article's name, or those of several, begin so."""
    if not number:
        return f"no article has a name that begins with '{wanted}'"
    return f"the names of {number} articles begin with '{wanted}'"


def counts(text: str) -> bool:
    """Whether a text is the number of an occurrence."""
    return text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0


def quotes_of(raw: Raw, keys: Path = ()) -> Iterator[tuple[Path, Mapping[str, Raw]]]:
    """Yield every quote of a record: where its words stand, and its parts.

    ``quote`` is one text beside its parts, or a list; its items, like those of ``context``, are
    texts, or mappings of parts.
    """
    if isinstance(raw, list):
        for number, item in enumerate(raw):
            yield from quotes_of(item, (*keys, number))
    elif isinstance(raw, dict):
        for name, value in raw.items():
            if name == "quote" and isinstance(value, str):
                yield (*keys, name), raw
            elif name in ("quote", "context"):
                yield from _items(value, (*keys, name))
            else:
                yield from quotes_of(value, (*keys, name))


def _items(raw: Raw, keys: Path) -> Iterator[tuple[Path, Mapping[str, Raw]]]:
    items = [((*keys, n), item) for n, item in enumerate(raw)] if isinstance(raw, list) else None
    for at, item in items or [(keys, raw)]:
        if isinstance(item, str):
            yield at, {"quote": item}
        elif isinstance(item, dict) and isinstance(item.get("quote"), str):
            yield (*at, "quote"), item
