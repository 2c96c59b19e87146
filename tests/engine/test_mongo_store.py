"""The same requests over memory, mongomock and real servers, sync and async: equal answers, equal records."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import mongomock
import pytest
from bson import ObjectId
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMongoStore, MemoryStore, MongoStore
from cubequery.stores.calls import Dialect
from cubequery.stores.commands import Insert
from tests.engine.scenario import ANN, BOB, CLASSES, NOW, PET, number, options, play, story
from tests.support.mongod import Document

Told = tuple[list[Any], list[Any]]
_names = count(1)


@pytest.fixture
def fresh(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    """A database of the test's own, named after the run's."""
    own: Database[Document] = mongo_client[f"{database.name}_{next(_names)}"]
    yield own
    mongo_client.drop_database(own.name)


def told(engine: Engine, scoped: bool) -> list[Any]:
    used = engine.scoped({"app_id": 7}) if scoped else engine
    return play(lambda method, *args, **named: getattr(used, method)(*args, **named))


def in_memory(scoped: bool) -> Told:
    store = MemoryStore()
    answers = told(Engine(store, CLASSES, **options()), scoped)
    return answers, [sorted(store.records(each.name).values(), key=lambda record: record["_id"]) for each in CLASSES]


def kept(database: Any) -> list[Any]:
    return [list(database[each.name].find(sort=[("_id", 1)])) for each in CLASSES]


@pytest.mark.parametrize("scoped", [False, True])
def test_the_story_on_a_server(served: tuple[Database[Document], str], scoped: bool) -> None:
    database, _ = served
    store = MongoStore(database)
    assert store.transactions == ("setName" in database.command("hello"))
    assert (told(Engine(store, CLASSES, **options()), scoped), kept(database)) == in_memory(scoped)


@pytest.mark.parametrize("scoped", [False, True])
def test_the_story_awaited(served: tuple[Database[Document], str], scoped: bool) -> None:
    database, uri = served

    async def tell() -> list[Any]:
        async with AsyncMongoClient[Document](uri) as client:
            engine = AsyncEngine(AsyncMongoStore(client[database.name]), CLASSES, **options())
            used = engine.scoped({"app_id": 7}) if scoped else engine
            answers: list[Any] = []
            for method, args, named in story():
                try:
                    answers.append(await getattr(used, method)(*args, **named))
                except cq.RequestError as error:
                    answers.append(error.body())
            return answers

    assert (asyncio.run(tell()), kept(database)) == in_memory(scoped)


@pytest.mark.parametrize("scoped", [False, True])
def test_the_story_on_mongomock(scoped: bool) -> None:
    database: Any = mongomock.MongoClient().db
    store = MongoStore(database)
    assert (told(Engine(store, CLASSES, **options()), scoped), kept(database)) == in_memory(scoped)


UNSUITED = [
    "at[near]=10,20;2000000", "age[ctn]=3", "weight[ctn]=2&count=1", "tags[all]=", "home[city]=null", "sort_desc=tags",
    "weight[calc]=sum&group_by=name",
]  # fmt: skip
"""What mongomock lacks, or answers otherwise than a server."""


@pytest.mark.parametrize("query", UNSUITED)
def test_mongomock_decides_nothing(query: str) -> None:
    records: list[Document] = [
        {"_id": 1, "_read": ["*"], "age": 3, "weight": 2.5, "tags": ["a", "z"], "at": [10.5, 20.0], "name": "x"},
        {"_id": 2, "_read": ["*"], "age": 43, "weight": 0.5, "tags": ["b"], "home": None, "name": "x"},
        {"_id": 3, "_read": ["*"], "age": 5, "tags": [], "home": {"city": "Oslo"}},
    ]
    database: Any = mongomock.MongoClient().db
    memory = MemoryStore()
    memory.insert("pet", records)
    database["pet"].insert_many(records)
    answers = [Engine(store, CLASSES).list("pet", query, cq.ADMIN) for store in (memory, MongoStore(database))]
    assert answers[0] == answers[1]


def test_the_story_is_worth_telling() -> None:
    answers, _ = in_memory(scoped=False)
    codes = {answer["code"] for answer in answers if answer and "code" in answer}
    assert codes == {"conflict", "forbidden", "index", "not_found", "operator_type", "overflow", "parent"}
    assert len(answers) > 60


def test_one_collection_serves_one_class(fresh: Database[Document]) -> None:
    engine = Engine(MongoStore(fresh["animals"]), [PET], **options())
    engine.create("pet", {"name": "Rex"}, ANN)
    assert fresh["animals"].count_documents({"name": "Rex"}) == 1
    with pytest.raises(cq.DefinitionError, match="one collection"):
        Engine(engine.store, CLASSES).list("toy", "", ANN)


def test_a_class_may_lie_in_a_collection_of_another_name(fresh: Database[Document]) -> None:
    Engine(MongoStore(fresh, collections={"pet": "animals"}), CLASSES, **options()).create("pet", {"name": "Rex"}, ANN)
    assert fresh["animals"].count_documents({"created_at": NOW}) == 1


def test_an_index_of_the_host_refuses_under_its_field_and_nothing_is_kept(served: tuple[Database[Document], str]) -> None:
    fresh, _ = served
    fresh["pet"].create_index("name", unique=True)
    engine = Engine(MongoStore(fresh), CLASSES, **options())
    engine.create("pet", {"name": "Rex"}, ANN)
    for create, body in ((engine.create, {"name": "Rex"}), (engine.create_many, {"record": {"1": {"name": "Tom"}, "2": {"name": "Rex"}}})):
        with pytest.raises(cq.RequestError) as refused:
            create("pet", body, BOB)
        assert refused.value.body() == {"errors": {"name": ["Conflicts with a record that exists"]}, "code": "conflict"}
    assert fresh["pet"].count_documents({}) == 1
    other = engine.create("pet", {"name": "Tom"}, BOB)
    with pytest.raises(cq.RequestError, match="name: Conflicts"):
        engine.update("pet", other["_id"], {"name": "Rex"}, BOB)


def test_all_of_a_multi_create_or_none(served: tuple[Database[Document], str]) -> None:
    fresh, _ = served
    engine = Engine(MongoStore(fresh), CLASSES, **options())
    engine.create("pet", {"_id": "a" * 24, "user_id": 9, "name": "there"}, cq.ADMIN)
    named = {number: {"_id": letter * 24, "user_id": 9} for number, letter in (("1", "b"), ("2", "a"), ("3", "c"))}
    with pytest.raises(cq.RequestError, match=r"record\[2\]\[_id\]"):
        engine.create_many("pet", {"record": named}, cq.ADMIN)
    assert [record["name"] for record in fresh["pet"].find()] == ["there"]


@pytest.mark.parametrize(("taken", "kept_ids"), [([2], [1, 4, 3]), ([2, 4], None)])
def test_an_id_of_our_own_that_is_in_use_is_replaced_once(
    served: tuple[Database[Document], str], taken: list[int], kept_ids: list[int] | None
) -> None:
    """Three records, so that ids 1 to 3 are drawn, and then 4."""
    there: list[Document] = [{"_id": ObjectId(number(each)), "name": "there"} for each in taken]
    memory, (database, _) = MemoryStore(), served
    memory.insert("pet", there)
    database["pet"].insert_many(there)
    for store in (memory, MongoStore(database)):
        engine = Engine(store, CLASSES, **options())
        if kept_ids is None:
            with pytest.raises(cq.RequestError, match="Internal error"):
                engine.create_many("pet", {"record": {"1": {}, "2": {}, "3": {}}}, ANN)
        else:
            items = engine.create_many("pet", {"record": {"1": {}, "2": {}, "3": {}}}, ANN)["items"]
            assert [item["_id"] for item in items] == [number(each) for each in kept_ids]
        assert engine.list("pet", "count=1&name=null", cq.ADMIN)["items"]["count"] == len(kept_ids or [])


def test_a_record_above_the_batch_is_changed_batch_by_batch(fresh: Database[Document]) -> None:
    settings = cq.Settings(limits=cq.Limits(write_batch=5))
    engine = Engine(MongoStore(fresh, settings=settings), CLASSES, settings=settings, **options())
    engine.create_many("pet", {"record": {str(place): {"age": place} for place in range(12)}}, ANN)
    by = {"search_criteria": {"age": {"gte": 0}}, "inc": {"age": 100}}
    assert engine.update_by_criteria("pet", by, ANN, request_id="x")["total_found"] == 12
    assert engine.update_by_criteria("pet", by, ANN, request_id="x")["total_found"] == 12
    assert sorted(record["age"] for record in fresh["pet"].find()) == [100 + place for place in range(12)]
    assert engine.delete_by_criteria("pet", "age[gte]=0", ANN) == {"total_deleted": 12}


def test_a_host_client_with_time_zones_changes_nothing(fresh: Database[Document], mongod_uri: str) -> None:
    with MongoClient[Document](mongod_uri, tz_aware=True, readPreference="secondaryPreferred") as client:
        assert told(Engine(MongoStore(client[fresh.name]), CLASSES, **options()), False) == in_memory(False)[0]


class Interrupted(MongoStore):
    """A store in whose way somebody else comes once, before the first insert."""

    def __init__(self, database: Database[Document], other: Callable[[], object]) -> None:
        super().__init__(database)
        self.other: Callable[[], object] | None = other

    def carry_out(self, command: Any, dialect: Dialect, session: Any) -> Any:
        if isinstance(command, Insert) and self.other is not None:
            other, self.other = self.other, None
            other()
        return super().carry_out(command, dialect, session)


def test_no_child_outlives_a_parent_that_is_deleted_meanwhile(served: tuple[Database[Document], str]) -> None:
    fresh, _ = served
    engine = Engine(MongoStore(fresh), CLASSES, **options())
    parent = engine.create("pet", {"name": "Rex"}, ANN)["_id"]
    store = Interrupted(fresh, lambda: engine.delete("pet", parent, ANN))
    children = {"record": {"1": {"label": "a", "_parent_id": parent}, "2": {"label": "b"}}}
    with pytest.raises(cq.RequestError, match="Parent record not found"):
        Engine(store, CLASSES).create_many("toy", children, ANN)
    assert list(fresh["toy"].find()) == []


def test_nothing_half_done_is_seen(fresh: Database[Document]) -> None:
    seen: list[int] = []
    engine = Engine(MongoStore(fresh), CLASSES, **options())
    engine.create_many("pet", {"record": {str(place): {"age": place} for place in range(9)}}, ANN)

    def look(done: int, whole: int | None) -> None:
        seen.append(fresh["pet"].count_documents({"tags": "x"}))

    engine.update_by_criteria("pet", {"search_criteria": {"age": {"gte": 0}}, "push": {"tags": ["x"]}}, ANN, progress=look)
    assert (seen, fresh["pet"].count_documents({"tags": "x"})) == ([0] * 9, 9)


@pytest.mark.skipif("MONGODB_URI" in os.environ, reason="a foreign server need not allow fail points")
@pytest.mark.parametrize("fault", [{"errorCode": 43}, {"errorCode": 9001}, {"closeConnection": True}], ids=str)
@pytest.mark.parametrize("stays", [False, True])
def test_a_next_batch_that_is_lost_is_asked_for_anew_once(
    served: tuple[Database[Document], str], fault: dict[str, Any], stays: bool
) -> None:
    """A cascade asks for all children, more than come at once; the driver repeats no next batch."""
    database, _ = served
    engine = Engine(MongoStore(database), CLASSES, **options())
    parent = engine.create("pet", {}, ANN)["_id"]
    database["toy"].insert_many([{"_id": place, "_parent_id": ObjectId(parent), "_parent_class": "pet"} for place in range(150)])
    fail = {"failCommands": ["getMore"], "appName": "batches", **fault}
    with MongoClient[Document](*database.client.address or (), appname="batches") as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn" if stays else {"times": 1}, "data": fail})
        try:
            other = Engine(MongoStore(client[database.name]), CLASSES, **options())
            if stays:
                with pytest.raises(cq.RequestError, match=r"temporarily unavailable$"):
                    other.delete("pet", parent, ANN)
            else:
                other.delete("pet", parent, ANN)
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
    assert database["toy"].count_documents({}) == (150 if stays else 0)
