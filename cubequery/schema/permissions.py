"""Class permissions: the level of each action, what a definition may say, and the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.record import Record

ACTIONS = ("create", "read", "update", "delete")
RECORD_ACTIONS = ("read", "update", "delete")
ACCESS = ("open", "owner", "not_allowed", "open_for_groups", "open_for_users_ids")
LISTS: Mapping[str, str] = {
    "ids": "users", "users_ids": "users", "user_ids": "users", "groups": "groups", "users_groups": "groups", "user_groups": "groups",
}  # fmt: skip
"""Accepted spellings of the two lists, in requests and in definitions."""
NEEDS: Mapping[str, str] = {"open_for_users_ids": "users", "open_for_groups": "groups"}
DEFAULT_ACCESS: Mapping[str, str] = {"create": "open", "read": "open", "update": "owner", "delete": "owner"}


class ClassLevel(Record):
    """A class's level for one action; ``primary`` levels decide alone, others are the default of new records."""

    access: str
    users: tuple[Any, ...] = ()
    groups: tuple[str, ...] = ()
    primary: bool = False


def read_permissions(definition: Any, strategy: str, problems: list[str]) -> dict[str, ClassLevel]:
    """Levels of all four actions from a class's ``permissions``; fails closed: a wrong word is a problem, never a default."""
    given = {} if definition is None else definition
    if not isinstance(given, Mapping):
        problems.append("permissions: must be an object of actions")
        given = {}
    problems += [f"permissions: unknown action {action!r}" for action in given if action not in ACTIONS]
    levels = {}
    for action in ACTIONS:
        level = _read_level(action, given[action], strategy, problems) if action in given else None
        levels[action] = level or _default(action, strategy)
    return levels


def _default(action: str, strategy: str) -> ClassLevel:
    if strategy == "class" and action in ("update", "delete"):
        return ClassLevel("not_allowed", primary=True)
    return ClassLevel(DEFAULT_ACCESS[action], primary=action == "create" or strategy == "class")


def _read_level(action: str, entry: Any, strategy: str, problems: list[str]) -> ClassLevel | None:
    where = f"permissions: {action}:"
    if not isinstance(entry, Mapping):
        problems.append(f"{where} must be an object with access")
        return None
    before = len(problems)
    access, primary = entry.get("access"), entry.get("primary", False)
    if not isinstance(access, str) or access not in ACCESS:
        problems.append(f"{where} unknown access level")
    if type(primary) is not bool:
        problems.append(f"{where} primary must be true or false")
    problems += [f"{where} unknown key {key!r}" for key in entry if key not in LISTS and key not in ("access", "primary")]
    lists = _read_lists(entry, where, problems)
    if len(problems) > before:
        return None
    level = ClassLevel(str(access), lists.get("users", ()), lists.get("groups", ()), primary or action == "create" or strategy == "class")
    problems += [f"{where} {text}" for text in _faults(action, level, lists, strategy, given_primary=primary)]
    return level


def _faults(action: str, level: ClassLevel, lists: Mapping[str, Any], strategy: str, *, given_primary: bool) -> list[str]:
    found = []
    needed = NEEDS.get(level.access)
    if level.access == "owner" and (action == "create" or strategy == "class"):
        found.append("owner is not available here")
    if level.access == "not_allowed" and not level.primary:
        found.append("not_allowed needs primary")
    if strategy == "owner" and action != "create" and not given_primary:
        found.append("under an owner field a level must be primary")
    if any(name != needed for name in lists):
        found.append("a list that the level does not take")
    if needed and (needed not in lists or (level.primary and not lists[needed])):
        found.append("the level needs its list")
    return found


def _read_lists(entry: Mapping[str, Any], where: str, problems: list[str]) -> dict[str, tuple[Any, ...]]:
    lists: dict[str, tuple[Any, ...]] = {}
    for key, kind in LISTS.items():
        if key not in entry:
            continue
        if kind in lists:
            problems.append(f"{where} the list of {kind} is given twice")
        items = entry[key]
        if not isinstance(items, list | tuple) or not all(_member(kind, item) for item in items):
            problems.append(f"{where} {key} must be a list of {'user ids' if kind == 'users' else 'groups'}")
            items = ()
        lists[kind] = tuple(dict.fromkeys(items))
    return lists


def _member(kind: str, item: Any) -> bool:
    if kind == "groups":
        return isinstance(item, str) and bool(item) and "\0" not in item
    return (type(item) is int and item > 0) or (isinstance(item, str) and bool(item))
