"""Second doors and lost rights: every plan and change carries the actor's own condition, beside the request's and never inside it."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import All
from tests.attacks.covered import covers
from tests.attacks.fixture import ACTORS, ATTACKER, MINE, NOW, OFFICER, OWNER, PROFILE, RECORDS, SECRET, VISIBLE, H, M, R, X, record
from tests.support.ends import fill, found
from tests.support.mongod import Document

SEARCHES = [
    "", "count=1", "limit=-1", "skip=0&limit=1&sort_desc=_id", "sort_desc=age", "full_name=hidden", "full_name[ne]=x", "age[gt]=50",
    "age[nin]=", "age[ctn]=9", "tags=secret", "tags[nin]=a", "age[or]=99&full_name[or]=hidden", "_id[or]={H}", "_id={H}",
    "_id[in]={R},{H}", "user_id=47592", "age[ne]=1", "user_id[or]=47592&full_name[or]=x", "spot[near]=3,4;1000",
    "age[calc]=sum,max&group_by=full_name", "age[calc]=avg&group_by=user_id", "rating[calc]=max&group_by=active", "_parent_id=null",
    "created_at[gt]=0", "full_name[start_with]=h", "output[include]=age&age[gte]=99",
    "age[calc]=sum&group_by=active&sort_desc=sum&limit=1", "age[calc]=min&group_by=age&skip=1",
    "full_name[or]=x&user_id[or]=47592&count=1",
]  # fmt: skip
"""Requests that would tell of the hidden record, were it not hidden."""


def asked(text: str) -> str:
    return text.format(H=H, R=R, M=M, X=X)


@covers(15, 16, 17, 59, 60, 8)
@pytest.mark.parametrize("text", SEARCHES)
def test_a_hidden_record_changes_no_answer(text: str, collection: Collection[Document]) -> None:
    """With it, without it, with other values in it: one answer, in both ends."""
    other = {**SECRET, "full_name": "$_read", "age": 5, "tags": ["a"], "spot": [1.0, 2.0]}
    for actor in (ATTACKER, OFFICER, cq.ANONYMOUS):
        plan = cq.translate(asked(text), PROFILE, actor=actor)
        assert not plan.matches(SECRET)
        answers = []
        for store in ([VISIBLE, MINE], [VISIBLE, SECRET, MINE], [VISIBLE, other, MINE]):
            fill(collection, store)
            answers += [plan.run(store), found(plan, collection)]
        assert all(answer == answers[0] for answer in answers)
        if plan.pipeline is not None:
            assert list(plan.pipeline[0]) == ["$match"]
            assert plan.pipeline[0]["$match"] == plan.filter


@covers(59, 60, 35)
@pytest.mark.parametrize("text", SEARCHES)
def test_rights_are_a_member_of_their_own(text: str) -> None:
    plan = cq.translate(asked(text), PROFILE, actor=ATTACKER)
    members = plan.filter.get("$and", [plan.filter])
    assert {"_read": {"$in": ["*", "u51943"]}} in members
    assert members.count({"_read": {"$in": ["*", "u51943"]}}) == 1
    bare = cq.translate(asked(text), PROFILE, actor=cq.ADMIN)
    own = bare.filter.get("$and", [bare.filter] if bare.filter else [])
    assert [member for member in members if "_read" not in member] == own
    host = cq.translate(asked(text), PROFILE, actor=ATTACKER, where={"$or": [{"a": 1}, {"b": 2}]})
    assert isinstance(host.condition, All)
    assert host.filter["$and"] == [*members, {"$or": [{"a": {"$eq": 1}}, {"b": {"$eq": 2}}]}]


@covers(33)
def test_a_plan_is_nobody_elses() -> None:
    """One text from several actors in turn, and a caller who changes what he was given."""
    text = "age[in]=1,2,3&full_name[or]=a,b"
    tokens: dict[str, Any] = {}
    for _ in range(3):
        for name, actor in ACTORS.items():
            plan = cq.translate(text, PROFILE, actor=actor)
            tokens.setdefault(name, plan.find_args()["filter"])
            assert plan.find_args()["filter"] == plan.filter == tokens[name]
            for given in (plan.filter, plan.find_args()["filter"], plan.projection):
                _spoil(given)
            assert plan.matches(SECRET) is False
            assert cq.translate(text, PROFILE, actor=actor).filter == tokens[name]
            assert plan.find_args()["filter"] == tokens[name]
    assert len({str(filter) for filter in tokens.values()}) == len(tokens)


def _spoil(given: Any) -> None:
    """Change everything that can be changed, inner lists first."""
    if isinstance(given, dict):
        for value in given.values():
            _spoil(value)
        given.clear()
    elif isinstance(given, list):
        for value in given:
            _spoil(value)
        given.append("*")


@covers(62, 61)
def test_one_name_in_two_carriers() -> None:
    for name, one, other in (("user_id", "51943", "47592"), ("limit", "1", "100"), ("age[gt]", "1", "1"), ("group_by", "age", "active")):
        for given in ({"form": f"{name}={other}"}, {"json": {"age": {"gt": 1}} if "[" in name else {name: other}}):
            with pytest.raises(cq.RequestError) as caught:
                cq.translate(f"{name}={one}", PROFILE, actor=ATTACKER, **given)
            assert (caught.value.status, caught.value.code, caught.value.key) == (400, "repeated", name.partition("[")[0])
    both = cq.parse("age[in]=1", PROFILE, form="age[in]=2", json={"age": {"in": [3]}})
    assert both.condition.operand == [1, 2, 3]


@covers(67)
def test_a_class_that_lets_nobody_read() -> None:
    shut = {"access": "not_allowed", "primary": True}
    group = {"access": "open_for_groups", "groups": ["staff"], "primary": True}
    for level in (shut, group):
        schema = cq.ClassSchema("profile", {"age": cq.Integer, "full_name": cq.String}, permissions={"read": level})
        for actor in (ATTACKER, OWNER, OFFICER, cq.ANONYMOUS):
            for text in ("", "age[ne]=1", "count=1", "age[or]=1", "age[calc]=sum&group_by=full_name"):
                plan = cq.translate(text, schema, actor=actor)
                assert plan.filter == {"_id": {"$in": []}}
                assert plan.run(RECORDS) in ([], 0)
                assert not any(map(plan.matches, RECORDS))
            if actor is not cq.ANONYMOUS:
                for body in ({"age": 1}, {"search_criteria": {"age": {"gt": 0}}, "age": 1}):
                    change = cq.translate_update(body, schema, actor=actor, now=NOW)
                    refused(change, MINE if actor is not ATTACKER else VISIBLE, 404, "not_found")


def refused(change: cq.Change, document: Document, status: int, code: str, key: str = "base") -> None:
    with pytest.raises(cq.RequestError) as caught:
        change.apply(document)
    assert (caught.value.status, caught.value.code, caught.value.key) == (status, code, key)


@covers(18, 102)
def test_hidden_is_missing_and_readable_is_forbidden() -> None:
    bodies: list[Document] = [{"age": 1}, {"inc": {"age": 1}}, {"permissions": {"read": {"access": "open"}}}, {"_parent_id": None}, {}]
    for body in bodies:
        hidden = cq.translate_update(body, PROFILE, actor=ATTACKER, id=H, now=NOW)
        missing = cq.translate_update(body, PROFILE, actor=ATTACKER, id=X, now=NOW)
        with pytest.raises(cq.RequestError) as one:
            hidden.apply(SECRET)
        with pytest.raises(cq.RequestError) as other:
            missing.apply(SECRET)
        assert (one.value.status, one.value.body()) == (other.value.status, other.value.body())
        assert one.value.status == 404
        refused(cq.translate_update(body, PROFILE, actor=ATTACKER, id=R, now=NOW), VISIBLE, 403, "forbidden")


@covers(22, 23, 97, 9)
def test_criteria_reach_what_may_be_read_and_updated(collection: Collection[Document]) -> None:
    blind = record(ObjectId("7" * 24), 47592, ["u47592"], ["*", "u47592"], full_name="hidden", age=1)
    fill(collection, [*RECORDS, blind])
    either = {"full_name": {"or": "hidden"}, "age": {"or": 99}}
    for criteria in ({"full_name": "hidden"}, {"age": {"gt": 0}}, {"full_name": {"ne": "x"}}, either):
        change = cq.translate_update({"search_criteria": criteria, "age": 1}, PROFILE, actor=ATTACKER, now=NOW)
        assert change.criteria is not None
        assert {each["_id"] for each in collection.find(change.criteria)} <= {M}
        for filter, _ in change.commands:
            assert {each["_id"] for each in collection.find(filter)} <= {M}
            assert {"_update": {"$in": ["*", "u51943"]}} in filter["$and"]
            assert {"_read": {"$in": ["*", "u51943"]}} in filter["$and"]
        for hidden in (SECRET, blind):
            refused(change, hidden, 404, "not_found")


@covers(29)
def test_a_primary_class_level_decides_both_ways() -> None:
    actions = ("read", "update", "delete")
    owner_only, for_all = (
        cq.ClassSchema("profile", {"age": cq.Integer}, permissions={action: {"access": access, "primary": True} for action in actions})
        for access in ("owner", "open")
    )
    open_record, shut_record = record(R, 47592, ["*"], ["*"], age=1), record(H, 47592, [], [], age=1)
    for action in actions:
        assert not cq.verdict(ATTACKER, action, owner_only, open_record)
        assert cq.verdict(ATTACKER, action, for_all, shut_record)
    for text in ("", "count=1", "age=1"):
        assert cq.translate(text, owner_only, actor=ATTACKER).run([open_record]) in ([], 0)
        assert cq.translate(text, for_all, actor=ATTACKER).run([shut_record]) not in ([], 0)
    for by_criteria in (False, True):
        body: Document = {"search_criteria": {"age": 1}, "age": 2} if by_criteria else {"age": 2}
        assert cq.translate_update(body, for_all, actor=ATTACKER, now=NOW).apply(shut_record)["age"] == 2
        refused(cq.translate_update(body, owner_only, actor=ATTACKER, now=NOW), open_record, 404, "not_found")


@covers(30, 84)
def test_creating_is_decided_without_a_record() -> None:
    for_group = cq.ClassSchema("profile", {"n": cq.Integer}, permissions={"create": {"access": "open_for_groups", "groups": ["officers"]}})
    assert [name for name, actor in ACTORS.items() if cq.verdict(actor, "create", for_group)] == ["officer", "admin"]
    assert [name for name, actor in ACTORS.items() if cq.verdict(actor, "create", PROFILE)] == ["owner", "officer", "attacker", "admin"]
    for place in ("create", "create_many"):
        body: Document = {"user_id": 47592, "full_name": "x"}
        tree = cq.parse({"record": {"1": body}} if place == "create_many" else body, PROFILE, place=place)
        creates = [tree] if place == "create" else [each for _, each in tree.records]
        assert [each.system for each in creates] == [()]


@covers(30)
def test_no_write_without_a_user() -> None:
    """403 before anything that asks the class; only what cannot be read at all comes earlier."""
    bodies: list[Any] = [{"age": 1}, {"agee": 1}, {"age": "x"}, {}, {"permissions": None}, [], None]
    for body in (*bodies, "age=1", "agee=1", "search_criteria[age]=1&age=2", "search_criteria[age][nin]="):
        with pytest.raises(cq.RequestError) as caught:
            cq.translate_update(body, PROFILE, actor=cq.ANONYMOUS)
        assert (caught.value.status, caught.value.code, len(caught.value.faults)) == (403, "need_user", 1)
    for body in ("age=1&age=2", "age[=1", "full_name=%ff"):
        with pytest.raises(cq.RequestError) as caught:
            cq.translate_update(body, PROFILE, actor=cq.ANONYMOUS)
        assert caught.value.status == 400


@covers(14)
def test_a_changed_acl_shows_in_no_answer() -> None:
    """The owner changes `permissions` of a record that stays readable: only `updated_at` tells a stranger."""
    levels = {"read": {"access": "open"}, "update": {"access": "open_for_users_ids", "ids": [1, 2]}, "delete": {"access": "open"}}
    changed = cq.translate_update({"permissions": levels}, PROFILE, actor=OWNER, now=NOW).apply(VISIBLE)
    assert changed["_update"] == ["u1", "u2", "u47592"]
    assert changed["_acl"]["delete"] == {"access": "open"}
    after = {**changed, "updated_at": VISIBLE["updated_at"]}
    for actor in (OFFICER, cq.ANONYMOUS):
        for text in SEARCHES:
            plan = cq.translate(asked(text), PROFILE, actor=actor)
            assert plan.run([VISIBLE, MINE]) == plan.run([after, MINE])


@covers(25)
def test_children_are_judged_by_their_own_rights() -> None:
    child, secret = {**MINE, "_id": ObjectId("8" * 24), "_parent_id": H}, {**SECRET, "_id": ObjectId("9" * 24), "_parent_id": R}
    for text, expected in (
        ("_parent_id={H}", [child]),
        ("_parent_id[in]={H},{X}", [child]),
        ("_parent_id={R}", []),
        ("_parent_id={X}", []),
    ):
        assert cq.translate(asked(text), PROFILE, actor=ATTACKER).select([*RECORDS, child, secret]) == expected
