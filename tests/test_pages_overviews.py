"""Overviews: what a page shows is the answer to its query, each row with its sentence."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import html5lib
import pyoxigraph as ox
import pytest
import test_pages_hostile as hostile
from sample import Folder, kg
from serving import Server, serving
from test_corrections import RIGHT, two, write_later  # noqa: F401 - a fixture
from test_pages import XHTML, by_class, hrefs, parsed, words

from kg import build
from kg.asking.published import Published
from kg.pages import DOCUMENTS, Pages
from kg.pages.overviews.dates import when
from kg.pages.overviews.overview import LIMIT
from kg.vocab import KG, RDF, SCHEMA, XSD

NAMES = ["timeline", "awards", "statements", "figures", "conflicts"]
FORMS = {
    ".csv": "text/csv",
    ".json": "application/sparql-results+json",
    ".ttl": "text/turtle",
    ".rq": "application/sparql-query",
}
WON = "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.\n"


@pytest.fixture(scope="module")
def pages(public: Path) -> Pages:
    return Pages(Published(public))


def published(folder: Folder) -> Pages:
    return Pages(Published(folder.publish()))


def told(pages: Pages, name: str) -> list[dict[str, str]]:
    """The rows of an overview, as its CSV has them."""
    document = pages.document(f"{name}.csv")
    assert document is not None
    return list(csv.DictReader(io.StringIO(document[1].decode(), newline="")))


def text_of(element) -> str:
    return " ".join(words(element).split())


def rows_of(document) -> list[list[str]]:
    """The cells of the rows of a table but the last, which has the words; group rows alone."""
    found = []
    for row in document.iter(f"{XHTML}tr"):
        cells = [text_of(cell) for cell in row]
        found.append(cells if len(cells) == 1 else cells[:-1])
    return found[1:]


# --- the five articles -------------------------------------------------------------------------


def test_awards_are_those_of_the_articles(pages: Pages) -> None:
    document = parsed(pages.page("awards"))
    (caption,) = document.iter(f"{XHTML}caption")
    assert "Who received which award" in words(caption)
    assert {h.get("scope") for h in document.iter(f"{XHTML}th")} == {"col", "row", "rowgroup"}
    edition, inferred = "China Quality Technology Award 2018", "inferred (date-in-year)"
    found = rows_of(document)
    assert [row[:1] + row[1:] for row in found if "doubtful" not in row[0]] == [
        ["China Quality Technology Award"],
        *(
            [who, "first prize", edition, f"28 November 2018 {inferred}"]
            for who in (
                "China Academy of Launch Vehicle Technology",
                "China Guangdong Nuclear Power Engineering Co., Ltd.",
                "Xiaomi",
            )
        ),
        ["National Quality Benchmark"],
        ["Xiaomi", "", "National Quality Benchmark 2018", f"October 2018 {inferred}"],
    ]
    (doubtful,) = (row for row in found if "doubtful" in row[0])
    assert doubtful[0].startswith("Yan Kesheng doubtful: The article does not say of what year")
    assert doubtful[1:] == ["special mention", edition, ""]


def test_every_row_has_its_sentence_with_a_link_to_its_place(pages: Pages) -> None:
    for name in NAMES:
        document = parsed(pages.page(name))
        rows = [e for e in document.iter(f"{XHTML}td") if e.get("class") == "sentence"]
        rows += by_class(document, "entry") + by_class(document, "side")
        assert rows, name
        for row in rows:
            quote = next(
                row.iter(f"{XHTML}blockquote" if name != "statements" else f"{XHTML}figure")
            )
            assert words(quote).strip(), (name, text_of(row))
            links = [h for h in hrefs(row) if "#char=" in h]
            assert links, (name, text_of(row))


def test_the_sentence_of_an_award_says_it(pages: Pages) -> None:
    first, mention = "first prize", "special mention"
    said = by_class(parsed(pages.page("awards")), "sentence")
    quotes = [text_of(next(cell.iter(f"{XHTML}blockquote"))) for cell in said]
    what = re.compile(f"{first}|{mention}|National Quality Benchmark")
    found = [match[0] if (match := what.search(quote)) else quote for quote in quotes]
    assert found == [mention, *3 * [first], "National Quality Benchmark"]


def test_the_timeline_has_every_date_of_the_graph_in_order(pages: Pages) -> None:
    kinds = {XSD.date, XSD.dateTime, XSD.gYear, XSD.gYearMonth, XSD.gMonth, XSD.gDay, XSD.gMonthDay}
    store = pages.published.store
    expected = Counter(
        (q.object.value, q.predicate.value, q.subject.value)
        for q in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        if isinstance(q.object, ox.Literal)
        and q.predicate != RDF.object  # what a claim says
        and (q.object.datatype in kinds or "edtf" in q.object.datatype.value.lower())
    )
    rows = told(pages, "timeline")
    assert Counter((r["date"], r["property"], r["thing"]) for r in rows) == expected
    assert {row["asserted"] for row in rows} == {"true"}
    document = parsed(pages.page("timeline"))
    years = [text_of(h) for h in document.iter(f"{XHTML}h2")]
    assert years == [
        *("1978", "2005", "2011", "2012", "2014", "2016", "2017", "2018", "2020", "2021"),
        "Without a year",
    ]
    entries = by_class(document, "entry")
    assert len(entries) == len(rows)
    ids = {e.get("id") for e in document.iter()}
    jumps = [h[1:] for nav in by_class(document, "jump") for h in hrefs(nav)]
    assert len(jumps) == len(years)
    assert set(jumps) <= ids
    shown = [text_of(e.find(f"{XHTML}p")) for e in entries]
    assert shown[:4] == ["1978", "1978", "1978", "24 June"]
    assert shown[-3:] == ["day 29 of a month", "February", "February"]
    assert "2012 – 2017" in shown
    assert "16 September, 05:48" in shown
    machine = [
        t.get("datetime") for e in entries for t in e.iter(f"{XHTML}time") if t.get("datetime")
    ]
    assert {"1978", "2018-10", "2018-11-28", "2017-09-16T05:48:00"} <= set(machine)


def test_articles_are_in_the_timeline_by_their_own_dates(pages: Pages) -> None:
    entries = by_class(parsed(pages.page("timeline")), "entry")
    (entry,) = (e for e in entries if "Xi: China strives to improve products" in text_of(e)
                and "news article" in text_of(e))  # fmt: skip
    assert text_of(by_class(entry, "meta")[0]).startswith("updated · article, news article")


def test_statements_are_grouped_by_speaker_and_sorted_by_date(pages: Pages) -> None:
    document = parsed(pages.page("statements"))
    rows = told(pages, "statements")
    expected = Counter(r["speakerLabel"] or r["documentLabel"] or r["unnamed"] for r in rows)
    assert expected["Lei Jun"] == 31
    sections = by_class(document, "speaker")
    found = {text_of(next(s.iter(f"{XHTML}h2"))): by_class(s, "entry") for s in sections}
    assert {name: len(entries) for name, entries in found.items()} == expected
    said = [text_of(by_class(e, "said")[0]) for e in found["Lei Jun"]]
    assert said[0].startswith("We want to look at the quality with a microscope")
    assert said[2].startswith("After the listing of Xiaomi Group, our first priority")
    whens = [text_of(by_class(e, "when")[0]) for e in found["Lei Jun"]]
    assert whens[:5] == [
        *2 * ["December 2017 inferred (relative-date)"],
        *2 * ["July 2018 inferred (relative-date)"],
        "no date",
    ]
    metas = Counter(text_of(by_class(e, "meta")[0]).split()[0] for es in found.values() for e in es)
    assert metas == Counter(row["formLabel"] for row in rows)
    planned = [e for e in found["Guo Chongqing"] if "planned" in text_of(by_class(e, "meta")[0])]
    assert [text_of(by_class(e, "said")[0])[:30] for e in planned] == [
        "authorities make use of the la"
    ]


def test_figures_are_told_with_their_bounds_and_who_gives_them(pages: Pages) -> None:
    document = parsed(pages.page("figures"))
    rows = rows_of(document)
    assert len([row for row in rows if len(row) > 1]) == 20
    assert [
        "entries sources differ",
        "more than 1,000",
        "",
        "2018 inferred (relative-date) this year’s election",
    ] in rows
    assert [
        "kinds of quality foods said by Zhi Shuping",
        "2,186",
        "",
        "2012 – 2017 inferred (relative-date) In the past five years",
    ] in rows
    assert ["employees said by Lei Jun", "more than 16,000", "", ""] in rows
    (income,) = (row for row in rows if row[0].startswith("Internet Income"))
    assert "said by Lei Jun doubtful: Which currency the sign stands for" in income[0]
    assert income[1:] == ["nearly 10,000,000,000", "$", ""]
    assert all("number" in td.get("class", "") for td in document.iter(f"{XHTML}td")
               if td.get("data-label") == "Amount")  # fmt: skip


def test_conflicts_have_all_their_sides(pages: Pages, public: Path) -> None:
    """As conflicts.json tells them, which the build writes without asking anything."""
    ledger = json.loads((public / "data/conflicts.json").read_text("utf-8"))["conflicts"]
    document = parsed(pages.page("conflicts"))
    shown = by_class(document, "conflict")
    assert len(shown) == len(ledger) == 8
    found = {
        frozenset(text_of(by_class(side, "saying")[0]) for side in by_class(conflict, "side"))
        for conflict in shown
    }
    expected = {
        frozenset(" ".join(side["value"]["value"].split()) for side in conflict["sides"])
        for conflict in ledger
    }
    assert found == expected
    by_iri = {c["iri"].removeprefix(pages.nodes.base): c for c in ledger}
    for conflict in shown:
        (iri,) = (h[2:-5] for h in hrefs(conflict) if h.startswith("./conflict/"))
        articles = {c["article"] for s in by_iri[iri]["sides"] for c in s["claims"]}
        assert articles == {
            h.split("article/")[1].split(".html")[0] for h in hrefs(conflict) if "#char=" in h
        }


# --- the query and its forms -------------------------------------------------------------------


@pytest.mark.slow
def test_the_forms_are_what_kg_query_prints(pages: Pages, public: Path, tmp_path: Path) -> None:
    assert [name for name, _ in pages.overviews] == NAMES
    for name in NAMES:
        document = pages.document(f"{name}.rq")
        assert document is not None
        (tmp_path / f"{name}.rq").write_bytes(document[1])
        for form in ("csv", "json"):
            ran = kg("query", tmp_path / f"{name}.rq", "--data", public, "--format", form)
            assert (ran.code, ran.err) == (0, ""), ran.err
            made = pages.document(f"{name}.{form}")
            assert made == (FORMS[f".{form}"], ran.out.encode())


def test_a_page_shows_its_query_and_leads_to_the_query_page(pages: Pages) -> None:
    for name in NAMES:
        document = parsed(pages.page(name))
        (code,) = by_class(document, "code")
        made = pages.document(f"{name}.rq")
        assert made is not None
        assert words(code) == made[1].decode()
        (ask,) = (h for h in hrefs(document) if h.startswith("./sparql.html#query="))
        assert unquote(ask.partition("=")[2]) == made[1].decode()
        assert {f"./{name}{suffix}" for suffix in FORMS} <= set(hrefs(document))


def test_rows_are_those_of_the_answer(pages: Pages) -> None:
    counts = {
        "timeline": lambda d: len(by_class(d, "entry")),
        "awards": lambda d: len(by_class(d, "sentence")),
        "statements": lambda d: len(by_class(d, "entry")),
        "figures": lambda d: len(by_class(d, "sentence")),
    }
    for name, count in counts.items():
        assert count(parsed(pages.page(name))) == len(told(pages, name)) > 0


def test_the_turtle_is_part_of_the_dump(pages: Pages) -> None:
    dump = {str(t) for t in ox.parse(path=str(pages.published.out / "data/kg.ttl"))}
    for name in NAMES:
        document = pages.document(f"{name}.ttl")
        assert document is not None
        triples = {str(t) for t in ox.parse(document[1], ox.RdfFormat.TURTLE)}
        assert triples
        assert triples <= dump, (name, sorted(triples - dump)[:3])
    for row in told(pages, "awards"):
        triple = f"<{row['conferral']}> <{KG.recipient.value}> <{row['recipient']}>"
        document = pages.document("awards.ttl")
        assert document is not None
        assert triple in {str(t).strip(" .") for t in ox.parse(document[1], ox.RdfFormat.TURTLE)}


def test_there_are_no_documents_but_those(pages: Pages) -> None:
    for path in ("", "awards", "awards.html", "awards.xml", "id/xiaomi.csv", "../awards.csv"):
        assert path not in DOCUMENTS
        assert pages.document(path) is None


# --- other datasets ----------------------------------------------------------------------------


def test_what_a_dataset_has_not_is_absent(folder: Folder) -> None:
    pages = published(folder)
    assert pages.overviews == [("timeline", "Timeline"), ("awards", "Awards")]
    for name in ("statements", "figures", "conflicts"):
        assert pages.page(name) is None
        assert {pages.document(name + suffix) for suffix in FORMS} == {None}
    rows = told(pages, "timeline")
    assert [(row["date"], row["thingLabel"]) for row in rows] == [
        ("1999", "Golden Cog"),
        ("2020-05-04", "Golden Cog to Acme Works"),
    ]


def test_a_dataset_without_any_of_it_has_no_overviews(folder: Folder) -> None:
    folder.write(
        "seeds/a.facts.yaml",
        "article:\n  title: Acme\n  language: en\n  quote: Acme wins\n".replace(
            "title: Acme", "title: Acme wins"
        ),
    )
    pages = published(folder)
    assert pages.overviews == []
    assert {pages.page(name) for name in NAMES} == {None}


def test_what_is_recorded_is_marked_and_has_rows_of_its_own(folder: Folder) -> None:
    same = f"conferral: acme-golden-cog-2020\naward: golden-cog\nrecipient: acme\n{WON}"
    folder.facts(f"{same}modality: planned\ngrade: quiet gears", f"{same}polarity: negated")
    pages = published(folder)
    rows = told(pages, "awards")
    assert sorted((r["grade"], r["asserted"], bool(r["fact"])) for r in rows) == [
        ("", "false", True),
        ("", "true", False),
        ("quiet gears", "false", True),
    ]
    table = [row for row in rows_of(parsed(pages.page("awards"))) if len(row) > 1]
    assert sorted(row[:2] for row in table) == [
        ["Acme Works not asserted negated sources differ sources differ", ""],
        ["Acme Works not asserted planned", "quiet gears"],
        ["Acme Works sources differ sources differ", ""],
    ]
    (conflict,) = (c for c in by_class(parsed(pages.page("conflicts")), "conflict")
                   if text_of(c).startswith("recipient"))  # fmt: skip
    assert [text_of(s) for s in by_class(conflict, "saying")] == ["Acme Works", "not: Acme Works"]
    turtle = pages.document("awards.ttl")
    assert turtle is not None
    told_ = list(ox.parse(turtle[1], ox.RdfFormat.TURTLE))
    assert not any(t.predicate == KG.grade for t in told_)
    assert any(t.predicate == RDF.object and t.object.value == "quiet gears" for t in told_)


def test_an_award_that_is_only_planned_is_there(folder: Folder) -> None:
    folder.replace(
        "seeds/a.facts.yaml",
        "    recipient: acme\n",
        "    recipient: acme\n    modality: planned\n",
    )
    pages = published(folder)
    (row,) = told(pages, "awards")
    assert (row["asserted"], row["date"]) == ("false", "2020-05-04")
    (row,) = (row for row in told(pages, "timeline") if row["date"] == "2020-05-04")
    assert row["asserted"] == "false"
    (entry,) = (e for e in by_class(parsed(pages.page("timeline")), "recorded"))
    assert "not asserted planned" in text_of(entry)


def test_what_is_said_by_somebody_and_denied_is_told_so(folder: Folder) -> None:
    folder.facts(
        'person: jo-bell\nname: Jo Bell\nquote: "Jo Bell, head of Acme Works"',
        "figure: workers\nof: acme\nvalue: {value: 1200, rule: number, text: '1,200'}\n"
        "counted: workers\npolarity: negated\nsaid_by: jo-bell\n"
        "quote: ['Acme has 1,200 workers.', 'Jo Bell, head of Acme Works']",
        "statement: listening\nspeaker: jo-bell\ntext: We listen.\nform: direct\n"
        "quote: 'Jo Bell, head of Acme Works, said: \"We listen.\"'",
    )
    pages = published(folder)
    (row,) = (row for row in rows_of(parsed(pages.page("figures"))) if len(row) > 1)
    assert row[:2] == ["workers said by Jo Bell negated", "1,200"]
    (speaker,) = by_class(parsed(pages.page("statements")), "speaker")
    assert text_of(by_class(speaker, "said")[0]) == "We listen."


def test_corrections_show_what_was_and_what_is(two: Folder) -> None:  # noqa: F811
    pages = published(two)
    (correction,) = by_class(parsed(pages.page("conflicts")), "conflict")
    before, after = by_class(correction, "side")
    assert text_of(by_class(before, "saying")[0]) == "2020-05-03"
    assert "not asserted corrected by b/" in text_of(by_class(before, "meta")[0])
    assert text_of(by_class(after, "saying")[0]) == "2020-05-04"
    assert "did win the Golden Cog on 4 May 2020" in text_of(after)
    rows = told(pages, "awards")
    assert [(r["date"], r["asserted"]) for r in rows] == [
        ("2020-05-03", "false"),
        ("2020-05-04", "true"),
    ]


def test_what_is_taken_back_is_shown_with_who_takes_it_back(two: Folder) -> None:  # noqa: F811
    write_later(two, RIGHT.replace("corrects: a/day", "retracts: a/day"))
    corrections = by_class(parsed(published(two).page("conflicts")), "conflict")
    assert len(corrections) == 4  # award, recipient, date, location
    for correction in corrections:
        before, after = by_class(correction, "side")
        assert before.get("class") == "side recorded"
        assert "Correction" in text_of(next(after.iter(f"{XHTML}blockquote")))


def test_own_properties_below_those_of_dates_are_in_the_timeline(folder: Folder) -> None:
    folder.write("ontology/own.ttl", OWN)
    folder.write("mappers.py", MAPPER)
    folder.facts(
        "inspection: golden-cog-inspection\nof: golden-cog\nday: 1999\n"
        "quote: The Golden Cog was established in 1999."
    )
    assert build(folder.root, allow_code=True, data_only=True).published
    pages = Pages(Published(folder.root / "public"))
    rows = {(row["thingLabel"], row["propertyLabel"]) for row in told(pages, "timeline")}
    assert ("Inspection of Golden Cog", "inspected on") in rows


OWN = """\
@prefix ex: <https://example.org/ns#> .
@prefix schema: <http://schema.org/> .
@prefix kg: <https://w3id.org/kgpress/ns#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:Inspection a owl:Class ; rdfs:label "inspection"@en .
ex:of a owl:ObjectProperty ; rdfs:label "of"@en .
ex:day a owl:DatatypeProperty ; rdfs:label "inspected on"@en ; rdfs:subPropertyOf kg:date .
"""
"""It takes the prefix of another vocabulary for its own, too."""

MAPPER = """\
from kg.fields import Node, Ref
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date
from kg.vocab import KG, RDF, Namespace

EX = Namespace("ex", "https://example.org/ns#")


@maps
def inspection(*, inspection: Node, of: Ref, day: Date) -> Triples:
    \"\"\"An inspection.\"\"\"
    yield label(inspection, f"Inspection of {of.label}")
    yield from properties(inspection, {RDF.type: EX.Inspection, EX.of: of, EX.day: day})
"""


# --- size, order, hostility --------------------------------------------------------------------


def many(folder: Folder, count: int) -> None:
    """Write a folder of so many awards, each on a day of its own."""
    lines = [f"Firm {n} won the Cog on {1 + n % 28} May {1900 + n}." for n in range(count)]
    folder.write("seeds/a.txt", "The Cog\n\n" + "\n".join(lines) + "\n")
    header = "title: The Cog, language: en, quote: {quote: The Cog, occurrence: 1}"
    facts = [f"article: {{{header}}}\n\nfacts:\n"]
    facts.append("  - {award: cog, name: Cog, quote: Firm 0 won the Cog}\n")
    for n, line in enumerate(lines):
        facts.append(f"  - {{organisation: f{n}, name: Firm {n}, quote: {line}}}\n")
        day = f"{1900 + n}-05-{1 + n % 28:02}"
        date = f"{{value: {day}, rule: iso-date, text: {1 + n % 28} May {1900 + n}}}"
        facts.append(
            f"  - {{conferral: c{n}, award: cog, recipient: f{n}, date: {date}, quote: {line}}}\n"
        )
    folder.write("seeds/a.facts.yaml", "".join(facts))


@pytest.mark.slow
def test_what_is_too_much_is_cut_and_says_so(folder: Folder) -> None:
    many(folder, LIMIT + 20)
    pages = published(folder)
    rows = told(pages, "awards")
    years = sorted(int(row["date"][:4]) for row in rows)
    assert years == list(range(1920, 1920 + LIMIT))
    document = parsed(pages.page("awards"))
    assert len(by_class(document, "sentence")) == LIMIT
    assert text_of(by_class(document, "cut")[0]).startswith(
        "500 rows are shown and there may be more"
    )
    assert len(by_class(parsed(pages.page("timeline")), "entry")) == LIMIT


SCRIPT = """
import hashlib, sys
from pathlib import Path
from kg import build
from kg.asking.published import Published
from kg.pages import DOCUMENTS, Pages
pages = Pages(Published(Path(sys.argv[1])))
for name in sys.argv[2:]:
    print(name, hashlib.sha256(pages.page(name).encode()).hexdigest())
for path in DOCUMENTS:
    made = pages.document(path)
    print(path, made and hashlib.sha256(made[1]).hexdigest())
"""


def test_the_bytes_are_always_the_same(public: Path) -> None:
    def run(seed: str) -> str:
        command = [sys.executable, "-c", SCRIPT, str(public), *NAMES]
        return subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout.decode()

    first = run("1")
    assert first.count("\n") >= len(NAMES) * 5
    assert first == run("2")


_TABLE = ("table", "caption", "thead", "tbody", "tr", "td", "th")
TAGS = {
    **{tag: {"data-label", "colspan", "scope"} for tag in _TABLE},
    **{tag: {"lang", "role", "aria-label"} for tag in ("div", "pre", "ol", "s")},
    "time": {"datetime"},
    "nav": {"aria-label"},
}  # fmt: skip


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 2))])
def test_hostile_dumps_make_harmless_overviews(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tag, attributes in TAGS.items():
        monkeypatch.setitem(hostile.ALLOWED, tag, hostile.ALLOWED.get(tag, set()) | attributes)
    world = hostile.World(tmp_path / "typed", seed, 300)
    things = [
        t.subject for t in world.triples if t.predicate == KG.factAbout or "id/n" in str(t.subject)
    ]
    claims = sorted({t.subject for t in world.triples if t.predicate == RDF.subject}, key=str)
    facts = sorted({t.object for t in world.triples if t.predicate == KG.fact}, key=str)
    properties = [
        *(KG.award, KG.edition, KG.recipient, KG.grade, KG.date, KG.form, KG.counted, KG.bound),
        *(KG.figureOf, SCHEMA.value, SCHEMA.maxValue, SCHEMA.unitText, SCHEMA.text, KG.saidBy),
        *(KG.unnamedSpeaker, KG.when, KG.modality, KG.polarity, SCHEMA.startDate, KG.occasion),
    ]
    for thing in things:
        for class_ in (KG.AwardConferral, KG.Statement, KG.Figure):
            if world.random.random() < 0.5:
                world._add(thing, RDF.type, class_)
        for property_ in world.random.sample(properties, 6):
            value = world.random.choice([world._literal, world._any])()
            world._add(thing, property_, value)
    for claim in claims:
        world._add(claim, RDF.predicate, world.random.choice(properties))
        world._add(
            claim, RDF.object, world.random.choice([KG.AwardConferral, KG.Figure, world._literal()])
        )
        world._add(claim, KG.inConflict, world._new("conflict"))
        world._add(claim, KG.correctedBy, world.random.choice(facts))
        world._add(claim, KG.asserted, world._literal())
        world._add(claim, KG.asserted, ox.Literal(False))
    for fact in facts:
        world._add(fact, KG.inArticle, world._any())
    world._write()
    pages = world.pages()
    assert [name for name, _ in pages.overviews] == NAMES
    for name in NAMES:
        page = pages.page(name)
        assert page is not None, name
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", page), name
        (main,) = html5lib.parse(page).iter(f"{XHTML}main")
        hostile.harmless(main, name)
        for suffix in FORMS:
            made = pages.document(name + suffix)
            assert made is not None
        turtle = pages.document(f"{name}.ttl")
        assert turtle is not None
        list(ox.parse(turtle[1], ox.RdfFormat.TURTLE))


def test_dates_of_any_granularity_read_well_and_in_order() -> None:
    expected = [
        ("197X", "1970s", "the 1970s"),
        ("1970", "1970", "1970"),
        ("1970/1975-06", "1970", "1970 – June 1975"),
        ("1970-02", "1970", "February 1970"),
        ("1970-02-01", "1970", "1 February 1970"),
        ("1970-02-01T10:30:00Z", "1970", "1 February 1970, 10:30 UTC"),
        ("1970-12-31", "1970", "31 December 1970"),
        ("1971", "1971", "1971"),
        ("---29", "", "day 29 of a month"),
        ("--02", "", "February"),
        ("--02-03", "", "3 February"),
        ("2018-13-45", "", "2018-13-45"),
        ("never", "", "never"),
    ]
    found = [(date, when(date).group, when(date).text) for date, _, _ in expected]
    assert found == expected
    assert sorted((when(date).order, date) for date, _, _ in expected) == [
        (when(date).order, date) for date, _, _ in expected
    ]
    assert when("1970-02-01").short == "1 February"
    assert when("1970").short == ""
    assert [when(d).machine for d in ("1970-02", "197X", "--02", "1970/1975")] == [
        "1970-02",
        "",
        "",
        "",
    ]


# --- served ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(public, log=tmp_path_factory.mktemp("overviews") / "log") as found:
        yield found


def test_kg_serve_gives_the_same_bytes(pages: Pages, server: Server) -> None:
    for name in NAMES:
        page = server.ask("GET", f"/{name}.html")
        assert page.status == 200
        assert page.body == (pages.page(name) or "").encode()
        assert f'<{name}.csv>; rel="alternate"; type="text/csv"' in page.headers["Link"]
        for suffix, type_ in FORMS.items():
            reply = server.ask("GET", f"/{name}{suffix}")
            made = pages.document(name + suffix)
            assert made is not None
            assert (reply.status, reply.body) == (200, made[1])
            assert reply.headers["Content-Type"].partition(";")[0] == type_


def test_the_name_of_an_overview_leads_to_the_form_that_is_wanted(server: Server) -> None:
    for accept, form in (
        ("text/html,*/*;q=0.8", "awards.html"),
        ("text/csv", "awards.csv"),
        ("application/sparql-results+json", "awards.json"),
        ("text/turtle", "awards.ttl"),
    ):
        reply = server.ask("GET", "/awards", headers={"Accept": accept})
        assert (reply.status, reply.headers["Location"]) == (303, form)
    assert server.ask("GET", "/awards", headers={"Accept": "image/png"}).status == 406


def test_kg_serve_has_nothing_of_what_is_absent(folder: Folder) -> None:
    with serving(folder.publish()) as server:
        for path in ("figures.html", "figures.csv", "figures.rq", "awards.xml"):
            assert server.ask("GET", f"/{path}").status == 404
        assert server.ask("GET", "/awards.csv").status == 200
