"""What benchmarks/scale.py measures with: folders are sound, rivals get what we say, clocks run."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bulk import morph, ours
from bulk.folders import BASE, FACTS, Bulk, thing
from bulk.measure import Contender, Run, interleaved, medians, run
from bulk.printing import comparison
from bulk.relations import COLUMNS
from bulk.sections import agreement, print_queries
from bulk.violations import Violation, of_json, of_kg, of_turtle
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import Graph, Namespace
from rdflib.term import Node
from sample import REPOSITORY, tree

import kg

RML = Namespace("http://w3id.org/rml/")
SH = "http://www.w3.org/ns/shacl#"
RANGE, LANGUAGE = "LessThanOrEqualsConstraintComponent", "MinCountConstraintComponent"


def test_a_folder_is_the_same_each_time_and_other_for_another_seed(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        Bulk(100, seed).write(tmp_path / name)
    a, b, c = (tree(tmp_path / name) for name in "abc")
    assert a == b
    assert a.keys() == c.keys()
    assert a != c


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_folder_has_so_many_facts_of_all_kinds_and_no_problems(tmp_path: Path, seed: int) -> None:
    Bulk(500, seed).write(tmp_path / "bulk")
    dataset = kg.load(tmp_path / "bulk")
    assert dataset.problems == []
    assert len(dataset.facts) == 500
    kinds = {"article", "organisation", "person", "award", "conferral", "figure", "role"}
    assert {fact.kind for fact in dataset.facts} == kinds
    assert {len(Bulk(500, seed).article(number)[1]) for number in range(50)} == {FACTS}


def test_no_two_things_have_the_same_name_or_slug() -> None:
    kinds = ("organisation", "award", "person", "organisation", "person")
    things = [thing(kinds[n % 5], n) for n in range(100_000)]
    assert len({each.slug for each in things}) == len(things)


def test_few_things_are_in_many_articles_and_most_in_few() -> None:
    bulk = Bulk(5_000)
    counts = dict.fromkeys((each.slug for each in bulk.things), 0)
    for number in range(bulk.articles):
        for fact in bulk.article(number)[1]:
            for field in ("award", "recipient", "of", "person", "organisation"):
                if fact.get(field) in counts and "name" not in fact:
                    counts[fact[field]] += 1
    often = sorted(counts.values(), reverse=True)
    assert sum(often[:10]) > sum(often) / 4
    assert often[len(often) // 2] < 10


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> set[Violation]:
    work = tmp_path_factory.mktemp("checked")
    folder = ours.folder_of(work, 40, 3)
    shapes = work / "shapes.nt"
    with shapes.open("wb") as out:
        for file in (REPOSITORY / "shapes").glob("*.ttl"):
            for quad in parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True):
                out.write(f"{quad.triple} .\n".encode())
    done = run([ours.KG, "check", folder, "--format", "json"], 120)
    assert done.failure == ""
    return of_kg(done.output, shapes)


def test_the_violations_that_were_seeded_are_found(checked: set[Violation]) -> None:
    assert sorted(each.component for each in checked) == [SH + RANGE, *[SH + LANGUAGE] * 2]
    for each in checked:
        if each.component == SH + RANGE:
            assert each.focus.startswith(f"{BASE}id/figure-")
            assert each.path == "https://schema.org/value"
            assert each.value is not None
        else:
            assert each.focus.startswith(f"{BASE}article/")
            assert each[1:] == ("https://schema.org/inLanguage", SH + LANGUAGE, None)


def test_all_reports_come_to_the_same(checked: set[Violation]) -> None:
    turtle = f"@prefix sh: <{SH}> . [] a sh:ValidationReport ; sh:result " + ", ".join(
        f"[ a sh:ValidationResult ; sh:focusNode <{focus}> ; sh:resultPath <{path}> ; "
        f"sh:sourceConstraintComponent <{component}>{f' ; sh:value {value}' if value else ''} ]"
        for focus, path, component, value in checked
    )
    assert of_turtle(f"{turtle} .") == of_json(json.dumps([*checked])) == checked


def test_validators_that_differ_are_told_from_those_that_agree(checked: set[Violation]) -> None:
    assert "The same 3" in agreement({"a": checked, "b": {*checked}}, 3)
    assert "Not the 4" in agreement({"a": checked}, 4)
    assert "do not find the same" in agreement({"a": checked, "b": {*[*checked][1:]}}, 3)


def mapped(work: Path) -> Iterator[Quad]:
    """Yield what the mapping in a folder says, as a reader of RML would who knows only that."""
    rules = Graph().parse(work / "mapping.ttl")
    for source, name in rules.subject_objects(RML.source):
        (rule,) = rules.subjects(RML.logicalSource, source)
        with (work / str(name)).open(newline="", encoding="utf-8") as file:
            rows = [*csv.DictReader(file)]
        subject = rules.value(rule, RML.subjectMap)
        graph = rules.value(subject, RML.graphMap)
        about, within = maker(rules, subject), maker(rules, graph)
        for pair in rules.objects(rule, RML.predicateObjectMap):
            predicate = NamedNode(str(rules.value(pair, RML.predicate)))
            made = maker(rules, rules.value(pair, RML.objectMap))
            for row in rows:
                yield Quad(about(row), predicate, made(row), within(row))


def maker(rules: Graph, how: Node | None) -> Callable[[dict[str, str]], NamedNode | Literal]:
    """Return what makes a term of a row as a term map says."""
    constant, reference = rules.value(how, RML.constant), rules.value(how, RML.reference)
    language, datatype = rules.value(how, RML.language), rules.value(how, RML.datatype)
    literal = rules.value(how, RML.termType) == RML.Literal

    def make(row: dict[str, str]) -> NamedNode | Literal:
        text = str(constant) if reference is None else row[str(reference)]
        if not literal:
            return NamedNode(text)
        kind = None if datatype is None else NamedNode(str(datatype))
        return Literal(text, language=language and str(language), datatype=kind)

    return make


def test_tables_and_mapping_make_the_dump_again(public: Path, tmp_path: Path) -> None:
    dump = public / "data" / "kg.nq"
    morph.write_input(dump, tmp_path / "morph")
    made = [*mapped(tmp_path / "morph")]
    assert len(made) == len({*made})
    assert {*made} == {*parse(path=str(dump), format=RdfFormat.N_QUADS)}
    for file in (tmp_path / "morph").glob("*.csv"):
        assert file.read_text("utf-8").startswith(",".join(COLUMNS[:2]))


def test_dumps_are_compared_as_sets(tmp_path: Path) -> None:
    lines = [f'<x:{n}> <x:p> "\\u0061\\t{n}"@en <x:g> .\n' for n in range(3)]
    a, b, c = (tmp_path / name for name in "abc")
    a.write_text("".join(lines))
    b.write_text("".join(line.replace("\\u0061", "a") for line in (*reversed(lines), lines[0])))
    c.write_text("".join([*lines[1:], '<x:q> <x:p> "q" <x:g> .\n']))
    assert morph.difference(a, b, tmp_path) == ""
    assert morph.difference(a, c, tmp_path).startswith("1 quads are missing and 1 too many, as <x:")


PYTHON = [sys.executable, "-c"]


def test_processor_and_memory_of_all_processes_count() -> None:
    burn = "import time\nwhile time.process_time() < 0.4: pass"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"
    done = run([*PYTHON, child], 60)
    assert done.failure == ""
    assert 0.4 <= done.cpu < 5
    hold = "held = b'x' * 60_000_000; import time; time.sleep(1.5)"
    both = f"import subprocess, sys; p = [subprocess.Popen([sys.executable, '-c', {hold!r}]) "
    done = run([*PYTHON, f"{both} for _ in 'ab']; [each.wait() for each in p]"], 60)
    assert 115 < done.memory < 250


def test_what_fails_or_takes_too_long_says_so() -> None:
    assert run([*PYTHON, "exit(3)"], 60).failure == "failed (3): it said nothing"
    assert run([*PYTHON, "exit(3)"], 60, sound=(0, 3)).failure == ""
    assert run([*PYTHON, "raise ValueError('a|b')"], 60).failure == "failed (1): ValueError: ab"
    began = time.monotonic()
    nested = "import subprocess; subprocess.run(['sleep', '60'], start_new_session=True)"
    assert run([*PYTHON, nested], 0.7).failure == "cut off after 0.7 s"
    assert time.monotonic() - began < 20
    assert run([*PYTHON, "print('said')"], 60).output == "said\n"


def test_contenders_run_in_turn_and_one_that_failed_is_not_run_again(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def contender(name: str, text: str, wrong: str = "") -> Contender:
        return Contender(
            name,
            [*PYTHON, f"open('log', 'a').write({name!r}); {text}"],
            cwd=tmp_path,
            check=lambda done: wrong,
        )

    contenders = [
        contender("a", "print(1)"),
        contender("b", "exit(1)"),
        contender("c", "print(2)", "not the same"),
    ]
    done = interleaved(contenders, 3, 60)
    assert log.read_text() == "abcaa"
    assert [each.failure for each in done.values()] == [
        "",
        "failed (1): it said nothing",
        "not the same",
    ]
    assert medians([Run(1, 9, 5), Run(3, 7, 1), Run(2, 8, 9)]) == Run(2, 8, 5)


def test_tables_show_ratios_and_failures(capsys: pytest.CaptureFixture[str]) -> None:
    runs = {"them": Run(8, 4, 200), "us": Run(2, 1, 50), "broken": Run(1, 1, 1, "failed (1): x")}
    comparison("Title", runs, "them", "A note.")
    printed = capsys.readouterr().out
    assert "\nA note.\n÷: how many times less than them.\n" in printed
    assert "| us | 2.00 | 4.00 | 1.00 | 4.00 | 50 | 4.00 |" in printed
    assert "| broken | **failed (1): x, after 1.0 CPU s and 1 MB** |  |  |  |  |  |" in printed
    assert len({line.count("|") for line in printed.splitlines() if line.startswith("|")}) == 1


def test_answers_that_differ_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    one = {"opened": 0.1, "seconds": [0.01] * 4, "answers": [["1"]] * 4}
    print_queries({"kg": one, "rdflib": {**one, "opened": 1, "answers": [["1"], ["2"]] * 2}})
    printed = capsys.readouterr().out
    assert "| opening | 100.000 | 1,000.000 | 10.00 |  |" in printed
    assert printed.count("| same |") == printed.count("| **differ** |") == 2
    print_queries({"kg": one})
    assert "rdflib did not come to its end" in capsys.readouterr().out


def test_the_script_names_its_sections() -> None:
    script = REPOSITORY / "benchmarks" / "scale.py"
    done = subprocess.run([sys.executable, script, "x"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "there are mapping, chain, validation, growth" in done.stderr


@pytest.mark.slow
def test_morph_kgc_makes_the_same_quads(public: Path, tmp_path: Path) -> None:
    dump = public / "data" / "kg.nq"
    contender = morph.prepare(dump, tmp_path / "morph")  # installs it, if need be
    assert run(contender.command, 300, cwd=contender.cwd).failure == ""
    assert morph.difference(dump, tmp_path / "morph" / morph.MADE, tmp_path) == ""
