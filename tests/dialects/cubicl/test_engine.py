"""The Cubicl dialect over an engine and its stores: what is created by one is read by the other, under every access strategy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.dialects.cubicl import Cubicl, CubiclError, CubiclPlan, Endpoint, Parameter
from cubequery.engine.drivers import drive
from cubequery.stores.commands import Select, Steps, do
from tests.support.mongod import Document

NOTE = cq.ClassSchema(
    "Note", {"who": cq.Integer, "guests": cq.Array(cq.Integer), "text": cq.String}, acl={"owner": "who", "shared": ["guests"]}
)
NOTES = Cubicl([NOTE], [Endpoint("notes", "Note", (Parameter("text", "text", "text"), Parameter("include", "include")))])
OWNER, GUEST, STRANGER = cq.Actor(1), cq.Actor(2), cq.Actor(3)


@pytest.fixture(params=["memory", "mongod"])
def engine(request: pytest.FixtureRequest, mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[cq.Engine]:
    own = mongo_client[f"{database.name}_cubicl"]
    yield cq.Engine(cq.MemoryStore() if request.param == "memory" else cq.MongoStore(own), [NOTE])
    mongo_client.drop_database(own.name)


def rows(engine: cq.Engine, plan: CubiclPlan) -> list[Document]:
    def steps() -> Steps[Any]:
        return (yield from do(Select(plan.schema, plan)))

    return list(drive(steps(), engine.store, kept=True))


def test_an_owner_shares_a_record_and_a_stranger_never_sees_it(engine: cq.Engine) -> None:
    made = engine.create("Note", NOTES.body("notes", "create", '{"text":"Über uns","guests":[2],"who":3}', OWNER).body, OWNER)
    for actor, expected in ((OWNER, [made["_id"]]), (GUEST, [made["_id"]]), (STRANGER, []), (cq.ANONYMOUS, [])):
        plan = NOTES.list("notes", "text=%C3%BCBER", actor)
        assert [each["_id"] for each in plan.answer(rows(engine, plan))] == expected
    assert NOTES.get("notes", made["_id"], GUEST).one(rows(engine, NOTES.get("notes", made["_id"], GUEST)))["createdBy"] == "1"
    hidden = NOTES.get("notes", made["_id"], STRANGER)
    with pytest.raises(CubiclError) as refused:
        hidden.one(rows(engine, hidden))
    assert NOTES.answer(refused.value) == (404, {"code": 404})


@pytest.mark.parametrize(("actor", "status"), [(OWNER, 200), (GUEST, 200), (STRANGER, 404)])
def test_who_changes_it(actor: cq.Actor, status: int, engine: cq.Engine) -> None:
    made = engine.create("Note", NOTES.body("notes", "create", '{"text":"n","guests":[2]}', OWNER).body, OWNER)
    body = NOTES.body("notes", "update", '{"text":null}', actor).body
    if status == 200:
        engine.update("Note", made["_id"], body, actor)
        plan = NOTES.get("notes", made["_id"], OWNER, "include=text")
        assert plan.one(rows(engine, plan)) == {"_id": made["_id"]}
        return
    with pytest.raises(cq.RequestError) as refused:
        engine.update("Note", made["_id"], body, actor)
    assert NOTES.answer(refused.value) == (status, {"code": status})


def test_permissions_are_no_field(engine: cq.Engine) -> None:
    with pytest.raises(CubiclError) as refused:
        NOTES.body("notes", "update", '{"permissions":{}}', OWNER).check()
    assert (refused.value.status, refused.value.code) == (422, "unknown_field")
