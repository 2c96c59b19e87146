"""Cells of the table of access control, played by an engine: one request each, on a record of the cell's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import MemoryStore
from tests.engine.acl_table import ACTIONS, IDS, READABLE, WHO, Rights, actors, answer, levels, passes, passes_without_tokens
from tests.engine.stores import End, drawn
from tests.support.mongod import Document

FIELDS: Mapping[str, Any] = {"n": cq.Integer, "s": cq.String, "k": cq.Integer}
SETTINGS = {"Integer": cq.Settings(user_id_type="Integer"), "String": cq.Settings(user_id_type="String")}
Ask = Callable[[Engine, cq.Actor, str, int], Any]
REQUESTS: Mapping[str, Ask] = {
    "list": lambda engine, actor, id, k: [each["n"] for each in engine.list("thing", f"k={k}", actor)["items"]],
    "count": lambda engine, actor, id, k: engine.list("thing", f"count=1&s=x&k={k}", actor)["items"]["count"],
    "groups": lambda engine, actor, id, k: engine.list("thing", f"group_by=s&n[calc]=sum&k={k}", actor)["items"],
    "last": lambda engine, actor, id, k: [each["n"] for each in engine.list("thing", f"limit=-1&sort_desc=n&k={k}", actor)["items"]],
    "get": lambda engine, actor, id, k: engine.get("thing", id, actor)["n"],
    "get many": lambda engine, actor, id, k: [each["n"] for each in engine.get("thing", f"{id},", actor)["items"]],
    "permissions": lambda engine, actor, id, k: sorted(engine.get("thing", id, actor, "permissions=1")["permissions"]),
    "update": lambda engine, actor, id, k: engine.update("thing", id, {"n": 7}, actor).get("n", "blind"),
    "increase": lambda engine, actor, id, k: engine.update("thing", id, {"inc": {"n": 6}}, actor).get("n", "blind"),
    "update many": lambda engine, actor, id, k: buckets(engine.update_many("thing", {"record": {"1": {"id": id, "n": 7}}}, actor)),
    "update by criteria": lambda engine, actor, id, k: found(engine.update_by_criteria("thing", f"search_criteria[k]={k}&n=7", actor)),
    "delete": lambda engine, actor, id, k: engine.delete("thing", id, actor),
    "delete many": lambda engine, actor, id, k: [len(each["ids"]) for each in (engine.delete("thing", f"{id},", actor) or {}).values()],
    "delete by criteria": lambda engine, actor, id, k: engine.delete_by_criteria("thing", f"k={k}", actor)["total_deleted"],
}  # fmt: skip
"""What is asked of the record ``id``, whose ``k`` no other record has, and the answer in short."""
WRITES = tuple(name for name in REQUESTS if name not in READABLE and name != "permissions")


def buckets(answer: Mapping[str, Any]) -> list[Any]:
    """Values shown, ids refused, ids not found."""
    refused = answer.get("wrong_permissions", {"ids": []})["ids"]
    return [[each.get("n", "blind") for each in answer["items"]], len(refused), len(answer["not_found"]["ids"])]


def found(answer: Mapping[str, Any]) -> Any:
    """How many records, and what those shown hold."""
    return [answer["total_found"], [each.get("n", "blind") for each in answer["items"]]]


def tell(ask: Callable[..., Any], *given: Any) -> Any:
    """The answer, or status and code of the refusal."""
    try:
        return ask(*given)
    except cq.RequestError as error:
        return f"{error.status} {error.code}"


@dataclass(frozen=True)
class Cell:
    """One request of one actor on a record like this, and what the actor may do to it."""

    record: Document
    who: str
    request: str
    may: Mapping[str, bool]


@dataclass(frozen=True)
class Table:
    """Cells of one class."""

    schema: cq.ClassSchema
    user_ids: str
    cells: Sequence[Cell]

    def play(self, end: End) -> int:
        """How many cells were right: the answer, and what became of the record. All records are in one collection."""
        numbered = [(ObjectId(f"{k:024x}"), k, cell) for k, cell in enumerate(self.cells, 1)]
        end.fill({"thing": [{**cell.record, "_id": id, "k": k} for id, k, cell in numbered]})
        engine, known = end.engine([self.schema], settings=SETTINGS[self.user_ids]), actors(self.user_ids)
        told = [tell(REQUESTS[cell.request], engine, known[cell.who], str(id), k) for id, k, cell in numbered]
        left = {each["_id"]: {1: "same", 7: "changed"}[each["n"]] for each in end.stored(["thing"])["thing"]}
        for (id, _, cell), said in zip(numbered, told, strict=True):
            expected = answer(cell.request, cell.who, cell.may)
            assert (said, left.get(id, "gone")) == expected, (self.user_ids, self.schema.to_json()["permissions"], cell)
        return len(numbered)

    def slice(self, number: int) -> Table:
        """For every record and actor one request; each has its turn as ``number`` grows."""
        size = len({cell.request for cell in self.cells})
        return replace(self, cells=[self.cells[start + (start // size + number) % size] for start in range(0, len(self.cells), size)])


def table(rights: Mapping[str, Sequence[Rights]], user_ids: str, requests: Sequence[str] = tuple(REQUESTS)) -> Table:
    """The class that says this, and its cells: every combination of what its records say x actor x request."""
    given = {action: {**levels(user_ids)[each.level], "primary": each.primary} for action, (each, *_) in rights.items()}
    schema = cq.ClassSchema("thing", FIELDS, permissions=given, parents=[])
    cells = []
    for combination in product(*rights.values()):
        said = dict(zip(rights, combination, strict=True))
        record = made(schema, {action: each.record for action, each in said.items()}, user_ids)
        for who in WHO:
            may = {action: passes(each, action, who) for action, each in said.items()}
            cells += [Cell(record, who, request, may) for request in requests]
    return Table(schema, user_ids, cells)


def made(schema: cq.ClassSchema, given: Mapping[str, str], user_ids: str) -> Document:
    """A record of the owner's with these levels, as an engine makes it."""
    asked = {action: levels(user_ids)[level] for action, level in given.items() if level != "not given"}
    store = MemoryStore()
    engine = Engine(store, [schema], settings=SETTINGS[user_ids], **drawn())
    engine.create("thing", {"n": 1, "s": "x", **({"permissions": asked} if asked else {})}, actors(user_ids)["owner"])
    (record,) = store.records("thing").values()
    return record


def table_without_tokens(strategy: str, action: str, level: str, user_ids: str) -> Table:
    """Class only, or owner field, with a class level for one action: no token of the record is looked at."""
    owner, listed, *_ = IDS[user_ids]
    kind = cq.Integer if user_ids == "Integer" else cq.String
    acl = "class" if strategy == "class" else {"owner": "who", "shared": ["guests"]}
    given = {action: {**levels(user_ids)[level], "primary": True}}
    schema = cq.ClassSchema("thing", {**FIELDS, "who": kind, "guests": cq.Array(kind)}, acl=acl, permissions=given, parents=[])
    record = {"n": 1, "s": "x", "user_id": owner, "who": owner, "guests": [listed], **{f"_{each}": ["*"] for each in ACTIONS}}
    cells = []
    for who in WHO:
        may = {each: passes_without_tokens(strategy, who, each, level if each == action else None) for each in ACTIONS}
        cells += [Cell(record, who, request, may) for request in (*READABLE, *WRITES)]
    return Table(schema, user_ids, cells)
