"""What a shapes graph says of one shape, read as strictly as pySHACL does or more so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.sieve.graph import Table
from kg.sieve.paths import NotCompiledError
from kg.sieve.terms import SH, XSD, number

KNOWN = {
    *("path", "property", "node", "class", "datatype", "nodeKind", "in", "hasValue", "closed"),
    *("ignoredProperties", "minCount", "maxCount", "minLength", "maxLength", "pattern", "flags"),
    *("minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "languageIn", "uniqueLang"),
    *("equals", "disjoint", "lessThan", "lessThanOrEquals", "not", "and", "or", "xone"),
    *("qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"),
    *("qualifiedValueShapesDisjoint", "deactivated", "severity", "message", "name", "description"),
    *("order", "group", "defaultValue", "targetClass", "targetNode", "targetSubjectsOf"),
    *("targetObjectsOf",),
}
"""The properties of SHACL Core."""

BOOLEANS = {f'"{word}"^^<{XSD}boolean>': word == "true" for word in ("true", "false")}


class Parameters:
    """The parameters of a shape by their local names; `NotCompiledError` for what is malformed."""

    def __init__(self, table: Table) -> None:
        """Take what is said of a shape; only SHACL Core is understood."""
        start = f"<{SH}"
        self._table = {
            predicate[len(start) : -1]: values
            for predicate, values in table.items()
            if predicate.startswith(start)
        }
        if unknown := self._table.keys() - KNOWN:
            raise NotCompiledError(f"what is sh:{min(unknown)}?")

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def isdisjoint(self, names: Iterable[str]) -> bool:
        """Whether none of some parameters is given."""
        return self._table.keys().isdisjoint(names)

    def all(self, name: str) -> list[str]:
        """Return the values of a parameter."""
        return self._table.get(name, [])

    def one(self, name: str) -> str | None:
        """Return the value of a parameter that has at most one."""
        values = self.all(name)
        if len(values) > 1:
            raise NotCompiledError(f"sh:{name} twice")
        return values[0] if values else None

    def count(self, name: str) -> int | None:
        """Return a number that is not negative."""
        if (text := self.one(name)) is None:
            return None
        found = number(text)
        if found is None or found < 0 or "#integer>" not in text:
            raise NotCompiledError(f"sh:{name} {text}")
        return found

    def flag(self, name: str) -> bool:
        """Return whether a parameter is true; without a value, it is not."""
        if (text := self.one(name)) is None:
            return False
        if text not in BOOLEANS:
            raise NotCompiledError(f"sh:{name} {text}")
        return BOOLEANS[text]
