"""The pages of the ontology: every term with its uses, every shape in words, however odd."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import html5lib
import pyoxigraph as ox
import pytest
from browsing import PHONE, Browsing, axe, shot, sideways
from sample import Folder, tree
from serving import serving

from kg.asking.published import Published
from kg.asking.terms import RESERVED
from kg.links import Links
from kg.pages import SPECIAL, Pages
from kg.pages.diagram import MOST, diagram
from kg.pages.ontology import LARGE
from kg.pages.rows import Rows
from kg.pages.shapes import Shapes
from kg.pages.words import plain
from kg.vocab import KG, RDF, SCHEMA, SH, VOID

XHTML = "{http://www.w3.org/1999/xhtml}"
BASE = "https://example.org/d/"
PREFIXES = """\
@prefix : <https://example.org/d/ns#> .
@prefix kg: <https://w3id.org/kgpress/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.fixture(scope="module")
def pages(public: Path) -> Pages:
    return Pages(Published(public))


def parsed(page: str | None):
    assert page is not None
    parser = html5lib.HTMLParser(strict=True)
    document = parser.parse(page)
    ids = [e.get("id") for e in document.iter() if e.get("id") is not None]
    assert len(ids) == len(set(ids))
    return document


def words(element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_class(document, name: str) -> list:
    return [e for e in document.iter() if name in e.get("class", "").split()]


def by_id(document, name: str):
    (found,) = (e for e in document.iter() if e.get("id") == name)
    return found


def hrefs(document) -> list[str]:
    return [e.get("href") for e in document.iter() if e.get("href") is not None]


def rows(pages: Pages, path: str = "shapes") -> Rows:
    return Rows(pages.nodes, Links(pages.nodes, path))


@pytest.fixture
def own(folder: Folder):
    """Return what publishes the small folder with an ontology file, or shapes, of its own."""

    def publishing(ontology: str = "", shapes: str = "") -> Pages:
        out = folder.publish()
        if ontology:
            (out / "ontology/own.ttl").write_text(PREFIXES + ontology, "utf-8")
        if shapes:
            for path in (out / "shapes").glob("*.ttl"):
                path.unlink()
            (out / "shapes/own.ttl").write_text(PREFIXES + shapes, "utf-8")
        return Pages(Published(out))

    return publishing


# --- terms -------------------------------------------------------------------------------------


def test_every_term_of_the_vocabulary_is_told_on_its_page(pages: Pages) -> None:
    vocabulary = pages.published.vocabulary
    known = {*vocabulary.labels, *vocabulary.types} - set(pages.nodes.terms.vocabularies)
    assert len(known) > 200
    assert known <= set(pages.nodes.terms.all)
    documents = {path: parsed(pages.page(path)) for path in pages.nodes.terms.namespaces}
    overview = parsed(pages.page("ontology"))
    linked = set(hrefs(overview))
    for term in known:
        place = pages.nodes.terms.places[term]
        told = by_id(documents[place.path], place.fragment)
        assert term.value in words(told)
        assert vocabulary.labels[term].value in words(told)
        for text in pages.nodes.terms.turtles.values(term, ox.NamedNode(f"{SKOS}definition")):
            assert " ".join(text.value.split()) in words(told)
        assert f"./{place.path}.html#{place.fragment}" in linked


SKOS = "http://www.w3.org/2004/02/skos/core#"


def test_our_own_vocabulary_comes_before_those_of_others(pages: Pages) -> None:
    assert next(iter(pages.nodes.terms.namespaces)) == "ontology/kg"
    overview = parsed(pages.page("ontology"))
    assert words(next(iter(by_class(overview, "index")[0].iter(f"{XHTML}h2")))).startswith("kg ")


def test_a_redirected_term_is_an_element_of_the_list_of_all(pages: Pages) -> None:
    overview = parsed(pages.page("ontology"))
    for name in ("Claim", "Award", "AwardConferral", "recipient", "MoreThan"):
        entry = by_id(overview, name)
        assert f"./ontology/kg.html#{name}" in hrefs(entry)


def test_things_lead_to_the_terms_that_say_something_of_them(pages: Pages) -> None:
    document = parsed(pages.page("id/xiaomi-china-quality-technology-award-2018"))
    links = {e.get("href"): e.get("title") for e in document.iter() if e.get("href")}
    assert links["../ontology/kg.html#recipient"] == "kg:recipient"
    assert links["../ontology/kg.html#AwardConferral"] == "kg:AwardConferral"
    assert not any("w3id.org/kgpress/ns#" in href for href in links)


def test_a_term_says_how_often_it_is_used_of_what_and_where(pages: Pages) -> None:
    told = by_id(parsed(pages.page("ontology/kg")), "recipient")
    assert "5 times, of award conferral 5" in words(told)
    examples = [e for ul in by_class(told, "examples") for e in ul.iter(f"{XHTML}li")]
    assert len(examples) == 3
    for example in examples:
        assert any("/id/" in href for href in hrefs(example))
        assert len(list(example.iter(f"{XHTML}blockquote"))) == 1
        assert any("#char=" in href for href in hrefs(example))
    assert "Every award conferral has exactly one “recipient”" in words(told)


def test_counts_are_those_of_the_description(pages: Pages) -> None:
    document = parsed(pages.page("ontology/kg"))
    nodes = pages.nodes
    seen = 0
    for part in nodes.iris(nodes.dataset, VOID.propertyPartition):
        (term,) = nodes.iris(part, VOID.property)
        count = nodes.text(part, VOID.triples)
        if term.value.startswith(KG.IRI):
            told = by_id(document, term.value.removeprefix(KG.IRI))
            assert f"in the data{int(count.value):,} time" in words(told), term
            seen += 1
    assert seen > 30


def test_what_is_used_more_often_than_is_looked_at_says_so(pages: Pages) -> None:
    told = by_id(parsed(pages.page("ontology/kg")), "origin")
    assert "more than 1,000 times" in words(told)
    assert "in the first 500" in words(told)


def test_what_the_project_says_of_terms_is_told(pages: Pages) -> None:
    document = parsed(pages.page("ontology/kg"))
    assert "at most one value is right" in words(by_id(document, "grade"))
    conferral = words(by_id(document, "AwardConferral"))
    assert "told apart byaward, recipient and edition" in conferral
    assert "a kind ofaction" in conferral
    assert "used ofaward or award conferral" in words(by_id(document, "conferredBy"))
    assert "its membersabout, at least, exactly," in words(by_id(document, "Bound"))


def test_all_labels_and_definitions_are_told_in_all_languages(own) -> None:
    pages = own("""
        :Tower a owl:Class ; rdfs:label "Turm"@de, "tower"@en, "塔"@ja ;
            skos:definition "Hoch."@de, "High."@en ; owl:deprecated true ;
            owl:equivalentClass [ a owl:Restriction ; owl:onProperty :top ; owl:minCardinality 1 ] .
        :top a owl:DatatypeProperty ; schema:domainIncludes :Tower ; rdfs:label "Spitze"@de .
    """)
    document = parsed(pages.page("ns"))
    tower, top = by_id(document, "Tower"), by_id(document, "top")
    assert words(next(tower.iter(f"{XHTML}h3"))) == "tower Turm 塔"
    definitions = [e for p in by_class(tower, "definition") for e in p]
    assert [(e.get("lang"), words(e)) for e in definitions] == [("en", "High."), ("de", "Hoch.")]
    assert "deprecated" in words(tower)
    assert "whatever has “Spitze”, which is given at least this often: 1" in words(tower)
    assert words(next(top.iter(f"{XHTML}h3"))) == "Spitze"
    assert "used oftower" in words(top)


# --- addresses ---------------------------------------------------------------------------------


def test_no_namespace_takes_the_path_of_another_page() -> None:
    assert set(SPECIAL) - {""} <= RESERVED


@pytest.mark.parametrize(
    ("iri", "path", "fragment"),
    [
        ("https://example.org/d/ns#Founder", "ns", "Founder"),
        ("https://example.org/d/a/b#Founder", "a/b", "Founder"),
        ("https://example.org/d/ontology#Founder", "ontology", "Founder"),
        ("https://example.org/d/ns/Founder", "ns/Founder", "term"),
        ("https://example.org/d/Founder", "Founder", "term"),
    ],
)
def test_terms_below_the_base_iri_are_where_a_static_host_looks(
    own, iri: str, path: str, fragment: str
) -> None:
    pages = own(f'<{iri}> a owl:Class ; rdfs:label "founder" ; skos:definition "Who founds." .')
    assert "Who founds." in words(by_id(parsed(pages.page(path)), fragment))
    term = ox.NamedNode(iri)
    place = pages.nodes.terms.places[term]
    assert "Who founds." in words(by_id(parsed(pages.page(place.path)), place.fragment))
    assert Links(pages.nodes, "id/acme").node(term) == f"../{place.path}.html#{place.fragment}"
    assert path in ("ontology", *pages.nodes.terms.paths)


@pytest.mark.parametrize("iri", ["data/kg.nq#X", "id/acme#X", "sparql#X", "shapes#X", "a//b#X"])
def test_a_namespace_takes_the_place_of_nothing_else(own, iri: str) -> None:
    pages = own(f'<{BASE}{iri}> a owl:Class ; rdfs:label "x" .')
    assert pages.nodes.terms.places[ox.NamedNode(BASE + iri)].path.startswith("ontology/")
    assert pages.page("id/acme") is not None
    assert "Acme" in (pages.page("id/acme") or "")


def test_no_ontology_file_is_written_over_by_its_page(public: Path, pages: Pages) -> None:
    assert "ontology/kg" in pages.special
    files = tree(public)
    for path, content in files.items():
        if path.startswith("ontology/") and path.endswith(".ttl"):
            assert content.startswith(b"@prefix") or b"\n@prefix" in content


def test_iris_of_terms_can_be_followed_at_a_server(own) -> None:
    terms = "".join(f'<{BASE}{x}> a owl:Class ; rdfs:label "x" . ' for x in ("ns#A", "v/B"))
    pages = own(terms)
    with serving(pages.published.out, "--host", "127.0.0.1") as server:
        for path in ("ns", "v/B", "ontology", "shapes"):
            reply = server.ask("GET", f"/{path}", headers={"Accept": "text/html"})
            assert reply.status == 303, path
            name = urljoin(f"/{path}", reply.headers["Location"])
            assert name == f"/{path}.html"
            page = server.ask("GET", name)
            assert (page.status, page.body.decode()) == (200, pages.page(path))
        for path in ("ontology/kg.html", "ontology/kg.ttl", "shapes/award.ttl"):
            assert server.ask("GET", f"/{path}").status == 200, path
        for path in ("nothing", "nothing.html", "v/C", "v/B.ttl"):
            assert server.ask("GET", f"/{path}").status == 404, path


# --- shapes ------------------------------------------------------------------------------------


def test_every_shape_of_ours_is_told_in_words_alone(pages: Pages) -> None:
    told = [s for file in Shapes(rows(pages)).files for s in file.shapes]
    demands = [demand for shape in told for demand in shape.demands]
    assert [demand.turtle for demand in demands if demand.turtle] == []
    told_of = {demand.shape for demand in demands}
    turtles = pages.nodes.shapes
    for type_ in (SH.PropertyShape, SH.NodeShape):
        for shape in turtles.having(RDF.type, type_):
            constrained = any(p not in _PLAIN for p, _ in turtles.said(shape))
            assert shape in told_of or not constrained, shape
    names = {SH["class"], SH.minCount, SH.qualifiedMinCount, SH.lessThan, SH["or"], SH["not"]}
    for predicate in names:
        assert turtles.having(predicate)


_PLAIN = {RDF.type, SH.property, SH.targetClass, SH.targetObjectsOf, SH.severity, SH.message}


def test_the_page_of_the_shapes_has_each_with_its_message_and_its_file(pages: Pages) -> None:
    document = parsed(pages.page("shapes"))
    one = by_id(document, "AwardConferral-recipient")
    assert words(next(one.iter(f"{XHTML}p"))) == (
        "Every award conferral has exactly one “recipient”, which is an organisation, a person, "
        "a product, a project, a place or a work, given by its IRI."
    )
    assert "make one conferral for each of several" in words(one)
    assert "./shapes/award-conferral.ttl" in hrefs(document)
    assert "Warning" in words(by_id(document, "Figure-range"))
    for shape in pages.nodes.shapes.having(RDF.type, SH.PropertyShape):
        if isinstance(shape, ox.NamedNode):
            by_id(document, shape.value.rpartition("#")[2])


OURS = {
    "AwardConferral-award": "Every award conferral has exactly one “award”, which is an award, "
    "given by its IRI.",
    "AwardConferral-conferredBy": "Every “conferred by” of an award conferral is an organisation "
    "or a person, given by its IRI.",
    "AwardConferral-grade": "Every “grade” of an award conferral fits “Text”.",
    "Claim-type": "Every claim has RDF statement as a value of “type”.",
    "Claim-origin": "Every claim has exactly one “origin”, which is one of verbatim, normalised, "
    "inferred, external or structural.",
    "Conflict-sides": "Every conflict has at least two “in conflict” (backwards), each of which is "
    "a claim.",
    "Named-one-label": "Each of them has no two values of “label” in the same language.",
    "Figure-range": "Every figure has only values of “value” that are not greater than those of "
    "“maximum”.",
    "Span-quote": "Every span has exactly one “selector” that is a selector by quotation.",
    "Standing-polarity": "Every “polarity” is one of affirmed or negated.",
    "Standing-asserted": "Everything that has “voice”, “modality” or “polarity” either has false "
    "as a value of “asserted”; or is not a claim; or has no “voice”, has only “modality”, each of "
    "which is certain and has only “polarity”, each of which is affirmed.",
    "Text": "Whatever fits “Text” is a literal value and text in a language or plain text and "
    "matches the pattern “\\S”.",
    "Agent": "Whatever fits “Agent” is an organisation or a person.",
}


@pytest.fixture(scope="module")
def sentences(pages: Pages) -> dict[str, str]:
    found = Shapes(rows(pages)).files
    return {d.fragment: plain(d.words) for f in found for s in f.shapes for d in s.demands}


@pytest.mark.parametrize("name", OURS)
def test_a_shape_of_ours_reads_as_a_person_would_say_it(
    sentences: dict[str, str], name: str
) -> None:
    assert sentences[name] == OURS[name]


_OF = "Every award has "
CONSTRUCTS = {
    "sh:minCount 2": _OF + "at least two “year”.",
    "sh:minCount 0 ; sh:maxCount 3": _OF + "at most three “year”.",
    "sh:minCount 1 ; sh:maxCount 3": _OF + "at least one and at most three “year”.",
    "sh:maxCount 0": _OF + "no “year”.",
    "sh:datatype xsd:integer": "Every “year” of an award is a whole number.",
    "sh:datatype xsd:duration": "Every “year” of an award is a value of the datatype xsd:duration.",
    "sh:nodeKind sh:BlankNodeOrIRI": "Every “year” of an award is a thing, with or without an IRI.",
    "sh:minInclusive 1 ; sh:maxExclusive 9": "Every “year” of an award is at least 1 and less "
    "than 9.",
    "sh:minExclusive 1 ; sh:maxInclusive 9": "Every “year” of an award is more than 1 and at "
    "most 9.",
    "sh:minLength 1 ; sh:maxLength 20": "Every “year” of an award has at least one and at most 20 "
    "characters.",
    'sh:pattern "^a" ; sh:flags "i"': "Every “year” of an award matches the pattern “^a” "
    "(flags i).",
    'sh:languageIn ("en" "de")': "Every “year” of an award is in the language en or de.",
    "sh:uniqueLang true": _OF + "no two values of “year” in the same language.",
    "sh:equals kg:date": _OF + "the same values of “year” as of “date”.",
    "sh:disjoint kg:date": _OF + "no value of “year” that is also one of “date”.",
    "sh:lessThan kg:date": _OF + "only values of “year” that are less than those of “date”.",
    "sh:in (1 2)": "Every “year” of an award is one of 1 or 2.",
    "sh:class kg:Award": "Every “year” of an award is an award.",
    "sh:hasValue kg:About": _OF + "about as a value of “year”.",
    "sh:not [ sh:class kg:Award ]": "Every “year” of an award is not an award.",
    "sh:not [ sh:path kg:date ; sh:minCount 1 ]": "Every “year” of an award is nothing that has at "
    "least one “date”.",
    "sh:or ([ sh:class kg:Award ] [ sh:minLength 3 ])": "Every “year” of an award either is an "
    "award; or has at least three characters.",
    "sh:xone ([ sh:class kg:Award ] [ sh:class kg:Figure ])": "Every “year” of an award is an "
    "award or a figure, and only one of these.",
    "sh:and ([ sh:class kg:Award ] [ sh:class kg:Figure ])": "Every “year” of an award is an award "
    "and a figure.",
    "sh:property [ sh:path kg:date ; sh:maxCount 1 ]": "Every “year” of an award has at most one "
    "“date”.",
    "sh:qualifiedValueShape [ sh:class kg:Award ] ; sh:qualifiedMinCount 1 ; "
    "sh:qualifiedValueShapesDisjoint true": _OF + "at least one “year” that is an award, counting "
    "none that fits one of the other shapes beside it.",
    "sh:node :Other": "Every “year” of an award fits “Other”.",
    "sh:node [ sh:class kg:Award ]": "Every “year” of an award is an award.",
}


def told(pages: Pages, name: str = "One"):
    return next(
        demand
        for file in Shapes(rows(pages)).files
        for shape in file.shapes
        for demand in shape.demands
        if demand.fragment == name
    )


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_every_construct_of_shacl_is_told(own, construct: str) -> None:
    other = ":Other a sh:NodeShape ; sh:minLength 1 ; sh:pattern 'x' ."
    of = "a sh:PropertyShape ; sh:targetClass kg:Award ; sh:path kg:year"
    pages = own(shapes=f":One {of} ; {construct} . {other}")
    assert (plain(told(pages).words), told(pages).turtle) == (CONSTRUCTS[construct], "")
    parsed(pages.page("shapes"))


PATHS = {
    "(kg:award kg:year)": "“award”, then “year”",
    "[ sh:inversePath kg:award ]": "“award” (backwards)",
    "[ sh:alternativePath (kg:award kg:year) ]": "“award” or “year”",
    "[ sh:zeroOrMorePath kg:award ]": "“award” (any number of times)",
    "([ sh:oneOrMorePath kg:award ] [ sh:zeroOrOnePath kg:year ])": "“award” (once or more), then "
    "“year” (once or not at all)",
}


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_told(own, path: str) -> None:
    shape = f":One a sh:PropertyShape ; sh:targetNode :x ; sh:path {path} ; sh:minCount 1 ."
    demand = told(own(shapes=shape))
    assert plain(demand.words).endswith(f"has at least one {PATHS[path]}.")
    assert demand.turtle == ""


def test_shapes_of_nodes_are_told(own) -> None:
    pages = own(
        shapes="""
        :One a sh:NodeShape ; sh:targetNode kg:About ; sh:targetObjectsOf kg:bound ;
            sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:equals kg:date ;
            sh:property [ sh:path kg:year ] ;
            sh:sparql [ sh:message "Years are even." ; sh:select "SELECT $this {}" ] ;
            sh:deactivated true ; sh:name "Evens" .
        """
    )
    demand = told(pages)
    assert plain(demand.words) == (
        "about, and every value of “bound” is the same as its “date”, has no property but “type” "
        "and “year” and meets what a SPARQL query asks: “Years are even.”."
    )
    assert "SELECT $this {}" in demand.turtle, "the query itself is shown as it is written"
    document = parsed(pages.page("shapes"))
    assert words(next(document.iter(f"{XHTML}h3"))) == "Evens switched off"


@pytest.mark.parametrize(
    "unknown",
    [
        ":limit 7",
        "sh:js [ sh:jsFunctionName 'evil' ]",
        "sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this {}' ]",
        "sh:or ( [ :limit 7 ] )",
        "sh:property [ sh:path kg:year ; :limit 7 ]",
    ],
)
def test_what_no_words_tell_is_shown_as_turtle(own, unknown: str) -> None:
    pages = own(shapes=f":One a sh:NodeShape ; sh:targetClass kg:Award ; {unknown} .")
    shown = " ".join(words(e) for e in by_class(parsed(pages.page("shapes")), "turtle"))
    for part in re.findall(r":limit 7|'(\w+)'|SELECT", unknown):
        assert part in shown
    assert ("limit" in unknown) == ("limit" in shown)
    assert shown


def test_shapes_that_refer_to_one_another_come_to_an_end(own) -> None:
    pages = own(
        shapes="""
        :A a sh:NodeShape ; sh:targetClass kg:Award ; sh:node :B ; sh:property :P .
        :B a sh:NodeShape ; sh:node :A ; sh:or ( :A :B ) ; sh:not :B .
        :P a sh:PropertyShape ; sh:path kg:year ; sh:property :P ; sh:node :A .
        _:x sh:or ( _:x ) ; sh:not _:x ; sh:targetClass kg:Award .
        :C sh:in _:loop . _:loop rdf:first 1 ; rdf:rest _:loop .
        """
    )
    for path in ("shapes", "ontology/kg"):
        page = pages.page(path)
        assert page is not None
        assert page.endswith("</html>")
        parsed(page)


# --- the picture -------------------------------------------------------------------------------


def test_the_picture_shows_what_is_in_the_data_and_tells_it_in_words(pages: Pages) -> None:
    picture = diagram(rows(pages, "ontology"))
    assert picture is not None
    store = pages.published.store
    for source, property_, target, count in picture.told:
        query = f"""SELECT (COUNT(*) AS ?n) {{ ?a a ?A ; ?p ?b . ?b a ?B .
            ?A rdfs:label {_text(source)} . ?p rdfs:label {_text(property_)} .
            ?B rdfs:label {_text(target)} }}"""
        (row,) = store.query(query, prefixes=dict(pages.published.prefixes))
        assert 0 < int(count) <= int(row["n"].value), (source.text, property_.text, target.text)
    assert len(picture.edges) == len(picture.told) <= MOST
    document = parsed(pages.page("ontology"))
    (figure,) = by_class(document, "diagram")
    assert "./ontology/kg.html#AwardConferral" in hrefs(figure)
    assert len(list(figure.iter(f"{XHTML}li"))) == len(picture.told)
    for box in picture.boxes:
        assert 0 <= box.x < box.x + box.width <= picture.width
        assert 0 <= box.y < box.y + box.height <= picture.height
        others = [other for other in picture.boxes if other is not box and other.x == box.x]
        assert all(o.y + o.height <= box.y or box.y + box.height <= o.y for o in others)


def _text(shown) -> str:
    return str(ox.Literal(shown.text, language=shown.language or None))


# --- whatever is in it -------------------------------------------------------------------------


EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(2)>\\u202e\" onclick='a()"


def test_hostile_terms_are_text(own) -> None:
    evil = EVIL.replace('"', '\\"')
    pages = own(
        f"""
        :A a owl:Class ; rdfs:label "{evil}" ; skos:definition "{evil}"@en, "{evil}"@de ;
            rdfs:subClassOf :B, :A ; rdfs:seeAlso <javascript:alert(1)> ; skos:altLabel "{evil}" .
        :B a owl:Class ; rdfs:subClassOf :A ; owl:unionOf _:u .
        _:u rdf:first :A ; rdf:rest _:u .
        :C rdfs:subClassOf [ owl:complementOf _:n ] . _:n owl:complementOf _:n .
        <javascript:alert(2)> a owl:Class ; rdfs:label "x" .
        <https://example.org/d/ns#"onclick="> a owl:Class .
        """.replace('<https://example.org/d/ns#"onclick="> a owl:Class .', "")
    )
    for path in ("ontology", "ns", *pages.nodes.terms.paths):
        page = pages.page(path)
        document = parsed(page)
        elements = {e.tag.removeprefix(XHTML) for e in document.iter() if isinstance(e.tag, str)}
        assert "img" not in elements
        assert len(list(document.iter(f"{XHTML}script"))) == 1
        assert not [e for e in document.iter() if any(k.startswith("on") for k in e.attrib)]
        assert not [e for e in document.iter() if e.get("style") is not None]
        assert not [h for h in hrefs(document) if h.lower().startswith("javascript")]
    assert "<script>alert(1)" not in (pages.page("ns") or "")


def test_terms_without_labels_or_prefixes_are_called_by_their_iris(own) -> None:
    pages = own("""
        <https://a.example/x#Thing> a owl:Class . <https://b.example/y#Thing> a owl:Class .
        <https://c.example/> a owl:Class . <urn:x:y> a owl:Class .
        """)
    document = parsed(pages.page("ontology/other-terms"))
    for iri in ("https://a.example/x#Thing", "https://b.example/y#Thing", "urn:x:y"):
        assert iri in words(by_id(document, pages.nodes.terms.places[ox.NamedNode(iri)].fragment))
    parsed(pages.page("ontology"))


@pytest.mark.slow
def test_ten_thousand_terms_are_listed_and_told_briefly(own) -> None:
    pages = own(
        "\n".join(
            f':T{n} a owl:Class ; rdfs:label "term {n}"@en ; rdfs:subClassOf :T{(n * 7) % 10_000} .'
            for n in range(10_000)
        )
    )
    assert len(pages.nodes.terms.all) > 10_000 > LARGE
    page, overview = pages.page("ns") or "", pages.page("ontology") or ""
    assert page.count('<article class="term"') == 10_000
    assert 'id="T9999"' in page
    assert 'id="T9999"' in overview
    assert "too many terms here" in page


def test_a_folder_without_ontology_or_shapes_has_no_such_page(folder: Folder) -> None:
    out = folder.publish()
    for path in [*(out / "ontology").iterdir(), *(out / "shapes").iterdir()]:
        path.unlink()
    pages = Pages(Published(out))
    assert pages.page("ontology") is None
    assert pages.page("shapes") is None
    assert "Acme" in (pages.page("id/acme") or "")


def test_pages_are_the_same_whenever_they_are_made(public: Path, pages: Pages) -> None:
    again = Pages(Published(public))
    for path in ("shapes", "ontology", *reversed(pages.nodes.terms.paths)):
        assert pages.page(path) == again.page(path)
    assert SCHEMA.about in again.nodes.terms.places


# --- in a browser ------------------------------------------------------------------------------

LOOKED_AT = {
    "ontology": "ontology.html",
    "terms": "ontology/org.html#Membership",
    "shapes": "shapes.html",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOKED_AT)
def test_pages_can_be_used_by_all(site: str, browsing: Browsing, name: str) -> None:
    for dark in (False, True):
        page = browsing.page(site + LOOKED_AT[name], dark=dark)
        axe(page)
    phone = browsing.page(site + LOOKED_AT[name], width=PHONE, scripts=False)
    assert sideways(phone) == []
    shot(phone, f"{name}-phone")
    shot(page, f"{name}-dark")


@pytest.mark.slow
def test_a_long_page_of_terms_can_be_used_by_all(site: str, browsing: Browsing) -> None:
    axe(browsing.page(site + "ontology/kg.html#AwardConferral"))
    assert sideways(browsing.page(site + "ontology/kg.html", width=PHONE, scripts=False)) == []


@pytest.mark.slow
def test_the_picture_and_terms_are_reached_without_a_script(site: str, browsing: Browsing) -> None:
    page = browsing.page(site + "ontology.html#recipient", scripts=False)
    entry = page.locator("#recipient")
    assert entry.evaluate("e => e.matches(':target')")
    page.locator("svg a", has_text="award conferral").click()
    assert page.url.endswith("ontology/kg.html#AwardConferral")
    assert page.locator("#AwardConferral").is_visible()
    page.locator("#AwardConferral .examples a").first.click()
    assert "/id/" in page.url
