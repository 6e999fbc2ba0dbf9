"""A folder in which nothing has changed is not built again; whatever changes is seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sample import Folder, kg

from kg.unchanged import State

NOTHING = "Nothing has changed since this was published in"


def built(folder: Folder, *options: str, env: dict[str, str] | None = None) -> bool:
    """Build a folder; return whether there was anything to do."""
    ran = kg("build", folder.root, "--data-only", *options, env=env or {})
    assert ran.code == 0, ran.err
    return NOTHING not in ran.out


def same_size(folder: Folder) -> None:
    file = folder.root / "seeds/a.txt"
    stat = file.stat()
    file.write_text(file.read_text("utf-8").replace("quiet", "QUIET"), "utf-8")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    folder.replace("seeds/a.facts.yaml", "quiet", "QUIET")


def renamed(folder: Folder) -> None:
    for end in (".txt", ".facts.yaml"):
        (folder.root / f"seeds/a{end}").rename(folder.root / f"seeds/b{end}")


CHANGES: dict[str, Callable[[Folder], object]] = {
    "an article of the same size and time": same_size,
    "a fact file": lambda f: f.replace("seeds/a.facts.yaml", "facts:", "# more\nfacts:"),
    "the ontology": lambda f: f.write("ontology/more.ttl", "# nothing\n"),
    "a shape": lambda f: f.write("shapes/more.ttl", "# nothing\n"),
    "a query": lambda f: f.write("queries/more.rq", "# What?\nSELECT * { ?s ?p ?o }\n"),
    "the description": lambda f: f.replace("ontology/dataset.ttl", '"Small"', '"Tiny"'),
    "a mapper": lambda f: f.write("mappers.py", ""),
    "a dump": lambda f: (f.root / "public/data/kg.ttl").write_text(""),
    "a dump that is gone": lambda f: (f.root / "public/data/kg.nq").unlink(),
    "what was noted": lambda f: (f.root / ".public.state").write_text("{"),
    "a name": renamed,
}


def test_what_is_published_already_is_shown_again_and_left_alone(folder: Folder) -> None:
    folder.replace("seeds/a.facts.yaml", "  language: en\n", "")  # a warning
    first = kg("build", folder.root)
    before = (folder.root / "public").stat()
    again = kg("build", folder.root)
    assert NOTHING in again.out
    assert again.out.splitlines()[:-1] == first.out.splitlines()[:-1]
    assert again.err == first.err
    assert "warning" in first.err
    after = (folder.root / "public").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert built(folder, "--rehash")


@pytest.mark.slow
def test_whatever_changes_is_seen(folder: Folder) -> None:
    assert built(folder)
    for what, change in CHANGES.items():
        assert not built(folder), what
        change(folder)
        assert built(folder), what


@pytest.mark.slow
def test_other_options_and_another_date_are_other_builds(folder: Folder) -> None:
    assert built(folder)
    assert built(folder, "--strict")
    assert not built(folder, "--strict")
    assert built(folder, "--only", "kg.nq")
    assert built(folder)
    assert built(folder, env={"SOURCE_DATE_EPOCH": "1"})
    assert not built(folder, env={"SOURCE_DATE_EPOCH": "1"})


def test_after_an_error_nothing_is_noted(folder: Folder) -> None:
    assert built(folder)
    folder.replace("seeds/a.facts.yaml", "quiet gears", "loud gears")
    for _ in range(2):
        assert kg("build", folder.root).code == 1
    folder.replace("seeds/a.facts.yaml", "loud gears", "quiet gears")
    assert built(folder)


def test_what_changes_at_this_moment_is_not_trusted(folder: Folder) -> None:
    assert built(folder)
    out = folder.root / "public"
    time.sleep(0.1)
    state = State(folder.root, out, {})
    state.note({"of": "old files"})
    assert State(folder.root, out, {}).shown() == {"of": "old files"}
    (folder.root / "seeds/a.txt").touch()
    state = State(folder.root, out, {})
    state.note({"of": "new files"})
    assert State(folder.root, out, {}).shown() is None


def test_to_see_that_nothing_changed_takes_no_library(folder: Folder) -> None:
    assert built(folder)
    code = (
        "import sys; sys.argv[1:] = ['build', '--data-only', sys.argv[1]]\n"
        "from kg.cli import main\n"
        "try: main()\n"
        "finally: print({'rdflib', 'pyoxigraph', 'yaml'} & sys.modules.keys())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder.root)], capture_output=True, text=True, check=True
    )
    assert NOTHING in done.stdout
    assert done.stdout.endswith("set()\n")


def test_a_folder_that_is_watched_is_built_when_it_changes(folder: Folder, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-m", "kg", "build", str(folder.root), "--watch"]

    def wait_for(times: int) -> str:
        for _ in range(600):
            said = log.read_text("utf-8")
            if said.count("Watching") == times:
                return said
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8"))

    with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        wait_for(1)
        folder.replace("seeds/a.facts.yaml", "quiet gears", "loud gears")
        assert "the quote is not in the article" in wait_for(2)
        folder.replace("seeds/a.facts.yaml", "loud gears", "quiet gears")
        wait_for(3)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
