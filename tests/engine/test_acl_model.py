"""Class level x record level x actor x request, every cell of it, against the rules of access control written down once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import MemoryStore
from tests.engine.stores import drawn
from tests.support.fixture import IDS
from tests.support.mongod import Document

ID = IDS["A"]
ACTIONS = ("read", "update", "delete")
ACTORS: Mapping[str, cq.Actor] = {
    "owner": cq.Actor(1),
    "listed": cq.Actor(2),
    "member": cq.Actor(3, ["team"]),
    "stranger": cq.Actor(4, ["others"]),
    "anonymous": cq.ANONYMOUS,
    "admin": cq.ADMIN,
}
CLASS_LEVELS: Mapping[str, dict[str, Any]] = {
    "open": {"access": "open"},
    "owner": {"access": "owner"},
    "not_allowed": {"access": "not_allowed"},
    "groups": {"access": "open_for_groups", "groups": ["x", "team"]},
    "ids as numbers": {"access": "open_for_users_ids", "ids": [9, 2]},
    "ids as texts": {"access": "open_for_users_ids", "users_ids": ["9", "2"]},
}
RECORD_LEVELS = {name: level for name, level in CLASS_LEVELS.items() if name != "not_allowed"}
PASSES: Mapping[str, frozenset[str]] = {
    "open": frozenset(ACTORS) - {"anonymous"},
    "owner": frozenset({"owner"}),
    "not_allowed": frozenset(),
    "groups": frozenset({"member"}),
    "ids as numbers": frozenset({"listed"}),
    "ids as texts": frozenset({"listed"}),
}


@dataclass(frozen=True)
class Rights:
    """What the class says of one action (``primary`` or only a default), and what the record says."""

    level: str
    primary: bool
    record: str


def passes(rights: Rights, action: str, who: str) -> bool:
    """The rules: admin always; anonymous open reads alone; a primary class level alone, else the record's own, where its owner passes."""
    if who == "admin":
        return True
    level = rights.level if rights.primary else rights.record
    if who == "anonymous":
        return action == "read" and level == "open"
    return who in PASSES[level] or (not rights.primary and who == "owner")


def every_right() -> Iterator[Rights]:
    for level, primary, record in product(CLASS_LEVELS, (True, False), RECORD_LEVELS):
        if primary or level != "not_allowed":  # the schema refuses the other
            yield Rights(level, primary, record)


def schema(rights: Mapping[str, Rights]) -> cq.ClassSchema:
    levels = {action: {**CLASS_LEVELS[each.level], "primary": each.primary} for action, each in rights.items()}
    return cq.ClassSchema("thing", {"n": cq.Integer, "s": cq.String}, permissions=levels)


def start(rights: Mapping[str, Rights]) -> tuple[cq.ClassSchema, Document]:
    """The class, and one record of user 1 as the engine itself makes it."""
    thing, store = schema(rights), MemoryStore()
    levels = {action: RECORD_LEVELS[each.record] for action, each in rights.items()}
    Engine(store, [thing], **{**drawn(), "ids": lambda _: ID}).create("thing", {"n": 1, "s": "x", "permissions": levels}, OWNER)
    (record,) = store.records("thing").values()
    return thing, record


OWNER = ACTORS["owner"]
Ask = Callable[[Engine, cq.Actor], Any]
BY_CRITERIA = {"search_criteria": {"n": 1}, "n": 7}
REQUESTS: Mapping[str, Ask] = {
    "list": lambda engine, actor: [each["n"] for each in engine.list("thing", "n=1", actor)["items"]],
    "count": lambda engine, actor: engine.list("thing", "count=1&s=x", actor)["items"]["count"],
    "groups": lambda engine, actor: engine.list("thing", "group_by=s&n[calc]=sum", actor)["items"],
    "last": lambda engine, actor: [each["n"] for each in engine.list("thing", "limit=-1&sort_desc=n", actor)["items"]],
    "get": lambda engine, actor: engine.get("thing", str(ID), actor)["n"],
    "get many": lambda engine, actor: [each["n"] for each in engine.get("thing", f"{ID},", actor)["items"]],
    "permissions": lambda engine, actor: sorted(engine.get("thing", str(ID), actor, "permissions=1")["permissions"]),
    "update": lambda engine, actor: engine.update("thing", str(ID), {"n": 7}, actor).get("n", "blind"),
    "increase": lambda engine, actor: engine.update("thing", str(ID), {"inc": {"n": 6}}, actor).get("n", "blind"),
    "update many": lambda engine, actor: buckets(engine.update_many("thing", {"record": {"1": {"id": str(ID), "n": 7}}}, actor)),
    "update by criteria": lambda engine, actor: engine.update_by_criteria("thing", BY_CRITERIA, actor)["total_found"],
    "delete": lambda engine, actor: engine.delete("thing", str(ID), actor),
    "delete many": lambda engine, actor: [len(each["ids"]) for each in (engine.delete("thing", f"{ID},", actor) or {}).values()],
    "delete by criteria": lambda engine, actor: engine.delete_by_criteria("thing", "n=1", actor)["total_deleted"],
}  # fmt: skip
GROUPS = [{"s": "x", "sum": 1}]
READABLE: Mapping[str, Any] = {"list": [1], "count": 1, "groups": GROUPS, "last": [1], "get": 1, "get many": [1]}
HIDDEN: Mapping[str, Any] = {"list": [], "count": 0, "groups": [], "last": [], "get": "404 not_found", "get many": []}
BUCKETS = {"done": [1, 0, 0], "forbidden": [0, 1, 0], "missing": [0, 0, 1]}


def buckets(answer: Mapping[str, Any]) -> list[Any]:
    """Values shown, ids refused, ids not found."""
    refused = answer.get("wrong_permissions", {"ids": []})["ids"]
    return [[each.get("n", "blind") for each in answer["items"]], len(refused), len(answer["not_found"]["ids"])]


def model(request: str, who: str, may: Mapping[str, bool]) -> tuple[Any, str]:
    """The answer, and what becomes of the record: ``same``, ``changed`` or ``gone``."""
    read, update, delete = may["read"], may["update"], may["delete"]
    if request in READABLE:
        return (READABLE if read else HIDDEN)[request], "same"
    if request == "permissions":
        owns = who in ("owner", "admin")
        return (["delete", "read", "update"] if owns else "403 forbidden") if read else "404 not_found", "same"
    if who == "anonymous":
        return "403 need_user", "same"
    refused = "403 forbidden" if read else "404 not_found"
    if request in ("update", "increase"):
        if not update:
            return refused, "same"
        if request == "increase" and not read:
            return "422 needs_read", "same"
        return (7 if read else "blind"), "changed"
    if request == "update many":
        if not update:
            return ([[], 1, 0] if read else [[], 0, 1]), "same"
        return [[7 if read else "blind"], 0, 0], "changed"
    if request == "update by criteria":
        return (1, "changed") if read and update else (0, "same")
    if request == "delete":
        return (None, "gone") if delete else (refused, "same")
    if request == "delete many":
        return (BUCKETS["done"], "gone") if delete else (BUCKETS["forbidden" if read else "missing"], "same")
    assert request == "delete by criteria"
    return (1, "gone") if read and delete else (0, "same")


def state(store: MemoryStore) -> str:
    records = list(store.records("thing").values())
    return "gone" if not records else {1: "same", 7: "changed"}[records[0]["n"]]


def told(engine: Engine, request: str, actor: cq.Actor) -> Any:
    try:
        return REQUESTS[request](engine, actor)
    except cq.RequestError as error:
        return f"{error.faults[0].status} {error.code}"


def check(rights: Mapping[str, Rights], requests: tuple[str, ...]) -> int:
    cells = 0
    thing, record = start(rights)
    for who, request in product(ACTORS, requests):
        store = MemoryStore()
        store.insert("thing", [record])
        may = {action: passes(each, action, who) for action, each in rights.items()}
        answer = told(Engine(store, [thing], **drawn()), request, ACTORS[who])
        assert (answer, state(store)) == model(request, who, may), (rights, who, request)
        cells += 1
    return cells


OPEN = Rights("open", False, "open")
OWNED = Rights("owner", False, "owner")


@pytest.mark.parametrize("action", ACTIONS)
def test_every_level_of_one_action(action: str) -> None:
    """All requests, the two other actions once open and once the owner's."""
    cells = 0
    for rights, others in product(every_right(), (OPEN, OWNED)):
        cells += check({**dict.fromkeys(ACTIONS, others), action: rights}, tuple(REQUESTS))
    print(f"{action}: {cells} cells")
    assert cells == (6 * 2 - 1) * 5 * 2 * len(ACTORS) * len(REQUESTS)


WRITES = tuple(name for name in REQUESTS if name not in READABLE and name != "permissions")


@pytest.mark.slow
@pytest.mark.parametrize("action", ["update", "delete"])
def test_every_pair_of_read_and_another_level(action: str) -> None:
    """Writes are answered by what may be read: all pairs of levels."""
    cells = 0
    requests = tuple(name for name in WRITES if name.startswith("delete") == (action == "delete"))
    for read, other in product(every_right(), every_right()):
        cells += check({**dict.fromkeys(ACTIONS, OWNED), "read": read, action: other}, requests)
    print(f"read x {action}: {cells} cells")
    assert cells == 55 * 55 * len(ACTORS) * len(requests)


def test_every_level_of_create() -> None:
    cells = 0
    for (name, level), who, many in product(CLASS_LEVELS.items(), ACTORS, (False, True)):
        if name == "owner":
            continue  # the schema refuses it
        store = MemoryStore()
        engine = Engine(store, [cq.ClassSchema("thing", {"n": cq.Integer}, permissions={"create": level})], **drawn())
        body: dict[str, Any] = {"n": 1, "user_id": 5} if who == "admin" else {"n": 1}
        expected = "403 need_user" if who == "anonymous" else "201" if who == "admin" or who in PASSES[name] else "403 forbidden"
        try:
            answer = engine.create_many("thing", {"record": [body]}, ACTORS[who]) if many else engine.create("thing", body, ACTORS[who])
            said = "201" if answer else ""
        except cq.RequestError as error:
            said = f"{error.faults[0].status} {error.code}"
        assert (said, len(store.records("thing"))) == (expected, int(expected == "201")), (name, who)
        cells += 1
    print(f"create: {cells} cells")
    assert cells == 5 * len(ACTORS) * 2


def test_every_level_of_the_other_strategies() -> None:
    """Class only, and owner field: nothing but the class level, else nothing but owner and shared users; no token is looked at."""
    cells = 0
    fields: dict[str, Any] = {"n": cq.Integer, "s": cq.String, "who": cq.Integer, "guests": cq.Array(cq.Integer)}
    record = {"_id": ID, "n": 1, "s": "x", "user_id": 1, "who": 1, "guests": [2], **{f"_{action}": ["*"] for action in ACTIONS}}
    for kind, action, (name, level) in product(("class", "owner"), ACTIONS, CLASS_LEVELS.items()):
        if kind == "class" and name == "owner":
            continue  # the schema refuses it
        acl: Any = "class" if kind == "class" else {"owner": "who", "shared": ["guests"]}
        thing = cq.ClassSchema("thing", fields, acl=acl, permissions={action: {**level, "primary": True}})
        for who, request in product(ACTORS, (*READABLE, *WRITES)):
            may = {each: _passes_without_tokens(kind, who, each, name if each == action else None) for each in ACTIONS}
            store = MemoryStore()
            store.insert("thing", [record])
            answer = told(Engine(store, [thing], **drawn()), request, ACTORS[who])
            assert (answer, state(store)) == model(request, who, may), (kind, action, name, who, request)
            cells += 1
    print(f"class only and owner field: {cells} cells")
    assert cells == (5 + 6) * len(ACTIONS) * len(ACTORS) * (len(READABLE) + len(WRITES))


def _passes_without_tokens(kind: str, who: str, action: str, level: str | None) -> bool:
    if level is not None:
        return passes(Rights(level, True, "owner"), action, who)
    if who == "admin":
        return True
    return who in ("owner", "listed") if kind == "owner" else action == "read"


def test_the_model_says_both_yes_and_no() -> None:
    said = [passes(rights, action, who) for rights, action, who in product(every_right(), ACTIONS, ACTORS)]
    assert 0.2 < sum(said) / len(said) < 0.8
