"""Figures: amounts that an article gives, with all that keeps them honest."""

from __future__ import annotations

from kg.fields import Concept, Node, Ref, Text
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date, Number
from kg.vocab import KG, RDF, SCHEMA


class Bound(Concept):
    """How a figure bounds the amount: exactly, more-than, at-least, nearly, about, up-to."""

    scheme = KG.Bound


@maps(report=True)
def figure(
    *,
    figure: Node,
    of: tuple[Ref, ...],
    value: Number,
    counted: Text,
    text: Text | None = None,
    unit: Text | None = None,
    bound: Bound | None = None,
    maximum: Number | None = None,
    period: Text | None = None,
    date: Date | None = None,
    location: tuple[Ref, ...] = (),
    occasion: tuple[Ref, ...] = (),
    other_account_of: tuple[Ref, ...] = (),
) -> Triples:
    """An amount: of what, what is counted, how bounded, in what unit, over what period.

    Where two accounts give one amount differently (entries, companies), each is a figure, and one
    is the `other_account_of` the other.
    """
    numbers = "–".join(part.label for part in (value, maximum) if part is not None)
    parts = (bound and bound.label, numbers, unit and unit.label, counted.label)
    amount = " ".join(part for part in parts if part)
    holders = ", ".join(holder.label for holder in of)
    yield label(figure, f"{holders}: {amount}")
    yield from properties(
        figure,
        {
            RDF.type: KG.Figure,
            KG.figureOf: of,
            SCHEMA.value: value,
            SCHEMA.maxValue: maximum,
            KG.bound: bound,
            SCHEMA.unitText: unit,
            KG.counted: counted,
            SCHEMA.text: text,
            KG.period: period,
            KG.date: date,
            SCHEMA.location: location,
            KG.occasion: occasion,
            KG.otherAccountOf: other_account_of,
        },
    )
