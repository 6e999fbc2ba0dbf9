"""Which quotes of fact files still mean the passage that was published, their articles changed.

An offset is computed from its quote, so what can go wrong when an article changes is that the quote
is lost, stands more than once now, or that its ``occurrence`` counts to another passage. Every
quote is compared with the passage of the same words that was published for its fact.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from kg import quotes
from kg.body import body_of, fact_hash, is_header, kind_and_slug
from kg.changes.anchors import Anchor, State, Text
from kg.changes.baseline import Baseline, BaselineError, read_baseline
from kg.changes.occurrences import LayoutError, with_occurrences
from kg.dataset import Dataset
from kg.declarations import is_declaration
from kg.iris import Iris, segment
from kg.model import Article, Place, Problem, Severity
from kg.publish import replace_file
from kg.quoting import Quoting, counts, quotes_of
from kg.records import Path as Keys
from kg.records import Record, read_records
from kg.seeds import Seeds, read_seeds

DUMP = Path("data") / "kg.nq"
"""The dump in a published folder that tells what was published."""

Key: TypeAlias = tuple[str, str, str]
"""What facts are matched by that were edited: article, kind, and what they are about."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """One quote of a fact file, taken from an article that has changed."""

    file: str
    """The name of the article in whose fact file it stands."""
    record: int
    """The number of its record in that file."""
    keys: Keys
    """Where its words stand in the record."""
    words: str
    occurrence: int | None
    article: Article
    """The article from which it is taken."""
    place: Place
    fact: str
    """The IRI of its fact."""
    about: Key


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a quote: where its passage stands now, and where the quote is found."""

    quoted: Quoted
    state: State
    passage: int | None
    """Where the published passage begins now; None if it is lost."""
    taken: int | None
    """Where the quote is found as it is written; None if it cannot be."""
    occurrence: int | None
    """The occurrence that means the passage; None where the words stand once."""

    @property
    def misplaced(self) -> bool:
        """Whether the quote, as it is written, does not mean its passage, though that is known."""
        return self.passage is not None and self.passage != self.taken


def compare(seeds: Seeds, iris: Iris, baseline: Baseline) -> list[Verdict]:
    """Return what became of the quotes of articles that have changed, in the order of places."""
    quoted = list(_quoted(seeds, iris, baseline))
    ids = set(_ids(seeds, iris, baseline))
    texts = {name: Text(seeds.articles[name].text) for name in baseline.anchors}
    verdicts = []
    for quote, anchors, several in _matched(quoted, ids, baseline):
        once = quote.occurrence is None and not several
        verdicts.append(_verdict(quote, anchors, texts[quote.article.name], once))
    return sorted(verdicts, key=lambda v: (v.quoted.place, v.quoted.keys))


def changes(dataset: Dataset, published: Path) -> Iterator[Problem]:
    """Yield what a curator should know of articles that have changed since they were published."""
    dump = published / DUMP
    if dataset.description is None:
        return
    try:
        baseline = read_baseline(dump, dataset.iris, dataset.articles)
    except BaselineError as error:
        mend = "build the dataset again; quotes of changed articles were not compared"
        message = f"what was published cannot be read: {error}"
        place = Place(Path(os.path.relpath(dump, dataset.folder)).as_posix())
        yield Problem(place, message, mend, Severity.WARNING, check="anchors")
        return
    if not baseline.anchors:
        return
    seeds = read_seeds(dataset.folder)
    if any(seeds.articles.get(name) != dataset.articles[name] for name in baseline.anchors):
        return  # changed again at this very moment
    verdicts = compare(seeds, dataset.iris, baseline)
    by_article: dict[str, list[Verdict]] = {name: [] for name in sorted(baseline.anchors)}
    for verdict in verdicts:
        by_article[verdict.quoted.article.name].append(verdict)
    for name, of_article in by_article.items():
        states = Counter(v.state for v in of_article)
        told = ", ".join(f"{states[state]:,} {state}" for state in State)
        message = f"the article has changed since it was published; of its quotes {told}"
        misplaced = sum(v.misplaced for v in of_article)
        mend = f"kg reanchor puts {misplaced:,} right" if misplaced else ""
        if states[State.LOST]:
            mend = f"{mend}, and lists those lost" if mend else "kg reanchor lists those lost"
        place = Place(dataset.articles[name].path)
        yield Problem(place, message, mend, Severity.INFO, check="anchors")
    for verdict in verdicts:
        if verdict.taken is not None and (problem := problem_of(verdict)):
            yield problem


def problem_of(verdict: Verdict) -> Problem | None:
    """Return what is wrong with a quote that is lost, or means another passage than it did."""
    quoted, article = verdict.quoted, verdict.quoted.article
    if verdict.passage is not None and verdict.misplaced:
        line = article.place(verdict.passage).line
        message = f"the passage that was published stands now in line {line}"
        if verdict.taken is not None:
            message += f", but the quote is taken from line {article.place(verdict.taken).line}"
        number = verdict.occurrence
        mend = f"write occurrence: {number}" if number else "leave out its occurrence:"
        mend += ", as kg reanchor does"
        see = article.place(verdict.passage)
        return Problem(quoted.place, message, mend, check="anchors", see=see)
    if verdict.state is not State.LOST:
        return None
    try:
        quotes.find(article, quoted.words, quoted.occurrence)
    except quotes.QuoteError as error:
        at = error.span.place if error.span else None
        return Problem(quoted.place, str(error), error.mend, check="anchors", see=at)
    message = "the article has changed, and whether this is the published passage cannot be told"
    mend = "look at it, and mend its occurrence: if it is another"
    see = article.place(verdict.taken or 0)
    return Problem(quoted.place, message, mend, Severity.WARNING, check="anchors", see=see)


def rewritten(
    file: Path, seeds: Seeds, verdicts: Iterable[Verdict], *, dry_run: bool
) -> Problem | None:
    """Write the occurrences of misplaced quotes into their fact file; return what prevents it."""
    misplaced = list(verdicts)
    quoted = misplaced[0].quoted
    data = file.read_bytes()
    records, _ = read_records(quoted.place.path, data)
    if records != seeds.records[quoted.file]:
        return Problem(Place(quoted.place.path), "the file has changed just now", "try again")
    wanted = {(v.quoted.record, v.quoted.keys): v.occurrence for v in misplaced}
    try:
        changed = with_occurrences(quoted.place.path, data, wanted)
    except LayoutError:
        message = "its layout leaves no place for an occurrence: nothing was written"
        return Problem(Place(quoted.place.path), message, "write those that are listed yourself")
    if not dry_run:
        replace_file(file, changed)
    return None


def _verdict(quoted: Quoted, anchors: list[Anchor], text: Text, once: bool) -> Verdict:
    starts = text.starts(quoted.words)
    number = quoted.occurrence or (1 if len(starts) == 1 else 0)
    taken = _found(quoted, starts, number)
    placed = [text.place(anchor, once) for anchor in anchors]
    # Of several that may be meant, the one that the quote is taken from is.
    sure = placed if len(placed) == 1 else [p for p in placed if p.start == taken]
    for state, start in ((p.state, p.start) for p in sure[:1] if p.start is not None):
        number = bisect_right(starts, start)
        if _found(quoted, starts, number) is not None:
            occurrence = number if len(starts) > 1 else None
            return Verdict(quoted, state, start, taken, occurrence)
    return Verdict(quoted, State.LOST, None, taken, None)


def _found(quoted: Quoted, starts: list[int], number: int) -> int | None:
    """Return where an occurrence begins; None if there is none, or it is part of a word."""
    if not 0 < number <= len(starts):
        return None
    try:
        return quotes.find(quoted.article, quoted.words, number).start
    except quotes.QuoteError:
        return None


def _matched(
    quoted: list[Quoted], ids: set[str], baseline: Baseline
) -> Iterator[tuple[Quoted, list[Anchor], bool]]:
    """Yield the quotes that were published, each with its passage, or all that it may be.

    A fact is the published one that has its id; else it was edited, and is any of those about the
    same thing, of the same kind and article, whose ids no fact has any more. Of several passages
    of the same words the order is that of the occurrences. Last: whether there are several.
    """
    passages: dict[tuple[str | Key, str, str], set[Anchor]] = {}
    several: Counter[tuple[str, str]] = Counter()
    for name, anchors in baseline.anchors.items():
        several.update((name, anchor.exact) for anchor in anchors)
    for fact, was in baseline.facts.items():
        article = fact.rpartition("/")[0]
        key: str | Key = fact if fact in ids else (article, was.kind, was.about)
        for name, anchor in was.anchors:
            passages.setdefault((key, name, anchor.exact), set()).add(anchor)
    groups: dict[tuple[str | Key, str, str], list[Quoted]] = {}
    for quote in quoted:
        key = quote.fact if quote.fact in baseline.facts else quote.about
        groups.setdefault((key, quote.article.name, quote.words), []).append(quote)
    for group, members in groups.items():
        anchors = passages.get(group, set())
        if not anchors:
            continue  # new since then
        occurrences = sorted({quote.occurrence or 1 for quote in members})
        in_order: Mapping[int, Anchor] = {}
        if len(occurrences) == len(anchors):
            in_order = dict(zip(occurrences, sorted(anchors), strict=True))
        for quote in members:
            repeated = several[quote.article.name, quote.words] > 1
            meant = in_order.get(quote.occurrence or 1)
            yield quote, [meant] if meant else sorted(anchors), repeated


def _quoted(seeds: Seeds, iris: Iris, baseline: Baseline) -> Iterator[Quoted]:
    """Yield the quotes that are taken from articles that have changed."""
    for name, records in seeds.records.items():
        quoting = Quoting(seeds.articles[name], seeds.articles)
        for number, record in enumerate(records):
            if is_declaration(record):
                continue  # it is published in no dump
            for keys, parts in quotes_of(record.data):
                article = quoting.named(parts.get("article", name))
                words, occurrence = parts["quote"], parts.get("occurrence")
                wrong = occurrence is not None and not (
                    isinstance(occurrence, str) and counts(occurrence)
                )
                if isinstance(article, str) or article.name not in baseline.anchors or wrong:
                    continue  # what is wrong with it is told where quotes are read
                fact, about = _fact(record, quoting.article, iris)
                yield Quoted(
                    file=name,
                    record=number,
                    keys=keys,
                    words=str(words),
                    occurrence=int(str(occurrence)) if occurrence else None,
                    article=article,
                    place=record.place(keys),
                    fact=fact,
                    about=about,
                )


def _ids(seeds: Seeds, iris: Iris, baseline: Baseline) -> Iterator[str]:
    """Yield the IRIs of the facts of articles of which a published fact is compared."""
    homes = {fact.rpartition("/")[0] for fact, was in baseline.facts.items() if was.anchors}
    for name, records in seeds.records.items():
        if _home(name, iris) in homes:
            yield from (_fact(record, seeds.articles[name], iris)[0] for record in records)


def _fact(record: Record, article: Article, iris: Iris) -> tuple[str, Key]:
    """Return the IRI of a fact, and what it is known by where that has changed."""
    home = _home(article.name, iris)
    kind, slug = kind_and_slug(record, article)
    about = iris.article(article) if is_header(record) else iris.thing(slug)
    id_ = body_of(record).text("id") or fact_hash(record)
    return f"{home}/{segment(id_)}", (home, kind, about.value)


def _home(name: str, iris: Iris) -> str:
    """Return what the IRIs of the facts of an article begin with."""
    return f"{iris.base}fact/{segment(name)}"
