"""``kg build``: build a folder and publish its dumps."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from kg.commands import ALLOW_CODE, EXACT, FOLDER, STRICT, WORKERS, note, unwritable


@click.command()
@FOLDER
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to publish (default: public in FOLDER).",
)
@ALLOW_CODE
@STRICT
@EXACT
@WORKERS
@click.option(
    "--only",
    multiple=True,
    metavar="DUMP",
    help="Write this dump alone, such as kg.nq; may be given several times.",
)
@click.option("--rehash", is_flag=True, help="Read everything, though no file seems changed.")
@click.option("--store", is_flag=True, help="Make the store that kg query and kg serve open.")
def build(
    folder: Path,
    out: Path | None,
    allow_code: bool,
    strict: bool,
    exact: bool,
    workers: int,
    only: tuple[str, ...],
    rehash: bool,
    store: bool,
) -> None:
    """Build FOLDER and publish its dumps.

    After an error, what was published stays as it was. If nothing has changed since it was
    published, by the sizes and times of files, nothing is done.
    """
    from time import monotonic

    from kg.recap import show_problems_again, show_recap
    from kg.unchanged import State

    epoch = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    seconds = epoch.isascii() and epoch.isdigit() and len(epoch) < 20
    if not (seconds and int(epoch) < 253402300800):  # year 10000
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch[:60]!r}, not a number of seconds")

    started, out = monotonic(), out or folder / "public"
    options = {"strict": strict, "code": allow_code, "exact": exact, "only": sorted(set(only))}
    state = State(folder, out, options)
    known = None if rehash or store else state.shown()
    if known:
        show_problems_again(known)
        show_recap(known, monotonic() - started, unchanged=True)
        return

    from kg.asking.making import prepare, tidy
    from kg.exporters import EXPORTERS
    from kg.pipeline import build as build_folder
    from kg.reports.text import printable
    from kg.terminal import Stages, recap, show_problems

    if unknown := [name for name in only if name not in EXPORTERS]:
        raise click.UsageError(f"--only {unknown[0]!r} is none of {', '.join(EXPORTERS)}")

    with unwritable(), Stages() as stages:
        report = build_folder(
            folder,
            out,
            allow_code=allow_code,
            strict=strict,
            exact=exact,
            only=only,
            workers=workers,
            stage=stages.show,
        )
    show_problems(report.problems)
    if not report.published:
        shown = printable(str(out))
        kept = f"{shown} is as it was" if out.exists() else f"there is no {shown}"
        click.secho(f"Nothing was published; {kept}.", err=True, bold=True)
        sys.exit(1)
    made = recap(report, out)
    state.note(made)
    show_recap(made, monotonic() - started)
    tidy(out)
    if store:
        prepare(out, tell=note, force=True)
