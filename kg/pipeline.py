"""The pipeline: seeds -> facts -> claims -> checks -> exports, published in one step.

dataset = load(folder)          read and map, in memory; problems are values
problems = check(dataset)       SHACL and the other checks
report = build(folder, out)     both, shard by shard (`kg.shards`), then the dumps, swapped in place
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kg.asking.queries import Query
from kg.changes.reanchoring import changes
from kg.checks import run_checks
from kg.checks.shapes import Validator
from kg.dataset import Dataset, add_queries
from kg.exporters import EXPORTERS
from kg.folder import turtle_files
from kg.memory import Memory
from kg.model import Problem, Severity
from kg.publish import publication
from kg.search.writing import write_search
from kg.shards.building import Building
from kg.shards.crew import Crew, Processes
from kg.shards.places import apart
from kg.shards.shelf import shelf
from kg.shards.survey import survey
from kg.summary import Summary

if TYPE_CHECKING:
    from kg.site import Written

SHARD = 500
"""How many facts a shard has, at most on average: an edit costs the shard, not the folder."""

SENT = 2000
"""How many facts a shard has that is sent elsewhere, which costs something by itself."""


class Stage(Protocol):
    """Is told what is being done, and of how much how much is done."""

    def __call__(self, name: str, done: int = 0, total: int = 0) -> None:
        """Take the name of the stage, and numbers of shards (0: not counted)."""


@dataclass
class Report:
    """What a check or a build did: the folder's outline, every problem, what was published."""

    dataset: Dataset
    """What stands beside the articles, and the names of all things."""
    problems: list[Problem]
    read: list[str] = field(default_factory=list)
    """The paths of the articles and fact files that were read."""
    facts: int = 0
    claims: int = 0
    summary: Summary = field(default_factory=Summary)
    """The numbers; of a folder with errors there are none."""
    published: bool = False
    files: dict[str, int] = field(default_factory=dict)
    """The published files by their path in the output folder, with their sizes in bytes; no pages,
    nor what lies beside them."""
    pages: Written | None = None
    """What was written of pages, None where data alone was wanted."""


def check(
    dataset: Dataset, *, strict: bool = False, exact: bool = False, published: Path | None = None
) -> list[Problem]:
    """Return all problems of a loaded dataset, sorted: those of reading it, and the checks'.

    The checks run only on what could be read whole: after an error, their findings would be
    about what is missing. With ``strict``, warnings become errors. Quotes of articles that have
    changed are compared with what was ``published`` in that folder, if anything was.
    """
    problems = list(dataset.problems)
    if published is not None:
        problems += changes(dataset, published)
    if not dataset.errors:
        problems += run_checks(dataset, exact=exact)
    return _sorted(problems, strict)


def check_folder(
    folder: Path,
    *,
    allow_code: bool = False,
    strict: bool = False,
    exact: bool = False,
    published: Path | None = None,
    workers: int = 1,
    memory: int = 0,
    stage: Stage = lambda name, done=0, total=0: None,
) -> Report:
    """Read and validate a folder shard by shard, which finds what `check` finds of it in memory.

    ``exact`` has pySHACL validate everything. ``memory`` is as `build` has it.
    """
    limit = Memory(memory) if memory else None
    with _surveyed(folder, allow_code, exact, workers, limit, stage) as building:
        return _checked(building, strict, published, (), stage)


def build(
    folder: str | Path = ".",
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    strict: bool = False,
    exact: bool = False,
    only: Collection[str] = (),
    data_only: bool = False,
    keep: bool = False,
    compress: bool = False,
    workers: int = 1,
    memory: int = 0,
    dask: str = "",
    parts: str = "",
    stage: Stage = lambda name, done=0, total=0: None,
) -> Report:
    """Build a folder and publish it in ``out`` (default: its ``public``).

    After an error, what was published stays as it was. ``only`` names the dumps to write, if not
    all of them are wanted (`kg.exporters.EXPORTERS`); ``exact`` has pySHACL validate everything.
    ``compress`` writes each dump compressed, too.
    With ``keep``, parts that an earlier build has kept are used, and parts kept for the next
    (`kg.shards.shelf`).

    ``memory`` is how many bytes all processes may take together (0: as many as they need): there
    are as many of the ``workers`` as fit, and each has its share (`kg.memory`).

    ``dask`` is the address of a Dask scheduler whose workers are to map and write shards, or
    ``local`` for some on this machine (`kg.shards.cluster`, which needs kgpress[scale]); ``parts``
    a URL that all of these reach, where parts lie for the time being.

    ``stage`` is told what is being done, and of how many shards how many are. Raises
    `kg.publish.PublishError` when the dataset is sound but cannot be written.
    """
    folder = Path(folder)
    out = folder / "public" if out is None else Path(out)
    dumps = [name for name in EXPORTERS if not only or name in only]
    limit = Memory(memory) if memory else None
    with _surveyed(
        folder, allow_code, exact, workers, limit, stage, dask, parts, keep=keep
    ) as building:
        report = _checked(building, strict, out, dumps, stage)
        if _errors(report.problems):
            return report
        stage("writing")
        with publication(out) as staging:
            (staging / "data").mkdir()
            building.merge(staging / "data", dumps, compress)
            building.republish(staging)
            _copy_vocabulary(folder, staging)
            _write_queries(report.dataset.queries, staging / "queries")
            report.files = dict(_sizes(staging))
            if not only:
                stage("search")
                write_search(staging)
            if not (only or data_only):
                from kg.site import write_site  # templates take a while to import

                report.pages = write_site(staging, out, building.mergers, partial(stage, "pages"))
    report.published = True
    return report


@contextmanager
def _surveyed(
    folder: Path,
    allow_code: bool,
    exact: bool,
    workers: int,
    memory: Memory | None,
    stage: Stage,
    dask: str = "",
    parts: str = "",
    *,
    keep: bool = False,
) -> Iterator[Building]:
    """Look through a folder; what is laid aside of its shards goes when the block ends, or stays.

    It stays for the next build with ``keep``, if it lies on this machine.
    """
    with ExitStack() as stack:
        found = stack.enter_context(shelf(folder if keep and not parts else None))
        elsewhere = stack.enter_context(apart(parts)) if parts else None
        mergers = Processes(workers, memory)
        crew: Crew = Processes(workers, memory, beside=1)  # a child that loads the shapes
        if dask:
            from kg.shards.cluster import cluster

            stage("gathering")
            work = elsewhere or found.work
            crew = stack.enter_context(cluster(dask, workers, work, found.work))
        stage("reading")
        shapes = stack.enter_context(
            Validator(folder, found.work, exact=exact, workers=workers, memory=memory)
        )
        size = SENT if dask else SHARD
        surveyed = survey(folder, allow_code=allow_code, size=size, kept=found.looks)
        places = found.places(surveyed.keys(), elsewhere)
        yield Building(surveyed, places, found.work, crew, mergers, shapes)


def _checked(
    building: Building,
    strict: bool,
    published: Path | None,
    dumps: Collection[str],
    stage: Stage,
) -> Report:
    """Map and check what was surveyed, and write the pieces of the dumps that are wanted."""
    dataset = building.survey.outline
    if dataset.description is not None:
        building.map(partial(stage, "mapping"))
        add_queries(dataset)
    if not _errors(building.problems + dataset.problems):
        building.write(dumps, partial(stage, "writing"))
    found = building.problems + dataset.problems
    sound = not _errors(found)
    if published is not None:
        found += changes(dataset, published)
    if sound:
        stage("checking")
        found += building.check()
    report = Report(dataset, _sorted(found, strict), building.read, summary=building.summary)
    report.facts, report.claims = building.facts, building.claims
    return report


def _errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _sorted(problems: Iterable[Problem], strict: bool) -> list[Problem]:
    if strict:
        problems = (
            replace(p, severity=Severity.ERROR) if p.severity is Severity.WARNING else p
            for p in problems
        )
    return sorted(problems, key=lambda p: (p.place, p.severity, p.message))


def _copy_vocabulary(folder: Path, staging: Path) -> None:
    """Copy the ontology and the shapes that were used."""
    for name in ("ontology", "shapes"):
        (staging / name).mkdir()
        for _, file in turtle_files(folder, name):
            target = staging / name / file.name
            if target.exists():  # the folder's own file has the name of one of ours
                target = target.with_name(f"own-{file.name}")
            shutil.copyfile(file, target)


def _write_queries(queries: list[Query], directory: Path) -> None:
    """Write the saved queries and the answers that are expected of them, as they were read."""
    if queries:
        directory.mkdir()
    for query in queries:
        (directory / f"{query.name}.rq").write_bytes(query.text.encode())
        if query.expected is not None:
            name = Path(query.expected.path).name
            (directory / name).write_bytes(query.expected.text.encode())


def _sizes(directory: Path) -> Iterator[tuple[str, int]]:
    for file in sorted(directory.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            yield file.relative_to(directory).as_posix(), file.stat().st_size
