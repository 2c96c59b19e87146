"""The rules of a course that ask something: each draws a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.engine.stateful import words
from tests.engine.stateful.draws import Draw, joined


@dataclass(frozen=True)
class Request:
    """A call of a method of engine and model alike."""

    method: str
    name: str
    given: tuple[Any, ...]
    who: str


def create(draw: Draw) -> Request:
    """One new record."""
    name, who = draw.name(), draw.who()
    body = draw.new(name, who)
    return Request("create", name, (draw.perhaps_wrong(name, body) if "name" in body else body,), who)


def create_many(draw: Draw) -> Request:
    """Up to three."""
    name, who = draw.name(), draw.who()
    numbers = draw.draw(st.lists(st.sampled_from(["10", "9", "0", "-1"]), min_size=1, max_size=3, unique=True))
    return Request("create_many", name, ({"record": {number: draw.new(name, who) for number in numbers}},), who)


def update_values(draw: Draw) -> Request:
    """Plain values of one record."""
    name = draw.name()
    id = draw.id(name)
    return Request("update", name, (id, draw.perhaps_wrong(name, draw.values(name))), draw.who(name, id))


def update_operators(draw: Draw) -> Request:
    """Operators on one record."""
    name = draw.name()
    id = draw.id(name)
    return Request("update", name, (id, draw.operations(name)), draw.who(name, id))


def update_many(draw: Draw) -> Request:
    """Three records, or one of them three times."""
    name, same = draw.name(), draw.half()
    ids = [draw.id(name)] * 3 if same else [draw.id(name) for _ in range(3)]
    changes = [draw.one(words.IN_ORDER) if same and name == "pet" else draw.changes(name) for _ in ids]
    records = {number: {"id": id, **change} for number, id, change in zip(["2", "10", "1"], ids, changes, strict=True)}
    return Request("update_many", name, ({"record": records},), draw.who(name, ids[0]))


def update_by_criteria(draw: Draw) -> Request:
    """Everything that meets a condition."""
    name = draw.name()
    body = {"search_criteria": draw.criteria(name), **draw.changes(name)}
    return Request("update_by_criteria", name, ({**body, "permissions": draw.levels()} if not draw.often() else body,), draw.who())


def delete(draw: Draw) -> Request:
    """One record."""
    name = draw.name()
    id = draw.id(name)
    return Request("delete", name, (id,), draw.who(name, id))


def delete_many(draw: Draw) -> Request:
    """Up to three."""
    name = draw.name()
    ids = [draw.id(name) for _ in range(draw.one([1, 2, 3]))]
    return Request("delete", name, (",".join([*ids, ""]),), draw.who(name, ids[0]))


def delete_by_criteria(draw: Draw) -> Request:
    """Everything that meets a condition."""
    name = draw.name()
    return Request("delete_by_criteria", name, (draw.criteria(name),), draw.who())


def adopt(draw: Draw) -> Request:
    """A record below another one: made there, or moved."""
    name, parent = draw.one(["toy", "toy", "pet"]), draw.parent()
    if draw.half():
        who = draw.who()
        return Request("create", name, ({**draw.new(name, who), "_parent_id": parent},), who)
    id, who = draw.only_updated(name)
    body = {"_parent_id": draw.one([parent, parent, id]), **(draw.values(name) if draw.half() else {})}
    return draw.one(
        [
            Request("update", name, (id, body), who),
            Request("update_many", name, ({"record": {"1": {"id": id, **body}}},), who),
            Request("update_by_criteria", name, ({"search_criteria": draw.conditions(name), **body},), who),
        ]
    )


def cascade(draw: Draw) -> Request:
    """Delete a record that others stand below, where there is one."""
    above = {
        (row["_parent_class"], row["_parent_id"]) for rows in draw.model.records.values() for row in rows.values() if row["_parent_id"]
    }
    name, id = draw.one(sorted(above)) if above else ("pet", draw.id("pet"))
    return Request("delete", name, (id,), draw.who(name, id))


def permissions(draw: Draw) -> Request:
    """Other levels of a record."""
    name = draw.name()
    id = draw.id(name)
    body = {"permissions": draw.levels(), **({} if draw.often() else draw.values(name))}
    return Request("update", name, (id, body), draw.who(name, id))


def owner(draw: Draw) -> Request:
    """Another owner, which only an admin can give."""
    name = draw.name()
    id = draw.id(name)
    body = {"user_id": draw.one([1, 2, 3]), **({} if draw.often() else {"created_at": 1_600_000_000, "updated_at": 1_600_000_000})}
    return Request(
        "update", name, (id, body if draw.often() else {**body, "permissions": draw.levels()}), "admin" if draw.often() else draw.who()
    )


def search(draw: Draw) -> Request:
    """A list with conditions, order, page, projection or groups; or records by id."""
    name, who = draw.name(), draw.who()
    if not draw.often():
        id = draw.one([draw.id(name), f"{draw.id(name)},,{draw.id(name)}"])
        return Request("get", name, (id,) if "," in id or draw.half() else (id, "permissions=1"), who)
    orders = words.PET_ORDERS if name == "pet" else words.ORDERS
    return Request("list", name, (joined(draw.one(orders), draw.criteria(name) if draw.often() else {}),), who)
