"""JSON schemas of answers, good ones by operation and refusals by status."""

from __future__ import annotations

from typing import Any

from cubequery.errors import STATUS
from cubequery.schema import ClassSchema
from cubequery.schema.permissions import ACCESS, RECORD_ACTIONS
from cubequery.server.openapi.shapes import FILE, STRING, Schema, shown, value

Part = dict[str, Any]
COUNT: Schema = {"type": "integer", "minimum": 0}
SAYS = {
    400: "Not grammatical, too large, or a parameter is given more than once",
    401: "No session",
    403: "No user, or no right to do this",
    404: "No such class, record or file, or none that may be seen",
    422: "The request does not fit the class, or what is stored",
    429: "Too many requests",
    500: "Internal error",
    503: "The service does not answer; a change may have been applied",
}
"""Every status of a refusal."""


def refusals() -> Part:
    """Responses of the components, one for each status."""
    return {f"Refused{status}": _refusal(status, says) for status, says in SAYS.items()}


def _refusal(status: int, says: str) -> Part:
    codes = [code for code, its in STATUS.items() if its == status]
    code: Schema = {"type": "string", "enum": codes} if codes else {"type": "string", "not": {"enum": list(STATUS)}}
    texts = {"type": "array", "items": STRING, "minItems": 1}
    errors = {"type": "object", "additionalProperties": texts, "minProperties": 1}
    body = {"type": "object", "properties": {"errors": errors, "code": code}, "required": ["errors", "code"], "additionalProperties": False}
    headers: Part = {}
    if status in (429, 503):
        headers["Retry-After"] = {"description": "Seconds to wait", "required": True, "schema": {"type": "integer"}}
    if status >= 500:
        headers["X-Request-Id"] = {"description": "What the server's log calls this request", "required": True, "schema": STRING}
    return {"description": says, "content": json(body), **({"headers": headers} if headers else {})}


def json(schema: Schema) -> Part:
    """JSON content."""
    return {"application/json": {"schema": schema}}


def closed(properties: Part, *, optional: Part | None = None) -> Schema:
    """An object of exactly these keys, and perhaps the optional ones."""
    return {
        "type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


def permissions() -> Schema:
    """Rights of a record as its owner sees them."""
    listed = {"type": "array", "items": STRING}
    access = [each for each in ACCESS if each != "not_allowed"]
    level = closed({"access": {"type": "string", "enum": access}}, optional={"users_ids": listed, "users_groups": listed})
    return closed(dict.fromkeys(RECORD_ACTIONS, level))


def record(schema: ClassSchema, user_id_type: str) -> Schema:
    """A record, or those of its fields that are asked for; one that may be changed but not read is its id and time."""
    fields = {name: shown(field) for name, field in schema.names(user_id_type).items()}
    rights = {"permissions": ref("Rights")} if schema.strategy.kind == "tokens" else {}
    return {"type": "object", "properties": {**fields, **rights}, "additionalProperties": False}


def ref(name: str) -> Schema:
    """A schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(operation: str, schema: ClassSchema, user_id_type: str) -> Part:
    """The content of an operation's good answer; nothing where it has no body."""
    name: Schema = {"const": schema.name}
    one = ref(f"record.{schema.name}")
    several = {"type": "array", "items": one}
    found = {"class_name": name, "items": several}
    id = {"type": ["string", "integer"]} if schema.id_type == "Integer" else STRING
    ids = closed({"ids": {"type": "array", "items": id}})
    page = {"class_name": name, "skip": COUNT, "limit": COUNT}
    group = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
    shapes: dict[str, Schema] = {
        "list": {"anyOf": [
            closed({**page, "items": several}, optional={"next": {"type": ["string", "null"]}}),
            closed({"items": closed({"count": COUNT})}),
            closed({**page, "items": {"type": "array", "items": group}}),
        ]},
        "get": {"anyOf": [
            one, closed(found), closed({"permissions": ref("Rights"), "record_id": value(schema.names(user_id_type)["_id"].type)}),
        ]},
        "create": one,
        "create_many": closed(found),
        "update": one,
        "update_many": closed({**found, "not_found": ids}, optional={"wrong_permissions": ids}),
        "update_by_criteria": closed({**page, "total_found": COUNT, "items": several}),
        "delete": closed({"SuccessfullyDeleted": ids, "WrongPermissions": ids, "NotFound": ids}),
        "delete_by_criteria": closed({"total_deleted": COUNT}),
        "upload": FILE,
    }  # fmt: skip
    return json(shapes[operation]) if operation in shapes else {"*/*": {}} if operation == "download" else {}
