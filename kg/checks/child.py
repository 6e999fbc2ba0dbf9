"""The child that validates, from outside: it is started, waited for, and killed if need be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from kg.checks.job import PASSES, Homes, Result
from kg.model import Place, Problem

VALIDATOR = Path(__file__).with_name("validator.py")
"""What the child runs."""


def run(directory: Path, time_limit: float, homes: Homes) -> tuple[list[Result], list[Problem]]:
    """Run the child; return its results, and the problem that kept it from its end, if one did."""
    said, reason = _wait(directory, time_limit)
    results = [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]
    if results and "failure" in results[-1]:
        failure = results.pop()
        file, shape, mend = failure["file"], failure["shape"], "mend the shape"
        message = f"the shapes cannot be used: {failure['failure']}"
    elif reason:
        progress = (directory / "progress").read_text().partition("\n")[0]
        file, (name, _, shape) = "", progress.partition(" ")
        message = f"{reason}; it was at {PASSES[name] if name else 'its start'}"
        mend = "simplify sh:pattern and SPARQL there: what they take can grow beyond all bounds"
    else:
        return results, []
    message += f", shape <{shape}>" if shape else ""
    place = Place(file or homes.get(shape, "shapes/"))
    return results, [Problem(place, message, mend, check="shapes")]


def _wait(directory: Path, time_limit: float) -> tuple[bytes, str]:
    """Start the child and wait; return what it says, and why it did not come to its end, or ''."""
    (directory / "progress").touch()
    # -P: or modules that lie beside the validator would hide those of the same name.
    command = [sys.executable, "-P", "-W", "ignore", str(VALIDATOR)]
    with (
        (directory / "errors").open("wb") as errors,
        subprocess.Popen(
            [*command, str(directory)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**os.environ, "PYTHONHASHSEED": "0"},
            start_new_session=True,
        ) as process,
    ):
        try:
            said, _ = process.communicate(timeout=time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return said, f"validation did not end within {time_limit:g} s"
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if (code := process.returncode) < 0:
        return said, f"the validator was killed by {signal.Signals(-code).name}"
    error = (directory / "errors").read_text(errors="replace").strip() or str(code)
    return said, f"the validator failed: {error.splitlines()[-1]}" if code else ""
