"""The only module that knows what a folder looks like: folder -> articles and their records.

seeds/NAME.txt            an article
seeds/NAME.facts.yaml     its fact file, or
seeds/NAME.facts.jsonl    the same in JSON Lines
ontology/*.ttl            the folder's own terms; dataset.ttl describes the dataset
shapes/*.ttl              the folder's own SHACL shapes
mappers.py                the folder's own mappers (run only when code is allowed)
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from kg.iris import collision_key
from kg.model import Article, Place, Problem, Severity
from kg.records import Record, read_records

ARTICLE = ".txt"
FACTS = (".facts.yaml", ".facts.jsonl")
_problem = partial(Problem, check="folder")
LARGEST = 32 << 20
"""Bytes of a file that is read: an article and its facts are held in memory, at many times that."""
ALMOST = (".txt", ".yaml", ".yml", ".json", ".jsonl")
"""Endings of files that were probably meant to be read."""


@dataclass
class Seeds:
    """The articles of a folder by name, the records of their fact files, and the problems."""

    articles: dict[str, Article] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Seed:
    """An article and its fact file, as they lie in seeds/, not yet read; one is small, of many."""

    name: str
    """The name of the article, in Unicode normalisation form C as in IRIs."""
    folder: Path
    stem: str
    """The name as the file system has it."""
    suffix: str
    """That of the fact file."""

    @property
    def path(self) -> str:
        """The article, relative to the folder, as it is shown."""
        return f"seeds/{self.stem}{ARTICLE}"

    @property
    def facts_path(self) -> str:
        """The fact file, relative to the folder, as it is shown."""
        return f"seeds/{self.stem}{self.suffix}"

    @property
    def text(self) -> Path:
        """The article."""
        return self.folder / self.path

    @property
    def facts(self) -> Path:
        """The fact file."""
        return self.folder / self.facts_path

    def article(self) -> tuple[Article | None, list[Problem]]:
        """Return the article, or the problems for which there is none."""
        problems: list[Problem] = []
        return self._sound(_read(self.text, self.path, problems), problems)

    def _sound(
        self, data: bytes | None, problems: list[Problem]
    ) -> tuple[Article | None, list[Problem]]:
        """Return the article of some bytes, or these problems and those that it has itself."""
        if data is None:
            return None, problems
        article = Article(self.name, self.path, data)
        problem = article_problem(article)
        return (None, [*problems, problem]) if problem else (article, problems)

    def files(self) -> Files:
        """Return what is in the files."""
        problems: list[Problem] = []
        facts = _read(self.facts, self.facts_path, problems)
        return Files(_read(self.text, self.path, problems), facts, problems)

    def read(self, files: Files | None = None) -> Read:
        """Read the article and its fact file, or what was in them elsewhere."""
        text, facts, problems = files or self.files()
        article, problems = self._sound(text, problems)
        if article is None or facts is None:
            return Read(None, [], problems, "")
        digest = f"{article.sha256} {hashlib.sha256(facts).hexdigest()}"
        return Read(article, *read_records(self.facts_path, facts), digest)


class Files(NamedTuple):
    """The bytes of an article and of its fact file; for what cannot be read, a problem."""

    text: bytes | None
    facts: bytes | None
    problems: list[Problem]


class Read(NamedTuple):
    """What was read of an article; if that failed, nothing but problems."""

    article: Article | None
    records: list[Record]
    problems: list[Problem]
    digest: str
    """Of the bytes of both files."""


def read_seeds(folder: Path) -> Seeds:
    """Read ``seeds/`` of a folder, in the order of the article names."""
    found, problems = list_seeds(folder)
    seeds = Seeds(problems=problems)
    for seed in found:
        read = seed.read()
        seeds.problems += read.problems
        if read.article is not None:
            seeds.articles[seed.name] = read.article
            seeds.records[seed.name] = read.records
    return seeds


def list_seeds(folder: Path) -> tuple[list[Seed], list[Problem]]:
    """Return what can be read of ``seeds/`` of a folder, in the order of the article names."""
    problems: list[Problem] = []
    files = dict.fromkeys(_files(folder, folder / "seeds", problems))
    facts = {name: suffix for suffix in FACTS for name in _named(files, suffix)}
    _note_collisions(files, problems)
    for name in sorted(_named(files, ARTICLE)):
        if name not in facts:
            mend = f"add seeds/{name}{FACTS[0]}, or move the article out of seeds/"
            place = Place(f"seeds/{name}{ARTICLE}")
            problems.append(_problem(place, "the article has no fact file", mend))
    seeds: list[Seed] = []
    for name, suffix in sorted(facts.items()):
        shown = f"seeds/{name}{suffix}"
        if name + ARTICLE not in files:
            mend = f"add seeds/{name}{ARTICLE}, or name the fact file like its article"
            problems.append(_problem(Place(shown), "the fact file has no article", mend))
            continue
        both = [s for s in FACTS if name + s in files]
        if len(both) > 1:
            message = f"the article has two fact files ({', '.join(both)})"
            problems.append(_problem(Place(shown), message, "keep one of the two"))
            continue
        seeds.append(Seed(unicodedata.normalize("NFC", name), folder, name, suffix))
    seeds.sort(key=lambda seed: seed.name)
    if not files and not problems:
        mend = "put articles (NAME.txt) and their fact files (NAME.facts.yaml) there"
        problems.append(_problem(Place("seeds"), "no articles", mend))
    return seeds, problems


def article_problem(article: Article) -> Problem | None:
    """Return why an article cannot be read as text, or None.

    Legal is strict UTF-8 without control characters other than tab, line feed and carriage
    return; a BOM, CR LF line ends, bidirectional controls and unassigned code points are legal,
    and stay as they are.
    """
    try:
        text = article.text
    except UnicodeDecodeError as error:
        line = article.data.count(b"\n", 0, error.start) + 1
        before = article.data[article.data.rfind(b"\n", 0, error.start) + 1 : error.start]
        column = len(before.decode("utf-8", "replace")) + 1
        return Problem(
            Place(article.path, line, column),
            f"byte 0x{article.data[error.start]:02X} is not UTF-8",
            "convert the article to UTF-8 before its facts are read",
            check="article",
        )
    control = re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    if control:
        return Problem(
            article.place(control.start()),
            f"control character U+{ord(control.group()):04X}",
            "remove it before facts are read from the article",
            check="article",
        )
    if not text.strip("\ufeff \t\r\n"):
        mend = "add its text, or remove it"
        return Problem(Place(article.path), "the article is empty", mend, check="article")
    return None


def _named(files: Iterable[str], suffix: str) -> Iterator[str]:
    for file in files:
        if file.endswith(suffix):
            yield file.removesuffix(suffix)


def _files(folder: Path, home: Path, problems: list[Problem]) -> Iterator[str]:
    """Yield the names of the files of seeds/ that matter; symlinks must stay within the folder."""
    try:
        entries = sorted(os.scandir(home), key=lambda entry: entry.name)
    except OSError as error:
        mend = "a folder has articles in seeds/; name such a folder, or make one"
        problems.append(_problem(Place("seeds"), f"cannot be read: {error.strerror}", mend))
        return
    root = folder.resolve()
    for entry in entries:
        shown = f"seeds/{entry.name}"
        if entry.name.startswith("."):
            continue
        if not entry.name.endswith((ARTICLE, *FACTS)):
            if printable(entry.name) and entry.name.lower().endswith(ALMOST):
                mend = f"name it NAME{ARTICLE} or NAME{FACTS[0]}, or move it out of seeds/"
                message = "neither an article nor a fact file by its name, and not read"
                problems.append(_problem(Place(shown), message, mend, Severity.WARNING))
            continue
        if not printable(entry.name):
            mend = "rename it to valid UTF-8 without control characters"
            problems.append(_problem(Place(ascii(shown)), "the file name is not text", mend))
            continue
        try:
            inside = not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(root)
        except (OSError, RuntimeError):  # a link to itself
            inside = False
        if not inside:
            mend = "copy the file into the folder"
            problems.append(_problem(Place(shown), "the link leads out of the folder", mend))
            continue
        yield entry.name


def printable(name: str) -> bool:
    """Whether a file name is text that can be shown and published."""
    return not any(unicodedata.category(c) in ("Cc", "Cs") for c in name)


def _note_collisions(files: Iterable[str], problems: list[Problem]) -> None:
    seen: dict[str, str] = {}
    for name in files:
        other = seen.setdefault(collision_key(name), name)
        if other != name:
            message = f"the name is that of seeds/{other} but for case or Unicode composition"
            problems.append(_problem(Place(f"seeds/{name}"), message, "rename one of the two"))


def _read(path: Path, shown: str, problems: list[Problem]) -> bytes | None:
    try:
        if not path.is_file():
            problems.append(_problem(Place(shown), "not a regular file", "replace it with a file"))
            return None
        if (size := path.stat().st_size) > LARGEST:
            message = f"the file has {size >> 20:,} MiB, of which more than {LARGEST >> 20} MiB"
            mend = "divide the text into several articles, and its facts with it"
            problems.append(_problem(Place(shown), f"{message} are not read at once", mend))
            return None
        return path.read_bytes()
    except OSError as error:
        mend = "make it readable (chmod u+r)"
        problems.append(_problem(Place(shown), f"cannot be read: {error.strerror}", mend))
        return None
