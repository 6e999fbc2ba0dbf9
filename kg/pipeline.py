"""The pipeline: seeds -> facts -> claims -> checks -> exports, published in one step.

dataset = load(folder)          read and map; problems are values
problems = check(dataset)       SHACL and the other checks
report = build(folder, out)     both, then the dumps, swapped into place
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from kg.asking.queries import Query
from kg.changes.reanchoring import changes
from kg.checks import run_checks
from kg.coverage import Coverage, coverage
from kg.dataset import Dataset, load
from kg.exporters import write_exports
from kg.folder import turtle_files
from kg.model import Origin, Problem, Severity
from kg.publish import publication
from kg.republishing import republished


class Stage(Protocol):
    """Is told what is being done, and of how much how much is done."""

    def __call__(self, name: str, done: int = 0, total: int = 0) -> None:
        """Take the name of the stage, and numbers of articles (0: not counted)."""


@dataclass
class Report:
    """What a build did: the dataset, every problem, and the files that were published."""

    dataset: Dataset
    problems: list[Problem]
    published: bool = False
    files: dict[str, int] = field(default_factory=dict)
    """The published files by their path in the output folder, with their sizes in bytes."""

    @property
    def origins(self) -> dict[Origin, int]:
        """How many claims of each origin there are, those of links to elsewhere with them."""
        claims = (*self.dataset.claims, *self.dataset.links)
        counts = Counter(claim.derivation.origin for claim in claims)
        return {origin: counts[origin] for origin in Origin if counts[origin]}

    @property
    def coverage(self) -> list[Coverage]:
        """How far the articles are covered."""
        return coverage(self.dataset)


def check(
    dataset: Dataset, *, strict: bool = False, exact: bool = False, published: Path | None = None
) -> list[Problem]:
    """Return all problems of a loaded dataset, sorted: those of reading it, and the checks'.

    The checks run only on what could be read whole: after an error, their findings would be
    about what is missing. With ``strict``, warnings become errors. With ``exact``, pySHACL judges
    everything, not only what `kg.sieve` holds back. Quotes of articles that have changed are
    compared with what was ``published`` in that folder, if anything was.
    """
    problems = list(dataset.problems)
    if published is not None:
        problems += changes(dataset, published)
    if not dataset.errors:
        problems += run_checks(dataset, exact=exact)
    if strict:
        problems = [
            replace(p, severity=Severity.ERROR) if p.severity is Severity.WARNING else p
            for p in problems
        ]
    return sorted(problems, key=lambda p: (p.place, p.severity, p.message))


def build(
    folder: str | Path = ".",
    out: str | Path | None = None,
    *,
    allow_code: bool = False,
    strict: bool = False,
    exact: bool = False,
    stage: Stage = lambda name, done=0, total=0: None,
) -> Report:
    """Build a folder and publish it in ``out`` (default: its ``public``).

    After an error, what was published stays as it was.

    ``stage`` is told what is being done, and of how many articles how many are. Raises
    `kg.publish.PublishError` when the dataset is sound but cannot be written.
    """
    folder = Path(folder)
    out = folder / "public" if out is None else Path(out)
    stage("reading")
    dataset = load(folder, allow_code=allow_code, progress=partial(stage, "mapping"))
    stage("checking")
    report = Report(dataset, check(dataset, strict=strict, exact=exact, published=out))
    if any(problem.severity is Severity.ERROR for problem in report.problems):
        return report
    stage("writing")
    with publication(out) as staging:
        write_exports(dataset, staging / "data")
        for name in ("ontology", "shapes"):
            (staging / name).mkdir()
            for _, file in turtle_files(folder, name):
                target = staging / name / file.name
                if target.exists():  # the folder's own file has the name of one of ours
                    target = target.with_name(f"own-{file.name}")
                shutil.copyfile(file, target)
        _write_queries(dataset.queries, staging / "queries")
        for path, article in republished(dataset):
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).write_bytes(article.data)
        report.files = dict(_sizes(staging))
    report.published = True
    return report


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
