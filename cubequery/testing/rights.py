"""Who may do what with a record as it is stored, in plain words and without the engine's conditions; rights for records; actors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from bson import Decimal128, Int64

from cubequery.acl import ADMIN, ANONYMOUS, Actor
from cubequery.schema import ClassSchema
from cubequery.testing.pools import FOREIGN, TOKENS
from cubequery.testing.values import Document, put, stored_at

ABSENT: Any = object()
"""Stands for a value that a record does not have."""
ACTIONS = ("read", "update", "delete")
_USERS: list[Any] = [1, 2, 3, 4, 2**62, ABSENT, None, "1", True, [2, None], 1.0, Decimal128("2"), *FOREIGN[:8]]
_GUESTS: list[Any] = [[], [1, 4], [3], [2, 2**62], 2, [[1]], ABSENT, None, {"0": 1}, ["1"]]
_TEXT_USERS: list[Any] = ["ann", "bob", "1", "u1", "zed", ABSENT, None, 1, ["bob", None], *FOREIGN[:8]]
_TEXT_GUESTS: list[Any] = [[], ["ann", "zed"], ["u1"], ["bob", "1"], "bob", [["ann"]], ABSENT, None, {"0": "ann"}, [1]]
_ACLS: list[Any] = [ABSENT, ABSENT, {}, {"read": {"access": "owner"}}, {"update": {"access": "open"}}, [], "open", None]


def actors_for(classes: Iterable[ClassSchema], user_id_type: str = "Integer") -> list[Actor]:
    """Every kind of actor, and those whom the classes' own levels name; one has groups that look like tokens."""
    levels = [level for schema in classes for level in schema.permissions.values()]
    groups = list(dict.fromkeys(group for level in levels for group in level.groups))
    if user_id_type == "String":
        named = [Actor(str(user)) for level in levels for user in level.users]
        made = [Actor("ann"), Actor("bob", ["a"]), Actor("1", ["b", "u1", "*"]), *named, *(Actor("bob", [group]) for group in groups)]
    else:
        named = [Actor(int(user)) for level in levels for user in level.users if str(user).isdigit()]
        made = [Actor(1), Actor(2, ["a"]), Actor(3, ["b", "u1", "*"]), Actor(2**62), *named, *(Actor(2, [group]) for group in groups)]
    return list(dict.fromkeys([ADMIN, ANONYMOUS, *made]))


def names_a_token(value: Any, actor: Actor) -> bool:
    """The value is one of the actor's tokens, or a list with one among its elements."""
    return any(type(item) is str and item in actor.tokens for item in (value if type(value) is list else [value]))


def is_user(value: Any, actor: Actor) -> bool:
    """The value is the actor's id, in any type of number, or a list with it among its elements."""
    found = (each.to_decimal() if isinstance(each, Decimal128) else each for each in (value if type(value) is list else [value]))
    return actor.user_id is not None and any(each == actor.user_id for each in found if not isinstance(each, bool))


def may(actor: Actor, action: str, schema: ClassSchema, document: Mapping[str, Any]) -> bool:
    """Whether an actor may read, update or delete a record. A host scope is not asked."""
    if actor.admin or (actor.user_id is None and action != "read"):
        return actor.admin
    level = schema.permissions[action]
    owner, shared = rights_paths(schema)
    if level.primary:
        groups = level.access == "open_for_groups" and bool(set(level.groups) & set(actor.groups))
        owned = level.access == "owner" and is_user(stored_at(document, owner), actor)
        listed = level.access == "open_for_users_ids" and str(actor.user_id) in [str(user) for user in level.users]
        return level.access == "open" or groups or owned or listed
    if schema.strategy.kind == "owner":
        return any(is_user(stored_at(document, path), actor) for path in (owner, *shared))
    return names_a_token(document.get(f"_{action}"), actor)


def rights_paths(schema: ClassSchema) -> tuple[str, tuple[str, ...]]:
    """Where records name their owner, and where those that it is shared with."""
    owner = schema.strategy.owner
    path = schema.fields[owner].path if owner is not None and owner in schema.fields else "user_id"
    return path, tuple(schema.fields[name].path for name in schema.strategy.shared)


class Keys:
    """Gives records rights under which one actor may do, or may not do, what is said; everything else about them is drawn."""

    def __init__(self, schema: ClassSchema, actor: Actor, random: Random, user_id_type: str = "Integer") -> None:
        self.schema, self.actor, self.random = schema, actor, random
        user, texts = actor.user_id, user_id_type == "String"
        own = [f"u{user}", *(f"g{group}" for group in actor.groups)] if user else ["*"]
        tokens = [*TOKENS, ABSENT, ABSENT, ["u9"], *([token, "u9"] for token in own), *([token] for token in own)]
        users, guests = (_TEXT_USERS, _TEXT_GUESTS) if texts else (_USERS, _GUESTS)
        if user is not None:
            users = [*users, user, user, user if isinstance(user, str) else Int64(user)]
            guests = [*guests, [user], ["zed" if texts else 5, user], user]
        self.tokens = _parted(tokens, names_a_token, actor)
        self.users, self.guests = _parted(users, is_user, actor), _parted(guests, is_user, actor)

    def put(self, document: Document, **wished: bool) -> Document:
        """The record with other rights. What the class alone decides cannot be wished; under an owner field ``read`` decides."""
        choose = self.random.choice
        owner, shared = rights_paths(self.schema)
        rights = {"user_id": choose([*self.users[True], *self.users[False]]), "_acl": choose(_ACLS)}
        for action in ACTIONS:
            rights[f"_{action}"] = choose(self.tokens[wished[action]])
        named = wished["read"] and self.actor.user_id is not None
        if self.schema.strategy.kind == "owner":
            owned = named and (not shared or self.random.random() < 0.6)
            rights[owner] = choose(self.users[owned])
            for path in shared:
                rights[path] = choose(self.guests[named and not (owned and self.random.random() < 0.5)])
        elif self.schema.permissions["read"].access == "owner":
            rights["user_id"] = choose(self.users[named])
        made = document
        for path, value in rights.items():
            made = _placed(made, path, value)
        return made

    def can_hide(self) -> bool:
        """Whether the class leaves a way to hide a record from the actor."""
        return can_hide(self.schema, self.actor)


def can_hide(schema: ClassSchema, actor: Actor) -> bool:
    """Whether a class leaves a way to hide a record from an actor."""
    level = schema.permissions["read"]
    return not actor.admin and (not level.primary or not may(actor, "read", schema, {}))


def _placed(document: Document, path: str, value: Any) -> Document:
    """A copy with the value at a path, behind all others; without what was there where it is absent."""
    head, _, rest = path.partition(".")
    kept = {name: each for name, each in document.items() if name != head or rest}
    if rest:
        above = kept.get(head)
        kept[head] = _placed(above if isinstance(above, dict) else {}, rest, value)
    elif value is not ABSENT:
        put(kept, head, value)
    return kept


def _parted(pool: list[Any], names: Callable[[Any, Actor], bool], actor: Actor) -> dict[bool, list[Any]]:
    """The values that name the actor, and the others."""
    return {wished: [value for value in pool if names(value, actor) == wished] for wished in (True, False)}
