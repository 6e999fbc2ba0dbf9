"""The ``kg`` command. Each command imports what it needs when it runs, so that help is instant.

Exit codes: 0 done; 1 the input has errors; 2 the command line is wrong; 3 the output cannot be
written; 70 a bug of kgpress.
"""

from __future__ import annotations

import io
import os
import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from kg import __version__, commands


class _Commands(click.Group):
    """All commands, of which only the one that runs is imported; it ends in one line."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(module.name for module in iter_modules(commands.__path__))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        command: click.Command = getattr(import_module(f"kg.commands.{name}"), name)
        return command

    def main(self, *args: Any, **extra: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character is no reason to fail.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        with commands.one_line():
            return super().main(*args, **extra)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="kg", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Linked data in which every triple can be traced to the sentence that says it."""
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        context.color = False
