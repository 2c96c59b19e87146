"""Values that other programs stored: never shown, never matched by name, never an error, never lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from bson import DatetimeMS, Decimal128, ObjectId
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.collection import Collection

import cubequery as cq
from tests.attacks.covered import covers
from tests.attacks.fixture import ACCOUNT, ATTACKER, HIDDEN, MINE, NOW, PROFILE, M, record
from tests.support.ends import exact, fill, found, sent
from tests.support.mongod import Document

UNDECLARED = {**MINE, "address": {"city": "Bern", "secret": "s3cret"}, "secret": "s3cret", "amt": 2.5}
DEEP: Any = None
for _ in range(75):
    DEEP = {"a": [DEEP]}
FOREIGN: list[Any] = [
    "x", 41.5, Decimal128("41"), {"$gt": 1}, DatetimeMS(316_516_118_400_000), DEEP, [1, 2], True, b"41", ObjectId("6" * 24),
    dt.datetime(2020, 1, 1),
]  # fmt: skip
REQUESTS = [
    "", "sort_asc=age", "sort_desc=age&limit=2", "age[calc]=sum,avg,min,max&group_by=active", "age[calc]=sum&group_by=age", "age[ctn]=4",
    "age[gt]=0", "age[ne]=41", "age=null", "age[in]=41,null", "count=1&age[lt]=99", "output[include]=age", "age[or]=41&full_name[ctn]=x",
    "limit=-1&sort_asc=age",
]  # fmt: skip


@covers(159, 39)
def test_undeclared_fields_are_never_seen(collection: Collection[Document]) -> None:
    """Not rendered, not fetched, not matched; and a write of the rest leaves them where they are."""
    fill(collection, [UNDECLARED])
    for text in ("", "output[include]=address", "output[exclude]=age", "address[city]=Bern", "full_name[ctn]=r", "limit=-1"):
        plan = cq.translate(text, ACCOUNT, actor=ATTACKER)
        assert "s3cret" not in str(plan.run([UNDECLARED]))
        assert found(plan, collection) == plan.run([UNDECLARED])
        assert "s3cret" not in str(list(collection.find(**plan.find_args())))
        assert set(plan.projection) <= {"_id", *(leaf.path for leaf in ACCOUNT.names().values()), "address.city", "address.tags", "odd.ne"}
        assert not set(plan.projection) & set(HIDDEN)
    assert not cq.translate("address=null", ACCOUNT, actor=ATTACKER).matches(UNDECLARED)
    only = {**UNDECLARED, "address": {"secret": 1}}
    assert cq.translate("address=null", ACCOUNT, actor=ATTACKER).matches(only)
    for body in ({"address": {"city": "Ulm"}}, {"address": None}, {"age": 6}, {"total": 3}, {"push": {"address": {"tags": ["x"]}}}):
        change = cq.translate_update(body, ACCOUNT, actor=ATTACKER, now=NOW)
        changed = change.apply(UNDECLARED)
        assert changed["address"]["secret"] == changed["secret"] == "s3cret"
        assert exact(sent(change, collection, UNDECLARED)) == exact(changed)


@covers(158)
def test_a_sub_field_that_spells_an_operator() -> None:
    plan = cq.translate("odd[ne]=x", ACCOUNT, actor=cq.ADMIN)
    assert plan.filter == {"odd.ne": {"$eq": "x"}}
    assert cq.translate("odd[ne][ne]=x", ACCOUNT, actor=cq.ADMIN).filter == {"odd.ne": {"$ne": "x"}}
    assert cq.translate({"odd": {"ne": {"in": ["x"]}}}, ACCOUNT, actor=cq.ADMIN).filter == {"odd.ne": {"$in": ["x"]}}


@covers(155)
def test_stored_paths_and_public_names_do_not_mix(collection: Collection[Document]) -> None:
    """A record that has both: the public name leads to the stored path only."""
    both = {**UNDECLARED, "total": 9.0}
    fill(collection, [both])
    plan = cq.translate("total=2.5&sort_asc=total&output[include]=total", ACCOUNT, actor=ATTACKER)
    assert plan.run([both]) == found(plan, collection) == [{"_id": str(M), "total": 2.5}]
    assert cq.translate("total=9", ACCOUNT, actor=ATTACKER).run([both]) == []


@covers(166)
@pytest.mark.parametrize("value", FOREIGN, ids=lambda value: type(value).__name__)
def test_foreign_values(value: Any, collection: Collection[Document]) -> None:
    """Shown as null, kept, in the null group, counted by no calculation; an operator on one is refused."""
    stored = [
        {**MINE, "age": value},
        record(ObjectId("6" * 24), 1, ["*"], [], age=41, full_name="x"),
        record(ObjectId("5" * 24), 1, ["*"], [], age=None),
    ]
    collection = collection.with_options(CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO))
    fill(collection, stored)
    back = list(collection.find().sort("_id"))
    for text in REQUESTS:
        plan = cq.translate(text, PROFILE, actor=ATTACKER)
        assert found(plan, collection) == plan.run(back), text
    shown = {row["_id"]: row["age"] for row in cq.translate("", PROFILE, actor=ATTACKER).run(back)}  # type: ignore[union-attr]  # a list
    assert shown == {str(M): None, "6" * 24: 41, "5" * 24: None}
    [groups] = [cq.translate("age[calc]=sum&group_by=age", PROFILE, actor=ATTACKER).run(back)]
    assert groups == [{"age": None, "sum": 0}, {"age": 41, "sum": 41}]
    other = cq.translate_update({"full_name": "new"}, PROFILE, actor=ATTACKER, now=NOW)
    assert other.apply(stored[0])["age"] == value
    assert exact(sent(other, collection, stored[0])) == exact(other.apply(stored[0]))
    refused = cq.translate_update({"inc": {"age": 1}}, PROFILE, actor=ATTACKER, now=NOW)
    with pytest.raises(cq.RequestError) as caught:
        refused.apply(stored[0])
    assert (caught.value.status, caught.value.code, caught.value.key) == (422, "operator_type", "age")
    assert sent(refused, collection, stored[0]) is None
    whole = cq.translate_update({"age": 6}, PROFILE, actor=ATTACKER, now=NOW)
    assert whole.apply(stored[0])["age"] == 6


@covers(166)
def test_a_counter_on_null_counts_from_nothing(collection: Collection[Document]) -> None:
    change = cq.translate_update({"inc": {"age": 2}}, PROFILE, actor=ATTACKER, now=NOW)
    for stored in ({**MINE, "age": None}, {name: value for name, value in MINE.items() if name != "age"}):
        assert change.apply(stored)["age"] == 2
        assert exact(sent(change, collection, stored)) == exact(change.apply(stored))
