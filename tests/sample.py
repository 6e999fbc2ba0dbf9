"""A small sound folder for tests to build and to break."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from kg import build

REPOSITORY = Path(__file__).parent.parent
SHARED = REPOSITORY.parent / "shared"

DESCRIPTION = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .
<https://example.org/d/> a dcat:Dataset ; rdfs:label "Small"@en ; dcterms:title "Small"@en ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:publisher <https://example.org/d/me> ; void:uriSpace "https://example.org/d/" .
<https://example.org/d/me> rdfs:label "Me" .
<https://creativecommons.org/publicdomain/zero/1.0/> rdfs:label "CC0" .
"""

TEXT = """\
Acme wins the Golden Cog

On May 4, 2020, Acme Works won the Golden Cog for its quiet gears. Acme has 1,200 workers.
Jo Bell, head of Acme Works, said: "We listen." The Golden Cog was established in 1999.
"""

FACTS = """\
article:
  title: Acme wins the Golden Cog
  language: en
  quote: Acme wins the Golden Cog

facts:
  - organisation: acme
    name: Acme Works
    alias: Acme
    quote: Acme Works won the Golden Cog

  - award: golden-cog
    name: Golden Cog
    established: 1999
    quote: The Golden Cog was established in 1999.

  - conferral: acme-golden-cog-2020
    award: golden-cog
    recipient: acme
    date: {value: 2020-05-04, rule: iso-date, text: "May 4, 2020"}
    quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.
"""


class Folder:
    """A folder in a temporary directory, and how tests change it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "seeds").mkdir(parents=True)
        (root / "ontology").mkdir()
        self.write("ontology/dataset.ttl", DESCRIPTION)
        self.write("seeds/a.txt", TEXT)
        self.write("seeds/a.facts.yaml", FACTS)

    def write(self, path: str, content: str | bytes) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_bytes().decode()
        assert old in text, f"{path} does not hold {old!r}"
        self.write(path, text.replace(old, new))

    def facts(self, *facts: str) -> None:
        """Append facts, given as YAML mappings indented by nothing."""
        more = "".join("  - " + fact.strip().replace("\n", "\n    ") + "\n" for fact in facts)
        self.write("seeds/a.facts.yaml", FACTS + "\n" + more)

    def publish(self, out: Path | None = None, *, pages: bool = False) -> Path:
        """Lay down what a build publishes, in `public` or elsewhere, with its pages if need be.

        For tests of what comes after a build: folders that are alike are built once for all.
        """
        out = out or self.root / "public"
        for path, content in _published(tuple(tree(self.root).items()), pages).items():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            (out / path).write_bytes(content)
        return out


@cache
def _published(files: tuple[tuple[str, bytes], ...], pages: bool) -> dict[str, bytes]:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "folder")
        for path, content in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        report = build(folder, data_only=not pages)
        assert report.published, report.problems
        return tree(folder / "public")


def tree(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory by its path, with its bytes."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def kg(*arguments: str | Path, cwd: Path | None = None, **options: object) -> Ran:
    """Run the command as a user does, in a process of its own."""
    environment = {**os.environ, **options.pop("env", {})}  # type: ignore[dict-item]
    done = subprocess.run(
        [sys.executable, "-m", "kg", *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
        **options,  # type: ignore[call-overload]
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


class Ran(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str
