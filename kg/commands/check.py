"""``kg check``: read and validate a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.commands import ALLOW_CODE, EXACT, FOLDER, MEMORY, PUBLISHED, STRICT, WORKERS, unwritable
from kg.reports import FORMATS


@click.command()
@FOLDER
@PUBLISHED
@ALLOW_CODE
@STRICT
@EXACT
@WORKERS
@MEMORY
@click.option(
    "--format",
    "format_",
    default="text",
    type=click.Choice(list(FORMATS)),
    help="How to report what was found (default: text).",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to this file; the terminal has it as text.",
)
def check(
    folder: Path,
    data: Path | None,
    allow_code: bool,
    strict: bool,
    exact: bool,
    workers: int,
    memory: int,
    format_: str,
    output: Path | None,
) -> None:
    """Read and validate FOLDER, and publish nothing.

    Nothing is written but the report, if it is wanted in a file.
    """
    from kg.model import Severity
    from kg.pipeline import check_folder
    from kg.publish import replace_file
    from kg.reports import report
    from kg.reports.findings import find, prefix_of
    from kg.reports.text import summary
    from kg.terminal import Stages, show_problems

    with unwritable(), Stages() as stages:
        checked = check_folder(
            folder,
            allow_code=allow_code,
            strict=strict,
            exact=exact,
            published=data or folder / "public",
            workers=workers,
            memory=memory,
            stage=stages.show,
        )
    problems = checked.problems
    # Terminals show paths of the folder, as all commands do; services want the repository's.
    prefix = "" if format_ == "text" else prefix_of(folder)
    counts = {"facts": checked.facts, "claims": checked.claims}
    found = find(folder, checked.read, problems, prefix, **counts)
    if output:
        with unwritable():
            replace_file(output, report(format_, found))
    if output or format_ == "text":
        show_problems(problems)
        click.echo(summary(found))
    else:
        click.echo(report(format_, found), nl=False)
        click.echo(summary(found), err=True)
    if any(problem.severity is Severity.ERROR for problem in problems):
        sys.exit(1)
