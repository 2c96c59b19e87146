"""JSON schemas of request bodies: records as they are created and changed, criteria, permissions, many records at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from cubequery.ast import Field
from cubequery.limits import Limits
from cubequery.operators import SEARCH, SET_INDEX, UPDATE, UpdateOperator
from cubequery.schema import ClassSchema
from cubequery.schema.permissions import ACCESS, LISTS, RECORD_ACTIONS
from cubequery.server.openapi.shapes import LOCATION, STRING, Schema, element, named, nullable, own_name, value, written

INDEX = "^(0|[1-9][0-9]*)$"
SOME_TEXT: Schema = {"type": ["integer", "string"]}
IGNORED = "`_id`, `user_id` and times may be sent: an admin's count, others are ignored."


def permissions() -> Schema:
    """Rights of a record by action, as a body gives them."""
    lists = {name: {"type": "array", "items": SOME_TEXT} for name in LISTS}
    access = [each for each in ACCESS if each != "not_allowed"]
    level: Schema = {"type": "object", "properties": {"access": {"type": "string", "enum": access}, **lists}, "required": ["access"]}
    return {"type": "object", "properties": dict.fromkeys(RECORD_ACTIONS, level), "additionalProperties": False}


def created(schema: ClassSchema, user_id_type: str) -> Schema:
    """A new record."""
    required = [name for name, field in schema.fields.items() if field.type.required and "default" not in field.type.options]
    return _closed({**_system(schema, user_id_type), **_plain(schema, user_id_type)}, required)


def changed(schema: ClassSchema, user_id_type: str, limits: Limits) -> Schema:
    """Changes of a record: plain fields, and the update operators."""
    operators: Schema = {}
    for row in UPDATE.values():
        properties = _nested(schema.fields, partial(_operand, row, limits))
        if properties:
            says = row.sentence.format(field="the field", operand="the value")
            shape: Schema = {"type": "object", "properties": properties, "minProperties": 1, "description": f"{says[0].upper()}{says[1:]}."}
            operators |= dict.fromkeys(((row.name,) if row.spelled else ()) + row.aliases, shape)
    return _closed({**_system(schema, user_id_type), **_plain(schema, user_id_type, by_index=True), **operators})


def _closed(properties: Schema, required: Sequence[str] = ()) -> Schema:
    body = {"type": "object", "properties": properties, "additionalProperties": False, "description": IGNORED}
    return {**body, "required": list(required)} if required else body


def _system(schema: ClassSchema, user_id_type: str) -> Schema:
    """System fields that a body may hold; ``id`` is another name of ``_id``."""
    fields = {name: value(field.type) for name, field in schema.names(user_id_type).items() if field.system and name != "_parent_id"}
    return {"id": fields["_id"], **fields}


def _plain(schema: ClassSchema, user_id_type: str, *, by_index: bool = False) -> Schema:
    found = {name: _settable(field) if by_index else written(field) for name, field in schema.fields.items()}
    parent = nullable(value(schema.names(user_id_type)["_parent_id"].type))
    rights = {"permissions": {"$ref": "#/components/schemas/Permissions"}} if schema.strategy.kind == "tokens" else {}
    return {"_parent_id": parent, **found, **rights}


def _settable(field: Field) -> Schema:
    """A value, or for an array also elements by their indexes."""
    whole = written(field)
    return {"anyOf": [whole, _by_index(field)]} if field.type.kind in SET_INDEX.kinds else whole


def _by_index(field: Field) -> Schema:
    each = value(element(field.type))
    return {"type": "object", "patternProperties": {INDEX: each}, "additionalProperties": False, "minProperties": 1}


def _nested(fields: Mapping[str, Field], make: Callable[[Field], Schema | None]) -> Schema:
    """Properties of the fields for which something is made; those of an Object within it."""
    found: dict[str, Any] = {}
    for field in fields.values():
        if field.type.kind == "Object":
            inner = _nested({leaf.name: leaf for leaf in field.leaves}, make)
            made: Schema | None = {"type": "object", "properties": inner, "minProperties": 1} if inner else None
        else:
            made = make(field)
        if made is not None:
            found[own_name(field)] = made
    return found


def _operand(row: UpdateOperator, limits: Limits, field: Field) -> Schema | None:
    """The operand of an update operator on a field, by its shape; None where the operator does not take the field."""
    if field.type.kind not in row.kinds:
        return None
    each = value(element(field.type))
    listed: Schema = {"type": "array", "items": each, "maxItems": limits.max_list_items}
    if row.shape == "list":
        return {"anyOf": [listed, each]}
    if row.shape == "removal":
        rows = {one.name: one for one in SEARCH.rows if one.expression is not None and element(field.type).kind in one.kinds}
        conditions = {name: listed if one.shape == "list" else each for name, one in rows.items()}
        return {"anyOf": [each, listed, {"type": "object", "properties": conditions, "minProperties": 1, "additionalProperties": False}]}
    return {"number": each, "end": {"type": "integer", "enum": [1, -1]}, "indexes": _by_index(field)}[row.shape]


def criteria(schema: ClassSchema, user_id_type: str, limits: Limits) -> Schema:
    """Conditions in a body: the same as in a query string, nested."""

    def one(field: Field) -> Schema:
        rows = [row for row in SEARCH.rows if field.type.kind in row.kinds]
        operators = {row.name: _condition(field, row.shape, limits) for row in rows}
        bare = _condition(field, "list" if field.type.kind.endswith("_a") else "one", limits)
        return {"anyOf": [nullable(bare), {"type": "object", "properties": operators, "minProperties": 1, "additionalProperties": False}]}

    return {"type": "object", "properties": _nested(schema.names(user_id_type), one), "minProperties": 1, "additionalProperties": False}


def _condition(field: Field, shape: str, limits: Limits) -> Schema:
    return LOCATION if shape == "one" and field.type.kind == "Location" else named(field, shape, limits)


def many(record: Schema, limits: Limits, *, with_id: bool) -> Schema:
    """Records by their numbers, or as a list."""
    each = {**record, "required": ["id"]} if with_id else record
    numbered = {"type": "object", "patternProperties": {INDEX: each}, "additionalProperties": False, "minProperties": 1}
    listed = {"type": "array", "items": each, "minItems": 1, "maxItems": limits.max_records}
    return {
        "type": "object",
        "properties": {"record": {"anyOf": [numbered, listed]}},
        "required": ["record"],
        "additionalProperties": False,
    }


def by_criteria(found: Schema, change: Schema) -> Schema:
    """Criteria, and the changes of what they find; these have no id of their own."""
    changes = {name: each for name, each in change["properties"].items() if name not in ("id", "_id")}
    return {**change, "properties": {"search_criteria": found, **changes}, "required": ["search_criteria"]}


def upload(names: Schema) -> Schema:
    """The parts of an upload."""
    parts = {"field_name": names, "file": {"type": "string", "contentMediaType": "application/octet-stream"}}
    return {"type": "object", "properties": parts, "required": ["field_name", "file"]}


FORM: Schema = {
    "type": "object", "additionalProperties": STRING,
    "description": "The same with paths as keys: `age=1`, `inc[age]=1`, `search_criteria[age][gt]=4`, `record[1][age]=1`.",
}  # fmt: skip
