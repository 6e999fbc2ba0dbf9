"""``kg reanchor``: let quotes of changed articles mean the passages that were published."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import FOLDER, PUBLISHED, fail, unwritable

if TYPE_CHECKING:
    from kg.changes.reanchoring import Verdict


@click.command()
@FOLDER
@PUBLISHED
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
def reanchor(folder: Path, data: Path | None, dry_run: bool) -> None:
    """Write anew which passage each quote means.

    Where an article of FOLDER has changed, a quote means the passage that was published, found
    again by its words and their context: which occurrence that is now is written into the fact
    file. What is lost or not clear is listed and stays as it is.
    """
    from kg.changes.baseline import BaselineError, read_baseline
    from kg.changes.reanchoring import DUMP, compare, problem_of, rewritten
    from kg.folder import read_description
    from kg.iris import Iris
    from kg.model import Place, Problem, Severity
    from kg.seeds import read_seeds
    from kg.terminal import show_problems

    description, problems = read_description(folder)
    if description is None:
        fail(problems[0])
    dump, seeds, iris = (
        (data or folder / "public") / DUMP,
        read_seeds(folder),
        Iris(description.base),
    )
    if not dump.is_file():
        mend = "name the published folder with --data; without one there is nothing to compare"
        fail(Problem(Place(str(dump)), "there is no dump", mend))
    try:
        baseline = read_baseline(dump, iris, seeds.articles)
    except BaselineError as error:
        fail(Problem(Place(str(dump)), f"cannot be read: {error}", "name another with --data"))
    verdicts = compare(seeds, iris, baseline)
    files: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.misplaced:
            files.setdefault(verdict.quoted.place.path, []).append(verdict)
    remaining = [p for v in verdicts if not v.misplaced and (p := problem_of(v))]
    written = 0
    for path, misplaced in files.items():
        with unwritable():
            problem = rewritten(folder / path, seeds, misplaced, dry_run=dry_run)
        if problem:
            remaining += problem, *(p for v in misplaced if (p := problem_of(v)))
            continue
        written += len(misplaced)
        for verdict in misplaced:
            click.echo(_line(verdict))
    show_problems([*seeds.problems, *remaining])
    done = "to be written" if dry_run else "written"
    click.echo(
        f"changed articles: {len(baseline.anchors):,}, quotes compared: {len(verdicts):,}, "
        f"{done}: {written:,}, left as they are: {len(remaining):,}"
    )
    if any(problem.severity is Severity.ERROR for problem in seeds.problems) or remaining:
        sys.exit(1)


def _line(verdict: Verdict) -> str:
    """Return what is written for a quote."""
    from kg.reports.text import printable

    quoted = verdict.quoted
    old = f"occurrence: {quoted.occurrence}" if quoted.occurrence else "no occurrence"
    new = f"occurrence: {verdict.occurrence}" if verdict.occurrence else "no occurrence"
    return printable(f"{quoted.place}: {old} → {new}: “{quoted.words}”")
