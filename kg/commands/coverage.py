"""``kg coverage``: which sentences of the articles are behind facts, and which are missing."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import ALLOW_CODE, FOLDER, fail

if TYPE_CHECKING:
    from kg.coverage import Coverage
    from kg.model import Problem


@click.command()
@FOLDER
@click.option("--article", help="Show one article, marked: the beginning of its name will do.")
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="End with code 1 when less of an article is accounted for.",
)
@click.option(
    "--format",
    "format_",
    default="text",
    type=click.Choice(["text", "json"]),
    help="How to print it (default: text).",
)
@ALLOW_CODE
def coverage(
    folder: Path, article: str | None, fail_under: float | None, format_: str, allow_code: bool
) -> None:
    """Print which sentences of FOLDER are behind facts.

    How many of each article are, how many are declared to say nothing, and all that are neither.
    """
    from kg.coverage import coverage as coverage_of
    from kg.dataset import load
    from kg.exporters.coverage import document
    from kg.terminal import Stages, show_article, show_coverage, show_problems

    with Stages() as stages:
        dataset = load(folder, allow_code=allow_code, progress=partial(stages.show, "mapping"))
    show_problems(dataset.problems)
    if dataset.errors:
        click.echo("Mend this first: what could not be read would look uncovered.", err=True)
        sys.exit(1)
    found = coverage_of(dataset)
    if article is not None:
        found = [_named(found, article, folder)]
    if format_ == "json":
        click.echo(b"".join(document(found)), nl=False)
    elif article is not None:
        show_article(found[0])
    else:
        show_coverage(found)
    if fail_under is not None:
        problems = [problem for one in found for problem in _short(one, fail_under)]
        show_problems(problems)
        if problems:
            sys.exit(1)


def _named(found: list[Coverage], name: str, folder: Path) -> Coverage:
    """Return the article of a name, or the only one whose name begins so."""
    from kg.model import Place, Problem
    from kg.quoting import not_one

    named = [one for one in found if one.article.name == name]
    begun = named or [one for one in found if one.article.name.startswith(name)]
    if len(begun) != 1:
        mend = "write as much of an article's name as tells it apart"
        fail(Problem(Place(str(folder / "seeds")), not_one(name, len(begun)), mend))
    return begun[0]


def _short(one: Coverage, wanted: float) -> list[Problem]:
    """Return the problem of an article of which less is accounted for than is wanted."""
    from kg.model import Problem

    total, missing = len(one.sentences), len(one.missing)
    if 100 * (total - missing) >= wanted * total:
        return []
    message = f"{missing:,} of {total:,} sentences are uncovered, this one first"
    mend = "write facts that quote them, or declare them nothing-here"
    return [Problem(one.article.place(one.missing[0].start), message, mend, check="coverage")]
