"""``kg check``: read and validate a folder."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from kg.commands import ALLOW_CODE, FOLDER, STRICT, unwritable


@click.command()
@FOLDER
@ALLOW_CODE
@STRICT
def check(folder: Path, allow_code: bool, strict: bool) -> None:
    """Read and validate FOLDER without writing anything."""
    from kg.dataset import load
    from kg.model import Severity
    from kg.pipeline import check as check_dataset
    from kg.reports.text import counted
    from kg.terminal import Stages, show_problems

    with unwritable(), Stages() as stages:
        dataset = load(folder, allow_code=allow_code, progress=partial(stages.show, "mapping"))
        stages.show("checking")
        problems = check_dataset(dataset, strict=strict)
    show_problems(problems)
    facts, claims = len(dataset.facts), len(dataset.claims)
    click.echo(f"{facts:,} facts, {claims:,} claims: {counted(problems)}")
    if any(problem.severity is Severity.ERROR for problem in problems):
        sys.exit(1)
