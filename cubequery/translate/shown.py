"""``permissions`` as an owner is shown them: rendered from ``_acl`` alone, which never decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.acl import RECORD_DEFAULT
from cubequery.schema.permissions import NEEDS, RECORD_ACTIONS

_LISTS = {"users": "users_ids", "groups": "users_groups"}


def shown_permissions(acl: Any) -> dict[str, Any]:
    """The three levels; an action that ``_acl`` does not name is at its default, one of an odd shape is shown as ``owner``."""
    if acl is not None and not isinstance(acl, Mapping):
        return {action: {"access": "owner"} for action in RECORD_ACTIONS}
    stored = acl or {}
    return {action: _level(stored[action]) if action in stored else RECORD_DEFAULT[action].document() for action in RECORD_ACTIONS}


def _level(level: Any) -> dict[str, Any]:
    access = level.get("access") if isinstance(level, Mapping) else None
    if access in ("open", "owner"):
        return {"access": access}
    kind = NEEDS.get(access) if isinstance(access, str) else None
    listed = level.get(_LISTS[kind]) if kind else None
    if kind is None or not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        return {"access": "owner"}
    return {"access": access, _LISTS[kind]: listed}
