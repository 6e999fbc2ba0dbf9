"""What README.md shows is what commands print; its links lead somewhere."""

from __future__ import annotations

import re

from readme import rendered
from sample import REPOSITORY


def test_the_readme_shows_real_output() -> None:
    assert (REPOSITORY / "README.md").read_text("utf-8") == rendered(), (
        "run python tests/readme.py, and read what changed"
    )


def test_the_links_of_the_documentation_lead_somewhere() -> None:
    for page in (REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"
