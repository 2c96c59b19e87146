"""The relay does on the wire what it says: each fate of a command, told apart by what the client gets and what the server has."""

from __future__ import annotations

from collections.abc import Iterator

import pymongo
import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import AutoReconnect, NetworkTimeout, ServerSelectionTimeoutError

from tests.support.mongod import Document, own_name
from tests.support.relay import Act, Relay


@pytest.fixture
def relay(standalone_client: MongoClient[Document]) -> Iterator[Relay]:
    assert standalone_client.address is not None
    made = Relay(standalone_client.address)
    yield made
    made.close()


@pytest.fixture
def far(relay: Relay, standalone_client: MongoClient[Document]) -> Iterator[Collection[Document]]:
    """An empty collection behind the relay."""
    with MongoClient[Document]("127.0.0.1", relay.port, directConnection=True, serverSelectionTimeoutMS=2_000) as client:
        yield client[own_name()]["relay"]
    standalone_client[own_name()]["relay"].drop()


def there(client: MongoClient[Document]) -> int:
    return client[own_name()]["relay"].count_documents({})


@pytest.mark.parametrize(
    ("act", "error", "stored"), [(Act.CUT, AutoReconnect, 0), (Act.LOSE, AutoReconnect, 1), (Act.HOLD, NetworkTimeout, 1)]
)
def test_the_fates_of_a_write(
    relay: Relay, far: Collection[Document], standalone_client: MongoClient[Document], act: Act, error: type[Exception], stored: int
) -> None:
    seen = []

    def look(name: str) -> Act:
        seen.append(name)
        return act if name == "insert" and seen.count("insert") == 2 else Act.PASS

    relay.look = look
    far.insert_one({"_id": 1})
    with pytest.raises(error), pymongo.timeout(0.5):
        far.insert_one({"_id": 2})
    assert act is not Act.HOLD or relay.held.wait(5)
    assert there(standalone_client) == 1 + stored
    far.insert_one({"_id": 3})
    assert (there(standalone_client), seen) == (2 + stored, ["insert"] * 3)


def test_a_server_that_is_away_and_comes_back(relay: Relay, far: Collection[Document], standalone_client: MongoClient[Document]) -> None:
    def look(name: str) -> Act:
        relay.gone = True
        return Act.LOSE

    relay.look = look
    with pytest.raises(AutoReconnect), pymongo.timeout(0.5):
        far.insert_one({"_id": 1})
    assert there(standalone_client) == 1
    with pytest.raises(ServerSelectionTimeoutError), pymongo.timeout(0.5):
        far.insert_one({"_id": 2})
    relay.look, relay.gone = lambda name: Act.PASS, False
    far.insert_one({"_id": 3})
    assert there(standalone_client) == 2
