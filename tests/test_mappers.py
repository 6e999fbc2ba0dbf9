"""Each fact kind has a golden case: what goes in, what comes out, with all its evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import GOLDEN, loaded, shown

from kg.fields import Node, Ref, Text
from kg.mappers import KINDS
from kg.mapping import Triples, maps


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_maps_as_its_golden_case_says(kind: str, tmp_path: Path) -> None:
    dataset = loaded(GOLDEN / kind, tmp_path)
    assert dataset.problems == []
    found = shown(dataset, kind)
    assert found
    assert found == (GOLDEN / kind / "expected.txt").read_text("utf-8")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_golden_case_uses_every_field_of_its_kind(kind: str) -> None:
    text = (GOLDEN / kind / "facts.yaml").read_text("utf-8")
    missing = [name for name in KINDS[kind].fields if f" {name}:" not in text]
    assert missing == []


def test_a_signature_that_is_no_schema_is_refused() -> None:
    def positional(positional: Node, other: Text) -> Triples:
        yield from ()

    def nameless(*, thing: Node) -> Triples:
        yield from ()

    def untyped(*, untyped: Node, other: str) -> Triples:
        yield from ()

    for function, words in (
        (positional, "not keyword-only"),
        (nameless, "the first parameter is the node"),
        (untyped, "field 'other' has no type"),
    ):
        with pytest.raises(TypeError, match=words):
            maps(function)


def test_a_signature_is_read_as_a_schema() -> None:
    @maps(report=True)
    def rumour(
        *, rumour: Node, about: tuple[Ref, ...], text: Text, place: Ref | None = None
    ) -> Triples:
        """A rumour."""
        yield from ()

    assert rumour.report
    assert not rumour.named
    fields = rumour.fields
    assert (fields["about"].many, fields["about"].required, fields["about"].type) == (
        True,
        True,
        Ref,
    )
    assert (fields["text"].many, fields["text"].required, fields["text"].type) == (
        False,
        True,
        Text,
    )
    assert (fields["place"].many, fields["place"].required) == (False, False)
