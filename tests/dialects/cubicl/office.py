"""An office in the Cubicl dialect: its classes, endpoints and records, for every test of the dialect."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import cubequery as cq
from cubequery.dialects.cubicl import SERVICE, Cubicl, Endpoint, Parameter

ANN, BOB = cq.Actor(1), cq.Actor(2)
TEXT = {"group": cq.String, "customer": cq.String, "assignedBy": cq.String, "state": cq.String}
TASK = cq.ClassSchema(
    "Task",
    {
        "name": cq.String(required=True, max_length=40), "desc": cq.String, **TEXT, "assignees": cq.Array, "tags": cq.Array,
        "start": cq.Date, "deadline": cq.Date, "archived": cq.Boolean, "done": cq.Date(resolution="ms"),
        "age": cq.Integer(minimum=0, maximum=150), "size": cq.String(choices=["s", "m"]),
        "address": cq.Object({"city": cq.String, "zip": cq.Integer}),
    },
    id_type="String",
)  # fmt: skip
CUSTOMER = cq.ClassSchema(
    "Customer", {"name": cq.String, "email": cq.String, "phone": cq.String, "others": cq.Array(stored="contacts.email")}, id_type="Integer"
)
GROUP = cq.ClassSchema("Group", {"name": cq.String}, id_type="String")
USER = cq.ClassSchema("User", {"name": cq.String, "email": cq.String}, id_type="String")
MESSAGE = cq.ClassSchema("Message", {"thread": cq.String, "text": cq.String}, id_type="String")
NODE = cq.ClassSchema("Node", {"name": cq.String, "group": cq.String, "customer": cq.String})
CLASSES = (TASK, CUSTOMER, GROUP, USER, MESSAGE, NODE)

READY = {endpoint.path: endpoint for endpoint in SERVICE}
CUSTOMERS = READY["crm/customers"]
ENDPOINTS = (
    READY["tasks"],
    replace(CUSTOMERS, parameters=(*CUSTOMERS.parameters, Parameter("ids", "any_of", "_id"), Parameter("before", "cursor_before", "_id"))),
    READY["groups"],
    Endpoint("users", "User", (Parameter("ids", "any_of", "_id", required=True), Parameter("include", "include")), without=("email",)),
    READY["chat/threads/:threadId/messages"],
    READY["file-system-nodes"],
)
"""The service's own, with further parameters where a test asks for them."""
OFFICE = Cubicl(CLASSES, ENDPOINTS)


def at(seconds: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)


def record(id: Any, read: str = "*", **values: Any) -> dict[str, Any]:
    """A stored record that those with the token may read; Ann's."""
    return {"_id": id, "user_id": 1, "_read": [read], "_update": ["u1"], "_delete": ["u1"], **values}
