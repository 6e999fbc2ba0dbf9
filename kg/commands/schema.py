"""``kg schema``: the JSON Schema of fact files."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.commands import ALLOW_CODE, FOLDER


@click.command()
@FOLDER
@ALLOW_CODE
def schema(folder: Path, allow_code: bool) -> None:
    """Print the JSON Schema of FOLDER's fact files.

    By it, editors complete and check them.
    """
    from kg.folder import own_kinds, read_ontology
    from kg.mappers import KINDS
    from kg.model import Severity
    from kg.reports.text import json_text
    from kg.schema import schema as make_schema
    from kg.terminal import show_problems

    vocabulary, problems = read_ontology(folder)
    own, more = own_kinds(folder, allow_code)
    problems += more
    show_problems(problems)
    made = make_schema({**KINDS, **own}, vocabulary)
    click.echo(json_text(made), nl=False)
    if any(problem.severity is Severity.ERROR for problem in problems):
        sys.exit(1)
