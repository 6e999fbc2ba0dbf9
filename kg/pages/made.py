"""What a page is made of: a template, and the values that it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from kg.pages.rows import Rows


class Made(NamedTuple):
    """A page that has been looked up, and is still to be rendered."""

    template: str
    values: dict[str, Any]


Maker: TypeAlias = Callable[[Rows], Made | None]
"""Makes a page that is of no node, such as the first; None where there is nothing to show."""
