"""Coverage as people see it: shares, what is missing, and an article with all of it marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

import click

from kg.coverage import Coverage, Segment, Status
from kg.quotes import sentence_spans, word_count
from kg.reports.text import printable, table, width

SIGNS = {Status.COVERED: "✓", Status.DECLARED: "·", Status.UNCOVERED: "✗", Status.REST: " "}
COLUMNS = (
    *("article", "sentences", "behind facts", "declared", "uncovered"),
    *("accounted for", "words behind facts"),
)
LEGEND = "✓ behind a fact   · declared ‹why: to say nothing›   ✗ uncovered"
OPEN, CLOSE = "⟦", "⟧"


def percent(part: int, whole: int) -> int:
    """Return how much of the whole a part is: 100 is all of it, never nearly all."""
    return 100 * part // whole if whole else 100


def share(counts: Counter[Status]) -> str:
    """Return how many sentences are accounted for, and how, in one line."""
    total, missing = counts.total(), counts[Status.UNCOVERED]
    parts = [
        f"{counts[Status.COVERED]:,} behind facts",
        f"{counts[Status.DECLARED]:,} declared to say nothing",
        *([f"{missing:,} uncovered"] if missing else []),
    ]
    sentences = f"{total:,} sentence{'s' * (total != 1)}"
    return f"{percent(total - missing, total)} % of {sentences}: {', '.join(parts)}"


def shares(coverages: Iterable[Coverage]) -> Iterator[str]:
    """Yield the lines of a table of articles and their shares."""
    return table(COLUMNS, map(_row, coverages), numbers=True)


def _row(article: Coverage) -> tuple[str, ...]:
    total, missing = len(article.sentences), len(article.missing)
    words, covered = article.words.total(), article.words[Status.COVERED]
    return (
        printable(article.article.name),
        f"{total:,}",
        f"{article.count(Status.COVERED):,}",
        f"{article.count(Status.DECLARED):,}",
        f"{missing:,}",
        f"{percent(total - missing, total)} %",
        f"{percent(covered, words)} %",
    )


def missing(coverages: Iterable[Coverage]) -> Iterator[str]:
    """Yield a line for each uncovered sentence: where it stands, and its words."""
    for coverage in coverages:
        article = coverage.article
        for sentence in coverage.missing:
            words = _shown(article.text[sentence.start : sentence.end])
            yield f"{printable(str(article.place(sentence.start)))}: {words}"


def marked_text(coverage: Coverage, *, colour: bool, columns: int | None = None) -> Iterator[str]:
    """Yield the lines of an article, a sentence on each, the sign of its status before it.

    Without colour, brackets are round the words that no quote takes in. With a number of columns,
    longer lines are broken.
    """
    article, text = coverage.article, coverage.article.text
    statuses = {sentence.start: sentence.status for sentence in coverage.sentences}
    margin, before = len(str(article.place(len(text)).line)), 0
    for (start, _), segments in _by_sentence(coverage):
        line = article.place(start).line
        if before and line > before + 1:
            yield ""
        number = str(line) if line != before else ""
        before = line
        status = statuses.get(start, Status.REST)
        cells = list(_cells(text, segments, colour))
        rows = _broken(cells, max(columns - margin - 3, 20)) if columns else [cells]
        for row in rows:
            sign = _styled(SIGNS[status], status) if colour else SIGNS[status]
            yield f"{number:>{margin}} {sign} {_painted(row, colour)}".rstrip()
            number, status = "", Status.REST


def _by_sentence(coverage: Coverage) -> Iterator[tuple[tuple[int, int], list[Segment]]]:
    """Yield each sentence, those of mere signs too, with its segments."""
    rest = iter(coverage.segments)
    for start, end in sentence_spans(coverage.article.text):
        inside: list[Segment] = []
        while not inside or inside[-1].end < end:
            segment = next(rest)
            if segment.start >= start:
                inside.append(segment)
        yield (start, end), inside


class _Cell(NamedTuple):
    """A character as it is shown, or what marks its neighbours, and its status."""

    shown: str
    status: Status


def _cells(text: str, segments: list[Segment], colour: bool) -> Iterator[_Cell]:
    for segment in segments:
        words, status = text[segment.start : segment.end], segment.status
        head = tail = ""
        if status is Status.DECLARED:
            head, tail = f"‹{_shown(segment.reason)}: ", "›"
        elif status is not Status.COVERED and not colour and word_count(words):
            # White space stays outside of the brackets.
            head, tail = OPEN, CLOSE
        inner = words.strip() if head else words
        before, _, after = words.partition(inner) if inner else ("", "", words)
        shown = (*before, *head, *inner, *tail, *after)
        yield from (_Cell(_shown(character), status) for character in shown)


def _broken(cells: list[_Cell], columns: int) -> Iterator[list[_Cell]]:
    """Yield rows of cells, broken after white space or wide characters where there are any."""
    while cells:
        used, end, best = 0, 0, 0
        while end < len(cells) and (fits := used + width(cells[end].shown)) <= columns:
            used, end = fits, end + 1
            if cells[end - 1].shown == " " or width(cells[end - 1].shown) > 1:
                best = end
        if end < len(cells) and cells[end].shown != " ":
            end = best or max(end, 1)
        yield cells[:end]
        while end < len(cells) and cells[end].shown == " ":
            end += 1
        cells = cells[end:]


def _painted(cells: list[_Cell], colour: bool) -> str:
    pieces = (
        ("".join(cell.shown for cell in group), status)
        for status, group in groupby(cells, key=lambda cell: cell.status)
    )
    return "".join(_styled(piece, status) if colour else piece for piece, status in pieces)


def _styled(text: str, status: Status) -> str:
    if status is Status.COVERED:
        return click.style(text, fg="green")
    if status is Status.DECLARED:
        return click.style(text, dim=True)
    if status is Status.UNCOVERED:
        return click.style(text, fg="red", bold=True)
    return text


def _shown(text: str) -> str:
    return printable(text.replace("\t", " "))
