"""The saved queries as data, for whoever asks the dataset elsewhere.

Each is a sh:SPARQLExecutable (SHACL Advanced Features, https://www.w3.org/TR/shacl-af/, section 5),
whose text declares its prefixes itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.asking.queries import prefixes
from kg.asking.sparql import Form, used_prefixes, with_prefixes
from kg.model import Triple
from kg.vocab import DCTERMS, OWL, RDF, RDFS, SCHEMA, SH, XSD

if TYPE_CHECKING:
    from kg.dataset import Dataset

FILE = "queries.ttl"

_EXECUTABLES = {
    Form.SELECT: (SH.SPARQLSelectExecutable, SH.select),
    Form.ASK: (SH.SPARQLAskExecutable, SH.ask),
    Form.CONSTRUCT: (SH.SPARQLConstructExecutable, SH.construct),
}


def mention(dataset: Dataset) -> Iterator[Triple]:
    """Yield where the description of a dataset says that there are saved queries."""
    if dataset.queries and dataset.description is not None:
        file = NamedNode(f"{dataset.description.base}data/{FILE}")
        yield Triple(dataset.description.iri, DCTERMS.isReferencedBy, file)
        yield Triple(file, RDFS.label, Literal(FILE))


def triples(dataset: Dataset) -> Iterator[Triple]:
    """Yield the saved queries of a dataset, and the prefixes that they use."""
    description = dataset.description
    assert description is not None
    known, used = prefixes(description.base, dataset.vocabulary), set[str]()
    shared = NamedNode(f"{description.base}data/{FILE}#prefixes")
    for query in dataset.queries:
        node = dataset.iris.query(query.name)
        executable, text = _EXECUTABLES[query.form]
        # Tools for sh:SPARQLExecutable show rdfs:comment alone, so it says all.
        comment = f"{query.title} {query.description}".strip()
        yield Triple(node, RDF.type, SH.SPARQLExecutable)
        yield Triple(node, RDF.type, executable)
        yield Triple(node, RDFS.label, Literal(query.title))
        yield Triple(node, RDFS.comment, Literal(comment))
        yield Triple(node, DCTERMS.title, Literal(query.title))
        if query.description:
            yield Triple(node, DCTERMS.description, Literal(query.description))
        yield Triple(node, DCTERMS.identifier, Literal(query.name))
        yield Triple(node, SCHEMA.about, description.iri)
        yield Triple(node, SH.prefixes, shared)
        yield Triple(node, text, Literal(with_prefixes(query.body, known)))
        used |= used_prefixes(query.text) & known.keys()
    yield Triple(description.iri, RDFS.label, Literal(description.title))
    yield Triple(shared, RDF.type, OWL.Ontology)
    yield Triple(shared, RDFS.label, Literal("Prefixes of the saved queries"))
    for prefix in sorted(used):
        declaration = NamedNode(f"{description.base}data/{FILE}#prefix={prefix}")
        yield Triple(shared, SH.declare, declaration)
        yield Triple(declaration, RDF.type, SH.PrefixDeclaration)
        yield Triple(declaration, RDFS.label, Literal(f"Prefix {prefix}:"))
        yield Triple(declaration, SH.prefix, Literal(prefix))
        yield Triple(declaration, SH.namespace, Literal(known[prefix], datatype=XSD.anyURI))
