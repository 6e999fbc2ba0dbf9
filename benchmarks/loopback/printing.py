"""What was measured of serving, on what."""

from __future__ import annotations

from importlib.metadata import version

from common.environments import rivals_python, versions
from common.printing import hardware, load

from loopback import good
from loopback.dataset import Data


def machine(data: Data) -> None:
    """Print what was measured on what."""
    theirs = versions(rivals_python(), "oxigraph", "rdflib-endpoint", "rdflib", "uvicorn")
    oxigraph, endpoint, rdflib, uvicorn = theirs.values()
    print(f"{data.triples:,} triples, {data.size:,} entities. {hardware()}.")
    ours = f"kgpress {version('kgpress')} on pyoxigraph {version('pyoxigraph')}"
    print(f"{ours}; Oxigraph {oxigraph};")
    print(f"rdflib-endpoint {endpoint} on rdflib {rdflib}, uvicorn {uvicorn}; {good.version()}.")
    print(load())
