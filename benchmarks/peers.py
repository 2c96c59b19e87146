"""The peers that translate query strings: what is timed of each, and what it says as a filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongo_queries_manager import mqm
from odata_query import ast
from odata_query.grammar import ODataLexer, ODataParser

from benchmarks.judge import Say

Filter = dict[str, Any]
_LEXER, _PARSER = ODataLexer(), ODataParser()
_CASTERS: dict[str, Callable[[Any], Any]] = {"list": lambda text: text.split(","), "id": ObjectId}


def ask_mqm(text: str) -> dict[str, Any]:
    """mongo-queries-manager: filter, sort, skip, limit and projection, with its own guess at the types; lists by a caster."""
    return mqm(text, casters=_CASTERS)  # type: ignore[no-any-return]  # it has no annotations


def ask_odata(text: str) -> Any:
    """odata-query: the tree of a decoded ``$filter``."""
    return _PARSER.parse(_LEXER.tokenize(text))


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


SAY: Mapping[str, Say] = {"mqm": ask_mqm, "odata": lambda text: {"filter": mongo(ask_odata(text))}}
"""What each of them says of a text, for the check only."""
