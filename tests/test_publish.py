"""Publication under kill -9, rivals, readers and full disks: real processes, real signals."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

import kg.publish
from kg.publish import MARKER, PublishError, publication

Build = dict[str, str]
# Different names, sizes and depths: any mixture of the two is neither.
OLD: Build = {"kg.ttl": "old\n" * 9000, "index.html": "old", "x/y/page.html": "old" * 50, "o": ""}
NEW: Build = {"kg.ttl": "new\n" * 7000, "index.html": "new", "x/z/page.html": "new" * 70, "n": ""}

PRELUDE = """
import json, os, resource, signal, sys
from pathlib import Path
import kg.publish
from kg.publish import PublishError, publication

out, old, new = Path(sys.argv[1]), *map(json.loads, sys.argv[2:4])

def fill(folder, build):
    for name, text in build.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)

def publish(build):
    with publication(out) as staging:
        fill(staging, build)

def say(word):
    print(word, flush=True)
"""


def fill(folder: Path, build: Build) -> None:
    for name, text in build.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def publish(out: Path, build: Build) -> None:
    with publication(out) as staging:
        fill(staging, build)


def files(folder: Path | int) -> Build:
    """Every file below a folder (given by path or by descriptor), without the marker."""
    found: Build = {}
    top = "." if isinstance(folder, int) else str(folder)
    pin = folder if isinstance(folder, int) else None

    def stop(exc: OSError) -> None:
        raise exc

    for place, _, names, descriptor in os.fwalk(top, dir_fd=pin, onerror=stop):
        for name in names:
            with open(name, opener=partial(os.open, dir_fd=descriptor)) as f:
                found[os.path.relpath(Path(place, name), top)] = f.read()
    found.pop(MARKER, None)
    return found


def beside(out: Path) -> list[str]:
    """What lies beside `out`, but for the lock."""
    return sorted(p.name for p in out.parent.iterdir() if p not in {out, lock_of(out)})


def lock_of(out: Path) -> Path:
    return out.with_name(f".{out.name}.lock")


@contextmanager
def child(out: Path, script: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PRELUDE + script, str(out), json.dumps(OLD), json.dumps(NEW)]
    env = {**os.environ, "PYTHONPATH": str(Path(kg.publish.__file__).parents[1])}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "public"


def test_publishes_first_and_again(out: Path) -> None:
    publish(out, OLD)
    assert files(out) == OLD
    assert beside(out) == []
    publish(out, NEW)
    assert files(out) == NEW


def test_equal_builds_are_equal_to_the_byte(tmp_path: Path) -> None:
    publish(tmp_path / "one", OLD)
    publish(tmp_path / "two", NEW)
    publish(tmp_path / "two", OLD)
    assert (tmp_path / "one" / MARKER).read_bytes() == (tmp_path / "two" / MARKER).read_bytes()
    assert files(tmp_path / "one") == files(tmp_path / "two") == OLD


def test_all_is_on_disk_before_the_swap_and_the_swap_after_it(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(out, OLD)
    events: list[int | str] = []
    fsync, exchange = os.fsync, kg.publish._exchange

    def see_fsync(descriptor: int) -> None:
        events.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def see_exchange(staging: Path, out: Path) -> None:
        events.append("swap")
        exchange(staging, out)

    monkeypatch.setattr(os, "fsync", see_fsync)
    monkeypatch.setattr(kg.publish, "_exchange", see_exchange)
    publish(out, NEW)
    swap = events.index("swap")
    assert sorted(events[:swap]) == sorted(p.stat().st_ino for p in (out, *out.rglob("*")))
    assert events[swap + 1 :] == [out.parent.stat().st_ino]


@pytest.mark.parametrize(("code", "kept"), [(errno.EINVAL, NEW), (errno.EIO, OLD)])
def test_a_disk_that_cannot_sync_folders_will_do_but_not_a_broken_one(
    out: Path, code: int, kept: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    publish(out, OLD)
    monkeypatch.setattr(os, "fsync", fail)
    with suppress(PublishError):
        publish(out, NEW)
    assert files(out) == kept


def test_an_empty_folder_is_taken(out: Path) -> None:
    out.mkdir()
    publish(out, NEW)
    assert files(out) == NEW


@pytest.mark.parametrize(
    ("umask", "folder", "file"), [(0o022, 0o755, 0o644), (0o027, 0o750, 0o640)]
)
def test_the_umask_decides_who_may_read(out: Path, umask: int, folder: int, file: int) -> None:
    before = os.umask(umask)
    try:
        publish(out, NEW)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(p.stat().st_mode) for p in (out, out / "x")} == {folder}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (out / "n", out / MARKER)} == {file}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_of_the_block_passes_and_changes_nothing(
    out: Path, error: type[BaseException]
) -> None:
    publish(out, OLD)
    inode = out.stat().st_ino
    with pytest.raises(error, match="mine"), publication(out) as staging:
        fill(staging, NEW)
        raise error("mine")
    assert (files(out), out.stat().st_ino, beside(out)) == (OLD, inode, [])


def test_an_oserror_of_the_block_becomes_one_line_that_names_the_file(out: Path) -> None:
    publish(out, OLD)
    with pytest.raises(PublishError) as caught, publication(out) as staging:
        (staging / "two\nlines" / "kg.ttl").write_text("")
    path = str(out / r"two\nlines" / "kg.ttl")
    assert str(caught.value) == f"{path}: No such file or directory; mend this, then build again"
    assert (files(out), beside(out)) == (OLD, [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk(out: Path) -> None:
    publish(out, OLD)
    with pytest.raises(PublishError) as caught, publication(out) as staging:
        (staging / "kg.ttl").symlink_to("/dev/full")
        (staging / "kg.ttl").write_text("x")
    assert str(caught.value) == f"{out}: No space left on device; free some space, then build again"
    assert (files(out), beside(out)) == (OLD, [])


@pytest.mark.parametrize("limit", [0, 5000])  # 0: the block writes nothing, the marker is too much
def test_a_limit_on_file_sizes(out: Path, limit: int) -> None:
    publish(out, OLD)
    script = f"""
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    publish(new if {limit} else {{}})
except PublishError as exc:
    os.write(1, str(exc).encode())
"""
    with child(out, script) as process:
        mend = "raise the limit on file sizes (ulimit -f)"
        assert hear(process) == f"{out}: File too large; {mend}"
    assert (files(out), beside(out)) == (OLD, [])


def test_a_parent_that_cannot_be_written() -> None:
    # Not tmp_path: root runs this as nobody, who may not pass pytest's private folder.
    with tempfile.TemporaryDirectory() as name:
        parent = Path(name).resolve()
        out = parent / "public"
        publish(out, OLD)
        parent.chmod(0o555)
        script = """
if os.geteuid() == 0:
    os.setuid(65534)
try:
    publish(new)
except PublishError as exc:
    say(exc)
"""
        try:
            for lock in (lock_of(out), None):  # with the lock of an earlier build, and without
                with child(out, script) as process:
                    said = hear(process)
                assert said.endswith(": Permission denied; allow it, or publish elsewhere")
                assert said.startswith(str(parent))
                assert (files(out), beside(out)) == (OLD, [])
                if lock:
                    parent.chmod(0o755)
                    lock.unlink()
                    parent.chmod(0o555)
        finally:
            parent.chmod(0o755)


def test_a_missing_parent_is_named(out: Path) -> None:
    with pytest.raises(PublishError, match="public: there is no such folder; make it"):
        publish(out / "deep", NEW)


def test_a_file_is_not_replaced(out: Path) -> None:
    out.write_text("mine")
    with pytest.raises(PublishError, match="public: is not a folder; move it away"):
        publish(out, NEW)
    assert (out.read_text(), lock_of(out).exists()) == ("mine", False)


@pytest.mark.parametrize(
    "names", [["thesis.doc"], ["thesis.doc", MARKER], [f"{MARKER}/thesis.doc"]]
)
def test_a_folder_of_someone_else_is_not_replaced(out: Path, names: list[str]) -> None:
    fill(out, dict.fromkeys(names, "mine"))
    with pytest.raises(PublishError, match=r"public: not replaced, .*; empty it, or publish else"):
        publish(out, NEW)
    assert {p for p in out.rglob("*") if p.is_file()} == {out / name for name in names}
    assert not lock_of(out).exists()


def test_a_folder_put_there_during_the_build_is_not_replaced(out: Path) -> None:
    with pytest.raises(PublishError, match="not replaced"), publication(out) as staging:
        fill(staging, NEW)
        fill(out, {"thesis.doc": "mine"})
    assert (files(out), beside(out)) == ({"thesis.doc": "mine"}, [])


def test_a_symlink_stays_and_what_it_leads_to_is_replaced(out: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    out.symlink_to("disk/site")
    for build in (OLD, NEW):  # the first time it leads nowhere yet
        publish(out, build)
        assert out.is_symlink()
        assert files(tmp_path / "disk" / "site") == build
    assert beside(out) == ["disk"]


def test_a_symlink_to_itself_is_refused(out: Path) -> None:
    out.symlink_to(out)
    with pytest.raises(PublishError, match="is not a folder"):
        publish(out, NEW)
    assert out.is_symlink()


def test_of_two_builds_one_wins_and_the_other_is_told_at_once(out: Path) -> None:
    script = """
with publication(out) as staging:
    say("building")
    sys.stdin.readline()
    fill(staging, new)
say("published")
"""
    with child(out, script) as process:
        assert hear(process) == "building"
        start = time.monotonic()
        with pytest.raises(PublishError) as caught:
            publish(out, OLD)
        assert time.monotonic() - start < 1
        wait = "another build is publishing here; wait for it to end, then build again"
        assert str(caught.value) == f"{out}: {wait}"
        publish(out.with_name("public.other"), OLD)  # its leftovers and ours are told apart
        tell(process)
        assert hear(process) == "published"
    assert files(out) == NEW
    publish(out, OLD)
    assert files(out) == OLD


def test_a_worker_that_outlives_its_killed_build_bars_no_other(out: Path) -> None:
    script = """
with publication(out) as staging:
    if not os.fork():
        say(os.getpid())
    signal.pause()
"""
    with child(out, script) as process:
        worker = int(hear(process))
        try:
            with pytest.raises(PublishError, match="another build"):
                publish(out, NEW)
            process.kill()
            process.wait()
            os.kill(worker, 0)
            publish(out, NEW)
        finally:
            os.kill(worker, signal.SIGKILL)
    assert (files(out), beside(out)) == (NEW, [])


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "public.v1"
    ours = [".public.v1.01234567.staging", ".public.v1.89abcdef.staging"]
    theirs = [".public.v1.notes.staging", ".public.v1.01234567", ".public-v1.01234567.staging"]
    for name in ours + theirs:
        fill(out.with_name(name), OLD)
    publish(out, NEW)
    assert beside(out) == sorted(theirs)


def test_the_replaced_build_goes_when_the_next_begins(out: Path) -> None:
    for build in (OLD, NEW, OLD):
        publish(out, build)
    [replaced] = beside(out)
    assert files(out.with_name(replaced)) == NEW
    with pytest.raises(ValueError, match="mine"), publication(out):
        raise ValueError("mine")
    assert (files(out), beside(out)) == (OLD, [])


@pytest.mark.slow
def test_forty_kills_leave_one_whole_build(out: Path) -> None:
    script = """
say("ready")
while True:
    publish(old)
    publish(new)
"""
    chance = random.Random(7)
    seen: set[str] = set()
    unfinished = 0
    for number in range(400):
        if number >= 40 and seen == {"old", "new"}:
            break  # forty, and on a busy machine as many as it takes to have met both
        with child(out, script) as process:
            assert hear(process) == "ready"
            time.sleep(chance.uniform(0, 0.06 + 0.002 * number))
            process.kill()
            process.wait()
        if seen or out.exists():
            build = files(out)
            assert build in (OLD, NEW)
            assert (out / MARKER).exists()
            seen.add(build["index.html"])
        unfinished += any(not (out.with_name(name) / MARKER).exists() for name in beside(out))
    assert seen == {"old", "new"}
    assert unfinished > 0
    publish(out, NEW)
    assert (files(out), len(beside(out))) == (NEW, 1)


@pytest.mark.parametrize("way", ["exchange", "renames"])
def test_a_kill_before_every_line_leaves_one_whole_build(out: Path, way: str) -> None:
    # One process, forked before each line of kg/publish.py that a publication runs through.
    script = f"""
def refuse(*paths):
    raise OSError(22, "no exchange here")

if {way!r} == "renames":
    kg.publish._exchange = refuse

def die_before(line):
    left = line
    def trace(frame, event, arg):
        nonlocal left
        if frame.f_code.co_filename != kg.publish.__file__:
            return None
        if event == "line":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace
    sys.settrace(trace)

line = 0
while True:
    publish(old)
    pid = os.fork()
    if not pid:
        die_before(line)
        publish(new)
        os._exit(0)
    alive = os.waitpid(pid, 0)[1] == 0
    say("alive" if alive else "killed")
    sys.stdin.readline()
    line += 1
"""
    seen = []
    with child(out, script) as process:
        while hear(process) == "killed":
            if way == "renames" and not out.exists():
                seen.append("missing")
                with pytest.raises(ValueError, match="mine"), publication(out):
                    raise ValueError("mine")
                assert files(out) == OLD  # healed, even by a build that fails
            else:
                assert files(out) in (OLD, NEW)
                seen.append("old" if files(out) == OLD else "new")
            tell(process)
        assert files(out) == NEW
    order = ["old", "missing", "new"] if way == "renames" else ["old", "new"]
    assert list(dict.fromkeys(seen)) == order  # and never back
    assert seen == sorted(seen, key=order.index)
    assert seen.count("old") > 50


def test_a_reader_that_holds_the_folder_keeps_its_build(out: Path) -> None:
    publish(out, OLD)
    pin = os.open(out, os.O_RDONLY)
    try:
        publish(out, NEW)
        assert (files(pin), files(out)) == (OLD, NEW)
    finally:
        os.close(pin)


def test_no_reader_that_holds_the_folder_sees_a_mixture(out: Path) -> None:
    publish(out, OLD)
    whole: list[str] = []
    with child(out, "while True: publish(new); publish(old)"):
        end = time.monotonic() + 10
        while (len(whole) < 300 or len(set(whole)) < 2) and time.monotonic() < end:
            pin = os.open(out, os.O_RDONLY)  # never missing
            try:
                build = files(pin)
            except FileNotFoundError:
                continue  # two builds have passed this slow reader: gone, and it is told
            finally:
                os.close(pin)
            if build in (OLD, NEW):
                whole.append(build["index.html"])
            else:  # half removed, two builds later; still of one build
                assert build.items() <= OLD.items() or build.items() <= NEW.items()
    assert set(whole) == {"old", "new"}


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_renames_where_nothing_can_be_exchanged(
    out: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(staging: Path, out: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(kg.publish, "_exchange", refuse)
    for build in (OLD, NEW, OLD):
        publish(out, build)
        assert files(out) == build
    [replaced] = beside(out)
    assert files(out.with_name(replaced)) == NEW


def test_renames_that_fail_half_way_put_the_old_build_back(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(staging: Path, out: Path) -> None:
        staging.rename(staging.with_name("stolen"))
        raise OSError(errno.EINVAL, "no exchange here")

    publish(out, OLD)
    monkeypatch.setattr(kg.publish, "_exchange", refuse)
    with pytest.raises(PublishError, match="public: No such file or directory"):
        publish(out, NEW)
    assert (files(out), beside(out)) == (OLD, ["stolen"])


def test_an_exchange_that_fails_changes_nothing(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(staging: Path, out: Path) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(out))

    publish(out, OLD)
    monkeypatch.setattr(kg.publish, "_exchange", fail)
    with pytest.raises(PublishError, match=r"public: .*; if mounted, publish to a folder"):
        publish(out, NEW)
    assert (files(out), beside(out)) == (OLD, [])
