"""Whether the token arrays of a stored record are as the engine writes them: there, well formed, and one with `_acl` and the owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.acl import RECORD_DEFAULT, tokens
from cubequery.ast import Level
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.translate.rights import Owner
from cubequery.translate.shown import stored_level


def find_drift(document: Mapping[str, Any], owner: Owner) -> str | None:
    """``missing``, ``malformed`` or ``drift``, the first that is true of a record of ``owner``; None where all is in order."""
    arrays: dict[str, Any] = {action: document.get(f"_{action}") for action in RECORD_ACTIONS}
    if any(array is None for array in arrays.values()):
        return "missing"
    if not all(map(_is_well_formed, arrays.values())):
        return "malformed"
    levels = _levels(document.get("_acl"))
    agree = all(level is not None and _agrees(arrays[action], level, owner) for action, level in levels.items())
    return None if agree else "drift"


def _is_well_formed(array: Any) -> bool:
    """``["*"]`` alone, or tokens of users and groups without repeats."""
    if array == ["*"]:
        return True
    if not isinstance(array, list) or not all(isinstance(token, str) and token[:1] in ("u", "g") and len(token) > 1 for token in array):
        return False
    return len(set(array)) == len(array)


def _levels(acl: Any) -> dict[str, Level | None]:
    """The level of each action as `_acl` has it; None where its shape is odd."""
    if acl is None:
        return dict(RECORD_DEFAULT)
    if not isinstance(acl, Mapping):
        return dict.fromkeys(RECORD_ACTIONS)
    return {action: stored_level(acl[action]) if action in acl else RECORD_DEFAULT[action] for action in RECORD_ACTIONS}


def _agrees(array: list[str], level: Level, owner: Owner) -> bool:
    """The same tokens, the owner's last; the listed ones stand in any order, for a changed owner leaves them where they were."""
    wanted = tokens(level, owner)
    return sorted(array) == sorted(wanted) and (owner is None or array[-1] == wanted[-1])
