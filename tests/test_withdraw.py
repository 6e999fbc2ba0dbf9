"""Withdrawing an article: what is said to fall is what is gone when the folder is read without."""

from __future__ import annotations

import json
import shutil
import tempfile
from bisect import bisect
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import FACTS, REPOSITORY, Folder, kg, tree

import kg as api
from kg.changes.withdrawal import Withdrawal, withdrawal
from kg.dataset import Dataset

OTHER = """\
The Golden Cog again

Acme Works won the Golden Cog. The quiet gears, says the jury, are "a marvel of brass".
"""

OTHER_FACTS = """\
article:
  title: The Golden Cog again
  language: en
  quote: The Golden Cog again

facts:
  - organisation: acme
    name: Acme Works
    quote: Acme Works won the Golden Cog
  - award: golden-cog
    name: Golden Cog
    quote: Acme Works won the Golden Cog
"""


def without(folder: Path, name: str, target: Path) -> Dataset:
    """Load a copy of a folder from which an article and its fact file were left out."""
    for part in ("seeds", "ontology", "shapes"):
        if (folder / part).exists():
            shutil.copytree(folder / part, target / part)
    for file in [*(target / "seeds").glob(f"{name}.*")]:
        file.unlink()
    return api.load(target)


def in_facts(dataset: Dataset, left: Dataset) -> set[str]:
    """Return the ids of the facts of a dataset in which what is left of it has errors."""
    places = sorted((fact.place, fact.id) for fact in dataset.facts)
    return {places[bisect(places, (p.place, "~")) - 1][1] for p in left.errors}


def test_the_five_articles_one_by_one(tmp_path: Path) -> None:
    dataset = api.load(REPOSITORY)
    exact = 0
    for name, article in dataset.articles.items():
        lost = withdrawal(dataset, article)
        left = without(REPOSITORY, name, tmp_path / name)
        nameless = {f.id for f in dataset.facts if f.slug in lost.nameless}
        broken = {breaking.fact.id for breaking in lost.breaking}
        found = in_facts(dataset, left)
        assert broken <= found <= broken | nameless, name
        if not (broken or nameless or lost.renamed):
            exact += 1
            predicted = [t for t in dataset.asserted if t not in set(lost.falling)]
            assert left.asserted == predicted
            assert dataset.names.things.keys() - left.names.things.keys() == set(lost.gone)
    assert exact, "no article stands by itself, so nothing was compared"


WORDS = ("gears", "springs", "dials")
MADE = st.tuples(
    st.integers(0, 2),  # which organisation
    st.sampled_from(WORDS),
    st.sampled_from(("", "alias", "hedged", "elsewhere", "manufacturer")),
)
FOLDERS = st.lists(st.lists(MADE, max_size=3, unique=True), min_size=2, max_size=3)


def made(folder: Folder, articles: list[list[tuple[int, str, str]]]) -> None:
    """Write articles that tell of the same three organisations, each in a few facts."""
    for file in (folder.root / "seeds").iterdir():
        file.unlink()
    for number, said in enumerate(articles):
        name = "abc"[number]
        text = f"Report {number}\n\n"
        facts = f"article: {{title: Report {number}, language: en, quote: Report {number}}}\nfacts:"
        for which, word, how in said:
            quote = f"Firm {which}{' Ltd' * (how == 'alias')} makes {word}, says {name}."
            text += quote + "\n"
            if how == "manufacturer":  # may refer to what another article describes, or none
                facts += f"\n  - product: {word}\n    name: {word}\n    manufacturer: firm-{which}"
            else:
                facts += f"\n  - organisation: firm-{which}\n    description: {word}"
                facts += f"\n    {'alias' if how == 'alias' else 'name'}: Firm {which}"
                facts += " Ltd" * (how == "alias")
            facts += "\n    modality: hedged" * (how == "hedged")
            facts += f"\n    quote:\n      - {quote}"
            if how == "elsewhere" and number:
                facts += "\n      - {quote: Report 0, article: a}"
        folder.write(f"seeds/{name}.txt", text)
        folder.write(f"seeds/{name}.facts.yaml", facts.removesuffix("\nfacts:") + "\n")


@settings(max_examples=60)
@given(articles=FOLDERS, which=st.integers(0, 2))
def test_what_is_said_to_fall_is_what_is_gone(
    articles: list[list[tuple[int, str, str]]], which: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        folder = Folder(Path(directory) / "folder")
        made(folder, articles)
        dataset = api.load(folder.root)
        if dataset.errors:
            return
        name = sorted(dataset.articles)[which % len(articles)]
        lost = withdrawal(dataset, dataset.articles[name])
        left = without(folder.root, name, Path(directory) / "left")
        assert bool(left.errors) == bool(lost.breaking or lost.nameless)
        if not left.errors and not lost.renamed:
            falling = set(lost.falling)
            assert left.asserted == [t for t in dataset.asserted if t not in falling]
            said = {c.triple for c in dataset.claims if c.asserted and c.fact.article.name == name}
            assert lost.staying == len(said - falling)


@pytest.fixture
def two(folder: Folder) -> Folder:
    folder.write("seeds/b.txt", OTHER)
    folder.write("seeds/b.facts.yaml", OTHER_FACTS)
    return folder


def lost_from(folder: Folder, name: str) -> Withdrawal:
    dataset = api.load(folder.root)
    assert dataset.problems == []
    return withdrawal(dataset, dataset.articles[name])


def test_a_triple_stays_as_long_as_another_article_says_it(two: Folder) -> None:
    lost = lost_from(two, "a")
    fallen = [str(triple) for triple in lost.falling]
    assert any("/established> " in t or '"1999"' in t for t in fallen)
    assert not any("#label>" in t and '"Acme Works"@en' in t for t in fallen)
    assert lost.staying == 4  # types and names of Acme Works and the Golden Cog
    assert lost.gone == ["a", "acme-golden-cog-2020"]
    assert (lost.nameless, lost.renamed, lost.breaking) == ([], [], [])


def test_what_was_inferred_from_a_passage_falls_with_it(two: Folder) -> None:
    two.write(
        "seeds/b.facts.yaml",
        OTHER_FACTS
        + """\
  - conferral: acme-golden-cog
    award: golden-cog
    recipient: acme
    date: {value: 2020-05-04, rule: iso-date, text: "May 4, 2020", quote: "May 4, 2020", article: a}
    quote: Acme Works won the Golden Cog
""",
    )
    lost = lost_from(two, "a")
    dates = [t for t in lost.falling if "id/acme-golden-cog>" in str(t)]
    assert [str(t.object)[:12] for t in dates] == ['"2020-05-04"']
    assert [(b.fact.slug, b.why) for b in lost.breaking] == [
        ("acme-golden-cog", "it quotes the article")
    ]


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (
            "observation: o\nabout: acme-golden-cog-2020\ntext: a marvel of brass\n"
            'quote: are "a marvel of brass"',
            "no other article tells of 'acme-golden-cog-2020'",
        ),
        (
            "organisation: acme\ndescription: a marvel\nquote: a marvel of brass\n"
            "context: {quote: Acme wins, article: a}",
            "it quotes the article",
        ),
        (
            "product: gears\nname: quiet gears\nmanufacturer: acme\nquote: The quiet gears, Acme",
            "'acme' stands there by a name that no other article gives",
        ),
    ],
    ids=["refers", "context", "alias"],
)
def test_facts_that_would_break(two: Folder, fact: str, why: str) -> None:
    body = "".join("    " + line + "\n" for line in fact.splitlines())
    two.write("seeds/b.txt", OTHER + "The quiet gears, Acme made them.\n")
    two.write("seeds/b.facts.yaml", OTHER_FACTS + "  - " + body.lstrip())
    assert [b.why for b in lost_from(two, "a").breaking] == [why]
    before = {fact.id for fact in api.load(two.root).facts}
    assert kg("withdraw", "a", two.root).code == 0
    left = api.load(two.root)
    assert left.errors
    assert before - {fact.id for fact in left.facts}


def test_things_that_lose_their_name_or_go_by_another(two: Folder) -> None:
    two.write("seeds/b.facts.yaml", OTHER_FACTS.replace("name: Acme Works", "alias: Acme Works"))
    lost = lost_from(two, "a")
    assert lost.nameless == ["acme"]
    two.replace("seeds/b.facts.yaml", "alias: Acme Works", "name: {value: Acme Works, lang: de}")
    two.replace("seeds/a.facts.yaml", "name: Golden Cog", "name: Golden Cog\n    label: The Cog")
    lost = lost_from(two, "a")
    assert (lost.nameless, lost.renamed) == ([], ["golden-cog"])


def test_what_only_it_corrects_stands_again(two: Folder, tmp_path: Path) -> None:
    two.replace("seeds/a.facts.yaml", "language: en", "language: en\n  published: 2020-05-05")
    two.replace("seeds/a.txt", "\n\nOn May", "\n\n2020-05-05\nOn May")
    two.replace("seeds/a.facts.yaml", "quote: Acme wins the", "quote: [2020-05-05, Acme wins the")
    two.replace("seeds/a.facts.yaml", "the Golden Cog\n\nfacts", "the Golden Cog]\n\nfacts")
    two.replace(
        "seeds/a.facts.yaml",
        "award: golden-cog\n    name",
        "award: golden-cog\n    id: cog\n    name",
    )
    two.write(
        "seeds/b.txt", OTHER + "2021-01-01: The Golden Cog was established in 1998, not 1999.\n"
    )
    header = OTHER_FACTS.replace(
        "quote: The Golden Cog again", "quote: [The Golden Cog again, 2021-01-01]"
    )
    two.write(
        "seeds/b.facts.yaml",
        header.replace("language: en", "language: en\n  published: 2021-01-01")
        + "  - award: golden-cog\n    established: 1998\n    corrects: a/cog\n"
        "    quote: The Golden Cog was established in 1998\n",
    )
    lost = lost_from(two, "b")
    (returning,) = lost.returning
    assert returning.object.value == "1999"
    assert returning not in api.load(two.root).asserted
    left = without(two.root, "b", tmp_path / "left")
    falling = set(lost.falling)
    kept = [t for t in api.load(two.root).asserted if t not in falling]
    assert left.asserted == sorted([*kept, returning], key=lambda t: tuple(map(str, t)))
    (breaking,) = lost_from(two, "a").breaking
    assert breaking.why == "it corrects the article"


@pytest.mark.parametrize("article", ["b", "seeds/b.txt", "{root}/seeds/b.facts.yaml", "b.txt"])
def test_an_article_is_moved_with_its_fact_file(two: Folder, article: str) -> None:
    before = tree(two.root)
    ran = kg("withdraw", article.format(root=two.root), two.root, "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert tree(two.root) == before
    moved = kg("withdraw", article.format(root=two.root), two.root)
    assert (moved.code, moved.out) == (0, ran.out)
    assert moved.err == "Moved to withdrawn/; see with kg check what is to be mended.\n"
    after = tree(two.root)
    for name in ("b.txt", "b.facts.yaml"):
        assert after.pop(f"withdrawn/{name}") == before.pop(f"seeds/{name}")
    assert after == before
    assert kg("check", two.root).code == 0


def test_the_same_as_json(two: Folder) -> None:
    ran = kg("withdraw", "b", two.root, "--dry-run", "--format", "json")
    found = json.loads(ran.out)
    assert found["article"] == "seeds/b.txt"
    assert found["staying"] == 4
    assert all(line.endswith(" .") for line in found["falling"])
    assert (
        f"  triples   {len(found['falling'])} rest"
        in kg("withdraw", "b", two.root, "--dry-run").out
    )


def test_what_is_there_already_is_not_overwritten(two: Folder) -> None:
    two.write("withdrawn/b.facts.yaml", "an older one")
    before = tree(two.root)
    ran = kg("withdraw", "b", two.root)
    assert ran.code == 3
    assert ran.err == (
        f"kg: error: {two.root}/withdrawn/b.facts.yaml: is there already; nothing was moved\n"
    )
    assert tree(two.root) == before
    shutil.rmtree(two.root / "withdrawn")
    two.write("withdrawn", "a file")
    ran = kg("withdraw", "b", two.root)
    assert ran.code == 3
    assert len(ran.err.splitlines()) == 1


def test_both_files_are_moved_or_neither(two: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from kg.cli import main

    rename, before = Path.rename, tree(two.root)

    def failing(self: Path, target: Path) -> Path:
        if self.name == "b.facts.yaml":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    ran = CliRunner().invoke(main, ["withdraw", "b", str(two.root)])
    assert ran.exit_code == 3
    assert ran.stderr.endswith("Permission denied; nothing was moved\n")
    assert tree(two.root) == before


@pytest.mark.parametrize(("article", "count"), [("nobody", 0), ("", 0), ("c", 2)])
def test_an_article_that_is_none_or_two(two: Folder, article: str, count: int) -> None:
    for name in ("c1", "c2"):
        two.write(f"seeds/{name}.txt", OTHER)
        two.write(f"seeds/{name}.facts.yaml", OTHER_FACTS)
    ran = kg("withdraw", article, two.root)
    assert ran.code == 1
    told = f"the names of {count} articles begin" if count else "no article has a name that begins"
    assert ran.err.splitlines()[-1].startswith(f"seeds:1:1: error: {told} with '{article}'; ")
    assert not (two.root / "withdrawn").exists()


def test_a_folder_with_errors_is_told_to_have_them(two: Folder) -> None:
    two.write("seeds/a.facts.yaml", FACTS.replace("established: 1999", "established: 1998"))
    ran = kg("withdraw", "a", two.root)
    assert ran.code == 0
    assert "does not stand in the quote" in ran.err
    assert "The folder has errors: more may fall than is told.\n" in ran.err
    assert kg("check", two.root).code == 0


def test_an_article_whose_file_name_is_decomposed_is_moved_with_its_fact_file(two: Folder) -> None:
    for suffix in (".txt", ".facts.yaml"):
        (two.root / f"seeds/b{suffix}").rename(two.root / f"seeds/cafe\u0301{suffix}")
    ran = kg("withdraw", "caf\u00e9", two.root)
    assert ran.code == 0, ran.err
    assert sorted(tree(two.root / "withdrawn")) == ["cafe\u0301.facts.yaml", "cafe\u0301.txt"]
    assert sorted(tree(two.root / "seeds")) == ["a.facts.yaml", "a.txt"]


def test_without_a_description_nothing_is_told_to_fall(two: Folder) -> None:
    (two.root / "ontology/dataset.ttl").unlink()
    before = tree(two.root)
    ran = kg("withdraw", "b", two.root)
    assert (ran.code, ran.out) == (1, "")
    assert "error: the folder has no description" in ran.err
    assert "bug" not in ran.err
    assert tree(two.root) == before
