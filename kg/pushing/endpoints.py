"""What the address of a store tells by how it ends: the protocol, and where queries are asked."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

GSP, UPDATE = "gsp", "update"


class Endpoint(NamedTuple):
    """Where to push, by which protocol, and where to ask what is there (empty: not known)."""

    url: str
    protocol: str
    query: str


_ENDS = (
    # What the path ends with, the protocol, and what stands in its place for queries.
    ("/rdf-graphs/service", GSP, ""),  # RDF4J, GraphDB
    ("/sparql-graph-crud-auth", GSP, "/sparql"),  # Virtuoso
    ("/sparql-graph-crud", GSP, "/sparql"),
    ("/store", GSP, "/query"),  # Oxigraph
    ("/data", GSP, "/query"),  # Fuseki
    ("/statements", UPDATE, ""),  # RDF4J, GraphDB
    ("/update", UPDATE, "/query"),  # Oxigraph, Fuseki, Stardog
    ("/sparql-auth", UPDATE, "/sparql-auth"),  # Virtuoso
    ("/sparql", UPDATE, "/sparql"),  # Blazegraph and others
)


def endpoint(url: str, protocol: str | None, query: str | None) -> Endpoint | None:
    """Return what is meant by a URL and the options given; None where the protocol is not told."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    for end, usual, asked in _ENDS:
        if path.endswith(end):
            known = urlunsplit(parts._replace(path=path.removesuffix(end) + asked, fragment=""))
            return Endpoint(url, protocol or usual, query or known)
    if protocol is None:
        return None
    return Endpoint(url, protocol, query or (url if protocol == UPDATE else ""))


def flaw(url: str) -> str | None:
    """Return what keeps a URL from being one to push to, if anything."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"this is no URL: {error}"
    if parts.scheme not in ("http", "https"):
        return "it must begin with http:// or https://"
    if not parts.hostname:
        return "it names no host"
    if "@" in parts.netloc:
        return "it must hold no credentials: give --user, and the password in KG_PASSWORD"
    if parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        return "it must be a URL in ASCII, without spaces or a fragment"
    return None
