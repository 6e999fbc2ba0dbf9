"""Reports of problems: every format whole and sound, whatever the problems say."""

from __future__ import annotations

import ast
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import FINDINGS, PROBLEMS, REPORTS
from sample import REPOSITORY, Folder, kg

import kg as package
from kg.checklist import CHECKLIST, KSH, checks_of
from kg.checks import CHECKS
from kg.model import Place, Problem, Severity
from kg.reports import FORMATS, report
from kg.reports.findings import Findings, find, fingerprints
from kg.reports.text import printable, told

SARIF = jsonschema.Draft4Validator(
    json.loads((REPOSITORY / "tests/schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8"))
)

JUNIT = {  # what the schema of Jenkins allows: attributes, the first needed; children, in order
    "testsuites": (["name", "tests", "failures", "errors"], ["testsuite"]),
    "testsuite": (["name", "tests", "failures", "errors", "skipped"], ["testcase"]),
    "testcase": (["name", "classname"], ["failure", "system-out"]),
    "failure": (["message", "type"], []),
    "system-out": ([], []),
}


def sarif_run(text: str) -> dict[str, Any]:
    """Return the run of a SARIF log that its schema finds nothing wrong with."""
    log = json.loads(text)
    assert [e.message for e in SARIF.iter_errors(log)] == []
    [run] = log["runs"]
    rules, artifacts = run["tool"]["driver"]["rules"], run["artifacts"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            file = dict(location["physicalLocation"]["artifactLocation"])
            assert artifacts[file.pop("index")]["location"] == file
            assert file["uriBaseId"] in run["originalUriBaseIds"]
            assert re.fullmatch(r"(?:[\w.~/-]|%[0-9A-F]{2})+", file["uri"], re.ASCII), file
    return run


def cases(text: str) -> list[ElementTree.Element]:
    """Return the cases of a JUnit report that is as its schema wants it."""
    root = ElementTree.fromstring(text)

    def look(element: ElementTree.Element) -> None:
        attributes, children = JUNIT[element.tag]
        assert set(attributes[:1]) <= element.attrib.keys() <= set(attributes)
        order = [children.index(child.tag) for child in element]
        assert order == sorted(order)
        for child in element:
            look(child)

    look(root)
    [suite] = root
    found = list(suite)
    failures = str(len(suite.findall("testcase/failure")))
    for element in (root, suite):
        assert element.get("tests") == str(len(found))
        assert element.get("failures") == failures
    return found


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Return the workflow commands of a log, read as GitHub's runner reads them."""
    found = []
    lines = re.split("\r\n|\r|\n", text)
    assert lines.pop() == ""
    for line in lines:
        match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
        assert match, line
        properties = dict(part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {k: plain(v) for k, v in properties.items()}, plain(match[3])))
    return found


def plain(text: str) -> str:
    escapes = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
    for code, character in escapes:
        text = text.replace(code, character)
    return text


def shown(text: str) -> str:
    """Return a text as annotations show it: line breaks kept, what is invisible made visible."""
    return "".join(c if c in "\r\n" else printable(c) for c in text)


# The same findings, in every format.


def test_every_format_has_its_golden_report() -> None:
    assert {path.stem for path in REPORTS.iterdir()} == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_what_its_golden_file_says(name: str) -> None:
    assert report(name, FINDINGS) == (REPORTS / f"{name}.txt").read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_harms_no_terminal(name: str) -> None:
    text = report(name, FINDINGS).decode()
    assert "".join(text.split("\n")) == printable("".join(text.split("\n")))


def test_the_schema_refers_to_nothing_outside() -> None:
    refs = re.findall(r'"\$ref": "(.*?)"', json.dumps(SARIF.schema))
    assert refs
    assert all(ref == "#" or ref.startswith("#/definitions/") for ref in refs)
    assert SARIF.schema["properties"]["version"]["enum"] == ["2.1.0"]


def test_sarif_tells_of_every_problem() -> None:
    run = sarif_run(report("sarif", FINDINGS).decode())
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["semanticVersion"] == package.__version__
    assert [result["level"] for result in run["results"]] == [
        *("error", "warning", "error", "note", "error", "error")
    ]
    [related] = run["results"][0]["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 17}
    shape = run["tool"]["driver"]["rules"][run["results"][1]["ruleIndex"]]
    assert shape["shortDescription"]["text"].startswith("The language of the article is not said")
    ours = run["results"][4]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert (ours["uriBaseId"], ours["uri"]) == ("KGPRESS", "shapes/award.ttl")


def test_json_holds_every_problem_as_it_is() -> None:
    data = json.loads(report("json", FINDINGS))
    assert data["counts"] == {"error": 4, "warning": 1, "info": 1}
    assert (data["version"], data["facts"], data["claims"]) == (1, 1234, 56789)
    for told_, problem in zip(data["problems"], PROBLEMS, strict=True):
        assert told_["message"] == problem.message
        assert told_["mend"] == problem.mend
        assert Place(told_["path"], told_["line"], told_["column"]) == problem.place
        assert (told_["see"] is None) == (problem.see is None)


def test_junit_has_a_case_for_each_file() -> None:
    found = cases(report("junit", FINDINGS).decode())
    failed = {case.get("name") for case in found if case.find("failure") is not None}
    assert len(found) == len(FINDINGS.files)
    assert {"data/seeds/b.facts.yaml", "data/seeds/b.txt"}.isdisjoint(failed)
    assert len(failed) == 3


def test_github_counts_at_the_end() -> None:
    *problems, last = commands(report("github", FINDINGS).decode())
    assert len(problems) == len(PROBLEMS)
    assert last == (
        "notice",
        {"title": "kg check"},
        "1,234 facts, 56,789 claims: 4 errors, 1 warning, 1 info",
    )


def test_nothing_found_is_reported_too() -> None:
    nothing = Findings((), CHECKLIST, ("seeds/a.facts.yaml", "seeds/a.txt"), 3, 20)
    assert sarif_run(report("sarif", nothing).decode())["results"] == []
    assert [case.find("failure") for case in cases(report("junit", nothing).decode())] == [None] * 2
    assert json.loads(report("json", nothing))["problems"] == []
    assert json.loads(report("codequality", nothing)) == []
    assert commands(report("github", nothing).decode())[-1][2] == "3 facts, 20 claims: no problems"
    assert report("text", nothing) == b"3 facts, 20 claims: no problems\n"


@settings(max_examples=50)
@given(
    st.lists(
        st.builds(
            Problem,
            place=st.builds(
                Place,
                st.text(min_size=1).map("seeds/".__add__),
                st.integers(1, 10**6),
                st.integers(1, 10**6),
            ),
            message=st.text(
                st.sampled_from("a1{}[]()<>&'\";:,=%#\n\r\t\0\x1b\u2028é🎉") | st.characters()
            ),
            mend=st.text(),
            severity=st.sampled_from(Severity),
            check=st.sampled_from(sorted(CHECKLIST)),
            see=st.none() | st.just(Place("seeds/a.txt", 3, 17)),
        ),
        max_size=5,
    )
)
def test_any_text_survives(problems: list[Problem]) -> None:
    files = tuple(sorted({problem.place.path for problem in problems}))
    found = Findings(tuple(problems), CHECKLIST, files)
    texts = {name: report(name, found).decode() for name in FORMATS}

    told_ = json.loads(texts["json"])["problems"]
    assert [(p["path"], p["message"], p["mend"]) for p in told_] == [
        (p.place.path, p.message, p.mend) for p in problems
    ]
    for result, problem in zip(sarif_run(texts["sarif"])["results"], problems, strict=True):
        text = result["message"]["text"].replace("{{", "{").replace("}}", "}")
        assert text == printable(told(problem)).replace("](", "] (")
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert unquote(uri, errors="strict") == problem.place.path
    for (_, properties, message), problem in zip(commands(texts["github"]), problems, strict=False):
        see = f" (see {problem.see})" if problem.see else ""
        assert message == shown(told(problem) + see)
        assert properties["file"] == shown(problem.place.path)
        assert properties["line"] == str(problem.place.line)
    assert len(commands(texts["github"])) == len(problems) + 1
    assert len(cases(texts["junit"])) == len(files)
    issues = json.loads(texts["codequality"])
    assert [issue["location"]["path"] for issue in issues] == [p.place.path for p in problems]
    assert len({issue["fingerprint"] for issue in issues}) == len(problems)
    assert len(texts["text"].split("\n")) == len(problems) + 2


# The checks, by name.


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield the names of checks that code gives to problems."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            named = [k.value for k in node.keywords if k.arg == "check"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "of":
                named += node.args
            if isinstance(node.func, ast.Name) and node.func.id == "Problem":
                named += node.args[4:5]
            yield from (
                each.value
                for each in named
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def test_every_check_that_code_names_is_on_the_list_and_the_other_way() -> None:
    named = {
        name
        for path in (REPOSITORY / "kg").rglob("*.py")
        for name in names_in(ast.parse(path.read_text("utf-8")))
    }
    default = Problem(Place("x"), "").check
    assert named | {default} == set(CHECKLIST)
    assert set(CHECKS) <= set(CHECKLIST)


def test_the_checks_are_documented_and_their_help_leads_somewhere() -> None:
    rows = re.findall(r"^\| `(kg/\w+)` \| (.*) \|$", (REPOSITORY / "docs/ci.md").read_text(), re.M)
    assert rows == [(check.id, check.finds) for check in CHECKLIST.values()]
    for check in CHECKLIST.values():
        for page, heading in re.findall(r'([\w/-]+\.md)(?:, "(.*?)")?', check.help):
            text = (REPOSITORY / page).read_text("utf-8")
            assert not heading or f"## {heading}\n" in text, check.help


def test_what_shapes_find_is_what_their_message_says(folder: Folder) -> None:
    folder.write(
        "shapes/own.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/s#> .\n"
        'e:A a sh:NodeShape ; sh:message "wenn"@de , "when"@en . e:B a sh:NodeShape .',
    )
    own = [f"https://example.org/s#{name}" for name in "AB"]
    named = checks_of([*own, "quote", f"{KSH}Claim-label"], folder.root)
    assert list(named) == [*CHECKLIST, *own, f"{KSH}Claim-label"]
    assert named[own[0]].finds == "when"
    assert named[own[0]].id == own[0]
    assert named[own[1]].finds
    assert named[f"{KSH}Claim-label"].id == "shape/Claim-label"
    assert "kgpress/shapes/claim.ttl" in named[f"{KSH}Claim-label"].help
    assert "shapes/own.ttl" in named[own[0]].help


@pytest.mark.parametrize(
    ("check", "path", "old", "new"),
    [
        ("folder", "ontology/dataset.ttl", "dcterms:license", "dcterms:rights"),
        ("article", "seeds/a.txt", "quiet", "qui\x07et"),
        ("syntax", "seeds/a.facts.yaml", "facts:", "facts: ["),
        ("facts", "seeds/a.facts.yaml", "alias:", "allias:"),
        ("facts", "seeds/a.facts.yaml", "- award:", "- reward:"),
        ("quote", "seeds/a.facts.yaml", "its quiet gears.", "its loud gears."),
        ("quote", "seeds/a.facts.yaml", "    quote: The Golden Cog was established in 1999.\n", ""),
        ("value", "seeds/a.facts.yaml", "established: 1999", "established: 1998"),
        ("value", "seeds/a.facts.yaml", "established: 1999", "established: soon"),
        ("rule", "seeds/a.facts.yaml", "value: 2020-05-04", "value: 2020-05-05"),
        ("names", "seeds/a.facts.yaml", "name: Golden Cog", "description: Golden Cog"),
        ("names", "seeds/a.facts.yaml", "- award: golden-cog", "- award: acme"),
        ("corrections", "seeds/a.facts.yaml", "alias: Acme\n", "alias: Acme\n    corrects: a/x\n"),
        ("rdf", "ontology/dataset.ttl", "@prefix", "@prefixes"),
        (f"{KSH}Article-some-inLanguage", "seeds/a.facts.yaml", "  language: en\n", ""),
    ],
)
def test_problems_name_the_check_that_found_them(
    folder: Folder, check: str, path: str, old: str, new: str
) -> None:
    folder.replace(path, old, new)
    problems = package.check(package.load(folder.root))
    assert check in {problem.check for problem in problems}, problems
    found = find(folder.root, (), problems)
    assert all(found.check(problem) for problem in problems)
    sarif_run(report("sarif", found).decode())


MAPPERS = """\
from kg.fields import Node, Text
from kg.mapping import Triples, maps
from kg.vocab import KG, RDF


@maps
def cog(*, cog: Node, says: Text | None = None) -> Triples:
    \"\"\"A cog.\"\"\"
    yield cog, RDF.type, KG.Award
    yield cog, {}, says
"""


@pytest.mark.parametrize(
    ("check", "body"), [("mappers", "RDF.type[0]"), ("ontology", "KG.nowhere")], ids=str
)
def test_mappers_and_ontology_are_checks_too(folder: Folder, check: str, body: str) -> None:
    folder.write("mappers.py", MAPPERS.format(body))
    folder.facts("cog: golden\nsays: quiet\nquote: its quiet gears")
    [refused, unknown] = package.load(folder.root).problems
    assert (refused.check, unknown.check) == ("mappers", "facts")
    assert [p.check for p in package.load(folder.root, allow_code=True).problems] == [check]


# Fingerprints.


def test_fingerprints_stay_when_lines_are_added(folder: Folder) -> None:
    def prints() -> tuple[list[int], list[str]]:
        problems = package.check(package.load(folder.root))
        found = find(folder.root, (), problems)
        return [p.place.line for p in found.problems], fingerprints(found)

    folder.replace("seeds/a.facts.yaml", "its quiet gears.", "its loud gears.")
    folder.replace("seeds/a.facts.yaml", "established: 1999", "established: 1998")
    lines, before = prints()
    folder.replace("seeds/a.facts.yaml", "article:", "# one\n# two\narticle:")
    moved, after = prints()
    assert len(lines) == 2
    assert moved == [line + 2 for line in lines]
    assert after == before
    folder.replace("seeds/a.facts.yaml", "its loud gears.", "its brown gears.")
    assert prints()[1][0] == before[0]
    assert prints()[1][1] != before[1]


def test_alike_problems_have_fingerprints_of_their_own() -> None:
    alike = replace(PROBLEMS[0], place=Place("seeds/a.facts.yaml", 5))
    again = replace(alike, place=Place("seeds/a.facts.yaml", 9))
    prints = fingerprints(Findings((alike, again), CHECKLIST, ("seeds/a.facts.yaml",)))
    assert prints[0] != prints[1]


# The command.

WRONG = ("seeds/a.facts.yaml", "its quiet gears.", "its loud gears.")


def test_the_report_alone_is_on_the_standard_output(folder: Folder, tmp_path: Path) -> None:
    for code in (0, 1):
        for name in set(FORMATS) - {"text"}:
            ran = kg("check", "folder", "--format", name, cwd=tmp_path)
            assert ran.code == code, ran.err
            assert ran.err.count("\n") == 1
            assert "facts, " in ran.err
            if name in ("json", "sarif", "codequality"):
                json.loads(ran.out)
            elif name == "junit":
                cases(ran.out)
            else:
                commands(ran.out)
        if not code:
            folder.replace(*WRONG)


def test_text_is_as_it_was(folder: Folder, tmp_path: Path) -> None:
    folder.replace(*WRONG)
    plain_, named = kg("check", folder.root), kg("check", folder.root, "--format", "text")
    assert plain_ == named
    assert plain_.err.startswith("seeds/a.facts.yaml:21:12: error: ")
    assert plain_.out.endswith(": 1 error\n")
    ran = kg("check", folder.root, "--output", "report.txt", cwd=tmp_path)
    assert ran == plain_
    assert (tmp_path / "report.txt").read_text("utf-8") == plain_.err + plain_.out


def test_the_report_goes_into_a_file_in_one_step(folder: Folder, tmp_path: Path) -> None:
    folder.replace(*WRONG)
    out = tmp_path / "kg.sarif"
    out.write_text("old")
    (tmp_path / "link.sarif").symlink_to("kg.sarif")
    before = out.stat().st_ino
    ran = kg("check", "folder", "--format", "sarif", "--output", "link.sarif", cwd=tmp_path)
    assert ran.code == 1
    assert ran.err.startswith("seeds/a.facts.yaml:21:12: error: ")
    assert "1 error" in ran.out
    assert out.stat().st_ino != before  # another file took its place
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~umask(tmp_path)
    assert (tmp_path / "link.sarif").is_symlink()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "kg.sarif", "link.sarif"]
    assert len(sarif_run(out.read_text("utf-8"))["results"]) == 1


def umask(directory: Path) -> int:
    probe = directory / "probe"
    probe.touch()
    mode = stat.S_IMODE(probe.stat().st_mode)
    probe.unlink()
    return 0o666 & ~mode


@pytest.mark.parametrize("output", ["nowhere/report.xml", "/dev/full"])
def test_a_report_that_cannot_be_written(folder: Folder, tmp_path: Path, output: str) -> None:
    ran = kg("check", "folder", "--format", "junit", "--output", output, cwd=tmp_path)
    assert ran.code == 3
    assert ran.err.startswith(f"kg: error: {output}: ")
    assert ran.err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_a_report_goes_into_a_pipe_as_well(folder: Folder) -> None:
    ran = kg("check", folder.root, "--format", "json", "--output", "/dev/stderr")
    assert json.loads(ran.err)["problems"] == []
    assert "no problems" in ran.out


def test_an_unknown_format_is_a_wrong_command_line(folder: Folder) -> None:
    assert kg("check", folder.root, "--format", "html").code == 2


def test_strict_makes_the_level_error(folder: Folder, tmp_path: Path) -> None:
    folder.replace("seeds/a.facts.yaml", "  language: en\n", "")
    levels = []
    for strict in ([], ["--strict"]):
        ran = kg("check", "folder", "--format", "sarif", *strict, cwd=tmp_path)
        levels.append((ran.code, {r["level"] for r in sarif_run(ran.out)["results"]}))
    assert levels == [(0, {"warning"}), (1, {"error"})]


@pytest.mark.parametrize(
    ("git", "cwd", "argument", "path"),
    [
        ("", "", "data/awards", "data/awards/seeds/a.facts.yaml"),
        ("", "", "./data/../data/awards/", "data/awards/seeds/a.facts.yaml"),
        ("", "data/awards", ".", "seeds/a.facts.yaml"),
        ("", "data/awards/seeds", "..", "../seeds/a.facts.yaml"),
        (".git", "data/awards", ".", "data/awards/seeds/a.facts.yaml"),
        (".git", "data/awards/seeds", "..", "data/awards/seeds/a.facts.yaml"),
        (".git", "elsewhere", "../link", "data/awards/seeds/a.facts.yaml"),
        ("data/awards/.git", "", "data/awards", "seeds/a.facts.yaml"),
    ],
)
def test_paths_are_those_of_the_repository(
    tmp_path: Path, git: str, cwd: str, argument: str, path: str
) -> None:
    folder = Folder(tmp_path / "data/awards")
    folder.replace(*WRONG)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("data/awards")
    if git:
        (tmp_path / git).mkdir()
    ran = kg("check", argument, "--format", "json", cwd=tmp_path / cwd)
    [problem] = json.loads(ran.out)["problems"]
    assert problem["path"] == path
    assert problem["see"]["path"] == path.replace("facts.yaml", "txt")


def test_the_same_bytes_everywhere(folder: Folder, tmp_path: Path) -> None:
    folder.replace(*WRONG)
    folder.replace("seeds/a.facts.yaml", "established: 1999", "established: 中文")
    for name in set(FORMATS) - {"text"}:
        ran = [
            kg("check", "folder", "--format", name, cwd=tmp_path, env=env)
            for env in (
                {
                    "PYTHONHASHSEED": "1",
                    "LC_ALL": "C",
                    "PYTHONUTF8": "0",
                    "PYTHONCOERCECLOCALE": "0",
                },
                {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "COLUMNS": "20"},
            )
        ]
        assert ran[0].out == ran[1].out
        assert "中文" in ran[0].out


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    name = b"d\xff"
    folder = Folder(tmp_path / name.decode("utf-8", "surrogateescape"))
    folder.replace(*WRONG)
    for format_ in FORMATS:
        ran = kg("check", folder.root.name, "--format", format_, cwd=tmp_path)
        assert ran.code == 1, ran.err
        if format_ == "sarif":
            [result] = sarif_run(ran.out)["results"]
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            assert uri == "d%FF/seeds/a.facts.yaml"


@pytest.mark.slow
def test_thousands_of_problems(folder: Folder, tmp_path: Path) -> None:
    folder.facts(*(f"organisation: acme\nquote: Acme won award no. {n}" for n in range(3000)))
    for name in FORMATS:
        ran = kg("check", "folder", "--format", name, cwd=tmp_path)
        assert ran.code == 1
        assert "3,000 errors" in (ran.out if name == "text" else ran.err)
