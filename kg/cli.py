"""The ``kg`` command. Each command imports what it needs when it runs, so that help is instant.

Exit codes: 0 done; 1 the input has errors; 2 the command line is wrong; 3 the output cannot be
written; 70 a bug of kgpress.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kg import __version__

if TYPE_CHECKING:
    from kg.model import Problem

FOLDER = click.argument(
    "folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
ALLOW_CODE = click.option(
    "--allow-code", is_flag=True, help="Run the folder's own mappers.py, which is code."
)
STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
DATA = click.option(
    "--data",
    default="public",
    type=click.Path(path_type=Path),
    help="The published folder to ask (default: public).",
)


class _Guarded(click.Group):
    """A group that ends in one line, whatever happens."""

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character is no reason to fail.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().main(*args, **extra)
        except Exception as error:
            if sys.flags.dev_mode:
                raise
            if isinstance(error, OSError):
                code, line = 3, f"{error.filename or 'output'}: {error.strerror or error}"
            else:
                code, line = 70, f"unexpected {type(error).__name__}: {error}"
                line += "; this is a bug: please report it (python -X dev -m kg … shows where)"
            click.echo(f"kg: error: {' '.join(line.split())}", err=True)
            sys.exit(code)


@click.group(
    cls=_Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="kg", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Linked data in which every triple can be traced to the sentence that says it."""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        context.color = False


@main.command()
@FOLDER
@click.option(
    "--out",
    default="public",
    type=click.Path(path_type=Path),
    help="Where to publish (default: public).",
)
@ALLOW_CODE
@STRICT
def build(folder: Path, out: Path, allow_code: bool, strict: bool) -> None:
    """Build FOLDER and publish its dumps; after an error, what was published stays as it was."""
    from time import monotonic

    from kg.pipeline import build as build_folder
    from kg.terminal import Stages, show_problems, show_summary

    epoch = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    if not (epoch.isascii() and epoch.isdigit() and int(epoch) < 253402300800):  # year 10000
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch!r}, not a number of seconds")

    started = monotonic()
    with _unwritable(), Stages() as stages:
        report = build_folder(folder, out, allow_code=allow_code, strict=strict, stage=stages.show)
    show_problems(report.problems)
    if not report.published:
        click.secho(f"Nothing was published; {out} is as it was.", err=True, bold=True)
        sys.exit(1)
    show_summary(report, out, monotonic() - started)


@main.command()
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

    with _unwritable(), Stages() as stages:
        dataset = load(folder, allow_code=allow_code, progress=partial(stages.show, "mapping"))
        stages.show("checking")
        problems = check_dataset(dataset, strict=strict)
    show_problems(problems)
    facts, claims = len(dataset.facts), len(dataset.claims)
    click.echo(f"{facts:,} facts, {claims:,} claims: {counted(problems)}")
    if any(problem.severity is Severity.ERROR for problem in problems):
        sys.exit(1)


@main.command()
@click.argument("query")
@DATA
@click.option(
    "--format",
    "format_",
    default="table",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle", "ntriples"]),
    help="How to print the answer (default: table).",
)
def query(query: str, data: Path, format_: str) -> None:
    """Ask the published dataset a SPARQL 1.1 QUERY: its text, a file that holds it, or - (stdin).

    The default graph is the merged graph, the named ones are those of the articles. Common prefixes
    are known, and the empty one names things: ``:xiaomi``.
    """
    from kg.answers import write_answer
    from kg.published import Published, QueryError

    text = _query_text(query)
    try:
        published = Published(data)
        _ = published.store, published.prefixes  # read before nothing can be opened any more
        _close_the_door()
        answer = published.query(text)
        for chunk in write_answer(published, answer, format_):
            click.echo(chunk, nl=False)
    except QueryError as error:
        _fail(error.problem)


@main.command()
@click.argument("name")
@DATA
def explain(name: str, data: Path) -> None:
    """Print all that is known of NAME (an IRI or a slug), with the sentences that say it."""
    from kg import explain as explaining
    from kg.model import Place, Problem
    from kg.published import Published, QueryError
    from kg.terminal import show_explained

    try:
        published = Published(data)
        node = explaining.find(published, name)
        if node is None:
            close = explaining.nearest_slug(published, name)
            mend = f"did you mean '{close}'?" if close else "name a thing by its IRI or slug"
            _fail(Problem(Place(str(data)), f"nothing is known of '{name}'", mend))
        click.secho(published.label(node), bold=True)
        click.secho(f"{node.value}\n", fg="blue")
        for incoming in (False, True):
            found = explaining.about(published, node, incoming=incoming)
            if incoming and found:
                click.secho("Referred to by\n", bold=True)
            for _, group in groupby(found, key=lambda explained: explained.passages):
                show_explained(list(group), incoming)
    except QueryError as error:
        _fail(error.problem)


@main.command()
@FOLDER
@ALLOW_CODE
def schema(folder: Path, allow_code: bool) -> None:
    """Print the JSON Schema of FOLDER's fact files, for editors to complete and check them."""
    import json

    from kg.folder import own_kinds, read_ontology
    from kg.mappers import KINDS
    from kg.schema import schema as make_schema
    from kg.terminal import show_problems

    vocabulary, problems = read_ontology(folder)
    own, more = own_kinds(folder, allow_code)
    show_problems([*problems, *more])
    made = make_schema({**KINDS, **own}, vocabulary)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
    if problems:
        sys.exit(1)


def _close_the_door() -> None:
    """Let this process open nothing more, sockets least of all: Oxigraph cannot be told not to."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, most))


@contextmanager
def _unwritable() -> Iterator[None]:
    """End with one line and code 3 when the output, or a temporary file, cannot be written."""
    from kg.publish import PublishError

    try:
        yield
    except PublishError as error:
        line = str(error)
    except OSError as error:
        what = error.filename or "temporary files"
        line = f"{what}: {error.strerror or error}; free some space, or set TMPDIR to where it is"
    else:
        return
    click.secho(f"kg: error: {line}", fg="red", err=True)
    sys.exit(3)


def _query_text(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    if "{" in query or (len(query.split()) > 1 and not Path(query).exists()):
        return query
    try:
        return Path(query).read_text("utf-8")
    except (OSError, ValueError) as error:
        from kg.model import Place, Problem

        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        mend = "give the text of a query, or a file that holds one"
        _fail(Problem(Place(query), f"cannot be read: {reason}", mend))


def _fail(problem: Problem) -> NoReturn:
    from kg.reports.text import line

    click.secho(line(problem), fg="red", err=True)
    sys.exit(1)
