"""Folders of articles of any size, from a seed: what every measurement of bulk begins with.

    python benchmarks/bulk/folders.py FOLDER FACTS [--seed N] [--violations N]

An article has ten facts: its header, one thing that it introduces (an organisation, a person or an
award), and eight about things that any article may have introduced, drawn by Zipf's law: a few are
in thousands of articles, most in a handful. They are conferrals, figures and roles; one of sixty
says again when an organisation was founded, which half of the time is a conflict. Every value
stands in its quote or was got by a rule, as in a folder that people made. Violations are of SHACL
shapes and no errors, so that the folder can be published all the same: in turn an article without
a language, and a range that ends before it begins.
"""

from __future__ import annotations

import argparse
import json
import random
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

BASE = "https://example.org/bulk/"
FACTS = 10
"""How many facts an article has."""

DESCRIPTION = f"""\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix void: <http://rdfs.org/ns/void#> .
<{BASE}> a dcat:Dataset ; rdfs:label "Bulk"@en ; dcterms:title "Bulk"@en ;
    dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:publisher <{BASE}publisher> ; void:uriSpace "{BASE}" .
<{BASE}publisher> a foaf:Agent ; rdfs:label "Nobody" .
<https://creativecommons.org/publicdomain/zero/1.0/> rdfs:label "CC0 1.0" .
"""

SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
TYPES = {"organisation": "Works", "person": "", "award": "Award"}
COUNTED = ("umbrellas", "valves", "gears", "bridges", "engines", "looms", "lamps", "anvils")
TITLES = ("chair", "treasurer", "chief engineer", "head of design", "secretary", "director")
GRADES = ("first prize", "second prize", "third prize", "gold medal", "special mention")
PLACES = ("north", "south", "east", "west", "valley", "harbour")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class Thing(NamedTuple):
    """What facts are about: its kind, its slug and its name."""

    kind: str
    slug: str
    name: str


class Bulk:
    """A folder of so many facts, the same ones for the same numbers."""

    def __init__(self, facts: int, seed: int = 5, violations: int = 0) -> None:
        """Take how many facts there are to be, a seed, and how many of them break a shape."""
        self.articles = max(facts // FACTS, 4)
        self.seed = seed
        wrong = random.Random(seed).sample(range(self.articles), violations)
        self._mute, self._reversed = set(wrong[::2]), set(wrong[1::2])
        # Every fifth thing is an award, two of five a person: small folders have some of each.
        kinds = ("organisation", "award", "person", "organisation", "person")
        self.things = [thing(kinds[n % 5], n) for n in range(self.articles)]
        self._of = {kind: [t for t in self.things if t.kind == kind] for kind in TYPES}
        self._number = {found.slug: number for number, found in enumerate(self.things)}
        self._weights = {
            kind: list(accumulate(1 / (rank + 1) for rank in range(len(found))))
            for kind, found in self._of.items()
        }

    def write(self, folder: Path) -> None:
        """Write the folder: articles and fact files in seeds/, and the description."""
        (folder / "seeds").mkdir(parents=True)
        (folder / "ontology").mkdir()
        (folder / "ontology" / "dataset.ttl").write_text(DESCRIPTION, "utf-8")
        for number in range(self.articles):
            self.write_article(folder, number)

    def write_article(self, folder: Path, number: int) -> None:
        """Write one article and its fact file."""
        text, facts = self.article(number)
        name = folder / "seeds" / f"{number:07}"
        name.with_suffix(".txt").write_text(text, "utf-8")
        lines = "".join(f"{json.dumps(fact, ensure_ascii=False)}\n" for fact in facts)
        name.with_suffix(".facts.jsonl").write_text(lines, "utf-8")

    def article(self, number: int) -> tuple[str, list[dict[str, Any]]]:
        """Return the text of an article and its facts."""
        draw = random.Random(f"{self.seed} {number}")
        year = 1950 + draw.randrange(70)
        title = f"News of the {draw.choice(PLACES)} {number}"
        sentences = [title, f"Printed in {year}."]
        header = {"title": title, "published": str(year), "quote": sentences[:]}
        if number not in self._mute:  # SHACL: sh:minCount, a warning
            header["language"] = "en"
        facts: list[dict[str, Any]] = [{"article": header}]
        for sentence, fact in (*self._named(number), *self._told(number, draw)):
            sentences.append(sentence)
            facts.append({**fact, "quote": sentence})
        return "\n\n".join((title, " ".join(sentences[1:]))) + "\n", facts

    def _named(self, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
        kind, slug, name = self.things[number]
        year = 1850 + number % 100
        match kind:
            case "organisation":
                date = {"founded": str(year)}
                yield f"{name} was founded in {year}.", {kind: slug, "name": name, **date}
            case "award":
                date = {"established": str(year)}
                yield f"The {name} was established in {year}.", {kind: slug, "name": name, **date}
            case _:
                yield f"{name} is well known.", {kind: slug, "name": name}

    def _told(self, number: int, draw: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
        said: set[str] = set()
        wrong = number in self._reversed
        while (index := len(said)) < FACTS - 2:
            slug = f"{number:07}-{index}"
            # Of sixty facts, one is about a thing that another article has introduced.
            kind = "cfr"[draw.randrange(3)] if draw.randrange(60) else "o"
            match kind if not wrong or index else "f":
                case "o":
                    sentence, fact = self._founded(draw)
                case "c":
                    sentence, fact = self._conferral(slug, draw)
                case "f":
                    sentence, fact = self._figure(slug, draw, wrong and not index)
                case _:
                    sentence, fact = self._role(slug, draw)
            if sentence not in said:  # a quote that stands twice has to say which one is meant
                said.add(sentence)
                yield sentence, fact

    def _founded(self, draw: random.Random) -> tuple[str, dict[str, Any]]:
        """Say when an organisation was founded: in one of two cases, otherwise than elsewhere."""
        of = self._any("organisation", draw)
        year = 1850 + self._number[of.slug] % 100 + draw.randrange(2)
        fact = {"organisation": of.slug, "name": of.name, "founded": str(year)}
        return f"In {year}, {of.name} was founded.", fact

    def _conferral(self, slug: str, draw: random.Random) -> tuple[str, dict[str, Any]]:
        award, recipient = self._any("award", draw), self._any("organisation", draw)
        day, month, year = 1 + draw.randrange(28), draw.randrange(12), 1950 + draw.randrange(70)
        date, grade = f"{MONTHS[month]} {day}, {year}", draw.choice(GRADES)
        return f"On {date} {recipient.name} won the {grade} of the {award.name}.", {
            "conferral": f"conferral-{slug}",
            "award": award.slug,
            "recipient": recipient.slug,
            "grade": grade,
            "date": {
                "value": f"{year}-{month + 1:02}-{day:02}",
                "rule": "iso-date",
                "text": date,
            },
        }

    def _figure(self, slug: str, draw: random.Random, wrong: bool) -> tuple[str, dict[str, Any]]:
        of, counted = self._any("organisation", draw), draw.choice(COUNTED)
        amount = 1000 + draw.randrange(90_000)
        fact = {
            "figure": f"figure-{slug}",
            "of": of.slug,
            "value": {"value": str(amount), "rule": "number", "text": f"{amount:,}"},
            "counted": counted,
            "bound": "more-than",
            "period": "in the past five years",
        }
        # A range that ends before it begins, as SHACL sees it (sh:lessThanOrEquals, a warning).
        ends = f" and at most {amount - 1:,}" if wrong else ""
        if wrong:
            fact["maximum"] = {
                "value": str(amount - 1),
                "rule": "number",
                "text": f"{amount - 1:,}",
            }
        return (
            f"{of.name} sold more than {amount:,}{ends} {counted} in the past five years.",
            fact,
        )

    def _role(self, slug: str, draw: random.Random) -> tuple[str, dict[str, Any]]:
        person, of = self._any("person", draw), self._any("organisation", draw)
        title = draw.choice(TITLES)
        return f"{person.name} is the {title} of {of.name}.", {
            "role": f"role-{slug}",
            "person": person.slug,
            "title": title,
            "organisation": of.slug,
        }

    def _any(self, kind: str, draw: random.Random) -> Thing:
        weights = self._weights[kind]
        return self._of[kind][bisect_left(weights, draw.random() * weights[-1])]


def thing(kind: str, number: int) -> Thing:
    """Return the thing of a number: its name is like no other's."""
    first, last = _word(number), _word(number // 7 + 13)
    name = " ".join(filter(None, (first, last, TYPES[kind])))
    return Thing(kind, name.casefold().replace(" ", "-"), name)


def _word(number: int) -> str:
    """Return a word of syllables for a number, another for each."""
    syllables = [SYLLABLES[number % len(SYLLABLES)]]
    while number := number // len(SYLLABLES):
        syllables.append(SYLLABLES[number % len(SYLLABLES)])
    return "".join([*reversed(syllables), "n"]).capitalize()


def main() -> None:
    """Write a folder as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("folder", type=Path)
    parser.add_argument("facts", type=int)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--violations", type=int, default=0)
    given = parser.parse_args()
    Bulk(given.facts, given.seed, given.violations).write(given.folder)


if __name__ == "__main__":
    main()
