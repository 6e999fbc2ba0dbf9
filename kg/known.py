"""What is known of a folder while its facts are read: names, terms, the language of an article."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from pyoxigraph import NamedNode

from kg.iris import Iris
from kg.quotes import WORD, fold
from kg.vocab import Vocabulary


class FieldError(ValueError):
    """A field is not what its type takes; the message says so, ``mend`` how to mend it."""

    def __init__(self, message: str, mend: str) -> None:
        """Say what is wrong and how to mend it."""
        super().__init__(message)
        self.mend = mend


@dataclass
class Names:
    """By what names things are known in a folder, gathered before any fact is mapped."""

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
    nodes: dict[str, NamedNode] = field(default_factory=dict)
    """Every slug that some fact is about, with its IRI."""

    @cached_property
    def things(self) -> set[NamedNode]:
        """The IRIs of all things, once all names are gathered."""
        return set(self.nodes.values())

    def longer(self, form: str, slug: str, article: str) -> list[str]:
        """Return the forms that hold a form of a slug, but mean something else in an article.

        Asked once all names are gathered.
        """
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
