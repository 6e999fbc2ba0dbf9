"""The pictures of README.md: ``python tests/screenshots.py`` makes docs/images/*.png anew.

They show the dataset of this repository as it is published, in Debian's chromium with its DejaVu
fonts; pngquant makes them small. Other releases of these draw some letters otherwise, so that no
test compares them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from browsing import Browsing, chromium, hosting
from sample import REPOSITORY

from kg import build

IMAGES = REPOSITORY / "docs/images"

THING = "id/xiaomi-china-quality-technology-award-2018.html"
WORDS = "On November 28"
"""Words of a quote on the page of the thing, which lead to the second picture."""

COLOURS = "96"


def make(programs: dict[str, str]) -> None:
    """Take the pictures: a thing with its sentences, and the article with one of them lit."""
    with TemporaryDirectory() as temporary:
        public = Path(temporary, "public")
        assert build(REPOSITORY, public).published
        home = Path(temporary, "browsers")
        with hosting(public) as here, chromium(programs["chromium"], home) as browser:
            browsing = Browsing(browser)
            page = browsing.page(here + THING, still=True)
            taken = {"thing": page.screenshot(animations="disabled")}
            page.locator("figure.quote:visible").filter(has_text=WORDS).first.locator(
                "cite a"
            ).click()
            page.wait_for_url(re.compile("/article/.*#char="))
            page.wait_for_load_state("networkidle")
            taken["article"] = page.screenshot(animations="disabled")
            browsing.close()
    IMAGES.mkdir(exist_ok=True)
    for name, picture in taken.items():
        small = subprocess.run(
            [programs["pngquant"], COLOURS, "--strip", "--speed", "1", "--nofs", "-"],
            input=picture,
            capture_output=True,
            check=True,
        )
        (IMAGES / f"{name}.png").write_bytes(small.stdout)


if __name__ == "__main__":
    found = {name: shutil.which(name) for name in ("chromium", "pngquant")}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        sys.exit(f"install {' and '.join(missing)}, which take the pictures")
    make({name: path for name, path in found.items() if path is not None})
