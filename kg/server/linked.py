"""Linked data: an IRI of the dataset leads to what describes it (303), that to the rest.

Cool URIs for the Semantic Web, section 4.2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from urllib.parse import unquote

from kg.iris import segment
from kg.links import ENDPOINT, HOME, address
from kg.pages import DOCUMENTS, SPECIAL
from kg.pages.furniture import furniture
from kg.pages.made import WITH_ENGINE
from kg.server.accept import choose
from kg.server.builds import Build
from kg.server.endpoint import answer
from kg.server.frames import Task
from kg.server.messages import ROOT_VARIES, Request, Response, plain, redirect
from kg.server.signposts import (
    DESCRIPTIONS,
    HTML,
    LINKSET,
    LINKSET_TYPE,
    SUFFIXES,
    Link,
    Node,
    Signposts,
    header,
    linkset,
    of_base,
    of_node,
)

POLICY = f"{WITH_ENGINE}; frame-ancestors 'none'"
"""What a page may load, if it does not say that it needs less; and that no other may hold it."""

_OF_NO_NODE = SPECIAL.keys() - {"", ENDPOINT}
"""The paths of pages that are of no node; the first and the endpoint have more to them."""

NOTHING = "nothing here has this address"


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
    name = request.path[1:]
    if name in DOCUMENTS:
        return await _made(build, request, Task("document", name), [])
    if (path_ := name.removesuffix(".html")) in _OF_NO_NODE:
        return await _of_no_node(build, request, path_, name)
    if (furnishing := furniture().get(name)) is not None:
        data = furnishing.data()
        tag = hashlib.sha256(data).hexdigest()[:32]
        headers = [("Content-Type", furnishing.media_type), ("ETag", f'"{tag}"')]
        return Response(200, data, headers)
    if request.path == f"/{HOME}{LINKSET}":
        return await _linkset(build, request, "")
    for suffix, media_type in (*SUFFIXES.items(), (LINKSET, LINKSET_TYPE)):
        path = meant(request.path.removesuffix(suffix))
        if path is not None and request.path.endswith(suffix):
            response = await _form(build, request, path, suffix, media_type)
            if response.status != 404:
                return response
    path = meant(request.path)
    if path is None:
        return plain(404, NOTHING)
    links = await _links(build, request, path)
    if isinstance(links, Response):
        found = await _of_terms(build, request, path, links)
        if found.status != 200:
            return found
        return _lead(request, {f"{address(path).rpartition('/')[2]}.html": SUFFIXES[".html"]})
    forms = dict(SUFFIXES)
    if f"{unquote(path)}.txt" in build.files.forms:
        forms[".txt"] = "text/plain"
    name = address(path)
    last = name.rpartition("/")[2]
    response = _lead(request, {f"{last}{suffix}": type_ for suffix, type_ in forms.items()})
    response.headers += header(links[name], name)
    return response


def described(request: Request, up: str) -> Response:
    """Lead to the description of the dataset as data."""
    return _lead(request, {up + name: type_ for name, type_ in DESCRIPTIONS.items()})


def _lead(request: Request, forms: Mapping[str, str]) -> Response:
    """Lead to the form, of those with these addresses and media types, that the client wants."""
    chosen = choose(request.headers.get("accept"), list(forms.values()))
    if chosen is None:
        listed = "\n".join(f"{name}  {type_}" for name, type_ in forms.items())
        response = plain(406, f"It comes as\n{listed}")
    else:
        response = redirect(303, next(name for name, type_ in forms.items() if type_ == chosen))
    response.headers.append(("Vary", "Accept"))
    return response


async def _home(build: Build, request: Request) -> Response:
    """Return the page of the dataset, or lead to its description as data."""
    forms = {"./": "text/html", **DESCRIPTIONS}
    wanted = choose(request.headers.get("accept"), list(forms.values()))
    if request.path == "/" and wanted != "text/html":
        response = _lead(request, forms)
        response.headers += header(of_base(), "")
        return response
    response = await _page(build, request, "", "page", "")
    if request.path == "/":
        response.headers.append(("Vary", "Accept"))
    return response


async def _form(
    build: Build, request: Request, path: str, suffix: str, media_type: str
) -> Response:
    """Return a node in one of its forms."""
    if suffix == LINKSET:
        return await _linkset(build, request, path)
    if suffix == ".html":
        made = await _page(build, request, path, "page", f"{address(path)}.html")
        return await _of_terms(build, request, path, made)
    return await _page(build, request, path, "data", address(path) + suffix, media_type)


async def _of_terms(build: Build, request: Request, path: str, made: Response) -> Response:
    """Return the page of a namespace or term, where nothing else was made of its path."""
    if made.status != 404:
        return made
    return await answer(build, Task("page", path), request.client)


async def _page(
    build: Build, request: Request, path: str, kind: str, origin: str, type_: str | None = None
) -> Response:
    """Return the page or the data of a node, with the links from there."""
    links = await _links(build, request, path)
    if isinstance(links, Response):
        return links
    told = header(links[origin], origin)
    return await _made(build, request, Task(kind, path, type_), told)


async def _of_no_node(build: Build, request: Request, path: str, name: str) -> Response:
    """Return a page that is of no node; its path alone leads to it, or to its data."""
    forms = {form: made.media_type for form, made in DOCUMENTS.items() if _is_of(form, path)}
    if name == path:
        return _lead(request, {f"{path}.html": HTML, **forms})
    told = header([Link("alternate", form, type_) for form, type_ in forms.items()], name)
    return await _made(build, request, Task("page", path), told)


def _is_of(form: str, path: str) -> bool:
    return form.rpartition(".")[0] == path


async def _made(
    build: Build, request: Request, task: Task, told: list[tuple[str, str]]
) -> Response:
    """Return what a worker makes, with more headers."""
    made = await answer(build, task, request.client)
    if made.status != 200:
        return made
    headers = [(name, value) for name, value in made.headers if name != "Vary"]
    return Response(200, made.body, [*headers, *told])


async def _links(build: Build, request: Request, path: str) -> Signposts | Response:
    """Return the links of a node, or why there are none."""
    known = await answer(build, Task("known", path), request.client)
    if known.status != 200:
        return known
    assert isinstance(known.body, bytes)
    return of_node(path, Node(*json.loads(known.body)), build.about, build.files.forms)


async def _linkset(build: Build, request: Request, path: str) -> Response:
    """Return all links of a node."""
    links = await _links(build, request, path)
    if isinstance(links, Response):
        return links
    body = linkset(links, request.root)
    return Response(200, body, [("Content-Type", LINKSET_TYPE), ("Vary", ROOT_VARIES)])
