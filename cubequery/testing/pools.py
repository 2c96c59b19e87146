"""What generated values are drawn from: own values of each kind, values of other types, stored rights of every shape."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

from bson import Binary, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex

TEXTS = ["", "a", "A", "ab", "abc", "é", "日本", "a,b", "[x]", "null", "a.c", "a\nb", "10", "9", "$x", "x\ufffd", "\U0001f600"]
INTEGERS = [0, 1, -1, 5, 9, 10, 41, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
FLOATS = [0.0, -0.0, 0.5, 1.0, 5.0, 0.1, 1234567.891, 1e-7, 1e300, -2.5, 2.0**53]
DATES = [dt.datetime(2019, 9, 21, 21, 21), dt.datetime(1970, 1, 1), dt.datetime(2018, 12, 6, 19, 45, 9), dt.datetime(1, 1, 1)]
IDS = [ObjectId(f"65000000000000000000000{digit}") for digit in "123456"]
POINTS = [[25.32, 44.551], [25.325, 44.551], [180.0, 0.0], [-180.0, 0.0], [0.0, 90.0], [0.0, 0.0]]
RADII = ["0.5", "250", "396", "397", "100000", "25000000"]
OWN: Mapping[str, list[Any]] = {
    "Integer": INTEGERS,
    "Float": FLOATS,
    "String": TEXTS,
    "Boolean": [True, False],
    "Date": DATES,
    "Location": POINTS,
    "user": [1, 2, 3, 2**62],
    "user_text": ["ann", "bob", "1", "u1"],
    "time": DATES,
    "File": [{"file_id": "f1", "size": 1, "name": "x", "content_type": "y"}, {"file_id": "f2"}],
}
"""What fields of each kind store themselves; ids are drawn by the type of the class's ids."""
OWN_IDS: Mapping[str, list[Any]] = {"ObjectId": IDS, "Integer": [1, 2, 3, 8, 15, 22], "String": ["r1", "r2", "r3", "r8", "r15", "é"]}
FOREIGN: list[Any] = [
    math.nan,
    math.inf,
    -math.inf,
    Decimal128("5"),
    Decimal128("0.1"),
    Decimal128("NaN"),
    Int64(5),
    True,
    False,
    [[1]],
    [["a"]],
    [[]],
    [None],
    [True],
    {},
    {"a": 1},
    {"b": {"c": 1}},
    [{"city": "a"}, {"x": 1}],
    DatetimeMS(-62167219200001),
    DatetimeMS(2**60),
    Binary(b"x"),
    Regex("a"),
    MinKey(),
    MaxKey(),
    dt.datetime(2019, 9, 21, 21, 21, 0, 250_000),
    ["a", 1, None],
    [1, 10],
    [5.0, Int64(9)],
    {"file_id": "f1"},
    {"type": "Point", "coordinates": [25.32, 44.551]},
    [[25.32, 44.551], [0, 0]],
    {"x": 1, "y": 2},
]
"""Values of types that most fields do not own, as other writers of a collection leave them."""
TOKENS: list[Any] = [
    ["*"],
    ["u1"],
    ["ga"],
    ["u2", "u1"],
    ["gb", "u3"],
    [],
    None,
    "*",
    "u1",
    ["**"],
    [None, "u2"],
    [["*"]],
    {"0": "*"},
    1,
    ["g*"],
    ["*"],
    ["*"],
    ["u1"],
]
"""Token arrays, many of them malformed."""
ACLS: list[Any] = [
    None,
    {},
    "open",
    [],
    {"read": 1},
    {"read": {"access": "open_for_users_ids", "users_ids": ["1", "2"]}, "update": {"access": "owner"}},
    [{"read": {"users_ids": ["1"]}}],
    {"delete": {"access": "open_for_groups", "users_groups": ["a"]}},
]
LEVELS: list[dict[str, Any]] = [
    {"access": "open"},
    {"access": "owner"},
    {"access": "open_for_users_ids", "ids": [1, "2", 3]},
    {"access": "open_for_groups", "groups": ["a", "b"]},
]
"""Levels of a record, as requests give them."""
TEXT_LEVELS: list[dict[str, Any]] = [*LEVELS[:2], {"access": "open_for_users_ids", "ids": ["ann", "2", "bob"]}, LEVELS[3]]
"""The same where user ids are texts."""
