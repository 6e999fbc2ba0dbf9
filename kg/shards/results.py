"""What validation found in shards, kept with what it was found in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from kg.checks.job import Result
from kg.checks.shapes import Judged
from kg.folder import turtle_files

RESULTS = "results"
"""The file that has the results of a shard."""


class Results(Mapping[str, list[Result]]):
    """The results that were found before in parts which are as they were then, by the part.

    Whoever writes what is judged of a shard removes the file of its results.
    """

    def __init__(self, places: Mapping[str, Path], folder: Path, *, exact: bool) -> None:
        """Take where parts lie, and the folder whose shapes they are judged by."""
        self._places = places
        digest = hashlib.sha256(f"{exact} {version('pyshacl')} {version('rdflib')}\n".encode())
        for shown, file in turtle_files(folder, "shapes"):
            with suppress(OSError):  # who reads it says so
                digest.update(f"{shown}\n".encode() + file.read_bytes())
        self._key = digest.hexdigest()
        self._found: dict[str, list[Result]] = {}
        for part, place in places.items():
            with suppress(OSError, ValueError):
                key, found = json.loads((place / RESULTS).read_bytes())
                if key == self._key:
                    self._found[part] = found

    def __getitem__(self, part: str) -> list[Result]:
        return self._found[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def joined(self, judged: Judged) -> Judged:
        """Add what is kept of parts that were not judged now, and keep what was found in others.

        That is only what was found in each by itself, and if nothing kept it from its end.
        """
        if judged.failures:
            return judged
        for part, found in judged.results.items():
            if part in self._places:
                (self._places[part] / RESULTS).write_text(json.dumps([self._key, found]))
        judged.results = {**self._found, **judged.results}
        return judged
