"""The names of things: fields that every kind of named thing shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kg.fields import Node, Note, Text
from kg.mapping import Group, Triples, properties
from kg.vocab import RDFS, SCHEMA, SKOS


@dataclass(frozen=True, kw_only=True)
class Names(Group):
    """How a thing is called, and how the article at hand means it."""

    names_the_node: ClassVar[bool] = True

    name: Text | None = None
    """The preferred name: one in each language, the same in all articles."""
    label: Note | None = None
    """The curator's own label, where the name in the articles is missing or does not tell apart."""
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
                RDFS.label: self.label if node.relabelled else self.name,
                SCHEMA.alternateName: (self.name if node.relabelled else None, *self.alias),
                SKOS.hiddenLabel: self.mention,
                SCHEMA.description: self.description,
            },
        )
