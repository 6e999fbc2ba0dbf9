"""The RML mapping that turns the tables of `bulk.relations` into the dump again.

Evidence is RDF 1.1 reification, spelt out: a claim's subject, predicate and object are properties
of it like any other. Terms are references to columns that hold whole IRIs, which costs
morph-kgc less than templates: it percent-encodes what it puts into these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from bulk.relations import COLUMNS, IRI, Table, own_name

ABOUT, WITHIN, VALUE = COLUMNS
PREFIXES = "@prefix rml: <http://w3id.org/rml/> .\n"


def mapping(tables: dict[str, Table]) -> str:
    """Return the mapping of tables in Turtle."""
    maps = [PREFIXES]
    for name, table in tables.items():
        if constants := table.constants():
            made = [(p, term("constant", value.text, value.kind)) for p, value in constants]
            maps.append(triples_map(name, made))
        for predicate, kind in table.varying():
            made = [(predicate, term("reference", VALUE, kind))]
            maps.append(triples_map(own_name(name, predicate, kind), made))
    return "\n".join(maps)


def triples_map(name: str, objects: list[tuple[str, str]]) -> str:
    """Return the map of one table: properties, and how their objects are made."""
    return " ;\n    ".join([*_head(name), *(_object(*pair) for pair in objects)]) + " .\n"


def term(how: str, text: str, kind: str) -> str:
    """Return how an object is made: from a constant or a column, and of which kind."""
    made = f"rml:{how} {json.dumps(text, ensure_ascii=False)}"
    if kind == IRI:
        made = f"rml:constant <{text}>" if how == "constant" else f"{made} ; rml:termType rml:IRI"
    else:
        made += " ; rml:termType rml:Literal"
    if kind.startswith("@"):
        made += f' ; rml:language "{kind[1:]}"'
    elif kind.startswith("^^"):
        made += f" ; rml:datatype {kind[2:]}"
    return made


def _head(name: str) -> Iterator[str]:
    source = f'rml:source "{name}.csv" ; rml:referenceFormulation rml:CSV'
    yield f"<#{name}> a rml:TriplesMap ;\n    rml:logicalSource [ {source} ]"
    graph = f"rml:graphMap [ {term('reference', WITHIN, IRI)} ]"
    yield f"rml:subjectMap [ {term('reference', ABOUT, IRI)} ; {graph} ]"


def _object(predicate: str, made: str) -> str:
    return f"rml:predicateObjectMap [ rml:predicate {predicate} ; rml:objectMap [ {made} ] ]"
