"""Folders to build and to break, published ones to serve and to look at in a browser, and the rule
that in CI an absent program is no excuse."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Browsing, chromium, hosting
from hypothesis import settings
from sample import REPOSITORY, SHARED, Folder
from serving import serving

from kg import build

# In the background of a shell Ctrl-C is ignored, and would be by all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is. All else stays as it is here or in CI.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever runs the tests keeps their own caches."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "folder")


@pytest.fixture
def lighthouses(tmp_path: Path) -> Path:
    target = tmp_path / "lighthouses"
    shutil.copytree(REPOSITORY / "tests/folders/lighthouses", target)
    return target


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return what lays down this repository's dataset for all tests of this process.

    It is built once for all processes that run tests at the same time.
    """
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent

    def lay_down(name: str, **options: bool) -> Path:
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (common / name).exists():
                assert build(REPOSITORY, common / name, **options).published
        out = tmp_path_factory.mktemp("repository") / "public"
        shutil.copytree(common / name, out)
        return out

    return lay_down


@pytest.fixture(scope="session")
def public(published_once: Callable[..., Path]) -> Path:
    """This repository's dataset, published, for all who only read it."""
    return published_once("public")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The material beside the repository; skipped where there is none."""
    if not SHARED.is_dir():
        pytest.skip("the shared material is not beside this repository")
    return SHARED


@pytest.fixture(scope="session")
def site(public: Path) -> Iterator[str]:
    """The address of the same on a static host, in a folder of it."""
    with hosting(public, "/some/folder/") as address:
        yield address


@pytest.fixture(scope="session")
def served(public: Path) -> Iterator[str]:
    """The address of the same at `kg serve`."""
    with serving(public, "--host", "127.0.0.1") as server:
        yield f"http://127.0.0.1:{server.port}/"


# By module, for as long as it lives no other asyncio loop can run in this thread.
@pytest.fixture(scope="module")
def browser(needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory):
    """A real browser."""
    with chromium(needs("chromium"), tmp_path_factory.mktemp("browsers")) as started:
        yield started


@pytest.fixture
def browsing(browser) -> Iterator[Browsing]:
    """Pages in a browser; the test fails if any of them complains of anything."""
    browsing = Browsing(browser)
    yield browsing
    browsing.close()


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """Return the path of a program; without it the test is skipped, but fails in CI."""

    def find(program: str) -> str:
        path = shutil.which(program)
        if path is None:
            message = f"{program} is not installed"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
        return path

    return find
