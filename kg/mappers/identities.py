"""Decisions on identity: which words mean one thing, and which things are not the same."""

from __future__ import annotations

from kg.fields import Node, Note, Ref, Text
from kg.mapping import Triples, label, maps, properties
from kg.vocab import KG, RDF


@maps
def identity(
    *,
    identity: Node,
    of: Ref,
    reason: Note,
    form: tuple[Text, ...] = (),
    distinct_from: tuple[Ref, ...] = (),
) -> Triples:
    """Why some words are taken to mean a thing, or why it is not another thing.

    Merging is a decision that others may see differently; so its reason is published.
    """
    yield label(identity, f"Identity of {of.label}")
    yield from properties(
        identity,
        {
            RDF.type: KG.IdentityDecision,
            KG.decisionOn: of,
            KG.surfaceForm: form,
            KG.distinctFrom: distinct_from,
            KG.reason: reason,
        },
    )
