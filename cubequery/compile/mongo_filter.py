"""Conditions as MongoDB filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cubequery.ast import All, AnyOf, Compare, Condition, Everything, Not, Nothing

Filter = dict[str, Any]


def compile_filter(condition: Condition) -> Filter:
    """The filter of a condition, made anew at each call: nothing in it is shared with the tree.

    Everything is ``{}``, nothing is ``{"_id": {"$in": []}}``. Raises TypeError for a node of unknown kind.
    """
    compile_node = _NODES.get(type(condition))
    if compile_node is None:
        raise TypeError(f"no condition: {type(condition).__name__}")
    return compile_node(condition)


def _compare(node: Compare) -> Filter:
    operand = node.operand
    if type(operand) in (list, tuple, dict):
        operand = _fresh(operand)
    return node.operator.compile(node.field.compared, operand)


def _fresh(operand: Any) -> Any:
    """A copy of a list or document, inner ones too; their depth was bounded when they were read."""
    if isinstance(operand, list | tuple):
        return [_fresh(item) for item in operand]
    return {key: _fresh(item) for key, item in operand.items()} if isinstance(operand, Mapping) else operand


def _all(node: All) -> Filter:
    return {"$and": [compile_filter(member) for member in node.members]} if node.members else {}


def _any_of(node: AnyOf) -> Filter:
    return {"$or": [compile_filter(member) for member in node.members]} if node.members else _nothing(node)


def _not(node: Not) -> Filter:
    members = node.member.members if isinstance(node.member, AnyOf) else ()
    return {"$nor": [compile_filter(member) for member in members or (node.member,)]}


def _nothing(node: Condition) -> Filter:
    return {"_id": {"$in": []}}


_NODES: Mapping[type, Callable[[Any], Filter]] = {
    Everything: lambda node: {},
    Nothing: _nothing,
    Compare: _compare,
    All: _all,
    AnyOf: _any_of,
    Not: _not,
}
