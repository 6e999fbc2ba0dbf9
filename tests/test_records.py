"""Fact files, read strictly: what is kept, where it stands, and how each fault is named."""

from __future__ import annotations

import copy
import json
import pickle
import re
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kg import yamlrecords
from kg.model import Problem
from kg.records import Raw, Record, read_records

YAML = "seeds/a.facts.yaml"
JSONL = "seeds/a.facts.jsonl"


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test with the C parser and with the Python one that stands in for it."""
    name = str(request.param)
    monkeypatch.setattr(yamlrecords, "_LOADER", getattr(yaml, name))
    return name


def sound(text: str, path: str = YAML) -> list[Record]:
    records, problems = read_records(path, text.encode())
    assert problems == []
    return records


def faults(data: str | bytes, path: str = YAML) -> list[str]:
    """Read what is wrong, each as ``LINE:COLUMN message | mend``."""
    data = data.encode() if isinstance(data, str) else data
    return [told(problem) for problem in read_records(path, data)[1]]


def told(problem: Problem) -> str:
    _, line, column = problem.place
    return f"{line}:{column} {problem.message} | {problem.mend}"


def fault(data: str | bytes, path: str = YAML) -> str:
    (only,) = faults(data, path)
    return only


# What is kept


SKETCH = """\
# a comment
article: {title: "Xiaomi: a prize", language: en}
facts:
  - conferral: xiaomi-2018
    date:
      value: 2018-11-28
      normalised: headline
    quote:
      - "On November 28"
      - 'won 😀 the prize'
    note: |
      two
      lines
  - grade: first
"""


@pytest.mark.usefixtures("loader")
def test_a_yaml_file_gives_the_header_and_every_fact() -> None:
    header, conferral, grade = sound(SKETCH)
    assert header.data == {"article": {"title": "Xiaomi: a prize", "language": "en"}}
    assert conferral.data == {
        "conferral": "xiaomi-2018",
        "date": {"value": "2018-11-28", "normalised": "headline"},
        "quote": ["On November 28", "won 😀 the prize"],
        "note": "two\nlines\n",
    }
    assert grade.data == {"grade": "first"}
    assert list(conferral.data) == ["conferral", "date", "quote", "note"]
    assert {record.path for record in (header, conferral, grade)} == {YAML}


@pytest.mark.usefixtures("loader")
def test_places_in_a_yaml_file() -> None:
    header, conferral, _ = sound(SKETCH)
    assert str(header.place()) == f"{YAML}:2:1"
    assert header.place(("article",))[1:] == (2, 10)
    assert header.place(("article",), key=True)[1:] == (2, 1)
    assert header.place(("article", "language"))[1:] == (2, 47)
    assert conferral.place()[1:] == (4, 5)
    assert conferral.place(("date",), key=True)[1:] == (5, 5)
    assert conferral.place(("date", "value"))[1:] == (6, 14)
    assert conferral.place(("quote", 1))[1:] == (10, 9)
    assert conferral.place(("note",))[1:] == (11, 11)


def test_places_in_json_lines() -> None:
    _, record = sound(
        '\n{"a":"b"}\r\n \t\r\n {"é😀": ["x", {"k": 1}], "date": {"v": "\\"]"}}', JSONL
    )[:2]
    assert record.place()[1:] == (4, 2)
    assert record.place(("é😀",), key=True)[1:] == (4, 3)
    assert record.place(("é😀", 0))[1:] == (4, 10)
    assert record.place(("é😀", 1, "k"))[1:] == (4, 21)
    assert record.place(("date", "v"))[1:] == (4, 40)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (YAML, "facts:\n- {date: {value: x}, quote: [y]}"),
        (JSONL, '{"date":{"value":"x"},"quote":["y"]}'),
    ],
)
def test_what_does_not_exist_has_the_place_of_what_would_hold_it(path: str, text: str) -> None:
    (record,) = sound(text, path)
    date = record.place(("date",))
    assert record.place(("date", "origin")) == date
    assert record.place(("date", "origin", "deeper"), key=True) == date
    assert record.place(("date", 0)) == date
    assert record.place(("quote", 0), key=True) == record.place(("quote", 0))
    assert record.place(("quote", 1)) == record.place(("quote",))
    assert record.place(("quote", -1)) == record.place(("quote",))
    assert record.place(("award",)) == record.place()
    assert record.place(("date", "value", "deeper")) == record.place(("date", "value"))


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    "word", ["NO", "010", "12:30:00", "null", "~", "1_000", "2018-11-28", "0x1F", ".inf", "="]
)
def test_plain_words_are_strings(word: str) -> None:
    assert sound(f"facts:\n- a: {word}\n  {word}: b\n")[0].data == {"a": word, word: "b"}


@pytest.mark.parametrize("number", ["1", "1.50", "-0", "1e5", "1" * 5000, "0.10000000000000000001"])
def test_numbers_stay_as_they_are_written(number: str) -> None:
    assert sound(f'{{"a":{number},"b":[{number}]}}', JSONL)[0].data == {"a": number, "b": [number]}


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark(end: str, mark: str) -> None:
    text = mark + "facts:\n- é😀: 😀\n  b: [😀, c]\n".replace("\n", end)
    (record,) = sound(text)
    assert record.data == {"é😀": "😀", "b": ["😀", "c"]}
    assert record.place(("é😀",))[1:] == (2, 7)
    assert record.place(("b", 1))[1:] == (3, 10)
    assert sound(f'{mark}{{"a":"b"}}{end}', JSONL)[0].place(("a",))[1:] == (1, 6)


def test_a_byte_order_mark_and_an_escaped_line_separator_may_be_quoted() -> None:
    assert sound('facts:\n- a: "x\\u2028 \ufeffy"\n')[0].data == {"a": "x\u2028 \ufeffy"}
    assert sound('{"a":"x\u2028\ufeffy"}', JSONL)[0].data == {"a": "x\u2028\ufeffy"}


@pytest.mark.parametrize(("path", "text"), [(YAML, "facts:\n- a: b"), (JSONL, '{"a":"b"}')])
def test_a_record_can_be_sent_to_another_process(path: str, text: str) -> None:
    (record,) = sound(text, path)
    assert pickle.loads(pickle.dumps(record)) == copy.deepcopy(record) == record
    assert pickle.loads(pickle.dumps(record)).place(("a",)) == record.place(("a",))


def test_a_record_made_by_hand_has_the_place_of_its_file() -> None:
    assert str(Record({"a": "b"}, YAML).place(("a",))) == f"{YAML}:1:1"


# What is refused in YAML


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("a: b\n  c: d\n  a: e", "4:3 duplicate key 'a' (first at line 2) | remove one of the two"),
        ("{a: b, 'a': b}", "2:10 duplicate key 'a' (first at line 2) | remove one of the two"),
        ("a:", "2:3 empty value | write a value or remove the key"),
        ("a: {b: , c: d}", "2:7 empty value | write a value or remove the key"),
        ("a: |", "2:3 empty value | write a value or remove the key"),
        ("a:\n  - b\n  -", "4:4 empty value | write a value or remove the item"),
        ("?\n  : b", "2:4 empty key | write a key before the colon"),
        ("a: &b c", "2:6 anchor '&b' | remove it, or put the whole value in quotes"),
        ("a: &b", "2:6 anchor '&b' | remove it, or put the whole value in quotes"),
        ("&b a: c", "2:3 anchor '&b' | remove it, or put the whole value in quotes"),
        ("a: *b", "2:6 alias '*b' | write it out, or put the whole value in quotes"),
        ("*b : a", "2:3 alias '*b' | write it out, or put the whole value in quotes"),
        ("<<: {a: b}", "2:3 merge key '<<' | write the fields themselves"),
        ("a: !!int 3", "2:6 tag '!!int' | remove it, or put the whole value in quotes"),
        ("a: !x {b: c}", "2:6 tag '!x' | remove it, or put the whole value in quotes"),
        ("a: ! b", "2:6 tag '!' | remove it, or put the whole value in quotes"),
        (
            "a: !!python/name:os.system",
            "2:6 tag '!!python/name:os.system' | remove it, or put the whole value in quotes",
        ),
        ("? [a]\n  : b", "2:5 a key that is a list or mapping | write a word as the key"),
        ("{{a: b}: c}", "2:4 a key that is a list or mapping | write a word as the key"),
        ("a", "2:3 a fact that is not a mapping | write 'key: value' lines"),
        ("[a]", "2:3 a fact that is not a mapping | write 'key: value' lines"),
    ],
)
def test_what_yaml_offers_and_a_fact_file_does_not(fields: str, told: str) -> None:
    text = f"facts:\n- {fields}\n- ok: yes\n"
    assert fault(text) == told
    assert [record.data for record in read_records(YAML, text.encode())[0]] == [{"ok": "yes"}]


@pytest.mark.usefixtures("loader")
def test_a_quoted_merge_sign_and_quoted_emptiness_are_plain_data() -> None:
    assert sound("facts:\n- '<<': ''\n")[0].data == {"<<": ""}


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "fact: []\n",
            "1:1 unknown key 'fact': allowed are 'article', 'facts' | write 'facts'",
        ),
        (
            "facts:\n- a: b\naward: {x: y}\n",
            "3:1 unknown key 'award': allowed are 'article', 'facts'"
            " | remove it, or move it into a fact",
        ),
        ("facts: x\n", "1:1 'facts' is not a list | begin each fact with '- '"),
        ("facts: {a: b}\n", "1:1 'facts' is not a list | begin each fact with '- '"),
        ("facts:\n", "1:1 empty value | write a value or remove the key"),
        ("facts: &f\n- a: b\n", "1:8 anchor '&f' | remove it, or put the whole value in quotes"),
        ("article: x\n", "1:1 'article' is not a mapping | write its fields as 'key: value'"),
        (
            "- a: b\n",
            "1:1 the file is not a mapping | write 'facts:' and beneath it a list of facts",
        ),
        (
            "hello\n",
            "1:1 the file is not a mapping | write 'facts:' and beneath it a list of facts",
        ),
        (
            "facts: [a: b]\nfacts: [c: d]\n",
            "2:1 duplicate key 'facts' (first at line 1) | remove one of the two",
        ),
        ("facts: [a: b]\n---\n", "2:1 a second document | write one document in a file"),
    ],
)
def test_the_top_of_a_yaml_file(text: str, told: str) -> None:
    assert fault(text) == told


QUOTE = "put the whole value in quotes"


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("- a: b\n\tc: d", "3:1 a tab used to indent | indent with spaces"),
        ("- \ta: b", "2:3 a tab used to indent | indent with spaces"),
        ('- é😀: "b\n  c: d', "2:7 a quotation mark that is never closed | close it"),
        ("- a: 'b\n---\n", "2:6 a quotation mark that is never closed | close it"),
        (
            "- q: On 28: won",
            f"2:11 a colon where no key can be | check the indentation, or {QUOTE}",
        ),
        (
            '- a: "b" c',
            "2:10 a line or word that belongs to nothing"
            f" | indent it like its neighbours, or {QUOTE}",
        ),
        (
            "  - a: b\n - c: d",
            "3:2 a line or word that belongs to nothing"
            f" | indent it like its neighbours, or {QUOTE}",
        ),
        ("- a: @b", f"2:6 a value that begins with '@' | {QUOTE}"),
        ("- a: *", f"2:6 a value that begins with '*' | {QUOTE}"),
        ("- a: & b", f"2:6 a value that begins with '&' | {QUOTE}"),
        ("- a: !<b", f"2:6 a value that begins with '!' | {QUOTE}"),
        (
            "- a: >5 dollars",
            f"2:6 text right after '|' or '>' | begin it on the next line, or {QUOTE}",
        ),
        ("- a: [b\n- c: d", f"2:6 a '[' that is not closed | close it with ']', or {QUOTE}"),
        ("- a: {b: c", f"2:6 a '{{' that is not closed | close it with '}}', or {QUOTE}"),
        ("- a: ]", f"2:6 a value that is missing, or begins with a special sign | {QUOTE}"),
        ("- a: b\nc\nd: e", "3:1 a line without 'key: value' | add the key, or indent the line"),
        ("- a: - b", f"2:6 a list item where none can be | begin a new line, or {QUOTE}"),
    ],
)
def test_the_first_error_of_yaml_in_our_words(lines: str, told: str) -> None:
    assert fault(f"facts:\n{lines}\n") == told


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("escape", ["\\q", "\\u12", "\\UFFFFFFFF", "\\ud800", "\\x"])
def test_a_bad_escape_in_yaml_is_one_problem(escape: str) -> None:
    assert fault(f'facts:\n- a: "{escape}"\n').startswith("2:")


@pytest.mark.usefixtures("loader")
def test_facts_before_the_first_error_are_kept() -> None:
    records, problems = read_records(YAML, b"facts:\n- a: b\n- c: @d\n- e: f\n")
    assert [record.data for record in records] == [{"a": "b"}]
    assert len(problems) == 1


# Characters


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\0", "control character U+0000 (NUL) | remove it"),
        ("\x0c", "control character U+000C (FF) | remove it"),
        ("\x1b", "control character U+001B (ESC) | remove it"),
        ("\x7f", "control character U+007F (DEL) | remove it"),
        ("\x85", "control character U+0085 (NEL) | remove it"),
        ("\x9f", "control character U+009F (APC) | remove it"),
        ("\uffff", "U+FFFF is not a character | remove it"),
    ],
)
def test_characters_that_no_fact_file_may_hold(character: str, name: str) -> None:
    assert fault(f"facts:\r\n- é😀: {character}\n") == f"2:7 {name}"
    assert fault(f'{{"a":"b"}}\n{{"é😀":\r "{character}"}}\n', JSONL) == f"2:10 {name}"
    escape = f"\\u{ord(character):04x}"
    assert fault(f'{{"a":["b", "c{escape}"]}}', JSONL) == f"1:12 {name}"
    assert fault(f'facts:\n- a: "c{escape}"\n') == f"2:6 {name}"
    assert fault(f'facts:\n- "c{escape}": a\n') == f"2:3 {name}"


def test_half_a_surrogate_pair() -> None:
    assert fault('{"a":"\\ud83d x"}', JSONL).startswith("1:6 U+D83D is half of a surrogate pair")
    assert sound('{"a":"\\ud83d\\ude00"}', JSONL)[0].data == {"a": "😀"}


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_bare_line_separator_would_lose_spaces_in_yaml(separator: str) -> None:
    escape = f"\\u{ord(separator):04X}"
    assert fault(f"facts:\n- a: x{separator} y\n") == (
        f"2:7 U+{escape[2:]} breaks a line of YAML | write {escape}, in double quotes"
    )


def test_bytes_that_are_not_utf8() -> None:
    data = "facts:\r\n- a: é😀".encode() + b"\x92x\n"
    assert fault(data) == "2:8 byte 0x92 is not UTF-8 | save the file as UTF-8"
    data = '{"a":"b"}\n{"é😀":"'.encode() + b'\xed\xa0\x80"}\n{"c":"d"}'
    assert fault(data, JSONL) == "2:8 byte 0xED is not UTF-8 | save the file as UTF-8"
    assert [record.data for record in read_records(JSONL, data)[0]] == [{"a": "b"}, {"c": "d"}]
    assert fault("facts: []".encode("utf-16")).startswith("1:1 byte 0xFF is not UTF-8")


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("text", ["", "\ufeff", " \n\r\n", "# a comment\n", "---\n", "facts: []\n"])
def test_a_file_without_facts(text: str) -> None:
    told = "1:1 no facts | write the facts of the article here, or remove the file"
    assert fault(text) == told
    if not text.strip("\ufeff\r\n "):
        assert fault(text, JSONL) == told


# What is refused in JSON Lines


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"a":"b","a":"b"}', "1:10 duplicate key 'a' (first at column 2) | remove one of the two"),
        (
            '{"b":[{"a" : "b","\\u0061":"c"}]} x',
            "1:18 duplicate key 'a' (first at column 8) | remove one of the two",
        ),
        ("[1]", "1:1 a line that is not an object | write its fields in braces"),
        ("  null", "1:3 a line that is not an object | write its fields in braces"),
        ('{"article":"x"}', "1:1 'article' is not an object | write its fields in braces"),
        ("{'a':1}", "1:2 not JSON: expecting property name enclosed in double quotes"),
        ('{"a":"b"c"}', "1:9 not JSON: expecting ',' delimiter"),
        ('{"a":"é😀\tb"}', "1:9 not JSON: invalid control character"),
        ('{"a":"b', "1:6 not JSON: unterminated string"),
        ('{"a":1} {"b":2}', "1:9 not JSON: extra data"),
        ('{"a":"\\q"}', "1:7 not JSON: invalid \\escape"),
    ],
)
def test_a_bad_line_of_json(line: str, told: str) -> None:
    assert fault(line, JSONL).startswith(told)
    assert fault(f'{{"ok":"yes"}}\n{line}', JSONL).startswith(f"2{told[1:]}")


@pytest.mark.parametrize("word", ["true", "false", "null", "NaN", "Infinity", "-Infinity"])
def test_constants_are_no_strings(word: str) -> None:
    mend = "write it as a string, or leave the field out"
    assert fault(f'{{"{word}":["{word}", {word}]}}', JSONL) == (
        f"1:{10 + 2 * len(word)} {word} is not a string | {mend}"
    )
    assert sound(f'{{"{word}":"{word}"}}', JSONL)[0].data == {word: word}


def test_every_bad_line_is_told_up_to_a_hundred() -> None:
    records, problems = read_records(JSONL, b'{"a":"b"}\n' + b"x\n" * 1000 + b'{"c":"d"}')
    assert [record.place()[1] for record in records] == [1, 1002]
    assert [problem.place.line for problem in problems] == [*range(2, 103)]
    assert (
        told(problems[100]) == "102:1 and 900 more, the first of them here | mend those before it"
    )
    assert len(read_records(JSONL, b"x\n" * 100)[1]) == 100
    assert faults("facts:\n" + "- x\n" * 500)[100].startswith("102:3 and 400 more")


# Size and depth


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + "x" + closing * depth


@pytest.mark.usefixtures("loader")
def test_depth_in_yaml() -> None:
    assert sound("facts: [{a: " + nested(29, "[", "]") + "}]")
    told = fault("facts: [{a: " + nested(30, "[", "]") + "}]")
    assert told == "1:42 nested deeper than 32 levels | write it flatter"


def test_depth_in_json() -> None:
    assert sound('{"a":' + nested(31, "[", "]").replace("x", '"[[{{"') + "}", JSONL)
    told = fault('{"a":' + nested(32, "[", "]") + "}", JSONL)
    assert told == "1:37 nested deeper than 32 levels | write it flatter"


@pytest.mark.usefixtures("loader")
@pytest.mark.parametrize("start", ["", "facts:\n- a: ", "facts: ", "facts:\n  "])
@pytest.mark.parametrize("sign", ["[", "{", "- ", "? ", "[\n", "{a: ", "{? ", '"\\', "!", "&a "])
def test_no_pile_of_signs_takes_long_or_crashes_yaml(start: str, sign: str) -> None:
    begun = time.process_time()
    told = faults(start + sign * (60_000 // len(sign)))
    assert time.process_time() - begun < 2
    assert told
    if sign[0] in "[{" and start:
        assert any("nested deeper" in one for one in told)


@pytest.mark.parametrize("start", ["", '{"a":', '{"a":"'])
@pytest.mark.parametrize("sign", ["[", "{", '{"a":', '\\"', '"', ":", "\\", "1", " ["])
def test_no_pile_of_signs_takes_long_or_crashes_json(start: str, sign: str) -> None:
    begun = time.process_time()
    fault(start + sign * (900_000 // len(sign)), JSONL)
    assert time.process_time() - begun < 2


def test_a_long_line_is_refused_unread() -> None:
    data = b'{"a":"b"}\n{"a":"' + b"x" * 200_000_000 + b'"}\n{"c":"d"}'
    begun = time.process_time()
    records, (problem,) = read_records(JSONL, data)
    assert time.process_time() - begun < 2
    assert told(problem) == "2:1 a line of more than 1 MiB | write one fact on each line"
    assert [record.place()[1] for record in records] == [1, 3]


def test_a_line_of_just_one_mebibyte_is_read() -> None:
    line = b'{"a":"' + b"x" * ((1 << 20) - 8) + b'"}'
    assert read_records(JSONL, line + b"\n")[1] == []
    assert read_records(JSONL, b" " + line + b"\n")[1] != []


def test_a_yaml_file_that_is_too_big_is_refused_unread() -> None:
    told = fault(b"#" * ((64 << 20) + 1))
    assert told == "1:1 a YAML file of more than 64 MiB | write it as .facts.jsonl"


# Whatever is written is read back, and stands where it is said to stand

text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))
strings = text | st.text(" \t\n\r:-#'\"\\[]{},&*!|>%@`ab1é😀\u2028\ufeff", max_size=12)
values = st.recursive(
    strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)
facts = st.lists(st.dictionaries(strings, values, min_size=1, max_size=5), min_size=1, max_size=4)


def walk(raw: Raw, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Raw]]:
    below: list[tuple[str | int, Raw]] = []
    if isinstance(raw, dict):
        below = [*raw.items()]
    elif isinstance(raw, list):
        below = [*enumerate(raw)]
    return [(path, raw), *(pair for step, value in below for pair in walk(value, (*path, step)))]


def rest(lines: list[str], record: Record, path: tuple[str | int, ...], key: bool = False) -> str:
    place = record.place(path, key=key)
    return lines[place.line - 1][place.column - 1 :]


def first_scalar(line: str) -> Any:
    events = yaml.parse(line, Loader=yaml.SafeLoader)
    return next(event.value for event in events if isinstance(event, yaml.ScalarEvent))


class WithoutAliases(yaml.SafeDumper):
    """Writes what occurs twice twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@given(facts, st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]))
def test_yaml_comes_back(data: list[dict[str, Raw]], end: str, mark: str) -> None:
    dumped = yaml.dump(
        {"article": data[0], "facts": data},
        Dumper=WithoutAliases,
        allow_unicode=True,
        default_style='"',
        sort_keys=False,
        width=10**6,
        line_break=end,
    )
    header, *records = sound(mark + dumped)
    assert header.data == {"article": data[0]}
    assert [record.data for record in records] == data
    lines = dumped.split(end)
    for record in (header, *records):
        for path, value in walk(record.data):
            if path and isinstance(path[-1], str):
                assert first_scalar(rest(lines, record, path, key=True)) == path[-1]
            if isinstance(value, str):
                assert first_scalar(rest(lines, record, path)) == value
            elif not value:
                assert rest(lines, record, path)[:2] in ("[]", "{}")
            elif isinstance(value, list):
                assert rest(lines, record, path).startswith("- ")


@given(
    facts, st.booleans(), st.sampled_from([(",", ":"), (" ,\t", " : ")]), st.sampled_from("\n\r")
)
def test_json_comes_back(
    data: list[dict[str, Raw]], ascii_only: bool, separators: tuple[str, str], end: str
) -> None:
    lines = [json.dumps(one, ensure_ascii=ascii_only, separators=separators) for one in data]
    records = sound("\n".join(f" {line}{end}\n" for line in lines), JSONL)
    assert [record.data for record in records] == data
    written = [part for line in lines for part in (f" {line}", "", "")][: 3 * len(lines)]
    if end == "\r":
        written = [part for line in lines for part in (f" {line}", "")]
    for record in records:
        for path, value in walk(record.data):
            start = rest(written, record, path)
            assert json.JSONDecoder().raw_decode(start)[0] == value
            if path and isinstance(path[-1], str):
                key = rest(written, record, path, key=True)
                assert json.JSONDecoder().raw_decode(key)[0] == path[-1]


noise = st.text("ab:-?# \n\t\r'\"\\[]{},&*!|>%@`<=~\u2028\ufeff😀", max_size=60)


@given(noise | noise.map("facts:\n- a: ".__add__) | noise.map("facts:\n  - ".__add__))
def test_noise_gives_records_or_problems_never_an_exception(text: str) -> None:
    lines = re.split("\r\n|\r|\n", text)
    for name in ("CSafeLoader", "SafeLoader"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yamlrecords, "_LOADER", getattr(yaml, name))
            records, problems = read_records(YAML, text.encode())
        assert records or problems
        for problem in problems:
            assert problem.message
            assert problem.mend
            assert 1 <= problem.place.line <= len(lines) + 1
        for record in records:
            for path, _ in walk(record.data):
                assert record.place(path).line <= len(lines)


@given(st.binary(max_size=80), st.sampled_from([YAML, JSONL]))
def test_bytes_give_records_or_problems_never_an_exception(data: bytes, path: str) -> None:
    records, problems = read_records(path, data)
    assert records or problems


@given(st.text('{}[]":,\\ub0019ad8 tnfN-.e\n', max_size=60).map('{"a":'.__add__))
def test_what_is_read_as_json_is_json(text: str) -> None:
    for record in read_records(JSONL, text.encode())[0]:
        line = text.split("\n")[record.place().line - 1]
        assert json.loads(line, parse_int=str, parse_float=str) == record.data
