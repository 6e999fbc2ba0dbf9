"""Linked data: an IRI of the dataset leads to what describes it (303), that to the rest.

Cool URIs for the Semantic Web, section 4.2; FAIR Signposting, level 2 (RFC 8288, RFC 9264).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

from kg.iris import segment
from kg.pages import STYLE, style
from kg.pages.links import address
from kg.server.accept import choose
from kg.server.builds import Build
from kg.server.endpoint import answer
from kg.server.frames import Task
from kg.server.messages import Request, Response, plain, redirect

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; " + (
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: nothing but our own style; no script runs."""

SUFFIXES = {
    ".html": "text/html",
    ".ttl": "text/turtle",
    ".jsonld": "application/ld+json",
    ".nt": "application/n-triples",
}
"""The forms in which each node comes, the first where the client has no preference."""

LINKSET = ".linkset.json"

NOTHING = "nothing here has this address"

LINKSET_TYPE = "application/linkset+json"


class Link(NamedTuple):
    """A typed link from a page, or from data, to something else."""

    rel: str
    href: str
    type: str = ""

    def __str__(self) -> str:
        type_ = f'; type="{self.type}"' if self.type else ""
        return f'<{self.href}>; rel="{self.rel}"{type_}'


def meant(path: str) -> str | None:
    """Return the path, after the base IRI, of the node that an address means; None for none.

    Clients encode letters that IRIs have as they are.
    """
    try:
        parts = [unquote(part, errors="strict") for part in path.removeprefix("/").split("/")]
    except UnicodeDecodeError:
        return None
    return None if {"", ".", ".."} & set(parts) else "/".join(map(segment, parts))


async def respond(build: Build, request: Request) -> Response:
    """Return what is at the address of a node, or of one of its forms."""
    if request.path in ("/", "/index.html"):
        return await _home(build, request)
    if request.path == f"/{STYLE}":
        return Response(200, style(), [("Content-Type", "text/css; charset=utf-8")])
    for suffix, media_type in (*SUFFIXES.items(), (LINKSET, LINKSET_TYPE)):
        path = meant(request.path.removesuffix(suffix))
        if path is not None and request.path.endswith(suffix):
            response = await _form(build, request, path, suffix, media_type)
            if response.status != 404:
                return response
    path = meant(request.path)
    if path is None:
        return plain(404, NOTHING)
    known = await answer(build, Task("known", path), request.client)
    if known.status != 200:
        return known
    forms = dict(SUFFIXES) | (
        {".txt": "text/plain"} if f"{unquote(path)}.txt" in build.files.forms else {}
    )
    chosen = choose(request.headers.get("accept"), list(forms.values()))
    offers = [(f"{_last(path)}{suffix}", media_type) for suffix, media_type in forms.items()]
    if chosen is None:
        return plain(406, "It comes as\n" + "\n".join(f"{name}  {kind}" for name, kind in offers))
    response = redirect(303, next(name for name, kind in offers if kind == chosen))
    response.headers += [("Vary", "Accept"), *_header(_links(build, path, ""))]
    return response


async def _home(build: Build, request: Request) -> Response:
    """Return the page of the dataset, or lead to its description as data."""
    forms = {"text/html": "", "text/turtle": "dcat.ttl", "application/ld+json": "dcat.jsonld"}
    chosen = choose(request.headers.get("accept"), list(forms))
    if request.path != "/" or chosen in ("text/html", None):
        return await answer(build, Task("page", ""), request.client)
    response = redirect(303, f"data/{forms[chosen]}")
    response.headers.append(("Vary", "Accept"))
    return response


async def _form(
    build: Build, request: Request, path: str, suffix: str, media_type: str
) -> Response:
    """Return a node in one of its forms."""
    if suffix == LINKSET:
        known = await answer(build, Task("known", path), request.client)
        return known if known.status != 200 else _linkset(build, request, path)
    kind = "page" if suffix == ".html" else "data"
    made = await answer(build, Task(kind, path, media_type), request.client)
    if made.status != 200:
        return made
    return Response(200, made.body, [*made.headers, *_header(_links(build, path, suffix))])


def _links(build: Build, path: str, suffix: str) -> Iterator[Link]:
    """Yield the links of a node's page, of its data, or (no suffix) of its IRI, by their names."""
    name = _last(path)
    if suffix == ".html":
        yield Link("cite-as", quote(build.about["base"] + path, safe=":/%#?&=~+,;@!$'()*"))
        yield Link("type", "https://schema.org/AboutPage")
        yield Link("linkset", name + LINKSET, LINKSET_TYPE)
    elif suffix:
        yield Link("describes", f"{name}.html", "text/html")
    for other, media_type in SUFFIXES.items():
        if other not in (suffix, ".html"):
            rel = "describedby" if suffix == ".html" else "alternate"
            yield Link(rel, name + other, media_type)
    if not suffix:
        yield Link("describedby", f"{name}.html", "text/html")
    if build.about.get("license") and suffix:
        yield Link("license", build.about["license"])


def _header(links: Iterator[Link]) -> list[tuple[str, str]]:
    return [("Link", ", ".join(map(str, links)))]


def _linkset(build: Build, request: Request, path: str) -> Response:
    """Return all links of the forms of a node (RFC 9264, section 4.2)."""
    here = f"{request.scheme}://{request.headers.get('host', '')}"
    here += request.path[: request.path.rindex("/") + 1]
    sets = []
    for suffix in SUFFIXES:
        found: dict[str, object] = {"anchor": f"{here}{_last(path)}{suffix}"}
        for link in _links(build, path, suffix):
            href = link.href if ":" in link.href else here + link.href
            target = {"href": href} | ({"type": link.type} if link.type else {})
            held = found.setdefault(link.rel, [])
            assert isinstance(held, list)
            held.append(target)
        sets.append(found)
    body = json.dumps({"linkset": sets}, indent=1).encode() + b"\n"
    return Response(200, body, [("Content-Type", LINKSET_TYPE), ("Vary", "Host")])


def _last(path: str) -> str:
    """Return the last part of a path, as a relative reference may have it."""
    return address(path.rpartition("/")[2])
