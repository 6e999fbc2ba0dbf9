"""Mappers: what they are, what their signatures say, and the one runner that stamps evidence.

A mapper is a pure, keyword-only function for one fact kind. Its signature is the schema of the
kind; its body yields triples about its first parameter, the node. It never sees evidence: `run`
stamps every triple with the fact's quotes and with how the value was got, so a triple without
evidence cannot be made.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import ModuleType, UnionType
from typing import Any, ClassVar, TypeAlias, get_args, get_origin, get_type_hints, overload

from pyoxigraph import Literal, NamedNode

from kg.fields import Node, Value
from kg.iris import iri_problem
from kg.model import EXTERNAL, OWN, STRUCTURAL, Claim, Fact, Origin, Span, Term, Triple
from kg.vocab import KG, RDF, RDFS

Draft: TypeAlias = tuple[Node, NamedNode, Value | Term]
"""A triple as a mapper yields it, its object still a field that knows its evidence."""

_TERMS = (NamedNode, Literal)
_INDIRECT = (Origin.NORMALISED, Origin.INFERRED)

Triples: TypeAlias = Iterator[Draft]
Object: TypeAlias = Value | Term | tuple[Value | Term | None, ...] | None


class Group:
    """Base of dataclasses of fields that several kinds share; a parameter of such a type."""

    names_the_node: ClassVar[bool] = False
    """Whether the fields give the node names by which texts mean it."""


@dataclass(frozen=True)
class Field:
    """One field of a kind, as the signature of its mapper says."""

    name: str
    type: type[Value]
    many: bool
    required: bool
    group: str | None = None


@dataclass(frozen=True)
class Kind:
    """A fact kind: its mapper and what the mapper's signature says."""

    name: str
    mapper: Callable[..., Triples]
    fields: Mapping[str, Field]
    groups: Mapping[str, type[Group]]
    report: bool = False
    """Whether the node itself says that something is said (a statement, a figure): it is asserted
    whatever the standing of its content, which is then a property of the node."""
    external: bool = False
    """Whether its facts come from outside the articles: no quote, and no part of the graph."""

    @property
    def help(self) -> str:
        """What the kind is for, from the mapper's docstring."""
        return inspect.getdoc(self.mapper) or ""

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields that every fact of this kind has."""
        return tuple(name for name, field in self.fields.items() if field.required)

    @cached_property
    def named(self) -> bool:
        """Whether things of this kind have names by which texts mean them."""
        return any(group.names_the_node for group in self.groups.values())


@overload
def maps(mapper: Callable[..., Triples]) -> Kind: ...
@overload
def maps(
    *, report: bool = ..., external: bool = ...
) -> Callable[[Callable[..., Triples]], Kind]: ...
def maps(
    mapper: Callable[..., Triples] | None = None, *, report: bool = False, external: bool = False
) -> Any:
    """Make a fact kind of a mapper, named like the function.

    Raises TypeError when the signature cannot be a schema: parameters must be keyword-only, the
    first named like the function and a `Node`, the others typed ``T``, ``T | None``,
    ``tuple[T, ...]`` (T from `kg.fields`), or a `Group`, whose fields are all optional. A
    parameter without a default is a required field.
    """
    if mapper is None:
        return lambda function: _kind(function, report, external)
    return _kind(mapper, report, external)


def _kind(mapper: Callable[..., Triples], report: bool, external: bool) -> Kind:
    hints = get_type_hints(mapper)
    fields: dict[str, Field] = {}
    groups: dict[str, type[Group]] = {}
    parameters = list(inspect.signature(mapper).parameters.values())
    name = mapper.__name__
    if not parameters or parameters[0].name != name or hints[parameters[0].name] != Node:
        raise TypeError(f"{name}: the first parameter is the node: '{name}: Node'")
    for parameter in parameters:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{name}: parameter '{parameter.name}' is not keyword-only")
        hint = hints[parameter.name]
        if isinstance(hint, type) and issubclass(hint, Group):
            groups[parameter.name] = hint
            inner = get_type_hints(hint)
            for member in dataclasses.fields(hint):  # type: ignore[arg-type]
                hinted = inner[member.name]
                fields[member.name] = _field(name, member.name, hinted, False, parameter.name)
        elif parameter is not parameters[0]:
            required = parameter.default is inspect.Parameter.empty
            fields[parameter.name] = _field(name, parameter.name, hint, required)
    return Kind(name, mapper, fields, groups, report, external)


def _field(kind: str, name: str, hint: Any, required: bool, group: str | None = None) -> Field:
    inner, many = hint, False
    if isinstance(hint, UnionType):
        inner = next(arm for arm in get_args(hint) if arm is not type(None))
    elif get_origin(hint) is tuple:
        inner, many = get_args(hint)[0], True
    if not (isinstance(inner, type) and issubclass(inner, Value)):
        raise TypeError(f"{kind}: field '{name}' has no type of kg.fields")
    return Field(name, inner, many, required, group)


def kinds_in(*modules: ModuleType) -> dict[str, Kind]:
    """Return the fact kinds of modules by name; of two of one name the later module's wins."""
    return {
        kind.name: kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, Kind)
    }


def properties(node: Node, table: Mapping[NamedNode, Object]) -> Triples:
    """Yield the triples of a table of property → value; None and () yield nothing."""
    for predicate, objects in table.items():
        if objects is None:
            continue  # as most of them
        for value in objects if isinstance(objects, tuple) else (objects,):
            if value is not None:
                yield node, predicate, value


def label(node: Node, text: str) -> Draft:
    """Return the label of a coined node: composed of those of its fields, or the curator's own."""
    return node, RDFS.label, Literal(node.label if node.relabelled else text)


def run(
    kind: Kind,
    fact: Fact,
    node: Node,
    values: Mapping[str, Any],
    standing: Mapping[str, Value],
    doubt: str = "",
) -> list[Claim]:
    """Run a mapper and stamp what it yields, once, with the fact's evidence.

    ``standing`` holds the values of ``said_by``, ``modality`` and ``polarity`` that were given;
    ``doubt`` is that of the whole fact, and says nothing of types and labels.
    Nothing is stamped until the mapper has ended: one that fails midway leaves nothing behind.
    """
    arguments: dict[str, Any] = {kind.name: node}
    members: dict[str, dict[str, Any]] = {name: {} for name in kind.groups}
    for name, value in values.items():
        group = kind.fields[name].group
        (arguments if group is None else members[group])[name] = value
    for name, given in members.items():
        arguments[name] = kind.groups[name](**given)
    drafts = list(kind.mapper(**arguments))
    if kind.report:
        if fact.standing.polarity == "negated":
            drafts = [_denied(*draft) for draft in drafts]
        terms = {"said_by": KG.saidBy, "modality": KG.modality, "polarity": KG.polarity}
        drafts += ((node, terms[name], value) for name, value in standing.items())
    if not any(subject == node and predicate == RDF.type for subject, predicate, _ in drafts):
        raise TypeError("a mapper says of what type its node is")
    # Who is reported to say it is said by a passage too; that of a report is a claim of its own.
    teller = standing["said_by"].spans if "said_by" in standing and not kind.report else ()
    claims: dict[Triple, Claim] = {}
    for subject, predicate, value in drafts:
        claim = _stamp(kind, fact, teller, doubt, subject, predicate, value)
        if not kind.external:
            _refuse_unfounded(kind, node, claim)
        known = claims.setdefault(claim.triple, claim)
        if known is not claim:
            claims[claim.triple] = _merged(known, claim)
    return list(claims.values())


def _refuse_unfounded(kind: Kind, node: Node, claim: Claim) -> None:
    """Raise TypeError for a claim of which the fact's quotes need not tell what it is about."""
    subject, predicate, _ = claim.triple
    if subject != node.term:
        raise TypeError(f"a mapper yields triples about its node, not about {subject}")
    worded = predicate == RDFS.label and claim.derivation.origin is not Origin.STRUCTURAL
    if worded and not kind.named and kind.name != "article":
        # Nobody else would know the name, by which texts have to mean the thing.
        raise TypeError("a thing that goes by words of the article takes Names")


def _merged(first: Claim, second: Claim) -> Claim:
    """Return the claim of a triple that one fact gives twice: the plainer way it was got counts."""
    plain = min(first, second, key=lambda claim: list(Origin).index(claim.derivation.origin))
    return dataclasses.replace(
        plain,
        spans=sorted_spans((*first.spans, *second.spans)),
        doubt=first.doubt
        if first.doubt == second.doubt
        else f"{first.doubt} {second.doubt}".strip(),
    )


def _denied(node: Node, predicate: NamedNode, value: Value | Term) -> Draft:
    """Return a draft, its composed label marked: what is denied must not read as if it were so."""
    if predicate == RDFS.label and isinstance(value, Literal) and not node.relabelled:
        return node, predicate, Literal(f"denied: {value.value}")
    return node, predicate, value


def _stamp(
    kind: Kind,
    fact: Fact,
    teller: tuple[Span, ...],
    doubt: str,
    subject: Node,
    predicate: NamedNode,
    value: Value | Term,
) -> Claim:
    derivation, spans = STRUCTURAL, fact.spans
    if doubt and (predicate == RDF.type or predicate == RDFS.label):
        doubt = ""
    if isinstance(value, Value):
        term, derivation = value.term, value.derivation
        spans, doubt = value.spans or spans, value.doubt or doubt
    else:
        term = value
    if not (
        isinstance(subject, Node)
        and isinstance(subject.term, NamedNode)
        and isinstance(predicate, NamedNode)
        and isinstance(term, _TERMS)
    ):
        raise TypeError("a mapper yields (Node, property IRI, field, IRI or literal)")
    if term is value and isinstance(value, Literal) and predicate != RDFS.label:
        raise TypeError(f"the value of {predicate} is no field: it would have no evidence")
    if isinstance(term, NamedNode) and (wrong := _unfit(term)):
        raise ValueError(f"{term} cannot be published: {wrong}")
    if kind.external:
        derivation = EXTERNAL
    if derivation.origin is Origin.VERBATIM and subject.derivation.origin in _INDIRECT:
        # The words of the value are there, but what they are said of is not there by its name.
        derivation = subject.derivation
    if subject.spans or teller:
        spans = (*spans, *subject.spans, *teller)
    return Claim(
        Triple(subject.term, predicate, term),
        fact,
        sorted_spans(spans),
        OWN if kind.report else fact.standing,
        derivation,
        doubt,
    )


@lru_cache(maxsize=4096)
def _unfit(term: NamedNode) -> str | None:
    return iri_problem(term.value)


def sorted_spans(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return spans in their order, without repeats."""
    if len(spans) < 2:
        return spans
    return tuple({span.key: span for span in sorted(spans, key=lambda s: s.key)}.values())
