"""Names of write requests: plain fields, sub-fields, indexes, update operators, permissions, records of a multi request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cubequery import errors
from cubequery.check.operate import operator_slot
from cubequery.check.plain import plain_slot
from cubequery.check.search import ELSEWHERE, find_field, search_slot
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Read, Slot, refusing, split_write
from cubequery.names import HIDDEN
from cubequery.operators import WORDS
from cubequery.record import replace
from cubequery.schema import ClassSchema
from cubequery.schema.permissions import LISTS

UPDATE, CRITERIA, CREATE, CREATE_MANY, UPDATE_MANY = "update", "by_criteria", "create", "create_many", "update_many"
_NUMBER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)


def write_slot(schema: ClassSchema, settings: Settings, place: str, parts: Sequence[str], *, listed: bool) -> Slot:
    """The slot of a parameter of a write request of kind ``place``."""
    if place in (CREATE_MANY, UPDATE_MANY):
        return _record(schema, settings, place, parts, listed=listed)
    if parts[0] == "search_criteria" and place == CRITERIA:
        return _criteria(schema, settings, parts, listed=listed)
    return _change(schema, settings, place, parts, 0, listed=listed)


def _record(schema: ClassSchema, settings: Settings, place: str, parts: Sequence[str], *, listed: bool) -> Slot:
    if parts[0] != "record":
        raise BadName(0, _unknown(schema, settings, parts[0]))
    if len(parts) < 2:
        return refusing("record", "record", "record", "record")
    if len(parts[1]) > settings.limits.max_scalar_chars or _NUMBER.fullmatch(parts[1]) is None:
        raise BadName(1, errors.wrong_type("record number", "record"))
    number = int(parts[1])
    prefix = f"record[{number}]"
    if len(parts) == 2:
        return replace(refusing("empty", prefix, "record", (number, ""), empty=not listed), record=number)
    try:
        slot = _change(schema, settings, CREATE if place == CREATE_MANY else UPDATE_MANY, parts, 2, listed=listed)
    except BadName as bad:
        raise BadName(bad.part, replace(bad.fault, key=f"{prefix}[{bad.fault.key}]")) from None
    return replace(slot, key=f"{prefix}[{slot.key}]", identity=(number, slot.identity), record=number)


def _criteria(schema: ClassSchema, settings: Settings, parts: Sequence[str], *, listed: bool) -> Slot:
    if len(parts) == 1:
        return Slot("no_criteria", "search_criteria", "criteria", lambda text: text, lambda value: value, "search_criteria")
    slot = search_slot(schema, settings, parts, listed=listed, start=1, full=False)
    if slot.role == "permissions":  # a switch of other requests; here it would be a criterion that constrains nothing
        raise BadName(1, slot.extra)
    return replace(slot, identity=("search_criteria", slot.identity), record=-1)


def _unknown(schema: ClassSchema, settings: Settings, name: str) -> errors.Fault:
    elsewhere = name in ELSEWHERE and name not in HIDDEN
    return errors.plain("not_here", name) if elsewhere else errors.unknown_field(name, schema.offer(settings.user_id_type))


def _change(schema: ClassSchema, settings: Settings, place: str, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    head = parts[start]
    names = schema.names(settings.user_id_type)
    if head in ("id", "_id"):
        if place == CREATE and len(parts) == start + 1:
            return plain_slot(names["_id"], schema, settings, parts, len(parts), listed=listed, create=True)
        if len(parts) > start + 1 and place == UPDATE_MANY:
            raise BadName(start + 1, errors.wrong_type("id", head))
        return Slot("id", head, "id", lambda text: text, lambda value: value, head)
    if head not in names:
        if head == "permissions":
            return _permissions(schema, parts, start, listed=listed)
        if head in WORDS and place != CREATE:
            return operator_slot(schema, settings, WORDS[head], parts, start, listed=listed)
        raise BadName(start, _unknown(schema, settings, head))
    field, end = find_field(schema, settings, parts, start)
    return plain_slot(field, schema, settings, parts, end, listed=listed, create=place == CREATE)


def _permissions(schema: ClassSchema, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    """``permissions[action][access|ids|groups]``; what the levels mean is checked when all parts are there."""
    if schema.strategy.kind != "tokens":
        raise BadName(start, errors.plain("not_here", "permissions"))
    rest = tuple(parts[start + 1 :])
    if len(rest) == 2 and rest[1] in LISTS:
        return Slot("permission", "permissions", "list", (lambda text: [text]) if listed else split_write, lambda value: value,
                    ("permissions", *rest), None, listed, listed, extra=rest)  # fmt: skip
    # `[access][]=open` is a list of one, as in JSON, and no list is a level.
    text: Read = (lambda text: [text]) if listed else (lambda text: text)
    return Slot("permission", "permissions", "text", text, lambda value: value, ("permissions", *rest), extra=rest)
