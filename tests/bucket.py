"""A store of objects like S3's, for fsspec, over a directory: no renaming, whole objects alone.

Workers of Dask import this first (``--preload``); `BUCKET` in the environment is the directory.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem
from upath import UPath
from upath.registry import register_implementation


class Bucket(DirFileSystem):  # type: ignore[misc]
    """What there is at bucket://."""

    protocol, sep = "bucket", "/"

    def __init__(self, **options: Any) -> None:
        super().__init__(os.environ["BUCKET"], LocalFileSystem(auto_mkdir=True), **options)

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("bucket://").strip("/")

    def mv(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError("objects have the names that they were given")

    mv_file = rename = move = mv


class BucketPath(UPath):
    """A path there."""


def register() -> None:
    """Make the store known."""
    fsspec.register_implementation("bucket", Bucket, clobber=True)
    register_implementation("bucket", BucketPath, clobber=True)


def dask_setup(worker: object) -> None:
    """Make the store known to a worker."""
    Path(os.environ["BUCKET"]).mkdir(exist_ok=True)
    register()
