"""Corrections: the old claim stays on record, stands no more, and leads to what replaced it."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from sample import Folder, kg

import kg as api
from kg.corrections import _after
from kg.dataset import Dataset
from kg.model import Claim
from kg.pipeline import check
from kg.vocab import KG, SCHEMA

FIRST = (
    "Acme won the Golden Cog. It was held on 3 May 2020 in Ulm. Acme Works is large. June 2020\n"
)
LATER = "Correction: Acme Works did win the Golden Cog on 4 May 2020, not before. 2 July 2020\n"
HEADER = """\
article:
  title: {title}
  language: en
  published: {{value: {date}, rule: iso-date, text: {words}}}
  quote: [{title}, {words}]
facts:
"""
NAMES = """\
  - {organisation: acme, name: Acme, alias: Acme Works, quote: Acme Works is large.}
  - {award: golden-cog, name: Golden Cog, quote: the Golden Cog}
  - {place: ulm, name: Ulm, quote: Ulm}
"""
WON = """\
  - conferral: acme-golden-cog
    id: won
    award: golden-cog
    recipient: acme
    quote: Acme won the Golden Cog.
  - conferral: acme-golden-cog
    id: day
    award: golden-cog
    recipient: acme
    date: {value: 2020-05-03, rule: iso-date, text: 3 May 2020}
    location: ulm
    quote: [Acme won the Golden Cog., It was held on 3 May 2020 in Ulm.]
"""
RIGHT = """\
  - conferral: acme-golden-cog
    id: right-day
    corrects: a/day
    award: golden-cog
    recipient: acme
    date: {value: 2020-05-04, rule: iso-date, text: 4 May 2020}
    quote: "Correction: Acme Works did win the Golden Cog on 4 May 2020, not before."
"""


@pytest.fixture
def two(folder: Folder) -> Folder:
    """A folder in which the article b, of July, corrects the day that the article a gives."""
    folder.write("seeds/a.txt", FIRST)
    folder.write("seeds/b.txt", LATER)
    header = HEADER.format(title="Acme", date="2020-06", words="June 2020")
    header = header.replace("[Acme,", "[{quote: Acme, occurrence: 1},")
    folder.write("seeds/a.facts.yaml", header + NAMES + WON)
    write_later(folder, RIGHT)
    return folder


def write_later(
    folder: Folder, facts: str, date: str = "2020-07-02", words: str = "2 July 2020"
) -> None:
    header = HEADER.format(title="Correction", date=date, words=words)
    folder.write("seeds/b.facts.yaml", header + facts)


def of(dataset: Dataset, fact: str) -> dict[tuple[str, str], Claim]:
    """The claims of a fact, by the local name of the property, and by object."""
    return {
        (c.triple.predicate.value.rpartition("#")[2].rpartition("/")[2], c.triple.object.value): c
        for c in dataset.claims
        if c.fact.id == fact
    }


def loaded(folder: Folder) -> Dataset:
    dataset = api.load(folder.root)
    assert [(str(p.place), p.message) for p in dataset.problems] == []
    return dataset


def messages(folder: Folder) -> list[str]:
    return [problem.message for problem in api.load(folder.root).problems]


def test_a_value_given_otherwise_is_replaced_and_all_else_stands(two: Folder) -> None:
    dataset = loaded(two)
    old = of(dataset, "a/day")
    date = old["date", "2020-05-03"]
    assert not date.asserted
    assert date.standing.asserts
    assert [fact.id for fact in date.corrected_by] == ["b/right-day"]
    assert [claim.triple.object.value for claim in date.replaced_by] == ["2020-05-04"]
    assert old["location", "https://example.org/d/id/ulm"].asserted
    assert old["recipient", "https://example.org/d/id/acme"].asserted
    days = [t.object.value for t in dataset.asserted if t.predicate == KG.date]
    assert days == ["2020-05-04"]
    assert dataset.conflicts == []


def test_what_a_correction_does_not_name_stays_a_conflict(two: Folder) -> None:
    write_later(two, RIGHT.replace("    corrects: a/day\n", ""))
    dataset = loaded(two)
    (conflict,) = dataset.conflicts
    assert conflict.predicate == KG.date
    assert {claim.triple.object.value for claim in conflict.claims} == {"2020-05-03", "2020-05-04"}


def test_a_retraction_takes_a_whole_fact_back(two: Folder) -> None:
    write_later(two, RIGHT.replace("corrects: a/day", "retracts: a/day"))
    dataset = loaded(two)
    assert {claim.asserted for claim in of(dataset, "a/day").values()} == {False}
    assert {c.replaced_by for c in of(dataset, "a/day").values()} == {()}
    # The other fact says that it was given, and to whom, on evidence of its own.
    assert of(dataset, "a/won")["recipient", "https://example.org/d/id/acme"].asserted
    assert not any(t.predicate == SCHEMA.location for t in dataset.asserted)


def test_a_denial_corrects_what_it_denies(two: Folder) -> None:
    denial = RIGHT.replace("    award", "    polarity: negated\n    award").replace(
        "4 May", "3 May"
    )
    two.write("seeds/b.txt", LATER.replace("4 May", "3 May"))
    write_later(two, denial.replace("05-04", "05-03"))
    dataset = loaded(two)
    old = of(dataset, "a/day")
    assert not old["date", "2020-05-03"].asserted
    assert old["date", "2020-05-03"].replaced_by == ()
    assert not of(dataset, "b/right-day")["date", "2020-05-03"].asserted


def test_a_whole_article_can_be_retracted(two: Folder) -> None:
    write_later(two, RIGHT.replace("corrects: a/day", "retracts: a/*"))
    problems = messages(two)
    assert any("no asserted fact gives it its name" in message for message in problems)
    names = (
        "  - {organisation: acme, name: Acme Works, quote: Acme Works did win}\n"
        "  - {award: golden-cog, name: Golden Cog, quote: the Golden Cog}\n"
    )
    write_later(two, names + RIGHT.replace("corrects: a/day", "retracts: a/*"))
    dataset = loaded(two)
    kept = {c.fact.kind for c in dataset.claims if c.asserted and c.fact.article.name == "a"}
    assert kept == {"article"}


def test_who_takes_back_a_correction_restores_what_it_corrected(two: Folder) -> None:
    two.write("seeds/c.txt", "Sorry: Acme Works did not win so late, Golden Cog. 9 July 2020\n")
    header = HEADER.format(title="Sorry", date="2020-07-09", words="9 July 2020")
    sorry = (
        "  - {organisation: acme, alias: Acme Works, retracts: b/right-day, quote: Acme Works}\n"
    )
    two.write("seeds/c.facts.yaml", header + sorry)
    dataset = loaded(two)
    assert of(dataset, "a/day")["date", "2020-05-03"].asserted
    assert not of(dataset, "b/right-day")["date", "2020-05-04"].asserted


@pytest.mark.parametrize(
    ("date", "words"), [("2020-05", "May 2020"), ("2020-06", "June 2020"), ("2020", "2020")]
)
def test_what_is_not_later_for_certain_corrects_nothing(two: Folder, date: str, words: str) -> None:
    two.write("seeds/b.txt", LATER.replace("2 July 2020", "May 2020, June 2020"))
    quoted = {"May 2020": "{quote: May 2020, occurrence: 2}", "2020": "{quote: June 2020}"}
    header = HEADER.format(title="Correction", date=date, words=words)
    header = header.replace(f", {words}]", f", {quoted.get(words, words)}]")
    two.write("seeds/b.facts.yaml", header + RIGHT)
    assert messages(two) == ["the article is not known to be later than 'a', which it corrects"]
    assert of(api.load(two.root), "a/day")["date", "2020-05-03"].asserted


def test_an_undated_article_corrects_nothing(two: Folder) -> None:
    undated = "article: {title: Correction, language: en, quote: Correction}\nfacts:\n"
    two.write("seeds/b.facts.yaml", undated + RIGHT)
    assert messages(two) == ["the article is not known to be later than 'a', which it corrects"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("corrects: a/dya", "no fact has the id 'a/dya'"),
        ("corrects: zz/day", "no article has a name that begins with 'zz'"),
        ("corrects: right-day", "'b/right-day' corrects something itself, in the same article"),
        ("corrects: {id: day}", "'corrects' names facts by their ids"),
        ("corrects: a/won", "this corrects nothing"),
        (
            "corrects: a/day\n    modality: hedged",
            "what is only reported, hedged, planned or external corrects nothing",
        ),
    ],
)
def test_corrections_that_cannot_be(two: Folder, field: str, message: str) -> None:
    write_later(two, RIGHT.replace("corrects: a/day", field))
    assert messages(two) == [message]


def test_an_article_may_correct_itself(two: Folder) -> None:
    (two.root / "seeds/b.txt").unlink()
    (two.root / "seeds/b.facts.yaml").unlink()
    two.write("seeds/a.txt", FIRST + LATER)
    right = RIGHT.replace("a/day", "day")
    header = HEADER.format(title="Correction", date="2020-06", words="June 2020")
    two.write(
        "seeds/a.facts.yaml",
        header
        + NAMES.replace("the Golden Cog}", "{quote: the Golden Cog, occurrence: 1}}").replace(
            "quote: {quote: the Golden Cog, occurrence: 1}", "quote: the Golden Cog, occurrence: 1"
        )
        + WON
        + right,
    )
    dataset = loaded(two)
    assert not of(dataset, "a/day")["date", "2020-05-03"].asserted


def test_the_dumps_show_the_current_state_and_the_record(two: Folder, tmp_path: Path) -> None:
    out = tmp_path / "public"
    built = kg("build", str(two.root), "--data-only", "--out", str(out))
    assert built.code == 0, built.err
    assert "1 claim corrected" in built.out
    dates = "SELECT ?d WHERE { ?c kg:date ?d }"
    assert kg("query", dates, "--data", str(out), "--format", "csv").out.split() == [
        "d",
        "2020-05-04",
    ]
    record = (
        "SELECT ?old ?new ?id WHERE { ?c rdf:object ?old ; kg:asserted false ; "
        "kg:correctedBy ?f ; dcterms:isReplacedBy/rdf:object ?new . ?f kg:corrects ?id }"
    )
    rows = kg("query", record, "--data", str(out), "--format", "csv").out.splitlines()[1:]
    assert rows == ["2020-05-03,2020-05-04,https://example.org/d/fact/a/day"]
    graph = list(ox.parse(path=str(out / "data/graph.ttl")))
    assert [t.object.value for t in graph if t.predicate == KG.date] == ["2020-05-04"]


def test_explain_keeps_apart_what_one_article_gives_and_another_denies(
    two: Folder, tmp_path: Path
) -> None:
    two.write("seeds/b.txt", "Correction: Acme did not win the Golden Cog. 2 July 2020\n")
    denial = "did not win the Golden Cog."
    write_later(
        two,
        "  - conferral: acme-golden-cog\n    corrects: a/won\n    retracts: a/day\n"
        "    polarity: negated\n    award: golden-cog\n    recipient: acme\n"
        f'    quote: "Correction: Acme {denial}"\n',
    )
    assert kg("build", two.root, "--data-only", "--out", tmp_path / "public").code == 0
    told = kg("explain", "acme-golden-cog", "--data", tmp_path / "public").out.split("\n\n")
    awards = [entry for entry in told if entry.startswith("  award")]
    assert [("negated" in entry, denial in entry) for entry in awards] == [
        (False, False),
        (True, True),
    ]
    assert "corrected by b/" in awards[0]
    assert "corrected by" not in awards[1]


def test_what_still_stands_of_a_thing_that_is_denied_is_to_be_taken_back(two: Folder) -> None:
    two.write("seeds/b.txt", "Correction: Acme did not win the Golden Cog. 2 July 2020\n")
    write_later(
        two,
        "  - conferral: acme-golden-cog\n    corrects: [a/won, a/day]\n    polarity: negated\n"
        "    award: golden-cog\n    recipient: acme\n"
        '    quote: "Correction: Acme did not win the Golden Cog."\n',
    )
    [problem] = api.load(two.root).errors
    assert "no asserted fact gives it its name" in problem.message
    assert problem.mend.startswith("its name is corrected: take this fact back (retracts:)")
    two.replace("seeds/b.facts.yaml", "corrects: [a/won, a/day]", "retracts: [a/won, a/day]")
    assert loaded(two).claims


def test_nothing_is_told_of_a_correction_while_what_it_names_cannot_be_read(two: Folder) -> None:
    two.replace("seeds/a.facts.yaml", "quote: [Acme won the Golden Cog., It", "quote: [Acme, It")
    assert [m for m in messages(two) if "id" in m or "later" in m] == []
    two.replace("seeds/a.facts.yaml", "published: {", "published: {lang: 5, ")
    assert [m for m in messages(two) if "id" in m or "later" in m] == []
    assert of(api.load(two.root), "b/right-day")["date", "2020-05-04"].asserted


def test_times_are_compared_as_far_as_they_are_known() -> None:
    assert _after("2018-11", "2018-10-31")
    assert not _after("2018", "2018-10-31")
    assert not _after("2018-10-31", "2018-10-31")
    assert _after("2018-10-31T10:00:00", "2018-10-31T09:00:00")
    assert not _after("2018-10-31T10:00:00Z", "2018-10-31T09:00:00")
    assert not _after("2018-10-31T10:00:00", "2018-10-31")
    assert _after("2019", "2018-10-31T10:00:00Z")


def test_a_date_without_its_year_is_not_known_to_be_earlier(two: Folder) -> None:
    header = HEADER.format(title="Acme", date="--06", words="June")
    header = header.replace("[Acme, June]", "[{quote: Acme, occurrence: 1}, June]")
    header = header.replace("iso-date", "partial-date")
    two.write("seeds/a.facts.yaml", header + NAMES + WON)
    assert messages(two) == ["the article is not known to be later than 'a', which it corrects"]


def test_a_link_rests_on_no_article_that_could_take_it_back(two: Folder) -> None:
    link = (
        "  - {link: acme-elsewhere, id: link, of: acme, same_as: 'https://example.net/acme', "
        "title: Acme, retrieved: 2020-01-01, reason: The same.}\n"
    )
    two.replace("seeds/a.facts.yaml", WON, WON + link)
    write_later(two, RIGHT.replace("corrects: a/day", "retracts: a/link"))
    assert messages(two) == ["'a/link' rests on no article, so that none can take it back"]
    names = (
        "  - {organisation: acme, name: Acme Works, quote: Acme Works did win}\n"
        "  - {award: golden-cog, name: Golden Cog, quote: the Golden Cog}\n"
    )
    write_later(two, names + RIGHT.replace("corrects: a/day", "retracts: a/*"))
    assert not any(claim.corrected_by for claim in loaded(two).links)


def test_what_a_voice_said_is_taken_back_with_the_voice(two: Folder) -> None:
    two.write("seeds/a.txt", FIRST + "Jo Bell says that Acme is old.\n")
    told = """\
  - {person: jo, name: Jo Bell, quote: Jo Bell says that Acme is old.}
  - organisation: acme
    description: old
    said_by: jo
    quote: Jo Bell says that Acme is old.
"""
    header = HEADER.format(title="Correction", date="2020-07-02", words="2 July 2020")
    two.write("seeds/a.facts.yaml", (two.root / "seeds/a.facts.yaml").read_text() + told)
    own = "  - {organisation: acme, name: Acme Works, retracts: a/*, quote: Acme Works did win}\n"
    two.write("seeds/b.facts.yaml", header + own)
    dataset = loaded(two)
    (said,) = [c for c in dataset.claims if c.triple.object.value == "old"]
    assert [fact.slug for fact in said.corrected_by] == ["acme"]
    assert [p.message for p in check(dataset) if p.severity == "error"] == []
