"""The records that case tables and tests share: classes item, note, place and order, their documents in stored form, the actors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.values import FieldType
from tests.support.mongod import Document

IDS: Mapping[str, ObjectId] = {
    letter: ObjectId(f"6500000000000000000000{number:02x}")
    for number, letter in enumerate(["A", "B", "C", "D", "H", "N1", "N2", "P", "R", "K1", "K2"], 1)
}
LETTERS: Mapping[Any, str] = {**{own: letter for letter, own in IDS.items()}, 1: "1", 2: "2", 3: "3"}
"""The letter of each record by its stored id; the records of `order` are called by their numbers."""

O, S, G, W = cq.Actor(47592), cq.Actor(51941), cq.Actor(60000, ["officers"]), cq.Actor(60001)  # noqa: E741 -- the actors' names
ACTORS: Mapping[str, cq.Actor] = {"O": O, "S": S, "G": G, "W": W, "admin": cq.ADMIN, "anonymous": cq.ANONYMOUS}
NOW = dt.datetime(2024, 1, 2, 3, 4, 5)
"""The clock of every update in a test."""

Fields = dict[str, FieldType | type[FieldType]]
ITEM_FIELDS: Fields = {
    "s": cq.String,
    "n": cq.Integer,
    "f": cq.Float,
    "b": cq.Boolean,
    "tags": cq.Array(cq.String),
    "nums": cq.Array(cq.Integer),
    "at": cq.Date,
    "loc": cq.Location,
    "pic": cq.File,
}
ITEM = cq.ClassSchema("item", ITEM_FIELDS)
NOTE = cq.ClassSchema("note", {"text": cq.String})
PLACE = cq.ClassSchema(
    "place",
    {
        "address": cq.Object({"city": cq.String, "gt": cq.String, "geo": cq.Location, "stats": cq.Object({"visits": cq.Integer})}),
        "stars": cq.Integer(required=True, minimum=1, maximum=5),
        "kind": cq.String(choices=["cafe", "bar"]),
        "title": cq.String(max_length=5, default="none"),
        "labels": cq.Array(cq.String, max_length=2),
        "seen": cq.Date(resolution="ms"),
    },
)
ORDER = cq.ClassSchema(
    "order",
    {"total": cq.Float(stored="amt"), "who": cq.Integer(stored="cust_id"), "guests": cq.Array(cq.Integer, stored="sharedWith")},
    id_type="Integer",
    acl={"owner": "who", "shared": ["guests"]},
)
PROFILE = cq.ClassSchema(
    "profile", {"age": cq.Integer, "avatar": cq.File, "country_of_birth": cq.String, "full_name": cq.String, "job": cq.String}
)
"""The class of the API documentation; it has no records."""
KINDS = cq.ClassSchema(
    "kinds",
    {
        **ITEM_FIELDS,
        "floats": cq.Array(cq.Float),
        "flags": cq.Array(cq.Boolean),
        "ms": cq.Date(resolution="ms"),
        "page": cq.Integer,
        "gt": cq.Integer,
        "town": cq.String(stored="address.city"),
    },
)
"""A field of every type, some with names that mean something elsewhere."""


def second(seconds: int) -> dt.datetime:
    """A stored date from Unix seconds, as pymongo returns it: naive UTC."""
    return dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)


def default_rights(owner: int) -> Document:
    """Tokens of a record with the default rights."""
    return {"_read": ["*"], "_update": [f"u{owner}"], "_delete": [f"u{owner}"]}


def _record(letter: str, owner: int, created: int, **values: Any) -> Document:
    times = {"created_at": second(created), "updated_at": second(created)}
    return {"_id": IDS[letter], "user_id": owner, **times, **values, **default_rights(owner)}


_H_RIGHTS: Document = {
    "_read": ["u51941"],
    "_update": ["u60001", "u51941"],
    "_delete": ["gofficers", "u51941"],
    "_acl": {
        "read": {"access": "owner"},
        "update": {"access": "open_for_users_ids", "users_ids": ["60001"]},
        "delete": {"access": "open_for_groups", "users_groups": ["officers"]},
    },
}


def items() -> list[Document]:
    """A to D and the hidden H, made anew at each call."""
    return [
        _record(
            *("A", 47592, 1544124810), n=1, f=2.0, s="abc", b=True, tags=["a", "b"], nums=[1, 10],
            at=dt.datetime(2019, 9, 21, 21, 21), loc=[25.32, 44.551],
        ),
        _record("B", 47592, 1544125509, n=5, f=0.1, s="ABC", b=False, tags=["b", "c"], nums=[5], loc=[25.325, 44.551]),
        _record("C", 47592, 1544126092),
        _record("D", 47592, 1544129823, n=41, f=1234567.891, s="a,b", tags=[], loc=[180.0, 0.0]),
        {**_record("H", 51941, 1544383884, n=9, s="secret", b=True), **_H_RIGHTS},
    ]  # fmt: skip


def notes() -> list[Document]:
    """N1 below A, N2 below N1."""
    return [
        _record("N1", 51941, 1544384000, _parent_id=IDS["A"], _parent_class="item"),
        _record("N2", 51941, 1544384001, _parent_id=IDS["N1"], _parent_class="note"),
    ]


def places() -> list[Document]:
    """P as the class wants it but for an undeclared sub-field; R with stored nulls and a value of another type."""
    address = {"city": "Bern", "gt": "5", "stats": {"visits": 3}, "zip": "3000"}
    seen = dt.datetime(2019, 9, 21, 21, 21, 0, 250_000)
    return [
        _record("P", 47592, 1544384002, address=address, stars=4, title="Roof", seen=seen),
        _record("R", 47592, 1544384003, address=None, stars=2, title=7, labels=None),
    ]


def kinds() -> list[Document]:
    """Arrays of every element type."""
    return [
        _record("K1", 47592, 1544384004, floats=[1.5, 2.0], flags=[True]),
        _record("K2", 47592, 1544384005, floats=[], flags=[False, True]),
    ]


def orders() -> list[Document]:
    """Records of an existing collection: rights lie in fields of their own, and one record is odd."""
    return [
        {"_id": 1, "amt": 10.5, "cust_id": 47592, "sharedWith": [51941]},
        {"_id": 2, "amt": 7.0, "cust_id": 51941},
        {"_id": 3, "amt": "x", "sharedWith": None},
    ]


SCHEMAS: Mapping[str, cq.ClassSchema] = {schema.name: schema for schema in (ITEM, NOTE, PLACE, ORDER, PROFILE, KINDS)}


def documents(name: str) -> list[Document]:
    """All stored documents of a class, made anew at each call."""
    made = {"item": items, "note": notes, "place": places, "order": orders, "kinds": kinds}
    return made[name]() if name in made else []


def document(letter: str) -> Document:
    """One stored document by its letter, made anew at each call."""
    return next(each for name in SCHEMAS for each in documents(name) if LETTERS[each["_id"]] == letter)
