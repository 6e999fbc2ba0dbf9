"""``kg query``: ask the published dataset."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.commands import DATA, fail, note, one_line

if TYPE_CHECKING:
    from kg.asking.published import Published
    from kg.asking.queries import Query
    from kg.model import Problem


@click.command()
@click.argument("query", required=False)
@DATA
@click.option(
    "--format",
    "format_",
    default="table",
    type=click.Choice(["table", "csv", "tsv", "json", "xml", "turtle", "ntriples"]),
    help="How to print the answer (default: table).",
)
@click.option("--check", is_flag=True, help="Hold saved queries to their expected answers.")
@click.option("--list", "list_", is_flag=True, help="Print the names of the saved queries.")
@click.option("--evidence", is_flag=True, help="Give each row the sentences behind it.")
@click.option(
    "--timeout",
    default=60.0,
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Give up after so long (default: 60; 0: never).",
)
def query(
    query: str | None,
    data: Path,
    format_: str,
    check: bool,
    list_: bool,
    evidence: bool,
    timeout: float,
) -> None:
    """Ask the published dataset a SPARQL 1.1 QUERY.

    QUERY is the name of a query that was published with the dataset, a file, - (stdin) or the text
    itself. The default graph is the merged graph, the named ones are those of the articles. Common
    prefixes are known, and the empty one names things, as in :xiaomi.

    With --check, QUERY is a saved query, a file or a directory of them; without it, all that were
    published are asked.
    """
    from kg.asking.making import prepare
    from kg.confined import KilledError, confined

    if check and list_:
        raise click.UsageError("--check and --list do not go together")
    if list_ and query is not None:
        raise click.UsageError("--list takes no QUERY")
    if query is None and not (check or list_):
        raise click.UsageError("give a QUERY, or --check or --list")
    if evidence and (check or list_):
        raise click.UsageError("--evidence is for the answer to one QUERY")

    def work() -> None:
        with one_line():
            _ask(query, data, format_, check, list_, evidence)

    prepare(data, tell=note)
    try:
        code = confined(work, timeout)
    except KilledError as error:
        mend = "simplify it" + (", or give it longer with --timeout" if error.late else "")
        fail(_problem("query", f"the {'check' if check else 'query'} {error}", mend))
    sys.exit(code)


def _ask(
    query: str | None, data: Path, format_: str, check: bool, list_: bool, evidence: bool
) -> None:
    """Do what is asked, in a child that a query may end."""
    from kg.asking.published import Published, QueryError

    try:
        published = Published(data)
        try:
            if list_:
                _list(published)
            elif check:
                _check(published, query)
            else:
                _answer(published, query or "", format_, evidence)
        except (QueryError, OSError, RuntimeError) as error:
            if published.is_damaged(error):
                mend = "ask again: it is made anew"
                fail(_problem("query", "the store on disk is damaged", mend))
            raise
    except QueryError as error:
        fail(error.problem)


def _answer(published: Published, query: str, format_: str, evidence: bool) -> None:
    from kg.asking.answers import write_answer
    from kg.asking.sentences import seeker
    from kg.confined import close_the_door
    from kg.terminal import show_problems

    text = _query_text(published, query)
    _ = published.store, published.prefixes  # read before nothing can be opened any more
    close_the_door()
    answer = published.query(text)
    show_problems(published.misnamed(text))
    seek = seeker(published, text, lambda problem: show_problems([problem])) if evidence else None
    for chunk in write_answer(published, answer, format_, seek):
        click.echo(chunk, nl=False)


def _list(published: Published) -> None:
    from kg.reports.text import printable

    width = max((len(saved.name) for saved in published.queries), default=0)
    for saved in published.queries:
        name = click.style(f"{saved.name:<{width}}", fg="cyan")
        click.echo(f"{name}  {printable(saved.title)}")


def _check(published: Published, query: str | None) -> None:
    """Ask saved queries, and end with code 1 when one is not answered as expected."""
    from kg.asking.expected import judge
    from kg.confined import close_the_door
    from kg.model import Severity
    from kg.terminal import show_problems, show_verdict

    queries, problems = _saved(published, query)
    _ = published.store, published.prefixes
    close_the_door()
    width = max((len(saved.name) for saved in queries), default=0)
    right = 0
    for saved in queries:
        verdict = judge(published, saved)
        show_verdict(verdict, width)
        right += verdict.problem is None and saved.expected is not None
        problems += [verdict.problem] if verdict.problem else []
        problems += published.misnamed(saved.text, saved.path)
    wrong = sum(problem.severity is Severity.ERROR for problem in problems)
    sys.stdout.flush()
    show_problems(problems)
    click.secho(f"{right:,} of {len(queries):,} answered as expected", bold=True)
    if wrong:
        sys.exit(1)


def _saved(published: Published, query: str | None) -> tuple[list[Query], list[Problem]]:
    """Return the saved queries that are meant, and what is wrong with them."""
    from kg.asking.queries import read_queries, read_query

    known, home = published.prefixes, published.out / "queries"
    if query is None or _lies(Path(query), Path.is_dir):
        home = home if query is None else Path(query)
        queries, problems = read_queries(home, home.as_posix(), known)
        if not (queries or problems):
            fail(_problem(home.as_posix(), "there are no saved queries", "name others, or build"))
        return queries, problems
    file = _file(published, query)
    found, problems = read_query(file, file.as_posix(), known)
    return [found] if found else [], problems


def _query_text(published: Published, query: str) -> str:
    several = len(query.split()) > 1
    if query != "-" and ("{" in query or (several and not _lies(Path(query), Path.exists))):
        return query
    try:
        data = sys.stdin.buffer.read() if query == "-" else _file(published, query).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        mend = "give the text of a query, a file that holds one, or a name that --list prints"
        fail(_problem(query, f"cannot be read: {reason}", mend))


def _file(published: Published, query: str) -> Path:
    """Return the file that is meant: the one of this path, or the saved query of this name."""
    saved = published.out / "queries" / f"{query}.rq"
    named = _lies(saved, Path.is_file) and not _lies(Path(query), Path.is_file)
    return saved if named else Path(query)


def _lies(path: Path, ask: Callable[[Path], bool]) -> bool:
    """Whether such a thing lies at a path; nothing does where a text is too long for one."""
    try:
        return ask(path)
    except OSError:
        return False


def _problem(path: str, message: str, mend: str) -> Problem:
    from kg.model import Place, Problem

    return Problem(Place(path), message, mend)
