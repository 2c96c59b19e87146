"""The ``permissions`` object of a write request: levels, lists, every fault of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Level
from cubequery.check.faults import Faults
from cubequery.check.merge import Merged
from cubequery.check.settings import Settings
from cubequery.errors import Refused
from cubequery.schema.permissions import ACCESS, LISTS, NEEDS, RECORD_ACTIONS
from cubequery.values import USER_ID_TYPES


def read_levels(given: Sequence[Merged], settings: Settings, faults: Faults) -> tuple[tuple[str, Level], ...]:
    """Levels by action, in the order read, update, delete. Faults stand under ``permissions`` (§ 11.3)."""
    actions: dict[str, dict[str, Merged]] = {}
    for each in given:
        rest = each.slot.extra
        if not rest or rest[0] not in RECORD_ACTIONS:
            text = 'Action "create" is not available for a record' if rest[:1] == ("create",) else "Unknown action"
            faults.add(each.entry, errors.permissions(text, each.slot.key))
        elif len(rest) == 2 and (rest[1] == "access" or rest[1] in LISTS):
            actions.setdefault(rest[0], {})[rest[1]] = each
        else:
            text = _list_text(rest[1]) if len(rest) > 2 and rest[1] in LISTS else "Unknown access level"
            faults.add(each.entry, errors.permissions(text, each.slot.key))
    return tuple((action, level) for action in RECORD_ACTIONS if (level := _level(actions.get(action), settings, faults)) is not None)


def _list_text(key: str) -> str:
    return f"Field {'ids' if LISTS[key] == 'users' else 'groups'} should be an array"


def _level(parts: Mapping[str, Merged] | None, settings: Settings, faults: Faults) -> Level | None:
    if not parts:
        return None
    access = parts.get("access")
    if access is None or access.value not in ACCESS:
        first = access or next(iter(parts.values()))
        faults.add(first.entry, errors.permissions("Unknown access level", first.slot.key))
        return None
    if access.value == "not_allowed":
        faults.add(access.entry, errors.permissions('Access level "not_allowed" is not available for a record', access.slot.key))
        return None
    needed = NEEDS.get(access.value)
    lists = _lists(parts, needed, settings, faults)
    if needed is None or lists is None:
        return None if lists is None else Level(access.value)
    if not lists.get(needed):
        text = f"Field {'ids' if needed == 'users' else 'groups'} should be an array"
        faults.add(access.entry, errors.permissions(text, access.slot.key))
        return None
    return Level(access.value, users=lists.get("users", ()), groups=lists.get("groups", ()))


def _lists(parts: Mapping[str, Merged], needed: str | None, settings: Settings, faults: Faults) -> dict[str, tuple[Any, ...]] | None:
    """The lists given; None after a fault. Two spellings of one list, or a list that the level does not take, are faults."""
    lists: dict[str, tuple[Any, ...]] = {}
    for key, each in parts.items():
        if key == "access":
            continue
        kind = LISTS[key]
        try:
            if kind in lists or kind != needed:
                raise Refused("permissions")
            lists[kind] = tuple(dict.fromkeys(_members(kind, each.value, settings)))
        except Refused:
            faults.add(each.entry, errors.permissions(_list_text(key), each.slot.key))
            return None
    return lists


def _members(kind: str, value: Any, settings: Settings) -> list[Any]:
    if not isinstance(value, list):
        raise Refused("permissions")
    if kind == "groups":
        if not all(isinstance(group, str) and group and "\0" not in group for group in value):
            raise Refused("permissions")
        return value
    own = USER_ID_TYPES[settings.user_id_type]()
    ids = [own.read_json(user, settings.limits) for user in value]
    if any(isinstance(user, int) and user < 1 for user in ids):
        raise Refused("permissions")
    return ids
