"""The pipeline: seeds -> facts -> claims -> checks -> exports, published in one step.

dataset = load(folder)          read and map, in memory; problems are values
problems = check(dataset)       SHACL and the other checks
report = build(folder, out)     both, shard by shard (`kg.shards`), then the dumps, swapped in place
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from kg.asking.queries import Query
from kg.changes.reanchoring import changes
from kg.checks import run_checks
from kg.dataset import Dataset, add_queries
from kg.folder import turtle_files
from kg.model import Problem, Severity
from kg.publish import publication
from kg.shards.building import Building
from kg.shards.survey import survey
from kg.summary import Summary

SHARD = 2000
"""How many facts a shard has, at least: enough that what each costs by itself does not count."""


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
    """The published files by their path in the output folder, with their sizes in bytes."""


def check(
    dataset: Dataset, *, strict: bool = False, published: Path | None = None
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
        problems += run_checks(dataset)
    return _sorted(problems, strict)
