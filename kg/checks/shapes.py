"""SHACL: what the shapes have to say of the facts, in three passes.

The asserted graph; its evidence; and what is recorded without being asserted, as if it were so.
Shapes run in a child (`kg.checks.validator`): a shape is a program, and a single ``sh:pattern`` can
take longer than anyone waits. There, a sieve (`kg.sieve`) finds who may break a shape, and pySHACL
judges them; docs/validation.md says how.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.checks.child import Result, run
from kg.checks.job import JUDGED, Homes, Parts, passes, write_ontology, write_shapes
from kg.checks.sourced import FILES, Sourced, lines, sourced
from kg.dataset import Dataset
from kg.iris import EVIDENCE
from kg.model import Place, Problem, Severity, Term, Triple
from kg.vocab import RDF, RDFS, SH

TIME_LIMIT = 120.0
"""Seconds that all passes together may take."""

MEMORY = 4 << 30
"""Bytes of address space that the child may take."""

SEVERITIES = {SH.Warning.value: Severity.WARNING, SH.Info.value: Severity.INFO}
LISTED = 3
"""How many values, or further places, a message lists."""


def check(
    dataset: Dataset, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate a dataset against the shapes of kgpress and of its folder.

    ``exact`` has pySHACL judge everything, not only what the sieve holds back.
    """
    if dataset.description is None:
        return []
    with tempfile.TemporaryDirectory(prefix="kg-shapes-") as name:
        for file in FILES:
            refers = lines(dataset, "types") if file == "evidence" else ()
            for end, found in ((file, lines(dataset, file)), (f"{file}-types", refers)):
                path = Path(name, f"whole.{end}")
                with path.open("w", encoding="utf-8", newline="\n") as out:
                    out.writelines(found)
        parts = Parts(Path(name), ["whole"], lambda: [dataset], dataset.called)
        return validate(dataset, parts, time_limit, exact=exact)


def validate(
    dataset: Dataset, parts: Parts, time_limit: float = TIME_LIMIT, *, exact: bool = False
) -> list[Problem]:
    """Validate what parts of a dataset hold, of which only the description is asked here."""
    directory = parts.directory
    files, homes, problems = write_shapes(directory, dataset.folder)
    if problems or not files:
        return problems
    write_ontology(directory, dataset)
    job = {
        "shapes": files,
        "passes": list(passes(parts, dataset.folder)),
        "evidence": [f"{dataset.iris.base}{part}/" for part in EVIDENCE],
        "prefixes": dataset.vocabulary.prefixes,
        "exact": exact,
        "memory": MEMORY,
        "seconds": math.ceil(time_limit) + 10,  # an end, should nobody be left to kill it
    }
    (directory / "job.json").write_text(json.dumps(job))
    results, problems = run(directory, time_limit, homes)
    overlooked = {result["shape"] for result in results if result.pop("missed", False)}
    problems += [_hole(shape, homes) for shape in sorted(overlooked)]
    problems += _problems(parts, results, homes)
    return sorted(set(problems), key=lambda p: (p.place, p.check, p.message, p.mend, str(p.see)))


def _hole(shape: str, homes: Homes) -> Problem:
    """Return the problem that pySHACL found something in the sample that the sieve let through."""
    return Problem(
        Place(homes.get(shape, "shapes/")),
        f"the sieve does not see what breaks {f'<{shape}>' if shape else 'a nameless shape'}, and "
        "pySHACL found that only in a sample: more may break it",
        "report this as a bug of kgpress; use --exact until it is mended",
        check="shapes",
    )


def _problems(parts: Parts, results: list[Result], homes: Homes) -> Iterator[Problem]:
    """Yield the problem of each result; of a later pass only what no earlier one found."""
    called = dict(parts.called)
    known: set[str] = set()
    for name, own in JUDGED.items():
        near: dict[Term | None, list[Sourced]] = {}
        new = []
        for result in results:
            key = json.dumps({**result, "pass": ""})
            if result["pass"] == name and key not in known:
                known.add(key)
                new.append(result)
                near[_decoded(result["focus"])] = []
        # The triples are made once more rather than kept: there are few results, as a rule.
        ends = [_decoded(result[end]) for result in new for end in ("focus", "value")]
        terms = {term for term in ends if term is not None}
        labels: dict[Term, str] = {}  # of what is evidence, and is called by that alone
        for dataset in parts.datasets() if new else ():
            for found in (each for file in own for each in sourced(dataset, file)):
                subject, predicate, value = found.triple
                for term in {subject, value} & near.keys():
                    near[term].append(found)
                    terms |= {subject, value}
                if predicate == RDFS.label and subject in near:
                    labels.setdefault(subject, value.value)
            called = {**{t: dataset.called[t] for t in terms & dataset.called.keys()}, **called}
        called = {**labels, **called}
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
