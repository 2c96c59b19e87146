"""Order, projection and aggregation pipeline of a query, as plain dicts over stored paths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from cubequery.ast import Aggregate, Field, Page, Projection, SortKey
from cubequery.schema import all_leaves


def compile_sort(keys: tuple[SortKey, ...], page: Page) -> list[tuple[str, int]]:
    """``(stored path, 1 or -1)`` pairs that end in ``_id``; reversed where the page is the last record of the order."""
    order = [(key.field.compared, -1 if key.descending else 1) for key in keys if isinstance(key.field, Field)]
    if all(path != "_id" for path, _ in order):
        order.append(("_id", 1))
    return [(path, -direction) for path, direction in order] if page.last else order


def projected(projection: Projection, names: Mapping[str, Field]) -> tuple[Field, ...]:
    """The leaves an answer shows: those included (and ``_id``), less those excluded, Objects taken as their sub-fields."""
    shown = names.values() if projection.include is None else (names["_id"], *projection.include)
    gone = {leaf for field in projection.exclude for leaf in all_leaves(field)}
    return tuple(dict.fromkeys(leaf for field in shown for leaf in all_leaves(field) if leaf not in gone))


def compile_projection(leaves: tuple[Field, ...]) -> dict[str, int]:
    """Stored paths with 1. Never empty and never an exclusion, which would fetch hidden and undeclared names."""
    paths = {leaf.path: 1 for leaf in leaves}
    return {"_id": 0, **paths} if paths else {"_id": 1}  # where _id is among them, its own 1 takes the place of the 0


def calc_name(place: int) -> str:
    """Name of a calculation in rows of the pipeline: a constant of ours, whatever the fields are called."""
    return f"c{place}"


def compile_group(aggregate: Aggregate, sort: tuple[SortKey, ...], page: Page) -> list[dict[str, Any]]:
    """Stages after the ``$match``: group, order (the group value ascending breaks ties), skip, limit."""
    group: dict[str, Any] = {"_id": own_value(aggregate.group_by)}
    names = {}
    for place, calc in enumerate(aggregate.calcs):
        names[calc.key] = calc_name(place)
        group[calc_name(place)] = calc.operator.compile(own_value(calc.field))
    order = {names[key.field] if isinstance(key.field, str) else "_id": -1 if key.descending else 1 for key in sort}
    order.setdefault("_id", 1)
    if page.last:
        order = {name: -direction for name, direction in order.items()}
    skip = [{"$skip": page.skip}] if page.skip else []
    return [{"$group": group}, {"$sort": order}, *skip, {"$limit": page.limit}]


def own_value(field: Field) -> dict[str, Any]:
    """The field's value where it is one of the type's own, else null: foreign values count as unset."""
    path = f"${field.path}"
    own: Any = {"$in": [{"$type": path}, list(field.type.bson)]}
    if "double" in field.type.bson:
        own = {"$and": [own, {"$gt": [path, -math.inf]}, {"$lt": [path, math.inf]}]}
    return {"$cond": [own, path, None]}
