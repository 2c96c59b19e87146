"""Who may do what: every cell of the verdict table against a model in plain words, and what no condition may ever become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import cubequery as cq
from cubequery.acl import may_create, permitted
from cubequery.ast import EVERYTHING, NOTHING
from cubequery.compile import compile_filter
from cubequery.evaluate import matcher, selector
from tests.attacks.covered import covers

ACTIONS = ("create", "read", "update", "delete")
PEOPLE = {"owner": (47592, "ann"), "listed": (51941, "bob"), "member": (51942, "cyd"), "stranger": (51943, "dan")}
"""Everybody's user id under each type of user ids."""
KINDS = (*PEOPLE, "anonymous", "admin")
GROUPS = {"member": ["officers", "others"], "stranger": ["others", "Officers"]}
TYPES = ("Integer", "String")
NOWHERE: dict[str, Any] = {"_id": {"$in": []}}


@dataclass(frozen=True)
class Given:
    """A class level as a definition says it: ``access`` (None: not given), its primary word (None: left out), how its list is written."""

    access: str | None
    primary: bool | None = None
    spelling: str = "plain"

    def definition(self, own: str) -> dict[str, Any]:
        place = TYPES.index(own)
        entry: dict[str, Any] = {"access": self.access} | ({} if self.primary is None else {"primary": self.primary})
        listed, other = PEOPLE["listed"][place], 99 if own == "Integer" else "zoe"
        repeated = [other, listed, other, listed]
        users: dict[str, list[Any]] = {"plain": [listed], "repeated": repeated, "text": [str(listed)], "empty": []}
        groups = {"plain": ["officers"], "repeated": ["officers", "staff", "officers"], "text": ["officers"], "empty": []}
        key = "users_ids" if self.spelling == "plain" else "user_ids" if self.spelling == "repeated" else "ids"
        if self.access == "open_for_users_ids":
            entry[key] = users[self.spelling]
        if self.access == "open_for_groups":
            entry["users_groups" if self.spelling == "plain" else "groups"] = groups[self.spelling]
        return entry


def class_levels(strategy: str, action: str) -> Iterator[Given]:
    """Every level that a definition may give for an action under a strategy, and none given at all."""
    yield Given(None)
    words: tuple[bool | None, ...] = (True,) if strategy == "owner" and action != "create" else (True, False, None)
    for primary in words:
        decides = primary or action == "create" or strategy == "class"
        yield Given("open", primary)
        if action != "create" and strategy != "class":
            yield Given("owner", primary)
        if decides:
            yield Given("not_allowed", primary)
        for access in ("open_for_users_ids", "open_for_groups"):
            yield Given(access, primary)
            yield Given(access, primary, "repeated")
            if not decides:
                yield Given(access, primary, "empty")
        yield Given("open_for_users_ids", primary, "text")


RECORDS: dict[str, tuple[dict[str, Any], ...]] = {
    "tokens": tuple(
        {"access": access, "owned": owned}
        for access in ("open", "owner", "users", "groups", "users with owner", "nobody")
        for owned in (True, False)
    ),
    "owner": tuple({"owned": owned, "shared": shared} for owned in (True, False) for shared in ("unset", "empty", "list", "one")),
    "class": ({"owned": True}, {"owned": False}),
}  # fmt: skip


def stored(strategy: str, record: dict[str, Any], own: str) -> dict[str, Any]:
    """The record as it lies in the store, written by hand: no line of this comes from the library."""
    owner, listed, *_ = (ids[TYPES.index(own)] for ids in PEOPLE.values())
    document: dict[str, Any] = {"_id": 1}
    if record["owned"]:
        document["customer" if strategy == "owner" else "user_id"] = owner
    if strategy == "owner":
        shared = {"empty": [], "list": [listed, 7 if own == "Integer" else "gus"], "one": listed}
        return document | ({"_read": ["*"]}) | ({} if record["shared"] == "unset" else {"helpers": shared[record["shared"]]})
    if strategy == "class":
        return document | {"_read": ["*"], "_update": ["*"], "_delete": ["*"]}
    mine = [f"u{owner}"] if record["owned"] else []
    array = {
        "open": ["*"], "owner": mine, "users": [f"u{listed}", *mine], "groups": ["gofficers", *mine],
        "users with owner": [f"u{listed}", "gstaff", *mine], "nobody": [],
    }[record["access"]]  # fmt: skip
    return document | {"_read": array, "_update": array, "_delete": array}


def model(strategy: str, given: Given, record: dict[str, Any], kind: str, action: str) -> bool:
    """The rules in plain words (Custom Objects API, access control)."""
    if kind == "admin":
        return True
    if kind == "anonymous" and action != "read":
        return False
    access, decides = given.access, bool(given.primary) or action == "create" or strategy == "class"
    if access is None:
        access = "open" if action in ("create", "read") else "not_allowed" if strategy == "class" else "owner"
    mine = kind == "owner" and record["owned"]
    if decides:
        return {
            "open": True, "not_allowed": False, "owner": mine, "open_for_users_ids": kind == "listed", "open_for_groups": kind == "member",
        }[access]  # fmt: skip
    if strategy == "owner":
        return mine or (kind == "listed" and record["shared"] in ("list", "one"))
    if record["access"] == "nobody":  # an empty array lets not even the owner pass
        return False
    passing = {"open": set(KINDS), "users": {"listed"}, "users with owner": {"listed"}, "groups": {"member"}, "owner": set()}
    return mine or kind in passing[record["access"]]


def actor_of(kind: str, own: str) -> cq.Actor:
    if kind in PEOPLE:
        return cq.Actor(PEOPLE[kind][TYPES.index(own)], GROUPS.get(kind, ()))
    return cq.ADMIN if kind == "admin" else cq.ANONYMOUS


def class_of(strategy: str, action: str, given: Given, own: str) -> cq.ClassSchema:
    kind = cq.Integer if own == "Integer" else cq.String
    acl = {"owner": "customer", "shared": ["helpers"]} if strategy == "owner" else strategy
    permissions = {} if given.access is None else {action: given.definition(own)}
    return cq.ClassSchema("one", {"n": cq.Integer, "customer": kind, "helpers": cq.Array(kind)}, permissions=permissions, acl=acl)


def operands(filter: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that a compiled filter compares with, and the path or operator above it."""
    if isinstance(filter, dict):
        for key, value in filter.items():
            yield from operands(value, key)
    elif isinstance(filter, list):
        for item in filter:
            yield from operands(item, path)
    else:
        yield path, filter


@pytest.mark.parametrize("own", TYPES)
@pytest.mark.parametrize("strategy", RECORDS)
def test_verdict_table(strategy: str, own: str) -> None:
    """All cells of class level x record x actor x action; both ends, the stand-alone verdict and the model say the same."""
    settings = cq.Settings(user_id_type=own)
    visited: Counter[str] = Counter()
    for action in ACTIONS:
        for given in class_levels(strategy, action):
            schema = class_of(strategy, action, given, own)
            for kind in KINDS:
                visited[kind] += cells(schema, settings, strategy, given, kind, action)
    expected = len(RECORDS[strategy]) * sum(len(list(class_levels(strategy, action))) for action in ACTIONS)
    assert visited == dict.fromkeys(KINDS, expected)


def cells(schema: cq.ClassSchema, settings: cq.Settings, strategy: str, given: Given, kind: str, action: str) -> int:
    """Every record for one class, actor and action; how many cells were looked at."""
    own, actor = settings.user_id_type, actor_of(kind, settings.user_id_type)
    verdicts = []
    for record in RECORDS[strategy]:
        document, where = stored(strategy, record, own), (strategy, own, given, record, kind, action)
        expected = model(strategy, given, record, kind, action)
        verdicts.append(expected)
        found = cq.verdict(actor, action, schema, None if action == "create" else document, settings=settings)
        assert (found.allowed, bool(found)) == (expected, expected), (where, found)
        assert explains(found, actor, document, given, decides=schema.permissions[action].primary), (where, found)
        if action == "create":
            assert may_create(actor, schema, own) is expected, where
            continue
        condition = permitted(actor, action, schema, own)
        assert matcher(condition)(document) is expected, where
        assert bool(selector(condition)([document])) is expected, where
    if action != "create":
        narrow(permitted(actor, action, schema, own), verdicts, kind)
    return len(RECORDS[strategy])


def narrow(condition: Any, verdicts: list[bool], kind: str) -> None:
    """``{}`` only where everything is allowed; nothing has one form; nobody is looked for as null."""
    filter = compile_filter(condition)
    assert (filter == {}) == (condition == EVERYTHING)
    assert (filter == NOWHERE) == (condition == NOTHING)
    assert filter or all(verdicts)
    assert filter != NOWHERE or not any(verdicts)
    assert None not in [operand for _, operand in operands(filter)]
    if kind == "anonymous":
        assert filter in ({}, NOWHERE, {"_read": {"$in": ["*"]}})


def explains(found: cq.Verdict, actor: cq.Actor, document: dict[str, Any], given: Given, *, decides: bool) -> bool:
    """Whether the sentence names a rule that is really there."""
    rule = found.rule
    if actor.admin:
        return rule == "admin passes every check"
    if "class level" in rule:
        return decides and (given.access is None or f'"{given.access}"' in rule)
    if "tokens name" in rule or "tokens let" in rule:
        return found.allowed and any(f'("{token}")' in rule for token in document["_read"])
    if "field" in rule and found.allowed:
        return any(f'"{name}"' in rule and name in document for name in ("customer", "helpers"))
    return not found.allowed and ("nothing names the actor" in rule or "without user id" in rule)


def test_rules_in_prose() -> None:
    schema = cq.ClassSchema(
        "one", {"n": cq.Integer},
        permissions={
            "read": {"access": "open_for_groups", "groups": ["staff", "officers"], "primary": True},
            "delete": {"access": "owner", "primary": True},
        },
    )  # fmt: skip
    record = {"user_id": 47592, "_read": [], "_update": ["u47592"], "_delete": []}
    officer, owner = cq.Actor(51941, ["officers"]), cq.Actor(47592)
    assert cq.verdict(officer, "read", schema, record).rule == 'class level "open_for_groups" is primary and the actor has group "officers"'
    assert cq.verdict(owner, "read", schema, record).rule == 'class level "open_for_groups" is primary and the actor has none of its groups'
    assert cq.verdict(owner, "update", schema, record).rule == 'the record\'s tokens name the actor ("u47592")'
    assert cq.verdict(officer, "update", schema, record).rule.startswith("nothing names the actor")
    assert cq.verdict(owner, "delete", schema, record).rule == 'class level "owner" is primary and the record is the actor\'s own'
    assert cq.verdict(cq.ANONYMOUS, "create", schema) == cq.Verdict(False, "an actor without user id changes nothing")
    assert cq.verdict(cq.ADMIN, "create", schema) == cq.Verdict(True, "admin passes every check")


def test_a_verdict_is_asked_in_full() -> None:
    schema, record = cq.ClassSchema("one", {"n": cq.Integer}), {"_read": ["*"]}
    odd: Any
    for odd in (None, "admin", 47592, {"admin": True}, object()):
        with pytest.raises(TypeError):
            cq.verdict(odd, "read", schema, record)
    for odd in ("", "reed", "Read", "list", None):
        with pytest.raises(ValueError, match="action must be one of"):
            cq.verdict(cq.ADMIN, odd, schema, record)
    for actor in (cq.ADMIN, cq.ANONYMOUS, cq.Actor(1)):
        for odd in (None, [], "x"):
            with pytest.raises(TypeError, match="without the record"):
                cq.verdict(actor, "read", schema, odd)
    with pytest.raises(cq.DefinitionError):
        cq.verdict(cq.Actor("ann"), "read", schema, record)


@covers(72)
def test_nobody_is_never_looked_for_as_null() -> None:
    """Whatever the class, an actor without user id asks for nothing that an absent field would answer."""
    owner = cq.ClassSchema("one", {"who": cq.Integer, "helpers": cq.Array(cq.Integer)}, acl={"owner": "who", "shared": ["helpers"]})
    shut = cq.ClassSchema("one", {"who": cq.Integer}, permissions={"read": {"access": "owner", "primary": True}})
    for schema in (owner, shut):
        plan = cq.translate("who=null", schema, actor=cq.ANONYMOUS)
        assert plan.filter == NOWHERE
        odd: list[dict[str, Any]] = [{}, {"who": None}, {"user_id": None}, {"helpers": [None]}, {"helpers": None}]
        assert not plan.select(odd)


@covers(67)
@pytest.mark.parametrize("text", ["", "count=1", "n[ne]=5", "n=null", "limit=-1", "n[calc]=sum&group_by=n"])
def test_nothing_never_becomes_everything(text: str) -> None:
    schema = cq.ClassSchema("one", {"n": cq.Integer}, permissions={"read": {"access": "not_allowed", "primary": True}})
    records: list[dict[str, Any]] = [{"_id": 1, "_read": ["*"], "user_id": 1}, {"_id": 2}]
    plan = cq.translate(text, schema, actor=cq.Actor(1, ["officers"]))
    assert plan.filter == plan.find_args()["filter"] == NOWHERE
    assert not plan.pipeline or plan.pipeline[0] == {"$match": NOWHERE}
    assert not any(map(plan.matches, records))
    assert plan.run(records) in ([], 0)


OWNED = cq.ClassSchema("owned", {"who": cq.Integer(stored="w"), "n": cq.Integer}, acl={"owner": "who"})


@pytest.mark.parametrize("body", [{"who": 5, "user_id": 6}, {"who": None, "user_id": 6}, {"user_id": 5, "who": None, "n": 1}], ids=str)
def test_an_owner_by_both_his_names_is_changed_twice(body: dict[str, Any]) -> None:
    """`user_id` is the owner field: one value must not win silently, and MongoDB refuses to set and unset one path."""
    for same in (7, None):  # an answer that is sent back holds both
        assert len(next(cq.translate_update({"who": same, "user_id": same}, OWNED, actor=cq.ADMIN).commands)[1]) == 2
    engine = cq.Engine(cq.MemoryStore(), [OWNED])
    for ask in (lambda: engine.create("owned", body, cq.ADMIN), lambda: cq.translate_update(body, OWNED, actor=cq.ADMIN)):
        with pytest.raises(cq.RequestError) as refused:
            ask()
        assert (refused.value.code, refused.value.key) == ("conflict", list(body)[1])
    cq.translate_update(body, OWNED, actor=cq.Actor(1))  # he changes neither, by any name
