"""Searching in the model: conditions, order, pages, groups."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cubequery.testing.model.records import Body, Fields, Record, read, spread

Condition = tuple[str, str, Any]
CONTROLS = ("sort_asc", "sort_desc", "skip", "limit", "count", "output", "group_by")
AS_IT_IS = ("ctn", "start_with", "calc")
DECIDE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "gt": operator.gt, "gte": operator.ge, "lt": operator.lt, "lte": operator.le, "start_with": str.startswith,
    "ctn": lambda value, part: part in (f"{value:g}" if isinstance(value, float) else str(value)),
}  # fmt: skip
CALCS: Mapping[str, Callable[[list[Any]], Any]] = {
    "min": lambda values: min(values, default=None), "max": lambda values: max(values, default=None),
    "sum": lambda values: math.fsum(values) if any(isinstance(value, float) for value in values) else sum(values),
    "avg": lambda values: math.fsum(values) / len(values) if values else None,
}  # fmt: skip


def conditions(given: Body, fields: Fields) -> list[Condition]:
    """Name, operator and operand of every condition of a request, and of every `calc`."""
    found: list[Condition] = []
    for name, value in spread({name: value for name, value in given.items() if name not in CONTROLS}, fields).items():
        kind = fields[name]["type"]
        bare = "in" if kind.endswith("_a") and isinstance(value, list) else "eq"
        for word, operand in value.items() if isinstance(value, Mapping) else [(bare, value)]:
            cast = kind if isinstance(operand, list) else kind.removesuffix("_a")
            found.append((name, word, operand if word in AS_IT_IS else read(cast, operand)))
    return found


def holds(value: Any, word: str, operand: Any) -> bool:
    """Whether a stored value meets one condition; of an array, whether an element does."""
    if word in ("ne", "nin"):
        return not holds(value, "eq" if word == "ne" else "in", operand)
    if word in ("in", "or", "all"):
        return bool(operand) and (all if word == "all" else any)(holds(value, "eq", each) for each in operand)
    if value is None or operand is None:
        return value is operand
    return any(DECIDE[word](each, operand) for each in (value if isinstance(value, list) else [value]))


def matches(record: Record, given: Sequence[Condition]) -> bool:
    """Whether a record meets all conditions; those with `or` are one group, of which one is enough."""
    held = [(word, holds(record.get(name), word, operand)) for name, word, operand in given if word != "calc"]
    group = [each for word, each in held if word == "or"]
    return all(each for word, each in held if word != "or") and (any(group) or not group)


def page(rows: Sequence[Record], given: Body) -> dict[str, Any]:
    """`skip`, `limit` and the rows of a page; ``rows`` are in their default order."""
    for word in reversed([word for word in given if word in ("sort_asc", "sort_desc")]):
        for name in reversed(given[word]):
            rows = sorted(rows, key=lambda row: rank(row.get(name), word), reverse=word == "sort_desc")
    skip, limit = given.get("skip", 0), min(given.get("limit", 100), 100)
    return {"skip": skip, "limit": abs(limit), "items": list(rows[-1:] if limit == -1 else rows[skip : skip + limit])}


def rank(value: Any, word: str = "sort_asc") -> tuple[Any, ...]:
    """Place in a sort: empty arrays, unset, values; of an array its smallest element counts, downwards its largest."""
    if value is None or value == []:
        return (value is None,)
    return (2, (min if word == "sort_asc" else max)(value) if isinstance(value, list) else value)


def groups(rows: Sequence[Record], given: Body, fields: Fields) -> dict[str, Any]:
    """A page of groups, null first."""
    by = given["group_by"]
    calcs = [(name, each) for name, word, words in conditions(given, fields) if word == "calc" for each in words]
    keys = {calc: calc[1] if len(calcs) == 1 else f"{calc[1]}_{calc[0]}" for calc in calcs}

    def group(value: Any) -> dict[str, Any]:
        members = [row for row in rows if row.get(by) == value]
        return {by: value} | {
            key: CALCS[word]([row[name] for row in members if row.get(name) is not None]) for (name, word), key in keys.items()
        }

    return page([group(value) for value in sorted({row.get(by) for row in rows}, key=rank)], given)
