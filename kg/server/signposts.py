"""Signposts: typed links between the IRI of a node, its page, its data, and what it is about.

They are those of the FAIR Signposting Profile, levels 1 and 2: in Link headers (RFC 8288), and all
together in a link set (RFC 9264). Addresses are paths below the root of the server, encoded.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urljoin

from kg.links import HOME, address
from kg.server.files import media_type

HTML = "text/html"

SUFFIXES = {
    ".html": HTML,
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}
"""The forms in which each node comes, the first where the client has no preference."""

DESCRIPTIONS = {"data/dcat.ttl": "text/turtle", "data/dcat.jsonld": "application/ld+json"}
"""What describes the dataset, the first where the client has no preference."""

LINKSET = ".linkset.json"
LINKSET_TYPE = "application/linkset+json"

PAGE = "https://schema.org/AboutPage"

FEW = 20
"""How many links of a kind a header has at most, so that every client can take it."""

_OWN = ("article/", "file/")
"""Below these are texts that are not the dataset's own: its licence is none for them."""


class Link(NamedTuple):
    """A typed link from an address to another, or to something elsewhere."""

    rel: str
    target: str
    """An address, or the URI of what is elsewhere."""
    type: str = ""


class Node(NamedTuple):
    """What links tell of a node, as a worker knows it."""

    types: list[str]
    authors: list[str]
    licenses: list[str]
    items: list[str]
    """Paths below the base of the texts or dumps that the node stands for."""


Signposts = dict[str, list[Link]]
"""Links, by the address that they lead from."""


def of_node(path: str, node: Node, about: Mapping[str, Any], files: Collection[str]) -> Signposts:
    """Return the links from the IRI of a node, from its forms and from what it stands for.

    ``path`` is the node's below the base IRI, empty for the dataset; ``about`` tells of the
    dataset, ``files`` what is published.
    """
    name = address(path)
    page, data = (f"{name}.html", _data(name)) if path else ("", DESCRIPTIONS)
    own = _license(node.licenses)
    if not own and not path.startswith(_OWN):
        own = _license([about["license"]])
    items = {quote(item): media_type(item) for item in node.items if item in files}
    found = {
        page: [
            Link("cite-as", uri(about["base"] + path)),
            *(Link("type", uri(iri)) for iri in node.types[:1]),
            Link("type", PAGE),
            *(Link("author", uri(iri)) for iri in node.authors),
            *(Link("describedby", *form) for form in data.items()),
            *(Link("alternate", *form) for form in data.items()),
            *(Link("item", item, type_.partition(";")[0]) for item, type_ in items.items()),
            *own,
            _linkset(name),
        ]
    }
    if path:
        forms = {page: HTML, **data}
        found[name] = [*(Link("describedby", *form) for form in forms.items()), _linkset(name)]
    for form in data:
        found[form] = _from_data(form, name, about)
    for item in items:
        found[item] = [Link("collection", page, HTML), _linkset(name)]
    return found


def of_base() -> list[Link]:
    """Return the links from the base IRI, where it leads to data."""
    forms = {"": HTML, **DESCRIPTIONS}
    return [*(Link("describedby", *form) for form in forms.items()), _linkset("")]


def of_file(name: str, about: Mapping[str, Any]) -> list[Link]:
    """Return the links from a published file, by its name: a text, a dump, a description."""
    if name in DESCRIPTIONS:
        return _from_data(name, "", about)
    if name.startswith("data/"):
        return [Link("collection", "", HTML), _linkset("")]
    if name.startswith("file/") and name.endswith(".txt"):
        file = quote(name.removesuffix(".txt"))
        return [Link("collection", f"{file}.html", HTML), _linkset(file)]
    return []


def _data(name: str) -> dict[str, str]:
    return {name + suffix: type_ for suffix, type_ in SUFFIXES.items() if type_ != HTML}


def _from_data(form: str, name: str, about: Mapping[str, Any]) -> list[Link]:
    """Return the links from one form of what describes a node; that has the dataset's licence."""
    page, data = (f"{name}.html", _data(name)) if name else ("", DESCRIPTIONS)
    return [
        Link("describes", page, HTML),
        Link("alternate", page, HTML),
        *(Link("alternate", other, type_) for other, type_ in data.items() if other != form),
        *_license([about["license"]]),
        _linkset(name),
    ]


def _linkset(name: str) -> Link:
    return Link("linkset", (name or HOME) + LINKSET, LINKSET_TYPE)


def _license(iris: list[str]) -> list[Link]:
    return [Link("license", uri(iri)) for iri in iris[:1] if iri]


def header(links: list[Link], origin: str) -> list[tuple[str, str]]:
    """Return the header that has the links from an address, no more than `FEW` of a kind."""
    told: Counter[str] = Counter()
    parts = []
    for link in links:
        told[link.rel] += 1
        if told[link.rel] <= FEW:
            kind = f'; type="{link.type}"' if link.type else ""
            parts.append(f'<{reference(link.target, origin)}>; rel="{link.rel}"{kind}')
    return [("Link", ", ".join(parts))] if parts else []


def linkset(signposts: Signposts, root: str) -> bytes:
    """Return all links as a JSON document; ``root`` is the URI of the root of the server."""
    return json.dumps({"linkset": list(_contexts(signposts, root))}, indent=1).encode() + b"\n"


def _contexts(signposts: Signposts, root: str) -> Iterator[dict[str, object]]:
    for origin, links in signposts.items():
        targets: dict[str, list[dict[str, str]]] = {}
        for link in links:
            target = {"href": urljoin(root, link.target)}
            target |= {"type": link.type} if link.type else {}
            targets.setdefault(link.rel, []).append(target)
        yield {"anchor": root + origin, **targets}


def reference(target: str, origin: str) -> str:
    """Return a target as seen from an address: relative, so that it holds behind any proxy."""
    if ":" in target:  # addresses have it encoded
        return target
    folder = origin.rpartition("/")[0]
    if folder and target.startswith(f"{folder}/") and "/" not in target[len(folder) + 1 :]:
        return target[len(folder) + 1 :]
    return "../" * origin.count("/") + target or "./"


def uri(iri: str) -> str:
    """Return an IRI as a URI, as headers have it (RFC 3987, section 3.1)."""
    return quote(iri, safe=":/%#?&=~+,;@!$'()*[]")
