"""``kg build``: build a folder and publish its dumps."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import click

from kg.commands import ALLOW_CODE, EXACT, FOLDER, STRICT, WORKERS, note, unwritable

if TYPE_CHECKING:
    from kg.unchanged import State


PAUSE = 0.5
"""Seconds between two looks whether anything has changed."""


def _dumps(context: click.Context, option: click.Parameter, names: tuple[str, ...]) -> list[str]:
    """Return the names of dumps, each once, all of which there are."""
    if names:
        from kg.exporters import EXPORTERS

        for name in names:
            if name not in EXPORTERS:
                raise click.BadParameter(f"{name!r} is none of {', '.join(EXPORTERS)}")
    return sorted(set(names))


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
    callback=_dumps,
    help="Write this dump alone, such as kg.nq; may be given several times.",
)
@click.option("--compress", is_flag=True, help="Write each dump compressed as well: kg.nq.zst ….")
@click.option("--rehash", is_flag=True, help="Make everything anew, whatever seems unchanged.")
@click.option("--store", is_flag=True, help="Make the store that kg query and kg serve open.")
@click.option("--watch", is_flag=True, help="Build again when a file changes, until interrupted.")
def build(
    folder: Path,
    out: Path | None,
    allow_code: bool,
    strict: bool,
    exact: bool,
    workers: int,
    only: list[str],
    compress: bool,
    rehash: bool,
    store: bool,
    watch: bool,
) -> None:
    """Build FOLDER and publish its dumps.

    After an error, what was published stays as it was. If nothing has changed since it was
    published, by the sizes and times of files, nothing is done.
    """
    from kg.unchanged import State

    epoch = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    seconds = epoch.isascii() and epoch.isdigit() and len(epoch) < 20
    if not (seconds and int(epoch) < 253402300800):  # year 10000
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch[:60]!r}, not a number of seconds")

    out = out or folder / "public"
    options = {
        "allow_code": allow_code,
        "strict": strict,
        "exact": exact,
        "only": only,
        "compress": compress,
    }
    state = State(folder, out, options)
    done = _once(folder, out, state, options, workers, rehash=rehash, store=store)
    while watch:
        click.echo("Watching; Ctrl-C ends it.", err=True)
        try:
            while (now := State(folder, out, options)).digest == state.digest:
                sleep(PAUSE)
        except KeyboardInterrupt:
            return
        state = now
        _once(folder, out, state, options, workers, rehash=False, store=store)
    if not done:
        sys.exit(1)


def _once(
    folder: Path,
    out: Path,
    state: State,
    options: dict[str, Any],
    workers: int,
    *,
    rehash: bool,
    store: bool,
) -> bool:
    """Build once, unless there is nothing to do; return whether the dataset is published."""
    from kg.recap import show_problems_again, show_recap

    started = monotonic()
    known = None if rehash or store else state.shown()
    if known:
        show_problems_again(known)
        show_recap(known, monotonic() - started, unchanged=True)
        return True

    from kg.asking.making import prepare, tidy
    from kg.pipeline import build as build_folder
    from kg.reports.text import printable
    from kg.terminal import Stages, recap, show_problems

    with unwritable(), Stages() as stages:
        report = build_folder(
            folder, out, **options, keep=not rehash, workers=workers, stage=stages.show
        )
    show_problems(report.problems)
    if not report.published:
        shown = printable(str(out))
        kept = f"{shown} is as it was" if out.exists() else f"there is no {shown}"
        click.secho(f"Nothing was published; {kept}.", err=True, bold=True)
        return False
    made = recap(report, out)
    state.note(made)
    show_recap(made, monotonic() - started)
    tidy(out)
    if store:
        prepare(out, tell=note, force=True)
    return True
