"""``kg push``: load the published dataset into a SPARQL store."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import DATA, STRICT, fail, unwritable

if TYPE_CHECKING:
    from kg.pushing.client import Client
    from kg.pushing.credentials import Credentials
    from kg.pushing.endpoints import Endpoint
    from kg.pushing.graphs import Graph
    from kg.pushing.stores import Store
    from kg.pushing.verification import Verdict
    from kg.terminal import Stages


@click.command()
@click.argument("url")
@DATA
@click.option(
    "--graph",
    "merged",
    default="",
    metavar="IRI",
    help="Where the merged graph goes (default: the default graph).",
)
@click.option(
    "--protocol",
    type=click.Choice(["gsp", "update"]),
    help="Graph Store Protocol or SPARQL Update (default: as the end of URL tells).",
)
@click.option("--query", metavar="URL", help="Where the store is asked what it holds.")
@click.option(
    "--batch",
    type=click.IntRange(min=0),
    metavar="N",
    help="Triples in a request (default: 10000, with SPARQL Update 1000; 0: a whole graph).",
)
@click.option("--user", metavar="NAME", help="Whose password is in the variable KG_PASSWORD.")
@click.option(
    "--timeout",
    default=60.0,
    type=click.FloatRange(min=0, min_open=True, max=86400),
    metavar="SECONDS",
    help="How long the store may be silent (default: 60).",
)
@click.option(
    "--retries",
    default=5,
    type=click.IntRange(min=0),
    metavar="N",
    help="How often a request is tried again (default: 5).",
)
@click.option("--prune", is_flag=True, help="Remove graphs that the dataset no longer has.")
@click.option("--dry-run", is_flag=True, help="Say what would be pushed; reach no store.")
@click.option("--no-verify", is_flag=True, help="Do not compare afterwards.")
@STRICT
def push(
    url: str,
    data: Path,
    merged: str,
    protocol: str | None,
    query: str | None,
    batch: int | None,
    user: str | None,
    timeout: float,
    retries: int,
    prune: bool,
    dry_run: bool,
    no_verify: bool,
    strict: bool,
) -> None:
    """Load the published dataset into the SPARQL 1.1 store at URL.

    The merged graph replaces the store's default graph; the graphs of the articles, the description
    and the saved queries replace those of the same names; other graphs are left alone. Then each
    is counted, fetched and compared.

    A bearer token is taken from the variable KG_TOKEN. docs/push.md has the URLs of many stores.
    """
    from tempfile import TemporaryDirectory

    from kg.asking.published import Published, QueryError
    from kg.pushing.client import Client, PushError, Retries
    from kg.pushing.graphs import read_graphs
    from kg.pushing.stores import GraphStore, UpdateStore
    from kg.pushing.verification import stale
    from kg.terminal import Stages

    place = _endpoint(url, protocol, query, asked=prune or not (no_verify or dry_run))
    _check_graph(merged)
    credentials = _credentials(place, user)
    stages = Stages()

    def told(line: str) -> None:
        stages.clear()
        _say("warning", line)

    client = Client(place.url, credentials, timeout=timeout, retries=Retries(retries), told=told)
    kind = GraphStore if place.protocol == "gsp" else UpdateStore
    store = kind(client, place.url, place.query, kind.usual_batch if batch is None else batch)
    try:
        with unwritable(), TemporaryDirectory(prefix="kg-push-") as spool, stages:
            stages.show("reading")
            published = Published(data)
            graphs = read_graphs(published, merged, Path(spool))
            if dry_run:
                _show_plan(place, graphs)
                return
            _push(store, graphs, stages)
            removed = stale(store, published.base, graphs) if prune else []
            for iri in removed:
                store.remove(iri)
            stages.clear()
            _show_pushed(place, graphs, removed, client)
            if not no_verify:
                verdicts = _verify(store, graphs, Path(spool), stages)
                left = stale(store, published.base, graphs)
                stages.clear()
                _show_verdicts(verdicts, left, strict)
    except QueryError as error:
        fail(error.problem)
    except PushError as error:
        _say("error", str(error))
        sys.exit(3)
    finally:
        client.close()


def _endpoint(url: str, protocol: str | None, query: str | None, *, asked: bool) -> Endpoint:
    """Return where to push and to ask; a wrong command line ends here."""
    from kg.pushing.endpoints import endpoint, flaw

    for given, what in ((url, "URL"), (query, "--query")):
        wrong = flaw(given) if given is not None else None
        if wrong:
            raise click.UsageError(f"{what}: {wrong}")
    place = endpoint(url, protocol, query)
    if place is None:
        raise click.UsageError(
            "URL does not tell how to speak to the store; give --protocol gsp (Graph Store"
            " Protocol) or --protocol update (SPARQL Update)"
        )
    if asked and not place.query:
        raise click.UsageError("give --query, the URL where the store answers, or --no-verify")
    return place


def _check_graph(iri: str) -> None:
    from pyoxigraph import NamedNode

    try:
        NamedNode(iri or "https://example.org/")
    except ValueError as error:
        raise click.UsageError(f"--graph: this is no absolute IRI: {error}") from error


def _credentials(place: Endpoint, user: str | None) -> Credentials:
    from urllib.parse import urlsplit

    from kg.pushing.credentials import Bearer, Nobody, User

    password, token = os.environ.get("KG_PASSWORD"), os.environ.get("KG_TOKEN")
    if user is not None and password is None:
        raise click.UsageError("--user needs the password, in the variable KG_PASSWORD")
    if not (token or user is not None):
        return Nobody()
    parts = urlsplit(place.url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        _say("warning", "the credentials, and all else, can be read on the way: this is not https")
    return User(user, password or "") if user is not None else Bearer(token or "")


def _push(store: Store, graphs: list[Graph], stages: Stages) -> None:
    from kg.pushing.client import PushError

    total, sent = sum(graph.count for graph in graphs), 0

    def done(count: int) -> None:
        nonlocal sent
        sent += count
        stages.show("pushing", sent, total)

    for number, graph in enumerate(graphs):
        begun = f"{number} of {len(graphs)} graphs were pushed whole; push again"
        try:
            store.replace(graph, done)
        except PushError as error:
            if error.status in (400, 500, 501) and not graph.iri:
                begun += ", with --graph IRI if the store has no default graph of its own"
            raise PushError(f"{error} (in {graph.name}; {begun})") from error
        except KeyboardInterrupt:
            stages.clear()
            _say("error", f"interrupted in {graph.name}; {begun}")
            sys.exit(1)


def _verify(store: Store, graphs: list[Graph], spool: Path, stages: Stages) -> list[Verdict]:
    from kg.pushing.client import PushError
    from kg.pushing.verification import verify

    verdicts = []
    for number, graph in enumerate(graphs):
        stages.show("verifying", number, len(graphs))
        try:
            verdicts.append(verify(store, graph, spool))
        except PushError as error:
            raise PushError(f"{error} (the dataset was pushed, but not verified)") from error
    return verdicts


def _show_plan(place: Endpoint, graphs: list[Graph]) -> None:
    from kg.reports.text import many, printable

    click.echo(f"Would push to {printable(place.url)}, {_PROTOCOLS[place.protocol]}")
    for graph in graphs:
        click.echo(f"  {printable(graph.name)}  {many(graph.count, 'triple')}")


def _show_pushed(place: Endpoint, graphs: list[Graph], removed: list[str], client: Client) -> None:
    from kg.pushing.client import shown
    from kg.reports.text import many, printable

    def held(graphs: list[Graph]) -> str:
        triples = many(sum(graph.count for graph in graphs), "triple")
        return f"{triples}, {many(len(graphs), 'named graph')}"

    rows = [
        ("merged", f"{many(graphs[0].count, 'triple')}, {graphs[0].name}"),
        ("articles", held([graph for graph in graphs[1:] if not graph.beside])),
        ("beside", held([graph for graph in graphs if graph.beside])),
        ("requests", f"{client.requests:,}, of them {client.repeated:,} repeated"),
    ]
    if removed:
        rows.insert(3, ("removed", many(len(removed), "stale graph")))
    how = _PROTOCOLS[place.protocol]
    click.secho(f"Pushed to {printable(shown(place.url))}, {how}", bold=True)
    for name, text in rows:
        click.echo(f"  {click.style(f'{name:<10}', fg='cyan')}{printable(text)}")


def _show_verdicts(verdicts: list[Verdict], left: list[str], strict: bool) -> None:
    """Print how the store compares; end with code 1 where it holds something else."""
    from kg.pushing.verification import errors, warnings
    from kg.reports.text import many

    wrong, unlike = list(errors(verdicts)), list(warnings(verdicts, left))
    sys.stdout.flush()
    for line in wrong:
        _say("error", line)
    for line in unlike:
        _say("error" if strict else "warning", line)
    if wrong or (strict and unlike):
        sys.exit(1)
    hashed = not any(verdict.rewritten.count for verdict in verdicts)
    how = "by count and hash" if hashed else "by count, and triple by triple"
    name = click.style("verified  ", fg="cyan")
    click.echo(f"  {name}{many(len(verdicts), 'graph')} {how}")


def _say(severity: str, line: str) -> None:
    from kg.reports.text import printable

    colour = "red" if severity == "error" else "yellow"
    click.secho(f"kg: {severity}: {printable(line)}", fg=colour, err=True)


_PROTOCOLS = {"gsp": "by the Graph Store Protocol", "update": "by SPARQL Update"}
