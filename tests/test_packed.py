"""Files that are packed: what was written is read, and what is damaged is told."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.packed import packing, read_lines, unpacking, write_lines


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))))
def test_lines_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("packed") / "file"
    lines = [f"{text}\n" for text in texts]
    write_lines(path, lines)
    with read_lines(path) as found:
        assert [*found] == lines
    assert (path.stat().st_size == 0) == (not lines)


def test_what_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with packing(path) as file:
        file.write(bytes(range(256)) * 4096)
    data = path.read_bytes()
    assert len(data) < 1 << 16
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))  # the checksum
    with pytest.raises(OSError, match="checksum") as raised, unpacking(path) as file:
        file.read()
    assert raised.value.errno == errno.EIO
    assert raised.value.filename == str(path)
