"""What all facts of a folder are mapped by, beside the articles: what is kept depends on it."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pyoxigraph
import yaml

import kg
from kg.folder import DESCRIPTION, turtle_files


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
