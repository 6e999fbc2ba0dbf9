"""What a build did, as it is shown: now, or again when there was nothing to do."""

from __future__ import annotations

from typing import Any

import click


def show_recap(recap: dict[str, Any], seconds: float, *, unchanged: bool = False) -> None:
    """Print what `kg.terminal.recap` made: title, numbers, published files."""
    click.secho(recap["title"], bold=True)
    for name, text in recap["rows"]:
        click.echo(f"  {click.style(f'{name:<10}', fg='cyan')}{text}")
    click.echo()
    for path, size in recap["files"]:
        click.echo(f"  {path:<28}{size:>10}")
    said = "Nothing has changed since this was published in" if unchanged else "Published in"
    click.echo(f"\n{said} {recap['out']}/ ({seconds:.1f} s)")


def show_problems_again(recap: dict[str, Any]) -> None:
    """Print the problems of the build to the standard error, a line each."""
    for text, colour in recap["problems"]:
        click.secho(text, fg=colour, err=True)
