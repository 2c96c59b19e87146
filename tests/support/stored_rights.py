"""Who may do what with a record as it is stored, in plain words and without the library; and rights for records, to measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from bson import Decimal128, Int64

import cubequery as cq
from tests.support.worlds import FOREIGN, TOKENS, Document

ABSENT: Any = object()
"""Stands for a value that a record does not have."""
ACTIONS = ("read", "update", "delete")
RIGHTS: Mapping[str, Mapping[str, Any]] = {
    "tokens": {},
    "tokens, its owner reads": {"permissions": {"read": {"access": "owner", "primary": True}}},
    "tokens, a group reads": {"permissions": {"read": {"access": "open_for_groups", "groups": ["a"], "primary": True}}},
    "tokens, everybody writes": {"permissions": {action: {"access": "open", "primary": True} for action in ("update", "delete")}},
    "owner field": {"acl": {"owner": "who", "shared": ["guests"]}},
    "owner field, everybody writes": {
        "acl": {"owner": "who", "shared": ["guests"]},
        "permissions": {action: {"access": "open", "primary": True} for action in ("update", "delete")},
    },
    "class only, a group reads": {
        "acl": "class",
        "permissions": {
            "read": {"access": "open_for_groups", "groups": ["a"]},
            "update": {"access": "open"},
            "delete": {"access": "open_for_groups", "groups": ["b"]},
        },
    },
    "class only, nobody reads": {
        "acl": "class",
        "permissions": {"read": {"access": "not_allowed"}, "update": {"access": "open"}, "delete": {"access": "open"}},
    },
    "class only, everybody reads and writes": {"acl": "class", "permissions": {action: {"access": "open"} for action in ACTIONS}},
}
"""Strategies and class levels, by a name."""
_USERS: list[Any] = [1, 2, 3, 4, 2**62, ABSENT, None, "1", True, [2, None], 1.0, Decimal128("2"), *FOREIGN[:8]]
_GUESTS: list[Any] = [[], [1, 4], [3], [2, 2**62], 2, [[1]], ABSENT, None, {"0": 1}, ["1"]]
_ACLS: list[Any] = [ABSENT, ABSENT, {}, {"read": {"access": "owner"}}, {"update": {"access": "open"}}, [], "open", None]


def names_a_token(value: Any, actor: cq.Actor) -> bool:
    """The value is one of the actor's tokens, or a list with one among its elements."""
    return any(type(item) is str and item in actor.tokens for item in (value if type(value) is list else [value]))


def is_user(value: Any, actor: cq.Actor) -> bool:
    """The value is the actor's id, in any type of number, or a list with it among its elements."""
    found = (each.to_decimal() if isinstance(each, Decimal128) else each for each in (value if type(value) is list else [value]))
    numbers = (each for each in found if not isinstance(each, bool))
    return actor.user_id is not None and any(each == actor.user_id for each in numbers)


def may(actor: cq.Actor, action: str, schema: cq.ClassSchema, document: Mapping[str, Any]) -> bool:
    """Whether an actor may read, update or delete a record; Integer user ids. A host scope is not asked."""
    if actor.admin or (actor.user_id is None and action != "read"):
        return actor.admin
    level = schema.permissions[action]
    owner = schema.strategy.owner or "user_id"
    if level.primary:
        groups = level.access == "open_for_groups" and bool(set(level.groups) & set(actor.groups))
        owned = level.access == "owner" and is_user(document.get(owner), actor)
        return level.access == "open" or groups or owned
    if schema.strategy.kind == "owner":
        return any(is_user(document.get(name), actor) for name in (owner, *schema.strategy.shared))
    return names_a_token(document.get(f"_{action}"), actor)


class Keys:
    """Gives records rights under which one actor may do, or may not do, what is said; everything else about them is drawn."""

    def __init__(self, schema: cq.ClassSchema, actor: cq.Actor, random: Random) -> None:
        self.schema, self.actor, self.random = schema, actor, random
        own = [f"u{actor.user_id}", *(f"g{group}" for group in actor.groups)] if actor.user_id else ["*"]
        tokens = [*TOKENS, ABSENT, ABSENT, ["u9"], *([token, "u9"] for token in own), *([token] for token in own)]
        users = _USERS if actor.user_id is None else [*_USERS, actor.user_id, actor.user_id, Int64(actor.user_id)]
        guests = _GUESTS if actor.user_id is None else [*_GUESTS, [actor.user_id], [5, actor.user_id], actor.user_id]
        self.tokens, self.users, self.guests = (
            _parted(tokens, names_a_token, actor),
            _parted(users, is_user, actor),
            _parted(guests, is_user, actor),
        )

    def put(self, document: Document, **wished: bool) -> Document:
        """The record with other rights. What the class alone decides cannot be wished; under an owner field ``read`` decides."""
        choose = self.random.choice
        names = {"user_id": choose([*self.users[True], *self.users[False]]), "_acl": choose(_ACLS)}
        for action in ACTIONS:
            names[f"_{action}"] = choose(self.tokens[wished[action]])
        named = wished["read"] and self.actor.user_id is not None
        if self.schema.strategy.kind == "owner":
            owned = named and self.random.random() < 0.6
            names["who"] = choose(self.users[owned])
            names["guests"] = choose(self.guests[named and not (owned and self.random.random() < 0.5)])
        elif self.schema.permissions["read"].access == "owner":
            names["user_id"] = choose(self.users[named])
        kept = {name: value for name, value in document.items() if name not in names}
        return {**kept, **{name: value for name, value in names.items() if value is not ABSENT}}

    def can_hide(self) -> bool:
        """Whether the class leaves a way to hide a record from the actor."""
        level = self.schema.permissions["read"]
        return not self.actor.admin and (not level.primary or not may(self.actor, "read", self.schema, {}))


def _parted(pool: list[Any], names: Callable[[Any, cq.Actor], bool], actor: cq.Actor) -> dict[bool, list[Any]]:
    """The values that name the actor, and the others."""
    return {wished: [value for value in pool if names(value, actor) == wished] for wished in (True, False)}
