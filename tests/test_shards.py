"""A folder in shards: the same bytes and the same problems as in memory, however it is divided."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from bulk.folders import Bulk
from clusters import wait_for
from hypothesis import given
from hypothesis import strategies as st
from many import Many
from sample import REPOSITORY, Folder, kg

from kg import pipeline
from kg.checks.child import Child
from kg.checks.job import Parts
from kg.checks.shapes import Judged, Validator
from kg.checks.shapes import problems as told_of
from kg.dataset import Dataset, load
from kg.exporters import write_exports
from kg.model import Problem
from kg.shards.runs import merged, write_run
from kg.shards.survey import survey

GOLDEN = sorted(p.parent for p in (REPOSITORY / "tests/golden").glob("*/facts.yaml"))


def in_memory(folder: Path, out: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the dumps of a folder, if it has no errors, and its problems."""
    dataset = load(folder)
    problems = pipeline.check(dataset)
    if not dataset.errors:
        write_exports(dataset, out)
    return contents(out), problems


def in_shards(
    folder: Path, out: Path, size: int, workers: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, bytes], list[Problem]]:
    monkeypatch.setattr(pipeline, "SHARD", size)
    report = pipeline.build(folder, out, data_only=True, workers=workers)
    return contents(out / "data"), report.problems


def contents(directory: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in directory.iterdir()} if directory.is_dir() else {}


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(GOLDEN, id="all"),
        *(pytest.param([case], id=case.name, marks=pytest.mark.slow) for case in GOLDEN),
    ],
)
def test_articles_of_every_kind_are_told_as_in_memory(
    cases: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "folder"
    made = Folder(home)
    for case in cases:
        made.write(f"seeds/{case.name}.txt", (case / "article.txt").read_bytes())
        made.write(f"seeds/{case.name}.facts.yaml", (case / "facts.yaml").read_bytes())
    dumps, problems = in_memory(home, tmp_path / "memory")
    assert dumps
    found, told = in_shards(home, tmp_path / "shards", 1, 1, monkeypatch)
    assert told == problems
    assert found == dumps


@pytest.mark.parametrize(
    "folder",
    [pytest.param(REPOSITORY, marks=pytest.mark.slow), REPOSITORY / "tests/folders/lighthouses"],
)
def test_real_folders_are_told_as_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dumps, problems = in_memory(folder, tmp_path / "memory")
    for workers in (1, 3):
        out = tmp_path / f"shards{workers}"
        found, told = in_shards(folder, out, 1, workers, monkeypatch)
        assert told == problems
        assert found == dumps


def test_many_shards_of_many_facts_are_told_as_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bulk(300, violations=8).write(tmp_path / "folder")
    dumps, problems = in_memory(tmp_path / "folder", tmp_path / "memory")
    assert len(problems) >= 8
    for size, workers in ((25, 2), (85, 1)):
        out = tmp_path / f"shards{size}"
        found, told = in_shards(tmp_path / "folder", out, size, workers, monkeypatch)
        assert told == problems
        assert found == dumps


OWN_SHAPES = """
@prefix kg: <https://w3id.org/kgpress/ns#> .
@prefix ex: <https://example.org/shapes#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .

ex:Organisation a sh:NodeShape ; sh:targetClass schema:Organization ;
    sh:property ex:founded .
ex:founded a sh:PropertyShape ; sh:path schema:foundingDate ; sh:maxCount 1 ;
    sh:severity sh:Warning ; sh:message "Founded once."@en .
"""
FAR = """
ex:Organisation sh:property ex:won .
ex:won a sh:PropertyShape ; sh:path [ sh:inversePath kg:recipient ] ; sh:minCount 2 ;
    sh:class kg:AwardConferral ; sh:severity sh:Info ; sh:message "Won twice."@en .
ex:Fact a sh:NodeShape ; sh:targetClass kg:Fact ; sh:property ex:claims .
ex:claims a sh:PropertyShape ; sh:path [ sh:inversePath kg:fact ] ; sh:maxCount 4 ;
    sh:severity sh:Warning ; sh:message "Few claims."@en .
"""


NAMED = """
ex:named a sh:NodeShape ; sh:targetNode <https://example.org/d/id/birch>, ex:nobody ;
    sh:property [ sh:path schema:name ; sh:minCount 9 ; sh:message "Name it."@en ] .
"""
EDITIONS = """
ex:Fact a sh:NodeShape ; sh:targetClass kg:Fact ; sh:property ex:kind .
ex:kind a sh:PropertyShape ; sh:path kg:kind ; sh:pattern "^[^e]" ; sh:severity sh:Info .
"""
SIDES = """
ex:Claim a sh:NodeShape ; sh:targetClass kg:Claim ; sh:property ex:conflict .
ex:conflict a sh:PropertyShape ; sh:path kg:inConflict ; sh:maxCount 0 ; sh:severity sh:Info .
"""


@pytest.mark.parametrize(
    "shapes",
    [OWN_SHAPES + SIDES, OWN_SHAPES + NAMED, OWN_SHAPES + FAR],
    ids=["near", "named", "far"],
)
@pytest.mark.parametrize("seeds", [range(2), pytest.param(range(2, 8), marks=pytest.mark.slow)])
def test_shapes_of_the_folder_find_the_same(
    shapes: str, seeds: range, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = 0
    for seed in seeds:
        home = tmp_path / str(seed)
        Many(9, seed).write(home / "folder")
        (home / "folder/shapes").mkdir()
        (home / "folder/shapes/own.ttl").write_text(shapes, "utf-8")
        _, problems = in_memory(home / "folder", home / "memory")
        broken += any("example.org" in problem.check for problem in problems)
        _, told = in_shards(home / "folder", home / "shards", 1, 1, monkeypatch)
        assert told == problems, seed
    assert broken > len(seeds) / 4


@pytest.fixture
def in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Problem]]:
    """Check a folder of many shards, with some shapes of its own and a way to validate."""

    def in_parts(shapes: str, validate: Callable[[Dataset, Parts], list[Problem]]) -> list[Problem]:
        home, asked = tmp_path / "folder", list[Any]()
        Many(9, 2).write(home)
        (home / "shapes").mkdir()
        (home / "shapes/own.ttl").write_text(shapes, "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr(pipeline, "SHARD", 1)
            patch.setattr(Validator, "judge", lambda _, *to, **__: asked.extend(to) or Judged())
            patch.setattr("kg.shards.building.problems", lambda *_: validate(*asked[:2]))
            found = pipeline.check_folder(home).problems
        assert asked
        return found

    return in_parts


JUDGE = Validator.judge


def judge(outline: Dataset, parts: Parts, only: Sequence[str]) -> Judged:
    with Validator(outline.folder, parts.directory) as shapes:
        return JUDGE(shapes, outline, parts, only=only)


def test_parts_may_be_judged_one_by_one(
    in_parts: Callable[..., list[Problem]], tmp_path: Path
) -> None:
    made = list[str]()

    def validate(outline: Dataset, parts: Parts) -> list[Problem]:
        kept = judge(outline, parts, parts.names[1:3])
        assert kept.results.keys() == {*parts.names[1:3]}
        judged = judge(outline, parts, [parts.names[0], *parts.names[3:]])
        with_results = {
            name for one in (kept, judged) for name, found in one.results.items() if found
        }
        assert {"between"} < with_results < {*parts.names}

        def dataset(part: str, judged: str) -> Dataset:
            made.append(part)
            return parts.dataset(part, judged)

        judged.results |= json.loads(json.dumps(kept.results))
        found = told_of(replace(parts, dataset=dataset), judged)
        assert {*made} == with_results
        return found

    found = in_parts(OWN_SHAPES + EDITIONS, validate)
    assert found == pipeline.check(load(tmp_path / "folder"))


@pytest.mark.parametrize("shapes", [OWN_SHAPES + NAMED, OWN_SHAPES + FAR], ids=["named", "far"])
def test_parts_that_are_not_alone_are_judged_together(
    shapes: str, in_parts: Callable[..., list[Problem]], tmp_path: Path
) -> None:
    def validate(outline: Dataset, parts: Parts) -> list[Problem]:
        judged = judge(outline, parts, parts.names[1:3])
        assert judged.results.keys() >= {*parts.names}
        return told_of(parts, judged)

    found = in_parts(shapes, validate)
    assert found == pipeline.check(load(tmp_path / "folder"))


@pytest.mark.parametrize(
    ("size", "workers", "folders"),
    [
        (1, 1, 2),
        pytest.param(1, 1, 12, marks=pytest.mark.slow),
        pytest.param(1, 2, 12, marks=pytest.mark.slow),
        pytest.param(7, 2, 12, marks=pytest.mark.slow),
        pytest.param(10_000, 1, 6, marks=pytest.mark.slow),
    ],
)
def test_articles_that_have_to_do_with_one_another_are_told_as_in_memory(
    size: int, workers: int, folders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(size + workers, size + workers + folders):
        home = tmp_path / str(seed)
        Many(9, seed).write(home / "folder")
        dumps, problems = in_memory(home / "folder", home / "memory")
        found, told = in_shards(home / "folder", home / "shards", size, workers, monkeypatch)
        assert told == problems, seed
        if found:  # published: no errors
            assert found == dumps, seed


def test_what_joint_things_have_is_called_by_the_names_that_a_shard_gives_it(
    tmp_path: Path,
) -> None:
    Many(9, 10_002).write(tmp_path / "folder")
    told = pipeline.check_folder(tmp_path / "folder").problems
    assert told == pipeline.check(load(tmp_path / "folder"))
    assert any("has Golden Cog, National Golden Cog, which" in p.message for p in told)


def test_more_runs_than_may_be_open_are_merged_by_way_of_longer_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / str(number) for number in range(11)]
    for number, path in enumerate(paths):
        write_run(path, [(f"{key:03}", b"%02d" % number) for key in range(number, 60, number + 1)])
    expected = [*merged(paths, tmp_path)]
    assert any(len(found) > 3 for _, found in expected)
    monkeypatch.setattr("kg.shards.runs.OPEN", 3)
    assert [*merged(paths, tmp_path)] == expected
    assert {*tmp_path.iterdir()} == {*paths}


def test_a_run_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run"
    write_run(path, [(str(key), os.urandom(1 << 15)) for key in range(9)])
    path.write_bytes(path.read_bytes()[: 5 << 15])
    with pytest.raises(OSError, match="cut off"):
        [*merged([path], tmp_path)]


@given(
    st.lists(st.dictionaries(st.text("ab", max_size=4), st.binary(max_size=9), max_size=30)),
    st.integers(1, 40),
)
def test_runs_are_merged_as_if_sorted_together(runs: list[dict[str, bytes]], block: int) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("kg.shards.runs.BLOCK", block)
        paths = [Path(name, str(number)) for number in range(len(runs))]
        for path, run in zip(paths, runs, strict=True):
            write_run(path, sorted(run.items()))
        pieces = (piece for run in runs for piece in run.items())
        together = sorted(pieces, key=lambda piece: piece[0])
        expected = groupby(together, key=lambda piece: piece[0])
        found = [*merged(paths, Path(name))]
    assert found == [(key, [value for _, value in group]) for key, group in expected]


def test_articles_that_name_one_another_share_a_shard(tmp_path: Path) -> None:
    Bulk(100).write(tmp_path)
    fact = (
        '{"organisation": "x", "name": "News", "quote": {"quote": "News", "occurrence": "1", '
        '"article": "0000007"}}'
    )
    with (tmp_path / "seeds/0000002.facts.jsonl").open("a") as file:
        file.write(f"{fact}\n")
    shards = survey(tmp_path, allow_code=False, size=1).shards
    assert [shard for shard in shards if len(shard) > 1] == [["0000002", "0000007"]]
    assert sorted(name for shard in shards for name in shard) == [f"{n:07}" for n in range(10)]


def test_some_dumps_alone(folder: Folder, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    assert pipeline.build(folder.root, whole, data_only=True).published
    ran = kg("build", folder.root, "--out", part, "--only", "kg.nq", "--only", "graph.ttl")
    assert ran.code == 0, ran.err
    found = contents(part / "data")
    assert found.keys() == {"kg.nq", "graph.ttl", "dcat.ttl", "dcat.jsonld", "SHA256SUMS"}
    assert all(found[n] == (whole / "data" / n).read_bytes() for n in ("kg.nq", "graph.ttl"))
    assert "kg.jsonld" not in found["dcat.ttl"].decode()
    ran = kg("build", folder.root, "--only", "kg.rdf")
    assert ran.code == 2
    assert "kg.rdf" in ran.err


def test_what_changes_while_it_is_read_is_not_published(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    surveyed = survey(folder.root, allow_code=False, size=1)
    folder.replace("seeds/a.facts.yaml", "established: 1999", "established: {value: 1999}")
    monkeypatch.setattr(pipeline, "survey", lambda *_, **__: surveyed)
    report = pipeline.build(folder.root, tmp_path / "out")
    assert not report.published
    assert [p.message for p in report.problems] == [
        "it, or its article, was changed while the folder was read"
    ]


@pytest.fixture
def building(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A build at work, with two workers."""
    Bulk(20_000).write(tmp_path / "folder")
    command = [
        sys.executable,
        "-m",
        "kg",
        "build",
        str(tmp_path / "folder"),
        "--workers",
        "2",
        "--data-only",
    ]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stderr=subprocess.PIPE
    ) as process:
        wait_for(lambda: len(_group(process.pid)) > 2)
        yield process
    assert wait_for(lambda: not _group(process.pid))
    assert not (tmp_path / "folder/public").exists()


def test_workers_end_with_who_started_them(building: subprocess.Popen[bytes]) -> None:
    os.kill(building.pid, signal.SIGKILL)
    building.wait()
    assert wait_for(lambda: not _group(building.pid))


def test_a_worker_that_is_killed_is_told_in_one_line(
    building: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    os.kill(max(_group(building.pid)), signal.SIGKILL)
    _, said = building.communicate()
    assert building.returncode == 3
    assert said.decode() == (
        "kg: error: worker processes: one was killed, perhaps for want of memory; use fewer of "
        "them (--workers)\n"
    )
    assert not list(tmp_path.glob("kg-*"))


def test_a_build_that_is_interrupted_leaves_nothing(
    building: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    os.killpg(building.pid, signal.SIGINT)
    _, said = building.communicate()
    assert building.returncode == 1
    assert said.decode().splitlines() in (["Aborted!"], ["", "Aborted!"])
    assert not list(tmp_path.glob("kg-*"))


def _group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def test_parts_may_be_judged_by_several_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bulk(200, violations=6).write(tmp_path / "folder")
    monkeypatch.setattr(pipeline, "SHARD", 10)
    monkeypatch.setattr("kg.checks.shapes.MANY", 3)
    ran, run = list[int](), Child.run

    def watched(child: Child, job: dict[str, Any], *limits: Any) -> Any:
        ran.append(sum(len(step["parts"]) for step in job["passes"]))
        return run(child, job, *limits)

    monkeypatch.setattr(Child, "run", watched)
    alone = pipeline.check_folder(tmp_path / "folder").problems
    assert len(ran) == 1
    together = pipeline.check_folder(tmp_path / "folder", workers=3).problems
    assert together == alone
    assert len(alone) >= 6
    assert len(ran) == 4
    assert sum(ran[1:]) == ran[0]
    assert min(ran[1:]) > 0
