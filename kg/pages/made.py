"""What a page is made of: a template, and the values that it shows; what else lies beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from kg.asking.nodes import Nodes
from kg.pages.rows import Rows

POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'"
)
"""What a page may load, as it says itself: nothing but what lies beside it (CSP 3)."""

WITH_ENGINE = POLICY.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
"""The same for the page that asks in the browser, whose engine is WebAssembly."""


class Made(NamedTuple):
    """A page that has been looked up, and is still to be rendered."""

    template: str
    values: dict[str, Any]
    about: str = ""
    """What it shows, in a sentence, for those who come upon its address elsewhere."""


Maker: TypeAlias = Callable[[Rows], Made | None]
"""Makes a page that is of no node, such as the first; None where there is nothing to show."""


class Document(NamedTuple):
    """What lies beside the pages and is made of the dataset as they are."""

    media_type: str
    make: Callable[[Nodes], bytes | None]
    """Returns its content; None where there is nothing to tell."""
