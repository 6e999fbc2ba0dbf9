"""``kg serve``: the published dataset on the web."""

from __future__ import annotations

from pathlib import Path

import click

from kg.commands import DATA, need, one_line, refuse

NEEDED = ("httptools", "uvicorn", "uvloop")
"""What the extra kgpress[serve] installs."""


@click.command()
@DATA
@click.option("--host", default="127.0.0.1", help="The address to listen at (default: 127.0.0.1).")
@click.option("--port", default=8000, type=click.IntRange(0, 65535), help="The port (8000).")
@click.option(
    "--timeout",
    default=10.0,
    type=click.FloatRange(min=0.1),
    metavar="SECONDS",
    help="What a query may take (default: 10).",
)
@click.option("--workers", default=4, type=click.IntRange(2, 256), help="Queries at a time (4).")
@click.option(
    "--memory",
    default=512,
    type=click.IntRange(64),
    metavar="MIB",
    help="What a query may take beyond the dataset (default: 512).",
)
@click.option(
    "--proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Believe X-Forwarded-For and -Proto of the reverse proxy at this address.",
)
@click.option("--log-queries", is_flag=True, help="Keep the text of queries in the log.")
def serve(
    data: Path,
    host: str,
    port: int,
    timeout: float,
    workers: int,
    memory: int,
    proxies: tuple[str, ...],
    log_queries: bool,
) -> None:
    """Serve the published dataset: SPARQL 1.1, linked data, downloads.

    A new build is picked up when it is published. The log is a line of JSON for each request.
    """
    need(NEEDED, "kg serve", "'kgpress[serve]', or use make serve")
    with one_line():
        from kg.server.nursery import Limits, RefusedError
        from kg.server.serving import listen, serve

        try:
            listening = listen(host, port)
        except OSError as error:
            refuse(f"{host}:{port}: {error.strerror or error}; give another --host or --port")
        shown = f"[{host}]" if ":" in host else host

        def ready() -> None:
            click.echo(f"Serving {data} at http://{shown}:{listening.getsockname()[1]}/", err=True)

        limits = Limits(timeout, workers, memory << 20)
        try:
            serve(data, listening, limits, list(proxies), ready, queries=log_queries)
        except RefusedError as error:
            refuse(str(error))
