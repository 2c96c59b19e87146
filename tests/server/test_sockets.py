"""Over a real server and real sockets: streams that wait for one another, clients that are slow, endless, or gone."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import uvicorn
from pymongo import AsyncMongoClient
from pymongo.database import Database
from starlette.applications import Starlette

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine, Engine
from tests.server import parts
from tests.server.conftest import authenticate
from tests.support.fixture import IDS, ITEM, documents
from tests.support.mongod import Document

PATIENCE = 30.0
A = str(IDS["A"])
PIC = parts.part("field_name", b"pic")
UPLOAD = f"POST /data/item/{A}/file HTTP/1.1\r\nHost: x\r\nCB-Token: O\r\n{parts.TYPE[0]}: {parts.TYPE[1]}\r\n"
CREATE = "POST /data/item HTTP/1.1\r\nHost: x\r\nCB-Token: O\r\nContent-Type: application/json\r\n"


@contextmanager
def served(engine: Any, **options: Any) -> Iterator[Callable[[], socket.socket]]:
    """The application under a server of its own; gives new connections to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(server.app(engine, authenticate=authenticate, **options), log_config=None, timeout_graceful_shutdown=5)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, args=[[listener]])
        address = listener.getsockname()
        thread.start()
        try:
            yield lambda: socket.create_connection(address, timeout=PATIENCE)
        finally:
            running.should_exit = True
            thread.join()


def in_memory() -> AsyncEngine:
    store = cq.MemoryStore()
    store.insert("item", documents("item"))
    return AsyncEngine(cq.AsyncMemoryStore(store), [ITEM])


def answer(connection: socket.socket) -> tuple[int, Any, bool]:
    """Status, JSON, and whether the connection is closed behind it."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    body = response.read()
    return response.status, json.loads(body) if body else None, response.will_close


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that must come to be."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_connections_are_kept_and_answers_follow_one_another() -> None:
    with served(in_memory()) as connect, connect() as connection:
        for body, status in ((b'{"s": "x"}', 201), (b'{"nn": 1}', 422), (b'{"s": "y"}', 201)):
            connection.sendall(f"{CREATE}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert answer(connection)[::2] == (status, False)
        connection.sendall(f"{CREATE}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk(b'{"s":') + chunk(b'"z"}') + b"0\r\n\r\n")
        assert answer(connection)[::2] == (201, False)


def test_a_body_without_end_is_refused_and_cut_off() -> None:
    engine = in_memory()
    with served(engine) as connect, connect() as connection:
        connection.sendall(f"{CREATE}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent, most, piece = 0, 256 * (1 << 20), chunk(b"x" * 65_536)
        try:
            while sent < most:
                connection.sendall(piece)
                sent += len(piece)
        except OSError:  # it has hung up
            pass
        assert sent < most
        with connect() as other:
            other.sendall(b"GET /data/item HTTP/1.1\r\nHost: x\r\nCB-Token: O\r\n\r\n")
            assert answer(other)[0] == 200


@pytest.mark.parametrize("token", ["O", "nobody's"])
def test_a_client_that_sends_all_before_it_reads_has_its_answer(token: str) -> None:
    size = 24 << 20
    with served(in_memory()) as connect, connect() as connection:
        connection.sendall(f"{CREATE.replace(': O', f': {token}')}Content-Length: {size}\r\n\r\n".encode() + b"x" * size)
        status, body, closed = answer(connection)
        assert (status, body["code"], closed) == ((400, "too_large", True) if token == "O" else (401, "no_session", True))


@pytest.mark.parametrize("start", [b"", b'{"s":'])
def test_a_slow_client_is_answered_and_hung_up_on(start: bytes) -> None:
    with served(in_memory(), body_seconds=0.2) as connect, connect() as connection:
        connection.sendall(f"{CREATE}Content-Length: 100\r\n\r\n".encode() + start)
        status, body, closed = answer(connection)
        assert (status, body["code"], closed) == (400, "malformed", True)
        assert connection.recv(1) == b""


def test_a_slow_upload_keeps_nothing() -> None:
    engine = in_memory()
    with served(engine, upload_seconds=0.2) as connect, connect() as connection:
        connection.sendall(f"{UPLOAD}Content-Length: 9999\r\n\r\n".encode() + parts.form(PIC, parts.file(b"x" * 500))[:400])
        assert answer(connection)[0] == 400
    assert engine.store.store.files.of("item") == {}  # type: ignore[attr-defined]  # in memory


@pytest.mark.mongod
@pytest.mark.parametrize("in_threads", [False, True])
def test_a_file_is_in_the_store_before_all_of_it_has_come(in_threads: bool, mongod_uri: str, database: Database[Document]) -> None:
    name = f"{database.name}_sockets"
    target = database.client[name]
    target["item"].insert_many(documents("item"))
    client = AsyncMongoClient[Document](mongod_uri)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    engine = Engine(cq.MongoStore(target), [ITEM]) if in_threads else AsyncEngine(cq.AsyncMongoStore(client[name]), [ITEM])
    whole = parts.form(PIC, parts.file(b"x" * 3_000_000))
    try:
        with served(engine, lifespan=lifespan) as connect, connect() as connection:
            connection.sendall(f"{UPLOAD}Content-Length: {len(whole)}\r\n\r\n".encode() + whole[:2_000_000])
            until(lambda: target["item.chunks"].count_documents({}) == 4)
            assert target["item"].count_documents({"pic": {"$exists": True}}) == 0
            connection.sendall(whole[2_000_000:])
            status, body, _ = answer(connection)
            assert (status, body["size"]) == (201, 3_000_000)
            with connect() as gone:
                gone.sendall(f"{UPLOAD}Content-Length: {len(whole)}\r\n\r\n".encode() + whole[:2_000_000])
                until(lambda: target["item.chunks"].count_documents({}) == 16)
            until(lambda: target["item.chunks"].count_documents({}) == 12)
            assert target["item.files"].count_documents({}) == 1
            connection.sendall(f"GET /data/item/{A}/file?field_name=pic HTTP/1.1\r\nHost: x\r\nCB-Token: O\r\n\r\n".encode())
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert response.read() == b"x" * 3_000_000
    finally:
        database.client.drop_database(name)


class Endless:
    """A download that counts what is taken from it."""

    size, name, content_type, file_id = 64 * (1 << 20), "a", "text/plain", "f"

    def __init__(self) -> None:
        self.taken, self.closed = 0, False

    async def chunks(self, start: int = 0, stop: int | None = None) -> Any:
        try:
            for _ in range(64):
                self.taken += 1
                await asyncio.sleep(0.001)  # as a store has to be waited for
                yield bytes(1 << 20)
        finally:
            self.closed = True


def test_a_download_waits_for_its_reader_and_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, found = in_memory(), Endless()

    async def download(*args: Any) -> Any:
        return found

    monkeypatch.setattr(engine, "download", download)
    with served(engine) as connect:
        with connect() as connection:
            connection.sendall(b"GET /data/item/1/file?field_name=pic HTTP/1.1\r\nHost: x\r\nCB-Token: O\r\n\r\n")
            assert connection.recv(10_000).startswith(b"HTTP/1.1 200 OK\r\n")
            time.sleep(0.3)
            assert found.taken < 32  # the rest lies in no memory
            assert not found.closed
        until(lambda: found.closed)
    assert found.taken < 64
