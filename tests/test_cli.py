"""The command line, as a user meets it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from sample import REPOSITORY, Folder, kg

from kg.asking.sparql import calls_service


@pytest.fixture
def built(folder: Folder, tmp_path: Path) -> Path:
    return folder.publish(tmp_path / "public")


def test_build_says_what_it_did(folder: Folder, tmp_path: Path) -> None:
    ran = kg("build", folder.root, "--out", tmp_path / "public")
    assert ran.code == 0
    assert ran.err == ""
    for words in (
        "Small",
        "articles  1",
        "asserted, each with its sentence",
        "no problems",
        "kg.ttl",
    ):
        assert words in ran.out
    assert "\x1b" not in ran.out


def test_check_writes_nothing(folder: Folder, tmp_path: Path) -> None:
    ran = kg("check", folder.root, cwd=tmp_path)
    assert ran.code == 0
    assert ran.out.endswith("claims: no problems\n")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder"]


def test_strict_makes_errors_of_warnings(lighthouses: Path, tmp_path: Path) -> None:
    for name in ("notiz-1.facts.yaml", "notiz-1.txt", "notiz-2.facts.jsonl", "notiz-2.txt"):
        (lighthouses / "seeds" / name).unlink()
    (lighthouses / "seeds/a.txt").write_text("Acme is here.\n")
    (lighthouses / "seeds/a.facts.yaml").write_text(
        "article: {title: Acme, language: en, quote: Acme}\n"
    )
    assert kg("check", lighthouses).code == 0
    ran = kg("check", lighthouses, "--strict")
    assert ran.code == 1
    assert "mappers.py:1:1: error: the folder brings mappers" in ran.err


QUERY = "SELECT ?name WHERE { ?x a kg:Award ; rdfs:label ?name }"


def test_a_query_knows_the_prefixes(built: Path) -> None:
    ran = kg("query", QUERY, "--data", built)
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == ["name", "──────────", "Golden Cog", "(1 row)"]


def test_a_query_is_read_from_a_file_or_the_standard_input(built: Path, tmp_path: Path) -> None:
    file = tmp_path / "awards.rq"
    file.write_text(QUERY)
    expected = kg("query", QUERY, "--data", built).out
    assert kg("query", file, "--data", built).out == expected
    assert kg("query", "-", "--data", built, input=QUERY.encode()).out == expected


def test_answers_in_the_w3c_formats(built: Path) -> None:
    rows = json.loads(kg("query", QUERY, "--data", built, "--format", "json").out)
    assert [b["name"]["value"] for b in rows["results"]["bindings"]] == ["Golden Cog"]
    table = list(
        csv.reader(io.StringIO(kg("query", QUERY, "--data", built, "--format", "csv").out))
    )
    assert table == [["name"], ["Golden Cog"]]
    graph = "CONSTRUCT { ?x a kg:Award } WHERE { ?x a kg:Award }"
    turtle = kg("query", graph, "--data", built, "--format", "turtle").out
    assert ":golden-cog a kg:Award" in turtle
    assert kg("query", "ASK { ?x a kg:Award }", "--data", built).out == "true\n"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT {", "mend the query"),
        ("SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "calls SERVICE"),
        ("SELECT * WHERE { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "calls SERVICE"),
        ("nowhere.rq", "nowhere.rq:1:1: error: cannot be read"),
    ],
)
def test_a_query_that_cannot_be_answered(built: Path, query: str, words: str) -> None:
    ran = kg("query", query, "--data", built)
    assert ran.code == 1
    assert words in ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.out == ""


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("SELECT * { service <x> {} }", True),
        ("SELECT ?service { ?service ?p 'SERVICE' }", False),
        ("# SERVICE\nSELECT * { ?s <http://e.org/SERVICE> ?o }", False),
        ("PREFIX service: <x:> SELECT * { ?s service:x ex:SERVICE }", False),
        ('SELECT * { ?s ?p """a "SERVICE" b""" }', False),
        ("SELECT * { ?s ?p 'it\\'s' SERVICE <x> {} }", True),
        ("SELECT * { #\rSERVICE <http://127.0.0.1:9/> {} }", True),
        ("SELECT * { FILTER(?a<?b)SERVICE?s#>\n{} }", True),
        ("SELECT * { ?s ?p ?o.SERVICE <http://127.0.0.1:9/> {} }", True),
        ("SELECT * { ?s ?p 1SERVICE<http://127.0.0.1:9/> {} }", True),
    ],
)
def test_only_the_keyword_service_is_refused(text: str, calls: bool) -> None:
    assert calls_service(text) is calls


def test_a_full_output_and_a_terminal_that_cannot_show_it(built: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kg", "query", QUERY, "--data", str(built)],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == b"kg: error: output: No space left on device\n"
    ran = kg("explain", "acme", "--data", built, env={"PYTHONIOENCODING": "latin-1"})
    assert ran.code == 0
    assert "\\u201cOn May 4" in ran.out


@pytest.mark.parametrize("epoch", ["-1", "abc", "1.5", "999999999999999999"])
def test_a_source_date_that_is_none(folder: Folder, tmp_path: Path, epoch: str) -> None:
    ran = kg("build", folder.root, "--out", tmp_path / "p", env={"SOURCE_DATE_EPOCH": epoch})
    assert ran.code == 2
    assert "SOURCE_DATE_EPOCH" in ran.err


def test_a_format_that_does_not_suit_the_answer(built: Path) -> None:
    ran = kg("query", QUERY, "--data", built, "--format", "turtle")
    assert ran.code == 1
    assert "the answer is a table, not turtle; use --format table or csv" in ran.err


def test_the_overview_breaks_no_sentence_off() -> None:
    ran = kg("--help")
    assert ran.code == 0
    commands = ran.out.partition("\nCommands:\n")[2].splitlines()
    assert commands
    assert [line for line in commands if not line.endswith(".") or line.endswith("...")] == []


def test_a_query_without_a_dataset(tmp_path: Path) -> None:
    ran = kg("query", QUERY, cwd=tmp_path)
    assert ran.code == 1
    assert "there is no dump; build a dataset first" in ran.err


@pytest.mark.parametrize("name", ["acme", ":acme", "https://example.org/d/id/acme"])
def test_explain_shows_each_triple_with_its_sentence(built: Path, name: str) -> None:
    ran = kg("explain", name, "--data", built)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("Acme Works\nhttps://example.org/d/id/acme\n")
    assert "“On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.”" in ran.out
    assert "seeds/a.txt:3, from offset 26" in ran.out
    assert "Referred to by" in ran.out


def test_explain_of_something_unknown(built: Path) -> None:
    ran = kg("explain", "nobody", "--data", built)
    assert ran.code == 1
    assert "nothing is known of 'nobody'" in ran.err
    for name in ("acmee", "Acme Works"):
        assert "did you mean 'acme'?" in kg("explain", name, "--data", built).err


def test_a_query_may_be_text_without_braces(built: Path) -> None:
    ran = kg("query", "DESCRIBE :acme", "--data", built)
    assert ran.code == 0, ran.err
    assert ":acme" in ran.out


def test_colours_are_for_terminals_that_want_them(folder: Folder, tmp_path: Path) -> None:
    import os
    import pty

    def on_terminal(**environment: str) -> str:
        parent, child = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "kg", "build", folder.root, "--out", tmp_path / "public"],
            stdout=child,
            stderr=child,
            env={**os.environ, "TERM": "xterm", **environment},
        )
        os.close(child)
        text = b""
        while True:
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        assert process.wait() == 0, text
        os.close(parent)
        return text.decode()

    assert "\x1b[36m" in on_terminal()
    assert "\x1b[36m" not in on_terminal(NO_COLOR="1")


def test_the_schema_accepts_the_fact_files_of_this_repository_and_refuses_typing_errors() -> None:
    ran = kg("schema", REPOSITORY)
    assert ran.code == 0, ran.err
    schema = json.loads(ran.out)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    files = sorted((REPOSITORY / "seeds").glob("*.facts.yaml"))
    assert files
    for file in files:
        raw = yaml.load(file.read_bytes(), Loader=yaml.BaseLoader)
        errors = [
            f"{file.name}: {e.json_path}: {e.message[:200]}" for e in validator.iter_errors(raw)
        ]
        assert errors == []
    bad = {"facts": [{"conferral": "x", "award": "y", "recipent": "z", "quote": "q"}]}
    assert not validator.is_valid(bad)


def test_version_and_module_entry() -> None:
    from kg import __version__

    assert kg("--version").out == f"kg {__version__}\n"


def test_help_is_instant() -> None:
    slow = "import sys; import kg.cli; print(*{'pyoxigraph', 'rdflib', 'yaml'} & {*sys.modules})"
    ran = subprocess.run([sys.executable, "-c", slow], capture_output=True, check=True)
    assert ran.stdout.split() == []
