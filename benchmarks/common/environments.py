"""Environments of rivals, each made from pinned requirements, anew when these have changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def rivals_python(name: str = "rivals") -> Path:
    """Return the Python of the environment .NAME with what requirements/NAME.txt pins."""
    pins, folder = ROOT / "requirements" / f"{name}.txt", ROOT / f".{name}"
    stamp = folder / f".made-{hashlib.sha256(pins.read_bytes()).hexdigest()[:16]}"
    python = folder / "bin" / "python"
    if not stamp.exists():
        print(f"Setting up .{name} (once, about a minute)", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        locked = ["--quiet", "--require-hashes", "--only-binary", ":all:", "-r", pins]
        subprocess.run([*pip, *locked], check=True)
        stamp.touch()
    return python


def versions(python: Path, *packages: str) -> dict[str, str]:
    """Return the versions of packages in an environment."""
    code = "import importlib.metadata as m, json, sys; "
    code += "print(json.dumps({name: m.version(name) for name in sys.argv[1:]}))"
    done = subprocess.run(
        [python, "-c", code, *packages], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
