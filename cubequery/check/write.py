"""Names of write requests: plain fields, sub-fields, indexes, update operators, permissions, records of a multi request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cubequery import errors
from cubequery.ast import Field
from cubequery.check.search import ELSEWHERE, find_field, search_slot
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Read, Slot, list_readers, null_json, null_text, split_write
from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.names import HIDDEN
from cubequery.operators import SET, SET_INDEX, WORDS, UpdateOperator
from cubequery.schema import ClassSchema, all_leaves
from cubequery.schema.permissions import LISTS
from cubequery.values import short

UPDATE, CRITERIA, CREATE, CREATE_MANY, UPDATE_MANY = "update", "by_criteria", "create", "create_many", "update_many"
_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)
_NUMBER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
FARTHEST = 10**15
"""Beyond every possible array length: a larger index is refused at once, whatever is stored."""


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
        return _refusing("record", "record", "record", "record")
    if len(parts[1]) > settings.limits.max_scalar_chars or _NUMBER.fullmatch(parts[1]) is None:
        raise BadName(1, errors.wrong_type("record number", "record"))
    number = int(parts[1])
    prefix = f"record[{number}]"
    if len(parts) == 2:
        return replace(_refusing("empty", prefix, "record", (number, ""), empty=not listed), record=number)
    try:
        slot = _change(schema, settings, CREATE if place == CREATE_MANY else UPDATE_MANY, parts, 2, listed=listed)
    except BadName as bad:
        raise BadName(bad.part, replace(bad.fault, key=f"{prefix}[{bad.fault.key}]")) from None
    return replace(slot, key=f"{prefix}[{slot.key}]", identity=(number, slot.identity), record=number)


def _refusing(role: str, key: str, type_name: str, identity: Any, *, empty: bool = True) -> Slot:
    """A name that stands for an object of its own: nothing is read from it but, where ``empty`` is legal, the empty object."""

    def json(value: Any) -> None:
        if value != {} or not empty:
            raise Refused("wrong_type")

    def text(value: str) -> None:
        raise Refused("wrong_type")

    return Slot(role, key, type_name, text, json, identity)


def _criteria(schema: ClassSchema, settings: Settings, parts: Sequence[str], *, listed: bool) -> Slot:
    if len(parts) == 1:
        return Slot("no_criteria", "search_criteria", "criteria", lambda text: text, lambda value: value, "search_criteria")
    slot = search_slot(schema, settings, parts, listed=listed, start=1, full=False)
    return replace(slot, identity=("search_criteria", slot.identity), record=-1)


def _unknown(schema: ClassSchema, settings: Settings, name: str) -> errors.Fault:
    elsewhere = name in ELSEWHERE and name not in HIDDEN
    return errors.plain("not_here", name) if elsewhere else errors.unknown_field(name, schema.names(settings.user_id_type))


def _change(schema: ClassSchema, settings: Settings, place: str, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    head = parts[start]
    names = schema.names(settings.user_id_type)
    if head in ("id", "_id"):
        if len(parts) > start + 1 and place == UPDATE_MANY:
            raise BadName(start + 1, errors.wrong_type("id", head))
        return Slot("id", head, "id", lambda text: text, lambda value: value, head)
    if head not in names:
        if head == "permissions":
            return _permissions(schema, parts, start, listed=listed)
        if head in WORDS and place != CREATE:
            return _operator(schema, settings, WORDS[head], parts, start, listed=listed)
        raise BadName(start, _unknown(schema, settings, head))
    field, end = find_field(schema, settings, parts, start)
    return plain_slot(field, schema, settings, parts, end, listed=listed, create=place == CREATE)


def is_reserved(field: Field, schema: ClassSchema) -> bool:
    """Whether requests may not change the field: system fields, and the owner field of the class's strategy."""
    return (field.system and field.name != "_parent_id") or field.name == schema.strategy.owner


def plain_slot(
    field: Field, schema: ClassSchema, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, create: bool
) -> Slot:
    """A field given whole, or one element of it by index."""
    kind = field.type
    role = "reserved" if is_reserved(field, schema) else "shared" if field.name in schema.strategy.shared else "change"
    if kind.kind == "File" or role == "reserved":
        text: Read
        json: Read
        text, json = _scalar_readers(field, settings) if role == "reserved" else (_file_text, lambda value: value)
        lenient = "file" if kind.kind == "File" else role
        return Slot(lenient, field.name, kind.name, _lazily(text), _lazily(json), (field.name,), field.name, True, True, field, SET)
    if end < len(parts):
        if not kind.kind.endswith("_a") or create:
            raise BadName(end, errors.wrong_type(kind.name, field.name))
        return _index(field, settings, parts, end, listed=listed, role=role)
    if kind.kind.endswith("_a"):
        return _whole_array(field, settings, listed=listed, role=role)
    if kind.kind == "Object":
        return _whole_object(field, listed=listed)
    if listed and kind.kind != "Location":
        raise BadName(len(parts) - 1, errors.wrong_type(kind.name, field.name))
    text, json = _scalar_readers(field, settings)
    if listed:
        return Slot("pair", field.name, "Location", _half(settings.limits), json, (field.name,), field.name, True, True, field, SET)
    return Slot(role, field.name, kind.name, text, json, (field.name,), field.name, False, False, field, SET)


def _half(limits: Limits) -> Read:
    """``loc[]=lng&loc[]=lat``: the pair is read when both halves are there."""
    return lambda text: [short(text, limits.max_scalar_chars)]


def _file_text(text: str) -> Any:
    return None if text == "null" else text


def _lazily(read: Read) -> Read:
    """Values that are ignored for most actors are judged only when they count; a list keeps any number of them apart."""
    return lambda value: [(read, value)]


def _scalar_readers(field: Field, settings: Settings) -> tuple[Read, Read]:
    kind, limits = field.type, settings.limits
    return (
        null_text(lambda value: kind.read_text(value, limits), kind, null=True),
        null_json(lambda value: kind.read_json(value, limits), kind, null=True),
    )


def _element_readers(field: Field, settings: Settings, *, listed: bool) -> tuple[Read, Read]:
    """Lists of elements; null is no element. JSON text is one element, never split."""
    own, limits = field.type.element, settings.limits
    text = null_text(lambda value: own.read_text(value, limits), own, null=False)
    json = null_json(lambda value: own.read_json(value, limits), own, null=False)
    read_text, read_json = list_readers(text, json, split_write, limits, listed=listed)
    return read_text, lambda value: [json(value)] if isinstance(value, str) else read_json(value)


def _whole_array(field: Field, settings: Settings, *, listed: bool, role: str) -> Slot:
    text, json = _element_readers(field, settings, listed=listed)
    if not listed:
        text, json = null_text(text, field.type, null=True), null_json(json, field.type, null=True)
    return Slot(role, field.name, "Array", text, json, (field.name,), field.name, listed, listed, field, SET)


def _whole_object(field: Field, *, listed: bool) -> Slot:
    def only_null(value: Any) -> None:
        if listed or value not in ("null", None):
            raise Refused("wrong_type")

    def json(value: Any) -> None:
        if value is not None:
            raise Refused("wrong_type")

    return Slot("unset_all", field.name, "Object", only_null, json, (field.name,), field.name, field=field, extra=tuple(all_leaves(field)))


def _index(field: Field, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, role: str) -> Slot:
    word = parts[end]
    if end + 1 < len(parts) or listed:
        raise BadName(end, errors.wrong_type(field.type.element.name, field.name))
    if len(word) > settings.limits.max_scalar_chars or len(word) > len(str(FARTHEST)) or _INDEX.fullmatch(word) is None:
        raise BadName(end, errors.plain("index", field.name))
    own, limits = field.type.element, settings.limits
    text = null_text(lambda value: own.read_text(value, limits), own, null=False)
    json = null_json(lambda value: own.read_json(value, limits), own, null=False)
    role = "index" if role == "change" else role
    return Slot(
        role, field.name, own.name, text, json, (field.name, int(word)), (field.name, "index"), field=field, row=SET_INDEX, extra=int(word)
    )


def _operator(schema: ClassSchema, settings: Settings, row: UpdateOperator, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    if len(parts) < start + 2:
        return _refusing("no_fields", parts[start], "object of fields", parts[start], empty=False)
    field, end = find_field(schema, settings, parts, start + 1)
    if is_reserved(field, schema) or field.name == "_parent_id":
        raise BadName(start + 1, errors.operator_type(row.name, "a system field", field.name))
    if field.type.kind not in row.kinds:
        raise BadName(start + 1, errors.operator_type(row.name, field.type.name, field.name))
    if row is SET_INDEX and end < len(parts):
        return _index(field, settings, parts, end, listed=listed, role="change")
    if row.shape == "removal" and end < len(parts):
        return _pull_condition(field, settings, row, parts, end, listed=listed)
    if end < len(parts) or row is SET_INDEX:
        raise BadName(min(end, len(parts) - 1), errors.wrong_type(field.type.element.name, field.name))
    return _operand(field, settings, row, parts, listed=listed)


def _operand(field: Field, settings: Settings, row: UpdateOperator, parts: Sequence[str], *, listed: bool) -> Slot:
    own, limits = field.type.element, settings.limits
    union = False
    if row.shape in ("list", "removal"):
        text, json = _element_readers(field, settings, listed=listed)
        union = listed
        if row.shape == "removal" and not listed:
            text, json = _one_element(text, field, settings), json
    elif listed:
        raise BadName(len(parts) - 1, errors.wrong_type(own.name, field.name))
    elif row.shape == "end":
        text = json = _end
    else:
        text = null_text(lambda value: own.read_text(value, limits), own, null=False)
        json = null_json(lambda value: own.read_json(value, limits), own, null=False)
    identity = (field.name, row.name)
    return Slot("change", field.name, own.name, text, json, identity, identity, union, listed, field, row)


def _one_element(read: Read, field: Field, settings: Settings) -> Read:
    """``pull[f]=a,b``: the text of one value; only real lists are lists of values to remove."""
    own, limits = field.type.element, settings.limits
    one = null_text(lambda value: own.read_text(value, limits), own, null=False)
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
    text = null_text(lambda value: own.read_text(value, limits), own, null=False)
    json = null_json(lambda value: own.read_json(value, limits), own, null=False)
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
    return errors.unknown_operator(word, [name for name, row in rows if row is not None and row.expression is not None], field.name)


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
