"""What pySHACL holds of literals that are not plain: ill-typed ones, dates, numbers of all kinds.

These say of single values what pySHACL's constraint components do (`pyshacl.constraints.core`), for
the few that the sieve does not decide by their text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

from kg.sieve.terms import number, term


class UndecidedError(Exception):
    """The sieve cannot say; pySHACL may, or may fail as well."""


def distinct(values: Iterable[str]) -> set[Any]:
    """Return the different values: rdflib takes some forms of one token for the same."""
    return {term(value) for value in values}


@lru_cache(1 << 16)
def has_datatype(value: str, datatype: str) -> bool:
    """Whether a value is a well-formed literal of a datatype (SHACL, section 4.1.2)."""
    from pyshacl.constraints.core.value_constraints import DatatypeConstraintComponent as Component
    from rdflib import RDF, RDFS, XSD, Literal

    literal, wanted = term(value), term(datatype)
    if not isinstance(literal, Literal):
        return False
    actual = partial(Component._assert_actual_datatype, None, literal, wanted)  # type: ignore[arg-type]
    if literal.datatype == wanted:
        return literal.ill_typed is not True and bool(actual())
    if wanted == RDFS.Literal or (wanted == RDFS.Datatype and literal.datatype):
        return True
    if literal.datatype is None and (wanted == RDF.langString if literal.language else False):
        return bool(actual())
    return literal.datatype is None and not literal.language and wanted == XSD.string


@lru_cache(1 << 16)
def compares(value: str, bound: str, holds: Callable[[int, int], bool]) -> bool:
    """Whether a literal is in order with a bound (SHACL, section 4.3)."""
    from pyshacl.rdfutil.compare import compare_literal
    from rdflib import Literal

    one, other = term(value), term(bound)
    if not isinstance(one, Literal) or not isinstance(other, Literal):
        return False
    if isinstance(one.value, str) != isinstance(other.value, str):
        return False
    try:
        return holds(compare_literal(one, other), 0)  # type: ignore[no-untyped-call]
    except (TypeError, NotImplementedError):
        return False
    except Exception as error:  # whatever it is, pySHACL meets it too
        raise UndecidedError from error


def precedes(value: str, other: str, holds: Callable[[Any, Any], bool]) -> bool:
    """Whether two values are in order (SHACL, sections 4.5.3 and 4.5.4)."""
    one, two = number(value), number(other)
    if one is not None and two is not None:
        return holds(one, two)
    first, second = _comparable(value), _comparable(other)
    if isinstance(first, _Words) != isinstance(second, _Words):
        return False
    try:
        return bool(holds(first, second))
    except Exception as error:
        raise UndecidedError from error


class _Words(str):
    """What is compared as text: an IRI, or a literal whose value is text."""


def _comparable(text: str) -> Any:
    from rdflib import BNode, Literal

    found = term(text)
    if isinstance(found, BNode):
        raise UndecidedError  # pySHACL fails
    if isinstance(found, Literal) and not isinstance(found.value, str):
        return found
    return _Words(found.value if isinstance(found, Literal) else found)
