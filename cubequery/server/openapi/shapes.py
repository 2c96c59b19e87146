"""JSON schemas of field values: as answers show them, as JSON bodies write them, and as query strings name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.limits import Limits
from cubequery.values import INT64_MAX, INT64_MIN, Array, Date, FieldType

Schema = dict[str, Any]
INTEGER: Schema = {"type": "integer", "minimum": INT64_MIN, "maximum": INT64_MAX}
STRING: Schema = {"type": "string"}
FILE: Schema = {
    "type": "object",
    "properties": {"file_id": STRING, "size": {"type": "integer", "minimum": 0}, "name": STRING, "content_type": STRING},
    "required": ["file_id", "size", "name", "content_type"],
}
LOCATION: Schema = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2, "description": "longitude, latitude"}
OBJECT_ID: Schema = {"type": "string", "pattern": "^[0-9a-fA-F]{24}$"}
PLAIN: Mapping[str, Schema] = {
    "Integer": INTEGER,
    "Float": {"type": "number"},
    "String": STRING,
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date-time"},
    "ObjectId": OBJECT_ID,
    "Location": LOCATION,
    "File": FILE,
}
"""By the name of a type."""
OPTIONS = {"minimum": "minimum", "maximum": "maximum", "choices": "enum"}
"""Field options that are words of JSON Schema too; ``max_length`` has two names there."""


def element(kind: FieldType) -> FieldType:
    """The type of one value: that of the elements of an array."""
    return kind.element if isinstance(kind, Array) else kind


def value(kind: FieldType) -> Schema:
    """One value that is not null; times are Unix seconds."""
    return INTEGER if kind.kind == "time" else PLAIN[kind.name]


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if isinstance(schema.get("type"), str):
        enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        return {**schema, "type": [schema["type"], "null"], **enum}
    return {"anyOf": [schema, {"type": "null"}]}


def shown(field: Field) -> Schema:
    """A field in an answer. No option binds it: what was stored before the class is shown as it is, or as null."""
    if field.type.kind == "Object":
        return nullable(
            {"type": "object", "properties": {own_name(leaf): shown(leaf) for leaf in field.leaves}, "additionalProperties": False}
        )
    if isinstance(field.type, Array):
        return nullable({"type": "array", "items": nullable(value(field.type.element))})
    return value(field.type) if field.name == "_id" else nullable(value(field.type))


def written(field: Field) -> Schema:
    """A field in a JSON body, with its options; null unsets it."""
    kind = field.type
    if kind.kind == "Object":
        return nullable({"type": "object", "properties": {own_name(leaf): written(leaf) for leaf in field.leaves}, "minProperties": 1})
    if kind.kind == "File":
        return {"type": "null", "description": "null removes the file; it is sent by a request of its own"}
    each = {**value(element(kind)), **_options(kind)}
    if isinstance(kind, Array):
        each = {"type": "array", "items": each, **({} if kind.max_length is None else {"maxItems": kind.max_length})}
    elif kind.max_length is not None:
        each["maxLength"] = kind.max_length
    default = {"default": kind.options["default"]} if _is_json(kind.options.get("default")) else {}
    return {**(each if kind.required else nullable(each)), **default}


def _options(kind: FieldType) -> Schema:
    """The options that are words of JSON Schema; bounds of a Date are said in words, for there they bind numbers only."""
    given = {name: kind.options[name] for name in OPTIONS if kind.options.get(name) is not None}
    if isinstance(kind, Date):
        return {"description": ", ".join(f"{name} {bound}" for name, bound in given.items())} if given else {}
    return {OPTIONS[name]: list(each) if name == "choices" else each for name, each in given.items()}


def _is_json(given: Any) -> bool:
    return isinstance(given, str | int | float | bool) or (isinstance(given, list) and all(map(_is_json, given)))


def own_name(field: Field) -> str:
    """The name of a field within what holds it: that of a sub-field stands in brackets."""
    return field.name if field.parent is None else field.name[len(field.parent.name) + 1 : -1]


def named(field: Field, shape: str, limits: Limits) -> Schema:
    """The operand of a condition in a query string, by the shape of the operator's operand."""
    if shape == "circle":
        return {"type": "string", "examples": ["25.32,44.551;1000"]}
    if shape == "literal":
        return {"type": "string", "maxLength": limits.max_ctn_chars}
    kind = element(field.type)
    one = STRING if kind.name in ("Location", "File", "Date") or kind.kind == "time" else value(kind)
    return {"type": "array", "items": one, "maxItems": limits.max_list_items} if shape == "list" else one
