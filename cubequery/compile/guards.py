"""What a stored value must be for an operator to do its work: guards that stand in the update's own filter."""

from __future__ import annotations

import math
from typing import Any

from cubequery.ast import Assign, Field
from cubequery.operators.expressions import as_added
from cubequery.values import INT64_MAX, INT64_MIN

Filter = dict[str, Any]


def is_null(path: str) -> Filter:
    """Stored null (not absent, and not an array that holds a null)."""
    return {path: {"$eq": None, "$exists": True, "$not": {"$type": "array"}}}


def is_unset(path: str) -> Filter:
    """Absent or stored null."""
    return {path: {"$eq": None, "$not": {"$type": "array"}}}


def is_document(path: str) -> Filter:
    """A document; never an array of documents."""
    return {path: {"$type": "object", "$not": {"$type": "array"}}}


def is_object_or_absent(path: str) -> Filter:
    """What an Object may be for a write inside it to work as it stands."""
    return {"$or": [{path: {"$exists": False}}, is_document(path)]}


def ancestors(field: Field) -> list[str]:
    """Stored paths above a field's own, outermost first."""
    parts = field.path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def is_object_or_unset(path: str) -> Filter:
    """What an Object may be for an operator inside it: a document, or nothing yet (stored null counts as nothing)."""
    return {"$or": [is_unset(path), is_document(path)]}


def idle(change: Assign) -> list[Filter]:
    """A list operator without elements changes nothing, but stands on an array or nothing all the same."""
    path = change.field.path
    return [*map(is_object_or_unset, ancestors(change.field)), {"$or": [is_unset(path), {path: {"$type": "array"}}]}]


def is_idle(change: Assign) -> bool:
    """A list operator without elements: it changes nothing, but still stands on an array or nothing."""
    return change.operator.shape == "list" and not change.operand


def legal(change: Assign) -> list[Filter]:
    """Guards of every legal state at once, the usual one and the unset one, for an update that decides itself."""
    if is_idle(change):
        return idle(change)
    if change.operator.own == "any":
        return []
    above = [is_object_or_unset(path) for path in ancestors(change.field)]
    usual = own_value(change)
    if not fresh_fits(change):
        return [*above, {"$nor": [is_unset(change.field.path)]}, *usual]
    return [*above, {"$or": [is_unset(change.field.path), {"$and": usual}]}]


def own_value(change: Assign) -> list[Filter]:
    """Guards of the usual state: the field is absent, or holds a value that the operator takes and whose result is legal."""
    row, path = change.operator, change.field.path
    if row.own == "any":
        return []
    if row.name == "set_index":
        return _index(change)
    if row.own == "number":
        kinds = [*change.field.type.bson, "missing"]
        return [{"$expr": {"$in": [{"$type": f"${path}"}, kinds]}}, *_sum_in_range(change)]
    return [{"$or": [{path: {"$exists": False}}, {path: {"$type": "array"}}]}, *_fits(change)]


def _index(change: Assign) -> list[Filter]:
    """Legal exactly when the array has as many elements as the run of indexes that ends in the largest one needs."""
    path, needed = change.field.path, first_of_run(change)
    guards: list[Filter] = [{path: {"$type": "array"}}]
    if needed:
        guards.append({f"{path}.{needed - 1}": {"$exists": True}})
    return [*guards, *_fits(change)]


def first_of_run(change: Assign) -> int:
    """The smallest length of the array for which no index of the change would leave a gap."""
    indexes = {index for index, _ in change.operand}
    start: int = change.operand[-1][0]
    while start - 1 in indexes:
        start -= 1
    return start


def _fits(change: Assign) -> list[Filter]:
    """``max_length``: an array may grow up to it; a longer one from elsewhere may stay, but not grow."""
    most, path, name = change.field.type.max_length, change.field.path, change.operator.name
    if most is None or name not in ("push", "add_to_set", "set_index"):
        return []
    if name == "push":
        return [{f"{path}.{most - len(change.operand)}": {"$exists": False}}]
    if name == "set_index":
        last = change.operand[-1][0]
        return [{f"{path}.{last}": {"$exists": True}}] if last >= most else []
    size, new = {"$size": f"${path}"}, {"$size": {"$setDifference": [{"$literal": change.operand}, f"${path}"]}}
    room = {"$or": [{"$eq": [new, 0]}, {"$lte": [{"$add": [size, new]}, most]}]}
    return [{"$expr": {"$cond": [{"$isArray": f"${path}"}, room, True]}}]


def _sum_in_range(change: Assign) -> list[Filter]:
    """The sum must stay in 64 bits (finite, for a Float) and within the field's bounds and choices."""
    path, amount, kind = change.field.path, change.operand, change.field.type
    number = {"$cond": [{"$isNumber": f"${path}"}, f"${path}", 0]}
    total, added = ({"$add": [each, {"$literal": amount}]} for each in (number, as_added(number, amount)))
    guards: list[Filter] = [] if fresh_fits(change) else [{path: {"$exists": True}}]
    if isinstance(amount, float):
        guards.append({"$expr": {"$and": [{"$gt": [total, -math.inf]}, {"$lt": [total, math.inf]}]}})  # NaN is above nothing
    elif amount > 0:
        guards.append({path: {"$not": {"$gt": INT64_MAX - amount}}})
    elif amount < 0:
        guards.append({path: {"$not": {"$lt": INT64_MIN - amount}}})
    if kind.minimum is not None:
        guards.append({"$expr": {"$gte": [added, {"$literal": kind.read_json(kind.minimum)}]}})
    if kind.maximum is not None:
        guards.append({"$expr": {"$lte": [added, {"$literal": kind.read_json(kind.maximum)}]}})
    if kind.choices is not None:
        guards.append({"$expr": {"$in": [added, {"$literal": [kind.read_json(choice) for choice in kind.choices]}]}})
    return guards


def fresh_fits(change: Assign) -> bool:
    """Whether what an unset field would get is legal: a sum from nothing within its bounds, indexes that leave no gap."""
    if change.operator.name == "set_index":
        most = change.field.type.max_length
        return first_of_run(change) == 0 and (most is None or change.operand[-1][0] < most)
    return change.operator.own != "number" or change.field.type.judge(change.operand) is None
