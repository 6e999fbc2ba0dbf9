"""Fact files as nobody would write them: never an exception, and what is taken is verifiable.

Each example changes a sound fact file at random. Whatever comes out, reading gives problems and no
exception; and where it gives no error, the dump passes `kg verify`, which shares no code with it.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from verifying import FIRST, FIRST_FACTS, make, small_folder

import kg as api
from kg.reports.text import line
from kg.verify import verify

PIECES = sorted(
    {
        *FIRST.split(),
        *FIRST_FACTS.split(),
        *("'", '"', "{", "}", "[", "]", "- ", ": ", "#", "|", ">-", "&a", "*a", "!!x", "\t", "\n"),
        *("\x00", "\u202e", "\ud7ff", "\ufeff", "𝟙", "1½", "10²", "ﬁ", "é", "e\u0301", "İ", "ß"),
        *("quote:", "rule:", "text:", "value:", "occurrence:", "wide: yes", "polarity: negated"),
        *("modality: hedged", "said_by: jo-bell", "corrects: b/unsafe", "retracts: a/*", "id: x"),
        *("nothing-here: advert", "rule: translation", "rule: number", "999999999999", "-1", "1e9"),
    }
)
KEYS = sorted({word for word in FIRST_FACTS.split() if word.endswith(":")})
tally: Counter[str] = Counter()


@st.composite
def changed_lines(draw: st.DrawFn) -> str:
    """A fact file with some lines dropped, doubled, swapped, or changed within."""
    lines = FIRST_FACTS.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "insert", "replace", "key"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "insert":
                here = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:here] + draw(st.sampled_from(PIECES)) + lines[at][here:]
            case "key":
                name, colon, rest = lines[at].partition(":")
                indent = name[: len(name) - len(name.lstrip(" -"))]
                lines[at] = f"{indent}{draw(st.sampled_from(KEYS))}{rest}" if colon else lines[at]
            case _:
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(PIECES))
                lines[at] = " ".join(words)
    return "\n".join(lines) + "\n"


@cache
def records() -> list[dict[str, object]]:
    read = yaml.load(FIRST_FACTS, yaml.BaseLoader)
    return [{"article": read["article"]}, *read["facts"]]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(PIECES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@st.composite
def changed_records(draw: st.DrawFn) -> str:
    """The same facts in JSON Lines, with values and keys changed at random."""
    facts = json.loads(json.dumps(records()))
    for _ in range(draw(st.integers(1, 3))):
        fact = draw(st.sampled_from(facts))
        key = draw(st.sampled_from(sorted(fact)))
        other = draw(st.sampled_from(facts))
        match draw(st.sampled_from(["value", "move", "drop"])):
            case "value":
                fact[key] = draw(json_values)
            case "move":
                fact[draw(st.sampled_from(sorted(other)))] = fact[key]
            case _:
                del fact[key]
                if not fact:
                    fact[key] = "x"
    return "\n".join(json.dumps(fact) for fact in facts) + "\n"


def examine(facts: str, suffix: str) -> list[tuple[int, str]]:
    """Return what a verifier finds wrong with what is made of a fact file, if it is taken."""
    with tempfile.TemporaryDirectory() as name:
        folder = small_folder(Path(name))
        (folder.root / "seeds/a.facts.yaml").unlink()
        (folder.root / f"seeds/a.facts.{suffix}").write_bytes(facts.encode("utf-8", "replace"))
        dataset = api.load(folder.root)
        for problem in dataset.problems:
            shown = line(problem)
            assert "\n" not in shown
            assert "\x1b" not in shown
        if dataset.errors:
            tally["refused"] += 1
            return []
        made = make(folder.root)
        tally["taken and verified"] += 1
        return verify(made.dumps["kg.nq"], made.articles).failures


many = settings(
    max_examples=600,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.slow
@seed(3)
@many
@given(changed_lines())
def test_changed_yaml_is_refused_or_verifiable(facts: str) -> None:
    assert examine(facts, "yaml") == []


@pytest.mark.slow
@seed(4)
@many
@given(changed_records())
def test_changed_json_lines_are_refused_or_verifiable(facts: str) -> None:
    assert examine(facts, "jsonl") == []


@pytest.mark.slow
def test_the_examples_were_of_both_sorts() -> None:
    if not tally:
        pytest.skip("counts what the tests above did, and they were not run")
    assert tally["refused"] > 50, tally
    assert tally["taken and verified"] > 20, tally
