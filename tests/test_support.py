"""What rows were matched from, against an evaluator of SPARQL that is slow, small and separate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from types import SimpleNamespace

import pyoxigraph as ox
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.asking.published import Published, QueryError
from kg.asking.support import Support

BASE = "http://e.org/"
DATA = """
a p b . b p c . c p a . a q b . b q b . c q d . d p d .
a r d . b r a . d q a . c r c . a p c . d r b .
"""
TRIPLES = [tuple(line.split()) for line in DATA.split(" .") if line.strip()]

Spo = tuple[str, ...]
Solution = tuple[dict[str, str], frozenset[Spo]]
"""What the variables are bound to, and the triples by which."""


def published() -> Published:
    """A dataset of a few triples, without claims: a query is all that is asked of it."""
    store = ox.Store()
    for triple in TRIPLES:
        store.add(ox.Quad(*(ox.NamedNode(BASE + term) for term in triple)))
    for triple in TRIPLES[:7]:
        store.add(ox.Quad(*(ox.NamedNode(BASE + term) for term in (*triple, "g"))))
    for triple in TRIPLES[5:]:
        store.add(ox.Quad(*(ox.NamedNode(BASE + term) for term in (*triple, "h"))))
    prefixes = {"": BASE}

    def query(text: str) -> object:
        try:
            return store.query(text, prefixes=prefixes)
        except SyntaxError as error:
            raise AssertionError(f"{error}\n{text}") from error

    return SimpleNamespace(store=store, query=query)  # type: ignore[return-value]


DATASET = published()


def found(text: str) -> tuple[list[tuple[str | None, ...]], list[set[tuple[str, ...]]], Support]:
    """Ask; return the rows, and for each the triples that it was matched from."""
    answer = DATASET.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    rows = [tuple(row) for row in answer]
    support = Support(DATASET, text)
    matches = support.matches(names, rows)
    plain = [tuple(term and _local(term) for term in row) for row in rows]
    triples = [{tuple(map(_local, triple)) for _, triple, _ in match} for match in matches]
    return plain, triples, support


def _local(term: object) -> str:
    return str(getattr(term, "value", term)).removeprefix(BASE)


def support_of(text: str) -> dict[tuple[str | None, ...], set[str]]:
    rows, triples, support = found(text)
    assert not support.left_out
    return {
        row: {" ".join(triple) for triple in match}
        for row, match in zip(rows, triples, strict=True)
    }


# By hand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?x { ?x :p :b }", {("a",): {"a p b"}}),
        ("SELECT ?x { ?x :p/:p :a }", {("b",): {"b p c", "c p a"}, ("a",): {"a p c", "c p a"}}),
        ("SELECT * { :d ^:q ?x }", {("c",): {"c q d"}}),
        ("SELECT * { :a (:p|:r) ?x }", {
            ("b",): {"a p b"}, ("c",): {"a p c"}, ("d",): {"a r d"},
        }),
        ("SELECT ?x { ?x :p+ :b FILTER (?x = :c) }", {("c",): {"c p a", "a p b"}}),
        ("SELECT ?x { :b :q* ?x }", {("b",): set()}),
        ("SELECT ?x { :c :q* ?x FILTER (?x = :a)}", {("a",): {"c q d", "d q a"}}),
        ("SELECT ?x { :c :q? ?x }", {("c",): set(), ("d",): {"c q d"}}),
        ("SELECT ?x { :d !(:p|:q) ?x }", {("b",): {"d r b"}}),
        ("SELECT ?x { :d !(:p|^:q|^:r) ?x }", {
            ("a",): {"d q a"}, ("b",): {"d r b"}, ("d",): {"d p d"},
        }),
        ("SELECT ?x { :d !^:q ?x }", {("a",): {"a r d"}, ("d",): {"d p d"}}),
        # what is optional counts only where it is met, and met as a whole
        ("SELECT ?x { ?x :r :d OPTIONAL { ?x :p :b . ?x :p :d } }", {("a",): {"a r d"}}),
        ("SELECT ?x { ?x :r :d OPTIONAL { ?x :p :b . ?x :p :c } }", {
            ("a",): {"a r d", "a p b", "a p c"},
        }),
        ("SELECT ?x { { ?x :q :d } UNION { ?x :r :d } }", {("c",): {"c q d"}, ("a",): {"a r d"}}),
        ("SELECT ?x { ?x :p :c FILTER EXISTS { ?x :r ?y } FILTER EXISTS { ?y :r ?x } }", {
            ("a",): {"a p c", "a r d", "b r a"}, ("b",): {"b p c", "b r a", "d r b"},
        }),
        ("SELECT ?x { ?x :p :c FILTER (?x = :b || EXISTS { ?x :r :d }) }", {
            ("a",): {"a p c", "a r d"}, ("b",): {"b p c"},
        }),
        ("SELECT ?x { ?x :p :c FILTER NOT EXISTS { ?x :r :d } }", {("b",): {"b p c"}}),
        ("SELECT ?x { ?x :p :c FILTER (! EXISTS { ?x :r :d }) }", {("b",): {"b p c"}}),
        ("SELECT ?x { ?x :p :c MINUS { ?x :r :d } }", {("b",): {"b p c"}}),
        ("SELECT ?n { { SELECT ?n { ?n :q ?m } } ?n :r :d }", {("a",): {"a q b", "a r d"}}),
        # the nested ?m is not the outer one
        ("SELECT ?n ?m { { SELECT ?n { ?n :q ?m } } ?n :r ?m FILTER (?n = :a) }", {
            ("a", "d"): {"a q b", "a r d"},
        }),
        ("SELECT (COUNT(?y) AS ?n) { ?x :p ?y } GROUP BY ?x HAVING (COUNT(?y) > 1)", {
            ("2",): {"a p b", "a p c"},
        }),
        ("SELECT ?l (COUNT(*) AS ?n) { ?x :r ?y } GROUP BY (STRLEN(STR(?x)) AS ?l)", {
            ("14", "4"): {"a r d", "b r a", "c r c", "d r b"},
        }),
        ("SELECT (COUNT(*) AS ?n) { ?x :r ?y } GROUP BY STR(?x) (?y = ?x) ORDER BY ?n", {
            ("1",): {"a r d", "b r a", "c r c", "d r b"},
        }),
        ("SELECT (COUNT(*) AS ?n) { ?x :r :e }", {("0",): set()}),
        ("SELECT ?x ?n { { SELECT ?x (COUNT(?y) AS ?n) { ?x :p ?y } GROUP BY ?x } ?x :r :d }", {
            ("a", "2"): {"a p b", "a p c", "a r d"},
        }),
        ("SELECT (?x AS ?z) { ?x :r :d }", {("a",): {"a r d"}}),
        ("SELECT ?x { ?x :p ?y } VALUES ?y { :b }", {("a",): {"a p b"}}),
        ("SELECT ?x { VALUES (?x ?y) { (:a :b) (UNDEF :d) } ?x :p ?y }", {
            ("a",): {"a p b"}, ("d",): {"d p d"},
        }),
        ("SELECT ?g { GRAPH ?g { :c :q ?y } }", {("g",): {"c q d"}, ("h",): {"c q d"}}),
        ("SELECT ?x FROM :g { ?x :r ?y }", {}),
        ("SELECT ?x FROM NAMED :h { GRAPH ?g { ?x :p ?y } }", {
            ("d",): {"d p d"}, ("a",): {"a p c"},
        }),
        ("SELECT ?p { :a ?p :b }", {("p",): {"a p b"}, ("q",): {"a q b"}}),
        ("SELECT ?x { ?x :p [ :q [] ; :r :c ] }", {
            ("a",): {"a p c", "c q d", "c r c"}, ("b",): {"b p c", "c q d", "c r c"},
        }),
        ("SELECT ?x { [] :r ?x ; :q _:n-1.x . _:n-1.x :p :d }", {
            ("c",): {"c r c", "c q d", "d p d"},
        }),
        ("SELECT ?x { ?x :p :b BIND (?x AS ?y) ?y :r :d }", {("a",): {"a p b", "a r d"}}),
        ("SELECT ?x { ?x :p ?y FILTER(?x<?y&&?y>:b) }", {}),
        ("SELECT ?x { ?x :p ?y FILTER(STR(?x)<STR(?y)&&STR(?y)>'http://e.org/b') }", {
            ("a",): {"a p c"}, ("b",): {"b p c"},
        }),
        ("BASE <http://e.org/> PREFIX : <x> PREFIX e: <> SELECT $x { $x e:p <b> }", {
            ("a",): {"a p b"},
        }),
        ("SELECT ?kg0_1 # } OPTIONAL {\n { ?kg0_1 :p :b FILTER (STR(?kg0_1) != '} UNION {') }", {
            ("a",): {"a p b"},
        }),
    ],
)  # fmt: skip
def test_rows_and_the_triples_behind_them(
    text: str, expected: dict[tuple[str, ...], set[str]]
) -> None:
    assert support_of(text) == expected
    limited = f"{text} LIMIT 1" if "VALUES ?y" not in text else text
    assert support_of(limited).items() <= expected.items()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("SELECT ?x { ?x :p :b BIND (EXISTS { ?x :r ?z } AS ?e) }", "this EXISTS"),
        ("SELECT ?x { ?x :p :b FILTER (EXISTS { ?x :r :d } = true) }", "this EXISTS"),
        ("SELECT ?x { ?x :p :b FILTER EXISTS { ?x :r :d MINUS { ?x :q :z } } }", "this EXISTS"),
        # ?y is bound beside the optional group that asks, or not
        ("SELECT ?x { ?y :p ?z OPTIONAL { ?x :p :b FILTER EXISTS { ?x :r ?y } } }", "this EXISTS"),
        # within the braces a join would not see ?y
        ("SELECT ?x { ?x :p ?y FILTER EXISTS { { ?x :r ?z FILTER (?z != ?y) } } }", "this EXISTS"),
        ("SELECT ?x { ?x :p :b GRAPH :g { SELECT ?x { ?x :q ?y } } }", "this SELECT"),
    ],
)
def test_what_is_left_out_is_said_and_wrong_triples_are_not_given(text: str, what: str) -> None:
    rows, triples, support = found(text)
    assert len(support.left_out) == 1
    (problem,) = support.left_out.values()
    assert what in problem.message
    assert text[problem.place.column - 1] in "{S"
    for row, match in zip(rows, triples, strict=True):
        assert all("p" in triple for triple in match), (row, match)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?x :p (:a :b) }",
        "SELECT ?x { ?x :p ?y LATERAL { SELECT ?z { ?y :p ?z } } }",
        "SELECT ?x { ?x :p ?y {| :q :z |} }",
        "SELECT ?x { { SELECT ?x { ?x :p ?y } LIMIT 1 } }",
        "SELECT ?x { ?x :p ?y FILTER (RAND() < 1) }",
        "SELECT ?x {" + "{" * 3000 + "}" * 3000 + "}",
    ],
)
def test_what_is_not_followed_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match="--evidence does not follow"):
        Support(DATASET, text)


# By chance: queries as nested tuples, written out for one side and evaluated here for the other

NOTHING: Solution = ({}, frozenset())


def joined(left: list[Solution], right: list[Solution]) -> list[Solution]:
    return [
        ({**one, **other}, why | because)
        for one, why in left
        for other, because in right
        if compatible(one, other)
    ]


def compatible(one: dict[str, str], other: dict[str, str]) -> bool:
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def ways(path: object, start: str, end: str) -> set[frozenset[Spo]]:
    """Every way that a path leads from start to end, as the triples of that way."""
    if isinstance(path, str):
        return {frozenset([(start, path, end)])} & {frozenset([t]) for t in TRIPLES}
    sign, *parts = path  # type: ignore[misc]
    if sign == "^":
        return ways(parts[0], end, start)
    if sign == "|":
        return ways(parts[0], start, end) | ways(parts[1], start, end)
    if sign == "!":
        return {
            frozenset([t]) for t in TRIPLES if (t[0], t[2]) == (start, end) and t[1] != parts[0]
        }
    if sign == "/":
        return {
            one | other
            for middle in "abcd"
            for one in ways(parts[0], start, middle)
            for other in ways(parts[1], middle, end)
        }
    if sign in "?*" and start == end:
        return {frozenset()}
    if sign == "?":
        return ways(parts[0], start, end)
    routes: list[tuple[str, ...]] = [(start,)]
    while routes:  # all that are one step longer, until some arrive
        routes = [(*r, n) for r in routes for n in "abcd" if n not in r[1:]]
        routes = [r for r in routes if ways(parts[0], r[-2], r[-1])]
        if arrived := [r for r in routes if r[-1] == end]:
            steps = [ways(parts[0], a, b) for r in arrived for a, b in pairwise(r)]
            return {way for step in steps for way in step}  # a union of them all is taken anyway
    return set()


def evaluated(group: tuple[tuple[object, ...], ...], outer: list[Solution]) -> list[Solution]:
    """The solutions of a group that are compatible with those of what stands around it."""
    solutions, filters = [NOTHING], []
    for kind, *parts in group:
        if kind == "triple":
            solutions = joined(solutions, matched(*parts))
        elif kind == "optional":
            optional = []
            for one in solutions:
                met = evaluated(parts[0], [one])
                optional += joined([one], met) or [one]
            solutions = optional
        elif kind == "union":
            branches = evaluated(parts[0], [NOTHING]) + evaluated(parts[1], [NOTHING])
            solutions = joined(solutions, branches)
        elif kind == "minus":
            others = evaluated(parts[0], [NOTHING])
            solutions = [
                (one, why)
                for one, why in solutions
                if not any(one.keys() & o.keys() and compatible(one, o) for o, _ in others)
            ]
        elif kind == "select":
            names, inner = parts
            solutions = joined(solutions, projected(names, evaluated(inner, [NOTHING])))
        elif kind == "values":
            solutions = joined(solutions, [({parts[0]: value}, frozenset()) for value in parts[1]])
        else:
            filters.append((kind, *parts))
    kept = joined(outer, solutions) if outer != [NOTHING] else solutions
    for kind, *parts in filters:
        kept = [found for one in kept for found in held(kind, parts, one)]
    return kept


def held(kind: object, parts: list, solution: Solution) -> Iterator[Solution]:
    """The solution, if a filter lets it pass, with what an EXISTS adds."""
    bound, why = solution
    if kind == "unlike":
        name, value = parts
        if name in bound and bound[name] != value:
            yield solution
        return
    met = [because for _, because in evaluated(parts[0], [(bound, frozenset())])]
    if kind == "exists" and met:
        yield bound, reduce(frozenset.union, met, why)
    if kind == "not exists" and not met:
        yield solution


def matched(subject: str, path: object, object_: str) -> list[Solution]:
    found = []
    for start in "abcd":
        for end in "abcd":
            bound: dict[str, str] = {}
            if subject[0] == "?":
                bound[subject] = start
            elif subject != start:
                continue
            if object_[0] == "?":
                if bound.get(object_, end) != end:
                    continue
                bound[object_] = end
            elif object_ != end:
                continue
            if met := ways(path, start, end):
                found.append((bound, frozenset().union(*met)))
    return found


def projected(names: tuple[str, ...], solutions: list[Solution]) -> list[Solution]:
    """The solutions with some variables left; those that look alike have the same support."""
    rows: dict[tuple[tuple[str, str], ...], set[Spo]] = {}
    for bound, why in solutions:
        row = tuple((name, bound[name]) for name in names if name in bound)
        rows.setdefault(row, set()).update(why)
    return [(dict(row), frozenset(why)) for row, why in rows.items()]


def written(group: tuple[tuple[object, ...], ...]) -> str:
    lines = []
    for kind, *parts in group:
        if kind == "triple":
            lines.append(f"{term(parts[0])} {path_text(parts[1])} {term(parts[2])} .")
        elif kind == "union":
            lines.append(f"{written(parts[0])} UNION {written(parts[1])}")
        elif kind == "select":
            lines.append(f"{{ SELECT {' '.join(parts[0])} {written(parts[1])} }}")
        elif kind == "values":
            lines.append(f"VALUES {parts[0]} {{ {' '.join(map(term, parts[1]))} }}")
        elif kind == "unlike":
            lines.append(f"FILTER ({parts[0]} != {term(parts[1])})")
        else:
            word = {"exists": "FILTER EXISTS", "not exists": "FILTER NOT EXISTS"}
            lines.append(f"{word.get(str(kind), str(kind).upper())} {written(parts[0])}")
    return f"{{ {' '.join(lines)} }}"


def term(name: str) -> str:
    return name if name[0] == "?" else f":{name}"


def path_text(path: object) -> str:
    if isinstance(path, str):
        return f":{path}"
    sign, *parts = path  # type: ignore[misc]
    texts = [path_text(part) for part in parts]
    if sign in "|/":
        return f"({texts[0]} {sign} {texts[1]})"
    return f"({sign}{texts[0]})" if sign in "^!" else f"({texts[0]}){sign}"


def well_designed(group: tuple[tuple[object, ...], ...], outside: set[str]) -> bool:
    """Whether no OPTIONAL has a variable that is bound elsewhere, but not before it in its group.

    What those match is said by SPARQL bottom up, and by Oxigraph as its plan has it; so it is with
    a filter whose variable the group does not bind.
    """
    if any(one[0] == "unlike" and one[1] not in mentioned(group, "triple") for one in group):
        return False
    for i, (kind, *parts) in enumerate(group):
        before, after = mentioned(group[:i]), mentioned(group[i + 1 :])
        bound = mentioned(group[:i], "triple", "union", "select", "values")
        if kind == "optional" and mentioned(parts) & (outside | after | before) - bound:
            return False
        inner = [part for part in parts if isinstance(part, tuple) and part and part[0]]
        for part in inner:
            if isinstance(part[0], tuple) and not well_designed(part, outside | before | after):
                return False
    return True


def mentioned(value: object, *kinds: str) -> set[str]:
    """The variables anywhere in nested tuples, of a group only in elements of some kinds."""
    if isinstance(value, str):
        return {value} if value[0] == "?" and len(value) > 1 else set()
    if kinds:
        value = [one for one in value if one[0] in kinds]  # type: ignore[attr-defined]
    return set().union(*map(mentioned, value))  # type: ignore[arg-type, call-overload]


VARIABLES = st.sampled_from(["?x", "?y", "?z"])
TERMS = st.one_of(VARIABLES, VARIABLES, st.sampled_from("abcd"))
PREDICATES = st.sampled_from("pqr")
PATHS = st.recursive(
    PREDICATES,
    lambda inner: st.one_of(
        st.tuples(st.just("^"), inner),
        st.tuples(st.just("!"), PREDICATES),
        st.tuples(st.sampled_from("|/"), inner, inner),
        st.tuples(st.sampled_from("?+*"), inner),
    ),
    max_leaves=3,
)
PATTERN = st.tuples(st.just("triple"), TERMS, st.one_of(PREDICATES, PATHS), TERMS)
UNLIKE = st.tuples(st.just("unlike"), VARIABLES, st.sampled_from("abcd"))
PLAIN = st.lists(PATTERN, min_size=1, max_size=2).map(tuple)
FLAT = st.tuples(PLAIN, st.lists(UNLIKE, max_size=1).map(tuple)).map(lambda two: two[0] + two[1])
NAMES = st.lists(VARIABLES, min_size=1, max_size=2, unique=True).map(tuple)
VALUES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=2, unique=True).map(tuple)


def inside(groups: st.SearchStrategy) -> st.SearchStrategy:
    element = st.one_of(
        st.tuples(st.just("optional"), groups),
        st.tuples(st.just("union"), groups, groups),
        st.tuples(st.just("select"), NAMES, groups),
        st.tuples(st.sampled_from(["exists", "not exists", "minus"]), PLAIN),
        st.tuples(st.just("values"), VARIABLES, VALUES),
        UNLIKE,
        PATTERN,
    )
    return st.tuples(PLAIN, st.lists(element, min_size=1, max_size=2).map(tuple)).map(
        lambda two: two[0] + two[1]
    )


GROUPS = st.one_of(FLAT, inside(FLAT), inside(inside(FLAT)))


@pytest.mark.slow
@settings(max_examples=400)
@given(names=NAMES, group=GROUPS)
def test_rows_have_the_triples_of_all_their_solutions_and_no_other(
    names: tuple[str, ...], group: tuple[tuple[object, ...], ...]
) -> None:
    assume(well_designed(group, set()))
    listed, asked = " ".join(names), written(group)
    expected = {
        tuple(bound.get(name) for name in names): set(why)
        for bound, why in projected(names, evaluated(group, [NOTHING]))
    }
    for text, whole in (
        (f"SELECT {listed} {asked}", True),
        (f"SELECT DISTINCT {listed} {asked} ORDER BY ?x LIMIT 2", False),
        (f"SELECT {listed} (COUNT(*) AS ?n) {asked} GROUP BY {listed}", True),
    ):
        rows, triples, support = found(text)
        shown = [row[: len(names)] for row in rows]
        assert set(shown) == expected.keys() if whole else set(shown) <= expected.keys()
        for row, match in zip(shown, triples, strict=True):
            assert match <= expected[row]
            assert match == expected[row] or support.left_out
