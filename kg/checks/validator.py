"""The child that validates: pySHACL, where it can be killed and can reach nothing.

    python -P validator.py DIRECTORY OWN

``shapes.json`` in a directory of its own says by what to validate. When that is loaded, a line on
standard input says that ``job.json`` is there, which says what; or the input ends, and there is
nothing to do. Results go to standard output, one JSON object a line; ``progress`` tells the pass
and the shape at hand to whoever has to kill this process. Of kg it imports little but the sieve:
the child pays for nothing but validation. The sieve runs here as well, for in it a ``sh:pattern``
is a program, too.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import sys
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyshacl.shape
from pyshacl import Shape
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from rdflib import SH, URIRef

sys.path.append(str(Path(__file__).resolve().parents[2]))  # kg may run without being installed

from kg.confined import end_with, limit, limit_memory, limit_time, resident
from kg.packed import read_lines
from kg.sieve.graph import Nodes, tables
from kg.sieve.oracle import Oracle
from kg.sieve.tiers import Exact, Part, Quick, Shapes


class Progress:
    """Where validation is; kept in a file, for nothing can ask a process stuck in a pattern."""

    def __init__(self, file: Path) -> None:
        """Begin before the first pass."""
        self.file = os.open(file, os.O_WRONLY | os.O_CREAT)
        self.name, self.shape = "", ""

    def at(self, shape: str) -> None:
        """Note the shape at hand."""
        self.shape = shape
        os.pwrite(self.file, f"{self.name} {shape}\n".encode(), 0)

    def watch(self) -> None:
        """Note every named shape that pySHACL enters and leaves."""
        original = Shape.validate

        def validate(shape: Shape, *args: Any, **kwargs: Any) -> Any:
            outer = self.shape
            if isinstance(shape.node, URIRef):
                self.at(shape.node)
            result = original(shape, *args, **kwargs)
            self.at(outer)  # not after an exception: the innermost shape is the one to blame
            return result

        Shape.validate = validate  # type: ignore[method-assign,assignment]


def main(directory: Path, own: Path) -> None:
    """Load the shapes in a directory; wait for a job, and do it pass by pass."""
    given = json.loads((own / "shapes.json").read_text())
    confine(given["memory"], given["seconds"], share=given["share"])
    sys.stdout = sys.stderr  # results go out alone, whatever a library prints
    progress = Progress(own / "progress")
    progress.watch()
    # pySHACL looks every triple of a shape up in a list, for every node: a set saves a fifth.
    pyshacl.shape.CONSTRAINT_PARAMS = (  # type: ignore[attr-defined]
        frozenset(ALL_CONSTRAINT_PARAMETERS),
        CONSTRAINT_PARAMETERS_MAP,
    )
    # It words each result for a report in text, which nobody reads: most are of parts of a choice.
    ConstraintComponent.make_v_result_description = _unworded  # type: ignore[assignment,method-assign]
    shapes = Shapes(read(directory, given["files"]), read(directory, ["ontology"]))
    way: Exact | Quick
    try:
        way = (Exact if given["exact"] else Quick)(shapes, progress.at)
    except Exception as error:
        blame(directory, given["files"])
        fail(error)
    if sys.stdin.readline():  # or nothing is to be validated
        end_with(sys.stdin.fileno())
        job = json.loads((own / "job.json").read_text())
        limit_time(job["seconds"])
        if job["share"]:
            limit_memory(job["share"] - resident())
        validate(directory, job, shapes, way, progress)


def validate(
    directory: Path, job: dict[str, Any], shapes: Shapes, way: Exact | Quick, progress: Progress
) -> None:
    """Do a job."""
    way.oracle.prefixes = job["prefixes"]
    try:
        for step in job["passes"]:
            progress.name = step["name"]
            progress.at("")
            # Each part is read when the one before is done with.
            parts = (
                Part(
                    part["name"],
                    read(directory, part["own"]),
                    read(directory, part["types"], shapes.ontology),
                )
                for part in step["parts"]
            )
            named = belonging(shapes.nodes, tuple(job["evidence"]), step["name"] == "evidence")
            # All results of a pass, or none: a failure may come before or after them.
            for result in list(way.validate(parts, named)):
                say({"pass": step["name"], **result})
    except Exception as error:
        fail(error, shape=progress.shape)


def _unworded(constraint: ConstraintComponent, *_: Any, **__: Any) -> str:
    return ""


def blame(directory: Path, files: dict[str, str]) -> None:
    """End by saying which file of shapes is malformed, if one is by itself: pySHACL does not."""
    for name, file in files.items():
        try:
            Oracle(read(directory, [name]))
        except Exception as error:
            fail(error, file=file)


def read(directory: Path, names: Iterable[str], known: Nodes = MappingProxyType({})) -> Nodes:
    """Read N-Triples files into one table a node, beside those that are known."""
    with ExitStack() as stack:
        files = [stack.enter_context(read_lines(directory / name)) for name in names]
        gc.disable()  # there are no cycles in tables, and to look for some takes as long as reading
        nodes = tables(*files, known=known)
        gc.freeze()
        gc.enable()
        return nodes


def belonging(shapes: Nodes, prefixes: tuple[str, ...], evidence: bool) -> dict[str, list[str]]:
    """Return the nodes that shapes name as targets, if they belong to the pass."""
    named = ((shape, table.get(f"<{SH.targetNode}>", ())) for shape, table in shapes.items())
    found = {
        shape: [node for node in nodes if node[1:].startswith(prefixes) == evidence]
        for shape, nodes in named
    }
    return {shape: nodes for shape, nodes in found.items() if nodes}


def fail(error: Exception, *, file: str = "", shape: str = "") -> None:
    """End by saying what is wrong with a shape: the data is known to be well-formed."""
    if isinstance(error, MemoryError):
        raise error
    reason = str(error).strip().partition("\n")[0]
    say({"failure": f"{type(error).__name__}: {reason}", "file": file, "shape": shape})
    sys.exit()


def say(message: dict[str, Any]) -> None:
    """Tell the parent."""
    print(json.dumps(message), file=sys.__stdout__, flush=True)


def confine(memory: int, seconds: int, *, share: int = 0) -> None:
    """Bound memory and processor time, and cut the process off from the network.

    A ``share`` of what all processes may take is in place of the memory that one may map.
    """
    with suppress(ValueError, OSError):  # a system that does not keep such a limit
        if share:
            limit_memory(share - resident())
        else:
            limit(resource.RLIMIT_AS, memory)
    limit_time(seconds)
    logging.disable()  # rdflib logs every ill-typed literal; the shapes that care report it

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        # SPARQL in a shape may say SERVICE, which pySHACL looks for by a regular expression only.
        if event.startswith("socket.") or event == "urllib.Request":
            raise PermissionError("shapes may not reach the network")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    os._exit(0)  # all has been said, and to take everything apart takes time
