"""Folders of small articles at random: what they tell of is tied up in all ways that there are.

Several articles tell of the same things, name them, disagree, deny, hedge, correct one another,
give accounts of one matter, quote from one another, and now and then forget something.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from sample import DESCRIPTION

ORGS = ["Alder Works", "Birch Works", "Cedar Works", "Birch"]
AWARDS = ["Golden Cog", "National Golden Cog"]
YEARS = ["1999", "2000", "2001"]


def slug(name: str) -> str:
    return name.casefold().replace(" ", "-")


class Many:
    """A folder of so many articles, from a seed."""

    def __init__(self, articles: int, seed: int) -> None:
        self.draw = random.Random(seed)
        self.names = [
            f"n{number:02}" + self.draw.choice(["", "-é", " b"]) for number in range(articles)
        ]
        self.ids: list[tuple[str, str, dict[str, Any]]] = []
        self.figures: list[str] = []

    def write(self, folder: Path) -> None:
        (folder / "seeds").mkdir(parents=True)
        (folder / "ontology").mkdir()
        (folder / "ontology/dataset.ttl").write_text(DESCRIPTION, "utf-8")
        for number, name in enumerate(self.names):
            sentences, facts = self.article(number, name)
            (folder / f"seeds/{name}.txt").write_text("\n\n".join(sentences) + "\n", "utf-8")
            lines = "".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts)
            (folder / f"seeds/{name}.facts.jsonl").write_text(lines, "utf-8")

    def article(self, number: int, name: str) -> tuple[list[str], list[dict[str, Any]]]:
        draw, year = self.draw, str(2001 + number)
        title = f"Report {number} of “cogs” in {year}"
        sentences = [title]
        header = {"title": title, "published": year, "language": "en", "quote": title}
        facts: list[dict[str, Any]] = [{"article": header}]
        # The first article names all things, so that few folders lack a name.
        told = [*ORGS, *AWARDS] if number == 0 and draw.random() < 0.9 else []
        for thing in (*told, *draw.sample([*ORGS, *AWARDS], 2)):
            kind = "award" if thing in AWARDS else "organisation"
            when = draw.choice(YEARS)
            field = "established" if kind == "award" else "founded"
            sentence = f"{thing} was begun in {when}, says note {len(sentences)}."
            fact = {kind: slug(thing), "name": thing, field: when, "quote": sentence}
            self._add(name, sentences, facts, sentence, fact)
        for _ in range(draw.randrange(5)):
            getattr(
                self, draw.choice(["_edition", "_conferral", "_figure", "_figure", "_nothing"])
            )(name, sentences, facts)
        return sentences, facts

    def _add(
        self, name: str, sentences: list[str], facts: list[dict[str, Any]], sentence: str, fact: Any
    ) -> None:
        draw = self.draw
        if draw.random() < 0.15:
            fact["modality"] = "hedged"
        elif draw.random() < 0.1:
            fact["polarity"] = "negated"
        if draw.random() < 0.1:
            fact["doubt"] = "The note is hard to read."
        older = [each for each in self.ids if each[0] != name]
        same = [each for each in older if next(iter(each[2].items())) == next(iter(fact.items()))]
        if same and draw.random() < 0.1 and "modality" not in fact:
            fact["retracts"] = [f"{same[-1][0]}/{same[-1][1]}"]
        elif same and draw.random() < 0.1 and "founded" in fact and "modality" not in fact:
            fact["corrects"] = [f"{same[-1][0]}/{same[-1][1]}"]
        elif older and draw.random() < 0.04:
            other = older[-1]
            fact["quote"] = [sentence, {"quote": other[2]["sentence"], "article": other[0]}]
        fact["id"] = f"f{len(facts)}"
        self.ids.append((name, fact["id"], {**fact, "sentence": sentence}))
        sentences.append(sentence)
        facts.append(fact)

    def _edition(self, name: str, sentences: list[str], facts: list[dict[str, Any]]) -> None:
        award, year = self.draw.choice(AWARDS), self.draw.choice(YEARS)
        sentence = f"The {award} of {year} was given in turn {len(sentences)}."
        of = {"award": slug(award), "year": year, "quote": sentence}
        self._add(
            name,
            sentences,
            facts,
            sentence,
            {"edition": f"e-{slug(award)}-{name[:3]}-{len(facts)}", **of},
        )

    def _conferral(self, name: str, sentences: list[str], facts: list[dict[str, Any]]) -> None:
        draw = self.draw
        award, org = draw.choice(AWARDS), draw.choice(ORGS)
        grade, number = draw.choice(["first prize", "second prize"]), draw.randrange(4)
        sentence = f"{org} won the {grade} of the {award}, in turn {len(sentences)}."
        fact = {"conferral": f"c{number}", "award": slug(award), "recipient": slug(org)}
        editions = [each[2]["edition"] for each in self.ids if "edition" in each[2]]
        if editions and draw.random() < 0.6:
            fact["edition"] = draw.choice(editions)
        self._add(name, sentences, facts, sentence, {**fact, "grade": grade, "quote": sentence})

    def _figure(self, name: str, sentences: list[str], facts: list[dict[str, Any]]) -> None:
        draw = self.draw
        org, amount = draw.choice(ORGS), draw.randrange(1000, 1003)
        sentence = f"{org} has {amount:,} gears, as count {len(sentences)} says."
        value = {"value": str(amount), "rule": "number", "text": f"{amount:,}"}
        fact = {"figure": f"g-{name[:3]}-{len(facts)}", "of": slug(org), "value": value}
        if self.figures and draw.random() < 0.4:
            fact["other_account_of"] = draw.choice(self.figures)
        self.figures.append(str(fact["figure"]))
        self._add(name, sentences, facts, sentence, {**fact, "counted": "gears", "quote": sentence})

    def _nothing(self, name: str, sentences: list[str], facts: list[dict[str, Any]]) -> None:
        sentence = f"Buy note {len(sentences)} now."
        sentences.append(sentence)
        facts.append({"nothing-here": "advert", "quote": sentence})
