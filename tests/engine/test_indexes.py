"""Indexes of a class, and what a server says of a plan: keys and records examined stay near the page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMongoStore, MemoryStore, MongoStore
from cubequery.stores.indexes import indexes_of
from tests.engine.scenario import ANN, options
from tests.support.fixture import Fields
from tests.support.mongod import Document

FIELDS: Fields = {
    "name": cq.String,
    "age": cq.Integer,
    "tags": cq.Array(cq.String),
    "at": cq.Location,
    "home": cq.Object({"city": cq.String}),
}
OPEN = cq.ClassSchema("pet", FIELDS)
PRIVATE = cq.ClassSchema("pet", FIELDS, private_majority=True)
OWNED = cq.ClassSchema(
    "order", {"who": cq.Integer, "guests": cq.Array(cq.Integer), "total": cq.Float}, acl={"owner": "who", "shared": ["guests"]}
)
WANTED = ["age", "tags", "at", ("name", "age"), "home[city]"]


@pytest.fixture
def fresh(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    own: Database[Document] = mongo_client[f"{database.name}_indexes"]
    yield own
    mongo_client.drop_database(own.name)


def keys(schema: cq.ClassSchema, *args: object, **named: object) -> list[str]:
    found = indexes_of(schema, *args, **named)  # type: ignore[arg-type]
    return [" ".join(path if kind == 1 else f"{path}:{kind}" for path, kind in index.keys) for index in found]


def test_indexes_of_a_class_most_of_which_is_open() -> None:
    plain = ["age _id", "tags _id", "at:2dsphere", "name age _id", "home.city _id"]
    assert keys(OPEN, WANTED) == ["_parent_id", "_op", "_read _id", *plain]


def test_indexes_of_a_class_most_of_which_is_private() -> None:
    led = {"_read age _id", "_read at:2dsphere", "_read name age _id", "_read home.city _id"}
    assert set(keys(PRIVATE, WANTED)) == {*keys(OPEN, WANTED), *led}


def test_a_scope_leads_every_index() -> None:
    assert keys(OPEN, ["age"], scope=["app_id"]) == ["app_id _parent_id", "app_id _op", "app_id _read _id", "app_id age _id"]


def test_owner_fields_lead_and_no_index_holds_two_arrays() -> None:
    assert keys(OWNED, ["total", "guests"])[2:] == ["who _id", "guests _id", "who total _id", "guests total _id", "who guests _id"]


@pytest.mark.parametrize("wanted", [["nothing"], [("tags", "tags")], ["_read"], ["home"]])
def test_what_cannot_be_indexed(wanted: list[str]) -> None:
    with pytest.raises(cq.DefinitionError):
        indexes_of(OPEN, wanted)


def test_memory_has_no_indexes_and_explains_in_words() -> None:
    engine = Engine(MemoryStore(), [OPEN])
    assert engine.ensure_indexes() == {}
    assert set(engine.explain("pet", "age[gt]=3", ANN)) == {"kind", "sentence", "warnings"}


def filled(database: Database[Document], schema: cq.ClassSchema) -> Engine:
    engine = Engine(MongoStore(database), [schema], **options())
    for start in range(0, 2_000, 100):
        record = {str(place): {"age": place % 100, "name": f"n{place}"} for place in range(start, start + 100)}
        engine.create_many("pet", {"record": record}, cq.Actor(1 + start % 700), request_id=str(start))
    return engine


def test_a_page_examines_about_a_page(fresh: Database[Document]) -> None:
    engine = filled(fresh, PRIVATE)
    assert engine.explain("pet", "sort_asc=age&limit=10", ANN)["warnings"] == [
        "the order is not covered by an index: all that matches is sorted in memory",
        "no index is used: every record of the class is read",
    ]
    made = engine.ensure_indexes({"pet": ["age", ("name", "age")]})["pet"]
    assert engine.ensure_indexes({"pet": ["age", ("name", "age")]})["pet"] == made
    said = engine.explain("pet", "sort_asc=age&limit=10", ANN)
    assert (said["returned"], said["sorted"], said["warnings"]) == (10, False, [])
    assert max(said["keys"], said["records"]) <= 15
    assert engine.explain("pet", "age=5&count=1", ANN)["index"] is not None
    assert engine.explain("pet", "group_by=name&age[calc]=sum", ANN)["kind"] == "groups"


def test_too_many_scans_are_warned_of(fresh: Database[Document]) -> None:
    engine = Engine(MongoStore(fresh), [PRIVATE])
    many = cq.Actor(1, [f"g{place}" for place in range(30)])
    names = ",".join(f"n{place}" for place in range(7))
    warnings = engine.explain("pet", f"name[in]={names}&sort_asc=age", many)["warnings"]
    assert "lists of values multiply to 224 scans, above 200: an index cannot give the order" in warnings


def test_the_same_awaited(fresh: Database[Document], mongod_uri: str) -> None:
    filled(fresh, OPEN)

    async def ask() -> tuple[dict[str, list[str]], dict[str, object]]:
        async with AsyncMongoClient[Document](mongod_uri) as client:
            engine = AsyncEngine(AsyncMongoStore(client[fresh.name]), [OPEN])
            return await engine.ensure_indexes({"pet": ["age"]}), await engine.explain("pet", "sort_asc=age&limit=10", ANN)

    made, said = asyncio.run(ask())
    assert made == {"pet": ["_parent_id_1", "_op_1", "_read_1__id_1", "age_1__id_1"]}
    assert (said["index"], said["keys"]) == ("age_1__id_1", 10)
