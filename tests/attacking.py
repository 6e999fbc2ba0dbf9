"""What attacks on `kg serve` are made of: queries that no server answers, and how to ask them."""

from __future__ import annotations

import hashlib
import json
import random
import re
import time
from pathlib import Path

from serving import Reply, Server

TIMEOUT = 2.0
"""What servers under attack are told; seconds."""

REFUSED = {400, 413, 503, 507}

POINT = 'ASK { ?s rdfs:label "Golden Cog"@en }'
"""A good query. A comment tells it from others, for answers are kept."""

FOUR = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
ALL = "CONCAT(STR(?a), STR(?d), STR(?g), STR(?j))"

KILLERS = {
    "braces": "ASK " + "{" * 3200 + "}" * 3200,
    "brackets": "ASK { FILTER(" + "(" * 6400 + "1" + ")" * 6400 + ") }",
    "open brackets": "ASK { FILTER(?a<?b" + "(" * 6400,
    "brackets behind an IRI that is none": "ASK { FILTER(?a<?b && " + "(" * 6400 + "1>2",
    "braces in what looks like a text": 'ASK { FILTER(1<2) #"\n' + "{" * 6400 + "}" * 6400 + " }",
    "sum": "ASK { FILTER(" + "1+" * 40_000 + "1) }",
    "spaced sum": "ASK { FILTER(" + "1 + " * 20_000 + "1) }",
    "disjunction": "ASK { FILTER(" + "?a||" * 20_000 + "?a) }",
    "negations": "ASK { FILTER(" + "!" * 90_000 + "true) }",
    "negations apart": "ASK { FILTER(" + "! " * 40_000 + "true) }",
    "minuses": "ASK { FILTER(" + "-" * 50_000 + "1) }",
    "sequence": "ASK { ?s " + "/".join(["rdfs:label"] * 8000) + " ?o }",
    "inverse": "ASK { ?s " + "^" * 50_000 + "rdfs:label ?o }",
    "stars": "ASK { ?s rdfs:label" + "*" * 5000 + " ?o }",
    "nested stars": "SELECT * { ?s " + "(" * 150 + "!rdf:nil" + ")*" * 150 + " ?o . " + FOUR + " }",
    "endless paths": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"?a{n} (!rdf:nil|^!rdf:nil)* ?b{n} ." for n in range(5))
    + " }",
    "optionals": "SELECT * { " + "OPTIONAL { ?s ?p ?o " * 3000 + "}" * 3000 + " }",
    "unions": "SELECT * { {?a ?b ?c}" + " UNION {?a ?b ?c}" * 5000 + " }",
    "empty unions": "ASK { {}" + " UNION {}" * 10_000 + " }",
    "minus": "SELECT * { ?a ?b ?c" + " MINUS {?a ?b ?c}" * 5000 + " }",
    "sub-selects": "SELECT * " + "{ SELECT * " * 3000 + "{}" + "}" * 3000,
    "collection": "ASK { ?s ?p " + "(" * 9000 + ")" * 9000 + " }",
    "anonymous": "ASK { ?s ?p " + "[ ?p " * 9000 + "1" + "]" * 9000 + " }",
    "existences": "ASK { " + "FILTER EXISTS { " * 3000 + "}" * 3000 + " }",
    "ifs": "SELECT (" + "IF(true," * 4000 + "1" + ",2)" * 4000 + " AS ?x) {}",
    "cartesian, ordered": f"SELECT * {{ {FOUR} }} ORDER BY ?a ?d ?g",
    "cartesian, distinct": f"SELECT DISTINCT * {{ {FOUR} }}",
    "cartesian, grouped": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {FOUR} }} GROUP BY ?a ?d ?g",
    "count": f"SELECT (COUNT(*) AS ?n) {{ {FOUR} }}",
    "late limit": f"SELECT * {{ {FOUR} }} OFFSET 100000000000 LIMIT 1",
    "construct": f"CONSTRUCT {{ ?a ?b ?l }} WHERE {{ {FOUR} }}",
    "describe": f"DESCRIBE * {{ {FOUR} }}",
    "never true": f"ASK {{ {FOUR} FILTER(STRLEN({ALL}) < 0) }}",
    "doubling": "SELECT (STRLEN(?x40) AS ?n) { BIND('x' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "replaced": "SELECT (STRLEN(?x12) AS ?n) { BIND('xxxxxxxxxx' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{n}, 'x', 'xxxxxxxxxx') AS ?x{n + 1})" for n in range(12))
    + " }",
    "typed": "SELECT (STRLEN(STR(?x40)) AS ?n) { BIND('x' AS ?x0) "
    + " ".join(
        f"BIND(STR(STRDT(CONCAT(STR(?x{n}), STR(?x{n})), xsd:string)) AS ?x{n + 1})"
        for n in range(40)
    )
    + " }",
    "one long text": f"SELECT (GROUP_CONCAT(STR(?a)) AS ?all) {{ {FOUR} }}",
    "many values": f"SELECT * {{ VALUES ?v {{ {'1 ' * 40_000}}} {FOUR} }} ORDER BY ?a",
    "crossed values": "SELECT * { "
    + " ".join(f"VALUES ?v{n} {{ {'1 2 ' * 1000}}}" for n in range(8))
    + " } ORDER BY ?v1",
    "regex": f"ASK {{ {FOUR} FILTER(REGEX({ALL}, '^(((a|:)+)+)+$')) }}",
    "hashes": f"SELECT (MAX(SHA512(CONCAT(?c, ?f))) AS ?n) {{ {FOUR} }}",
    "random": f"SELECT * {{ {FOUR} }} ORDER BY RAND()",
    "lateral": "SELECT * { " + FOUR + " LATERAL { SELECT * { ?x ?y ?z } ORDER BY ?z LIMIT 1 } }",
    "graphs": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"GRAPH ?g{n} {{ ?a{n} ?b{n} ?c{n} }}" for n in range(6))
    + " }",
}
"""What no server can answer, or none should."""

ODD = {
    "alternatives": "ASK { ?s " + "|".join(["rdfs:label"] * 8000) + " ?o }",
    "encoded": "SELECT (STRLEN(?x40) AS ?n) { BIND('%' AS ?x0) "
    + " ".join(f"BIND(ENCODE_FOR_URI(?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "huge regex": "ASK { FILTER(REGEX('a', '" + "(a{1000}){1000}" * 20 + "')) }",
    "a comment of 99 kB": "ASK {} #" + "x" * 99_000,
    "an IRI of 99 kB": "ASK { <x:" + "y" * 99_000 + "> ?p ?o }",
    "a name of 99 kB": "ASK { rdfs:" + "y" * 99_000 + " ?p ?o }",
    "a variable of 99 kB": "ASK { ?" + "y" * 99_000 + " ?p ?o }",
    "a text of 99 kB": "ASK { ?s ?p '" + "y" * 99_000 + "' }",
    "a text that does not end": "ASK { ?s ?p '" + "y" * 99_000,
    "quotes": "ASK { ?s ?p " + "'" * 99_000,
    "backslashes": "ASK { ?s ?p '" + "\\" * 99_000,
    "spaces": "ASK {" + " " * 99_000 + "}",
    "lines": "ASK {" + "\n" * 99_000 + "}",
    "colons": ":" * 99_000,
    "dots": "ASK { a:" + "." * 99_000 + "}",
    "less than": "ASK { FILTER(1" + "<" * 90_000 + "2) }",
    "prefixes": "\n".join(f"PREFIX p{n}: <x:{n}>" for n in range(4000)) + " ASK {}",
    "bases": "BASE <x:a/b/c/d>" * 5000 + " ASK {}",
    "graphs of the dataset": "".join(f"FROM NAMED <x:{n}>" for n in range(5000)).join(
        ("SELECT * ", " {}")
    ),
    "NUL": "ASK { ?s ?p '\0' }",
    "an escaped NUL": "ASK { ?s ?p '\\u0000' }",
    "lone surrogate": "ASK { ?s ?p '\\uD800' }",
    "pair of surrogates": "ASK { ?s ?p '\\uD83D\\uDE00' }",
    "beyond Unicode": "ASK { ?s ?p '\\UFFFFFFFF' }",
    "surrogate in an IRI": "ASK { ?s ?p <x:\\uDFFF> }",
    "marks of direction": "ASK { ?s ?p '\u202e\u2066' }",
    "a byte order mark": "\ufeffASK {}",
    "triple term": "SELECT * { ?s ?p <<( ?a ?b ?c )>> }",
    "deep triple terms": "SELECT * { ?s ?p " + "<<( ?a ?b " * 3000 + "?c" + " )>>" * 3000 + " }",
    "reified triple": "SELECT * { << ?s ?p ?o >> ?q ?r }",
    "annotation": "SELECT * { ?s ?p ?o {| ?q ?r |} }",
    "direction": "ASK { ?s ?p 'x'@ar--rtl }",
    "an update": "INSERT DATA { <x:a> <x:b> <x:c> }",
    "drop": "DROP ALL",
    "nothing": "",
    "only a comment": "# SELECT * {}",
    "big numbers": "SELECT (1e999999999 * 9999999999999999999999999999 AS ?x) {}",
    "big limit": "SELECT * {} LIMIT 99999999999999999999999",
    "dates": 'SELECT (xsd:dateTime("99999999999-01-01T00:00:00Z") AS ?x) {}',
    "durations": 'SELECT ("P99999999999Y"^^xsd:duration + xsd:date("2020-01-01") AS ?x) {}',
    "substring": "SELECT (SUBSTR('abc', -9223372036854775808, 9223372036854775807) AS ?x) {}",
    "division": "SELECT (-9223372036854775808 / -1 AS ?x) (1/0 AS ?y) {}",
    "bad regex": "ASK { FILTER(REGEX('a', '(', 'qqqq')) }",
}
"""What is strange, but does no harm: it may be answered."""


def ask(
    server: Server,
    query: str | bytes,
    accept: str = "*/*",
    source: str = "127.0.0.1",
    path: str = "/sparql",
) -> Reply:
    """Ask a query; the client checks that the body is as long as the head says."""
    headers = {"Content-Type": "application/sparql-query", "Accept": accept}
    body = query.encode() if isinstance(query, str) else query
    return server.ask("POST", path, body, headers, source=source)


def good(server: Server, source: str = "127.0.0.1") -> float:
    """Ask a good query that was not asked before; return how long it took."""
    began = time.monotonic()
    reply = ask(server, f"{POINT} #{random.random()}", source=source)
    assert reply.status == 200, (reply, time.monotonic() - began)
    assert json.loads(reply.body)["boolean"] is True
    return time.monotonic() - began


def memory(server: Server) -> int:
    """Return the kilobytes of the web process."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def metric(server: Server, name: str) -> int:
    """Return a number that the server counts."""
    found = re.search(rf"^{re.escape(name)} (\d+)$", server.ask("GET", "/metrics").text, re.M)
    return int(found[1]) if found else 0


def seal(public: Path) -> None:
    """Write the checksums of a build whose files were changed."""
    sums = public / "data/SHA256SUMS"
    names = [line.partition("  ")[2] for line in sums.read_text().splitlines()]
    digests = [hashlib.sha256((public / "data" / name).read_bytes()).hexdigest() for name in names]
    lines = (f"{digest}  {name}\n" for digest, name in zip(digests, names, strict=True))
    sums.write_text("".join(lines))
