"""An RSQL tree as a MongoDB filter, its operands typed by the class: for the check only, never timed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

_INTEGERS, _FLOATS, _FLAGS = ("age", "visits"), ("rating", "balance"), ("active", "verified")
_CASTS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(_INTEGERS, int), **dict.fromkeys(_FLOATS, float), **dict.fromkeys(_FLAGS, "true".__eq__),
    "born": lambda text: datetime.fromisoformat(text[:19]), "_id": ObjectId,
}  # fmt: skip
_OPERATORS = {
    "equal": "$eq", "not_equal": "$ne", "greater_than": "$gt", "greater_than_or_equal": "$gte", "less_than": "$lt",
    "less_than_or_equal": "$lte", "in": "$in", "not_in": "$nin", "like": "$regex",
}  # fmt: skip


def mongo(node: Any) -> dict[str, Any]:
    """``node`` is what pyrsql calls an expression: a logical node with children, or a comparison."""
    if hasattr(node, "children"):
        return {f"${node.operator.name.lower()}": [mongo(child) for child in node.children]}
    path = node.selector.raw_path
    values = [_CASTS.get(path, str)(argument.text) for argument in node.arguments]
    operator = _OPERATORS[node.operator.name]
    return {path: {operator: values if operator in ("$in", "$nin") else values[0]}}
