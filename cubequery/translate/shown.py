"""``permissions`` as an owner is shown them: rendered from ``_acl`` alone, which never decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.acl import RECORD_DEFAULT
from cubequery.ast import Level
from cubequery.schema.permissions import NEEDS, RECORD_ACTIONS

_LISTS = {"users": "users_ids", "groups": "users_groups"}


def shown_permissions(acl: Any) -> dict[str, Any]:
    """The three levels; an action that ``_acl`` does not name is at its default, one of an odd shape is shown as ``owner``."""
    if acl is not None and not isinstance(acl, Mapping):
        return {action: {"access": "owner"} for action in RECORD_ACTIONS}
    stored = acl or {}
    return {action: _level(stored[action]) if action in stored else RECORD_DEFAULT[action].document() for action in RECORD_ACTIONS}


def _level(stored: Any) -> dict[str, Any]:
    return (stored_level(stored) or Level("owner")).document()


def stored_level(stored: Any) -> Level | None:
    """One level of `_acl`; None for an odd shape."""
    access = stored.get("access") if isinstance(stored, Mapping) else None
    if access == "open" or access == "owner":
        return Level(access)
    kind = NEEDS.get(access) if isinstance(access, str) else None
    listed = stored.get(_LISTS[kind]) if kind else None
    if access is None or kind is None or not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return None
    return Level(access, **{kind: tuple(listed)})
