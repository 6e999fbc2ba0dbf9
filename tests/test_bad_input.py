"""Bad input gets one clear line with place and mend, and changes nothing that was published."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample import DESCRIPTION, FACTS, TEXT, Folder, Ran, kg, tree

LINE = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+):(?P<column>\d+): error: (?P<text>.+; .+)$")


@pytest.fixture
def published(folder: Folder, tmp_path: Path) -> Callable[[], Ran]:
    """Publish the sound folder; return what builds it again and holds that nothing changed."""
    out = folder.publish(tmp_path / "public")
    before = tree(out)

    def build_again() -> Ran:
        ran = kg("build", folder.root, "--out", out)
        assert tree(out) == before, "what was published changed"
        assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".staging")] == []
        return ran

    return build_again


def expect_told(ran: Ran, place: str, *words: str, lines: int = 1) -> None:
    """Hold that a command failed with the expected problem and nothing but problem lines."""
    assert ran.code == 1, ran
    assert "Traceback" not in ran.err
    problems = [
        line for line in ran.err.splitlines() if not line.startswith("Nothing was published")
    ]
    assert all(LINE.match(line) for line in problems), ran.err
    assert len(problems) == lines, ran.err
    assert problems[0].startswith(f"{place}: error: "), ran.err
    for word in words:
        assert word in problems[0], ran.err


YAML = "seeds/a.facts.yaml"
FIRST = FACTS.count("\n") + 2
"""The line of the first fact that `Folder.facts` appends."""

FACT_CASES = [
    pytest.param(
        "person: jo\nname: Jo Bell\nquote: Jo Bell, head of the Acme Works",
        (FIRST + 2, 12),
        ["nearest passage", "[-the -]", "copy the words", "see seeds/a.txt:4:1"],
        id="quote not in the article",
    ),
    pytest.param(
        "person: jo\nname: Acme\nquote: Acme",
        (FIRST + 2, 12),
        ["stands 4 times", "occurrence: 1 … 4"],
        id="quote that stands several times",
    ),
    pytest.param(
        "person: jo\nname: Jo Ball\nquote: Jo Bell, head of Acme Works",
        (FIRST + 1, 11),
        ["'Jo Ball' does not stand in the quote"],
        id="value not in its quote",
    ),
    pytest.param(
        "figure: workers\nof: acme\nvalue: 1200\ncounted: workers\nquote: Acme has 1,200 workers.",
        (FIRST + 2, 12),
        ["'1200' does not stand in the quote", "rule:", "see seeds/a.txt:3:68"],
        id="number not in its quote and unmarked",
    ),
    pytest.param(
        "figure: workers\nof: acme\nvalue: {value: 1300, rule: number, text: '1,200'}\n"
        "counted: workers\nquote: Acme has 1,200 workers.",
        (FIRST + 2, 12),
        ["rule 'number' gives 1200, not 1300"],
        id="value that its rule does not give",
    ),
    pytest.param(
        "conferal: x\nquote: Acme has 1,200 workers.",
        (FIRST, 5),
        ["unknown fact kind 'conferal'", "did you mean 'conferral'?"],
        id="unknown kind",
    ),
    pytest.param(
        "conferral: x\naward: golden-cog\nrecipent: acme\nrecipient: acme\n"
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        (FIRST + 2, 5),
        ["unknown field 'recipent'", "did you mean 'recipient'?", "allowed: "],
        id="unknown field",
    ),
    pytest.param(
        "conferral: x\naward: golden-cog\nquote: Acme has 1,200 workers.",
        (FIRST, 5),
        ["lacks the field 'recipient'", "add recipient:"],
        id="missing field",
    ),
    pytest.param(
        "conferral: x\naward: golden-cog\nrecipient: acmee\n"
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        (FIRST + 2, 16),
        ["no fact is about 'acmee'", "did you mean 'acme'?"],
        id="unknown slug",
    ),
    pytest.param(
        "award: golden-cog\nestablished: 1999-02-30\n"
        "quote: The Golden Cog was established in 1999.",
        (FIRST + 1, 18),
        ["'1999-02-30' does not exist"],
        id="date that does not exist",
    ),
    pytest.param(
        "award: golden-cog\nestablished: {value: 2020-13-01, rule: iso-date, text: May 4}\n"
        "quote: On May 4, 2020, Acme Works won the Golden Cog for its quiet gears.",
        (FIRST + 1, 18),
        ["does not exist"],
        id="month that does not exist",
    ),
    pytest.param(
        'organisation: acme\nquote: "On May 4, 2020, Acme Works won the Golden Cog for its quiet '
        'gears. Acme has 1,200 workers."',
        (FIRST + 1, 12),
        ["2 sentences", "wide:"],
        id="quote of two sentences",
    ),
    pytest.param(
        "organisation: acme",
        (FIRST, 5),
        ["no quote", "add quote:"],
        id="no quote",
    ),
    pytest.param(
        "organisation: Acme Inc!\nname: Acme\nquote: Acme has 1,200 workers.",
        (FIRST, 19),
        ["'Acme Inc!' is not a slug"],
        id="slug that is none",
    ),
    pytest.param(
        "organisation: ACME\nname: Acme\nquote: Acme has 1,200 workers.",
        (FIRST, 19),
        ["'ACME' is 'acme' at seeds/a.facts.yaml:7:19 but for case"],
        id="slugs that differ in case",
    ),
    pytest.param(
        "place: acme\nname: Acme\nquote: Acme has 1,200 workers.",
        (FIRST, 12),
        ["'acme' is of kind place here and of kind organisation"],
        id="slug of two kinds",
    ),
    pytest.param(
        "organisation: acme\nquote: Acme has 1,200 workers.\nmodality: maybe",
        (FIRST + 2, 15),
        ["'maybe' is none of the values", "certain"],
        id="modality that is none",
    ),
    pytest.param(
        "organisation: acme\nalias: {value: Acme, lang: EN_us}\nquote: Acme has 1,200 workers.",
        (FIRST + 1, 12),
        ["'EN_us' is not a language tag"],
        id="language tag that is none",
    ),
    pytest.param(
        "person: jo\nname: Jo\nquote: Jo B",
        (FIRST + 2, 12),
        ["begins or ends within a word or number", "quote whole words"],
        id="quote that cuts a word",
    ),
    pytest.param(
        "figure: workers\nof: acme\nvalue: 200\ncounted: workers\nquote: 200 workers.\n"
        "context: Acme has",
        (FIRST + 4, 12),
        ["begins or ends within a word or number"],
        id="quote that cuts a number",
    ),
    pytest.param(
        "organisation: acme\nalias: {value: Acme, lang: en-a}\nquote: Acme has 1,200 workers.",
        (FIRST + 1, 12),
        ["'en-a' is not a language tag"],
        id="language tag that only looks like one",
    ),
    pytest.param(
        "organisation: acme\nwide: [no]\nquote: Acme has 1,200 workers.",
        (FIRST + 1, 11),
        ["'wide' is a reason"],
        id="reason that is none",
    ),
    pytest.param(
        "organisation: acme\nlabel: {vale: x}\nquote: Acme has 1,200 workers.",
        (FIRST + 1, 12),
        ["'label' is"],
        id="label that is none",
    ),
    pytest.param(
        "award: golden-cog\nestablished: {value: 2005, rule: translation, text: '1999'}\n"
        "quote: The Golden Cog was established in 1999.",
        (FIRST + 1, 38),
        ["rule 'translation' gives no Date"],
        id="date by translation",
    ),
    pytest.param(
        "award: golden-cog\nestablished: {value: 1999, rule: number, text: '1999'}\n"
        "quote: The Golden Cog was established in 1999.",
        (FIRST + 1, 38),
        ["rule 'number' gives no Date"],
        id="date by a rule of numbers",
    ),
    pytest.param(
        "organisation: '1999'\nname: Acme\npart_of: {value: '1999', rule: number, text: '1999'}\n"
        "quote: [Acme wins the Golden Cog, The Golden Cog was established in 1999.]",
        (FIRST + 2, 36),
        ["rule 'number' gives no Ref"],
        id="thing by a rule of numbers",
    ),
    pytest.param(
        "organisation: 葛\U000e0100\nname: Acme\nquote: Acme has 1,200 workers.",
        (FIRST, 19),
        ["is not a slug"],
        id="slug that no IRI can hold",
    ),
    pytest.param(
        "event: show\nquote: Acme has 1,200 workers.",
        (FIRST, 5),
        ["no fact gives 'show' a name"],
        id="thing without a name",
    ),
]


@pytest.mark.parametrize(("fact", "at", "words"), FACT_CASES)
def test_a_bad_fact(
    folder: Folder,
    published: Callable[[], Ran],
    fact: str,
    at: tuple[int, int],
    words: list[str],
) -> None:
    folder.facts(fact)
    expect_told(published(), f"{YAML}:{at[0]}:{at[1]}", *words)


LINK = (
    "link: l\nof: acme\nsame_as: {iri}\ntitle: Acme elsewhere\nretrieved: 2024-01-01\nreason: same"
)


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.com/a b",
        "https://example.com/a>b",
        "https://example.com/a\nb",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://example.com/%zz",
        "https://example.com/\u202egnp",
        "https://",
        "not an IRI",
    ],
)
def test_an_iri_that_cannot_be_published(
    folder: Folder, published: Callable[[], Ran], iri: str
) -> None:
    folder.facts(LINK.replace("{iri}", json.dumps(iri)))
    expect_told(
        published(), f"{YAML}:{FIRST + 2}:14", "cannot be published as an IRI", "mend the IRI"
    )


FILE_CASES = [
    pytest.param(
        YAML,
        FACTS + FACTS[FACTS.index("  - award") :],
        (22, 5),
        ["has the id of the one at"],
        id="duplicate facts",
    ),
    pytest.param(
        YAML,
        FACTS.replace("    alias:", "    name: Acme\n    alias:"),
        (9, 5),
        ["duplicate key 'name'"],
        id="duplicate keys",
    ),
    pytest.param(YAML, "article: &a [1]\nfacts: [*a, *a]\n", (1, 10), [], id="alias"),
    pytest.param(
        YAML,
        "a: &a [x,x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)},*{chr(97 + i)}]\n" for i in range(20)
        ),
        None,
        [],
        id="alias bomb",
    ),
    pytest.param(YAML, "[" * 60_000, None, [], id="60 kB of brackets"),
    pytest.param(YAML, "facts:\n\t- award: x\n", (2, 1), ["tab"], id="tabs"),
    pytest.param(YAML, "", (1, 1), ["no facts"], id="empty fact file"),
    pytest.param(
        YAML, b"article:\n  title: \xff\n", (2, 10), ["UTF-8"], id="fact file that is not UTF-8"
    ),
    pytest.param(YAML, "article:\n  title: a\0b\n", (2, 11), ["NUL"], id="NUL in a fact file"),
    pytest.param(
        "seeds/a.txt",
        b"Acme\n wins \xc3\x28\n",
        (2, 7),
        ["0xC3 is not UTF-8"],
        id="article that is not UTF-8",
    ),
    pytest.param(
        "seeds/a.txt",
        "Acme\nwi\0ns\n",
        (2, 3),
        ["control character U+0000"],
        id="NUL in an article",
    ),
    pytest.param(
        "seeds/a.txt",
        "Acme\nwins\x1b[31m\n",
        (2, 5),
        ["control character U+001B"],
        id="escape in an article",
    ),
    pytest.param("seeds/a.txt", "", (1, 1), ["the article is empty"], id="empty article"),
    pytest.param(
        "seeds/b.txt",
        "More.\n",
        (1, 1),
        ["no fact file", "add seeds/b.facts.yaml"],
        id="article without fact file",
    ),
    pytest.param(
        "seeds/b.facts.yaml",
        FACTS,
        (1, 1),
        ["no article", "add seeds/b.txt"],
        id="fact file without article",
    ),
    pytest.param("seeds/a.facts.jsonl", "{}\n", (1, 1), ["two fact files"], id="two fact files"),
    pytest.param(
        "ontology/own.ttl",
        "<https://e.org/a> a\n  <b",
        (2, 3),
        ["not Turtle"],
        id="broken ontology",
    ),
    pytest.param(
        "shapes/own.ttl", "@prefix sh: <x>\nsh:a sh:b", None, ["not Turtle"], id="broken shapes"
    ),
    pytest.param(
        "ontology/dataset.ttl",
        "<https://e.org/a> a [",
        None,
        ["not Turtle"],
        id="broken description",
    ),
    pytest.param(
        "ontology/dataset.ttl",
        DESCRIPTION.replace('"https://example.org/d/"', '"javascript:alert(1)/"'),
        (1, 1),
        ["void:uriSpace"],
        id="base IRI that is none",
    ),
    pytest.param(
        "ontology/dataset.ttl",
        DESCRIPTION.replace("dcterms:license", "dcterms:rights"),
        (1, 1),
        ["no dcterms:license"],
        id="no licence",
    ),
]


def content_is_hostile(content: str | bytes) -> bool:
    """Whether a file repeats its fault hundreds of times, so that some lines are right."""
    return isinstance(content, str) and content.count("&") > 10


@pytest.mark.parametrize(("path", "content", "at", "words"), FILE_CASES)
def test_a_bad_file(
    folder: Folder,
    published: Callable[[], Ran],
    path: str,
    content: str | bytes,
    at: tuple[int, int] | None,
    words: list[str],
) -> None:
    folder.write(path, content)
    ran = published()
    shown = "seeds/a.facts.jsonl" if path.endswith("jsonl") else path
    lines = len([line for line in ran.err.splitlines() if LINE.match(line)])
    assert 1 <= lines <= (101 if content_is_hostile(content) else 4), ran.err
    place = f"{shown}:{at[0]}:{at[1]}" if at else shown
    assert f"{place}:" in ran.err, ran.err
    assert ran.code == 1
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


def test_no_remains_the_string_that_was_written(folder: Folder, tmp_path: Path) -> None:
    folder.write("seeds/a.txt", TEXT + "NO is a country code.\n")
    folder.facts("place: norway\nname: NO\nquote: NO is a country code.")
    assert kg("build", folder.root, "--data-only", "--out", tmp_path / "public").code == 0
    assert '"NO"@en' in (tmp_path / "public/data/graph.ttl").read_text("utf-8")


def test_a_bom_and_crlf_are_legal_and_offsets_stay_right(folder: Folder, tmp_path: Path) -> None:
    folder.write("seeds/a.txt", ("\ufeff" + TEXT.replace("\n", "\r\n")).encode())
    folder.write(YAML, ("\ufeff" + FACTS.replace("\n", "\r\n")).encode())
    ran = kg("build", folder.root, "--data-only", "--out", tmp_path / "public")
    assert ran.code == 0, ran.err
    dump = (tmp_path / "public/data/kg.nq").read_text("utf-8")
    data = (folder.root / "seeds/a.txt").read_bytes()
    quote = "The Golden Cog was established in 1999."
    assert f"#char={data.decode().index(quote)}," in dump
    assert f'byteStart> "{data.index(quote.encode())}"' in dump


HOSTILE = 'quo"""te \\ back\\u0041 \u202eright\u202c 🗼 \u0301combining </script> {{x}} `b` $i'


def test_hostile_literals_come_through_every_dump_unchanged(folder: Folder, tmp_path: Path) -> None:
    import pyoxigraph as ox

    folder.write("seeds/a.txt", TEXT + HOSTILE + "\n")
    quoted = json.dumps(HOSTILE, ensure_ascii=False)
    folder.facts(
        f"observation: hostile\nabout: acme\ntext: {quoted}\nquote: {quoted}\n"
        "context: Acme has 1,200 workers."
    )
    ran = kg("build", folder.root, "--out", tmp_path / "public")
    assert ran.code == 0, ran.err
    data = tmp_path / "public/data"
    for name in ("kg.ttl", "graph.ttl", "kg.nq", "kg.trig", "kg.jsonld"):
        texts = {
            quad.object.value
            for quad in ox.parse(path=str(data / name))
            if isinstance(quad.object, ox.Literal)
        }
        assert HOSTILE in texts, name


def test_a_name_that_is_two_after_composition(folder: Folder, published: Callable[[], Ran]) -> None:
    for name in ("caf\u00e9", "cafe\u0301"):
        folder.write(f"seeds/{name}.txt", TEXT)
        folder.write(f"seeds/{name}.facts.yaml", FACTS)
    ran = published()
    assert ran.code == 1
    assert "but for case or Unicode composition; rename one of the two" in ran.err


def test_a_link_out_of_the_folder(
    folder: Folder, published: Callable[[], Ran], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder.root / "seeds/b.txt").symlink_to(secret)
    ran = published()
    assert ran.code == 1
    assert "seeds/b.txt:1:1: error: the link leads out of the folder; " in ran.err
    assert "secret.txt" not in ran.err


def test_a_directory_in_place_of_an_article(folder: Folder, published: Callable[[], Ran]) -> None:
    (folder.root / "seeds/a.txt").unlink()
    (folder.root / "seeds/a.txt").mkdir()
    expect_told(published(), "seeds/a.txt:1:1", "not a regular file")


@pytest.mark.parametrize("name", ["a.txt", "a.facts.yaml"])
def test_a_file_of_two_gigabytes_is_not_read(
    folder: Folder, published: Callable[[], Ran], name: str
) -> None:
    with (folder.root / "seeds" / name).open("r+b") as file:
        file.truncate(2 << 30)
    expect_told(published(), f"seeds/{name}:1:1", "2,048 MiB", "divide the text into several")


def test_a_named_pipe_does_not_hang(folder: Folder, published: Callable[[], Ran]) -> None:
    (folder.root / "seeds/a.txt").unlink()
    os.mkfifo(folder.root / "seeds/a.txt")
    expect_told(published(), "seeds/a.txt:1:1", "not a regular file")


def test_an_empty_folder(tmp_path: Path) -> None:
    ran = kg("build", tmp_path, "--out", tmp_path / "public")
    assert ran.code == 1
    assert "ontology/dataset.ttl:1:1: error: the folder has no description; " in ran.err
    assert not (tmp_path / "public").exists()


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    ran = kg("build", tmp_path / "nowhere")
    assert ran.code == 2
    assert "does not exist" in ran.err


AS_NOBODY = """
import os, sys
import kg.cli, kg.pipeline, kg.explain  # what runs is loaded while its files can be read
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
kg.cli.main(sys.argv[1:])
"""


def test_an_unreadable_file(folder: Folder, tmp_path: Path) -> None:
    for directory in (folder.root / "seeds", folder.root, *folder.root.parents):
        if directory.stat().st_uid == os.getuid() and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o055)
    (folder.root / "seeds/a.txt").chmod(0)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, "check", folder.root],
        capture_output=True,
        text=True,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout, done.stderr)
    expect_told(ran, "seeds/a.txt:1:1", "cannot be read: Permission denied", "chmod u+r")


def test_a_read_only_output_folder(folder: Folder, tmp_path: Path) -> None:
    place = tmp_path / "fixed"
    place.mkdir()
    place.chmod(0o555)
    # Modes do not bind root; there is no writing to /proc for anyone.
    out = (Path("/proc") if os.getuid() == 0 else place) / "public"
    ran = kg("build", folder.root, "--out", out)
    assert ran.code == 3, ran.err
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith(f"kg: error: {out.parent}/")
    assert list(place.iterdir()) == []


def test_a_full_disk(folder: Folder, tmp_path: Path) -> None:
    out = folder.publish(tmp_path / "public", pages=True)
    before = tree(out)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ran = kg(
        "build",
        folder.root,
        "--out",
        out,
        "--rehash",
        preexec_fn=small_files,
        env={"PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert ran.code == 3, ran.err
    assert len(ran.err.splitlines()) == 1
    assert "File too large" in ran.err
    assert tree(out) == before


def test_a_line_of_20_megabytes(folder: Folder, published: Callable[[], Ran]) -> None:
    (folder.root / YAML).unlink()
    with (folder.root / "seeds/a.facts.jsonl").open("wb") as file:
        file.write(b'{"organisation": "')
        for _ in range(20):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n')
    expect_told(published(), "seeds/a.facts.jsonl:1:1", "more than 1 MiB")


def test_mappers_of_a_folder_do_not_run_unless_allowed(lighthouses: Path, tmp_path: Path) -> None:
    (lighthouses / "mappers.py").write_text("import sys\nprint('RAN', file=sys.stderr)\n")
    ran = kg("build", lighthouses, "--out", tmp_path / "public")
    assert ran.code == 1
    assert "RAN" not in ran.err
    assert "mappers.py:1:1: warning: the folder brings mappers, which are code" in ran.err


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("def broken(:\n", "mappers.py:1:", "cannot be loaded: SyntaxError"),
        ("raise RuntimeError('no')\n", "mappers.py:1:1", "RuntimeError: no"),
        (
            "from kg.fields import Node\nfrom kg.mapping import maps\n\n"
            "@maps\ndef lighthouse(node: Node):\n    yield 1\n",
            "mappers.py:",
            "the first parameter is the node",
        ),
    ],
)
def test_broken_mappers_of_a_folder(
    lighthouses: Path, tmp_path: Path, code: str, place: str, words: str
) -> None:
    (lighthouses / "mappers.py").write_text(code)
    ran = kg("build", lighthouses, "--out", tmp_path / "public", "--allow-code")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert place in ran.err
    assert words in ran.err


def test_a_mapper_that_fails_leaves_nothing_and_is_told_with_its_line(
    lighthouses: Path, tmp_path: Path
) -> None:
    file = lighthouses / "mappers.py"
    file.write_text(file.read_text("utf-8") + "    raise ValueError('midway')\n", "utf-8")
    line = len(file.read_text("utf-8").splitlines())
    ran = kg("build", lighthouses, "--out", tmp_path / "public", "--allow-code")
    assert ran.code == 1
    assert (
        f"mappers.py:{line}:1: error: the mapper of lighthouse failed: ValueError: midway"
        in ran.err
    )


@pytest.mark.parametrize("path", ["ontology/own.ttl", "shapes/own.ttl", "ontology/dataset.ttl"])
def test_a_named_pipe_or_a_link_to_itself_in_place_of_turtle(
    folder: Folder, published: Callable[[], Ran], path: str
) -> None:
    target = folder.root / path
    target.parent.mkdir(exist_ok=True)
    target.unlink(missing_ok=True)
    os.mkfifo(target)
    expect_told(published(), f"{path}:1:1", "not a regular file")
    if path != "ontology/dataset.ttl":
        target.unlink()
        target.symlink_to(target)
        expect_told(published(), f"{path}:1:1", "the link leads to itself")


def test_a_file_that_was_probably_meant_to_be_read(folder: Folder, tmp_path: Path) -> None:
    folder.write("seeds/b.facts.yml", FACTS)
    ran = kg("build", folder.root, "--out", tmp_path / "public")
    assert ran.code == 0
    assert ran.err.startswith("seeds/b.facts.yml:1:1: warning: neither an article nor a fact file")


def test_an_empty_fact(folder: Folder, published: Callable[[], Ran]) -> None:
    folder.write(YAML, FACTS + "\n  - {}\n")
    expect_told(published(), f"{YAML}:23:5", "unknown fact kind ''")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("yield lighthouse, 'x', LH.x", "TypeError: a mapper yields"),
        ("yield lighthouse, LH.keeper, 'x'", "TypeError: a mapper yields"),
        (
            "yield Node(NamedNode('https://example.org/x'), ''), RDF.type, LH.Lighthouse",
            "TypeError: a mapper yields triples about its node",
        ),
        ("yield lighthouse, LH.keeper, NamedNode('javascript:x')", "cannot be published"),
    ],
)
def test_mappers_that_yield_what_is_no_triple(
    lighthouses: Path, tmp_path: Path, code: str, words: str
) -> None:
    file = lighthouses / "mappers.py"
    text = "from pyoxigraph import NamedNode\n" + file.read_text("utf-8") + f"    {code}\n"
    file.write_text(text, "utf-8")
    ran = kg("build", lighthouses, "--out", tmp_path / "public", "--allow-code")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert words in ran.err


def test_a_kind_whose_things_are_named_by_texts_takes_names(
    lighthouses: Path, tmp_path: Path
) -> None:
    file = lighthouses / "mappers.py"
    text = file.read_text("utf-8").replace("names: Names", "name: Text | None = None")
    text = text.replace("names.of(lighthouse)", "properties(lighthouse, {RDFS.label: name})")
    file.write_text("from kg.fields import Text\nfrom kg.vocab import RDFS\n" + text, "utf-8")
    ran = kg("build", lighthouses, "--out", tmp_path / "public", "--allow-code")
    assert ran.code == 1
    assert "TypeError: a thing that goes by words of the article takes Names" in ran.err


def test_someone_called_own_is_not_the_article(folder: Folder) -> None:
    from kg import load

    folder.facts(
        "person: own\nname: Jo Bell\nquote: Jo Bell, head of Acme Works",
        "role: head\nperson: own\ntitle: head\nsaid_by: own\nquote: Jo Bell, head of Acme Works",
    )
    dataset = load(folder.root)
    assert dataset.problems == []
    assert not any(claim.asserted for claim in dataset.claims if claim.fact.slug == "head")


def test_messages_cannot_drive_a_terminal(folder: Folder, published: Callable[[], Ran]) -> None:
    folder.facts('organisation: acme\nquote: "Acme \\u202e \\u200b has"')
    assert "\u202e" not in published().err


DRIVING = "\x1b]0;title\x07\x85\x9b\u202e"
"""What would name a window, ring, or turn a line round; click takes only colours away."""


def harmless(ran: Ran) -> None:
    assert not set(DRIVING[:1] + DRIVING[-4:]) & set(ran.out + ran.err)


def test_what_is_built_and_asked_cannot_drive_a_terminal(folder: Folder) -> None:
    folder.write("seeds/b.txt", "The firm B\u202e won.\n")
    quote = 'quote: "The firm B\\u202e won."'
    folder.write(
        "seeds/b.facts.yaml",
        f"article: {{title: Firm, {quote}}}\n".replace("title: Firm", 'title: "The firm B\\u202e"')
        + f'facts:\n  - organisation: beta\n    name: "B\\u202e"\n    {quote}\n',
    )
    out = folder.root / f"public{DRIVING}"
    ran = kg("build", folder.root, "--out", out)
    assert ran.code == 0, ran.err
    harmless(ran)
    harmless(kg("explain", "beta", "--data", out))
    harmless(kg("query", "CONSTRUCT WHERE { :beta ?p ?o }", "--data", out))
    for format_ in ("text", "json"):
        ran = kg("withdraw", "b", folder.root, "--dry-run", "--format", format_)
        assert "b.txt" in ran.out
        harmless(ran)
    assert "B\u202e" in " ".join(json.loads(ran.out)["falling"])
    folder.replace("seeds/b.facts.yaml", "won", "lost")
    ran = kg("build", folder.root, "--out", out)
    assert "Nothing was published" in ran.err
    harmless(ran)


def test_what_a_dump_says_cannot_drive_a_terminal(folder: Folder) -> None:
    out = folder.publish()
    escaped = "".join(f"\\u{ord(c):04X}" if not c.isprintable() else c for c in DRIVING)
    for name, old in (("kg.ttl", "Acme Works"), ("kg.ttl", "a.txt"), ("kg.nq", "Acme Works")):
        folder.replace(f"public/data/{name}", old, f"{old} {escaped}")
    for file in (out / "ontology").glob("*.ttl"):
        text = file.read_text("utf-8").replace('rdfs:label "', f'rdfs:label "{escaped}')
        file.write_text(text, "utf-8")
    for name in ("acme", "acme-golden-cog-2020"):
        ran = kg("explain", name, "--data", out)
        assert "title" in ran.out
        harmless(ran)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("kg.ttl", "kg:line 3", 'kg:line "three"', "which is no number"),
        ("kg.ttl", "kg:line 3", "kg:line " + "3" * 5000, "which is no number"),
        ("kg.ttl", "kg:line 3", f'kg:line "{"x" * (17 << 20)}"', "kg.ttl:"),
    ],
    ids=["text", "digits", "megabytes"],
)
def test_a_dump_that_nobody_published_is_told(
    folder: Folder, file: str, old: str, new: str, words: str
) -> None:
    out = folder.publish()
    folder.replace(f"public/data/{file}", old, new)
    ran = kg("explain", "acme", "--data", out)
    assert ran.code == 1, ran.err
    assert words in ran.err


@pytest.mark.parametrize("path", ["ontology/own.ttl", "shapes/own.ttl", "queries/own.ttl"])
def test_turtle_with_a_term_of_17_megabytes(folder: Folder, path: str) -> None:
    out = folder.publish()
    folder.write("queries/own.rq", "# Which?\nCONSTRUCT { ?a ?b 1 } WHERE { ?a ?b 2 }\n")
    folder.write(path, f'<https://e.org/a> <https://e.org/b> "{"x" * (17 << 20)}" .\n')
    queries = path.startswith("queries")
    checked = ("query", "--check", "queries", "--data", out) if queries else ("check",)
    ran = kg(*checked, cwd=folder.root)
    assert ran.code == 1, ran.err
    assert path in ran.err


@pytest.mark.parametrize("path", ["data/dcat.ttl", "ontology/pipe.ttl"])
def test_a_named_pipe_in_what_was_published_does_not_hang(folder: Folder, path: str) -> None:
    out = folder.publish()
    (out / path).unlink(missing_ok=True)
    os.mkfifo(out / path)
    assert kg("query", "ASK { ?a ?b ?c }", "--data", out).code in (0, 1)
    assert kg("explain", "acme", "--data", out).code in (0, 1)


def test_errors_of_the_system_cannot_drive_a_terminal(folder: Folder) -> None:
    data = folder.publish(folder.root / f"public{DRIVING}")
    (data / "data/dcat.ttl").unlink()
    ran = kg("query", "ASK {}", "--data", data)
    assert ran.code == 1
    harmless(ran)
    ran = kg("verify", f"{'x' * 300}{DRIVING}", folder.root / "seeds")
    assert ran.code == 1
    harmless(ran)


def test_a_day_of_five_thousand_digits_is_a_usage_error(folder: Folder) -> None:
    ran = kg("build", folder.root, env={"SOURCE_DATE_EPOCH": "9" * 5000})
    assert ran.code == 2
    assert "SOURCE_DATE_EPOCH" in ran.err


def test_python_is_not_asked_to_write_bytecode_into_a_folder(
    lighthouses: Path, tmp_path: Path
) -> None:
    before = tree(lighthouses)
    assert kg("build", lighthouses, "--out", tmp_path / "public", "--allow-code").code == 0
    assert tree(lighthouses) == before
