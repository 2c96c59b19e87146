"""Fixtures that every test may use: a real MongoDB server, a database of this run's own, a fresh collection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import settings
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database

from tests.support import fixture, mongod
from tests.support.ends import fill
from tests.support.mongod import Document
from tests.support.needed import needed

# Deadlines measure the machine, which also runs a server and the other workers; a failure prints what repeats it.
settings.register_profile("cubequery", deadline=None, print_blob=True)
settings.load_profile("cubequery")

_numbers = count(1)


@pytest.hookimpl(tryfirst=True)  # before pytest itself reads the marks for -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks a server, so that `-m "not mongod"` leaves them all out."""
    for item in items:
        if isinstance(item, pytest.Function) and not {"mongod_uri", "standalone_uri"}.isdisjoint(item.fixturenames):
            item.add_marker("mongod")


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for everything that is awaited."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="session")
def mongod_uri() -> Iterator[str]:
    """The URI of a server, one for each worker."""
    with needed(mongod.server()) as uri:
        yield uri


@pytest.fixture(scope="session")
def standalone_uri() -> Iterator[str]:
    """The URI of a server without transactions and retried writes, a second one."""
    with needed(mongod.server(alone=True)) as uri:
        yield uri


@pytest.fixture(scope="session")
def mongo_client(mongod_uri: str) -> Iterator[MongoClient[Document]]:
    """A client of the server."""
    with MongoClient[Document](mongod_uri, serverSelectionTimeoutMS=20_000) as client:
        yield client


@pytest.fixture(scope="session")
def standalone_client(standalone_uri: str) -> Iterator[MongoClient[Document]]:
    """A client of the standalone server."""
    with MongoClient[Document](standalone_uri, serverSelectionTimeoutMS=20_000) as client:
        yield client


@pytest.fixture(scope="session")
def database(mongo_client: MongoClient[Document]) -> Iterator[Database[Document]]:
    """The one database that this run and worker may touch, on a server that may hold others."""
    name = mongod.own_name()
    yield mongo_client[name]
    mongo_client.drop_database(name)


@pytest.fixture
def collection(database: Database[Document]) -> Iterator[Collection[Document]]:
    """An empty collection of the test's own."""
    fresh = database[f"fresh_{next(_numbers)}"]
    yield fresh
    fresh.drop()


@pytest.fixture(scope="session")
def stored(database: Database[Document]) -> dict[str, Collection[Document]]:
    """The records of the shared classes, one collection a class; no test changes them."""
    return {name: fill(database[f"stored_{name}"], fixture.documents(name)) for name in fixture.SCHEMAS}


@pytest.fixture(scope="session")
def scratch(database: Database[Document]) -> Collection[Document]:
    """One collection for all tests that fill it themselves: a fresh one each would cost more than they do."""
    return database["scratch"]
