"""The rules of access control written down once more: who passes a level, and what every request then answers and leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cubequery as cq

Level = Mapping[str, Any]
ACTIONS = ("read", "update", "delete")
WHO = ("owner", "listed", "member", "stranger", "anonymous", "admin")
IDS: Mapping[str, tuple[Any, ...]] = {"Integer": (1, 2, 3, 4), "String": ("1", "2", "team", "*")}
"""Ids of the first four under either type of user ids; some texts are those of a group or of the token of everybody."""
PASSES: Mapping[str, frozenset[str]] = {
    "open": frozenset({"owner", "listed", "member", "stranger"}),
    "owner": frozenset({"owner"}),
    "not_allowed": frozenset(),
    "groups": frozenset({"member"}),
    "ids": frozenset({"listed"}),
    "ids as texts": frozenset({"listed"}),
    "nobody": frozenset(),
}
"""Who passes a level, anonymous and admin apart."""
PRIMARY = tuple(level for level in PASSES if level != "nobody")
"""Levels of a class that may decide alone; an empty list is only a default, and ``not_allowed`` none."""
RECORD_LEVELS = ("open", "owner", "groups", "ids", "ids as texts", "not given")


def levels(user_ids: str) -> Mapping[str, Level]:
    """The levels as definitions and requests spell them; lists hold strangers and repeats."""
    listed = IDS[user_ids][1]
    return {
        "open": {"access": "open"},
        "owner": {"access": "owner"},
        "not_allowed": {"access": "not_allowed"},
        "groups": {"access": "open_for_groups", "groups": ["x", "team", "x"]},
        "ids": {"access": "open_for_users_ids", "ids": [type(listed)(9), listed]},
        "ids as texts": {"access": "open_for_users_ids", "users_ids": ["9", str(listed), "9"]},
        "nobody": {"access": "open_for_groups", "user_groups": []},
    }


def actors(user_ids: str) -> Mapping[str, cq.Actor]:
    """One actor of each kind; the stranger's groups look like what opens a record."""
    owner, listed, member, stranger = IDS[user_ids]
    groups = ["others", "*", str(listed), f"u{owner}", f"u{listed}", "gteam"]
    known = {"owner": cq.Actor(owner), "listed": cq.Actor(listed, []), "member": cq.Actor(member, ["team", "team"])}
    return {**known, "stranger": cq.Actor(stranger, groups), "anonymous": cq.ANONYMOUS, "admin": cq.ADMIN}


@dataclass(frozen=True)
class Rights:
    """What the class says of one action (``primary`` or only a default), and what the record says."""

    level: str
    primary: bool
    record: str


def class_levels() -> list[tuple[str, bool]]:
    """Every level of a class, primary and as a default."""
    return [*((level, True) for level in PRIMARY), *((level, False) for level in PASSES if level != "not_allowed")]


def passes(rights: Rights, action: str, who: str) -> bool:
    """Admin always; anonymous open reads alone; a primary class level alone, else the record's own, where its owner passes.

    A record that was given no level has the class's, or its owner's where no record can have that.
    """
    if who == "admin":
        return True
    default = "owner" if rights.level == "not_allowed" else rights.level
    level = rights.level if rights.primary else default if rights.record == "not given" else rights.record
    if who == "anonymous":
        return action == "read" and level == "open"
    return who in PASSES[level] or (not rights.primary and who == "owner")


def passes_without_tokens(strategy: str, who: str, action: str, level: str | None) -> bool:
    """Under class only and owner field: the class's level where there is one, else what the strategy says of everybody."""
    if level is not None:
        return passes(Rights(level, True, "owner"), action, who)
    if who == "admin":
        return True
    return who in ("owner", "listed") if strategy == "owner" else action == "read"


GROUPS = [{"s": "x", "sum": 1}]
READABLE: Mapping[str, Any] = {"list": [1], "count": 1, "groups": GROUPS, "last": [1], "get": 1, "get many": [1]}
HIDDEN: Mapping[str, Any] = {"list": [], "count": 0, "groups": [], "last": [], "get": "404 not_found", "get many": []}
BUCKETS = {"done": [1, 0, 0], "forbidden": [0, 1, 0], "missing": [0, 0, 1]}


def answer(request: str, who: str, may: Mapping[str, bool]) -> tuple[Any, str]:
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
        return ([1, [7]], "changed") if read and update else ([0, []], "same")
    if request == "delete":
        return (None, "gone") if delete else (refused, "same")
    if request == "delete many":
        return (BUCKETS["done"], "gone") if delete else (BUCKETS["forbidden" if read else "missing"], "same")
    assert request == "delete by criteria"
    return (1, "gone") if read and delete else (0, "same")
