"""Publishing a folder: the same bytes whatever surrounds it, and never half a build."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sample import REPOSITORY, Folder, kg, tree

ENVIRONMENTS = [
    {"PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"},
    {"PYTHONHASHSEED": "42", "LC_ALL": "C", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "99999", "LANG": "tr_TR.UTF-8"},
]


def shuffled_copy(source: Path, target: Path, seed: int) -> None:
    """Copy a folder file by file in random order, so that directories list it otherwise."""
    files = [path for path in source.rglob("*") if path.is_file()]
    random.Random(seed).shuffle(files)
    for file in files:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


@pytest.mark.slow
def test_the_same_bytes_whatever_seed_zone_locale_and_directory_order(tmp_path: Path) -> None:
    source = REPOSITORY / "tests/folders/lighthouses"
    builds = []
    for number, environment in enumerate(ENVIRONMENTS):
        folder = tmp_path / f"folder{number}"
        shuffled_copy(source, folder, number)
        out = tmp_path / f"public{number}"
        ran = kg("build", folder, "--out", out, "--allow-code", env=environment)
        assert ran.code == 0, ran.err
        builds.append(tree(out))
    assert all(build == builds[0] for build in builds)


@pytest.mark.slow
def test_a_build_takes_no_time_from_the_clock(folder: Folder, tmp_path: Path) -> None:
    for number in (1, 2):
        assert kg("build", folder.root, "--out", tmp_path / f"public{number}").code == 0
        time.sleep(1.1)
    assert tree(tmp_path / "public1") == tree(tmp_path / "public2")
    dumps = b"".join(tree(tmp_path / "public1").values())
    assert time.strftime("%Y-%m-%d").encode() not in dumps


def test_source_date_epoch_dates_the_dataset(folder: Folder, tmp_path: Path) -> None:
    out = tmp_path / "public"
    assert kg("build", folder.root, "--out", out, env={"SOURCE_DATE_EPOCH": "86400"}).code == 0
    assert '"1970-01-02' in (out / "data/dcat.ttl").read_text("utf-8")


@pytest.mark.slow
def test_a_build_that_is_killed_leaves_the_old_or_the_new_one_whole(
    folder: Folder, tmp_path: Path
) -> None:
    out = tmp_path / "public"
    assert kg("build", folder.root, "--data-only", "--out", out).code == 0
    old = tree(out)
    folder.facts("person: jo-bell\nname: Jo Bell\nquote: Jo Bell, head of Acme Works")
    started = time.monotonic()
    assert kg("build", folder.root, "--out", tmp_path / "other").code == 0
    takes = time.monotonic() - started
    new = tree(tmp_path / "other")
    assert old != new
    chance = random.Random(7)
    kept = 0
    for _ in range(30):
        process = subprocess.Popen(
            [sys.executable, "-m", "kg", "build", folder.root, "--out", out],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(0, 1.1 * takes))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        found = tree(out)
        assert found in (old, new)
        kept += found == old
        if found == new:
            folder_facts = folder.root / "seeds/a.facts.yaml"
            sound = folder_facts.read_text("utf-8")
            folder.write("seeds/a.facts.yaml", sound.split("  - person")[0])
            assert kg("build", folder.root, "--data-only", "--out", out).code == 0
            assert tree(out) == old
            folder.write("seeds/a.facts.yaml", sound)
    assert kept, "every kill came too late to show anything"
    assert kg("build", folder.root, "--out", out).code == 0
    assert tree(out) == new


def test_two_builds_at_once_one_wins_and_the_other_says_so(folder: Folder, tmp_path: Path) -> None:
    out = tmp_path / "public"
    command = [sys.executable, "-m", "kg", "build", str(folder.root), "--out", str(out)]
    processes = [
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(4)
    ]
    ends = [(process.communicate(), process.returncode) for process in processes]
    codes = [code for _, code in ends]
    assert 0 in codes
    assert set(codes) <= {0, 3}
    for (_, err), code in ends:
        if code == 3:
            assert b"another build is publishing here" in err
            assert len(err.splitlines()) == 1
    assert (out / "data/kg.ttl").exists()
