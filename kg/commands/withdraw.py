"""``kg withdraw``: take an article out of a folder, and say what falls with it."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import ALLOW_CODE, FOLDER, fail

if TYPE_CHECKING:
    from kg.changes.withdrawal import Withdrawal
    from kg.dataset import Dataset
    from kg.model import Article, Triple

HOME = "withdrawn"
"""Where articles go that are withdrawn, beside ``seeds/``."""


@click.command()
@click.argument("article")
@FOLDER
@click.option("--dry-run", is_flag=True, help="Say what would fall, and move nothing.")
@click.option(
    "--format",
    "format_",
    default="text",
    type=click.Choice(["text", "json"]),
    help="How to say it (default: text).",
)
@ALLOW_CODE
def withdraw(article: str, folder: Path, dry_run: bool, format_: str, allow_code: bool) -> None:
    """Withdraw ARTICLE, and say what falls with it.

    ARTICLE is a name, as much of its beginning as tells it apart, or a path. The article and its
    fact file are moved to withdrawn/ beside seeds/; to take the article back, move them back.
    """
    from kg.changes.withdrawal import withdrawal
    from kg.dataset import load
    from kg.model import Place, Problem
    from kg.quoting import beginning, not_one
    from kg.seeds import ARTICLE, FACTS
    from kg.terminal import show_problems

    dataset = load(folder, allow_code=allow_code)
    show_problems(dataset.problems)
    if dataset.description is None:
        sys.exit(1)  # no claim could be read: what would fall is not known
    wanted = article if article in dataset.articles else Path(article).name
    for suffix in (*FACTS, ARTICLE):
        wanted = wanted if wanted in dataset.articles else wanted.removesuffix(suffix)
    found = beginning(wanted, dataset.articles) if wanted else []
    if len(found) != 1:
        mend = "write as much of an article's name as tells it apart"
        fail(Problem(Place("seeds"), not_one(article, len(found)), mend))
    lost = withdrawal(dataset, dataset.articles[found[0]])
    if not dry_run:
        _move(folder, lost.article)
    shown = _json(lost) if format_ == "json" else "\n".join(_text(dataset, lost)) + "\n"
    click.echo(shown, nl=False)
    if dataset.errors:
        click.secho("The folder has errors: more may fall than is told.", err=True, bold=True)
    if not dry_run:
        click.secho(f"Moved to {HOME}/; see with kg check what is to be mended.", err=True)


def _move(folder: Path, article: Article) -> None:
    """Move an article and its fact file, both or neither, and over no other file."""
    from kg.reports.text import printable
    from kg.seeds import ARTICLE, FACTS

    home, moved = folder / HOME, list[tuple[Path, Path]]()
    stem = article.path.removesuffix(ARTICLE)  # the article's name may be composed otherwise
    files = [folder / f"{stem}{suffix}" for suffix in (ARTICLE, *FACTS)]
    files = [file for file in files if file.exists()]
    try:
        home.mkdir(exist_ok=True)
        for file in files:
            if os.path.lexists(home / file.name):
                raise FileExistsError(errno.EEXIST, "is there already", str(home / file.name))
        for file in files:
            file.rename(home / file.name)
            moved.append((file, home / file.name))
    except OSError as error:
        for file, target in moved:
            target.rename(file)
        line = f"{error.filename or home}: {error.strerror or error}; nothing was moved"
        click.secho(f"kg: error: {printable(line)}", fg="red", err=True)
        sys.exit(3)


def _text(dataset: Dataset, lost: Withdrawal) -> Iterator[str]:
    """Yield the lines that say what falls."""
    from kg.reports.text import printable

    known = dataset.called
    rows = {
        "facts": f"{lost.facts:,} of the article",
        "triples": f"{len(lost.falling):,} rest on it alone, "
        f"{lost.staying:,} stay because other articles say them too",
        "returning": f"{len(lost.returning):,} stand again, for only this article corrects them",
        "claims": f"{lost.recorded:,} more fall that were recorded without being asserted",
        "things": f"disappear: {len(lost.gone):,}, lose their name: {len(lost.nameless):,}, "
        f"would be called otherwise: {len(lost.renamed):,}",
        "others": f"facts of other articles that would break: {len(lost.breaking):,}",
    }
    yield click.style(printable(lost.article.path), bold=True)
    for name, text in rows.items():
        yield f"  {click.style(f'{name:<10}', fg='cyan')}{text}"

    def shown(triples: Iterable[Triple]) -> Iterator[str]:
        return (" · ".join(known.get(term, term.value) for term in triple) for triple in triples)

    breaking = (f"{b.fact.place}: {b.fact.kind} {b.fact.slug}: {b.why}" for b in lost.breaking)
    parts: dict[str, Iterable[str]] = {
        "Rest on it alone": shown(lost.falling),
        "Stand again": shown(lost.returning),
        "Disappear": lost.gone,
        "Lose their name": lost.nameless,
        "Would be called otherwise": lost.renamed,
        "Would break": breaking,
    }
    for title, lines in parts.items():
        told = [f"  {printable(line)}" for line in lines]
        if told:
            yield from ("", click.style(title, bold=True), *told)


def _json(lost: Withdrawal) -> str:
    """Return the same as one JSON object, triples as lines of N-Triples."""
    from kg.reports.text import json_text

    made: dict[str, object] = {
        "article": lost.article.path,
        "facts": lost.facts,
        "falling": [str(triple) for triple in lost.falling],
        "staying": lost.staying,
        "returning": [str(triple) for triple in lost.returning],
        "recorded": lost.recorded,
        "gone": lost.gone,
        "nameless": lost.nameless,
        "renamed": lost.renamed,
        "breaking": [
            {"fact": b.fact.id, "place": str(b.fact.place), "why": b.why} for b in lost.breaking
        ],
    }
    return json_text(made)
