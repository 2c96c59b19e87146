"""How the records of a class carry their rights: tokens, an owner field, or the class alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.record import Record

OWNER_TYPES = ("Integer", "String")


class Strategy(Record):
    """``kind`` is ``tokens``, ``owner`` or ``class``; under ``owner``, the public names of the owner and the shared fields."""

    kind: str = "tokens"
    owner: str | None = None
    shared: tuple[str, ...] = ()


def read_strategy(definition: Any, fields: Mapping[str, Field], problems: list[str]) -> Strategy:
    """The strategy of a class's ``acl``; every problem is added to ``problems``."""
    if definition is None or definition == "tokens":
        return Strategy()
    if definition == "class":
        return Strategy("class")
    if not isinstance(definition, Mapping) or not set(definition) <= {"owner", "shared"} or "owner" not in definition:
        problems.append('acl: must be "tokens", "class" or {"owner": field, "shared": [fields]}')
        return Strategy()
    owner, shared = definition["owner"], definition.get("shared", [])
    if not isinstance(shared, list | tuple) or not all(isinstance(name, str) for name in shared) or not isinstance(owner, str):
        problems.append("acl: owner is a field's name and shared a list of them")
        return Strategy()
    _check_types(owner, tuple(shared), fields, problems)
    return Strategy("owner", owner, tuple(dict.fromkeys(shared)))


def _check_types(owner: str, shared: tuple[str, ...], fields: Mapping[str, Field], problems: list[str]) -> None:
    wanted = None
    if owner != "user_id":
        field = fields.get(owner)
        if field is None or field.type.kind not in OWNER_TYPES:
            problems.append(f"acl: owner {owner!r} is no Integer or String field of the class")
        else:
            wanted = field.type.kind
    for name in shared:
        field = fields.get(name)
        kind = field.type.element.kind if field is not None else None
        if name == owner or kind not in OWNER_TYPES or (wanted is not None and kind != wanted):
            problems.append(f"acl: shared {name!r} is no field of the owner's type or Array of it")
