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

from tests.engine.shelves import SHELVES, CollectionShelf, FileShelf, Shelf
from tests.engine.stores import ENDS, SERVERS, End, make_end
from tests.support.mongod import Document, own_name

_names = count(1)


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all async engines."""
    with asyncio.Runner() as made:
        yield made


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
