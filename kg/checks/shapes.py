"""SHACL: what the shapes have to say of the facts, in three passes.

The asserted graph; its evidence; and what is recorded without being asserted, as if it were so.
Shapes run in a child (`kg.checks.validator`): a shape is a program, and a single ``sh:pattern`` can
take longer than anyone waits. There, a sieve (`kg.sieve`) finds who may break a shape, and pySHACL
judges them; docs/validation.md says how.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from pyoxigraph import Literal, NamedNode, RdfFormat, parse, serialize

from kg.checks.sourced import Sourced, lines, sourced
from kg.dataset import Dataset
from kg.folder import turtle_files
from kg.iris import EVIDENCE
from kg.model import Place, Problem, Severity, Term, Triple
from kg.vocab import RDF, RDFS, SH, turtle_problem

TIME_LIMIT = 120.0
"""Seconds that all passes together may take."""

MEMORY = 4 << 30
"""Bytes of address space that the child may take."""

PASSES = {
    "asserted": (("asserted",), ("ontology",), "the asserted graph"),
    "evidence": (("evidence",), ("ontology", "types"), "the evidence"),
    "recorded": (("asserted", "recorded"), ("ontology",), "what is recorded, as if it were so"),
}
"""What each pass judges, what is only there to be referred to, and how the pass is called."""

VALIDATOR = Path(__file__).with_name("validator.py")
"""What the child runs."""

SEVERITIES = {SH.Warning.value: Severity.WARNING, SH.Info.value: Severity.INFO}
LISTED = 3
"""How many values, or further places, a message lists."""


Homes: TypeAlias = dict[str, str]
"""Where shapes come from: the path to show of the file that holds each."""

Result: TypeAlias = dict[str, Any]
"""A line of the child's, as `kg.checks.validator.run` makes it."""


def check(
    dataset: Dataset, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate a dataset against the shapes of kgpress and of its folder.

    ``exact`` has pySHACL judge everything, not only what the sieve holds back.
    """
    with tempfile.TemporaryDirectory(prefix="kg-shapes-") as name:
        directory = Path(name)
        files, homes, problems = _write_shapes(directory, dataset.folder)
        if problems or not files or dataset.description is None:
            return problems
        job = {
            "shapes": files,
            "passes": list(_write_data(directory, dataset)),
            "evidence": [f"{dataset.iris.base}{part}/" for part in EVIDENCE],
            "prefixes": dataset.vocabulary.prefixes,
            "exact": exact,
            "memory": MEMORY,
            "seconds": math.ceil(time_limit) + 10,  # an end, should nobody be left to kill it
        }
        (directory / "job.json").write_text(json.dumps(job))
        results, problems = _run(directory, time_limit, homes)
    overlooked = {result["shape"] for result in results if result.pop("missed", False)}
    problems += [_hole(shape, homes) for shape in sorted(overlooked)]
    problems += _problems(dataset, results, homes)
    return sorted(set(problems), key=lambda p: (p.place, p.check, p.message, p.mend, str(p.see)))


def _write_shapes(directory: Path, folder: Path) -> tuple[Homes, Homes, list[Problem]]:
    """Write the shapes as N-Triples; return where the files and the shapes come from."""
    files, homes, problems = Homes(), Homes(), []
    for number, (shown, file) in enumerate(turtle_files(folder, "shapes")):
        try:
            quads = parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)
            triples = [quad.triple for quad in quads]
        except (SyntaxError, OSError, MemoryError) as error:
            problems.append(turtle_problem(shown, error))
            continue
        for triple in triples:
            if isinstance(triple.subject, NamedNode):
                homes.setdefault(triple.subject.value, shown)
        files[f"shapes{number}"] = shown
        serialize(triples, directory / f"shapes{number}", RdfFormat.N_TRIPLES)
    return files, homes, problems


def _write_data(directory: Path, dataset: Dataset) -> Iterator[dict[str, Any]]:
    """Write what is validated and what it refers to; yield the passes that have to be made."""
    for name in ("asserted", "evidence", "recorded", "types"):
        with (directory / name).open("w", encoding="utf-8", newline="\n") as out:
            out.writelines(lines(dataset, name))
    with (directory / "ontology").open("wb") as out:
        for _, file in turtle_files(dataset.folder, "ontology"):
            with suppress(SyntaxError, OSError, MemoryError):  # told when the dataset was loaded
                quads = [*parse(file.read_bytes(), RdfFormat.TURTLE, rename_blank_nodes=True)]
                serialize((quad.triple for quad in quads), out, RdfFormat.N_TRIPLES)
    for name, (own, reference, _) in PASSES.items():
        if (directory / own[-1]).stat().st_size:
            yield {"name": name, "own": own, "reference": reference}


def _run(directory: Path, time_limit: float, homes: Homes) -> tuple[list[Result], list[Problem]]:
    """Run the child; return its results, and the problem that kept it from its end, if one did."""
    reason = _wait(directory, time_limit)
    said = (directory / "results").read_bytes().splitlines(keepends=True)
    results = [json.loads(line) for line in said if line.endswith(b"\n")]
    if results and "failure" in results[-1]:
        failure = results.pop()
        file, shape, mend = failure["file"], failure["shape"], "mend the shape"
        message = f"the shapes cannot be used: {failure['failure']}"
    elif reason:
        progress = (directory / "progress").read_text().partition("\n")[0]
        file, (name, _, shape) = "", progress.partition(" ")
        message = f"{reason}; it was at {PASSES[name][2] if name else 'its start'}"
        mend = "simplify sh:pattern and SPARQL there: what they take can grow beyond all bounds"
    else:
        return results, []
    message += f", shape <{shape}>" if shape else ""
    place = Place(file or homes.get(shape, "shapes/"))
    return results, [Problem(place, message, mend, check="shapes")]


def _wait(directory: Path, time_limit: float) -> str:
    """Start the child and wait; return why it did not come to its end, or ''."""
    (directory / "progress").touch()
    # -P: or modules that lie beside the validator would hide those of the same name.
    command = [sys.executable, "-P", "-W", "ignore", str(VALIDATOR)]
    with (
        (directory / "results").open("wb") as out,
        (directory / "errors").open("wb") as errors,
        subprocess.Popen(
            [*command, str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            start_new_session=True,
        ) as process,
    ):
        try:
            code = process.wait(time_limit)
        except subprocess.TimeoutExpired:
            return f"validation did not end within {time_limit:g} s"
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if code < 0:
        return f"the validator was killed by {signal.Signals(-code).name}"
    said = (directory / "errors").read_text(errors="replace").strip() or str(code)
    return f"the validator failed: {said.splitlines()[-1]}" if code else ""


def _hole(shape: str, homes: Homes) -> Problem:
    """Return the problem that pySHACL found something in the sample that the sieve let through."""
    return Problem(
        Place(homes.get(shape, "shapes/")),
        f"the sieve does not see what breaks {f'<{shape}>' if shape else 'a nameless shape'}, and "
        "pySHACL found that only in a sample: more may break it",
        "report this as a bug of kgpress; use --exact until it is mended",
        check="shapes",
    )


def _problems(dataset: Dataset, results: list[Result], homes: Homes) -> Iterator[Problem]:
    """Yield the problem of each result; of a later pass only what no earlier one found."""
    called = dict(dataset.called)
    known: set[str] = set()
    for name, (own, _, _) in PASSES.items():
        near: dict[Term | None, list[Sourced]] = {}
        new = []
        for result in results:
            key = json.dumps({**result, "pass": ""})
            if result["pass"] == name and key not in known:
                known.add(key)
                new.append(result)
                near[_decoded(result["focus"])] = []
        # The triples are made once more rather than kept: there are few results, as a rule.
        for found in (each for file in own for each in sourced(dataset, file)) if new else ():
            subject, predicate, value = found.triple
            for term in {subject, value} & near.keys():
                near[term].append(found)
            if predicate == RDFS.label and subject in near:
                called.setdefault(subject, value.value)
        for result in new:
            yield _problem(result, near[_decoded(result["focus"])], called, homes)


def _problem(
    result: Result, near: list[Sourced], called: Mapping[Term, str], homes: Homes
) -> Problem:
    """Return the problem of a result, at the fact from which the triple came that it is about."""
    focus, path, value = (_decoded(result[name]) for name in ("focus", "path", "value"))
    message = _shown(focus, called)
    if result["shown_path"]:
        message += f": {result['shown_path']}"
        values = sorted({_shown(t.object, called) for (t, *_) in near if t[:2] == (focus, path)})
        if value is not None:
            message += f" {_shown(value, called)}"
        elif path is not None:
            message += f" has {_listed(values) or 'no value'}, which"
    message += f" breaks {result['constraint']}"
    if result["pass"] == "recorded":
        message += " (recorded, not asserted)"
    sites = _sites(near, focus, path, value)
    places = list(dict.fromkeys(site.place for site in sites))
    if places[1:]:
        message += f" (also at {_listed([*map(str, places[1:])])})"
    home = homes.get(result["shape"], "shapes/")
    return Problem(
        places[0] if places else Place(home),
        message,
        result["message"] or f"mend the fact, or the shape in {home}",
        SEVERITIES.get(result["severity"], Severity.ERROR),
        result["shape"] or result["component"].replace(SH.IRI, "sh:"),
        sites[0].see if sites else None,
    )


def _sites(
    near: list[Sourced], focus: Term | None, path: Term | None, value: Term | None
) -> list[Sourced]:
    """Return the triples that a result is about: the first group here that is not empty."""
    groups: tuple[Callable[[Triple], bool], ...] = (
        lambda t: t == (focus, path, value),
        lambda t: value != focus and value in (t.subject, t.object),  # by a longer path
        lambda t: t[:2] == (focus, path),
        lambda t: t[:2] == (focus, RDF.type),
        lambda t: t.subject == focus,
        lambda t: True,
    )
    for group in groups:
        if found := [sourced for sourced in near if group(sourced.triple)]:
            # In the last pass, what is not asserted made the difference.
            return sorted(found, key=lambda s: (s.asserted, s.place, s.see or s.place))
    return []


def _decoded(encoded: Any) -> Term | None:
    """Return a term as the child encodes it."""
    match encoded:
        case [iri]:
            return NamedNode(iri)
        case [form, datatype, language]:
            return Literal(form, datatype=datatype and NamedNode(datatype), language=language)
    return None


def _shown(term: Term | None, called: Mapping[Term, str]) -> str:
    """Return a term for people: its label, or what it is, cut when it is long."""
    if isinstance(term, NamedNode):
        return called.get(term) or str(term)
    text = term.value if term else "a blank node"
    return f"'{text if len(text) <= 80 else text[:79] + '…'}'"


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - LISTED
    return ", ".join(texts[:LISTED]) + (f" and {more} more" if more > 0 else "")
