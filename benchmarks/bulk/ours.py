"""`kg` as a contender: its commands, and which options it has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from common.printing import tell

from bulk.folders import Bulk
from bulk.measure import Contender, Run, run

KG = Path(sys.executable).with_name("kg")
LONG = 7200.0
"""Seconds for what is made before anything is measured."""


class CannotPrepareError(Exception):
    """What a section measures could not be made."""


@cache
def has_option(command: str, option: str) -> bool:
    """Whether a command of kg has an option."""
    done = subprocess.run([KG, command, "--help"], capture_output=True, text=True, check=True)
    return option in done.stdout


def workers(most: int) -> list[int]:
    """Return the numbers of workers to measure: one and the most, if kg can have several."""
    return sorted({1, most}) if has_option("build", "--workers") else [1]


def build_command(folder: Path, out: Path, workers: int = 0, only: str = "") -> list[str | Path]:
    """Return the command that builds a folder, by so many workers and only one dump if it can."""
    command: list[str | Path] = [KG, "build", folder, "--out", out]
    if workers and has_option("build", "--workers"):
        command += ["--workers", str(workers)]
    if only and has_option("build", "--only"):
        command += ["--only", only]
    return command


def built(folder: Path, out: Path, workers: int = 0, only: str = "") -> Contender:
    """Return a build from nothing as a contender, named by the options that this kg has."""
    command = build_command(folder, out, workers, only)
    name = " ".join(map(str, ["kg build", *command[5:]]))
    if only and only not in command:
        name += ", everything (it has no --only)"
    return Contender(name, command, prepare=lambda: clear(out))


def clear(out: Path) -> None:
    """Remove what a build published, and what it may keep for the next one."""
    shutil.rmtree(os.environ["XDG_CACHE_HOME"], ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    for left in out.parent.glob(f".{out.name}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def folder_of(work: Path, facts: int, violations: int = 0) -> Path:
    """Return a folder of so many facts, made unless it is there."""
    folder = work / f"folder-{facts}-{violations}"
    if not folder.exists():
        tell(f"Making a folder of {facts:,} facts")
        Bulk(facts, violations=violations).write(folder)
    return folder


def published(work: Path, facts: int, violations: int = 0) -> Path:
    """Return what kg publishes of so many facts, built unless it is there."""
    folder = folder_of(work, facts, violations)
    out = work / f"public-{facts}-{violations}"
    if not (out / "data" / "kg.nq").exists():
        tell(f"Building {facts:,} facts, to have what others are given to read")
        succeed(run(build_command(folder, out), LONG))
    return out


def succeed(done: Run) -> None:
    """Raise an error unless a command that prepares something did well."""
    if done.failure:
        raise CannotPrepareError(done.failure)
