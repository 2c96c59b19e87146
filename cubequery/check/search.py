"""Names of search requests: criteria, order, paging, projection, aggregation. The schema decides what a bracket means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Field
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Read, Slot, list_readers, search_readers, split_search
from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.names import CONTROL, HIDDEN, KnownNames
from cubequery.operators import CALC, SearchOperator
from cubequery.schema import ClassSchema, all_leaves
from cubequery.values import Boolean, FieldType, Integer, short

ELSEWHERE = (CONTROL - {"base"}) | {"page", "per_page", "_after", "field_name", "file"}
"""Words of the language that mean something in some request; where they do not, they are ``not_here``."""
FILE_FIELD = "the name of a File field"
_INTEGER, _SWITCH = Integer(), Boolean()
_OUTPUTS = KnownNames(("exclude", "include"))


def find_field(schema: ClassSchema, settings: Settings, parts: Sequence[str], start: int = 0, key: str = "") -> tuple[Field, int]:
    """The field that ``parts[start:]`` names, and where its name ends. Raises BadName ``unknown_field``."""
    field = schema.names(settings.user_id_type).get(parts[start])
    if field is None:
        raise _unknown(schema, settings, parts, start, key)
    end = start + 1
    while field.leaves and end < len(parts):
        found = next((leaf for leaf in field.leaves if leaf.name == f"{field.name}[{parts[end]}]"), None)
        if found is None:
            name = f"{field.name}[{parts[end]}]"
            raise BadName(end, errors.unknown_field(name, schema.offer(settings.user_id_type, field), key or None))
        field, end = found, end + 1
    return field, end


def _unknown(schema: ClassSchema, settings: Settings, parts: Sequence[str], start: int, key: str = "") -> BadName:
    return BadName(start, errors.unknown_field(parts[start], schema.offer(settings.user_id_type), key or None))


def name_readers(settings: Settings, *, listed: bool) -> tuple[Read, Read]:
    """Readers of a list of names; what they name is decided when the whole request is known."""
    return list_readers(lambda text: text, _name, split_search, settings.limits, listed=listed)


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("wrong_type")
    return value


def search_slot(schema: ClassSchema, settings: Settings, parts: Sequence[str], *, listed: bool, start: int = 0, full: bool = True) -> Slot:
    """The slot of a search parameter. ``full`` requests take controls too; criteria (``full=False``) only conditions."""
    head = parts[start]
    if head not in schema.names(settings.user_id_type):
        if full and head in _CONTROLS and head not in HIDDEN:
            return _control(schema, settings, parts, listed=listed)
        if head == "permissions":
            return _permissions(schema, settings, parts, start, listed=listed)
        if head in ELSEWHERE:
            raise BadName(start, errors.plain("not_here", head))
        raise _unknown(schema, settings, parts, start)
    field, end = find_field(schema, settings, parts, start)
    if field.leaves or field.type.kind == "Object":
        return _whole_object(field, listed=listed)
    return _criterion(field, settings, parts, end, listed=listed, full=full)


def record_slot(schema: ClassSchema, settings: Settings, parts: Sequence[str], *, listed: bool, takes: frozenset[str]) -> Slot:
    """The slot of a parameter of a request about one record by its id; what it does not take is used elsewhere or unknown."""
    names = schema.names(settings.user_id_type)
    if parts[0] in takes:
        if parts[0] == "field_name":
            return _file_field(schema, parts, listed=listed)
        return _output(settings, parts, listed=listed) if parts[0] == "output" else _permissions(schema, settings, parts, 0, listed=listed)
    used = parts[0] in names or (parts[0] in ELSEWHERE and parts[0] not in HIDDEN)
    raise BadName(0, errors.plain("not_here", parts[0]) if used else errors.unknown_field(parts[0], schema.offer(settings.user_id_type)))


def _file_field(schema: ClassSchema, parts: Sequence[str], *, listed: bool) -> Slot:
    """``field_name``: which File field of the record a request is about."""
    if listed or len(parts) > 1:
        raise BadName(0, errors.wrong_type(FILE_FIELD, "field_name"))
    files = {leaf.name: leaf for field in schema.fields.values() for leaf in all_leaves(field) if leaf.type.kind == "File"}

    def read(value: Any) -> Field:
        if not isinstance(value, str) or value not in files:
            raise Refused("wrong_type")
        return files[value]

    return Slot("file", "field_name", FILE_FIELD, read, read, "field_name")


def _criterion(field: Field, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, full: bool) -> Slot:
    """One comparison of one field: bare, or with the operator that the next part names."""
    table, kind = settings.operators, field.type
    if end == len(parts):
        word = "in" if (listed or kind.kind.endswith("_a")) and kind.kind != "Location" else "eq"
    else:
        word = parts[end]
        if word == "calc":
            return _calc(field, settings, parts, end, listed=listed, full=full)
    row = table.row(word, kind)
    if row is None:
        known = table.offer(kind.kind)
        fault = errors.operator_type(word, kind.name, field.name) if word in table else errors.unknown_operator(word, known, field.name)
        raise BadName(min(end, len(parts) - 1), fault)
    if end + 1 < len(parts):
        raise BadName(end + 1, errors.wrong_type(kind.element.name, field.name))
    bare = end == len(parts)
    if kind.kind == "Location" and listed and row.shape == "one":
        return _listed_location(field, row, settings.limits)
    if listed and row.shape != "list":
        raise BadName(len(parts) - 1, errors.wrong_type(kind.element.name, field.name))
    text, json = search_readers(row, kind, settings.limits, listed=listed)
    identity = (field.name, "eq" if bare else word)
    union = row.shape == "list" and (listed or not bare)
    type_name = "lng,lat;radius" if row.shape == "circle" else kind.element.name
    return Slot("compare", field.name, type_name, text, json, identity, None, union, listed, field, row)


def _listed_location(field: Field, row: SearchOperator, limits: Limits) -> Slot:
    """``loc[]=lng&loc[]=lat``: the pair is read when both halves are there."""

    def half(text: str) -> list[str]:
        return [short(text, limits.max_scalar_chars)]

    return Slot("pair", field.name, "Location", half, lambda value: value, (field.name, row.name), None, True, True, field, row)


def _whole_object(field: Field, *, listed: bool) -> Slot:
    """An Object itself takes only null: no declared sub-field is set."""

    def only_null(value: Any) -> None:
        if value not in ("null", None) or listed:
            raise Refused("wrong_type")

    def json(value: Any) -> None:
        if value is not None:
            raise Refused("wrong_type")

    return Slot("unset", field.name, "Object", only_null, json, (field.name, "eq"), field=field, extra=tuple(all_leaves(field)))


def _calc(field: Field, settings: Settings, parts: Sequence[str], end: int, *, listed: bool, full: bool) -> Slot:
    if not full:
        raise BadName(end, errors.plain("not_here", field.name))
    if field.type.kind not in CALC["sum"].kinds:
        raise BadName(end, errors.operator_type("calc", field.type.name, field.name))
    if end + 1 < len(parts):
        raise BadName(end + 1, errors.wrong_type("calculation", field.name))
    text, json = name_readers(settings, listed=listed)
    return Slot("calc", field.name, "calculation", text, json, (field.name, "calc"), None, True, listed, field)


def _permissions(schema: ClassSchema, settings: Settings, parts: Sequence[str], start: int, *, listed: bool) -> Slot:
    """``permissions`` is no field: ``0`` and ``1`` are used by other requests, anything else is unknown."""
    unknown = errors.unknown_field("permissions", schema.offer(settings.user_id_type))
    if schema.strategy.kind != "tokens":
        raise BadName(start, errors.plain("not_here", "permissions"))
    if len(parts) > start + 1 or listed:
        raise BadName(start, unknown)
    return Slot("permissions", "permissions", "switch", lambda text: text, lambda value: value, ("permissions",), extra=unknown)


def _paging(role: str, limits: Limits) -> Read:
    """Paging numbers follow the Integer rules, the switch the Boolean ones; JSON values and texts alike."""
    kind: FieldType = _SWITCH if role == "count" else _INTEGER
    return lambda value: kind.read_json(value, limits)


def _control(schema: ClassSchema, settings: Settings, parts: Sequence[str], *, listed: bool) -> Slot:
    head = parts[0]
    role = _CONTROLS[head]
    if role == "output":
        return _output(settings, parts, listed=listed)
    if len(parts) > 1:
        raise BadName(1, errors.wrong_type("name" if role in ("sort", "group_by") else "Integer", head))
    if role == "sort":
        text, json = name_readers(settings, listed=listed)
        return Slot("sort", head, "name", text, json, (head,), None, True, listed, extra=head == "sort_desc")
    if listed:
        raise BadName(0, errors.wrong_type("name" if role == "group_by" else "Integer", head))
    if role == "after":
        return Slot(role, head, "cursor", _name, _name, (head,))
    if role == "group_by":
        return Slot("group_by", head, "name", _name, _name, (head,))
    read = _paging(role, settings.limits)
    return Slot(role, head, "Boolean" if role == "count" else "Integer", read, read, (head,))


def _output(settings: Settings, parts: Sequence[str], *, listed: bool) -> Slot:
    if len(parts) < 2:
        raise BadName(0, errors.wrong_type("include or exclude", "output"))
    if parts[1] not in ("include", "exclude"):
        raise BadName(1, errors.unknown_operator(parts[1], _OUTPUTS, "output"))
    if len(parts) > 2:
        raise BadName(2, errors.wrong_type("name", "output"))
    text, json = name_readers(settings, listed=listed)
    return Slot(parts[1], "output", "name", text, json, ("output", parts[1]), None, True, listed)


_CONTROLS = {
    "sort_asc": "sort", "sort_desc": "sort", "skip": "skip", "limit": "limit", "page": "page", "per_page": "per_page", "count": "count",
    "output": "output", "group_by": "group_by", "_after": "after",
}  # fmt: skip
