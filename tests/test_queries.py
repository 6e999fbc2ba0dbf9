"""Saved queries: read, published as data, held to their expected answers, asked by name."""

from __future__ import annotations

import csv
import hashlib
import random
import shutil
import socket
import time
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.namespace import RDF, RDFS
from rdflib.plugins.sparql import prepareQuery
from sample import REPOSITORY, Folder, kg, tree

from kg.asking.expected import Verdict, judge
from kg.asking.published import Published
from kg.asking.queries import Answer, Query, read_queries, split
from kg.asking.sparql import Form, form, is_ordered, names, syntax_problem, with_prefixes
from kg.vocab import Vocabulary

SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
BASE = "https://w3id.org/kgpress/quality-awards/"
WINNERS = """\
# Who won the Golden Cog?
# As far as an article
# says so.
SELECT ?winner ?date WHERE {
  ?conferral kg:award :golden-cog ; kg:recipient/rdfs:label ?winner ; kg:date ?date .
}
"""
ANSWER = "winner,date\nAcme Works,2020-05-04\n"


@pytest.fixture
def asked(folder: Folder) -> Folder:
    """The small folder, with one saved query and its answer."""
    folder.write("queries/winners.rq", WINNERS)
    folder.write("queries/winners.csv", ANSWER)
    return folder


def build(folder: Folder) -> Path:
    return folder.publish(folder.root.parent / "public")


# The queries of this repository.


def test_every_saved_query_is_answered_as_expected(public: Path) -> None:
    started = time.monotonic()
    ran = kg("query", "--check", "--data", public)
    assert ran.code == 0, ran.err
    assert ran.err == ""
    count = len(list((REPOSITORY / "queries").glob("*.rq")))
    assert count >= 45
    assert ran.out.count("✓ ") == count
    assert ran.out.splitlines()[-1] == f"{count} of {count} answered as expected"
    assert time.monotonic() - started < 60


def test_a_tampered_answer_is_found(public: Path) -> None:
    published = Published(public)
    chosen = random.Random(7).sample(published.queries, 30)
    assert {query.form for query in chosen} == {Form.SELECT, Form.ASK, Form.CONSTRUCT}
    for query in chosen:
        assert query.expected is not None
        assert judge(published, query).problem is None, query.name
        text = query.expected.text
        if query.form is Form.ASK:
            wrong = [{"true": "false", "false": "true"}[text.strip()]]
        elif query.form is Form.SELECT:
            header, *rows = text.splitlines(keepends=True)
            wrong = [header + "x," * header.count(",") + "x\n" + "".join(rows)]
            wrong += [header] if rows else []
            wrong += [header.replace("\n", "s\n") + "".join(rows)]
        else:
            wrong = [text + "<http://e.org/a> <http://e.org/b> 1 .\n", "\n"]
        for tampered in wrong:
            verdict = judge(published, expecting(query, tampered))
            assert verdict.problem is not None, query.name
            assert verdict.problem.place.path == query.expected.path


def expecting(query: Query, text: str) -> Query:
    assert query.expected is not None
    return Query(
        query.name, query.path, query.title, query.description, query.text, query.form,
        Answer(query.expected.path, text),
    )  # fmt: skip


def test_every_saved_query_is_told_in_words_and_ends_like_the_others() -> None:
    titles = []
    for file in sorted((REPOSITORY / "queries").glob("*.rq")):
        text = file.read_text("utf-8")
        (title, *_), body = split(text)
        titles.append(title)
        assert title[0].isupper(), file.name
        assert form(text) is Form.CONSTRUCT or title.endswith("?"), file.name
        assert max(map(len, text.splitlines())) <= 100, file.name
        assert body.startswith(("SELECT ", "ASK ", "CONSTRUCT ")), file.name
        assert form(text) is not Form.SELECT or is_ordered(text), file.name
    assert len(set(titles)) == len(titles)


# The saved queries as data.


@cache
def described(public: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(public / "data/queries.ttl")


def test_the_queries_are_described_as_shacl_executables(public: Path) -> None:
    graph = described(public)
    classes = {
        SH.select: SH.SPARQLSelectExecutable,
        SH.ask: SH.SPARQLAskExecutable,
        SH.construct: SH.SPARQLConstructExecutable,
    }
    nodes = set(graph.subjects(RDF.type, SH.SPARQLExecutable))
    files = sorted(file.stem for file in (public / "queries").glob("*.rq"))
    assert sorted(str(node) for node in nodes) == [f"{BASE}query/{name}" for name in files]
    for node in nodes:
        ((text, type_),) = (
            (text, type_) for text, type_ in classes.items() if graph.value(node, text) is not None
        )
        assert (node, RDF.type, type_) in graph
        assert "#" not in str(graph.value(node, text))[:1]
        prefixes = graph.value(node, SH.prefixes)
        assert prefixes is not None and list(graph.objects(prefixes, SH.declare))
        assert graph.value(node, RDFS.comment)
    assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)
    unlabelled = set(graph.subjects()) - set(graph.subjects(RDFS.label))
    assert unlabelled == set()
    shacl = {t for t in (*graph.predicates(), *graph.objects(None, RDF.type)) if t in SH}
    import pyshacl

    terms = rdflib.Graph().parse(Path(pyshacl.__file__).parent / "assets/shacl.ttl")
    assert shacl <= set(terms.subjects())


def test_the_description_round_trips_and_is_counted_in(public: Path) -> None:
    file = public / "data/queries.ttl"
    triples = set(ox.parse(path=str(file)))
    assert len(triples) == len(described(public))
    sums = (public / "data/SHA256SUMS").read_text()
    assert f"{hashlib.sha256(file.read_bytes()).hexdigest()}  queries.ttl\n" in sums
    description = rdflib.Graph().parse(public / "data/dcat.ttl")
    (referring,) = description.subjects(
        rdflib.DCTERMS.isReferencedBy, rdflib.URIRef(f"{BASE}data/queries.ttl")
    )
    assert str(referring) == BASE


@pytest.mark.slow
def test_the_published_texts_run_elsewhere_and_answer_alike(public: Path) -> None:
    """In rdflib, without any prefix but those the texts declare."""
    data = rdflib.Graph(bind_namespaces="none").parse(public / "data/kg.ttl")
    asked = 0
    for node, text in sorted(described(public).subject_objects(SH.select)):
        if "GRAPH" in text:
            continue  # that is for a dataset of named graphs
        name = str(node).removeprefix(f"{BASE}query/")
        query = prepareQuery(str(text), initNs={})
        answer = [
            tuple("" if cell is None else str(cell) for cell in row) for row in data.query(query)
        ]
        with (public / f"queries/{name}.csv").open(newline="") as stream:
            _, *expected = csv.reader(stream)
        assert answer == [tuple(row) for row in expected], name
        asked += 1
    assert asked >= 45


def test_publishing_is_deterministic(asked: Folder, tmp_path: Path) -> None:
    outs = []
    for seed in ("1", "2"):
        out = tmp_path / seed
        ran = kg(
            "build", asked.root, "--out", out, env={"PYTHONHASHSEED": seed, "TZ": f"UTC{seed}"}
        )
        assert ran.code == 0, ran.err
        outs.append(tree(out))
    assert outs[0] == outs[1]
    assert outs[0]["queries/winners.rq"] == WINNERS.encode()
    assert outs[0]["queries/winners.csv"] == ANSWER.encode()


def test_a_folder_without_queries_publishes_none(folder: Folder) -> None:
    out = build(folder)
    assert not (out / "queries").exists()
    assert not (out / "data/queries.ttl").exists()
    ran = kg("query", "--check", "--data", out)
    assert ran.code == 1
    assert "there are no saved queries" in ran.err
    assert kg("query", "--list", "--data", out).out == ""


# What is wrong with a query, and where.


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT * { ?s ?p ?o }\n", "1:1: error: the query has no title"),
        ("#\nSELECT * { ?s ?p ?o }\n", "1:1: error: the query has no title"),
        ("# Q?\nSELECT * {\n  ?s ?p ?o ?x\n}\n", "5:1: error: the syntax is broken here"),
        ("# Q?\nASK { ?s nope:x 1 }\n", "2:16: error: the prefix here is not known"),
        ("# Q?\nASK { ?s <x> 1 }\n", "2:15: error: the syntax is broken here"),
        ("# Q?\nASK { SERVICE <http://127.0.0.1:9/> {} }", "1:1: error: the query calls SERVICE"),
        (
            "# Q?\nASK { FILTER (" + "1+" * 40_000 + "1) }",
            "1:1: error: the query nests, or chains operators, too deeply; simplify it",
        ),
        ("# Q?\nASK " + "{" * 300 + "}" * 300, "1:1: error: the query nests too deeply"),
        ("# Q?\nDESCRIBE :acme\n", "1:1: error: each store answers DESCRIBE in its own way"),
        ("# Q?\nINSERT DATA { :a :b :c }\n", "2:1: error: INSERT is an update"),
        ("# Q?\n", "2:1: error: the syntax is broken here"),
        (b"# Q?\nASK {} # \xff", "1:1: error: cannot be read: it is not UTF-8"),
        ("# Q?\nASK { ?x kg:recipent :acme }", "2:10: warning: nothing is called kg:recipent"),
        ("# Q?\nASK {\n\t?x kg:award :cog }", "3:14: warning: nothing is called :cog"),
        ("# Q?\nASK { ?x kg:award :a }", "2:19: warning: nothing is called :a"),  # an article
    ],
)
def test_a_bad_query_is_told_with_its_place(folder: Folder, text: str | bytes, line: str) -> None:
    folder.write("queries/bad.rq", text)
    folder.write("queries/bad.txt", "false\n")
    ran = kg("check", folder.root)
    (told,) = ran.err.splitlines()
    assert told.startswith(f"queries/bad.rq:{line}"), told
    assert "; " in told
    assert len(told) < 300
    assert ran.code == (0 if "warning" in line else 1)


def test_a_bad_query_keeps_what_was_published(asked: Folder) -> None:
    before = tree(build(asked))
    asked.replace("queries/winners.rq", "SELECT", "SLECT")
    ran = kg("build", asked.root, "--data-only", "--out", asked.root.parent / "public")
    assert ran.code == 1
    assert ran.err.startswith("queries/winners.rq:4:10: error: the syntax is broken here")
    assert tree(asked.root.parent / "public") == before


def test_answers_without_queries_and_queries_without_answers(asked: Folder) -> None:
    asked.write("queries/others.csv", "x\n")
    asked.write("queries/notes.md", "not an answer\n")
    (asked.root / "queries/winners.csv").rename(asked.root / "queries/winners.txt")
    ran = kg("check", asked.root)
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "queries/others.csv:1:1: warning: no query has this answer; write others.rq, or remove it",
        "queries/winners.rq:1:1: warning: no answer is expected of this query; "
        "save the right answer as winners.csv",
        "queries/winners.txt:1:1: warning: no query has this answer; "
        "the answer of winners.rq is in winners.csv",
    ]
    assert kg("check", asked.root, "--strict").code == 1


def test_a_query_that_is_no_file_of_the_folder(asked: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(WINNERS)
    (asked.root / "queries/linked.rq").symlink_to(tmp_path / "secret")
    (asked.root / "queries/dangling.rq").symlink_to(tmp_path / "nowhere")
    (asked.root / "queries/directory.rq").mkdir()
    (asked.root / "queries/odd name.rq").write_text(WINNERS)
    (asked.root / "queries/winners.csv").unlink()
    (asked.root / "queries/winners.csv").symlink_to(tmp_path / "secret")
    ran = kg("check", asked.root)
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "queries/dangling.rq:1:1: error: the link leads out of the folder; replace it with a file",
        "queries/directory.rq:1:1: error: not a regular file; replace it with a file",
        "queries/linked.rq:1:1: error: the link leads out of the folder; replace it with a file",
        "queries/odd name.rq:1:1: error: 'odd name' cannot be a query's name; "
        "name it by letters and digits joined by -",
        "queries/winners.csv:1:1: error: the link leads out of the folder; replace it with a file",
    ]


# The command.


def test_a_saved_query_is_asked_by_its_name(asked: Folder) -> None:
    out = build(asked)
    assert kg("query", "--list", "--data", out).out == "winners  Who won the Golden Cog?\n"
    ran = kg("query", "winners", "--format", "csv", "--data", out)
    assert ran.out.replace("\r\n", "\n") == ANSWER
    assert kg("query", "winner", "--data", out).err.startswith("winner:1:1: error: cannot be read")
    here = asked.root.parent
    (here / "winners").write_text("ASK {}")
    assert kg("query", "winners", "--data", out, cwd=here).out == "true\n", "a file goes first"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give a QUERY, or --check or --list"),
        (["--check", "--list"], "do not go together"),
        (["--list", "winners"], "--list takes no QUERY"),
    ],
)
def test_wrong_usage(asked: Folder, arguments: list[str], words: str) -> None:
    ran = kg("query", *arguments, "--data", build(asked))
    assert ran.code == 2
    assert words in ran.err


def test_what_differs_is_shown(asked: Folder) -> None:
    asked.write("queries/winners.csv", "date,winner\n2020-05-04,Acme\n")
    out = build(asked)
    ran = kg("query", "--check", "--data", out)
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "✗ winners  Who won the Golden Cog?",
        "    - Acme | 2020-05-04",
        "    + Acme Works | 2020-05-04",
        "0 of 1 answered as expected",
    ]
    assert ran.err == (
        f"{out}/queries/winners.csv:2:1: error: the answer differs: 1 missing, 1 not expected; "
        "mend the query or the data; if the new answer is right, save it in queries/\n"
    )


def test_a_file_and_a_directory_can_be_checked(asked: Folder) -> None:
    out, home = build(asked), asked.root / "queries"
    for which in (home, home / "winners.rq", "winners"):
        ran = kg("query", "--check", which, "--data", out)
        assert ran.code == 0, ran.err
        assert ran.out.splitlines()[-1] == "1 of 1 answered as expected"
    asked.write("queries/winners.csv", "winner,date\n")
    assert kg("query", "--check", home, "--data", out).code == 1
    (home / "winners.csv").unlink()
    ran = kg("query", "--check", home, "--data", out)
    assert ran.code == 0
    assert ran.out.startswith("? winners")
    assert "no answer is expected of this query" in ran.err
    asked.write("queries/broken.rq", "# Q?\nSELECT {")
    ran = kg("query", "--check", home, "--data", out)
    assert ran.code == 1
    assert f"{home}/broken.rq:2:9: error" in ran.err
    assert kg("query", "--check", "nowhere.rq", "--data", out).code == 1


def test_a_name_that_finds_nothing_is_told_on_the_way(asked: Folder) -> None:
    out = build(asked)
    ran = kg("query", "SELECT * { ?x kg:recipent :acme }", "--data", out)
    assert ran.code == 0
    assert ran.err == (
        "query:1:15: warning: nothing is called kg:recipent, so it finds nothing; "
        "look at its spelling\n"
    )
    for sound in (
        "ASK { claim:x ?p 1 }",
        "ASK { ?s ?p 'kg:nope' } # kg:nope",
        "ASK { ?s a kg:Award }",
    ):
        assert kg("query", sound, "--data", out).err == "", sound


def test_terms_of_ones_own_ontology_are_looked_up_too(lighthouses: Path) -> None:
    (lighthouses / "queries").mkdir()
    (lighthouses / "queries/x.rq").write_text("# Q?\nASK { ?s lh:nope 1 ; lh:litIn 2 }\n")
    (lighthouses / "queries/x.txt").write_text("false\n")
    ran = kg("check", lighthouses, "--allow-code")
    assert ran.err.startswith("queries/x.rq:2:10: warning: nothing is called lh:nope")
    assert ran.err.count("nothing is called") == 1


# Comparing.


def verdict(folder: Folder, body: str, expected: str, suffix: str = ".csv") -> Verdict:
    """Ask an empty dataset a query of which an answer is expected."""
    home = folder.root / "asked"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    (home / "q.rq").write_text(f"# Q?\n{body}")
    (home / f"q{suffix}").write_bytes(expected.encode())
    published = Published(folder.root.parent / "public")
    published.__dict__.update(store=ox.Store(), base="http://e.org/", vocabulary=Vocabulary())
    (query,), problems = read_queries(home, "asked", published.prefixes)
    assert problems == []
    return judge(published, query)


VALUES = "SELECT ?a ?b { VALUES (?a ?b) { (1 'x') (2 UNDEF) (2 UNDEF) } } "


@pytest.fixture
def empty(folder: Folder) -> Folder:
    data = folder.root.parent / "public/data"
    data.mkdir(parents=True)
    for name in ("kg.nq", "kg.ttl"):
        (data / name).touch()
    return folder


@pytest.mark.parametrize(
    ("body", "expected", "alike"),
    [
        (VALUES, "a,b\n2,\n1,x\n2,\n", True),
        (VALUES, "b,a\r\n,2\r\n,2\r\nx,1\r\n", True),
        (VALUES, "a,b\n2,\n1,x\n", False),
        (VALUES, "a,b\n2,\n1,x\n1,x\n", False),
        (VALUES, "a,c\n2,\n1,x\n2,\n", False),
        (VALUES, "", False),
        (VALUES, "a,b\n2,\n1,x\n2,\n3\n", False),
        (VALUES + "ORDER BY ?a", "a,b\n1,x\n2,\n2,\n", True),
        (VALUES + "ORDER BY ?a", "a,b\n2,\n1,x\n2,\n", False),
        ("SELECT ?a { { SELECT ?a { VALUES ?a { 2 1 } } ORDER BY ?a } }", "a\n2\n1\n", True),
        ("SELECT ?a { VALUES ?a { UNDEF } }", "a\n\n", True),
        ("SELECT ?a { VALUES ?a { UNDEF } }", "a\n", False),
        ("SELECT ?a { VALUES ?a { 'x\\ny,\"z' } }", 'a\n"x\ny,""z"\n', True),
        ("SELECT ?a { ?a :b :c }", "a\n", True),
    ],
)
def test_rows_are_compared_as_the_query_orders_them(
    empty: Folder, body: str, expected: str, alike: bool
) -> None:
    assert (verdict(empty, body, expected).problem is None) is alike


@pytest.mark.parametrize(
    ("body", "expected", "alike"),
    [
        ("ASK {}", "true", True),
        ("ASK {}", "false\n", False),
        ("ASK {}", "yes\n", False),
    ],
)
def test_a_truth_is_compared(empty: Folder, body: str, expected: str, alike: bool) -> None:
    assert (verdict(empty, body, expected, ".txt").problem is None) is alike


@pytest.mark.parametrize(
    ("expected", "alike"),
    [
        ("<http://e.org/id/s> <http://e.org/id/p> _:x . _:x <http://e.org/id/q> 1 .", True),
        ("@prefix e: <http://e.org/id/> . e:s e:p [ e:q 1 ] .", True),
        ("@prefix e: <http://e.org/id/> . e:s e:p [ e:q 2 ] .", False),
        ("@prefix e: <http://e.org/id/> . e:s e:p e:o .", False),
        ("", False),
        ("e:s e:p", False),
    ],
)
def test_graphs_are_compared_as_graphs(empty: Folder, expected: str, alike: bool) -> None:
    body = "CONSTRUCT { :s :p _:n . _:n :q 1 } {}"
    assert (verdict(empty, body, expected, ".ttl").problem is None) is alike


@pytest.mark.parametrize("body", ["", " ORDER BY ?x"])
def test_many_rows_that_differ_are_told_at_once(empty: Folder, body: str) -> None:
    values = " ".join(str(number % 2) for number in range(40_000))
    query = f"SELECT ?x {{ VALUES ?x {{ {values} }} }}{body}"
    started = time.monotonic()
    found = verdict(empty, query, "x\n" + "0\n" * 20_001 + "1\n" * 19_999)
    assert time.monotonic() - started < 20
    assert (found.missing, found.surplus) == (("0",), ("1",))


def test_rows_in_another_order_are_told_where_it_is_another(empty: Folder) -> None:
    query = "SELECT ?x { VALUES ?x { 1 2 3 4 } } ORDER BY ?x"
    found = verdict(empty, query, "x\n1\n3\n2\n4\n")
    assert (found.missing, found.surplus) == (("3", "2"), ("2", "3"))
    assert found.problem is not None
    assert found.problem.place.line == 3


def test_a_text_too_long_to_be_a_path_is_a_query(empty: Folder) -> None:
    data = empty.root.parent / "public"
    for query, check in (("a" * 300 + " b", False), ("a" * 300, False), ("a" * 300, True)):
        ran = kg("query", *(["--check"] if check else []), query, "--data", data)
        assert ran.code == 1
        assert ":1:1: error: " in ran.err


SERVICES = (
    "# Q?\nASK { SERVICE <URL> {} }",
    "# Q?\nASK { <x:a'b> <x:p> ?a . FILTER(?a<'x>') SERVICE <URL> {} } # '",
    "# Q?\nASK { BIND(1<#x>'''\n1 AS ?y) BIND(<x:a#> AS ?z) SERVICE <URL> {} } #'''",
    '# Q?\nASK { BIND("\\u0022" AS ?z) SERVICE <URL> {} } # "',
    "# Q?\nASK { BIND(1 AS ?x) SERVICESILENT<URL>{} }",
    "# Q?\nASK { ?a ?b trueSERVICE<URL>{} }",
    "# Q?\nPREFIX s: <URL> ASK { SERVICEs:{} }",
    "# Q?\nSELECT * { SERVICE SILENT <URL> { ?a ?b ?c } }",
)
"""Queries that call others; a look at the text alone does not see it in all of them."""


@pytest.mark.slow
def test_no_query_reaches_the_network(folder: Folder, tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    for number, query in enumerate(SERVICES):
        folder.write(f"queries/q{number}.rq", query.replace("URL", url))
        folder.write(f"queries/q{number}.txt", "false\n")
    out = tmp_path / "public"
    kg("check", folder.root)
    kg("build", folder.root, "--data-only", "--out", out)
    shutil.rmtree(folder.root / "queries")
    assert kg("build", folder.root, "--data-only", "--out", out).code == 0
    for query in SERVICES:
        (folder.root / "q.rq").write_text(query.replace("URL", url))
        kg("query", folder.root / "q.rq", "--data", out)
        kg("query", "--check", folder.root / "q.rq", "--data", out)
    with pytest.raises(TimeoutError):
        server.accept()
    server.close()


@pytest.mark.parametrize(
    "query",
    [
        "ASK { " + "a." * 40_000 + "}",
        "ASK { " + "'\\" * 40_000 + "}",
        "ASK { " + "VALUES " * 40_000 + "}",
    ],
    ids=lambda query: query[:24],
)
def test_a_long_query_is_read_at_once(query: str) -> None:
    started = time.monotonic()
    problem = syntax_problem(query, {})
    assert problem is not None
    list(names(query, {}))
    assert form(query) is not None
    assert time.monotonic() - started < 20


def test_the_first_row_that_is_missing_is_the_place(empty: Folder) -> None:
    body = "SELECT ?a { VALUES ?a { 'x\\ny' 'b' } } ORDER BY DESC(?a)"
    found = verdict(empty, body, 'a\n"x\ny"\nc\n')
    assert found.problem is not None
    assert str(found.problem.place) == "asked/q.csv:4:1"
    assert (found.missing, found.surplus) == (("c",), ("b",))


def test_a_function_that_nobody_knows(asked: Folder) -> None:
    ran = kg("query", "SELECT (<http://e.org/f>(1) AS ?a) {}", "--data", build(asked))
    assert ran.code == 1
    assert ran.err.startswith("query:1:1: error: The custom function <http://e.org/f> is not")


# Reading queries.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("PREFIX a: <http://a/> SELECT * { ?s a:b 'a:c' , \"a:d\" }", ["http://a/b"]),
        ("PREFIX a: <http://a/> ASK { ?s a:b ?x. # a:c\n}", ["http://a/b"]),
        (
            "ASK { ?s k:a/k:b|^k:c* ?o FILTER(?x < ?y && ?z > 3) }",
            ["http://k/a", "http://k/b", "http://k/c"],
        ),
        (
            "ASK { ?s <http://k/x> _:k . [] k:a.b k:c. }",
            ["http://k/x", "http://k/a.b", "http://k/c"],
        ),
        ("ASK { :a\\,b :é :1 }", ["http://e/a,b", "http://e/é", "http://e/1"]),
        ("PREFIX k: <http://other/> ASK { ?s k:a 1 }", ["http://other/a"]),
        ("BASE <http://b/> ASK { ?s unknown:a k: }", ["http://k/"]),
        ('ASK { ?s k:p \'\'\'it\'s k:q\'\'\' , """a "k:r" b"""@en-k }', ["http://k/p"]),
    ],
)
def test_the_names_in_a_query(text: str, found: list[str]) -> None:
    known = {"k": "http://k/", "": "http://e/"}
    read = list(names(text, known))
    assert [name.iri for name in read] == found
    assert all(text[name.offset :].startswith(name.shown) for name in read)


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("SELECT * { ?s ?p ?o } ORDER BY ?s", True),
        ("SELECT * { ?s ?p ?o } order\n by desc(?s)", True),
        ("SELECT * { { SELECT * { ?s ?p ?o } ORDER BY ?s } }", False),
        ("SELECT * { ?s ?p 'ORDER BY' } # ORDER BY ?s", False),
        ("SELECT ?order { ?order k:order k:by }", False),
    ],
)
def test_whether_a_query_orders_its_rows(text: str, ordered: bool) -> None:
    assert is_ordered(text) is ordered


@given(st.text(alphabet="aк:é_-.<>?$#'\"\\{}()[]^/|@*+! \n1", max_size=60))
def test_any_text_can_be_looked_at(text: str) -> None:
    """Whatever the text is, nothing raises, and places lie in it."""
    for name in names(text, {"": "http://e/", "a": "http://a/"}):
        assert text[name.offset :].startswith(name.shown)
    with_prefixes(text, {"": "http://e/"})
    is_ordered(text)
    problem = syntax_problem(text, {"": "http://e/"})
    assert problem is None or problem.place.line <= text.count("\n") + 1


@given(st.integers(1, 20))
def test_prefixes_that_are_written_out_make_a_query_whole(depth: int) -> None:
    text = "ASK " + "{ ?s k:p :o " * depth + "}" * depth
    known = {"k": "http://k/", "": "http://e/", "unused": "http://u/"}
    assert syntax_problem(text, {}) is not None
    whole = with_prefixes(text, known)
    assert syntax_problem(whole, {}) is None
    assert "unused" not in whole
    assert with_prefixes(whole, known) == whole
