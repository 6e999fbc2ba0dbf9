"""What was found, as people and machines read it; one module per format.

Each module has a function ``report``: from the `kg.reports.findings.Findings` to the text of the
report. To add a format, write such a module and add it to `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.reports.findings import Findings

FORMATS = {
    "text": "text",
    "json": "jsonobject",
    "github": "github",
    "sarif": "sarif",
    "junit": "junit",
    "codequality": "codequality",
}
"""The formats by name, and the modules that write them."""


def report(format_: str, findings: Findings) -> bytes:
    """Return the report of findings in a format, always in UTF-8."""
    text: str = import_module(f"kg.reports.{FORMATS[format_]}").report(findings)
    # Half a surrogate pair, as in a file name that is no text, stays readable.
    return text.encode("utf-8", "backslashreplace")
