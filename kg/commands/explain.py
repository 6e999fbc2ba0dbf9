"""``kg explain``: all that is known of one thing."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import click

from kg.commands import DATA, fail, note


@click.command()
@click.argument("name")
@DATA
def explain(name: str, data: Path) -> None:
    """Print all that is known of NAME, with the sentences.

    NAME is an IRI, a prefixed name or a slug.
    """
    from kg import explain as explaining
    from kg.asking.making import prepare
    from kg.asking.published import Published, QueryError
    from kg.model import Place, Problem
    from kg.reports.text import printable
    from kg.terminal import show_explained

    prepare(data, tell=note)
    published = None
    try:
        published = Published(data)
        node = explaining.find(published, name)
        if node is None:
            close = explaining.nearest_slug(published, name)
            mend = f"did you mean '{close}'?" if close else "name a thing by its IRI or slug"
            fail(Problem(Place(str(data)), f"nothing is known of '{name}'", mend))
        click.secho(printable(published.label(node)), bold=True)
        click.secho(f"{printable(node.value)}\n", fg="blue")
        for incoming in (False, True):
            found = explaining.about(published, node, incoming=incoming)
            if incoming and found:
                click.secho("Referred to by\n", bold=True)
            for _, group in groupby(found, key=lambda explained: explained.passages):
                show_explained(list(group), incoming)
    except (QueryError, RuntimeError) as error:
        if published is not None and published.is_damaged(error):
            message, mend = "the store on disk is damaged", "ask again: it is made anew"
            fail(Problem(Place(str(data)), message, mend))
        if isinstance(error, QueryError):
            fail(error.problem)
        raise
