"""Thousands of forgeries of sound dumps and articles, of which the verifier must miss none.

The simple ones change a dump without mending what hangs on it; the consistent ones are made by an
adversary who hashes everything again, so that only the articles' words can tell.
"""

from __future__ import annotations

import copy
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pyoxigraph as ox
import pytest
from verifying import Made, five_articles, make, small_folder

from kg.verify import (
    KG,
    RDF,
    Claim,
    Claims,
    Due,
    Literal,
    Span,
    Verdict,
    canonical,
    read_dump,
    verify,
)

pytestmark = pytest.mark.slow

Forged: TypeAlias = tuple[list[str], dict[str, bytes]] | None
"""Lines of a dump and articles, or None where a draw changed nothing."""

Forger: TypeAlias = Callable[[list[str], dict[str, bytes], random.Random], Forged]

FORGERS: dict[str, Forger] = {}

LINE = re.compile(r'<([^>]*)> <([^>]*)> (<[^>]*>|"(?:[^"\\]|\\.)*"\S*) <([^>]*)> \.')


def forger(function: Forger) -> Forger:
    FORGERS[function.__name__.replace("_", " ")] = function
    return function


@lru_cache(maxsize=1 << 17)
def parts(line: str) -> tuple[str, str, str, str]:
    match = LINE.fullmatch(line)
    assert match, line
    return match[1], match[2], match[3], match[4]


def line_of(subject: str, predicate: str, value: str, graph: str) -> str:
    return f"<{subject}> <{predicate}> {value} <{graph}> ."


def with_line(lines: list[str], at: int, line: str) -> list[str]:
    return [*lines[:at], line, *lines[at + 1 :]]


def pick(lines: list[str], draw: random.Random, *predicates: str) -> int:
    """Return which line of some properties (by the ends of their IRIs) is to be forged."""
    found = [i for i, line in enumerate(lines) if parts(line)[1].endswith(predicates)]
    return draw.choice(found)


@cache
def sound() -> Made:
    with TemporaryDirectory() as directory:
        return make(small_folder(Path(directory) / "folder").root)


# Changes of lines


@forger
def a_line_is_missing(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    at = draw.randrange(len(lines))
    return [*lines[:at], *lines[at + 1 :]], articles


@forger
def a_byte_is_another(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    at = draw.randrange(len(lines))
    data = bytearray(lines[at].encode())
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return with_line(lines, at, data.decode("utf-8", "surrogateescape")), articles


@forger
def an_offset_is_moved(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    offsets = ("#start", "#end", "#byteStart", "#byteEnd", "#line", "#byteSize")
    at = pick(lines, draw, *offsets)
    subject, predicate, value, graph = parts(lines[at])
    moved = re.sub(
        r"\d+", lambda m: str(int(m[0]) + draw.choice([-3, -1, 1, 2, 40])), value, count=1
    )
    return with_line(lines, at, line_of(subject, predicate, moved, graph)), articles


@forger
def an_offset_in_an_iri_is_moved(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    at = draw.choice([i for i, line in enumerate(lines) if "#char=" in line])
    span = re.search(r"#char=\d+,\d+", lines[at])
    assert span
    start, end = map(int, re.findall(r"\d+", span[0]))
    moved = f"#char={start + draw.randrange(3)},{end + draw.choice([-1, 1])}"
    everywhere = draw.random() < 0.5
    changed = [line.replace(span[0], moved) for line in lines]
    return changed if everywhere else with_line(lines, at, changed[at]), articles


@forger
def a_literal_is_another(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    at = draw.choice([i for i, line in enumerate(lines) if parts(line)[2].startswith('"')])
    subject, predicate, value, graph = parts(lines[at])
    forged = draw.choice(
        [
            value.replace('"', '"not ', 1),
            value[0] + value[2:] if value[1] not in '"\\' else value,
            re.sub(r"@en$", "@fr", value),
            re.sub(r"\^\^<.*>$", "", value),
            f"{value}@en" if value.endswith('"') else value,
            re.sub(r"\d", lambda m: str((int(m[0]) + 1) % 10), value, count=1),
            parts(draw.choice(lines))[2],
        ]
    )
    return with_line(lines, at, line_of(subject, predicate, forged, graph)), articles


@forger
def two_objects_are_swapped(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    one = draw.randrange(len(lines))
    predicate = parts(lines[one])[1]
    other = draw.choice([i for i, line in enumerate(lines) if parts(line)[1] == predicate])
    first, second = parts(lines[one]), parts(lines[other])
    forged = with_line(lines, one, line_of(*first[:2], second[2], first[3]))
    return with_line(forged, other, line_of(*second[:2], first[2], second[3])), articles


@forger
def a_node_is_missing(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    subject = parts(draw.choice(lines))[0]
    return [line for line in lines if parts(line)[0] != subject], articles


@forger
def a_claim_is_missing_with_all_that_it_says(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    claim = parts(lines[pick(lines, draw, "#origin")])[0]
    said = {
        parts(line)[1].rpartition("#")[2]: parts(line)[2] for line in lines if f"<{claim}>" in line
    }
    triple = f"{said['subject']} {said['predicate']} {said['object']} <"
    kept = [line for line in lines if parts(line)[0] != claim and not line.startswith(triple)]
    spans = {parts(line)[2][1:-1] for line in lines if "wasDerivedFrom" in line}
    used = {parts(line)[2][1:-1] for line in kept if "wasDerivedFrom" in line}
    gone = spans - used
    return [line for line in kept if parts(line)[0].partition("&")[0] not in gone], articles


@forger
def a_triple_is_added(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    subject, predicate, value, graph = parts(draw.choice(lines))
    added = draw.choice(
        [
            line_of(subject, predicate, parts(draw.choice(lines))[2], graph),
            line_of(subject, parts(draw.choice(lines))[1], value, graph),
            line_of(subject, "https://example.org/new", '"x"', graph),
            line_of("https://example.org/new", predicate, value, graph),
            line_of(predicate, "http://www.w3.org/2000/01/rdf-schema#label", '"x"@en', graph),
            line_of(predicate, "http://www.w3.org/2004/02/skos/core#altLabel", '"red"@en', graph),
            line_of(subject, f"{KG}note", '"x"@en', graph),
            line_of(subject, f"{RDF}type", f"<{KG}Award>", graph),
            line_of(subject, predicate, value, parts(draw.choice(lines))[3]),
        ]
    )
    return None if added in lines else ([*lines, added], articles)


@forger
def a_hash_is_another(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    at = pick(lines, draw, "checksumValue", "#digest", "#hasSource", "#fact", "#inConflict")
    digits = re.findall(r"[0-9a-f]{12,}", lines[at])
    if not digits:
        return None
    old = draw.choice(digits)
    new = old.replace(old[3], "0" if old[3] != "0" else "1")
    everywhere = draw.random() < 0.5
    changed = [line.replace(old, new) for line in lines]
    return changed if everywhere else with_line(lines, at, lines[at].replace(old, new)), articles


@forger
def what_is_asserted_and_recorded_is_swapped_together(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    claim, _, value, _ = parts(lines[pick(lines, draw, "#object")])
    said = {
        parts(line)[1].rpartition("#")[2]: parts(line)[2] for line in lines if f"<{claim}>" in line
    }
    start = f"{said['subject']} {said['predicate']} {value} "
    other = parts(lines[pick(lines, draw, "#object")])[2]
    forged = []
    for line in lines:
        subject, predicate, _, graph = parts(line)
        if line.startswith(start) or (subject == claim and predicate.endswith("#object")):
            line = line_of(subject, predicate, other, graph)
        forged.append(line)
    return sorted(set(forged)), articles


@forger
def a_standing_is_flipped(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    at = pick(lines, draw, "#asserted")
    claim, predicate, value, graph = parts(lines[at])
    said = {
        parts(line)[1].rpartition("#")[2]: parts(line)[2] for line in lines if f"<{claim}>" in line
    }
    triple = f"{said['subject']} {said['predicate']} {said['object']} <{graph}> ."
    was = "true" in value
    flipped = value.replace("true", "false") if was else value.replace("false", "true")
    standing = draw.choice(
        [
            [],
            [line_of(claim, f"{KG}modality", f"<{KG}Hedged>", graph)],
            [line_of(claim, f"{KG}polarity", f"<{KG}Negated>", graph)],
        ]
    )
    forged = {*with_line(lines, at, line_of(claim, predicate, flipped, graph)), *standing}
    return sorted(forged - {triple} if was else forged | {triple}), articles


@forger
def a_standing_is_missing(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    at = pick(
        lines, draw, "#modality", "#polarity", "#voice", "#doubt", "#correctedBy", "#corrects"
    )
    return [*lines[:at], *lines[at + 1 :]], articles


@forger
def a_graph_is_another(lines: list[str], articles: dict[str, bytes], draw: random.Random) -> Forged:
    at = draw.randrange(len(lines))
    subject, predicate, value, graph = parts(lines[at])
    others = sorted({parts(line)[3] for line in lines} - {graph})
    other = draw.choice([*others, f"{graph}-2", subject])
    forged = with_line(lines, at, line_of(subject, predicate, value, other))
    if draw.random() < 0.3:  # the whole node moves
        forged = [
            line_of(*parts(line)[:3], other) if parts(line)[0] == subject else line
            for line in lines
        ]
    return sorted(set(forged)), articles


@forger
def a_quote_is_that_of_another_span(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    one, other = (pick(lines, draw, "#exact", "#prefix", "#suffix") for _ in "ab")
    subject, predicate, _, graph = parts(lines[one])
    return with_line(
        lines, one, line_of(subject, predicate, parts(lines[other])[2], graph)
    ), articles


@forger
def a_claim_rests_on_another_span(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    one, other = (pick(lines, draw, "#wasDerivedFrom") for _ in "ab")
    subject, predicate, _, graph = parts(lines[one])
    forged = with_line(lines, one, line_of(subject, predicate, parts(lines[other])[2], graph))
    return sorted(set(forged)), articles


# Changes of articles


@forger
def an_article_has_another_byte(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    name = draw.choice(sorted(articles))
    data = bytearray(articles[name])
    at = draw.randrange(len(data))
    if draw.random() < 0.3:
        del data[at]
    else:
        data[at] ^= 1 << draw.randrange(8)
    return lines, {**articles, name: bytes(data)}


@forger
def an_article_has_another_name(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    name = draw.choice(sorted(articles))
    kept = {other: data for other, data in articles.items() if other != name}
    if draw.random() < 0.3:
        return lines, kept
    if draw.random() < 0.5:
        other = draw.choice(sorted(kept))
        return lines, {**articles, name: articles[other], other: articles[name]}
    return lines, {**kept, f"x-{name}": articles[name]}


# An adversary who hashes everything again


@lru_cache(maxsize=4)
def claims_of(lines: tuple[str, ...], articles: frozenset[tuple[str, bytes]]) -> Claims:
    quads = read_dump("".join(f"{line}\n" for line in lines).encode())
    claims = Claims(quads, dict(articles))
    assert claims.failures == []
    return claims


class Forgery:
    """A sound dump, read; its claims may be changed, and what hangs on them is made anew."""

    def __init__(self, lines: list[str], articles: dict[str, bytes]) -> None:
        self.claims = copy.copy(claims_of(tuple(lines), frozenset(articles.items())))
        self.claims.claims = {iri: copy.copy(c) for iri, c in self.claims.claims.items()}
        self.claims.facts = {
            iri: replace(fact, claims=[self.claims.claims[claim.iri] for claim in fact.claims])
            for iri, fact in self.claims.facts.items()
        }
        self.claims.__dict__.pop("conflicts", None)
        self.everywhere = " ".join(a.decode() for a in articles.values()).casefold()

    def lines(self, changed: Claim | None = None) -> list[str]:
        """Return the lines of the dump with one claim changed, or with fewer facts."""
        due = Due(self.claims)
        if changed:
            old, changed.iri = changed.iri, f"{due.base}claim/{due.hash(changed)}"
            for claim in self.claims.claims.values():
                if old in claim.replaced_by:
                    claim.replaced_by = claim.replaced_by - {old} | {changed.iri}
        said = {(q.subject, q.object) for q in due.quads(True) if q.subject not in due.terms}
        used = {term for pair in said for term in pair}
        due.terms = {term: labels for term, labels in due.terms.items() if term in used}
        return sorted(
            f"{' '.join(map(canonical, quad[:3]))} <{quad.graph}> ." for quad in due.quads(True)
        )

    def pick(self, draw: random.Random, wanted: Callable[[Claim], bool]) -> Claim | None:
        """Return a claim to change, of which no other node's hash is made."""
        found = [
            claim
            for claim in self.claims.claims.values()
            if wanted(claim) and not claim.conflicts and not claim.corrected_by
        ]
        return draw.choice(found) if found else None


def a_word(draw: random.Random) -> str:
    """A word of no article."""
    return "q" + "".join(draw.choice("bcdfghjklmnpqrstvwxz") for _ in range(9))


def is_value(claim: Claim) -> bool:
    return claim.origin != "Structural" and isinstance(claim.triple[2], Literal)


@forger
def a_value_is_another_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    named = {"label", "alternateName", "hiddenLabel"}
    claim = forgery.pick(
        draw,
        lambda c: (
            is_value(c)
            and c.rule != "translation"
            and re.split("[#/]", c.triple[1])[-1] not in named
        ),
    )
    assert claim
    subject, predicate, value = claim.triple
    assert isinstance(value, Literal)
    if value.is_text:
        new = value._replace(value=draw.choice([a_word(draw), f"{value.value} {a_word(draw)}"]))
    else:
        new = value._replace(value=re.sub(r"\d", lambda m: str((int(m[0]) + 5) % 10), value.value))
        if new.value in forgery.everywhere:
            return None
    claim.triple = subject, predicate, new
    return forgery.lines(claim), articles


@forger
def an_object_is_another_thing_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    names: dict[str, set[str]] = {}
    for claim in forgery.claims.claims.values():
        if re.search("(#label|alternateName|hiddenLabel)$", claim.triple[1]):
            names.setdefault(claim.triple[0], set()).add(claim.text.casefold())
    claim = forgery.pick(draw, lambda c: c.origin != "Structural" and isinstance(c.triple[2], str))
    assert claim
    words = " ".join(span.quote for span in claim.spans).casefold()
    others = [t for t, forms in names.items() if not any(form in words for form in forms)]
    claim.triple = *claim.triple[:2], draw.choice([*others, f"{forgery.claims.base}id/nobody"])
    return forgery.lines(claim), articles


@forger
def words_of_a_rule_are_others_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(draw, lambda c: bool(c.rule))
    assert claim
    at = draw.randrange(len(claim.inputs))
    new = draw.choice([a_word(draw), "", f"{claim.inputs[at]} {a_word(draw)}"])
    claim.inputs = (*claim.inputs[:at], new, *claim.inputs[at + 1 :])
    return forgery.lines(claim), articles


@forger
def how_a_value_was_got_is_another_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(
        draw,
        lambda c: (
            c.rule in ("number", "joined")
            or c.rule.endswith("date")
            or (
                is_value(c)
                and not c.rule
                and isinstance(c.triple[2], Literal)
                and not c.triple[2].is_text
            )
        ),
    )
    assert claim
    if claim.rule:
        claim.origin, claim.rule, claim.inputs = draw.choice(
            [
                ("Verbatim", "", ()),
                ("Verbatim", claim.rule, claim.inputs),
                (claim.origin, "", ()),
                (claim.origin, "by-magic", claim.inputs),
                (claim.origin, "name", claim.inputs),
                (
                    "Inferred" if claim.origin == "Normalised" else "Normalised",
                    claim.rule,
                    claim.inputs,
                ),
                ("External", "", ()),
            ]
        )
        if claim.origin == "Verbatim" and not claim.rule and claim.text in forgery.everywhere:
            return None
    else:
        claim.origin, claim.rule, claim.inputs = draw.choice(
            [
                ("Structural", "", ()),
                ("Normalised", "partial-date", (claim.text,)),
                ("Normalised", "translation", (claim.text,)),
                ("External", "", ()),
            ]
        )
    return forgery.lines(claim), articles


@forger
def a_datatype_is_another_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(draw, is_value)
    assert claim
    subject, predicate, value = claim.triple
    assert isinstance(value, Literal)
    xsd = "http://www.w3.org/2001/XMLSchema#"
    names = ["boolean", "float", "gDay", "anyURI", "dateTime", "duration", "token"]
    claim.triple = subject, predicate, Literal(value.value, xsd + draw.choice(names))
    return None if claim.triple[2] == value else (forgery.lines(claim), articles)


@forger
def a_quote_cuts_a_word_and_is_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(draw, lambda c: True)
    assert claim
    at = draw.randrange(len(claim.spans))
    old = claim.spans[at]
    start, end = old.start + draw.choice([0, 1]), old.end - draw.choice([0, 1])
    text = old.article.text
    cuts = (start > 0 and text[start - 1].isalpha() and text[start].isalpha()) or (
        end < len(text) and text[end - 1].isalpha() and text[end].isalpha()
    )
    if not cuts:
        return None
    new = Span(f"{old.file}#char={start},{end}", old.file, old.article, start, end)
    claim.spans = (*claim.spans[:at], new, *claim.spans[at + 1 :])
    return forgery.lines(claim), articles


@forger
def offsets_are_moved_and_hashed_again_but_not_the_quote(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(draw, lambda c: True)
    assert claim
    at = draw.randrange(len(claim.spans))
    old = claim.spans[at]
    shift = draw.choice([-4, -1, 1, 3, 10])
    start, end = old.start + shift, old.end + shift
    if start < 0 or end > len(old.article.text) or old.article.text[start:end] == old.quote:
        return None
    new = Span(f"{old.file}#char={start},{end}", old.file, old.article, start, end)
    claim.spans = (*claim.spans[:at], new, *claim.spans[at + 1 :])
    quote = canonical(Literal(old.quote))
    return [
        line_of(*parts(line)[:2], quote, parts(line)[3])
        if f"<{new.iri}&selector=quote> <http://www.w3.org/ns/oa#exact>" in line
        else line
        for line in forgery.lines(claim)
    ], articles


@forger
def a_claim_is_about_another_thing_and_hashed_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    claim = forgery.pick(draw, lambda c: True)
    assert claim
    others = {c.triple[0] for c in forgery.claims.claims.values()} - {claim.triple[0]}
    claim.triple = draw.choice(sorted(others)), *claim.triple[1:]
    return forgery.lines(claim), articles


@forger
def what_is_denied_is_in_no_conflict(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    conflicts = {parts(line)[2] for line in lines if "#inConflict>" in line}
    claims = {parts(line)[0] for line in lines if "#inConflict>" in line}
    denied = any(parts(line)[0] in claims and "#Negated>" in line for line in lines)
    if not denied:
        return None
    gone = draw.choice(sorted(conflicts))
    return [line for line in lines if gone not in line], articles


@forger
def a_corrected_claim_is_asserted_again(
    lines: list[str], articles: dict[str, bytes], draw: random.Random
) -> Forged:
    forgery = Forgery(lines, articles)
    found = [c for c in forgery.claims.claims.values() if c.corrected_by and not c.conflicts]
    if not found:
        return None
    claim = draw.choice(found)
    claim.corrected_by, claim.replaced_by = set(), set()
    return forgery.lines(claim), articles


# The tests


def caught(name: str, made: Made, count: int, seed: int) -> Iterator[str]:
    """Yield, for as many draws as are asked for, what was missed: nothing, if all is well."""
    draw = random.Random(f"{name} {seed}")
    lines = made.dumps["kg.nq"].decode().removesuffix("\n").split("\n")
    done = tries = 0
    while done < count:
        tries += 1
        if tries > 20 * count:
            assert done == 0, f"{name}: only {done} of {count} drawn"
            return
        forged = FORGERS[name](lines, made.articles, draw)
        if forged is None or (sorted(forged[0]), forged[1]) == (lines, made.articles):
            continue
        done += 1
        data = "".join(f"{line}\n" for line in forged[0]).encode("utf-8", "surrogateescape")
        verdict = verify(data, forged[1])
        if verdict.holds:
            yield f"draw {tries}: {difference(lines, forged, made.articles)}"
        elif name.endswith("hashed again") and (told := by_its_form(verdict)):
            yield f"draw {tries}: told not by the words, but by {told}"
        else:
            yield ""


def by_its_form(verdict: Verdict) -> list[str]:
    """Return failures of a consistent forgery that are not about what it says."""
    formal = ("nothing accounts", " lacks ", "it should be", "has the hash")
    return [text for _, text in verdict.failures if any(words in text for words in formal)]


def difference(
    lines: list[str], forged: tuple[list[str], dict[str, bytes]], articles: dict[str, bytes]
) -> str:
    before, after = set(lines), set(forged[0])
    changed = [name for name in articles if forged[1].get(name) != articles[name]]
    return f"articles {changed}, without {sorted(before - after)}, with {sorted(after - before)}"


def tell(tally: Counter[str]) -> str:
    rows = [f"  {n:>6,}  {name}" for name, n in sorted(tally.items())]
    return "\n".join(["forgeries caught:", *rows, f"  {tally.total():>6,}  in all"])


def hunt(made: Made, count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how many forgeries of each kind were caught, and those that were not."""
    assert verify(made.dumps["kg.nq"], made.articles).holds
    tally, missed = Counter[str](), list[str]()
    for name in FORGERS:
        for miss in caught(name, made, count, seed):
            tally[name] += not miss
            missed += [f"{name}: {miss}"] if miss else []
    print(tell(tally))
    return tally, missed


def test_no_forgery_of_a_small_dump_passes() -> None:
    tally, missed = hunt(sound(), 70, 1)
    assert missed == [], tell(tally)
    assert tally.total() >= 1700, tell(tally)
    assert set(tally) == set(FORGERS)


def test_no_forgery_of_the_five_articles_passes() -> None:
    tally, missed = hunt(five_articles(), 8, 2)
    assert missed == [], tell(tally)
    assert tally.total() >= 200, tell(tally)


def triples(data: bytes) -> frozenset[ox.Triple] | None:
    try:
        return frozenset(q.triple for q in ox.parse(data, ox.RdfFormat.JSON_LD))
    except (SyntaxError, ValueError):
        return None


def test_no_forgery_of_json_ld_passes() -> None:
    made, draw = sound(), random.Random(3)
    data = made.dumps["kg.jsonld"]
    assert verify(data, made.articles).holds
    before, tally, missed = triples(data), Counter[str](), list[str]()
    assert before is not None
    while tally.total() + len(missed) < 500:
        kind, forged = forged_json(data, draw)
        after = triples(forged)
        if after == before:
            continue
        if verify(forged, made.articles).holds:
            missed.append(f"{kind}: {before ^ (after or frozenset())}")
        else:
            tally[kind] += 1
    print(tell(tally))
    assert missed == [], tell(tally)


def forged_json(data: bytes, draw: random.Random) -> tuple[str, bytes]:
    if draw.random() < 0.4:
        changed = bytearray(data)
        at = draw.randrange(len(changed))
        changed[at] ^= 1 << draw.randrange(8)
        return "a byte of JSON is another", bytes(changed)
    document = json.loads(data)
    found: list[tuple[dict[str, object], str]] = []
    waiting: list[object] = [document["@graph"]]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            found += [(value, key) for key in value]
            waiting += value.values()
    node, key = draw.choice(found)
    if draw.random() < 0.3:
        del node[key]
        kind = "a key of JSON is missing"
    elif draw.random() < 0.3:
        other, name = draw.choice(found)
        node[key], other[name] = other[name], node[key]
        kind = "two values of JSON are swapped"
    elif draw.random() < 0.3:
        node[draw.choice(found)[1]] = draw.choice(found)[0][key] if key == "x" else "x:y"
        kind = "a key of JSON is added"
    else:
        value = node[key]
        node[key] = f"{value}x" if isinstance(value, str) else [value, "x:y"]
        kind = "a value of JSON is another"
    return kind, json.dumps(document, ensure_ascii=False).encode()


def test_a_consistent_other_dataset_is_told_only_by_the_published_checksum() -> None:
    """Whoever rewrites dump and articles together makes another dataset, sound in itself."""
    made = sound()
    lines = made.dumps["kg.nq"].decode().splitlines()
    forgery = Forgery(lines, made.articles)
    fact = next(f for f in forgery.claims.facts.values() if f.kind == "role")
    for claim in fact.claims:
        del forgery.claims.claims[claim.iri]
    del forgery.claims.facts[fact.iri]
    fewer = "".join(f"{line}\n" for line in forgery.lines()).encode()
    assert verify(fewer, made.articles).holds
    manifest = f"{sha256(made.dumps['kg.nq']).hexdigest()}  kg.nq\n".encode()
    assert verify(made.dumps["kg.nq"], made.articles, manifest).holds
    assert not verify(fewer, made.articles, manifest).holds


def test_the_forger_hashes_as_the_exporter_does() -> None:
    """A forgery in which nothing is changed is the dump, byte for byte."""
    made = sound()
    lines = made.dumps["kg.nq"].decode().splitlines()
    assert Forgery(lines, made.articles).lines() == lines
