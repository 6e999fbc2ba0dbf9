"""Conflicts: both sides are kept, with their quotes, and nothing but the ontology finds them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from time import process_time

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode
from sample import REPOSITORY, Folder, kg

import kg as api
from kg.conflicts import _agree, find_conflicts
from kg.corroboration import corroborated
from kg.dataset import Dataset
from kg.model import Claim, Severity, Triple
from kg.pipeline import check
from kg.ties import Ties
from kg.vocab import KG, RDF, XSD

BASE = "https://example.org/d/"
OTHER = """\
The Golden Cog was established in 1998. Acme Works won the Golden Cog for its quiet gears, again.
Rivals say that the Golden Cog was established in 1997. It has 1,300 workers, Acme Works said.
"""
HEADER = (
    "article: {title: The Golden Cog, language: en, "
    "quote: {quote: The Golden Cog, occurrence: 1}}\nfacts:\n"
)
DESCRIBED = (
    "  - {award: golden-cog, description: quiet gears, "
    "quote: won the Golden Cog for its quiet gears}\n"
)
SINCE = (
    "  - {award: golden-cog, established: 1998, quote: The Golden Cog was established in 1998.}\n"
)


@pytest.fixture
def two(folder: Folder) -> Folder:
    folder.write("seeds/b.txt", OTHER)
    folder.write("seeds/b.facts.yaml", HEADER + SINCE)
    return folder


def loaded(folder: Folder) -> Dataset:
    dataset = api.load(folder.root)
    assert [(str(p.place), p.message) for p in dataset.problems] == []
    return dataset


def sides(dataset: Dataset) -> list[tuple[list[str], str, set[str]]]:
    return [
        (
            [node.value.removeprefix(BASE + "id/") for node in conflict.about],
            conflict.predicate.value.rpartition("#")[2].rpartition("/")[2],
            {f"{claim.triple.object.value} {claim.standing.polarity}" for claim in conflict.claims},
        )
        for conflict in dataset.conflicts
    ]


def test_two_values_of_one_property_are_a_conflict_and_both_stay(two: Folder) -> None:
    dataset = loaded(two)
    years = {"1998 affirmed", "1999 affirmed"}
    assert sides(dataset) == [(["golden-cog"], "established", years)]
    kept = {t.object.value for t in dataset.asserted if t.predicate == KG.established}
    assert kept == {"1998", "1999"}
    (note,) = [problem for problem in check(dataset) if problem.check == "conflicts"]
    assert note.severity is Severity.INFO
    assert str(note.place) == "seeds/b.facts.yaml:3:6"
    assert "'1998' (seeds/b.facts.yaml:3:6), '1999' (seeds/a.facts.yaml:12:5)" in note.message
    assert note.see is not None
    assert str(note.see) == "seeds/b.txt:1:1"


def test_what_the_ontology_does_not_call_single_is_no_conflict(two: Folder) -> None:
    assert len(loaded(two).conflicts) == 1
    two.write("seeds/b.facts.yaml", HEADER + DESCRIBED + SINCE)
    two.facts("award: golden-cog\ndescription: Cog\nquote: won the Golden Cog for its quiet gears")
    assert [on for _, on, _ in sides(loaded(two))] == ["established"]


def test_a_folder_may_call_a_property_of_its_own_single(two: Folder) -> None:
    two.write("seeds/b.facts.yaml", HEADER + DESCRIBED)
    two.facts("award: golden-cog\ndescription: Cog\nquote: won the Golden Cog for its quiet gears")
    assert sides(loaded(two)) == []
    two.write(
        "ontology/own.ttl",
        "@prefix kg: <https://w3id.org/kgpress/ns#> . @prefix schema: <https://schema.org/> .\n"
        "schema:description kg:singleValued true .\n",
    )
    assert sides(loaded(two)) == [
        (["golden-cog"], "description", {"Cog affirmed", "quiet gears affirmed"})
    ]


def test_what_is_denied_conflicts_with_what_is_affirmed(two: Folder) -> None:
    denied = SINCE.replace("1998", "1999").replace(
        "established:", "polarity: negated, established:"
    )
    two.write("seeds/b.txt", OTHER.replace("1998", "1999"))
    two.write("seeds/b.facts.yaml", HEADER + denied)
    dataset = loaded(two)
    (conflict,) = [s for s in sides(dataset) if s[1] == "established"]
    assert conflict[2] == {"1999 affirmed", "1999 negated"}


def test_nobody_says_a_composed_label(two: Folder) -> None:
    two.write("seeds/b.txt", OTHER + "Acme Works did not win the Golden Cog.\n")
    denied = "Acme Works did not win the Golden Cog."
    two.write(
        "seeds/b.facts.yaml",
        HEADER + WON.format(denied).replace("award:", "polarity: negated, award:"),
    )
    assert {on for _, on, _ in sides(loaded(two))} == {"award", "recipient"}


def test_who_is_reported_to_say_otherwise_takes_a_side_and_who_is_unsure_does_not(
    two: Folder,
) -> None:
    rivals = "  - {organisation: rivals, name: Rivals, quote: Rivals say}\n"
    fact = (
        "  - {award: golden-cog, established: 1997, WHO, "
        "quote: Rivals say that the Golden Cog was established in 1997.}\n"
    )
    two.write("seeds/b.facts.yaml", HEADER + rivals + fact.replace("WHO", "said_by: rivals"))
    assert [s for _, _, s in sides(loaded(two))] == [{"1997 affirmed", "1999 affirmed"}]
    two.write("seeds/b.facts.yaml", HEADER + rivals + fact.replace("WHO", "modality: hedged"))
    assert sides(loaded(two)) == []


FIGURE = (
    "  - {{figure: {slug}, of: acme, value: {{value: {value}, rule: number, text: '{text}'}}, "
    "counted: workers, {more}quote: '{quote}'}}\n"
)


def test_accounts_of_one_matter_are_compared_where_the_ontology_says_one(two: Folder) -> None:
    first = FIGURE.format(
        slug="staff-a", value=1200, text="1,200", more="", quote="Acme has 1,200 workers."
    )
    two.facts(first.strip().removeprefix("- "))
    second = FIGURE.format(
        slug="staff-b",
        value=1300,
        text="1,300",
        more="other_account_of: staff-a, ",
        quote="It has 1,300 workers, Acme Works said.",
    )
    two.write("seeds/b.facts.yaml", HEADER + second)
    dataset = loaded(two)
    assert sides(dataset) == [(["staff-a", "staff-b"], "value", {"1200 affirmed", "1300 affirmed"})]
    # They were set side by side on purpose: nobody need be told.
    assert [p for p in check(dataset) if p.check == "conflicts"] == []
    two.write("seeds/b.facts.yaml", HEADER + second.replace("other_account_of: staff-a, ", ""))
    assert sides(loaded(two)) == []


def test_things_with_the_same_key_are_one_matter(two: Folder) -> None:
    edition = (
        "  - {{edition: {edition}, award: golden-cog, year: 1998, "
        "quote: The Golden Cog was established in 1998.}}\n"
    )
    conferral = (
        "  - {{conferral: {slug}, award: golden-cog, recipient: acme, edition: {edition}, "
        "grade: {grade}, quote: 'Acme Works won the Golden Cog for its quiet gears, again.'}}\n"
    )
    one = edition.format(edition="x") + conferral.format(slug="one", edition="x", grade="quiet")
    two.write(
        "seeds/b.facts.yaml",
        HEADER + one + conferral.format(slug="other", edition="x", grade="gears"),
    )
    found = [s for s in sides(loaded(two)) if s[1] == "grade"]
    assert found == [(["one", "other"], "grade", {"quiet affirmed", "gears affirmed"})]
    # The editions x and y have one key, but the key of a key is not followed: they are two.
    other = conferral.format(slug="other", edition="y", grade="gears")
    two.write("seeds/b.facts.yaml", HEADER + one + edition.format(edition="y") + other)
    assert [s for s in sides(loaded(two)) if s[1] == "grade"] == []


def test_a_thing_with_many_keys_is_the_same_as_no_other_and_takes_no_time(two: Folder) -> None:
    dataset = loaded(two)
    some = dataset.claims[0]

    def claims(slug: str, many: int) -> Iterator[Claim]:
        node = NamedNode(f"{BASE}id/{slug}")
        for term in (KG.award, KG.recipient, KG.edition):
            for number in range(many):
                value = NamedNode(f"{term.value}/{number}")
                yield replace(some, triple=Triple(node, term, value))
        yield replace(some, triple=Triple(node, RDF.type, KG.AwardConferral))
        yield replace(some, triple=Triple(node, KG.grade, Literal(slug)))

    begun = process_time()
    several = [*claims("one", 300), *claims("other", 300)]
    found = find_conflicts(several, dataset.vocabulary)
    assert not any(conflict.predicate == KG.grade for conflict in found)
    assert process_time() - begun < 5
    few = [*claims("one", 1), *claims("other", 1)]
    assert [c.predicate for c in find_conflicts(few, dataset.vocabulary)] == [KG.grade]


def literal(text: str, kind: str = "") -> Literal:
    return Literal(text, datatype=XSD[kind]) if kind else Literal(text, language="en")


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (literal("2018", "gYear"), literal("2018-11-28", "date"), True),
        (literal("2018-11", "gYearMonth"), literal("2018-12-28", "date"), False),
        (literal("--11-28", "gMonthDay"), literal("2018-11-28", "date"), True),
        (literal("---29", "gDay"), literal("2018-11-28", "date"), False),
        (literal("---28", "gDay"), literal("2018-11-28", "date"), True),
        (literal("--11", "gMonth"), literal("2018-11-28T05:00:00", "dateTime"), True),
        (literal("--11", "gMonth"), literal("---28", "gDay"), True),
        (literal("first prize"), literal("First Prize"), True),
        (literal("first prize"), literal("second prize"), False),
        (literal("first prize"), Literal("primo premio", language="it"), True),
        (literal("1998", "integer"), literal("1999", "integer"), False),
        (NamedNode(BASE + "x"), NamedNode(BASE + "y"), False),
        (NamedNode(BASE + "tied"), NamedNode(BASE + "y"), True),
    ],
)
def test_what_may_be_right_together(one: ox.Literal, other: ox.Literal, agree: bool) -> None:
    ties = Ties()
    ties.tie(BASE + "y", BASE + "tied")
    assert _agree(one, other, ties) is agree
    assert _agree(other, one, ties) is agree


def test_a_ledger_lists_both_sides_with_their_quotes(two: Folder, tmp_path: Path) -> None:
    out = tmp_path / "public"
    assert kg("build", two.root, "--data-only", "--out", out).code == 0
    ledger = json.loads((out / "data/conflicts.json").read_bytes())
    (conflict,) = ledger["conflicts"]
    shown = [
        (side["value"]["value"], side["sources"], side["claims"][0]["quotes"][0]["quote"])
        for side in conflict["sides"]
    ]
    assert shown == [
        ("1998", [["b"]], "The Golden Cog was established in 1998."),
        ("1999", [["a"]], "The Golden Cog was established in 1999."),
    ]
    asked = (
        "SELECT ?v ?on ?about WHERE { ?claim kg:inConflict ?k ; rdf:object ?v . "
        "?k a kg:Conflict ; kg:conflictOn ?on ; kg:conflictAbout ?about } ORDER BY ?v"
    )
    rows = kg("query", asked, "--data", out, "--format", "csv").out.splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == ["1998", "1999"]
    assert {row.split(",", 1)[1] for row in rows} == {f"{KG.established.value},{BASE}id/golden-cog"}
    assert conflict["iri"].startswith(BASE + "conflict/")


def sources_of(folder: Folder) -> list[list[str]]:
    dataset = loaded(folder)
    sources = dataset.sources
    agreed = dict(corroborated(dataset.claims, sources))
    found = [groups for triple, groups in agreed.items() if triple.predicate == KG.recipient]
    return found[0] if found else []


WON = "  - {{conferral: acme-golden-cog-2020, award: golden-cog, recipient: acme, quote: '{}'}}\n"


def test_articles_that_say_the_same_corroborate_it_and_copies_count_once(two: Folder) -> None:
    two.write(
        "seeds/b.facts.yaml",
        HEADER + WON.format("Acme Works won the Golden Cog for its quiet gears, again."),
    )
    assert sources_of(two) == [["a"], ["b"]]
    # The same sentence, but for case and marks: one of the two is a copy.
    sentence = "On May 4, 2020, Acme Works won the Golden Cog for its quiet gears."
    two.write("seeds/b.txt", "The Golden Cog\n" + sentence.upper() + "\n")
    two.write("seeds/b.facts.yaml", HEADER + WON.format(sentence.upper()))
    assert sources_of(two) == []
    # Said to be based on the other.
    two.write("seeds/b.txt", OTHER)
    based = HEADER.replace("language: en,", "language: en, based_on: a,")
    two.write(
        "seeds/b.facts.yaml",
        based + WON.format("Acme Works won the Golden Cog for its quiet gears, again."),
    )
    assert sources_of(two) == []


def test_the_five_articles_disagree_where_their_readers_see_it() -> None:
    dataset = api.load(REPOSITORY)
    texts = {
        frozenset(claim.triple.object.value for claim in conflict.claims)
        for conflict in dataset.conflicts
    }
    assert frozenset({"companies", "entries"}) in texts
    words = "\n".join(sorted(text for pair in texts for text in pair))
    assert "in the world to have reached this peak" in words
    assert "the only and the first Internet company" in words
    assert "We want to look at the quality with a microscope" in words
    assert all(claim.asserted for conflict in dataset.conflicts for claim in conflict.claims)


names = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(names, names)))
def test_ties_are_what_is_connected(pairs: list[tuple[str, str]]) -> None:
    ties = Ties()
    for one, other in pairs:
        ties.tie(one, other)
    groups = {name: {name} for name in "abcdefgh"}
    for one, other in pairs * 8:
        both = groups[one] | groups[other]
        for name in both:
            groups[name] = both
    for one, other in permutations("abcdefgh", 2):
        assert (ties.group(one) == ties.group(other)) == (other in groups[one])
        assert ties.group(one) == min(groups[one])
