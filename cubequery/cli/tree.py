"""The one tree as indented lines, for a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from cubequery.ast import All, AnyOf, Assign, Compare, Condition, Create, Everything, Field, Level, Many, Not, Query, Update
from cubequery.operators import Removal

Lines = Iterator[str]
LONGEST = 120


def lines(tree: Query | Update | Create | Many) -> Lines:
    """A whole request."""
    if isinstance(tree, Query):
        return _query(tree)
    if isinstance(tree, Many):
        return _many(tree)
    return _update(tree) if isinstance(tree, Update) else _create(tree)


def condition_lines(condition: Condition) -> Lines:
    """A condition: groups by name, their members below them."""
    if isinstance(condition, Compare):
        stored = "" if condition.field.compared == condition.field.name else f" (stored at {condition.field.compared})"
        yield f"{condition.field.name}{stored} {condition.operator.name} {operand_text(condition.operand)}"
    elif isinstance(condition, All | AnyOf | Not):
        yield "all of" if isinstance(condition, All) else "any of" if isinstance(condition, AnyOf) else "not"
        for member in (condition.member,) if isinstance(condition, Not) else condition.members:
            yield from indented(condition_lines(member))
    else:
        yield "everything" if isinstance(condition, Everything) else "nothing"


def indented(inner: Lines) -> Lines:
    """Lines one level deeper."""
    return (f"  {line}" for line in inner)


def operand_text(operand: Any) -> str:
    """A value, cut where it is long; control characters are escaped."""
    if isinstance(operand, dt.datetime):
        return f"{operand.isoformat()}Z"
    if isinstance(operand, Removal):
        return " and ".join(f"{row.name} {operand_text(value)}" for row, value in operand.conditions)
    if isinstance(operand, list | tuple):
        text = f"[{', '.join(map(operand_text, operand))}]"
    else:
        text = "null" if operand is None else repr(operand) if isinstance(operand, str) else str(operand)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}.."


def _query(query: Query) -> Lines:
    yield "groups" if query.aggregate else "count" if query.count else "list"
    yield from indented(_parts(query))


def _parts(query: Query) -> Lines:
    yield "condition"
    yield from indented(condition_lines(query.condition))
    if query.aggregate is not None:
        for calc in query.aggregate.calcs:
            yield f"calculate {calc.operator.name} of {calc.field.name} as {calc.key}"
        yield f"group by {query.aggregate.group_by.name}"
    for key in query.sort:
        name = key.field.name if isinstance(key.field, Field) else key.field
        yield f"sort by {name} {'descending' if key.descending else 'ascending'}"
    if query.projection.include is not None:
        yield f"show {', '.join(field.name for field in query.projection.include)}"
    if query.projection.exclude:
        yield f"hide {', '.join(field.name for field in query.projection.exclude)}"
    if query.file is not None:
        yield f"file {query.file.name}"
    if not query.count:
        yield "page the last one" if query.page.last else f"page skip {query.page.skip}, limit {query.page.limit}"


def _update(update: Update) -> Lines:
    yield "update" if update.criteria is None else "update by criteria"
    if update.record_id is not None:
        yield f"  record {operand_text(update.record_id)}"
    if update.criteria is not None:
        yield "  criteria"
        yield from indented(indented(condition_lines(update.criteria)))
    parent = () if update.parent is None else (update.parent,)
    yield from indented(_change(change) for change in (*update.changes, *parent, *update.system))
    yield from indented(_levels(update.permissions))


def _change(change: Assign) -> str:
    operand = "" if change.operator.shape == "nothing" else f" {operand_text(change.operand)}"
    return f"{change.operator.name} {change.field.name}{operand}"


def _create(create: Create) -> Lines:
    yield "create"
    values = [*create.values, *create.system]
    yield from indented(f"{field.name} {operand_text(value)}" for field, value in values)
    if create.parent is not None:
        yield f"  _parent_id {operand_text(create.parent)}"
    yield from indented(_levels(create.permissions))


def _levels(levels: tuple[tuple[str, Level], ...]) -> Lines:
    return (f"permissions {action} {operand_text(level.document())}" for action, level in levels)


def _many(many: Many) -> Lines:
    for number, record in many.records:
        yield f"record {number}"
        yield from indented(lines(record))
