"""Endpoints that are ready: one for each class as it stands, and those of the service by their own names."""

from __future__ import annotations

from collections.abc import Iterable

from cubequery.dialects.cubicl.declaration import Endpoint, Parameter
from cubequery.dialects.cubicl.kinds import KINDS
from cubequery.schema import ClassSchema

BY_KIND = ("tri_state", "array_contains", "equals")
"""Kinds of parameters that one field alone decides, the most particular first."""
PAGED = (Parameter("skip", "skip", default="0"), Parameter("limit", "limit", default="100"))
NAMED = (Parameter("include", "include"), Parameter("exclude", "exclude"))


def endpoints_for(classes: Iterable[ClassSchema]) -> tuple[Endpoint, ...]:
    """An endpoint for each class under its own name, with ``include``, ``exclude``, ``skip``, ``limit`` and a parameter for each field.

    A Boolean is asked by ``tri_state``, an array by ``array_contains``, every other field that can be compared by ``equals``. A field that
    has the name of one of the four is asked by none.
    """
    return tuple(Endpoint(schema.name, schema.name, (*_asking(schema), *NAMED, *PAGED)) for schema in classes)


def _asking(schema: ClassSchema) -> Iterable[Parameter]:
    taken = {parameter.name for parameter in (*NAMED, *PAGED)}
    for name, field in schema.fields.items():
        kind = next((each for each in BY_KIND if field.type.kind in KINDS[each].takes), None)
        if kind is not None and name not in taken:
            yield Parameter(name, kind, name)


SERVICE: tuple[Endpoint, ...] = (
    Endpoint(
        "tasks", "Task",
        (
            Parameter("group", "tree", "group", pair="recursive", tree="Group"), Parameter("assignee", "array_contains", "assignees"),
            Parameter("tag", "array_contains", "tags"), Parameter("customer", "equals", "customer"),
            Parameter("assignedBy", "equals", "assignedBy"), Parameter("startDate", "interval_pair", ("start", "deadline"), pair="endDate"),
            Parameter("archived", "tri_state", "archived", default="false"), Parameter("recursive", "flag"),
            Parameter("search", "text", "name"), *NAMED, *PAGED,
        ),
    ),
    Endpoint(
        "crm/customers", "Customer",
        (
            Parameter("name", "word_prefix", "name"), Parameter("email", "text", ("email", "others")),
            Parameter("includeAllFields", "all_fields", default="false"), Parameter("skip", "skip", default="0"),
            Parameter("limit", "limit", default="10"),
        ),
        shown=("_id", "name"),
    ),
    Endpoint("groups", "Group", (Parameter("parent", "tree", "_parent_id", pair="recursive"), Parameter("recursive", "flag"))),
    Endpoint(
        "chat/threads/:threadId/messages", "Message",
        (
            Parameter("threadId", "equals", "thread"), Parameter("after", "cursor_after", "_id"),
            Parameter("before", "cursor_before", "_id"), Parameter("search", "text", "text"), Parameter("limit", "limit", default="100"),
        ),
        operations=("list",),
    ),
    Endpoint("users", "User", (Parameter("ids", "any_of", "_id", required=True),), operations=("list",), without=("email",)),
    Endpoint(
        "file-system-nodes", "Node", (Parameter("group", "equals", "group"), Parameter("customer", "equals", "customer")),
        operations=("list",), one_of=(("group", "customer"),),
    ),
    Endpoint("bookkeeping/activities", "Activity", (Parameter("entry", "equals", "entry", required=True),), operations=("list",)),
)  # fmt: skip
"""The service's own endpoints, for hosts that have classes of these names with the fields that the parameters ask: take those needed."""
