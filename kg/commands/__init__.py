"""The commands of ``kg``, one module each, and the options that several of them have.

A module here is a command: its click command has the name of the module.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from kg.model import Problem


def _processors() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(context: click.Context, option: click.Parameter, value: str | None) -> int:
    """Return how many bytes a size is, in powers of 1024; 0 without one."""
    if value is None:
        return 0
    from kg.memory import LEAST

    found = re.fullmatch(r"([0-9]{1,15})(?:([kmgt])(?:ib)?)?", value, re.ASCII | re.IGNORECASE)
    if found is None:
        raise click.BadParameter(f"{value[:60]!r} is no size, such as 512M or 2G")
    size: int = int(found[1]) * 1024 ** " kmgt".index((found[2] or " ").lower())
    if size < LEAST:
        raise click.BadParameter(f"{value} is too little; the least is {LEAST >> 20}M")
    return size


FOLDER = click.argument(
    "folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
ALLOW_CODE = click.option(
    "--allow-code", is_flag=True, help="Run the folder's own mappers.py, which is code."
)
STRICT = click.option("--strict", is_flag=True, help="Treat warnings as errors.")
EXACT = click.option(
    "--exact", is_flag=True, help="Have pySHACL validate everything: slow, for small folders."
)
WORKERS = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=lambda: min(_processors(), 8),
    show_default="one for each processor, up to 8",
    help="How many processes to use.",
)
MEMORY = click.option(
    "--memory",
    callback=_size,
    metavar="SIZE",
    show_default="no limit",
    help="How much memory all processes together may take, such as 2G.",
)
DATA = click.option(
    "--data",
    default="public",
    type=click.Path(path_type=Path),
    help="The published folder to ask (default: public).",
)
PUBLISHED = click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The published folder that changed articles are compared with (default: FOLDER/public).",
)


@contextmanager
def one_line() -> Iterator[None]:
    """End in one line, whatever happens."""
    try:
        yield
    except BrokenPipeError:
        sys.exit(1)  # who read the output has seen enough
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        if isinstance(error, OSError):
            code, line = 3, f"{error.filename or 'output'}: {error.strerror or error}"
        else:
            code, line = 70, f"unexpected {type(error).__name__}: {error}"
            line += "; this is a bug: please report it (python -X dev -m kg … shows where)"
        from kg.reports.text import printable

        click.echo(f"kg: error: {printable(' '.join(line.split()))}", err=True)
        sys.exit(code)


@contextmanager
def unwritable() -> Iterator[None]:
    """End with one line and code 3 when the output, or a temporary file, cannot be written."""
    from kg.publish import PublishError
    from kg.reports.text import printable

    try:
        yield
    except PublishError as error:
        line = str(error)
    except OSError as error:
        what = error.filename or "temporary files"
        line = f"{what}: {error.strerror or error}; free some space, or set TMPDIR to where it is"
    else:
        return
    click.secho(f"kg: error: {printable(line)}", fg="red", err=True)
    sys.exit(3)


def note(line: str) -> None:
    """Say what takes a while, or what was not done, on the standard error."""
    from kg.reports.text import printable

    click.echo(f"kg: {printable(' '.join(line.split()))}", err=True)


def need(modules: Iterable[str], what: str, extra: str) -> None:
    """End with one line if the modules that something needs are not there, with what to install."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        refuse(f"{what} needs {', '.join(missing)}; install the extra: pip install {extra}")


def refuse(line: str) -> NoReturn:
    """End with a line that says why, and code 1."""
    from kg.reports.text import printable

    click.secho(f"kg: error: {printable(line)}", fg="red", err=True)
    sys.exit(1)


def fail(problem: Problem) -> NoReturn:
    """End with the line of a problem and code 1."""
    from kg.reports.text import line

    click.secho(line(problem), fg="red", err=True)
    sys.exit(1)
