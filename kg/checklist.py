"""Every check by name: what it finds, and where it is said how to mend that.

A problem carries the name of the check that found it. Reports for machines tell problems apart by
these names, and people mute or count them by it: a name, once published, stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.folder import turtle_files
from kg.vocab import SH

KSH = "https://w3id.org/kgpress/shapes#"
"""The namespace of the shapes that come with kgpress."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check as reports know it: a stable id, what it finds in one sentence, and help."""

    id: str
    finds: str
    help: str


CHECKLIST = {
    name: Check(f"kg/{name}", finds, help_)
    for name, finds, help_ in (
        (
            "folder",
            "A file of the folder is missing, is not what it should be, or is not read.",
            'README.md, "Start your own dataset", lists what a folder holds.',
        ),
        (
            "article",
            "An article is no text that can be quoted from.",
            'docs/facts.md, "What is legal in an article", says what may stand in one.',
        ),
        (
            "syntax",
            "A fact file is not the YAML or JSON that it should be.",
            "Fact files hold texts, lists and mappings only: docs/facts.md shows how they look.",
        ),
        (
            "facts",
            "A fact is not well formed: its kind, its slug, its fields, its id.",
            "docs/kinds.md lists the kinds with their fields; `kg schema` tells editors.",
        ),
        (
            "quote",
            "A quote is not in the article as it stands there, or not told apart.",
            'Copy the words from the article exactly: docs/facts.md, "The record".',
        ),
        (
            "anchors",
            "A quote of an article that has changed is lost, or means another passage than before.",
            'docs/changes.md, "An article", says how `kg reanchor` mends it.',
        ),
        (
            "value",
            "A value is not of its type, or does not stand in its quote.",
            "Write the words of the quote, or say how the value was got from them: docs/facts.md, "
            '"The values".',
        ),
        (
            "rule",
            "The rule by which a value was got does not give that value.",
            'docs/facts.md, "The values", lists the rules and what each takes.',
        ),
        (
            "names",
            "A thing has no name, is confused with another, or is not named where it is quoted.",
            'docs/facts.md, "Names", says how name, alias and mention differ.',
        ),
        (
            "corrections",
            "A fact is to correct or retract what it cannot.",
            "corrects: and retracts: name facts by ARTICLE/ID, of this article or an earlier one.",
        ),
        (
            "conflicts",
            "Sources differ on one property of one thing.",
            "Keep both sides where both were read rightly; where a source takes something back, "
            "say what it corrects.",
        ),
        (
            "coverage",
            "What is declared to say nothing is behind a fact, or too little is accounted for.",
            'docs/coverage.md, "What says nothing", says how passages are declared.',
        ),
        (
            "queries",
            "A saved query is broken, has no title or no expected answer, or names what is not.",
            'docs/queries.md, "How to write one", says what a saved query is made of.',
        ),
        (
            "mappers",
            "A mapper failed, made nothing of a fact, or was not allowed to run.",
            "docs/own-kinds.md says how mappers are written; they run only with --allow-code.",
        ),
        (
            "ontology",
            "A mapper uses a term that no ontology declares.",
            "Declare the term in a Turtle file in ontology/: docs/own-kinds.md.",
        ),
        (
            "rdf",
            "A Turtle file cannot be read.",
            "Mend the syntax at the place that is named.",
        ),
        (
            "shapes",
            "The validation with SHACL could not be done, or not to its end.",
            "Mend or simplify the shape that is named: docs/own-kinds.md.",
        ),
    )
}


def checks_of(names: Iterable[str], folder: Path) -> dict[str, Check]:
    """Return the checks by name: all of `CHECKLIST`, then the SHACL shapes among the names.

    What a shape finds is its ``sh:message``, in English if it is there.
    """
    shapes = sorted(set(names) - CHECKLIST.keys())
    said: dict[str, list[tuple[bool, str]]] = {}
    homes: dict[str, str] = {}
    for shown, file in turtle_files(folder, "shapes") if shapes else ():
        try:
            for quad in parse(file.read_bytes(), RdfFormat.TURTLE):
                if isinstance(quad.subject, NamedNode) and quad.subject.value in shapes:
                    homes.setdefault(quad.subject.value, shown)
                    if quad.predicate == SH.message and isinstance(quad.object, Literal):
                        text = quad.object
                        said.setdefault(quad.subject.value, []).append(
                            (text.language not in (None, "en"), text.value)
                        )
        except (SyntaxError, OSError, MemoryError):
            continue  # a problem by itself, told where the shapes are used
    checks = dict(CHECKLIST)
    for name in shapes:
        id_ = f"shape/{name.removeprefix(KSH)}" if name.startswith(KSH) else name
        finds = min(said[name])[1] if name in said else f"What breaks the SHACL constraint {id_}."
        home = homes.get(name, "shapes/")
        checks[name] = Check(id_, finds, f"Mend the fact, or the shape in {home}.")
    return checks
