"""The peers that translate query strings, and how much of a request each of them gets right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from mongo_queries_manager import mqm
from mongomock.filtering import filter_applies
from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser

import cubequery as cq
from benchmarks.classes import PROFILE
from benchmarks.corpus import Case, Values
from benchmarks.witness import witnesses

Filter = dict[str, Any]
_LEXER, _PARSER = ODataLexer(), ODataParser()
_CASTERS: dict[str, Callable[[Any], Any]] = {"list": lambda text: text.split(","), "id": ObjectId}
_judge: Callable[[Any, Any], bool] = filter_applies

ALL, PART, WRONG, NONE = "all", "filter", "wrong", ""
"""What a peer says of a request: everything, its condition only, something else, nothing."""


def ask_mqm(text: str) -> dict[str, Any]:
    """mongo-queries-manager: filter, sort, skip, limit and projection, with its own guess at the types; lists by a caster."""
    return mqm(text, casters=_CASTERS)  # type: ignore[no-any-return]  # it has no annotations


def ask_odata(text: str) -> Any:
    """odata-query: the tree of a decoded ``$filter``."""
    return _PARSER.parse(_LEXER.tokenize(text))


def expressed(case: Case, peer: str) -> str:
    """How much of a case the peer says right, tried on records made of the case's own values."""
    if peer not in case.templates:
        return NONE
    found = set()
    for _ in range(5):
        values = case.values()
        plan = cq.translate(case.text("request", values), PROFILE, actor=cq.ADMIN)
        found.add(_answer(plan, peer, case.text(peer, values), values))
    return next(each for each in (WRONG, PART, ALL) if each in found)


def _answer(plan: cq.Plan, peer: str, text: str, values: Values) -> str:
    try:
        given = ask_mqm(text) if peer == "mqm" else {"filter": mongo(ask_odata(text))}
        condition = _without_zone(given["filter"])
        same = all(_judge(plan.filter, record) == _judge(condition, record) for record in witnesses(plan.filter, values))
    except Exception:  # whatever a peer raises, it did not say the request
        return WRONG
    if not same:
        return WRONG
    shown = plan.query.projection.include
    wanted = {
        "sort": plan.sort[:-1] or None, "skip": plan.skip, "limit": 0 if plan.limit == 100 else plan.limit, "kind": "list",
        "projection": None if shown is None else {field.path: 1 for field in shown},
    }  # fmt: skip
    whole = {"sort": None, "skip": 0, "limit": 0, "projection": None, **given, "kind": plan.kind}
    return ALL if all(whole[name] == value for name, value in wanted.items()) else PART


def _without_zone(given: Any) -> Any:
    """The same filter with its dates as pymongo would send them: naive UTC."""
    if isinstance(given, dict):
        return {key: _without_zone(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_without_zone(value) for value in given]
    return given.astimezone(UTC).replace(tzinfo=None) if isinstance(given, datetime) and given.tzinfo else given


_OPERATORS: Mapping[type, str] = {
    ast.Eq: "$eq", ast.NotEq: "$ne", ast.Gt: "$gt", ast.GtE: "$gte", ast.Lt: "$lt", ast.LtE: "$lte", ast.In: "$in",
}  # fmt: skip


def mongo(tree: Any, path: str = "") -> Filter:
    """An OData tree as a MongoDB filter: for the check only, never timed. ``path`` is what the variable of a lambda stands for."""
    match tree:
        case ast.BoolOp():
            return {"$and" if isinstance(tree.op, ast.And) else "$or": [mongo(tree.left, path), mongo(tree.right, path)]}
        case ast.Compare():
            return {path or _path(tree.left): {_OPERATORS[type(tree.comparator)]: _value(tree.right)}}
        case ast.UnaryOp() if isinstance(tree.op, ast.Not):
            return {"$nor": [mongo(tree.operand, path)]}
        case ast.Call() if tree.func.name == "contains":
            return {_path(tree.args[0]): {"$regex": _value(tree.args[1])}}
        case ast.CollectionLambda() if tree.lambda_ is not None:
            return mongo(tree.lambda_.expression, _path(tree.owner))
    raise ValueError(f"not said by the check: {tree}")


def _path(node: Any) -> str:
    return node.name if isinstance(node, ast.Identifier) else f"{_path(node.owner)}.{node.attr}"


def _value(node: Any) -> Any:
    if isinstance(node, ast.List):
        return [_value(item) for item in node.val]
    value = node.py_val
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
