"""What is kept of shards from one build to the next: the same bytes as if all were built anew."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bulk.folders import Bulk
from click.testing import CliRunner
from many import Many
from sample import Folder, kg
from test_shards import contents

from kg import pipeline
from kg.checks.shapes import Judged, Validator
from kg.cli import main
from kg.model import Problem
from kg.shards import mapping, writing


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/kgpress/parts"


def built(
    folder: Path, out: Path, *, keep: bool, workers: int = 1
) -> tuple[dict[str, bytes], list[Problem]]:
    """Build a folder; return what is published if there was no error, and all problems."""
    report = pipeline.build(folder, out, data_only=True, keep=keep, workers=workers)
    found = {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }
    return found if report.published else {}, report.problems


class Edits:
    """Changes articles of a folder at random, as people do."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.seeds, self.draw = folder / "seeds", random.Random(seed)
        self.made = 0

    def one(self) -> str:
        names = sorted(path.name[:-4] for path in self.seeds.glob("*.txt"))
        edit = self.draw.choice([self.redate, self.redate, self.rename, self.drop, self.remove])
        name = self.draw.choice(names)
        edit(name)
        return f"{edit.__name__} {name}"

    def _facts(self, name: str) -> list[dict[str, object]]:
        text = (self.seeds / f"{name}.facts.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def _write(self, name: str, facts: list[dict[str, object]]) -> None:
        lines = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts)
        (self.seeds / f"{name}.facts.jsonl").write_text(lines, "utf-8")

    def redate(self, name: str) -> None:
        """Another year, in the article and in what is said of it."""
        old, new = self.draw.sample(["1999", "2000", "2001"], 2)
        for end in (".txt", ".facts.jsonl"):
            path = self.seeds / f"{name}{end}"
            path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    def rename(self, name: str) -> None:
        """A thing gets another name wherever this article has it."""
        old = self.draw.choice(["Alder", "Birch", "Cedar", "Golden"])
        for end in (".txt", ".facts.jsonl"):
            path = self.seeds / f"{name}{end}"
            path.write_text(path.read_text("utf-8").replace(f"{old} ", f"{old}en "), "utf-8")

    def drop(self, name: str) -> None:
        """One fact less, or one in another order."""
        facts = self._facts(name)
        if len(facts) > 2:
            facts.insert(1, facts.pop())
            if self.draw.random() < 0.5:
                del facts[1]
        self._write(name, facts)

    def remove(self, name: str) -> None:
        """The article goes, or gets another name."""
        self.made += 1
        gone = self.draw.random() < 0.4
        for end in (".txt", ".facts.jsonl"):
            path = self.seeds / f"{name}{end}"
            path.rename(self.seeds / f"m{self.made}{end}")
            if gone:
                (self.seeds / f"m{self.made}{end}").unlink()

    def state(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.seeds.iterdir()}

    def restore(self, state: dict[Path, bytes]) -> None:
        for path in self.seeds.iterdir():
            path.unlink()
        for path, data in state.items():
            path.write_bytes(data)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "folders"), [(1, 2), (4, 20)])
def test_after_any_edits_it_is_as_if_built_anew(
    size: int, folders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SHARD", size)
    published = 0
    for seed in range(1, 1 + folders):
        home = tmp_path / str(seed)
        Many(9, seed).write(home / "folder")
        edits = Edits(home / "folder", seed)
        for number in range(6):
            before = edits.state()
            done = edits.one() if number else "nothing"
            anew = built(home / "folder", home / f"anew{number}", keep=False)
            kept = built(home / "folder", home / f"kept{number}", keep=True)
            assert kept[1] == anew[1], (seed, number, done)
            assert kept[0] == anew[0], (seed, number, done)
            published += bool(kept[0])
            if not kept[0]:
                edits.restore(before)
            if not kept[0] and number == 0:
                break  # nothing would be learnt of a folder that is unsound
    assert published > folders + folders // 2


def test_only_what_an_edit_touches_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SHARD", 20)
    made: list[str] = []
    for module, name in ((mapping, "_columns"), (writing, "_write")):
        real = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, name=name, real=real: (made.append(name), real(*a))[1]
        )
    judge, judged = Validator.judge, list[int]()

    def watched(*args: Any, **options: Any) -> Judged:
        judged.append(len(options["only"]))
        return judge(*args, **options)

    monkeypatch.setattr(Validator, "judge", watched)
    folder = tmp_path / "folder"
    Bulk(300, violations=9).write(folder)
    first, _ = built(folder, tmp_path / "out", keep=True)
    assert first
    shards = made.count("_columns")
    assert shards > 8
    assert made.count("_write") == shards
    made.clear()
    assert built(folder, tmp_path / "out", keep=True)[0] == first
    assert made == []
    facts = sorted((folder / "seeds").glob("*.facts.jsonl"))[2]
    facts.write_text(facts.read_text("utf-8") + "\n", "utf-8")
    assert built(folder, tmp_path / "out", keep=True)[0] == first
    assert made == ["_columns", "_write"]
    assert judged == [shards + 1, 1, 2]  # what is between shards is always judged


def test_what_was_written_for_fewer_dumps_is_written_again(folder: Folder, tmp_path: Path) -> None:
    pipeline.build(folder.root, only=["kg.nq"], data_only=True, keep=True)
    found, _ = built(folder.root, tmp_path / "out", keep=True)
    assert found == built(folder.root, tmp_path / "anew", keep=False)[0]


CHANGES: dict[str, Callable[[Folder], object]] = {
    "the ontology": lambda f: f.write(
        "ontology/more.ttl",
        "<https://schema.org/foundingDate> "
        '<http://www.w3.org/2000/01/rdf-schema#label> "begun"@en .',
    ),
    "the base": lambda f: f.replace("ontology/dataset.ttl", "example.org/", "example.net/"),
    "a shape": lambda f: f.write(
        "shapes/more.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:s> a sh:NodeShape ; sh:targetClass <https://schema.org/Organization> ;"
        " sh:property <urn:p> . <urn:p> a sh:PropertyShape ; sh:path <urn:q> ; sh:minCount 1 ;"
        " sh:severity sh:Warning .",
    ),
    "what is republished": lambda f: f.replace(
        "ontology/dataset.ttl",
        "a dcat:Dataset ;",
        'a dcat:Dataset ; <https://w3id.org/kgpress/ns#republish> "quotes" ;',
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_stands_beside_the_articles_counts_too(
    change: Callable[[Folder], object], folder: Folder, tmp_path: Path
) -> None:
    first, told = built(folder.root, tmp_path / "out", keep=True)
    change(folder)
    anew = built(folder.root, tmp_path / "anew", keep=False)
    assert anew != (first, told)
    assert built(folder.root, tmp_path / "out", keep=True) == anew


# What is not trusted, and what goes.


def parts(cache: Path) -> list[Path]:
    return [path for path in cache.glob("*/*") if path.is_dir()]


def test_what_is_kept_is_nobody_elses_business(folder: Folder, cache: Path) -> None:
    pipeline.build(folder.root, data_only=True, keep=True)
    assert len(parts(cache)) == 1
    for path in (cache, *cache.iterdir()):
        assert path.stat().st_mode & 0o077 == 0
    before = parts(cache)[0].stat().st_mtime_ns
    cache.chmod(0o777)  # somebody may have put there what they want
    folder.replace("seeds/a.facts.yaml", "facts:", "# more\nfacts:")
    assert pipeline.build(folder.root, data_only=True, keep=True).published
    assert parts(cache)[0].stat().st_mtime_ns == before


def test_what_a_killed_build_left_is_thrown_away(folder: Folder, cache: Path) -> None:
    pipeline.build(folder.root, data_only=True, keep=True)
    (part,) = parts(cache)
    (part / "claims").write_bytes(b"")
    (part.parent / "kept").unlink()
    assert pipeline.build(folder.root, data_only=True, keep=True).published


def test_a_second_build_at_the_same_time_keeps_nothing(folder: Folder, cache: Path) -> None:
    import fcntl

    pipeline.build(folder.root, data_only=True, keep=True)
    (part,) = parts(cache)
    (part / "claims").write_bytes(b"")  # not to be read
    with (part.parent / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert pipeline.build(folder.root, data_only=True, keep=True).published


def test_parts_of_articles_that_are_gone_go_too(folder: Folder, cache: Path) -> None:
    pipeline.build(folder.root, data_only=True, keep=True)
    (before,) = parts(cache)
    folder.replace("seeds/a.facts.yaml", "facts:", "# more\nfacts:")
    pipeline.build(folder.root, data_only=True, keep=True)
    (after,) = parts(cache)
    assert before != after


def test_parts_of_folders_that_are_gone_go_too(tmp_path: Path, cache: Path) -> None:
    for name in ("one", "two"):
        pipeline.build(Folder(tmp_path / name).root, data_only=True, keep=True)
    assert len(parts(cache)) == 2
    (tmp_path / "one").rename(tmp_path / "three")
    pipeline.build(tmp_path / "two", data_only=True, keep=True)
    assert len(parts(cache)) == 1


def test_without_a_place_nothing_is_kept(
    folder: Folder, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert pipeline.build(folder.root, data_only=True, keep=True).published
    assert not cache.exists()


def test_the_command_keeps_parts_unless_everything_is_to_be_made(
    folder: Folder, cache: Path
) -> None:
    assert kg("build", folder.root, "--data-only", "--rehash").code == 0
    assert not cache.exists()
    assert kg("check", folder.root).code == 0
    assert not cache.exists()
    (folder.root / ".public.state").unlink(missing_ok=True)
    folder.replace("seeds/a.facts.yaml", "facts:", "# more\nfacts:")
    assert kg("build", folder.root, "--data-only").code == 0
    assert len(parts(cache)) == 1


@pytest.mark.slow
def test_builds_that_are_killed_at_any_time_leave_nothing_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    Bulk(1000).write(folder)
    anew, _ = built(folder, tmp_path / "anew", keep=False)
    draw = random.Random(1)
    command = [
        sys.executable,
        "-m",
        "kg",
        "build",
        str(folder),
        "--data-only",
        "--out",
        str(tmp_path / "out"),
    ]
    for number in range(12):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL if number % 2 else signal.SIGINT)
        process.wait()
        time.sleep(0.7)  # its workers see that it is gone
    assert built(folder, tmp_path / "out", keep=True)[0] == anew
    assert contents(tmp_path / "out/data") == contents(tmp_path / "anew/data")
    assert [*(tmp_path / "cache/kgpress/parts").iterdir()]


def test_where_there_is_no_room_nothing_is_kept_and_all_is_built(
    folder: Folder, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.build(folder.root, data_only=True, keep=True)
    assert parts(cache)
    folder.replace("seeds/a.facts.yaml", "facts:", "# more\nfacts:")
    real = mapping.lay_aside

    def lay_aside(path: Path, value: object) -> None:
        if cache in path.parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, value)

    monkeypatch.setattr(mapping, "lay_aside", lay_aside)
    ran = CliRunner().invoke(main, ["build", str(folder.root), "--data-only", "--workers", "1"])
    assert ran.exit_code == 0, ran.output
    assert "there is no room to keep anything" in ran.output
    assert not parts(cache)
    assert (folder.root / "public/data/kg.nq").stat().st_size > 0
