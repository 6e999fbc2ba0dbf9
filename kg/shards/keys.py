"""By what the parts of shards are called: digests of all that they are mapped from."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pyoxigraph
import yaml

import kg
from kg.folder import DESCRIPTION, turtle_files
from kg.shards.survey import Survey


def keys(survey: Survey, *, allow_code: bool) -> Iterator[str]:
    """Yield the key of each shard, which no other shard has."""
    common = fingerprint(survey.outline.folder, allow_code=allow_code)
    for names in survey.shards:
        articles = [
            (name, survey.digests[name], survey.seeds[name].facts_path in survey.troubled)
            for name in names
        ]
        yield hashlib.sha256(json.dumps([common, articles]).encode()).hexdigest()[:32]


def fingerprint(folder: Path, *, allow_code: bool) -> str:
    """Return the digest of what all facts of a folder are mapped by."""
    ontology = (file for _, file in turtle_files(folder, "ontology"))
    files = (*ontology, folder / DESCRIPTION, folder / "mappers.py")
    return hashlib.sha256(f"{software()} {allow_code} {_digest(files)}".encode()).hexdigest()


@cache
def software() -> dict[str, str]:
    """Return what facts are mapped by wherever that is done: programs, with their versions."""
    ours = _digest(sorted(Path(kg.__file__).parent.rglob("*.py")))
    return {
        "kgpress": f"{kg.__version__} ({ours[:12]})",
        "Python": platform.python_version(),
        "pyoxigraph": pyoxigraph.__version__,
        "PyYAML": yaml.__version__,
    }


def _digest(files: Iterable[Path]) -> str:
    """Return the digest of the names and contents of files, some of which may not be there."""
    digest = hashlib.sha256()
    for file in files:
        data = file.read_bytes() if file.is_file() else b""
        digest.update(f"{file.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()
