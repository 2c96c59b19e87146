"""Files as they are sent: in any order of parts and in any pieces; nothing is kept of what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import cubequery as cq
from tests.attacks.covered import covers
from tests.engine.stores import End, MemoryEnd
from tests.server import parts
from tests.server.conftest import serve
from tests.server.parts import DATA, PIC, URL, A, download, upload
from tests.server.wire import Leave, Pause, Wire, told
from tests.support.fixture import IDS

H = str(IDS["H"])
LIMITS = cq.Limits(max_file_bytes=1_300)


def kept(end: End) -> int:
    """How many files are in the store."""
    return len(end.store.files.of("item")) if isinstance(end, MemoryEnd) else int(end.database["item.files"].count_documents({}))


@pytest.mark.parametrize("size", [7, 100, 10_000])
@pytest.mark.parametrize("order", ["field first", "file first", "field in the query"])
def test_a_file_goes_in_and_comes_out(order: str, size: int, end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    sent = {"field first": (PIC, parts.file(DATA)), "file first": (parts.file(DATA), PIC), "field in the query": (parts.file(DATA),)}
    url = f"{URL}?field_name=pic" if order == "field in the query" else f"{URL}.json"
    reply = upload(wire, parts.cut(parts.form(*sent[order]), size), url)
    assert (reply.status, {**reply.json, "file_id": 0}) == (
        201,
        {"file_id": 0, "size": 1280, "name": "photo.jpeg", "content_type": "image/jpeg"},
    )
    found = download(wire)
    assert (found.status, found.body, found.header("content-type"), found.header("content-length")) == (200, DATA, "image/jpeg", "1280")
    assert found.header("content-disposition") == "attachment; filename=\"photo.jpeg\"; filename*=UTF-8''photo.jpeg"
    assert wire.ask("GET", f"/data/item/{A}", [("CB-Token", "O")]).json["pic"] == reply.json
    gone = wire.ask("DELETE", f"{URL}?field_name=pic", [("CB-Token", "O")])
    assert (gone.status, gone.body) == (200, b"")
    assert told(download(wire)) == "404 file_not_found base"
    assert kept(end) == 0


def test_a_file_replaces_the_one_before(end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    first, second = (upload(wire, parts.form(PIC, parts.file(data))) for data in (b"one", b"two"))
    assert (first.status, second.status) == (201, 201)
    assert (download(wire).body, kept(end)) == (b"two", 1)
    keyed = [upload(wire, parts.form(PIC, parts.file(b"three")), URL, "O", ("Idempotency-Key", "k")).json["file_id"] for _ in range(2)]
    assert keyed[0] == keyed[1]
    assert (download(wire).body, kept(end)) == (b"three", 1)


SMALL: dict[str, Any] = {"engine": {"settings": cq.Settings(limits=LIMITS)}}
LATE = [
    ((PIC, parts.file(DATA), PIC), "400 repeated field_name"),
    ((PIC, parts.file(DATA), parts.file(b"x")), "400 repeated file"),
    ((PIC, parts.file(DATA), parts.part("n", b"1")), "422 not_here n"),
    ((PIC, parts.file(DATA), parts.part("nn", b"1")), "422 unknown_field nn"),
    ((PIC, parts.file(DATA), parts.part("x", b"1" * 4097)), "400 too_large base"),
    ((parts.file(DATA), parts.file(b"x"), PIC), "400 repeated file"),
    ((PIC, parts.file(DATA + bytes(21))), "400 too_large base"),
    ((parts.file(DATA + bytes(21)), PIC), "400 too_large base"),
    ((parts.file(DATA), parts.part("field_name", b"s")), "422 wrong_type field_name"),
    ((parts.file(DATA),), "422 missing field_name"),
]
EARLY = [
    ((PIC,), "422 missing file"),
    ((), "422 missing field_name"),
    ((PIC, PIC, parts.file(DATA)), "400 repeated field_name"),
    ((parts.part("field_name", b"s"), parts.file(DATA)), "422 wrong_type field_name"),
    ((parts.part("field_name", b"\xff"), parts.file(DATA)), "400 malformed base"),
    ((PIC, parts.part("n", b"1"), parts.file(DATA)), "422 not_here n"),
    ((PIC, parts.part("a[", b"1"), parts.file(DATA)), "400 malformed base"),
    ((PIC, *[parts.part("token", b"x")] * 7, parts.file(DATA)), "400 too_large base"),
    ((PIC, parts.part("token", b"1" * 4097), parts.file(DATA)), "400 too_large base"),
    ((PIC, parts.part("file", DATA, filename="a", content_type="text/" + "x" * 4096)), "400 too_large base"),
    ((PIC, parts.part("file", DATA, filename="a", more="".join(f"X-{n}: {'x' * 100}\r\n" for n in range(50)))), "400 too_large base"),
    ((PIC, parts.part("file", DATA, more="Content-Transfer-Encoding: base64\r\n")), "400 malformed base"),
    ((PIC, parts.part("file", DATA, more='Content-Disposition: form-data; name="x"\r\n')), "400 malformed base"),
]


@covers(116)
@pytest.mark.parametrize("size", [13, 100_000])
@pytest.mark.parametrize(("sent", "answer"), [*LATE, *EARLY])
def test_nothing_is_kept_of_what_is_refused(
    sent: tuple[bytes, ...], answer: str, size: int, memory: MemoryEnd, runner: asyncio.Runner
) -> None:
    wire = serve(memory, runner, **SMALL)
    before = memory.stored(["item"])
    assert told(upload(wire, parts.cut(parts.form(*sent), size))) == answer
    assert (memory.store.files.of("item"), memory.stored(["item"])) == ({}, before)


@covers(116)
def test_limits_of_parts_accept_as_much_as_they_say(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, **SMALL)
    long = parts.part("token", b"1" * 4096)
    assert upload(wire, parts.form(PIC, *[long] * 6, parts.file(DATA + bytes(20)))).status == 201
    tight = cq.Limits(max_parts=2, max_part_bytes=60)
    wire = serve(memory, runner, engine={"settings": cq.Settings(limits=tight)})
    assert upload(wire, parts.form(PIC, parts.part("file", DATA))).status == 201
    assert told(upload(wire, parts.form(PIC, long[:0], parts.file(DATA)))) == "400 too_large base"  # its headers
    assert told(upload(wire, parts.form(PIC, parts.part("token", b"x"), parts.part("file", DATA)))) == "400 too_large base"


@covers(116)
def test_a_part_header_that_never_ends_is_refused_at_once(wire: Wire) -> None:
    body = parts.part("file", b"", filename="x" * 3_000_000)
    reply = upload(wire, parts.cut(PIC + body, 65_536))
    assert (told(reply), reply.header("connection")) == ("400 too_large base", "close")


@covers(116)
def test_the_largest_file_passes_and_one_byte_more_does_not(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner)
    most = cq.Limits().max_file_bytes
    piece = bytes(1 << 20)
    before, after = parts.form(PIC, parts.file(b"")).rsplit(b"\r\n--", 1)
    assert upload(wire, [before, *[piece] * (most // len(piece)), b"\r\n--" + after]).json["size"] == most
    assert told(upload(wire, [before, *[piece] * (most // len(piece)), b"x\r\n--" + after])) == "400 too_large base"
    assert [file.size for file in memory.store.files.of("item").values()] == [most]


def test_a_body_that_goes_on_behind_its_end_is_bounded(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, **SMALL)
    assert upload(wire, [parts.form(PIC, parts.file(DATA)), b"\r\n", b"epilogue"]).status == 201
    assert told(upload(wire, [parts.form(PIC, parts.file(DATA)), *[bytes(10_000)] * 20])) == "400 too_large base"


@pytest.mark.parametrize("order", [(PIC, parts.file(DATA + bytes(500))), (parts.file(DATA + bytes(500)), PIC)])
def test_a_file_is_refused_at_the_first_byte_over(order: tuple[bytes, ...], memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, **SMALL, upload_seconds=0.2)
    assert told(upload(wire, [parts.form(*order)[: 1_300 + 700], Pause()])) == "400 too_large base"


@pytest.mark.parametrize("order", [(PIC, parts.file(DATA)), (parts.file(DATA), PIC)])
def test_a_client_that_leaves_keeps_nothing(order: tuple[bytes, ...], end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    whole = parts.form(*order)
    for size in (10, 150, 400, len(whole) - 5):
        assert upload(wire, [whole[:size], Leave()]).status == 0
        assert told(upload(wire, whole[:size])) == "400 malformed base"
    assert (kept(end), told(download(wire))) == (0, "404 file_not_found base")


@pytest.mark.parametrize(
    ("url", "actor", "answer"),
    [
        (URL, "anonymous", "403 need_user base"),
        (f"/data/nothing/{A}/file", "O", "404 undefined_class base"),
        (URL, "G", "403 forbidden base"),
        (f"/data/item/{H}/file", "O", "404 not_found base"),
        ("/data/item/zz/file", "O", "404 not_found base"),
        (f"/data/item/{A},{A}/file", "O", "404 not_found base"),
        (f"/data/item/{H}/file", "W", "201"),
    ],
)
def test_rights(url: str, actor: str, answer: str, memory: MemoryEnd, runner: asyncio.Runner) -> None:
    reply = upload(serve(memory, runner), parts.form(PIC, parts.file(DATA)), url, actor)
    assert (told(reply) if reply.status >= 400 else str(reply.status)) == answer
    assert kept(memory) == (answer == "201")


@pytest.mark.parametrize(("pieces", "connection"), [(3, None), (3_000, "close")])
def test_a_refused_upload_is_read_to_its_end_only_where_that_is_near(pieces: int, connection: str | None, wire: Wire) -> None:
    reply = upload(wire, [parts.form(PIC, parts.file(DATA))[:300], *[b"x" * 1_000] * pieces], actor="G")
    assert (told(reply), reply.header("connection")) == ("403 forbidden base", connection)


def test_a_form_cannot_carry_a_file(wire: Wire) -> None:
    typed = ("Content-Type", "application/x-www-form-urlencoded")
    assert told(wire.ask("POST", URL, [("CB-Token", "O"), typed], b"field_name=pic&file=x")) == "422 not_here file"
    assert told(wire.ask("POST", URL, [("CB-Token", "O"), typed], b"field_name=pic")) == "422 missing file"
    assert told(wire.ask("POST", URL, [("CB-Token", "O")])) == "422 missing field_name"
    assert told(wire.ask("POST", f"{URL}?field_name=pic", [("CB-Token", "O"), parts.TYPE])) == "422 missing file"
    assert told(wire.ask("POST", URL, [("CB-Token", "O"), ("Content-Type", "multipart/form-data")], b"x")) == "400 malformed base"
