"""The verifier: sound dumps hold in every format and order, all else fails, nothing raises."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import process_time

import pytest
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sample import REPOSITORY, TEXT, Folder, kg
from verifying import Made, five_articles, lighthouses, make, small_folder

from kg import corrections, quotes, rules, verify
from kg.fields import FieldError
from kg.iris import Iris, segment
from kg.known import Names, Reading
from kg.mappers import KINDS
from kg.measures import Date, Number
from kg.model import Article, Span
from kg.vocab import Vocabulary

FORMATS = ("kg.nq", "kg.nt", "kg.jsonld")
MADE: dict[str, Callable[[], Made]] = {"five": five_articles, "lighthouses": lighthouses}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(small_folder(tmp_path_factory.mktemp("small") / "folder").root)


def failures(dump: bytes, articles: dict[str, bytes]) -> list[str]:
    return [text for _, text in verify.verify(dump, articles).failures]


# Sound dumps


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("name", MADE)
def test_what_was_built_holds_in_every_format(name: str, format_: str) -> None:
    made = MADE[name]()
    verdict = verify.verify(made.dumps[format_], made.articles)
    assert verdict.failures == []
    assert int(verdict.counts["articles"]) == len(made.articles)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_folder_with_every_rule_and_standing_holds(small: Made, format_: str) -> None:
    verdict = verify.verify(small.dumps[format_], small.articles)
    assert verdict.failures == []
    for rule in (*rules.RULES, rules.RULE_NAME, rules.COREFERENCE, "joined"):
        assert f" {rule}" in verdict.counts["rules"], "the small folder is to have every rule"
    assert "9 recorded" in verdict.counts["claims"]
    assert verdict.counts["conflicts"] == "1"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_golden_case_of_every_kind_holds(kind: str, folder: Folder) -> None:
    for name, target in (("article.txt", "a.txt"), ("facts.yaml", "a.facts.yaml")):
        case = (REPOSITORY / "tests/golden" / kind / name).read_bytes()
        folder.write(f"seeds/{target}", case)
    made = make(folder.root)
    assert [failures(made.dumps[format_], made.articles) for format_ in FORMATS] == [[], [], []]


def test_all_formats_have_one_tally(small: Made) -> None:
    counts = [verify.verify(small.dumps[f], small.articles).counts for f in FORMATS]
    assert counts[0] == counts[1] == counts[2]


def test_lines_may_come_in_any_order_but_once(small: Made) -> None:
    lines = small.dumps["kg.nq"].splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    assert failures(b"".join(lines), small.articles) == []
    assert "stands in line 1 already" in failures(b"".join([*lines, lines[0]]), small.articles)[0]


def test_articles_that_no_claim_needs_do_not_matter(small: Made) -> None:
    articles = {**small.articles, "other.txt": b"\xff"}
    assert failures(small.dumps["kg.nq"], articles) == []


# What is told


def edited(made: Made, old: str, new: str) -> list[str]:
    dump = made.dumps["kg.nq"].decode()
    assert old in dump
    return failures(dump.replace(old, new, 1).encode(), made.articles)


def test_a_failure_says_where_and_what_is_wrong(small: Made) -> None:
    dump = small.dumps["kg.nq"].decode()
    at = next(i for i, line in enumerate(dump.split("\n"), start=1) if "oa#exact" in line)
    forged = dump.replace('oa#exact> "', 'oa#exact> "X', 1)
    verdict = verify.verify(forged.encode(), small.articles)
    assert [line for line, _ in verdict.failures] == [at]
    assert "it should be" in verdict.failures[0][1]


def test_an_edited_article_is_told_in_one_line(small: Made) -> None:
    articles = {**small.articles, "a.txt": small.articles["a.txt"].replace(b"mayor", b"major")}
    [found] = failures(small.dumps["kg.nq"], articles)
    assert "has the SHA-256" in found
    [found] = failures(small.dumps["kg.nq"], {n: t for n, t in articles.items() if n != "a.txt"})
    assert "there is no article a.txt" in found


def test_the_wrong_file_and_other_line_ends_are_told(small: Made) -> None:
    [found] = failures(b"# Turtle\n@prefix a: <https://example.org/> .\n", small.articles)
    assert found.endswith("# Turtle (what can be checked is kg.nq, kg.jsonld or N-Triples)")
    [found] = failures(small.dumps["kg.nq"].replace(b"\n", b"\r\n"), small.articles)
    assert found == "the line ends in CR LF, where canonical N-Quads have LF alone"


def test_a_claim_that_comes_from_outside_has_no_place_here(small: Made) -> None:
    assert "is of origin External" in edited(small, "ns#Verbatim>", "ns#External>")[0]


def test_every_file_that_is_no_dump_fails(small: Made) -> None:
    for dump in (b"", b"\n", b"{}", b"[]", b"{", b"\xff", b"\x00", b"# a comment\n", b"{" * 10**5):
        assert failures(dump, small.articles) != []
    assert failures(b'{"@context": {"a": "b"}, "@graph": ' + b"[" * 10**5, {}) != []
    assert failures(b'{"@context": {"kg": "https://x/#"}, "@graph": ' + b"9" * 10**6, {}) != []
    assert failures(b"<a:b> <a:b> " + b"<" * 10**6, {}) != []


@pytest.mark.parametrize(
    ("pack", "command"), [(gzip.compress, "gunzip"), (zstandard.compress, "zstd -d")]
)
def test_a_compressed_dump_is_told(
    small: Made, pack: Callable[[bytes], bytes], command: str
) -> None:
    told = failures(pack(small.dumps["kg.nq"]), small.articles)
    assert told == [f"it is compressed; unpack it first ({command})"]


HOSTILE = [
    ('ns#ruleInputs> "[', f'ns#ruleInputs> "{"[" * 50_000}', "no list of texts"),
    ('ns#ruleInputs> "[', 'ns#ruleInputs> "[1, ', "no list of texts"),
    ('ns#ruleInputs> "[\\"', 'ns#ruleInputs> "[\\"\\\\ud800', "no list of texts"),
    ("#char=", f"#char={'9' * 5000}", "is no IRI of a passage"),
    ("#char=", "#char=-", "is no IRI of a passage"),
    ("#char=", "#char=999999999999,", "is no IRI of a passage"),
    ('ns#path> "seeds/a.txt"', 'ns#path> "seeds/../a.txt"', "is not of the path"),
    ('ns#path> "seeds/a.txt"', 'ns#path> "/etc/passwd"', "is not of the path"),
    ('ns#path> "seeds/a.txt"', 'ns#path> "seeds/a\\u0000.txt"', "is not of the path"),
    ("It may have cost", "\\uD800 may have cost", "not in canonical form"),
    ("It may have cost", "\ud800 may have cost", "is not UTF-8"),
    ("It may have cost", "It may\x00 have cost", "not in canonical form"),
    ('"2020-05-03"', f'"{"9" * 6000}"', "it should be"),
    ("ns#Claim>", "ns#Claims>", "nothing accounts for this triple"),
]


@pytest.mark.parametrize(("old", "new", "told"), HOSTILE)
def test_hostile_dumps_are_told(small: Made, old: str, new: str, told: str) -> None:
    dump = small.dumps["kg.nq"].decode()
    assert old in dump
    forged = dump.replace(old, new, 1)
    found = failures(forged.encode("utf-8", "surrogatepass"), small.articles)
    assert found
    assert any(told in text for text in found), found[:5]
    assert all("\n" not in text and len(text) < 1000 for text in found)
    assert not any("cannot be checked" in text for text in found)


JSON_LD = [
    ('"@graph"', '"@graf"'),
    ('"label": "http://www.w3.org/2000/01/rdf-schema#label"', '"label": "http://x/y"'),
    ('{"@reverse"', '{"@id"'),
    ('"kg": "https://w3id.org/kgpress/ns#"', '"kg": "https://w3id.org/kgpress/ns"'),
    ('"kg": "https://w3id.org/kgpress/ns#"', '"kg": {"@id": "https://w3id.org/kgpress/ns#"}'),
    ('"kg:asserted": "true"', '"kg:asserted": true'),
    ('"kg:asserted": "true"', '"kg:asserted": ["true", "true"]'),
    ('"kg:asserted": "true"', '"kg:asserted": null'),
    ('"kg:asserted": "true"', '"kg:asserted": 1e999999999'),
    ('"kg:asserted": "true"', '"kg:asserted": "true", "kg:asserted": "true"'),
    ('"kg:asserted": "true"', '"kg:asserted": {"@value": "true", "@index": "x"}'),
    ('"kg:asserted": "true"', '"kg:asserted": []'),
    ('"kg:asserted": "true"', '"kg:asserted": "true", "@context": {"kg": "https://x/#"}'),
    ('"kg:asserted": "true"', '"kg:asserted": "true", "@graph": {"@id": "x:y"}'),
    ('"kg:asserted": "true"', '"kg:asserted": "true", "note": "x"'),
    ('"@id": "claim:', '"@id": "_:'),
    ('"@language": "en"', '"@language": "EN"'),
    ('"@language": "en"', '"@language": "en", "@direction": "ltr"'),
]


@pytest.mark.parametrize(("old", "new"), JSON_LD)
def test_json_ld_that_kgpress_does_not_write_fails(small: Made, old: str, new: str) -> None:
    dump = small.dumps["kg.jsonld"].decode()
    assert old in dump
    found = failures(dump.replace(old, new, 1).encode(), small.articles)
    assert found
    assert not any("cannot be checked" in text for text in found)


def test_a_dump_in_which_numbers_are_written_otherwise_fails(small: Made) -> None:
    assert edited(small, '"51.5"^^', '"51.50"^^')
    assert edited(small, '"1200"^^', '"01200"^^')


# The manifest


def test_the_published_checksum_vouches_for_a_renamed_copy(small: Made) -> None:
    dump = small.dumps["kg.nq"]
    manifest = f"{'0' * 64}  other\n{sha256(dump).hexdigest()}  kg.nq\n".encode()
    assert verify.verify(dump, small.articles, manifest, "renamed").holds
    for wrong in (b"", b"\n", b"\xff\xfe", manifest[:-7], manifest[:71], manifest[3:]):
        assert not verify.verify(dump, small.articles, wrong).holds
    assert not verify.verify(dump, small.articles, manifest.replace(b"  ", b" ")).holds


def test_an_article_and_dump_rewritten_together_are_told_by_the_manifest(tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "folder")
    before = make(folder.root)
    manifest = f"{sha256(before.dumps['kg.nq']).hexdigest()}  kg.nq\n".encode()
    folder.replace("seeds/a.txt", "mayor", "owner")
    folder.replace("seeds/a.facts.yaml", "mayor", "owner")
    after = make(folder.root)
    assert verify.verify(after.dumps["kg.nq"], after.articles).holds
    assert not verify.verify(after.dumps["kg.nq"], after.articles, manifest).holds
    assert verify.verify(before.dumps["kg.nq"], before.articles, manifest).holds


# The command, and the file on its own


@pytest.fixture
def published(small: Made, tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    for name, data in small.articles.items():
        (tmp_path / "seeds" / name).write_bytes(data)
    (tmp_path / "public/data").mkdir(parents=True)
    (tmp_path / "public/data/kg.nq").write_bytes(small.dumps["kg.nq"])
    return tmp_path


def test_the_command_takes_the_usual_places(published: Path) -> None:
    ran = kg("verify", cwd=published)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("public/data/kg.nq holds")
    (published / "SUMS").write_text(f"{'0' * 64}  kg.nq\n")
    ran = kg("verify", "--manifest", "SUMS", cwd=published)
    assert ran.code == 1
    assert "public/data/kg.nq:1: " in ran.err


def test_the_file_runs_alone(published: Path) -> None:
    alone = published / "elsewhere"
    alone.mkdir()
    shutil.copy(REPOSITORY / "kg/verify.py", alone / "check.py")
    shutil.move(published / "public/data/kg.nq", alone / "renamed")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-W", "error", "check.py", *arguments]
        return subprocess.run(command, cwd=alone, capture_output=True, text=True, check=False)

    ran = run("renamed", "../seeds")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "renamed holds" in ran.stdout
    assert run().returncode == 2
    assert run("renamed").returncode == 2
    assert run("renamed", "../seeds", "--what").returncode == 2
    assert sorted(path.name for path in alone.iterdir()) == ["check.py", "renamed"]


def test_what_cannot_be_read_is_told_in_one_line(published: Path) -> None:
    dump, seeds = published / "public/data/kg.nq", published / "seeds"
    os.mkfifo(published / "pipe")
    (published / "loop").symlink_to("loop")
    (published / "link").symlink_to(dump)
    (published / "empty").mkdir()
    assert kg("verify", published / "link", seeds).code == 0
    for arguments in (
        (published / "absent", seeds),
        (published / "empty", seeds),
        (published / "pipe", seeds),
        (published / "loop", seeds),
        ("/dev/zero", seeds),
        (dump, published / "absent"),
        (dump, dump),
        (dump, published / "empty"),
        (dump, seeds, "--manifest", published / "empty"),
    ):
        ran = kg("verify", *arguments)
        assert (ran.code, ran.out) == (1, ""), arguments
        told, verdict = ran.err.splitlines()
        assert ":1: it " in told
        assert verdict == f"{arguments[0]} was not checked"
    ran = kg("verify", dump, seeds, "--manifest", dump)
    assert ran.code == 1
    assert "the manifest has what is no line of a list of checksums" in ran.err
    assert ran.err.endswith("does not hold: 1 failure\n")
    os.mkfifo(seeds / "pipe.txt")
    assert "pipe.txt" in kg("verify", dump, seeds).err


def test_many_failures_are_counted(published: Path) -> None:
    dump = published / "public/data/kg.nq"
    dump.write_bytes(dump.read_bytes().replace(b'ns#asserted> "true"', b'ns#asserted> "false"'))
    ran = kg("verify", cwd=published)
    lines = ran.err.splitlines()
    assert len(lines) == verify.SHOWN + 1
    assert lines[-1].endswith(f" failures; the first {verify.SHOWN} are shown")


# What is not sound never passes, and nothing raises


LINES = st.lists(
    st.one_of(
        st.text(max_size=80),
        st.builds(
            "<{}> <{}> {} <{}> .".format,
            *[st.sampled_from(["a:b", "x", "https://e.org/claim/" + "0" * 32, verify.TYPE])] * 2,
            st.sampled_from([f"<{verify.KG}Claim>", '"x"', '"x"@en', '"1"^^<a:b>', '"\\u0000"']),
            st.sampled_from(["a:b", "b:c"]),
        ),
    ),
    max_size=8,
)
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["@id", "@type", "@graph", "@context", "claims", "label", "kg:fact"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=300),
        LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"),
        TREES.map(lambda tree: json.dumps(tree).encode()),
        TREES.map(
            lambda tree: json.dumps({"@context": {"kg": verify.KG}, "@graph": tree}).encode()
        ),
    ),
    st.one_of(st.none(), st.binary(max_size=80)),
)
def test_nothing_made_up_holds_and_nothing_raises(dump: bytes, manifest: bytes | None) -> None:
    verdict = verify.verify(dump, {"a.txt": b"a"}, manifest)
    assert verdict.failures
    assert not any("cannot be checked" in text for _, text in verdict.failures)


@settings(max_examples=150)
@given(
    st.sampled_from(FORMATS),
    st.floats(0, 1),
    st.integers(0, 5000),
    st.binary(max_size=6),
)
@example("kg.jsonld", 0.0, 1, b"\x0b")
@example("kg.jsonld", 0.0, 1, "\u00a0".encode())
def test_pieces_of_a_dump_never_raise(
    small: Made, format_: str, where: float, size: int, other: bytes
) -> None:
    dump = small.dumps[format_]
    start = int(where * len(dump))
    end = min(start + size, len(dump))
    for forged in (dump[start:end] + other, dump[:start] + other + dump[end:]):
        verdict = verify.verify(forged, small.articles)
        if verdict.holds:  # between its tokens JSON may have spaces
            assert b"".join(forged.split()) == b"".join(dump.split())
        assert not any("cannot be checked" in text for _, text in verdict.failures)


# It agrees with what it shares no code with


TOKENS = (
    "1,200 1.200 51.5 51,5 1 200 12 0 05 5 -5 3/4 a an and one five twelve twenty ninety hundred "
    "dozen thousand thousands million billion first third June may Sep sept december 28 28th 1st "
    "2018 2018-11 2018-11-28 1978, of this last year the end beginning day on in at ago years days "
    "past today yesterday Friday monday November, 2017-09-16T05:48 ½ ² ' ’ - – . , Xi Xiaomi 小米 "
    "30メートル é"
)
WORDS = st.lists(
    st.one_of(st.sampled_from(TOKENS.split(" ")), st.text(max_size=4)),
    max_size=6,
)
TEXTS = st.builds(
    lambda words, joints: "".join(w + j for w, j in zip(words, joints, strict=False)),
    WORDS,
    st.lists(
        st.sampled_from([" ", " ", " ", "-", ", ", ". ", "", "\n", " '", "\u00a0"]), min_size=6
    ),
)


@given(TEXTS)
@example("‘a’ „b“ «c» 「d」 ´e` ″f″ ﬁ İ ß 10² 1½ ⁱ ① ⒛ ⓿ ❿ ㉑ ⅟ ↉")
def test_text_is_folded_alike(text: str) -> None:
    assert verify.fold(text) == quotes.fold(text)


@pytest.mark.slow
@settings(max_examples=1000)
@given(TEXTS, TEXTS, st.data())
def test_words_stand_in_a_quote_alike(form: str, quote: str, data: st.DataObject) -> None:
    if quote and data.draw(st.booleans()):
        start = data.draw(st.integers(0, len(quote)))
        form = quote[start : data.draw(st.integers(start, len(quote)))]
    assert verify.stands_in(form, verify.fold(quote)) is quotes.stands_in(form, quote)


@given(st.from_regex(r"-?[0-9]{1,4}(\.[0-9]{1,3})?", fullmatch=True), TEXTS, TEXTS)
@example("5", "at -", " degrees")
@example("05", "1.", "")
@example("-0", "x ", "")
def test_numbers_stand_in_a_quote_alike(digits: str, before: str, after: str) -> None:
    quote = before + digits + after
    term, _ = Number.parse(digits, None, reading())
    if quotes.stands_in(digits, quote):
        assert verify.number_stands_in(term.value, verify.fold(quote))
    found = verify.number_literal(digits)
    assert found == verify.Literal(term.value, term.datatype.value)  # type: ignore[union-attr]


def reading() -> Reading:
    return Reading(None, "a", None, Names(Iris("https://example.org/")), Vocabulary())  # type: ignore[arg-type]


def told(name: str, first: str, second: str) -> tuple[verify.Literal | None, verify.Literal | None]:
    """Return what kgpress and the verifier make of words by a rule: nothing where it fails."""
    _, takes, apply = verify.RULES[name]
    words = (first, second)[:takes]
    try:
        ours = rules.RULES[name].apply(*words)
    except rules.RuleError:
        ours = None
    kind = Number if name == "number" else Date
    literal = verify.number_literal if name == "number" else verify.date_literal
    try:
        term, _ = kind.parse(ours or "", None, reading())
        wanted = verify.Literal(term.value, term.datatype.value)  # type: ignore[union-attr]
    except FieldError:
        wanted = None
    theirs = apply(*words)
    return wanted, literal(theirs) if theirs is not None else None


@pytest.mark.slow
@settings(max_examples=2000)
@given(st.sampled_from(sorted(verify.RULES)), TEXTS, TEXTS)
@example("relative-date", "past five years", "2017-09-16")
@example("relative-date", "Two days ago", "2018-11-30")
@example("partial-date", "beginning of July's", "")
@example("date-in-year", "the end of February", "May 4, 2020")
def test_rules_give_alike(name: str, first: str, second: str) -> None:
    ours, theirs = told(name, first, second)
    assert ours == theirs


DATES = st.builds(
    lambda day, form: day.strftime(form),
    st.dates(),
    st.sampled_from(
        ["%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%Y-%m", "%Y", "%B %Y", "%b-%d-%Y", "%Y-%m-%d 05:48"]
    ),
)
TIMES = st.builds(
    "{}{}{}".format,
    st.sampled_from(
        ["", "on ", "in ", "at the end of ", "the beginning of ", "since the ", "Last "]
    ),
    st.sampled_from(
        [
            *verify.MONTHS,
            *verify.WEEKDAYS,
            *("today", "yesterday", "two days ago", "3 years ago", "five years", "a"),
            *("past ten years", "year", "this year", "November 28", "the 29 day"),
        ]
    ),
    st.sampled_from(["", " this year", " of last year", " last year", "'s", ",", " ago"]),
)


@pytest.mark.slow
@settings(max_examples=2000)
@given(st.sampled_from(["relative-date", "date-in-year", "partial-date", "iso-date"]), TIMES, DATES)
def test_times_are_told_alike(name: str, time: str, day: str) -> None:
    ours, theirs = told(name, day if name == "iso-date" else time, day)
    assert ours == theirs


NUMERALS = st.lists(
    st.sampled_from([*verify.COUNTING, *verify.SCORES, *verify.POWERS, "and", "12", "1,5", "0.5"]),
    max_size=7,
).map(" ".join)


@pytest.mark.slow
@settings(max_examples=2000)
@given(NUMERALS)
def test_numerals_are_read_alike(text: str) -> None:
    ours, theirs = told("number", text, "")
    assert ours == theirs


ISO = st.builds(
    lambda moment, form: moment.strftime(form),
    st.datetimes().filter(lambda moment: moment.year >= 1000),
    st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]),
)


@given(st.lists(ISO, max_size=2), st.lists(ISO, max_size=2), st.data())
@example(["2018-11"], ["2018-10-31"], None)
@example(["2018-11"], ["2018"], None)
def test_what_is_later_is_told_alike(
    dates: list[str], others: list[str], data: st.DataObject | None
) -> None:
    if data and dates and data.draw(st.booleans()):
        others = [dates[0][: data.draw(st.sampled_from([4, 7, 10, 19]))]]
    assert verify._is_later(dates, others) is corrections._later(dates, others)


@given(st.text(max_size=40))
def test_iris_are_segmented_alike(text: str) -> None:
    assert verify.segment(text) == segment(text)


@given(TEXTS.filter(bool), st.data())
def test_offsets_are_counted_alike(text: str, data: st.DataObject) -> None:
    text = text * data.draw(st.sampled_from([1, 1, 600]))
    article = Article("a", "seeds/a.txt", text.encode("utf-8", "replace"))
    start = data.draw(st.integers(0, len(article.text) - 1))
    end = data.draw(st.integers(start + 1, len(article.text)))
    span, theirs = Span(article, start, end), verify.Article("a", article.data)
    assert (theirs.byte(start), theirs.byte(end)) == span.byte_range
    assert theirs.line(start) == span.place.line
    assert theirs.sha256 == article.sha256


def test_joined_quotations_read_alike(small: Made) -> None:
    assert verify.joined(["It is", "long"], ["It is \n long"]) == "It is \n long"
    assert verify.joined(["It is", "and it"], ["It is, and it"]) == "It is […] and it"
    assert verify.joined(["It is", "long"], ["It is", "long"]) == "It is […] long"
    assert "It is long […] and it will stand" in small.dumps["kg.nq"].decode()


def test_a_large_dump_is_read_in_linear_time() -> None:
    """Eight times as much takes about eight times as long: nothing in it is quadratic."""

    def seconds(count: int) -> float:
        text = "one two three. " * count
        lines = "".join(f'<a:{i}> <a:b> "{i}" <a:g> .\n' for i in range(count)).encode()
        started = process_time()
        assert len(verify.read_dump(lines)) == count
        article = verify.Article("a", text.encode())
        assert article.byte(len(text)) == len(text)
        assert verify.stands_in("four", verify.fold(text)) is False
        zeros = f"1.{'0' * count}1"
        assert verify.number_literal(zeros) == verify.Literal(zeros, f"{verify.XSD}decimal")
        return process_time() - started

    seconds(100)
    assert seconds(80_000) < 8 * 4 * seconds(10_000) + 0.5


# Sound folders that are unusual


def test_an_article_whose_file_name_is_decomposed_holds(folder: Folder) -> None:
    for suffix in ("txt", "facts.yaml"):
        data = (folder.root / f"seeds/a.{suffix}").read_bytes()
        (folder.root / f"seeds/a.{suffix}").unlink()
        folder.write(f"seeds/cafe\u0301 1.{suffix}", data)
    expect_to_hold(folder)


def test_parts_of_a_quotation_in_two_articles_hold(folder: Folder) -> None:
    folder.write("seeds/b.txt", "Jo Bell said: “We listen\n")
    folder.write(
        "seeds/b.facts.yaml",
        "article: {title: Jo Bell said, language: en, quote: Jo Bell said}\n",
    )
    folder.write("seeds/a.txt", "and act.”\n" + TEXT)
    folder.facts(
        "person: jo\nname: Jo Bell\nquote: Jo Bell, head of Acme Works",
        "statement: jo-acts\nspeaker: jo\nform: direct\ntext: [We listen, and act.]\n"
        "quote: [and act., {quote: 'Jo Bell said: “We listen', article: b}]",
    )
    assert "We listen […] and act." in expect_to_hold(folder).dumps["kg.nq"].decode()


@pytest.mark.parametrize("path", ["", "article/1", "id/acme", "article/a"])
def test_a_link_into_the_dataset_itself_holds(folder: Folder, path: str) -> None:
    iri = f"https://example.org/d/{path}"
    folder.write("seeds/a.txt", f"{TEXT}Read on at {iri} now.\n")
    link = f"  url: {{value: {iri}, quote: Read on at {iri} now.}}\n  title:"
    folder.replace("seeds/a.facts.yaml", "  title:", link)
    expect_to_hold(folder)


def test_a_hedged_fact_whose_type_is_asserted_elsewhere_holds(folder: Folder) -> None:
    folder.write("seeds/a.txt", TEXT + "It may be given by Acme. The Golden Cog might be old.\n")
    folder.facts(
        "award: golden-cog\nmodality: hedged\n"
        "conferred_by: {value: acme, quote: It may be given by Acme.}\n"
        "quote: The Golden Cog might be old."
    )
    expect_to_hold(folder)


def expect_to_hold(folder: Folder) -> Made:
    """Make the dumps of a folder, and hold each to its articles."""
    made = make(folder.root)
    for dump in made.dumps.values():
        assert failures(dump, made.articles) == []
    return made


def test_an_own_folder_is_checked_as_the_command_says(folder: Folder, tmp_path: Path) -> None:
    made = make(folder.root)
    dump = tmp_path / "dump"
    dump.write_bytes(made.dumps["kg.jsonld"])
    ran = kg("verify", dump, folder.root / "seeds")
    assert ran.code == 0, ran.err
