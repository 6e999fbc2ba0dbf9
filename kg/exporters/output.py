"""Files as they are written: measured and hashed in one pass, and compressed beside in the same.

What is compressed is a Zstandard frame (RFC 8878), the same bytes for the same file and library in
whatever pieces it comes: one level, one thread, no name and no time. It ends with a checksum of its
content; how long that is it cannot say, for at its beginning nobody knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import zstandard

SUFFIX = ".zst"
MEDIA_TYPE = "application/zstd"

LEVEL = 9
"""That of `kg.server.compressed`, which then sends what lies there: 4 MiB to unpack (RFC 9659)."""


class Output:
    """A file that is being written, how long it is, and its hash."""

    def __init__(self, path: Path) -> None:
        """Begin a file."""
        self.path, self.size = path, 0
        self._stream, self._digest = path.open("wb"), hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of what was written."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        """Write more of it."""
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)

    def close(self) -> None:
        """End the file."""
        self._stream.close()


def write(path: Path, chunks: Iterable[bytes]) -> Output:
    """Write a file, and return what was measured."""
    with closing(Output(path)) as output:
        for chunk in chunks:
            output.write(chunk)
    return output


def write_twice(path: Path, chunks: Iterable[bytes]) -> tuple[Output, Output]:
    """Write a file, and the same compressed beside it."""
    packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compressobj()
    beside = path.with_name(path.name + SUFFIX)
    with closing(Output(path)) as plain, closing(Output(beside)) as packed:
        for chunk in chunks:
            plain.write(chunk)
            packed.write(packer.compress(chunk))
        packed.write(packer.flush())
    return plain, packed
