"""The main classes of a dataset and the properties between them, as a picture.

Classes that have properties stand on the left, each property on a line of its own, and what they
lead to on the right: no two words can cover each other, however much there is of them.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from kg.asking.nodes import Nodes
from kg.pages.rows import Rows, Shown
from kg.vocab import RDF, VOID

MOST = 24
"""How many links a picture shows."""

_LOOKED = 500
_LINE, _GAP, _PAD = 22, 14, 8
_WIDE, _BETWEEN, _RIGHT = 220, 150, 190
_LETTERS = 25


@dataclass(frozen=True)
class Link:
    """A property from the things of one class to those of another."""

    source: ox.NamedNode
    predicate: ox.NamedNode
    target: ox.NamedNode
    count: int
    exact: bool
    """Whether it was counted, not told from some of the uses."""

    @property
    def told(self) -> str:
        """How often, in words."""
        return f"{self.count:,}" if self.exact else f"about {self.count:,}"

    @property
    def order(self) -> tuple[int, str, str, str]:
        """What links are sorted by: the most used first."""
        return -self.count, self.source.value, self.predicate.value, self.target.value


@dataclass(frozen=True)
class Line:
    """A word in the picture."""

    shown: Shown
    text: str
    x: int
    y: int


@dataclass(frozen=True)
class Box:
    """A class with its properties, or one that they lead to."""

    x: int
    y: int
    width: int
    height: int
    head: Line
    lines: list[Line]


@dataclass(frozen=True)
class Edge:
    """A curve from a property to a class."""

    path: str
    strength: int
    """How strong, from 1 to 4."""


@dataclass(frozen=True)
class Diagram:
    """A picture, and the same in words."""

    width: int
    height: int
    boxes: list[Box]
    edges: list[Edge]
    told: list[tuple[Shown, Shown, Shown, str]]


def diagram(rows: Rows) -> Diagram | None:
    """Return the picture of a dataset, None where no property leads from thing to thing."""
    found = links(rows.nodes)
    if not found:
        return None
    groups = [list(group) for _, group in groupby(found, key=lambda link: link.source.value)]
    groups.sort(key=lambda group: (-sum(link.count for link in group), group[0].source.value))
    boxes, edges, starts = list[Box](), list[Edge](), list[tuple[Link, int]]()
    top = _PAD
    for group in groups:
        head = _line(rows.term(group[0].source), _PAD + 10, top + 18)
        lines: dict[ox.NamedNode, Line] = {}
        for link in group:
            middle = top + _LINE * (len(lines) + 1) + 14
            line = _line(rows.term(link.predicate), _PAD + 10, middle + 5)
            starts.append((link, lines.setdefault(link.predicate, line).y - 5))
        height = _LINE * (len(lines) + 1) + _PAD
        boxes.append(Box(_PAD, top, _WIDE, height, head, list(lines.values())))
        top += height + _GAP
    left, height = _PAD + _WIDE + _BETWEEN, _LINE + _PAD
    ends = _ends(starts, top)
    for target, y in ends.items():
        head = _line(rows.term(target), left + 10, y + 5)
        boxes.append(Box(left, y - height // 2, _RIGHT, height, head, []))
    most = max(link.count for link in found)
    for link, y in starts:
        a, b, bend, end = _PAD + _WIDE, left, _BETWEEN // 2, ends[link.target]
        path = f"M{a} {y}C{a + bend} {y} {b - bend} {end} {b} {end}"
        edges.append(Edge(path, 1 + (link.count * 3) // most))
    told = [
        (rows.term(link.source), rows.term(link.predicate), rows.term(link.target), link.told)
        for group in groups
        for link in group
    ]
    bottom = max(box.y + box.height for box in boxes) + _PAD
    return Diagram(left + _RIGHT + _PAD, bottom, boxes, edges, told)


def _ends(starts: list[tuple[Link, int]], height: int) -> dict[ox.NamedNode, int]:
    """Return where the targets stand: evenly apart, in the order of what leads to them."""
    places: dict[ox.NamedNode, list[int]] = {}
    for link, y in starts:
        places.setdefault(link.target, []).append(y)
    ordered = sorted(places, key=lambda t: (sum(places[t]) / len(places[t]), t.value))
    step = max(_LINE + _PAD + _GAP, height // (len(ordered) + 1))
    first = max(step // 2, (height - step * (len(ordered) - 1)) // 2)
    return {target: first + step * place for place, target in enumerate(ordered)}


def links(nodes: Nodes) -> list[Link]:
    """Return the most used links between classes, by source; counts are of samples, scaled up."""
    classes = _sizes(nodes, VOID.classPartition, VOID["class"], VOID.entities)
    counts = _sizes(nodes, VOID.propertyPartition, VOID.property, VOID.triples)
    found = list[Link]()
    for property_, total in sorted(counts.items(), key=lambda item: (-item[1], item[0].value)):
        if property_ == RDF.type:
            continue
        pairs: Counter[tuple[ox.NamedNode, ox.NamedNode]] = Counter()
        looked = nodes.with_property(property_, _LOOKED)
        for triple in looked:
            if not isinstance(triple.object, ox.NamedNode):
                continue
            source, target = (_main(nodes, classes, n) for n in (triple.subject, triple.object))
            if source and target:
                pairs[source, target] += 1
        whole = len(looked) < _LOOKED
        for (source, target), count in pairs.items():
            scaled = count if whole else round(count * total / len(looked))
            found.append(Link(source, property_, target, scaled, whole))
    best = sorted(found, key=lambda link: link.order)[:MOST]
    return sorted(best, key=lambda link: link.source.value)


def _main(
    nodes: Nodes, classes: dict[ox.NamedNode, int], node: ox.NamedNode
) -> ox.NamedNode | None:
    """Return the class of a thing that most things are of."""
    types = [type_ for type_ in nodes.iris(node, RDF.type) if type_ in classes]
    return min(types, key=lambda type_: (-classes[type_], type_.value), default=None)


def _sizes(
    nodes: Nodes, partition: ox.NamedNode, of: ox.NamedNode, number: ox.NamedNode
) -> dict[ox.NamedNode, int]:
    found = {}
    for part in nodes.iris(nodes.dataset, partition):
        count = nodes.text(part, number)
        if count and count.value.isascii() and count.value.isdigit() and len(count.value) < 18:
            found.update(dict.fromkeys(nodes.iris(part, of), int(count.value)))
    return found


def _line(shown: Shown, x: int, y: int) -> Line:
    """Return a word, cut where it would be wider than its box; wide letters count twice."""
    text, room = "", _LETTERS
    for letter in shown.text:
        room -= 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if room < 0:
            return Line(shown, text.rstrip() + "…", x, y)
        text += letter
    return Line(shown, text, x, y)
