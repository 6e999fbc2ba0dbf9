"""What is known of a folder while its facts are read: names, terms, the language of an article."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from pyoxigraph import NamedNode

from kg.iris import Iris, collision_key
from kg.model import Place
from kg.quotes import WORD, fold
from kg.vocab import Vocabulary

ARTICLE = "article"
"""The kind of what a header is about."""


class FieldError(ValueError):
    """A field is not what its type takes; the message says so, ``mend`` how to mend it."""

    def __init__(self, message: str, mend: str) -> None:
        """Say what is wrong and how to mend it."""
        super().__init__(message)
        self.mend = mend


class First(NamedTuple):
    """What a slug is, by the first record that is about it."""

    kind: str
    path: str
    line: int
    column: int

    @property
    def place(self) -> Place:
        """Where that stands."""
        return Place(*self[1:])


@dataclass
class Names:
    """By what names things are known in a folder, gathered before any fact is mapped.

    Of what no name is given little is kept, for there may be millions.
    """

    iris: Iris = field(compare=False)
    labels: dict[str, str] = field(default_factory=dict)
    """The preferred name of each slug."""
    forms: dict[str, list[str]] = field(default_factory=dict)
    """Names by which any article may mean the slug."""
    relabelled: dict[str, set[str]] = field(default_factory=dict)
    """Slugs for which the curator chose a label, and the articles in whose fact files."""
    named: dict[str, set[str]] = field(default_factory=dict)
    """The articles that give a slug its name."""
    mentions: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Forms that mean the slug only in one article, by (slug, article)."""
    things: dict[str, First] = field(default_factory=dict)
    """Every slug that some fact is about, the names of articles among them."""

    # What the mapping of a fact asks: once all names are gathered, of one slug at a time.

    def node(self, slug: str) -> NamedNode | None:
        """Return the IRI of a slug that some fact is about."""
        first = self.things.get(slug)
        return None if first is None else self._node(slug, first)

    def nodes(self) -> Iterator[NamedNode]:
        """Yield the IRIs of all that some fact is about."""
        return (self._node(slug, first) for slug, first in self.things.items())

    def _node(self, slug: str, first: First) -> NamedNode:
        return self.iris.work(slug) if first.kind == ARTICLE else self.iris.thing(slug)

    def label(self, slug: str) -> str | None:
        """Return the preferred name of a slug."""
        return self.labels.get(slug)

    def is_relabelled(self, slug: str) -> bool:
        """Whether the curator chose a label for a slug."""
        return slug in self.relabelled

    def forms_of(self, slug: str) -> list[str] | None:
        """Return the names by which any article may mean a slug; None if none is recorded."""
        return self.forms.get(slug)

    def mentions_of(self, slug: str, article: str) -> list[str]:
        """Return the forms that mean a slug only in one article."""
        return self.mentions.get((slug, article), [])

    def is_thing(self, node: NamedNode) -> bool:
        """Whether some fact is about what has an IRI."""
        return self.node(unquote(node.value.rpartition("/")[2])) == node

    def near(self, slug: str) -> str:
        """Return the slug that is nearest to one that no fact is about, or ''."""
        close = get_close_matches(slug, self.things, n=1) or [
            known for known in self.things if collision_key(known) == collision_key(slug)
        ]
        return close[0] if close else ""

    def longer(self, form: str, slug: str, article: str) -> list[str]:
        """Return the forms that hold a form of a slug, but mean something else in an article."""
        return [
            longer
            for longer, other, where in self._longer(form)
            if other != slug and where in (None, article)
        ]

    def _longer(self, form: str) -> list[tuple[str, str, str | None]]:
        """Return the forms that hold another, its first word among theirs, and what they mean.

        Things share few words of their names, "Award" and "National" among them: those with the
        rarest word of the form are looked at, once for each form.
        """
        if form not in self._found:
            folded = fold(form)
            # Wherever a name stands around the form, the form's words are words of it, too.
            wanted = {*folded.split()[:1], *WORD.findall(folded)}
            rarest = min((self._by_word.get(word, []) for word in wanted), key=len, default=[])
            self._found[form] = [
                known
                for known in rarest
                if folded in (longer := fold(known[0])) != folded
                and wanted <= _words(longer)
                and folded.split()[0] in longer.split()
            ]
        return self._found[form]

    @cached_property
    def _found(self) -> dict[str, list[tuple[str, str, str | None]]]:
        return {}

    @cached_property
    def _by_word(self) -> dict[str, list[tuple[str, str, str | None]]]:
        """Every form with what it means, and the article where only there, by each of its words."""
        found: dict[str, list[tuple[str, str, str | None]]] = {}
        known: list[tuple[str, str, str | None]] = [
            (text, slug, None) for slug, forms in self.forms.items() for text in forms
        ]
        known += [(t, slug, name) for (slug, name), forms in self.mentions.items() for t in forms]
        for each in known:
            for word in _words(fold(each[0])):
                found.setdefault(word, []).append(each)
        return found


def _words(folded: str) -> set[str]:
    """Return the words of a folded form, with and without the marks around them."""
    return {*folded.split(), *WORD.findall(folded)}


@dataclass(frozen=True)
class Reading:
    """What a type needs to read a field: the article's language, and what the folder knows."""

    language: str | None
    article: str
    iris: Iris
    names: Names
    vocabulary: Vocabulary
