"""Fields given whole, and elements of arrays by index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Field
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Read, Slot, list_readers, null_json, null_text, split_write, value_readers
from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.operators import SET, SET_INDEX
from cubequery.schema import ClassSchema, all_leaves
from cubequery.values import short

_INDEX = re.compile(r"0|[1-9][0-9]*", re.ASCII)
FARTHEST = 10**15
"""Beyond every possible array length: a larger index is refused at once, whatever is stored."""


def is_reserved(field: Field, schema: ClassSchema) -> bool:
    """Whether requests may not change the field: system fields, the owner field of the class's strategy, what the host's scope fixes."""
    return (field.system and field.name != "_parent_id") or field.name == schema.strategy.owner or field.name in schema.fixed


def plain_slot(
    field: Field, schema: ClassSchema, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, create: bool
) -> Slot:
    """A field given whole, or one element of it by index."""
    kind = field.type
    if field.name in schema.fixed:  # for admins too, and whatever the value
        return Slot("fixed", field.name, kind.name, _ignored, _ignored, (field.name,), field.name, True, True, field, SET)
    role = "reserved" if is_reserved(field, schema) else "shared" if field.name in schema.strategy.shared else "change"
    if kind.kind == "File" or role == "reserved":
        text: Read
        json: Read
        text, json = value_readers(field.type, settings.limits, null=True) if role == "reserved" else (_file_text, lambda value: value)
        lenient = "file" if kind.kind == "File" else role
        return Slot(lenient, field.name, kind.name, _lazily(text), _lazily(json), (field.name,), field.name, True, True, field, SET)
    if end < len(parts):
        if not kind.kind.endswith("_a") or create:
            raise BadName(end, errors.wrong_type(kind.name, field.name))
        return index_slot(field, settings, parts, end, listed=listed, role=role)
    if kind.kind.endswith("_a"):
        return _whole_array(field, settings, listed=listed, role=role)
    if kind.kind == "Object":
        return _whole_object(field, schema, listed=listed)
    if listed and kind.kind != "Location":
        raise BadName(len(parts) - 1, errors.wrong_type(kind.name, field.name))
    text, json = value_readers(field.type, settings.limits, null=True)
    if kind.kind == "parent":
        text, json = _as_missing(text), _as_missing(json)
    if listed:
        return Slot("pair", field.name, "Location", _half(settings.limits), json, (field.name,), field.name, True, True, field, SET)
    return Slot(role, field.name, kind.name, text, json, (field.name,), field.name, False, False, field, SET)


def _as_missing(read: Read) -> Read:
    """A parent that can be no id is answered as one that no record has."""

    def read_parent(value: Any) -> Any:
        try:
            return read(value)
        except Refused:
            if isinstance(value, list | dict):
                raise
            raise Refused("parent") from None

    return read_parent


def _half(limits: Limits) -> Read:
    """``loc[]=lng&loc[]=lat``: the pair is read when both halves are there."""
    return lambda text: [short(text, limits.max_scalar_chars)]


def _file_text(text: str) -> Any:
    return None if text == "null" else text


def _ignored(value: Any) -> list[Any]:
    return []


def _lazily(read: Read) -> Read:
    """Values that are ignored for most actors are judged only when they count; a list keeps any number of them apart."""
    return lambda value: [(read, value)]


def element_readers(field: Field, settings: Settings, *, listed: bool) -> tuple[Read, Read]:
    """Lists of elements; null is no element. JSON text is one element, never split."""
    own, limits = field.type.element, settings.limits
    text, json = value_readers(own, limits, null=False)
    read_text, read_json = list_readers(text, json, split_write, limits, listed=listed)
    return read_text, lambda value: [json(value)] if isinstance(value, str) else read_json(value)


def _whole_array(field: Field, settings: Settings, *, listed: bool, role: str) -> Slot:
    text, json = element_readers(field, settings, listed=listed)
    if not listed:
        text, json = null_text(text, field.type, null=True), null_json(json, field.type, null=True)
    return Slot(role, field.name, "Array", text, json, (field.name,), field.name, listed, listed, field, SET)


def _whole_object(field: Field, schema: ClassSchema, *, listed: bool) -> Slot:
    def only_null(value: Any) -> None:
        if listed or value not in ("null", None):
            raise Refused("wrong_type")

    def json(value: Any) -> None:
        if value is not None:
            raise Refused("wrong_type")

    leaves = tuple(leaf for leaf in all_leaves(field) if leaf.name not in schema.fixed)
    return Slot("unset_all", field.name, "Object", only_null, json, (field.name,), field.name, field=field, extra=leaves)


def index_slot(field: Field, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, role: str) -> Slot:
    """One element of an array, by its canonical index."""
    word = parts[end]
    if end + 1 < len(parts) or listed:
        raise BadName(end, errors.wrong_type(field.type.element.name, field.name))
    if len(word) > settings.limits.max_scalar_chars or len(word) > len(str(FARTHEST)) or _INDEX.fullmatch(word) is None:
        raise BadName(end, errors.plain("index", field.name))
    own, limits = field.type.element, settings.limits
    text, json = value_readers(own, limits, null=False)
    role = "index" if role == "change" else role
    return Slot(
        role, field.name, own.name, text, json, (field.name, int(word)), (field.name, "index"), field=field, row=SET_INDEX, extra=int(word)
    )
