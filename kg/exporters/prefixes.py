"""Short names for IRIs, of which Turtle and JSON-LD use the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pyoxigraph import NamedNode

from kg.model import Term
from kg.vocab import PREFIXES, RDF, RDFS

_START = (
    r"A-Za-z0-9_À-ÖØ-öø-\u02FF\u0370-\u037D\u037F-\u1FFF\u2070-\u218F\u2C00-\u2FEF"
    r"\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_INNER = _START + r"·\u0300-\u036F-"
_LOCAL = re.compile(rf"[{_START}](?:[{_INNER}]|\.(?=[{_INNER}]))*")
"""What needs no escape behind a prefix, a subset of PN_LOCAL (RDF 1.1 Turtle, section 6.5)."""

_PREFIX = re.compile(r"[A-Za-z](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


_FIRST = (RDF.type, RDFS.label, RDF.subject, RDF.predicate, RDF.object)


class Prefixes:
    """The prefixes of a document: what an IRI is called, and in what order properties come."""

    def __init__(
        self,
        prefixes: Mapping[str, str],
        own: Mapping[str, str] | None = None,
        without: Collection[str] = (),
    ) -> None:
        """Take the prefixes of vocabularies, the dataset's own, which win, and those to leave out.

        Only namespaces that end in ``/`` or ``#`` are used, so that a name is found without search.
        """
        own = own or {}
        ours = {prefix: iri for prefix, iri in PREFIXES.items() if prefixes.get(prefix) == iri}
        self.namespaces: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for prefix, iri in (*own.items(), *ours.items(), *sorted(prefixes.items())):
            usable = (_PREFIX.fullmatch(prefix) or prefix in own) and iri.endswith(("/", "#"))
            taken = prefix in without or prefix in self.namespaces or iri in self._names
            if usable and not taken:
                self.namespaces[prefix] = iri
                self._names[iri] = prefix

    def split(self, iri: str) -> tuple[str, str] | None:
        """Return the prefix and local name of an IRI, if it has a short name that is safe."""
        end = max(iri.rfind("/"), iri.rfind("#")) + 1
        prefix = self._names.get(iri[:end])
        if prefix is None or not _LOCAL.fullmatch(iri, end):
            return None
        return prefix, iri[end:]

    def rank(self, predicate: NamedNode) -> tuple[int, str, str]:
        """Return the sort key of a property: what tells most comes first, then by short name."""
        if predicate in _FIRST:
            return _FIRST.index(predicate), "", ""
        return len(_FIRST), self.shown(predicate.value), predicate.value

    def order(self, value: Term) -> tuple[str, str]:
        """Return the sort key of an object: literals, then IRIs by short name."""
        shown = self.shown(value.value) if isinstance(value, NamedNode) else ""
        return shown, str(value)

    def shown(self, iri: str) -> str:
        """Return the short name of an IRI, or the IRI."""
        return ":".join(self.split(iri) or (iri,))
