"""Every command that a store sends carries a limit of time, also the one that ends a transaction which was refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMongoStore, MongoStore
from tests.engine import trials
from tests.engine.ground import Ground
from tests.engine.scenario import number
from tests.engine.stores import SERVERS, InLoop
from tests.engine.trials import CLASSES, OPERATIONS, Operation
from tests.support.mongod import own_name

NOT_OURS = frozenset({"endSessions", "killCursors"})
"""What the driver sends when a client is closed or a cursor is left."""
_numbers = count(1)


class Listener(CommandListener):
    """Names of the commands of one database, and of those that end transactions; apart those without a limit."""

    def __init__(self, database: str) -> None:
        self.database, self.sent, self.unlimited = database, set[str](), set[str]()

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in NOT_OURS and event.database_name in (self.database, "admin"):
            self.sent.add(event.command_name)
            if "maxTimeMS" not in event.command:
                self.unlimited.add(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@pytest.fixture(params=[pytest.param(f"{name}{awaited}", marks=pytest.mark.mongod) for name in SERVERS for awaited in ("", ", awaited")])
def watched(request: pytest.FixtureRequest, runner: asyncio.Runner) -> Iterator[tuple[Ground, Callable[[Operation], Any], Listener]]:
    """What lies on a server, engines over a client that is listened to, and the listener."""
    server, _, awaited = request.param.partition(", ")
    uri, client = (request.getfixturevalue(each) for each in SERVERS[server])
    ground = Ground(client[f"{own_name()}_limits_{next(_numbers)}"])
    name = ground.database.name
    listener = Listener(name)

    def engine(operation: Operation) -> Any:
        options = trials.options_of(operation)
        if awaited:
            return InLoop(AsyncEngine(AsyncMongoStore(made[name]), CLASSES, **options), runner)
        return Engine(MongoStore(made[name]), CLASSES, **options)

    kind: Any = AsyncMongoClient if awaited else MongoClient
    made = kind(uri, event_listeners=[listener])
    yield ground, engine, listener
    closed = made.close()
    if awaited:
        runner.run(closed)
    client.drop_database(name)


def test_every_command_has_a_limit(watched: tuple[Ground, Callable[[Operation], Any], Listener]) -> None:
    ground, engine, listener = watched
    for operation in OPERATIONS.values():
        ground.renew()
        assert trials.outcome(operation.ask, engine(operation))[0] == "done"
    ground.renew()
    refused = {"record": {str(place): {"_id": number(each), "user_id": 1} for place, each in enumerate((50, 1), 1)}}
    with pytest.raises(cq.RequestError, match="Conflicts"):
        engine(OPERATIONS["create_many"]).create_many("pet", refused, cq.ADMIN)
    assert listener.unlimited == set()
    ends = {"abortTransaction", "commitTransaction"} if "setName" in ground.client.admin.command("hello") else set()
    assert listener.sent >= {"aggregate", "delete", "find", "findAndModify", "hello", "insert", *ends}
