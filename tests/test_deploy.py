"""`kg serve` where it is run for the world: as nobody, in a folder that it cannot write."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import pytest
from sample import REPOSITORY, Folder
from serving import Server, serving

from kg.cli import main
from kg.commands.serve import NEEDED, serve

NOBODY = 65534
LONG = "/sparql?query=SELECT(COUNT(*)AS%3Fn)%7B{}%7D".format(
    ".".join(f"%3Fa{i}%20%3Fb{i}%20%3Fc{i}" for i in range(6))
)
"""A query that would run for hours."""
CONTAINERFILE = (REPOSITORY / "deploy/Containerfile").read_text("utf-8")
PAGE = (REPOSITORY / "docs/serve.md").read_text("utf-8")
UNIT = (REPOSITORY / "deploy/kg-serve.service").read_text("utf-8")


@pytest.fixture(scope="module")
def published() -> Iterator[Path]:
    """A published folder that everyone can read, and nobody but us write."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        root.chmod(0o755)
        yield Folder(root / "folder").publish(root / "public")


def python() -> str:
    """A Python that can be run by nobody and is of our version."""
    version = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for found in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        try:
            subprocess.run([found, "-c", version], user=NOBODY, group=NOBODY, check=True, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return found
    pytest.skip("nobody can run no Python of this version here")


def unprivileged() -> dict[str, Any]:
    """How to start a server that has no rights and knows of no home."""
    libraries = (path for path in sys.path if path.endswith("site-packages"))
    how: dict[str, Any] = {"env": {"PYTHONPATH": os.pathsep.join((str(REPOSITORY), *libraries))}}
    if os.geteuid() == 0:
        how |= {"user": NOBODY, "group": NOBODY, "extra_groups": [], "python": python()}
    return how


@pytest.fixture
def bare(published: Path) -> Iterator[Server]:
    """A server without rights, without a home, in a folder that it cannot write."""
    with serving(published, cwd=published, **unprivileged()) as server:
        yield server


def soon(holds: Callable[[], bool]) -> bool:
    """Tell whether something holds within five seconds."""
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


def lives(pid: int) -> bool:
    """Tell whether a process is there, and not only not yet buried."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_it_serves_as_nobody(bare: Server, published: Path) -> None:
    # What loads, four for queries, two for pages.
    assert soon(lambda: len(bare.children()) == 7)
    for pid in (bare.process.pid, *bare.children()):
        uids = re.findall(r"^Uid:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)
        assert uids == [str(NOBODY if os.geteuid() == 0 else os.geteuid())]
    before = sorted(published.rglob("*"))
    assert bare.ask("GET", "/sparql?query=ASK%7B%7D").text == '{"head":{},"boolean":true}\n'
    assert bare.ask("GET", "/id/acme.html").status == 200
    dump = bare.ask("GET", "/data/kg.nq")
    assert dump.body == (published / "data/kg.nq").read_bytes()
    assert sorted(published.rglob("*")) == before


def test_its_workers_give_way_and_are_ended_as_nobody(published: Path) -> None:
    """What a server may do to its workers it may do without root, too."""
    with serving(published, "--timeout", "2", cwd="/", **unprivileged()) as server:
        assert server.ask("GET", LONG).status == 503
        assert server.ask("GET", "/sparql?query=ASK%7B%7D").status == 200
        told = server.ask("GET", "/metrics").text
        assert 'kg_workers_ended_total{kind="query",reason="late"} 1' in told
        children = server.children()
    assert children
    assert soon(lambda: not any(map(lives, children)))


def test_who_still_waits_when_it_ends_is_told_so(published: Path, tmp_path: Path) -> None:
    """Behind a proxy that is what a client sees of a restart."""
    log = tmp_path / "log"
    with serving(published, log=log) as server, ThreadPoolExecutor() as pool:
        waiting = pool.submit(server.ask, "GET", LONG)
        assert soon(lambda: 'running{kind="query"} 1' in server.ask("GET", "/metrics").text)
        server.process.send_signal(signal.SIGTERM)
        reply = waiting.result(10)
        assert (reply.status, reply.text) == (503, "the server ends; ask again in some seconds\n")
        assert reply.headers["Retry-After"] == "5"
        assert server.process.wait(10) == 0
    *_, last = log.read_text("utf-8").splitlines()
    assert json.loads(last).items() >= {"path": "/sparql", "status": 503}.items()


@pytest.mark.parametrize("module", NEEDED)
def test_what_is_missing_is_told_in_one_line(published: Path, tmp_path: Path, module: str) -> None:
    code = (
        "import importlib.util, sys\n"
        "real = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda n: None if n == {module!r} else real(n)\n"
        f"sys.argv = ['kg', 'serve', '--data', {str(published)!r}]\n"
        "from kg.cli import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"kg: error: kg serve needs {module}; install the extra: pip install 'kgpress[serve]', "
        "or use make serve\n"
    )


def test_the_extra_is_what_is_looked_for() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    extra = project["optional-dependencies"]["serve"]
    assert {re.match(r"\w+", wanted)[0] for wanted in extra} == set(NEEDED)  # type: ignore[index]


# The files in deploy/


def unit() -> dict[str, list[str]]:
    """The settings of the section Service."""
    parser = configparser.RawConfigParser(strict=True, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT)
    assert parser.sections() == ["Unit", "Service", "Install"]
    return {name: value.split() for name, value in parser["Service"].items()}


def instructions() -> Iterator[tuple[str, str]]:
    """The instructions of the container file."""
    for line in CONTAINERFILE.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name, rest


def commands() -> Iterator[list[str]]:
    """The command lines of both that run kg."""
    (entry,) = (rest for name, rest in instructions() if name == "ENTRYPOINT")
    yield json.loads(entry)
    yield shlex.split(" ".join(unit()["ExecStart"]))


@pytest.mark.parametrize("command", [*commands()], ids=("container", "unit"))
def test_the_commands_have_options_that_exist(command: list[str]) -> None:
    program, name, *options = command
    assert program == "/opt/kgpress/bin/kg"
    found = main.get_command(click.Context(main), name)
    assert isinstance(found, click.Command)
    context = found.make_context(name, options, resilient_parsing=False)
    assert context.params["port"] == 8000


def test_the_image_is_made_from_locked_wheels_and_runs_as_nobody() -> None:
    found = list(instructions())
    bases = [rest.split()[0] for name, rest in found if name == "FROM"]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.\d+-slim", bases[0])
    installs = [json.loads(rest) for name, rest in found if name == "RUN"]
    for command in installs:
        assert not {"sh", "bash"} & set(command)
        if "install" in command and "." not in command:
            assert {"--require-hashes", "--only-binary"} <= set(command)
    users = [rest for name, rest in found if name == "USER"]
    assert users and all(re.fullmatch(r"[1-9]\d*:[1-9]\d*", user) for user in users)
    for name, rest in found:
        if name == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (REPOSITORY / source).exists(), source


def test_the_image_asks_after_its_own_health(published: Path) -> None:
    (check,) = (rest for name, rest in instructions() if name == "HEALTHCHECK")
    command = json.loads(check.partition(" CMD ")[2])
    assert command[0] == "/opt/kgpress/bin/python"
    with serving(published) as server:
        code = command[2].replace(":8000/", f":{server.port}/")
        assert code != command[2]
        run = [sys.executable, "-c", code]
        assert subprocess.run(run, capture_output=True, check=False).returncode == 0
    assert subprocess.run(run, capture_output=True, check=False).returncode != 0


def test_the_unit_leaves_workers_what_they_need() -> None:
    service = unit()
    # Socket pairs; setrlimit and setpriority, which @system-service has and ~@resources takes away.
    assert "AF_UNIX" in service["RestrictAddressFamilies"]
    assert service["SystemCallFilter"] == ["@system-service"]
    assert service["OOMPolicy"] == ["continue"]  # else one query's memory is the end of all
    assert service["KillMode"] == ["mixed"]
    assert int(service["LimitNOFILE"][0]) >= 20_000  # the connections that there may be


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / "kg-serve.service"
    copy.write_text(UNIT.replace("/opt/kgpress/bin/kg", sys.executable), "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")


# docs/serve.md


def test_the_page_names_every_option() -> None:
    rows = re.findall(r"^\| (`--.*?) \|", PAGE, re.M)
    named = {option for row in rows for option in re.findall(r"--[a-z-]+", row)}
    options = {option for p in serve.params for option in p.opts}
    assert named == {option for option in options if option.startswith("--")} - {"--help"}


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_understands_what_the_page_gives_it(tmp_path: Path) -> None:
    (block,) = re.findall(r"```nginx\n(.*?)```", PAGE, re.S)
    made = [part for part in block.splitlines() if "ssl_certificate" not in part]
    block = "\n".join(made).replace("listen 443 ssl http2;", "listen 127.0.0.1:8443;")
    assert "127.0.0.1:8443" in block
    paths = " ".join(
        f"{name}_temp_path {tmp_path}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file = tmp_path / "nginx.conf"
    file.write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}}\n"
        f"http {{ access_log off; {paths}\n{block}\n}}\n",
        "utf-8",
    )
    nginx = ["nginx", "-t", "-q", "-c", file, "-e", tmp_path / "log"]
    ran = subprocess.run(nginx, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
