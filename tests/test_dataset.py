"""A loaded folder: claims, evidence, standing, names, and the same in whatever order it is read."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from sample import REPOSITORY, Folder

import kg
from kg.model import Claim, Origin
from kg.vocab import KG, RDF, RDFS, SCHEMA

BASE = "https://example.org/d/id/"


def claims(folder: Folder, slug: str, predicate: ox.NamedNode) -> list[Claim]:
    dataset = kg.load(folder.root)
    assert dataset.problems == []
    node = ox.NamedNode(BASE + slug)
    return [c for c in dataset.claims if c.triple[:2] == (node, predicate)]


def test_every_triple_has_a_claim_with_spans_whose_words_are_in_the_article(folder: Folder) -> None:
    dataset = kg.load(folder.root)
    assert dataset.problems == []
    assert dataset.claims
    text = (folder.root / "seeds/a.txt").read_bytes().decode()
    for claim in dataset.claims:
        assert claim.spans
        for span in claim.spans:
            assert text[span.start : span.end] == span.quote
    assert set(dataset.asserted) == {c.triple for c in dataset.claims if c.asserted}


def test_the_api_gives_a_graph_and_the_evidence_of_its_triples(folder: Folder) -> None:
    dataset = kg.load(folder.root)
    assert isinstance(dataset.graph, rdflib.Graph)
    assert len(dataset.graph) == len(dataset.asserted)
    for triple in dataset.graph:
        found = dataset.evidence(triple)
        assert found, triple
        assert all(claim.spans for claim in found)
    subject, predicate, value = dataset.asserted[0]
    assert dataset.evidence((subject, predicate, value))
    assert dataset.evidence((subject, predicate, ox.Literal("nobody says so"))) == []


def test_every_triple_of_the_graph_of_this_repository_has_evidence() -> None:
    dataset = kg.load(REPOSITORY)
    assert len(dataset.graph) == len(dataset.asserted)
    assert [triple for triple in dataset.graph if not dataset.evidence(triple)] == []


def test_what_is_planned_or_denied_stays_beside_what_is_asserted(folder: Folder) -> None:
    quote = "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears."
    same = f"conferral: acme-golden-cog-2020\naward: golden-cog\nrecipient: acme\n{quote}\n"
    folder.facts(f"{same}modality: planned", f"{same}polarity: negated")
    dataset = kg.load(folder.root)
    assert dataset.problems == []
    recorded = [c.standing for c in dataset.claims if not c.asserted]
    assert {s.modality for s in recorded} == {"planned", "certain"}
    assert {s.polarity for s in recorded} == {"affirmed", "negated"}


def test_a_value_got_by_a_rule_says_so(folder: Folder) -> None:
    (claim,) = claims(folder, "acme-golden-cog-2020", KG.date)
    assert claim.derivation.origin is Origin.NORMALISED
    assert (claim.derivation.rule, claim.derivation.inputs) == ("iso-date", ("May 4, 2020",))
    assert str(claim.triple.object) == '"2020-05-04"^^<http://www.w3.org/2001/XMLSchema#date>'


def test_two_articles_that_say_the_same_give_one_triple_with_two_claims(folder: Folder) -> None:
    folder.write("seeds/b.txt", (folder.root / "seeds/a.txt").read_bytes())
    facts = (folder.root / "seeds/a.facts.yaml").read_text("utf-8")
    folder.write("seeds/b.facts.yaml", facts)
    found = claims(folder, "golden-cog", KG.established)
    assert len({claim.triple for claim in found}) == 1
    assert [claim.fact.article.name for claim in sorted(found, key=lambda c: c.fact.id)] == [
        "a",
        "b",
    ]
    assert len({claim.hash for claim in found}) == 2


@pytest.mark.parametrize(
    "standing", ["said_by: jo-bell", "modality: hedged", "modality: planned", "polarity: negated"]
)
def test_what_the_article_does_not_say_as_so_is_recorded_but_not_asserted(
    folder: Folder, standing: str
) -> None:
    folder.facts(
        "person: jo-bell\nname: Jo Bell\nquote: Jo Bell, head of Acme Works",
        "role: jo-bell-head\nperson: jo-bell\norganisation: acme\ntitle: head\n"
        f"quote: Jo Bell, head of Acme Works\n{standing}",
    )
    dataset = kg.load(folder.root)
    assert dataset.problems == []
    about = [c for c in dataset.claims if c.fact.slug == "jo-bell-head"]
    assert about
    assert not any(claim.asserted for claim in about)
    assert not any(t.subject.value.endswith("jo-bell-head") for t in dataset.asserted)


def test_that_something_is_said_is_asserted_and_its_standing_is_told_of_the_node(
    folder: Folder,
) -> None:
    folder.facts(
        "person: jo-bell\nname: Jo Bell\nquote: Jo Bell, head of Acme Works",
        "figure: workers\nof: acme\ncounted: workers\nquote: Acme has 1,200 workers.\n"
        "value: {value: 1200, rule: number, text: '1,200'}\nmodality: hedged\n"
        "said_by: {value: jo-bell, quote: Jo Bell}",
    )
    (claim,) = claims(folder, "workers", KG.saidBy)
    assert claim.asserted
    assert claim.triple.object == ox.NamedNode(BASE + "jo-bell")
    (claim,) = claims(folder, "workers", KG.modality)
    assert claim.triple.object == KG.Hedged


def test_what_only_the_context_names_is_inferred_and_the_context_is_evidence(
    folder: Folder,
) -> None:
    folder.write("seeds/a.txt", (folder.root / "seeds/a.txt").read_text("utf-8") + "It is loud.\n")
    folder.facts(
        "observation: loud\nabout: golden-cog\ntext: It is loud\nquote: It is loud.\n"
        "context: The Golden Cog was established in 1999."
    )
    (claim,) = claims(folder, "loud", SCHEMA.about)
    assert claim.derivation.origin is Origin.INFERRED
    assert claim.derivation.rule == "coreference"
    assert [span.quote for span in claim.spans] == [
        "The Golden Cog was established in 1999.",
        "It is loud.",
    ]


def test_a_mention_means_a_thing_only_in_its_article(folder: Folder) -> None:
    folder.write(
        "seeds/a.txt", (folder.root / "seeds/a.txt").read_text("utf-8") + "The firm grew.\n"
    )
    folder.facts(
        "organisation: acme\nmention: The firm\nquote: The firm grew.\n"
        "context: Acme has 1,200 workers.",
        "observation: grew\nabout: acme\ntext: The firm grew\nquote: The firm grew.",
    )
    (claim,) = claims(folder, "grew", SCHEMA.about)
    assert (claim.derivation.origin, claim.derivation.rule) == (Origin.NORMALISED, "name")
    folder.write("seeds/b.txt", "The firm shrank.\n")
    folder.write(
        "seeds/b.facts.yaml",
        "article: {title: The firm, quote: The firm}\n"
        "facts:\n  - observation: shrank\n    about: acme\n    text: The firm shrank\n"
        "    quote: The firm shrank.\n",
    )
    (problem,) = kg.load(folder.root).problems
    assert problem.place == ("seeds/b.facts.yaml", 4, 12)
    assert "'acme' does not stand in the quote" in problem.message


def test_links_are_kept_apart(lighthouses: Path) -> None:
    dataset = kg.load(lighthouses, allow_code=True)
    assert dataset.problems == []
    assert {claim.derivation.origin for claim in dataset.links} == {Origin.EXTERNAL}
    assert all(claim.derivation.origin is not Origin.EXTERNAL for claim in dataset.claims)
    assert not any(t.predicate == SCHEMA.sameAs for t in dataset.asserted)
    assert any(c.triple.predicate == SCHEMA.sameAs for c in dataset.links)


def test_a_folder_brings_its_own_kinds_terms_and_base(lighthouses: Path) -> None:
    dataset = kg.load(lighthouses, allow_code=True)
    tower = ox.NamedNode("https://example.org/lighthouses/id/roter-sand-süd")
    own = {str(t.predicate): t.object.value for t in dataset.asserted if t.subject == tower}
    assert own["<https://example.org/lighthouses/ns#heightInMetres>"] == "51.5"
    labels = [t.object for t in dataset.asserted if t[:2] == (tower, RDFS.label)]
    assert labels == [ox.Literal("Roter Sand-Süd", language="de")]


def test_the_same_claims_whatever_the_fact_files_syntax(folder: Folder) -> None:
    import json

    import yaml

    before = [claim.triple for claim in kg.load(folder.root).claims]
    raw = yaml.load((folder.root / "seeds/a.facts.yaml").read_bytes(), Loader=yaml.BaseLoader)
    lines = [{"article": raw["article"]}, *raw["facts"]]
    (folder.root / "seeds/a.facts.yaml").unlink()
    folder.write("seeds/a.facts.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    dataset = kg.load(folder.root)
    assert dataset.problems == []
    assert [claim.triple for claim in dataset.claims] == before


def test_nothing_of_a_claim_changes_alone(folder: Folder) -> None:
    from dataclasses import replace

    from kg.model import Derivation, Standing, Triple

    dataset = kg.load(folder.root)
    claim = dataset.claims[0]
    other = next(c for c in dataset.claims if c.fact.id != claim.fact.id)
    changed = [
        replace(claim, triple=Triple(claim.triple.subject, RDF.type, KG.Award)),
        replace(claim, fact=other.fact),
        replace(claim, spans=other.spans),
        replace(claim, standing=Standing(modality="hedged")),
        replace(claim, derivation=Derivation(Origin.INFERRED, "x", ("y",))),
        replace(claim, doubt="why"),
    ]
    assert len({c.hash for c in (claim, *changed)}) == 7


def test_the_articles_are_byte_for_byte_those_that_were_read() -> None:
    import hashlib

    expected = {
        "000_0c1333da959e0b5b": "32247dc760dc84c24612331f1be8679719fdf6149b024e0052678ba0b68534ec",
        "001_cdd093466ecbe478": "65126b6b5e8d61d84d85aa5ba4bdeb5e2791c535b76b13fb793641d28ccf84e2",
        "002_e6f72ceccc00cace": "6a6c95a9f58752ecb6a4c2dec4fbf89caea1f5dd54c0a0d836742126ea6d5208",
        "003_64af1458297d8b40": "ce4e1475dd31440e9668db1d3cd00ebed7a8c3064108a52a3d3fda28fd3269a0",
        "004_70837ac26cf2df64": "83559ddd424026a3945156fc2979164339fafd0ff77f2e0ea16f2ede7ab7cd49",
    }
    found = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (REPOSITORY / "seeds").glob("*.txt")
    }
    assert found == expected


def test_a_thing_is_not_called_like_an_article(folder: Folder) -> None:
    folder.write("seeds/acme.txt", "Acme wins. Acme is big.\n")
    folder.write("seeds/acme.facts.yaml", "article: {title: Acme wins, quote: Acme wins.}\n")
    (problem,) = kg.load(folder.root).errors
    assert problem.message.startswith("'acme' is of kind article here and of kind organisation at")


def test_an_id_is_part_of_an_iri(folder: Folder) -> None:
    folder.replace("seeds/a.facts.yaml", "name: Acme Works", "name: Acme Works\n    id: x/y")
    (problem,) = kg.load(folder.root).errors
    assert problem.message == "'x/y' is no id"


def test_names_of_articles_are_composed_as_in_their_iris(folder: Folder) -> None:
    name = unicodedata.normalize("NFD", "café")
    folder.write(f"seeds/{name}.txt", "Ada\n")
    folder.write(f"seeds/{name}.facts.yaml", "article: {title: Ada, quote: Ada}\n")
    dataset = kg.load(folder.root)
    assert [*dataset.articles] == ["a", "café"]
    assert dataset.articles["café"].path == f"seeds/{name}.txt"


def test_terms_have_a_namespace_of_their_own(folder: Folder) -> None:
    folder.write(
        "ontology/own.ttl",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<https://example.org/d/id/size> rdfs:label "size" .\n',
    )
    (problem,) = kg.load(folder.root).errors
    assert problem.message.endswith("id/size> lies among the things of the dataset")


def test_what_is_hedged_stays_on_record_when_what_was_asserted_is_taken_back(
    folder: Folder,
) -> None:
    since = "The Golden Cog was established in 1999."
    folder.facts(
        f"award: golden-cog\nid: sure\nestablished: 1999\nquote: {since}",
        "award: golden-cog\nid: perhaps\nestablished: 1999\ndescription: Golden\n"
        f"modality: hedged\nquote: {since}",
        "organisation: acme\nretracts: [sure]\nalias: Acme Works\n"
        "quote: Acme Works won the Golden Cog",
    )
    folder.replace(
        "seeds/a.facts.yaml", "name: Golden Cog\n    established: 1999", "name: Golden Cog"
    )
    dataset = kg.load(folder.root)
    told = (claim for claim in dataset.claims if claim.triple.predicate == KG.established)
    years = {claim.fact.id: claim.standing.modality for claim in told}
    assert years == {"a/sure": "certain", "a/perhaps": "hedged"}


def test_a_name_within_another_name_says_less_than_one_that_stands_alone(folder: Folder) -> None:
    folder.write("seeds/b.txt", "Ulm Minster is open. It stands in Ulm by the river.\n")
    folder.write(
        "seeds/b.facts.yaml",
        "article: {title: Ulm Minster, quote: Ulm Minster}\nfacts:\n"
        "  - {place: ulm, name: Ulm, quote: It stands in Ulm by the river.}\n"
        "  - organisation: minster\n    name: Ulm Minster\n    location: ulm\n"
        "    quote: [Ulm Minster is open., It stands in Ulm by the river.]\n",
    )
    dataset = kg.load(folder.root)
    assert dataset.errors == []
    (claim,) = (c for c in dataset.claims if c.triple.predicate == SCHEMA.location)
    assert "It stands in Ulm by the river." in [span.quote for span in claim.spans]
