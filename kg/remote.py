"""Files that lie elsewhere, by the URLs of fsspec: ``s3://…``, ``gs://…``, ``https://…``."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from kg.publish import PublishError
from kg.unchanged import INPUTS


def located(url: str) -> Path:
    """Return what a URL, or a path, names; it has the methods of a path, wherever it lies.

    Raises `kg.publish.PublishError` where nothing is known of such places.
    """
    if "://" not in url:
        return Path(url).resolve()
    if url.startswith("file://"):
        return Path(unquote(urlsplit(url).path))
    from upath import UPath

    try:
        found = UPath(url)
        _ = found.fs
    except (ValueError, ImportError) as error:
        raise PublishError(url, str(error), "name a place that fsspec knows") from error
    return cast("Path", found)


@contextmanager
def fetched(url: str) -> Iterator[Path]:
    """Yield a copy of a folder that lies elsewhere, which goes when the block ends.

    Nothing is copied but what is read of folders. Raises `kg.publish.PublishError` if that fails.
    """
    with tempfile.TemporaryDirectory(prefix="kg-folder-") as name:
        home, folder = located(url), Path(name)
        try:
            if not home.is_dir():
                raise FileNotFoundError("there is no such folder")
            _copy(home / "mappers.py", folder)
            for part in INPUTS:
                if (home / part).is_dir():
                    (folder / part).mkdir()
                    for file in (home / part).iterdir():
                        _copy(file, folder / part)
        except Exception as error:  # whatever those raise who know such places
            wrong = f"cannot be read: {str(error) or type(error).__name__}"
            raise PublishError(
                url, wrong, "see whether it is there, and who may read it"
            ) from error
        yield folder


def _copy(file: Path, directory: Path) -> None:
    if file.is_file():
        (directory / Path(file.name).name).write_bytes(file.read_bytes())
