"""What can be told of a SPARQL 1.1 query by reading it, before anybody answers it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from pyoxigraph import Store

from kg.asking.tokens import COMMENT, STRING, token
from kg.confined import KilledError, confined, nothing_opened
from kg.model import Place, Problem

MAX_DEPTH = 200
"""How deep brackets may nest, and how many signs may follow one another, in a query.

Oxigraph's parser recurses: some thousands of ``{`` or ``!`` overflow the stack and end the process.
Queries are asked in a child (`kg.confined`); this keeps those of a folder from ending its build.
"""

LONG = 4000
"""Characters of a query that is tried in a child first: chains of signs overflow the stack too."""

PARSING = 10.0
"""Seconds that parsing such a query may take."""

_IRI = r"""<[^<>"{}|^`\\\s]*>"""
_WITH_IRIS = re.compile(f"{COMMENT}|{STRING}|{_IRI}", re.DOTALL)
_WITHOUT = re.compile(f"{COMMENT}|{STRING}", re.DOTALL)
_SERVICE = re.compile(r"(?<![?$:/#A-Z_a-z-])SERVICE(?![\w:-])", re.IGNORECASE)

# Of some length at most, for at each letter of a text it is asked whether a colon ends it.
_PREFIX = r"(?:[^\W\d_](?:[\w.-]{0,99}[\w-])?)?"
_LOCAL = r"(?:[\w:%-]|\.(?=[\w:%.\\-])|\\[_~.!$&'()*+,;=/?\#@%-])*"
_TOKEN = re.compile(
    rf"{COMMENT}|{STRING}|(?P<iri>{_IRI})|[?$]\w+|_:[\w.-]*"
    rf"|(?P<name>(?P<prefix>{_PREFIX}):(?P<local>{_LOCAL}))|(?P<word>\w+)|(?P<sign>[{{}}])",
    re.DOTALL,
)
"""The tokens of SPARQL 1.1, section 19.8, as far as names are to be told from what is none."""


query_problem = partial(Problem, check="queries")
"""Makes a problem of a query."""


_PROLOGUE = (("word", "PREFIX"), ("word", "BASE"))
_UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"]
)


class Form(StrEnum):
    """What a query asks for (SPARQL 1.1, section 16)."""

    SELECT = "select"
    ASK = "ask"
    CONSTRUCT = "construct"
    DESCRIBE = "describe"


class Name(NamedTuple):
    """An IRI that a query writes out or by a prefix, and where."""

    iri: str
    shown: str
    offset: int


_CHANGING = re.compile(r"\b(?:RAND|NOW|UUID|STRUUID|BNODE)\b|\\u", re.IGNORECASE)
"""What may give another answer next time; the escape may spell any of them."""


def form(text: str) -> Form | None:
    """Return the form of a query; None for what is no query."""
    words = (match["word"] for match in _TOKEN.finditer(text) if match["word"])
    return next((Form(word.lower()) for word in words if word.lower() in list(Form)), None)


def is_ordered(text: str) -> bool:
    """Whether a query orders its rows: ORDER BY outside all braces, so not of a sub-query."""
    depth, last = 0, ""
    for match in _TOKEN.finditer(text):
        depth += {"{": 1, "}": -1}.get(match["sign"] or "", 0)
        if depth == 0 and (last, (match["word"] or "").lower()) == ("order", "by"):
            return True
        last = (match["word"] or "").lower()
    return False


def is_lasting(text: str) -> bool:
    """Whether a query is answered the same each time it is asked of the same data."""
    return not _CHANGING.search(text)


def names(text: str, prefixes: Mapping[str, str]) -> Iterator[Name]:
    """Yield the IRIs of a query, declarations aside; a prefix that is not known yields none."""
    known, declared = dict(prefixes), ""
    for match in _TOKEN.finditer(text):
        if (match["word"] or "").lower() in ("prefix", "base"):
            declared = match["word"].lower()
        elif declared == "prefix" and match["name"]:
            declared = f":{match['prefix']}"
        elif declared and match["iri"]:
            if declared.startswith(":"):
                known[declared[1:]] = match["iri"][1:-1]
            declared = ""
        elif match["iri"]:
            yield Name(match["iri"][1:-1], match["iri"], match.start())
        elif match["name"] and match["prefix"] in known:
            local = re.sub(r"\\(.)", r"\1", match["local"])
            yield Name(known[match["prefix"]] + local, match["name"], match.start())


def used_prefixes(text: str) -> set[str]:
    """Return the prefixes that a query uses, or declares."""
    return {match["prefix"] for match in _TOKEN.finditer(text) if match["name"]}


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the declarations of the prefixes that it uses, and does not declare."""
    declared = re.findall(rf"(?i)\bPREFIX\s+({_PREFIX}):", _WITHOUT.sub(" ", text))
    lines = (
        f"PREFIX {prefix}: <{prefixes[prefix]}>\n"
        for prefix in sorted(used_prefixes(text) & prefixes.keys() - set(declared))
    )
    return "".join(lines) + text


def with_columns(text: str, names: Iterable[str]) -> str | None:
    """Return a SELECT * with its columns named, in the order in which it mentions them.

    SPARQL leaves their order open. ``names`` are all that are in scope. None for other queries.
    """
    here = token(text, 0)
    while here.kind != "end" and (here.kind, here.text) != ("word", "SELECT"):
        here = token(text, here.end)
    star = token(text, here.end)
    if star.text in ("DISTINCT", "REDUCED"):
        star = token(text, star.end)
    if star.text != "*":
        return None
    order: dict[str, int] = {}
    while (here := token(text, here.end)).kind != "end":
        if here.kind == "variable":
            order.setdefault(here.text[1:], len(order))
    columns = sorted(names, key=lambda name: order.get(name, len(order)))
    if not columns:
        return None
    return f"{text[: star.start]}{' '.join(f'?{name}' for name in columns)} {text[star.end :]}"


def refusal(text: str, path: str = "query") -> Problem | None:
    """Return why a query is not even parsed, or None: it is an update, or calls others."""
    here = token(text, 0)
    while here.kind in ("iri", "name") or (here.kind, here.text) in _PROLOGUE:
        here = token(text, here.end)
    if here.kind == "word" and here.text in _UPDATES:
        mend = "ask by SELECT, ASK, CONSTRUCT or DESCRIBE"
        message = f"{here.text} is an update, and nothing is updated here"
        return query_problem(_place(text, here.start, path), message, mend)
    if calls_service(text):
        mend = "ask the other endpoint yourself; nothing here reaches the network"
        return query_problem(Place(path), "the query calls SERVICE", mend)
    return None


def syntax_problem(text: str, prefixes: Mapping[str, str], path: str = "query") -> Problem | None:
    """Return what is wrong with the syntax of a query, at its place, or None."""
    problem = refusal(text, path)
    if problem is not None:
        return problem
    if nests_deeply(text):
        mend = f"nest less than {MAX_DEPTH} deep"
        return query_problem(Place(path), "the query nests too deeply", mend)
    try:
        if len(text) > LONG:
            confined(partial(_try, text, prefixes), PARSING)
        _ask_nothing(text, prefixes)
    except KilledError as error:
        return query_problem(Place(path), f"the query {error}", "simplify it")
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        return answer_problem(error, path)
    return None


def _try(text: str, prefixes: Mapping[str, str]) -> None:
    with suppress(Exception):
        _ask_nothing(text, prefixes)


def _ask_nothing(text: str, prefixes: Mapping[str, str]) -> None:
    """Ask an empty store, which parses a query; some are answered at once, so nothing is opened.

    `calls_service` looks only at the text, and may miss a SERVICE that Oxigraph finds.
    """
    with nothing_opened():
        Store().query(text, prefixes=dict(prefixes))


def answer_problem(error: Exception, path: str = "query") -> Problem:
    """Return the problem of a query that cannot be parsed or answered."""
    if isinstance(error, UnicodeEncodeError):
        return query_problem(Place(path), "the query is not UTF-8", "write it in UTF-8")
    reason = " ".join(str(getattr(error, "msg", error)).split())
    at = re.match(r"error at (\d+):(\d+): ", reason)
    if at is None:
        return query_problem(Place(path), reason, "mend the query")
    place = Place(path, int(at[1]), int(at[2]))
    if "Prefix not found" in reason:
        return query_problem(place, "the prefix here is not known", "declare it by PREFIX")
    said = [word for word in reason[at.end() :].split(", ") if re.match(r"[A-Z]\w* \w", word)]
    if said:  # a sentence among the signs tells what is wrong
        told = said[0].replace("The ", "the ", 1)
        return query_problem(place, told, "mend the query, here or before")
    # What else Oxigraph's parser expected is a list of signs, or a guess that leads astray.
    return query_problem(place, "the syntax is broken here, or just before", "mend the query")


def calls_service(text: str) -> bool:
    """Whether a query holds the keyword SERVICE (SPARQL 1.1, section 19.2 unescapes it first).

    ``<`` may begin an IRI or be the operator, which a look at the characters cannot tell: the query
    is read both ways, and either will do.
    """
    plain = re.sub(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})", _unescaped, text)
    readings = (_WITH_IRIS.sub(" ", plain), _WITHOUT.sub(" ", plain))
    return any(_SERVICE.search(reading) for reading in readings)


def nests_deeply(text: str) -> bool:
    """Whether a query nests deeper, or has more signs in a row, than `MAX_DEPTH`."""
    bare, depth = "".join(_WITH_IRIS.sub(" ", text).split()), 0
    for c in bare:
        depth += (c in "{([") - (c in "})]")
        if depth > MAX_DEPTH:
            return True
    signs = rf"[!+*?^/-]{{{MAX_DEPTH}}}|(?:\bNOT\b){{{MAX_DEPTH}}}"
    return re.search(signs, bare, re.IGNORECASE) is not None


def _place(text: str, offset: int, path: str) -> Place:
    before = text[:offset]
    return Place(path, before.count("\n") + 1, offset - before.rfind("\n"))


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else ""
