"""Conditions as MongoDB filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cubequery.ast import All, AnyOf, Compare, Condition, Everything, Not, Nothing
from cubequery.operators import SearchOperator

Filter = dict[str, Any]
_NESTED = (list, tuple, Mapping)


def compile_filter(condition: Condition) -> Filter:
    """The filter of a condition, made anew at each call: nothing in it is shared with the tree.

    Everything is ``{}``, nothing is ``{"_id": {"$in": []}}``. Raises TypeError for a node of unknown kind.
    """
    compile_node = _NODES.get(type(condition))
    if compile_node is None:
        raise TypeError(f"no condition: {type(condition).__name__}")
    return compile_node(condition)


def compile_leaf(row: SearchOperator, path: str, operand: Any) -> Filter:
    """The filter of one comparison; a list in it is the filter's own."""
    if isinstance(operand, _NESTED):
        operand = _fresh(operand)
    return row.compile(path, operand)


def join_filters(members: list[Filter], *conditions: Condition) -> Filter:
    """Filters and further conditions as one filter, the same that their conjunction compiles to."""
    for condition in conditions:
        if isinstance(condition, Nothing):
            return _nothing()
        if isinstance(condition, All):
            members += map(compile_filter, condition.members)
        elif not isinstance(condition, Everything):
            members.append(compile_filter(condition))
    return {"$and": members} if len(members) > 1 else members[0] if members else {}


def _compare(node: Compare) -> Filter:
    return compile_leaf(node.operator, node.field.compared, node.operand)


def _fresh(operand: Any) -> Any:
    """A copy of a list or document, inner ones too; their depth was bounded when they were read."""
    if isinstance(operand, list | tuple):
        return [_fresh(item) if isinstance(item, _NESTED) else item for item in operand]
    return {key: _fresh(item) for key, item in operand.items()} if isinstance(operand, Mapping) else operand


def _all(node: All) -> Filter:
    return {"$and": [compile_filter(member) for member in node.members]} if node.members else {}


def _any_of(node: AnyOf) -> Filter:
    return {"$or": [compile_filter(member) for member in node.members]} if node.members else _nothing()


def _not(node: Not) -> Filter:
    members = node.member.members if isinstance(node.member, AnyOf) else ()
    return {"$nor": [compile_filter(member) for member in members or (node.member,)]}


def _nothing() -> Filter:
    return {"_id": {"$in": []}}


_NODES: Mapping[type, Callable[[Any], Filter]] = {
    Everything: lambda node: {},
    Nothing: lambda node: _nothing(),
    Compare: _compare,
    All: _all,
    AnyOf: _any_of,
    Not: _not,
}
