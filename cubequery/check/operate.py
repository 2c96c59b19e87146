"""Update operators in names: ``inc[f]``, ``pull[f][gt]``, ``push[f][]``, ``update_by_index[f][0]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Field
from cubequery.check.plain import element_readers, index_slot, is_reserved
from cubequery.check.search import find_field
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Read, Slot, list_readers, refusing, split_write, value_readers
from cubequery.errors import Refused
from cubequery.names import KnownNames
from cubequery.operators import SET_INDEX, UpdateOperator
from cubequery.schema import ClassSchema


def operator_slot(schema: ClassSchema, settings: Settings, row: UpdateOperator, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    """The slot of an update operator on a field: the operator must take its type, and system fields take none."""
    if len(parts) < start + 2:
        return refusing("no_fields", parts[start], "object of fields", parts[start], empty=False)
    field, end = find_field(schema, settings, parts, start + 1)
    if is_reserved(field, schema) or field.name == "_parent_id":
        raise BadName(start + 1, errors.operator_type(row.name, "a system field", field.name))
    if field.type.kind not in row.kinds:
        raise BadName(start + 1, errors.operator_type(row.name, field.type.name, field.name))
    if row is SET_INDEX and end < len(parts):
        return index_slot(field, settings, parts, end, listed=listed, role="change")
    if row.shape == "removal" and end < len(parts):
        return _pull_condition(field, settings, row, parts, end, listed=listed)
    if end < len(parts) or row is SET_INDEX:
        raise BadName(min(end, len(parts) - 1), errors.wrong_type(field.type.element.name, field.name))
    return _operand(field, settings, row, parts, listed=listed)


def _operand(field: Field, settings: Settings, row: UpdateOperator, parts: Sequence[str], *, listed: bool) -> Slot:
    own, limits = field.type.element, settings.limits
    union = False
    if row.shape in ("list", "removal"):
        text, json = element_readers(field, settings, listed=listed)
        union = listed
        if row.shape == "removal" and not listed:
            text, json = _one_element(text, field, settings), json
    elif listed:
        raise BadName(len(parts) - 1, errors.wrong_type(own.name, field.name))
    elif row.shape == "end":
        text = json = _end
    else:
        text, json = value_readers(own, limits, null=False)
    identity = (field.name, row.name)
    return Slot("change", field.name, own.name, text, json, identity, identity, union, listed, field, row)


def _one_element(read: Read, field: Field, settings: Settings) -> Read:
    """``pull[f]=a,b``: the text of one value; only real lists are lists of values to remove."""
    own, limits = field.type.element, settings.limits
    one, _ = value_readers(own, limits, null=False)
    return lambda value: [one(value)]


def _end(value: Any) -> int:
    """``pop`` takes 1 (the last element) or -1 (the first), as number or text."""
    if type(value) is int and value in (1, -1):
        return value
    if value in ("1", "-1"):
        return int(value)
    raise Refused("wrong_type")


def _pull_condition(field: Field, settings: Settings, row: UpdateOperator, parts: Sequence[str], end: int, *, listed: bool) -> Slot:
    """``pull[f][gt]=4``: a condition on one element, with the operators of the element's own type."""
    own, word = field.type.element, parts[end]
    condition = settings.operators.row(word, own.kind)
    if condition is None or condition.expression is None:
        raise BadName(end, _no_condition(field, settings, word))
    if end + 1 < len(parts) or (listed and condition.shape != "list"):
        raise BadName(min(end + 1, len(parts) - 1), errors.wrong_type(own.name, field.name))
    limits = settings.limits
    text, json = value_readers(own, limits, null=False)
    if condition.shape == "list":
        text, json = list_readers(text, json, split_write, limits, listed=listed)
    group = (field.name, "pull conditions")
    union = condition.shape == "list"
    return Slot("pull", field.name, own.name, text, json, (field.name, "pull", word), group, union, listed, field, row, condition)


def _no_condition(field: Field, settings: Settings, word: str) -> errors.Fault:
    """Only operators that decide one value by an expression are conditions of ``pull``."""
    own, table = field.type.element, settings.operators
    if word in table:
        return errors.operator_type(word, own.name, field.name)
    rows = ((name, table.row(name, own)) for name in table.names_for(own.kind))
    known = KnownNames(name for name, row in rows if row is not None and row.expression is not None)
    return errors.unknown_operator(word, known, field.name)
