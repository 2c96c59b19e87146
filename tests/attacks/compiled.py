"""Walks all that is compiled for MongoDB: each key must be known, each text of a request stand where it is read as a plain value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import cubequery as cq
from cubequery.schema import all_leaves

MARK = "S3NT"
LEVELS = {"access", "users_ids", "users_groups"}
COMPARISONS = {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all"}
ASKED = {"$exists", "$type", "$size"}
EXPRESSIONS = {
    "$add", "$and", "$anyElementTrue", "$arrayElemAt", "$avg", "$concat", "$concatArrays", "$cond", "$eq", "$filter", "$gt", "$gte",
    "$ifNull", "$in", "$indexOfCP", "$isArray", "$isNumber", "$lt", "$lte", "$map", "$max", "$mergeObjects", "$min", "$ne", "$not",
    "$or", "$range", "$reverseArray", "$setDifference", "$size", "$slice", "$sum", "$switch", "$toString", "$type", "$unsetField",
}  # fmt: skip
ARGUMENTS = {"input", "cond", "in", "branches", "case", "then", "default", "field"}
CONSTANTS = {
    "array",
    "object",
    "missing",
    "string",
    "int",
    "long",
    "double",
    "bool",
    "date",
    "objectId",
    "u",
    "",
    "*",
    "null",
    "undefined",
    "decimal",
}
UPDATES = {"$set", "$unset", "$inc", "$push", "$addToSet", "$pull", "$pullAll", "$pop", "$max"}
VARIABLE = re.compile(r"\$\$(this|x|REMOVE)")


class Walker:
    """Knows the stored paths of one class, and the texts that a request brought."""

    def __init__(self, schema: cq.ClassSchema, user_id_type: str, texts: Iterable[str], scope: Iterable[str] = ()) -> None:
        names = schema.names(user_id_type).values()
        leaves = [leaf for field in names for leaf in (field, *all_leaves(field))]
        hidden = {f"_{action}" for action in ("read", "update", "delete")}
        self.paths = {leaf.path for leaf in leaves} | {leaf.compared for leaf in leaves} | hidden | set(scope)
        self.paths |= {"_acl", *(f"_acl.{action}" for action in ("read", "update", "delete"))}
        self.paths |= {".".join(path.split(".")[:end]) for path in self.paths for end in range(1, path.count(".") + 2)}
        self.arrays = {leaf.path for leaf in leaves if leaf.type.kind.endswith("_a")}
        self.parts = {part for path in self.paths for part in path.split(".")}
        self.texts = set(texts)
        self.met = 0

    def path(self, key: str) -> None:
        array, _, place = key.rpartition(".")
        assert key in self.paths or (array in self.arrays and re.fullmatch(r"0|[1-9][0-9]*", place)), f"no stored path: {key!r}"

    def literal(self, value: Any) -> None:
        """Anything may stand here but a key that we did not write."""
        if isinstance(value, Mapping):
            assert set(value) <= LEVELS
            for item in value.values():
                self.literal(item)
        elif isinstance(value, list | tuple):
            for item in value:
                self.literal(item)
        elif isinstance(value, str):
            self.met += MARK in value

    def filter(self, filter: Mapping[str, Any]) -> None:
        for key, value in filter.items():
            if key in ("$and", "$or", "$nor"):
                assert isinstance(value, list)
                for member in value:
                    self.filter(member)
            elif key == "$expr":
                self.expression(value)
            else:
                self.path(key)
                self.condition(value)

    def condition(self, condition: Any) -> None:
        assert isinstance(condition, dict)
        for key, value in condition.items():
            if key in COMPARISONS:
                self.literal(value)
            elif key == "$not":
                self.condition(value)
            elif key == "$regex":
                self.pattern(value)
            elif key == "$geoWithin":
                (lng, lat), radius = value["$centerSphere"]
                assert all(type(number) is float for number in (lng, lat, radius))
                assert len(value) == 1
            else:
                assert key in ASKED
                self.constant(value)

    def pattern(self, pattern: Any) -> None:
        """The escaped form of a text of the request, and nothing around it but an anchor."""
        assert isinstance(pattern, str)
        plain = [text for text in self.texts if pattern in (re.escape(text), "^" + re.escape(text))]
        assert plain, pattern
        self.met += MARK in pattern

    def constant(self, value: Any) -> None:
        assert MARK not in str(value)
        for item in value if isinstance(value, list) else [value]:
            assert item is None or isinstance(item, bool | int | float) or item in CONSTANTS, value

    def expression(self, value: Any) -> None:
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if key == "$literal":
                    self.literal(inner)
                elif key == "as":
                    assert inner == "x"
                else:
                    assert key in EXPRESSIONS or key in ARGUMENTS or key in self.parts, key
                    self.expression(inner)
        elif isinstance(value, list):
            for item in value:
                self.expression(item)
        elif isinstance(value, str) and value.startswith("$"):
            assert VARIABLE.fullmatch(value) or value[1:] in self.paths, value
        else:
            self.constant(value)

    def update(self, update: Any) -> None:
        if isinstance(update, list):
            for stage in update:
                self.stage(stage)
            return
        assert set(update) <= UPDATES
        for command, fields in update.items():
            for path, value in fields.items():
                self.path(path)
                if command == "$pull":
                    self.condition(value)
                elif command in ("$push", "$addToSet"):
                    assert set(value) == {"$each"}
                    self.literal(value["$each"])
                else:
                    self.literal(value)

    def stage(self, stage: Mapping[str, Any]) -> None:
        """One stage of an update or of an aggregation."""
        [(name, value)] = stage.items()
        if name == "$match":
            self.filter(value)
        elif name == "$set":
            for path, expression in value.items():
                self.path(path)
                self.expression(expression)
        elif name == "$unset":
            for path in value:
                self.path(path)
        elif name == "$group":
            for key, expression in value.items():
                assert key == "_id" or re.fullmatch(r"c\d", key)
                self.expression(expression)
        elif name == "$sort":
            assert all(key == "_id" or re.fullmatch(r"c\d", key) for key in value)
            assert set(value.values()) <= {1, -1}
        else:
            assert name in ("$skip", "$limit")
            assert type(value) is int

    def plan(self, plan: cq.Plan) -> None:
        self.filter(plan.filter)
        self.filter(plan.find_args()["filter"])
        assert set(plan.projection) <= self.paths - {"_read", "_update", "_delete", "_acl"}
        assert set(plan.projection.values()) <= {0, 1}
        assert {path for path, _ in plan.sort} <= self.paths
        assert {direction for _, direction in plan.sort} <= {1, -1}
        assert set(plan.find_args()) == {"filter", "projection", "sort", "skip", "limit", "collation", "max_time_ms", "allow_disk_use"}
        for stage in plan.pipeline or ():
            self.stage(stage)

    def change(self, change: cq.Change) -> None:
        for filter, update in change.commands:
            self.filter(filter)
            self.update(update)
        if change.criteria is not None:
            self.filter(change.criteria)
