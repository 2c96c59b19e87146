"""What the catalogue is about: class `profile` and its kin, who asks, and the records that he may, may not or may only half see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bson import ObjectId

import cubequery as cq
from tests.support.mongod import Document

FIELDS: dict[str, Any] = {
    "full_name": cq.String, "age": cq.Integer, "rating": cq.Float, "active": cq.Boolean, "tags": cq.Array(cq.String),
    "scores": cq.Array(cq.Integer), "spot": cq.Location, "born": cq.Date, "avatar": cq.File,
}  # fmt: skip
PROFILE = cq.ClassSchema("profile", FIELDS)
SCOPED = cq.ClassSchema("profile", {**FIELDS, "app_id": cq.Integer})
ACCOUNT = cq.ClassSchema(
    "account",
    {
        **FIELDS, "total": cq.Float(stored="amt"), "address": cq.Object({"city": cq.String, "tags": cq.Array(cq.String)}),
        "age": cq.Integer(minimum=0, maximum=150), "kind": cq.String(choices=["cafe", "bar"]), "tags": cq.Array(cq.String, max_length=2),
        "odd": cq.Object({"ne": cq.String}),
    },
)  # fmt: skip
ORDER = cq.ClassSchema(
    "order",
    {"total": cq.Float, "customerId": cq.Integer, "sharedWith": cq.Array(cq.Integer), "note": cq.String},
    acl={"owner": "customerId", "shared": ["sharedWith"]},
)
PLAIN = cq.ClassSchema(
    "plain", {"n": cq.Integer}, acl="class", permissions={"update": {"access": "open_for_groups", "groups": ["officers"]}}
)  # fmt: skip
NUMBERED = cq.ClassSchema("numbered", {"n": cq.Integer}, id_type="Integer")
NAMED = cq.ClassSchema("named", {"n": cq.Integer}, id_type="String")
CLASSES = {
    "profile": PROFILE, "scoped": SCOPED, "account": ACCOUNT, "order": ORDER, "plain": PLAIN, "numbered": NUMBERED, "named": NAMED,
}  # fmt: skip

OWNER, OFFICER, ATTACKER = cq.Actor(47592), cq.Actor(51941, ["officers"]), cq.Actor(51943)
ACTORS = {"owner": OWNER, "officer": OFFICER, "attacker": ATTACKER, "anonymous": cq.ANONYMOUS, "admin": cq.ADMIN}
HIDDEN = ("_read", "_update", "_delete", "_acl", "_op", "_parent_class", "_v")

R, H, M, X = (ObjectId(f"65000000000000000000000{number}") for number in range(1, 5))
_DAY = dt.datetime(2019, 9, 21, 21, 21)


def record(own: ObjectId, owner: int, read: list[str], update: list[str], **values: Any) -> Document:
    """A record in its stored form; who may update it may delete it."""
    times = {"created_at": _DAY, "updated_at": _DAY}
    return {"_id": own, "user_id": owner, **times, **values, "_read": read, "_update": update, "_delete": update}


VISIBLE = record(
    R, 47592, ["*"], ["u47592"], full_name="Nadine", age=41, rating=0.5, tags=["a"], scores=[1, 2], spot=[1.0, 2.0], active=True
)  # fmt: skip
SECRET = record(
    H, 47592, ["u47592"], ["u47592"], full_name="hidden", age=99, rating=1e300, tags=["secret"], scores=[7], spot=[3.0, 4.0],
    _acl={"read": {"access": "owner"}},
)  # fmt: skip
MINE = record(M, 51943, ["*"], ["u51943"], full_name="$_read", age=5, rating=2.0, tags=[], active=False, born=_DAY)
RECORDS: list[Document] = [VISIBLE, SECRET, MINE]
NOW = dt.datetime(2024, 1, 2, 3, 4, 5)
