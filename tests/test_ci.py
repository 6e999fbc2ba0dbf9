"""Checks in continuous integration: what a stranger's pull request gets to see, and the recipes."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from sample import REPOSITORY, Folder, Ran, kg
from test_reports import commands, sarif_run

ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
HOOKS = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
GUIDE = (REPOSITORY / "docs/ci.md").read_text("utf-8")
RECIPES = {
    match[1]: yaml.safe_load(match[2])
    for match in re.finditer(r"```yaml\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL)
}


class Repository:
    """A git repository with a dataset in a folder of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = Folder(root / "data/awards")
        self.git("init", "-q", "-b", "main")
        self.commit("The dataset")

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
        done = subprocess.run(
            ["git", *identity, *arguments],
            cwd=self.root,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode()

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def spoil(self) -> None:
        """Make a quote wrong."""
        facts = self.folder.root / "seeds/a.facts.yaml"
        facts.write_text(facts.read_text("utf-8").replace("its quiet", "its loud"), "utf-8")

    def changed(self) -> list[tuple[str, int]]:
        """Return file and line of each line that the branch adds or changes."""
        found, path = [], ""
        for line in self.git("diff", "-U0", "main").splitlines():
            if line.startswith("+++ b/"):
                path = line.removeprefix("+++ b/")
            if hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
                first, count = int(hunk[1]), int(hunk[2] or 1)
                found += [(path, number) for number in range(first, first + count)]
        return found


@pytest.fixture
def repository(tmp_path: Path, needs: Callable[[str], str]) -> Repository:
    needs("git")
    return Repository(tmp_path / "repository")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which the `kg` of this tree comes first."""
    home = tmp_path / "bin"
    home.mkdir()
    (home / "kg").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kg "$@"\n')
    (home / "kg").chmod(0o755)
    return f"{home}{os.pathsep}{os.environ['PATH']}"


WRONG_QUOTES = [
    pytest.param(
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its loud gears.",
        3,
        id="quote",
    ),
    pytest.param(
        "    quote: The Golden Cog was established in 1999.",
        "    # two lines more\n    quote:\n      - The Golden Cog was founded in 1999.",
        4,
        id="list",
    ),
    pytest.param(
        'date: {value: 2020-05-04, rule: iso-date, text: "May 4, 2020"}',
        'date: {value: 2020-05-04, rule: iso-date, text: "May 4, 2020", '
        "quote: 'On May 4, 2020, Acme Works got the Golden Cog'}",
        3,
        id="value",
    ),
]


def test_of_what_is_right_there_is_a_notice(repository: Repository) -> None:
    [(command, *_)] = commands(kg("check", repository.folder.root, "--format", "github").out)
    assert command == "notice"


@pytest.mark.parametrize("cwd", ["", "data/awards/seeds"])
@pytest.mark.parametrize(("right", "wrong", "line"), WRONG_QUOTES)
def test_a_wrong_quote_in_a_pull_request_is_annotated_where_it_stands(
    repository: Repository, right: str, wrong: str, line: int, cwd: str
) -> None:
    folder = str(repository.folder.root)
    repository.git("checkout", "-q", "-b", "strangers")
    repository.folder.replace("seeds/a.facts.yaml", right, wrong)
    repository.commit("A better quote")
    changed = repository.changed()
    assert changed
    here, facts = repository.root / cwd, "data/awards/seeds/a.facts.yaml"

    ran = kg("check", folder, "--format", "github", cwd=here)
    assert ran.code == 1
    [(command, properties, message), _] = commands(ran.out)
    assert (command, properties["file"]) == ("error", facts)
    assert (properties["file"], int(properties["line"])) == changed[-1]
    assert properties["title"] == "kg/quote"
    assert message.startswith("the quote is not in the article; the nearest passage differs so: ")
    written = (repository.root / facts).read_text("utf-8").splitlines()
    at = written[int(properties["line"]) - 1][int(properties["col"]) - 1 :]
    assert re.match("On May 4|The Golden Cog|'On May 4", at)

    ran = kg("check", folder, "--format", "sarif", cwd=here)
    assert ran.code == 1
    [result] = sarif_run(ran.out)["results"]
    [place] = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == facts
    assert place["physicalLocation"]["region"]["startLine"] == changed[-1][1]
    [passage] = result["relatedLocations"]
    assert passage["physicalLocation"]["artifactLocation"]["uri"] == "data/awards/seeds/a.txt"
    region = passage["physicalLocation"]["region"]
    assert region["startLine"] == line
    article = (repository.root / "data/awards/seeds/a.txt").read_text("utf-8").splitlines()
    nearest = article[line - 1][region["startColumn"] - 1 :]
    assert nearest.startswith(("On May 4, 2020, Acme", "The Golden Cog was established"))


# The action of GitHub.


def substituted(text: str, values: dict[str, str]) -> str:
    """Return a text with its expressions evaluated; one that is not known is an error."""
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: values[match[1]], text)


def run_step(name: str, values: dict[str, str], cwd: Path, **environment: str) -> Ran:
    """Run a step of the action as GitHub's runner does."""
    step = STEPS[name]
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "an expression within a script lets inputs write the script"
    env = {key: substituted(text, values) for key, text in step.get("env", {}).items()}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=cwd,
        env={**os.environ, "RUNNER_TEMP": str(cwd.parent), **env, **environment},
        capture_output=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def inputs(path: str, **given: str) -> dict[str, str]:
    """Return the values of expressions: the inputs with their defaults, and where kg is."""
    assert given.keys() <= ACTION["inputs"].keys()
    values = {name: given.get(name, each["default"]) for name, each in ACTION["inputs"].items()}
    program = str(Path(path.split(os.pathsep)[0]) / "kg")
    return {f"inputs.{k}": v for k, v in values.items()} | {"steps.install.outputs.kg": program}


def test_the_action_annotates_and_fails(repository: Repository, path: str) -> None:
    given = inputs(path, folder="data/awards")
    ran = run_step("Check", given, repository.root)
    assert ran.code == 0, ran.err
    assert [command for command, *_ in commands(ran.out)] == ["notice"]
    repository.spoil()
    ran = run_step("Check", given, repository.root)
    assert ran.code == 1
    assert commands(ran.out)[0][1]["file"] == "data/awards/seeds/a.facts.yaml"
    assert repository.git("status", "--short").split() == ["M", "data/awards/seeds/a.facts.yaml"]


def test_the_action_writes_what_it_uploads(repository: Repository, path: str) -> None:
    given = inputs(path, **{"folder": "data/awards", "sarif-file": "my kg.sarif"})
    for code in (0, 1):
        ran = run_step("Check", given, repository.root)
        assert ran.code == code
        file = repository.root / "my kg.sarif"
        assert len(sarif_run(file.read_text("utf-8"))["results"]) == code
        assert commands(ran.out)[-1][0] == "notice"  # and nothing is there but commands
        repository.spoil()
    given["inputs.sarif-file"] = "nowhere/kg.sarif"
    ran = run_step("Check", given, repository.root)
    assert ran.code == 3
    assert ran.out.startswith("kg: error: nowhere/kg.sarif: ")
    upload = STEPS["Upload to code scanning"]
    assert substituted(upload["with"]["sarif_file"], given) == "nowhere/kg.sarif"
    assert "fork" in upload["if"]


def test_the_action_takes_options(repository: Repository, path: str) -> None:
    repository.folder.write("mappers.py", "raise SystemExit('mapper ran')\n")
    for given, code, words in (
        ({}, 0, "::warning file=data/awards/mappers.py"),
        ({"strict": "true"}, 1, "::error file=data/awards/mappers.py"),
        ({"allow-code": "true"}, 1, "mapper ran"),
    ):
        ran = run_step("Check", inputs(path, folder="data/awards", **given), repository.root)
        assert ran.code == code
        assert words in ran.out


@pytest.mark.parametrize("folder", ["$(touch evil)", "; touch evil", "--strict", "a\ntouch evil"])
def test_no_input_of_the_action_is_run(repository: Repository, path: str, folder: str) -> None:
    ran = run_step("Check", inputs(path, folder=folder), repository.root)
    assert ran.code == 2
    assert "does not exist" in ran.err
    assert not (repository.root / "evil").exists()


def test_the_action_installs_what_is_locked(tmp_path: Path) -> None:
    log, output = tmp_path / "log", tmp_path / "output"
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\necho "$@" >> "$LOG"\n'
        'if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n'
    )
    python.chmod(0o755)
    ran = run_step(
        "Install kgpress",
        {"steps.python.outputs.python-path": str(python)},
        tmp_path,
        LOG=str(log),
        GITHUB_ACTION_PATH=str(REPOSITORY),
        GITHUB_OUTPUT=str(output),
        RUNNER_TEMP=str(tmp_path / "temp dir"),
    )
    assert ran == (0, "", "")
    environment, locked, itself = log.read_text().splitlines()
    assert environment == f"-m venv {tmp_path}/temp dir/kgpress"
    assert "--require-hashes --only-binary :all:" in locked
    files = [Path(file) for file in re.findall(r"-r (\S+)", locked)]
    assert [file.name for file in files] == ["run.txt", "build.txt", "assets.txt"]
    assert all(file.is_file() for file in files)
    assert itself.endswith(f"install --quiet --no-deps --no-build-isolation {REPOSITORY}")
    assert output.read_text() == f"kg={tmp_path}/temp dir/kgpress/bin/kg\n"


def test_the_action_is_well_formed() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert set(STEPS) == {"Set up Python", "Install kgpress", "Check", "Upload to code scanning"}
    ids = {step["id"] for step in STEPS.values() if "id" in step}
    for expression in re.findall(r"\$\{\{(.*?)\}\}", json.dumps(ACTION)):
        for name in re.findall(r"inputs\.([\w-]+)", expression):
            assert name in ACTION["inputs"]
        for name in re.findall(r"steps\.([\w-]+)", expression):
            assert name in ids
    for each in ACTION["inputs"].values():
        assert each.keys() == {"description", "default"}
        assert isinstance(each["default"], str)
    assert all(re.fullmatch(r"[\w./-]+@\S+", s["uses"]) for s in STEPS.values() if "uses" in s)


def test_the_guide_lists_the_inputs_and_uses_no_others() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (`[^`]*`)? ?\|", GUIDE.partition("| input |")[2], re.M)
    given = {name: default.strip("`") for name, default in rows[: len(ACTION["inputs"])]}
    assert given == {name: each["default"] for name, each in ACTION["inputs"].items()}
    steps = [
        step
        for job in RECIPES[".github/workflows/facts.yml"]["jobs"].values()
        for step in job["steps"]
    ]
    assert {"folder"} <= steps[-1]["with"].keys() <= ACTION["inputs"].keys()


def test_the_guide_lists_the_formats() -> None:
    from kg.reports import FORMATS

    rows = re.findall(r"^\| `(\w+)` \|", GUIDE.partition("| input |")[0], re.M)
    assert rows == list(FORMATS)


def test_the_guide_shows_the_json_as_it_is(folder: Folder) -> None:
    folder.replace("seeds/a.facts.yaml", "its quiet", "its loud")
    match = re.search(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert match

    def form(data: Any) -> Any:
        if isinstance(data, dict):
            return {key: form(value) for key, value in data.items()}
        return [form(data[0])] if isinstance(data, list) else type(data)

    shown, real = json.loads(match[1]), json.loads(kg("check", folder.root, "--format", "json").out)
    assert form(shown) == form(real)


# pre-commit.


def test_the_hook_checks_what_is_committed(repository: Repository, path: str) -> None:
    [hook] = HOOKS
    assert set(hook) <= {
        "id",
        "name",
        "description",
        "entry",
        "language",
        "pass_filenames",
        "files",
    }
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)
    for name, fits in {
        "seeds/a.facts.yaml": True,
        "data/awards/seeds/a.txt": True,
        "data/awards/ontology/dataset.ttl": True,
        "shapes/own.ttl": True,
        "data/awards/queries/winners.rq": True,
        "mappers.py": True,
        "data/mappers.py": True,
        "README.md": False,
        "docs/seedstead.md": False,
        "my_mappers.py": False,
    }.items():
        assert bool(re.search(hook["files"], name)) is fits, name

    [used] = RECIPES[".pre-commit-config.yaml"]["repos"][0]["hooks"]
    assert used["id"] == hook["id"]
    command = [*shlex.split(hook["entry"]), *used["args"]]
    for code in (0, 1):
        done = subprocess.run(
            command,
            cwd=repository.root,
            env={**os.environ, "PATH": path},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        repository.spoil()
    assert done.stderr.startswith(b"seeds/a.facts.yaml:21:12: error: the quote is not")


# GitLab.


def test_the_recipe_for_gitlab_leaves_its_reports(repository: Repository, path: str) -> None:
    [job] = RECIPES[".gitlab-ci.yml"].values()
    reports = job["artifacts"]["reports"]
    assert job["artifacts"]["when"] == "always"
    for code in (0, 1):
        # GitLab runs the lines as one script that ends with the first that fails.
        done = subprocess.run(
            ["sh", "-e", "-c", "\n".join(job["script"])],
            cwd=repository.root,
            env={**os.environ, **job["variables"], "PATH": path},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        issues = json.loads((repository.root / reports["codequality"]).read_text("utf-8"))
        assert len(issues) == code
        suite = ElementTree.parse(repository.root / reports["junit"]).getroot()
        assert suite.attrib == {
            **{"name": "kg check", "tests": "2"},
            **{"failures": str(code), "errors": "0"},
        }
        repository.spoil()
    assert issues[0]["location"] == {
        "path": "data/awards/seeds/a.facts.yaml",
        "lines": {"begin": 21},
    }
    assert issues[0].keys() == {
        *("description", "check_name", "fingerprint", "severity", "location")
    }


def test_the_recipe_for_gitlab_does_not_hide_a_bug(tmp_path: Path, path: str) -> None:
    [job] = RECIPES[".gitlab-ci.yml"].values()
    done = subprocess.run(
        ["sh", "-e", "-c", job["script"][0]],
        cwd=tmp_path,
        env={**os.environ, **job["variables"], "FOLDER": "nowhere", "PATH": path},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"'nowhere' does not exist" in done.stderr
