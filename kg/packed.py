"""Files of ours that are packed by Zstandard (RFC 8878): a twentieth of the room, in no time."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard

PARAMETERS = zstandard.ZstdCompressionParameters.from_level(1, window_log=16, write_checksum=True)
"""A gigabyte a second, hardly smaller with more; some hundred files may be open at a time."""


@contextmanager
def packing(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write to, which is packed; one with nothing in it is left empty."""
    with _told(path), path.open("wb") as file:
        packer = zstandard.ZstdCompressor(compression_params=PARAMETERS)
        with packer.stream_writer(file, closefd=False) as stream:
            yield stream
            empty = stream.tell() == 0 and stream.flush() == 0  # nothing came out, or was to come
    if empty:
        path.write_bytes(b"")


@contextmanager
def unpacking(path: Path) -> Iterator[IO[bytes]]:
    """Yield a packed file to read from; raises OSError where it is damaged."""
    with _told(path), path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file, read_size=1 << 14)
        yield io.BufferedReader(reader, 1 << 16)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell what the library cannot do as Python would."""
    try:
        yield
    except zstandard.ZstdError as error:
        if "not enough memory" in str(error):
            raise MemoryError from error
        raise OSError(errno.EIO, str(error), str(path)) from error


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write lines of text, each with its end, to a packed file."""
    with packing(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="\n")
        text.writelines(lines)
        text.detach()  # which writes the rest of it


@contextmanager
def read_lines(path: Path) -> Iterator[Iterator[str]]:
    """Yield the lines of a packed file of text, each with its end.

    A line ends at a line feed, whatever else Unicode calls a line end.
    """
    with unpacking(path) as file:
        yield io.TextIOWrapper(file, "utf-8", newline="\n")
