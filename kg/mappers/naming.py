"""The names of things: fields that every kind of named thing shares."""

from __future__ import annotations

from dataclasses import dataclass

from kg.fields import Node, Text
from kg.mapping import Group, Triples, properties
from kg.vocab import RDFS, SCHEMA, SKOS


@dataclass(frozen=True, kw_only=True)
class Names(Group):
    """How a thing is called, and how the article at hand means it."""

    name: Text | None = None
    """The preferred name; one per language in the whole folder."""
    alias: tuple[Text, ...] = ()
    """Other proper names, abbreviations too, by which any article may mean it."""
    mention: tuple[Text, ...] = ()
    """Forms that mean it in this article only: mistranslations, "the company"."""
    description: tuple[Text, ...] = ()
    """What the article calls it in passing: "China's top quality watchdog"."""

    def of(self, node: Node) -> Triples:
        """Yield the names of a node."""
        yield from properties(
            node,
            {
                RDFS.label: self.name,
                SCHEMA.alternateName: self.alias,
                SKOS.hiddenLabel: self.mention,
                SCHEMA.description: self.description,
            },
        )
