"""What is at an address, made in a worker: the page of a node, its description, what is beside."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pyoxigraph as ox

from kg.asking.described import FORMATS, document
from kg.asking.nodes import Nodes
from kg.links import has_page
from kg.pages import Pages
from kg.server.frames import Answer, Task
from kg.server.signposts import Node
from kg.vocab import DCAT, DCTERMS, KG, RDF, SCHEMA

_TYPES = {media_type: format for format, media_type in FORMATS.items()}

UNKNOWN = Answer(404, "text/plain; charset=utf-8", b"nothing here has this address\n")


def answer_node(pages: Pages, task: Task) -> Answer:
    """Return what is wanted of a node: ``page``, ``data``, ``known``.

    Or what is of no node: a ``form`` to ask on, and a ``document`` beside the pages.
    """
    if task.kind in ("page", "form"):
        page = pages.page(task.text) if task.kind == "page" else pages.form(task.text)
        return UNKNOWN if page is None else Answer(200, "text/html; charset=utf-8", page.encode())
    if task.kind == "document":
        made = pages.document(task.text)
        return UNKNOWN if made is None else Answer(200, _typed(made[0]), made[1])
    try:
        node = ox.NamedNode(pages.nodes.base + task.text)
    except ValueError:
        return UNKNOWN
    if task.kind == "known":
        if not pages.nodes.known(node) or not (has_page(task.text) or node == pages.nodes.dataset):
            return UNKNOWN  # a dump is a file, and has no other forms
        return Answer(200, "application/json", json.dumps(_told(pages.nodes, node)).encode())
    media_type = task.accept or ""
    described = document(pages.nodes, node, _TYPES[media_type])
    return UNKNOWN if described is None else Answer(200, _typed(media_type), described)


def _typed(media_type: str) -> str:
    """Return a media type with the encoding of what is text."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def _told(nodes: Nodes, node: ox.NamedNode) -> Node:
    """Return what links tell of a node, its types by how much they say to most who follow links."""
    types = [value.value for value in nodes.iris(node, RDF.type)]
    types.sort(key=lambda type_: (not type_.startswith(SCHEMA.IRI), type_.startswith(RDF.IRI)))
    authors = (*nodes.iris(node, SCHEMA.author), *nodes.iris(node, DCTERMS.creator))
    licenses = (*nodes.iris(node, DCTERMS.license), *nodes.iris(node, SCHEMA.license))
    files = [node] if nodes.objects(node, KG.path) else nodes.files(node)
    items = [f"{file.value}.txt" for file in files]
    for dump in nodes.iris(node, DCAT.distribution):
        items += [url.value for url in nodes.iris(dump, DCAT.downloadURL)]
    return Node(
        types,
        [author.value for author in dict.fromkeys(authors)],
        [license_.value for license_ in licenses],
        [unquote(item.removeprefix(nodes.base)) for item in items],
    )
