"""The ledger of conflicts as JSON: every side with its quotes, and what several sources agree on.

    {"conflicts": [{"iri", "label", "about", "property", "sides": [
        {"value", "polarity", "sources", "claims": [
            {"iri", "asserted", "voice", "article", "quotes": [{"path", "line", "start", …}]}]}]}],
     "corroborated": [{"subject", "predicate", "object", "sources"}]}

``sources`` lists the articles that say it; those that are copies of one another share a list, and
count once. Terms are written as in the JSON results of SPARQL 1.1 (section 3.2.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode

from kg.corroboration import Sources, corroborated
from kg.model import Claim, Span, Term
from kg.vocab import XSD

if TYPE_CHECKING:
    from kg.conflicts import Conflict
    from kg.dataset import Dataset


def ledger(dataset: Dataset) -> Iterator[bytes]:
    """Yield the ledger, an entry a time."""
    sources, called = dataset.sources, dataset.called
    conflicts = (_conflict(dataset, sources, called, c) for c in dataset.conflicts)
    agreed = (
        {
            **{name: _term(term) for name, term in zip(triple._fields, triple, strict=True)},
            "sources": groups,
        }
        for triple, groups in corroborated(dataset.claims, sources)
    )
    yield b"{\n"
    yield from _entries("conflicts", conflicts)
    yield b",\n"
    yield from _entries("corroborated", agreed)
    yield b"\n}\n"


def _entries(name: str, entries: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield f' "{name}": ['.encode()
    comma = ""
    for entry in entries:
        yield f"{comma}\n  {json.dumps(entry, ensure_ascii=False)}".encode()
        comma = ","
    yield b"\n ]" if comma else b"]"


def _conflict(
    dataset: Dataset, sources: Sources, called: Mapping[Term, str], conflict: Conflict
) -> dict[str, Any]:
    about = [called.get(node, node.value) for node in conflict.about]
    return {
        "iri": dataset.iris.conflict(conflict.hash).value,
        "label": f"{called.get(conflict.predicate, conflict.predicate.value)} of "
        + " / ".join(about),
        "about": [node.value for node in conflict.about],
        "property": conflict.predicate.value,
        "sides": [
            {
                "value": _term(value),
                "polarity": polarity,
                "sources": sources.independent(claims),
                "claims": [_claim(dataset, claim) for claim in claims],
            }
            for (value, polarity), claims in conflict.sides.items()
        ],
    }


def _claim(dataset: Dataset, claim: Claim) -> dict[str, Any]:
    return {
        "iri": dataset.iris.claim(claim).value,
        "about": claim.triple.subject.value,
        "asserted": claim.asserted,
        "voice": claim.standing.voice,
        "article": claim.fact.article.name,
        "quotes": [_quote(span) for span in claim.spans],
    }


def _quote(span: Span) -> dict[str, Any]:
    return {
        "path": span.article.path,
        "line": span.place.line,
        "start": span.start,
        "end": span.end,
        "quote": span.quote,
    }


def _term(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    if term.datatype == XSD.string:
        return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
