"""What `kg serve` tells those who run it: /health, /metrics, and the lines of its log."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sample import REPOSITORY, Folder
from serving import Server, serving

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(
    rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (\d+(?:\.\d+)?(?:e[+-]\d+)?|\+Inf|NaN)"
)
TYPES = {"counter", "gauge", "histogram"}


class Family(NamedTuple):
    """A metric, with its samples by name and labels."""

    type: str
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> dict[str, Family]:
    """Read the text format, strictly: each family once, HELP and TYPE before all its samples."""
    assert text.endswith("\n") and not text.endswith("\n\n")
    families: dict[str, Family] = {}
    helped = typed = ""
    for line in text.removesuffix("\n").split("\n"):
        if found := re.fullmatch(rf"# HELP ({NAME}) (\S.*\S)", line):
            helped = found[1]
            assert helped not in families, f"{helped} comes twice"
        elif found := re.fullmatch(rf"# TYPE ({NAME}) (\w+)", line):
            typed = found[1]
            assert typed == helped, f"{typed} has no HELP before it"
            assert found[2] in TYPES
            families[typed] = Family(found[2], {})
        else:
            found = SAMPLE.fullmatch(line)
            assert found, f"not a sample: {line!r}"
            family = families[typed]
            suffixes = ("_bucket", "_sum", "_count") if family.type == "histogram" else ("",)
            assert found[1] in {typed + suffix for suffix in suffixes}, line
            labels = re.findall(LABEL, found[2] or "")
            key = found[1], frozenset(labels)
            assert len(key[1]) == len({name for name, _ in labels}) == len(labels)
            assert key not in family.samples, f"{line} comes twice"
            family.samples[key] = float(found[found.lastindex or 0])
    for name, family in families.items():
        assert (family.type == "counter") == name.endswith("_total"), name
        if family.type == "histogram":
            hold_the_histogram(name, family)
    return families


def hold_the_histogram(name: str, family: Family) -> None:
    buckets = [
        (float(dict(labels)["le"]), value)
        for (sample, labels), value in family.samples.items()
        if sample == f"{name}_bucket"
    ]
    assert buckets == sorted(buckets), "buckets are not in order"
    counts = [value for _, value in buckets]
    assert counts == sorted(counts), "a bucket holds less than a smaller one"
    assert len(dict(buckets)) == len(buckets)
    assert buckets[-1] == (float("inf"), family.samples[f"{name}_count", frozenset()])
    assert family.samples[f"{name}_sum", frozenset()] >= 0


def value(families: dict[str, Family], name: str, **labels: str) -> float:
    return families[name].samples.get((name, frozenset(labels.items())), 0.0)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "kg_x 1\n",
        "# TYPE kg_x gauge\nkg_x 1\n",
        "# HELP kg_x X.\n# TYPE kg_x gauge\nkg_x 1",
        "# HELP kg_x X.\n# TYPE kg_x gauge\nkg_x 1\nkg_x 1\n",
        "# HELP kg_x X.\n# TYPE kg_x gauge\nkg_y 1\n",
        "# HELP kg_x X.\n# TYPE kg_x counter\nkg_x 1\n",
        '# HELP kg_x X.\n# TYPE kg_x gauge\nkg_x{a="b" } 1\n',
        '# HELP kg_x X.\n# TYPE kg_x gauge\nkg_x{a="b",a="c"} 1\n',
        '# HELP kg_x X.\n# TYPE kg_x gauge\nkg_x{a="\\x"} 1\n',
        "# HELP kg_x X.\n# TYPE kg_x histogram\n"
        'kg_x_bucket{le="1"} 2\nkg_x_bucket{le="+Inf"} 1\nkg_x_sum 1\nkg_x_count 1\n',
    ],
)
def test_the_reader_is_strict(wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        parsed(wrong)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("metrics")
    return Folder(root / "folder").publish(root / "public")


@pytest.fixture
def server(published: Path) -> Iterator[Server]:
    with serving(published, "--timeout", "1") as server:
        yield server


def metrics(server: Server) -> dict[str, Family]:
    reply = server.ask("GET", "/metrics")
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return parsed(reply.text)


def asked(pattern: str) -> str:
    query = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    return "/sparql?query=" + "".join(f"%{byte:02x}" for byte in query.encode())


def test_requests_are_counted(server: Server) -> None:
    assert value(metrics(server), "kg_requests_total", route="sparql", status="200") == 0
    for target in (asked("?s ?p ?o"), asked("?s a ?o"), asked("?s ?p ?o")):
        assert server.ask("GET", target).status == 200
    assert server.ask("GET", "/sparql?query=SELECT").status == 400
    assert server.ask("GET", "/id/acme").status == 303
    assert server.ask("GET", "/id/nobody").status == 404
    dump = server.ask("GET", "/data/kg.nq", headers={"Accept-Encoding": "identity"})
    for strange in ("/%22%0a%7b", "/a%5c", "/sparql%22"):
        assert server.ask("GET", strange).status == 404
    told = metrics(server)
    counts = {
        ("sparql", "200"): 3,
        ("sparql", "400"): 1,
        ("id", "303"): 1,
        ("id", "404"): 1,
        ("data", "200"): 1,
        ("other", "404"): 3,
        ("other", "200"): 1,  # the metrics that were asked for first
    }
    for (route, status), count in counts.items():
        assert value(told, "kg_requests_total", route=route, status=status) == count
    total = sum(told["kg_requests_total"].samples.values())
    assert total == sum(counts.values())
    assert told["kg_request_seconds"].samples["kg_request_seconds_count", frozenset()] == total
    assert value(told, "kg_response_bytes_total") > len(dump.body)
    assert value(told, "kg_triples") > 0
    page = (REPOSITORY / "docs/serve.md").read_text("utf-8")
    assert set(told) == set(re.findall(r"`(kg_\w+)(?:\{.*?\})?`[, |]", page)) - {"kg_serve"}
    (build,) = told["kg_build_info"].samples
    assert server.ask("GET", "/health").text == f"serving build {dict(build[1])['build']}\n"


def test_workers_and_what_waits_are_counted(server: Server) -> None:
    many = ".".join(f"?a{n} ?b{n} ?c{n}" for n in range(6))
    assert server.ask("GET", asked(many)).status == 503
    told = metrics(server)
    assert value(told, "kg_workers_ended_total", kind="query", reason="late") == 1
    for kind in ("query", "page"):
        for name in ("kg_tasks_running", "kg_tasks_waiting"):
            assert (name, frozenset({("kind", kind)})) in told[name].samples


def test_metrics_are_told_to_this_machine_alone(published: Path) -> None:
    """Not to whoever comes through a proxy either, whether the proxy is believed or not."""
    for options in ((), ("--proxy", "127.0.0.1")):
        with serving(published, *options) as server:
            assert server.ask("GET", "/metrics").status == 200
            assert server.ask("GET", "/metrics", source="127.0.0.2").status == 403
            for said in (
                {"X-Forwarded-For": "203.0.113.9"},
                {"X-Forwarded-For": "127.0.0.1"},
                {"X-Forwarded-For": "127.0.0.1, 203.0.113.9"},
                {"Forwarded": "for=127.0.0.1"},
                {"Via": "1.1 a"},
            ):
                assert server.ask("GET", "/metrics", headers=said).status == 403, said


def test_a_line_is_written_for_each_request(published: Path, tmp_path: Path) -> None:
    target = asked("?s ?p 'x\u2028'")
    for options in ((), ("--log-queries",)):
        log = tmp_path / "log"
        with serving(published, *options, "--proxy", "127.0.0.1", log=log) as server:
            server.ask("GET", target, headers={"X-Forwarded-For": "203.0.113.9"})
            server.ask("HEAD", "/data/%0akg%22.nq")
            began = time.monotonic()
            while time.monotonic() - began < 5 and b".nq" not in log.read_bytes():
                time.sleep(0.05)
        loaded, first, second = map(json.loads, log.read_text("utf-8").splitlines())
        assert loaded["event"] == "build loaded"
        fixed = {"client": "203.0.113.9", "method": "GET", "path": "/sparql", "status": 200}
        assert first.items() >= fixed.items()
        assert first.get("query") == (target.partition("?")[2] if options else None)
        assert second["client"] == "127.0.0.1"
        assert (second["method"], second["path"]) == ("HEAD", "/data/%0akg%22.nq")
        assert second["status"] == 404
        for line in (first, second):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
            assert line["ms"] > 0
            expected = {"time", "client", "method", "path", "status", "bytes", "ms"}
            assert line.keys() - {"query"} == expected
