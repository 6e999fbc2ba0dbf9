"""What the editor of queries completes: the names of the ontology and of things, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyoxigraph as ox

from kg.asking.nodes import Nodes
from kg.exporters.prefixes import Prefixes
from kg.pages.furniture import HOME
from kg.vocab import OWL, RDF, RDFS

TERMS = HOME + "terms.json"
"""Where, below the base IRI, the editor looks for them."""

THINGS = 2_000
"""How many things it knows: those that most claims are about, or name."""

LONGEST = 240
"""Characters of a label or a definition that are told."""

_MOST_USED = f"""SELECT ?thing WHERE {{
  {{ ?claim <{RDF.subject.value}> ?thing }} UNION {{ ?claim <{RDF.object.value}> ?thing }}
  FILTER (isIRI(?thing) && STRSTARTS(STR(?thing), "%s"))
}}
GROUP BY ?thing
ORDER BY DESC(COUNT(?claim)) ?thing
LIMIT {THINGS}"""


def terms(nodes: Nodes) -> bytes:
    """Return the terms as a JSON array of arrays, one in a line.

    Each has its name in queries; ``class``, ``property``, ``concept`` or ``thing``; its label; and
    what it is: the definition of a term, the class of a thing.
    """
    own = {"": nodes.published.prefixes[""]}
    prefixes = Prefixes(nodes.published.prefixes, own)
    found = []
    for iri, *told in (*_of_ontology(nodes), *_things(nodes, own[""])):
        name = prefixes.split(iri)
        if name is not None:
            told = [text if len(text) <= LONGEST else f"{text[:LONGEST]}…" for text in told]
            found.append([":".join(name), *told])
    lines = (json.dumps(term, ensure_ascii=False, separators=(",", ":")) for term in found)
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8", errors="replace")


def _of_ontology(nodes: Nodes) -> Iterator[tuple[str, str, str, str]]:
    vocabulary = nodes.published.vocabulary
    for term in sorted(vocabulary.labels, key=lambda term: term.value):
        types = {type_.value for type_ in vocabulary.types.get(term, ())}
        if {OWL.Class.value, RDFS.Class.value} & types:
            kind = "class"
        else:
            kind = "property" if any(name.endswith("Property") for name in types) else "concept"
        label = vocabulary.labels[term].value
        yield term.value, kind, label, vocabulary.definitions.get(term, "")


def _things(nodes: Nodes, space: str) -> Iterator[tuple[str, str, str, str]]:
    rows = nodes.published.store.query(_MOST_USED % space)
    assert isinstance(rows, ox.QuerySolutions)
    for row in rows:
        thing = row["thing"]
        assert isinstance(thing, ox.NamedNode)
        class_ = next((nodes.label(type_).value for type_ in nodes.iris(thing, RDF.type)), "")
        yield thing.value, "thing", nodes.label(thing).value, class_
