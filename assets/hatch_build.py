"""Packages hold what pages run that others wrote (kg/pages/built/), or are not built."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface):
    """Refuses to build a package from a tree in which the assets were not bundled."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Look whether they were; an editable install takes them whenever they come."""
        built = Path(self.root, "kg", "pages", "built", "LICENSES.txt")  # it is written last
        if version != "editable" and not built.is_file():
            raise SystemExit("kg/pages/built/ is not there; run `make assets` first")
