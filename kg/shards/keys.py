"""By what the parts of shards are called: digests of all that they are mapped from."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
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
    versions = (kg.__version__, sys.version, pyoxigraph.__version__, yaml.__version__)
    digest = hashlib.sha256(repr((*versions, allow_code)).encode())
    home = Path(kg.__file__).parent
    files = [*sorted(home.rglob("*.py")), *(file for _, file in turtle_files(folder, "ontology"))]
    for file in (*files, folder / DESCRIPTION, folder / "mappers.py"):
        data = file.read_bytes() if file.is_file() else b""
        digest.update(f"{file.name} {len(data)}\n".encode() + data)
    return digest.hexdigest()
