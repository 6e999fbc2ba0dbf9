"""What README.md shows is what commands print; its links lead somewhere."""

from __future__ import annotations

import re

import pytest
from kinds import PAGE, page
from readme import rendered
from sample import REPOSITORY

import kg


@pytest.mark.slow
def test_the_readme_shows_real_output() -> None:
    assert (REPOSITORY / "README.md").read_text("utf-8") == rendered(), (
        "run python tests/readme.py, and read what changed"
    )


def test_the_links_of_the_documentation_lead_somewhere() -> None:
    for source in (REPOSITORY / "README.md", *(REPOSITORY / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)", source.read_text("utf-8")):
            if "://" not in target:
                assert (source.parent / target).exists(), f"{source.name} links to {target}"


def test_the_pictures_of_pages_are_small() -> None:
    found = sorted((REPOSITORY / "docs/images").iterdir())
    shown = re.findall(
        r"!\[[^\]]{20,}\]\((docs/images/[^)]+)\)", (REPOSITORY / "README.md").read_text()
    )
    assert sorted(shown) == [path.relative_to(REPOSITORY).as_posix() for path in found]
    for path in found:
        data = path.read_bytes()
        assert data.startswith(b"\x89PNG\r\n")
        assert len(data) < 150_000, "run python tests/screenshots.py"


def test_the_page_of_kinds_is_that_of_the_mappers() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python tests/kinds.py"


def test_the_hash_of_a_claim_is_made_as_the_documentation_says() -> None:
    text = (REPOSITORY / "docs/evidence.md").read_text("utf-8")
    (code,) = (
        part for part in re.findall(r"```python\n(.*?)```", text, re.S) if "digest = " in part
    )
    found: dict[str, str] = {}
    exec(code, found)
    claims = {claim.hash for claim in kg.load(REPOSITORY).claims}
    assert found["digest"] in claims
