"""What was said: statements of people and documents, and observations of the article itself.

The node of a statement is asserted, for the article does say that it was said; its content is
words, and never becomes triples about the world.
"""

from __future__ import annotations

from kg.fields import Concept, Node, Ref, Text
from kg.mapping import Triples, label, maps, properties
from kg.measures import Date
from kg.vocab import KG, PROV, RDF, SCHEMA


class StatementForm(Concept):
    """How words are given: direct (quoted), reported, or mixed."""

    scheme = KG.StatementForm


@maps(report=True)
def statement(
    *,
    statement: Node,
    text: tuple[Text, ...],
    form: StatementForm,
    speaker: tuple[Ref, ...] = (),
    unnamed_speaker: tuple[Text, ...] = (),
    document: tuple[Ref, ...] = (),
    date: Date | None = None,
    when: tuple[Text, ...] = (),
    occasion: tuple[Ref, ...] = (),
    medium: tuple[Text, ...] = (),
    addressee: tuple[Ref, ...] = (),
    unnamed_addressee: tuple[Text, ...] = (),
    target_date: Date | None = None,
    about: tuple[Ref, ...] = (),
    quoted_in: tuple[Ref, ...] = (),
    other_account_of: tuple[Ref, ...] = (),
) -> Triples:
    """What a person, organisation or document said, in the article's words.

    The parts of a split quotation are a list of texts, in order. A statement that quotes another
    is what the inner one is `quoted_in`; where articles word one utterance differently, each
    wording is a statement, and one is the `other_account_of` the other.
    """
    words = Text.joined(text)
    sayer = ", ".join(who.label for who in speaker or document or unnamed_speaker) or "unnamed"
    yield label(statement, f"{sayer}: {shortened(words.label)}")
    yield from properties(
        statement,
        {
            RDF.type: KG.Statement,
            SCHEMA.text: words,
            KG.form: form,
            PROV.wasAttributedTo: speaker,
            KG.unnamedSpeaker: unnamed_speaker,
            KG.statedIn: document,
            KG.date: date,
            KG.when: when,
            KG.occasion: occasion,
            KG.medium: medium,
            KG.addressee: addressee,
            KG.unnamedAddressee: unnamed_addressee,
            KG.targetDate: target_date,
            SCHEMA.about: about,
            KG.quotedIn: quoted_in,
            KG.otherAccountOf: other_account_of,
        },
    )


@maps(report=True)
def observation(
    *,
    observation: Node,
    about: tuple[Ref, ...],
    text: tuple[Text, ...],
    date: Date | None = None,
    when: tuple[Text, ...] = (),
    location: tuple[Ref, ...] = (),
) -> Triples:
    """What the article itself says of something, where no other kind has a place for it.

    Practices, plans, impressions, developments: kept in the article's own words.
    """
    words = Text.joined(text)
    yield label(observation, f"{', '.join(a.label for a in about)}: {shortened(words.label)}")
    yield from properties(
        observation,
        {
            RDF.type: KG.Observation,
            SCHEMA.about: about,
            SCHEMA.text: words,
            KG.date: date,
            KG.when: when,
            SCHEMA.location: location,
        },
    )


def shortened(text: str) -> str:
    """Return at most about sixty characters of a text, cut between words."""
    if len(text) <= 64:
        return text
    head, _, _ = text[:60].rpartition(" ")
    return f"{head or text[:60]} …"
