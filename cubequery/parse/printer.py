"""The tree back to a query string that reads as the same tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cubequery.ast import All, AnyOf, Compare, Condition, Everything, Field, Query
from cubequery.errors import CubeQueryError
from cubequery.limits import DEFAULT
from cubequery.operators import IN, SearchOperator
from cubequery.values import FieldType


class Unprintable(CubeQueryError, ValueError):
    """A tree that no query string says: rights, host conditions, or the text ``null`` as a value."""


def to_query_string(query: Query) -> str:
    """``parse(to_query_string(query), schema) == query`` for every Query that a query string can say. Raises Unprintable."""
    from urllib.parse import quote

    pairs = [*_condition(query.condition), *_sort(query), *_page(query), *_after(query), *_output(query), *_groups(query)]
    return "&".join(f"{quote(name, safe='[]_')}={quote(value, safe=',;:.-')}" for name, value in pairs)


Pairs = Iterator[tuple[str, str]]


def _condition(condition: Condition) -> Pairs:
    members = condition.members if isinstance(condition, All) else () if isinstance(condition, Everything) else (condition,)
    listed: set[str] = set()
    for member in members:
        if isinstance(member, AnyOf):
            for each in member.members:
                if not isinstance(each, Compare) or not each.operator.grouped:
                    raise Unprintable("only an or group is a disjunction of a request")
                yield from _compare(each, each.operator.name)
        elif isinstance(member, Compare):
            yield from _compare(member, _word(member, listed))
        else:
            raise Unprintable(type(member).__name__)


def _word(compare: Compare, listed: set[str]) -> str | None:
    """The operator's word; a second list on one field can only be spelled as the bare ``f[]``."""
    if compare.operator is IN:
        if compare.field.name in listed:
            return None
        listed.add(compare.field.name)
    return compare.operator.name


def _compare(compare: Compare, word: str | None) -> Pairs:
    name = compare.field.name if word is None else f"{compare.field.name}[{word}]"
    if compare.operator.shape != "list":
        yield name, _text(compare.operand, compare.field.type.element, compare.operator)
    elif not compare.operand:
        yield name, ""
    else:
        for item in compare.operand:
            yield f"{name}[]", _text(item, compare.field.type.element, compare.operator)


def _text(operand: Any, kind: FieldType, row: SearchOperator) -> str:
    if row.shape in ("literal", "circle"):
        return str(operand)
    if operand is None:
        return "null"
    text = kind.print(operand)
    if text == "null":
        raise Unprintable("the text null is null in a query string")
    return text


def _sort(query: Query) -> Pairs:
    for key in query.sort:
        yield "sort_desc" if key.descending else "sort_asc", key.field.name if isinstance(key.field, Field) else key.field


def _page(query: Query) -> Pairs:
    if query.page.skip:
        yield "skip", str(query.page.skip)
    if query.page.last or query.page.limit != DEFAULT.default_limit:
        yield "limit", "-1" if query.page.last else str(query.page.limit)
    if query.count:
        yield "count", "1"


def _after(query: Query) -> Pairs:
    if query.after is not None:
        if query.after.values:
            raise Unprintable("a cursor is written from a stored record")
        yield "_after", ""


def _output(query: Query) -> Pairs:
    for word, fields in (("include", query.projection.include or ()), ("exclude", query.projection.exclude)):
        for field in fields:
            yield f"output[{word}][]", field.name


def _groups(query: Query) -> Pairs:
    if query.aggregate is not None:
        for calc in query.aggregate.calcs:
            yield f"{calc.field.name}[calc][]", calc.operator.name
        yield "group_by", query.aggregate.group_by.name
