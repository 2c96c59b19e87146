"""Bodies of the Cubicl dialect: what a create or update says, and with which status it is refused."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Create
from cubequery.dialects.cubicl import Cubicl, CubiclError
from tests.dialects.cubicl.office import ANN, BOB, CLASSES, ENDPOINTS, OFFICE, at, record
from tests.support.ends import sent
from tests.support.mongod import Document

NOW = dt.datetime(2024, 1, 1)
SET = [
    ('{"desc":""}', {"desc": ""}), ('{"desc":null}', {}),
    ('{"age":0,"archived":false,"tags":[]}', {"age": 0, "archived": False, "tags": []}),
    ('{"deadline":1640341800}', {"deadline": at(1640341800)}), ('{"deadline":-1}', {"deadline": at(-1)}),
    ('{"address":{"city":"Bern"}}', {"address": {"city": "Bern", "zip": 1}}), ('{"address":{}}', {"address": {"zip": 1}}),
    ('{"address":{"zip":null}}', {"address": {}}), ('{"createdBy":"9","createdAt":"x","updatedAt":null,"_id":"z"}', {}),
    ('{"parent":"p"}', {"_parent_id": "p"}), ("{}", {}),
]  # fmt: skip
REFUSED: list[tuple[str, int, str, str]] = [
    ('{"deadline":"2021-12-24"}', 400, "deadline", "wrong_type"), ('{"deadline":1640341800000}', 422, "deadline", "out_of_range"),
    ('{"deadline":1.5}', 400, "deadline", "wrong_type"), ('{"deadline":true}', 400, "deadline", "wrong_type"),
    ('{"deadline":"1"}', 400, "deadline", "wrong_type"), (f'{{"deadline":{"9" * 90}}}', 422, "deadline", "out_of_range"),
    ('{"address":{"town":"x"}}', 422, "address[town]", "unknown_field"), ('{"address":"Bern"}', 400, "address", "wrong_type"),
    ('{"nope":1}', 422, "nope", "unknown_field"), ('{"permissions":{"read":{"access":"open"}}}', 422, "permissions", "unknown_field"),
    ('{"_acl":{}}', 422, "_acl", "unknown_field"), ('{"_read":["*"]}', 422, "_read", "unknown_field"),
    ('{"inc":{"age":1}}', 422, "inc", "unknown_field"),
    ('{"created_at":1}', 422, "created_at", "unknown_field"), ('{"address[city]":"x"}', 422, "address[city]", "unknown_field"),
    ('{"tags":{"0":"x"}}', 400, "tags", "wrong_type"), ('{"age":"x"}', 400, "age", "wrong_type"),
    ('{"age":151}', 422, "age", "out_of_range"),
    ('{"size":"xl"}', 422, "size", "choice"), (f'{{"desc":null,"name":"{"x" * 41}"}}', 422, "name", "too_big"),
    ("[]", 400, "base", "wrong_type"),
    ('{"a":', 400, "base", "malformed"), ("", 400, "base", "malformed"), ('{"desc":"a","desc":"b"}', 400, "base", "malformed"),
    ('{"nope":1,"age":"x"}', 400, "age", "wrong_type"), ('{"age":151,"deadline":"x"}', 400, "deadline", "wrong_type"),
    ('{"parent":5}', 400, "parent", "wrong_type"), ('{"parent":""}', 400, "parent", "wrong_type"),
    ('{"parent":"a/b"}', 400, "parent", "wrong_type"),
    (json.dumps({f"n{number}": 1 for number in range(501)}), 400, "base", "too_large"),
    ('{"desc":"' + "x" * 1_100_000 + '"}', 400, "base", "too_large"),
]  # fmt: skip
TASK = record("t", name="n", desc="d", address={"zip": 1})


@pytest.mark.parametrize(("body", "expected"), SET)
def test_an_update_changes_what_is_given(body: str, expected: dict[str, Any], scratch: Collection[Document]) -> None:
    change = OFFICE.update("tasks", "t", body, ANN, now=NOW)
    after = {key: value for key, value in TASK.items() if key != "desc" or "desc" not in body} | expected
    after |= {} if change.is_empty else {"updated_at": NOW}
    assert change.apply(TASK) == after
    assert sent(change, scratch, TASK) == after


@pytest.mark.parametrize(("body", "status", "key", "code"), REFUSED, ids=lambda value: str(value)[:40])
def test_refuses(body: str, status: int, key: str, code: str) -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.update("tasks", "t", body, ANN)
    assert (refused.value.status, refused.value.key, refused.value.code) == (status, key, code)
    if '"name"' not in body and body[:2] not in ("", "[]", '{"a"'):
        created = body[:1] + '"name":"n",' * (body[:1] == "{") + body[1:]
        with pytest.raises(CubiclError) as refused:
            OFFICE.body("tasks", "create", created, ANN).check()
        assert (refused.value.status, refused.value.key, refused.value.code) == (status, key, code)


def test_a_required_field_is_missing_in_form_and_unset_in_meaning() -> None:
    for body, status in (("{}", 400), ('{"name":null}', 400), ('{"age":151}', 400)):
        with pytest.raises(CubiclError) as refused:
            OFFICE.body("tasks", "create", body, ANN)
        assert (refused.value.status, refused.value.code, refused.value.key) == (status, "missing", "name")
    with pytest.raises(CubiclError) as refused:
        OFFICE.update("tasks", "t", '{"name":null}', ANN)
    assert (refused.value.status, refused.value.code) == (422, "missing")
    with pytest.raises(CubiclError) as refused:  # given in a wrong form is not missing
        OFFICE.body("tasks", "create", '{"name":{}}', ANN)
    assert [fault.code for fault in refused.value.faults] == ["wrong_type"]


def test_a_create_is_a_tree_of_its_values() -> None:
    tree = OFFICE.body("tasks", "create", {"name": "n", "deadline": 5, "desc": None, "createdBy": "9"}, ANN).tree
    assert isinstance(tree, Create)
    assert ({field.name: value for field, value in tree.values}, tree.system) == ({"name": "n", "deadline": at(5)}, ())


def test_an_engine_carries_the_bodies_out() -> None:
    engine = cq.Engine(cq.MemoryStore(), CLASSES, ids=lambda schema: "new")
    engine.create("Task", OFFICE.body("tasks", "create", b'{"name":"n","deadline":5}', ANN).body, ANN)
    engine.update("Task", "new", OFFICE.body("tasks", "update", '{"deadline":null,"address":{"city":"Bern"}}', ANN).body, ANN)
    (shown,) = engine.list("Task", "", ANN)["items"]
    assert (shown["name"], shown["deadline"], shown["address"]["city"]) == ("n", None, "Bern")


def test_an_admin_writes_system_fields_in_the_forms_of_the_dialect() -> None:
    written = OFFICE.body("tasks", "create", '{"_id":"own","name":"n","createdBy":"9","createdAt":5}', cq.ADMIN)
    assert written.body == {"_id": "own", "name": "n", "user_id": "9", "created_at": 5}
    for body in ('{"createdBy":9}', '{"createdAt":"5"}'):
        with pytest.raises(CubiclError) as refused:
            OFFICE.update("tasks", "t", body, cq.ADMIN)
        assert refused.value.status == 400
    assert OFFICE.body("tasks", "update", '{"_id":"other"}', cq.ADMIN).body == {}


def test_another_name_of_a_system_field() -> None:
    office = Cubicl(CLASSES, ENDPOINTS, names={"_parent_id": "above"})
    assert office.body("tasks", "update", '{"above":"p"}', ANN).body == {"_parent_id": "p"}
    with pytest.raises(CubiclError):
        office.body("tasks", "update", '{"parent":"p"}', ANN).check()


def test_the_order_of_refusals() -> None:
    for body, status in (('{"age":"x","nope":1}', 400), ('{"nope":1}', 404)):
        with pytest.raises(CubiclError) as refused:
            OFFICE.update("tasks", "a/b", body, ANN)
        assert refused.value.status == status
    with pytest.raises(cq.RequestError) as forbidden:
        OFFICE.update("tasks", "t", '{"nope":1}', cq.ANONYMOUS)
    assert forbidden.value.status == 403
    assert OFFICE.body("tasks", "update", '{"nope":1}', ANN).refusal is not None
    with pytest.raises(CubiclError) as refused:
        OFFICE.body("tasks", "update", "{}", ANN, "token=T").check()
    assert (refused.value.status, refused.value.key) == (422, "token")


@pytest.mark.parametrize(("read", "status"), [("*", 403), ("u1", 404)])
def test_a_stranger_changes_nothing(read: str, status: int) -> None:
    with pytest.raises(cq.RequestError) as refused:
        OFFICE.update("tasks", "t", '{"desc":"x"}', BOB).apply({**TASK, "_read": [read]})
    assert OFFICE.answer(refused.value) == (status, {"code": status})
