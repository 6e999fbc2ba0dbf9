"""README.md is docs/README.in with real output in it: ``python tests/readme.py`` makes it anew.

A line ``<!-- output: NAME -->`` stands for what a command prints, ``<!-- queries: … -->`` for saved
queries with their answers, ``<!-- served -->`` for what `kg serve` says when it is ready, and
``<!-- printed -->`` for what the command line above it prints, asking that server. A test holds
that README.md is what comes out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from sample import REPOSITORY, kg
from serving import serving

from kg.asking.queries import split

TEMPLATE = REPOSITORY / "docs/README.in"
ROLES = (
    "SELECT ?who ?role WHERE { ?m org:member/rdfs:label ?who ; schema:roleName ?role ; "
    "org:organization :xiaomi }"
)
CONFERRAL = ":xiaomi-china-quality-technology-award-2018"


def rendered() -> str:
    """Return the text of README.md, made by running what it shows."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        for name in ("seeds", "ontology", "shapes", "queries"):
            shutil.copytree(REPOSITORY / name, root / name)
        blocks: dict[str, Callable[[Path], str]] = {
            "build": _build,
            "failure": _failure,
            "turtle": _turtle,
            "sentences": lambda root: _printed(root, "query", "--evidence", ROLES),
            "verify": lambda root: _printed(root, "verify"),
            "coverage": lambda root: _printed(root, "coverage"),
            "explain": lambda root: _printed(root, "explain", "surge-s1"),
        }
        # In the order of the template, so that the dataset is built before it is asked.
        text = TEMPLATE.read_text("utf-8")
        text = re.sub(r"<!-- output: (\w+) -->\n", lambda m: blocks[m[1]](root), text)
        text = _served(root, text)
        return re.sub(r"<!-- queries: ([\w ]+) -->\n", lambda m: _queries(root, m[1].split()), text)


def _served(root: Path, text: str) -> str:
    """Run what asks a server, of one that serves the dataset; its port is shown as 8000."""
    log = root / "serve.log"
    with serving(Path("public"), "--host", "127.0.0.1", log=log, cwd=root) as server:

        def ran(match: re.Match[str]) -> str:
            line = match[1].replace("localhost:8000/", f"127.0.0.1:{server.port}/")
            done = subprocess.run(["sh", "-c", line], cwd=root, capture_output=True, check=True)
            assert done.stderr == b"", done.stderr
            return f"$ {match[1]}{shown(done.stdout.decode())}"

        def shown(printed: str) -> str:
            printed = printed.replace(f":{server.port}/", ":8000/").replace("\r\n", "\n")
            return printed if printed.endswith("\n") or not printed else printed + "\n"

        text = text.replace("<!-- served -->\n", shown(server.said))
        return re.sub(r"^\$ ((?:.*\n(?!\$ ))*?)<!-- printed -->\n", ran, text, flags=re.M)


def _printed(root: Path, *arguments: str) -> str:
    ran = kg(*arguments, cwd=root)
    assert ran.code == 0, ran.err
    return ran.out.rstrip("\n") + "\n"


def _build(root: Path) -> str:
    # How long it took is the one thing that is another each time.
    return re.sub(r"\(\d+\.\d s\)", "(10.6 s)", _printed(root, "build"))


def _failure(root: Path) -> str:
    file = root / "seeds/001_cdd093466ecbe478.facts.yaml"
    sound = file.read_text("utf-8")
    file.write_text(
        sound.replace(
            "quote: On November 28, Xiaomi Group won", "quote: On November 28, Xiaomi won", 1
        ),
        "utf-8",
    )
    ran = kg("build", cwd=root)
    assert ran.code == 1
    file.write_text(sound, "utf-8")
    return f"$ make publish\n{ran.err}"


def _turtle(root: Path) -> str:
    blocks = (root / "public/data/kg.ttl").read_text("utf-8").split("\n\n")
    (thing,) = (b for b in blocks if b.startswith(f"{CONFERRAL} a "))
    claim = next(
        b
        for b in blocks
        if b.startswith("claim:")
        and f"rdf:subject {CONFERRAL} " in b
        and "rdf:predicate kg:recipient " in b
        and "#char=68," in b
    )
    (span,) = re.findall(r"prov:wasDerivedFrom (<[^>]+>)", claim)
    (place,) = (b for b in blocks if b.startswith(f"{span} a "))
    (words,) = (b for b in blocks if b.startswith(f"{span[:-1]}&selector=quote> a "))
    return "\n\n".join((thing, claim, place, words)) + "\n"


def _queries(root: Path, names: list[str]) -> str:
    parts = []
    for name in names:
        (title, *_), text = split((root / f"queries/{name}.rq").read_text("utf-8"))
        answer = _printed(root, "query", f"queries/{name}.rq")
        parts.append(
            f"{title}\n\n```sparql\n{text}```\n\n```console\n"
            f"$ kg query queries/{name}.rq\n{answer}```\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    (REPOSITORY / "README.md").write_text(rendered(), "utf-8")
