"""Figures: amounts that an article gives, with all that keeps them honest."""

from __future__ import annotations

from kg.fields import Concept, Date, Node, Number, Ref, Text
from kg.mapping import Triples, label, maps, properties
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
) -> Triples:
    """An amount: of what, what is counted, how bounded, in what unit, over what period."""
    amount = " ".join(part.label for part in (bound, value, unit) if part is not None)
    holders = ", ".join(holder.label for holder in of)
    yield label(figure, f"{holders}: {amount} {counted.label}")
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
        },
    )
