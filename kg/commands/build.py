"""``kg build``: build a folder and publish its dumps and pages."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import click

from kg.commands import ALLOW_CODE, EXACT, MEMORY, STRICT, WORKERS, need, note, unwritable

if TYPE_CHECKING:
    from kg.pipeline import Report
    from kg.unchanged import State

ELSEWHERE = ("fsspec", "upath")
"""What URLs need of the extra kgpress[scale]."""
DASK = ("cloudpickle", "cryptography", "dask", "distributed")
"""What --dask needs of the extra kgpress[scale]."""

URL = "://"
"""What tells a URL from a path."""
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


class _Folder(click.Path):
    """A folder, or the URL of one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if URL in str(value) else super().convert(value, param, ctx)


@click.command()
@click.argument("folder", default=".", type=_Folder(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where to publish (default: public in FOLDER).",
)
@ALLOW_CODE
@STRICT
@EXACT
@WORKERS
@MEMORY
@click.option(
    "--only",
    multiple=True,
    metavar="DUMP",
    callback=_dumps,
    help="Write this dump alone, such as kg.nq; may be given several times.",
)
@click.option("--data-only", is_flag=True, help="Write no pages; kg serve shows them all the same.")
@click.option("--compress", is_flag=True, help="Write each dump compressed as well: kg.nq.zst ….")
@click.option(
    "--dask",
    default="",
    metavar="ADDRESS",
    help="Let workers of this Dask scheduler build; local: start some.",
)
@click.option(
    "--parts", default="", metavar="URL", help="Where these and this machine have files in common."
)
@click.option("--rehash", is_flag=True, help="Make everything anew, whatever seems unchanged.")
@click.option("--store", is_flag=True, help="Make the store that kg query and kg serve open.")
@click.option("--watch", is_flag=True, help="Build again when a file changes, until interrupted.")
def build(
    folder: Path | str,
    out: Path | None,
    allow_code: bool,
    strict: bool,
    exact: bool,
    workers: int,
    memory: int,
    only: list[str],
    data_only: bool,
    compress: bool,
    dask: str,
    parts: str,
    rehash: bool,
    store: bool,
    watch: bool,
) -> None:
    """Build FOLDER and publish its dumps, and a site that shows them.

    After an error, what was published stays as it was. If nothing has changed since it was
    published, by the sizes and times of files, nothing is done.
    """
    from kg.unchanged import State

    _see_to_ways(folder, out, memory, dask, parts, watch)
    _see_to_epoch()
    options = {
        "allow_code": allow_code,
        "strict": strict,
        "exact": exact,
        "only": only,
        "data_only": data_only,
        "compress": compress,
    }
    ways = {"workers": workers, "memory": memory, "dask": dask, "parts": parts}
    with _at_hand(folder) as here:
        out = out or here / "public"
        state = State(here, out, options)
        made_anew = rehash or here != folder  # of a copy, nothing is known from before
        done = _once(here, out, state, options, ways, rehash=made_anew, store=store)
        while watch:
            click.echo("Watching; Ctrl-C ends it.", err=True)
            try:
                while (now := State(here, out, options)).digest == state.digest:
                    sleep(PAUSE)
            except KeyboardInterrupt:
                return
            state = now
            _once(here, out, state, options, ways, rehash=False, store=store)
    if not done:
        sys.exit(1)


def _see_to_ways(
    folder: Path | str, out: Path | None, memory: int, dask: str, parts: str, watch: bool
) -> None:
    """End in one line where options do not go together, or need what is not installed."""
    if isinstance(folder, str):
        need(ELSEWHERE, "kg build with a URL", "'kgpress[scale]'")
        if watch or out is None:
            raise click.UsageError("where FOLDER is a URL, --out is needed, and no --watch")
    if dask and memory:
        raise click.UsageError(
            "--memory is for processes of kg; workers of --dask have limits of their own "
            "(dask worker --memory-limit)"
        )
    if dask:
        need((*DASK, *ELSEWHERE), "kg build --dask", "'kgpress[scale]'")
    if parts and not dask:
        raise click.UsageError("--parts says where the workers of --dask have parts")
    if dask and dask != "local" and not parts:
        raise click.UsageError(
            "--dask ADDRESS needs --parts URL: files that all of its workers, and this machine, "
            "reach (a directory that they share, s3://…)"
        )


def _see_to_epoch() -> None:
    """End in one line where SOURCE_DATE_EPOCH is no time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or "0"
    seconds = epoch.isascii() and epoch.isdigit() and len(epoch) < 20
    if not (seconds and int(epoch) < 253402300800):  # year 10000
        raise click.UsageError(f"SOURCE_DATE_EPOCH is {epoch[:60]!r}, not a number of seconds")


@contextmanager
def _at_hand(folder: Path | str) -> Iterator[Path]:
    """Yield a folder, or a copy of one that lies elsewhere."""
    if isinstance(folder, Path):
        yield folder
        return
    from kg.remote import fetched

    with unwritable(), fetched(folder) as copy:
        yield copy


def _once(
    folder: Path,
    out: Path,
    state: State,
    options: dict[str, Any],
    ways: dict[str, Any],
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
    from kg.reports.text import many, printable
    from kg.shards.shelf import FULL
    from kg.terminal import Stages, recap, show_problems

    def built(keep: bool) -> Report:
        with Stages() as stages:
            return build_folder(folder, out, **options, **ways, keep=keep, stage=stages.show)

    with unwritable():
        try:
            report = built(not rehash)
        except OSError as error:
            if rehash or error.errno not in FULL:
                raise
            note("there is no room to keep anything for the next build; building without")
            report = built(False)
    show_problems(report.problems)
    if not report.published:
        shown = printable(str(out))
        kept = f"{shown} is as it was" if out.exists() else f"there is no {shown}"
        click.secho(f"Nothing was published; {kept}.", err=True, bold=True)
        return False
    if pages := report.pages:
        if odd := many(len(pages.unwritten), "page") if pages.unwritten else "":
            note(f"{odd} could have no file, for want of a name; kg serve shows them")
        if pages.loaded:
            note(pages.loaded)
    made = recap(report, out)
    state.note(made)
    show_recap(made, monotonic() - started)
    tidy(out)
    if store:
        prepare(out, tell=note, force=True)
    return True
