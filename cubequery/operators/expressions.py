"""Aggregation expressions of operators: what a row says where a pipeline update must decide by itself.

Every value of a request stands under ``$literal``; references are stored paths of the class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Expression = Any
OnValue = Callable[[str, Any], Expression]
"""From a reference (``$path`` or ``$$variable``) and an operand to an expression."""


def literal(value: Any) -> Expression:
    """A value that is never read as an expression."""
    return {"$literal": value}


def same(value: str, operand: Any) -> Expression:
    """One value equals the operand; types count, as they do in a filter."""
    return {"$eq": [value, literal(operand)]}


def listed(value: str, operand: Sequence[Any]) -> Expression:
    """One value equals an item of the operand."""
    return {"$in": [value, literal(operand)]}


def ranged(name: str) -> OnValue:
    """A range over numbers; in an expression the type must be asked for, and NaN kept out."""
    return lambda value, operand: {
        "$and": [{"$isNumber": value}, {"$ne": [value, literal(float("nan"))]}, {name: [value, literal(operand)]}]
    }


def opened(positive: OnValue, operand: Any, *, negated: bool) -> Expression:
    """A condition on ``$$this``, an element of an array; an element that is an array itself is opened, as a filter opens it."""
    each = {"$map": {"input": {"$concatArrays": ["$$this", ["$$this"]]}, "as": "x", "in": positive("$$x", operand)}}
    found = {"$cond": [{"$isArray": "$$this"}, {"$anyElementTrue": each}, positive("$$this", operand)]}
    return {"$not": [found]} if negated else found


def or_else(reference: str, value: Any) -> Expression:
    """The value of a reference, or ``value`` where it is unset."""
    return {"$ifNull": [reference, literal(value)]}


def if_array(reference: str, value: Expression) -> Expression:
    """An unset array stays as it is."""
    return {"$cond": [{"$isArray": reference}, value, reference]}


def add(reference: str, amount: Any) -> Expression:
    """A sum in which unset counts as nothing."""
    return {"$add": [as_added(or_else(reference, 0), amount), literal(amount)]}


def as_added(value: Expression, amount: Any) -> Expression:
    """A number as ``$inc`` adds to it: a double is added to a long as to the nearest double, where ``$add`` would keep every digit."""
    if not isinstance(amount, float):
        return value
    return {"$cond": [{"$eq": [{"$type": value}, "long"]}, {"$toDouble": value}, value]}


def append(reference: str, items: Sequence[Any]) -> Expression:
    """Items at the end."""
    return {"$concatArrays": [or_else(reference, []), literal(items)]}


def append_missing(reference: str, items: Sequence[Any]) -> Expression:
    """Those items at the end that the array lacks."""
    array = or_else(reference, [])
    return {"$concatArrays": [array, {"$filter": {"input": literal(items), "cond": {"$not": [{"$in": ["$$this", array]}]}}}]}


def without(reference: str, gone: Expression) -> Expression:
    """The array less the elements for which ``gone`` holds of ``$$this``."""
    return if_array(reference, {"$filter": {"input": reference, "cond": {"$not": [gone]}}})


def without_items(reference: str, items: Sequence[Any]) -> Expression:
    """The array less every element that equals one of the items."""
    return without(reference, listed("$$this", items))


def without_end(reference: str, end: int) -> Expression:
    """The array less its last (1) or first (-1) element."""
    least = {"$max": [{"$size": reference}, 1]}
    last = {"$reverseArray": {"$slice": [{"$reverseArray": reference}, 1, least]}}
    return if_array(reference, last if end == 1 else {"$slice": [reference, 1, least]})


def with_elements(reference: str, items: Sequence[tuple[int, Any]]) -> Expression:
    """The array with elements replaced, or appended one behind its end; a guard has seen to it that there is no gap."""
    array = or_else(reference, [])
    size = {"$max": [{"$size": array}, items[-1][0] + 1]}
    branches = [{"case": {"$eq": ["$$this", index]}, "then": literal(value)} for index, value in items]
    each = {"$switch": {"branches": branches, "default": {"$arrayElemAt": [array, "$$this"]}}}
    return {"$map": {"input": {"$range": [0, size]}, "in": each}}
