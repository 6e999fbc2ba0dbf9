"""The files that pages load: their style sheet, their scripts, and what those need."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

HOME = "assets/"
"""Where, below the base IRI, pages look for them."""

STYLE = HOME + "style.css"
SCRIPT = HOME + "site.js"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gz": "application/gzip",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
}
"""Their media types."""

_HERE = Path(__file__).parent


class Furnishing(NamedTuple):
    """One of the files."""

    media_type: str
    sources: tuple[Path, ...]
    """The files that make it, joined."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(path.stat().st_size for path in self.sources)

    def data(self) -> bytes:
        """Return its content."""
        return b"".join(path.read_bytes() for path in self.sources)


@cache
def furniture() -> dict[str, Furnishing]:
    """Return the files by their paths below the base IRI.

    ``built`` holds what was bundled when the package was built; the rest is as it is written.
    """
    found = {STYLE: Furnishing(TYPES[".css"], tuple(sorted((_HERE / "style").glob("*.css"))))}
    for folder in ("scripts", "built"):
        for path in sorted((_HERE / folder).glob("*.*")):
            if path.suffix in TYPES:
                found[HOME + path.name] = Furnishing(TYPES[path.suffix], (path,))
    return found
