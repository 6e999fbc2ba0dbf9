"""Dumps compressed beside themselves: the same content, the same bytes each time, described."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard
from bulk.folders import Bulk
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from pyshacl import validate
from rdflib import Graph
from sample import REPOSITORY, Folder, kg, tree
from served import body, request
from serving import serving

from kg import pipeline
from kg.asking.published import Published
from kg.dataset import load
from kg.exporters import CHECKSUMS, EXPORTERS, SMALLEST, dcat, output, write_exports, write_file
from kg.pages import Pages
from kg.server.compressed import Compressed
from kg.server.files import respond
from kg.server.pinned import Pinned
from kg.vocab import DCAT, RDF, SPDX, VOID, XSD

DUMPS = ["graph.ttl", "kg.jsonld", "kg.nq", "kg.trig", "kg.ttl"]
"""Those that are compressed; links.ttl of this repository's dataset has 231 bytes."""


@pytest.fixture(scope="module")
def packed(published_once: Callable[..., Path]) -> Path:
    """This repository's dataset, published with its dumps compressed as well, and its pages."""
    return published_once("packed", compress=True)


def unpacked(data: bytes) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj()
    content = unpacker.decompress(data)
    assert unpacker.eof
    assert unpacker.unused_data == b"", "there is something behind the frame"
    return content


# --- what is written ---------------------------------------------------------------------------


def test_each_dump_lies_there_compressed_and_as_it_is(packed: Path, public: Path) -> None:
    found, plain = tree(packed), tree(public)
    beside = {name for name in found if name.endswith(".zst")}
    assert beside == {f"data/{name}.zst" for name in DUMPS}
    for name in beside:
        content = found[name.removesuffix(".zst")]
        assert unpacked(found[name]) == content
        assert len(found[name]) * 4 < len(content)
    # Whoever does not ask for it has nothing of it, and what describes them is all that differs.
    assert found.keys() - beside == plain.keys()
    differing = {name for name in plain if plain[name] != found[name]}
    data = {"data/dcat.ttl", "data/dcat.jsonld", f"data/{CHECKSUMS}"}
    assert {name for name in differing if name.startswith("data/")} == data
    assert {"index.html", "sparql.html"} <= differing - data  # they name what is downloaded
    assert {Path(name).suffix for name in differing - data} <= {
        ".html",
        ".json",
        ".ttl",
        ".jsonld",
        ".nt",
    }


def test_frames_are_checked_and_take_little_memory(packed: Path) -> None:
    for name in DUMPS:
        data = (packed / f"data/{name}.zst").read_bytes()
        frame = zstandard.get_frame_parameters(data)
        assert frame.has_checksum
        assert frame.window_size <= 8 << 20  # what is sent to browsers (RFC 9659)
        damaged = bytearray(data)
        damaged[-1] ^= 1
        with pytest.raises(zstandard.ZstdError):
            unpacked(bytes(damaged))


def test_the_program_unpacks_them(packed: Path, needs: Callable[[str], str]) -> None:
    zstd = needs("zstd")
    for name in DUMPS:
        command = [zstd, "--quiet", "--decompress", "--stdout", packed / f"data/{name}.zst"]
        ran = subprocess.run(command, capture_output=True, check=True)
        assert ran.stdout == (packed / "data" / name).read_bytes()


def test_the_same_bytes_however_the_work_is_divided(
    packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_exports(load(REPOSITORY), tmp_path / "memory", compress=True)
    monkeypatch.setattr(pipeline, "SHARD", 1)
    pipeline.build(REPOSITORY, tmp_path / "shards", compress=True, data_only=True, workers=3)
    assert tree(tmp_path / "memory") == tree(packed / "data")
    assert tree(tmp_path / "shards" / "data") == tree(packed / "data")


def test_the_same_bytes_in_whatever_pieces_a_file_comes(tmp_path: Path) -> None:
    chance = random.Random(5)
    words = [chance.randbytes(9) for _ in range(200)]
    data = b"".join(chance.choices(words, k=1_500_000))  # longer than a window

    def pieces(most: int) -> Iterator[bytes]:
        start = 0
        while start < len(data):
            stop = start + chance.randint(0, most)
            yield data[start:stop]
            start = stop

    found = set()
    for most in (300, 70_000, 9_000_000, 2 * len(data)):
        plain, packed = output.write_twice(tmp_path / "x", pieces(most))
        assert (tmp_path / "x").read_bytes() == data
        assert (plain.size, plain.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        written = (tmp_path / "x.zst").read_bytes()
        assert (packed.size, packed.sha256) == (len(written), hashlib.sha256(written).hexdigest())
        found.add(written)
    (only,) = found
    assert unpacked(only) == data


def test_small_dumps_are_left_alone(tmp_path: Path) -> None:
    for size in (SMALLEST - 1, SMALLEST):
        out = tmp_path / str(size)
        out.mkdir()
        written = write_file(out, "kg.nq", [b"#" * size], compress=True)
        files = [file.name for file in written]
        assert files == sorted(path.name for path in out.iterdir())
        assert ("kg.nq.zst" in files) == (size == SMALLEST)


def test_many_facts_in_many_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Bulk(200).write(tmp_path / "folder")
    monkeypatch.setattr(pipeline, "SHARD", 50)
    builds = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        assert pipeline.build(
            tmp_path / "folder", out, compress=True, data_only=True, workers=workers
        ).published
        builds.append(tree(out))
    assert builds[0] == builds[1]
    for name in DUMPS:
        assert unpacked(builds[0][f"data/{name}.zst"]) == builds[0][f"data/{name}"]


# --- what describes it -------------------------------------------------------------------------


def test_checksums_are_of_all_files(packed: Path) -> None:
    lines = (packed / "data" / CHECKSUMS).read_text("ascii").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    files = {path.name: path.read_bytes() for path in (packed / "data").iterdir()}
    del files[CHECKSUMS]
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert list(sums) == sorted(sums)


def test_what_is_compressed_is_a_distribution_of_its_own(packed: Path) -> None:
    formats = {"ttl": RdfFormat.TURTLE, "jsonld": RdfFormat.JSON_LD}
    described, same = (
        {
            (t.subject, t.predicate, t.object)
            for t in parse(path=packed / f"data/dcat.{n}", format=f)
        }
        for n, f in formats.items()
    )
    assert described == same

    def values(subject: object, predicate: NamedNode) -> set[object]:
        return {o for s, p, o in described if (s, p) == (subject, predicate)}

    (dataset,) = (s for s, p, o in described if (p, o) == (RDF.type, DCAT.Dataset))
    zstd = NamedNode("https://www.iana.org/assignments/media-types/application/zstd")
    base = Published(packed).base
    compressed = {NamedNode(f"{base}data/{name}.zst"): name for name in DUMPS}
    assert {s for s, p, _ in described if p == DCAT.compressFormat} == {*compressed}
    for node, name in compressed.items():
        plain, data = NamedNode(f"{base}data/{name}"), (packed / f"data/{name}.zst").read_bytes()
        assert node in values(dataset, DCAT.distribution)
        assert values(node, DCAT.compressFormat) == {zstd}
        inside = NamedNode(dcat.MEDIA_TYPES + EXPORTERS[name].media_type)
        assert values(node, DCAT.mediaType) == values(plain, DCAT.mediaType) == {inside}
        assert values(node, DCAT.downloadURL) == {node}
        size = Literal(str(len(data)), datatype=XSD.nonNegativeInteger)
        assert values(node, DCAT.byteSize) == {size}
        (checksum,) = values(node, SPDX.checksum)
        digest = Literal(hashlib.sha256(data).hexdigest(), datatype=XSD.hexBinary)
        assert values(checksum, SPDX.checksumValue) == {digest}
        assert plain in values(dataset, VOID.dataDump)
        assert node not in values(dataset, VOID.dataDump)


@pytest.mark.parametrize("broken", [False, True])
def test_the_description_conforms(packed: Path, broken: bool) -> None:
    described = Graph().parse(packed / "data/dcat.ttl")
    if broken:  # that the shapes do look there
        described.update(
            "DELETE { ?c ?p ?o } WHERE { ?d <http://www.w3.org/ns/dcat#compressFormat> ?f ; "
            "<http://spdx.org/rdf/terms#checksum> ?c . "
            "?c ?p ?o FILTER (?p = <http://spdx.org/rdf/terms#checksumValue>) }"
        )
    ontology, shapes = Graph(), Graph()
    for graph, name in ((ontology, "ontology"), (shapes, "shapes")):
        for file in (packed / name).glob("*.ttl"):
            graph.parse(file)
    conforms, _, text = validate(described, shacl_graph=shapes, ont_graph=ontology)
    assert conforms == (not broken), text


# --- the command -------------------------------------------------------------------------------


def test_one_dump_alone_then_none_compressed(folder: Folder) -> None:
    def files(*options: str) -> set[str]:
        ran = kg("build", folder.root, "--data-only", *options)
        assert ran.code == 0, ran.err
        data = {path.name for path in (folder.root / "public/data").iterdir()}
        assert {*re.findall(r"public/data/(\S+)", ran.out)} == data
        unchanged = kg("build", folder.root, "--data-only", *options)
        assert "Nothing has changed" in unchanged.out
        return data - {"dcat.ttl", "dcat.jsonld", CHECKSUMS}

    assert files("--only", "kg.nq", "--compress") == {"kg.nq", "kg.nq.zst"}
    assert files("--only", "kg.nq") == {"kg.nq"}
    assert files("--only", "conflicts.json", "--compress") == {"conflicts.json"}
    large = {f"{name}.zst" for name in DUMPS} - {"graph.ttl.zst"}  # that has few bytes
    assert files("--compress") == {*EXPORTERS, *large}
    assert files() == {*EXPORTERS}


def test_what_was_compressed_and_is_gone_is_made_again(folder: Folder) -> None:
    assert kg("build", folder.root, "--compress", "--data-only").code == 0
    packed = folder.root / "public/data/kg.nq.zst"
    content = packed.read_bytes()
    packed.unlink()
    assert kg("build", folder.root, "--compress", "--data-only").code == 0
    assert packed.read_bytes() == content


# --- who reads what is published ---------------------------------------------------------------


def test_the_server_sends_what_lies_there(packed: Path) -> None:
    pinned = Pinned(packed)
    compressed = Compressed(pinned)
    assert compressed.wait(60)
    for name in DUMPS:
        data = (packed / f"data/{name}.zst").read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        response = respond(pinned, f"data/{name}", request(accept_encoding="zstd"))
        headers = dict(response.headers)
        assert headers["Content-Encoding"] == "zstd"
        assert headers["Content-Type"] != "application/zstd"
        assert headers["ETag"] == f'"{digest}"'
        assert body(response) == data
        # Under its own name it is a file like any other, and is not compressed once more.
        response = respond(pinned, f"data/{name}.zst", request(accept_encoding="zstd, gzip"))
        headers = dict(response.headers)
        assert headers["Content-Type"] == "application/zstd"
        assert "Content-Encoding" not in headers
        assert headers["ETag"] == f'"{digest}"'
        assert body(response) == data
    file = pinned.forms["data/kg.nq"]["zstd"].open()
    there = (packed / "data/kg.nq.zst").stat()
    assert os.path.samestat(os.fstat(file.fd), there), "it was compressed once more"
    file.close()
    compressed.close()
    pinned.close()


def test_they_are_downloaded_by_their_names(packed: Path, tmp_path: Path) -> None:
    data = (packed / "data/kg.nq.zst").read_bytes()
    with serving(packed, log=tmp_path / "log") as server:
        reply = server.ask("GET", "/data/kg.nq.zst", headers={"Accept": "application/n-quads"})
        assert (reply.status, reply.body) == (200, data)
        assert reply.headers["Content-Type"] == "application/zstd"
        assert 'rel="collection"' in reply.headers["Link"]
        links = server.ask("GET", "/").headers["Link"]
        assert '<data/kg.nq.zst>; rel="item"; type="application/zstd"' in links


def test_questions_are_answered_from_the_dumps_alone(packed: Path, public: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER (!CONTAINS(STR(?g), 'data/')) }"
    counts = [kg("query", "--data", out, "--format", "csv", query) for out in (packed, public)]
    assert counts[0].code == 0, counts[0].err
    assert counts[0] == counts[1]


def test_the_first_page_lists_them(packed: Path) -> None:
    page = Pages(Published(packed)).page("")
    assert page is not None
    for name in DUMPS:
        assert f'href="./data/{name}.zst"' in page
        assert f"{EXPORTERS[name].title}, compressed with Zstandard" in page
        assert page.index(f'href="./data/{name}"') < page.index(f'href="./data/{name}.zst"')


def test_the_verifier_takes_their_checksums_for_what_they_are(packed: Path) -> None:
    data = packed / "data"
    seeds = REPOSITORY / "seeds"
    ran = kg("verify", data / "kg.nq", seeds, "--manifest", data / CHECKSUMS)
    assert ran.code == 0, ran.err
    ran = kg("verify", data / "kg.nq.zst", seeds, "--manifest", data / CHECKSUMS)
    assert ran.code == 1
    assert "does not hold" in ran.err
