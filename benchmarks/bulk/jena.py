"""Apache Jena's `shacl validate`, where the Debian package libapache-jena-java is installed.

The package brings no commands, but their classes (jena-cmds.jar). In version 4.5.0-2 the messages
of the schema classes lie in another folder than these look into, and without them nothing starts:
so the messages are copied to where they are looked for.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

JARS = Path("/usr/share/java")
PACKAGE = "libapache-jena-java"
NEEDED = (
    *("jena-arq", "jena-base", "jena-cmds", "jena-core", "jena-dboe-base", "jena-dboe-index"),
    *("jena-dboe-storage", "jena-dboe-trans-data", "jena-dboe-transaction", "jena-iri"),
    *("jena-rdfconnection", "jena-shacl", "jena-tdb", "jena-tdb2", "commons-cli", "commons-codec"),
    *("commons-compress", "commons-csv", "commons-io", "commons-lang3", "dexx.collection", "gson"),
    *("guava", "slf4j-api", "slf4j-nop", "thrift", "protobuf"),
)
MISPLACED, WANTED = "org/apache/jena/ext/xerces/", "xerces/"


def command(data: Path, shapes: Path, work: Path) -> list[str | Path]:
    """Return the command that validates; none where Jena is not installed."""
    java = shutil.which("java")
    jars = [JARS / f"{name}.jar" for name in NEEDED]
    if java is None or not all(jar.exists() for jar in jars):
        return []
    path = ":".join(map(str, [_messages(work), *jars]))
    return [java, "-cp", path, "shacl.shacl_validate", "--shapes", shapes, "--data", data]


def version() -> str:
    """Return the version of Jena that is installed."""
    name = (JARS / "jena-shacl.jar").resolve().name
    linked = sorted(JARS.glob("jena-shacl-*.jar"))
    found = re.search(r"\d[\d.]*\d", linked[0].name if linked else name)
    return found[0] if found else ""


def _messages(work: Path) -> Path:
    folder = work / "jena-messages"
    with zipfile.ZipFile(JARS / "jena-core.jar") as jar:
        for name in jar.namelist():
            if name.startswith(MISPLACED) and name.endswith(".properties"):
                target = folder / WANTED / name.removeprefix(MISPLACED)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(jar.read(name))
    return folder
