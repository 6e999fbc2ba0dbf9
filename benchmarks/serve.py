#!/usr/bin/env python3
"""Measures `kg serve` beside Oxigraph's server and rdflib-endpoint, at peace and under attack.

    make bench-serve                     all of it, about half an hour
    python benchmarks/serve.py --quick   a look whether all works, about two minutes

Everything runs on this machine over loopback. The tables go to the standard output in Markdown,
what is being done to the standard error. docs/serve-benchmarks.md says what is compared, and how.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote_plus

from common.environments import ROOT
from common.printing import table, tell
from loopback.dataset import RDFS_LABEL, SCHEMA, Data, rows_of
from loopback.good import CONNECTIONS, HOT, Measured, ask
from loopback.hostile import ONE, SCENARIOS, SLOW, Fared, Scenario, withstand
from loopback.load import Client
from loopback.printing import machine
from loopback.servers import Server, ServerError, servers

OURS, OXIGRAPH, ENDPOINT = "kg serve", "Oxigraph", "rdflib-endpoint"
TIMEOUT = 10.0
"""Seconds that a query may take, the default of `kg serve`; Oxigraph gets the same."""

OTHERS = {
    "count": f"SELECT (COUNT(?s) AS ?n) {{ ?s a <{SCHEMA}Organization> }}",
    "filter": f"SELECT ?s ?n {{ ?s <{SCHEMA}numberOfEmployees> ?n FILTER(?n > 89900) }}",
    "group": f"SELECT ?y (COUNT(?s) AS ?n) {{ ?s <{SCHEMA}foundingDate> ?y }} GROUP BY ?y",
    "join": (
        f"SELECT ?s ?l ?d {{ ?s <{SCHEMA}foundingDate> ?y ; <{SCHEMA}knows>/<{RDFS_LABEL}> ?l "
        f'FILTER(STR(?y) = "1900") OPTIONAL {{ ?s <{SCHEMA}description> ?d }} }}'
    ),
}
"""Queries that all servers must answer alike before anything is timed, beside point queries."""


@dataclass
class Round:
    """The rounds of one server in one table."""

    runs: list[Measured] = field(default_factory=list)
    cpu: float = 0.0

    def median(self, what: str) -> float:
        return statistics.median(getattr(run, what) for run in self.runs)

    @property
    def failed(self) -> int:
        return sum(run.failed for run in self.runs)


class Bench:
    """All measurements, in their order."""

    def __init__(self, data: Data, found: dict[str, Server], quick: bool) -> None:
        self.data = data
        self.servers = found
        self.quick = quick
        self.targets: list[tuple[str, str, bool]] = []

    def point(self, server: Server, seconds: float, hot: bool = False) -> Measured:
        """Let the good client ask one server."""
        return ask(
            server.port,
            server.path,
            seconds,
            start=self.data.START,
            entities=self.data.size,
            values=2 * self.data.ROWS,
            hot=hot,
        )

    def compare(self) -> None:
        """End unless all servers give the right answers."""
        wanted = 20 if self.quick else 500
        for server in self.servers.values():
            tell(f"Comparing the answers of {server.name}")
            numbers = {
                get(server, f"SELECT ?p ?o {{ <{self.data.iri(number)}> ?p ?o }}"): number
                for number in range(0, self.data.size, self.data.size // wanted)
            }
            kept = asked(server, numbers)
            for request, number in numbers.items():
                if rows_of(kept.get(request, NOTHING), "p", "o") != self.data.entities[number]:
                    give_up(f"{server.name} answers otherwise of {self.data.iri(number)}")
        for name, text in OTHERS.items():
            answers = {}
            for server in self.servers.values():
                request = get(server, text)
                bindings = json.loads(asked(server, [request]).get(request, NOTHING))
                answers[server.name] = sorted(
                    json.dumps({key: row[key]["value"] for key in sorted(row)})
                    for row in bindings["results"]["bindings"]
                )
            if len(set(map(str, answers.values()))) > 1 or not all(answers.values()):
                sizes = {key: len(rows) for key, rows in answers.items()}
                give_up(f"the servers do not agree on {name}: rows {sizes}")

    def throughput(self, hot: bool) -> None:
        """Measure rounds of every server in turn, and print the table."""
        rounds, seconds = (1, 2.0) if self.quick else (5, 6.0)
        done = {name: Round() for name in self.servers}
        for server in self.servers.values():
            self.point(server, 1 if self.quick else 3, hot)
        for number in range(rounds):
            for name, server in self.servers.items():
                tell(f"{'Hot' if hot else 'Cold'} round {number + 1} of {rounds}: {name}")
                before = server.cpu()
                done[name].runs.append(self.point(server, seconds, hot))
                done[name].cpu += server.cpu() - before
        kind = f"one of {HOT} queries" if hot else "no query text twice"
        print(f"\n### Point query, {CONNECTIONS} connections, {kind}\n")
        print(f"Medians of {rounds} rounds of {seconds:g} s, in turn.\n")
        rows = []
        for name, found in done.items():
            answered = sum(run.answered for run in found.runs)
            memory = self.servers[name].memory_held()
            rows.append(
                [
                    name,
                    f"{found.median('rate'):,.0f}",
                    *(ratio(done, name, other) for other in (OXIGRAPH, ENDPOINT)),
                    f"{found.median('p50'):.2f}",
                    f"{found.median('p99'):.2f}",
                    f"{found.cpu / max(1, answered) * 1000:.3f}",
                    f"{memory[0]:,.0f} ({memory[1]:,.0f})",
                    f"{found.failed:,} of {answered + found.failed:,}",
                ]
            )
        table(
            "server | requests/s | × Oxigraph | × rdflib-endpoint | p50 ms | p99 ms"
            " | CPU s / 1,000 | memory MB | failed",
            rows,
        )
        if not hot:
            self._aim_throughput(done)

    def _aim_throughput(self, done: dict[str, Round]) -> None:
        if OURS not in done:
            return
        ours = done[OURS]
        for other, least in ((OXIGRAPH, 0.25), (ENDPOINT, 12)):
            if other in done:
                times = ours.median("rate") / max(1e-9, done[other].median("rate"))
                self.aim(f"requests/s ≥ {least:g} × {other}'s", f"{times:.2f} ×", times >= least)
        if OXIGRAPH in done:
            times = ours.median("p99") / max(1e-9, done[OXIGRAPH].median("p99"))
            self.aim("p99 ≤ 5 × Oxigraph's", f"{times:.1f} ×", times <= 5)
        self.aim("no failed request", f"{ours.failed:,} failed", ours.failed == 0)

    def attacks(self) -> None:
        """Attack each server, and print how the good client fared."""
        seconds, repeats = (4.0, 1) if self.quick else (20.0, 3)
        rows = []
        for server in self.servers.values():
            ours = server.name == OURS
            for scenario in SCENARIOS if ours else (ONE, SLOW):
                runs = []
                for number in range(repeats if ours else 1):
                    tell(f"{server.name}: {scenario.name}, {number + 1}")
                    # Anew each time: what a server remembers of clients is no part of the next run.
                    server.stop()
                    server.start()
                    self.point(server, 1)
                    runs.append(
                        withstand(server, scenario, lambda s, at=server: self.point(at, s), seconds)
                    )
                rows.append(self._fared(server, scenario, runs))
        print(f"\n### The good client under attack, {seconds:g} s each\n")
        table(
            "server | attack | requests/s before | under it | share | p99 ms | failed good requests"
            " | peak MB | what the attackers got",
            rows,
        )

    def _fared(self, server: Server, scenario: Scenario, runs: list[Fared]) -> list[str]:
        share = statistics.median(run.share for run in runs)
        failed = sum(run.under.failed for run in runs)
        reasons = sorted({reason for run in runs for reason in run.under.failures})
        fates = sorted({run.fate for run in runs})
        answers = sum((run.answers for run in runs), start=runs[0].answers.__class__())
        if server.name == OURS:
            whole = share >= 0.5 and failed == 0 and not any(run.fate for run in runs)
            self.aim(
                f"{scenario.name}: share ≥ 50 %, no failed good request",
                f"{share:.0%}, {failed:,} failed",
                whole,
            )
        return [
            server.name,
            scenario.name,
            f"{statistics.median(run.before.rate for run in runs):,.0f}",
            f"{statistics.median(run.under.rate for run in runs):,.0f}",
            f"{share:.0%}" + "".join(f", **{fate}**" for fate in fates if fate),
            f"{statistics.median(run.under.p99 for run in runs):,.1f}" if share else "–",
            f"{failed:,}" + (f" ({', '.join(reasons)})" if reasons else ""),
            f"{max(run.peak for run in runs):,.0f}",
            ", ".join(f"{how} × {times:,}" for how, times in answers.most_common()),
        ]

    def aim(self, target: str, measured: str, met: bool) -> None:
        """Note a target of the project, and whether it is met."""
        self.targets.append((target, measured, met))

    def verdict(self) -> None:
        """Print the targets."""
        if self.targets:
            print("\n### Targets\n")
            rows = [[a, b, "met" if met else "**not met**"] for a, b, met in self.targets]
            table("target | measured | ", rows)


NOTHING = b'{"results": {"bindings": []}}'


def get(server: Server, query: str) -> bytes:
    """Return the request that asks a query."""
    head = "HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/sparql-results+json\r\n\r\n"
    return f"GET {server.path}?query={quote_plus(query)} {head}".encode()


def asked(server: Server, requests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the answers to requests, asked over several connections."""
    client = Client(server.port, ["127.0.0.1"] * CONNECTIONS, iter(requests), keep=True)
    return client.run(60).kept


def ratio(done: dict[str, Round], name: str, other: str) -> str:
    """Return how many times the requests per second of another server one has."""
    if other not in done:
        return ""
    return f"{done[name].median('rate') / max(1e-9, done[other].median('rate')):.2f}"


def give_up(why: str) -> NoReturn:
    """End because nothing sound could be measured."""
    raise SystemExit(f"benchmarks/serve.py: {why}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument(
        "--only",
        action="append",
        choices=[OURS, OXIGRAPH, ENDPOINT],
        help="measure only this server (may be given more than once)",
    )
    parser.add_argument("--no-attacks", action="store_true", help="measure throughput alone")
    options = parser.parse_args()
    data = Data()
    with tempfile.TemporaryDirectory() as folder:
        published, logs = Path(folder, "public"), Path(folder)
        data.publish(published, ROOT / "ontology")
        found = servers(published, logs, TIMEOUT)
        bench = Bench(
            data,
            {name: found[name] for name in found if name in (options.only or found)},
            options.quick,
        )
        try:
            machine(data)
            for server in bench.servers.values():
                began = time.monotonic()
                server.start()
                tell(f"{server.name} answers after {time.monotonic() - began:.1f} s")
            bench.compare()
            bench.throughput(hot=False)
            bench.throughput(hot=True)
            if not options.no_attacks:
                bench.attacks()
            bench.verdict()
        except (ServerError, OSError) as error:
            give_up(str(error))
        finally:
            for server in bench.servers.values():
                server.stop()


if __name__ == "__main__":
    main()
