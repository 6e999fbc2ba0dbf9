"""Compressed forms of a build's files, made in the background and used as soon as they are ready.

All of them lie one after the other in one temporary file, which has no name: whatever ends the
process, nothing remains of it. If the disk is full, what is not ready is sent as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
import os
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any, BinaryIO

import zstandard

from kg.server.messages import File
from kg.server.pinned import Form, Pinned

SMALLEST = 1024
"""Files of fewer bytes are sent as they are."""

SUFFIXES = {"zstd": ".zst", "gzip": ".gz"}
"""Of files that lie beside another one and hold the same, compressed."""

_CHUNK = 256 * 1024
_WINDOW = 8 << 20  # what a browser can be expected to take (RFC 9659)
_log = logging.getLogger(__name__)


class Compressed:
    """Adds compressed forms to the files of a pinned build, until it is closed."""

    def __init__(self, pinned: Pinned) -> None:
        """Begin, in a thread that gives way to all else."""
        self._folder, self._forms = pinned.folder, pinned.forms
        self._stop = threading.Event()
        self._file: BinaryIO | None = None
        self._end = 0
        self._thread = threading.Thread(target=self._work, name="compress", daemon=True)
        self._thread.start()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until all is done; tell whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def close(self) -> None:
        """Stop, which can take a moment; to be called before the build is let go.

        The disk is free again when all that is being sent has been sent.
        """
        self._stop.set()
        self._thread.join()
        if self._file is not None:
            self._file.close()

    def _work(self) -> None:
        with suppress(OSError):
            if sys.platform == "linux":  # elsewhere that would slow down the whole process
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        try:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            for name in sorted(self._forms, key=lambda name: self._forms[name]["identity"].length):
                for coding in SUFFIXES:
                    self._add(name, coding)
                    if self._stop.is_set():
                        return
        except OSError as error:
            _log.warning("files are sent uncompressed: %s", error.strerror or error)
            with suppress(OSError):
                if self._file is not None:
                    self._file.truncate(self._end)

    def _add(self, name: str, coding: str) -> None:
        """Add one form of a file, if it is worth it."""
        plain = self._forms[name]["identity"]
        if plain.length < SMALLEST or name.endswith(tuple(SUFFIXES.values())):
            return
        form = self._beside(name, coding, plain) or self._made(name, coding, plain)
        if form is not None and form.length < plain.length:
            # Replaced as a whole: a request that is looking at it sees what was there, or this.
            self._forms[name] = {**self._forms[name], coding: form}

    def _beside(self, name: str, coding: str, plain: Form) -> Form | None:
        """Return the form that lies beside a file, if it is the same file."""
        found = self._forms.get(name + SUFFIXES[coding], {}).get("identity")
        if found is None:
            return None
        digest, length = hashlib.sha256(), 0
        try:
            with closing(io.BufferedReader(_Reader(found.open()), _CHUNK)) as packed:
                contents = _unpacked(packed, coding)
                while length <= plain.length and (chunk := contents.read(_CHUNK)):
                    digest.update(chunk)
                    length += len(chunk)
                    if self._stop.is_set():
                        return None
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            _log.warning("%s/%s%s is not used: %s", self._folder, name, SUFFIXES[coding], error)
            return None
        if digest.digest() != plain.sha256:
            wrong = "it does not hold the same"
            _log.warning("%s/%s%s is not used: %s", self._folder, name, SUFFIXES[coding], wrong)
            return None
        return Form(coding, found.sha256, found.length, found.open)

    def _made(self, name: str, coding: str, plain: Form) -> Form | None:
        """Compress a file; OSError if there is no room."""
        assert self._file is not None
        try:
            source = io.BufferedReader(_Reader(plain.open()), _CHUNK)
        except OSError as error:
            _log.warning("%s/%s is not compressed: %s", self._folder, name, error.strerror)
            return None
        read, made = hashlib.sha256(), hashlib.sha256()
        fd, start = self._file.fileno(), self._end
        position = start
        with closing(source), suppress(zstandard.ZstdError):  # there is less than there was
            for packed in _packed(source, coding, plain.length, read.update):
                made.update(packed)
                while packed:
                    count = os.pwrite(fd, packed, position)
                    position, packed = position + count, packed[count:]
                if self._stop.is_set():
                    return None
        if read.digest() != plain.sha256:
            _log.warning("%s/%s is not compressed: it changed", self._folder, name)
            return None
        self._end = position
        return Form(coding, made.digest(), position - start, partial(_slice, fd, start, position))


class _Reader(io.RawIOBase):
    """A file from its beginning: its descriptor may have been read by others, elsewhere."""

    def __init__(self, file: File) -> None:
        self._file, self._position = file, file.start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        left = self._file.start + self._file.length - self._position
        data = os.pread(self._file.fd, min(len(buffer), left), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def _slice(fd: int, start: int, stop: int) -> File:
    return File(os.dup(fd), start, stop - start)


def _packed(
    source: io.BufferedReader[_Reader], coding: str, length: int, seen: Callable[[bytes], object]
) -> Iterator[memoryview]:
    """Yield a file compressed, and tell what of it was read."""
    packer: Any  # the same bytes for the same file and library: no name in it, no time
    if coding == "gzip":
        packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    else:
        packer = zstandard.ZstdCompressor(level=9).compressobj(size=length)
    while chunk := source.read(_CHUNK):
        seen(chunk)
        yield memoryview(packer.compress(chunk))
    yield memoryview(packer.flush())


def _unpacked(
    packed: io.BufferedReader[_Reader], coding: str
) -> gzip.GzipFile | zstandard.ZstdDecompressionReader:
    """Return what a compressed file holds, to be read."""
    if coding == "gzip":
        return gzip.GzipFile(fileobj=packed)
    unpacker = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    return unpacker.stream_reader(packed, read_size=_CHUNK, read_across_frames=True)
