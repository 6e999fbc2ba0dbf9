"""Memory that all processes of a command may take together: who needs more is told in one line."""

from __future__ import annotations

import errno
import faulthandler
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pyoxigraph
import pytest
from bulk.folders import Bulk
from click.testing import CliRunner
from common.processes import memory, tree
from processes import command_lines
from sample import Folder, kg

from kg import pipeline
from kg.checks.shapes import Validator
from kg.commands import MEMORY
from kg.memory import EACH, LEAST, ROOM, Memory
from kg.publish import PublishError
from kg.shards.crew import Processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems keep no such limit")
MEND = "give more (--memory), use fewer workers (--workers), or divide the largest fact file"


@click.command()
@MEMORY
def shown(memory: int) -> None:
    click.echo(memory)


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("size", "many"),
    [
        ("2G", 2 << 30),
        ("512M", 512 << 20),
        ("512MiB", 512 << 20),
        ("300000k", 300_000 << 10),
        ("1tib", 1 << 40),
        (f"{LEAST}", LEAST),
    ],
)
def test_sizes(size: str, many: int) -> None:
    ran = CliRunner().invoke(shown, ["--memory", size])
    assert ran.output == f"{many}\n", ran.output


def test_without_a_size_there_is_no_limit() -> None:
    assert CliRunner().invoke(shown).output == "0\n"


@pytest.mark.parametrize("size", ["", "G", "2 G", "-1G", "1.5G", "2GB", "2X", "٢G", "9" * 20])
def test_what_is_no_size(size: str) -> None:
    ran = CliRunner().invoke(shown, ["--memory", size])
    assert ran.exit_code == 2
    assert f"{size!r} is no size, such as 512M or 2G" in ran.output


@pytest.mark.parametrize("command", ["build", "check"])
def test_too_little_to_begin_with(folder: Folder, command: str) -> None:
    ran = kg(command, folder.root, "--memory", "64M")
    assert ran.code == 2
    assert ran.err.endswith("Invalid value for '--memory': 64M is too little; the least is 200M\n")
    assert not (folder.root / "public").exists()


def test_workers_of_dask_have_limits_of_their_own(folder: Folder) -> None:
    ran = kg("build", folder.root, "--memory", "1G", "--dask", "local")
    assert ran.code == 2
    assert "--memory-limit" in ran.err


def test_there_are_as_many_processes_as_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.memory.resident", lambda: 50 << 20)
    much = Memory(50 << 20 | 4 * EACH)
    assert [much.room(wanted) for wanted in (1, 2, 4, 8)] == [1, 2, 4, 4]
    assert [much.room(8, beside) for beside in (1, 3, 4, 9)] == [3, 1, 1, 1]
    assert much.share(4) == EACH
    with pytest.raises(PublishError, match="50 MB of 60 are taken before the work is shared out"):
        Memory((50 << 20) + ROOM - (6 << 20)).share(1)


@linux
def test_a_sound_folder_has_the_same_bytes(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bulk(60, violations=4).write(tmp_path / "bulk")
    monkeypatch.setattr(pipeline, "SHARD", 20)
    for root, workers in ((folder.root, 1), (tmp_path / "bulk", 3)):
        plain = pipeline.build(root, tmp_path / "plain", data_only=True)
        assert plain.published
        limited = pipeline.build(
            root, tmp_path / "limited", data_only=True, workers=workers, memory=2 << 30
        )
        assert limited.problems == plain.problems
        assert contents(tmp_path / "limited") == contents(tmp_path / "plain")


@linux
def test_the_least_is_enough_to_check_a_small_folder(folder: Folder) -> None:
    ran = kg("check", folder.root, "--memory", f"{LEAST >> 20}M")
    assert ran.code == 0, ran.err


@pytest.mark.slow
@linux
def test_an_article_that_is_too_large_is_told_in_one_line(tmp_path: Path) -> None:
    root, temporary = tmp_path / "folder", tmp_path / "temporary"
    temporary.mkdir()
    Bulk(0).write(root)
    own = {"TMPDIR": str(temporary), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert kg("build", root, "--memory", "200M", env=own).code == 0
    before = contents(root / "public")
    _add_large(root, 2500)
    command = [sys.executable, "-m", "kg", "build", str(root), "--memory", "200M", "--workers", "2"]
    environment = {**os.environ, **own}
    with subprocess.Popen(
        command, env=environment, start_new_session=True, stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert process.returncode == 3, said
    assert said.startswith("kg: error: worker processes: one ran out of memory; each had ")
    assert said.endswith(f" MB of its own; {MEND}\n")
    assert said.count("\n") == 1
    assert contents(root / "public") == before
    with pytest.raises(ProcessLookupError):  # nobody is left of the group
        os.killpg(process.pid, 0)
    assert not [*_validators(temporary)]
    assert not [*temporary.iterdir()]
    assert not [*root.glob(".public.*.staging")]
    assert not [*(tmp_path / "cache").rglob(".*")]


def _validators(directory: Path) -> Iterator[str]:
    """Read the command lines of processes that were given a directory."""
    return (line for line in command_lines() if str(directory) in line)


def _add_large(root: Path, count: int) -> None:
    """Add an article with so many facts, which are mapped as one."""
    header = {"title": "Large", "language": "en", "quote": "Large"}
    facts: list[dict[str, object]] = [{"article": header}]
    for number in range(count):
        name = f"Maker {number} Works"
        quote = f"{name} was founded in 1999."
        slug = f"maker-{number}-works"
        facts.append({"organisation": slug, "name": name, "founded": "1999", "quote": quote})
    text = " ".join(str(fact["quote"]) for fact in facts[1:])
    (root / "seeds/large.txt").write_text(f"Large\n\n{text}\n")
    lines = "".join(f"{json.dumps(fact)}\n" for fact in facts)
    (root / "seeds/large.facts.jsonl").write_text(lines)


def _takes(_: None, number: int) -> int:
    return len(bytes(number << 20))


def _keeps(_: None, number: int) -> int:
    kept = []
    while True:
        kept.append([object() for _ in range(100_000)])


def _oxigraph(_: None, number: int) -> int:
    faulthandler.disable()  # what pytest has it say
    long, store = pyoxigraph.Literal("x" * (4 << 20)), pyoxigraph.Store()
    node = pyoxigraph.NamedNode("https://example.org/")
    for each in range(1000):
        other = pyoxigraph.NamedNode(f"https://example.org/{each}")
        store.add(pyoxigraph.Quad(node, other, pyoxigraph.Literal(f"{each}{long.value}")))
    return 0


def _dies(_: None, number: int) -> int:
    faulthandler.disable()
    os.abort()


def _cannot(_: None, number: int) -> int:
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


@linux
@pytest.mark.parametrize(
    ("task", "wrong"),
    [
        (_takes, "ran out of memory"),
        (_keeps, "ran out of memory"),
        (_cannot, "ran out of memory"),
        (_oxigraph, "(ran out of|was killed, perhaps for want of) memory"),
        (_dies, "was killed, perhaps for want of memory"),
    ],
)
def test_a_worker_that_needs_more_than_its_share(
    task: Callable[[None, int], int],
    wrong: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Memory, "share", lambda self, processes: 100 << 20)
    crew = Processes(1, Memory(LEAST))
    with pytest.raises(PublishError, match=f"one {wrong}; each had 100 MB of its own; give more"):
        [*crew.each(task, None, lambda number: 200 + number, 2)]
    assert capfd.readouterr() == ("", "")
    assert [*crew.each(_takes, None, lambda number: number, 3)] == [0, 1 << 20, 2 << 20]


def test_memory_that_the_system_refuses_is_told_so() -> None:
    with pytest.raises(PublishError, match="one ran out of memory; use fewer of them"):
        [*Processes(2).each(_cannot, None, lambda number: number, 2)]


@linux
def test_a_child_that_needs_more_than_its_share(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Validator, "_share", lambda self, processes: ROOM)
    (problem,) = pipeline.check_folder(folder.root, memory=2 << 30).problems
    assert problem.message.startswith("the validator failed: MemoryError")
    assert problem.mend == MEND


@linux
@pytest.mark.slow
@pytest.mark.parametrize(
    ("facts", "size", "ways"),
    [
        (10_000, LEAST >> 20, ["--data-only"]),
        (10_000, 400, ["--data-only"]),
        (2_000, 400, []),  # with a store on disk, which is made for the pages
    ],
)
def test_all_processes_together_take_no_more(
    facts: int, size: int, ways: list[str], tmp_path: Path
) -> None:
    Bulk(facts).write(tmp_path / "folder")
    command = [sys.executable, "-m", "kg", "build", str(tmp_path / "folder"), "--rehash", *ways]
    limits, most = ["--memory", f"{size}M", "--workers", "8"], 0.0
    with subprocess.Popen([*command, *limits], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, memory(tree(process.pid)).once)
            time.sleep(0.02)
    assert process.returncode == 0
    assert 100 < most < size
    assert (tmp_path / "folder" / ".public.store").exists() == (not ways)
