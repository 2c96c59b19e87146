"""The stores and the places of classes that a test runs over, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.database import Database

from tests.engine.playing import Sides
from tests.engine.recorded import RecordedMemory, RecordedMongo
from tests.engine.shelves import SHELVES, CollectionShelf, FileShelf, Shelf
from tests.engine.stores import ENDS, SERVERS, End, make_end
from tests.support.drawn import classes_of
from tests.support.mongod import Document, own_name
from tests.support.pairs import SCOPES
from tests.support.stored_rights import RIGHTS

_names = count(1)


@pytest.fixture(scope="session", params=ENDS)
def end(request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """Where the records are."""
    return make_end(request.param, request, runner)


@pytest.fixture(params=SHELVES)
def shelf(request: pytest.FixtureRequest, runner: asyncio.Runner, tmp_path: Path) -> Iterator[Shelf]:
    """Where classes are kept, empty."""
    place, _, awaited = request.param.partition(", ")
    own = runner if awaited else None
    if place == "file":
        yield FileShelf(own, tmp_path / "classes.json")
        return
    collection = request.getfixturevalue("collection")
    if own is None:
        yield CollectionShelf(None, collection, None)
        return

    async def connect() -> Any:
        return AsyncMongoClient[Document](request.getfixturevalue("mongod_uri"))

    client = own.run(connect())
    yield CollectionShelf(own, collection, client[collection.database.name][collection.name])
    own.run(client.close())


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.mongod) for name in SERVERS])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Database[Document], str]]:
    """A database of the test's own on one kind of server after the other, and the server's URI."""
    uri, client = (request.getfixturevalue(each) for each in SERVERS[request.param])
    own: Database[Document] = client[f"{own_name()}_served_{next(_names)}"]
    yield own, uri
    client.drop_database(own.name)


INDEXED = ["n", "f", "s", "nums", ("b", "total")]
"""Fields that requests compare and sort by; of those together, one never holds arrays, which no index takes two of."""


@pytest.fixture(scope="session", params=["memory", pytest.param("mongod", marks=pytest.mark.mongod)])
def sides(request: pytest.FixtureRequest) -> Iterator[Sides]:
    """Two stores to be compared; on a server with the indexes of every kind of class, with and without a scope."""
    if request.param == "memory":
        yield RecordedMemory(), RecordedMemory()
        return
    name, uri = request.getfixturevalue("database").name, request.getfixturevalue("mongod_uri")
    made = RecordedMongo(uri, f"{name}_left"), RecordedMongo(uri, f"{name}_right")
    for end in made:
        for rights in RIGHTS:
            engine = end.engine(classes_of(rights))
            wanted = {"world": ["total"] if rights.startswith("owner field") else INDEXED, "note": ["text"]}
            for each in (engine, engine.scoped(SCOPES[0][0])):
                each.ensure_indexes(wanted)
    yield made
    for end in made:
        end.client.drop_database(end.database.name)
        end.client.close()
