"""The audit counts what does not fit a class, each kind by itself, over every store; and it never writes."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import suppress
from typing import Any

import pytest
from bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo.collection import Collection

import cubequery as cq
from cubequery.engine import Engine
from cubequery.operations import misfits
from cubequery.ordering import stored_type
from cubequery.stores import MemoryStore
from tests.engine.stores import End, MemoryEnd
from tests.support.fixture import ITEM, ORDER, SCHEMAS, default_rights, document, documents, items
from tests.support.mongod import Document

FIELDS: dict[str, Any] = {
    "n": cq.Integer, "f": cq.Float, "s": cq.String, "b": cq.Boolean, "at": cq.Date, "ms": cq.Date(resolution="ms"), "loc": cq.Location,
    "pic": cq.File, "tags": cq.Array(cq.String), "nums": cq.Array(cq.Integer), "town": cq.String(stored="address.city"),
    "home": cq.Object({"floor": cq.Integer, "door": cq.Object({"code": cq.String})}),
}  # fmt: skip
THING = cq.ClassSchema("thing", FIELDS)
CLEAN: Document = {
    "class_name": "thing", "records": 1, "foreign": {}, "elements": {}, "nulls": {}, "fractions": {}, "undeclared": {},
    "undeclared_more": 0, "tokens": {"missing": 0, "malformed": 0, "drift": 0}, "no_owner": 0, "files": {},
}  # fmt: skip
OID = ObjectId("6" * 24)
SECOND = dt.datetime(2020, 1, 1)
FRACTION = dt.datetime(2020, 1, 1, 0, 0, 0, 250_000)
FAR = DatetimeMS(316_516_118_400_000)
DEEP: Any = "x"
for _ in range(60):
    DEEP = {"a": [DEEP]}


def foreign(**kinds: str) -> Document:
    return {"foreign": {name: {kind: 1} for name, kind in kinds.items()}}


def tokens(kind: str) -> Document:
    return {"tokens": {**CLEAN["tokens"], kind: 1}}


GOOD: list[Document] = [
    {}, {"n": 1, "f": 1, "s": "", "b": False, "at": SECOND, "ms": FRACTION, "loc": [1, 2.5], "tags": [], "nums": [1, Int64(2)]},
    {"n": Int64(2**40), "f": 2.5, "address": {"city": "Bern"}, "home": {"floor": 1, "door": {"code": "a"}}},
    {"_op": "x", "_v": 1, "_parent_id": OID, "_parent_class": "thing"},
    {"at": DatetimeMS(1000), "_acl": {}}, {"_acl": None},
]  # fmt: skip
FIELD_CASES: list[tuple[Document, Document]] = [
    *(({"n": value}, foreign(n=kind)) for value, kind in
      [("x", "string"), (41.5, "double"), (Decimal128("41"), "decimal"), ({"$gt": 1}, "object"), ([1], "array"), (True, "bool"),
       (b"41", "binData"), (OID, "objectId"), (SECOND, "date"), (Regex("4"), "regex"), (Timestamp(1, 1), "timestamp"), (DEEP, "object")]),
    ({"f": float("inf")}, foreign(f="double")), ({"f": Decimal128("1")}, foreign(f="decimal")), ({"s": 1}, foreign(s="int")),
    ({"b": 1}, foreign(b="int")), ({"at": 1544124810}, foreign(at="int")), ({"at": Int64(1544124810000)}, foreign(at="long")),
    ({"at": FAR}, foreign(at="date")), ({"loc": [1, 200]}, foreign(loc="array")), ({"loc": [1]}, foreign(loc="array")),
    ({"pic": "p"}, foreign(pic="string")), ({"pic": {"size": 1}}, foreign(pic="object")), ({"tags": "a"}, foreign(tags="string")),
    ({"_parent_id": "x"}, foreign(_parent_id="string")), ({"created_at": 5}, foreign(created_at="int")),
    ({"_id": "own"}, foreign(_id="string")), ({"_id": 5.5}, foreign(_id="double")),
    ({"home": 5}, foreign(home="int")), ({"home": [{"floor": 1}]}, foreign(home="array")),
    ({"home": {"floor": "x"}}, foreign(**{"home[floor]": "string"})),
    ({"home": {"door": "x"}}, foreign(**{"home[door]": "string"})),
    ({"home": {"door": {"code": 1}}}, foreign(**{"home[door][code]": "int"})),
    ({"address": {"city": 7}}, foreign(town="int")), ({"address": "x"}, {"undeclared": {"address": 1}}), ({"address": None}, {}),
    ({"n": None, "s": None, "home": None, "tags": None}, {"nulls": {"home": 1, "n": 1, "s": 1, "tags": 1}}),
    ({"home": {"floor": None, "door": None}}, {"nulls": {"home[door]": 1, "home[floor]": 1}}),
    ({"address": {"city": None}}, {"nulls": {"town": 1}}),
    ({"tags": ["a", None, 1, 2, ["b"]]}, {"elements": {"tags": {"array": 1, "int": 1, "null": 1}}}),
    ({"nums": [1, 1.5, 2.5, "1"]}, {"elements": {"nums": {"double": 1, "string": 1}}}),
    ({"at": FRACTION, "created_at": FRACTION, "ms": FRACTION}, {"fractions": {"at": 1, "created_at": 1}}),
    ({"zip": 1, "gone": None}, {"undeclared": {"gone": 1, "zip": 1}}),
    ({"address": {"zip": 1, "city": "x"}}, {"undeclared": {"address.zip": 1}}),
    ({"home": {"door": {"key": {"a": 1}}}}, {"undeclared": {"home.door.key": 1}}), ({"n.x": 1}, {"undeclared": {"n.x": 1}}),
]  # fmt: skip
RIGHTS: list[tuple[Document, Document]] = [
    ({"_read": None}, tokens("missing")), ({"_update": "*"}, tokens("malformed")), ({"_read": ["*", "u1"]}, tokens("malformed")),
    ({"_read": ["u47592", "u47592"]}, tokens("malformed")), ({"_read": [1]}, tokens("malformed")), ({"_read": ["x1"]}, tokens("malformed")),
    ({"_read": ["u"]}, tokens("malformed")), ({"_read": {"0": "*"}}, tokens("malformed")),
    ({"_read": None, "_update": "*"}, tokens("missing")), ({"_update": "*", "_acl": 5}, tokens("malformed")),
    ({"_read": ["u47592"]}, tokens("drift")), ({"_update": ["*"]}, tokens("drift")), ({"_update": []}, tokens("drift")),
    ({"_update": ["u5"]}, tokens("drift")), ({"_acl": {"read": {"access": "owner"}}}, tokens("drift")),
    ({"_acl": {"read": {"access": "owner"}}, "_read": ["u47592"]}, {}), ({"_acl": 5}, tokens("drift")),
    ({"_acl": {"read": 1}}, tokens("drift")),
    ({"_acl": {"read": {"access": "Open"}}}, tokens("drift")),
    ({"_acl": {"read": {"access": "open_for_groups", "users_groups": ["a", "b"]}}, "_read": ["gb", "ga", "u47592"]}, {}),
    ({"_acl": {"read": {"access": "open_for_groups", "users_groups": ["a"]}}, "_read": ["u47592", "ga"]}, tokens("drift")),
    ({"_acl": {"read": {"access": "open_for_users_ids", "users_ids": ["47592", "5"]}}, "_read": ["u5", "u47592"]}, {}),
    ({"_acl": {"read": {"access": "open_for_users_ids", "users_ids": ["5", 6]}}, "_read": ["u5", "u47592"]}, tokens("drift")),
    ({"user_id": None, "_update": [], "_delete": []}, {"nulls": {"user_id": 1}, "no_owner": 1}),
    ({"user_id": "47592"}, {**foreign(user_id="string"), **tokens("drift"), "no_owner": 1}),
    ({"user_id": 47592.0, "_update": [], "_delete": []}, {**foreign(user_id="double"), "no_owner": 1}),
]  # fmt: skip


def record(**values: Any) -> Document:
    times = {"created_at": SECOND, "updated_at": SECOND}
    return {"_id": OID, "user_id": 47592, **times, **default_rights(47592), **values}


@pytest.mark.parametrize(
    ("values", "counted"), [*((values, {}) for values in GOOD), *FIELD_CASES, *RIGHTS], ids=lambda value: str(value)[:60]
)
def test_what_is_counted(end: End, values: Document, counted: Document) -> None:
    end.fill({"thing": [record(**values)]})
    assert end.engine([THING]).audit("thing") == {**CLEAN, **counted}


def test_drift_is_counted(end: End) -> None:
    """Row 101: `_acl.read` of one record set to `open` behind the engine's back."""
    records = items()
    records[4]["_acl"] = {**records[4]["_acl"], "read": {"access": "open"}}
    end.fill({"item": records})
    report = end.engine([ITEM]).audit("item")
    assert (report["records"], report["tokens"]) == (5, {"missing": 0, "malformed": 0, "drift": 1})


def test_records_are_counted_within_the_scope_and_progress_told(end: End) -> None:
    end.fill({"item": [{**document("A"), "_id": place, "app": place % 2, "s": place, "x": 1} for place in range(9)]})
    told: list[tuple[int, int | None]] = []
    engine = end.engine([ITEM], settings=cq.Settings(limits=cq.Limits(write_batch=2)))
    report = engine.scoped({"app": 1}).audit("item", progress=lambda done, whole: told.append((done, whole)))
    assert (report["records"], report["foreign"], report["undeclared"]) == (4, {"_id": {"int": 4}, "s": {"int": 4}}, {"x": 4})
    assert told == [(2, 4), (4, 4), (4, 4)]
    assert engine.audit("item")["undeclared"] == {"app": 9, "x": 9}


def test_other_strategies(end: End) -> None:
    end.fill({"order": documents("order"), "plain": [{"_id": OID, "n": 1}]})
    plain = cq.ClassSchema("plain", {"n": cq.Integer}, acl="class")
    engine = end.engine([ORDER, plain])
    found = engine.audit("order")
    assert (found["foreign"], found["nulls"], found["no_owner"], found["tokens"]) == (
        {"total": {"string": 1}}, {"guests": 1}, 1, CLEAN["tokens"],
    )  # fmt: skip
    assert engine.audit("plain") == {**CLEAN, "class_name": "plain"}


def replace(end: End, records: list[Document]) -> None:
    """The records of `thing`; its files stay."""
    if isinstance(end, MemoryEnd):
        end.store.records("thing").clear()
        end.store.insert("thing", records)
    else:
        end.database["thing"].delete_many({})
        end.database["thing"].insert_many(records)


def test_files_that_are_not_in_the_store(end: End) -> None:
    schema = cq.ClassSchema("thing", {"pic": cq.File, "home": cq.Object({"photo": cq.File})})
    end.fill({})
    engine, owner = end.engine([schema]), cq.Actor(1)
    kept, lost = (engine.create("thing", {}, owner)["_id"] for _ in range(2))
    for each, name in ((kept, "pic"), (kept, "home[photo]"), (lost, "pic")):
        engine.upload("thing", each, name, b"bytes", owner, filename="a.txt")
    assert engine.audit("thing") == {**CLEAN, "records": 2}
    records = end.stored(["thing"])["thing"]
    records[0]["home"]["photo"] = {**records[0]["home"]["photo"], "file_id": "elsewhere"}
    odd: list[Any] = [{"file_id": 5}, {"file_id": "elsewhere"}, 5]
    records += [record(_id=ObjectId(), pic=pic) for pic in odd]
    replace(end, records)
    report = engine.audit("thing")
    assert (report["files"], report["foreign"]) == ({"home[photo]": 1, "pic": 2}, {"pic": {"int": 1}})


def test_many_undeclared_names_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misfits, "MOST_NAMES", 3)
    store = MemoryStore()
    store.insert("thing", [{"_id": place, f"x{place}": 1, "x0": 1} for place in range(9)])
    report = Engine(store, [THING]).audit("thing")
    assert report["undeclared"] == {"x0": 9, "x1": 1, "x2": 1}
    assert report["undeclared_more"] == 6


class ReadOnly:
    """A store that is asked and never told."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def execute(self, command: Any) -> Any:
        assert not command.writes
        return self.store.execute(command)


def test_nothing_is_written() -> None:
    store = MemoryStore()
    for name in SCHEMAS:
        store.insert(name, documents(name))
    store.insert("item", [record(**values, _id=place) for place, (values, _) in enumerate([*FIELD_CASES, *RIGHTS]) if "_id" not in values])
    engine = Engine(ReadOnly(store), SCHEMAS.values())
    for name in SCHEMAS:
        engine.audit(name)
    engine.adopt("item", dry_run=True)


def test_types_have_the_names_of_the_server(scratch: Collection[Document]) -> None:
    values = [
        "x", 1, 2**31 - 1, -(2**31), 2**31, -(2**31) - 1, Int64(1), 1.5, float("nan"), Decimal128("1"), True, None, b"x", Binary(b"x", 128),
        OID, SECOND, FAR, [1], {"a": 1}, Regex("x"), Timestamp(1, 1), Code("x"), Code("x", {"a": 1}), MinKey(), MaxKey(),
    ]  # fmt: skip
    scratch.delete_many({})
    scratch.insert_many([{"_id": place, "v": value} for place, value in enumerate(values)])
    named = [each["t"] for each in scratch.aggregate([{"$sort": {"_id": 1}}, {"$project": {"t": {"$type": "$v"}}}])]
    assert [stored_type(value) for value in values] == named


@pytest.mark.parametrize("seed", range(3))
def test_what_the_engine_writes_never_drifts(end: End, seed: int) -> None:
    """Levels and owners changed in any order, by owners and admins: tokens, `_acl` and owner always agree."""
    pick = random.Random(seed)
    end.fill({})
    engine = end.engine([ITEM])
    ids = [engine.create("item", {}, cq.Actor(user))["_id"] for user in (1, 2, 3)]
    levels = [
        {"access": "open"}, {"access": "owner"}, {"access": "open_for_users_ids", "ids": [1, 2]},
        {"access": "open_for_users_ids", "ids": [3, 1, 9]}, {"access": "open_for_groups", "groups": ["a", "b"]},
    ]  # fmt: skip
    for _ in range(40):
        actions = pick.sample(["read", "update", "delete"], pick.randrange(3))
        body: dict[str, Any] = {"permissions": {action: pick.choice(levels) for action in actions}} if actions else {}
        admin = pick.random() < 0.6
        if admin:
            body |= pick.choice([{}, {"user_id": pick.choice([1, 2, 3, None])}])
        with suppress(cq.RequestError):  # not everybody may change every record
            engine.update("item", pick.choice(ids), body, cq.ADMIN if admin else cq.Actor(pick.choice([1, 2, 3])))
        assert engine.audit("item")["tokens"] == CLEAN["tokens"], end.stored(["item"])
