"""What requests of a class take, as OpenAPI 3.1 says it: the parameters of a search, the body of an update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cubequery.ast import Field
from cubequery.check import Settings
from cubequery.check.plain import is_reserved
from cubequery.operators import CALC, GROUP_KINDS, UPDATE, SearchOperator, UpdateOperator
from cubequery.schema import ClassSchema, all_leaves
from cubequery.values import FieldType

Json = dict[str, Any]
NUMBER: Json = {"type": "number"}
VALUES: Mapping[str, Json] = {
    "Integer": {"type": "integer", "format": "int64"}, "Float": NUMBER, "String": {"type": "string"}, "Boolean": {"type": "boolean"},
    "Date": {"type": ["string", "integer"], "description": "ISO 8601, or Unix seconds"}, "ObjectId": {"type": "string"},
    "Location": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2, "description": "longitude, latitude"},
}  # fmt: skip
"""Values of a field type in a JSON body."""
TEXT: Json = {"type": "string"}
OPERANDS = {"one": "the value", "list": "the values, separated by commas", "literal": "the text", "circle": "`longitude,latitude;metres`"}
"""How an operand of each shape is called in the sentence of its operator."""
NAMES = "names of fields, separated by commas"
CONTROLS: Mapping[str, tuple[str, Json]] = {
    "sort_asc": (NAMES, TEXT), "sort_desc": (NAMES, TEXT), "skip": ("records to pass over", {"type": "integer", "minimum": 0}),
    "limit": ("records at most; -1: the last one", {"type": "integer", "minimum": -1}),
    "page": ("number of the page, from 1", {"type": "integer", "minimum": 1}),
    "per_page": ("records of a page", {"type": "integer", "minimum": 1}),
    "count": ("the number of records alone", {"type": "boolean"}),
    "output[include]": (NAMES, TEXT), "output[exclude]": (NAMES, TEXT),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One parameter of a query string: its name, a sentence, the schema of its value."""

    name: str
    description: str
    schema: Json


def query_parameters(schema: ClassSchema, settings: Settings) -> Iterator[QueryParameter]:
    """Every parameter that a search of the class takes: field by field its operators, then order, page and output, then groups."""
    leaves = [leaf for field in schema.names(settings.user_id_type).values() for leaf in all_leaves(field)]
    for leaf in leaves:
        yield from _criteria(leaf, settings)
    for name, (description, value) in CONTROLS.items():
        yield QueryParameter(name, description, value)
    groups = [leaf.name for leaf in leaves if leaf.type.kind in GROUP_KINDS]
    yield QueryParameter("group_by", "the field whose values make the groups", {"type": "string", "enum": groups})
    for leaf in leaves:
        if leaf.type.kind in CALC["sum"].kinds:
            yield QueryParameter(f"{leaf.name}[calc]", f"calculations over each group, of {', '.join(CALC)}", TEXT)


def _criteria(field: Field, settings: Settings) -> Iterator[QueryParameter]:
    table, kind = settings.operators, field.type
    rows = [row for name in table.names_for(kind.kind) if (row := table.row(name, kind)) is not None]
    bare = "in" if kind.kind.endswith("_a") else "eq"
    for name, row in [(field.name, row) for row in rows if row.name == bare] + [(f"{field.name}[{row.name}]", row) for row in rows]:
        null = "; `null`: it is not set" if row.null else ""
        yield QueryParameter(name, row.sentence.format(field=field.name, operand=OPERANDS[row.shape]) + null, _text_operand(row, kind))


def _text_operand(row: SearchOperator, kind: FieldType) -> Json:
    return VALUES[kind.element.name] if row.shape == "one" and kind.kind not in ("Location", "File") else TEXT


def update_body(schema: ClassSchema, settings: Settings, *, by_criteria: bool) -> Json:
    """The ``requestBody`` of an update: fields, update operators by field, permissions and the parent; criteria where it needs them."""
    fields = [field for field in schema.fields.values() if not is_reserved(field, schema)]
    properties: Json = {name: _value(name, field) for name, field in _named(fields)}
    properties["_parent_id"] = {
        **VALUES[schema.names(settings.user_id_type)["_parent_id"].type.name],
        "description": "id of the new parent",
    }
    if schema.strategy.kind == "tokens":
        properties["permissions"] = {"type": "object", "description": 'levels of access by action, such as `{"read": {"access": "open"}}`'}
    for row in UPDATE.values():
        if row.spelled and (inside := _operands(fields, row)):
            properties[row.name] = _object(inside)
    found = _object(properties)
    if by_criteria:
        names = schema.names(settings.user_id_type).values()
        properties["search_criteria"] = _object({name: _criterion(field, settings) for name, field in _named(names)})
        found["required"] = ["search_criteria"]
    form = {"type": "object", "description": "The same with names as in a query string: `inc[age]=1`."}
    content = {"application/json": {"schema": found}, "application/x-www-form-urlencoded": {"schema": form}}
    return {"required": True, "content": content}


def _object(properties: Json) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _named(fields: Iterable[Field]) -> Iterator[tuple[str, Field]]:
    """Fields by the last word of their names, which is their key where they stand."""
    return ((field.name.rpartition("[")[2].removesuffix("]"), field) for field in fields)


def _value(name: str, field: Field) -> Json:
    """A field given whole; null clears it, but for one that is required."""
    kind = field.type
    if kind.kind == "File":
        return {"type": "null", "description": "null takes the file away"}
    if field.leaves:
        found = _object({inner: _value(inner, leaf) for inner, leaf in _named(field.leaves)})
    else:
        element = dict(VALUES[kind.element.name])
        bounds = {"enum": None if kind.choices is None else list(kind.choices), "minimum": kind.minimum, "maximum": kind.maximum}
        if kind.element.name != "Date":  # whose bounds are dates, and JSON has none
            element |= {option: bound for option, bound in bounds.items() if bound is not None}
        many = kind.kind.endswith("_a")
        found = {"type": "array", "items": element} if many else element
        if kind.max_length is not None:
            found["maxItems" if many else "maxLength"] = kind.max_length
    return found if kind.required else {"anyOf": [found, {"type": "null"}]}


def _operands(fields: Iterable[Field], row: UpdateOperator) -> Json:
    """What an update operator takes, by the fields that it changes; Objects hold theirs."""
    found: Json = {}
    for name, field in _named(fields):
        element = VALUES.get(field.type.element.name, TEXT)
        if field.leaves:
            if inside := _operands(field.leaves, row):
                found[name] = _object(inside)
        elif field.type.kind in row.kinds:
            many: Json = {"anyOf": [element, {"type": "array", "items": element}]}
            shapes: Mapping[str, Json] = {"number": element, "end": {"enum": [1, -1]}, "list": many}
            found[name] = shapes.get(row.shape, {"description": 'an element, several of them, or conditions such as `{"gt": 4}`'})
    return found


def _criterion(field: Field, settings: Settings) -> Json:
    """A value, or an object of operators; an Object holds its sub-fields."""
    if field.leaves:
        return _object({name: _criterion(leaf, settings) for name, leaf in _named(field.leaves)})
    table, element = settings.operators, VALUES.get(field.type.element.name, TEXT)
    operands: Json = {}
    for name in table.names_for(field.type.kind):
        row = table.row(name, field.type)
        assert row is not None
        operands[name] = {"one": element, "list": {"type": "array", "items": element}}.get(row.shape, TEXT)
    return {"anyOf": [element, {"type": "null"}, _object(operands)]}
