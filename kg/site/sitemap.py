"""What tells search engines of all pages: sitemaps (sitemaps.org, protocol 0.9) and robots.txt.

They have to name absolute addresses: those that pages have where the base IRI leads to the site.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from kg.links import HOME, address

MOST = 50_000
"""How many addresses a sitemap may have; of more there are several, and a list of them."""

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def write_sitemap(out: Path, base: str, paths: Sequence[str]) -> None:
    """Write the sitemap of pages with such paths, and robots.txt, into a published folder."""
    pages = [f"{base}{address(path or HOME)}.html" for path in paths]
    parts = [pages[start : start + MOST] for start in range(0, len(pages), MOST)]
    names = [f"sitemap-{number + 1}.xml" for number in range(len(parts))]
    if len(parts) == 1:
        names = ["sitemap.xml"]
    for name, part in zip(names, parts, strict=True):
        (out / name).write_bytes(_written("urlset", "url", part))
    if len(parts) > 1:
        listed = _written("sitemapindex", "sitemap", [base + name for name in names])
        (out / "sitemap.xml").write_bytes(listed)
    robots = f"User-agent: *\nAllow: /\n\nSitemap: {base}sitemap.xml\n"
    (out / "robots.txt").write_bytes(robots.encode())


def _written(root: str, element: str, addresses: list[str]) -> bytes:
    lines = (f"<{element}><loc>{escape(iri)}</loc></{element}>\n" for iri in addresses)
    return (f"{_HEAD}<{root} {_SPACE}>\n" + "".join(lines) + f"</{root}>\n").encode()
