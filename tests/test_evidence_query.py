"""The sentences behind the rows of an answer, on the five articles: by hand and by brute force."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from rdflib import XSD
from rdflib.paths import Path as PropertyPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import BNode, Identifier, Literal, Variable
from sample import REPOSITORY, kg

import kg as package
from kg.asking.published import Published
from kg.asking.sentences import Sentence, seeker
from kg.asking.sparql import Form, form
from kg.dataset import Dataset
from kg.model import Problem, Triple

XML = "{http://www.w3.org/2005/sparql-results#}"


@pytest.fixture(scope="module")
def out(public: Path) -> Path:
    return public


@pytest.fixture(scope="module")
def published(out: Path) -> Published:
    return Published(out)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return package.load(REPOSITORY)


Row = tuple[ox.NamedNode | ox.Literal | None, ...]


def asked(
    published: Published, text: str, tell: Callable[[Problem], None] | None = None
) -> list[tuple[Row, list[Sentence]]]:
    """Ask; return each row with its sentences. Nothing is left out, unless someone is told."""
    left_out: list[Problem] = []
    answer = published.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    rows = [tuple(row) for row in answer]
    found = seeker(published, text, tell or left_out.append)(names, rows)
    assert left_out == []
    return list(zip(rows, found, strict=True))


def shown(published: Published, row: Row) -> str:
    iri = published.base + "id/"
    return " ".join("-" if term is None else term.value.removeprefix(iri) for term in row)


# Each row, and how its sentences begin, with the number of the article and the line there.
BY_HAND = {
    "a triple": (
        "SELECT ?year { :china-quality-technology-award kg:established ?year }",
        {
            "2005": [
                'Il "China Quality Technology Award" was established in the 2005 000:16',
                "The ‘China Association for Quality‘s China Quality Technology Award’ was 001:10",
            ]
        },
    ),
    "labels are found on the way, and say nothing of the row": (
        """SELECT ?name {
          ?c kg:award/rdfs:label "National Quality Benchmark"@en ; kg:recipient/rdfs:label ?name
        }""",
        {
            "Xiaomi": [
                "By the way, at the end of October, Xiaomi was awarded the ‘2018 National 001:18",
                "This award was given to Xiaomi for leading the development of industry 001:18",
            ]
        },
    ),
    "what is optional, met and not met; a date has the sentence of its year": (
        """SELECT ?who ?when {
          ?c kg:recipient ?who OPTIONAL { ?c kg:date ?when }
          FILTER (?who IN (:yan-kesheng, :china-academy-of-launch-vehicle-technology))
        } ORDER BY ?who""",
        {
            "china-academy-of-launch-vehicle-technology 2018-11-28": [
                "On November 28, Xiaomi Group won the first prize 001:8",
                "Xiaomi Won China Quality Technology Award 2018 001:4",
            ],
            "yan-kesheng -": ['A special mention for the "China Quality Technology Award" 000:20'],
        },
    ),
    "a union": (
        """SELECT ?x { { ?x schema:manufacturer :xiaomi FILTER (?x = :surge-s1) }
                       UNION { ?x org:subOrganizationOf :communist-party-of-china } }""",
        {
            "surge-s1": ["In February of this year, Xiaomi released its surging S1 chip 003:9"],
            "communist-party-of-china-central-committee": [
                "the Communist Party of China Central Committee 004:25"
            ],
        },
    ),
    "groups": (
        """SELECT ?maker (COUNT(*) AS ?n) { ?product schema:manufacturer ?maker }
        GROUP BY ?maker HAVING (COUNT(*) > 1)""",
        {
            "xiaomi 2": [
                "In February of this year, Xiaomi released its surging S1 chip 003:9",
                "Since the beginning of this year, sales of Xiaomi mobile phones have been 003:11",
            ]
        },
    ),
    "a nested SELECT": (
        """SELECT ?year {
          { SELECT DISTINCT ?award { ?c kg:award ?award ; kg:grade "special mention"@en }
            ORDER BY ?award LIMIT 1 }
          ?award kg:established ?year
        }""",
        {
            "2005": [
                'A special mention for the "China Quality Technology Award" she went 000:20',
                'Il "China Quality Technology Award" was established in the 2005 000:16',
                "The ‘China Association for Quality‘s China Quality Technology Award’ was 001:10",
            ]
        },
    ),
    "a filter that asks for more": (
        """SELECT ?x { ?x schema:superEvent :china-quality-conference
          FILTER EXISTS { ?x schema:location :beijing } }""",
        {
            "china-quality-conference-2014": [
                "the China Quality Conference 004:7",
                "First held in Beijing three years ago 004:11",
            ]
        },
    ),
    "values": (
        """SELECT ?p ?role { VALUES ?p { :guo-chongqing :wang-xiaodong }
          ?m org:member ?p ; schema:roleName ?role }""",
        {
            "guo-chongqing professor of mechanical engineering": [
                "Guo Chongqing, a professor of mechanical engineering at Tongji 004:21"
            ]
        },
    ),
    "the graph of an article has its own sentences": (
        """SELECT ?g ?year { GRAPH ?g { :china-quality-technology-award kg:established ?year } }
        ORDER BY ?g LIMIT 1""",
        {
            "https://w3id.org/kgpress/quality-awards/article/000_0c1333da959e0b5b 2005": [
                'Il "China Quality Technology Award" was established in the 2005 000:16'
            ]
        },
    ),
    "a name and a type, where nothing else is asked": (
        "SELECT ?name { :yan-kesheng a schema:Person ; rdfs:label ?name }",
        {"Yan Kesheng": ['A special mention for the "China Quality Technology Award" 000:20']},
    ),
    "a claim that is recorded and not asserted": (
        """SELECT ?o { ?c rdf:subject :xiaomi-china-quality-technology-award-2018 ;
          rdf:predicate kg:project ; rdf:object ?o ; kg:asserted false }""",
        {
            "high-quality-internet-agile-development-technology": [
                "It is understood that Xiaomi award-winning project was the ‘high-quality 001:12"
            ]
        },
    ),
    "what the ontology says has no sentence": (
        "SELECT ?label { kg:recipient rdfs:label ?label }",
        {"recipient": []},
    ),
    "a hop repeated": (
        "SELECT ?x { :xiaomi-planning-team org:subOrganizationOf+ ?x }",
        {"xiaomi": ["For this reason, Xiaomi has set up a hundred person planning team 003:10"]},
    ),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_sentences_by_hand(published: Published, name: str) -> None:
    text, expected = BY_HAND[name]
    found = {shown(published, row): sentences for row, sentences in asked(published, text)}
    assert found.keys() == expected.keys()
    for row, beginnings in expected.items():
        assert len(found[row]) == len(beginnings), found[row]
        for sentence, beginning in zip(found[row], beginnings, strict=True):
            words, _, place = beginning.rpartition(" ")
            article, line = place.split(":")
            assert sentence.quote.startswith(words)
            assert sentence.path.startswith(f"seeds/{article}_")
            assert sentence.line == int(line)


def test_a_row_about_a_span_has_that_span_and_no_other(published: Published) -> None:
    query = (REPOSITORY / "queries/evidence.rq").read_text("utf-8")
    rows = asked(published, query)
    assert len(rows) == 4
    for (_, start, end, quote), sentences in rows:
        (sentence,) = sentences
        assert (sentence.quote, sentence.start, sentence.end) == (
            quote.value,
            int(start.value),
            int(end.value),
        )


def test_a_row_about_a_fact_has_its_sentences(published: Published, dataset: Dataset) -> None:
    rows = asked(published, "SELECT ?fact { ?fact a kg:Fact }")
    spans: dict[str, set[str]] = {}
    for claim in dataset.claims:
        spans.setdefault(claim.fact.id, set()).update(span.quote for span in claim.spans)
    assert len(rows) == len(dataset.facts)
    for (fact,), sentences in rows:
        assert fact is not None
        assert {s.quote for s in sentences} == spans[fact.value.partition("/fact/")[2]]


SAVED = {path.stem: path.read_text("utf-8") for path in (REPOSITORY / "queries").glob("*.rq")}


@pytest.mark.parametrize("name", sorted(n for n, t in SAVED.items() if form(t) is Form.SELECT))
def test_every_row_of_the_saved_queries_has_sentences(published: Published, name: str) -> None:
    about_files = name == "article-files"  # their sizes and checksums are said by no article
    for row, sentences in asked(published, SAVED[name]):
        assert bool(sentences) is not about_files, row


# By brute force: rdflib says what the patterns are, and the claims are those that were mapped


def patterns(node: object) -> Iterator[tuple[object, object, object]]:
    """Every triple pattern in an algebra; of a property path its single hops, with any ends."""
    if isinstance(node, CompValue):
        for triple in dict.get(node, "triples", ()):
            if isinstance(triple[1], PropertyPath):
                yield from ((None, iri, None) for iri in hops(triple[1]))
            else:
                yield triple
        for value in node.values():
            yield from patterns(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from patterns(value)


def hops(path: object) -> Iterator[Identifier]:
    if isinstance(path, Identifier):
        yield path
    else:
        inner = getattr(path, "args", None) or [path.path if hasattr(path, "path") else path.arg]
        for part in inner:
            yield from hops(part)


def instance(triple: object, pattern: tuple, row: dict[str, object]) -> bool:
    """Whether a triple is one of a pattern, its variables bound as in a row, or free."""
    held: dict[Identifier, str] = {}
    for term, part in zip(triple, pattern, strict=True):
        if part is None:
            continue
        if isinstance(part, Variable | BNode):
            bound = row.get(str(part))
            wanted = str(bound) if bound is not None else held.setdefault(part, str(term))
        else:
            wanted = canonical(part)
        if str(term) != wanted:
            return False
    return True


def canonical(part: Identifier) -> str:
    """A term as claims write it: rdflib's own way with line ends is another."""
    if not isinstance(part, Literal):
        return part.n3()
    if part.language:
        return str(ox.Literal(str(part), language=part.language))
    return str(ox.Literal(str(part), datatype=ox.NamedNode(str(part.datatype or XSD.string))))


@st.composite
def queries(draw: st.DrawFn, triples: list[Triple]) -> tuple[str, list[str]]:
    """A small query that some triples match, and the variables that it selects."""
    first = draw(st.sampled_from(triples))
    near = [t for t in triples if {t.subject, t.object} & {first.subject, first.object}]
    more = [first, *draw(st.lists(st.sampled_from(near), max_size=2))]
    names = dict.fromkeys((term for t in more for term in (t.subject, t.object)), "")
    for number, term in enumerate(names):
        names[term] = f"?v{number}" if number == 0 or draw(st.booleans()) else str(term)
    lines = []
    for triple in more:
        predicate = str(triple.predicate)
        subject, object_ = names[triple.subject], names[triple.object]
        line = draw(
            st.sampled_from(
                [
                    f"{subject} {predicate} {object_} .",
                    f"{subject} {predicate} {object_} .",
                    f"{subject} ({predicate}|<x:none>) {object_} .",
                    f"{object_} ^{predicate} {subject} ."
                    if object_[0] in "<?"
                    else f"{subject} {predicate} {object_} .",
                    f"OPTIONAL {{ {subject} {predicate} {object_} }}",
                    f"{{ {subject} {predicate} {object_} }} UNION {{ ?o {predicate} {object_} }}",
                    f"{{ SELECT ?v0 {{ ?v0 {first.predicate} ?thing }} }}",
                    f"FILTER EXISTS {{ {subject} {predicate} {object_} }}",
                ]
            )
        )
        lines.append(line)
    group = " ".join((f"{names[first.subject]} {first.predicate} {names[first.object]} .", *lines))
    selected = [name for name in names.values() if name[0] == "?"]
    kept = draw(st.lists(st.sampled_from(selected), min_size=1, unique=True))
    end = draw(st.sampled_from(["", "ORDER BY {0} LIMIT 3", "ORDER BY DESC({0}) LIMIT 2 OFFSET 1"]))
    distinct = draw(st.sampled_from(["", "DISTINCT "]))
    return f"SELECT {distinct}{' '.join(kept)} {{ {group} }} {end.format(kept[0])}", kept


@pytest.fixture(scope="module")
def triples(published: Published, dataset: Dataset) -> list[Triple]:
    """The asserted triples whose predicate is none of the evidence's: claims have modalities too,
    and a row about a claim has the sentences of that claim."""
    things = {triple.subject for triple in dataset.asserted}
    ours = {quad.predicate for quad in published.store if quad.subject not in things}
    return [triple for triple in dataset.asserted if triple.predicate not in ours]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_sentence_is_of_a_claim_whose_triple_a_pattern_matches(
    published: Published, dataset: Dataset, triples: list[Triple], data: st.DataObject
) -> None:
    text, names = data.draw(queries(triples))
    left_out: list[Problem] = []
    rows = asked(published, text, left_out.append)
    assume(rows)
    wanted = list(patterns(prepareQuery(text).algebra))
    claims: dict[tuple[str, int, int], list] = {}
    for claim in dataset.claims:
        for span in claim.spans:
            claims.setdefault((span.article.path, span.start, span.end), []).append(claim)
    for row, sentences in rows:
        assert sentences or left_out, (text, row)
        bound = dict(zip((name[1:] for name in names), row, strict=True))
        for sentence in sentences:
            behind = claims[sentence.path, sentence.start, sentence.end]
            assert any(
                claim.asserted and instance(claim.triple, pattern, bound)
                for claim in behind
                for pattern in wanted
            ), (text, row, sentence)


# How it is written


AWARDS = "SELECT ?who { ?c kg:recipient ?who ; kg:grade ?g } ORDER BY DESC(?who) LIMIT 2"


def test_a_table_has_the_sentences_under_each_row(out: Path) -> None:
    ran = kg("query", AWARDS, "--data", out, "--evidence")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:4] == [
        "who",
        "────────────",
        ":yan-kesheng",
        '    “A special mention for the "China Quality Technology Award" she went to Yan Kesheng” '
        "seeds/000_0c1333da959e0b5b.txt:20",
    ]
    assert lines[4] == ":xiaomi"
    assert lines[-1] == "(2 rows)"
    plain = kg("query", AWARDS, "--data", out).out.splitlines()
    assert plain == [line for line in lines if not line.startswith("    ")]


def test_a_table_does_not_drown_its_reader(out: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s a kg:Statement }"
    ran = kg("query", query, "--data", out, "--evidence")
    lines = ran.out.splitlines()
    assert len([line for line in lines if line.startswith("    “")]) == 10
    assert lines[-2].startswith("    … and ")
    rows = json.loads(kg("query", query, "--data", out, "--evidence", "--format", "json").out)
    cell = rows["results"]["bindings"][0]["evidence"]["value"]
    assert f"    … and {len(json.loads(cell)) - 10} more (" in lines[-2]


def test_machines_get_a_column(out: Path) -> None:
    def run(format_: str) -> str:
        ran = kg("query", AWARDS, "--data", out, "--evidence", "--format", format_)
        assert (ran.code, ran.err) == (0, "")
        return ran.out

    document = json.loads(run("json"))
    assert document["head"]["vars"] == ["who", "evidence"]
    first = document["results"]["bindings"][0]["evidence"]
    assert first["type"] == "literal"
    assert first["datatype"] == "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
    (sentence,) = json.loads(first["value"])
    assert list(sentence) == ["path", "start", "end", "line", "quote", "span"]
    article = (REPOSITORY / sentence["path"]).read_bytes().decode()
    assert article[sentence["start"] : sentence["end"]] == sentence["quote"]
    assert sentence["span"].endswith(f"#char={sentence['start']},{sentence['end']}")

    cells = [b.text for b in ElementTree.fromstring(run("xml")).iter(f"{XML}literal")]
    assert json.loads(cells[0] or "") == [sentence]
    rows = list(csv.reader(io.StringIO(run("csv"))))
    assert rows[0] == ["who", "evidence"]
    listed = f"“{sentence['quote']}” {sentence['path']}:{sentence['line']}"
    assert rows[1][1] == listed
    assert rows[2][1].count(" | ") > 1
    table = ox.parse_query_results(run("tsv"), ox.QueryResultsFormat.TSV)
    assert [row["evidence"].value for row in table] == [row[1] for row in rows[1:]]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ASK { ?x a kg:Award }", "the answer is true or false, which has no rows"),
        ("DESCRIBE :xiaomi", "the answer is a graph, which has no rows"),
        ("SELECT ?x {\n  ?x kg:award (1 2) }", "query:2:15: error: --evidence does not follow '('"),
    ],
)
def test_what_has_no_evidence(out: Path, query: str, words: str) -> None:
    ran = kg("query", query, "--data", out, "--evidence")
    assert (ran.code, ran.out) == (1, "")
    assert words in ran.err
    assert "ask " in ran.err.lower()
    assert len(ran.err.splitlines()) == 1


def test_a_column_of_that_name_is_taken(out: Path) -> None:
    query = "SELECT ?evidence { ?evidence a kg:Award }"
    assert kg("query", query, "--data", out, "--evidence").code == 0
    ran = kg("query", query, "--data", out, "--evidence", "--format", "csv")
    assert ran.code == 1
    assert "the query has a column 'evidence' of its own; give it another name" in ran.err


def test_what_is_left_out_is_said(out: Path) -> None:
    query = "SELECT ?x { ?x a kg:Award\n BIND (EXISTS { ?x kg:established ?y } AS ?old) }"
    ran = kg("query", query, "--data", out, "--evidence")
    assert ran.code == 0
    assert ran.err == "query:2:15: info: what this EXISTS finds is not among the evidence\n"
