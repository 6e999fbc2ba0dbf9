"""What all facts of a folder are mapped by, beside the articles: what is kept depends on it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph
import yaml

import kg
from kg.folder import DESCRIPTION, turtle_files


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
