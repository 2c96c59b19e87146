"""The stores that a test of operations runs over, sync and async alike: one line a store in `ENDS`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from itertools import count
from typing import Any

import mongomock
import pytest
from bson import ObjectId
from mongomock.gridfs import enable_gridfs_integration
from pymongo import AsyncMongoClient

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMemoryStore, AsyncMongoStore, MemoryStore, MongoStore
from tests.support.fixture import NOW
from tests.support.mongod import Document, own_name

Records = Mapping[str, Iterable[Document]]
NEW = {f"new{place}": ObjectId(f"6600000000000000000000{place:02x}") for place in range(1, 100)}
"""The ids that engines of tests draw, in order; a create draws two."""


class Awaited(AsyncMemoryStore):
    """The embedded store, awaited, where other tasks have their turn before each command."""

    async def execute(self, command: Any) -> Any:
        await asyncio.sleep(0)
        return await super().execute(command)


class InLoop:
    """An async engine, each call run to its end."""

    def __init__(self, engine: AsyncEngine, runner: asyncio.Runner) -> None:
        self.engine, self.runner = engine, runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            found = getattr(self.engine, name)(*args, **named)
            if isinstance(found, AsyncEngine):
                return InLoop(found, self.runner)
            return self.runner.run(found) if inspect.iscoroutine(found) else found

        return call

    def collect(self, chunks: AsyncIterator[bytes]) -> list[bytes]:
        """The pieces of a file."""

        async def read() -> list[bytes]:
            return [piece async for piece in chunks]

        return self.runner.run(read())


class MemoryEnd:
    """Engines over records in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def fill(self, records: Records) -> None:
        """Nothing but these records, by class."""
        self.store = MemoryStore()
        for name, documents in records.items():
            self.store.insert(name, documents)

    def stored(self, names: Iterable[str]) -> dict[str, list[Document]]:
        """The records of these classes by id."""
        return {name: sorted(self.store.records(name).values(), key=lambda each: str(each["_id"])) for name in names}

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        """An engine with the tests' clock, ids and random texts."""
        return Engine(self.store, classes, **drawn(), **options)


class AwaitedMemoryEnd(MemoryEnd):
    """The same, awaited."""

    def __init__(self, runner: asyncio.Runner) -> None:
        super().__init__()
        self.runner = runner

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        return InLoop(AsyncEngine(Awaited(self.store), classes, **drawn(), **options), self.runner)


class MongoEnd:
    """Engines over a server."""

    def __init__(self, database: Any, client: Any = None, runner: asyncio.Runner | None = None) -> None:
        self.database, self.client, self.runner = database, client, runner

    def fill(self, records: Records) -> None:
        for name in self.database.list_collection_names():
            self.database[name].delete_many({})
        for name, documents in records.items():
            if made := list(documents):
                self.database[name].insert_many(made)

    def stored(self, names: Iterable[str]) -> dict[str, list[Document]]:
        return {name: sorted(self.database[name].find(), key=lambda each: str(each["_id"])) for name in names}

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        if self.runner is None:
            return Engine(MongoStore(self.database), classes, **drawn(), **options)
        store = AsyncMongoStore(self.client[self.database.name])
        return InLoop(AsyncEngine(store, classes, **drawn(), **options), self.runner)


End = MemoryEnd | MongoEnd
ENDS = [
    "memory",
    "memory, awaited",
    "mongomock",
    *(pytest.param(f"{server}{awaited}", marks=pytest.mark.mongod) for server in ("mongod", "standalone") for awaited in ("", ", awaited")),
]
SERVERS = {"mongod": ("mongod_uri", "mongo_client"), "standalone": ("standalone_uri", "standalone_client")}
"""The fixtures of a server: a one-member replica set (or the one of MONGODB_URI), and one that stands alone."""


def drawn() -> dict[str, Any]:
    """Clock, ids and random texts, the same for every engine."""
    ids, texts = iter(NEW.values()), count(1)
    return {"clock": lambda: NOW, "ids": lambda schema: next(ids), "random": lambda: f"op{next(texts)}"}


def make_end(name: str, request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """One of `ENDS`."""
    if name == "memory":
        return MemoryEnd()
    if name == "memory, awaited":
        return AwaitedMemoryEnd(runner)
    if name == "mongomock":
        enable_gridfs_integration()  # type: ignore[no-untyped-call]  # not annotated
        return MongoEnd(mongomock.MongoClient().db)
    server, _, awaited = name.partition(", ")
    uri, client = SERVERS[server]
    database = request.getfixturevalue(client)[f"{own_name()}_ends"]
    request.addfinalizer(lambda: database.client.drop_database(database.name))
    if not awaited:
        return MongoEnd(database)

    async def connect() -> Any:
        return AsyncMongoClient[Document](request.getfixturevalue(uri))

    connected = runner.run(connect())
    request.addfinalizer(lambda: runner.run(connected.close()))
    return MongoEnd(database, connected, runner)
