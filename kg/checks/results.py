"""What results of validation say, as problems: each at the fact from which comes what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode

from kg.checks.job import JUDGED, TOGETHER, Homes, Parts, Result
from kg.checks.sourced import Sourced, sourced
from kg.model import Place, Problem, Severity, Term, Triple
from kg.vocab import RDF, RDFS, SH

SEVERITIES = {SH.Warning.value: Severity.WARNING, SH.Info.value: Severity.INFO}
LISTED = 3
"""How many values, or further places, a message lists."""


def told(parts: Parts, results: Mapping[str, Sequence[Result]], homes: Homes) -> Iterator[Problem]:
    """Yield the problem of each result; of a later pass only what no earlier one found."""
    every = [result for found in results.values() for result in found]
    overlooked = {result["shape"] for result in every if result.get("missed")}
    yield from (_hole(shape, homes) for shape in sorted(overlooked))
    called = dict(parts.called)
    known: set[str] = set()
    for name in JUDGED:
        new: dict[str, Result] = {}
        within: set[str] = set()
        for part, found in results.items():
            for result in found:
                key = json.dumps({**result, "pass": "", "missed": False}, sort_keys=True)
                if result["pass"] == name and key not in known:
                    new[key] = result
                    within.add(part)
        known |= new.keys()
        near = Near(new.values())
        # The triples are made once more rather than kept: there are few results, as a rule.
        here = [part for part in parts.names if part in within or TOGETHER in within]
        near.look(parts, name, here)
        if not near.complete:  # of a node that a shape names nothing is told: it may be a value
            near.look(parts, name, [part for part in parts.names if part not in here])
        called = {**near.labels, **near.called, **called}
        for result in new.values():
            yield _problem(result, near.found[_decoded(result["focus"])], called, homes)


class Near:
    """What is told of the nodes that results are about, and how they are called."""

    def __init__(self, results: Collection[Result]) -> None:
        """Look at nothing yet."""
        self.found: dict[Term | None, list[Sourced]] = {_decoded(r["focus"]): [] for r in results}
        self.labels: dict[Term, str] = {}
        """Of what is evidence, and is called by that alone."""
        self.called: dict[Term, str] = {}
        ends = (_decoded(result[end]) for result in results for end in ("focus", "value"))
        self._terms = {term for term in ends if term is not None}

    @property
    def complete(self) -> bool:
        """Whether something is told of each."""
        return all(
            any(t.subject == node for (t, *_) in found) for node, found in self.found.items()
        )

    def look(self, parts: Parts, judged: str, names: Iterable[str]) -> None:
        """Look through some parts."""
        for dataset in (parts.dataset(name, judged) for name in names):
            for each in (each for file in JUDGED[judged] for each in sourced(dataset, file)):
                subject, predicate, value = each.triple
                for term in {subject, value} & self.found.keys():
                    self.found[term].append(each)
                    self._terms |= {subject, value}
                if predicate == RDFS.label and subject in self.found:
                    self.labels.setdefault(subject, value.value)
            for term in self._terms & dataset.called.keys():
                self.called.setdefault(term, dataset.called[term])


def _hole(shape: str, homes: Homes) -> Problem:
    """Return the problem that pySHACL found something in the sample that the sieve let through."""
    return Problem(
        Place(homes.get(shape, "shapes/")),
        f"the sieve does not see what breaks {f'<{shape}>' if shape else 'a nameless shape'}, and "
        "pySHACL found that only in a sample: more may break it",
        "report this as a bug of kgpress; use --exact until it is mended",
        check="shapes",
    )


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
