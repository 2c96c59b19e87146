"""One pipeline update for all legal states at once: where several fields may be unset, null or inside an unset Object."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cubequery.ast import Assign
from cubequery.compile import guards
from cubequery.operators import Removal
from cubequery.ordering import MISSING

Expression = Any
Node = Assign | dict[str, "Node"]


def compile_pipeline(
    changes: Sequence[Assign], always: Mapping[str, Mapping[str, Any]]
) -> tuple[list[guards.Filter], list[dict[str, Any]]]:
    """Guards of every legal state, and the stages that make of each what the change makes of it.

    Every value of a request stands under ``$literal``; every path is the class's own.
    """
    tree: dict[str, Node] = {}
    for change in changes:
        if not (change.operator.shape == "list" and not change.operand):
            _insert(tree, change)
    fields = {name: _node(node, f"${name}") for name, node in tree.items() if not _is_unset(node)}
    gone = [name for name, node in tree.items() if _is_unset(node)] + list(always.get("$unset", {}))
    fields |= {path: literal(value) for path, value in always.get("$set", {}).items()}
    fields |= {path: {"$max": [f"${path}", literal(value)]} for path, value in always.get("$max", {}).items()}
    stages: list[dict[str, Any]] = [{"$set": dict(sorted(fields.items()))}] if fields else []
    conditions = [guard for change in changes for guard in _guards(change)]
    return conditions, [*stages, {"$unset": gone}] if gone else stages


def _guards(change: Assign) -> list[guards.Filter]:
    if change.operator.shape == "list" and not change.operand:
        return guards.idle(change)
    return guards.legal(change)


def literal(value: Any) -> Expression:
    """A value that is never read as an expression."""
    return {"$literal": value}


def _insert(tree: dict[str, Node], change: Assign) -> None:
    *above, last = change.field.path.split(".")
    for part in above:
        inner = tree.setdefault(part, {})
        assert isinstance(inner, dict)
        tree = inner
    tree[last] = change


def _is_unset(node: Node) -> bool:
    return isinstance(node, Assign) and node.operator.name == "unset"


def _creates(node: Node) -> bool:
    """Whether something inside must exist afterwards, so that an unset or foreign Object is replaced by a new one."""
    if isinstance(node, dict):
        return any(map(_creates, node.values()))
    return node.operator.name != "unset" and (node.operator.own == "any" or node.operator.fresh(node.operand) is not MISSING)


def _node(node: Node, reference: str) -> Expression:
    if isinstance(node, Assign):
        return _EXPRESSIONS[node.operator.name](reference, node.operand)
    is_object = {"$eq": [{"$type": reference}, "object"]}
    inside = {name: _node(child, f"{reference}.{name}") for name, child in sorted(node.items()) if not _is_unset(child)}
    base = {"$cond": [is_object, reference, literal({})]} if _creates(node) else reference
    merged: Expression = {"$mergeObjects": [base, inside]}
    for name in (name for name, child in node.items() if _is_unset(child)):
        merged = {"$unsetField": {"field": literal(name), "input": merged}}
    return merged if _creates(node) else {"$cond": [is_object, merged, reference]}


def _or(reference: str, value: Any) -> Expression:
    return {"$ifNull": [reference, literal(value)]}


def _if_array(reference: str, value: Expression) -> Expression:
    """An unset array stays as it is."""
    return {"$cond": [{"$isArray": reference}, value, reference]}


def _add_to_set(reference: str, items: list[Any]) -> Expression:
    array = _or(reference, [])
    return {"$concatArrays": [array, {"$filter": {"input": literal(items), "cond": {"$not": [{"$in": ["$$this", array]}]}}}]}


def _without(reference: str, gone: Expression) -> Expression:
    return _if_array(reference, {"$filter": {"input": reference, "cond": {"$not": [gone]}}})


def _pull(reference: str, removal: Removal) -> Expression:
    conditions = [_CONDITIONS[row.name](operand) for row, operand in removal.conditions]
    return _without(reference, {"$and": conditions})


def _range(name: str) -> Callable[[Any], Expression]:
    """A range compares numbers only; in an expression the type must be asked for."""
    return lambda operand: {"$and": [{"$isNumber": "$$this"}, {"$ne": ["$$this", float("nan")]}, {name: ["$$this", literal(operand)]}]}


def _pop(reference: str, end: int) -> Expression:
    least = {"$max": [{"$size": reference}, 1]}
    kept = {"$reverseArray": {"$slice": [{"$reverseArray": reference}, 1, least]}} if end == 1 else {"$slice": [reference, 1, least]}
    return _if_array(reference, kept)


def _set_index(reference: str, items: Sequence[tuple[int, Any]]) -> Expression:
    array = _or(reference, [])
    size = {"$max": [{"$size": array}, items[-1][0] + 1]}
    branches = [{"case": {"$eq": ["$$this", index]}, "then": literal(value)} for index, value in items]
    each = {"$switch": {"branches": branches, "default": {"$arrayElemAt": [array, "$$this"]}}}
    return {"$map": {"input": {"$range": [0, size]}, "in": each}}


_EXPRESSIONS: dict[str, Callable[[str, Any], Expression]] = {
    "set": lambda reference, value: literal(value),
    "inc": lambda reference, amount: {"$add": [_or(reference, 0), literal(amount)]},
    "push": lambda reference, items: {"$concatArrays": [_or(reference, []), literal(items)]},
    "add_to_set": _add_to_set,
    "pull": _pull,
    "pull_all": lambda reference, items: _without(reference, {"$in": ["$$this", literal(items)]}),
    "pop": _pop,
    "set_index": _set_index,
}
_CONDITIONS: dict[str, Callable[[Any], Expression]] = {
    "eq": lambda operand: {"$eq": ["$$this", literal(operand)]},
    "ne": lambda operand: {"$ne": ["$$this", literal(operand)]},
    "gt": _range("$gt"), "gte": _range("$gte"), "lt": _range("$lt"), "lte": _range("$lte"),
    "in": lambda operand: {"$in": ["$$this", literal(operand)]},
    "or": lambda operand: {"$in": ["$$this", literal(operand)]},
    "nin": lambda operand: {"$not": [{"$in": ["$$this", literal(operand)]}]},
}  # fmt: skip
