"""The operations that meet: what each asks for, and what it says it is about, in terms that need no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import MemoryStore
from tests.engine.scenario import CLASSES, NOW, number

Document = dict[str, Any]
Key = tuple[str, Any]
Records = Mapping[Key, Document]
ANN, BOB, CARL = cq.Actor(1), cq.Actor(2), cq.Actor(3)
PETS = [("pet", ObjectId(number(place))) for place in range(5)]
TOYS = [("toy", ObjectId(number(0x100 + place))) for place in range(5)]
"""The records by their number; the first of each is never used."""
FOR_BOB = {"access": "open_for_users_ids", "users_ids": ["2"]}
ALONE = {"access": "owner"}
OPEN = {"access": "open"}
MOST_AGE = 10


@dataclass(frozen=True)
class Operation:
    """``ask`` puts the request of ``actor`` to an engine. ``targets`` are the records it names (None: those that meet the criteria),
    ``parents`` those it puts something below; ``reads`` says that it may only touch what the actor may read."""

    action: str
    actor: cq.Actor
    ask: Callable[[Engine], Any]
    targets: tuple[Key, ...] | None = ()
    reads: bool = False
    parents: tuple[Key, ...] = ()

    def is_about(self, key: Key, record: Document) -> bool:
        """Whether the request asks for this record, as it is."""
        if self.targets is not None:
            return key in self.targets
        return key[0] == "pet" and record.get("age", MOST_AGE) < MOST_AGE


def update(actor: cq.Actor, key: Key, body: dict[str, Any], *, reads: bool = False) -> Operation:
    return Operation("update", actor, lambda engine: engine.update(key[0], str(key[1]), body, actor), (key,), reads)


def rights(actor: cq.Actor, key: Key, **levels: dict[str, Any]) -> Operation:
    return update(actor, key, {"permissions": levels})


def delete(actor: cq.Actor, *keys: Key) -> Operation:
    ids = [str(key[1]) for key in keys]
    return Operation("delete", actor, lambda engine: engine.delete("pet", ids[0] if len(ids) == 1 else ids, actor), keys)


def create(actor: cq.Actor, parent: Key) -> Operation:
    body = {"label": f"new of {actor.user_id}", "_parent_id": str(parent[1])}
    return Operation("create", actor, lambda engine: engine.create("toy", body, actor), parents=(parent,))


_MANY = {str(place): {"_id": str(PETS[each][1]), "inc": {"age": 1}} for place, each in enumerate((1, 2, 1), 1)}
_BY = {"search_criteria": {"age": {"lt": MOST_AGE}}, "push": {"tags": ["by"]}}
_TOYS = {"1": {"label": "new", "_parent_id": str(PETS[1][1])}, "2": {"label": "free"}}
_BOTH = (PETS[1], PETS[2])

WRITES: Mapping[str, Operation] = {
    "update": update(BOB, PETS[1], {"name": "of bob"}),
    "increase": update(BOB, PETS[1], {"inc": {"age": 1}, "push": {"tags": ["c"]}}, reads=True),
    "append": update(BOB, PETS[1], {"tags": {"2": "bob's"}}, reads=True),
    "update many": Operation("update", BOB, lambda e: e.update_many("pet", {"record": _MANY}, BOB, request_id="r"), _BOTH, True),
    "update by criteria": Operation("update", BOB, lambda e: e.update_by_criteria("pet", _BY, BOB, request_id="r"), None, True),
    "delete": delete(BOB, PETS[1]),
    "delete many": delete(BOB, *_BOTH),
    "delete by criteria": Operation("delete", BOB, lambda e: e.delete_by_criteria("pet", f"age[lt]={MOST_AGE}", BOB), None, True),
    "create": create(BOB, PETS[1]),
    "create many": Operation("create", BOB, lambda e: e.create_many("toy", {"record": _TOYS}, BOB, request_id="r"), parents=(PETS[1],)),
    "move": update(BOB, TOYS[4], {"_parent_id": str(PETS[2][1])}, reads=True),
    "rights": rights(ANN, PETS[1], read=ALONE, update=OPEN, delete=FOR_BOB),
    "owner": update(cq.ADMIN, PETS[1], {"user_id": 3}),
}
"""Every operation that writes."""

OTHERS: Mapping[str, Operation] = {
    "rights withdrawn": rights(ANN, PETS[1], update=ALONE, delete=ALONE),
    "record hidden": rights(ANN, PETS[1], read=ALONE),
    "rights of an admin": rights(cq.ADMIN, PETS[1], read=FOR_BOB, update=ALONE, delete=OPEN),
    "owner changed": update(cq.ADMIN, PETS[1], {"user_id": 3}),
    "leaves the criteria": update(ANN, PETS[1], {"age": 50}),
    "meets the criteria": update(ANN, PETS[3], {"age": 1}),
    "rights given": rights(ANN, PETS[4], update=FOR_BOB, delete=FOR_BOB),
    "parent deleted": delete(ANN, PETS[1]),
    "other parent deleted": delete(ANN, PETS[2]),
    "child moved out": update(ANN, TOYS[1], {"_parent_id": str(PETS[4][1])}, reads=True),
    "child created": create(ANN, PETS[1]),
    "grandchild created": create(ANN, TOYS[1]),
    "grandchild moved out": update(ANN, TOYS[2], {"_parent_id": str(PETS[4][1])}, reads=True),
    "child's rights withdrawn": rights(ANN, TOYS[4], delete=ALONE),
    "appended as well": update(ANN, PETS[1], {"tags": {"2": "ann's"}}, reads=True),
    "changed by criteria": Operation("update", ANN, lambda e: e.update_by_criteria("pet", _BY, ANN, request_id="s"), None, True),
}
"""What comes in between: changes of rights, of owners, of what criteria ask for, of parents and children."""


def prepared() -> Records:
    """Four pets of Ann's, three of them for Bob too and one of these outside the criteria; toys below them, one two levels deep."""
    store = MemoryStore()
    ids = iter([key[1] for key in (*PETS[1:], *TOYS[1:]) for _ in range(2)])  # a create draws two
    engine = Engine(store, CLASSES, clock=lambda: NOW, ids=lambda _: next(ids), random=lambda: "prepared")
    for place, age in enumerate((1, 2, 50, 3), 1):
        level = ALONE if place == 4 else FOR_BOB
        body = {"name": f"pet {place}", "age": age, "tags": ["a", "b"], "permissions": {"update": level, "delete": level}}
        engine.create("pet", body, ANN)
    for place, parent in enumerate((PETS[1], TOYS[1], PETS[2], None), 1):
        level = FOR_BOB if parent is None else ALONE
        above = {} if parent is None else {"_parent_id": str(parent[1])}
        engine.create("toy", {"label": f"toy {place}", "permissions": {"update": level, "delete": level}, **above}, ANN)
    return stored(store)


def stored(store: MemoryStore) -> Records:
    """All that a memory store holds."""
    return {(each.name, record["_id"]): record for each in CLASSES for record in store.records(each.name).values()}
