"""What the requests of a course are made of: classes, actors, levels, values, operations, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.model import Actor

Body = dict[str, Any]
PET: Body = {
    "name": "pet",
    "fields": {
        "name": {"type": "String", "required": True, "max_length": 5},
        "age": {"type": "Integer", "minimum": 0, "maximum": 50},
        "big": "Integer",
        "weight": {"type": "Float", "default": 1.5},
        "good": "Boolean",
        "born": "Date",
        "at": "Location",
        "tags": {"type": "String_a", "max_length": 4},
        "nums": "Integer_a",
        "home": {"type": "Object", "fields": {"city": "String", "floor": "Integer", "keys": "String_a"}},
    },
}
TOY: Body = {"name": "toy", "fields": {"name": "String", "age": "Integer"}, "parents": ["pet", "toy"]}
CLASSES: Mapping[str, Body] = {"pet": PET, "toy": TOY}
ACTORS: Mapping[str, Actor] = {
    "ann": Actor(1),
    "bob": Actor(2, frozenset({"keepers"})),
    "cat": Actor(3),
    "admin": Actor(admin=True),
    "nobody": Actor(),
}
USERS = ["ann", "bob", "cat"]
ASKING = [*USERS * 3, "admin", "admin", "nobody"]
GROUPS = [frozenset[str](), frozenset({"keepers"}), frozenset({"vets"}), frozenset({"keepers", "vets"}), frozenset({"*", "u1", "1"})]

LEVELS: list[Body] = [
    {"access": "open"},
    {"access": "owner"},
    {"access": "open_for_users_ids", "ids": [2, 3, 2]},
    {"access": "open_for_users_ids", "users_ids": ["1", "3"]},
    {"access": "open_for_groups", "groups": ["keepers", "*"]},
    {"access": "open_for_groups", "user_groups": ["vets", "vets"]},
]
CLASS_LEVELS: list[Body] = [
    *LEVELS,
    {"access": "open_for_users_ids", "user_ids": []},
    *({**level, "primary": True} for level in LEVELS),
    {"access": "not_allowed", "primary": True},
]
CREATE_LEVELS: list[Body] = [{"access": "open"}, {"access": "open"}, {"access": "not_allowed"}, LEVELS[2], LEVELS[4]]

VALUES: list[Body] = [
    {"name": "ada"},
    {"name": "Bea"},
    {"age": 7},
    {"age": 41},
    {"age": None},
    {"big": 2**62},
    {"big": -3},
    {"weight": 2},
    {"weight": 0.25},
    {"weight": None},
    {"good": True},
    {"good": False},
    {"born": "2019-09-21T21:21:00Z"},
    {"born": "2020-02-29T00:00:00Z"},
    {"at": [10.5, 20.0]},
    {"tags": ["a", "b"]},
    {"tags": ["b", "c", "b", "é"]},
    {"tags": []},
    {"nums": [1, 2, 3, 2]},
    {"nums": None},
    {"home": {"city": "Oslo"}},
    {"home": {"floor": 3, "keys": ["x"]}},
    {"home": None},
]
WRONG: list[Body] = [{"name": None}, {"name": "Ludwig"}, {"age": 51}, {"tags": ["a", "b", "c", "d", "e"]}]
OPERATIONS: list[Body] = [
    {"inc": {"age": 5}},
    {"inc": {"age": -20}},
    {"inc": {"big": 2**62}},
    {"inc": {"weight": 0.5, "home": {"floor": 1}}},
    {"push": {"tags": ["a"]}},
    {"push": {"nums": [2, 9], "home": {"keys": "y"}}},
    {"push": {"nums": []}},
    {"add_to_set": {"tags": ["a", "c", "c"]}},
    {"add_to_set": {"nums": [1, 4]}},
    {"pull": {"tags": "a"}},
    {"pull": {"nums": [1, 9]}},
    {"pull": {"nums": {"gt": 1, "ne": 3}}},
    {"pull": {"tags": {"nin": ["a", "b"]}}},
    {"pull_all": {"tags": ["b"], "nums": []}},
    {"pop": {"tags": 1}},
    {"pop": {"nums": "-1"}},
    {"nums": {"0": 8}},
    {"tags": {"1": "z", "2": "y"}},
]
IN_ORDER: list[Body] = [
    {"push": {"tags": ["a"]}},
    {"pop": {"tags": 1}},
    {"tags": {"1": "z", "2": "y"}},
    {"tags": {"3": "x"}},
    {"tags": []},
    {"inc": {"age": 30}},
    {"inc": {"age": -20}},
    {"inc": {"big": 2**62}},
    {"big": 2**62},
]
"""Operations of which one decides whether another is possible."""
OTHER_SPELLINGS: list[Body] = [{"update_by_index": {"nums": {"3": 5}}}, {"pull_with_filter": {"nums": {"or": [2, 4]}}}]
TOY_VALUES: list[Body] = [{"name": "ball"}, {"name": None}, {"age": 1}, {"age": 2}]
TOY_OPERATIONS: list[Body] = [{"inc": {"age": 1}}, {"inc": {"age": -2}}]

CONDITIONS: list[Body] = [
    {"name": "ada"},
    {"name": {"ne": "ada"}},
    {"name": {"ctn": "a"}},
    {"name": {"start_with": "b"}},
    {"name": {"or": ["Bea", None]}},
    {"age": {"gt": 5, "lte": 41}},
    {"age": {"or": [1, 7, 12]}},
    {"age": {"ctn": "1"}},
    {"user_id": 1},
    {"user_id": {"in": [2, 3]}},
    {"_parent_id": None},
    {"_parent_id": {"ne": None}},
]
PET_CONDITIONS: list[Body] = [
    *CONDITIONS,
    {"big": {"lt": 0}},
    {"weight": {"gte": 1.5}},
    {"weight": {"ctn": "."}},
    {"good": {"nin": [True, None]}},
    {"born": {"gt": "2019-12-31T00:00:00Z"}},
    {"tags": ["a", "c"]},
    {"tags": {"all": ["b", "c"]}},
    {"tags": {"ne": "a"}},
    {"nums": {"nin": [1, 2]}},
    {"nums": None},
    {"home": {"city": "Oslo"}},
    {"home": {"floor": {"or": [3, 4]}}},
    {"home": None},
]
EVERYTHING: list[Body] = [{}, {"age": {"nin": []}}]
ORDERS: list[Body] = [
    {"sort_asc": ["age"]},
    {"sort_desc": ["name", "age"]},
    {"sort_asc": ["user_id"], "sort_desc": ["updated_at"]},
    {"sort_desc": ["_id"]},
    {"limit": -1},
    {"skip": 1, "limit": 3},
    {"output": {"include": ["name", "user_id"]}},
    {"output": {"exclude": ["_id", "age"]}},
    {"group_by": "user_id", "age": {"calc": ["sum"]}},
    {"group_by": "name", "age": {"calc": ["min", "avg"]}, "limit": 2},
    {"group_by": "_parent_id", "age": {"calc": ["max"]}, "skip": 1},
]
PET_ORDERS: list[Body] = [
    *ORDERS,
    {"sort_asc": ["tags"], "limit": 4},
    {"sort_desc": ["nums", "good"]},
    {"sort_asc": ["home[city]", "born"]},
    {"output": {"include": ["home", "tags"]}},
    {"group_by": "good", "weight": {"calc": ["sum", "max"]}, "sort_desc": ["good"]},
    {"group_by": "home[city]", "big": {"calc": ["avg"]}, "sort_desc": ["avg"]},
]

BEFORE: list[tuple[str, list[Body], str]] = [
    ("pet", [{"name": "ada", **VALUES[2], **VALUES[15]}, {"name": "Bea", **VALUES[18], "permissions": {"read": LEVELS[1]}}], "ann"),
    ("pet", [{"name": "ada", **VALUES[5], "permissions": {"read": LEVELS[4], "update": LEVELS[0]}}, {"name": "", **VALUES[16]}], "bob"),
    (
        "pet",
        [
            {"name": "Cai", **VALUES[20], "permissions": {"read": LEVELS[5], "update": LEVELS[3], "delete": LEVELS[2]}},
            {"name": "c", **VALUES[3]},
        ],
        "cat",
    ),
    ("toy", [{"name": "ball", "age": 2, "_parent_id": f"{1:08x}{0:016x}"}, {"age": 7, "_parent_id": f"{2:08x}{0:016x}"}], "bob"),
    ("toy", [{"name": "bone", "_parent_id": f"{4:08x}{0:016x}", "permissions": {"read": LEVELS[1]}}], "ann"),
]
"""Records that are there before a course starts: class, bodies, who creates them."""
