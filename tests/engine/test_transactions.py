"""Transactions: the host's own, one a batch where there are many records, and what is looked at again once a change is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.stores.calls import Dialect
from cubequery.stores.commands import Modify, Remove
from tests.engine.scenario import ANN, CLASSES, options
from tests.support.mongod import Document

_names = count(1)
BATCHES = cq.Settings(limits=cq.Limits(write_batch=5))
GROW = {"search_criteria": {"age": {"gte": 0}}, "inc": {"age": 100}}


@pytest.fixture
def fresh(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    own: Database[Document] = mongo_client[f"{database.name}_transactions_{next(_names)}"]
    yield own
    mongo_client.drop_database(own.name)


def pets(number: int) -> dict[str, Any]:
    return {"record": {str(place): {"age": place} for place in range(number)}}


def ages(database: Database[Document]) -> list[int]:
    return sorted(record["age"] for record in database["pet"].find())


class Interrupted(cq.MongoStore):
    """A store in whose way something comes before the n-th command of a kind."""

    def __init__(self, database: Database[Document], kind: type, place: int, other: Callable[[], object], **named: Any) -> None:
        super().__init__(database, **named)
        self.kind, self.place, self.other = kind, place, other

    def carry_out(self, command: Any, dialect: Dialect, session: Any) -> Any:
        if isinstance(command, self.kind):
            self.place -= 1
            if self.place == 0:
                self.other()
        return super().carry_out(command, dialect, session)


@pytest.mark.parametrize("commits", [True, False])
def test_all_is_done_within_the_hosts_own_transaction(fresh: Database[Document], commits: bool) -> None:
    engine = cq.Engine(cq.MongoStore(fresh), CLASSES, **options())
    engine.create_many("pet", pets(3), ANN)
    fresh["log"].insert_one({"n": 0})
    with fresh.client.start_session() as session:
        session.start_transaction()
        fresh["log"].insert_one({"n": 1}, session=session)
        made = engine.create("pet", {"age": 9}, ANN, session=session)["_id"]
        assert engine.update_by_criteria("pet", GROW, ANN, session=session)["total_found"] == 4
        assert engine.update("pet", made, {"inc": {"age": 1}}, ANN, session=session)["age"] == 110
        assert engine.list("pet", "count=1&age[gte]=100", ANN, session=session) == {"items": {"count": 4}}
        assert ages(fresh) == [0, 1, 2]
        assert engine.delete("pet", made, ANN, session=session) is None
        if commits:
            session.commit_transaction()
        else:
            session.abort_transaction()
    assert (ages(fresh), fresh["log"].count_documents({})) == (([100, 101, 102], 2) if commits else ([0, 1, 2], 1))


def test_a_refusal_ends_the_hosts_transaction_only_where_the_server_says_so(fresh: Database[Document]) -> None:
    engine = cq.Engine(cq.MongoStore(fresh), CLASSES, **options())
    with fresh.client.start_session() as session, session.start_transaction():
        engine.create("pet", {"age": 1}, ANN, session=session)
        with pytest.raises(cq.RequestError, match="Record not found"):
            engine.update("pet", "5c097e8cca8bf4291e8d219f", {"age": 2}, ANN, session=session)
        engine.create("pet", {"age": 3}, ANN, session=session)
    assert ages(fresh) == [1, 3]


def test_the_hosts_own_transaction_awaited(fresh: Database[Document], mongod_uri: str) -> None:
    async def work() -> None:
        async with AsyncMongoClient[Document](mongod_uri) as client:
            engine = cq.AsyncEngine(cq.AsyncMongoStore(client[fresh.name]), CLASSES, **options())
            await engine.create_many("pet", pets(2), ANN)
            async with client.start_session() as session:
                await session.start_transaction()
                await engine.update_by_criteria("pet", GROW, ANN, session=session)
                await session.abort_transaction()
            async with client.start_session() as session, await session.start_transaction():
                await engine.create("pet", {"age": 7}, ANN, session=session)

    asyncio.run(work())
    assert ages(fresh) == [0, 1, 7]


def test_a_store_without_sessions_takes_none() -> None:
    with pytest.raises(cq.DefinitionError, match="no sessions"):
        cq.Engine(cq.MemoryStore(), CLASSES).list("pet", "", ANN, session=object())


def test_above_a_batch_each_batch_is_kept_or_not_as_a_whole(fresh: Database[Document]) -> None:
    """Cut in the third record of the second batch: the first one stands, nothing of the second, and a repeat finishes."""
    engine = cq.Engine(cq.MongoStore(fresh, settings=BATCHES), CLASSES, settings=BATCHES, **options())
    engine.create_many("pet", pets(12), ANN)

    def fail() -> None:
        raise cq.RequestError([cq.Fault("unavailable", "base", "")])

    store = Interrupted(fresh, Modify, 8, fail, settings=BATCHES)
    with pytest.raises(cq.RequestError) as refused:
        cq.Engine(store, CLASSES, settings=BATCHES, **options()).update_by_criteria("pet", GROW, ANN, request_id="x")
    assert refused.value.code == "outcome_unknown"
    assert ages(fresh) == [5, 6, 7, 8, 9, 10, 11, 100, 101, 102, 103, 104]
    assert engine.update_by_criteria("pet", GROW, ANN, request_id="x")["total_found"] == 12
    assert ages(fresh) == list(range(100, 112))


@pytest.mark.parametrize("most", [5, 500])
def test_a_cascade_above_a_batch_leaves_no_orphan_where_it_is_cut(fresh: Database[Document], most: int) -> None:
    settings = cq.Settings(limits=cq.Limits(write_batch=most))
    engine = cq.Engine(cq.MongoStore(fresh, settings=settings), CLASSES, settings=settings, **options())
    parent = engine.create("pet", {}, ANN)["_id"]
    for _ in range(3):
        engine.create_many("toy", {"record": {str(place): {"_parent_id": parent} for place in range(4)}}, ANN)

    def fail() -> None:
        raise cq.RequestError([cq.Fault("unavailable", "base", "")])

    store = Interrupted(fresh, Remove, 2, fail, settings=settings)
    with pytest.raises(cq.RequestError) as refused:
        cq.Engine(store, CLASSES, settings=settings, **options()).delete("pet", parent, ANN)
    left = fresh["toy"].count_documents({})
    assert (refused.value.code, fresh["pet"].count_documents({})) == ("outcome_unknown" if most == 5 else "unavailable", 1)
    assert left == (10 if most == 5 else 12)
    engine.delete("pet", parent, ANN)
    assert (fresh["pet"].count_documents({}), fresh["toy"].count_documents({})) == (0, 0)


@pytest.mark.parametrize("method", ["update", "update_many", "update_by_criteria"])
def test_a_record_moved_below_a_parent_that_is_deleted_meanwhile_goes_with_it(served: tuple[Database[Document], str], method: str) -> None:
    fresh, _ = served
    engine = cq.Engine(cq.MongoStore(fresh), CLASSES, **options())
    parent, toy = engine.create("pet", {}, ANN)["_id"], engine.create("toy", {"label": "x"}, ANN)["_id"]
    engine.create("toy", {"label": "below", "_parent_id": toy}, ANN)
    store = Interrupted(fresh, Modify, 1, lambda: engine.delete("pet", parent, ANN))
    moving = cq.Engine(store, CLASSES, **options())
    if method == "update":
        moving.update("toy", toy, {"_parent_id": parent}, ANN)
    elif method == "update_many":
        moving.update_many("toy", {"record": {"1": {"id": toy, "_parent_id": parent}}}, ANN)
    else:
        moving.update_by_criteria("toy", {"search_criteria": {"label": "x"}, "_parent_id": parent}, ANN)
    assert list(fresh["toy"].find()) == []


def test_an_unchanged_parent_that_is_gone_takes_nothing_with_it(fresh: Database[Document]) -> None:
    engine = cq.Engine(cq.MongoStore(fresh), CLASSES, **options())
    parent = engine.create("pet", {}, ANN)["_id"]
    toy = engine.create("toy", {"label": "x", "_parent_id": parent}, ANN)["_id"]
    fresh["pet"].delete_many({})
    assert engine.update("toy", toy, {"label": "y", "_parent_id": parent}, ANN)["label"] == "y"


def test_the_calls_of_one_read_are_bounded_together(fresh: Database[Document]) -> None:
    """Each of two slow calls is within its own bound, both together are not within that of the request."""
    settings = cq.Settings(limits=cq.Limits(call_timeout_ms=1_000, database_time_ms=500))
    engine = cq.Engine(cq.MongoStore(fresh, settings=settings), CLASSES, settings=settings, **options())
    parent = engine.create("pet", {}, ANN)["_id"]
    slow = {"failCommands": ["find", "insert"], "blockConnection": True, "blockTimeMS": 350, "appName": "slow"}
    with MongoClient[Document](*fresh.client.address or (), appname="slow") as client:
        other = cq.Engine(cq.MongoStore(client[fresh.name], settings=settings), CLASSES, settings=settings)
        client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": slow})
        try:
            assert other.list("pet", "", ANN)["items"]
            with pytest.raises(cq.RequestError) as refused:
                other.create("toy", {"_parent_id": parent}, ANN)
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert refused.value.code == "outcome_unknown"
