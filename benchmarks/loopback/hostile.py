"""What is done to a server while the good client asks it, and how the good client fares."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from loopback.attacks import attack
from loopback.good import Measured
from loopback.load import Client, crawl
from loopback.servers import Server

SPARE = 2 << 20
"""Kilobytes of memory that the machine keeps: before that, the server is ended."""

_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Scenario:
    """One way of attacking."""

    name: str
    sources: tuple[str, ...]
    """The address of each connection."""
    varied: bool = True
    pause: float = 0.05
    """Seconds that each connection of an attacker waits after an answer."""
    slow: bool = False
    """Headers are sent a byte a second, and nothing is asked."""

    def run(self, port: int, path: str, seconds: float) -> Counter[str]:
        """Attack for so long; return what came back."""
        if self.slow:
            return crawl(port, self.sources, seconds)
        texts = attack(path, varied=self.varied)
        return Client(port, self.sources, texts, pause=self.pause).run(seconds).answers


def own(attackers: Sequence[int], connections: int) -> tuple[str, ...]:
    """Return an address for each connection of attackers, by the last number of theirs."""
    return tuple(f"127.0.0.{number}" for number in attackers for _ in range(connections))


CONNECTIONS = 4
"""How many connections an attacker has."""

ONE = Scenario("one attacker", own([2], CONNECTIONS))
MANY = own([2, 3, 4, 5, 6, 7, 7, 7], CONNECTIONS)
SLOW = Scenario("1,000 slow connections", own(range(2, 12), 100), slow=True)
SCENARIOS = [
    ONE,
    Scenario("one attacker, the same texts", ONE.sources, varied=False),
    Scenario("8 attackers, 3 of them from one address", MANY),
    Scenario("8 attackers, the same texts", MANY, varied=False),
    Scenario("one attacker from the good client's address", own([1], CONNECTIONS)),
    Scenario("one attacker who never waits", ONE.sources, pause=0.0),
    SLOW,
]


@dataclass
class Fared:
    """How a server and the good client fared under an attack."""

    before: Measured
    under: Measured
    answers: Counter[str]
    peak: float
    """The most memory that the server held, in MB, shared pages counted once."""
    fate: str
    """What became of the server, empty when it still answers."""

    @property
    def share(self) -> float:
        """The throughput that was left."""
        return self.under.rate / self.before.rate if self.before.rate else 0.0


def withstand(
    server: Server, scenario: Scenario, ask: Callable[[float], Measured], seconds: float
) -> Fared:
    """Let the good client ask in peace, then under attack, and wait until that is over.

    The attack begins a second before, so that its queries run already.
    """
    before = ask(max(2.0, seconds / 4))
    ours, theirs = _fork.Pipe()

    def strike() -> None:
        theirs.send(scenario.run(server.port, server.path, seconds + 2))

    attacker = _fork.Process(target=strike, daemon=True)
    attacker.start()
    over = threading.Event()
    peaks = [server.memory_held()[0]]
    watch = threading.Thread(target=_watch, args=(server, peaks, over))
    watch.start()
    time.sleep(1)
    under = ask(seconds)
    answers = ours.recv()
    attacker.join()
    over.set()
    watch.join()
    # What was begun must end by itself: a server that is still at it answers no better afterwards.
    server.settle()
    fate = "" if server.sound else "hangs" if server.runs else "died"
    return Fared(before, under, answers, max(peaks), fate)


def _watch(server: Server, peaks: list[float], over: threading.Event) -> None:
    while not over.wait(0.5):
        peaks.append(server.memory_held()[0])
        if _available() < SPARE:
            server.stop()
            return


def _available() -> int:
    """Return how many kilobytes of memory the machine has left."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable"))
