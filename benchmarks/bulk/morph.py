"""morph-kgc as a contender: its input made of a dump, its output held to that dump."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from common.environments import rivals_python
from common.printing import tell
from pyoxigraph import RdfFormat, parse

from bulk.measure import Contender
from bulk.relations import read_tables, write_tables
from bulk.rml import mapping

MADE = "morph.nq"
NULL = "\\N"
"""What morph-kgc is to take for no value: empty text, as it does by default, is one here."""
CONFIG = f"""\
[CONFIGURATION]
output_file: {MADE}
output_format: N-QUADS
number_of_processes: 1
na_values: {NULL}
logging_level: WARNING

[dump]
mappings: mapping.ttl
"""


def prepare(dump: Path, work: Path) -> Contender:
    """Write what morph-kgc reads into a folder; return the contender that reads it."""
    write_input(dump, work)
    command = [rivals_python("rivals-bulk"), "-m", "morph_kgc", "config.ini"]
    return Contender("morph-kgc, N-Quads", command, cwd=work)


def write_input(dump: Path, work: Path) -> None:
    """Write what morph-kgc reads so that it makes the quads of a dump."""
    if (work / "config.ini").exists():
        return
    tell(f"Writing tables and a mapping for morph-kgc into {work.name}")
    work.mkdir(exist_ok=True)
    tables = read_tables(dump)
    write_tables(dump, tables, work)
    (work / "mapping.ttl").write_text(mapping(tables), "utf-8")
    (work / "config.ini").write_text(CONFIG, "utf-8")


def difference(first: Path, second: Path, work: Path) -> str:
    """Return how the quads of two dumps differ, or nothing: as sets, whatever their order."""
    ordered = [work / "first.sorted", work / "second.sorted"]
    for dump, target in zip((first, second), ordered, strict=True):
        _sort(dump, target)
    with subprocess.Popen(
        ["comm", "-3", *ordered], stdout=subprocess.PIPE, text=True, env={"LC_ALL": "C"}
    ) as compared:
        assert compared.stdout is not None
        lines = list(compared.stdout)
    for target in ordered:
        target.unlink()
    if not lines:
        return ""
    theirs = sum(line.startswith("\t") for line in lines)
    return f"{len(lines) - theirs} quads are missing and {theirs} too many, as {lines[0].strip()}"


def _sort(dump: Path, target: Path) -> None:
    """Write the quads of a dump in one canonical form, sorted, each once."""
    with (
        target.open("wb") as out,
        subprocess.Popen(
            ["sort", "-u"], stdin=subprocess.PIPE, stdout=out, env={"LC_ALL": "C"}
        ) as sort,
    ):
        assert sort.stdin is not None
        sort.stdin.writelines(_canonical(dump))


def _canonical(dump: Path) -> Iterator[bytes]:
    for quad in parse(path=str(dump), format=RdfFormat.N_QUADS):
        yield f"{quad} .\n".encode()
