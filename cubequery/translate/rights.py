"""The rights of a record as one write of the three token arrays and ``_acl``: no other code writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.acl import RECORD_DEFAULT, tokens
from cubequery.ast import Level
from cubequery.operators.expressions import literal

Levels = Sequence[tuple[str, Level]]


def rights_update(levels: Levels, owner: int | str | None) -> dict[str, dict[str, Any]]:
    """``$set`` and ``$unset`` that give a record of ``owner`` these levels; actions not named keep theirs."""
    update: dict[str, dict[str, Any]] = {}
    for action, level in levels:
        update.setdefault("$set", {})[f"_{action}"] = tokens(level, owner)
        if level == RECORD_DEFAULT[action]:
            update.setdefault("$unset", {})[f"_acl.{action}"] = ""
        else:
            update["$set"][f"_acl.{action}"] = level.document()
    return update


def rights_stages(levels: Levels, user_id_type: str) -> list[dict[str, Any]]:
    """The same for an admin's update of a record whose owner is not known beforehand: pipeline stages that look at ``user_id``."""
    own_type = ["int", "long"] if user_id_type == "Integer" else ["string"]
    own = {"$cond": [{"$in": [{"$type": "$user_id"}, own_type]}, [{"$concat": ["u", {"$toString": "$user_id"}]}], []]}
    fields: dict[str, Any] = {}
    gone = []
    for action, level in levels:
        listed = tokens(level, None)
        rest = {"$filter": {"input": literal(listed), "cond": {"$not": [{"$in": ["$$this", own]}]}}}
        fields[f"_{action}"] = literal(listed) if level.access == "open" else {"$concatArrays": [rest, own]}
        if level == RECORD_DEFAULT[action]:
            gone.append(f"_acl.{action}")
        else:
            fields[f"_acl.{action}"] = literal(level.document())
    # An `_acl` of another shape is drift: it gives way, so that what is written agrees with itself.
    shape = {"_acl": {"$cond": [{"$eq": [{"$type": "$_acl"}, "object"]}, "$_acl", literal({})]}}
    return [{"$set": shape}, {"$set": fields}, *([{"$unset": gone}] if gone else [])]


def apply_rights(document: Mapping[str, Any], levels: Levels, owner: Any) -> dict[str, Any]:
    """The same in memory; a foreign ``owner`` is none."""
    owner = owner if type(owner) is str or (isinstance(owner, int) and not isinstance(owner, bool)) else None
    changed = dict(document)
    kept = document.get("_acl")
    acl = dict(kept) if isinstance(kept, Mapping) else {}
    for action, level in levels:
        changed[f"_{action}"] = tokens(level, owner)
        acl.pop(action, None)
        if level != RECORD_DEFAULT[action]:
            acl[action] = level.document()
    changed.pop("_acl", None)
    return {**changed, "_acl": acl} if acl else changed
