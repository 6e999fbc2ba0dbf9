"""Coverage: which sentences of the articles are behind a fact, which are declared to say nothing.

It is computed here and shown elsewhere (`kg.marked`, `kg.exporters.coverage`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from kg.dataset import Dataset
from kg.model import Article
from kg.quotes import sentence_spans, word_count


class Status(StrEnum):
    """What there is of a sentence, or of a segment of the text."""

    COVERED = "covered"
    """Behind a fact."""
    DECLARED = "nothing-here"
    """Declared to say nothing."""
    UNCOVERED = "uncovered"
    """Neither: of a sentence no word of which is behind a fact."""
    REST = "rest"
    """No sentence has it: what no quote takes in of an accounted one, and what is between them."""


class Segment(NamedTuple):
    """A stretch of the text that has one status and lies in one sentence or between two."""

    start: int
    end: int
    status: Status
    reason: str = ""
    """Why it is declared to say nothing; empty where it is not."""


class Sentence(NamedTuple):
    """A sentence, where it stands (code points), and its segments in order."""

    start: int
    end: int
    status: Status
    reasons: tuple[str, ...]
    """Why it is declared to say nothing, each reason once; empty where it is not."""
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Coverage:
    """How far an article is covered."""

    article: Article
    segments: tuple[Segment, ...]
    """They make up the text, without gap or overlap."""
    sentences: tuple[Sentence, ...]
    """Those that have a letter or a digit: others could say nothing."""
    words: Counter[Status] = field(repr=False)
    """How many words have which status."""

    def count(self, status: Status) -> int:
        """Return how many sentences have a status."""
        return sum(sentence.status is status for sentence in self.sentences)

    @property
    def missing(self) -> list[Sentence]:
        """The sentences that nothing accounts for."""
        return [s for s in self.sentences if s.status is Status.UNCOVERED]


def coverage(dataset: Dataset) -> list[Coverage]:
    """Return how far each article of a dataset is covered, in the order of their names.

    A sentence is behind a fact when a span of one of its claims takes in a letter or digit of it,
    whichever article the fact is from; it is declared to say nothing when declarations take in all
    its letters and digits.
    """
    quoted: dict[str, set[tuple[int, int]]] = {name: set() for name in dataset.articles}
    for claim in dataset.claims:
        for span in claim.spans:
            quoted[span.article.name].add((span.start, span.end))
    declared: dict[str, list[tuple[int, int, str]]] = {name: [] for name in dataset.articles}
    for declaration in dataset.declarations:
        for span in declaration.spans:
            declared[span.article.name].append((span.start, span.end, declaration.reason))
    return [
        article_coverage(article, quoted[name], declared[name])
        for name, article in sorted(dataset.articles.items())
    ]


def statuses(coverages: Iterable[Coverage]) -> Counter[Status]:
    """Return how many sentences of articles have which status."""
    return Counter(sentence.status for each in coverages for sentence in each.sentences)


def article_coverage(
    article: Article,
    quoted: Iterable[tuple[int, int]],
    declared: Iterable[tuple[int, int, str]],
) -> Coverage:
    """Return how far an article is covered by quoted ranges and by declared ones with a reason.

    The declared ranges are disjoint, and what is quoted as well as declared counts as quoted.
    """
    text, sentences = article.text, sentence_spans(article.text)
    covered = _Ranges([(start, end, Status.COVERED, "") for start, end in _merged(quoted)])
    others = _Ranges([(start, end, Status.DECLARED, why) for start, end, why in sorted(declared)])
    edges = {0, len(text)}
    for ranges in (sentences, covered, others):
        edges.update(edge for start, end, *_ in ranges for edge in (start, end))
    segments: list[Segment] = []
    found: list[Sentence] = []
    inside: list[Segment] = []
    number = 0
    for start, end in pairwise(sorted(edges)):
        status, reason = covered.at(start) or others.at(start) or (Status.REST, "")
        segment = Segment(start, end, status, reason)
        if number == len(sentences) or start < sentences[number][0]:
            segments.append(segment)
            continue
        inside.append(segment)
        if end == sentences[number][1]:
            sentence = _sentence(text, inside)
            segments += sentence.segments
            if word_count(text[sentence.start : sentence.end]):
                found.append(sentence)
            inside, number = [], number + 1
    words = Counter[Status]()
    for segment in segments:
        words[segment.status] += word_count(text[segment.start : segment.end])
    return Coverage(article, tuple(segments), tuple(found), words)


def _sentence(text: str, segments: list[Segment]) -> Sentence:
    """Return the sentence that segments make up, those that nothing accounts for told so."""
    telling = [s for s in segments if word_count(text[s.start : s.end])]
    statuses = {segment.status for segment in telling}
    status = Status.UNCOVERED
    if Status.COVERED in statuses:
        status = Status.COVERED
    elif statuses == {Status.DECLARED}:
        status = Status.DECLARED
    if status is Status.UNCOVERED and telling:
        segments = [s._replace(status=status) if s.status is Status.REST else s for s in segments]
    reasons = (s.reason for s in segments if status is Status.DECLARED and s.reason)
    return Sentence(
        segments[0].start, segments[-1].end, status, tuple(dict.fromkeys(reasons)), tuple(segments)
    )


class _Ranges(list[tuple[int, int, Status, str]]):
    """Disjoint ranges in order."""

    def at(self, offset: int) -> tuple[Status, str] | None:
        """Return what the range says in which an offset lies, if there is one."""
        index = bisect_right(self, offset, key=lambda r: r[0]) - 1
        if index < 0 or self[index][1] <= offset:
            return None
        return self[index][2:]


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ranges as disjoint ones in order; what touches becomes one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
