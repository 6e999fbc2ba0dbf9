"""What one shard has to know of all others: so little that it seldom changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pyoxigraph import NamedNode

from kg.conflicts import Conflict
from kg.looseends import Labelled
from kg.model import Term
from kg.shards.joining import Joined
from kg.shards.mapping import Spoken, Types


@dataclass
class View:
    """What was joined, as far as it has to do with a shard."""

    joint: set[str]
    """The IRIs of joint things of which it tells."""
    called: dict[Term, str]
    """How joint things are called, those of other shards and terms."""
    conflicts: list[Conflict]
    """Those in which its claims take part."""
    used: set[NamedNode]
    schemes: set[str]
    types: Types
    """The types of joint things, and of those of other shards."""
    labelled: Labelled
    """Which of the things that it speaks of have a label in another."""

    @cached_property
    def digest(self) -> str:
        """The same for two views in which nothing differs."""
        labelled = self.labelled
        parts: tuple[Iterable[Any], ...] = (
            self.joint,
            (f"{term} {text!r}" for term, text in self.called.items()),
            (conflict.hash for conflict in self.conflicts),
            map(str, self.used),
            self.schemes,
            (f"{node} {sorted(found.items(), key=str)}" for node, found in self.types.items()),
            *(map(str, nodes) for nodes in (labelled.known, labelled.asserted, labelled.corrected)),
        )
        digest = hashlib.sha256()
        for part in parts:
            digest.update(repr(sorted(part)).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def view(joined: Joined, spoken: Spoken) -> View:
    """Return what was joined, as far as it has to do with the shard that speaks of some nodes."""
    head, nodes = joined.head, spoken.nodes
    found = {c.hash: c for name in spoken.articles for c in joined.disputes.get(name, ())}
    conflicts = sorted(found.values(), key=lambda conflict: conflict.key)
    shown = nodes.union(*((*c.about, c.predicate) for c in conflicts))
    labelled = joined.labelled
    return View(
        {node.value for node in nodes if node.value in joined.joint},
        {node: head.called[node] for node in shown if node in head.called},
        conflicts,
        head.used,
        head.schemes,
        {node: joined.types[node] for node in nodes & joined.types.keys()},
        Labelled(labelled.known & nodes, labelled.asserted & nodes, labelled.corrected & nodes),
    )
