"""Trees as plain sentences, from the operators' own."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cubequery.ast import All, AnyOf, Assign, Compare, Condition, Everything, Field, Not, Nothing, Page, Query

LONGEST = 80


def sentence(condition: Condition) -> str:
    """One condition in words."""
    if isinstance(condition, Everything):
        return "every record"
    if isinstance(condition, Nothing):
        return "no record"
    if isinstance(condition, Compare):
        return condition.operator.sentence.format(field=condition.field.name, operand=_operand(condition.operand))
    if isinstance(condition, Not):
        return f"not ({sentence(condition.member)})"
    word = " and " if isinstance(condition, All) else " or "
    return word.join(f"({sentence(member)})" if isinstance(member, All | AnyOf) else sentence(member) for member in condition.members)


def _operand(operand: Any) -> str:
    if isinstance(operand, list | tuple):
        return f"[{', '.join(map(_operand, operand))}]"[:LONGEST]
    if isinstance(operand, dt.datetime):
        return f"{operand.isoformat()}Z"
    return "null" if operand is None else (repr(operand) if isinstance(operand, str) else str(operand))[:LONGEST]


def describe_query(query: Query) -> str:
    """What a query asks, without rights: condition, groups, order, page."""
    parts = [_which(query.condition)]
    if query.count:
        return f"the number of {parts[0]}"
    if query.aggregate is not None:
        calcs = ", ".join(calc.operator.sentence.format(field=calc.field.name) for calc in query.aggregate.calcs)
        parts = [f"{calcs} by {query.aggregate.group_by.name} over {parts[0]}"]
    if query.sort:
        keys = (
            f"{key.field.name if isinstance(key.field, Field) else key.field}{' descending' if key.descending else ''}"
            for key in query.sort
        )
        parts.append(f"sorted by {', '.join(keys)}")
    page = query.page
    most = f"{page.limit} at most{' from the end' if page.last else ''}"
    parts.append("the last one only" if (page.last, page.limit) == (True, 1) else most + _skipped(page))
    return "; ".join(parts)


def _skipped(page: Page) -> str:
    return f" after the {'last' if page.last else 'first'} {page.skip}" if page.skip else ""


def _which(condition: Condition) -> str:
    if isinstance(condition, Everything | Nothing):
        return "all records" if isinstance(condition, Everything) else "no records"
    return f"records where {sentence(condition)}"


def describe_change(change: Assign) -> str:
    """One change in words."""
    return change.operator.sentence.format(field=change.field.name, operand=_operand(change.operand))
