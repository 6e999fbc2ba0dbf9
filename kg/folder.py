"""What stands beside the articles in a folder: its description, ontology, shapes and mappers.

The ontology and shapes that come with kgpress are read too; those of the folder add to them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.iris import iri_problem
from kg.mapping import Kind, kinds_in
from kg.model import Place, Problem, Severity, Triple
from kg.vocab import DCAT, DCTERMS, RDF, VOID, Vocabulary, read_vocabulary, turtle_problem

DESCRIPTION = "ontology/dataset.ttl"
SHIPPED = "kgpress/"
"""What paths of files that come with kgpress begin with, as they are shown."""
OWN = "kg_folder_mappers"
"""The name of the module that a folder's mappers.py becomes."""
_problem = partial(Problem, check="folder")


@dataclass(frozen=True)
class Description:
    """The hand-written description of the dataset (DCAT 3), in ``ontology/dataset.ttl``."""

    iri: NamedNode
    base: str
    """What every minted IRI begins with; the ``void:uriSpace`` of the dataset."""
    title: str
    licence: str
    triples: tuple[Triple, ...]


def read_description(folder: Path) -> tuple[Description | None, list[Problem]]:
    """Read ``ontology/dataset.ttl``: one dcat:Dataset with a title, a licence and a base IRI."""
    place = Place(DESCRIPTION)
    try:
        if (folder / DESCRIPTION).exists() and not (folder / DESCRIPTION).is_file():
            mend = "replace it with a file"
            return None, [_problem(place, "not a regular file", mend)]
        data = (folder / DESCRIPTION).read_bytes()
        parsed = list(parse(data, RdfFormat.TURTLE))
    except FileNotFoundError:
        mend = "add a dcat:Dataset with dcterms:title, license and publisher, and void:uriSpace"
        return None, [_problem(place, "the folder has no description", mend)]
    except (SyntaxError, OSError, MemoryError) as error:
        return None, [turtle_problem(DESCRIPTION, error)]
    triples = [
        Triple(t.subject, t.predicate, t.object)
        for t in parsed
        if isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode | Literal)
    ]
    if len(triples) < len(parsed):
        mend = "give every node an IRI of its own"
        return None, [_problem(place, "the description holds blank nodes", mend)]
    datasets = [t.subject for t in triples if t.predicate == RDF.type and t.object == DCAT.Dataset]
    if len(datasets) != 1:
        mend = "describe exactly one dcat:Dataset"
        return None, [_problem(place, f"it describes {len(datasets)} datasets", mend)]
    found = {
        predicate: [t.object.value for t in triples if t[:2] == (datasets[0], predicate)]
        for predicate in (DCTERMS.title, DCTERMS.license, DCTERMS.publisher, VOID.uriSpace)
    }
    problems = [
        _problem(place, f"the dataset has no {name}", f"add {name} to {datasets[0]}")
        for predicate, name in (
            (DCTERMS.title, "dcterms:title"),
            (DCTERMS.license, "dcterms:license"),
            (DCTERMS.publisher, "dcterms:publisher"),
            (VOID.uriSpace, "void:uriSpace"),
        )
        if not any(value.strip() for value in found[predicate])
    ]
    unfit = (t.object.value for t in triples if isinstance(t.object, NamedNode))
    problems += (
        _problem(place, f"<{iri}> cannot be published: {wrong}", "mend the IRI")
        for iri in sorted(set(unfit))
        if (wrong := iri_problem(iri))
    )
    if any(t.predicate == VOID.uriSpace and isinstance(t.object, NamedNode) for t in triples):
        mend = 'write it in quotation marks, as VoID has it: void:uriSpace "https://…/"'
        problems.append(Problem(place, "void:uriSpace is an IRI, not text", mend))
    if len(found[VOID.uriSpace]) > 1:
        problems.append(_problem(place, "the dataset has two void:uriSpace", "keep one base IRI"))
    if problems:
        return None, problems
    base = found[VOID.uriSpace][0]
    wrong = iri_problem(base)
    if not wrong and (not base.endswith("/") or "#" in base or "?" in base):
        wrong = "a base IRI ends in / and has no # or ?"
    if wrong:
        return None, [_problem(place, f"void:uriSpace '{base}': {wrong}", "mend the base IRI")]
    title, licence = found[DCTERMS.title][0], found[DCTERMS.license][0]
    return Description(datasets[0], base, title, licence, tuple(triples)), []


def shipped(name: str) -> Path:
    """Return the directory ``ontology`` or ``shapes`` that comes with kgpress."""
    packaged = Path(__file__).parent / name
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / name


def turtle_files(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Yield (path to show, file) of the shipped and the folder's own Turtle files, each once."""
    seen: set[str] = set()
    for home, shown in ((shipped(name), f"{SHIPPED}{name}"), (folder / name, name)):
        for file in sorted(home.glob("*.ttl")):
            odd = home != shipped(name) and odd_file(home, file)
            if f"{name}/{file.name}" == DESCRIPTION or odd:
                continue
            try:
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
            except OSError:
                digest = str(file)  # unreadable: who reads it says so
            if digest not in seen:
                seen.add(digest)
                yield f"{shown}/{file.name}", file


def odd_file(home: Path, file: Path) -> str:
    """Return why a file below a directory of the folder is not read, or ''."""
    try:
        if not file.resolve().is_relative_to(home.parent.resolve()):
            return "the link leads out of the folder"
        return "" if file.is_file() else "not a regular file"
    except (OSError, RuntimeError):
        return "the link leads to itself"


def read_ontology(folder: Path) -> tuple[Vocabulary, list[Problem]]:
    """Read the terms of the shipped ontology and the folder's own."""
    vocabulary, problems = read_vocabulary(turtle_files(folder, "ontology"))
    for name in ("ontology", "shapes"):
        for file in sorted((folder / name).glob("*.ttl")):
            if f"{name}/{file.name}" != DESCRIPTION and (wrong := odd_file(folder / name, file)):
                place = Place(f"{name}/{file.name}")
                problems.append(_problem(place, wrong, "replace it with a file"))
    return vocabulary, problems


def own_kinds(folder: Path, allow_code: bool) -> tuple[dict[str, Kind], list[Problem]]:
    """Return the kinds of the folder's ``mappers.py``, which runs only when code is allowed."""
    file = folder / "mappers.py"
    if not file.exists():
        return {}, []
    if not file.is_file():
        mend = "replace it with a file"
        return {}, [Problem(Place("mappers.py"), "not a regular file", mend, check="mappers")]
    if not allow_code:
        mend = "look at it, then say --allow-code; without it these kinds are unknown"
        message = "the folder brings mappers, which are code, and code was not allowed"
        return {}, [Problem(Place("mappers.py"), message, mend, Severity.WARNING, check="mappers")]
    spec = importlib.util.spec_from_file_location(OWN, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit, GeneratorExit) as error:
        # It is the folder's code: whatever it raises is a problem of the folder, with its place.
        return {}, [code_problem(error, "the folder's mappers cannot be loaded", "mappers.py")]
    finally:
        sys.dont_write_bytecode = written
    return kinds_in(module), []


def code_problem(error: BaseException, message: str, shown: str) -> Problem:
    """Return the problem of an exception in a mapper, at the line of the mapper's file."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).name == shown
    ]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    reason = traceback.format_exception_only(error)[-1].strip()
    return Problem(
        Place(shown, line or 1), f"{message}: {reason}", "mend the code there", check="mappers"
    )
