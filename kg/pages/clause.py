"""The words for what SHACL knows, and how clauses of them are joined to a phrase."""

from __future__ import annotations

from typing import NamedTuple

from kg.pages.words import Words, joined, number, series
from kg.vocab import RDF, SH, XSD

BY_IRI = "given by its IRI"
"""What a thing is whose node kind is that of IRIs."""

DATATYPES = {
    XSD.string: "plain text",
    RDF.langString: "text in a language",
    XSD.integer: "a whole number",
    XSD.nonNegativeInteger: "a whole number that is not negative",
    XSD.positiveInteger: "a whole number greater than 0",
    XSD.decimal: "a decimal number",
    XSD.double: "a floating-point number",
    XSD.boolean: "true or false",
    XSD.date: "a day",
    XSD.dateTime: "a moment",
    XSD.gYear: "a year",
    XSD.gYearMonth: "a month of a year",
    XSD.gMonthDay: "a day of any year",
    XSD.gMonth: "a month of any year",
    XSD.gDay: "a day of any month",
    XSD.anyURI: "an address",
    XSD.hexBinary: "bytes in hexadecimal digits",
}
"""What values of datatypes are; others are named."""

KINDS = {
    SH.Literal: "a literal value",
    SH.BlankNode: "a thing without an IRI",
    SH.IRIOrLiteral: "an IRI or a literal value",
    SH.BlankNodeOrIRI: "a thing, with or without an IRI",
    SH.BlankNodeOrLiteral: "a literal value or a thing without an IRI",
}

BOUNDS = {
    SH.minInclusive: "at least ",
    SH.minExclusive: "more than ",
    SH.maxInclusive: "at most ",
    SH.maxExclusive: "less than ",
}

STARS = {
    SH.zeroOrMorePath: " (any number of times)",
    SH.oneOrMorePath: " (once or more)",
    SH.zeroOrOnePath: " (once or not at all)",
}


class Clause(NamedTuple):
    """A verb, and what follows it."""

    verb: str
    rest: Words


def how_many(least: str | None, most: str | None) -> str | None:
    """Return bounds as words, None where there are none."""
    if most == "0":
        return "no"
    if least is not None and least == most:
        return f"exactly {number(least)}"
    bounds = [f"at least {number(least)}"] if least is not None else []
    bounds += [f"at most {number(most)}"] if most is not None else []
    return " and ".join(bounds) or None


def either(alternatives: list[list[Clause]], word: str) -> Clause:
    """Return clauses of which one must hold."""
    if all(clause.verb == "is" for clauses in alternatives for clause in clauses):
        return Clause("is", series([_rests(clauses) for clauses in alternatives], word))
    return Clause("either", joined((said(clauses) for clauses in alternatives), f"; {word} "))


def said(clauses: list[Clause]) -> Words:
    """Return clauses as one phrase: ``is an award and has at most one “year”``."""
    phrases: list[Words] = []
    for place, clause in enumerate(clauses):
        if place and clause.rest == [BY_IRI]:
            phrases[-1] += [", ", BY_IRI]
        elif place and clause.verb == clauses[place - 1].verb == "is":
            phrases[-1] += [" and ", *clause.rest]
        else:
            phrases.append([clause.verb, " ", *clause.rest])
    return series(phrases, "and") or ["is anything"]


def _rests(clauses: list[Clause]) -> Words:
    return said(clauses)[2:] if clauses else ["anything"]
