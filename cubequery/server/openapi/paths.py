"""The document as a whole: every route of every class, with its parameters, bodies, statuses and ways to show a session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cubequery.check import Settings
from cubequery.schema import ClassSchema
from cubequery.server import health
from cubequery.server.calls import OPERATIONS
from cubequery.server.openapi import answers, bodies, parameters
from cubequery.server.reading import FORM, JSON, MULTIPART
from cubequery.server.routes import CLASS, CRITERIA, FILE, FILES, MULTI, RECORD, Table

Part = dict[str, Any]
SHAPES: Mapping[str, Table] = {"": CLASS, "/multi": MULTI, "/by_criteria": CRITERIA, "/{id}": RECORD, "/{id}/file": FILE}
"""What stands behind the name of a class, and the table of its methods."""
SUMMARIES = {
    "list": "List records, count them, or calculate over groups", "create": "Create a record", "create_many": "Create records, all or none",
    "update_many": "Change records, each its own way", "update_by_criteria": "Change every record that is found",
    "delete_by_criteria": "Delete every record that is found", "get": "Read a record, several, or the rights on one",
    "update": "Change a record", "delete": "Delete a record, or several", "upload": "Put a file into a record",
    "download": "Read a file", "delete_file": "Remove a file",
}  # fmt: skip
BODIES = {"create": "new", "create_many": "many.new", "update": "change", "update_many": "many.change", "update_by_criteria": "by_criteria"}
"""The schema of an operation's body."""
FORBIDDING = frozenset(SUMMARIES) - {"list", "download"}
"""Operations that answer 403; what a list or a download may not show is not there."""
SESSIONS: Mapping[str, Part] = {
    "CB-Token": {"type": "apiKey", "in": "header", "name": "CB-Token"},
    "QB-Token": {"type": "apiKey", "in": "header", "name": "QB-Token"},
    "Bearer": {"type": "http", "scheme": "bearer"},
}
IN_QUERY: Part = {"type": "apiKey", "in": "query", "name": "token", "description": "On requests about files only"}
ABOUT = (
    "Parameters may come in the query string, in a form or in a JSON body, on every method. A path may end in `.json`. Values are shown "
    "here as JSON has them; their text is read as well. How a session is shown is the host's choice; usually in one of these ways."
)


def document(classes: Iterable[ClassSchema], settings: Settings, *, limited: bool) -> Part:
    """OpenAPI 3.1 of these classes, without ``servers``. ``limited``: whether a request may be one too many."""
    given = sorted(classes, key=lambda each: each.name)
    paths: Part = {}
    shared: Part = {}
    schemas: Part = {"Permissions": bodies.permissions(), "Rights": answers.permissions()}
    for schema in given:
        conditions = list(parameters.conditions(schema, settings.user_id_type, settings.limits))
        named = {f"{schema.name}.{place}": each for place, each in enumerate(conditions)}
        described = Described(schema, settings, limited, [{"$ref": f"#/components/parameters/{key}"} for key in named])
        for shape, table in SHAPES.items():
            paths[f"/data/{schema.name}{shape}"] = {method.lower(): described.operation(method, name) for method, name in table.items()}
        shared |= named
        schemas |= _schemas(schema, settings)
    ok: Part = {"200": {"description": "The store answers", "content": answers.json({"type": "object"})}}
    paths[health.PATH.decode()] = {
        "get": {"operationId": "health", "summary": "Whether the store answers", "security": [], "responses": ok | _refused([500, 503])}
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Custom Objects", "version": "1", "description": ABOUT},
        "tags": [{"name": schema.name} for schema in given],
        "paths": paths,
        "components": {
            "schemas": schemas, "responses": answers.refusals(), "securitySchemes": {**SESSIONS, "token": IN_QUERY},
            "parameters": shared,
        },
    }  # fmt: skip


def _schemas(schema: ClassSchema, settings: Settings) -> Part:
    name, user, limits = schema.name, settings.user_id_type, settings.limits
    change = bodies.changed(schema, user, limits)
    return {
        f"record.{name}": answers.record(schema, user),
        f"new.{name}": bodies.created(schema, user),
        f"change.{name}": change,
        f"criteria.{name}": bodies.criteria(schema, user, limits),
        f"many.new.{name}": bodies.many(answers.ref(f"new.{name}"), limits, with_id=False),
        f"many.change.{name}": bodies.many(change, limits, with_id=True),
        f"by_criteria.{name}": bodies.by_criteria(answers.ref(f"criteria.{name}"), change),
    }


@dataclass(frozen=True)
class Described:
    """What the requests of one class have in common; ``conditions`` are its filters, as references."""

    schema: ClassSchema
    settings: Settings
    limited: bool
    conditions: Sequence[Part]

    def operation(self, method: str, name: str) -> Part:
        """One method of one route."""
        class_name, user = self.schema.name, self.settings.user_id_type
        statuses = [status for status in answers.SAYS if (status != 403 or name in FORBIDDING) and (status != 429 or self.limited)]
        good = {"description": "Done", "content": answers.answer(name, self.schema, user)}
        status = OPERATIONS[name].status if name in OPERATIONS else 201 if name == "upload" else 200
        found: Part = {
            "operationId": f"{class_name}.{name}" + (".post" if (method, name) == ("POST", "update_by_criteria") else ""),
            "summary": SUMMARIES[name],
            "tags": [class_name],
            "parameters": self._parameters(name),
            "security": [{way: []} for way in (*SESSIONS, *(["token"] if name in FILES else []))],
            "responses": {str(status): good, **({"206": good} if name == "download" else {}), **_refused(statuses)},
        }
        if name in BODIES:
            body = answers.ref(f"{BODIES[name]}.{class_name}")
            found["requestBody"] = {"required": True, "content": {JSON: {"schema": body}, FORM: {"schema": bodies.FORM}}}
        if name == "upload":
            sent = bodies.upload(parameters.field_name(self.schema, user))
            found["requestBody"] = {"required": True, "content": {MULTIPART: {"schema": sent}}}
        return found

    def _parameters(self, name: str) -> list[Part]:
        user, limits = self.settings.user_id_type, self.settings.limits
        found: list[Part] = []
        if name in FILES or name in ("get", "update", "delete"):
            found.append(parameters.IDS if name in ("get", "delete") else parameters.ID)
        if name in ("list", "delete_by_criteria"):
            found += self.conditions
        if name == "list":
            found += [*parameters.paging(self.schema, limits), *parameters.groups(self.schema, user)]
        if name in ("list", "get"):
            found += parameters.projection()
        if name == "get" and self.schema.strategy.kind == "tokens":
            found.append(parameters.PERMISSIONS)
        if name in ("download", "delete_file"):
            names = parameters.field_name(self.schema, user)
            found.append({**parameters.query("field_name", names, "The field that holds the file."), "required": True})
        if name == "download":
            found.append(parameters.RANGE)
        if name == "upload" or (name in OPERATIONS and OPERATIONS[name].steps):
            found.append(parameters.OPERATION_ID)
        return found


def _refused(statuses: Iterable[int]) -> Part:
    return {str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in statuses}
