"""Names that note what they are asked: what a shard was mapped by, beside its own articles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeAlias, TypeVar

from pyoxigraph import NamedNode

from kg.known import Names

P = ParamSpec("P")
T = TypeVar("T")

Answers: TypeAlias = dict[tuple[Any, ...], Any]
"""What was answered, by the question: the name of a method of `Names`, and what it was given."""


class Asked(Names):
    """The names of a folder, for the mapping of one shard."""

    def __init__(self, names: Names) -> None:
        """Take the names that are asked."""
        self._names = names
        self.answers: Answers = {}

    def node(self, slug: str) -> NamedNode | None:
        """Return what `Names` does, as all that follow."""
        return self._noted(self._names.node, slug)

    def label(self, slug: str) -> str | None:
        """See `Names`."""
        return self._noted(self._names.label, slug)

    def is_relabelled(self, slug: str) -> bool:
        """See `Names`."""
        return self._noted(self._names.is_relabelled, slug)

    def forms_of(self, slug: str) -> list[str] | None:
        """See `Names`."""
        return self._noted(self._names.forms_of, slug)

    def mentions_of(self, slug: str, article: str) -> list[str]:
        """See `Names`."""
        return self._noted(self._names.mentions_of, slug, article)

    def is_thing(self, node: NamedNode) -> bool:
        """See `Names`."""
        return self._noted(self._names.is_thing, node)

    def near(self, slug: str) -> str:
        """See `Names`."""
        return self._noted(self._names.near, slug)

    def longer(self, form: str, slug: str, article: str) -> list[str]:
        """See `Names`."""
        return self._noted(self._names.longer, form, slug, article)

    def _noted(self, ask: Callable[P, T], *about: P.args, **no: P.kwargs) -> T:
        answer = self.answers[ask.__name__, *about] = ask(*about, **no)
        return answer


def still_so(answers: Answers, names: Names) -> bool:
    """Whether names would answer today as they did."""
    return all(
        getattr(names, question)(*about) == answer for (question, *about), answer in answers.items()
    )
