"""Dumps: read back by both libraries, equal among one another, and the same bytes every time.

    python tests/test_exporters.py DIRECTORY      write the dumps of the sample there

renews tests/golden/exporters, which shows what they look like.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import rdflib
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)
from pyoxigraph import Dataset as RdfDataset

import kg
from kg.dataset import Dataset
from kg.exporters import CHECKSUMS, EXPORTERS, dcat, jsonld, ntriples, turtle, write_exports
from kg.exporters.layout import Layout
from kg.exporters.ntriples import sorted_once
from kg.exporters.prefixes import Prefixes
from kg.folder import Description
from kg.iris import Iris
from kg.known import First, Names
from kg.model import (
    OWN,
    STRUCTURAL,
    Article,
    Claim,
    Derivation,
    Fact,
    Origin,
    Place,
    Span,
    Standing,
    Term,
    Triple,
)
from kg.shards import graphs
from kg.shards.telling import Made, Telling
from kg.shards.writing import full_pieces
from kg.summary import summary
from kg.vocab import (
    DCAT,
    DCTERMS,
    KG,
    OA,
    OWL,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SPDX,
    VOID,
    XSD,
    Vocabulary,
)

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden" / "exporters"
W3C = ROOT.parent / "shared" / "w3c" / "rdf11"
BASE = "https://example.org/awards/"
LICENCE = NamedNode("https://creativecommons.org/publicdomain/zero/1.0/")

Quads = set[tuple[str, str, str, str]]

# rdflib 7.6 warns of its own use of what it will remove.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:(Dataset\.\w+|ConjunctiveGraph) is deprecated:DeprecationWarning"
)


@pytest.fixture(autouse=True)
def _exact_literals(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Let rdflib keep lexical forms, and not tell of every one that Python cannot read."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    caplog.set_level("CRITICAL", "rdflib.term")


# --- what is written ---------------------------------------------------------------------------


def described(base: str = BASE, title: str = "Awards\r\n<x> a <y> .") -> Description:
    node = NamedNode(base)
    triples = (
        Triple(node, RDF.type, DCAT.Dataset),
        Triple(node, RDFS.label, Literal(title, language="en")),
        Triple(node, DCTERMS.title, Literal(title, language="en")),
        Triple(node, DCTERMS.license, LICENCE),
        Triple(node, DCTERMS.publisher, NamedNode(f"{base}publisher")),
        Triple(node, VOID.uriSpace, Literal(base)),
        Triple(NamedNode(f"{base}publisher"), RDFS.label, Literal("Someone")),
        Triple(LICENCE, RDFS.label, Literal("CC0")),
    )
    return Description(node, base, title, LICENCE.value, triples)


def vocabulary() -> Vocabulary:
    objects = (KG.fact, KG.origin, KG.conferredBy, PROV.wasDerivedFrom, OA.hasSelector)
    return Vocabulary(
        labels={
            RDF.type: Literal("type", language="en"),
            RDFS.label: Literal("label", language="en"),
            SCHEMA.Person: Literal("Person"),
        },
        types={
            **{term: {OWL.ObjectProperty} for term in (*objects, OA.hasSource, SPDX.checksum)},
            **{KG[name]: {KG.Modality} for name in ("Hedged", "Planned", "Opinion")},
            KG.Negated: {KG.Polarity},
        },
        notations={KG[n]: n.lower() for n in ("Hedged", "Planned", "Opinion", "Negated")},
    )


def fact(article: Article, slug: str, spans: tuple[Span, ...], standing: Standing = OWN) -> Fact:
    place = Place(f"seeds/{article.name}.facts.yaml")
    return Fact(f"{article.name}/{slug}.1", "person", slug, article, place, spans, standing)


def claim(
    of: Fact, triple: Triple, derivation: Derivation = STRUCTURAL, spans: tuple[Span, ...] = ()
) -> Claim:
    return Claim(triple, of, spans or of.spans, of.standing, derivation)


def dataset_of(
    claims: Iterable[Claim],
    links: Iterable[Claim] = (),
    description: Description | None = None,
    terms: Vocabulary | None = None,
) -> Dataset:
    claims, links = (
        sorted(found, key=lambda c: (*map(str, c.triple), c.hash)) for found in (claims, links)
    )
    articles = {c.fact.article.name: c.fact.article for c in (*claims, *links)}
    description = description or described()
    names = Names(Iris(description.base), things={"link": First("organisation", "", 1, 1)})
    return Dataset(
        folder=Path(),
        vocabulary=terms or vocabulary(),
        description=description,
        articles=articles,
        facts=[],
        claims=claims,
        links=links,
        names=names,
    )


def sample() -> Dataset:
    """Two articles that share a thing, a triple and a span; every standing; nasty literals."""
    words = '\ufeffAda won.\r\nBob says 李明 “may” win: "\\" 😀 \u202eabc\u202c.\n'
    first = Article("001-news", "seeds/001-news.txt", words.encode())
    second = Article("zwei.é", "seeds/zwei.é.txt", b"Ada won again. She is 7.")
    ada, bob = NamedNode(f"{BASE}id/ada"), NamedNode(f"{BASE}id/ada-2.0-李明")
    won, says = Span(first, 1, 9), Span(first, 11, len(words))
    again, seven = Span(second, 0, 14), Span(second, 15, 24)
    one, two = fact(first, "ada", (won,)), fact(second, "ada", (again,))
    said = fact(first, "bob", (says,), Standing("ada", "hedged", "negated"))
    verbatim = Derivation(Origin.VERBATIM)
    work = NamedNode(f"{BASE}article/001-news")
    text = Literal(words + "\"\"\"'''\t\x01\x7f\ufffe ]]>", language="en")
    date = Literal("2018-11-28", datatype=XSD.date)
    triples = (
        (one, Triple(work, RDF.type, SCHEMA.Article)),
        (one, Triple(work, RDFS.label, Literal("News"))),
        (one, Triple(work, SCHEMA.datePublished, date)),
        (one, Triple(work, SCHEMA.dateModified, Literal("2018", datatype=XSD.gYear))),
        (one, Triple(ada, SCHEMA.description, text)),
        (one, Triple(ada, RDF.type, SCHEMA.Person)),
        (one, Triple(ada, RDFS.label, Literal("Ada", language="en"))),
        (one, Triple(ada, RDFS.label, Literal("Ada", language="zh-Hans"))),
        (two, Triple(ada, RDFS.label, Literal("Ada", language="en"))),
        (two, Triple(ada, KG.rank, Literal("1", datatype=XSD.integer))),
        (two, Triple(ada, KG.rank, Literal("01", datatype=XSD.integer))),
        (two, Triple(ada, KG.rank, Literal("-0", datatype=XSD.integer))),
        (two, Triple(ada, KG.rank, Literal("1.50", datatype=XSD.decimal))),
        (two, Triple(ada, KG.first, Literal("true", datatype=XSD.boolean))),
        (two, Triple(ada, KG.first, Literal("1", datatype=XSD.boolean))),
        (two, Triple(ada, KG.conferredBy, Literal("a literal where things are expected"))),
        (two, Triple(ada, SCHEMA.sameAs, NamedNode("https://example.net/a_(b)?c=d&e#%C3%A9"))),
        (said, Triple(bob, RDF.type, SCHEMA.Person)),
        (said, Triple(bob, RDFS.label, Literal("Bob"))),
        (said, Triple(bob, KG.conferredBy, ada)),
    )
    claims = [claim(of, triple, verbatim) for of, triple in triples]
    rule = Derivation(Origin.INFERRED, "sum", ('a"b', "7"))
    age = Triple(ada, KG.age, Literal("7", datatype=XSD.integer))
    # Evidence from the other article: its span is described in the graph of this fact too.
    claims.append(claim(one, age, rule, (won, seven)))
    outside = Fact("001-news/link", "link", "link", first, Place("x"), ())
    elsewhere = NamedNode("https://www.wikidata.org/entity/Q7259")
    links = (
        Triple(NamedNode(f"{BASE}id/link"), RDF.type, KG.Link),
        Triple(NamedNode(f"{BASE}id/link"), KG.target, elsewhere),
        Triple(ada, SCHEMA.sameAs, elsewhere),
    )
    external = Derivation(Origin.EXTERNAL)
    return dataset_of(claims, [Claim(t, outside, (), OWN, external) for t in links])


# --- reading back ------------------------------------------------------------------------------

FORMATS = {
    ".ttl": (RdfFormat.TURTLE, "turtle"),
    ".jsonld": (RdfFormat.JSON_LD, "json-ld"),
    ".nq": (RdfFormat.N_QUADS, "nquads"),
    ".trig": (RdfFormat.TRIG, "trig"),
}


def by_pyoxigraph(data: bytes, suffix: str) -> Quads:
    quads = set()
    for quad in parse(data, FORMATS[suffix][0]):
        assert not any(isinstance(term, BlankNode) for term in quad)
        graph = "" if isinstance(quad.graph_name, DefaultGraph) else str(quad.graph_name)
        quads.add((str(quad.subject), str(quad.predicate), str(quad.object), graph))
    return quads


def by_rdflib(data: bytes, suffix: str) -> Quads:
    found = rdflib.Dataset() if suffix in (".nq", ".trig") else rdflib.Graph()
    found.parse(data=data, format=FORMATS[suffix][1])
    quads = found.quads() if isinstance(found, rdflib.Dataset) else ((*t, None) for t in found)
    return {
        (str(_term(subject)), str(_term(predicate)), str(_term(value)), f"<{name}>" if name else "")
        for subject, predicate, value, name in quads
    }


def _term(term: object) -> Term:
    """Return the pyoxigraph term of one of rdflib."""
    if isinstance(term, rdflib.URIRef):
        return NamedNode(str(term))
    assert isinstance(term, rdflib.Literal), term
    if term.language:
        return Literal(str(term), language=term.language)
    datatype = NamedNode(str(term.datatype)) if term.datatype is not None else None
    return Literal(str(term), datatype=datatype)


READERS = {"pyoxigraph": by_pyoxigraph, "rdflib": by_rdflib}


def merged(quads: Quads) -> Quads:
    return {(*quad[:3], "") for quad in quads}


def plain(triples: Iterable[Triple]) -> Quads:
    return {(*map(str, triple), "") for triple in triples}  # type: ignore[misc]


def canonical(data: bytes, suffix: str) -> list[str]:
    """Return the canonical N-Quads (RDFC-1.0)."""
    quads = RdfDataset(parse(data, FORMATS[suffix][0]))
    quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, quads))


# --- the tests ---------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["sample", "this repository"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return sample() if request.param == "sample" else kg.load(ROOT)


@pytest.fixture(scope="module")
def written(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exports") / "data"
    write_exports(dataset, directory)
    return directory


@pytest.mark.parametrize("reader", ["pyoxigraph", pytest.param("rdflib", marks=pytest.mark.slow)])
def test_all_formats_hold_the_same(written: Path, reader: str) -> None:
    read = READERS[reader]
    quads = read((written / "kg.nq").read_bytes(), ".nq")
    assert quads
    assert all(graph for *_, graph in quads), "the default graph is empty"
    assert read((written / "kg.trig").read_bytes(), ".trig") == quads
    assert read((written / "kg.ttl").read_bytes(), ".ttl") == merged(quads)
    assert read((written / "kg.jsonld").read_bytes(), ".jsonld") == merged(quads)
    description = read((written / "dcat.ttl").read_bytes(), ".ttl")
    assert description
    assert read((written / "dcat.jsonld").read_bytes(), ".jsonld") == description


def test_canonical_forms_agree(written: Path) -> None:
    lines = (written / "kg.nq").read_text("utf-8").splitlines()
    assert [f"{quad} ." for quad in canonical((written / "kg.nq").read_bytes(), ".nq")] == lines
    assert [f"{quad} ." for quad in canonical((written / "kg.trig").read_bytes(), ".trig")] == lines
    turtle_ = canonical((written / "kg.ttl").read_bytes(), ".ttl")
    assert turtle_ == canonical((written / "kg.jsonld").read_bytes(), ".jsonld")


def test_nquads_are_sorted_lines(written: Path) -> None:
    data = (written / "kg.nq").read_bytes()
    lines = data.splitlines(keepends=True)
    assert lines == sorted(set(lines))
    assert data == b"".join(f"{quad} .\n".encode() for quad in parse(data, RdfFormat.N_QUADS))


@pytest.mark.parametrize("reader", READERS)
def test_the_graph_is_what_is_asserted(dataset: Dataset, written: Path, reader: str) -> None:
    read = READERS[reader]
    graph = read((written / "graph.ttl").read_bytes(), ".ttl")
    assert graph == plain(claim.triple for claim in dataset.claims if claim.asserted)
    assert graph <= read((written / "kg.ttl").read_bytes(), ".ttl")


def test_every_claim_is_there(dataset: Dataset, written: Path) -> None:
    quads = by_pyoxigraph((written / "kg.nq").read_bytes(), ".nq")
    told = {(subject, graph) for subject, _, _, graph in quads}
    iris = dataset.iris
    for claim in dataset.claims:
        node, graph = str(iris.claim(claim)), str(iris.article(claim.fact.article))
        terms = zip((RDF.subject, RDF.predicate, RDF.object), claim.triple, strict=True)
        for predicate, value in terms:
            assert (node, str(predicate), str(value), graph) in quads
        assert ((*map(str, claim.triple), graph) in quads) or not claim.asserted
        for span in claim.spans:
            source = str(iris.file(span.article))
            assert (node, str(PROV.wasDerivedFrom), str(iris.span(span)), graph) in quads
            assert (str(iris.span(span)), str(OA.hasSource), source, graph) in quads
            assert (source, graph) in told
    claims = {subject for subject, _, value, _ in quads if value == str(KG.Claim)}
    assert claims == {str(iris.claim(claim)) for claim in dataset.claims}


def test_links_stay_apart(dataset: Dataset, written: Path) -> None:
    found = by_pyoxigraph((written / "links.ttl").read_bytes(), ".ttl")
    assert plain(claim.triple for claim in dataset.links) <= found
    claims = {subject for subject, _, value, _ in found if value == str(KG.Claim)}
    assert len(claims) == len(dataset.links)
    assert all((claim, str(KG.origin), str(KG.External), "") in found for claim in claims)
    assert not claims & {q[0] for q in by_pyoxigraph((written / "kg.ttl").read_bytes(), ".ttl")}


def test_no_links_leave_a_header(tmp_path: Path) -> None:
    text = b"".join(turtle.links(dataset_of([]))).decode()
    assert all(line.startswith("# ") for line in text.splitlines())
    assert b"".join(ntriples.nquads(dataset_of([]))) == b""
    assert by_rdflib(b"".join(jsonld.full(dataset_of([]))), ".jsonld") == set()


def test_the_title_cannot_leave_its_comment() -> None:
    for line_end in ("\n", "\r", "\x85", "\u2028", "\x0b", "\x1e", "\u202e"):
        bad = dataset_of([], description=described(title=f"a{line_end}<x:a> <x:b> <x:c> ."))
        data = b"".join(turtle.links(bad))
        assert line_end.encode() not in data.splitlines(keepends=False)[0]
        assert by_rdflib(data, ".ttl") == by_pyoxigraph(data, ".ttl") == set()


def test_no_prefix_is_declared_in_vain(written: Path) -> None:
    for name in ("kg.ttl", "graph.ttl", "kg.trig", "dcat.ttl"):
        text = (written / name).read_text("utf-8")
        names = re.findall("(?m)^@prefix ([^:]*):", text)
        assert names == sorted(set(names))
        for prefix in names:
            assert re.search(rf"(?m)^(?!#|@).*(?<![\w<]){prefix}:\w", text), (name, prefix)


def test_turtle_nests_nothing_and_tells_evidence_at_once(written: Path) -> None:
    """A span stands right behind the first claim that leads to it."""
    text = (written / "kg.ttl").read_text("utf-8")
    blocks = text.split("\n\n")[2:]
    subjects = [block.split(" ", 1)[0] for block in blocks]
    assert len(subjects) == len(set(subjects))
    for number, subject in enumerate(subjects):
        if "#char=" in subject and "selector" not in subject:
            first = next(i for i, block in enumerate(blocks) if f"{subject}" in block)
            assert first < number
            assert not [s for s in subjects[first + 1 : number] if not s.startswith("<file/")]


def test_jsonld_nests_claims_and_spans(written: Path) -> None:
    document = json.loads((written / "kg.jsonld").read_bytes())
    assert document["@context"] == json.loads((written / "context.jsonld").read_bytes())["@context"]
    seen: set[str] = set()
    for node in document["@graph"]:
        assert list(node)[:1] == ["@id"]
        for claim in node.get("claims", ()):
            assert "rdf:subject" not in claim
            spans = claim["prov:wasDerivedFrom"]
            for span in spans if isinstance(spans, list) else [spans]:
                name = span["@id"] if isinstance(span, dict) else span
                assert isinstance(span, dict) == (name not in seen)
                seen.add(name)
    assert seen
    assert not [key for key in document if key not in ("@context", "@graph")]


def test_prefixes_that_are_schemes_are_left_out() -> None:
    article = Article("a", "seeds/a.txt", b"x")
    of = fact(article, "x", (Span(article, 0, 1),))
    terms = vocabulary()
    terms.prefixes |= {"doi": "https://doi.org/", "urn": "https://urn.example/", "": "http://e/"}
    iris = [NamedNode("doi:10.1000/182"), NamedNode("kg:claims"), NamedNode("https://doi.org/1")]
    value = Literal("x", datatype=NamedNode("prov:1"))
    triples = [Triple(iri, iri, iri) for iri in iris]
    triples += [Triple(iri, RDF.type, iri) for iri in iris]
    triples.append(Triple(iris[0], RDF.type, value))
    check(dataset_of([claim(of, triple) for triple in triples], terms=terms))


@pytest.mark.parametrize(
    "base",
    [
        "https://example.org/",
        "https://example.org/a/../b/",
        "https://example.org/a?b=/",
        "https://example.org//a//",
        "http://[::1]:80/é/",
        "urn:example:a/",
        "kg:/",
        "https://w3id.org/kgpress/",
    ],
)
def test_any_base(base: str) -> None:
    """Relative references are written only where both libraries put them together again."""
    article = Article("..", "seeds/...txt", b"xyz")
    of = fact(article, "..", (Span(article, 0, 1),))
    triples = [
        Triple(NamedNode(base + rest), KG.to, NamedNode(base + rest))
        for rest in (
            "",
            "id/x",
            "id/",
            "id//",
            "id///x",
            "id/x/../y",
            "fact/..",
            "fact/../x",
            "fact/./x",
            "fact/...",
            "fact/x:y",
            "a:b",
            "a:b/c",
            "file/x#",
            "file/x#char=0,1&a=b",
            "id/x.",
            "file/x/#a",
            "claim/a-",
            "claim/-a",
            "claim/a.b",
            "claim/a..b",
            "claim/.a",
            "id/·",
            "file/..#a",
            "file/x?y",
            "?x",
            "#x",
            "/",
            "//",
            "file//x",
            "fact/x/",
            "id/~",
            "id/%20",
        )
        if _is_iri(base + rest)
    ]
    check(dataset_of([claim(of, triple) for triple in triples], description=described(base)))


def test_local_names() -> None:
    prefixes = Prefixes({"b": "http://e/#", "a": "http://e/#", "-": "http://f/", "kg": KG.IRI})
    assert prefixes.split("http://e/#x.y-1") == ("a", "x.y-1")
    assert prefixes.split(KG.Claim.value) == ("kg", "Claim")
    for bad in ("", "x.", ".x", "-x", "a/b", "a%20", "a\u2000", "a~", "×", "a;b"):
        assert prefixes.split(f"http://e/#{bad}") is None
    assert prefixes.split("http://f/x") is None


def test_sorted_once_merges_runs() -> None:
    lines = [b"%d\n" % (number * 7919 % 100) for number in range(1000)]
    assert list(sorted_once(iter(lines), run=64)) == sorted(set(lines))
    assert list(sorted_once(iter([]))) == []


# --- the description ---------------------------------------------------------------------------


def test_the_description_counts(dataset: Dataset, written: Path) -> None:
    quads = by_pyoxigraph((written / "dcat.ttl").read_bytes(), ".ttl")
    assert dataset.description is not None
    assert plain(dataset.description.triples) <= quads
    node = str(dataset.description.iri)
    found = {predicate: value for subject, predicate, value, _ in quads if subject == node}
    graph = by_pyoxigraph((written / "graph.ttl").read_bytes(), ".ttl")

    def number(count: int) -> str:
        return str(Literal(str(count), datatype=XSD.integer))

    assert found[str(VOID.triples)] == number(len(graph))
    assert found[str(VOID.distinctSubjects)] == number(len({quad[0] for quad in graph}))
    assert found[str(VOID.properties)] == number(len({quad[1] for quad in graph}))
    assert found[str(KG.claimCount)] == number(len(dataset.claims))
    origins = [c.derivation.origin for c in dataset.claims]
    for origin in (Origin.VERBATIM, Origin.NORMALISED, Origin.INFERRED, Origin.STRUCTURAL):
        assert found[str(KG[f"{origin}ClaimCount"])] == number(origins.count(origin))
    parts = {q[2] for q in quads if q[1] == str(VOID.propertyPartition)}
    sizes = [q[2] for q in quads if q[0] in parts and q[1] == str(VOID.triples)]
    assert sum(int(size.split('"')[1]) for size in sizes) == len(graph)
    parts = {q[2] for q in quads if q[1] == str(VOID.classPartition)}
    classes = {q[2] for q in graph if q[1] == str(RDF.type)}
    assert {q[2] for q in quads if q[0] in parts and q[1] == str(VOID["class"])} == classes


def test_everything_described_has_a_label(dataset: Dataset, written: Path) -> None:
    quads = by_pyoxigraph((written / "dcat.ttl").read_bytes(), ".ttl")
    labelled = {quad[0] for quad in quads if quad[1] == str(RDFS.label)}
    assert {quad[0] for quad in quads} <= labelled
    own = f"<{dataset.iris.base}"
    assert {quad[2] for quad in quads if quad[2].startswith(own)} <= labelled
    quads = by_pyoxigraph((written / "kg.ttl").read_bytes(), ".ttl")
    labelled = {quad[0] for quad in quads if quad[1] == str(RDFS.label)}
    evidence = ("claim/", "fact/", "file/")
    minted = {
        t for q in quads for t in (q[0], q[2]) if t.startswith(tuple(own + e for e in evidence))
    }
    assert minted <= labelled


def test_distributions_are_the_files(dataset: Dataset, written: Path) -> None:
    quads = by_pyoxigraph((written / "dcat.ttl").read_bytes(), ".ttl")
    dumps = {value for _, predicate, value, _ in quads if predicate == str(DCAT.distribution)}
    names = [name for name, export in EXPORTERS.items() if export.format]
    assert dumps == {f"<{dataset.iris.base}data/{name}>" for name in names}
    for name in names:
        dump = f"<{dataset.iris.base}data/{name}>"
        size = Literal(str((written / name).stat().st_size), datatype=XSD.nonNegativeInteger)
        assert (dump, str(DCAT.byteSize), str(size), "") in quads
        media_type = NamedNode(dcat.MEDIA_TYPES + EXPORTERS[name].media_type)
        assert (dump, str(DCAT.mediaType), str(media_type), "") in quads


def test_the_date_is_that_of_the_newest_article(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    node = described().iri
    date = Literal("2018-11-28", datatype=XSD.date)
    found = dcat.triples(sample(), summary(sample()), [])
    assert Triple(node, DCTERMS.modified, date) in found
    assert Triple(node, SCHEMA.dateModified, date) in found
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    moment = Literal("2023-11-14T22:13:20Z", datatype=XSD.dateTime)
    assert Triple(node, DCTERMS.issued, moment) in dcat.triples(sample(), summary(sample()), [])
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    undated = dataset_of(c for c in sample().claims if c.triple.object != date)
    undated.claims = [c for c in undated.claims if c.triple.predicate != SCHEMA.dateModified]
    assert not any(
        t.predicate in (DCTERMS.issued, DCTERMS.modified)
        for t in dcat.triples(undated, summary(undated), [])
    )


# --- bytes -------------------------------------------------------------------------------------


def test_checksums(written: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("there is no sha256sum")
    subprocess.run([program, "--strict", "--quiet", "-c", CHECKSUMS], cwd=written, check=True)
    listed = [line[66:] for line in (written / CHECKSUMS).read_text("ascii").splitlines()]
    assert listed == sorted({path.name for path in written.iterdir()} - {CHECKSUMS})
    assert set(EXPORTERS) < set(listed)


def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    surroundings = [
        {"PYTHONHASHSEED": str(seed), "TZ": zone, "LC_ALL": locale}
        for seed, zone, locale in (
            (0, "UTC", "C.UTF-8"),
            (1, "Asia/Shanghai", "C.UTF-8"),
            (2, "Asia/Shanghai", "C"),
            (3, "UTC", "C"),
            (4, "UTC", "C"),
        )
    ]
    sums = set()
    for number, environment in enumerate(surroundings):
        out = tmp_path / str(number)
        home = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {**home, **environment, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0"}
        subprocess.run([sys.executable, __file__, out], env=environment, check=True, cwd=ROOT)
        sums.add((out / CHECKSUMS).read_bytes())
    assert len(sums) == 1


@pytest.mark.parametrize(
    "name", [*("kg.ttl", "kg.jsonld", "kg.trig"), *("links.ttl", "dcat.ttl", "coverage.json")]
)
def test_golden(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the files look like; renew them as the docstring of this module says."""
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    write_exports(sample(), tmp_path)
    assert (tmp_path / name).read_bytes() == (GOLDEN / name).read_bytes()


# --- anything ----------------------------------------------------------------------------------


def check_templates(dataset: Dataset) -> None:
    """Check that what is written by templates is what is written in the plain way."""
    made = Made()
    full, nested, trig = (b"".join(way(dataset)) for way in (turtle.full, jsonld.full, turtle.trig))
    for _ in range(2):  # the first node of a shape is written in the plain way
        telling = Telling(dataset, made)
        for _, (node, blocks), object_ in full_pieces(telling, dataset, set()):
            assert node + blocks in full
            assert object_ in nested
        lines = list[bytes]()
        for graph, nodes in graphs.graphs(dataset, telling):
            lines += (text for _, text in graphs.quads(graph, nodes))
            assert graphs.trig(telling.name(graph), nodes).encode() in trig
        assert graphs.one_text([b"", *lines]) == b"".join(ntriples.nquads(dataset))


def check(dataset: Dataset) -> None:
    """Check that everything comes back from every format by both libraries."""
    check_templates(dataset)
    layout = Layout(dataset)
    quads = {
        (*map(str, triple), str(graph))
        for graph, nodes in layout.graphs()
        for node in nodes
        for triple in node.triples()
    }
    triples = {(*quad[:3], "") for quad in quads}
    description = dcat.triples(dataset, summary(dataset), [])
    nodes = list(layout.described(description))
    asserted = plain(claim.triple for claim in dataset.claims if claim.asserted)
    assert asserted <= triples
    for suffix, chunks, expected in (
        (".ttl", turtle.full(dataset), triples),
        (".ttl", turtle.graph(dataset), asserted),
        (".jsonld", jsonld.full(dataset), triples),
        (".trig", turtle.trig(dataset), quads),
        (".nq", ntriples.nquads(dataset), quads),
        (".ttl", turtle.document(dataset, "", "", nodes), plain(description)),
        (".jsonld", jsonld.document(dataset, nodes, description), plain(description)),
    ):
        data = b"".join(chunks)
        for name, read in READERS.items():
            assert read(data, suffix) == expected, (name, suffix)


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
# No IRI with a space of another script: rdflib's N-Quads parser refuses them, and kg.iris too.
IRIS = st.one_of(
    st.sampled_from([RDF.type, RDF.subject, RDFS.label, KG.fact, KG.line, OWL.sameAs, XSD.date]),
    st.builds(
        str.__add__,
        st.sampled_from(
            [
                *(BASE, f"{BASE}id/", f"{BASE}file/a/", f"{BASE}claim/", KG.IRI, SCHEMA.IRI),
                *("http://e/", "http://e/?", "http://e/#", "urn:x:", "mailto:a", "doi:10/", "kg:"),
                *("claims:", "id:", "a://b/", "http:", "source:", "x-y.z+1:"),
            ]
        ),
        st.one_of(st.text("aé李0-._~%2F/:?#'()*,;=@!$&", max_size=8), TEXTS),
    )
    .filter(lambda text: _is_iri(text) and not re.search(r"\s", text))
    .map(NamedNode),
)
LANGUAGES = st.sampled_from(
    ["en", "EN-us", "zh-Hans-CN", "x-a", "de-1996", "sl-rozaj-biske", "qaa"]
)
DATATYPES = st.one_of(
    st.sampled_from([XSD.integer, XSD.boolean, XSD.string, XSD.decimal, XSD.double, XSD.date]),
    st.sampled_from([RDF.HTML, RDF.XMLLiteral, RDF.JSON, XSD.hexBinary, XSD.dateTime, XSD.anyURI]),
    IRIS.filter(lambda iri: iri not in (RDF.langString, RDF.dirLangString)),
)
LITERALS = st.one_of(
    st.builds(Literal, TEXTS),
    st.builds(lambda text, tag: Literal(text, language=tag), TEXTS, LANGUAGES),
    st.builds(
        lambda text, datatype: Literal(text, datatype=datatype),
        st.one_of(TEXTS, st.sampled_from(["1", "01", "-0", "+1", "true", "1.0", "1e0", "NaN", ""])),
        DATATYPES,
    ),
)
TRIPLES = st.builds(Triple, IRIS, IRIS, st.one_of(IRIS, LITERALS))
STANDINGS = st.sampled_from([OWN, Standing(polarity="negated")])


@pytest.mark.slow
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.lists(st.tuples(TRIPLES, st.sampled_from([OWN, Standing(polarity="negated")])), max_size=6),
    TEXTS,
)
@example([], "")
@example(  # a class here, a property there
    [
        (Triple(RDF.subject, RDF.type, KG.fact), OWN),
        (Triple(RDF.type, KG.fact, RDF.subject), OWN),
    ],
    "",
)
def test_anything_comes_back(drawn: list[tuple[Triple, Standing]], words: str) -> None:
    articles = [Article(name, f"seeds/{name}.txt", f"{words}x".encode()) for name in "ab"]
    claims = []
    for number, (triple, standing) in enumerate(drawn):
        article = articles[number % 2]
        of = fact(article, f"s{number}", (Span(article, 0, len(article.text)),), standing)
        claims.append(claim(of, triple, Derivation(Origin.NORMALISED, "a", (words,))))
    check(dataset_of(claims))


W3C_FORMATS = {
    "rdf-n-triples": RdfFormat.N_TRIPLES,
    "rdf-n-quads": RdfFormat.N_QUADS,
    "rdf-turtle": RdfFormat.TURTLE,
    "rdf-trig": RdfFormat.TRIG,
}


def w3c_cases(suite: str) -> Iterator[tuple[str, list[Quad]]]:
    """Yield every positive case of a suite, with its name."""
    test, action = "http://www.w3.org/ns/rdftest#Test", "test-manifest#action"
    manifest = (W3C / suite / "manifest.ttl").read_bytes()
    triples = list(parse(manifest, RdfFormat.TURTLE, base_iri="http://w3c/"))
    positive = {
        t.subject
        for t in triples
        if t.predicate == RDF.type and re.match(f"{test}.*(Positive|Eval)", t.object.value)
    }
    for t in triples:
        if t.subject in positive and t.predicate.value.endswith(action):
            name = t.object.value.removeprefix("http://w3c/")
            base = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{suite}/{name}"
            data = (W3C / suite / name).read_bytes()
            yield name, list(parse(data, W3C_FORMATS[suite], base_iri=base))


@pytest.mark.skipif(not W3C.is_dir(), reason="the W3C test suites are not beside this repository")
@pytest.mark.parametrize(
    ("suite", "cases"),
    [
        ("rdf-n-triples", 35),
        ("rdf-n-quads", 39),
        pytest.param("rdf-turtle", 175, marks=pytest.mark.slow),
        pytest.param("rdf-trig", 188, marks=pytest.mark.slow),
    ],
)
def test_w3c_cases_come_back(suite: str, cases: int) -> None:
    """Every positive case without blank nodes: each of its graphs becomes that of an article."""
    claims, done = list[Claim](), 0
    for name, quads in w3c_cases(suite):
        if not all(isinstance(t, NamedNode | Literal | DefaultGraph) for q in quads for t in q):
            continue
        articles: dict[str, Article] = {}
        for number, quad in enumerate(quads):
            coined = f"{name}-{len(articles)}"
            graph = articles.setdefault(str(quad.graph_name), Article(coined, coined, b"x"))
            of = fact(graph, f"s{number}", (Span(graph, 0, 1),))
            claims.append(claim(of, Triple(quad.subject, quad.predicate, quad.object)))
        done += 1
    check(dataset_of(claims))
    assert done == cases


if __name__ == "__main__":
    write_exports(sample(), Path(sys.argv[1]))
