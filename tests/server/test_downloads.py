"""Files as they are served: attachments, whole or in one range, under a name that is no path and no header."""

from __future__ import annotations

import asyncio

import pytest

from tests.attacks.covered import covers
from tests.engine.stores import End
from tests.server import parts
from tests.server.conftest import serve
from tests.server.parts import DATA, PIC, download, upload
from tests.server.wire import Wire, told


@covers(125)
@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=1270-", 206, (1270, 1280)),
        ("bytes=1270-99999", 206, (1270, 1280)),
        ("bytes=-5", 206, (1275, 1280)),
        ("bytes=-99999", 206, (0, 1280)),
        ("Bytes=0-0", 206, (0, 1)),
        ("bytes=0-0,1-1", 200, (0, 1280)),
        ("bytes=" + ",".join(f"{place}-{place}" for place in range(10_000)), 200, (0, 1280)),
        ("bytes=1280-", 200, (0, 1280)),
        ("bytes=5-4", 200, (0, 1280)),
        ("bytes=-0", 200, (0, 1280)),
        ("bytes=-", 200, (0, 1280)),
        ("bytes=" + "9" * 5_000 + "-", 200, (0, 1280)),
        ("bytes=\u0661-2".encode().decode("latin-1"), 200, (0, 1280)),
        ("lines=0-9", 200, (0, 1280)),
    ],
)
def test_at_most_one_range(asked: str, status: int, span: tuple[int, int], wire: Wire) -> None:
    upload(wire, parts.form(PIC, parts.file(DATA)))
    reply = download(wire, ("Range", asked))
    assert (reply.status, reply.body) == (status, DATA[slice(*span)])
    wanted = f"bytes {span[0]}-{span[1] - 1}/1280" if status == 206 else None
    assert (reply.header("content-range"), reply.header("accept-ranges")) == (wanted, "bytes")


def test_a_range_of_a_file_that_was_replaced_is_the_whole_new_one(end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    upload(wire, parts.form(PIC, parts.file(b"first")))
    tag = download(wire).header("etag")
    assert tag is not None
    assert download(wire, ("Range", "bytes=1-2"), ("If-Range", tag)).body == b"ir"
    upload(wire, parts.form(PIC, parts.file(b"second")))
    assert download(wire, ("Range", "bytes=1-2"), ("If-Range", tag)).body == b"second"
    assert download(wire, ("Range", "bytes=1-2"), ("Range", "bytes=2-3")).body == b"second"


def test_an_empty_file(end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    assert upload(wire, parts.form(PIC, parts.file(b""))).json["size"] == 0
    for more in ((), (("Range", "bytes=0-0"),)):
        reply = download(wire, *more)
        assert (reply.status, reply.body, reply.header("content-length")) == (200, b"", "0")


@covers(138)
@pytest.mark.parametrize(
    ("filename", "name", "shown"),
    [
        ("../../etc/passwd", "passwd", 'filename="passwd"'),
        ("C:\\\\dir\\\\a.txt", "a.txt", 'filename="a.txt"'),
        ('a\\"b.txt', 'a"b.txt', "filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"),
        ("a%0D%0AX: y.txt", "a%0D%0AX: y.txt", "filename*=UTF-8''a%250D%250AX%3A%20y.txt"),
        ("a\x00\x1b\tb.txt", "ab.txt", 'filename="ab.txt"'),
        ("Größe €.txt", "Größe €.txt", "filename=\"Gr__e _.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.txt"),
        ("x" * 300, "x" * 255, f'filename="{"x" * 255}"'),
        ("", "file", 'filename="file"'),
    ],
)
def test_a_name_is_no_path_and_no_header(filename: str, name: str, shown: str, wire: Wire) -> None:
    reply = upload(wire, parts.form(PIC, parts.file(b"<script>", filename, "text/html")))
    assert (reply.json["name"], reply.json["content_type"]) == (name, "text/html")
    found = download(wire)
    disposition = found.header("content-disposition") or ""
    assert disposition.startswith("attachment; ")
    assert shown in disposition
    assert disposition.isascii()
    assert disposition.isprintable()
    assert (found.header("x-content-type-options"), found.header("content-type")) == ("nosniff", "text/html")


@covers(138)
def test_a_line_break_in_a_part_header_is_no_header(wire: Wire) -> None:
    assert told(upload(wire, parts.form(PIC, parts.part("file", b"x", filename="a\r\nb")))) == "400 malformed base"
    reply = upload(wire, parts.form(PIC, parts.file(b"x", "a", "text/html\tx: y")))
    assert reply.json["content_type"] == "application/octet-stream"
