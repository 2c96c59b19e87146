"""Files of records over every store: put, replaced, read, taken out, and never out of step with what names them."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import AsyncIterator, Iterator
from threading import Thread
from typing import Any

import pytest
from bson import ObjectId
from gridfs import GridFSBucket
from pymongo.database import Database

import cubequery as cq
from cubequery.operations.files import clean_name, clean_type
from cubequery.parse import sources
from cubequery.stores import MemoryStore, MongoStore
from cubequery.stores.chunks import AT_ONCE, CHUNK, Cutter
from cubequery.stores.files import DropFiles, FileFacts, ListFiles, PutFile
from tests.engine.stores import End, InLoop, MemoryEnd
from tests.support.fixture import ACTORS, IDS, NOW, SCHEMAS, documents
from tests.support.mongod import Document

OWNER, STRANGER = ACTORS["O"], ACTORS["S"]
A, H = str(IDS["A"]), str(IDS["H"])
UNKNOWN = "5c097e8cca8bf4291e8d219f"
BOOK = cq.ClassSchema(
    "book", {"cover": cq.File, "inside": cq.Object({"scan": cq.File(stored="s"), "pages": cq.Integer})}, parents=["item", "book"]
)
CLASSES = [*SCHEMAS.values(), BOOK]
SMALL = cq.Settings(limits=cq.Limits(max_file_bytes=1_000, write_batch=3))


@pytest.fixture
def engine(end: End) -> Any:
    """An engine over the shared fixture's records, and no files."""
    end.fill(
        {name: documents(name) for name in SCHEMAS} | {"book": [], "book.files": [], "book.chunks": [], "item.files": [], "item.chunks": []}
    )
    numbers = iter(range(1, 1_000))
    return end.engine(CLASSES, settings=SMALL, file_ids=lambda: f"{next(numbers):024x}")


def put(
    engine: Any, record: str, data: Any = b"bytes", actor: cq.Actor = OWNER, name: str = "item", field: Any = "pic", **named: Any
) -> Any:
    return engine.upload(name, record, field, data, actor, **{"filename": "a.png", "content_type": "image/png", **named})


def get(engine: Any, record: str, actor: cq.Actor = OWNER, name: str = "item", field: str = "pic", *span: int) -> bytes:
    found = engine.download(name, record, field, actor)
    return read(engine, found.chunks(*span))


def read(engine: Any, chunks: Any) -> bytes:
    """All pieces, from an async engine too."""
    return b"".join(engine.collect(chunks) if isinstance(engine, InLoop) else chunks)


def kept(end: End, name: str = "item") -> set[str]:
    """Ids of the files in the store."""
    if isinstance(end, MemoryEnd):
        return set(end.store.files.of(name))
    ids = {each["_id"] for each in end.database[f"{name}.files"].find()}
    assert {each["files_id"] for each in end.database[f"{name}.chunks"].find()} <= ids  # an empty file has none
    return ids


def told(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(cq.RequestError) as refused:
        call(*args, **named)
    return f"{refused.value.status} {refused.value.code} {refused.value.key}"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("field_name=pic&limit=1", "422 not_here limit"),
        ("field_name=pic&output[include]=n", "422 not_here output"),
        ("field_name=pic&n=1", "422 not_here n"),
        ("field_name=pic&nn=1", "422 unknown_field nn"),
        ("field_name[]=pic", "422 wrong_type field_name"),
        ("field_name=pic&field_name=pic", "400 repeated field_name"),
        ("field_name=s", "422 wrong_type field_name"),
        ("", "422 missing field_name"),
    ],
)
def test_a_request_about_a_file_takes_its_field_alone(engine: Any, text: str, refusal: str) -> None:
    given = sources(text)
    for call in (engine.download, engine.delete_file):
        assert told(call, "item", A, given, OWNER) == refusal
    assert told(put, engine, A, field=given) == refusal


def test_a_file_must_be_sent(engine: Any) -> None:
    assert told(put, engine, A, None) == "422 missing file"
    assert told(put, engine, UNKNOWN, None) == "422 missing file"
    assert told(put, engine, A, None, cq.ANONYMOUS) == "403 need_user base"


def test_a_file_is_put_read_replaced_and_taken_out(engine: Any, end: End) -> None:
    answer = put(engine, A)
    assert answer == {"file_id": f"{1:024x}", "size": 5, "name": "a.png", "content_type": "image/png"}
    record = engine.get("item", A, OWNER)
    assert (record["pic"], record["updated_at"]) == (answer, 1704164645)
    assert [get(engine, A, STRANGER), get(engine, A, OWNER, "item", "pic", 1, 3), get(engine, A, OWNER, "item", "pic", 4)] == [
        b"bytes",
        b"yt",
        b"s",
    ]
    assert engine.list("item", f"pic={answer['file_id']}", OWNER)["items"][0]["_id"] == A
    assert put(engine, A, b"")["size"] == 0
    assert (get(engine, A), kept(end)) == (b"", {f"{2:024x}"})
    assert engine.delete_file("item", A, "pic", OWNER) is None
    assert engine.delete_file("item", A, "pic", OWNER) is None
    assert engine.get("item", A, OWNER)["pic"] is None
    assert told(engine.download, "item", A, "pic", OWNER) == "404 file_not_found base"
    assert kept(end) == set()


@pytest.mark.parametrize(
    "data", [io.BytesIO(b"x" * 1_000), [b"x" * 300] * 3 + [b"x" * 100], b"x" * 1_000], ids=["stream", "pieces", "bytes"]
)
def test_as_many_bytes_as_the_limit_and_no_more(engine: Any, end: End, data: Any) -> None:
    if hasattr(data, "seek"):
        data.seek(0)
    assert put(engine, A, data)["size"] == 1_000
    assert told(put, engine, A, [b"x" * 1_000, b"y"]) == "400 too_large base"
    assert (get(engine, A), kept(end)) == (b"x" * 1_000, {f"{1:024x}"})


def test_a_sender_who_goes_away_leaves_nothing(engine: Any, end: End) -> None:
    def cut() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        put(engine, A, cut())
    assert (kept(end), engine.get("item", A, OWNER)["pic"]) == (set(), None)


def test_an_async_sender(engine: Any) -> None:
    async def send() -> AsyncIterator[bytes]:
        for piece in (b"one", b"two"):
            await asyncio.sleep(0)
            yield piece

    if isinstance(engine, InLoop):
        assert put(engine, A, send())["size"] == 6
        assert get(engine, A) == b"onetwo"


RIGHTS = [  # put and take out need the update right, reading the read right; hidden is as missing
    ("anonymous", A, "403 need_user base", "404 file_not_found base"),
    ("O", UNKNOWN, "404 not_found base", "404 not_found base"),
    ("O", "zz", "404 not_found base", "404 not_found base"),
    ("O", H, "404 not_found base", "404 not_found base"),
    ("S", A, "403 forbidden base", "404 file_not_found base"),
    ("W", H, "done", "404 not_found base"),
    ("admin", H, "done", "done"),
]


@pytest.mark.parametrize(("who", "record", "written", "shown"), RIGHTS)
def test_rights(engine: Any, end: End, who: str, record: str, written: str, shown: str) -> None:
    actor = ACTORS[who]
    if written == "done":
        assert put(engine, record, b"abc", actor)["size"] == 3
    else:
        assert told(put, engine, record, b"abc", actor) == written
        assert told(engine.delete_file, "item", record, "pic", actor) == written
        assert kept(end) == set()
    if shown == "done":
        assert get(engine, record, actor) == b"abc"
    else:
        assert told(engine.download, "item", record, "pic", actor) == shown
    if written == "done":
        assert engine.delete_file("item", record, "pic", actor) is None
        assert kept(end) == set()


@pytest.mark.parametrize(
    ("field", "fault"),
    [(None, "422 missing field_name"), *((name, "422 wrong_type field_name") for name in ("", "s", "_id", "nope", "_acl", "pic.file_id"))],
)
def test_the_field_must_be_of_files(engine: Any, end: End, field: Any, fault: str) -> None:
    assert told(put, engine, A, field=field) == fault
    assert told(engine.download, "item", A, field, OWNER) == fault
    assert told(engine.delete_file, "item", A, field, OWNER) == fault
    assert kept(end) == set()


def test_files_inside_objects_lie_at_their_stored_path(engine: Any, end: End) -> None:
    book = engine.create("book", {"inside": {"pages": 3}}, OWNER)["_id"]
    put(engine, book, b"scan", name="book", field="inside[scan]")
    assert (get(engine, book, OWNER, "book", "inside[scan]"), kept(end, "book")) == (b"scan", {f"{1:024x}"})
    assert engine.get("book", book, OWNER)["inside"]["scan"]["size"] == 4
    assert engine.update("book", book, {"inside": None}, OWNER)["inside"] is None
    assert kept(end, "book") == set()


WRITES: list[Any] = [
    lambda engine, book: engine.update("book", book, {"cover": None}, OWNER),
    lambda engine, book: engine.update_many("book", {"record": {"1": {"id": book, "cover": None}}}, OWNER),
    lambda engine, book: engine.update_by_criteria("book", {"search_criteria": {"_id": book}, "cover": None}, OWNER),
    lambda engine, book: engine.delete("book", book, OWNER),
    lambda engine, book: engine.delete("book", [book], OWNER),
    lambda engine, book: engine.delete_by_criteria("book", f"_id={book}", OWNER),
]


@pytest.mark.parametrize("write", WRITES)
def test_what_no_record_names_any_more_is_gone(engine: Any, end: End, write: Any) -> None:
    book, other = (engine.create("book", {}, OWNER)["_id"] for _ in range(2))
    put(engine, book, name="book", field="cover")
    put(engine, other, name="book", field="cover")
    write(engine, book)
    assert kept(end, "book") == {f"{2:024x}"}
    assert get(engine, other, OWNER, "book", "cover") == b"bytes"


def test_a_cascade_takes_the_files_of_children(engine: Any, end: End) -> None:
    """More of them than a batch holds, three levels deep."""
    top = engine.create("item", {}, OWNER)["_id"]
    above = top
    for _ in range(5):
        above = engine.create("book", {"_parent_id": above}, OWNER)["_id"]
        put(engine, above, name="book", field="cover")
    put(engine, top)
    assert len(kept(end, "book")) == 5
    engine.delete("item", top, OWNER)
    assert (kept(end), kept(end, "book"), engine.list("book", "count=1", cq.ADMIN)) == (set(), set(), {"items": {"count": 0}})


def test_a_file_in_a_body_is_not_linked(engine: Any) -> None:
    named = put(engine, A)
    assert engine.update("item", A, {"pic": {"file_id": "another", "size": 1}, "s": "x"}, OWNER)["pic"] == named


def test_a_repeat_under_an_operation_id_puts_the_file_once(engine: Any, end: End) -> None:
    first = put(engine, A, b"same", request_id="k")
    assert put(engine, A, b"same", request_id="k") == first
    assert kept(end) == {first["file_id"]}
    assert put(engine, A, b"other", request_id="k") != first
    assert get(engine, A) == b"other"


def made_at(when: dt.datetime) -> ObjectId:
    """An id that the driver would make then."""
    return ObjectId(ObjectId.from_datetime(when).binary[:4] + ObjectId().binary[4:])


def test_the_sweep_takes_what_no_record_names(engine: Any, end: End) -> None:
    named = put(engine, A)["file_id"]
    lost = put(engine, str(IDS["B"]))["file_id"]
    if isinstance(end, MemoryEnd):
        end.store.records("item")[next(key for key in end.store.records("item") if str(key[1]) == str(IDS["B"]))].pop("pic")
    else:
        end.database["item"].update_one({"_id": IDS["B"]}, {"$unset": {"pic": ""}})
        early = NOW - dt.timedelta(days=2)
        left = [("cut", 0, early), ("torn", 1, early), ("torn", 2, early), ("young", 0, NOW)]
        chunks = [{"_id": made_at(when), "files_id": own, "n": place, "data": b"x"} for own, place, when in left]
        end.database["item.chunks"].insert_many(chunks)
    remains = 0 if isinstance(end, MemoryEnd) else 2
    assert engine.sweep_files()["item"] == {"seen": remains, "dropped": remains}  # the others are too young
    if not isinstance(end, MemoryEnd):
        assert end.database["item.chunks"].delete_many({"files_id": {"$in": ["cut", "torn", "young"]}}).deleted_count == 1
    found = engine.sweep_files(older_than=dt.timedelta(seconds=-1))
    assert found["item"] == {"seen": 2, "dropped": 1}
    assert (kept(end), lost in kept(end), get(engine, A)) == ({named}, False, b"bytes")


def test_a_scope_sweeps_its_own_files(engine: Any, end: End) -> None:
    seven = engine.scoped({"app_id": 7})
    for each in (engine, seven):
        book = each.create("book", {}, OWNER)["_id"]
        put(each, book, name="book", field="cover")
    assert told(engine.scoped({"app_id": 8}).download, "book", book, "cover", OWNER) == "404 not_found base"
    found = seven.sweep_files(older_than=dt.timedelta(seconds=-1))["book"]
    assert found == {"seen": 1, "dropped": 0}
    assert len(kept(end, "book")) == 2


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("photo.png", "photo.png"), ("/Users/Pictures/a.png", "a.png"), ("C:\\dir\\a.png", "a.png"), ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"), ('a"b.png', 'a"b.png'), ("x" * 300, "x" * 255), ("é" * 200, "é" * 127),
        ("\0", "file"), ("", "file"),
    ],
)  # fmt: skip
def test_names_are_cleaned(given: str, kept_as: str) -> None:
    assert clean_name(given, 255) == kept_as


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("image/png", None),
        ("text/plain; charset=utf-8", None),
        (None, ""),
        ("", ""),
        ("image", ""),
        ("a/b\r\nX: y", ""),
        ("a/b; x=" + "y" * 9_999, ""),
    ],
)
def test_types_are_cleaned(given: Any, kept_as: Any) -> None:
    assert clean_type(given) == (given if kept_as is None else "application/octet-stream")


class Between:
    """A memory store in whose way somebody else comes before the n-th command of a kind."""

    def __init__(self, store: Any, kind: type, other: Any) -> None:
        self.store, self.kind, self.other = store, kind, other

    def execute(self, command: Any) -> Any:
        if isinstance(command, self.kind) and self.other is not None:
            other, self.other = self.other, None
            other()
        return self.store.execute(command)


def test_a_right_that_goes_while_the_bytes_come() -> None:
    store = cq.MemoryStore()
    store.insert("item", documents("item"))
    engine = cq.Engine(store, SCHEMAS.values())

    def lose() -> Iterator[bytes]:
        yield b"some"
        engine.update("item", A, {"user_id": 5}, cq.ADMIN)

    assert told(put, engine, A, lose()) == "403 forbidden base"
    assert (store.files.of("item"), "pic" in engine.get("item", A, OWNER) and engine.get("item", A, OWNER)["pic"]) == ({}, None)


def test_a_store_that_cannot_drop_fails_no_request() -> None:
    store = cq.MemoryStore()
    store.insert("item", documents("item"))

    def fail() -> None:
        raise cq.RequestError([cq.Fault("unavailable", "base", "")])

    engine = cq.Engine(Between(store, DropFiles, fail), SCHEMAS.values())
    first = put(engine, A)["file_id"]
    second = put(engine, A, b"new")["file_id"]
    assert set(store.files.of("item")) == {first, second}
    assert engine.sweep_files(older_than=dt.timedelta(seconds=-9))["item"] == {"seen": 2, "dropped": 1}
    assert set(store.files.of("item")) == {second}


def test_files_and_records_are_saved_and_loaded(tmp_path: Any) -> None:
    path = tmp_path / "data.jsonl"
    store = cq.MemoryStore(path)
    store.insert("item", documents("item"))
    engine = cq.Engine(store, SCHEMAS.values())
    named = put(engine, A, b"\0\xff")
    store.save()
    again = cq.MemoryStore(path)
    assert again.records("item") == store.records("item")
    assert get(cq.Engine(again, SCHEMAS.values()), A) == b"\0\xff"
    assert again.files.of("item")[named["file_id"]] == store.files.of("item")[named["file_id"]]
    assert again.execute(ListFiles(SCHEMAS["item"], dt.datetime(9999, 1, 1), {}, "", 9)) == [(named["file_id"], IDS["A"], "pic")]
    path.write_text('{"class": "item"}\n')
    with pytest.raises(cq.DefinitionError, match="line 1"):
        cq.MemoryStore(path)


def test_a_file_is_kept_between_two_commands_and_never_during_one() -> None:
    """A save walks over the files while requests go on in other threads."""
    store = MemoryStore()
    put = Thread(target=store.execute, args=[PutFile(BOOK, "f", b"bytes", FileFacts(1, "cover", NOW), 10)])
    with store._lock:
        put.start()
        put.join(0.1)
        assert store.files.of("book") == {}
    put.join()
    assert list(store.files.of("book")) == ["f"]


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, AT_ONCE * CHUNK, AT_ONCE * CHUNK + 1, 3 * AT_ONCE * CHUNK - 1])
def test_chunks_are_those_of_the_driver(size: int) -> None:
    """One document a chunk, numbered without a gap, full but for the last, never more than an insert's in memory."""
    data, cutter = bytes(place % 251 for place in range(size)), Cutter(PutFile(BOOK, "f", b"", FileFacts(1, "cover", NOW), size))
    inserts = [chunks for start in range(0, size, 100_000) for chunks in cutter.add(data[start : start + 100_000])]
    inserts.append(cutter.rest())
    chunks = [chunk for each in inserts for chunk in each]
    assert b"".join(chunk["data"] for chunk in chunks) == data
    assert [chunk["n"] for chunk in chunks] == list(range(-(-size // CHUNK)))
    assert all(len(chunk["data"]) == CHUNK for chunk in chunks[:-1])
    assert max(map(len, inserts)) <= AT_ONCE
    assert (cutter.file()["length"], cutter.file()["chunkSize"]) == (size, CHUNK)


def test_the_driver_reads_what_is_put(database: Database[Document]) -> None:
    """And the indexes are there that its own upload would have made."""
    store = MongoStore(database)
    try:
        for size in (0, 5, 3_000_000):
            data = bytes(place % 251 for place in range(size))
            store.execute(PutFile(BOOK, f"f{size}", [data], FileFacts(1, "cover", NOW), size))
            assert GridFSBucket(database, "book").open_download_stream(f"f{size}").read() == data
        assert database["book.chunks"].index_information()["files_id_1_n_1"]["unique"]
        assert "filename_1_uploadDate_1" in database["book.files"].index_information()
    finally:
        for name in ("book.files", "book.chunks"):
            database.drop_collection(name)
