"""Reading what was published: the lines that are looked for are those that plain reading finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.changes import baseline
from kg.changes.anchors import Anchor
from kg.changes.baseline import BaselineError, PublishedFact, lines_with, read_baseline
from kg.iris import Iris
from kg.model import Article
from kg.vocab import KG, OA, PROV, SPDX

BASE = "https://example.org/d/"
FILES = {name: f"{BASE}file/{name}/{name * 3}" for name in ("a", "b", "ab")}
ARTICLES = {name: Article(name, f"seeds/{name}.txt", b"as it is now") for name in FILES}


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dump") / "kg.nq"


def plain(data: bytes) -> Iterator[bytes]:
    """Yield all lines, with their ends."""
    while data:
        line, end, data = data.partition(b"\n")
        yield line + end


# Lines --------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(
    data=st.lists(st.sampled_from([b"a", b"ab", b"b" * 9, b" ", b"\r", b"\n"]), max_size=60),
    needles=st.sets(st.sampled_from([b"a", b"ab", b"ba", b" a ", b"\r"]), min_size=1),
    block=st.integers(1, 20),
    long=st.integers(21, 40),
)
def test_lines_are_found_once_and_in_order_wherever_blocks_end(
    dump: Path, data: list[bytes], needles: set[bytes], block: int, long: int
) -> None:
    dump.write_bytes(b"".join(data))
    lines = list(plain(b"".join(data)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "BLOCK", block)
        patch.setattr(baseline, "MAX_LINE", long)
        if any(len(line) >= long for line in lines):
            with pytest.raises(ValueError, match="a line of more than"):
                list(lines_with(dump, needles))
        else:
            found = [line for line in lines if any(needle in line for needle in needles)]
            assert list(lines_with(dump, needles)) == found


# All that is read of a dump -----------------------------------------------------------------------


def quad(subject: str, predicate: NamedNode, value: str) -> bytes:
    return f"<{subject}> {predicate} {value} <{BASE}evidence> .\n".encode()


SPANS = [f"{file}#char={at},{at + 3}" for file in FILES.values() for at in (0, 7)]
CLAIMS = [f"{BASE}claim/{n}" for n in range(3)]
FACTS = [f"{BASE}fact/{name}/{n}" for name in FILES for n in range(2)]
NODES = [*SPANS, *(f"{span}&selector=quote" for span in SPANS), *CLAIMS, *FACTS, f"{BASE}file/a/x"]
PREDICATES = [PROV.wasDerivedFrom, OA.exact, OA.prefix, OA.suffix, KG.fact, KG.kind, KG.factAbout]

node = st.sampled_from(NODES)
predicate = st.sampled_from([*PREDICATES, KG.line])
words = st.one_of(
    st.text("ab ", max_size=3),
    # What is looked for may stand in a text, too.
    st.builds(lambda of, term: f"x {of} <{term}> .", predicate, node),
).map(lambda text: str(Literal(text)))
sound = st.one_of(
    st.builds(quad, st.sampled_from(CLAIMS), st.just(PROV.wasDerivedFrom), node.map("<{}>".format)),
    st.builds(quad, st.sampled_from(CLAIMS), st.just(KG.fact), node.map("<{}>".format)),
    st.builds(quad, st.sampled_from(FACTS), st.sampled_from([KG.kind, KG.line]), words),
    st.builds(quad, st.sampled_from(FACTS), st.just(KG.factAbout), node.map("<{}>".format)),
    st.builds(quad, node, predicate, words),
    st.builds(quad, node, predicate, node.map("<{}>".format)),
)


def passage(span: str, texts: tuple[str, str, str], claim: str, fact: str, escaped: bool) -> bytes:
    """Return the lines of a passage, on which a claim of a fact rests."""
    told = f"{claim[:-1]}\\u003{claim[-1]}" if escaped else claim
    selector, terms = f"{span}&selector=quote", (OA.exact, OA.prefix, OA.suffix)
    quads = [quad(selector, of, text) for of, text in zip(terms, texts, strict=True)]
    quads += quad(claim, PROV.wasDerivedFrom, f"<{span}>"), quad(told, KG.fact, f"<{fact}>")
    return b"".join(quads)


passages = st.builds(
    passage,
    st.sampled_from(SPANS),
    st.tuples(words, words, words),
    st.sampled_from(CLAIMS),
    st.sampled_from(FACTS),
    st.booleans(),
)
SUMS = b"".join(
    quad(f"{file}/checksum", SPDX.checksumValue, f'"{sha256}"')
    for file, sha256 in zip(
        FILES.values(), ("0" * 64, "1" * 64, ARTICLES["ab"].sha256), strict=True
    )
)
CHANGED = {FILES[name]: name for name in ("a", "b")}


def by_all_quads(data: bytes) -> tuple[dict[str, set[Anchor]], dict[str, PublishedFact]]:
    """Return what `read_baseline` is to find, from all quads of a dump."""
    quads = [
        (q.subject.value, q.predicate, q.object)
        for q in parse(data, RdfFormat.N_QUADS)
        if isinstance(q.subject, NamedNode)
    ]
    texts = {(s, p): o.value for s, p, o in quads if isinstance(o, Literal)}
    links = [(s, p, o.value if isinstance(o, NamedNode) else "") for s, p, o in quads]
    spans: dict[str, tuple[str, Anchor]] = {}
    for (selector, of), quote in texts.items():
        span = selector.removesuffix("&selector=quote")
        file, _, at = span.partition("#char=")
        context = [texts.get((selector, p)) for p in (OA.prefix, OA.suffix)]
        if of == OA.exact and quote and span != selector and file in CHANGED:
            before, after = context
            if before is not None and after is not None:
                start = int(at.partition(",")[0])
                spans[span] = CHANGED[file], Anchor(start, quote, before, after)
    anchors: dict[str, set[Anchor]] = {name: set() for name in CHANGED.values()}
    for name, anchor in spans.values():
        anchors[name].add(anchor)
    facts: dict[str, PublishedFact] = {}
    ours = (f"{BASE}claim/", f"{BASE}fact/")
    for subject, of in texts:
        if of == KG.kind and subject.startswith(ours):
            facts.setdefault(subject, PublishedFact()).kind = texts[subject, of]
    for subject, of, value in links:
        if of == KG.factAbout and subject.startswith(ours):
            facts.setdefault(subject, PublishedFact()).about = value
        if of == KG.fact and subject.startswith(ours):
            at = {v for s, p, v in links if (s, p) == (subject, PROV.wasDerivedFrom)}
            rests = {spans[span] for span in at & spans.keys()}
            if rests:
                facts.setdefault(value, PublishedFact()).anchors |= rests
    return anchors, facts


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(st.one_of(sound, passages), max_size=25),
    block=st.integers(50, 2000),
    few=st.integers(0, 3),
    ended=st.booleans(),
)
def test_of_a_dump_is_read_what_all_its_quads_say(
    dump: Path, lines: list[bytes], block: int, few: int, ended: bool
) -> None:
    data = SUMS + b"".join(lines)
    dump.write_bytes(data if ended else data[:-1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(baseline, "BLOCK", block)
        patch.setattr(baseline, "_FEW", few)
        found = read_baseline(dump, Iris(BASE), ARTICLES)
    assert (found.anchors, found.facts) == by_all_quads(data)


@pytest.mark.parametrize("of", [KG.fact, KG.kind, KG.line])
def test_a_dump_that_was_cut_off_is_not_read(dump: Path, of: NamedNode) -> None:
    subject = SPANS[0] if of == KG.line else CLAIMS[0]
    dump.write_bytes(SUMS + quad(subject, of, f"<{FACTS[0]}>")[:-20])
    with pytest.raises(BaselineError):
        read_baseline(dump, Iris(BASE), ARTICLES)
