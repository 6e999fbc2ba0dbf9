"""The ontology: OWL 2 DL, consistent, described, mapped, and the very terms that kgpress emits."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache

import owlrl
import pytest
import rdflib
from pyoxigraph import Literal as OxLiteral
from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node as Term
from sample import REPOSITORY

from kg import fields, measures, vocab
from kg.mappers import KINDS
from kg.mapping import Field, Kind, run
from kg.model import Article, Fact, Origin, Place, Span, Standing, Triple

KG = Namespace("https://w3id.org/kgpress/ns#")
ONTOLOGY = REPOSITORY / "ontology"
NAMES = ("kg", "evidence")
IRIS = {
    "kg": URIRef("https://w3id.org/kgpress/ns"),
    "evidence": URIRef("https://w3id.org/kgpress/ns/evidence"),
}
ENUMERATIONS = [KG.Modality, KG.Polarity, KG.StatementForm, KG.Bound, KG.Origin]
TYPED = [vocab.SCHEMA[name] for name in ("Organization", "Event", "CreativeWork", "Article")]
"""The classes whose subclasses fact files may name in ``type:``."""

KINDS_OF_TERMS = (
    *(OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty),
    *(OWL.AnnotationProperty, OWL.NamedIndividual),
)
RESERVED = tuple(map(str, (RDF, RDFS, XSD, OWL)))
BUILT_IN_ANNOTATIONS = {RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy}
DATATYPES = {
    *(XSD[name] for name in ("string", "boolean", "integer", "decimal", "nonNegativeInteger")),
    *(XSD.dateTime, XSD.anyURI, XSD.hexBinary, RDF.PlainLiteral, RDFS.Literal),
}
"""What may be a range: of the datatype map of OWL 2 (Structural Specification, section 4)."""

AXIOMS = {RDF.type, RDFS.subClassOf, RDFS.domain, RDFS.range}
LISTS = {OWL.unionOf, OWL.members, OWL.distinctMembers, OWL.hasKey}
HEADER = {OWL.versionIRI, OWL.versionInfo}
NO_MAPPING = Literal(
    "No equivalent is known in schema.org, ORG, PROV-O, FOAF, SKOS or DCMI Metadata Terms.", "en"
)
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#ErrorMessage")

name = pytest.mark.parametrize("name", NAMES)


@cache
def ontology(*names: str) -> Graph:
    graph = Graph()
    for one in names or NAMES:
        graph.parse(ONTOLOGY / f"{one}.ttl")
    return graph


def declared(graph: Graph, *kinds: URIRef) -> set[URIRef]:
    found = {term for kind in kinds or KINDS_OF_TERMS for term in graph.subjects(RDF.type, kind)}
    return {term for term in found if isinstance(term, URIRef)}


def described(graph: Graph) -> set[URIRef]:
    """The terms that a file tells about, not only declares to stand alone."""
    return {term for term in graph.subjects(RDFS.isDefinedBy) if isinstance(term, URIRef)}


def own(terms: set[URIRef]) -> list[URIRef]:
    return sorted(term for term in terms if term.startswith(str(KG)))


# Consistency


@cache
def examples() -> Graph:
    graph = Graph()
    for file in sorted((REPOSITORY / "tests/shapes").glob("*/good.ttl")):
        graph.parse(file)
    return graph


def inconsistencies(graph: Graph) -> list[str]:
    """What the rules of OWL 2 RL find wrong with a graph."""
    conversions = rdflib.term._toPythonMapping
    before = dict(conversions)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    conversions.clear()  # owlrl leaves its own behind, for which "2030"^^xsd:gYear is ill-typed
    conversions.update(before)
    errors = [str(o) for s in graph.subjects(RDF.type, ERROR) for o in graph.objects(s)]
    return [*errors, *(f"{s} is owl:Nothing" for s in graph.subjects(RDF.type, OWL.Nothing))]


def test_the_ontology_and_the_examples_of_all_shapes_are_consistent() -> None:
    assert inconsistencies(ontology() + examples()) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        "ex:lantern-prize a kg:AwardConferral .",
        "ex:ada-rook-on-light kg:award ex:lantern-prize .",
        "ex:lantern-prize kg:editionOf ex:other .",
        "ex:fact-1 a kg:Claim .",
        "kg:Nearly owl:sameAs kg:About .",
    ],
)
def test_what_cannot_be_is_inconsistent(wrong: str) -> None:
    prefixes = f"@prefix ex: <https://example.org/> . @prefix kg: <{KG}> . @prefix owl: <{OWL}> ."
    graph = ontology() + examples()
    assert inconsistencies(graph.parse(data=f"{prefixes} {wrong}", format="turtle"))


# OWL 2 DL


@name
def test_the_header_names_the_ontology_and_its_version(name: str) -> None:
    graph, iri = ontology(name), IRIS[name]
    assert list(graph.subjects(RDF.type, OWL.Ontology)) == [iri]
    (version,) = graph.objects(iri, OWL.versionInfo)
    assert list(graph.objects(iri, OWL.versionIRI)) == [URIRef(f"{iri}/{version}")]
    assert not list(graph.objects(iri, OWL.imports))


@name
def test_every_term_is_declared_as_one_kind_of_thing(name: str) -> None:
    graph = ontology(name)
    kinds = Counter(t for kind in KINDS_OF_TERMS for t in set(graph.subjects(RDF.type, kind)))
    assert [term for term, count in kinds.items() if count > 1] == []


def test_both_files_declare_a_term_alike() -> None:
    both = [
        {t: set(ontology(n).objects(t, RDF.type)) for t in declared(ontology(n))} for n in NAMES
    ]
    assert [t for t in both[0].keys() & both[1].keys() if both[0][t] != both[1][t]] == []


@name
def test_a_file_uses_only_what_it_declares(name: str) -> None:
    graph, iri = ontology(name), IRIS[name]
    known, annotations = declared(graph), declared(graph, OWL.AnnotationProperty)
    undeclared = set()
    for subject, predicate, value in graph:
        if predicate not in AXIOMS | LISTS | HEADER | {RDF.first, RDF.rest}:
            assert predicate in annotations | BUILT_IN_ANNOTATIONS, predicate
        elif isinstance(value, URIRef) and predicate not in HEADER:
            undeclared.add(value)
        # What stands in an annotation is but an IRI, and need not be declared.
        if predicate in AXIOMS and isinstance(subject, URIRef):
            undeclared.add(subject)
    undeclared -= known | {iri} | DATATYPES | {OWL.Ontology, RDF.nil}
    undeclared -= {*KINDS_OF_TERMS, OWL.AllDisjointClasses, OWL.AllDifferent}
    assert undeclared == set()


@name
def test_reserved_terms_are_described_but_not_declared(name: str) -> None:
    graph = ontology(name)
    reserved = {
        s for s in graph.subjects() if isinstance(s, URIRef) and str(s).startswith(RESERVED)
    }
    for term in reserved - BUILT_IN_ANNOTATIONS:
        assert set(graph.predicates(term)) == {RDFS.label, SKOS.definition, RDFS.isDefinedBy}, term
    for term in reserved & BUILT_IN_ANNOTATIONS:
        assert set(graph.objects(term, RDF.type)) == {OWL.AnnotationProperty}


@name
def test_axioms_fit_what_terms_are(name: str) -> None:
    graph = ontology(name)
    classes, individuals = declared(graph, OWL.Class), declared(graph, OWL.NamedIndividual)
    objects = declared(graph, OWL.ObjectProperty)
    data = declared(graph, OWL.DatatypeProperty)
    expressions = set(graph.subjects(OWL.unionOf))
    for term, value in graph.subject_objects(RDFS.subClassOf):
        assert {term, value} <= classes
    for term, value in graph.subject_objects(RDFS.domain):
        assert term in objects | data
        assert value in classes | expressions
    for term, value in graph.subject_objects(RDFS.range):
        assert value in (classes if term in objects else DATATYPES), term
        assert term in objects | data
    for term in individuals:
        assert set(graph.objects(term, RDF.type)) <= classes | {OWL.NamedIndividual}
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        assert set(graph.items(graph.value(axiom, OWL.members))) <= classes
    for axiom in graph.subjects(RDF.type, OWL.AllDifferent):
        assert set(graph.items(graph.value(axiom, OWL.distinctMembers))) <= individuals


@name
def test_blank_nodes_are_axioms_unions_or_lists_each_used_once(name: str) -> None:
    graph = ontology(name)
    used = Counter(value for value in graph.objects() if isinstance(value, BNode))
    for node in {node for node in graph.subjects() if isinstance(node, BNode)}:
        found = set(graph.predicates(node))
        axiom = found in ({RDF.type, OWL.members}, {RDF.type, OWL.distinctMembers})
        assert axiom or found in ({RDF.type, OWL.unionOf}, {RDF.first, RDF.rest})
        assert used[node] == (0 if axiom else 1)


# Descriptions


def test_every_term_is_described_in_one_file() -> None:
    assert described(ontology("kg")) & described(ontology("evidence")) == set()
    assert declared(ontology()) <= described(ontology())


@name
def test_every_term_has_one_label_definition_and_vocabulary(name: str) -> None:
    graph = ontology(name)
    for term in described(graph):
        (label,), (definition,) = (
            graph.objects(term, RDFS.label),
            graph.objects(term, SKOS.definition),
        )
        (vocabulary,) = graph.objects(term, RDFS.isDefinedBy)
        assert isinstance(label, Literal)
        assert isinstance(definition, Literal)
        assert label.language == definition.language == "en"
        assert definition.endswith("."), term
        assert not label.endswith("."), term
        if term.startswith(str(KG)):
            assert vocabulary == IRIS[name]
        else:
            assert term.startswith(str(vocabulary)), term


def test_no_axiom_is_stated_of_the_terms_of_others() -> None:
    graph = ontology()
    foreign = {term for term in declared(graph) if not term.startswith(str(KG))}
    for term in foreign:
        assert (term, RDFS.domain, None) not in graph
        assert (term, RDFS.range, None) not in graph
        for above in graph.objects(term, RDFS.subClassOf):
            # What fact files may name in type: has to stand below the class of that kind.
            assert (term, SKOS.notation, None) in graph, term
            assert NamedNode(str(above)) in TYPED


def test_own_classes_and_properties_are_mapped_or_say_that_nothing_fits() -> None:
    graph = ontology()
    terms = own(declared(graph, OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty))
    for term in terms:
        mapped = {
            value
            for relation in (RDFS.subClassOf, SKOS.closeMatch, SKOS.relatedMatch)
            for value in graph.objects(term, relation)
            if not value.startswith(str(KG))
        }
        assert bool(mapped) != ((term, RDFS.comment, NO_MAPPING) in graph), term


def test_every_concept_has_a_notation_of_its_own() -> None:
    graph = ontology()
    schemes = [
        *(set(graph.subjects(RDF.type, scheme)) for scheme in ENUMERATIONS),
        *(set(graph.subjects(RDFS.subClassOf, URIRef(c.value))) for c in TYPED),
    ]
    for scheme in schemes:
        notations = [str(n) for term in scheme for n in graph.objects(term, SKOS.notation)]
        below = [t for t in scheme if (t, SKOS.notation, None) in graph]
        assert len(set(notations)) == len(notations) == len(below) > 0
    concepts = set().union(*schemes) - {KG.Statement}
    assert set(graph.subjects(SKOS.notation)) == concepts


def test_only_bounds_have_words_that_must_stand_in_the_quote() -> None:
    graph = ontology()
    assert set(graph.subjects(SKOS.altLabel)) == set(graph.subjects(RDF.type, KG.Bound)) - {
        KG.Exactly
    }


def test_the_vocabulary_gives_fields_their_concepts() -> None:
    files = [(f"ontology/{n}.ttl", ONTOLOGY / f"{n}.ttl") for n in NAMES]
    vocabulary, problems = vocab.read_vocabulary(files)
    assert problems == []
    assert set(vocabulary.concepts(vocab.KG.Polarity)) == {"affirmed", "negated"}
    assert "company" in vocabulary.concepts(vocab.SCHEMA.Organization)
    assert "over" in [word.value for word in vocabulary.forms[vocab.KG.MoreThan]]
    assert vocab.KG.date in vocabulary.single_valued
    assert vocab.KG.about not in vocabulary.single_valued
    assert vocabulary.keys[vocab.KG.AwardEdition] == (vocab.KG.editionOf, vocab.KG.year)


def test_standings_and_origins_are_those_of_the_model() -> None:
    graph = ontology()
    for scheme, notations in (
        (KG.Origin, {origin.value for origin in Origin}),
        (KG.Modality, {"certain", "hedged", "planned", "opinion"}),
        (KG.Polarity, {"affirmed", "negated"}),
    ):
        terms = {str(graph.value(t, SKOS.notation)): t for t in graph.subjects(RDF.type, scheme)}
        assert terms == {notation: KG[notation.capitalize()] for notation in notations}


# Emission


def value(field_type: type[fields.Value]) -> Iterator[fields.Value]:
    """Values of a type, as reading would make them."""
    if issubclass(field_type, fields.Concept):
        for concept in ontology().subjects(RDF.type, URIRef(field_type.scheme.value)):
            yield field_type(NamedNode(str(concept)), "concept")
        for concept in ontology().subjects(RDFS.subClassOf, URIRef(field_type.scheme.value)):
            if (concept, SKOS.notation, None) in ontology():
                yield field_type(NamedNode(str(concept)), "concept")
    elif issubclass(field_type, fields.Ref | fields.Link | fields.Node):
        yield field_type(NamedNode("https://example.org/thing"), "thing")
    elif issubclass(field_type, measures.Number):
        yield field_type(OxLiteral("7", datatype=vocab.XSD.integer), "7")
    elif issubclass(field_type, measures.Date):
        yield field_type(OxLiteral("2019", datatype=vocab.XSD.gYear), "2019")
    elif issubclass(field_type, fields.Language):
        yield field_type(OxLiteral("en"), "en")
    else:
        yield field_type(OxLiteral("words", language="en"), "words")


def emitted(kind: Kind) -> set[Triple]:
    """Every triple that a kind can give: of a fact with all fields, and of ones with fewer."""
    article = Article("a", "seeds/a.txt", b"words")
    spans, place = (Span(article, 0, 5),), Place("seeds/a.facts.yaml")
    fact = Fact("a/1", kind.name, "node", article, place, spans, Standing())
    node = fields.Node(NamedNode("https://example.org/node"), "node")
    standing = {
        "said_by": next(value(fields.Ref)),
        "modality": next(value(fields.Modality)),
        "polarity": next(value(fields.Polarity)),
    }

    def given(field: Field) -> object:
        found = tuple(value(field.type))
        return found if field.many else found[0]

    everything = {field.name: given(field) for field in kind.fields.values()}
    found = set()
    for left_out in (None, *kind.fields):
        if left_out is None or not kind.fields[left_out].required:
            values = {name: v for name, v in everything.items() if name != left_out}
            found |= {claim.triple for claim in run(kind, fact, node, values, standing)}
    return found


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_what_a_mapper_emits_is_declared_and_of_the_right_kind(kind: Kind) -> None:
    graph = ontology()
    classes, objects = declared(graph, OWL.Class), declared(graph, OWL.ObjectProperty)
    literals = declared(graph, OWL.DatatypeProperty, OWL.AnnotationProperty)
    triples = emitted(kind)
    assert len({triple.predicate for triple in triples}) > 1
    for triple in triples:
        predicate, term = URIRef(triple.predicate.value), triple.object
        if predicate == RDF.type:
            assert isinstance(term, NamedNode)
            assert URIRef(term.value) in classes
        else:
            assert predicate in (objects if isinstance(term, NamedNode) else literals)


def named_in(*paths: str) -> set[URIRef]:
    """The terms that modules name, as in ``KG.Award``."""
    namespaces = {n: v for n, v in vars(vocab).items() if isinstance(v, vocab.Namespace)}
    found = set()
    for path in paths:
        file = REPOSITORY / "kg" / path
        for module in sorted(file.rglob("*.py")) if file.is_dir() else [file]:
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    term = getattr(namespaces.get(node.value.id), node.attr, None)
                    if isinstance(term, NamedNode):
                        found.add(URIRef(term.value))
    return found


def emitting() -> set[URIRef]:
    """The terms that mappers and evidence name; datatypes of literals aside."""
    terms = named_in("mappers", "mapping.py", "fields.py", "evidence.py")
    return {t for t in terms if not str(t).startswith((str(XSD), "http://id.loc.gov/"))}


def test_every_term_that_kgpress_names_is_described() -> None:
    terms = emitting() | {term for term in named_in("") if term.startswith(str(KG))}
    assert sorted(terms - described(ontology())) == []


def test_every_property_is_named_by_the_code_that_emits_it() -> None:
    properties = declared(ontology(), OWL.ObjectProperty, OWL.DatatypeProperty)
    of_datasets = named_in("exporters", "republishing.py")
    of_datasets = {term for term in of_datasets if term.startswith(str(KG))}
    assert sorted(properties - emitting() - of_datasets) == []


def test_every_class_is_emitted_or_stands_above_one_that_is() -> None:
    graph = ontology()
    used: set[Term] = {*emitting(), *graph.subjects(SKOS.notation), *ENUMERATIONS}
    used |= {above for term in set(used) for above in graph.objects(term, RDFS.subClassOf)}
    assert sorted(declared(graph, OWL.Class) - used) == []
