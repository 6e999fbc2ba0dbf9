"""Files of a pinned build: which names lead to them, conditions, ranges, forms."""

from __future__ import annotations

import asyncio
import errno
import gzip
import hashlib
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from served import TTL, body, publish, request

from kg.server import sending
from kg.server.compressed import SMALLEST, Compressed
from kg.server.conditions import date, part, precondition
from kg.server.files import TYPES, media_type, respond
from kg.server.messages import File, Request, Response, plain, problem, redirect
from kg.server.paths import decoded
from kg.server.pinned import CorruptError, Pinned
from kg.server.sending import CHUNK, send_response

ALL = "gzip, zstd"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish(tmp_path / "public")
    return tmp_path / "public"


@pytest.fixture
def pinned(folder: Path) -> Iterator[Pinned]:
    pinned = Pinned(folder)
    yield pinned
    pinned.close()


def descriptors() -> int:
    opened = Path("/proc/self/fd")
    return len(list(opened.iterdir())) if opened.is_dir() else 0


def headers(response: Response) -> dict[str, str]:
    found = dict(response.headers)
    assert len(found) == len(response.headers), "a header was given twice"
    return found


# Messages


def test_a_request_is_taken_from_its_scope() -> None:
    scope: dict[str, Any] = {
        "scheme": "https",
        "method": "GET",
        "raw_path": b"/a%2Fb",
        "query_string": b"x=%20",
        "headers": [(b"accept", b"a/b"), (b"X-Name", b"\xe9"), (b"Accept", b"c/d")],
        "client": ("127.0.0.1", 5),
    }
    expected = {"accept": "a/b, c/d", "x-name": "\xe9"}
    assert Request.of(scope) == Request("GET", "/a%2Fb", "x=%20", expected, "127.0.0.1", "https")
    assert Request.of({**scope, "client": None}).client == ""


def test_short_answers() -> None:
    assert plain(200, "ok").body == b"ok\n"
    said = problem(429, "Too Many Requests", "Wait \u201ca bit\u201d \ud800.", wait=3)
    assert isinstance(said.body, bytes)
    assert b'"wait": 3' in said.body
    assert "\u201ca bit\u201d \\ud800".encode() in said.body
    assert headers(redirect(303, "/id/a.html"))["Location"] == "/id/a.html"


# Names


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", ""),
        ("/data/kg.ttl", "data/kg.ttl"),
        ("/%64ata/kg%2ettl", "data/kg.ttl"),
        ("/caf%C3%A9%20+%2541", "caf\u00e9 +%41"),
        ("/a:b@c;d=e&f,g!$'()*~", "a:b@c;d=e&f,g!$'()*~"),
        ("/.well-known/void", ".well-known/void"),
        ("", None),
        ("*", None),
        ("data/kg.ttl", None),
        ("//data/kg.ttl", None),
        ("/data//kg.ttl", None),
        ("/data/", None),
        ("/.", None),
        ("/..", None),
        ("/data/../x", None),
        ("/data/%2e%2e/x", None),
        ("/data/.%2E/x", None),
        ("/data/./x", None),
        ("/data%2fkg.ttl", None),
        ("/data%2Fkg.ttl", None),
        ("/data\\kg.ttl", None),
        ("/data%5ckg.ttl", None),
        ("/data/kg.ttl%00", None),
        ("/data/kg.ttl%0a", None),
        ("/data/kg.ttl%C2%85", None),
        ("/%", None),
        ("/%4", None),
        ("/%zz", None),
        ("/%u0041", None),
        ("/%ff", None),
        ("/%c0%ae%c0%ae/x", None),
        ("/%ed%a0%80", None),
        ("/\u2026", None),
    ],
)
def test_a_path_is_decoded_once_or_names_nothing(path: str, name: str | None) -> None:
    assert decoded(path) == name


@given(st.text(alphabet=st.sampled_from("/.%2e5cCfF0aA\\ \xe9"), max_size=12))
def test_no_path_leads_elsewhere(path: str) -> None:
    name = decoded("/" + path)
    if name:
        assert not {"", ".", ".."} & set(name.split("/"))
        assert "\\" not in name
        assert name.count("/") == path.count("/")


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1))
def test_every_name_has_a_path(steps: list[str]) -> None:
    name = "/".join(step.replace("/", "") or "x" for step in steps)
    if any(c < " " or "\x7f" <= c < "\xa0" or c == "\\" for c in name):
        return
    if {".", ".."} & set(name.split("/")):
        return
    assert decoded("/" + quote(name)) == name


# Conditions

LENGTH = 1000


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", range(0, 1)),
        ("bytes=0-499", range(500)),
        ("bytes=500-", range(500, 1000)),
        ("bytes=-500", range(500, 1000)),
        ("bytes=-5000", range(1000)),
        ("bytes=999-5000", range(999, 1000)),
        ("BYTES=1-2", range(1, 3)),
        ("bytes= 1-2 ,", range(1, 3)),
        ("bytes=000-001", range(2)),
        ("bytes=5-" + "9" * 99, range(5, 1000)),
        # None of it is there.
        ("bytes=1000-", range(0)),
        ("bytes=5000-6000", range(0)),
        ("bytes=-0", range(0)),
        ("bytes=" + "9" * 99 + "-", range(0)),
        # Answered with all.
        ("bytes=0-1,5-6", None),
        ("bytes=0-1, bytes=5-6", None),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=1.0-2", None),
        ("bytes=+1-2", None),
        ("bytes=\u0661-\u0662", None),
        ("bytes=" + "9" * 100_000 + "-", None),
        ("bytes 0-1", None),
        ("lines=0-1", None),
        ("", None),
    ],
)
def test_ranges(header: str | None, expected: range | None) -> None:
    found = part({} if header is None else {"range": header}, '"t"', LENGTH)
    assert (found is None) == (expected is None)
    assert list(found or ()) == list(expected or ())


@given(
    st.integers(0, 12), st.none() | st.integers(0, 14), st.none() | st.integers(0, 14), st.data()
)
def test_ranges_agree_with_slices(
    length: int, first: int | None, last: int | None, data: st.DataObject
) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    found = part({"range": header}, '"t"', length)
    contents = bytes(range(length))
    if first is None and last is None:
        assert found is None
    elif first is None:
        assert last is not None
        expected = contents[max(length - last, 0) :]
        assert (contents if found is None else bytes(contents[i] for i in found)) == expected
        assert (found is None) == (length == 0 < last)
    elif last is not None and last < first:
        assert found is None
    else:
        assert found is not None
        assert (
            bytes(contents[i] for i in found)
            == contents[first : None if last is None else last + 1]
        )


def test_an_empty_file_has_no_ranges() -> None:
    assert part({"range": "bytes=0-"}, '"t"', 0) == range(0)
    assert part({"range": "bytes=-5"}, '"t"', 0) is None


@pytest.mark.parametrize(
    ("tag", "honoured"),
    [
        ('"t"', True),
        (' "t" ', True),
        ('"u"', False),
        ('W/"t"', False),
        ("t", False),
        ("", False),
        ('"t", "u"', False),
        (date(1_000_000_000), False),  # two builds may be of one second
    ],
)
def test_if_range_needs_the_strong_tag(tag: str, honoured: bool) -> None:
    found = part({"range": "bytes=0-1", "if-range": tag}, '"t"', LENGTH)
    assert found == (range(2) if honoured else None)


NOW = 1_000_000_000


@pytest.mark.parametrize(
    ("given_", "status"),
    [
        ({}, None),
        ({"if-none-match": '"t"'}, 304),
        ({"if-none-match": 'W/"t"'}, 304),
        ({"if-none-match": '"a", "t"'}, 304),
        ({"if-none-match": '"a""t"'}, 304),
        ({"if-none-match": "*"}, 304),
        ({"if-none-match": '"u"'}, None),
        ({"if-none-match": "t"}, None),
        ({"if-none-match": ""}, None),
        ({"if-match": '"t"'}, None),
        ({"if-match": '"a", "t"'}, None),
        ({"if-match": "*"}, None),
        ({"if-match": '"u"'}, 412),
        ({"if-match": 'W/"t"'}, 412),
        ({"if-match": ""}, 412),
        ({"if-match": '"t"', "if-none-match": '"t"'}, 304),
        ({"if-match": '"u"', "if-none-match": '"t"'}, 412),
        ({"if-modified-since": date(NOW)}, 304),
        ({"if-modified-since": date(NOW + 1)}, 304),
        ({"if-modified-since": date(NOW - 1)}, None),
        ({"if-modified-since": "Sunday, 09-Sep-01 01:46:40 GMT"}, 304),
        ({"if-modified-since": "Sun Sep  9 01:46:40 2001"}, 304),
        ({"if-modified-since": "yesterday"}, None),
        ({"if-modified-since": ""}, None),
        ({"if-modified-since": "Mon, 99 Sep 99999999999999999999 01:46:40 GMT"}, None),
        ({"if-modified-since": date(NOW), "if-none-match": '"u"'}, None),
        ({"if-modified-since": date(NOW - 1), "if-none-match": '"t"'}, 304),
        ({"if-unmodified-since": date(NOW)}, None),
        ({"if-unmodified-since": date(NOW - 1)}, 412),
        ({"if-unmodified-since": "yesterday"}, None),
        ({"if-unmodified-since": date(NOW - 1), "if-match": '"t"'}, None),
    ],
)
def test_preconditions(given_: dict[str, str], status: int | None) -> None:
    assert precondition(given_, '"t"', NOW) == status


@given(st.text(max_size=80))
def test_any_date_is_survived(text: str) -> None:
    assert precondition({"if-modified-since": text}, '"t"', NOW) in {None, 304}


# Pinned


def test_what_is_pinned_is_all_that_lies_there(folder: Path, pinned: Pinned) -> None:
    on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(pinned.forms) == on_disk
    for name in on_disk:
        assert body(respond(pinned, name, request())) == (folder / name).read_bytes()


def test_links_devices_and_hidden_files_are_not_there(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_text("secret")
    (folder / "data/link").symlink_to(tmp_path / "secret")
    (folder / "data/inner").symlink_to("kg.ttl")
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (folder / ".kgpress").write_text("hidden")
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("hidden")
    os.mkfifo(folder / "data/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "data/sock"))
        pinned = Pinned(folder)
    asked = ["link", "inner", "pipe", "sock"]
    names = [f"data/{name}" for name in asked]
    names += ["linked/secret", ".kgpress", ".git/config", "data", "", "data/../data/kg.ttl"]
    assert [respond(pinned, name, request()).status for name in names] == [404] * len(names)
    pinned.close()


@pytest.mark.parametrize("step", ["ontology/kg.ttl", "ontology"])
def test_a_step_that_becomes_a_link_is_not_followed(
    folder: Path, pinned: Pinned, tmp_path: Path, step: str
) -> None:
    (folder / step).rename(tmp_path / "elsewhere")
    (folder / step).symlink_to(tmp_path / "elsewhere")  # to what is the very file that was read
    assert respond(pinned, "ontology/kg.ttl", request()).status == 503


def test_a_file_that_changes_is_not_sent_under_its_old_tag(folder: Path, pinned: Pinned) -> None:
    for name in ("data/kg.ttl", "ontology/kg.ttl"):
        with (folder / name).open("r+b") as file:
            file.write(b"changed")
        assert respond(pinned, name, request()).status == 503


def test_a_build_is_served_though_it_is_replaced_and_removed(folder: Path, pinned: Pinned) -> None:
    tag = headers(respond(pinned, "data/kg.nq", request("HEAD")))["ETag"]
    before = (folder / "data/kg.nq").read_bytes()
    folder.rename(folder.with_name("old"))
    publish(folder, seed=1)
    response = respond(pinned, "data/kg.nq", request())
    assert headers(response)["ETag"] == tag
    assert body(response) == before
    assert body(respond(pinned, "ontology/kg.ttl", request()))
    shutil.rmtree(folder.with_name("old"))
    assert body(respond(pinned, "data/kg.nq", request())) == before
    assert respond(pinned, "ontology/kg.ttl", request()).status == 503
    new = Pinned(folder)
    assert headers(respond(new, "data/kg.nq", request("HEAD")))["ETag"] != tag
    assert body(respond(new, "data/kg.nq", request())) != before
    new.close()


def test_what_is_being_sent_outlives_the_pin(folder: Path) -> None:
    pinned = Pinned(folder)
    response = respond(pinned, "data/kg.ttl", request())
    pinned.close()
    assert respond(pinned, "data/kg.ttl", request()).status == 404
    assert body(response) == TTL.encode()


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("data/kg.ttl", "its SHA-256 is not the one in data/SHA256SUMS"),
        ("data/kg.nq", "is missing, but data/SHA256SUMS lists it"),
        ("data/SHA256SUMS", "No such file or directory"),
    ],
)
def test_a_corrupt_build_is_refused(folder: Path, path: str, wrong: str) -> None:
    if "SHA-256" in wrong:
        (folder / path).write_bytes(b"other")
    else:
        (folder / path).unlink()
    before = descriptors()
    with pytest.raises(CorruptError) as caught:
        Pinned(folder)
    found = caught.value.problem
    assert (found.place.path, found.message) == (str(folder / path), wrong)
    assert descriptors() == before


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorruptError, match="No such file"):
        Pinned(tmp_path / "nowhere")


def test_nothing_stays_open(folder: Path) -> None:
    before = descriptors()
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    for name in pinned.forms:
        for method in ("GET", "HEAD"):
            respond(pinned, name, request(method)).close()
            respond(pinned, name, request(method, range="bytes=9999999-")).close()
            respond(pinned, name, request(method, if_none_match="*")).close()
            respond(pinned, name, request(method, accept_encoding=ALL)).close()
    compressed.close()
    pinned.close()
    assert descriptors() == before


# Files


def test_the_tag_of_a_file_is_its_hash(folder: Path, pinned: Pinned) -> None:
    for name in pinned.forms:
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        response = respond(pinned, name, request("HEAD"))
        assert headers(response)["ETag"] == f'"{digest}"'
        response.close()


def test_what_a_file_is_sent_with(pinned: Pinned) -> None:
    response = respond(pinned, "data/kg.ttl", request())
    found = headers(response)
    assert (response.status, response.length) == (200, len(TTL))
    assert found["Content-Type"] == "text/turtle; charset=utf-8"
    assert found["Accept-Ranges"] == "bytes"
    assert found["Vary"] == "Accept-Encoding"
    assert found["Cache-Control"] == "no-cache, no-transform"
    assert found["Last-Modified"] == date(pinned.modified)
    assert found["Repr-Digest"].startswith("sha-256=:")
    assert "Content-Encoding" not in found
    assert body(response) == TTL.encode()


def test_a_part_of_a_file(pinned: Pinned) -> None:
    response = respond(pinned, "data/kg.ttl", request(range="bytes=5-9"))
    assert (response.status, body(response)) == (206, TTL.encode()[5:10])
    assert headers(response)["Content-Range"] == f"bytes 5-9/{len(TTL)}"
    response = respond(pinned, "data/kg.ttl", request(range="bytes=99999999-"))
    assert response.status == 416
    assert headers(response)["Content-Range"] == f"bytes */{len(TTL)}"


def test_head_has_no_ranges(pinned: Pinned) -> None:
    response = respond(pinned, "data/kg.ttl", request("HEAD", range="bytes=5-9"))
    assert (response.status, response.length) == (200, len(TTL))
    response.close()


def test_not_modified_says_what_it_is_about(pinned: Pinned) -> None:
    tag = headers(respond(pinned, "data/kg.ttl", request("HEAD")))["ETag"]
    response = respond(pinned, "data/kg.ttl", request(if_none_match=tag, range="bytes=0-1"))
    assert (response.status, response.body) == (304, b"")
    assert set(headers(response)) == {"ETag", "Last-Modified", "Vary", "Cache-Control"}
    assert respond(pinned, "data/kg.ttl", request(if_match='"x"')).status == 412


def test_files_are_only_read(pinned: Pinned) -> None:
    for method in ("POST", "PUT", "DELETE", "get", "TRACE"):
        response = respond(pinned, "data/kg.ttl", request(method))
        assert (response.status, headers(response)["Allow"]) == (405, "GET, HEAD")


def test_every_published_file_has_a_type() -> None:
    assert media_type("data/kg.jsonld") == "application/ld+json"
    assert media_type("SHA256SUMS") == TYPES["SHA256SUMS"]
    assert media_type("data/x.SHA256SUMS/y") == "application/octet-stream"
    assert media_type("x.html") == "application/octet-stream", "nothing here is a page"


# Compressed forms


@pytest.fixture
def compressed(pinned: Pinned) -> Iterator[Compressed]:
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    yield compressed
    compressed.close()


def unpacked(coding: str, data: bytes) -> bytes:
    if coding == "gzip":
        return gzip.decompress(data)
    return zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj().decompress(data)


@pytest.mark.usefixtures("compressed")
def test_compressed_forms_hold_the_same(folder: Path, pinned: Pinned) -> None:
    for name, forms in pinned.forms.items():
        tags = set()
        for coding in forms:
            response = respond(pinned, name, request(accept_encoding=f"{coding}, identity;q=0.1"))
            found = headers(response)
            data = body(response)
            tags.add(found["ETag"])
            assert found["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
            if coding != "identity":
                assert found["Content-Encoding"] == coding
                data = unpacked(coding, data)
            assert data == (folder / name).read_bytes()
        assert len(tags) == len(forms)
    assert set(pinned.forms["data/kg.ttl"]) == {"identity", "zstd", "gzip"}
    assert set(pinned.forms["data/context.jsonld"]) == {"identity"}, "too small"
    assert set(pinned.forms["data/kg.nq"]) == {"identity"}, "random bytes get no smaller"


def test_the_same_build_has_the_same_forms_again(folder: Path, compressed: Compressed) -> None:
    again = Pinned(folder)
    work = Compressed(again)
    assert work.wait(30)
    first = {name: {c: f.sha256 for c, f in forms.items()} for name, forms in again.forms.items()}
    work.close()
    again.close()
    third = Pinned(folder)
    work = Compressed(third)
    assert work.wait(30)
    assert first == {
        name: {c: f.sha256 for c, f in forms.items()} for name, forms in third.forms.items()
    }
    work.close()
    third.close()


@pytest.mark.usefixtures("compressed")
def test_parts_are_of_the_file_as_it_is_unless_a_tag_says_otherwise(pinned: Pinned) -> None:
    def ask(**given_: str) -> Response:
        return respond(pinned, "data/kg.ttl", request(accept_encoding=ALL, **given_))

    whole = ask()
    packed, found = body(whole), headers(whole)
    assert found["Content-Encoding"] == "zstd"
    response = ask(range="bytes=0-9")
    assert (response.status, body(response)) == (206, TTL.encode()[:10])
    assert "Content-Encoding" not in headers(response)
    response = ask(range="bytes=5-9", if_range=found["ETag"])
    assert (response.status, body(response)) == (206, packed[5:10])
    assert headers(response)["Content-Range"] == f"bytes 5-9/{len(packed)}"
    # Who got the file before its compressed form was ready has it still.
    plain_tag = f'"{hashlib.sha256(TTL.encode()).hexdigest()}"'
    response = ask(if_none_match=plain_tag)
    assert (response.status, headers(response)["ETag"]) == (304, plain_tag)
    response = ask(if_none_match=found["ETag"])
    assert (response.status, headers(response)["ETag"]) == (304, found["ETag"])
    # But nobody gets a form that is refused.
    response = respond(pinned, "data/kg.ttl", request(if_none_match=found["ETag"]))
    assert (response.status, body(response)) == (200, TTL.encode())
    response = respond(pinned, "data/kg.ttl", request(accept_encoding="identity;q=0, br"))
    assert (response.status, headers(response)["Vary"]) == (406, "Accept-Encoding")


def test_a_compressed_file_that_lies_beside_is_used(folder: Path) -> None:
    text = TTL.encode()
    packed = gzip.compress(text[:1000], 1) + gzip.compress(text[1000:], 9, mtime=0)
    publish(folder, {"data/kg.ttl.gz": packed})
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    assert body(respond(pinned, "data/kg.ttl", request(accept_encoding="gzip"))) == packed
    response = respond(pinned, "data/kg.ttl.gz", request(accept_encoding=ALL))
    assert headers(response)["Content-Type"] == "application/gzip"
    assert "Content-Encoding" not in headers(response)
    assert body(response) == packed
    compressed.close()
    pinned.close()


BOMB = gzip.compress(bytes(50_000_000))
_wide = zstandard.ZstdCompressionParameters(window_log=27, write_content_size=False)
_packer = zstandard.ZstdCompressor(compression_params=_wide).compressobj()
WIDE = _packer.compress(TTL.encode()) + _packer.flush()
"""The right bytes, but unpacking takes more memory than browsers give (RFC 9659)."""


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".gz", gzip.compress(TTL.encode()[:-1])),
        (".gz", gzip.compress(TTL.encode())[:-9]),
        (".gz", BOMB),
        (".gz", b""),
        (".gz", b"nothing of the kind" * 99),
        (".zst", zstandard.compress(TTL.encode() + b"\n")),
        (".zst", zstandard.compress(TTL.encode())[:-9]),
        (".zst", zstandard.compress(bytes(1 << 30))),
        (".zst", WIDE),
        (".zst", b"nothing of the kind" * 99),
    ],
)
def test_a_compressed_file_that_holds_something_else_is_not_used(
    folder: Path, suffix: str, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    publish(folder, {f"data/kg.ttl{suffix}": content})
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    coding = {".gz": "gzip", ".zst": "zstd"}[suffix]
    data = body(respond(pinned, "data/kg.ttl", request(accept_encoding=coding)))
    assert data != content
    assert unpacked(coding, data) == TTL.encode()
    assert [r.message for r in caplog.records if "is not used" in r.message]
    compressed.close()
    pinned.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
def test_on_a_full_disk_files_are_sent_as_they_are(
    pinned: Pinned, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.TemporaryFile", partial(Path("/dev/full").open, "wb"))
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    response = respond(pinned, "data/kg.ttl", request(accept_encoding=ALL))
    assert body(response) == TTL.encode()
    assert "Content-Encoding" not in headers(response)
    lines = [record.message for record in caplog.records]
    assert lines == ["files are sent uncompressed: No space left on device"]
    compressed.close()


def test_what_was_ready_before_the_disk_was_full_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder, {"data/second.ttl": TTL.encode() * 2})
    write, room, written = os.pwrite, 1 << 30, 0

    def limited(fd: int, data: bytes, position: int) -> int:
        nonlocal written
        if position >= room:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = write(fd, data[:100], position)
        written = max(written, position + count)
        return count

    monkeypatch.setattr("os.pwrite", limited)
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    last = pinned.forms["data/second.ttl"]["zstd"].open()
    compressed.close()
    pinned.close()
    last.close()
    room, written = last.start + 200, 0  # it ends amid what was the last file
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    response = respond(pinned, "data/kg.ttl", request(accept_encoding="gzip"))
    assert gzip.decompress(body(response)) == TTL.encode()
    assert set(pinned.forms["data/second.ttl"]) == {"identity"}
    assert compressed._file is not None
    assert os.fstat(compressed._file.fileno()).st_size < written, "room was given back"
    compressed.close()
    pinned.close()


def test_compressing_stops_when_told(tmp_path: Path) -> None:
    publish(tmp_path, {"data/big.nt": TTL.encode() * 3000})  # 150 MB
    before = descriptors()
    pinned = Pinned(tmp_path)
    compressed = Compressed(pinned)
    assert not compressed.wait(0.05)
    closing = threading.Thread(target=compressed.close)
    closing.start()
    closing.join(5)
    assert not closing.is_alive()
    pinned.close()
    assert descriptors() == before


def test_small_files_are_left_alone(folder: Path) -> None:
    publish(folder, {"data/a.ttl": b"a" * (SMALLEST - 1), "data/b.ttl": b"b" * SMALLEST})
    pinned = Pinned(folder)
    compressed = Compressed(pinned)
    assert compressed.wait(30)
    assert set(pinned.forms["data/a.ttl"]) == {"identity"}
    assert set(pinned.forms["data/b.ttl"]) == {"identity", "gzip", "zstd"}
    compressed.close()
    pinned.close()


# Sending


class Transport(asyncio.WriteTransport):
    """A transport that only tells what was done with it."""

    aborted = False
    high: int | None = None

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.high = high

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def sent(response: Response, head: bool = False) -> tuple[bool, list[dict[str, Any]], Transport]:
    messages: list[dict[str, Any]] = []
    transport = Transport()

    async def send(message: Any) -> None:
        messages.append(message)

    whole = asyncio.run(send_response(send, response, transport, head=head))
    return whole, messages, transport


def of(path: Path, start: int = 0, length: int | None = None) -> File:
    fd = os.open(path, os.O_RDONLY)
    return File(fd, start, os.fstat(fd).st_size - start if length is None else length)


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_file_is_sent_in_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    if not in_memory:

        def not_there(*_: object) -> int:
            raise BlockingIOError(errno.EAGAIN, "not in memory")

        monkeypatch.setattr("os.preadv", not_there)
    content = os.urandom(CHUNK * 3 + 5)
    (tmp_path / "f").write_bytes(content)
    file = of(tmp_path / "f", 7, CHUNK * 2)
    whole, messages, transport = sent(Response(200, file, [("X-A", "b")]))
    assert whole
    assert not transport.aborted
    assert transport.high == 0, "more than a chunk may wait"
    assert file.fd == -1
    assert messages[0]["headers"] == [(b"x-a", b"b"), (b"content-length", b"%d" % (CHUNK * 2))]
    assert b"".join(m["body"] for m in messages[1:]) == content[7 : 7 + CHUNK * 2]
    assert [m["more_body"] for m in messages[1:]] == [True, True, False]


def test_long_bytes_are_sent_in_chunks_too() -> None:
    content = os.urandom(CHUNK * 2 + 5)
    _, messages, _ = sent(Response(200, content))
    assert b"".join(m["body"] for m in messages[1:]) == content
    assert max(len(m["body"]) for m in messages[1:]) == CHUNK


def test_head_says_how_long_it_would_be(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    file = of(tmp_path / "f")
    whole, messages, _ = sent(Response(200, file), head=True)
    assert whole
    assert messages[0]["headers"] == [(b"content-length", b"5")]
    assert messages[1:] == [{"type": "http.response.body", "body": b"", "more_body": False}]
    assert file.fd == -1


def test_not_modified_has_no_length() -> None:
    _, messages, _ = sent(Response(304))
    assert messages[0]["headers"] == []


def test_a_file_that_was_cut_ends_the_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    file = of(tmp_path / "f", 0, 6)
    whole, messages, transport = sent(Response(200, file))
    assert not whole
    assert transport.aborted
    assert all(m.get("more_body", True) for m in messages), "it must not look whole"
    assert "shorter than it was" in caplog.text
    assert file.fd == -1


def test_nothing_is_read_for_who_has_gone(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(CHUNK * 20))
    file, transport, messages = of(tmp_path / "f"), Transport(), []

    async def send(message: Any) -> None:
        messages.append(message)
        transport.aborted = len(messages) > 3

    assert not asyncio.run(send_response(send, Response(200, file), transport))
    assert len(messages) == 4
    assert file.fd == -1


def test_who_does_not_read_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(CHUNK * 4))
    file = of(tmp_path / "f")
    transport = Transport()

    async def send(message: Any) -> None:
        if message.get("body"):
            await asyncio.sleep(60)

    async def run() -> bool:
        return await send_response(send, Response(200, file), transport, patience=0.05)

    assert asyncio.run(run()) is False
    assert transport.aborted
    assert file.fd == -1


def test_a_download_that_is_cancelled_closes_its_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(CHUNK * 4))
    file = of(tmp_path / "f")

    async def send(message: Any) -> None:
        await asyncio.sleep(60)

    async def run() -> None:
        task = asyncio.create_task(send_response(send, Response(200, file), Transport()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert file.fd == -1


@pytest.mark.skipif(sending._NOWAIT is None, reason="the system cannot tell")
def test_reading_falls_back_to_a_thread_on_any_file_system(tmp_path: Path) -> None:
    for folder in (tmp_path, Path("/dev/shm")):
        if not folder.is_dir():
            continue
        path = folder / f"kgpress-test-{os.getpid()}"
        path.write_bytes(b"12345")
        try:
            _, messages, _ = sent(Response(200, of(path)))
        finally:
            path.unlink()
        assert b"".join(m["body"] for m in messages[1:]) == b"12345"
