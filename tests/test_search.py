"""The search index: all that is called or said is found, a small file at a time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from findable import Index, Thing, begins, href, many, publish, sought
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.asking.published import Published, QueryError
from kg.search import gathering, volumes, writing
from kg.search.entries import rows
from kg.search.folding import fold, words
from kg.search.rows import PASSAGE, SHORT, passages
from kg.search.writing import write_search
from kg.vocab import KG

SMALL = 100_000
"""Bytes that a file of the index has at most."""


@pytest.fixture(scope="module")
def own(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository's dataset, with an index."""
    root = tmp_path_factory.mktemp("own") / "public"
    root.mkdir()
    for name in ("data", "ontology"):
        (root / name).symlink_to(public / name)
    write_search(root)
    return root


def index(root: Path) -> Index:
    return Index(root / "search")


def thing(path: str, *labels: str, **more) -> Thing:
    return Thing(path, [ox.Literal(label) for label in labels], **more)


def names(found) -> list[str]:
    return [hit.name for hit in found.hits]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("XIAOMI", "xiaomi"),
        ("Besançon", "besancon"),
        ("e\u0301te\u0301", "ÉTÉ"),
        ("Straße", "STRASSE"),
        ("STRAẞE", "strasse"),
        ("İstanbul", "istanbul"),
        ("Diyarbakır", "DIYARBAKIR"),
        ("ΟΔΥΣΣΕΥΣ", "οδυσσεύς"),
        ("Ｘｉａｏｍｉ　１２", "xiaomi 12"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8"),
        ("שָׁלוֹם", "שלום"),
        ("مُحَمَّد", "محمد"),
        ("محمـــد", "محمد"),
        ("ﬁﬂ", "fifl"),
        ("co\u00adop", "coop"),
        ("zero\u200dwidth\u202e", "zerowidth"),
        ("ǅ", "dž"),
        ("👍🏽", "👍🏽"),
        ("❤️", "❤"),
    ],
)
def test_texts_that_people_take_for_the_same_are_folded_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("か", "が"), ("कि", "की"), ("ปี", "ปู"), ("и", "n"), ("o", "0"), ("小米", "小未")],
)
def test_letters_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("People's Daily, no. 2", ["people", "s", "daily", "no", "2"]),
        ("小米Note10手机", ["小米", "note10", "手机"]),
        ("C++ & €5", ["c", "+", "+", "€", "5"]),
        ("😀😀 a_b", ["😀", "😀", "a", "b"]),
        ("हिन्दी में", [fold("हिन्दी"), fold("में")]),
        ("𝒳𠮷野家", ["x", "𠮷野家"]),
        ("เชียงใหม่", ["เชียงใหม่"]),
        ("… — !", []),
    ],
)
def test_words(text: str, found: list[str]) -> None:
    assert words(fold(text)) == found


def test_names_in_any_script_are_found(tmp_path: Path) -> None:
    publish(
        tmp_path,
        [
            thing("id/xiaomi", "Xiaomi", others=["小米科技", "Сяоми", "شاومي", "샤오미"]),
            thing("id/ginza", "銀座のガラス"),
            thing("id/smile", "Smile 😀 Works"),
            thing("id/shalom", "שָׁלוֹם עֲלֵיכֶם"),
        ],
    )
    write_search(tmp_path)
    found = index(tmp_path)
    for query in (
        "xiao",
        "小米",
        "米科",
        "技",
        "сяо",
        "شاو",
        "샤",
        "샤오미",
        "ＸＩＡＯ",
        "小米 xiaomi",
    ):
        assert names(found.find(query)) == ["Xiaomi"], query
    for query in ("銀", "座の", "ガラ", "ｶﾞﾗｽ"):
        assert names(found.find(query)) == ["銀座のガラス"], query
    assert names(found.find("カラ")) == []
    assert names(found.find("😀 wor")) == ["Smile 😀 Works"]
    assert names(found.find("עליכם של")) == ["שָׁלוֹם עֲלֵיכֶם"]


def test_exact_names_come_first_then_beginnings_then_words_then_what_was_said(
    tmp_path: Path,
) -> None:
    publish(
        tmp_path,
        [
            thing(
                "id/a", "Mi: the phone is golden", texts=["The phone is golden"], type=KG.Statement
            ),
            thing("id/b", "The Golden Phone"),
            thing("id/c", "Golden Phone Award"),
            thing("id/d", "Golden"),
            thing("id/e", "Works", others=["Golden Works"]),
            thing("id/f", "goldenrod"),
        ],
    )
    write_search(tmp_path)
    found = index(tmp_path).find("golden")
    order = ["Golden", "goldenrod", "Works", "Golden Phone Award", "The Golden Phone"]
    assert names(found) == [*order, "Mi: the phone is golden"]
    assert [hit.rank for hit in found.hits] == [0, 1, 1, 1, 2, 4]
    assert found.hits[2].more == "Golden Works"
    assert found.hits[-1].more == "The phone is golden"
    assert found.hits[-1].type == "statement"
    assert names(index(tmp_path).find("golden pho"))[0] == "Golden Phone Award"
    assert names(index(tmp_path).find("mi phone")) == ["Mi: the phone is golden"]


def test_the_label_that_pages_show_is_shown(tmp_path: Path) -> None:
    labels = [ox.Literal("Zeta", language="en"), ox.Literal("Alpha", language="fr")]
    publish(tmp_path, [Thing("id/a", labels), thing("id/no%20name")])
    write_search(tmp_path)
    (hit,) = index(tmp_path).find("alph").hits
    assert (hit.name, hit.more) == ("Zeta", "Alpha")
    (hit,) = index(tmp_path).find("name").hits
    assert (hit.name, hit.href) == ("id/no name", "id/no%20name.html")


def test_this_dataset_is_found(own: Path) -> None:
    found = index(own)
    hit = found.find("xiaomi").hits[0]
    assert (hit.name, hit.type, hit.href) == ("Xiaomi", "company", "id/xiaomi.html")
    assert {hit.type for hit in found.find("who won").hits} >= {"saved query"}
    (hit,) = found.find("lifeline constantly").hits
    assert hit.type == "statement" and "constantly improving" in hit.more
    for row in list(rows(Published(own)))[::10]:
        assert any(hit.href == row.href for hit in found.find(row.name).hits), row


HOSTILE = st.text(
    st.one_of(
        st.sampled_from(
            "aAbé ßİıςΣ小米科技のがガ한국שלוםمحمد\u0301\u200d\u202e😀𠮷\0\n\"'<>&\\-_:/"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(HOSTILE, HOSTILE, HOSTILE), min_size=1, max_size=12),
    st.sampled_from([60, 300, 50_000]),
)
def test_each_word_of_each_name_is_found_by_each_of_its_beginnings(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str]], size: int
) -> None:
    root = publish(
        tmp_path_factory.mktemp("hostile"),
        [
            Thing(f"id/n{number}", [ox.Literal(label)], [other], [text] if number % 3 == 0 else [])
            for number, (label, other, text) in enumerate(texts)
        ],
    )
    with _volumes_of(size):
        write_search(root)
    found, everything = index(root), list(rows(Published(root)))
    for number, (label, other, text) in enumerate(texts):
        told = [label, other, *([text] if number % 3 == 0 else [])]
        for word in {word for each in told for word in words(fold(each))}:
            for end in range(1, len(word) + 1):
                hits, more = found.find(word[:end])
                expected = sought(everything, word[:end])
                if more:
                    assert {hit.href for hit in hits} <= {hit.href for hit in expected}
                    assert hits[:1] == expected[: len(hits[:1])]
                else:
                    assert hits == expected
                    assert f"id/n{number}.html" in {hit.href for hit in hits}


@contextmanager
def _volumes_of(size: int) -> Iterator[None]:
    """Make volumes of so many bytes as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(volumes, "VOLUME", size)
        patch.setattr(writing, "WORD", size * 2)
        yield


@pytest.mark.slow
def test_what_is_in_several_volumes_is_found_best_first(tmp_path: Path) -> None:
    publish(tmp_path, many(300))
    with _volumes_of(3_000):
        write_search(tmp_path)
    found, everything = index(tmp_path), list(rows(Published(tmp_path)))
    typed = sorted(
        {
            word[:n]
            for row in everything
            for word in words(fold(row.name + row.text))
            for n in (1, 2, 3)
        }
    )
    cut = 0
    for word in typed:
        hits, more = found.find(word)
        cut += more
        expected = sought(everything, word)
        assert hits == expected[: len(hits)] if more else hits == expected, word
        assert len(hits) > 2 or not more
    assert cut > 20
    for one, other in zip(typed[::3], typed[1::3], strict=False):
        hits, more = found.find(f"{one} {other}")
        expected = sought(everything, f"{one} {other}")
        assert set(hits) <= set(expected) if more else hits == expected, (one, other)


def test_the_same_dumps_give_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = publish(tmp_path / "one", many(600))
    publish(tmp_path / "other", many(600))
    write_search(root)
    monkeypatch.setattr(gathering.Gathering.__init__, "__defaults__", (20_000,))
    code = "import pathlib, kg.search.writing as w; w.write_search(pathlib.Path('.'))"
    environment = {**os.environ, "PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "other", env=environment, check=True
    )
    publish(tmp_path / "little", many(600))
    write_search(tmp_path / "little")
    first, *others = (_bytes(tmp_path / name) for name in ("one", "other", "little"))
    assert len(first) > 10
    assert all(each == first for each in others)


def _bytes(root: Path) -> dict[str, bytes]:
    assert not [path for path in root.iterdir() if path.name.startswith(".")]
    return {path.name: path.read_bytes() for path in (root / "search").iterdir()}


def test_a_word_that_all_names_have_is_cut_and_says_so(tmp_path: Path) -> None:
    publish(tmp_path, (thing(f"id/n{n}", f"Works {n}") for n in range(3_000)))
    write_search(tmp_path)
    found = index(tmp_path)
    for query in ("w", "works"):
        hits, more = found.find(query)
        assert more
        assert len(hits) >= volumes.KEPT
        assert hits[0].name == "Works 0"
    assert names(found.find("works 2999")) == ["Works 2999"]
    assert not found.find("works 2999").more
    assert max(found.read.values()) < SMALL


def test_files_are_small_and_their_names_are_plain(tmp_path: Path) -> None:
    long = "z" * 300 + " " + "𠮷" * 300 + " " + "\u0315" * 300
    publish(
        tmp_path,
        [
            thing("id/long", "Head " + long, texts=[long * 20, "\x01\x02 <b>" * 900]),
            thing("id/" + "贝" * 190, "Far"),
            thing("id/" + "贝" * 300, "Farther than any address"),
            *many(300),
        ],
    )
    with _volumes_of(5_000):
        write_search(tmp_path)
    for path in (tmp_path / "search").iterdir():
        assert re.fullmatch(r"(volumes|(from|best)(-[0-9a-f]{1,6}){0,24})\.json", path.name)
        assert path.stat().st_size < 12_000
        assert len(path.name) <= 255
    found = index(tmp_path)
    assert names(found.find("far")) == ["Far"]
    assert found.find("z" * 100).hits[0].href == "id/long.html"


def test_long_texts_are_found_in_all_their_passages(tmp_path: Path) -> None:
    text = " ".join(f"word{number}" for number in range(1_000))
    name = "Name " + "x" * SHORT + " last"
    publish(tmp_path, [thing("id/a", "Said", texts=[text]), thing("id/b", name)])
    write_search(tmp_path)
    for number in (0, 500, 999):
        (hit,) = index(tmp_path).find(f"word{number} said").hits
        assert f"word{number}" in hit.more.split()
        assert len(hit.more.encode()) <= PASSAGE
    assert " ".join(passages(text)) == text
    (hit,) = index(tmp_path).find("last").hits
    assert hit.href == "id/b.html"
    assert len(hit.name) == SHORT


def test_what_has_no_page_is_not_found(tmp_path: Path) -> None:
    odd = (
        "javascript:alert(1)",
        "id//x",
        "id/../x",
        "id/%2e%2e/x",
        "id/x?y",
        "id/x#y",
        "data/x.ttl",
    )
    publish(
        tmp_path,
        [thing(path, "Odd") for path in (*odd, "id/贝 '\"".replace(" ", "%20").replace('"', ""))],
    )
    write_search(tmp_path)
    addresses = {hit.href for hit in index(tmp_path).find("odd").hits}
    assert addresses == {"javascript%3Aalert%281%29.html", href("id/贝%20'")}
    assert all(re.fullmatch(r"[A-Za-z0-9/%._~-]+", address) for address in addresses)


def test_an_index_that_is_there_is_not_written_over(own: Path) -> None:
    with pytest.raises(FileExistsError):
        write_search(own)


def test_a_broken_graph_is_told_with_its_line(tmp_path: Path) -> None:
    root = publish(tmp_path, [thing("id/a", "A")])
    with (root / "data/graph.ttl").open("a", encoding="utf-8") as graph:
        graph.write("<unended")
    with pytest.raises(QueryError) as caught:
        write_search(root)
    assert caught.value.problem.place.line == 3


def test_nothing_at_all_is_an_index_too(tmp_path: Path) -> None:
    write_search(publish(tmp_path, []))
    assert index(tmp_path).find("a b").hits == []
    assert sorted(path.name for path in (tmp_path / "search").iterdir()) == [
        "from.json",
        "volumes.json",
    ]


@pytest.mark.slow
def test_ten_thousand_things_take_less_than_100_kb_of_reading(tmp_path: Path) -> None:
    things = list(many(10_000))
    write_search(publish(tmp_path, things))
    assert all(path.stat().st_size < SMALL for path in (tmp_path / "search").iterdir())
    assert (tmp_path / "search/volumes.json").stat().st_size < 10_000
    for each in things[::97]:
        name = each.labels[0].value
        found = index(tmp_path)
        for end in range(1, len(name) + 1):
            if words(fold(name[:end])):
                found.read = {}
                hits, more = found.find(name[:end])
                typed = words(fold(name[:end]))
                assert sum(found.read.values()) < SMALL * min(len(typed), 8)
                assert all(
                    begins(words(fold(h.name + " " + h.more)), t) for h in hits for t in typed
                )
        assert more or href(each.path) in {hit.href for hit in hits}
