"""What a shard is mapped by: what is the same for all, and what its own files hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from kg.dataset import Dataset
from kg.folder import Description
from kg.known import Names
from kg.mappers import KINDS
from kg.mapping import Kind
from kg.seeds import Files, Seed
from kg.vocab import Vocabulary


@dataclass
class Basis:
    """What stands beside the articles, and what is known of all of them."""

    folder: Path
    vocabulary: Vocabulary
    own: dict[str, Kind]
    """The kinds of the folder's own, in which it differs from others."""
    description: Description | None
    names: Names
    spread: set[str]
    """The IRIs of the things of which several articles have facts."""

    def empty(self) -> Dataset:
        """Return a dataset without articles, which knows the names of all."""
        kinds = {**KINDS, **self.own}
        return Dataset(self.folder, self.vocabulary, kinds, self.description, names=self.names)

    def spread_among(self, nodes: Iterable[NamedNode]) -> set[str]:
        """Return the IRIs of those of some nodes of which several articles have facts."""
        return {node.value for node in nodes if node.value in self.spread}


@dataclass
class Shard:
    """The articles that are mapped together."""

    seeds: list[Seed]
    files: list[Files | None]
    """What is in the files of each, if it was sent."""
    digests: list[str]
    """What it was when the folder was surveyed."""
    troubled: set[str]
    """The paths of those of its fact files that have problems already."""
