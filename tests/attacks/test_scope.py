"""The host's own condition: in every command, for everybody, whatever the request says about its fields."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from tests.attacks.covered import covers
from tests.attacks.fixture import ACTORS, ATTACKER, FIELDS, MINE, NOW, PROFILE, SCOPED, VISIBLE, M
from tests.support.ends import exact, fill, found, sent
from tests.support.mongod import Document

S = ObjectId("65000000000000000000000e")
INSIDE = {**VISIBLE, "app_id": 7}
OURS = {**MINE, "app_id": 7}
OUTSIDE = {**MINE, "_id": S, "app_id": 8, "full_name": "outside", "_parent_id": M}
STORE = [INSIDE, OURS, OUTSIDE, {**OUTSIDE, "_id": ObjectId("6" * 24), "app_id": None}, {**MINE, "_id": ObjectId("5" * 24)}]
WHERE = {"app_id": 7}
READS = [
    "", "count=1", "_id={S}", "_id[or]={S}&age[or]=5", "full_name=outside", "age[ne]=1", "limit=-1", "sort_desc=_id&skip=1",
    "_parent_id={M}", "age[calc]=sum&group_by=full_name", "full_name[or]=outside&user_id[or]=51943",
]  # fmt: skip


@covers(149, 151, 152)
@pytest.mark.parametrize("text", READS)
def test_nothing_outside_is_read(text: str, collection: Collection[Document]) -> None:
    """As over a store that holds nothing else, for admin too; both spellings of the host's condition."""
    for schema in (PROFILE, SCOPED):
        for actor in ACTORS.values():
            for where in (WHERE, cq.condition(WHERE)):
                plan = cq.translate(text.format(S=S, M=M), schema, actor=actor, where=where)
                assert not any(map(plan.matches, STORE[2:]))
                answers = []
                for store in (STORE, STORE[:2]):
                    fill(collection, store)
                    answers += [found(plan, collection), plan.run(store)]
                assert all(answer == answers[0] for answer in answers)
                members = plan.filter.get("$and", [plan.filter])
                assert plan.filter == {"_id": {"$in": []}} or {"app_id": {"$eq": 7}} in members


@covers(149)
def test_asking_for_another_scope_finds_nothing() -> None:
    for actor in ACTORS.values():
        for text in ("app_id=8", "app_id=null", "app_id[ne]=7", "app_id[in]=8,9"):
            assert cq.translate(text, SCOPED, actor=actor, where=WHERE).run(STORE) == []
        assert cq.translate("app_id[or]=8&age[or]=5", SCOPED, actor=actor, where=WHERE).select(STORE) == [OURS]


@covers(152)
def test_one_text_in_two_scopes() -> None:
    for _ in range(2):
        for app, record in ((7, OURS), (8, OUTSIDE)):
            plan = cq.translate("user_id=51943", SCOPED, actor=ATTACKER, where={"app_id": app})
            assert plan.select(STORE) == [record]


PLAIN_WRITES: list[Any] = [{"app_id": 8}, {"app_id": None}, "app_id=8", "app_id=null", {"app_id": 8, "age": 6}]


@covers(150, 149)
@pytest.mark.parametrize("body", PLAIN_WRITES, ids=str)
def test_a_declared_scope_field_is_ignored_in_bodies(body: Any, collection: Collection[Document]) -> None:
    for actor in (ATTACKER, cq.ADMIN):
        for criteria in (False, True):
            given = body
            if criteria:
                given = {"search_criteria": {"age": 5}, **body} if isinstance(body, dict) else f"search_criteria[age]=5&{body}"
            change = cq.translate_update(given, SCOPED, actor=actor, where=WHERE, now=NOW)
            changed = change.apply(OURS)
            assert changed["app_id"] == 7
            assert exact(sent(change, collection, OURS)) == exact(changed)
            assert sent(change, collection, OUTSIDE) is None
            with pytest.raises(cq.RequestError) as caught:
                change.apply(OUTSIDE)
            assert (caught.value.status, caught.value.key) == (404, "base")


@covers(150)
def test_a_scope_field_under_an_operator_is_refused() -> None:
    tenant = cq.ClassSchema(
        "profile", {**FIELDS, "app_id": cq.Integer, "apps": cq.Array(cq.Integer), "t": cq.Object({"id": cq.Integer, "n": cq.Integer})}
    )
    for body, key, where in (
        ({"inc": {"app_id": 1}}, "app_id", WHERE),
        ("inc[app_id]=1", "app_id", WHERE),
        ({"age": 1, "inc": {"app_id": 1}}, "app_id", WHERE),
        ({"push": {"apps": 1}}, "apps", {"apps": 7}),
        ({"inc": {"t": {"id": 1}}}, "t[id]", {"t.id": 7}),
    ):
        for actor in (ATTACKER, cq.ADMIN):
            with pytest.raises(cq.RequestError) as caught:
                cq.translate_update(body, tenant, actor=actor, where=where, now=NOW)
            assert (caught.value.status, caught.value.key) == (422, key)
    ignored: list[Any] = [{"t": None}, {"t": {"id": 8}}, "t[id]=8"]
    for each in ignored:
        change = cq.translate_update(each, tenant, actor=ATTACKER, where={"t.id": 7}, now=NOW)
        assert change.apply({**MINE, "t": {"id": 7, "n": 1}})["t"]["id"] == 7


@covers(150)
def test_nothing_around_a_scope_field_is_written() -> None:
    """Neither what holds the field nor what lies in it: a text in the place of the document, an Object in the place of the number."""
    holds = cq.ClassSchema("profile", {"t": cq.String, "age": cq.Integer})
    change = cq.translate_update({"t": "x", "age": 1}, holds, actor=cq.ADMIN, where={"t.id": 7}, now=NOW)
    assert change.apply({**MINE, "t": {"id": 7}})["t"] == {"id": 7}
    within = cq.ClassSchema("profile", {"t": cq.Object({"id": cq.Object({"deep": cq.Integer})}), "age": cq.Integer})
    for body in ({"t": {"id": {"deep": 1}}}, {"t": None}):
        change = cq.translate_update(body, within, actor=cq.ADMIN, where={"t.id": 7}, now=NOW)
        assert change.apply({**MINE, "t": {"id": 7}})["t"] == {"id": 7}


@covers(150, 170)
def test_an_owner_field_in_the_scope_stays_for_admin_too() -> None:
    schema = cq.ClassSchema(
        "order", {"who": cq.Integer, "team": cq.Array(cq.Integer), "n": cq.Integer}, acl={"owner": "who", "shared": ["team"]}
    )
    stored = {"_id": 1, "who": 7, "team": [8], "n": 1}
    for where in ({"who": 7}, {"team": 8}):
        change = cq.translate_update({"who": 9, "user_id": 9, "team": [9], "n": 2}, schema, actor=cq.ADMIN, where=where, now=NOW)
        changed = change.apply(stored)
        assert {name: changed[name] for name in where} == {name: stored[name] for name in where}
        assert changed["n"] == 2


@covers(35)
def test_a_condition_with_its_own_or() -> None:
    """A host's disjunction stays a group of its own, and fixes no field."""
    where = {"$or": [{"app_id": 7}, {"public": True}]}
    plan = cq.translate("full_name[or]=outside&age[or]=5", SCOPED, actor=ATTACKER, where=where)
    assert plan.select([*STORE, {**OUTSIDE, "public": True}]) == [OURS, {**OUTSIDE, "public": True}]
    change = cq.translate_update({"app_id": 9}, SCOPED, actor=ATTACKER, where=where, now=NOW)
    assert change.apply({**OURS, "public": True})["app_id"] == 9


@covers(149, 150)
def test_an_empty_scope_is_no_scope() -> None:
    """What stands for no condition is said by leaving it out; a mapping that says nothing is everything, on purpose."""
    assert cq.translate("", PROFILE, actor=cq.ADMIN, where={}).filter == {}
    assert cq.translate("", PROFILE, actor=ATTACKER, where={}).filter == {"_read": {"$in": ["*", "u51943"]}}
    for odd in (5, "x", [], True, object()):
        with pytest.raises((cq.DefinitionError, TypeError)):
            cq.translate("", PROFILE, actor=cq.ADMIN, where=odd).filter  # type: ignore[arg-type]  # noqa: B018 -- the filter is made here
