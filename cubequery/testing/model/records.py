"""Records of the model: names of fields, the values they hold, what answers show of them, and who may do what with one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cubequery import errors

Record = dict[str, Any]
Body = Mapping[str, Any]
ACTIONS = ("read", "update", "delete")
DEFAULTS = {"create": "open", "read": "open", "update": "owner", "delete": "owner"}
Fields = Mapping[str, Mapping[str, Any]]
SYSTEM = {name: {"type": "System"} for name in ("_id", "_parent_id", "user_id", "created_at", "updated_at")}


def leaves(fields: Mapping[str, Any], above: str = "") -> Fields:
    """Every field that holds a value, by the name that requests give it: sub-fields of an Object as `home[city]`."""
    found: dict[str, Mapping[str, Any]] = {} if above else {**SYSTEM}
    for own, given in fields.items():
        name = f"{above}[{own}]" if above else own
        field = given if isinstance(given, Mapping) else {"type": given}
        found |= leaves(field["fields"], name) if field["type"] == "Object" else {name: field}
    return found


def spread(given: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """What a request gives, by leaf; null for an Object is null for each of its sub-fields."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        inside = [name] if name in fields else [leaf for leaf in fields if leaf.startswith(f"{name}[")]
        if not inside:
            raise LookupError(f"the model knows no field {name}")
        whole = name in fields or value is None
        found |= dict.fromkeys(inside, value) if whole else spread({f"{name}[{own}]": each for own, each in value.items()}, fields)
    return found


def read(kind: str, value: Any) -> Any:
    """A JSON value, or a list of them, as records hold it: floats are floats, and a value for an array is a list of one."""
    if kind == "Location" and value is not None:
        return tuple(map(float, value))
    if kind.endswith("_a") and value is not None and not isinstance(value, list):
        return [read(kind[:-2], value)]
    if isinstance(value, list):
        return [read(kind.removesuffix("_a"), item) for item in value]
    return float(value) + 0.0 if kind == "Float" and value is not None else value


def judge(name: str, field: Mapping[str, Any], value: Any) -> list[errors.Fault]:
    """The faults of a written value under the field's options."""
    if value is None:
        return [errors.missing(name)] if field.get("required") else []
    items, most, choices = value if isinstance(value, list) else [value], field.get("max_length"), field.get("choices")
    if choices is not None and not all(read(field["type"], item) in read(f"{field['type']}_a", choices) for item in items):
        return [errors.plain("choice", name)]
    if not all(field.get("minimum", item) <= item <= field.get("maximum", item) for item in items):
        return [errors.plain("out_of_range", name)]
    return [errors.plain("too_big", name)] if most is not None and len(value) > most else []


def render(record: Record, names: Iterable[str]) -> dict[str, Any]:
    """These fields in code-point order, sub-fields inside their Objects; an Object is null where none of them is set."""
    shown: dict[str, Any] = {}
    for name in sorted(names, key=lambda name: name.replace("]", "").split("[")):
        *above, last = name.replace("]", "").split("[")
        inside = shown
        for part in above:
            inside = inside.setdefault(part, {})
        inside[last] = record.get(name)
    return {name: _null_if_unset(value) for name, value in shown.items()}


def _null_if_unset(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inside = {name: _null_if_unset(inner) for name, inner in value.items()}
    return inside if any(inner is not None for inner in inside.values()) else None


class Actor(NamedTuple):
    """Who asks: a user with groups, an admin, or, being neither, anonymous."""

    user_id: int | str | None = None
    groups: frozenset[str] = frozenset()
    admin: bool = False


def shown(level: Body) -> dict[str, Any]:
    """A level as answers show it, whatever its list was called."""
    found = {"access": level["access"]}
    for name, listed in level.items():
        if name not in ("access", "primary"):
            found["users_ids" if "ids" in name else "users_groups"] = list(dict.fromkeys(map(str, listed)))
    return found


def class_level(definition: Body, action: str) -> Body:
    """What a class says of an action; under the strategy "class" it decides alone."""
    alone = definition.get("acl") == "class"
    access = "not_allowed" if alone and action in ("update", "delete") else DEFAULTS[action]
    return {**definition.get("permissions", {}).get(action, {"access": access}), **({"primary": True} if alone else {})}


def passes(level: Body, actor: Actor, *, owner: bool = False) -> bool:
    """Whether a level lets an actor pass; anonymous passes open alone."""
    if actor.admin or actor.user_id is None or level["access"] in ("open", "not_allowed"):
        return actor.admin or level["access"] == "open"
    listed = {"users_ids": [], "users_groups": [], **shown(level)}
    named = str(actor.user_id) in listed["users_ids"] or not actor.groups.isdisjoint(listed["users_groups"])
    return named or (owner and level["access"] == "owner")


def owns(record: Record, actor: Actor) -> bool:
    """Whether the record is the actor's."""
    return actor.user_id is not None and actor.user_id == record["user_id"]


def may(action: str, record: Record, actor: Actor, definition: Body) -> bool:
    """Whether an actor may do this to a record: a primary class level decides alone, else the record's level, which its owner passes."""
    level, owner = class_level(definition, action), owns(record, actor)
    if actor == Actor() and action != "read":
        return False
    return passes(level, actor, owner=owner) if level.get("primary") else owner or passes(record["permissions"][action], actor)
