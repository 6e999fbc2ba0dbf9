"""The child that validates, from outside: it is started, told what to do, and killed if need be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from kg.checks.job import PASSES, Homes, Result
from kg.memory import MENDS
from kg.model import Place, Problem

WANT = ("MemoryError", "SIGABRT", "SIGKILL")
"""What the end of a process speaks of that may have been for want of memory."""

VALIDATOR = Path(__file__).with_name("validator.py")
"""What the child runs."""


class Child:
    """A process that loads shapes as soon as it is started, and validates by them when it is told.

    It ends when its standard input does, so that it never outlives this process.
    """

    def __init__(self, directory: Path, name: str, shapes: dict[str, Any]) -> None:
        """Start it in a directory with files of shapes, where it has one of its own by its name."""
        self._shared = bool(shapes["share"])
        self.directory = directory / name
        self.directory.mkdir(exist_ok=True)
        (self.directory / "shapes.json").write_text(json.dumps(shapes))
        (self.directory / "progress").touch()
        # -P: or modules that lie beside the validator would hide those of the same name.
        command = [sys.executable, "-P", "-W", "ignore", str(VALIDATOR)]
        command += [str(directory), str(self.directory)]
        # No pipe of Popen's: to wait for what a process says would close it.
        input_, self._input = os.pipe()
        with os.fdopen(input_) as job, (self.directory / "errors").open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                stdin=job,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, "PYTHONHASHSEED": "0"},
                start_new_session=True,
            )

    def stop(self) -> None:
        """Kill it, if it has not ended, and be done with it."""
        os.close(self._input)
        with self._process:
            self.kill()

    def kill(self) -> None:
        """Kill it, if it has not ended."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def run(
        self, job: dict[str, Any], time_limit: float, homes: Homes
    ) -> tuple[list[Result], list[Problem]]:
        """Have it do its job; return the results, and the problem that kept it from its end."""
        (self.directory / "job.json").write_text(json.dumps(job))
        said, reason = self._wait(time_limit)
        lines = said.splitlines(keepends=True)
        results = [json.loads(line) for line in lines if line.endswith(b"\n")]
        if results and "failure" in results[-1]:
            failure = results.pop()
            file, shape, mend = failure["file"], failure["shape"], "mend the shape"
            message = f"the shapes cannot be used: {failure['failure']}"
        elif reason:
            progress = (self.directory / "progress").read_text().partition("\n")[0]
            file, (name, _, shape) = "", progress.partition(" ")
            message = f"{reason}; it was at {PASSES[name] if name else 'its start'}"
            mend = "simplify sh:pattern and SPARQL there: what they take can grow beyond all bounds"
            if self._shared and any(word in reason for word in WANT):
                mend = f"{MENDS}; or {mend}" if name else MENDS
        else:
            return results, []
        message += f", shape <{shape}>" if shape else ""
        place = Place(file or homes.get(shape, "shapes/"))
        return results, [Problem(place, message, mend, check="shapes")]

    def _wait(self, time_limit: float) -> tuple[bytes, str]:
        """Say that there is a job; return what is said to it, and why not to the end, or ''."""
        process = self._process
        with suppress(BrokenPipeError):  # it could not use the shapes
            os.write(self._input, b"\n")
        try:
            said, _ = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return said, f"validation did not end within {time_limit:g} s"
        if process.returncode < 0:
            killer = signal.Signals(-process.returncode).name
            return said, f"the validator was killed by {killer}"
        errors = (self.directory / "errors").read_text(errors="replace").splitlines()
        last = errors[-1] if errors else str(process.returncode)
        return said, f"the validator failed: {last}" if process.returncode else ""
