"""Odd rights in the store: each value against each actor, decided in memory, by a find on a real server, and as it must be."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo.collection import Collection
from pymongo.database import Database

import cubequery as cq
from cubequery.testing.rights import names_a_token
from tests.attacks.covered import covers
from tests.attacks.fixture import ATTACKER, NOW, OFFICER, ORDER, OWNER, PLAIN, PROFILE
from tests.support.ends import fill
from tests.support.mongod import Document

ABSENT: Any = object()
ODD: list[Any] = [
    ABSENT, None, [], "", {}, {"0": "*"}, {"a": "*"}, [None], [["*"]], [["u51943"]], [{"a": "*"}], True, 1, 0, 1.5, Decimal128("1"),
    Regex(".*"), Regex("^u"), [Regex(".*")], b"*", Binary(b"u51943", 128), [b"*"], Code("*"), [Code("*")], MinKey(), MaxKey(), [MaxKey()],
    Timestamp(1, 1), NOW, ObjectId("6" * 24), {"$in": ["*"]}, [{"$eq": "*"}], [[]], [{}], {"*": True}, {"u51943": 1},
]  # fmt: skip
"""Row 68: nobody but admin."""
ALMOST = [
    ["**"], ["* "], [" *"], ["u"], ["g"], ["U51943"], ["u051943"], ["u51943 "], ["51943"], ["open"], ["u5194"], ["u519430"], ["u51943\0"],
    [51943], ["goff"], ["gOFFICERS"], ["officers"], ["g"], ["u*"], ["g*"], ["＊"], ["*\u200b"], ["u51943.0"], ["u٥١٩٤٣"],
]  # fmt: skip
"""Row 69: nearly a token, and nobody's."""
NAMED: list[tuple[Any, set[str]]] = [
    ([1, None, "u51943"], {"attacker"}),
    ([["*"], "u51943", {"a": "*"}, Regex("x")], {"attacker"}),
    (["u51943", "u51943"], {"attacker"}),
    ("u51943", {"attacker"}),
    ("gofficers", {"officer"}),
    (["u47592", "gofficers"], {"owner", "officer"}),
    ("*", {"owner", "attacker", "officer", "anonymous"}),
    (["*"], {"owner", "attacker", "officer", "anonymous"}),
    ([None, "*"], {"owner", "attacker", "officer", "anonymous"}),
    (["u47592"], {"owner"}),
]
"""Row 70: exactly whom a token names; a bare string is a list of one, as MongoDB reads it."""
ACTORS = {"owner": OWNER, "attacker": ATTACKER, "officer": OFFICER, "anonymous": cq.ANONYMOUS, "admin": cq.ADMIN}
OTHERS: list[Any] = [ABSENT, None, "51943", "u51943", True, False, {"a": 51943}, [], [None], [["51943"]], [[51943]], 51943.5, b"51943"]
OWNERS: list[Any] = [*OTHERS, Regex("5"), Code("51943"), Timestamp(51943, 1), NOW, MaxKey(), {"$numberLong": "51943"}, [{"a": 51943}]]
IDS: list[Any] = [51943, Int64(51943), 51943.0, Decimal128("51943"), [51943], [None, 51943], ["x", 51943.0]]
"""Rows 73 and 169: other types grant nothing; an array counts by its elements, and one number is one number in any type."""


def document(place: int, values: Document) -> Document:
    return {"_id": place, "n": place, **{name: value for name, value in values.items() if value is not ABSENT}}


def allowed(plan: cq.Plan, documents: list[Document], collection: Collection[Document]) -> set[int]:
    """Numbers of the records that the actor may read; both ends must say the same, in every form of the answer."""
    found = {each["_id"] for each in collection.find(**{**plan.find_args(), "limit": 0})}
    assert found == {each["_id"] for each in documents if plan.matches(each)}
    assert found == {each["_id"] for each in plan.select(documents)}
    assert len(found) == collection.count_documents(plan.filter, collation={"locale": "simple"})
    return found


def judged(schema: cq.ClassSchema, documents: list[Document], collection: Collection[Document]) -> dict[str, set[int]]:
    fill(collection, documents)
    back = list(collection.find().sort("_id"))
    found = {name: allowed(cq.translate("", schema, actor=actor), back, collection) for name, actor in ACTORS.items()}
    for name, actor in ACTORS.items():
        for each in back:
            assert cq.verdict(actor, "read", schema, each).allowed == (each["_id"] in found[name])
    assert found["admin"] == {each["_id"] for each in documents}
    return found


@covers(68, 69, 70)
def test_token_arrays(collection: Collection[Document]) -> None:
    cases: list[tuple[Any, set[str]]] = [*((odd, set()) for odd in ODD), *((odd, set()) for odd in ALMOST), *NAMED]
    documents = [document(place, {"_read": value, "user_id": 47592}) for place, (value, _) in enumerate(cases)]
    found = judged(PROFILE, documents, collection)
    for place, (value, names) in enumerate(cases):
        assert {name for name in found if place in found[name]} == names | {"admin"}, value


@covers(68, 69, 70)
@pytest.mark.parametrize("action", ["update", "delete"])
def test_token_arrays_of_writes(action: str, collection: Collection[Document]) -> None:
    """The same for the arrays that writes look at: the filter of the command decides, and the verdict beforehand says the same."""
    cases: list[tuple[Any, set[str]]] = [*((odd, set()) for odd in ODD), *((odd, set()) for odd in ALMOST), *NAMED]
    documents = [document(place, {f"_{action}": value, "_read": ["*"]}) for place, (value, _) in enumerate(cases)]
    fill(collection, documents)
    for name, actor in ACTORS.items():
        granted = {place for place, (_, names) in enumerate(cases) if name in names | {"admin"} and name != "anonymous"}
        assert {each["_id"] for each in documents if cq.verdict(actor, action, PROFILE, each)} == granted
        if action == "update" and name != "anonymous":
            change = cq.translate_update({"rating": 1}, PROFILE, actor=actor, now=NOW)
            [(filter, update)] = change.commands
            assert {each["_id"] for each in collection.find(filter)} == granted
            assert collection.update_many(filter, update).modified_count == len(granted)
            fill(collection, documents)


@covers(68, 69, 70)
@pytest.mark.parametrize("seed", range(4))
def test_arbitrary_token_arrays(seed: int, collection: Collection[Document]) -> None:
    pick = random.Random(seed)
    plain = [value for value in [*ODD, *ALMOST, *(value for value, _ in NAMED), *OWNERS] if value is not ABSENT]
    tokens = ["*", "u51943", "u47592", "gofficers", "u5", "g*", "", "U51943"]

    def odd(depth: int) -> Any:
        kind = pick.random()
        if kind < 0.35 or not depth:
            return pick.choice(plain if kind < 0.1 else tokens)
        if kind < 0.9:
            return [odd(depth - 1) for _ in range(pick.randrange(4))]
        return {pick.choice(["0", "*", "a", "$in"]): odd(depth - 1)}

    values = [odd(3) for _ in range(600)]
    documents = [document(place, {"_read": value}) for place, value in enumerate(values)]
    found = judged(PROFILE, documents, collection)
    for name, actor in ACTORS.items():
        if not actor.admin:
            assert found[name] == {place for place, value in enumerate(values) if names_a_token(value, actor)}
    malformed = sum(type(value) is not list or any(type(item) is not str for item in value) for value in values)
    granting = len(set.union(*(found[name] for name in ACTORS if name != "admin")))
    assert malformed > 0.3 * len(values)
    assert granting > 0.2 * len(values)


@covers(71, 167)
def test_tokens_decide_and_acl_never_does(collection: Collection[Document]) -> None:
    odd: list[Any] = [ABSENT, None, [], "open", {"read": 1}, {"read": {"access": "Open"}}, {"read": {"access": "open"}}, {"read": {}}]
    odd += [{"read": {"access": "open_for_users_ids", "users_ids": ["51943"]}}, {"read": {"access": "owner"}}, True, ["*"], {"$or": []}]
    closed = [document(place, {"_read": ["u47592"], "user_id": 47592, "_acl": value}) for place, value in enumerate(odd)]
    opened = [document(100 + place, {"_read": ["*"], "user_id": 47592, "_acl": value}) for place, value in enumerate(odd)]
    found = judged(PROFILE, [*closed, *opened], collection)
    everything, public = {each["_id"] for each in [*closed, *opened]}, {each["_id"] for each in opened}
    assert found == {"owner": everything, "admin": everything, "attacker": public, "officer": public, "anonymous": public}


@covers(72, 73)
def test_owner_level_of_a_class(collection: Collection[Document]) -> None:
    """Class level `owner`: the owner's id and nothing that resembles it; no owner is nobody's, least of all anonymous's."""
    schema = cq.ClassSchema("profile", {"n": cq.Integer}, permissions={"read": {"access": "owner", "primary": True}})
    documents = [document(place, {"user_id": value, "_read": ["*"]}) for place, value in enumerate([*OWNERS, *IDS])]
    found = judged(schema, documents, collection)
    assert found["attacker"] == set(range(len(OWNERS), len(documents)))
    assert found["owner"] == found["officer"] == found["anonymous"] == set()


@covers(73)
def test_owner_of_another_type_under_text_user_ids(collection: Collection[Document]) -> None:
    schema = cq.ClassSchema("profile", {"n": cq.Integer}, permissions={"read": {"access": "owner", "primary": True}})
    values: list[Any] = [51943, Int64(51943), 51943.0, True, {"a": "51943"}, None, ABSENT, b"51943", ["51943"], "51943"]
    documents = [document(place, {"user_id": value}) for place, value in enumerate(values)]
    fill(collection, documents)
    plan = cq.translate("", schema, actor=cq.Actor("51943"), settings=cq.Settings(user_id_type="String"))
    assert allowed(plan, documents, collection) == {8, 9}


@covers(169)
def test_owner_field_and_shared_fields(collection: Collection[Document]) -> None:
    owners = [document(place, {"customerId": value, "_read": ["*"]}) for place, value in enumerate([*OWNERS, *IDS])]
    shared = [document(100 + place, {"sharedWith": value, "_read": ["*"]}) for place, value in enumerate([*OWNERS, *IDS])]
    found = judged(ORDER, [*owners, *shared], collection)
    first = len(OWNERS)
    assert found["attacker"] == {start + place for start in (0, 100) for place in range(first, first + len(IDS))}
    assert found["owner"] == found["officer"] == found["anonymous"] == set()


@covers(171)
def test_tokens_left_over_under_other_strategies(collection: Collection[Document]) -> None:
    """Arrays that say everybody, on records of classes that do not look at them."""
    left = {"_read": ["*"], "_update": ["*"], "_delete": ["*"], "_acl": {"read": {"access": "open"}}}
    documents = [document(0, {**left, "customerId": 47592}), document(1, left), document(2, {"customerId": 51943})]
    assert judged(ORDER, documents, collection) == {"owner": {0}, "attacker": {2}, "officer": set(), "anonymous": set(), "admin": {0, 1, 2}}
    shut = cq.ClassSchema("shut", {"n": cq.Integer}, acl="class", permissions={"read": {"access": "not_allowed"}})
    assert judged(shut, documents, collection) == {name: {0, 1, 2} if name == "admin" else set() for name in ACTORS}
    for actor in (OWNER, ATTACKER, cq.ANONYMOUS):
        assert not cq.verdict(actor, "update", PLAIN, documents[0])
        assert not cq.verdict(actor, "delete", PLAIN, documents[0])
    assert cq.verdict(OFFICER, "update", PLAIN, documents[0])


@covers(75)
def test_a_collection_that_folds_case(database: Database[Document]) -> None:
    """Every find of a plan names the simple collation, or a group would read what another group's token opens."""
    folding = database.create_collection("folding", collation={"locale": "en", "strength": 1})
    try:
        tokens = ["gofficers", "gOFFICERS", "gófficers", "u51941", "U51941"]
        documents = [document(place, {"_read": [token], "full_name": token, "tags": [token]}) for place, token in enumerate(tokens)]
        fill(folding, documents)
        assert folding.count_documents({"_read": "gOfficers"}) == 3  # the collection itself folds
        for group, expected in (("officers", {0}), ("OFFICERS", {1}), ("Officers", set()), ("ófficers", {2})):
            plan = cq.translate("", PROFILE, actor=cq.Actor(7, [group]))
            assert {each["_id"] for each in folding.find(**plan.find_args())} == expected
            count = cq.translate("count=1", PROFILE, actor=cq.Actor(7, [group]))
            assert folding.count_documents(count.filter, collation=count.call_args()["collation"]) == len(expected)
            groups = cq.translate("age[calc]=sum&group_by=full_name", PROFILE, actor=cq.Actor(7, [group]))
            assert groups.pipeline is not None
            assert len(list(folding.aggregate(groups.pipeline, **groups.aggregate_args()))) == len(expected)
        plan = cq.translate("full_name=GOFFICERS", PROFILE, actor=cq.ADMIN)
        assert list(folding.find(**plan.find_args())) == []
    finally:
        folding.drop()


def test_every_call_names_the_collation() -> None:
    for text in ("", "count=1", "age[calc]=sum&group_by=active", "limit=-1"):
        plan = cq.translate(text, PROFILE, actor=ATTACKER)
        assert plan.find_args()["collation"] == plan.aggregate_args()["collation"] == plan.call_args()["collation"] == {"locale": "simple"}
        assert plan.find_args()["allow_disk_use"] is plan.aggregate_args()["allowDiskUse"] is False
        assert plan.find_args()["max_time_ms"] == plan.aggregate_args()["maxTimeMS"] == 5_000


def test_a_pattern_is_never_made_of_a_token() -> None:
    """Groups with characters that mean something elsewhere are compared as they are."""
    for group in (".*", "^", "$in", "a.b", "(a+)+", "*"):
        plan = cq.translate("", PROFILE, actor=cq.Actor(7, [group]))
        assert plan.filter == {"_read": {"$in": ["*", "u7", f"g{group}"]}}
        assert plan.matches({"_read": [f"g{group}"]})
        assert not plan.matches({"_read": [Regex(re.escape(group))]})
