"""``kg query``: ask the published dataset."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kg.commands import DATA, fail


@click.command()
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
        fail(error.problem)


def _close_the_door() -> None:
    """Let this process open nothing more, sockets least of all: Oxigraph cannot be told not to."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, most))


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
        fail(Problem(Place(query), f"cannot be read: {reason}", mend))
