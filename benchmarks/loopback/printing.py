"""What is printed: tables in Markdown, and on which machine they were measured."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from loopback import good
from loopback.dataset import Data
from loopback.servers import rivals_python


def table(head: str, rows: Sequence[Sequence[str]]) -> None:
    """Print a table in Markdown."""
    print(f"| {head} |")
    print("|" + "---|" * (head.count("|") + 1))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.stdout.flush()


def machine(data: Data) -> None:
    """Print what was measured on what."""
    info = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in info if line[:10] == "model name"), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    code = "import importlib.metadata as m; print(*map(m.version, ['oxigraph', 'rdflib-endpoint', "
    code += "'rdflib', 'uvicorn']))"
    theirs = subprocess.run(
        [rivals_python(), "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    print(f"{data.triples:,} triples, {data.size:,} entities. {os.cpu_count()} × {model},")
    print(f"{memory} GB, Linux {platform.release()}, Python {platform.python_version()}.")
    print(
        f"kgpress {version('kgpress')} on pyoxigraph {version('pyoxigraph')}; Oxigraph {theirs[0]};"
    )
    print(
        f"rdflib-endpoint {theirs[1]} on rdflib {theirs[2]}, uvicorn {theirs[3]}; {good.version()}."
    )
    print(f"Load when it began: {os.getloadavg()[0]:.2f}.")
