"""The rules of the house: layers, closed vocabularies, one name for one thing."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from sample import REPOSITORY

from kg.cli import main
from kg.mappers import KINDS
from kg.mapping import Kind

LAYERS = """
verify asking changes sieve recap unchanged
sieve.terms
sieve.exact sieve.graph
sieve.paths
sieve.parameters sieve.values
sieve.sets
sieve.judging sieve.targets
sieve.shapes
sieve.reach sieve.sieve
sieve.oracle
sieve.tiers
model
confined asking.tokens garbage terms packed
iris vocab quotes rules publish asking.sparql
asking.paths remote memory
asking.patterns
asking.groups
asking.selection asking.widening
yamlrecords jsonlrecords changes.anchors
changes.baseline
records known
fields
measures changes.occurrences
mapping
body
quoting
values declarations
reading
order
names looseends seeds folder
checklist asking.queries
mappers.naming
mappers.articles mappers.awards mappers.events mappers.figures mappers.identities mappers.links
mappers.organisations mappers.people mappers.places mappers.statements mappers.topics mappers.works
mappers
ties
corrections conflicts corroboration echoes labels
evidence
dataset
coverage republishing
summary
exporters.prefixes exporters.coverage exporters.output
exporters.layout exporters.context exporters.void
exporters.ntriples exporters.turtle exporters.jsonld exporters.dcat exporters.ledger
exporters.queries
exporters
reports.findings
reports.text
reports.codequality reports.github reports.jsonobject reports.junit reports.sarif
reports
checks.validator checks.sourced checks.job
checks.child checks.results
checks.shapes checks.conflicts
checks
schema
changes.reanchoring changes.withdrawal
shards
shards.basis shards.files shards.places shards.fingerprint
shards.looks shards.asked shards.shelf
shards.survey
shards.mapping
shards.joining
shards.views shards.results
shards.runs shards.crew shards.sent shards.templates shards.models
shards.texts
shards.telling
shards.graphs shards.judged
shards.writing shards.merging shards.cluster
shards.building
asking.ondisk
asking.published
asking.making
asking.support asking.turtles explain marked
asking.terms
asking.sentences asking.nodes
asking.answers asking.described
asking.expected
pages.marking links pages.numbers
pages.rows
pages.made pages.texts pages.answered pages.neighbours pages.dated pages.words
pages.metadata pages.told
pages.parted
pages.clause pages.expressions pages.furniture pages.node pages.search
pages.clauses
pages.diagram pages.shapes pages.uses
pages.telling
pages.home pages.article pages.ontology
pages.terms
pages.form
pages.overviews.dates pages.overviews.overview
pages.overviews.things
pages.overviews.awards pages.overviews.figures pages.overviews.statements pages.overviews.timeline
pages.overviews.conflicts
pages.overviews
pages
search
search.folding
search.rows search.gathering
search.terms search.volumes
search.entries
search.writing
site.addresses site.answers site.sitemap
site
pipeline
pushing pushing.credentials pushing.endpoints pushing.graphs pushing.wire
pushing.client
pushing.stores
pushing.verification
terminal
server
server.accept server.conditions server.messages server.paths server.frames server.fairness
server.pinned server.sending server.links server.cache server.worker
server.runs
server.compressed server.connection server.files server.pool server.protocol
server.guarded server.nursery server.answering server.signposts
server.nodes
server.builds server.loading
server.description server.zygote server.journal
server.endpoint
server.linked
server.app
server.serving
commands
commands.build commands.check commands.coverage commands.explain commands.push commands.query
commands.reanchor commands.schema commands.serve commands.verify commands.withdraw
cli
__main__
"""
"""What may import what: only modules of lines above (nothing may import its neighbours)."""

FREE = {"dataset": {"exporters.ntriples"}, "": {"pipeline", "dataset"}}
"""Imports inside functions, for the API's sake, that go the other way."""

SOURCES = sorted((REPOSITORY / "kg").rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(REPOSITORY / "kg").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "kg":
            module = (node.module or "").removeprefix("kg").removeprefix(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                file = REPOSITORY / "kg" / inner.replace(".", "/")
                yield inner if file.with_suffix(".py").exists() or file.is_dir() else module
        elif isinstance(node, ast.Import):
            yield from (a.name[3:] for a in node.names if a.name.startswith("kg."))


def test_modules_import_only_what_lies_below_them() -> None:
    levels = {name: i for i, line in enumerate(LAYERS.split("\n")) for name in line.split()}
    wrong = []
    for path in SOURCES:
        name = name_of(path)
        if not name:
            continue
        assert name in levels, f"{name} has no layer: add it to LAYERS"
        wrong += [
            f"{name} imports {other}"
            for other in imports(path)
            if other and other not in FREE.get(name, ()) and levels[other] >= levels[name]
        ]
    assert wrong == []


def test_every_layer_is_a_module() -> None:
    assert {name_of(path) for path in SOURCES} - {""} == set(LAYERS.split())


LONG = {"verify"}
"""One file that needs nothing else, so that whoever trusts nobody can copy it, read it and run it:
it does again, on its own, what reading, evidence and rules do elsewhere."""


def test_modules_read_in_one_sitting() -> None:
    lengths = {name_of(p): len(p.read_text("utf-8").splitlines()) for p in SOURCES}
    assert {name for name, length in lengths.items() if length > 300} == LONG


def test_the_verifier_needs_nothing_but_python() -> None:
    tree = ast.parse((REPOSITORY / "kg/verify.py").read_text("utf-8"))
    found = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or "."]
        )
    }
    assert found <= sys.stdlib_module_names
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}


def test_the_model_knows_nothing_of_the_rest() -> None:
    assert list(imports(REPOSITORY / "kg/model.py")) == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_a_golden_case_and_says_what_it_is(kind: Kind) -> None:
    assert kind.help.endswith("."), kind.help
    assert (REPOSITORY / "tests/golden" / kind.name / "expected.txt").is_file()


def test_every_command_has_help_and_is_in_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    context = click.Context(main)
    names = main.list_commands(context)
    assert "build" in names
    for name in names:
        command = main.get_command(context, name)
        assert command is not None
        assert command.help, name
        assert f"kg {name}" in readme, f"README does not show kg {name}"
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"kg {name} {parameter.name}"


def test_every_public_name_has_a_docstring() -> None:
    bare = []
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        if not ast.get_docstring(tree):
            bare.append(name_of(path))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                overloaded = any(
                    isinstance(d, ast.Name) and d.id == "overload"
                    for d in getattr(node, "decorator_list", [])
                )
                if not overloaded and not ast.get_docstring(node):
                    bare.append(f"{name_of(path)}.{node.name}")
    assert bare == []


def test_mappers_take_only_what_fact_files_give() -> None:
    for kind in KINDS.values():
        parameters = inspect.signature(kind.mapper).parameters
        assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in parameters.values())
        source = inspect.getsource(kind.mapper)
        assert "open(" not in source
        assert "import " not in source


def test_the_package_says_what_it_offers() -> None:
    import kg

    assert {"load", "check", "build"} == set(kg.__all__)
    with pytest.raises(AttributeError):
        _ = kg.no_such_name
