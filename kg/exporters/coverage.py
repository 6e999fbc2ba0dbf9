"""Coverage as JSON: what of which article is behind facts, sentence by sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from kg.coverage import Coverage, Sentence, Status, coverage

if TYPE_CHECKING:
    from kg.dataset import Dataset

SENTENCES = (Status.COVERED, Status.DECLARED, Status.UNCOVERED)
"""What a sentence may be."""


def full(dataset: Dataset) -> Iterator[bytes]:
    """Yield the coverage of all articles."""
    return document(coverage(dataset))


def document(coverages: Iterable[Coverage]) -> Iterator[bytes]:
    """Yield the coverage of articles as one JSON object, a sentence on each line."""
    return joined(entry(each).encode() for each in coverages)


def joined(entries: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the object of entries that are written already."""
    yield b'{"articles": ['
    between = b"\n "
    for each in entries:
        yield between
        yield each
        between = b",\n "
    yield b"\n]}\n"


def entry(article: Coverage) -> str:
    """Return the entry of an article."""
    head = _json(_head(article)).removesuffix("}")
    lines = ",".join(f"\n  {_json(_sentence(sentence))}" for sentence in article.sentences)
    return f'{head}, "sentences": [{lines}\n ]}}'


def _head(article: Coverage) -> dict[str, Any]:
    return {
        "path": article.article.path,
        "sha256": article.article.sha256,
        "counts": {
            "sentences": len(article.sentences),
            **{status: article.count(status) for status in SENTENCES},
        },
        "words": {
            "total": article.words.total(),
            **{status: article.words[status] for status in Status},
        },
    }


def _sentence(sentence: Sentence) -> dict[str, Any]:
    reasons = {"reason": "; ".join(sentence.reasons)} if sentence.reasons else {}
    return {
        "start": sentence.start,
        "end": sentence.end,
        "status": sentence.status,
        **reasons,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
