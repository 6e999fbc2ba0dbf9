"""What is printed: tables in Markdown, and on which machine they were measured."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path


def table(head: str, rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"| {head} |")
    print("|" + "---|" * (head.count("|") + 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def tell(what: str) -> None:
    """Say on the standard error what is being done."""
    print(what, file=sys.stderr, flush=True)


def hardware() -> str:
    """Return what this machine is."""
    info = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in info if line[:10] == "model name"), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    system = f"Linux {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} × {model}, {memory} GB, {system}"


def load() -> str:
    """Return how busy the machine is: what is measured beside other work is rough."""
    return f"Load when it began: {os.getloadavg()[0]:.2f}."
