"""The JSON-LD context: short names, and what kind of value a property has.

https://www.w3.org/TR/json-ld11/#the-context
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cached_property, lru_cache

from pyoxigraph import NamedNode

from kg.exporters.prefixes import Prefixes
from kg.model import Term
from kg.vocab import DCAT, KG, OA, OWL, RDF, RDFS, SPDX, VOID, XSD, Vocabulary

CLAIMS = "claims"
"""The term for the claims that are about a node: ``rdf:subject``, read backwards."""

_OWN = {"thing": "id", "article": "article", "claim": "claim", "fact": "fact", "source": "file"}
"""Prefixes of the dataset's own IRIs; a prefix ``file`` would look like the scheme of that name."""

DATATYPES = {
    KG.asserted: XSD.boolean,
    **dict.fromkeys((KG.line, KG.byteStart, KG.byteEnd), XSD.integer),
    **dict.fromkeys((VOID.triples, VOID.entities, VOID.distinctSubjects), XSD.integer),
    **dict.fromkeys((OA.start, OA.end, DCAT.byteSize), XSD.nonNegativeInteger),
    SPDX.checksumValue: XSD.hexBinary,
}
"""Properties whose values have one datatype, which the context then says once for all."""

encode = json.JSONEncoder(ensure_ascii=False).encode


class Context:
    """The terms of one document, and how terms of RDF are written in them."""

    def __init__(self, vocabulary: Vocabulary, base: str, schemes: Iterable[str]) -> None:
        """Take the vocabulary, the base IRI of the dataset, and the schemes of all IRIs in it.

        With a prefix ``doi``, ``doi:10`` would be another IRI: no prefix is called like a scheme.
        """
        own = {prefix: f"{base}{folder}/" for prefix, folder in _OWN.items()}
        prefixes = {**vocabulary.prefixes, **own}
        heads = {iri.partition(":")[0] for iri in (base, *prefixes.values())}
        terms = (CLAIMS, "label")  # what the context means by itself is no prefix
        self._prefixes = Prefixes(vocabulary.prefixes, own, {*schemes, *heads, *terms})
        self._own = {folder: prefix for prefix, folder in _OWN.items()}
        self._base = base
        self._coerced: dict[NamedNode, str] = {
            **{
                term: "@id"
                for term, types in vocabulary.types.items()
                if OWL.ObjectProperty in types and self._prefixes.split(term.value)
            },
            **{term: self._prefixes.shown(kind.value) for term, kind in DATATYPES.items()},
        }
        self.name = lru_cache(maxsize=1 << 16)(self._name)

    def __str__(self) -> str:
        """Return the context in JSON: prefixes, two terms, then what values properties have."""
        return self._text

    @cached_property
    def _text(self) -> str:
        terms: list[tuple[str, object]] = sorted(self._prefixes.namespaces.items())
        terms += [(CLAIMS, {"@reverse": RDF.subject.value}), ("label", RDFS.label.value)]
        terms += sorted((self.key(p), {"@type": kind}) for p, kind in self._coerced.items())
        rows = (f"{encode(term)}: {encode(meaning)}" for term, meaning in terms)
        return "{\n  " + ",\n  ".join(rows) + "\n }"

    def key(self, predicate: NamedNode) -> str:
        """Return the key of a property."""
        return "label" if predicate == RDFS.label else self.name(predicate)

    def value(self, predicate: NamedNode, value: Term) -> str | dict[str, str]:
        """Return an object in the shortest form that is read back exactly under its property."""
        coerced = self._coerced.get(predicate)
        if isinstance(value, NamedNode):
            name = self.name(value)
            return name if coerced == "@id" else {"@id": name}
        if value.language:
            return {"@language": value.language, "@value": value.value}
        if value.datatype == XSD.string:
            return value.value if coerced is None else {"@value": value.value}
        datatype = self.name(value.datatype)
        return value.value if coerced == datatype else {"@type": datatype, "@value": value.value}

    def _name(self, node: NamedNode) -> str:
        iri = node.value
        if iri.startswith(self._base):
            folder, _, rest = iri[len(self._base) :].partition("/")
            prefix = self._own.get(folder)
            # Behind a prefix JSON-LD takes anything but "//", which would make it a scheme.
            if prefix in self._prefixes.namespaces and rest and not rest.startswith("//"):
                return f"{prefix}:{rest}"
        return self._prefixes.shown(iri)
