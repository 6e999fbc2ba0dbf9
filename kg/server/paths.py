"""The path of a request, decoded once."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

# An encoded slash is no slash, and whoever sends a backslash hopes that something takes it for one.
_STRANGE = re.compile(r"%(?![0-9A-Fa-f]{2})|%2[Ff]|%5[Cc]|\\")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def decoded(path: str) -> str | None:
    """Return what a path as it was sent names, without its first slash.

    None if it can name nothing: it is badly encoded, is no UTF-8, has empty steps, or steps ("..")
    that lead elsewhere. So a name has one spelling, save that any character may be encoded.
    """
    if not path.startswith("/") or _STRANGE.search(path):
        return None
    try:
        name = unquote_to_bytes(path[1:].encode("latin-1")).decode("utf-8")
    except UnicodeError:
        return None
    steps = name.split("/")
    if _CONTROL.search(name) or (name and {"", ".", ".."} & set(steps)):
        return None
    return name
