"""Articles that change after they were published: what their quotes mean, and how it is mended."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sample import Folder, kg, tree

import kg as api
from kg.changes.anchors import Anchor, State, Text
from kg.changes.occurrences import LayoutError, with_occurrences
from kg.cli import main
from kg.evidence import CONTEXT
from kg.model import Claim, Severity
from kg.quotes import starts
from kg.quoting import quotes_of
from kg.records import Path as Keys
from kg.records import read_records

ARTICLE = """\
Acme wins the Golden Cog

The evening began with a long talk on the Golden Cog by Acme Works, with tea for all of us.

On May 4, 2020, Acme Works won the Golden Cog for its quiet gears. Acme has 1,200 workers.
Jo Bell, head of Acme Works, said: "We listen." The Golden Cog was established in 1999.
In the end the judges all agreed: quiet gears win. The Golden Cog is made of brass.
"""

ABOVE = "A paragraph that was not there before: the Golden Cog, Acme Works, quiet gears.\n\n"

HEADER = """\
article:
  title: Acme wins the Golden Cog
  language: en
  quote: Acme wins the Golden Cog

facts:
"""

FACTS = {
    "beside": """\
  # The Cog: kept in a glass case.
  - award: golden-cog
    name: Golden Cog          # its name
    quote: Golden Cog  # in the last sentence
    occurrence: 5 # of five
  - organisation: acme
    name: Acme Works
    quote: On May 4, 2020, Acme Works won
""",
    "flow": """\
  - {award: golden-cog, id: flow, name: Golden Cog, quote: Golden Cog, occurrence: 5} # flow
  - organisation: acme
    name: {value: Acme Works, quote: Acme Works, occurrence: 3}
    quote: [{quote: Acme Works, occurrence: 3}, head of Acme Works]
""",
    "items": """\
  - award: golden-cog
    name: Golden Cog
    quote:
      - quote: Golden Cog
        occurrence: 5
      - occurrence: 4
        quote: >-
          Golden Cog

      - The Golden Cog is made of brass.
  - organisation: acme
    name: Acme Works
    quote: head of Acme Works
""",
}


def published(folder: Folder, article: str = ARTICLE, facts: str = FACTS["beside"]) -> Path:
    """Build a folder with the article and the facts into its `public`."""
    folder.write("seeds/a.txt", article)
    folder.write("seeds/a.facts.yaml", HEADER + facts)
    return folder.publish()


def evidence(folder: Folder) -> set[tuple[str, str, str, str]]:
    """Return triple, words and nearest context in the line of all spans, offsets aside."""

    def context(claim: Claim) -> set[tuple[str, str, str, str]]:
        return {
            (
                str(claim.triple),
                span.quote,
                _plain(span.article.text[: span.start]).rpartition("\n")[2][-4:],
                _plain(span.article.text[span.end :]).partition("\n")[0][:8],
            )
            for span in claim.spans
        }

    dataset = api.load(folder.root)
    assert dataset.problems == []
    return {found for claim in dataset.claims for found in context(claim)}


def _plain(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def changed_lines(before: bytes, after: bytes) -> list[str]:
    """Return the lines that are not in both, without what surrounds them."""
    diff = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line for line in diff if line[0] in "+-"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: ABOVE + text,
        lambda text: text.replace("Acme has", ABOVE.strip() + " Acme has"),
        lambda text: text + ABOVE,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: (ABOVE + text).replace("\n", "\r\n"),
        lambda text: text.replace('"We listen."', "“We listen.”"),
        lambda text: re.sub("The evening.*us.\n\n", "", text),
    ],
    ids=["above", "between", "below", "crlf", "bom", "above-crlf", "curly", "deleted"],
)
def test_after_reanchoring_every_quote_means_the_words_it_meant(
    folder: Folder, edit: Callable[[str], str]
) -> None:
    published(folder, facts="".join(FACTS.values()))
    before = evidence(folder)
    folder.write("seeds/a.txt", edit(ARTICLE))
    ran = kg("reanchor", folder.root)
    assert ran.code == 0, ran.err
    (problem,) = api.check(api.load(folder.root), published=folder.root / "public")
    assert problem.severity is Severity.INFO
    counted = r"the article has changed since it was published; of its quotes \d+ kept, \d+ moved"
    assert re.fullmatch(f"{counted}, 0 lost", problem.message)
    assert problem.mend == ""
    assert evidence(folder) == before
    once = tree(folder.root)
    again = kg("reanchor", folder.root)
    assert again.code == 0
    assert ", written: 0, left as they are: 0" in again.out
    assert tree(folder.root) == once


def test_only_the_occurrence_is_written(folder: Folder) -> None:
    published(folder)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    file = folder.root / "seeds/a.facts.yaml"
    before = file.read_bytes()
    dry = kg("reanchor", folder.root, "--dry-run")
    assert dry.code == 0
    assert dry.out.startswith(
        "seeds/a.facts.yaml:10:12: occurrence: 5 → occurrence: 6: “Golden Cog”\n"
    )
    assert file.read_bytes() == before
    assert kg("reanchor", folder.root).out == dry.out.replace("to be written", "written")
    assert changed_lines(before, file.read_bytes()) == [
        "-     occurrence: 5 # of five",
        "+     occurrence: 6 # of five",
    ]


def test_a_quote_that_means_another_passage_by_now_is_an_error(folder: Folder) -> None:
    out = published(folder)
    before = tree(out)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    error = (
        "seeds/a.facts.yaml:10:12: error: the passage that was published stands now in line 9, "
        "but the quote is taken from line 8; write occurrence: 6, as kg reanchor does "
        "(see seeds/a.txt:9:56)\n"
    )
    info = (
        "seeds/a.txt:1:1: info: the article has changed since it was published; "
        "of its quotes 0 kept, 3 moved, 0 lost; kg reanchor puts 1 right\n"
    )
    ran = kg("check", folder.root)
    assert (ran.code, ran.err) == (1, error + info)
    ran = kg("build", folder.root, "--data-only", "--out", out)
    assert ran.code == 1
    assert ran.err.startswith(error + info)
    assert tree(out) == before
    assert kg("check", folder.root, "--data", folder.root / "seeds").code == 0
    assert kg("reanchor", folder.root).code == 0
    assert kg("build", folder.root, "--data-only", "--out", out).code == 0
    assert kg("check", folder.root).err == ""


ESTABLISHED = "The Golden Cog was established in 1999."

UNIQUE = f"""\
  - award: golden-cog
    name: Golden Cog
    established: 1999
    quote:
      - {ESTABLISHED}
  - organisation: acme
    name: Acme Works
    quote: {{quote: Acme Works, occurrence: 2}}
"""


def test_a_sentence_that_was_copied_above_gets_its_occurrence(folder: Folder) -> None:
    published(folder, facts=UNIQUE)
    before = (folder.root / "seeds/a.facts.yaml").read_bytes()
    folder.write("seeds/a.txt", f"A summary: {ESTABLISHED} More of it.\n\n{ARTICLE}")
    ran = kg("check", folder.root)
    assert ran.code == 1
    assert "the quote stands 2 times in the article" in ran.err
    assert ran.err.count("error:") == 1
    assert "0 lost; kg reanchor puts 1 right" in ran.err
    assert kg("reanchor", folder.root).code == 0
    after = (folder.root / "seeds/a.facts.yaml").read_bytes()
    assert changed_lines(before, after) == [
        f"-       - {ESTABLISHED}",
        f"+       - quote: {ESTABLISHED}",
        "+         occurrence: 2",
    ]
    assert kg("check", folder.root).code == 0


def test_of_two_that_nothing_tells_apart_none_is_chosen(folder: Folder) -> None:
    published(folder, facts=UNIQUE)
    before = tree(folder.root)
    folder.write(
        "seeds/a.txt", ABOVE + ARTICLE.replace(ESTABLISHED, f"{ESTABLISHED} {ESTABLISHED}")
    )
    ran = kg("reanchor", folder.root)
    assert ran.code == 1
    assert "a.facts.yaml:11:9: error: the quote stands 2 times in the article" in ran.err
    assert ran.out.endswith("quotes compared: 3, written: 1, left as they are: 1\n")
    assert changed_lines(before["seeds/a.facts.yaml"], tree(folder.root)["seeds/a.facts.yaml"]) == [
        "-     quote: {quote: Acme Works, occurrence: 2}",
        "+     quote: {quote: Acme Works, occurrence: 3}",
    ]


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (ESTABLISHED, "", "the quote is not in the article"),
        (
            "was established",
            "was  established",
            "the nearest passage differs so: The Golden Cog was[- -]{+ +}established",
        ),
        ("in 1999.", "in 1999!", "the nearest passage differs so: The Golden Cog was e"),
    ],
    ids=["deleted", "space", "punctuation"],
)
def test_words_that_changed_are_lost_and_shown(
    folder: Folder, old: str, new: str, shown: str
) -> None:
    published(folder, facts=UNIQUE)
    before = (folder.root / "seeds/a.facts.yaml").read_bytes()
    folder.write("seeds/a.txt", ARTICLE.replace(old, new))
    checked = kg("check", folder.root)
    assert checked.code == 1
    assert checked.err.count(" error: ") == 1
    assert "of its quotes 2 kept, 0 moved, 1 lost; kg reanchor lists those lost" in checked.err
    ran = kg("reanchor", folder.root)
    assert ran.code == 1
    assert ran.out == "changed articles: 1, quotes compared: 3, written: 0, left as they are: 1\n"
    assert len(ran.err.splitlines()) == 1
    assert "a.facts.yaml:11:9: error: " in ran.err
    assert shown in ran.err
    assert (folder.root / "seeds/a.facts.yaml").read_bytes() == before


def test_one_that_is_left_of_two_is_not_taken_for_the_other(folder: Folder) -> None:
    facts = UNIQUE.replace("occurrence: 2", "occurrence: 1")
    published(folder, facts=facts)
    folder.write("seeds/a.txt", re.sub("The evening.*us.\n\n", "", ARTICLE))
    ran = kg("check", folder.root)
    assert ran.code == 0
    assert (
        "a.facts.yaml:14:20: warning: the article has changed, and whether this is the published "
        "passage cannot be told; look at it" in ran.err
    )
    assert kg("check", folder.root, "--strict").code == 1
    assert kg("reanchor", folder.root).code == 1


def test_a_quote_from_another_article(folder: Folder) -> None:
    folder.write("seeds/other.txt", "Also on Acme\n\nThey won it.\n")
    facts = (
        '{"article": {"title": "Also on Acme", "language": "en", "quote": "Also on Acme"}}\n'
        '{"organisation": "acme", "id": "won", "description": "won it", "quote": "They won it.",\t'
        '"context": {"quote":"Acme Works","article":"a","occurrence":3}}\r\n\n'
    )
    folder.write("seeds/other.facts.jsonl", facts)
    published(folder)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    ran = kg("check", folder.root)
    assert "of its quotes 0 kept, 4 moved, 0 lost; kg reanchor puts 2 right" in ran.err
    ran = kg("reanchor", folder.root)
    assert ran.code == 0, ran.err
    assert "seeds/other.facts.jsonl:2:109: occurrence: 3 → occurrence: 4: “Acme Works”" in ran.out
    written = (folder.root / "seeds/other.facts.jsonl").read_bytes().decode()
    assert written == facts.replace('"occurrence":3', '"occurrence":4')
    assert kg("check", folder.root).code == 0


def test_what_is_declared_to_say_nothing_was_not_published(folder: Folder) -> None:
    nothing = "  - nothing-here: repetition\n    quote: {quote: Acme Works, occurrence: 3}\n"
    published(folder, facts=FACTS["beside"] + nothing)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    ran = kg("reanchor", folder.root)
    assert (ran.code, ran.err) == (0, "")
    assert "quotes compared: 3, written: 1," in ran.out
    assert nothing in (folder.root / "seeds/a.facts.yaml").read_text("utf-8")


def test_facts_that_were_edited_meanwhile_or_are_new(folder: Folder) -> None:
    published(folder)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    # Another hash, but the same kind and thing: it is the fact that was published.
    folder.replace("seeds/a.facts.yaml", "# its name", "\n    alias: The Golden Cog")
    # The same words, of something that was not published.
    text = (folder.root / "seeds/a.facts.yaml").read_text("utf-8")
    new = "  - product: cog\n    name: Golden Cog\n    quote: Golden Cog\n    occurrence: 1\n"
    folder.write("seeds/a.facts.yaml", text + new)
    before = (folder.root / "seeds/a.facts.yaml").read_bytes()
    assert kg("reanchor", folder.root).code == 0
    assert changed_lines(before, (folder.root / "seeds/a.facts.yaml").read_bytes()) == [
        "-     occurrence: 5 # of five",
        "+     occurrence: 6 # of five",
    ]


# What was published may be anything --------------------------------------------------------------


def test_without_a_change_nothing_is_said(folder: Folder) -> None:
    published(folder)
    ran = kg("check", folder.root)
    assert (ran.code, ran.err) == (0, "")
    ran = kg("reanchor", folder.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "changed articles: 0, quotes compared: 0, written: 0, left as they are: 0\n"


def spoilt(dump: Path, how: str) -> None:
    """Put something else in the place of a dump."""
    text = dump.read_bytes()
    dump.unlink()
    if how == "syntax":
        dump.write_bytes(text.replace(b'#exact> "', b"#exact> "))
    elif how == "other":
        dump.write_bytes(text.replace(b"https://example.org/d/", b"https://example.org/e/"))
    elif how == "long":
        dump.write_bytes(text + b"<" * (17 << 20) + b"\n")
    elif how == "bytes":
        dump.write_bytes(text.replace(b'#exact> "', b'#exact> "\xff'))
    elif how == "empty":
        dump.write_bytes(b"")
    elif how == "sums":
        dump.write_bytes(text + b"/checksum> <http://spdx.org/rdf/terms#checksumValue> " * 6_000)
    elif how == "folder":
        dump.mkdir()
    elif how == "pipe":
        os.mkfifo(dump)


@pytest.mark.parametrize(
    ("how", "warned"),
    [
        ("syntax", True),
        ("long", True),
        ("bytes", True),
        ("sums", False),
        ("other", False),
        ("empty", False),
        ("folder", False),
        ("pipe", False),
        ("none", False),
    ],
)
def test_a_broken_or_foreign_dump_stops_no_check(folder: Folder, how: str, warned: bool) -> None:
    dump = published(folder, facts=UNIQUE) / "data/kg.nq"
    folder.write("seeds/a.txt", ARTICLE + ABOVE)
    spoilt(dump, how)
    ran = kg("check", folder.root)
    assert ran.code == 0, ran.err
    warning = "public/data/kg.nq:1:1: warning: what was published cannot be read: "
    assert ran.err.startswith(warning) == warned, ran.err
    ran = kg("reanchor", folder.root)
    assert ran.code == (1 if warned or not dump.is_file() else 0)
    assert len(ran.err.splitlines()) == ran.code


def test_a_published_folder_that_is_not_there(folder: Folder) -> None:
    for command in ("check", "reanchor"):
        ran = kg(command, folder.root, "--data", folder.root / "nowhere")
        assert ran.code == 2
    ran = kg("reanchor", folder.root)
    assert ran.code == 1
    assert "public/data/kg.nq:1:1: error: there is no dump; name the published folder" in ran.err


def test_mode_and_link_of_a_fact_file_stay(folder: Folder) -> None:
    published(folder)
    file, real = folder.root / "seeds/a.facts.yaml", folder.root / "facts.yaml"
    file.rename(real)
    real.chmod(0o640)
    file.symlink_to("../facts.yaml")
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    assert kg("reanchor", folder.root).code == 0
    assert file.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert "occurrence: 6" in real.read_text("utf-8")
    assert sorted(p.name for p in (folder.root / "seeds").iterdir()) == ["a.facts.yaml", "a.txt"]


def test_a_fact_file_that_cannot_be_written(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(folder)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    before = tree(folder.root)

    def failing(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "replace", failing)
    ran = CliRunner().invoke(main, ["reanchor", str(folder.root)])
    assert ran.exit_code == 3
    assert ran.stderr.startswith(
        f"kg: error: {folder.root}/seeds/a.facts.yaml: Permission denied; mend this"
    )
    assert len(ran.stderr.splitlines()) == 1
    assert tree(folder.root) == before


def test_a_layout_that_leaves_no_place_is_told(folder: Folder) -> None:
    block = "    ? occurrence\n    : |-\n     5\n"
    facts = FACTS["beside"].replace("    occurrence: 5 # of five\n", block)
    published(folder, facts=facts)
    folder.write("seeds/a.txt", ABOVE + ARTICLE)
    before = tree(folder.root)
    ran = kg("reanchor", folder.root)
    assert ran.code == 1
    layout, quote = ran.err.splitlines()
    assert layout.startswith("seeds/a.facts.yaml:1:1: error: its layout leaves no place for an occ")
    assert quote.startswith(
        "seeds/a.facts.yaml:10:12: error: the passage that was published stands"
    )
    assert "write occurrence: 6, as kg reanchor does" in quote
    assert ", written: 0, left as they are: 2" in ran.out
    assert tree(folder.root) == before


# What is written ---------------------------------------------------------------------------------

WRITTEN = {
    "after the line of a text": (
        "  - award: x\n    quote: the words # why\n    name: y\n",
        ("quote",),
        "  - award: x\n    quote: the words # why\n    occurrence: 2\n    name: y\n",
    ),
    "at the end of a file": (
        "  - award: x\n    quote: 'the words'",
        ("quote",),
        "  - award: x\n    quote: 'the words'\n    occurrence: 2",
    ),
    "after a text of several lines": (
        '  - award: x\n    quote: "the\n      words"\n    name: y\n',
        ("quote",),
        '  - award: x\n    quote: "the\n      words"\n    occurrence: 2\n    name: y\n',
    ),
    "before a block": (
        "  - award: x\n    quote: >-\n      the words\n\n    name: y\n",
        ("quote",),
        "  - award: x\n    occurrence: 2\n    quote: >-\n      the words\n\n    name: y\n",
    ),
    "a value": (
        "  - award: x\n    date:\n      value: y\n      quote: the words\n    quote: z\n",
        ("date", "quote"),
        "  - award: x\n    date:\n      value: y\n      quote: the words\n      occurrence: 2\n"
        "    quote: z\n",
    ),
    "an item": (
        "  - award: x\n    quote:\n      - the words, all # why\n      - z\n",
        ("quote", 0),
        "  - award: x\n    quote:\n      - quote: the words, all # why\n        occurrence: 2\n"
        "      - z\n",
    ),
    "an item of several lines": (
        "  - award: x\n    quote:\n      - the\n        words\n      - z\n",
        ("quote", 0),
        "  - award: x\n    quote:\n      - quote: the\n          words\n        occurrence: 2\n"
        "      - z\n",
    ),
    "an item that is a block": (
        "  - award: x\n    quote:\n      - >-\n        the words\n\n      - z\n",
        ("quote", 0),
        "  - award: x\n    quote:\n      - occurrence: 2\n        quote: >-\n"
        "          the words\n\n      - z\n",
    ),
    "an item that is a mapping": (
        "  - award: x\n    quote:\n    - quote: |-\n        the words\n    - {quote: z}\n",
        ("quote", 0, "quote"),
        "  - award: x\n    quote:\n    - occurrence: 2\n      quote: |-\n        the words\n"
        "    - {quote: z}\n",
    ),
    "within brackets": (
        "  - award: x\n    quote: [the words , 'z']\n",
        ("quote", 0),
        "  - award: x\n    quote: [{quote: the words, occurrence: 2} , 'z']\n",
    ),
    "within braces": (
        "  - {award: x, quote: 'the words', name: y}\n",
        ("quote",),
        "  - {award: x, quote: 'the words', occurrence: 2, name: y}\n",
    ),
    "beside context": (
        "  - award: x\n    context:   the words # why\n    quote: z\n",
        ("context",),
        "  - award: x\n    context:\n      quote: the words # why\n      occurrence: 2\n"
        "    quote: z\n",
    ),
    "beneath context": (
        "  - award: x\n    context:\n      the words\n    quote: z\n",
        ("context",),
        "  - award: x\n    context:\n      quote: the words\n      occurrence: 2\n    quote: z\n",
    ),
    "beside context in braces": (
        "  - {award: x, context: the words}\n",
        ("context",),
        "  - {award: x, context: {quote: the words, occurrence: 2}}\n",
    ),
    "another number": (
        "  - award: x\n    occurrence: '1'   # why\n    quote: the words\n",
        ("quote",),
        "  - award: x\n    occurrence: 2   # why\n    quote: the words\n",
    ),
}


@pytest.mark.parametrize(("before", "keys", "after"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
@pytest.mark.parametrize("first", ["", "\ufeff", "# 𝒜 ünd 日本\n"], ids=["", "bom", "astral"])
def test_an_occurrence_is_written(
    before: str, keys: Keys, after: str, line_end: str, first: str
) -> None:
    old, new = (
        (first + "facts:\n  - place: p\n" + text).replace("\n", line_end).encode()
        for text in (before, after)
    )
    assert with_occurrences("f.facts.yaml", old, {(1, keys): 2}) == new
    assert with_occurrences("f.facts.yaml", new, {(1, given_in(keys, after)): 2}) == new


def given_in(keys: Keys, after: str) -> Keys:
    """Return where the words stand once their quote is a mapping."""
    return keys if keys[-1] == "quote" else (*keys, "quote")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  - award: x\n    quote: w\n    occurrence: 2\n", "  - award: x\n    quote: w\n"),
        ("  - award: x\n    quote: w\n    occurrence: 2", "  - award: x\n    quote: w\n"),
        ("  - {award: x, quote: w , occurrence: 2 }\n", "  - {award: x, quote: w  }\n"),
        ("  - {award: x, occurrence: 2, quote: w}\n", "  - {award: x, quote: w}\n"),
        (
            "  - award: x\n    quote: w\n    occurrence: 2 # of two\n",
            "  - award: x\n    quote: w\n    occurrence: 1 # of two\n",
        ),
    ],
)
def test_an_occurrence_is_taken_out_or_else_is_the_first(before: str, after: str) -> None:
    old, new = ("facts:\n" + before).encode(), ("facts:\n" + after).encode()
    assert with_occurrences("f.facts.yaml", old, {(0, ("quote",)): None}) == new


@pytest.mark.parametrize(
    ("before", "keys", "occurrence", "after"),
    [
        (
            '{"a": "x", "quote": "𝒜\\n"}',
            ("quote",),
            2,
            '{"a": "x", "quote": "𝒜\\n", "occurrence": 2}',
        ),
        (
            '{"a":"x","quote":["v", "w"]}',
            ("quote", 1),
            3,
            '{"a":"x","quote":["v", {"quote": "w", "occurrence": 3}]}',
        ),
        (
            '{"a":"x","quote":{"quote":"w","occurrence":"2"}} ',
            ("quote", "quote"),
            3,
            '{"a":"x","quote":{"quote":"w","occurrence":3}} ',
        ),
        ('{"a":"x", "quote":"w", "occurrence" : 2 }', ("quote",), None, '{"a":"x", "quote":"w" }'),
        (
            '{"a":"x","context":"w"}',
            ("context",),
            1,
            '{"a":"x","context":{"quote": "w", "occurrence": 1}}',
        ),
    ],
)
def test_of_json_lines_only_the_one_is_written(
    before: str, keys: Keys, occurrence: int | None, after: str
) -> None:
    around = '{"a": "\ufeff", "quote":   "1"}\r\n\n%s\n{"a":"z","quote":"2"}'
    old, new = (around.replace("%s", line).encode() for line in (before, after))
    assert with_occurrences("f.facts.jsonl", old, {(1, keys): occurrence}) == new


def test_what_cannot_be_written_alone_is_refused() -> None:
    data = b"facts:\n  - award: x\n    ? quote\n    : w\n"
    assert read_records("f.facts.yaml", data)[1] == []
    with pytest.raises(LayoutError):
        with_occurrences("f.facts.yaml", data, {(0, ("quote",)): 2})


SCALARS = st.sampled_from(
    [
        "w",
        "'w'",
        '"w"',
        "a w # c",
        "|-\n{i}  w",
        ">\n{i}  w\n\n{i}  v\n",
        "|2-\n{i}  w",
        '"a\n{i}  b"',
        "a\n{i} b",
    ]
)


@given(
    st.lists(
        st.tuples(SCALARS, st.sampled_from(["beside", "item", "context"]), st.integers(1, 9)),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_whatever_the_layout_only_occurrences_change(
    facts: list[tuple[str, str, int]], crlf: bool
) -> None:
    text, wanted = "facts:\n", dict[tuple[int, Keys], int | None]()
    for number, (scalar, where, occurrence) in enumerate(facts):
        indent = 6 if where == "item" else 4
        written = scalar.replace("{i}", " " * indent)
        text += f"  - award: x{number}\n"
        text += {
            "beside": "    quote: ",
            "item": "    quote:\n      - ",
            "context": "    context: ",
        }[where]
        text += written + "\n# a comment\n    name: y\n"
        keys = {"beside": ("quote",), "item": ("quote", 0), "context": ("context",)}[where]
        wanted[number, keys] = occurrence
    data = (text.replace("\n", "\r\n") if crlf else text).encode()
    before, problems = read_records("f.facts.yaml", data)
    assume(problems == [])
    after, problems = read_records("f.facts.yaml", with_occurrences("f.facts.yaml", data, wanted))
    assert problems == []
    for record, new, occurrence in zip(before, after, wanted.values(), strict=True):
        ((keys, parts),) = quotes_of(record.data)
        ((_, others),) = quotes_of(new.data)
        assert others == {**parts, **{k: v for k, v in others.items() if k == "occurrence"}}
        assert others["occurrence"] == str(occurrence)


# Where passages stand ----------------------------------------------------------------------------


def anchor(text: str, start: int, words: str) -> Anchor:
    """Return a passage as a build publishes it."""
    end = start + len(words)
    return Anchor(start, words, text[max(start - CONTEXT, 0) : start], text[end : end + CONTEXT])


TEXTS = st.lists(st.sampled_from(["cog ", "gear ", "cog gear ", "a ", "e.g. ", "\n"]), max_size=60)
TOKENS = st.sampled_from(["cog", "gear", "cog gear", "gear a"])


@settings(max_examples=400)
@given(before=TEXTS, words=TOKENS, after=TEXTS, put=TEXTS, cut=st.integers(0, 40), data=st.data())
def test_a_passage_is_found_again_or_given_up(
    before: list[str], words: str, after: list[str], put: list[str], cut: int, data: st.DataObject
) -> None:
    left, right, new = "".join(before), " " + "".join(after), "".join(put)
    old = left + words + right
    was = anchor(old, len(left), words)
    # One edit, before the passage or after it.
    at = data.draw(st.integers(0, len(left) + len(right)))
    put_at, put_to = at, at + len(new)
    if at <= len(left):
        end = min(at + cut, len(left))
        text, true = left[:at] + new + left[end:] + words + right, len(left) + len(new) - end + at
    else:
        at = max(at - len(left) - len(words), 0)
        put_at, put_to = (len(left) + len(words) + at + n for n in (0, len(new)))
        text, true = left + words + right[:at] + new + right[at + cut :], len(left)
    if data.draw(st.booleans()):
        points = (len(text[:n].replace("\n", "\r\n")) for n in (true, put_at, put_to))
        (true, put_at, put_to), text = points, text.replace("\n", "\r\n")
    standing, once = list(starts(text, words)), len(list(starts(old, words))) == 1
    placed = Text(text).place(was, once)
    if placed.start is None:
        assert placed.state is State.LOST
        assert not (once and len(standing) == 1)
        return
    assert text.startswith(words, placed.start)
    assert (placed.state is State.KEPT) == (placed.start == was.start)
    now = anchor(_plain(text), len(_plain(text[: placed.start])), words)
    if placed.state is State.MOVED and len(standing) > 1:
        assert now.prefix.endswith(was.prefix)
        assert now.suffix.startswith(was.suffix)
    alike = [
        start
        for start in starts(old, words)
        if anchor(old, start, words).prefix.endswith(was.prefix)
        and anchor(old, start, words).suffix.startswith(was.suffix)
    ]
    # Words that had the same context twice when they were published cannot be told apart, nor can
    # a copy that was put beside them.
    surely = len(alike) == 1 and not any(s < put_to and s + len(words) > put_at for s in standing)
    if surely and (placed.state is State.MOVED or (once and len(standing) == 1)):
        assert placed.start == true


LINES = st.lists(st.lists(st.sampled_from(["cog", "gear"]), max_size=3), min_size=1, max_size=6)


@pytest.mark.slow
@settings(max_examples=40)
@given(lines=LINES, put=LINES, at=st.integers(0, 6), cut=st.integers(0, 1), data=st.data())
def test_whatever_is_edited_no_quote_means_another_passage_unsaid(
    lines: list[list[str]], put: list[list[str]], at: int, cut: int, data: st.DataObject
) -> None:
    """Facts name passages of a text in which words repeat, each in a context of its own."""
    old = [f"Line {n}: {' '.join(words)} end {n}." for n, words in enumerate(lines)]
    new = [f"New {n}: {' '.join(words)} end." for n, words in enumerate(put)]
    edited = [*old[:at], *new, *old[at + cut :]]
    standing = [m.start() for m in re.finditer("cog", "\n".join(old))]
    assume(standing)
    chosen = data.draw(st.lists(st.integers(1, len(standing)), min_size=1, unique=True))
    with tempfile.TemporaryDirectory() as directory:
        folder = Folder(Path(directory) / "folder")
        facts = "".join(
            f"  - product: p{number}\n    name: cog\n    quote: cog\n"
            + f"    occurrence: {number}\n" * (len(standing) > 1)
            for number in chosen
        )
        header = HEADER.replace("Acme wins the Golden Cog", "Line 0")
        folder.write("seeds/a.txt", "\n".join(old))
        folder.write("seeds/a.facts.yaml", header + facts)
        report = api.build(folder.root, folder.root / "public")
        assert report.published, report.problems
        folder.write("seeds/a.txt", "\n".join(edited))
        ran = CliRunner().invoke(main, ["reanchor", str(folder.root)])
        after = tree(folder.root)
        listed = {int(line.split(":")[1]) for line in ran.stderr.splitlines()}
        assert ran.exit_code == (1 if listed else 0)
        dataset = api.load(folder.root)
        for fact in dataset.facts:
            if fact.kind != "product" or fact.place.line + 2 in listed:
                continue
            start = standing[int(fact.slug[1:]) - 1]
            line = "\n".join(old)[:start].count("\n")
            if line in range(at, at + cut):
                # Its line is gone: only what never stood twice is taken where it stands now.
                assert len(standing) == 1
                continue
            column = start - sum(len(text) + 1 for text in old[:line])
            line += len(new) - cut if line >= at else 0
            place = fact.spans[0].place
            assert (place.line, place.column) == (line + 1, column + 1)
        assert CliRunner().invoke(main, ["reanchor", str(folder.root)]).exit_code == ran.exit_code
        assert tree(folder.root) == after
