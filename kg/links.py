"""Where links lead: to pages of the dataset, relative to the page they stand on, or outside.

The page of an IRI has the address of the IRI with ``.html`` behind it: letters are encoded as
browsers do it, and what the IRI has encoded (``%20``) stays so.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pyoxigraph as ox

from kg.asking.nodes import Nodes, Passage

HOME = "index"
"""The name of the page of the base IRI, without ``.html``."""

ENDPOINT = "sparql"
"""Where, below the base IRI, queries are answered, and written."""

_FILES = ("data/", "ontology/", "shapes/")
"""Where files are published beside which no page could have its data."""

_OUTSIDE = re.compile(r"(?:https?://[^/?#\\]|mailto:[^/?#\\])", re.IGNORECASE)
_SPAN = re.compile(r"char=[0-9]{1,9},[0-9]{1,9}")


def has_page(path: str) -> bool:
    """Whether a path may be that of a page: one that no browser rewrites, and no published file."""
    odd = any(c in path for c in "?#\\") or path.startswith(_FILES)
    return bool(path) and not odd and not {"", ".", ".."} & set(map(unquote, path.split("/")))


def address(path: str) -> str:
    """Return a path of an IRI as links have it (RFC 3987, section 3.1)."""
    return re.sub("%25(?=[0-9A-Fa-f]{2})", "%", quote(path, safe="/"))


def anchor(start: int, end: int) -> str:
    """Return the fragment of a span (docs/evidence.md), which is its element's id too."""
    return f"char={start},{end}"


def claim_anchor(claim: ox.NamedNode) -> str:
    """Return the id by which a claim is found on the page of its fact."""
    return "claim=" + claim.value.rpartition("/")[2]


class Links:
    """The links of one page."""

    def __init__(self, nodes: Nodes, path: str) -> None:
        """Take what is known, and the path of the page."""
        self._nodes = nodes
        self.path = path
        self.up = "../" * path.count("/") or "./"
        self.home = self.to(HOME)

    def to(self, path: str, suffix: str = ".html", fragment: str = "") -> str:
        """Return the link to a path below the base IRI."""
        end = f"#{quote(fragment, safe='=,')}" if fragment else ""
        return self.up + address(path) + suffix + end

    def node(self, node: ox.NamedNode) -> str | None:
        """Return the link to a node, or None where there is nothing to link to.

        A term of the ontology is shown where it is described, whatever vocabulary it is of.
        """
        iri = node.value
        if iri == self._nodes.base:
            return self.home
        if place := self._nodes.terms.places.get(node):
            return self.to(place.path, fragment=place.fragment)
        if not iri.startswith(self._nodes.base):
            return iri if _OUTSIDE.match(iri) else None
        path, _, fragment = iri.removeprefix(self._nodes.base).partition("#")
        if re.fullmatch(r"data/[\w-]+(\.\w+)+", path, re.ASCII):
            return self.to(path, "", fragment)
        if not has_page(path):
            return None
        if fragment:
            span = _SPAN.match(fragment)
            passage = self._nodes.passage(ox.NamedNode(iri.partition("&selector=")[0]))
            return self.passage(passage) if span and passage else None
        if path.startswith("claim/") and (link := self._claim(node)):
            return link
        return self.to(path) if self._nodes.known(node) else None

    def _claim(self, claim: ox.NamedNode) -> str | None:
        """Return the link to a claim where its fact is shown: it has a page only if served."""
        said = self._nodes.said(claim)
        if said is None or said.fact is None:
            return None
        path = said.fact.value.removeprefix(self._nodes.base)
        if path == said.fact.value or not has_page(path):
            return None
        return self.to(path, fragment=claim_anchor(claim))

    def passage(self, passage: Passage) -> str | None:
        """Return the link to the marked words on the page of their article."""
        if passage.file is None or passage.start is None or passage.end is None:
            return None
        files = self._nodes.files(passage.article) if passage.article else []
        page = passage.article if files[:1] == [passage.file] else passage.file
        assert page is not None
        path = page.value.removeprefix(self._nodes.base)
        if path == page.value or not has_page(path):
            return None
        return self.to(path, fragment=anchor(passage.start, passage.end))

    def outside(self, href: str) -> bool:
        """Whether a link leaves the dataset."""
        return _OUTSIDE.match(href) is not None
