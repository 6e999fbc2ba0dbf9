"""kgpress: linked data in which every triple can be traced to the sentence that says it.

    import kg
    dataset = kg.load(".")                 # seeds/ -> facts -> claims, problems as values
    dataset.graph                          # the asserted graph, an rdflib Graph
    for claim in dataset.evidence(triple): # who says so, in which words, where
        print(claim.spans[0].place, claim.spans[0].quote)
    problems = kg.check(dataset)           # SHACL and the other checks
    kg.build(".", "public")                # the same as `kg build`

Read on in `kg.model` (every noun), `kg.pipeline` (the verbs in order) and `kg.mappers` (what facts
become).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["build", "check", "load"]

if TYPE_CHECKING:
    from kg.dataset import load
    from kg.pipeline import build, check


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    # Imported when first used: `kg --help` must not pay for an RDF library.
    if name in ("build", "check"):
        from kg import pipeline as module

        return getattr(module, name)
    if name == "load":
        from kg.dataset import load

        return load
    raise AttributeError(f"module 'kg' has no attribute '{name}'")
