"""The child that validates: pySHACL, where it can be killed and can reach nothing.

    python -P validator.py DIRECTORY

``job.json`` in the directory says what to do. Results go to standard output, one JSON object a
line; ``progress`` tells the pass and the shape at hand to whoever has to kill this process. Of kg
it imports hardly more than the sieve: the child pays for nothing but validation. The sieve runs
here as well, for in it a ``sh:pattern`` is a program, too.
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
from typing import Any

import pyshacl.shape
from pyshacl import Shape, ShapesGraph
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from rdflib import SH, URIRef

sys.path.append(str(Path(__file__).resolve().parents[2]))  # kg may run without being installed

from kg.packed import read_lines
from kg.sieve.graph import Nodes, tables
from kg.sieve.oracle import graph, triples
from kg.sieve.tiers import Part, Work, exactly, quickly

FILES = ("own", "reference")
"""What is read of a part: what is judged, and what that may refer to."""


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


def main(directory: Path) -> None:
    """Do the job in a directory: load the shapes, then validate pass by pass."""
    job = json.loads((directory / "job.json").read_text())
    confine(job["memory"], job["seconds"])
    sys.stdout = sys.stderr  # results go out alone, whatever a library prints
    progress = Progress(directory / "progress")
    progress.watch()
    # pySHACL looks every triple of a shape up in a list, for every node: a set saves a fifth.
    pyshacl.shape.CONSTRAINT_PARAMS = (  # type: ignore[attr-defined]
        frozenset(ALL_CONSTRAINT_PARAMETERS),
        CONSTRAINT_PARAMETERS_MAP,
    )
    shapes = load(directory, job["shapes"])
    try:
        for step in job["passes"]:
            progress.name = step["name"]
            progress.at("")
            # Each part is read when the one before is done with.
            parts = (
                Part(part["name"], *(read(directory, part[files]) for files in FILES))
                for part in step["parts"]
            )
            named = belonging(shapes, tuple(job["evidence"]), step["name"] == "evidence")
            work = Work(shapes, parts, named, job["prefixes"])
            # All results of a pass, or none: a failure may come before or after them.
            for result in list((exactly if job["exact"] else quickly)(work, progress.at)):
                say({"pass": step["name"], **result})
    except Exception as error:
        fail(error, shape=progress.shape)


def load(directory: Path, files: dict[str, str]) -> Nodes:
    """Read the shapes; each file by itself first, for pySHACL does not say which is malformed."""
    for name, file in files.items():
        try:
            _ = ShapesGraph(graph(triples(read(directory, [name])))).shapes
        except Exception as error:
            fail(error, file=file)
    return read(directory, files)


def read(directory: Path, names: Iterable[str]) -> Nodes:
    """Read N-Triples files into one table a node."""
    with ExitStack() as stack:
        files = [stack.enter_context(read_lines(directory / name)) for name in names]
        gc.disable()  # there are no cycles in tables, and to look for some takes as long as reading
        nodes = tables(*files)
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


def confine(memory: int, seconds: int) -> None:
    """Bound memory and processor time, and cut the process off from the network."""
    for what, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        with suppress(ValueError, OSError):  # a system that does not keep such a limit
            resource.setrlimit(what, (limit, limit))
    logging.disable()  # rdflib logs every ill-typed literal; the shapes that care report it

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        # SPARQL in a shape may say SERVICE, which pySHACL looks for by a regular expression only.
        if event.startswith("socket.") or event == "urllib.Request":
            raise PermissionError("shapes may not reach the network")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
