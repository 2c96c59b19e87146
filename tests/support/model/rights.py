"""Rights in the model: levels, and who passes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.support.model.fields import Definition, Record

Level = Mapping[str, Any]
ACTIONS = ("read", "update", "delete")
DEFAULTS = {"create": "open", "read": "open", "update": "owner", "delete": "owner"}


class Actor(NamedTuple):
    """Who asks: a user with groups, an admin, or, being neither, anonymous."""

    user_id: int | None = None
    groups: frozenset[str] = frozenset()
    admin: bool = False


def shown(level: Level) -> dict[str, Any]:
    """A level as answers show it, whatever its list was called."""
    found = {"access": level["access"]}
    for name, listed in level.items():
        if name not in ("access", "primary"):
            found["users_ids" if "ids" in name else "users_groups"] = list(dict.fromkeys(map(str, listed)))
    return found


def class_level(definition: Definition, action: str) -> Level:
    """What a class says of an action."""
    level: Level = definition.get("permissions", {}).get(action, {"access": DEFAULTS[action]})
    return level


def passes(level: Level, actor: Actor, *, owner: bool = False) -> bool:
    """Whether a level lets an actor pass; anonymous passes open alone."""
    if actor.admin or actor.user_id is None or level["access"] in ("open", "not_allowed"):
        return actor.admin or level["access"] == "open"
    listed = {"users_ids": [], "users_groups": [], **shown(level)}
    return (
        str(actor.user_id) in listed["users_ids"]
        or not actor.groups.isdisjoint(listed["users_groups"])
        or (owner and level["access"] == "owner")
    )


def owns(record: Record, actor: Actor) -> bool:
    """Whether the record is the actor's."""
    return actor.user_id is not None and actor.user_id == record["user_id"]


def may(action: str, record: Record, actor: Actor, definition: Definition) -> bool:
    """Whether an actor may do this to a record: a primary class level decides alone, else the record's level, which its owner passes."""
    level, owner = class_level(definition, action), owns(record, actor)
    if actor == Actor() and action != "read":
        return False
    return passes(level, actor, owner=owner) if level.get("primary") else owner or passes(record["permissions"][action], actor)
