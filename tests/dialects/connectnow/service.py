"""A service in the ConnectNow dialect: its classes, endpoints and records, for every test of the dialect."""

from __future__ import annotations

import datetime as dt
from typing import Any

import cubequery as cq
from cubequery.dialects.connectnow import ConnectNow, Endpoint, Filter

ANN, BOB = cq.Actor(1), cq.Actor(2)
QUERY = cq.ClassSchema("Query", {"title": cq.String, "age": cq.Integer, "done": cq.Date(resolution="ms")})
QUEUE = cq.ClassSchema(
    "Queue",
    {"name": cq.String, "active": cq.Boolean, "free": cq.Integer},
    scopes={"active": "active=true", "available": "free[gt]=0&name[or]=open,spare"},
)
COMPANY = cq.ClassSchema(
    "Company",
    {
        "name": cq.String(required=True, max_length=5), "status": cq.String(choices=["open", "shut"]), "size": cq.Integer(minimum=1),
        "rank": cq.Integer(maximum=5), "part": cq.Float, "good": cq.Boolean, "day": cq.Date, "tags": cq.Array(max_length=2),
        "address": cq.Object({"city": cq.String, "zip": cq.Integer}),
    },
    id_type="Integer",
    relations={
        "users": {"kind": "has_many", "class": "User", "field": "company"},
        "companyUsers": {"kind": "has_many", "class": "CompanyUser"},
        "offices": {"kind": "has_many", "class": "Office", "field": "company"},
    },
)  # fmt: skip
USER = cq.ClassSchema(
    "User", {"name": cq.String, "company": cq.Integer}, id_type="Integer",
    relations={"pets": {"kind": "has_many", "class": "Pet", "field": "owner"}},
)  # fmt: skip
PET = cq.ClassSchema("Pet", {"name": cq.String, "owner": cq.Integer}, id_type="String")
COMPANY_USER = cq.ClassSchema("CompanyUser", {"name": cq.String}, id_type="Integer", parents=["Company"])
OFFICE = cq.ClassSchema("Office", {"name": cq.String, "company": cq.Integer}, id_type="Integer")
CATEGORY = cq.ClassSchema(
    "Category",
    {"company": cq.Integer},
    id_type="Integer",
    relations={"owner": {"kind": "belongs_to", "class": "Company", "field": "company"}},
)
ISSUE = cq.ClassSchema(
    "Issue", {"kinds": cq.Array(cq.Integer)}, id_type="String",
    relations={"categories": {"kind": "belongs_to_many", "class": "Category", "field": "kinds"}},
)  # fmt: skip
CLASSES = (QUERY, QUEUE, COMPANY, USER, PET, COMPANY_USER, OFFICE, CATEGORY, ISSUE)
ENDPOINTS = (
    Endpoint("queries", "Query"),
    Endpoint("queues", "Queue", scopes=("active", "available")),
    Endpoint(
        "companies", "Company", expansions=("users", "offices", "users.pets"), counts=("companyUsers", "offices"),
        filters=(Filter("status", "equals", "status", ("open", "shut")), Filter("company_ids", "any_of", "_id"),
            Filter("named", "text", "name")),
    ),
    Endpoint("users", "User", expansions=("pets",)),
    Endpoint("pets", "Pet", paginated=False, public=True),
    Endpoint("issues", "Issue", expansions=("categories.owner",), operations=("list", "get")),
    Endpoint("slow/ones", "Query", operations=("list",), rate="1/minute"),
)  # fmt: skip
SERVICE = ConnectNow(CLASSES, ENDPOINTS)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def record(own: Any, read: str = "*", **values: Any) -> dict[str, Any]:
    """A stored record that those with the token may read; Ann's."""
    return {"_id": own, "user_id": 1, "_read": [read], "_update": ["u1"], "_delete": ["u1"], **values}


def stored(*, hidden: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Every class's records; what only Ann may read is there or not."""
    found: dict[str, list[dict[str, Any]]] = {
        "Company": [record(1, name="Acme", status="open", rank="five", secret=1), record(2, name="Zed"), record(3, "u1", name="No")],
        "User": [record(11, name="Lee", company=1), record(12, name="Kim", company=1), record(13, "u1", name="No", company=1)],
        "Pet": [record("a", name="Rex", owner=11), record("b", "u1", owner=11), record("c", "u1", owner=12)],
        "Office": [record(21, company=1), record(22, "u1", company=1), record(23, company=2)],
        "CompanyUser": [record(31, _parent_id=1, _parent_class="Company"), record(32, "u1", _parent_id=1, _parent_class="Company")],
        "Category": [record(41, company=3), record(42, company=1)],
        "Issue": [record("i", kinds=[42, 41])],
        "Query": [], "Queue": [],
    }  # fmt: skip
    return {name: [each for each in rows if hidden or each["_read"] != ["u1"]] for name, rows in found.items()}
