"""The store on disk: the same answers, made by one of many at once, never half, never of others."""

from __future__ import annotations

import gc
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from processes import command_lines, still
from sample import Folder, kg
from serving import Server, serving, until

import kg as package
from kg.asking import making, ondisk
from kg.asking.answers import write_answer
from kg.asking.making import prepare, tidy
from kg.asking.published import Published
from kg.cli import main

WHO = "SELECT ?who { ?conferral kg:recipient ?who }"
ANSWER = "who\nhttps://example.org/d/id/acme\n"
MAKE = """
import sys
from pathlib import Path
from kg.asking.making import prepare
prepare(Path(sys.argv[1]), tell=lambda line: print(line, flush=True), force=True)
"""


@pytest.fixture
def built(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build; whoever looks for a cache of the user's finds it nearby."""
    out = folder.publish(folder.root.parent / "public")
    monkeypatch.setenv("XDG_CACHE_HOME", str(out.parent / "cache"))
    return out


def made(out: Path, **how: bool) -> list[str]:
    """Make the store of a build, and return what was told."""
    told: list[str] = []
    prepare(out, tell=told.append, **how)
    return told


def stores(out: Path) -> list[Path]:
    home = out.parent / f".{out.name}.store"
    return sorted(path for path in home.iterdir() if path.is_dir()) if home.exists() else []


def makers(out: Path) -> list[str]:
    """Return the command lines of processes that make a store of a build."""
    return [line for line in command_lines() if "kg.asking.making" in line and str(out) in line]


def asked(out: Path) -> str:
    ran = kg("query", WHO, "--data", out, "--format", "csv")
    assert ran.code == 0, ran.err
    return ran.out.replace("\r", "")


# What is asked.


def lines(published: Published, text: str) -> list[str]:
    answer = published.query(text)
    if isinstance(answer, ox.QueryTriples):
        written = "".join(write_answer(published, answer, "ntriples"))
        return sorted(re.sub(r"_:\w+", "_:b", written).splitlines())
    return "".join(write_answer(published, answer, "json")).splitlines()


def test_all_saved_queries_are_answered_as_from_memory(public: Path, tmp_path: Path) -> None:
    out = tmp_path / "public"
    shutil.copytree(public, out)
    memory = Published(out)
    assert memory.store
    assert memory.on_disk is None
    assert len(made(out, force=True)) == 1
    disk = Published(out)
    assert disk.store
    assert disk.on_disk is not None
    assert set(disk.store) == set(memory.store)
    assert set(disk.store.named_graphs()) == set(memory.store.named_graphs())
    assert len(memory.queries) > 80
    for query in memory.queries:
        assert lines(disk, query.text) == lines(memory, query.text), query.name


def test_commands_say_the_same(built: Path) -> None:
    commands = [("query", WHO, "--evidence"), ("explain", "acme"), ("query", "ASK { ?s ?p ?o }")]
    before = [kg(*command, "--data", built) for command in commands]
    assert made(built, force=True)
    assert [kg(*command, "--data", built) for command in commands] == before


def test_only_large_datasets_get_one_unasked(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(built) == []
    assert kg("query", WHO, "--data", built).err == ""
    assert not (built.parent / ".public.store").exists()
    monkeypatch.setattr(making, "LARGE", (built / "data/kg.nq").stat().st_size + 1)
    assert made(built) == []
    monkeypatch.setattr(making, "LARGE", (built / "data/kg.nq").stat().st_size)
    (told,) = made(built)
    assert told.startswith("Indexing ")
    assert len(stores(built)) == 1
    assert made(built) == []


def test_a_build_can_be_asked_for_it(folder: Folder) -> None:
    out = folder.root.parent / "public"
    ran = kg("build", folder.root, "--out", out, "--store")
    assert ran.code == 0
    assert "kg: Indexing " in ran.err
    assert Published(out).on_disk is not None
    assert kg("build", folder.root, "--out", out, "--store").err.count("Indexing") == 0


@pytest.mark.slow
def test_all_files_are_open_before_none_may_be(public: Path, tmp_path: Path) -> None:
    out = tmp_path / "public"
    shutil.copytree(public, out)
    made(out, force=True)
    code = f"""
import os, resource
from pathlib import Path
from kg.asking.published import Published
from kg.cli import main
published = Published(Path({str(out)!r}))
store, names = published.store, published.prefixes
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
for subject, predicate, object, graph in list(store):
    for pattern in ((subject, None, None), (None, predicate, object), (None, None, object)):
        assert next(store.quads_for_pattern(*pattern, graph))
        assert next(store.quads_for_pattern(*pattern))
for query in ("ASK {{ GRAPH ?g {{ ?s ?p 'none' }} }}", "SELECT (COUNT(?p) AS ?n) {{ ?s ?p ?o }}"):
    assert published.query(query) is not None
print(published.on_disk is not None)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert ran.stdout == "True\n"


def confined(server: Server) -> int:
    """Return how many processes hold a store, and can open nothing more."""
    opened = {pid: still(f"/proc/{pid}/fd", os.readlink) for pid in server.children()}
    holders = [pid for pid, files in opened.items() if any(".sst" in file for file in files)]
    limits = [Path(f"/proc/{pid}/limits").read_text("ascii") for pid in holders]
    return sum(bool(re.search(r"Max open files +0 ", text)) for text in limits)


def test_a_server_answers_from_it_in_workers_that_open_nothing(built: Path) -> None:
    made(built, force=True)
    with serving(built) as server:
        reply = server.ask("GET", f"/sparql?query={quote(WHO)}")
        assert reply.status == 200
        assert "id/acme" in reply.text
        until(lambda: confined(server) == 4, 30)  # the first answers before the last is there
        for path in stores(built):  # a cache may be removed at any time
            shutil.rmtree(path)
        assert server.ask("GET", f"/sparql?query={quote(WHO)}%20").status == 200


# Which dataset it is of.


def test_a_dump_that_was_changed_by_hand_is_read_itself(built: Path) -> None:
    made(built, force=True)
    for name in ("kg.ttl", "kg.nq"):
        path = built / "data" / name
        stat = path.stat()
        path.write_bytes(path.read_bytes().replace(b"acme", b"acne"))
        assert path.stat().st_size == stat.st_size
    assert asked(built) == ANSWER.replace("acme", "acne")
    assert ".public.store" not in str(Published(built).on_disk)
    (told,) = made(built, force=True)
    assert told.endswith("the dumps are not those of SHA256SUMS")


def test_a_build_that_was_copied_keeps_it(built: Path) -> None:
    made(built, force=True)
    (store,) = stores(built)
    moved = built.parent / "elsewhere"
    moved.mkdir()
    shutil.copytree(built, moved / "public", copy_function=shutil.copyfile)
    shutil.copytree(built.parent / ".public.store", moved / ".public.store")
    assert ondisk.state(built) != ondisk.state(moved / "public")
    for _ in range(2):
        assert made(moved / "public", force=True) == []
        assert ondisk.state(moved / "public") == (found(moved / "public")["dumps"])
    assert asked(moved / "public") == ANSWER
    assert store.exists()


def found(out: Path) -> dict[str, object]:
    place = ondisk.find(out, out)
    assert place is not None
    return place[1]


def test_stores_of_former_builds_go_unless_somebody_has_them_open(
    folder: Folder, built: Path
) -> None:
    made(built, force=True)
    (old,) = stores(built)
    published = Published(built)
    assert published.store
    folder.replace("ontology/dataset.ttl", '"Small"@en ;', '"Smaller"@en ;')
    assert package.build(folder.root, built, data_only=True).published
    tidy(built)
    assert stores(built) == [old]
    made(built, force=True)
    assert old in stores(built)
    assert len(stores(built)) == 2
    assert len(list(published.store)) > 100
    del published
    gc.collect()
    tidy(built)
    assert old not in stores(built)
    assert len(stores(built)) == 1


# What goes wrong.


def test_of_many_at_once_one_makes_it(built: Path) -> None:
    command = [sys.executable, "-c", MAKE, str(built)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(5)]
    told = [process.communicate(timeout=100)[0] for process in running]
    assert [process.returncode for process in running] == [0] * 5
    assert sorted(map(bool, told)) == [False] * 4 + [True]
    assert len(stores(built)) == 1
    assert asked(built) == ANSWER


@pytest.mark.parametrize("when", ["store.flush()", "path.rename", "aside.rename(home / name)"])
def test_one_that_is_killed_leaves_nothing_that_is_opened(built: Path, when: str) -> None:
    kill = "os.kill(os.getpid(), 9)"
    code = f"""
import os, sys
from pathlib import Path
from kg.asking import making
text = Path(making.__file__).read_text("utf-8")
assert {when!r} in text
exec(compile(text.replace({when!r}, {kill!r} + " ; " + {when!r}), "m", "exec"), making.__dict__)
making.main(Path(sys.argv[1]), Path(sys.argv[1]))
"""
    if when == "path.rename":  # while an older store is removed
        made(built, force=True)
        (old,) = stores(built)
        old.rename(old.with_name("older"))
    command = [sys.executable, "-c", code, str(built)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.wait() == -signal.SIGKILL
    assert ondisk.find(built, built) is None
    assert asked(built) == ANSWER
    assert len(made(built, force=True)) == 1
    assert len(stores(built)) == 1
    assert asked(built) == ANSWER


@pytest.mark.slow
def test_one_that_is_killed_at_any_moment(built: Path) -> None:
    began = time.monotonic()
    made(built, force=True)
    took = time.monotonic() - began + 0.4
    for seed in range(40):
        for store in stores(built):
            shutil.rmtree(store)
        process = subprocess.Popen(
            [sys.executable, "-c", MAKE, str(built)], stdout=subprocess.DEVNULL
        )
        time.sleep(random.Random(seed).uniform(0, took))
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: not makers(built), 10)  # the child that makes it ends with it
        opened = ondisk.opened(built, built)
        assert opened is None or len(list(opened.store)) > 100


def damaged(store: Path, how: str) -> None:
    tables = sorted((store / "store").glob("*.sst"), key=lambda path: path.stat().st_size)
    match how:
        case "a file is missing":
            tables[-1].unlink()
        case "a file is cut":
            os.truncate(tables[-1], 100)
        case "no manifest":
            next((store / "store").glob("MANIFEST*")).unlink()
        case "the stamp is cut":
            os.truncate(store / "stamp.json", 100)
        case "the stamp is of something else":
            (store / "stamp.json").write_text("[1]")
        case "no stamp":
            (store / "stamp.json").unlink()


@pytest.mark.parametrize(
    "how",
    [
        *("a file is missing", "a file is cut", "no manifest", "no stamp"),
        *("the stamp is cut", "the stamp is of something else"),
    ],
)
def test_a_damaged_one_is_made_anew(built: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made(built, force=True)
    (store,) = stores(built)
    damaged(store, how)
    assert asked(built) == ANSWER  # a small dataset is loaded
    monkeypatch.setattr(making, "LARGE", 0)
    told = made(built)
    assert told[0] == f"The store in {store} is damaged, and made anew."
    assert len(told) == 2
    assert Published(built).on_disk is not None
    assert asked(built) == ANSWER


def scrambled(store: Path, keep: int = 0) -> None:
    for path in (store / "store").glob("*.sst"):
        data = bytearray(path.read_bytes())
        end = len(data) - keep
        data[:end] = bytes(byte ^ 255 for byte in data[:end])
        path.write_bytes(data)


@pytest.mark.parametrize("keep", [0, 2000])
def test_bytes_that_are_not_what_was_written(built: Path, keep: int) -> None:
    made(built, force=True)
    (store,) = stores(built)
    scrambled(store, keep)
    ran = kg("query", WHO, "--data", built, "--format", "csv")
    if ran.code:
        told = "query:1:1: error: the store on disk is damaged; ask again: it is made anew\n"
        assert ran.err.replace("query: error", "query:1:1: error") == told
    assert ran.code in (0, 1)
    assert asked(built) == ANSWER
    told = made(built, force=True)
    assert [line[:9] for line in told] == ["The store", "Indexing "]
    assert asked(built) == ANSWER


def test_where_nothing_can_be_written_it_lies_in_the_cache(built: Path) -> None:
    (built.parent / ".public.store").write_text("no folder")
    assert len(made(built, force=True)) == 1
    opened = Published(built).on_disk
    assert opened is not None
    assert opened.path.is_relative_to(built.parent / "cache")
    assert asked(built) == ANSWER


def test_where_it_can_lie_nowhere_all_is_loaded(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (".public.store", "cache"):
        (built.parent / name).write_text("no folder")
    monkeypatch.setattr(making, "LARGE", 0)
    (told,) = made(built)
    assert told.startswith("no store was made, so that all is loaded into memory: ")
    assert asked(built) == ANSWER


def test_terms_are_tried_until_all_files_are_open(
    built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = Published(built)
    named = [t for quad in published.quads() for t in quad if isinstance(t, ox.NamedNode)]
    late = list(dict.fromkeys(named))[-1]  # in no quad but the last ones
    tried = list[ox.NamedNode]()
    monkeypatch.setattr(ondisk, "look_up", lambda _, term: tried.append(term))
    monkeypatch.setattr(ondisk, "missing", lambda *_: int(late not in tried))
    ox.Store(str(built.parent / "store")).flush()
    assert making._opening(built.parent / "store", published) == [late.value]
    assert len(tried) == len(set(tried))
    tried.clear()
    monkeypatch.setattr(making, "_TRIES", len(set(named)) - 1)
    with pytest.raises(making._UnmadeError, match=r"^1 of its files cannot be opened beforehand$"):
        making._opening(built.parent / "store", published)


def test_a_site_without_a_store_says_so(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (built.parent / ".public.store").write_text("no folder")
    (built.parent / "cache").write_text("no folder")
    monkeypatch.setattr(making, "LARGE", 0)
    ran = CliRunner().invoke(main, ["build", str(built.parent / "folder"), "--out", str(built)])
    assert ran.exit_code == 0, ran.output
    (told,) = ran.stderr.splitlines()
    assert told.startswith("kg: no store was made, so that all is loaded into memory: ")
    (built.parent / ".public.store").unlink()
    ran = CliRunner().invoke(
        main, ["build", str(built.parent / "folder"), "--out", str(built), "--rehash"]
    )
    assert ran.stderr == ""


def test_a_full_disk(built: Path) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = [sys.executable, "-c", MAKE, str(built)]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=True, preexec_fn=little, timeout=60
    )
    first, second, last = ran.stdout.splitlines()
    assert first == second
    assert first.startswith("Indexing ")
    assert last.startswith("no store was made, so that all is loaded into memory: ")
    assert ran.stderr == ""
    assert stores(built) == []
    assert asked(built) == ANSWER


@pytest.fixture(autouse=True)
def _nothing_is_left_of_what_was_made(tmp_path: Path) -> Iterator[None]:
    yield
    assert not list(tmp_path.glob(".public.store/*.aside"))


def test_what_others_close_meanwhile_is_none_of_its_files(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(built, force=True)
    others = [(tmp_path / str(number)).open("w") for number in range(20)]
    opened = ox.Store.read_only

    def read_only(path: str) -> ox.Store:
        for other in others:
            other.close()
        return opened(path)

    monkeypatch.setattr(ondisk.ox.Store, "read_only", read_only, raising=False)
    assert Published(built).on_disk is not None
