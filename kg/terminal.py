"""What people see in the terminal: progress, problems, what was built, what is known."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from kg.coverage import statuses
from kg.explain import Explained, marked
from kg.marked import LEGEND, marked_text, missing, share, shares
from kg.model import Origin, Problem
from kg.reports.text import COLOURS, counted, line, many, printable

if TYPE_CHECKING:
    from kg.asking.expected import Verdict
    from kg.coverage import Coverage
    from kg.pipeline import Report
    from kg.site import Written
    from kg.summary import Summary

SHOWN = 10
"""How many rows that differ are shown of each query."""


class Stages:
    """Says on a terminal what is being done, with a bar where it takes long; nothing elsewhere."""

    def __init__(self) -> None:
        self.shown = sys.stderr is not None and sys.stderr.isatty()
        self.last = 0.0

    def show(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done, and of how much how much is done."""
        if not self.shown or (done and monotonic() - self.last < 0.1):
            return
        self.last = monotonic()
        filled = 24 * done // total if total else 0
        bar = f" {'█' * filled}{'░' * (24 - filled)} {done:,}/{total:,}" if total else " …"
        click.echo(f"\r\x1b[K{name}{bar}", nl=False, err=True)

    def clear(self) -> None:
        """Make room for a line of something else."""
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)

    def __enter__(self) -> Stages:
        return self

    def __exit__(self, *args: object) -> None:
        self.clear()


def show_problems(problems: list[Problem]) -> None:
    """Print problems to the standard error, a line each."""
    for problem in problems:
        click.secho(line(problem), fg=COLOURS[problem.severity], err=True)


def recap(report: Report, out: Path) -> dict[str, Any]:
    """Return what is to be shown of a build: a title, rows of numbers, and files with sizes."""
    summary, description = report.summary, report.dataset.description
    origins = summary.origins + Counter({Origin.EXTERNAL: summary.links})
    values = ", ".join(f"{origins[origin]:,} {origin}" for origin in Origin if origins[origin])
    recorded = summary.claims - summary.asserted
    return {
        "title": printable(description.title if description else ""),
        "rows": [
            ("articles", f"{summary.articles:,}"),
            ("facts", f"{summary.facts:,}"),
            ("triples", f"{summary.tally.triples:,} asserted, each with its sentence"),
            (
                "claims",
                f"{summary.claims:,}, of them {recorded:,} recorded without being asserted",
            ),
            ("values", values),
            ("conflicts", _conflicts(summary)),
            ("coverage", share(summary.sentences)),
            ("checks", counted(report.problems)),
            *([("pages", _pages(report.pages))] if report.pages else []),
        ],
        "files": [
            (printable((out / path).as_posix()), _size(size))
            for path, size in report.files.items()
            if path.startswith("data/")
        ],
        "out": printable(str(out)),
        "problems": [(line(problem), COLOURS[problem.severity]) for problem in report.problems],
    }


def _conflicts(summary: Summary) -> str:
    kept = f"{summary.conflicts:,}, all sides kept" if summary.conflicts else "none"
    corrected = summary.corrected
    return f"{kept}; {many(corrected, 'claim')} corrected" if corrected else kept


def _pages(pages: Written) -> str:
    return f"{len(pages.paths):,}, from index.html on, with data beside each; {_size(pages.size)}"


def show_verdict(verdict: Verdict, width: int) -> None:
    """Print whether a saved query was answered as expected, and what is not so, in part."""
    query = verdict.query
    sign, colour = ("✗", "red") if verdict.problem else ("✓", "green")
    if verdict.problem is None and query.expected is None:
        sign, colour = "?", "yellow"
    name = click.style(f"{query.name:<{width}}", fg="cyan")
    click.echo(f"{click.style(sign, fg=colour)} {name}  {printable(query.title)}")
    for rows, mark, shade in ((verdict.missing, "-", "red"), (verdict.surplus, "+", "green")):
        for row in rows[:SHOWN]:
            click.secho(f"    {mark} {printable(row)}", fg=shade)
        if len(rows) > SHOWN:
            click.secho(f"    {mark} and {len(rows) - SHOWN:,} more", fg=shade)


def _size(size: int) -> str:
    return f"{size:,} B" if size < 10_000 else f"{size / 1000:,.0f} kB"


def show_explained(group: list[Explained], incoming: bool) -> None:
    """Print triples that the same sentences say, then these, the values marked in them."""
    for explained in group:
        value = f"{explained.value}  <{explained.iri}>" if explained.iri else explained.value
        notes = ["recorded, not asserted"] if not explained.asserted else []
        shown = "; ".join((*notes, *sorted(explained.notes)))
        predicate = click.style(printable(explained.predicate), fg="cyan")
        doubt = click.style(printable(f" ({shown})"), fg="yellow") if shown else ""
        click.echo(f"{'←' if incoming else ' '} {predicate}  {printable(value)}{doubt}")
    values = [explained.value for explained in group]
    for passage in sorted(group[0].passages, key=lambda p: (p.path, p.start)):
        quote = "".join(
            click.style(printable(piece), fg="green", bold=hit, underline=hit)
            for piece, hit in marked(passage.quote, values)
        )
        click.echo(f"      “{quote}”")
        place = f"{printable(passage.path)}:{passage.line}"
        click.secho(f"      {place}, from offset {passage.start}", dim=True)
    facts = sorted({fact for explained in group for fact in explained.facts})
    more = f" and {len(facts) - 3} more" if len(facts) > 3 else ""
    click.secho(f"      fact {printable(', '.join(facts[:3]))}{more}", dim=True)
    click.echo()


def show_coverage(coverages: list[Coverage]) -> None:
    """Print the shares of articles, and every sentence that nothing accounts for."""
    for row in shares(coverages):
        click.echo(row)
    click.echo()
    for row in missing(coverages):
        click.secho(row, fg="red")
    click.secho(share(statuses(coverages)), bold=True)


def show_article(coverage: Coverage) -> None:
    """Print an article with all that is covered, declared and missing marked."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    colour = terminal and click.get_current_context().color is not False
    columns = shutil.get_terminal_size().columns if terminal else None
    click.secho(printable(coverage.article.path), bold=True)
    for row in marked_text(coverage, colour=colour, columns=columns):
        click.echo(row)
    click.secho(f"\n{LEGEND}{'' if colour else '   ⟦in no quote⟧'}", dim=True)
    click.secho(share(statuses([coverage])), bold=True)
