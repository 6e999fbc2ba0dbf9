"""`kg build --dask`, and folders that lie elsewhere: the same bytes as without it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import bucket
import fsspec
import psutil
import pytest
from bulk.folders import Bulk
from click.testing import CliRunner
from clusters import Processes, wait_for
from sample import Folder, kg, tree

from kg import pipeline
from kg.cli import main
from kg.publish import PublishError


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary files are, of which none must be left."""
    home = tmp_path / "scratch"
    home.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(home))
    monkeypatch.setenv("TMPDIR", str(home))
    yield home
    assert [*home.iterdir()] == []


@pytest.fixture
def bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of a dozen shards, with problems that validation finds."""
    monkeypatch.setattr(pipeline, "SENT", 20)
    Bulk(200, violations=4).write(tmp_path / "folder")
    return tmp_path / "folder"


def built(folder: Path, out: Path, workers: int = 1, **ways: str) -> dict[str, bytes]:
    """Build a folder; return what is published, and the problems."""
    report = pipeline.build(folder, out, allow_code=True, data_only=True, workers=workers, **ways)
    assert report.published
    return tree(out) | {"problems": repr(report.problems).encode()}


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the workers that a process has started."""
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_workers_on_this_machine_make_the_same_bytes_of_a_folder_with_own_mappers(
    lighthouses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "SENT", 1)
    shards: set[int] = set()
    alone = built(lighthouses, tmp_path / "alone")
    report = pipeline.build(
        lighthouses,
        tmp_path / "out",
        allow_code=True,
        data_only=True,
        workers=2,
        dask="local",
        stage=lambda name, done=0, total=0: shards.add(done) if name == "writing" else None,
    )
    assert len(shards) > 2  # told of each, and there were some
    assert tree(tmp_path / "out") | {"problems": repr(report.problems).encode()} == alone
    assert workers_of(os.getpid()) == []


def test_parts_may_lie_where_there_are_no_files(bulk: Path, tmp_path: Path) -> None:
    alone = built(bulk, tmp_path / "alone")
    assert built(bulk, tmp_path / "out", parts="memory://parts") == alone
    assert fsspec.filesystem("memory").find("/parts") == []


def test_a_folder_may_lie_elsewhere(lighthouses: Path, tmp_path: Path) -> None:
    there = fsspec.filesystem("memory")
    there.put(str(lighthouses), "/elsewhere/folder", recursive=True)
    url, out = "memory://elsewhere/folder", str(tmp_path / "out")
    ran = CliRunner().invoke(main, ["build", url, "--out", out, "--allow-code", "--data-only"])
    assert ran.exit_code == 0, ran.output
    alone = built(lighthouses, tmp_path / "alone")
    assert tree(tmp_path / "out") | {"problems": alone["problems"]} == alone
    for wrong in ([url], [url, "--out", out, "--watch"]):
        ran = CliRunner().invoke(main, ["build", *wrong])
        assert ran.exit_code == 2
        assert "--out is needed" in ran.output
    ran = CliRunner().invoke(main, ["build", "memory://nowhere", "--out", out])
    assert ran.exit_code == 3
    assert ran.output.startswith("kg: error: memory://nowhere: cannot be read: there is no such")
    assert ran.output.count("\n") == 1


def test_what_cannot_be_is_told_in_one_line(folder: Folder, tmp_path: Path) -> None:
    for options, code, said in (
        (["--dask", "tcp://127.0.0.1:1"], 2, "--dask ADDRESS needs --parts URL"),
        (["--parts", "s3://bucket"], 2, "--parts says where the workers of --dask"),
        (["--dask", "local", "--parts", "nonsense://x"], 3, "nonsense://x: Unsupported"),
        (["--dask", "nonsense://x:1", "--parts", str(tmp_path)], 3, "it cannot be reached"),
        (["--dask", "tcp://x:y", "--parts", str(tmp_path)], 3, "it cannot be reached"),
    ):
        ran = kg("build", folder.root, *options)
        assert ran.code == code, ran.err
        assert said in ran.err
        assert ran.err.count("\n") == 1 or code == 2
    assert not (folder.root / "public").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("kg-")] == []


def test_nobody_there_is_told(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.shards.cluster.CONNECTING", 1)
    with pytest.raises(PublishError, match=r"Dask at tcp://127\.0\.0\.1:1: it cannot be"):
        pipeline.build(folder.root, dask="tcp://127.0.0.1:1", parts=str(tmp_path))


@pytest.mark.parametrize("gone", [True, False])
def test_a_client_that_does_not_know_yet_that_the_scheduler_has_gone(
    gone: bool, tmp_path: Path
) -> None:
    from kg.shards.cluster import Cluster

    class Client:
        status = "running"

        def submit(self, *_: object, **__: object) -> None:
            raise ConnectionResetError

        def nthreads(self) -> dict[str, int]:
            if gone:
                raise ConnectionResetError
            return {"worker": 1}

    crew = Cluster(Client(), "Dask at x", tmp_path, ExitStack())  # type: ignore[arg-type]
    with pytest.raises(PublishError if gone else ConnectionResetError) as told:
        list(crew.each(repr, None, str, 1))
    assert ("Dask at x: the scheduler has gone; " in str(told.value)) == gone


@pytest.mark.parametrize(("option", "module"), [("--dask", "distributed"), ("--dask", "upath")])
def test_without_the_extra_it_says_what_to_install(
    option: str, module: str, folder: Folder, tmp_path: Path
) -> None:
    code = (
        "import importlib.util, sys\n"
        "real = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda n: None if n == {module!r} else real(n)\n"
        f"sys.argv = ['kg', 'build', {str(folder.root)!r}, {option!r}, 'local']\n"
        "from kg.cli import main\n"
        "main()\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"kg: error: kg build {option} needs {module}; install the extra: "
        "pip install 'kgpress[scale]'\n"
    )


def test_a_worker_that_comes_later_compares_its_versions_itself() -> None:
    from kg.shards.fingerprint import software
    from kg.shards.sent import do

    with pytest.raises(ImportError, match=r"there is pyoxigraph \S+, and here 0\.1"):
        do({**software(), "pyoxigraph": "0.1"}, b"")


# What takes long: machines that go, and others that come.


@pytest.mark.slow
def test_any_number_of_workers_elsewhere_makes_the_same_bytes(bulk: Path, tmp_path: Path) -> None:
    alone, parts = built(bulk, tmp_path / "alone"), tmp_path / "parts"
    for count in (1, 2, 4):
        with Processes(tmp_path) as there:
            there.workers(count)
            out = tmp_path / f"out{count}"
            assert built(bulk, out, dask=there.address, parts=parts.as_uri()) == alone
        there.file.unlink(missing_ok=True)
        assert [*parts.iterdir()] == []


@pytest.mark.slow
def test_parts_may_lie_in_a_store_of_objects(
    bulk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUCKET", str(tmp_path / "bucket"))
    bucket.register()
    alone = built(bulk, tmp_path / "alone")
    with Processes(tmp_path) as there:
        there.workers(2, "bucket.py")
        ways = {"dask": there.address, "parts": "bucket://some/where"}
        assert built(bulk, tmp_path / "out", **ways) == alone
    assert [path for path in (tmp_path / "bucket").rglob("*") if path.is_file()] == []


@pytest.mark.slow
@pytest.mark.parametrize("when", ["mapping", "writing"])
def test_a_worker_may_be_killed(bulk: Path, when: str, tmp_path: Path) -> None:
    alone = built(bulk, tmp_path / "alone")
    killed: list[int] = []

    def stage(name: str, done: int = 0, total: int = 0) -> None:
        if name == when and done == 2:
            for process in workers_of(
                os.getpid()
            ):  # all of them: none has what the others were told
                process.send_signal(signal.SIGKILL)
                killed.append(process.pid)

    report = pipeline.build(
        bulk, tmp_path / "out", data_only=True, workers=2, dask="local", stage=stage
    )
    assert len(killed) == 2
    assert tree(tmp_path / "out") | {"problems": repr(report.problems).encode()} == alone


@pytest.mark.slow
def test_what_kills_every_worker_is_told_in_one_line(lighthouses: Path) -> None:
    mappers = lighthouses / "mappers.py"
    text = mappers.read_text("utf-8").replace(
        "    yield from names.of(lighthouse)\n",
        "    import os\n\n    os.kill(os.getpid(), 9)\n    yield from names.of(lighthouse)\n",
    )
    assert "os.kill" in text
    mappers.write_text(text, "utf-8")
    ran = kg("build", lighthouses, "--allow-code", "--dask", "local", "--workers", "2")
    assert ran.code == 3, ran.err
    assert re.fullmatch(
        r"kg: error: Dask on this machine: \d+ workers were killed at the same task, perhaps for "
        r"want of memory; .*\n",
        ran.err,
    )


@pytest.mark.slow
def test_workers_that_have_another_kgpress_are_refused(folder: Folder, tmp_path: Path) -> None:
    with Processes(tmp_path) as there:
        there.workers(1, "outdated.py")
        ran = kg("build", folder.root, "--dask", there.address, "--parts", tmp_path / "parts")
    assert ran.code == 3, ran.err
    assert re.fullmatch(
        r"kg: error: Dask at \S+, tcp://\S+: there is kgpress 0\.0\.9 \(\w+\), and here .*\n",
        ran.err,
    )


@pytest.fixture
def large(tmp_path: Path) -> Path:
    Bulk(20_000).write(tmp_path / "large")
    return tmp_path / "large"


def started(*arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kg", "build", *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)


@pytest.mark.slow
def test_a_scheduler_that_goes_is_told_in_one_line(large: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    with Processes(tmp_path) as there:
        there.workers(2)
        with started(large, "--dask", there.address, "--parts", parts.as_uri()) as process:
            wait_for(lambda: [*parts.glob("kg-*/*/claims")])
            there.scheduler.kill()
            _, said = process.communicate(timeout=120)
    assert process.returncode == 3
    shown = re.escape(there.address)
    assert re.fullmatch(rf"kg: error: Dask at {shown}: the scheduler has gone; .*\n", said.decode())
    assert not (large / "public").exists()
    assert [*parts.iterdir()] == []


@pytest.mark.slow
@pytest.mark.parametrize("whom", ["the group", "the build"])
def test_a_build_that_is_interrupted_leaves_nothing(
    large: Path, whom: str, tmp_path: Path, scratch: Path
) -> None:
    with started(large, "--rehash", "--dask", "local", "--workers", "2") as process:
        wait_for(lambda: [*scratch.glob("kg-*/*/claims")])
        workers = workers_of(process.pid)
        assert len(workers) == 2
        (os.killpg if whom == "the group" else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.decode().splitlines() in (["Aborted!"], ["", "Aborted!"])
    assert psutil.wait_procs(workers, 30)[1] == []
    assert not (large / "public").exists()


@pytest.mark.slow
def test_workers_end_with_who_started_them(large: Path, scratch: Path) -> None:
    with started(large, "--rehash", "--dask", "local", "--workers", "2") as process:
        wait_for(lambda: [*scratch.glob("kg-*/*/claims")])
        workers = workers_of(process.pid)
        assert len(workers) == 2
        process.kill()
        assert psutil.wait_procs(workers, 30)[1] == []
    time.sleep(0.1)
    for path in scratch.iterdir():  # kill -9 leaves that, as of any build
        shutil.rmtree(path)
