"""Overviews of the things of one class: a row for each, with what is asserted of it.

A fact that is recorded, whole or in part, without being asserted (planned, denied, told by somebody
else, corrected) has rows of its own, which name it: nothing of it is mixed with what is asserted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyoxigraph as ox

from kg.asking.nodes import Nodes, Passage, Said
from kg.exporters.prefixes import Prefixes
from kg.model import Term, Triple
from kg.pages.overviews.overview import LIMIT, Solution, dumped, is_asserted, is_told, tie
from kg.pages.rows import QUOTES, Rows, Shown, Value
from kg.vocab import PREFIXES, RDF


@dataclass(frozen=True)
class Entry:
    """A row of an answer as it is shown."""

    asserted: bool
    cells: Mapping[str, Value]
    """The values by their column; how they were got is told with each."""
    said: Value
    """What leads to the thing, with how all of it stands and the quotes that say it."""
    row: Solution


@dataclass(frozen=True)
class Things:
    """What a row tells of a thing."""

    class_: ox.NamedNode
    node: str
    """The column of the thing."""
    fields: Mapping[str, ox.NamedNode]
    """The columns of its properties, in their order."""
    named: tuple[str, ...]
    """Those whose values are things, which have a name in a column beside them."""
    order: tuple[str, ...]
    """The columns by which rows are sorted; then come the thing and the fact."""
    marked: tuple[str, ...] = field(default=())
    """The columns whose words are marked in the quotes."""

    def here(self, nodes: Nodes) -> bool:
        """Whether there are any."""
        return is_told(nodes, self.class_)

    def pattern(self, _: Nodes) -> str:
        """Return the query, without declarations and limit."""
        short = Prefixes(PREFIXES).shown
        node, class_ = f"?{self.node}", short(self.class_.value)
        columns = [f"?{name}" for name in self.fields]
        names = [f"  (MIN(STR(?{name}_)) AS {_name(name)})" for name in self.named]
        own, claimed = [], []
        for name, property_ in self.fields.items():
            called = f" . OPTIONAL {{ ?{name} rdfs:label ?{name}_ }}" if name in self.named else ""
            verb = short(property_.value)
            own.append(f"    OPTIONAL {{ {node} {verb} ?{name}{called} }}")
            claimed.append(
                f"    OPTIONAL {{ [] kg:fact ?fact ; rdf:predicate {verb} ;"
                f" rdf:object ?{name}{called} }}"
            )
        return "\n".join(
            (
                f"SELECT {node} {' '.join(columns)}",
                *names,
                "  ?asserted ?fact WHERE {",
                "  {",
                f"    {{ SELECT {node} WHERE {{",
                f"      {node} a {class_} .",
                f"      OPTIONAL {{ {node} kg:date ?day }}",
                f"      {tie(node)}",
                f"    }} ORDER BY DESC(STR(?day)) ?tie LIMIT {LIMIT} }}",
                "    BIND (true AS ?asserted)",
                *own,
                "  } UNION {",
                "    # Facts that are not asserted, or of which something is corrected",
                f"    {{ SELECT DISTINCT {node} ?fact WHERE {{",
                "      {",
                f"        ?type rdf:object {class_} ; kg:asserted false ;",
                f"          rdf:subject {node} ; kg:fact ?fact .",
                "      } UNION {",
                "        ?corrected kg:correctedBy ?correction ;",
                f"          rdf:subject {node} ; kg:fact ?fact .",
                f"        FILTER EXISTS {{ ?type rdf:subject {node} ; rdf:object {class_} }}",
                "      }",
                f"      {tie('?fact')}",
                f"    }} ORDER BY ?tie LIMIT {LIMIT} }}",
                "    BIND (false AS ?asserted)",
                *claimed,
                "  }",
                "}",
                f"GROUP BY {node} {' '.join(columns)} ?asserted ?fact",
                f"ORDER BY {' '.join(map(self._sorted, self.order))} {node} ?fact",
                "",
            )
        )

    def _sorted(self, name: str) -> str:
        return _name(name) if name in self.named else f"STR(?{name})"

    def entries(self, rows: Rows, solutions: Iterable[Solution]) -> list[Entry]:
        """Return what is shown of an answer, in its order."""
        return list(self._entries(rows, solutions))

    def _entries(self, rows: Rows, solutions: Iterable[Solution]) -> Iterator[Entry]:
        for row in solutions:
            node = row.get(self.node)
            if not isinstance(node, ox.NamedNode):
                continue
            found = self._claims(rows.nodes, node, row)
            cells = {
                name: replace(rows.value(row[name], claims, quotes=False), notes=rows.got(claims))
                for name, claims in found.items()
            }
            claims = [claim for of in found.values() for claim in of]
            words = [row[name] for name in self.marked if name in row]
            link = rows.link(self.node, node)
            yield Entry(is_asserted(row), cells, told(rows, link, [link], claims, words), row)

    def _claims(self, nodes: Nodes, node: ox.NamedNode, row: Solution) -> dict[str, list[Said]]:
        """Return the claims behind each value of a row."""
        fact = row.get("fact")
        claims = [
            claim
            for claim in nodes.claims(node)
            if (claim.asserted if fact is None else claim.fact == fact)
        ]
        return {
            name: [c for c in claims if (c.predicate, c.object) == (property_, row[name])]
            for name, property_ in self.fields.items()
            if name in row
        }

    def triples(self, nodes: Nodes, solutions: Iterable[Solution]) -> Iterator[Triple]:
        """Yield the triples that rows tell; of what is not asserted, the claims."""
        for row in solutions:
            node = row.get(self.node)
            if not isinstance(node, ox.NamedNode):
                continue
            if is_asserted(row):
                yield Triple(node, RDF.type, self.class_)
                for name, property_ in self.fields.items():
                    if name in row:
                        yield Triple(node, property_, row[name])
            else:
                for claims in self._claims(nodes, node, row).values():
                    for claim in claims:
                        yield from dumped(nodes, claim.iri)


def told(
    rows: Rows, term: Shown, behind: list[Shown], claims: list[Said], marked: Iterable[Term]
) -> Value:
    """Return how claims stand, and their quotes; ``behind`` is what these lead to.

    The quote that says most of them comes first: rather one that has the words themselves than one
    by which they were understood, and rather one that has more of them.
    """
    passages = rows.nodes.passages(claims)
    of = {(span, claim.predicate) for claim in claims for span in claim.spans}
    weight = Counter(span for span, _ in of)
    worded = [claim.inputs[0] for claim in claims if claim.inputs]

    def rank(passage: Passage) -> tuple[int, bool]:
        return -weight[passage.span], not any(words in passage.exact for words in worded)

    quotes = rows.quotes(sorted(passages, key=rank)[:QUOTES], marked, claims)
    quotes.sort(key=lambda q: (rank(q.passage), -len({words for words, is_ in q.pieces if is_})))
    return Value(term, rows.standing(claims), quotes, len(passages) - len(quotes), behind)


def _name(column: str) -> str:
    return f"?{column}Label"
