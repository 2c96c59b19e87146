"""JSON values from bytes, each byte a choice: bytes taken as JSON text would hardly ever be JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cubequery as cq
from cubequery.operators import SEARCH
from cubequery.values import Huge

DEPTH = 12
"""Levels built at most: a few more than a body may have."""
CONTROLS = (
    "search_criteria", "record", "id", "permissions", "access", "ids", "users_ids", "groups", "read", "update", "delete", "or", "limit",
    "sort_asc", "group_by", "calc", "output", "include", "exclude", "count", "field_name", "_read", "_acl", "_op", "$where", "a.b", "",
    "0", "1", "tags[0]", "é", "\ud800", "\0",
)  # fmt: skip
CHANGES = ("inc", "push", "pull", "pull_all", "pull_with_filter", "add_to_set", "pop", "update_by_index")
SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 41, 2**31, 2**63, 2**64, -(2**63), 0.5, -0.0, 1e308, float("inf"), Huge(), "", "a", "null", "open",
    "owner", "open_for_users_ids", "2019-09-21T21:21:00Z", "1,2", "[1,2]", "5c0d7458ca8bf43a5b8cf487", "25.32,44.551;397", "\0", "\ud800",
    "é" * 70,
)  # fmt: skip


def keys(schema: cq.ClassSchema) -> list[str]:
    """Names that mean something somewhere in a body, and a few that never do."""
    operators = sorted({word for field in schema.fields.values() for word in SEARCH.names_for(field.type.kind)})
    return [*schema.names(), *operators, *CHANGES, *CONTROLS, "city", "stats", "visits", "geo"]


def build(data: bytes, schema: cq.ClassSchema) -> dict[str, Any]:
    """An object as these bytes say; bytes that are not there count as 0, and every choice ends."""
    given, names = iter(data), keys(schema)

    def choose() -> int:
        return next(given, 0)

    return {names[choose() % len(names)]: _value(choose, names, DEPTH) for _ in range(1 + choose() % 4)}


def _value(choose: Callable[[], int], names: list[str], depth: int) -> Any:
    kind, size = divmod(choose(), 4)
    if kind % 4 == 1 and depth:
        return {names[choose() % len(names)]: _value(choose, names, depth - 1) for _ in range(size)}
    if kind % 4 == 2 and depth:
        return [_value(choose, names, depth - 1) for _ in range(size)]
    if kind % 4 == 3:
        return bytes(choose() for _ in range(size * 2)).decode("utf-8", "surrogateescape")
    return SCALARS[choose() % len(SCALARS)]
