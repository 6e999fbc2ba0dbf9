"""Shapes: results at the line of the fact, in three passes; and shapes that are no good."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from bulk.folders import Bulk
from common.processes import tree
from processes import command_lines
from pyoxigraph import Literal
from sample import FACTS, Folder

import kg.folder
from kg import pipeline
from kg.checks import child, run_checks
from kg.checks import shapes as checked
from kg.checks.job import Parts
from kg.dataset import Dataset, load
from kg.model import Place, Problem, Severity
from kg.shards import building
from kg.shards.joining import Joined
from kg.vocab import KG, XSD

HEAD = """\
@prefix ex: <https://example.org/shapes#> .
@prefix kg: <https://w3id.org/kgpress/ns#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
EX = "https://example.org/shapes#"
YAML = "seeds/a.facts.yaml"

PLANNED = """
conferral: acme-golden-cog-2021
award: golden-cog
recipient: acme
modality: planned
quote: Acme Works won the Golden Cog
"""


@pytest.fixture(autouse=True)
def no_shipped_shapes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shipped = kg.folder.shipped
    empty = tmp_path / "none"
    monkeypatch.setattr(
        "kg.folder.shipped", lambda name: empty if name == "shapes" else shipped(name)
    )


@pytest.fixture
def check(folder: Folder) -> Callable[..., list[Problem]]:
    """Load the folder with shapes (Turtle without its prefixes) and check it against them."""

    def check(turtle: str, *, limit: float = 60, ontology: str = "") -> list[Problem]:
        folder.write("shapes/own.ttl", HEAD + turtle)
        if ontology:
            folder.write("ontology/own.ttl", HEAD + ontology)
        dataset = load(folder.root)
        assert dataset.errors == []
        return checked.check(dataset, time_limit=limit)

    return check


def shape(target: str, constraints: str) -> str:
    """Return a node shape with one property shape, ex:p."""
    return (
        f"ex:s a sh:NodeShape ; {target} ; sh:property ex:p .\n"
        f"ex:p a sh:PropertyShape ; {constraints} .\n"
    )


def at(folder: Folder, words: str, path: str = YAML) -> Place:
    """Return where words first stand in a file of the folder."""
    text = (folder.root / path).read_text()
    before = text[: text.index(words)]
    return Place(path, before.count("\n") + 1, len(before) - before.rfind("\n"))


Check = Callable[..., list[Problem]]

AWARD = "sh:targetClass kg:Award"
CONFERRAL = "sh:targetClass kg:AwardConferral"


def test_a_wrong_value_is_told_at_its_fact_and_its_passage(folder: Folder, check: Check) -> None:
    says = '"Look at the year again."@en, "Jahr ansehen."@de'
    wrong = f"sh:path kg:established ; sh:datatype xsd:date ; sh:message {says}"
    assert check(shape(AWARD, wrong)) == [
        Problem(
            at(folder, "award: golden-cog\n    name"),
            "Golden Cog: kg:established '1999' breaks sh:datatype xsd:date",
            "Look at the year again.",
            Severity.ERROR,
            f"{EX}p",
            at(folder, "The Golden Cog was established", "seeds/a.txt"),
        )
    ]


def test_a_missing_value_is_told_where_the_thing_gets_its_type(
    folder: Folder, check: Check
) -> None:
    (problem,) = check(shape(CONFERRAL, "sh:path kg:grade ; sh:minCount 1"))
    assert problem.place == at(folder, "conferral:")
    assert problem.see == at(folder, "On May 4, 2020", "seeds/a.txt")
    assert (
        problem.message
        == "Golden Cog to Acme Works: kg:grade has no value, which breaks sh:minCount 1"
    )
    assert problem.mend == "mend the fact, or the shape in shapes/own.ttl"


def test_of_too_many_values_all_are_listed_and_all_their_places(
    folder: Folder, check: Check
) -> None:
    folder.facts("organisation: acme\nalias: Acme Works\nquote: Acme Works won the Golden Cog")
    (problem,) = check(
        shape("sh:targetClass schema:Organization", "sh:path schema:alternateName; sh:maxCount 1")
    )
    second = Place(YAML, FACTS.count("\n") + 2, 5)
    assert problem.place == at(folder, "organisation: acme")
    assert problem.message == (
        "Acme Works: schema:alternateName has 'Acme Works', 'Acme', which breaks sh:maxCount 1 "
        f"(also at {second})"
    )


@pytest.mark.parametrize("severity", [Severity.WARNING, Severity.INFO])
def test_severities_are_those_of_the_shape(check: Check, severity: Severity) -> None:
    constraints = f"sh:path kg:grade; sh:minCount 1; sh:severity sh:{severity.capitalize()}"
    assert [p.severity for p in check(shape(CONFERRAL, constraints))] == [severity]


def test_constraints_are_shown_as_the_shape_has_them(check: Check) -> None:
    found = check(
        "ex:s a sh:NodeShape ; sh:targetClass kg:Award ; sh:nodeKind sh:Literal ; sh:property\n"
        "[ sh:path kg:established ; sh:in ( 1 2 'c' kg:Award 5 6 7 ) ],\n"
        "[ sh:path [ sh:inversePath kg:award ] ; sh:class kg:Award ],\n"
        "[ sh:path ( [ sh:inversePath kg:award ] kg:recipient ) ; sh:nodeKind sh:Literal ] .\n"
    )
    told = {p.check: p.message for p in found}
    assert told[f"{EX}s"] == "Golden Cog breaks sh:nodeKind sh:Literal"
    assert told["sh:InConstraintComponent"] == (
        "Golden Cog: kg:established '1999' breaks sh:in (1 2 c kg:Award 5 6 …)"
    )
    assert told["sh:ClassConstraintComponent"] == (
        "Golden Cog: ^kg:award Golden Cog to Acme Works breaks sh:class kg:Award"
    )
    assert told["sh:NodeKindConstraintComponent"] == (
        "Golden Cog: ^kg:award / kg:recipient Acme Works breaks sh:nodeKind sh:Literal"
    )


def test_a_value_by_an_inverse_path_is_told_at_the_fact_that_gives_it(
    folder: Folder, check: Check
) -> None:
    (problem,) = check(shape(AWARD, "sh:path [ sh:inversePath kg:award ]; sh:class kg:Award"))
    assert problem.place == at(folder, "conferral:")


def test_a_constraint_in_sparql_says_what_its_message_says(folder: Folder, check: Check) -> None:
    (problem,) = check(
        "ex:s a sh:NodeShape ; sh:targetClass kg:Award ; sh:sparql [ a sh:SPARQLConstraint ;\n"
        '  sh:message "Established in {?year}."@en ;\n'
        f'  sh:select "SELECT $this ?year {{ $this <{KG.established.value}> ?year }}" ] .'
    )
    assert problem.place == at(folder, "award: golden-cog\n    name")
    assert (problem.message, problem.mend) == (
        "Golden Cog breaks sh:sparql",
        "Established in 1999.",
    )


def test_what_is_recorded_is_judged_as_if_it_were_so(folder: Folder, check: Check) -> None:
    folder.facts(PLANNED)
    year = "sh:path kg:date; sh:minCount 1"
    (problem,) = check(shape(CONFERRAL, year))
    assert problem.place == at(folder, "conferral: acme-golden-cog-2021")
    assert problem.message.endswith("breaks sh:minCount 1 (recorded, not asserted)")


def test_what_is_recorded_says_nothing_again(folder: Folder, check: Check) -> None:
    folder.facts(PLANNED)
    found = check(shape(AWARD, "sh:path kg:grade ; sh:minCount 1"))
    assert ["recorded" in p.message for p in found] == [False]


def test_a_conflict_with_what_is_recorded_is_told_where_that_is_recorded(
    folder: Folder, check: Check
) -> None:
    folder.facts(
        "award: golden-cog\nestablished: 2020\nmodality: hedged\nquote: "
        "On May 4, 2020, Acme Works won the Golden Cog for its quiet gears."
    )
    (problem,) = check(shape(AWARD, "sh:path kg:established ; sh:maxCount 1"))
    assert problem.place == Place(YAML, FACTS.count("\n") + 2, 5)
    assert f"also at {at(folder, 'award: golden-cog')}" in problem.message
    assert "has '1999', '2020'" in problem.message


def test_evidence_is_judged_too(folder: Folder, check: Check) -> None:
    found = check(shape("sh:targetClass oa:TextQuoteSelector", "sh:path oa:exact; sh:maxLength 30"))
    places = {(p.place, p.see) for p in found}
    assert places == {
        (at(folder, "conferral:"), at(folder, "On May 4", "seeds/a.txt")),
        (at(folder, "award: golden-cog\n    name"), at(folder, "The Golden Cog", "seeds/a.txt")),
    }
    assert all(p.message.startswith("Quote of a, characters ") for p in found)


def test_each_node_of_the_evidence_leads_to_its_fact(folder: Folder, check: Check) -> None:
    wanted = "sh:path kg:no ; sh:minCount 1"
    facts = check(shape("sh:targetClass kg:Fact", wanted))
    assert [p.place for p in facts] == [
        at(folder, word) for word in ("article:", "organisation:", "award: g", "conferral:")
    ]
    (file,) = check(shape("sh:targetObjectsOf oa:hasSource", wanted))
    assert (file.place, file.see) == (Place("seeds/a.txt"), None)
    claims = check(shape("sh:targetClass kg:Claim", wanted))
    assert len(claims) == len(load(folder.root).claims)
    assert {p.place for p in claims} == {p.place for p in facts}


def test_evidence_may_refer_to_things_by_class_without_judging_them(check: Check) -> None:
    article = "sh:path kg:inArticle ; sh:class schema:CreativeWork ; sh:minCount 1"
    named = "ex:n a sh:NodeShape ; sh:targetClass schema:Article, schema:Organization ;"
    label = "sh:property [ sh:path rdfs:label ; sh:minCount 1 ] ."
    works = "schema:Article rdfs:subClassOf schema:CreativeWork ."
    shapes = shape("sh:targetClass kg:Fact", article) + named + label
    assert check(shapes, ontology=works) == []
    assert [p.message for p in check(shapes.replace("CreativeWork", "Person"), ontology=works)] == [
        f"{fact}, in a: kg:inArticle Acme wins the Golden Cog breaks sh:class schema:Person"
        for fact in (
            "article a",
            "organisation acme",
            "award golden-cog",
            "conferral acme-golden-cog-2020",
        )
    ]


def test_classes_have_the_subclasses_of_the_folder(check: Check) -> None:
    ontology = "schema:Organization rdfs:subClassOf ex:Agent . ex:Agent a owl:Class ."
    actor = "sh:path kg:recipient ; sh:class ex:Agent"
    assert check(shape(CONFERRAL, actor), ontology=ontology) == []
    grades = check(shape("sh:targetClass ex:Agent", "sh:path kg:grade ; sh:minCount 1"))
    assert len(grades) == 1


def test_the_ontology_is_referred_to_but_not_judged(check: Check) -> None:
    never = "sh:path kg:no ; sh:minCount 1"
    for target in (
        "Class owl:Class, owl:Ontology, skos:Concept, kg:Modality",
        "SubjectsOf rdfs:domain",
    ):
        assert check(shape(f"sh:target{target}", never)) == []


def test_a_class_that_is_a_shape_is_its_own_target(check: Check) -> None:
    (problem,) = check(
        "kg:Award a sh:NodeShape, owl:Class ; sh:property [ sh:path kg:no ; sh:minCount 1 ] ."
    )
    assert problem.message.startswith("Golden Cog: kg:no has no value")


def test_a_target_that_is_not_there_is_told_at_the_shapes(check: Check) -> None:
    (problem,) = check(shape("sh:targetNode ex:nobody", "sh:path kg:no ; sh:minCount 1"))
    assert problem.place == Place("shapes/own.ttl")
    assert problem.message.startswith(f"<{EX}nobody>: kg:no has no value")


def test_a_node_named_as_target_is_judged_where_it_is_told_of(folder: Folder, check: Check) -> None:
    dataset = load(folder.root)
    fact, thing = dataset.iris.fact(dataset.facts[0]), dataset.iris.thing("acme")
    kind = "ex:f a sh:NodeShape ; sh:property [ sh:path kg:kind ; sh:minCount 1 ]"
    label = shape(f"sh:targetNode {thing}", "sh:path schema:alternateName ; sh:minCount 1")
    assert check(f"{kind} ; sh:targetNode {fact} .\n{label}") == []


def test_a_property_shape_of_two_shapes_tells_once(check: Check) -> None:
    twice = "ex:t a sh:NodeShape ; sh:targetSubjectsOf kg:award ; sh:property ex:p ."
    assert len(check(shape(CONFERRAL, "sh:path kg:grade ; sh:minCount 1") + twice)) == 1


def with_object(dataset: Dataset, literal: Literal) -> Dataset:
    """Give the year of the award another form."""
    claims = [
        replace(c, triple=c.triple._replace(object=literal))
        if c.triple.predicate == KG.established
        else c
        for c in dataset.claims
    ]
    return replace(dataset, claims=claims)


def test_literals_are_judged_as_they_are_written(folder: Folder) -> None:
    folder.write(
        "shapes/own.ttl",
        HEAD + shape(AWARD, 'sh:path kg:established; sh:datatype xsd:integer ; sh:pattern "^0"'),
    )
    dataset = load(folder.root)
    assert checked.check(with_object(dataset, Literal("01", datatype=XSD.integer))) == []
    found = checked.check(with_object(dataset, Literal("0x1", datatype=XSD.integer)))
    assert ["'0x1' breaks sh:datatype" in p.message for p in found] == [True]
    words = 'a "b"\n\\c\u2028🗼'
    found = checked.check(with_object(dataset, Literal(words, language="en-GB")))
    place = at(folder, "award: golden-cog\n    name")
    assert [p.place for p in found] == [place, place]
    assert f"'{words}'" in found[0].message


def test_broken_turtle_is_told_where_it_breaks(check: Check) -> None:
    (problem,) = check("ex:s a sh:NodeShape ;;; sh:targetClass .")
    assert problem.place == Place("shapes/own.ttl", HEAD.count("\n") + 1, 40)
    assert problem.message.startswith("this is not Turtle")


@pytest.mark.parametrize(
    ("turtle", "says"),
    [
        pytest.param("ex:p a sh:PropertyShape .", "sh:path", id="no path"),
        pytest.param(shape(AWARD, 'sh:path kg:no ; sh:minCount "one"'), "integer", id="no number"),
        pytest.param(
            shape(AWARD, 'sh:path rdfs:label ; sh:pattern "("'), "unterminated", id="regex"
        ),
        pytest.param("ex:s sh:targetClass kg:Award ; sh:or () .", "List", id="empty list"),
        pytest.param("ex:s sh:targetClass kg:Award ; sh:property ex:none .", "none", id="no shape"),
        pytest.param(
            'ex:s sh:targetClass kg:Award ; sh:property ex:ap ; sh:pattern "(" .',
            f", shape <{EX}s>",
            id="after a sound one",
        ),
    ],
)
def test_a_malformed_shape_is_told_at_its_file(
    folder: Folder, check: Check, turtle: str, says: str
) -> None:
    folder.write(
        "shapes/a.ttl", HEAD + shape(AWARD, "sh:path kg:a ; sh:maxCount 1").replace("ex:", "ex:a")
    )
    found = check(turtle)
    assert [p.place for p in found] == [Place("shapes/own.ttl")], found
    assert says in found[0].message
    assert found[0].message.startswith("the shapes cannot be used: ")


def test_a_shape_may_be_told_in_two_files(folder: Folder, check: Check) -> None:
    path = "ex:p sh:path kg:grade ; sh:minCount 1 ."
    folder.write("shapes/path.ttl", HEAD + path)
    whole = shape(CONFERRAL, "sh:severity sh:Violation")
    assert [p.check for p in check(whole)] == [f"{EX}p"]
    (problem,) = check(whole + path.replace("grade", "date"))
    assert problem.place == Place("shapes/")
    assert "more than one 'sh:path'" in problem.message


def long_alias(folder: Folder) -> None:
    """Give a thing an alias that `ENDLESS` takes longer than anyone waits to refuse."""
    word = "a" * 64
    folder.replace("seeds/a.txt", "Jo Bell", f"{word} Jo Bell")
    folder.facts(f"organisation: acme\nalias: {word}\nquote: {word} Jo Bell")


ENDLESS = 'sh:pattern "^(a+)+b"'


def test_a_pattern_without_end_is_killed(folder: Folder, check: Check) -> None:
    long_alias(folder)
    alias = f"sh:path schema:alternateName ; {ENDLESS}"
    start = time.monotonic()
    (problem,) = check(shape("sh:targetClass schema:Organization", alias), limit=4)
    assert time.monotonic() - start < 10
    assert problem.place == Place("shapes/own.ttl")
    assert problem.message == (
        f"validation did not end within 4 s; it was at the asserted graph, shape <{EX}p>"
    )
    assert "sh:pattern" in problem.mend
    assert living_children() == []


def living_children() -> list[str]:
    """Return the command lines of processes that still validate for this one."""
    return [line for line in command_lines(tree(os.getpid())) if "validator.py" in line]


def test_the_clock_begins_when_there_is_something_to_validate(
    folder: Folder, tmp_path: Path
) -> None:
    folder.write("shapes/own.ttl", HEAD + shape(AWARD, "sh:path kg:no ; sh:maxCount 1"))
    dataset, limit = load(folder.root), 3
    parts = Parts(tmp_path, [], lambda *_: dataset, {})
    with checked.Validator(folder.root, tmp_path) as validator:
        validator.start()
        time.sleep(limit)
        assert validator.judge(dataset, parts, limit).failures == []


def test_who_has_nothing_to_validate_is_stopped(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("shapes/own.ttl", HEAD + shape(AWARD, "sh:path kg:no ; sh:maxCount 1"))
    folder.facts("award: golden-cog\nestablished: 1999\nquote: There is no such sentence.")
    seen = []

    def join(*_: object) -> Joined:
        seen.append(len(living_children()))
        return joined(*_)

    def fail(*_: object) -> None:
        seen.append(len(living_children()))
        raise ZeroDivisionError

    joined = building.join
    monkeypatch.setattr(building, "join", join)
    assert any(p.severity is Severity.ERROR for p in pipeline.check_folder(folder.root).problems)
    assert living_children() == []
    monkeypatch.setattr(building, "join", fail)
    with pytest.raises(ZeroDivisionError):
        pipeline.check_folder(folder.root)
    assert living_children() == []
    assert seen == [1, 1]


WAITING = """
import sys, time
from pathlib import Path
from kg.checks.shapes import Validator
with Validator(Path(sys.argv[1]), Path(sys.argv[2])) as validator:
    validator.start()
    time.sleep(600)
"""
VALIDATING = """
import sys
from pathlib import Path
from kg.pipeline import check_folder
check_folder(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("program", [WAITING, VALIDATING], ids=["waiting", "validating"])
def test_nobody_validates_for_one_that_was_killed(
    folder: Folder, tmp_path: Path, program: str
) -> None:
    long_alias(folder)
    endless = f"sh:path schema:alternateName ; {ENDLESS}"
    folder.write("shapes/own.ttl", HEAD + shape("sh:targetClass schema:Organization", endless))
    place = tmp_path / "place"
    place.mkdir()

    def validators() -> list[str]:
        return [line for line in command_lines() if "validator.py" in line and str(place) in line]

    def at_it() -> bool:
        texts = [path.read_text() for path in place.glob("**/progress")]
        return any(f" {EX}p" in text for text in texts)

    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.root), str(place)],
        env={**os.environ, "TMPDIR": str(place), "PYTHONPATH": str(Path(kg.__file__).parents[1])},
    ) as process:
        _wait_for(at_it if program is VALIDATING else lambda: bool(validators()))
        assert len(validators()) == 1
        process.kill()
    _wait_for(lambda: not validators())


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_results_of_passes_before_the_limit_are_kept(folder: Folder, check: Check) -> None:
    long_alias(folder)
    found = check(
        shape("sh:targetClass oa:TextQuoteSelector", f"sh:path oa:exact; {ENDLESS}")
        + shape(CONFERRAL, "sh:path kg:grade ; sh:minCount 1").replace("ex:", "ex:q"),
        limit=6,
    )
    assert [p.check for p in found] == [f"{EX}qp", "shapes"]
    assert "it was at the evidence" in found[1].message


def test_a_child_without_memory_is_one_problem(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.checks.shapes.MEMORY", 1 << 20)
    long = f'ex:long rdfs:label "{"a" * (8 << 20)}" .'
    (problem,) = check(shape(CONFERRAL, "sh:path kg:grade ; sh:minCount 1"), ontology=long)
    assert problem.message.startswith("the validator failed: MemoryError")


@pytest.fixture
def canary() -> Iterator[tuple[int, list[object]]]:
    """A port on which every connection is noted."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, address = server.accept()
                except TimeoutError:
                    continue
                calls.append(address)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], calls
        over.set()
        thread.join()


def test_shapes_reach_no_network(check: Check, canary: tuple[int, list[object]]) -> None:
    port, calls = canary
    url = f"<http://127.0.0.1:{port}/x>"
    imports = f"{url} a owl:Ontology . <> a owl:Ontology ; owl:imports {url} .".replace(
        "<>", "ex:o"
    )
    ontology = f"ex:onto a owl:Ontology ; owl:imports {url} ."
    assert check(imports + shape(AWARD, "sh:path kg:no ; sh:maxCount 1"), ontology=ontology) == []
    # pySHACL looks for the word SERVICE; rdflib reads it from escapes too.
    for service in ("SERVICE", r"\\u0053\\u0045RVICE"):
        query = f"SELECT $this {{ $this a ?t . {service} {url} {{ ?a ?b ?c }} }}"
        (problem,) = check(
            "ex:s a sh:NodeShape ; sh:targetClass kg:Award ;"
            f' sh:sparql [ sh:message "no" ; sh:select """{query}""" ] .'
        )
        assert problem.place == Place("shapes/own.ttl")
        assert "network" in problem.message or "SERVICE" in problem.message
    assert calls == []


def test_modules_of_the_folder_are_not_run(
    folder: Folder, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("rdflib.py", "json.py", "kg.py"):
        folder.write(name, "open('/dev/full', 'w').write('run'); raise SystemExit('run')")
    monkeypatch.chdir(folder.root)
    assert check(shape(AWARD, "sh:path kg:no ; sh:maxCount 1")) == []


def test_the_same_input_gives_the_same_problems(folder: Folder) -> None:
    folder.facts(
        PLANNED, "organisation: acme\nalias: Acme Works\nquote: Acme Works won the Golden Cog"
    )
    folder.write(
        "shapes/own.ttl",
        HEAD
        + shape(
            "sh:targetClass kg:Claim, kg:Fact, schema:Organization",
            'sh:path kg:no; sh:minCount 1; sh:message "b", "a", "c"',
        )
        + shape(CONFERRAL, "sh:path kg:date; sh:minCount 2; sh:maxCount 0").replace("ex:", "ex:q"),
    )
    code = (
        "import sys, kg, kg.checks\n"
        f"for p in kg.checks.run_checks(kg.load({str(folder.root)!r})): print(p)\n"
        "print([m for m in ('rdflib', 'pyshacl') if m in sys.modules])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONWARNINGS": "error",
                "PYTHONPATH": str(Path(kg.__file__).parents[1]),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(outputs) == 1
    lines = outputs.pop().splitlines()
    assert len(lines) > 20
    assert lines[-1] == "[]", "the parent has no need of rdflib"
    assert "mend='a; b; c'" in lines[0]


def test_run_checks_sorts_what_all_checks_find(folder: Folder) -> None:
    folder.write(
        "shapes/own.ttl",
        HEAD + shape("sh:targetSubjectsOf rdf:type", "sh:path kg:no; sh:minCount 1"),
    )
    found = run_checks(load(folder.root))
    assert [p.place for p in found] == sorted(p.place for p in found)
    assert len(found) > 4


def test_a_folder_without_shapes_or_description_is_not_validated(folder: Folder) -> None:
    assert checked.check(load(folder.root)) == []
    folder.write("shapes/own.ttl", HEAD + shape(AWARD, "sh:path kg:no ; sh:minCount 1"))
    (folder.root / "ontology/dataset.ttl").unlink()
    assert checked.check(load(folder.root)) == []


def test_what_accounts_for_the_labels_of_terms_is_evidence_too(folder: Folder) -> None:
    folder.write(
        "shapes/own.ttl",
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix kg: <https://w3id.org/kgpress/ns#> .\n"
        "<https://example.org/s> a sh:NodeShape ; sh:targetClass kg:TermLabels ; "
        "sh:property <https://example.org/p> .\n"
        "<https://example.org/p> a sh:PropertyShape ; sh:path kg:digest ; sh:minCount 2 .\n",
    )
    found = [problem.check for problem in run_checks(load(folder.root))]
    assert "https://example.org/p" in found


BLIND = """
import runpy, sys
sys.path.append({root!r})
from kg.sieve.sieve import Sieve
Sieve.held = lambda self, shape, nodes, graph: []
runpy.run_path({validator!r}, run_name="__main__")
"""


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put out the eyes of the sieve."""
    script = tmp_path / "validator.py"
    root = str(Path(kg.__file__).parents[1])
    script.write_text(BLIND.format(root=root, validator=str(child.VALIDATOR)))
    monkeypatch.setattr(child, "VALIDATOR", script)


@pytest.mark.usefixtures("blind")
def test_a_hole_in_the_sieve_is_told_loudly(folder: Folder, check: Check) -> None:
    found = check(shape(CONFERRAL, "sh:path kg:grade ; sh:minCount 1"))
    told = {problem.message for problem in found}
    assert "Golden Cog to Acme Works: kg:grade has no value, which breaks sh:minCount 1" in told
    (hole,) = (problem for problem in found if problem.check == "shapes")
    assert hole.place == Place("shapes/own.ttl")
    assert hole.severity is Severity.ERROR
    assert hole.message.startswith(f"the sieve does not see what breaks <{EX}p>")
    assert "--exact" in hole.mend
    exact = run_checks(load(folder.root), exact=True)
    assert [problem.check for problem in exact] == [f"{EX}p"]


@pytest.mark.usefixtures("blind")
def test_a_hole_that_a_shape_without_a_name_shows_is_told_too(check: Check) -> None:
    found = check("[] a sh:NodeShape ; sh:targetClass kg:Award ; sh:nodeKind sh:Literal .")
    (hole,) = (problem for problem in found if problem.check == "shapes")
    assert "a nameless shape" in hole.message


def test_exact_finds_the_same(folder: Folder) -> None:
    folder.facts(
        PLANNED, "organisation: acme\nalias: Acme Works\nquote: Acme Works won the Golden Cog"
    )
    query = f"SELECT $this {{ $this <{KG.established.value}> ?year }}"
    turtle = (
        shape(
            "sh:targetClass kg:Claim, kg:Fact, schema:Organization", "sh:path kg:no; sh:minCount 1"
        )
        + shape(CONFERRAL, "sh:path kg:date; sh:minCount 2; sh:class kg:Award").replace(
            "ex:", "ex:q"
        )
        + shape(AWARD, "sh:path [ sh:inversePath kg:award ] ; sh:maxCount 0").replace("ex:", "ex:r")
        + f'ex:t a sh:NodeShape ; sh:targetClass kg:Award ; sh:sparql [ sh:select "{query}" ] .\n'
        + "ex:u a sh:NodeShape ; sh:targetObjectsOf kg:recipient ; sh:nodeKind sh:Literal .\n"
    )
    folder.write("shapes/own.ttl", HEAD + turtle)
    dataset = load(folder.root)
    found = checked.check(dataset)
    assert {p.check.removeprefix(EX) for p in found} == {"p", "qp", "rp", "t", "u"}
    assert found == checked.check(dataset, exact=True)


@pytest.mark.slow
def test_exact_finds_the_same_in_bulk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()  # the shapes of kgpress, for once
    Bulk(400, violations=9).write(tmp_path / "bulk")
    dataset = load(tmp_path / "bulk")
    found = checked.check(dataset)
    assert len(found) == 9
    assert found == checked.check(dataset, exact=True)
