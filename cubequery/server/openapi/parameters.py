"""Parameters of query strings and headers: field by operator from the operators' rows, and the words of each request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cubequery.ast import Field
from cubequery.limits import Limits
from cubequery.operators import CALCULATIONS, GROUP_KINDS, SEARCH
from cubequery.schema import ClassSchema, all_leaves
from cubequery.server.openapi.shapes import STRING, Schema, named

Parameter = dict[str, Any]
NULL_TOO = " `null` stands for unset."
LIST_TOO = " Values are separated by commas; a value that holds one is given as `{name}[]`."
NAMES: Schema = {"type": "array", "items": STRING}


def query(name: str, schema: Schema, description: str) -> Parameter:
    """One parameter of the query string; a list is written with commas."""
    style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "description": description, "schema": schema, **style}


def leaves(schema: ClassSchema, user_id_type: str) -> list[Field]:
    """Every field that holds a value, sub-fields and system fields included."""
    return [leaf for field in schema.names(user_id_type).values() for leaf in all_leaves(field)]


def conditions(schema: ClassSchema, user_id_type: str, limits: Limits) -> Iterator[Parameter]:
    """Every condition on every field, in the operators' own words."""
    for field in leaves(schema, user_id_type):
        kind = field.type.kind
        yield query(field.name, named(field, "one", limits), _bare(field))
        for row in SEARCH.rows:
            if kind in row.kinds:
                name = f"{field.name}[{row.name}]"
                says = row.sentence.format(field=f"`{field.name}`", operand="the value" if row.shape != "list" else "the values")
                more = (NULL_TOO if row.null else "") + (LIST_TOO.format(name=name) if row.shape == "list" else "")
                together = " The `or` of a request are one disjunction." if row.grouped else ""
                yield query(name, named(field, row.shape, limits), f"{says[0].upper()}{says[1:]}.{together}{more}")
    for field in schema.fields.values():
        for each in _objects(field):
            yield query(each.name, {"type": "string", "enum": ["null"]}, f"`{each.name}` has no sub-field set.")


def _objects(field: Field) -> Iterator[Field]:
    if field.type.kind == "Object":
        yield field
    for leaf in field.leaves:
        yield from _objects(leaf)


def _bare(field: Field) -> str:
    means = "holds the value" if field.type.kind.endswith("_a") else "is the value"
    return f"`{field.name}` {means}.{NULL_TOO}"


def projection() -> list[Parameter]:
    """Which fields an answer holds."""
    return [
        query("output[include]", NAMES, "Only these fields; `_id` stays unless it is excluded."),
        query("output[exclude]", NAMES, "All but these fields."),
    ]


def paging(schema: ClassSchema, limits: Limits) -> Iterator[Parameter]:
    """Order and page of a list, count and groups."""
    page: Schema = {"type": "integer", "minimum": 1}
    keys: Schema = {**NAMES, "maxItems": limits.max_sort_keys}
    yield query("sort_asc", keys, "Fields to sort by, the smallest first. Keys apply in order of appearance.")
    yield query("sort_desc", keys, "Fields to sort by, the greatest first.")
    yield query("skip", {"type": "integer", "minimum": 0, "maximum": limits.max_skip}, "So many records are left out first.")
    yield query(
        "limit", {"type": "integer", "minimum": -1},
        f"So many records at most; above {limits.max_limit} it is {limits.max_limit}. `-1` asks for the last record.",
    )  # fmt: skip
    for name, says in (("page", "Number of the page, from 1; instead of `skip`."), ("per_page", "Records of a page; instead of `limit`.")):
        if name not in schema.fields:
            yield query(name, page, says)
    yield query("_after", STRING, "Empty for the first page, else the `next` of the page before it.")
    yield query("count", {"type": "integer", "enum": [0, 1]}, "`1` asks for the number of records instead.")


def groups(schema: ClassSchema, user_id_type: str) -> Iterator[Parameter]:
    """Calculations over groups."""
    found = leaves(schema, user_id_type)
    words = [row.name for row in CALCULATIONS]
    for field in found:
        if any(field.type.kind in row.kinds for row in CALCULATIONS):
            says = "; ".join(f"`{row.name}`: {row.sentence.format(field=f'`{field.name}`')}" for row in CALCULATIONS)
            schema_of = {"type": "array", "items": {"type": "string", "enum": words}}
            yield query(f"{field.name}[calc]", schema_of, f"Calculated over each group ({says}).")
    by = [field.name for field in found if field.type.kind in GROUP_KINDS]
    yield query("group_by", {"type": "string", "enum": by}, "The field whose values make the groups; goes with a calculation.")


ID: Parameter = {"name": "id", "in": "path", "required": True, "schema": STRING, "description": "The id of a record."}
IDS: Parameter = {**ID, "description": "The id of a record, or ids separated by commas, which asks for many."}
PERMISSIONS = query("permissions", {"type": "integer", "enum": [0, 1]}, "`1` asks for the rights on the record, of its owner or an admin.")
OPERATION_ID: Parameter = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": "^[!-~]+$"},
    "description": "Under the same id the same request, sent again, changes nothing twice and finishes what was cut.",
}  # fmt: skip
RANGE: Parameter = {"name": "Range", "in": "header", "schema": STRING, "description": "One range of bytes, such as `bytes=0-1023`."}


def field_name(schema: ClassSchema, user_id_type: str) -> Schema:
    """The name of a field that holds a file."""
    names = [field.name for field in leaves(schema, user_id_type) if field.type.kind == "File"]
    return {"type": "string", "enum": names} if names else {"type": "string"}
