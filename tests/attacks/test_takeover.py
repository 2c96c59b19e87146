"""Writes that would take something over: rights, owners, parents, other people's arrays; and what a blind writer may learn."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from tests.attacks.covered import covers
from tests.attacks.fixture import ATTACKER, MINE, NOW, ORDER, OWNER, PROFILE, VISIBLE, H, M, R, record
from tests.support.ends import exact, sent
from tests.support.mongod import Document

SHARED_WRITE = record(R, 47592, ["*"], ["u51943", "u47592"], full_name="x", age=1, _acl={"update": {"access": "open_for_users_ids"}})
BLIND = record(ObjectId("7" * 24), 47592, ["u47592"], ["u51943", "u47592"], full_name="secret", age=99, tags=["a"], scores=[1])
FORMS = [
    {"permissions": {"read": {"access": "open_for_users_ids", "users_ids": ["51943"]}}},
    {"permissions": {"update": {"access": "open"}, "delete": {"access": "open"}}},
    {"permissions": {"read": {"access": "owner"}}, "age": 5},
]


def update(body: Any, document: Document, collection: Collection[Document], actor: cq.Actor = ATTACKER, **given: Any) -> Document:
    """The record after the change; the server and memory must leave the same."""
    change = cq.translate_update(body, given.pop("schema", PROFILE), actor=actor, now=NOW, **given)
    changed = change.apply(document)
    assert exact(sent(change, collection, document)) == exact(changed)
    return changed


def refused(
    body: Any, document: Document, collection: Collection[Document], actor: cq.Actor = ATTACKER, **given: Any
) -> tuple[int, str, str]:
    """Status, code and key of the refusal; the server must match no command, and the record stays as it was."""
    change = cq.translate_update(body, given.pop("schema", PROFILE), actor=actor, now=NOW, **given)
    before = exact(document)
    with pytest.raises(cq.RequestError) as caught:
        change.apply(document)
    assert exact(document) == before
    assert sent(change, collection, document) is None
    return caught.value.status, caught.value.code, caught.value.key


def rights(document: Document) -> Document:
    return {name: document.get(name) for name in ("_read", "_update", "_delete", "_acl", "user_id", "_id")}


@covers(88, 90)
@pytest.mark.parametrize("body", FORMS, ids=str)
def test_permissions_of_others_stay(body: Document, collection: Collection[Document]) -> None:
    for given in (body, {"search_criteria": {"full_name": "x"}, **body}):
        changed = update(given, SHARED_WRITE, collection)
        assert rights(changed) == rights(SHARED_WRITE)
        assert changed["age"] == body.get("age", 1)
    flat = "permissions[read][access]=open&permissions[delete][access]=open"
    assert rights(update(flat, SHARED_WRITE, collection)) == rights(SHARED_WRITE)
    assert update(body, SHARED_WRITE, collection, OWNER)["_read"] != SHARED_WRITE["_read"] or "read" not in body["permissions"]


@covers(88, 95)
@pytest.mark.parametrize("body", FORMS, ids=str)
def test_permissions_from_a_blind_writer_stay(body: Document, collection: Collection[Document]) -> None:
    changed = update(body, BLIND, collection)
    assert rights(changed) == rights(BLIND)
    assert changed["age"] == body.get("age", 99)


@covers(101, 89)
def test_tokens_and_acl_are_written_by_one_command() -> None:
    levels = {"read": {"access": "owner"}, "update": {"access": "open_for_groups", "groups": ["a"]}, "delete": {"access": "owner"}}
    for actor in (OWNER, cq.ADMIN):
        for body in ({"permissions": levels}, {"permissions": levels, "age": 1, "push": {"tags": ["x"]}}):
            change = cq.translate_update(body, PROFILE, actor=actor, now=NOW)
            with_rights = [pair for pair in change.commands if "_read" in str(pair[1])]
            assert with_rights
            for _, update in with_rights:
                assert all(f"'{name}" in str(update) for name in ("_read", "_update", "_delete", "_acl"))


@covers(85, 86, 92)
def test_system_fields_do_not_move(collection: Collection[Document]) -> None:
    body = {"user_id": 51943, "created_at": 5, "updated_at": 5, "_id": str(H), "avatar": {"file_id": "other"}, "age": 7}
    for given in (body, {"search_criteria": {"full_name": "x"}, **body}):
        changed = update(given, SHARED_WRITE, collection)
        assert changed == {**SHARED_WRITE, "age": 7, "updated_at": NOW}
    assert cq.translate_update({"user_id": 5, "_id": "x", "avatar": "y"}, PROFILE, actor=ATTACKER).is_empty


@covers(93)
def test_a_new_parent_needs_the_right_to_delete(collection: Collection[Document]) -> None:
    child = {**SHARED_WRITE, "_delete": ["u47592"]}
    for body in ({"_parent_id": str(M)}, {"search_criteria": {"full_name": "x"}, "_parent_id": str(M)}, {"_parent_id": str(M), "age": 2}):
        assert refused(body, child, collection) == (403, "forbidden", "base")
        assert update(body, {**child, "_delete": ["u51943"]}, collection)["_parent_id"] == M
    assert update({"_parent_id": str(M), "age": 2}, {**child, "_parent_id": M}, collection)["age"] == 2  # unchanged: not asked again
    assert refused({"_parent_id": None}, {**child, "_parent_id": M}, collection) == (403, "forbidden", "base")


@covers(94)
def test_a_record_is_not_its_own_parent(collection: Collection[Document]) -> None:
    change = cq.translate_update({"_parent_id": str(M)}, PROFILE, actor=ATTACKER, id=M, now=NOW)
    assert sent(change, collection, MINE) is None
    with pytest.raises(cq.RequestError):
        change.apply(MINE)


LOOKS: list[tuple[Document, str]] = [
    ({"inc": {"age": 1}}, "age"), ({"push": {"tags": ["x"]}}, "tags"), ({"tags": {"0": "x"}}, "tags"), ({"pull": {"tags": "a"}}, "tags"),
    ({"pop": {"tags": 1}}, "tags"), ({"add_to_set": {"scores": [1]}}, "scores"), ({"pull_all": {"tags": []}}, "tags"),
    ({"rating": 1, "inc": {"age": 1}}, "age"),
]  # fmt: skip
"""Changes whose success would tell what is stored."""


@covers(95, 165)
def test_a_blind_writer_learns_nothing(collection: Collection[Document]) -> None:
    for body, key in LOOKS:
        for stored in (
            BLIND,
            {**BLIND, "age": "foreign", "tags": 5, "scores": None},
            {**BLIND, "age": 2**63 - 1, "tags": [], "scores": [2]},
        ):
            assert refused(body, stored, collection) == (422, "needs_read", key)
        assert refused(body, {**BLIND, "_update": ["u47592"]}, collection) == (404, "not_found", "base")
    plain: Document
    for plain in ({"age": 1}, {"age": 1, "full_name": None}):
        after = update(plain, BLIND, collection)
        assert {name: after.get(name) for name in plain} == plain
    assert refused({"search_criteria": {"age": 99}, "age": 1}, BLIND, collection) == (404, "not_found", "base")


@covers(98, 117)
def test_an_index_never_leaves_a_gap(collection: Collection[Document]) -> None:
    two = {**MINE, "tags": ["a", "b"]}
    assert update({"tags": {"2": "x"}}, two, collection)["tags"] == ["a", "b", "x"]
    for body in ("tags[1500001]=x", {"tags": {"2147483648": "x"}}, {"tags": {"3": "x"}}, {"tags": {"0": "y", "4": "x"}}):
        assert refused(body, two, collection) == (422, "index", "tags")
    assert refused({"tags": {"1": "x"}}, {**MINE, "tags": None}, collection) == (422, "index", "tags")
    append = cq.translate_update({"tags": {"2": "x"}}, PROFILE, actor=ATTACKER, now=NOW)
    again = cq.translate_update({"tags": {"2": "y"}}, PROFILE, actor=ATTACKER, now=NOW)
    collection.delete_many({})
    collection.insert_one(two)
    for change in (append, again):
        assert any(collection.update_one(filter, what).matched_count for filter, what in change.commands)
    assert collection.find_one({}, {"_id": 0, "tags": 1}) == {"tags": ["a", "b", "y"]}


@covers(146)
def test_a_counter_stays_in_its_type(collection: Collection[Document]) -> None:
    for stored, amount in ((2**63 - 1, 1), (-(2**63), -1), (2**62, 2**62)):
        assert refused({"inc": {"age": amount}}, {**MINE, "age": stored}, collection) == (422, "overflow", "age")
    assert refused({"inc": {"rating": 1e308}}, {**MINE, "rating": 1.7e308}, collection) == (422, "overflow", "rating")
    assert update({"inc": {"age": 1}}, {**MINE, "age": None}, collection)["age"] == 1


OWN = {"_id": R, "customerId": 47592, "sharedWith": [51943], "note": "n", "total": 1.0, "updated_at": VISIBLE["updated_at"]}
TAKEOVERS: list[Any] = [
    {"customerId": 51943}, "customerId=51943", {"sharedWith": [51943, 9]}, {"push": {"sharedWith": [9]}}, {"sharedWith": None},
    {"sharedWith": {"0": 9}}, "sharedWith[1]=9", "sharedWith=", {"pull": {"sharedWith": 51943}}, {"pull": {"sharedWith": {"gt": 0}}},
    {"pop": {"sharedWith": 1}}, {"add_to_set": {"sharedWith": [9]}}, {"pull_all": {"sharedWith": [51943]}}, {"user_id": 51943},
    {"update_by_index": {"sharedWith": {"0": 9}}},
]  # fmt: skip


@covers(170)
@pytest.mark.parametrize("body", TAKEOVERS, ids=str)
def test_shared_users_change_neither_owner_nor_sharing(body: Any, collection: Collection[Document]) -> None:
    def kept(document: Document) -> Document:
        return {name: document.get(name) for name in ("customerId", "sharedWith", "user_id", "_id")}

    assert kept(update(body, OWN, collection, schema=ORDER)) == kept(OWN)
    beside = {**body, "note": "m"} if isinstance(body, dict) else f"{body}&note=m"
    changed = update(beside, OWN, collection, schema=ORDER)
    assert kept(changed) == kept(OWN)
    assert changed["note"] == "m"
    criteria = {"search_criteria": {"note": "n"}, **body} if isinstance(body, dict) else f"search_criteria[note]=n&{body}"
    assert kept(update(criteria, OWN, collection, schema=ORDER)) == kept(OWN)
    assert refused(body, {**OWN, "sharedWith": [5]}, collection, schema=ORDER) == (404, "not_found", "base")
    by_owner = update(body, OWN, collection, OWNER, schema=ORDER)
    assert by_owner["customerId"] == 47592
