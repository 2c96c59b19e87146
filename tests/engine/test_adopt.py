"""Adopting records of older data: what each is given, what stays as it is, and whom nobody overwrites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import mongomock
import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import Engine
from cubequery.operations import Find
from cubequery.stores import MemoryStore, MongoStore
from tests.engine.stores import End
from tests.support.mongod import Document

DAY = dt.datetime(2020, 1, 1, 0, 0, 0, 250_000)
FIELDS: dict[str, Any] = {"n": cq.Integer, "buyer": cq.Integer(stored="meta.customerId"), "home": cq.Object({"keeper": cq.Integer})}
DEAL = cq.ClassSchema("deal", FIELDS)
CLOSED = cq.ClassSchema("deal", FIELDS, permissions={"read": {"access": "open_for_groups", "groups": ["staff"]}})
PRIMARY = cq.ClassSchema("deal", FIELDS, permissions={"delete": {"access": "not_allowed", "primary": True}})
LISTED = cq.ClassSchema("deal", FIELDS, permissions={"update": {"access": "open_for_users_ids", "ids": [9, 5]}})
TEXTS = cq.Settings(user_id_type="String")
SMALL = cq.Settings(limits=cq.Limits(write_batch=2))
OID = ObjectId("6" * 24)
NONE = {"adopted": 0, "had_tokens": 0, "changed_meanwhile": 0, "user_id_set": 0, "no_owner": 0, "other_owner": 0,
        "foreign_owner": {}, "foreign_shared": {}, "refused": {}}  # fmt: skip
OPEN = {"_read": ["*"]}


def mine(*owner: str) -> Document:
    return {"_update": [*owner], "_delete": [*owner]}


def only(users: list[str], owner: str | None = None, action: str = "read") -> Document:
    """The array and the `_acl` of an action that is the owner's and the shared users'."""
    level = {"access": "open_for_users_ids", "users_ids": [user[1:] for user in users]} if users else {"access": "owner"}
    array = [*(user for user in users if user != owner), *([owner] if owner else [])]
    return {f"_{action}": array, "_acl": {action: level}}


Case = tuple[dict[str, Any], Document, Document, Mapping[str, Any]]
BUYER = {"owner": "buyer"}
SHARED = {"owner": "buyer", "shared": ["guests", "meta.friend"]}
RECORDS: list[Case] = [
    # default: the record's own user_id, levels of the class
    ({}, {"user_id": 5, "updated_at": DAY}, {**OPEN, **mine("u5")}, {}),
    ({}, {}, {**OPEN, **mine()}, {"no_owner": 1}),
    ({}, {"user_id": None}, {**OPEN, **mine()}, {"no_owner": 1}),
    ({}, {"user_id": "abc"}, {**OPEN, **mine()}, {"foreign_owner": {"string": 1}}),
    ({}, {"user_id": 5.0}, {**OPEN, **mine()}, {"foreign_owner": {"double": 1}}),
    # an owner field, by its public name, as a stored path, and inside an Object
    (BUYER, {"meta": {"customerId": 5}}, {"user_id": 5, **OPEN, **mine("u5")}, {"user_id_set": 1}),
    ({"owner": "meta.customerId"}, {"meta": {"customerId": 5}}, {"user_id": 5, **OPEN, **mine("u5")}, {"user_id_set": 1}),
    ({"owner": "home[keeper]"}, {"home": {"keeper": 7}}, {"user_id": 7, **OPEN, **mine("u7")}, {"user_id_set": 1}),
    ({"owner": "by"}, {"by": "5"}, {"user_id": 5, **OPEN, **mine("u5")}, {"user_id_set": 1}),
    ({"owner": "by"}, {"by": 5.0}, {"user_id": 5, **OPEN, **mine("u5")}, {"user_id_set": 1}),
    ({"owner": "by"}, {"by": Int64(2**40)}, {"user_id": 2**40, **OPEN, **mine(f"u{2**40}")}, {"user_id_set": 1}),
    ({"owner": "by"}, {"by": 6, "user_id": 5}, {**OPEN, **mine("u5")}, {"other_owner": 1}),
    ({"owner": "by"}, {"by": 5, "user_id": 5}, {**OPEN, **mine("u5")}, {}),
    ({"owner": "by"}, {"by": 6, "user_id": "abc"}, {**OPEN, **mine()}, {"foreign_owner": {"string": 1}}),
    *(
        ({"owner": "by"}, {"by": value}, {**OPEN, **mine()}, {"foreign_owner": {kind: 1}})
        for value, kind in [
            (0, "int"), (-5, "int"), ("x", "string"), ("05", "string"), (5.5, "double"), (1e300, "double"), (OID, "objectId"),
            (True, "bool"), ([5], "array"), ({"id": 5}, "object"), (Decimal128("5"), "decimal"),
        ]
    ),
    ({"owner": "by.id"}, {"by": [{"id": 5}]}, {**OPEN, **mine()}, {"no_owner": 1}),
    # shared fields: a scalar, a list, both
    (SHARED, {"user_id": 5, "guests": [6, "7", 6.0]}, {**only(["u6", "u7"], "u5"), **mine("u5")}, {}),
    (SHARED, {"user_id": 5, "guests": 6, "meta": {"friend": 8}}, {**only(["u6", "u8"], "u5"), **mine("u5")}, {}),
    (SHARED, {"user_id": 5, "guests": [5, 6]}, {**only(["u5", "u6"], "u5"), **mine("u5")}, {}),
    (SHARED, {"user_id": 5}, {**only([], "u5"), **mine("u5")}, {}),
    (SHARED, {"guests": [6, None]}, {**only(["u6"]), **mine()}, {"no_owner": 1}),
    (SHARED, {"user_id": 5, "guests": ["x", OID, "y", {"a": 1}]}, {**only([], "u5"), **mine("u5")},
     {"foreign_shared": {"object": 1, "objectId": 1, "string": 2}}),
    (
        {"shared": ["guests"], "shared_actions": ["update"]}, {"user_id": 5, "guests": [6]},
        {**OPEN, **only(["u6"], "u5", "update"), "_delete": ["u5"]}, {},
    ),
    # what is there already stays, whoever wrote it
    ({}, {"user_id": 5, "_read": ["u9"]}, mine("u5"), {}),
    (SHARED, {"user_id": 5, "_read": ["u9"], "_acl": {"read": {"access": "owner"}}}, mine("u5"), {}),
    ({}, {"user_id": 5, "_update": ["*"], "_acl": {"read": {"access": "owner"}}}, {**OPEN, "_delete": ["u5"], "_acl": None}, {}),
    ({}, {"user_id": 5, "_read": None, "_acl": None}, {**OPEN, **mine("u5"), "_acl": None}, {}),
    (SHARED, {"user_id": 5, "guests": [6], "_acl": None}, {**only(["u6"], "u5"), **mine("u5")}, {}),
    (
        SHARED, {"user_id": 5, "guests": [6], "_acl": {"read": {"access": "open"}, "delete": {"access": "open"}}},
        {**only(["u6"], "u5"), **mine("u5")}, {},
    ),
    (
        SHARED, {"meta": {"customerId": 5}, "guests": [6], "_acl": {}}, {"user_id": 5, **only(["u6"], "u5"), **mine("u5")},
        {"user_id_set": 1},
    ),
    ({}, {"user_id": 5, "_read": ["u9"], "_update": [], "_delete": [None]}, {}, {"had_tokens": 1, "adopted": 0}),
    ({}, {"user_id": 5, "_read": "*"}, {}, {"refused": {"malformed": 1}, "adopted": 0}),
    ({}, {"user_id": 5, "_delete": True}, {}, {"refused": {"malformed": 1}, "adopted": 0}),
    ({}, {"user_id": 5, "_acl": ["u1"]}, {}, {"refused": {"malformed": 1}, "adopted": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("options", "stored", "given", "counted"), RECORDS, ids=lambda value: str(value)[:60])
def test_what_a_record_is_given(end: End, options: dict[str, Any], stored: Document, given: Document, counted: Mapping[str, Any]) -> None:
    start = {"_id": 1, "n": 1, **stored}
    end.fill({"deal": [dict(start)]})
    wanted = {"class_name": "deal", "seen": 1, **NONE, "adopted": 1, **counted}
    engine = end.engine([DEAL])
    assert engine.adopt("deal", dry_run=True, **options) == {**wanted, "dry_run": True}
    assert end.stored(["deal"]) == {"deal": [start]}
    assert engine.adopt("deal", **options) == {**wanted, "dry_run": False}
    after = {name: value for name, value in {**start, **given}.items() if name != "_acl" or value is not None}
    assert end.stored(["deal"]) == {"deal": [after]}
    again = engine.adopt("deal", **options)
    assert again["adopted"] == 0
    assert again["had_tokens"] + sum(again["refused"].values()) == 1
    assert end.stored(["deal"]) == {"deal": [after]}


LEVELS: list[tuple[cq.ClassSchema, Document]] = [
    (CLOSED, {"_read": ["gstaff", "u5"], **mine("u5"), "_acl": {"read": {"access": "open_for_groups", "users_groups": ["staff"]}}}),
    (PRIMARY, {**OPEN, **mine("u5")}),
    (
        LISTED,
        {**OPEN, "_update": ["u9", "u5"], "_delete": ["u5"], "_acl": {"update": {"access": "open_for_users_ids", "users_ids": ["9", "5"]}}},
    ),
]


@pytest.mark.parametrize(("schema", "rights"), LEVELS)
def test_the_levels_are_those_of_a_create(end: End, schema: cq.ClassSchema, rights: Document) -> None:
    end.fill({"deal": [{"_id": OID, "user_id": 5}]})
    engine = end.engine([schema])
    engine.create("deal", {}, cq.Actor(5))
    engine.adopt("deal")
    hidden = [
        {name: value for name, value in each.items() if name.startswith("_") and name != "_id"} for each in end.stored(["deal"])["deal"]
    ]
    assert hidden == [rights, rights]


@pytest.mark.parametrize(
    ("value", "owner"), [("me", "me"), (5, "5"), (Int64(5), "5"), (OID, str(OID)), (" me", None), (5.0, None), (True, None)]
)
def test_owners_under_text_user_ids(end: End, value: Any, owner: str | None) -> None:
    end.fill({"deal": [{"_id": 1, "by": value}]})
    schema = cq.ClassSchema("deal", {"n": cq.Integer})
    report = end.engine([schema], settings=TEXTS).adopt("deal", owner="by")
    [record] = end.stored(["deal"])["deal"]
    assert record.get("user_id") == owner
    assert record["_update"] == ([] if owner is None else [f"u{owner}"])
    assert sum(report["foreign_owner"].values()) == (owner is None)


def test_adopted_records_serve_their_owners(end: End) -> None:
    end.fill({"deal": [{"_id": OID, "meta": {"customerId": 5}, "guests": [6]}]})
    engine = end.engine([DEAL])
    assert engine.list("deal", "", cq.Actor(5))["items"] == []
    engine.adopt("deal", owner="buyer", shared=["guests"])
    assert [len(engine.list("deal", "", cq.Actor(user))["items"]) for user in (5, 6, 7)] == [1, 1, 0]
    assert engine.get("deal", str(OID), cq.Actor(5))["permissions"]["read"] == {"access": "open_for_users_ids", "users_ids": ["6"]}
    assert engine.update("deal", str(OID), {"n": 1}, cq.Actor(5))["n"] == 1
    assert engine.audit("deal")["tokens"] == {"missing": 0, "malformed": 0, "drift": 0}


def test_a_scope_is_adopted_alone_and_progress_told(end: End) -> None:
    end.fill({"deal": [{"_id": place, "app": place % 2, "user_id": 5} for place in range(9)]})
    told: list[tuple[int, int | None]] = []
    report = end.engine([DEAL], settings=SMALL).scoped({"app": 1}).adopt("deal", progress=lambda done, whole: told.append((done, whole)))
    assert (report["seen"], report["adopted"]) == (4, 4)
    assert told == [(2, 4), (4, 4), (4, 4)]
    assert [each["_id"] for each in end.stored(["deal"])["deal"] if "_read" in each] == [1, 3, 5, 7]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"owner": "_read"}, "no stored path"), ({"owner": "a..b"}, "no stored path"), ({"owner": ""}, "name of a field"),
    ({"owner": None}, "name of a field"), ({"owner": "user_id.x"}, "no stored path"), ({"shared": "guests"}, "list of texts"),
    ({"shared": [5]}, "name of a field"), ({"shared": ["guests"], "shared_actions": ["write"]}, "none of"),
    ({"shared": ["guests"], "shared_actions": []}, "need an action"), ({"shared": None}, "list of texts"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "why"), WRONG, ids=str)
def test_wrong_names_are_refused_before_anything_is_read(options: dict[str, Any], why: str) -> None:
    engine = Engine(MemoryStore(), [DEAL])
    engine.store = None  # type: ignore[assignment]  # nothing is asked of it
    with pytest.raises(cq.DefinitionError, match=why):
        engine.adopt("deal", **options)


@pytest.mark.parametrize("acl", ["class", {"owner": "n"}])
def test_other_strategies_carry_no_tokens(acl: Any) -> None:
    engine = Engine(MemoryStore(), [cq.ClassSchema("deal", {"n": cq.Integer}, acl=acl)])
    with pytest.raises(cq.DefinitionError, match="only records under tokens"):
        engine.adopt("deal")
    with pytest.raises(cq.RequestError) as refused:
        engine.adopt("nothing")
    assert refused.value.code == "undefined_class"


class Meddling:
    """A store in which somebody else writes between each look and what follows it."""

    def __init__(self, store: Any, meddle: Any) -> None:
        self.store, self.meddle, self.looks = store, meddle, 0

    def execute(self, command: Any) -> Any:
        answer = self.store.execute(command)
        if isinstance(command, Find):
            self.looks += 1
            self.meddle(self.looks)
        return answer


def meddled(store: Any, meddle: Any, **options: Any) -> dict[str, Any]:
    report: dict[str, Any] = Engine(Meddling(store, meddle), [DEAL]).adopt("deal", **options)
    return {name: report[name] for name in ("seen", "adopted", "had_tokens", "changed_meanwhile")}


@pytest.mark.parametrize("on_server", [False, pytest.param(True, marks=pytest.mark.mongod)])
def test_who_writes_meanwhile_is_never_overwritten(on_server: bool, request: pytest.FixtureRequest) -> None:
    """An admin's permissions, another owner, another list of users, a deleted record, one that changes again and again."""
    store: Any = MemoryStore()
    if on_server:
        database: Database[Document] = request.getfixturevalue("database")
        database["deal"].drop()
        store = MongoStore(database)
    engine = Engine(store, [DEAL], ids=lambda schema: ObjectId())
    ids = [engine.create("deal", {"user_id": 1, "n": place}, cq.ADMIN)["_id"] for place in range(6)]

    def bare(record_id: str, **values: Any) -> None:
        document = {"_id": ObjectId(record_id), "user_id": 1, **values}
        if on_server:
            store._home.database["deal"].replace_one({"_id": document["_id"]}, document, upsert=True)
        else:
            store.records("deal").pop((35, document["_id"]), None)
            store.insert("deal", [document])

    for each in ids:
        bare(each)

    def meddle(look: int) -> None:
        if look == 1:
            for action in ("read", "update", "delete"):
                engine.update("deal", ids[0], {"permissions": {action: {"access": "open_for_groups", "groups": ["staff"]}}}, cq.ADMIN)
            engine.update("deal", ids[1], {"user_id": 2}, cq.ADMIN)
            engine.delete("deal", ids[2], cq.ADMIN)
            bare(ids[3], guests=[7])
        bare(ids[4], guests=[look])

    assert meddled(store, meddle, shared=["guests"]) == {"seen": 6, "adopted": 3, "had_tokens": 0, "changed_meanwhile": 3}
    records = {str(each["_id"]): each for each in (store._home.database["deal"].find() if on_server else store.records("deal").values())}
    assert records[ids[0]]["_read"] == records[ids[0]]["_delete"] == ["gstaff", "u1"]
    assert (records[ids[1]]["user_id"], records[ids[1]]["_read"]) == (2, ["u2"])
    assert ids[2] not in records
    assert records[ids[3]]["_read"] == ["u7", "u1"]
    assert "_read" not in records[ids[4]]
    assert records[ids[5]]["_read"] == ["u1"]
    report = engine.adopt("deal", shared=["guests"])
    assert (report["adopted"], report["had_tokens"]) == (1, 4)


def test_what_the_server_does_not_take_stops_no_other(database: Database[Document]) -> None:
    """A rule of the collection, an index of the host, a record at MongoDB's own limit."""
    database["deal"].drop()
    rule = {"$jsonSchema": {"properties": {"user_id": {"not": {"enum": [7]}}}}}
    deals = database.create_collection("deal", validator=rule)
    deals.insert_many([{"_id": place, "by": by} for place, by in enumerate([5, 6, 6, 7, 8])])
    deals.insert_one({"_id": 9, "by": 9, "s": "x" * (16 * 1024 * 1024 - 60)})
    deals.create_index("user_id", unique=True, partialFilterExpression={"user_id": {"$exists": True}})
    engine = Engine(MongoStore(database), [DEAL])
    report = engine.adopt("deal", owner="by")
    assert (report["seen"], report["adopted"], report["refused"]) == (6, 3, {"conflict": 2, "too_big": 1})
    assert report["seen"] == report["adopted"] + sum(report["refused"].values())
    assert deals.count_documents({"_read": ["*"]}) == 3
    deals.drop()


def test_a_stand_in_serves(end: End) -> None:
    database: Any = mongomock.MongoClient().db
    records = [{"_id": place, "by": place or None, "guests": [place + 1]} for place in range(5)]
    database["deal"].insert_many(records)
    end.fill({"deal": records})
    reports = [
        engine.adopt("deal", owner="by", shared=["guests"])
        for engine in (Engine(MongoStore(database), [DEAL], settings=SMALL), end.engine([DEAL], settings=SMALL))
    ]
    assert reports[0] == reports[1]
    assert sorted(database["deal"].find(), key=lambda each: each["_id"]) == end.stored(["deal"])["deal"]
