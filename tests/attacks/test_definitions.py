"""What is refused before any request: class definitions, names, stored paths, host conditions, and caches that others could write."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from cubequery.syntax import load
from tests.attacks.covered import covers
from tests.attacks.fixture import FIELDS, PROFILE

NAMES = [
    'x"] or True or r["x', "a.b", "$a", "_a", "limit", "", "a\0", "a\nb", "a\r", "[", "a]", "a,b", "_read", "permissions", "user_id",
    "record", "\ud800", "inc", "search_criteria", "id", "base", "output", "__class__", "$$ROOT",
]  # fmt: skip


@covers(47)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_no_field_has(name: str) -> None:
    with pytest.raises(cq.DefinitionError) as caught:
        cq.ClassSchema("c", {"ok": cq.String, name: cq.String, "_also": cq.String})
    assert len(caught.value.problems) == 2
    if name not in ("limit", "user_id", "id"):
        for place in ("list", "update"):
            with pytest.raises(cq.RequestError):
                cq.parse({name: "1"}, cq.ClassSchema("c", {"ok": cq.String}), place=place)


@covers(47)
@pytest.mark.parametrize("name", ["", "a b", "a-b", "$cmd", "a.b", "multi", "file", "by_criteria", "../x", "a/b", "é", 5, None, "a\n"])
def test_names_that_no_class_has(name: Any) -> None:
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema(name, {"ok": cq.String})


LEVELS: list[Any] = [
    {"read": {"access": "Open"}}, {"read": {"access": "opne"}}, {"read": {"access": ""}}, {"read": {"access": None}},
    {"read": {"access": ["open"]}}, {"read": {"access": "open", "primary": "false"}}, {"read": {"access": "open", "primary": 1}},
    {"read": {"access": "open", "primary": None}}, {"reed": {"access": "open"}}, {"create": {"access": "owner"}},
    {"read": {"access": "not_allowed"}}, {"update": {"access": "not_allowed"}}, {"read": {"access": "open_for_groups", "primary": True}},
    {"read": {"access": "open_for_groups", "groups": [], "primary": True}}, {"read": {"access": "open_for_users_ids"}},
    {"read": {"access": "open_for_users_ids", "ids": "5"}}, {"read": "open"}, {"read": None}, {"read": {}}, "open", ["read"],
    {"read": {"access": "open", "ids": [1]}}, {"read": {"access": "open_for_groups", "ids": [1]}},
    {"read": {"access": "open_for_users_ids", "ids": [1], "users_ids": [1]}}, {"read": {"access": "open_for_groups", "groups": [1]}},
    {"read": {"access": "open_for_users_ids", "ids": [True]}}, {"read": {"access": "open_for_users_ids", "ids": [None]}},
    {"read": {"access": "open", "extra": 1}}, {"create": {"access": "open_for_groups", "groups": []}},
    {"read": {"access": "open_for_users_ids", "ids": [0]}}, {"read": {"access": "open_for_groups", "groups": ["a\0"]}},
]  # fmt: skip


@covers(74)
@pytest.mark.parametrize("permissions", LEVELS, ids=str)
def test_a_wrong_word_is_no_level(permissions: Any) -> None:
    """Nothing falls back to open: the constructor raises, from Python and from JSON."""
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema("profile", FIELDS, permissions=permissions)
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema.from_json({"name": "profile", "fields": {"age": "Integer"}, "permissions": permissions})


@covers(74, 79)
@pytest.mark.parametrize("user", ["047592", "x", "*", "u47592", " 47592", "47592.0", 2**63])
def test_a_listed_user_of_the_other_type_is_refused_when_asked(user: Any) -> None:
    """Which type user ids have is known where the class is used; a doubtful id then raises and grants nothing."""
    level = {"read": {"access": "open_for_users_ids", "ids": [user, 47592], "primary": True}}
    schema = cq.ClassSchema("profile", FIELDS, permissions=level)
    with pytest.raises(cq.DefinitionError):
        cq.translate("", schema, actor=cq.Actor(47592))


STRATEGIES: list[Any] = [
    "Tokens", "open", "", 5, [], {}, {"owner": "nope"}, {"owner": "tags"}, {"owner": "rating"}, {"owner": "age", "shared": ["nope"]},
    {"owner": "age", "shared": "scores"}, {"owner": "age", "shared": ["full_name"]}, {"owner": "age", "shared": ["age"]},
    {"shared": ["scores"]}, {"owner": "age", "open": True}, {"owner": ["age"]}, {"owner": None}, {"owner": "_read"},
    {"owner": "user_id", "shared": ["_read"]}, True,
]  # fmt: skip


@covers(171)
@pytest.mark.parametrize("acl", STRATEGIES, ids=str)
def test_a_wrong_strategy_is_refused(acl: Any) -> None:
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema("profile", FIELDS, acl=acl)


@covers(171)
def test_class_only_knows_no_owner() -> None:
    for action in ("read", "update", "delete"):
        with pytest.raises(cq.DefinitionError):
            cq.ClassSchema("profile", FIELDS, acl="class", permissions={action: {"access": "owner"}})
        with pytest.raises(cq.DefinitionError):
            cq.ClassSchema("profile", FIELDS, acl={"owner": "age"}, permissions={action: {"access": "open"}})


STORED = ["_read", "_acl.read.access", "_op", "_v", "_parent_class", "user_id", "_id", "_id.x", "_parent_id", "created_at", "updated_at.x"]
STORED += ["a..b", "a.$b", "$a", "a.0", "a.b.12", "a\0", "", ".", ".a", "a.", "a.b.c.d.e.f"]


@covers(156)
@pytest.mark.parametrize("path", STORED, ids=ascii)
def test_stored_paths_that_no_field_has(path: str) -> None:
    inner = path.split(".")[0] not in (
        "_read",
        "_acl",
        "_op",
        "_v",
        "_parent_class",
        "user_id",
        "_id",
        "_parent_id",
        "created_at",
        "updated_at",
    )
    field = cq.String(stored=path)
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema("c", {"x": field})
    if inner:
        with pytest.raises(cq.DefinitionError):
            cq.ClassSchema("c", {"o": cq.Object({"x": field})})


@covers(156)
def test_paths_that_meet_are_refused_and_every_fault_is_told() -> None:
    for one, other in (("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.b.c", "a.b")):
        with pytest.raises(cq.DefinitionError):
            cq.ClassSchema("c", {"x": cq.String(stored=one), "y": cq.Integer(stored=other)})
    with pytest.raises(cq.DefinitionError) as caught:
        cq.ClassSchema("c", {"x": cq.String(stored="_read"), "y": cq.Integer(stored="a..b"), "z": cq.String(stored="$a"), "_n": cq.String})
    assert len(caught.value.problems) == 4
    cq.ClassSchema("c", {"x": cq.String(stored="_class"), "y": cq.Integer(stored="a.b"), "z": cq.Integer(stored="a.bc")})


CONDITIONS: list[Any] = [
    {"$where": "1"}, {"$expr": {"$eq": [1, 1]}}, {"a": {"$function": {}}}, {"$text": {"$search": "x"}},
    {"a": {"$regex": "a", "$options": "i"}}, {"a": {"$regex": "a.*"}}, {"a": re.compile("a", re.IGNORECASE)}, {"a": {"$gt": 1, "b": 2}},
    {"$or": []}, {"$and": []}, {"$nor": {}}, {"a": {"$foo": 1}}, {"$comment": "x"}, {"$jsonSchema": {}}, {"_read": "*"},
    {"_acl.read": 1}, {"a": {"$elemMatch": {}}}, {"a": {"$size": 1}}, {"a": {"$type": 2}}, {"a": {"$mod": [1, 0]}}, {"": 1}, {"a..b": 1},
    {"$a": 1}, {"a.$b": 1}, {5: 1}, {"a": {"$in": 5}}, {"a": {"$in": [{"$gt": 1}]}}, {"a": {"$not": 5}}, {"a": range(3)}, {"a": {1, 2}},
    {"a": 2**64}, {"a": "\ud800"}, {"a": {"$options": "i"}}, [], 5, "x", {"$or": [5]}, {"$rand": {}}, {"$or": [{"$where": "1"}]},
]  # fmt: skip


@covers(154)
@pytest.mark.parametrize("given", CONDITIONS, ids=lambda given: ascii(given)[:60])
def test_host_conditions_that_are_refused(given: Any) -> None:
    """Nothing is dropped: what is not ours raises, alone, inside ``$and`` and as ``where`` of a search or an update."""
    with pytest.raises(cq.DefinitionError):
        cq.condition(given)
    with pytest.raises(cq.DefinitionError):
        cq.condition({"$and": [{"ok": 1}, given]})
    if isinstance(given, dict):
        with pytest.raises(cq.DefinitionError):
            cq.translate("age=1", PROFILE, actor=cq.ADMIN, where=given)
        with pytest.raises(cq.DefinitionError):
            cq.translate_update("age=1", PROFILE, actor=cq.ADMIN, where=given)


@covers(58)
def test_nothing_is_unpickled_and_no_parser_is_cached_on_disk() -> None:
    package = Path(cq.__file__).parent
    for path in package.rglob("*.py"):
        assert not re.search(r"\b(pickle|marshal|shelve|dill)\b|cache=True|Lark\.load", path.read_text(encoding="utf-8")), path
    assert not load().options.cache
